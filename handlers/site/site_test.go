package site_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"
	"github.com/gofiber/fiber/v2"

	"orbit360.app/browsertest"
	"orbit360.app/handlers/kit"
	"orbit360.app/handlers/site"
	"orbit360.app/mail"
	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/storetest"
	"orbit360.app/themes"
	"orbit360.app/themes/classic"
	"orbit360.app/themes/minimal"
	"orbit360.app/themes/modern"
)

func TestMain(m *testing.M) { storetest.Main(m) }

type world struct {
	*testing.T
	db  *store.DB
	app *fiber.App
}

func begin(t *testing.T) world {
	t.Helper()
	db := storetest.New(t)
	addresses := orbit.Addresses{Scheme: "https", Base: "orbit360.app"}
	k := kit.New(kit.Kit{DB: db, Addresses: addresses, Log: slog.New(slog.DiscardHandler),
		Mail: mail.Composer{Addresses: addresses, Status: orbit.EmailLocal}})
	return world{t, db, site.New(k, themes.NewSet(modern.New(), classic.New(), minimal.New()))}
}

// get and post answer status, headers and the page.
func (w world) get(path string) (*http.Response, *goquery.Document) {
	return w.send(httptest.NewRequest(http.MethodGet, path, nil))
}

func (w world) post(form url.Values) (*http.Response, *goquery.Document) {
	r := httptest.NewRequest(http.MethodPost, "/apply", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", "https://orbit360.app")
	return w.send(r)
}

func (w world) send(r *http.Request) (*http.Response, *goquery.Document) {
	w.Helper()
	r.Host = "orbit360.app"
	res, err := w.app.Test(r, 10_000)
	if err != nil {
		w.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		w.Fatal(err)
	}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(string(body)))
	if err != nil {
		w.Fatal(err)
	}
	if ids := browsertest.RepeatedIDs(doc); len(ids) > 0 {
		w.Errorf("%s has ids twice: %q", r.URL, ids)
	}
	return res, doc
}

// good is a form as the page gave it, filled in well.
func (w world) good() url.Values {
	w.Helper()
	_, page := w.get("/apply")
	id := page.Find(`form#apply input[name=id]`).AttrOr("value", "")
	if id == "" {
		w.Fatal("the form has no id")
	}
	return url.Values{"id": {id}, "name": {"Moss & Stone"}, "ownerName": {"Ada Lovelace"}, "email": {"ada@example.com"},
		"category": {"home-garden"}}
}

func (w world) merchants() int {
	w.Helper()
	_, n, err := w.db.Merchants(w.Context(), orbit.MerchantFilter{Limit: 50})
	if err != nil {
		w.Fatal(err)
	}
	return n
}

func (w world) emails() []orbit.Email {
	w.Helper()
	ms, _, err := w.db.Emails(w.Context(), "", 50, 0)
	if err != nil {
		w.Fatal(err)
	}
	return ms
}

func TestPagesShowActiveThemesAndPlans(t *testing.T) {
	t.Parallel()
	w := begin(t)
	for path, selectors := range map[string][]string{
		"/": {`h1:contains("A shop of your own")`, `a[href="/apply"]:contains("Apply for a shop")`,
			`.site-theme h3:contains("Upfront Minimal")`, `.site-plan:contains("$79.99"):contains("Popular")`,
			`details summary`},
		"/pricing": {`h1:contains("Pricing")`, `.site-plan:contains("$299.99")`,
			`table td[data-label="Starter"]:contains("5 GB")`, `table td[data-label="Enterprise"]:contains("Unlimited")`},
		"/themes": {`article#upfront-classic h2:contains("Upfront Classic")`, `article img[alt]`},
		"/apply": {`form#apply[method=post] label[for=name]:contains("Store name")`,
			`label[for=ownerName]:contains("Your name")`, `label[for=email]:contains("Email")`,
			`label[for=category]:contains("Business category")`, `select#category option[value="art-crafts"]`,
			`form#apply button[type=submit]:contains("Apply")`},
		"/robots.txt": nil, "/favicon.ico": nil,
	} {
		res, page := w.get(path)
		if res.StatusCode != 200 {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
		for _, s := range selectors {
			if page.Find(s).Length() == 0 {
				t.Errorf("%s lacks %s", path, s)
			}
		}
		if selectors != nil && page.Find(`link[rel=canonical]`).AttrOr("href", "") != "https://orbit360.app"+path {
			t.Errorf("%s: canonical %q", path, page.Find(`link[rel=canonical]`).AttrOr("href", ""))
		}
		if strings.Contains(page.Text(), "andwidth") {
			t.Errorf("%s promises bandwidth, which isn't counted", path)
		}
		if bad := page.Find(`[style], [onclick], script:not([src]), style, a[href="#"], a[href=""]`).Length(); bad > 0 {
			t.Errorf("%s: %d things that the CSP or people stumble over", path, bad)
		}
		if res.Header.Get("Set-Cookie") != "" {
			t.Errorf("%s sets a cookie", path)
		}
	}
}

// No link of the site leads nowhere.
func TestNoDeadLinks(t *testing.T) {
	t.Parallel()
	w := begin(t)
	seen, todo := map[string]bool{}, []string{"/"}
	for len(todo) > 0 {
		path := todo[0]
		todo = todo[1:]
		if seen[path] {
			continue
		}
		seen[path] = true
		res, page := w.get(path)
		if res.StatusCode != 200 {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
		page.Find("a[href]").Each(func(_ int, a *goquery.Selection) {
			href := a.AttrOr("href", "")
			if path, fragment, _ := strings.Cut(href, "#"); strings.HasPrefix(href, "/") && path != "" {
				todo = append(todo, path)
			} else if fragment != "" && page.Find("#"+fragment).Length() == 0 {
				t.Errorf("%s leads to %s", path, href)
			}
		})
	}
	if len(seen) < 4 {
		t.Error(seen)
	}
}

func TestErrorsWearTheSitesDress(t *testing.T) {
	t.Parallel()
	w := begin(t)
	other := orbit.NewID[orbit.Merchant]().String()
	for _, path := range []string{"/nope", "/apply/" + other, "/apply/x", "/apply/%00", "/admin",
		"/apply/" + other + "/x"} {
		res, page := w.get(path)
		if res.StatusCode != 404 || page.Find(`header.site-head a[href="/themes"]`).Length() == 0 ||
			page.Find(`h1`).Length() != 1 {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
	if res, _ := w.send(httptest.NewRequest(http.MethodDelete, "/apply", nil)); res.StatusCode < 400 ||
		res.StatusCode > 499 {
		t.Error(res.StatusCode)
	}
}

func TestNothingActive(t *testing.T) {
	t.Parallel()
	w := begin(t)
	if _, err := w.db.Pool().Exec(t.Context(), `WITH t AS (UPDATE themes SET active = false) UPDATE plans
		SET active = false`); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/", "/pricing", "/themes"} {
		res, page := w.get(path)
		if res.StatusCode != 200 || page.Find(`main a[href="/apply"]`).Length() == 0 ||
			page.Find(".site-plan, .site-theme").Length() != 0 {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
}
