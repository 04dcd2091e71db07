package handlers_test

import (
	"strings"
	"testing"
	"time"

	"orbit360.app/handlers/kit"
	"orbit360.app/handlers/storefront"
)

// TestStorefrontPages asks the whole program for each page of the table and compares what it does with its line.
func TestStorefrontPages(t *testing.T) {
	t.Parallel()
	w := begin(t)
	w.shop("Soon", "soon", false)
	preview := "preview=" + w.a.kit.PreviewToken(kit.Preview{Merchant: w.moss, Expires: time.Now().Add(time.Hour)})
	robots, sitemap := w.a.get(mossHost, "/robots.txt").body, w.a.get(mossHost, "/sitemap.xml").body
	_, after, _ := strings.Cut(w.a.get(mossHost, "/").body, `href="/theme.`)
	hash, _, _ := strings.Cut(after, ".css")
	values := map[string]string{"/theme.:hash.css": hash, "/collections/:handle": "all",
		"/products/:handle": "stoneware-mug", "/pages/:handle": "about", "/orders/:token": strings.Repeat("x", 43),
		"/orders/:token/payment": strings.Repeat("x", 43), "/orders/:token/return": strings.Repeat("x", 43),
		"/pay/:token": strings.Repeat("x", 43)}
	for _, p := range storefront.Pages() {
		path := p.At(values[p.Path])
		if !p.Shown() {
			if a := w.a.do("POST", mossHost, path+"?"+preview, "Origin", "http://"+mossHost); a.status != 403 || p.Kept {
				t.Errorf("%s in a preview: %d", p.Path, a.status)
			}
			continue
		}
		if a := w.a.get(mossHost, path); a.status != 200 && !p.Secret {
			t.Errorf("%s: %d", path, a.status)
		}
		if kept := w.a.hit(mossHost, path); kept != p.Kept {
			t.Errorf("%s: kept is %v", p.Path, kept)
		}
		if p.Kept && !w.a.hit(mossHost, path+"?made-up=1") {
			t.Errorf("%s reads a parameter that its line doesn't name", p.Path)
		}
		for _, name := range p.Query {
			if strings.HasSuffix(name, ".") {
				name += "Size"
			}
			if w.a.hit(mossHost, path+"?"+name+"=1") {
				t.Errorf("%s is kept without %s", p.Path, name)
			}
		}
		if a := w.a.get(mossHost, path+"?"+preview); (a.status != 403) != p.Previewed ||
			a.header.Get("Cache-Control") != "private, no-store" {
			t.Errorf("%s in a preview: %d, %v", p.Path, a.status, a.header)
		}
		before, _, _ := strings.Cut(p.Path, ":")
		if strings.Contains(robots, "Disallow: "+before+"\n") == p.Crawled {
			t.Errorf("%s: crawled is %v in\n%s", p.Path, p.Crawled, robots)
		}
		listed := strings.Contains(sitemap, "http://"+mossHost+path+"</loc>") ||
			(before != p.Path && strings.Contains(sitemap, "http://"+mossHost+before))
		if listed != p.Listed {
			t.Errorf("%s: in the site map is %v", p.Path, listed)
		}
		if a := w.a.get("soon.localhost:3000", path); strings.Contains(a.body, "Opening soon") == p.Early {
			t.Errorf("%s before the shop is open: %d", p.Path, a.status)
		}
	}
}
