package site_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"orbit360.app/orbit"
)

// TestDemoShops walks through every engine's demo shop from its first page: every link of its own leads on within it,
// in the preset that was chosen.
func TestDemoShops(t *testing.T) {
	t.Parallel()
	w := begin(t)
	for _, e := range orbit.Engines().Values() {
		start := "/themes/" + string(e)
		_, first := w.get(start)
		presets := first.Find(".orbit-demo nav a")
		if presets.Length() < 3 || presets.Filter("[aria-current]").Length() != 1 {
			t.Fatalf("%s: %d presets", e, presets.Length())
		}
		preset := presets.Eq(1).AttrOr("href", "")
		_, query, _ := strings.Cut(preset, "?")
		if !strings.HasPrefix(preset, start+"?preset=") {
			t.Fatal(preset)
		}
		seen := map[string]bool{}
		for queue := []string{preset}; len(queue) > 0 && len(seen) < 60; queue = queue[1:] {
			res, page := w.get(queue[0])
			if res.StatusCode != 200 || page.Find("h1").Length() != 1 || page.Find(".orbit-demo").Length() != 1 ||
				page.Find(`meta[name=robots][content*=noindex]`).Length() != 1 || res.Header.Get("Set-Cookie") != "" {
				t.Errorf("%s: %d", queue[0], res.StatusCode)
				continue
			}
			for _, href := range hrefs(page.Find("a[href], link[rel=stylesheet]").Not(".orbit-demo a")) {
				path, _, _ := strings.Cut(strings.SplitN(href, "#", 2)[0], "?")
				if strings.HasPrefix(href, "/static/") || !strings.HasPrefix(href, "/") {
					continue
				}
				if !strings.HasPrefix(path, start) || !strings.Contains(href, query) {
					t.Errorf("%s leads out of the demo: %s", queue[0], href)
				} else if !seen[path] {
					seen[path] = true
					if path != start+"/theme.css" {
						queue = append(queue, href)
					}
				}
			}
		}
		for _, want := range []string{"/theme.css", "/collections/kitchen", "/products/merino-crew-sweater", "/pages/about",
			"/cart", "/search"} {
			if !seen[start+want] {
				t.Errorf("%s: no way to %s", e, want)
			}
		}
		plain, applied := w.body(start+"/theme.css"), w.body(start+"/theme.css?"+query)
		if plain == applied || !strings.Contains(applied, ":root{") {
			t.Errorf("%s: the preset changes nothing", e)
		}
	}
}

func TestDemoBrowsing(t *testing.T) {
	t.Parallel()
	w := begin(t)
	for path, want := range map[string]int{
		"/themes/modern/collections/books": 2, "/themes/modern/collections/all?available=1": 13,
		"/themes/modern/collections/all?option.Size=Small": 1, "/themes/modern/collections/all?from=200": 2,
		"/themes/modern/search?q=stoneware": 2, "/themes/modern/search?q=zeppelin": 0,
	} {
		if _, page := w.get(path); page.Find("main li:has(h3 a[href*='/products/'])").Length() != want {
			t.Errorf("%s: %d products, want %d", path, page.Find("main li:has(h3 a[href*='/products/'])").Length(), want)
		}
	}
	if _, page := w.get("/themes/classic/collections/all?sort=-price"); page.Find(
		"main li h3 a").First().Text() != "Oak Dining Chair" {
		t.Error(page.Find("main li h3 a").First().Text())
	}
	for path, want := range map[string]int{"/themes/react": 404, "/themes/modern/nothing": 404,
		"/themes/modern/products/x": 404, "/themes/modern/checkout": 403, "/themes/modern?preset=%3Cscript%3E": 200,
		"/themes/%00": 404} {
		if res, page := w.get(path); res.StatusCode != want || page.Find("h1").Length() != 1 ||
			page.Find("script:not([src]):not([type])").Length() > 0 {
			t.Errorf("%s: %d, want %d", path, res.StatusCode, want)
		}
	}
	buy := httptest.NewRequest(http.MethodPost, "/themes/modern/cart/add", nil)
	buy.Header.Set("Origin", "https://orbit360.app")
	if res, _ := w.send(buy); res.StatusCode != http.StatusForbidden {
		t.Error("somebody bought something:", res.StatusCode)
	}
}

// A theme that admins have made shows its own settings; one that is inactive has no demo.
func TestDemoOfATheme(t *testing.T) {
	t.Parallel()
	w := begin(t)
	in := orbit.ThemeInput{Name: "Night Market", Slug: "night-market", Version: "1.0.0", Engine: orbit.EngineModern,
		Thumbnail: orbit.EngineModern.Thumbnail(), Active: true,
		Config: orbit.Settings{"background": "#010203", "announcement": "Open late"}}
	made, err := w.db.CreateTheme(t.Context(), in, orbit.System)
	if err != nil {
		t.Fatal(err)
	}
	if _, page := w.get("/themes"); page.Find(`#night-market a[href="/themes/night-market"]`).Length() == 0 {
		t.Error("the gallery doesn't lead to it")
	}
	if body := w.body("/themes/night-market"); !strings.Contains(body, "Open late") || !strings.Contains(body, "Its own") {
		t.Error("its own text isn't there")
	}
	if css := w.body("/themes/night-market/theme.css"); !strings.Contains(css, "--background:#010203;") {
		t.Error("its own color isn't there")
	}
	if css := w.body("/themes/night-market/theme.css?preset=daylight"); !strings.Contains(css, "--background:#ffffff;") {
		t.Error("no preset over it")
	}
	if res, _ := w.get("/themes/" + made.ID.String()); res.StatusCode != 404 {
		t.Error("a second address:", res.StatusCode)
	}
	if _, err := w.db.SetThemeActive(t.Context(), made.ID, false, orbit.System); err != nil {
		t.Fatal(err)
	}
	if res, _ := w.get("/themes/night-market"); res.StatusCode != 404 {
		t.Error("on show though it is inactive:", res.StatusCode)
	}
}

func hrefs(s *goquery.Selection) []string {
	return s.Map(func(_ int, a *goquery.Selection) string { return a.AttrOr("href", "") })
}

// body is an answer as it came.
func (w world) body(path string) string {
	w.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	r.Host = "orbit360.app"
	res, err := w.app.Test(r, 10_000)
	if err != nil {
		w.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		w.Fatal(err)
	}
	return string(b)
}
