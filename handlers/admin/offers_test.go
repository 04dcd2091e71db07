package admin_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
	"orbit360.app/themes"
	"orbit360.app/themes/classic"
	"orbit360.app/themes/minimal"
	"orbit360.app/themes/modern"
)

func TestCatalog(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	p.activate(p.apply("Moss & Fern"), "moss")
	p.work(false)
	a := p.get("/themes").want(t, 200)
	if a.Find("article.theme").Length() != 3 || a.words("article.theme h2") != "Upfront Modern" ||
		a.Find("article.theme img").Length() != 3 {
		t.Error(a.words("main"))
	}
	if a := p.get("/plans").want(t, 200); a.Find("#plans tbody tr").Length() != 3 ||
		!strings.Contains(a.words("#plans tbody"), "$29.99 / month") {
		t.Error(a.words("main"))
	}
}

// fill is what a browser would send of a form as it stands, with some fields changed.
func fill(a answer, form string, changes url.Values) url.Values {
	v := url.Values{}
	a.Find(form).Find("input, textarea, select").Each(func(_ int, s *goquery.Selection) {
		name, kind := s.AttrOr("name", ""), s.AttrOr("type", "")
		_, checked := s.Attr("checked")
		switch {
		case name == "" || (kind == "checkbox" || kind == "radio") && !checked:
		case goquery.NodeName(s) == "textarea":
			v.Add(name, s.Text())
		case goquery.NodeName(s) == "select":
			v.Add(name, s.Find("option[selected]").AttrOr("value", ""))
		case kind == "checkbox":
			v.Add(name, s.AttrOr("value", "on"))
		default:
			v.Add(name, s.AttrOr("value", ""))
		}
	})
	for name, values := range changes {
		v[name] = values
	}
	return v
}

