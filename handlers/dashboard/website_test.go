package dashboard_test

import (
	"net/url"
	"strings"
	"sync"
	"testing"

	"orbit360.app/browsertest"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

// drafts returns what somebody has changed of themes in a shop.
func (w *world) drafts(m orbit.MerchantID, email string) (all []orbit.ThemeDraft) {
	w.Helper()
	member := shop.MemberOf(w.db, orbit.Actor{ID: w.person(email), Name: email}, m, orbit.PermissionOnlineStore)
	err := member.Read(w.Context(), func(t *shop.Tenant) (err error) {
		all, err = t.ThemeDrafts(w.Context())
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	return all
}

// TestWebsiteDraft: texts are kept as they are typed, each by itself, for their person alone; publishing is another
// press, and takes nothing of what the person has changed elsewhere in the theme.
func TestWebsiteDraft(t *testing.T) {
	t.Parallel()
	w := begin(t)
	w.staff(w.moss, "bob@example.com", orbit.PermissionOnlineStore)
	at := w.home(w.moss) + "/onboarding/website"
	var tabs sync.WaitGroup
	for field, text := range map[string]string{"config.hero_heading": "Slow things", "config.hero_text": "For mornings"} {
		tabs.Go(func() {
			if res, page := w.save(w.ada, at, field, text); res.StatusCode != 200 ||
				page.Find(`.verdict[data-tone=success]:contains("Saved")`).Length() != 1 ||
				page.Find(`#shop-preview:contains("Only you see them")`).Length() != 1 {
				t.Error(field, res.StatusCode, page.Text())
			}
		})
	}
	tabs.Wait()
	if res, page := w.save(w.ada, at, "config.hero_heading", strings.Repeat("long ", 100)); res.StatusCode != 422 ||
		page.Find(`.verdict[data-tone=danger]:contains("at most")`).Length() != 1 {
		t.Error(res.StatusCode, page.Text())
	}
	if res, _ := w.save(w.ada, at, "config.background", "#000000"); res.StatusCode != 400 {
		t.Error("a setting of another page:", res.StatusCode)
	}
	_, page := w.get(w.ada, at)
	for field, want := range map[string]string{"hero_heading": "Slow things", "hero_text": "For mornings"} {
		if got := page.Find("#config-"+field).AttrOr("value", ""); got != want {
			t.Errorf("%s is %q", field, got)
		}
	}
	if len(w.drafts(w.moss, "bob@example.com")) != 0 || len(w.drafts(w.moss, "ada@example.com")) != 1 {
		t.Error("a draft is its person's")
	}
	// Without scripts the form says what it showed, and only what differs changes.
	form := url.Values{"was.config.hero_heading": {"Slow things"}, "config.hero_heading": {"Slower things"},
		"was.config.hero_text": {"Old"}, "config.hero_text": {"Old"}}
	if res, _ := w.post(w.ada, at, form); res.StatusCode != 303 {
		t.Error(res.StatusCode)
	}
	d := w.drafts(w.moss, "ada@example.com")[0]
	if d.Settings["hero_heading"] != "Slower things" || d.Settings["hero_text"] != "For mornings" || d.Upon != 1 {
		t.Errorf("%+v", d)
	}
	w.exec(`UPDATE theme_drafts SET settings = settings || '{"background": "#102030"}'`)
	for _, upon := range []string{"0", "1"} { // made upon no release that is public, and upon the one that is
		if res, page := w.post(w.ada, at+"/publication", url.Values{"release": {upon}}); res.StatusCode !=
			map[string]int{"0": 409, "1": 303}[upon] {
			t.Error(upon, res.StatusCode, page.Find(".alert").Text())
		}
	}
	d = w.drafts(w.moss, "ada@example.com")[0]
	if d.Settings["background"] != "#102030" || d.Settings["hero_heading"] != "Slower things" || d.Upon != 2 {
		t.Errorf("what was changed elsewhere is gone: %+v", d)
	}
	_, page = w.get(w.ada, w.home(w.moss)+"/releases")
	if page.Find(`main:contains("Version 2")`).Length() != 1 {
		t.Error(page.Find("main").Text())
	}
	// The brand publishes its colors, and leaves texts that wait.
	w.save(w.ada, at, "config.hero_text", "Waiting")
	w.save(w.ada, w.home(w.moss)+"/onboarding/branding", "accent", "#884422")
	if res, page := w.post(w.ada, w.home(w.moss)+"/onboarding/branding/publication", nil); res.StatusCode != 303 {
		t.Error(res.StatusCode, page.Find("main").Text())
	}
	if d = w.drafts(w.moss, "ada@example.com")[0]; d.Settings["hero_text"] != "Waiting" || d.Upon != 3 ||
		d.Settings["accent"] == nil {
		t.Errorf("%+v", d)
	}
	// What is as the public sees it is no draft.
	w.exec(`UPDATE theme_drafts d SET settings = r.settings || '{"hero_text": "Waiting"}' FROM merchants m
		JOIN releases r ON r.id = m.release_id WHERE m.id = d.merchant_id`)
	if res, _ := w.save(w.ada, at, "config.hero_text", "For mornings"); res.StatusCode != 200 ||
		len(w.drafts(w.moss, "ada@example.com")) != 0 {
		t.Error(res.StatusCode, w.drafts(w.moss, "ada@example.com"))
	}
	if _, page := w.get(w.bob, w.home(w.nord)+"/onboarding/website"); page.Find("#config-hero_text").
		AttrOr("value", "") == "For mornings" {
		t.Error("the other shop's texts changed")
	}
}

// TestSetupOfStaff: staff see how far the shop is; what they may not work on leads nowhere and says why.
func TestSetupOfStaff(t *testing.T) {
	t.Parallel()
	w := begin(t)
	w.staff(w.moss, "bob@example.com", orbit.PermissionProducts)
	at := w.home(w.moss) + "/onboarding"
	res, page := w.get(w.bob, at)
	if res.StatusCode != 200 || page.Find("#parts li").Length() != 6 ||
		page.Find("#parts a").Length() != 1 || page.Find(`#parts a[href="`+at+`/products"]`).Length() != 1 ||
		page.Find(`#parts li:contains("Ask the owner for permission.")`).Length() != 5 ||
		page.Find(`form[action$="/live"]`).Length() != 0 {
		t.Error(res.StatusCode, page.Find("main").Text())
	}
	res, page = w.get(w.bob, at+"/products")
	if res.StatusCode != 200 || page.Find(".onb-nav a").Length() != 1 {
		t.Error("leads on to what they may not see:", page.Find(".onb-nav").Text())
	}
	b := browsertest.New(t, browsertest.Scripts(false))
	b.Open(w.serve(w.bob) + at)
	b.Look("parts")
	for _, path := range []string{"/onboarding/business", "/onboarding/website", "/onboarding/website/publication",
		"/onboarding/marketing/skip", "/live"} {
		if res, _ := w.post(w.bob, w.home(w.moss)+path, url.Values{"reason": {"Later"}}); res.StatusCode != 403 {
			t.Error(path, res.StatusCode)
		}
	}
}

// TestGoLiveTwice: pressed at once in many places, a shop opens once.
func TestGoLiveTwice(t *testing.T) {
	t.Parallel()
	w := begin(t)
	w.ready(w.ada, w.moss)
	var presses sync.WaitGroup
	for range 8 {
		presses.Go(func() {
			if res, _ := w.post(w.ada, w.home(w.moss)+"/live", nil); res.StatusCode != 303 {
				t.Error(res.StatusCode)
			}
		})
	}
	presses.Wait()
	var said int
	if err := w.super(t).QueryRow(t.Context(), `SELECT count(*) FROM audit_log WHERE action = $1 AND merchant_id = $2`,
		string(orbit.ActionMerchantLive), w.moss.String()).Scan(&said); err != nil || said != 1 {
		t.Error(said, err)
	}
	if !w.merchant(w.moss).Live() {
		t.Error("not open")
	}
}
