package handlers_test

import (
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/jackc/pgx/v5"

	"orbit360.app/orbit"
)

// colleague makes another shop's owner an owner of this one too.
func (w *world) colleague(of orbit.MerchantID, email string) {
	w.Helper()
	conn, err := pgx.Connect(w.Context(), w.url)
	if err == nil {
		defer conn.Close(w.Context()) //nolint:errcheck // a test's connection
		_, err = conn.Exec(w.Context(), `INSERT INTO memberships (merchant_id, user_id, role)
			SELECT $1, id, 'owner' FROM users WHERE email = $2`, of.String(), email)
	}
	if err != nil {
		w.Fatal(err)
	}
}

// What somebody has changed waits for them, on any process, until it is published or discarded; nobody else sees it.
func TestDraftsWait(t *testing.T) {
	t.Parallel()
	w := begin(t)
	june, other := w.member("moss@example.com"), w.member("nord@example.com")
	w.colleague(w.moss, "nord@example.com")
	heading := func(cookie, query string) (value string, drafted bool) {
		page, form := w.editor(cookie, w.moss, query)
		_, hidden := page.Find("[data-draft]").Attr("hidden")
		return form.Get("config.hero_heading"), !hidden
	}
	before, drafted := heading(june, "")
	if drafted {
		t.Error("a draft of nothing")
	}
	_, form := w.editor(june, w.moss, "")
	form.Set("config.hero_heading", "Typed by June")
	if a := w.b.post(june, "/moss/theme/preview", form); a.status != 303 {
		t.Fatal(a.status)
	}
	if got, drafted := heading(june, ""); got != "Typed by June" || !drafted {
		t.Errorf("June finds %q", got)
	}
	if got, drafted := heading(other, ""); got != before || drafted {
		t.Errorf("a colleague finds %q", got)
	}
	// One for each theme.
	_, form = w.editor(june, w.moss, "?theme=upfront-classic")
	form.Set("config.hero_heading", "Classic by June")
	w.a.post(june, "/moss/theme/preview", form)
	if got, _ := heading(june, ""); got != "Typed by June" {
		t.Errorf("the draft of another theme took its place: %q", got)
	}
	list := w.a.get(dashboardHost, "/moss/themes", "Cookie", june).page(t)
	if got := list.Find("#theme-upfront-classic").Text(); !strings.Contains(got, "Your draft") ||
		!strings.Contains(got, "Continue draft") {
		t.Error(got)
	}
	if got, _ := heading(june, "?theme=upfront-classic"); got != "Classic by June" {
		t.Errorf("the other draft: %q", got)
	}
	// Somebody else publishes in between: the page says so, and what she typed is there.
	_, theirs := w.editor(other, w.moss, "")
	theirs.Set("config.hero_heading", "By the colleague")
	if a := w.a.post(other, "/moss/releases", theirs); a.status != 303 {
		t.Fatal(a.status)
	}
	page, form := w.editor(june, w.moss, "")
	if page.Find("#overtaken").Length() != 1 || form.Get("config.hero_heading") != "Typed by June" {
		t.Error("the page doesn't say so:", page.Find(".alert").Text())
	}
	// Back to what is public is no draft; discarding is as well, and again.
	form.Set("config.hero_heading", "By the colleague")
	w.a.post(june, "/moss/theme/preview", form)
	if _, drafted := heading(june, ""); drafted {
		t.Error("what is public is a draft")
	}
	form.Set("config.hero_heading", "Again")
	w.a.post(june, "/moss/theme/preview", form)
	for range 2 {
		if a := w.a.post(june, "/moss/theme/draft/deletion", form); a.status != 303 {
			t.Fatal(a.status)
		}
	}
	if got, drafted := heading(june, ""); got != "By the colleague" || drafted {
		t.Errorf("discarded: %q", got)
	}
	// Published, it is a draft no longer.
	w.a.post(june, "/moss/theme/preview", form)
	_, form = w.editor(june, w.moss, "")
	w.a.post(june, "/moss/releases", form)
	if got, drafted := heading(june, ""); got != "Again" || drafted {
		t.Errorf("published: %q", got)
	}
}

