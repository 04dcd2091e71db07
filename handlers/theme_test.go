package handlers_test

import (
	"maps"
	"net/url"
	"strings"
	"sync"
	"testing"

	"orbit360.app/orbit"
	"orbit360.app/themes"
	"orbit360.app/themes/classic"
	"orbit360.app/themes/minimal"
	"orbit360.app/themes/modern"
	"orbit360.app/themes/themetest"
)

func TestPublishing(t *testing.T) {
	t.Parallel()
	w := begin(t)
	cookie, at := w.member("moss@example.com"), w.desk(w.moss)
	page, form := w.editor(cookie, w.moss, "")
	for _, s := range modern.New().Schema() {
		if len(form["config."+s.Key]) == 0 && s.Default != false {
			t.Errorf("no field for %s", s.Key)
		}
	}
	if page.Find("[style], script:not([src])").Length() > 0 {
		t.Error("inline style or script")
	}
	for range 2 { // kept
		w.a.get(mossHost, "/")
		w.b.get(mossHost, "/")
	}
	const words = `</style><script>alert("x")</script> & 'so'`
	form.Set("config.announcement", words)
	form.Set("config.background", "#ABCDEF")
	form.Set("config.evil", "unknown keys are dropped")
	form["config.sections"] = []string{"statement", "featured", "hero", "collections"}
	form.Del("config.show_collections")
	// A double click, at two processes at once, makes one release.
	var both sync.WaitGroup
	for _, rep := range []*replica{w.a, w.b} {
		both.Go(func() {
			if a := rep.post(cookie, at+"/releases", form); a.status != 303 || a.header.Get("Location") != at+"/theme" {
				t.Errorf("%d %s", a.status, a.header.Get("Location"))
			}
		})
	}
	both.Wait()
	if n := w.releases(w.moss); n != 2 {
		t.Fatalf("%d releases", n)
	}
	w.everywhere("release 2", mossHost, func(body string) bool {
		return strings.Contains(body,
			"&lt;/style&gt;&lt;script&gt;")
	})
	public := w.a.get(mossHost, "/")
	doc := public.page(t)
	if strings.Contains(public.body, "<script>alert") || !strings.Contains(doc.Text(), words) {
		t.Error("the text isn't there as the text it is")
	}
	if doc.Find("#collections").Length() != 0 || strings.Index(public.body, `id="featured"`) > strings.Index(public.body,
		`class="hero`) {
		t.Error("the sections aren't in their order")
	}
	sheet, _ := doc.Find(`link[rel=stylesheet]`).Attr("href")
	if css := w.a.get(mossHost, sheet).body; !strings.Contains(css, "--background:#abcdef;") ||
		strings.Contains(css, "script") {
		t.Error("the color isn't in the stylesheet, or something else is")
	}
	if strings.Contains(w.a.get(nordHost, "/").body, "alert") {
		t.Error("the other shop changed")
	}
	// Publishing what is public already makes nothing.
	_, form = w.editor(cookie, w.moss, "")
	if a := w.a.post(cookie, at+"/releases", form); a.status != 303 || w.releases(w.moss) != 2 {
		t.Error(a.status, w.releases(w.moss))
	}
	// A second tab, opened before somebody else published, says so and keeps what was typed; pressed again, it publishes.
	first, second := form, url.Values{}
	for k, v := range form {
		second[k] = append([]string{}, v...)
	}
	first.Set("config.announcement", "From the first tab")
	second.Set("config.announcement", "From the second tab")
	if a := w.a.post(cookie, at+"/releases", first); a.status != 303 {
		t.Fatal(a.status)
	}
	a := w.b.post(cookie, at+"/releases", second)
	page = a.page(t)
	if a.status != 409 || page.Find("#overtaken").Length() != 1 ||
		!strings.Contains(page.Find("#overtaken").Text(), "Some One") ||
		page.Find("#config-announcement").AttrOr("value", "") != "From the second tab" || w.releases(w.moss) != 3 {
		t.Fatalf("%d %s, %d releases", a.status, page.Find(".alert").Text(), w.releases(w.moss))
	}
	if a := w.a.post(cookie, at+"/releases", fields(page, "form#theme")); a.status != 303 || w.releases(w.moss) != 4 {
		t.Error(a.status)
	}
	w.everywhere("release 4", mossHost, func(body string) bool { return strings.Contains(body, "From the second tab") })

	// Back to the first, by the page that asks.
	list := w.a.get(dashboardHost, at+"/releases", "Cookie", cookie).page(t)
	if list.Find("#releases tbody tr").Length() != 4 || list.Find(
		"#releases tr:contains('Version 4') .badge:contains('Published')").Length() != 1 ||
		!strings.Contains(list.Find("#releases tr:contains('Version 3')").Text(), "Some One") {
		t.Error(list.Find("#releases").Text())
	}
	ask := w.a.get(dashboardHost, at+"/releases/1/rollback/new", "Cookie", cookie).page(t)
	for range 2 { // a double click
		if a := w.a.post(cookie, ask.Find("form#rollback").AttrOr("action", ""), nil); a.status != 303 {
			t.Fatal(a.status)
		}
	}
	w.everywhere("release 1", mossHost, func(body string) bool {
		return !strings.Contains(body, "second tab") && !strings.Contains(body, "alert(")
	})
	if a := w.a.get(dashboardHost, at+"/releases/1/rollback/new", "Cookie", cookie); a.status != 303 {
		t.Error("asks to show what is public:", a.status)
	}
	log, err := w.db.AuditLog(t.Context(), w.moss, 50, 0)
	if err != nil {
		t.Fatal(err)
	}
	n := map[orbit.Action]int{}
	for _, e := range log {
		n[e.Action]++
	}
	if n[orbit.ActionReleasePublished] != 3 || n[orbit.ActionReleaseRolledBack] != 1 {
		t.Error(n)
	}
}