func TestThemeLife(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	if a := p.get("/themes/new").want(t, 200); a.Find("article a[href='/themes/new?engine=modern']").Length() != 1 ||
		a.Find("article.theme").Length() != 3 {
		t.Error(a.words("main"))
	}
	for _, e := range []themes.Engine{modern.New(), classic.New(), minimal.New()} {
		a := p.get("/themes/new?engine="+string(e.Name())).want(t, 200)
		for _, s := range e.Schema() {
			if s.Kind == themes.Order {
				if a.Find(fmt.Sprintf(".part input[name='config.%s']", s.Key)).Length() != len(s.Choices) {
					t.Errorf("%s: not every part of %s", e.Name(), s.Key)
				}
				continue
			}
			if a.Find(fmt.Sprintf("[name='config.%s']", s.Key)).Length() != 1 ||
				a.Find("label[for='config-"+s.Key+"']").Length() != 1 {
				t.Errorf("%s: no field for %s", e.Name(), s.Key)
			}
		}
		if bad := p.post("/themes", fill(a, "#theme", url.Values{"name": {"As It Comes " + string(e.Name())}})).want(t,
			303); bad.Header.Get("Location") == "" {
			t.Error("leads nowhere")
		}
		made, err := p.db.Theme(t.Context(), "as-it-comes-"+string(e.Name()))
		if err != nil || len(made.Config) != 0 || made.Engine != e.Name() || !made.Active ||
			made.Thumbnail != e.Name().Thumbnail() {
			t.Errorf("%+v %v", made, err)
		}
	}

	blank := p.get("/themes/new?engine=modern").want(t, 200)
	bad := fill(blank, "#theme", url.Values{"name": {""}, "slug": {"A b"}, "thumbnail": {"javascript:alert(1)"},
		"version": {"x"}, "description": {"<b>kept</b>"}, "active": {""},
		"config.accent": {"red;}body{"}, "config.surface": {"url(//evil)"}, "config.radius": {"999"},
		"config.logo": {"javascript:alert(1)"}, "config.heading_font": {"comic"},
		"config.announcement": {"</style><script>alert(1)</script>"}, "config.sticky_header": {}})
	a := p.post("/themes", bad).want(t, 422)
	for id, words := range map[string]string{"name": "required", "slug": "lower-case", "thumbnail": "https URL",
		"version": "numbers and dots", "config-accent": "color such as", "config-surface": "color such as",
		"config-radius": "from 0 to 36", "config-logo": "https address", "config-heading_font": "listed choices"} {
		if got := a.words("#" + id + "-error"); !strings.Contains(got, words) {
			t.Errorf("%s says %q", id, got)
		}
	}
	if n := a.Find("main script:not([src^='/static/'])").Length(); n != 0 {
		t.Errorf("the form let %d scripts in", n)
	}
	announcement := a.Find("#config-announcement").AttrOr("value", "")
	if announcement != "</style><script>alert(1)</script>" || a.Find("#description").Text() != "<b>kept</b>" ||
		a.Find("#config-sticky_header[checked]").Length() != 0 {
		t.Error("the form forgot")
	}
	if a := p.post("/themes", fill(blank, "#theme", url.Values{"name": {"Upfront Modern"}})).want(t,
		422); !strings.Contains(a.words("#slug-error"), "already") {
		t.Errorf("a slug twice: %s", a.words("form .alert"))
	}

	good := p.post("/themes", fill(blank, "#theme", url.Values{"name": {"Night <i>Owl</i>"},
		"config.background": {"#101014"}, "config.radius": {"4"}, "config.show_hero": {},
		"config.announcement": {" Free  shipping "}})).want(t, 303)
	at := good.Header.Get("Location")
	night, err := p.db.Theme(t.Context(), "night-i-owl-i")
	if err != nil || at != "/themes/"+night.ID.String() || len(night.Config) != 4 ||
		night.Config["background"] != "#101014" || night.Config["radius"] != float64(4) ||
		night.Config["show_hero"] != false || night.Config["announcement"] != "Free shipping" {
		t.Fatalf("%s: %+v %v", at, night, err)
	}
	a = p.get(at).want(t, 200)
	if a.words("h1") != "Night <i>Owl</i>" || a.Find("#config-radius").AttrOr("value", "") != "4" ||
		a.words("#config-radius-suffix") != "4 px" || a.Find("#config-show_hero[checked]").Length() != 0 ||
		a.Find("iframe").AttrOr("src", "") != "/themes/preview?theme="+night.ID.String() {
		t.Error(a.words("main"))
	}
	// Saved as it stands, it is the same; deactivated, it stays inactive through a save.
	p.post(at+"/deactivation", nil).want(t, 303)
	p.post(at, fill(p.get(at), "#theme", url.Values{"description": {"Dark."}})).want(t, 303)
	again, err := p.db.Theme(t.Context(), night.ID.String())
	if err != nil || again.Description != "Dark." || again.Active || len(again.Config) != 4 || again.Slug != night.Slug {
		t.Errorf("%+v %v", again, err)
	}
	if a := p.get("/themes/new?from="+night.ID.String()).want(t, 200); a.Find("#name").AttrOr("value",
		"") != "Night <i>Owl</i> copy" || a.Find("#config-radius").AttrOr("value", "") != "4" ||
		a.Find("#slug").AttrOr("value", "x") != "" {
		t.Error("a copy forgot")
	}
	p.post(at+"/activation", nil).want(t, 303)
	if a := p.get(at+"/deletion/new", dialog).want(t, 200); a.Find("dialog form#deletion").Length() != 1 {
		t.Error("no dialog")
	}
	if a := p.post(at+"/deletion", nil).want(t, 303); a.Header.Get("Location") != "/themes" {
		t.Error(a.Header.Get("Location"))
	}
	p.get(at).want(t, 404)
	if a := p.get("/audit").want(t, 200); !strings.Contains(a.words("#audit"), "Deleted the theme") {
		t.Error(a.words("#audit"))
	}
}

func TestWhatIsUsedIsntDeleted(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	id := p.apply("Moss & Fern")
	p.activate(id, "moss")
	theme, _ := p.db.Theme(t.Context(), "upfront-classic")
	plan, _ := p.db.Plan(t.Context(), "starter")
	for _, at := range []string{"/themes/" + theme.ID.String(), "/plans/" + plan.ID.String()} {
		if a := p.get(at).want(t, 200); !strings.Contains(a.words("#uses"), "Moss & Fern") ||
			a.Find("#uses a.name-link").AttrOr("href", "") != path(id, "") {
			t.Errorf("%s: %s", at, a.words("#uses"))
		}
		for name, a := range map[string]answer{"asked": p.get(at + "/deletion/new"), "done": p.post(at+"/deletion", nil)} {
			if a.StatusCode != 409 || !strings.Contains(a.words("main"), "One merchant uses") ||
				!strings.Contains(a.words("main"), "Moss & Fern") || a.Find("form#deletion").Length() != 0 {
				t.Errorf("%s %s: %d %s", at, name, a.StatusCode, a.words("main"))
			}
		}
		if a := p.get(at+"/deletion/new", dialog).want(t, 422); !strings.Contains(a.words("dialog"), "Deactivate the") {
			t.Error(a.words("dialog"))
		}
		if a := p.post(at+"/deletion", nil, htmx("form#deletion")).want(t,
			422); !strings.Contains(a.words("form#deletion .alert"), "One merchant uses") {
			t.Error(a.body)
		}
	}
}

