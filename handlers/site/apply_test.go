package site_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

func TestApply(t *testing.T) {
	t.Parallel()
	w := begin(t)
	form := w.good()
	res, _ := w.post(form)
	if res.StatusCode != 303 || !applicantPage.MatchString(res.Header.Get("Location")) {
		t.Fatal(res.StatusCode, res.Header.Get("Location"))
	}
	if other, _ := w.get("/apply/" + form.Get("id")); other.StatusCode != 404 {
		t.Error("the merchant's id opens the applicant's page:", other.StatusCode)
	}
	id, err := orbit.ParseID[orbit.Merchant](form.Get("id"))
	if err != nil {
		t.Fatal(err)
	}
	m, err := w.db.Merchant(t.Context(), id)
	if err != nil || m.Status != orbit.MerchantPending || m.Name != "Moss & Stone" || m.OwnerName != "Ada Lovelace" ||
		m.Email != "ada@example.com" || m.Category != "home-garden" {
		t.Errorf("%+v, %v", m, err)
	}
	emails := w.emails()
	if len(emails) != 1 || emails[0].Recipient != "ada@example.com" || emails[0].MerchantID != id ||
		emails[0].Status != orbit.EmailLocal || strings.Contains(emails[0].Subject, "Moss") {
		t.Errorf("%+v", emails)
	}
	res, page := w.get(res.Header.Get("Location"))
	if res.StatusCode != 200 || page.Find(`main:contains("Moss & Stone"):contains("a•••@example.com")`).Length() == 0 ||
		page.Find(`meta[name=robots][content=noindex]`).Length() == 0 {
		t.Error(res.StatusCode, page.Find("main").Text())
	}
	if strings.Contains(page.Text(), "ada@example.com") || strings.Contains(page.Text(), "Lovelace") {
		t.Error("the page shows more than its sender needs")
	}
}

var applicantPage = regexp.MustCompile(`^/apply/[A-Za-z0-9_-]{43}$`)