func TestHostileSettings(t *testing.T) {
	t.Parallel()
	w := begin(t)
	cookie, at := w.member("moss@example.com"), w.desk(w.moss)
	_, good := w.editor(cookie, w.moss, "")
	for name, c := range map[string]struct{ field, value, says string }{
		"a rule as a color":      {"background", "red;}body{", "takes a color"},
		"an address as a color":  {"accent", "url(//evil.example)", "takes a color"},
		"markup as a color":      {"text", "</style><script>", "takes a color"},
		"a script as a logo":     {"logo", "javascript:alert(1)", "https address"},
		"another host's logo":    {"logo", "//evil.example/x.png", "https address"},
		"too long a text":        {"announcement", strings.Repeat("é", 141), "at most 140"},
		"a line break":           {"announcement", "a\nb", "one line"},
		"a range's outside":      {"radius", "37", "from 0 to 36"},
		"no number":              {"radius", "1e9", "from 0 to 36"},
		"between the steps":      {"page_width", "1041", "steps of 40"},
		"no font of ours":        {"heading_font", "Comic Sans", "listed choices"},
		"no section of ours":     {"sections", "hero,evil", "listed parts"},
		"bytes that are no text": {"hero_text", "\xff\xfe", "one line"},
	} {
		form := url.Values{}
		for k, v := range good {
			form[k] = v
		}
		form["config."+c.field] = []string{c.value}
		form["config.hero_heading"] = []string{"Kept as typed"}
		a := w.a.post(cookie, at+"/releases", form)
		page := a.page(t)
		if a.status != 422 || !strings.Contains(page.Find("form#theme .fault").Text(), c.says) ||
			page.Find("form#theme .alert").Length() != 1 || page.Find("#config-hero_heading").AttrOr("value",
			"") != "Kept as typed" {
			t.Errorf("%s: %d, %s", name, a.status, page.Find(".fault").Text())
		}
		// Looking at it shows the shop without it.
		draft := w.a.post(cookie, at+"/theme/preview", form)
		target := strings.TrimPrefix(draft.header.Get("Location"), "http://"+mossHost)
		if shown := w.a.get(mossHost, target); draft.status != 303 || shown.status != 200 ||
			!strings.Contains(shown.body, "Kept as typed") || strings.Contains(shown.body, "evil") ||
			strings.Contains(shown.body, "javascript:") {
			t.Errorf("%s: the preview answered %d, %d", name, draft.status, shown.status)
		}
	}
	if n := w.releases(w.moss); n != 1 {
		t.Errorf("%d releases", n)
	}
	for _, page := range []string{"//evil.example/x", "https://evil.example/", `\\evil.example`, "javascript:alert(1)",
		"/%zz", ""} {
		good.Set("at", page)
		if a := w.a.post(cookie, at+"/theme/preview", good); a.status != 303 ||
			!strings.HasPrefix(a.header.Get("Location"), "http://"+mossHost+"/?preview=") {
			t.Errorf("%q leads to %s", page, a.header.Get("Location"))
		}
	}
}

