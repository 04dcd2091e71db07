package storefront_test

import (
	"strings"
	"testing"

	"orbit360.app/orbit"
)

func (s *street) exec(query string, args ...any) {
	s.Helper()
	if _, err := s.super.Exec(s.Context(), query, args...); err != nil {
		s.Fatal(err)
	}
}

func TestMovedAddresses(t *testing.T) {
	t.Parallel()
	s := begin(t, "http")
	s.exec(`INSERT INTO redirects (merchant_id, id, from_path, to_path)
		SELECT m.id, gen_random_uuid(), x.f, x.t FROM merchants m, (VALUES ('/products/old-lamp', '/products/stoneware-mug'),
		('/blogs/news', '/pages/about'), ('/sale', 'https://elsewhere.example/sale?a=1')) x(f, t) WHERE m.subdomain = 'moss'`)
	for path, want := range map[string]string{"/products/old-lamp?variant=x": "/products/stoneware-mug?variant=x",
		"/blogs/news": "/pages/about", "/sale?b=2": "https://elsewhere.example/sale?a=1"} {
		for range 2 {
			if a := s.get("moss", path); a.status != 301 || a.location != want {
				t.Errorf("%s: %d %q", path, a.status, a.location)
			}
		}
		if a := s.get("nord", path); a.status != 404 {
			t.Errorf("another shop's %s: %d", path, a.status)
		}
	}
	if a := s.get("moss", "/products/nothing"); a.status != 404 {
		t.Error(a.status)
	}
}

func TestFormattedDescription(t *testing.T) {
	t.Parallel()
	s := begin(t, "http")
	clean, text := orbit.CleanHTML(`<h2>Care</h2><p>Wash <em>cold</em>.</p><img src=x onerror=alert(1)>`)
	s.exec(`UPDATE products SET description_html = $1, description = $2, seo_title = 'Mugs & more',
		seo_description = 'Thrown by hand.' WHERE handle = 'stoneware-mug'`, clean, text)
	page := s.get("moss", "/products/stoneware-mug").doc(t)
	if page.Find(".rich h2").Text() != "Care" || page.Find(".rich em").Text() != "cold" ||
		page.Find(".rich [onerror]").Length() != 0 {
		html, _ := page.Find(".rich").Html()
		t.Error(html)
	}
	if got := page.Find("title").Text(); got != "Mugs & more" {
		t.Error(got)
	}
	if got := page.Find(`meta[name="description"]`).AttrOr("content", ""); got != "Thrown by hand." {
		t.Error(got)
	}
	if data := page.Find(`script[type="application/ld+json"]`).Text(); !strings.Contains(data, "Wash cold.") {
		t.Error(data)
	}
}