// TestChangedCounts: the editor counts what differs from what is public, or from another theme as it comes.
func TestChangedCounts(t *testing.T) {
	t.Parallel()
	w := begin(t)
	june := w.member("moss@example.com")
	counts := func(query, want string) {
		t.Helper()
		page, _ := w.editor(june, w.moss, query)
		if got := strings.Join(page.Find("form#theme .settings-group .chip").Map(func(_ int, s *goquery.Selection) string {
			return s.Parent().Find(".grow").Text() + " " + s.Text()
		}), ", "); got != want {
			t.Errorf("%q has %q, not %q", query, got, want)
		}
	}
	counts("", "")
	counts("?theme=upfront-classic", "")
	_, form := w.editor(june, w.moss, "")
	form.Set("config.announcement", "Typed by June")
	w.a.post(june, "/moss/theme/preview", form)
	counts("", "Header 1 changed")
	if a := w.a.post(june, "/moss/releases", form); a.status != 303 {
		t.Fatal(a.status)
	}
	counts("", "")
	_, form = w.editor(june, w.moss, "")
	form.Set("config.announcement", "") // the engine's default, and not what is public
	w.a.post(june, "/moss/theme/preview", form)
	counts("", "Header 1 changed")
}

// Two windows of one person: what was changed in the other since a form was opened isn't undone by it, whether it is
// previewed, published or scheduled; and it isn't published before it was shown.
func TestTwoWindows(t *testing.T) {
	t.Parallel()
	w := begin(t)
	june := w.member("moss@example.com")
	now := func(query string) url.Values { _, form := w.editor(june, w.moss, query); return form }
	expect := func(what string, form url.Values, want map[string]string) {
		t.Helper()
		for key, value := range want {
			if got := form.Get("config." + key); got != value {
				t.Errorf("%s: %s is %q", what, key, got)
			}
		}
	}
	text := func(key, value string) {
		t.Helper()
		if a := w.a.post(june, "/moss/onboarding/website?field=config."+key,
			url.Values{"config." + key: {value}}); a.status >= 400 {
			t.Fatalf("%d %.300s", a.status, a.body)
		}
	}
	stale := now("")
	text("hero_text", "Typed on the phone")
	stale.Set("config.hero_heading", "Typed in the stale window")
	for range 2 {
		if a := w.b.post(june, "/moss/theme/preview", stale); a.status != 303 {
			t.Fatal(a.status)
		}
	}
	both := map[string]string{"hero_text": "Typed on the phone", "hero_heading": "Typed in the stale window"}
	expect("previewed", now(""), both)
	// The page says so before anything is published, and has its own words still.
	stale.Set("config.footer_text", "Last words")
	both["footer_text"] = "Last words"
	stale.Set("publish_at", time.Now().Add(48*time.Hour).UTC().Format("2006-01-02T15:04"))
	for _, path := range []string{"/moss/theme/schedule", "/moss/releases"} {
		a := w.a.post(june, path, stale)
		page := a.page(t)
		if a.status != 409 || !strings.HasSuffix(page.Find("#elsewhere").Text(), "publish: Hero: Text.") ||
			page.Find("#overtaken").Length() != 0 || w.releases(w.moss) != 1 {
			t.Errorf("%s: %d %s", path, a.status, page.Find(".alert").Text())
		}
		expect(path, fields(page, "form#theme"), both)
	}
	told := now("")
	told.Set("config.background", "#fafafa")
	third := now("")
	if a := w.a.post(june, "/moss/releases", told); a.status != 303 {
		t.Fatal(a.status)
	}
	// What another window has published, or discarded, doesn't come back.
	both["background"] = "#fafafa"
	third.Set("config.announcement", "From the third window")
	w.a.post(june, "/moss/theme/preview", third)
	both["announcement"] = "From the third window"
	expect("after it was published", now(""), both)
	page, fourth := w.editor(june, w.moss, "")
	if page.Find("#overtaken").Length() != 0 {
		t.Error("what was merged is overtaken")
	}
	w.a.post(june, "/moss/theme/draft/deletion", fourth)
	fourth.Set("config.hero_text", "After discarding")
	w.a.post(june, "/moss/theme/preview", fourth)
	both["announcement"], both["hero_text"] = "", "After discarding"
	expect("after it was discarded", now(""), both)
	// A field that doesn't say what it showed, as its form isn't sure, is meant; a section's switch too.
	unsure := now("")
	text("hero_text", "Typed on the phone again")
	unsure.Del("was.config.hero_text")
	unsure.Del("config.show_collections")
	w.a.post(june, "/moss/theme/preview", unsure)
	expect("unsure", now(""), map[string]string{"hero_text": "After discarding", "show_collections": ""})
	// The draft of another theme is as safe.
	stale = now("?theme=upfront-classic")
	other := now("?theme=upfront-classic")
	other.Set("config.announcement", "Classic, elsewhere")
	w.a.post(june, "/moss/theme/preview", other)
	stale.Set("config.hero_heading", "Classic, here")
	w.a.post(june, "/moss/theme/preview", stale)
	expect("another theme", now("?theme=upfront-classic"),
		map[string]string{"announcement": "Classic, elsewhere", "hero_heading": "Classic, here"})
}