// Every engine at both ends of all its settings can be published, and is a shop that answers.
func TestExtremeSettings(t *testing.T) {
	t.Parallel()
	w := begin(t)
	cookie, at := w.member("moss@example.com"), w.desk(w.moss)
	for _, e := range []themes.Engine{modern.New(), classic.New(), minimal.New()} {
		for _, top := range []bool{true, false} {
			_, form := w.editor(cookie, w.moss, "?theme=upfront-"+string(e.Name()))
			maps.Copy(form, formOf(themetest.Extreme(e.Schema(), top)))
			before := w.releases(w.moss)
			if top {
				// all in one color: told, and published only by the button that agrees to it
				a := w.a.post(cookie, at+"/releases", form)
				if told := a.page(t).Find("#faint"); a.status != 422 ||
					!strings.Contains(told.Text(), "Text has a contrast of 1.0 to 1") || w.releases(w.moss) != before {
					t.Errorf("%s %v: %d %s", e.Name(), top, a.status, told.Text())
				}
				form.Set("faint", "text#000000#ffffff")
				if a := w.a.post(cookie, at+"/releases", form); a.status != 422 {
					t.Errorf("%s %v: agreed to other colors: %d", e.Name(), top, a.status)
				}
				form.Set("faint", a.page(t).Find("#faint button[name=faint]").AttrOr("value", ""))
			}
			if a := w.a.post(cookie, at+"/releases", form); a.status != 303 || w.releases(w.moss) != before+1 {
				t.Errorf("%s %v: %d %s", e.Name(), top, a.status, a.page(t).Find(".fault").Text())
			}
			if a := w.a.get(mossHost, "/"); a.status != 200 || a.page(t).Find("h1").Length() != 1 {
				t.Errorf("%s %v: %d", e.Name(), top, a.status)
			}
		}
	}
	if m, err := w.db.Merchant(t.Context(), w.moss); err != nil || m.ThemeID == (orbit.ThemeID{}) {
		t.Error(err)
	} else if th, err := w.db.Theme(t.Context(), m.ThemeID.String()); err != nil || th.Engine != orbit.EngineMinimal {
		t.Error("the shop's theme isn't the last published:", th.Name, err)
	}
}

// TestEditorsButtons presses the buttons that change the form without scripts: nothing is published, nothing typed is
// lost.
func TestEditorsButtons(t *testing.T) {
	t.Parallel()
	w := begin(t)
	cookie, at := w.member("moss@example.com"), w.desk(w.moss)
	page, form := w.editor(cookie, w.moss, "")
	form.Set("config.hero_heading", "Typed")
	form.Set("move", page.Find(`[aria-label="Move Products up"]`).AttrOr("value", ""))
	a := w.a.post(cookie, at+"/releases", form)
	page = a.page(t)
	if a.status != 200 || strings.Join(fields(page, "form#theme")["config.sections"],
		",") != "hero,featured,collections,statement" || page.Find("#config-hero_heading").AttrOr("value", "") != "Typed" {
		t.Errorf("%d %v", a.status, fields(page, "form#theme")["config.sections"])
	}
	form = fields(page, "form#theme")
	form.Set("preset", "midnight")
	page = w.a.post(cookie, at+"/releases", form).page(t)
	applied := fields(page, "form#theme")
	if applied.Get("config.background") != "#101218" || applied.Get("config.hero_heading") != "Typed" ||
		strings.Join(applied["config.sections"], ",") != "hero,featured,collections,statement" ||
		page.Find(`.look[aria-pressed=true]`).AttrOr("value", "") != "midnight" {
		t.Error(applied)
	}
	for _, odd := range []url.Values{{"move": {"x y z"}}, {"move": {"sections hero"}}, {"move": {"background hero 1"}},
		{"preset": {"nope"}}} {
		for k, v := range applied {
			odd[k] = v
		}
		if a := w.a.post(cookie, at+"/releases", odd); a.status != 200 {
			t.Error(odd.Get("move"), a.status)
		}
	}
	if n := w.releases(w.moss); n != 1 {
		t.Errorf("%d releases", n)
	}
	// The frame of the page that came back shows what was typed.
	src := strings.TrimPrefix(page.Find("iframe").AttrOr("src", ""), "http://"+mossHost)
	if shown := w.a.get(mossHost, src); shown.status != 200 || !strings.Contains(shown.body, "Typed") {
		t.Error("the frame shows something else:", src)
	}
}