func TestPreview(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	for _, e := range []themes.Engine{modern.New(), classic.New(), minimal.New()} {
		form := fill(p.get("/themes/new?engine="+string(e.Name())), "#theme",
			url.Values{"name": {""}, "config.announcement": {"</style><script>alert(1)</script>"},
				"config.background": {"#0b0c0d"}, "config.accent": {"red;}body{"}})
		for _, page := range []string{"/", "/collections/kitchen", "/products/merino-crew-sweater", "nonsense", "%zz"} {
			form.Set("page", page)
			a := p.post("/themes/preview", form).want(t, 200)
			csp := a.Header.Get("Content-Security-Policy")
			if !strings.Contains(csp, "frame-ancestors 'self'") || !strings.Contains(csp, "sandbox allow-same-origin") ||
				strings.Contains(csp, "script-src") || !strings.HasPrefix(csp, "default-src 'none'") ||
				a.Header.Get("X-Frame-Options") != "SAMEORIGIN" {
				t.Error(csp)
			}
			if a.Find("body[inert]").Length() != 1 || strings.Contains(a.body, "<script>alert") || a.Find("h1").Length() == 0 {
				t.Errorf("%s %s: %.300s", e.Name(), page, a.body)
			}
			css := a.Find("link[rel=stylesheet]").AttrOr("href", "")
			if strings.Contains(css, "script") || !strings.Contains(css, "0b0c0d") || strings.Contains(css, "body%7B") {
				t.Error(css)
			}
			sheet := p.get(css).want(t, 200)
			if !strings.Contains(sheet.body, "--background:#0b0c0d;") || strings.Contains(sheet.body, "red;}") ||
				!strings.HasPrefix(sheet.Header.Get("Content-Type"), "text/css") {
				t.Errorf("%.200s", sheet.body)
			}
		}
	}
	theme, _ := p.db.Theme(t.Context(), "upfront-classic")
	p.get("/themes/preview?theme="+theme.ID.String()+"&page=%2Fproducts%2Fmerino-crew-sweater").want(t, 200)
	p.get("/themes/preview?engine=react").want(t, 404)
	p.get("/themes/preview?theme=nope").want(t, 404)
	p.post("/themes/preview", url.Values{"engine": {"react"}}).want(t, 404)
	p.get("/themes/preview.css?engine=x").want(t, 404)
	// Only there: every other page refuses to be framed.
	if a := p.get("/themes").want(t, 200); !strings.Contains(a.Header.Get("Content-Security-Policy"),
		"frame-ancestors 'none'") || a.Header.Get("X-Frame-Options") != "DENY" {
		t.Error("the panel can be framed")
	}
	// Nothing of it is kept.
	if n, err := p.db.AuditLog(t.Context(), orbit.MerchantID{}, 10, 0); err != nil || len(n) != 1 {
		t.Error(n, err)
	}
}

func TestPlanLife(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	blank := p.get("/plans/new").want(t, 200)
	if name := blank.words(`select[name="currency"] option[value="EUR"]`); name != "EUR · Euro" {
		t.Error(name)
	}
	bad := fill(blank, "#plan", url.Values{"name": {"x"}, "price": {"1.999"}, "currency": {"usd"},
		"billingCycle": {"weekly"}, "limits.products": {"-1"}, "limits.storageBytes": {"lots"},
		"limits.bandwidthBytes": {"1e30"}, "features": {"One\r\n\r\n" + strings.Repeat("x", 121)}})
	for name, a := range map[string]answer{"page": p.post("/plans", bad).want(t, 422),
		"scripts": p.post("/plans", bad, htmx("form#plan")).want(t, 422)} {
		for id, words := range map[string]string{"name": "at least 2", "price": "2 decimal places",
			"billingCycle": "monthly or yearly", "limit-products": "from 0", "limit-storageBytes": "Enter a number",
			"limit-bandwidthBytes": "Enter a number", "features": "Feature 3"} {
			if got := a.words("#" + id + "-error"); !strings.Contains(got, words) {
				t.Errorf("%s: %s says %q", name, id, got)
			}
		}
		if a.Find("#price").AttrOr("value", "") != "1.999" || a.Find("#limit-storageBytes").AttrOr("value", "") != "lots" {
			t.Errorf("%s: the form forgot", name)
		}
	}
	p.post("/plans", fill(blank, "#plan", url.Values{"name": {"Tiny"}, "price": {"9.50"}, "limits.products": {"10"},
		"limits.storageBytes": {"0.5"}, "features": {" One \r\n\r\nTwo"}, "popular": {"on"}})).want(t, 303)
	tiny, err := p.db.Plan(t.Context(), "tiny")
	if err != nil || tiny.Price != 950 || tiny.Currency != "USD" || *tiny.Limits.Products != 10 ||
		*tiny.Limits.StorageBytes != 1<<29 || tiny.Limits.OrdersPerMonth != nil || len(tiny.Features) != 2 || !tiny.Popular ||
		!tiny.Active {
		t.Fatalf("%+v %v", tiny, err)
	}
	if a := p.post("/plans", fill(blank, "#plan", url.Values{"name": {"Tiny"}, "price": {"1"}})).want(t,
		422); !strings.Contains(a.words("#slug-error"), "already") {
		t.Error(a.words("form"))
	}
	at := "/plans/" + tiny.ID.String()
	// No merchant is on it: a change is saved at once.
	p.post(at, fill(p.get(at), "#plan", url.Values{"limits.products": {""}, "price": {"0"}})).want(t, 303)
	if again, err := p.db.Plan(t.Context(), "tiny"); err != nil || again.Limits.Products != nil || again.Price != 0 ||
		*again.Limits.StorageBytes != 1<<29 || !again.Popular {
		t.Fatalf("%+v %v", again, err)
	}
	p.post(at+"/deactivation", nil, func(r *http.Request) { r.Header.Set("Referer", "http://admin.localhost"+at) }).want(t,
		303)
	if again, err := p.db.Plan(t.Context(), "tiny"); err != nil || again.Active {
		t.Error("still active")
	}
	p.post(at+"/deletion", nil).want(t, 303)
	p.get(at).want(t, 404)
}

