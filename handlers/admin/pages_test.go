package admin_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"orbit360.app/browsertest"
)

// aside returns the routes that aren't looked at.
func aside() []string {
	return []string{
		"/", "/mail", "/mail/:email", "/sign-in/code", "/robots.txt", "/account/two-step/setup", // lead elsewhere
		"/merchants/stream", "/merchants/:merchant/provisioning/stream", // streams
		"/merchants/:merchant/subdomain", "/plans/:plan/impact", // parts of a page
		"/merchants/:merchant/preview", "/support/:visit/:hash", // lead to the merchant's own hosts
		"/themes/preview", "/themes/preview.css", "/emails/:email/html", // shown in frames
		"/password/:token", "/welcome/:token", // a link's, once
	}
}

// TestPages looks at each page of the panel and of the admin's account, from its routes, so that no page is left out.
// Each fits both widths, and is sound in both schemes.
func TestPages(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	ids := p.furnish()
	pages := map[string]string{"merchants-all": "/merchants?status=all", "sign-in-failed": "/sign-in",
		"audit-search": "/audit?area=merchants&q=mo", "emails-none": "/emails?q=nothing", "missing": "/nowhere",
		"plan-preview": "/merchants/" + ids[":merchant"] + "/plan/changes/new?plan=professional",
		"filtered":     "/merchants?status=all&theme=upfront-classic", "theme-new": "/themes/new?engine=classic",
		"run-pending": path(p.apply("Papier Lune"), "")}
	for _, r := range p.app.GetRoutes(true) {
		if r.Method != "GET" || slices.Contains(aside(), r.Path) {
			continue
		}
		at := r.Path
		for param, id := range ids {
			at = strings.Replace(at, param, id, 1)
		}
		if strings.Contains(at, "/activation/") {
			at = path(p.apply("Kōhī Coffee Roasters"), "/activation/new")
		}
		if strings.Contains(at, "/rollback/") {
			continue // of a run that failed: TestRollbackInABrowser
		}
		pages[strings.Trim(strings.NewReplacer("/", "-", ":", "").Replace(r.Path), "-")] = at
	}
	var b *browsertest.Browser
	n := 0
	for name, at := range pages {
		if n%12 == 0 { // none lives longer than five minutes
			b = browsertest.New(t)
			p.enter(b)
		}
		n++
		b.Open(p.url(at))
		if name != "missing" && strings.Contains(b.Text(), "Page not found") {
			t.Errorf("%s at %s is no page", name, at)
			continue
		}
		b.Judge(name)
	}
}

// furnish gives the panel something on each page, and returns what the pages are about.
func (p *panel) furnish() map[string]string {
	p.t.Helper()
	id, _ := p.themed()
	hook := fill(p.get("/webhooks/new"), "#webhook", url.Values{"url": {"https://hooks.example.com/orbit360"}})
	p.post("/webhooks", hook).want(p.t, 201)
	p.post("/webhooks/"+hook.Get("id")+"/ping", nil)
	key := fill(p.get("/api-keys/new"), "form", url.Values{"name": {"Bookkeeping in the office on Quay Street"}})
	p.post("/api-keys", key).want(p.t, 201)
	note := p.get(path(id, "")).hidden("#note-form")
	note.Set("note", "Prefers email. Owner is away until Monday.")
	p.post(path(id, "/notes"), note).want(p.t, 303)
	ids := map[string]string{":merchant": id.String(), ":webhook": hook.Get("id"), ":key": key.Get("id"),
		":note": note.Get("id"), ":month": time.Now().UTC().Format("2006-01")}
	run, err := p.db.RunView(p.t.Context(), id)
	if err != nil {
		p.t.Fatal(err)
	}
	ids[":run"] = run.Run.ID.String()
	for name, query := range map[string]string{":email": "SELECT id::text FROM emails LIMIT 1",
		":theme": "SELECT id::text FROM themes LIMIT 1", ":plan": "SELECT id::text FROM plans LIMIT 1",
		":delivery": "SELECT id::text FROM webhook_deliveries LIMIT 1"} {
		var found string
		if err := p.db.Pool().QueryRow(p.t.Context(), query).Scan(&found); err != nil {
			p.t.Fatal(query, err)
		}
		ids[name] = found
	}
	return ids
}