func TestPreviewsInTheEditor(t *testing.T) {
	t.Parallel()
	w := begin(t)
	cookie, at := w.member("moss@example.com"), w.desk(w.moss)
	editor := w.a.get(dashboardHost, at+"/theme", "Cookie", cookie)
	for _, want := range []string{"frame-src 'self' http://" + mossHost, "form-action 'self' http://" + mossHost,
		"frame-ancestors 'none'"} {
		if !strings.Contains(editor.header.Get("Content-Security-Policy"), want) {
			t.Error(editor.header.Get("Content-Security-Policy"))
		}
	}
	if home := w.a.get(dashboardHost, at, "Cookie", cookie); strings.Contains(home.header.Get("Content-Security-Policy"),
		mossHost) {
		t.Error("every page may frame the shop")
	}
	_, form := w.editor(cookie, w.moss, "")
	tabs := map[string]string{}
	for _, words := range []string{"Tab one", "Tab two"} {
		form.Set("config.announcement", words)
		form.Set("page", "/collections/all")
		tabs[words] = strings.TrimPrefix(w.a.post(cookie, at+"/theme/preview", form).header.Get("Location"),
			"http://"+mossHost)
	}
	for range 2 {
		for words, target := range tabs {
			for _, rep := range []*replica{w.a, w.b} {
				a := rep.get(mossHost, target)
				if a.status != 200 || !strings.Contains(a.body, words) || !strings.HasPrefix(target, "/collections/all?preview=") {
					t.Errorf("%s: %d", words, a.status)
				}
				if !strings.Contains(a.header.Get("Content-Security-Policy"), "frame-ancestors http://"+dashboardHost+";") ||
					!strings.Contains(a.header.Get("Content-Security-Policy"), "style-src 'self' http://"+mossHost+";") ||
					a.header.Get("X-Frame-Options") != "" {
					t.Error("the dashboard may not frame it:", a.header)
				}
			}
		}
	}
	if a := w.a.get(mossHost, "/"); strings.Contains(a.body, "Tab ") ||
		!strings.Contains(a.header.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
		t.Error("the public sees a draft, or may be framed")
	}
	// Another's shop is as one that doesn't exist, and its members can't look at, publish or bring back anything.
	other := w.member("nord@example.com")
	nothing := "/" + orbit.NewID[orbit.Merchant]().String()
	for _, path := range []string{"/theme", "/themes", "/releases", "/releases/1/rollback/new", "/preview"} {
		theirs, none := w.a.get(dashboardHost, at+path, "Cookie", other),
			w.a.get(dashboardHost, nothing+path, "Cookie", other)
		if theirs.status != 404 || theirs.page(t).Find("main").Text() != none.page(t).Find("main").Text() {
			t.Errorf("%s: %d, %d", path, theirs.status, none.status)
		}
	}
	for _, path := range []string{"/theme/preview", "/releases", "/releases/1/rollback", "/releases/1/preview"} {
		if a := w.a.post(other, at+path, form); a.status != 404 {
			t.Errorf("%s: %d", path, a.status)
		}
		if a := w.a.post("", at+path, form); a.status != 401 {
			t.Errorf("nobody at %s: %d", path, a.status)
		}
	}
	for _, path := range []string{"/releases/0/rollback/new", "/releases/2/rollback/new", "/releases/-1/rollback/new",
		"/releases/99999999999999/rollback/new", "/releases/x/rollback/new", "/theme?theme=nope"} {
		if a := w.a.get(dashboardHost, at+path, "Cookie", cookie); a.status != 404 {
			t.Errorf("%s: %d", path, a.status)
		}
	}
	// A theme that is inactive can't be put on; the shop's own stays.
	for _, slug := range []string{"upfront-classic", "upfront-modern"} {
		th, err := w.db.Theme(t.Context(), slug)
		if err == nil {
			_, err = w.db.SetThemeActive(t.Context(), th.ID, false, orbit.System)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if a := w.a.get(dashboardHost, at+"/theme?theme=upfront-classic", "Cookie", cookie); a.status != 404 {
		t.Error("a theme that is inactive:", a.status)
	}
	w.editor(cookie, w.moss, "")
	if n := w.releases(w.moss); n != 1 {
		t.Errorf("%d releases", n)
	}
	if a := w.a.get(dashboardHost, at+"/preview", "Cookie", cookie); a.status != 303 ||
		!strings.HasPrefix(a.header.Get("Location"), "http://"+mossHost+"/?preview=") {
		t.Error(a.status, a.header.Get("Location"))
	}
	if err := w.db.Suspend(t.Context(), w.moss, "Unpaid", orbit.System, nil); err != nil {
		t.Fatal(err)
	}
	if a := w.a.post(cookie, at+"/releases", form); a.status < 400 {
		t.Error("a suspended shop:", a.status)
	}
}
