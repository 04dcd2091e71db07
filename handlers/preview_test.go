package handlers_test

import (
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

// draft keeps a draft of a merchant's and gives the address that shows it.
func (w *world) draft(id orbit.MerchantID, engine orbit.EngineName, settings orbit.Settings) string {
	w.Helper()
	theme, err := w.db.Theme(w.Context(), "upfront-"+string(engine))
	if err != nil {
		w.Fatal(err)
	}
	var r orbit.Release
	err = shop.For(w.db, id).Do(w.Context(), func(t *shop.Tenant) (err error) {
		r, err = t.SaveDraft(w.Context(), orbit.Release{ThemeID: theme.ID, Engine: engine, Settings: settings})
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	return w.token(kit.Preview{Merchant: id, Draft: r.ID, Expires: time.Now().Add(time.Hour)})
}

func (w *world) token(p kit.Preview) string { return "/?preview=" + w.a.kit.PreviewToken(p) }

func TestPreview(t *testing.T) {
	t.Parallel()
	w := begin(t)
	public := w.a.get(mossHost, "/")
	w.a.get(mossHost, "/") // kept
	one := w.draft(w.moss, orbit.EngineClassic, orbit.Settings{"announcement": "Draft number one"})
	two := w.draft(w.moss, orbit.EngineMinimal, orbit.Settings{"announcement": "Draft number two"})
	for range 2 { // and in turn: two tabs
		for target, want := range map[string]string{one: "Draft number one", two: "Draft number two"} {
			for _, r := range []*replica{w.a, w.b} {
				a := r.get(mossHost, target)
				if a.status != 200 || !strings.Contains(a.body, want) || !strings.Contains(a.body, "Moss &amp; Stone") ||
					!strings.Contains(a.body, `class="orbit-preview"`) {
					t.Fatalf("%d: no %q", a.status, want)
				}
				if a.header.Get("Cache-Control") != "private, no-store" ||
					!strings.Contains(a.header.Get("X-Robots-Tag"), "noindex") || a.header.Get("ETag") != "" ||
					a.header.Get("Surrogate-Key") != "" || a.header.Get("Set-Cookie") != "" {
					t.Errorf("headers: %v", a.header)
				}
			}
		}
	}
	// Nothing of it has come into what the public gets, nor the other way round.
	for _, r := range []*replica{w.a, w.b} {
		if a := r.get(mossHost, "/"); a.body != public.body || strings.Contains(a.body, "preview") {
			t.Error("a draft reached the public")
		}
	}
	// Every link of a page stays within the preview, and works; buying is off.
	seen := map[string]bool{}
	for queue := []string{one}; len(queue) > 0; queue = queue[1:] {
		a := w.a.get(mossHost, queue[0])
		if a.status != 200 {
			t.Errorf("%s: %d", queue[0], a.status)
			continue
		}
		if !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
			continue
		}
		doc, err := goquery.NewDocumentFromReader(strings.NewReader(a.body))
		if err != nil {
			t.Fatal(err)
		}
		if doc.Find(`meta[name="robots"][content*="noindex"]`).Length() == 0 {
			t.Errorf("%s may be indexed", queue[0])
		}
		doc.Find(`a[href^="/"], link[rel="stylesheet"]`).Each(func(_ int, s *goquery.Selection) {
			href, _ := s.Attr("href")
			path, query, _ := strings.Cut(href, "?")
			if strings.HasPrefix(href, "/static/") {
				return
			}
			if !strings.Contains(query, "preview="+strings.TrimPrefix(one, "/?preview=")) {
				t.Errorf("%s leads out of the preview: %s", queue[0], href)
				return
			}
			if strings.HasPrefix(path, "/cart") || strings.HasPrefix(path, "/checkout") || seen[path] {
				return
			}
			seen[path] = true
			queue = append(queue, href)
		})
		doc.Find("form").Each(func(_ int, s *goquery.Selection) {
			action, _ := s.Attr("action")
			method, _ := s.Attr("method")
			if strings.EqualFold(method, "post") != (s.Find(`input[name="preview"]`).Length() == 0) ||
				!strings.Contains(action, "preview=") {
				t.Errorf("%s: a form leads out of the preview: %s %s", queue[0], method, action)
			}
		})
	}
	if len(seen) < 8 {
		t.Errorf("only %d pages are linked", len(seen))
	}
	query := strings.TrimPrefix(one, "/")
	for _, path := range []string{"/cart", "/checkout", "/orders/x"} {
		if a := w.a.get(mossHost, path+query); a.status != 403 || !strings.Contains(a.body, "Checkout is off") ||
			a.header.Get("Cache-Control") != "private, no-store" {
			t.Errorf("%s: %d %v", path, a.status, a.header)
		}
	}
	if a := w.a.do("POST", mossHost, "/cart/add"+query, "Origin", "http://"+mossHost); a.status != 403 {
		t.Errorf("POST: %d", a.status)
	}
	if a := w.a.get(mossHost, "/products/nothing"+query); a.status != 404 || !strings.Contains(a.body, "orbit-preview") {
		t.Errorf("an error page in the preview: %d", a.status)
	}
	// A page that is kept isn't read either: the stylesheet is the draft's.
	doc, _ := goquery.NewDocumentFromReader(strings.NewReader(w.a.get(mossHost, one).body))
	sheet, _ := doc.Find(`link[rel="stylesheet"][href^="/theme."]`).Attr("href")
	if css := w.a.get(mossHost, sheet); css.status != 200 || css.header.Get("Cache-Control") != "private, no-store" {
		t.Errorf("%s: %d %v", sheet, css.status, css.header)
	}
}

func TestPreviewTokens(t *testing.T) {
	t.Parallel()
	w := begin(t)
	closed := w.shop("Later", "later", false)
	good := w.token(kit.Preview{Merchant: closed, Expires: time.Now().Add(time.Hour)})
	if a := w.a.get("later.localhost", good); a.status != 200 || !strings.Contains(a.body, "Stoneware Mug") ||
		!strings.Contains(a.body, "isn't open yet") {
		t.Fatalf("a shop before it opens: %d", a.status)
	}
	if a := w.a.get("later.localhost", "/"); strings.Contains(a.body, "Stoneware Mug") {
		t.Error("the public sees a closed shop")
	}
	flip := func(s string, i int) string {
		b := []byte(s)
		if b[i] == 'A' {
			b[i] = 'B'
		} else {
			b[i] = 'A'
		}
		return string(b)
	}
	const start = len("/?preview=")
	for name, c := range map[string]struct {
		host, target string
		want         int
	}{
		"another shop's": {mossHost, good, 404},
		"expired": {"later.localhost", w.token(kit.Preview{Merchant: closed,
			Expires: time.Now().Add(-time.Second)}), 403},
		"another's expired": {mossHost, w.token(kit.Preview{Merchant: closed, Expires: time.Now().Add(-time.Second)}), 404},
		"made up":           {"later.localhost", "/?preview=AAAA", 404},
		"no base64":         {"later.localhost", "/?preview=%00%ff", 404},
		"very long":         {"later.localhost", "/?preview=" + strings.Repeat("A", 8000), 404},
		"cut":               {"later.localhost", good[:len(good)-1], 404},
		"merchant changed":  {"later.localhost", flip(good, start+5), 404},
		"expiry changed":    {"later.localhost", flip(good, start+46), 404},
		"sum changed":       {"later.localhost", flip(good, start+60), 404},
		"another's draft": {mossHost, w.token(kit.Preview{Merchant: w.moss, Draft: w.draftID(w.nord),
			Expires: time.Now().Add(time.Hour)}), 403},
		"no such draft": {mossHost, w.token(kit.Preview{Merchant: w.moss, Draft: orbit.NewID[orbit.Release](),
			Expires: time.Now().Add(time.Hour)}), 403},
	} {
		a := w.a.get(c.host, c.target)
		if a.status != c.want || strings.Contains(a.body, "Stoneware Mug") || a.header.Get("Cache-Control") == "" ||
			strings.Contains(a.header.Get("Cache-Control"), "public") {
			t.Errorf("%s: %d, want %d; %v", name, a.status, c.want, a.header)
		}
	}
}

func (w *world) draftID(id orbit.MerchantID) orbit.ReleaseID {
	w.Helper()
	p, err := w.a.kit.OpenPreview(strings.TrimPrefix(w.draft(id, orbit.EngineModern, nil), "/?preview="), time.Now())
	if err != nil {
		w.Fatal(err)
	}
	return p.Draft
}

// A shop has so many drafts at most, and its own: new ones push out the oldest.
func TestDraftsAreBounded(t *testing.T) {
	t.Parallel()
	w := begin(t)
	kept := w.draft(w.nord, orbit.EngineClassic, nil)
	first := w.draft(w.moss, orbit.EngineClassic, nil)
	w.exec(w.moss, `INSERT INTO drafts (merchant_id, id, theme_id, engine, created_at, expires_at)
		SELECT merchant_id, gen_random_uuid(), theme_id, engine, created_at + n * interval '1 microsecond', expires_at
		FROM drafts, generate_series(1, 600) n`)
	last := w.draft(w.moss, orbit.EngineClassic, nil)
	if a := w.a.get(mossHost, first); a.status != 403 || !strings.Contains(a.body, "has expired") {
		t.Error("the oldest is there still:", a.status)
	}
	if w.a.get(mossHost, last).status != 200 || w.a.get(nordHost, kept).status != 200 {
		t.Error("a draft is gone that shouldn't be")
	}
	var n int
	if err := w.db.Pool().QueryRow(t.Context(), `SELECT count(*) FROM drafts WHERE merchant_id = $1`,
		w.moss).Scan(&n); err != nil || n > 500 {
		t.Error(n, err)
	}
}

// TestReleases publishes and rolls back: the public sees it at once on every process, history says who and when, and
// nobody else can do it.
func TestReleases(t *testing.T) {
	t.Parallel()
	w := begin(t)
	theme := func(slug string) orbit.Theme {
		th, err := w.db.Theme(t.Context(), slug)
		if err != nil {
			t.Fatal(err)
		}
		return th
	}
	m, err := w.db.Merchant(t.Context(), w.moss)
	if err != nil {
		t.Fatal(err)
	}
	classic := theme("upfront-classic")
	next := orbit.Release{ThemeID: classic.ID, Engine: classic.Engine, EngineVersion: "1.0.0",
		Settings: orbit.Settings{"announcement": "Second release"}}
	other, err := w.db.Merchant(t.Context(), w.nord)
	if err != nil {
		t.Fatal(err)
	}
	mine := shop.MemberOf(w.db, orbit.Actor{ID: m.OwnerID, Name: m.Email}, w.moss, orbit.PermissionMember)
	others := shop.MemberOf(w.db, orbit.Actor{ID: other.OwnerID}, w.moss, orbit.PermissionMember)
	publish := func(member shop.Member, r orbit.Release) (made orbit.Release, err error) {
		err = member.Change(t.Context(), func(e *shop.Edit) (err error) {
			made, err = e.PublishRelease(t.Context(), 1, r)
			return err
		})
		return made, err
	}
	rollBack := func(member shop.Member, number int) error {
		return member.Change(t.Context(), func(e *shop.Edit) error { return e.RollBackRelease(t.Context(), number) })
	}
	if _, err := publish(others, next); orbit.CodeOf(err) != orbit.NotFound {
		t.Error("another's shop:", err)
	}
	wrong := next
	wrong.Engine = orbit.EngineModern
	if _, err := publish(mine, wrong); orbit.CodeOf(err) != orbit.Invalid {
		t.Error("an engine that isn't the theme's:", err)
	}
	for range 2 {
		w.a.get(mossHost, "/")
		w.b.get(mossHost, "/")
	}
	r, err := publish(mine, next)
	if err != nil || r.Number != 2 {
		t.Fatal(r.Number, err)
	}
	for _, rep := range []*replica{w.a, w.b} {
		w.until("the second release", func() bool { return strings.Contains(rep.get(mossHost, "/").body, "Second release") })
		if strings.Contains(rep.get(nordHost, "/").body, "Second release") {
			t.Error("the other shop changed")
		}
	}
	if err := rollBack(mine, 1); err != nil {
		t.Fatal(err)
	}
	for _, rep := range []*replica{w.a, w.b} {
		w.until("the first release", func() bool { return !strings.Contains(rep.get(mossHost, "/").body, "Second release") })
	}
	if err := rollBack(others, 2); orbit.CodeOf(err) != orbit.NotFound {
		t.Error("another's shop:", err)
	}
	if err := rollBack(mine, 3); orbit.CodeOf(err) != orbit.NotFound {
		t.Error("no such release:", err)
	}
	var rows []orbit.ReleaseRow
	err = mine.Read(t.Context(), func(t *shop.Tenant) (err error) {
		rows, err = t.Releases(w.Context(), 10, 0)
		return err
	})
	if err != nil || len(rows) != 2 || rows[0].Number != 2 || rows[0].Author != "Some One" ||
		rows[0].ThemeName != classic.Name || rows[0].Current || !rows[1].Current || rows[0].CreatedAt.IsZero() {
		t.Errorf("%+v %v", rows, err)
	}
	log, err := w.db.AuditLog(t.Context(), w.moss, 10, 0)
	if err != nil || len(log) < 2 || log[0].Action != "release.rolled_back" || log[1].Action != "release.published" ||
		log[1].Actor != m.Email {
		t.Errorf("%+v %v", log, err)
	}
}