// An address that hasn't confirmed gets one email, whatever is sent in for it and however it is spelled. Opening its
// link confirms nothing, the button there does.
func TestOneEmailUntilConfirmed(t *testing.T) {
	t.Parallel()
	w := begin(t)
	apply := func(email string) *goquery.Document {
		t.Helper()
		form := w.good()
		form.Set("email", email)
		res, _ := w.post(form)
		if res.StatusCode != 303 {
			t.Fatal(res.StatusCode)
		}
		_, page := w.get(res.Header.Get("Location"))
		return page
	}
	var all sync.WaitGroup
	for _, email := range []string{"ada@example.com", "Ada@example.com", "ada@example.com"} {
		all.Go(func() { apply(email) })
	}
	all.Wait()
	if n := len(w.emails()); w.merchants() != 3 || n != 1 {
		t.Fatal(w.merchants(), n)
	}
	if page := apply("ada@example.com"); page.Find(`main:contains("we send only one")`).Length() != 1 {
		t.Error(page.Find("main").Text())
	}
	m, err := w.db.Email(t.Context(), w.emails()[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	path := regexp.MustCompile(`/apply/confirm/[A-Za-z0-9_-]{43}`).FindString(m.Text)
	if path == "" || strings.Contains(m.Subject, "Moss") {
		t.Fatal(m.Subject, m.Text)
	}
	for range 3 {
		if res, page := w.get(path); res.StatusCode != 200 ||
			page.Find(`form#confirm button:contains("Confirm email address")`).Length() != 1 {
			t.Fatal(res.StatusCode, page.Find("main").Text())
		}
	}
	if a, err := w.db.ApplicationByLink(t.Context(), path[len("/apply/confirm/"):]); err != nil || a.Confirmed {
		t.Error("opening the link confirmed the address:", err)
	}
	for range 2 {
		r := httptest.NewRequest(http.MethodPost, path, nil)
		r.Header.Set("Origin", "https://orbit360.app")
		if res, _ := w.send(r); res.StatusCode != 303 {
			t.Fatal(res.StatusCode)
		}
	}
	if _, page := w.get(path); page.Find(`main:contains("You confirmed")`).Length() != 1 ||
		page.Find("form").Length() != 0 {
		t.Error(page.Find("main").Text())
	}
	for _, bad := range []string{"/apply/confirm/" + pg.Token(), "/apply/confirm/x",
		"/apply/" + path[len("/apply/confirm/"):], "/apply/" + pg.Token()} {
		if res, _ := w.get(bad); res.StatusCode != 404 {
			t.Errorf("%s: %d", bad, res.StatusCode)
		}
	}
	// A confirmed address hears of further applications, a few a day.
	if _, err := w.db.Pool().Exec(t.Context(), `DELETE FROM throttles WHERE key LIKE 'apply %'`); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		apply("ada@example.com")
	}
	if n := len(w.emails()); n != 3 {
		t.Error("emails to a confirmed address in a day:", n)
	}
	// Nor do spellings of one mailbox get round the bound.
	if _, err := w.db.Pool().Exec(t.Context(), `DELETE FROM throttles WHERE key LIKE 'apply %'`); err != nil {
		t.Fatal(err)
	}
	for _, email := range []string{"bob+1@example.com", "bob+2@example.com", "bob+3@example.com", "bob+4@example.com",
		"BOB+5@example.com"} {
		apply(email)
	}
	if n := len(w.emails()); n != 6 {
		t.Error("emails to spellings of one mailbox:", n-3)
	}
}

// The id in the form makes a second submit, also at the same moment, the same application.
func TestApplyTwiceIsOnce(t *testing.T) {
	t.Parallel()
	w := begin(t)
	form := w.good()
	var all sync.WaitGroup
	var pages sync.Map
	for range 3 {
		all.Go(func() {
			res, _ := w.post(form)
			if res.StatusCode != 303 || !applicantPage.MatchString(res.Header.Get("Location")) {
				t.Error(res.StatusCode, res.Header.Get("Location"))
			}
			pages.Store(res.Header.Get("Location"), true)
		})
	}
	all.Wait()
	n := 0
	pages.Range(func(any, any) bool { n++; return true })
	if n != 1 {
		t.Errorf("one form led to %d pages", n)
	}
	if w.merchants() != 1 || len(w.emails()) != 1 {
		t.Error(w.merchants(), len(w.emails()))
	}

	// Back, and another address typed: that must not seem to be taken.
	form.Set("email", "ada@example.org")
	res, page := w.post(form)
	fresh := page.Find(`input[name=id]`).AttrOr("value", "")
	if res.StatusCode != 422 || page.Find(`[role=status]:contains("already sent this form")`).Length() == 0 ||
		fresh == form.Get("id") || page.Find(`#email`).AttrOr("value", "") != "ada@example.org" {
		t.Error(res.StatusCode, page.Find("form").Text())
	}
	form.Set("id", fresh)
	if res, _ := w.post(form); res.StatusCode != 303 || w.merchants() != 2 {
		t.Error(res.StatusCode, w.merchants())
	}
}

func TestApplyShowsAllFaultsAndWhatWasTyped(t *testing.T) {
	t.Parallel()
	w := begin(t)
	for name, tc := range map[string]struct {
		change url.Values
		faults string
	}{
		"nothing": {url.Values{"name": {""}, "ownerName": {""}, "email": {""}, "category": {""}},
			"name ownerName email category"},
		"too short": {url.Values{"name": {"M"}}, "name"},
		"too long": {url.Values{"name": {strings.Repeat("m", 81)}, "ownerName": {strings.Repeat("a", 81)}},
			"name ownerName"},
		"no address":       {url.Values{"email": {"ada at example"}}, "email"},
		"CRLF in email":    {url.Values{"email": {"ada@example.com\r\nBcc: all@example.com"}}, "email"},
		"CRLF in name":     {url.Values{"name": {"Moss\r\nBcc: all@example.com"}}, "name"},
		"NUL":              {url.Values{"ownerName": {"Ada\x00"}}, "ownerName"},
		"bad UTF-8":        {url.Values{"name": {"Moss \xff\xfe"}}, "name"},
		"bidi override":    {url.Values{"name": {"Moss \u202egro.evil"}}, "name"},
		"URL as name":      {url.Values{"name": {"Account locked: http://evil.example"}}, "name"},
		"host as name":     {url.Values{"ownerName": {"evil.com"}}, "ownerName"},
		"unknown category": {url.Values{"category": {"weapons"}}, "category"},
		"markup as email":  {url.Values{"email": {`"><script>alert(1)</script>@example.com`}}, "email"},
	} {
		form := w.good()
		for k, v := range tc.change {
			form[k] = v
		}
		res, page := w.post(form)
		if res.StatusCode != 422 {
			t.Errorf("%s: %d", name, res.StatusCode)
			continue
		}
		for _, field := range []string{"name", "ownerName", "email", "category"} {
			shown := page.Find("#"+field+"-error").Length() == 1 && page.Find("#"+field).AttrOr("aria-invalid", "") == "true"
			if want := strings.Contains(" "+tc.faults+" ", " "+field+" "); shown != want {
				t.Errorf("%s: fault on %s is %v", name, field, shown)
			}
			if tc.change.Has(field) || field == "category" {
				continue
			}
			if got := page.Find("#"+field).AttrOr("value", ""); got != form.Get(field) {
				t.Errorf("%s: %s was %q and is %q", name, field, form.Get(field), got)
			}
		}
		if !tc.change.Has("category") && page.Find(`#category option[value="home-garden"][selected]`).Length() != 1 {
			t.Errorf("%s: the category is forgotten", name)
		}
		if page.Find(`input[name=id]`).AttrOr("value", "") != form.Get("id") {
			t.Errorf("%s: the form has another id", name)
		}
		if page.Find("main script").Length() > 0 {
			t.Errorf("%s: markup came through", name)
		}
	}
	if w.merchants() != 0 || len(w.emails()) != 0 {
		t.Error("something was written")
	}
}

func TestApplyEscapes(t *testing.T) {
	t.Parallel()
	w := begin(t)
	form := w.good()
	form.Set("name", `<img src=x onerror=alert(1)> "&`)
	form.Set("ownerName", `</p><script>alert(1)</script>`)
	res, _ := w.post(form)
	if res.StatusCode != 303 {
		t.Fatal(res.StatusCode)
	}
	_, page := w.get(res.Header.Get("Location"))
	if page.Find("main img, main script").Length() > 0 || !strings.Contains(page.Find("main").Text(), form.Get("name")) {
		t.Error(page.Find("main").Text())
	}
}

func TestApplyWithABadFormID(t *testing.T) {
	t.Parallel()
	w := begin(t)
	for _, id := range []string{"", "x", "00000000-0000-0000-0000-000000000000", "6ba7b810-9dad-41d1-80b4-00c04fd430c8",
		"' OR 1=1 --", "01960000-0000-7000-8000-00000000000G"} {
		form := w.good()
		form.Set("id", id)
		res, page := w.post(form)
		if fresh := page.Find("input[name=id]").AttrOr("value", ""); res.StatusCode != 422 || fresh == id ||
			len(fresh) != 36 || page.Find("#name").AttrOr("value", "") != "Moss & Stone" {
			t.Errorf("%q: %d %q", id, res.StatusCode, fresh)
		}
	}
	if w.merchants() != 0 {
		t.Error("something was written")
	}
}

// Mending a form costs no try; sending good ones does.
func TestApplyIsRateLimited(t *testing.T) {
	t.Parallel()
	w := begin(t)
	bad := w.good()
	bad.Set("email", "ada")
	for range 8 {
		if res, _ := w.post(bad); res.StatusCode != 422 {
			t.Fatal(res.StatusCode)
		}
	}
	for i := range 5 {
		if res, _ := w.post(w.good()); res.StatusCode != 303 {
			t.Fatal(i, res.StatusCode)
		}
	}
	form := w.good()
	res, page := w.post(form)
	wait, err := strconv.Atoi(res.Header.Get("Retry-After"))
	if res.StatusCode != 429 || err != nil || wait < 1 || wait > 600 {
		t.Errorf("%d, Retry-After %q", res.StatusCode, res.Header.Get("Retry-After"))
	}
	if page.Find("#name").AttrOr("value", "") != "Moss & Stone" ||
		page.Find("input[name=id]").AttrOr("value", "") != form.Get("id") ||
		page.Find(`form [role=status]:contains("wait a few minutes")`).Length() != 1 {
		t.Error("the form lost its input: " + page.Find("form").Text())
	}
	if w.merchants() != 5 {
		t.Error(w.merchants())
	}
}

func TestApplyFromElsewhereIsRefused(t *testing.T) {
	t.Parallel()
	w := begin(t)
	for name, set := range map[string]func(http.Header){
		"nothing":     func(http.Header) {},
		"null":        func(h http.Header) { h.Set("Origin", "null") },
		"another":     func(h http.Header) { h.Set("Origin", "https://evil.example") },
		"cross-site":  func(h http.Header) { h.Set("Sec-Fetch-Site", "cross-site") },
		"a shop's":    func(h http.Header) { h.Set("Origin", "https://shop.orbit360.app") },
		"same-domain": func(h http.Header) { h.Set("Sec-Fetch-Site", "same-site") },
	} {
		r := httptest.NewRequest(http.MethodPost, "/apply", strings.NewReader(w.good().Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		set(r.Header)
		if res, _ := w.send(r); res.StatusCode != 403 {
			t.Errorf("%s: %d", name, res.StatusCode)
		}
	}
	if w.merchants() != 0 {
		t.Error("something was written")
	}
}
