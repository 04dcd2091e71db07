package journey

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"orbit360.app/browsertest"
	"orbit360.app/journey/journeytest"
)

var (
	hrefs = regexp.MustCompile(`href="([^"#]*)`)
	ids   = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f-]{27}`)
)

// crawl reads the pages of a host, from some on: of those that differ in nothing but an id, a handle or a query only
// so many. River's own pages aren't ours.
func crawl(t *testing.T, p *journeytest.Program, c *journeytest.Client, visit func(host, path, body string), most int,
	host string, from ...string) {
	t.Helper()
	seen, kinds := map[string]bool{}, map[string]int{}
	for queue := from; len(queue) > 0 && len(seen) < 400; queue = queue[1:] {
		path := strings.ReplaceAll(queue[0], "&amp;", "&")
		bare, _, _ := strings.Cut(path, "?")
		kind := ids.ReplaceAllString(bare, "id")
		for _, list := range []string{"/products/", "/collections/", "/pages/"} {
			if at, _, ok := strings.Cut(kind, list); ok {
				kind = at + list
			}
		}
		if seen[path] || kinds[kind] == most {
			continue
		}
		seen[path] = true
		status, body, _, err := c.Do(host, path)
		if err != nil || status >= 500 {
			t.Errorf("%s%s: %d, %v", host, path, status, err)
			continue
		}
		if !strings.HasPrefix(strings.ToLower(body), "<!doctype html>") {
			continue
		}
		kinds[kind]++
		visit(host, path, body)
		for _, m := range hrefs.FindAllStringSubmatch(body, -1) {
			link := strings.TrimPrefix(m[1], strings.TrimSuffix(p.URL(host, ""), "/"))
			if strings.HasPrefix(link, "/") && !strings.HasPrefix(link, "//") && !strings.HasPrefix(link, "/static/") &&
				!strings.HasPrefix(link, "/jobs") && !strings.HasPrefix(link, "/emails/") {
				queue = append(queue, link)
			}
		}
	}
}

// widest names elements that reach beyond the window in parents that don't, and those in them that begin it.
const widest = `(() => {
	const beyond = (e) => e.getBoundingClientRect().right > document.documentElement.clientWidth + 0.5;
	const name = (e) => e.tagName + "#" + e.id + "." + e.className + " " + e.textContent.trim().slice(0, 40);
	const all = [...document.querySelectorAll("main *:not(svg *)")].filter(beyond);
	const outer = all.filter((e) => !beyond(e.parentElement)), inner = all.filter((e) => ![...e.children].some(beyond));
	return outer.slice(0, 3).map(name).join("; ") + " | " + inner.slice(0, 5).map(name).join("; ");
})()`

// viewer is a browser that pages are looked at with, at all widths.
type viewer struct {
	*browsertest.Browser
	t      *testing.T
	p      *journeytest.Program
	widths []int64 // as the last page was looked at
	pages  int
}

func newViewer(t *testing.T, p *journeytest.Program) *viewer {
	t.Helper()
	return &viewer{Browser: browsertest.New(t), t: t, p: p, widths: []int64{320, 390, 768, 1024, 1440}}
}

// look opens a page, once, and begins with the width that the window has: the next page is gone through the other way.
func (v *viewer) look(host, path, _ string) {
	v.t.Helper()
	v.pages++
	slices.Reverse(v.widths)
	v.Open(v.p.URL(host, path))
	for _, width := range v.widths {
		v.Resize(width)
		if over := browsertest.Eval[float64](v.Browser,
			`document.documentElement.scrollWidth - document.documentElement.clientWidth`); over > 0 {
			v.t.Errorf("%s%s is %g px too wide at %d px: %s", host, path, over, width,
				browsertest.Eval[string](v.Browser, widest))
		}
	}
}

// saw fails where there were fewer pages than an audience has.
func (v *viewer) saw(least int) {
	v.t.Helper()
	if v.t.Log(v.pages, "pages"); v.pages < least {
		v.t.Errorf("only %d pages, and there are %d", v.pages, least)
	}
}

// word is a name of the greatest length.
const word = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" // 80 letters

// TestPagesFit opens every kind of page that people see, in a world where all names are one word of the greatest
// length and all prices are high: none is wider than its window, and the console has no complaint.
func TestPagesFit(t *testing.T) {
	t.Parallel()
	p := journeytest.Install(t)
	p.MustStart()
	admin := p.Client()
	admin.SignIn()
	themes := []string{"modern", "classic", "minimal"}
	for _, theme := range themes {
		p.OpenShop(admin, theme)
	}
	applyAs(t, p, "Pending", "pending@example.com")
	for _, statement := range []string{
		`UPDATE merchants SET name = $1, owner_name = $1`, `UPDATE users SET name = $1`,
		`UPDATE themes SET name = left($1, 60)`, `UPDATE plans SET name = left($1, 60)`, `UPDATE settings SET tagline = $1`,
		`UPDATE products SET title = $1, vendor = $1, product_type = $1, description = $1`,
		`UPDATE variants SET title = left($1, 60), price = 99999999999`,
		`UPDATE collections SET title = $1, description = $1`,
		`UPDATE pages SET title = $1, body = $1 || $1`, `UPDATE shipping_rates SET name = left($1, 60) || position`,
		`UPDATE payment_methods SET name = left($1, 60)`,
	} {
		if _, err := p.Database().Exec(t.Context(), statement, word); err != nil {
			t.Fatal(statement, err)
		}
	}
	welcome := p.Welcome(admin, "modern@example.com")

	// Each audience has a browser of its own: none lives longer than five minutes.
	type audiences map[string]func(*viewer)
	see := func(group string, all audiences) {
		t.Run(group, func(t *testing.T) {
			for name, visit := range all {
				t.Run(name, func(t *testing.T) {
					t.Parallel()
					visit(newViewer(t, p))
				})
			}
		})
	}
	see("public", audiences{
		"modern":  func(v *viewer) { v.shop("modern") },
		"classic": func(v *viewer) { v.shop("classic") },
		"minimal": func(v *viewer) { v.shop("minimal") },
		"site": func(v *viewer) {
			visitor := p.Client()
			crawl(v.t, p, visitor, v.look, 1, "", "/", "/nothing", "/api/docs")
			crawl(v.t, p, visitor, v.look, 1, "admin", "/sign-in", "/forgot-password")
			v.saw(25)
		},
	})
	see("signed in", audiences{ // who find orders there by now
		"admin": func(v *viewer) {
			p.Enter(v.Browser)
			crawl(v.t, p, admin, v.look, 1, "admin", "/merchants", "/emails", "/nothing")
			v.saw(20)
		},
		"dashboard": func(v *viewer) {
			p.MoveIn(v.Browser, welcome)
			home := browsertest.Eval[string](v.Browser, `location.pathname`)
			merchant := p.Client()
			merchant.Must(303, "dashboard", "/sign-in", "email", "modern@example.com", "password",
				journeytest.OwnerPassword)
			crawl(v.t, p, merchant, v.look, 1, "dashboard", home, "/nothing")
			v.saw(30)
		},
	})
}

// shop buys something at a shop, and looks at all its pages.
func (v *viewer) shop(theme string) {
	v.t.Helper()
	v.Open(v.p.URL(theme, "/collections/all"))
	v.Click(`main li h3 a`)
	v.Until(`location.pathname.startsWith("/products/")`)
	v.Click(`form[data-add] button`)
	v.See("is in your cart")
	v.look(theme, "/cart", "")
	v.look(theme, "/checkout", "")
	v.Fill("Email", strings.Repeat("a", 60)+"@example.com")
	v.Fill("Full name", word)
	v.Choose("Country", "United Kingdom")
	v.Fill("Address", word)
	v.Fill("City", word[:60])
	v.Fill("Postal code", "BS1 4QA")
	v.Press("Place order")
	v.Until(`location.pathname.startsWith("/orders/")`)
	v.look(theme, browsertest.Eval[string](v.Browser, `location.pathname`), "")
	crawl(v.t, v.p, v.p.Client(), v.look, 1, theme, "/", "/search?q="+word, "/nothing")
	v.saw(10)
}
