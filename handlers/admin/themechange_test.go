package admin_test

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"orbit360.app/browsertest"
	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/shop"
)

// themed is a merchant in Upfront Classic who has changed some of its settings, and one who waits.
func (p *panel) themed() (id, rival orbit.MerchantID) {
	p.t.Helper()
	p.work(false)
	id, rival = p.apply("Moss & Fern"), p.apply("Rival")
	p.activate(id, "moss")
	p.await(id, orbit.MerchantActive)
	m, err := p.db.Merchant(p.t.Context(), id)
	if err != nil {
		p.t.Fatal(err)
	}
	owner := shop.MemberOf(p.db, orbit.Actor{ID: m.OwnerID, Name: m.Email}, id, orbit.PermissionOnlineStore)
	err = owner.Change(p.t.Context(), func(e *shop.Edit) error {
		was, err := e.CurrentRelease(p.t.Context())
		if err != nil {
			return err
		}
		next := was.Release
		next.Source = orbit.FromTheme
		next.Settings["accent"], next.Settings["announcement"], next.Settings["sidebar_side"] = "#7a1f5c", "Free shipping",
			"end"
		next.Settings["logo_height"] = 120 // more than other themes take
		_, err = e.PublishRelease(p.t.Context(), was.Number, next)
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return id, rival
}

func (p *panel) public(id orbit.MerchantID) (r orbit.ReleaseRow) {
	p.t.Helper()
	err := shop.For(p.db, id).Do(p.t.Context(), func(t *shop.Tenant) (err error) {
		r, err = t.CurrentRelease(p.t.Context())
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return r
}

// schedule has the owner schedule a version in Upfront Classic.
func (p *panel) schedule(id orbit.MerchantID, at time.Time) {
	p.t.Helper()
	m, err := p.db.Merchant(p.t.Context(), id)
	if err != nil {
		p.t.Fatal(err)
	}
	owner := shop.MemberOf(p.db, orbit.Actor{ID: m.OwnerID, Name: m.Email}, id, orbit.PermissionOnlineStore)
	err = owner.Change(p.t.Context(), func(e *shop.Edit) error {
		was, err := e.CurrentRelease(p.t.Context())
		if err != nil {
			return err
		}
		next := was.Release
		next.Settings["announcement"] = "Later"
		return e.ScheduleRelease(p.t.Context(), was.Number, next, at)
	})
	if err != nil {
		p.t.Fatal(err)
	}
}

// TestChangeTheme: an admin changes a merchant's theme by way of a page that says which settings go along; the owner
// gets an email, the form doesn't work twice, and nowhere does the shop read the admin's address.
func TestChangeTheme(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	id, rival := p.themed()
	if a := p.get(path(rival, "/theme/changes/new")).want(t, 409); !strings.Contains(a.words("main"), "Only an active") {
		t.Error(a.words("main"))
	}
	choose, _ := p.get(path(id, "")).want(t, 200).Find(`#shop a:contains("Change theme")`).Attr("href")
	a := p.get(choose).want(t, 200)
	if a.Find("#themes > li").Length() != 3 || a.words("[data-current] h2") != "Upfront Classic" ||
		a.Find("[data-current] a:contains('Preview change')").Length() != 0 {
		t.Error(a.words("main"))
	}
	demo, _ := a.Find(`[data-theme=upfront-modern] a:contains("Demo shop")`).Attr("href")
	p.get(demo).want(t, 200)
	preview, _ := a.Find(`[data-theme=upfront-modern] a:contains("Preview change")`).Attr("href")
	a = p.get(preview).want(t, 200)
	rows := map[string]string{}
	a.Find("#carried tbody tr").Each(func(_ int, row *goquery.Selection) {
		rows[row.Find("p").First().Text()] = strings.TrimSpace(row.Find(".badge").Text())
	})
	if len(rows) != 4 || rows["Accent"] != "Carried over" || rows["Announcement (defaults to the tagline)"] !=
		"Carried over" || rows["Sidebar position"] != "Not in this theme" || rows["Logo height"] != "Theme default" {
		t.Error(rows)
	}
	if a.Find("#scheduled, #faint").Length() != 0 {
		t.Error(a.words("main"))
	}
	form := a.hidden("#change")
	p.post(path(rival, "/theme/changes"), form).want(t, 409)
	p.post(path(id, "/theme/changes"), url.Values{"theme": {"x"}}).want(t, 400)
	if a := p.post(path(id, "/theme/changes"), form).want(t, 303); a.Header.Get("Location") != path(id, "") {
		t.Error(a.Header)
	}
	r := p.public(id)
	if r.Number != 3 || r.ThemeName != "Upfront Modern" || r.Settings["accent"] != "#7a1f5c" ||
		r.Settings["announcement"] != "Free shipping" || r.Settings["sticky_header"] != true || r.Author != orbit.Support {
		t.Errorf("%+v", r)
	}
	a = p.post(path(id, "/theme/changes"), form).want(t, 409)
	if got := a.words("#problem"); got != "Moss & Fern has the Upfront Modern theme already." {
		t.Error(got)
	}
	if r := p.public(id); r.Number != 3 {
		t.Error("a second click made version", r.Number)
	}
	a = p.get(path(id, "")).want(t, 200)
	if line := a.words("#activity tbody tr"); !strings.Contains(line, "Upfront Classic → Upfront Modern, version 3") {
		t.Error(line)
	}
	emails, _, err := p.db.Emails(t.Context(), "The theme of Moss & Fern was changed", 9, 0)
	if err != nil || len(emails) != 1 {
		t.Fatal(emails, err)
	}
	email, err := p.db.Email(t.Context(), emails[0].ID)
	if err != nil || strings.Contains(email.HTML+email.Text, adminEmail) ||
		!strings.Contains(email.Text, "restore version 2 in the version history") {
		t.Error(email.Text, err)
	}
	seen, err := p.db.Activity(t.Context(), store.ActivityFilter{Merchant: id, Areas: orbit.ActivityAreas(), Limit: 9})
	if err != nil || seen.Rows[0].Who() != orbit.Support || seen.Rows[0].Action != orbit.ActionMerchantTheme {
		t.Error(seen.Rows, err)
	}
}

// TestChangeThemeScheduled: the page says what is scheduled, and what of the shop can be previewed.
func TestChangeThemeScheduled(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	id, _ := p.themed()
	was := p.public(id)
	at := time.Now().AddDate(0, 6, 0).UTC()
	p.schedule(id, at)
	a := p.get(path(id, "/theme/changes/new?theme=upfront-minimal")).want(t, 200)
	if said := a.words("#scheduled"); !strings.Contains(said, at.Format("January 2, 2006, 15:04")) ||
		!strings.Contains(said, "Upfront Classic") {
		t.Error(said)
	}
	if csp := a.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "form-action 'self' http://moss.localhost") {
		t.Error(csp)
	}
	look := p.post(path(id, "/theme/preview"), url.Values{"theme": {"upfront-minimal"}}).want(t, 303)
	if to := look.Header.Get("Location"); !strings.HasPrefix(to, "http://moss.localhost") {
		t.Error(to)
	}
	var draft orbit.Release
	err := shop.For(p.db, id).Do(t.Context(), func(tenant *shop.Tenant) error {
		to, err := url.Parse(look.Header.Get("Location"))
		if err != nil {
			return err
		}
		opened, err := p.kit.OpenPreview(to.Query().Get("preview"), time.Now())
		if err != nil {
			return err
		}
		draft, err = tenant.Draft(context.Background(), opened.Draft)
		return err
	})
	if err != nil || draft.Engine != orbit.EngineMinimal || draft.Settings["accent"] != "#7a1f5c" ||
		p.public(id).Number != was.Number {
		t.Error(draft, err)
	}

	p.post(path(id, "/suspension"), url.Values{"reason": {"Unpaid"}}).want(t, 303)
	a = p.get(path(id, "/theme/changes/new?theme=upfront-minimal")).want(t, 200)
	if a.Find("#look form").Length() != 0 || !strings.Contains(a.words("#look"), "while it is suspended") {
		t.Error(a.words("#look"))
	}
	p.post(path(id, "/theme/preview"), url.Values{"theme": {"upfront-minimal"}}).want(t, 409)
	p.post(path(id, "/theme/changes"), a.hidden("#change")).want(t, 303)
	if r := p.public(id); r.ThemeName != "Upfront Minimal" || r.Number != 3 {
		t.Errorf("%+v", r)
	}
}

// TestChangeThemeInABrowser: from the merchant's page to the new theme, with what the page of the change says.
func TestChangeThemeInABrowser(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	id, _ := p.themed()
	b := browsertest.New(t)
	p.enter(b)
	b.Open(p.url(path(id, "")))
	b.Click(`#shop a[href$="/theme/changes/new"]`)
	b.Until(`document.querySelectorAll("#themes > li").length === 3`)
	b.Look("theme-choose")
	b.Click(`[data-theme=upfront-minimal] a[href*="theme=upfront-minimal"]`)
	b.Until(`document.querySelectorAll("#carried tbody tr").length === 4`)
	b.Look("theme-preview")
	b.Click("#change [type=submit]")
	b.Until(`location.pathname === "` + path(id, "") + `" &&
		document.querySelector("#shop").innerText.includes("Upfront Minimal") &&
		document.querySelector("#activity").innerText.includes("Upfront Classic → Upfront Minimal")`)
	b.Look("theme-changed")
	if r := p.public(id); r.ThemeName != "Upfront Minimal" || r.Number != 3 {
		t.Errorf("%+v", r)
	}
}