// Both windows at once, on two processes: neither is lost.
func TestTwoWindowsAtOnce(t *testing.T) {
	t.Parallel()
	w := begin(t)
	june := w.member("moss@example.com")
	var windows sync.WaitGroup
	keys := []string{"hero_text", "hero_heading", "announcement", "footer_text"}
	for i, key := range keys {
		_, form := w.editor(june, w.moss, "")
		form.Set("config."+key, "All of it")
		windows.Go(func() {
			if a := []*replica{w.a, w.b}[i%2].post(june, "/moss/theme/preview", form); a.status != 303 {
				t.Error(a.status)
			}
		})
	}
	windows.Wait()
	_, form := w.editor(june, w.moss, "")
	for _, key := range keys {
		if got := form.Get("config." + key); got != "All of it" {
			t.Errorf("%s is %q", key, got)
		}
	}
}

// A shared preview is seen by who has the link, until it is revoked or has expired; it sells nothing.
func TestSharedPreviews(t *testing.T) {
	t.Parallel()
	w := begin(t)
	june, other := w.member("moss@example.com"), w.member("nord@example.com")
	_, form := w.editor(june, w.moss, "")
	form.Set("config.announcement", "Only by the link")
	form.Set("share_for", "30")
	if a := w.a.post(june, "/moss/theme/shares", form); a.status != 303 {
		t.Fatalf("%d %.300s", a.status, a.body)
	}
	list := w.a.get(dashboardHost, "/moss/theme/shares", "Cookie", june).page(t)
	link := strings.TrimPrefix(list.Find("#shares a.link").AttrOr("href", ""), "http://"+mossHost)
	for _, rep := range []*replica{w.a, w.b} {
		a := rep.get(mossHost, link)
		if a.status != 200 || !strings.Contains(a.body, "Only by the link") ||
			!strings.Contains(a.header.Get("X-Robots-Tag"), "noindex") || a.header.Get("Cache-Control") != "private, no-store" {
			t.Errorf("%d %v", a.status, a.header)
		}
		if a := rep.do("POST", mossHost, strings.Replace(link, "/?", "/cart/add?", 1)); a.status != 403 {
			t.Error("it sells:", a.status)
		}
		if a := rep.get(nordHost, link); a.status != 404 {
			t.Error("at another shop:", a.status)
		}
	}
	// As many drafts as there may be don't push it out.
	w.exec(w.moss, `INSERT INTO drafts (merchant_id, id, theme_id, engine, expires_at) SELECT merchant_id,
		gen_random_uuid(), theme_id, engine, now() + interval '1 hour' FROM releases, generate_series(1, 600)`)
	w.a.post(june, "/moss/theme/preview", form)
	if a := w.a.get(mossHost, link); a.status != 200 {
		t.Error("pushed out:", a.status)
	}
	row := list.Find("#shares form").AttrOr("action", "")
	if a := w.a.post(other, row, nil); a.status != 404 {
		t.Error("another shop's owner revokes:", a.status)
	}
	if a := w.a.post(june, row, nil); a.status != 303 {
		t.Fatal(a.status)
	}
	for _, rep := range []*replica{w.a, w.b} {
		if a := rep.get(mossHost, link); a.status != 403 || strings.Contains(a.body, "Only by the link") {
			t.Error("revoked:", a.status)
		}
	}
	if a := w.a.post(june, row, nil); a.status != 404 {
		t.Error("revoked again:", a.status)
	}
	for range orbit.MaxSharedPreviews {
		if a := w.a.post(june, "/moss/theme/shares", form); a.status != 303 {
			t.Fatal(a.status)
		}
	}
	if a := w.a.post(june, "/moss/theme/shares", form); a.status != 409 {
		t.Error("one too many:", a.status)
	}
	link = strings.TrimPrefix(w.a.get(dashboardHost, "/moss/theme/shares", "Cookie", june).page(t).
		Find("#shares a.link").AttrOr("href", ""), "http://"+mossHost)
	w.exec(w.moss, `UPDATE drafts SET expires_at = now() WHERE shared`)
	if a := w.a.get(mossHost, link); a.status != 403 {
		t.Error("expired:", a.status)
	}
}

