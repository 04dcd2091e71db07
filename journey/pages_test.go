package journey

import (
	"regexp"
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

// TestPagesFit opens every kind of page that people see, in a world where all names are one word of the greatest
// length and all prices are high: none is wider than its window, and the console has no complaint.
func TestPagesFit(t *testing.T) {
	t.Parallel()
	p := journeytest.Install(t)
	p.MustStart()
	admin, merchant, shopper := p.Client(), p.Client(), p.Client()
	admin.SignIn()
	themes := []string{"modern", "classic", "minimal"}
	for _, theme := range themes {
		p.OpenShop(admin, theme)
	}
	applyAs(t, p, "Pending", "pending@example.com")
	word := "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft" // 80 letters
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

	var b *browsertest.Browser
	pages := 0
	look := func(host, path, _ string) {
		pages++
		b.Open(p.URL(host, path))
		for _, width := range []int64{1440, 1024, 768, 390, 320} {
			b.Resize(width)
			if over := browsertest.Eval[float64](b,
				`document.documentElement.scrollWidth - document.documentElement.clientWidth`); over > 0 {
				t.Errorf("%s%s is %g px too wide at %d px: %s", host, path, over, width,
					browsertest.Eval[string](b, widest))
			}
		}
	}
	for _, theme := range themes {
		b = browsertest.New(t) // none lives longer than five minutes
		b.Open(p.URL(theme, "/collections/all"))
		b.Click(`main li h3 a`)
		b.Until(`location.pathname.startsWith("/products/")`)
		b.Click(`form[data-add] button`)
		b.See("is in your cart")
		look(theme, "/cart", "")
		look(theme, "/checkout", "")
		b.Fill("Email", strings.Repeat("a", 60)+"@example.com")
		b.Fill("Full name", word)
		b.Choose("Country", "United Kingdom")
		b.Fill("Address", word)
		b.Fill("City", word[:60])
		b.Fill("Postal code", "BS1 4QA")
		b.Press("Place order")
		b.Until(`location.pathname.startsWith("/orders/")`)
		look(theme, browsertest.Eval[string](b, `location.pathname`), "")
		crawl(t, p, shopper, look, 1, theme, "/", "/search?q="+word, "/nothing")
	}
	b = browsertest.New(t)
	p.Enter(b)
	crawl(t, p, admin, look, 1, "admin", "/merchants", "/emails", "/nothing")
	b = browsertest.New(t)
	p.MoveIn(b, p.Welcome(admin, "modern@example.com"))
	merchant.Must(303, "dashboard", "/sign-in", "email", "modern@example.com", "password", journeytest.OwnerPassword)
	crawl(t, p, merchant, look, 1, "dashboard", browsertest.Eval[string](b, `location.pathname`), "/nothing")
	b = browsertest.New(t)
	crawl(t, p, shopper, look, 1, "", "/", "/nothing", "/api/docs")
	crawl(t, p, shopper, look, 1, "admin", "/sign-in", "/forgot-password")
	if pages < 70 {
		t.Errorf("only %d pages", pages)
	}
	t.Log(pages, "pages")
}