func TestLowerLimitsSayWhomTheyTouch(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	p.work(false)
	id := p.apply("Moss & Fern")
	p.activate(id, "moss")
	p.await(id, orbit.MerchantActive)
	plan, _ := p.db.Plan(t.Context(), "starter")
	at := "/plans/" + plan.ID.String()
	change := fill(p.get(at), "#plan", url.Values{"limits.products": {"3"}, "price": {"39.99"}})

	// While typing: a note, and nothing is saved.
	a := p.get(at+"/impact?"+change.Encode(), htmx("div#impact")).want(t, 200)
	for _, words := range []string{"This affects 1 merchant", "$29.99 / month becomes $39.99 / month",
		"Products: 100 becomes 3", "Moss & Fern has 6 products", "Nothing is deleted"} {
		if !strings.Contains(a.words(".alert"), words) {
			t.Errorf("the note doesn't say %q: %s", words, a.words("body"))
		}
	}
	if a := p.get(at+"/impact?"+fill(p.get(at), "#plan", url.Values{"name": {"Beginner"}}).Encode(),
		htmx("div#impact")).want(t, 200); a.words("body") != "" {
		t.Errorf("a new name touches somebody: %s", a.words("body"))
	}

	// Saving asks first.
	a = p.post(at, change).want(t, 422)
	if !strings.Contains(a.words("#impact"), "Nothing has been saved yet") ||
		a.words(".form-actions .btn") != "Save for 1 merchant" {
		t.Fatal(a.words("form"))
	}
	if same, err := p.db.Plan(t.Context(), "starter"); err != nil || *same.Limits.Products != 100 || same.Price != 2999 {
		t.Fatalf("saved without being asked: %+v", same)
	}
	// A confirmation is of the change that was shown, not of another.
	confirmed := fill(a, "#plan", nil)
	other := fill(a, "#plan", url.Values{"limits.products": {"2"}})
	if a := p.post(at, other).want(t, 422); !strings.Contains(a.words("#impact"), "Products: 100 becomes 2") {
		t.Error(a.words("#impact"))
	}
	p.post(at, confirmed).want(t, 303)
	if saved, err := p.db.Plan(t.Context(), "starter"); err != nil || *saved.Limits.Products != 3 || saved.Price != 3999 {
		t.Fatalf("%+v %v", saved, err)
	}
	over, err := p.db.ProductsAbove(t.Context(), plan.ID, 5)
	if err != nil || len(over) != 1 || over[0].Products != 6 {
		t.Error(over, err)
	}
	// Counting left no tenant open on the connection.
	if err := shop.For(p.db, orbit.NewID[orbit.Merchant]()).Do(t.Context(), func(tn *shop.Tenant) error {
		r := tn.Reader()
		ps := r.Products(10)
		err := r.Read(t.Context())
		if len(ps.Value) != 0 {
			t.Error("another tenant's products")
		}
		return err
	}); err != nil {
		t.Error(err)
	}
}