// Two versions side by side: what changed, in words, and both shops.
func TestCompareVersions(t *testing.T) {
	t.Parallel()
	w := begin(t)
	june := w.member("moss@example.com")
	_, form := w.editor(june, w.moss, "")
	form.Set("config.announcement", "Summer <b>sale</b>")
	form.Set("config.background", "#fafafa")
	w.a.post(june, "/moss/releases", form)
	page := w.a.get(dashboardHost, "/moss/releases/comparison", "Cookie", june).page(t)
	rows := page.Find("#differences tbody tr")
	if rows.Length() != 2 {
		t.Fatal(rows.Text())
	}
	for _, words := range []string{"Announcement", "Empty", "“Summer <b>sale</b>”", "Background", "#ffffff", "#fafafa"} {
		if !strings.Contains(rows.Text(), words) {
			t.Errorf("no %q in %s", words, rows.Text())
		}
	}
	for i, want := range []bool{false, true} {
		src := page.Find("iframe").Eq(i).AttrOr("src", "")
		a := w.a.get(mossHost, strings.TrimPrefix(src, "http://"+mossHost))
		if a.status != 200 || strings.Contains(a.body, "Summer") != want {
			t.Errorf("side %d: %d", i, a.status)
		}
	}
	_, form = w.editor(june, w.moss, "?theme=upfront-classic")
	w.a.post(june, "/moss/releases", form)
	page = w.a.get(dashboardHost, "/moss/releases/comparison?from=3&to=1", "Cookie", june).page(t)
	if got := page.Find("#differences").Text(); !strings.Contains(got, "Upfront Classic") ||
		!strings.Contains(got, "Not in Upfront") {
		t.Error(got)
	}
	for name, number := range map[string]string{"from": "3", "to": "1"} { // what is compared, of all that there are
		choice := page.Find(`select[name="` + name + `"]`)
		if all := choice.Find("option"); all.Length() != 3 || all.First().Text() != "Version 3 · Published" ||
			choice.Find("[selected]").AttrOr("value", "") != number {
			t.Errorf("%s: %s", name, choice.Text())
		}
	}
	for _, odd := range []string{"?from=x&to=-1", "?from=99&to=0", "?from=1&to=1"} {
		if a := w.a.get(dashboardHost, "/moss/releases/comparison"+odd, "Cookie", june); a.status != 200 {
			t.Error(odd, a.status)
		}
	}
}
