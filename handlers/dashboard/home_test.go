package dashboard_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"orbit360.app/browsertest"
	"orbit360.app/orbit"
	"orbit360.app/static"
)

// trade writes orders of the last days of a shop: one every so many hours for each of its products, the later the more.
func (w *world) trade(m orbit.MerchantID, hours, orders int) {
	w.Helper()
	if _, err := w.super(w.T).Exec(w.Context(), `
		INSERT INTO customers (merchant_id, id, email, name)
			VALUES ('`+m.String()+`', '`+m.String()+`', 'a@example.com', 'A') ON CONFLICT DO NOTHING;
		WITH o AS (INSERT INTO orders (merchant_id, id, number, token, cart_id, customer_id, email, address, currency,
				subtotal, total, status, payment_status, created_at)
			SELECT s.merchant_id, gen_random_uuid(), 5000 + n, 'token' || n, s.merchant_id, s.merchant_id, 'june@example.com',
				'{"name": "June Juniper"}', s.currency, (2000 + 7919 * n % 9000) * (1 + (5000 + n) % 3),
				(2000 + 7919 * n % 9000) * (1 + (5000 + n) % 3),
				CASE WHEN n % 9 = 4 THEN 'cancelled' WHEN n > 6 THEN 'fulfilled' ELSE 'open' END,
				CASE WHEN n > 3 THEN 'paid' ELSE 'pending' END, now() - n * interval '`+fmt.Sprint(hours)+` hours'
			FROM settings s, generate_series(0, `+fmt.Sprint(orders-1)+`) n WHERE s.merchant_id = '`+m.String()+`'
			RETURNING *)
		INSERT INTO order_lines (merchant_id, order_id, position, variant_id, handle, title, price, quantity)
		SELECT o.merchant_id, o.id, 0, v.id, '', 'x', o.total / (1 + o.number % 3),
			1 + o.number % 3 FROM o JOIN LATERAL (SELECT v.id
			FROM variants v WHERE v.merchant_id = o.merchant_id ORDER BY md5(v.id::text || o.number % 7) LIMIT 1) v
			ON true`); err != nil {
		w.Fatal(err)
	}
}

// TestHome: what a shop has sold is there once it has, and what an owner has to do with it, each part for those alone
// who may see it.
func TestHome(t *testing.T) {
	t.Parallel()
	w := begin(t)
	home := w.home(w.moss)
	w.ready(w.ada, w.moss)
	w.ready(w.bob, w.nord)
	w.post(w.ada, home+"/live", nil)
	w.post(w.bob, w.home(w.nord)+"/live", nil)
	_, page := w.get(w.ada, home)
	const address = `[data-copy="https://moss-and-stone.orbit360.app"]`
	if page.Find(`#sales:contains("Your sales will appear here") `+address).Length() != 1 ||
		page.Find("#figures, #top-products, #latest, #to-do *").Length() != 0 {
		t.Error(page.Find("#sales").Text())
	}
	own, other := w.buy(w.moss), w.buy(w.nord)
	total := orbit.Money{Amount: own.Total, Currency: own.Currency}.String()
	_, page = w.get(w.ada, home)
	for _, selector := range []string{`#figures .stat:contains("Sales"):contains("` + total + `")`,
		`#figures .stat:contains("Orders"):contains("1"):contains("No sales in the 30 days before")`,
		`#figures .stat:contains("Average order"):contains("` + total + `")`,
		`#sales-chart input[type=radio]:last-of-type, #sales-chart td:contains("` + total + `, 1 order")`,
		`#top-products li:contains("` + own.Lines[0].Title + `"):contains("2 units")`,
		`#to-do a[href="` + home + `/orders?status=unfulfilled"]:contains("1 order to fulfill")`,
		`#to-do a[href="` + home + `/orders?status=unpaid"]:contains("1 unpaid order")`,
		`#latest a[href="` + home + `/orders/` + own.ID.String() + `"]`, `#sales .tab[aria-current]:contains("Last 30 days")`,
	} {
		if page.Find(selector).Length() < 1 {
			t.Errorf("no %s in %s", selector, page.Find("main").Text())
		}
	}
	if strings.Contains(page.Text(), other.ID.String()) {
		t.Error("another shop's order")
	}
	for period, want := range map[string]string{"1": "Today", "7": "Last 7 days", "90": "Last 90 days",
		"x": "Last 30 days", "-1": "Last 30 days"} {
		_, page := w.get(w.ada, home+"?period="+period)
		if got := strings.TrimSpace(page.Find("#sales .tab[aria-current]").Text()); got != want ||
			!strings.Contains(page.Find("#figures").Text(), total) {
			t.Errorf("?period=%s: %q", period, got)
		}
	}
	for _, tt := range []struct {
		may        []orbit.Permission
		has, hasnt string
	}{
		{nil, `.empty:contains("ask an owner")`, "#sales, #to-do, #latest, #top-products, #low-stock, #setup"},
		{[]orbit.Permission{orbit.PermissionAnalytics}, "#figures", "#to-do, #latest, #top-products, #low-stock, #setup"},
		{[]orbit.Permission{orbit.PermissionOrders}, "#figures", "#top-products, #low-stock, #setup"},
		{[]orbit.Permission{orbit.PermissionProducts}, "#shop", "#sales, #to-do, #latest, #top-products, #plan, #setup"},
		{[]orbit.Permission{orbit.PermissionSettings}, "#setup", "#sales, #to-do, #latest, #top-products, #low-stock"},
	} {
		w.staff(w.moss, "bob@example.com", tt.may...)
		res, page := w.get(w.bob, home)
		if res.StatusCode != 200 || page.Find(tt.has).Length() != 1 || page.Find(tt.hasnt).Length() != 0 {
			t.Errorf("%v: %d %s", tt.may, res.StatusCode, page.Find("main").Text())
		}
	}
}

// TestLowStock: variants of active products with few units left are counted, listed with the lowest first, and lead to
// the products that have them.
// TestHomeOfStaff: Home shows no more than the menu's pages would: what was sold to those who see sales, the plan to
// owners.
func TestHomeOfStaff(t *testing.T) {
	t.Parallel()
	w := begin(t)
	home := w.home(w.moss)
	w.ready(w.ada, w.moss)
	w.post(w.ada, home+"/live", nil)
	w.buy(w.moss)
	all := "#top-products, #low-stock, #plan"
	shown := func(cookie string) (ids []string) {
		t.Helper()
		_, page := w.get(cookie, home)
		page.Find(all).Each(func(_ int, card *goquery.Selection) { ids = append(ids, card.AttrOr("id", "")) })
		return ids
	}
	if got := strings.Join(shown(w.ada), " "); !strings.Contains(got, "top-products") || !strings.Contains(got, "plan") {
		t.Error("an owner sees", got)
	}
	const products, orders, analytics = orbit.PermissionProducts, orbit.PermissionOrders, orbit.PermissionAnalytics
	for _, tt := range []struct {
		may []orbit.Permission
		top bool
	}{
		{[]orbit.Permission{products}, false},
		{[]orbit.Permission{products, analytics}, true},
		{[]orbit.Permission{products, orders}, true},
		{[]orbit.Permission{orders}, false},
	} {
		w.staff(w.moss, "bob@example.com", tt.may...)
		got := shown(w.bob)
		if slices.Contains(got, "top-products") != tt.top || slices.Contains(got, "plan") {
			t.Errorf("with %v: %v", tt.may, got)
		}
	}
}

func TestLowStock(t *testing.T) {
	t.Parallel()
	w := begin(t)
	home := w.home(w.moss)
	if _, err := w.super(t).Exec(t.Context(), `UPDATE variants SET stock = 100;
		UPDATE variants SET stock = 3
			WHERE id IN (SELECT id FROM variants WHERE merchant_id = '`+w.moss.String()+`' LIMIT 1);
		UPDATE products SET title = 'Nearly gone'
			WHERE id IN (SELECT product_id FROM variants WHERE stock = 3)`); err != nil {
		t.Fatal(err)
	}
	_, page := w.get(w.ada, home)
	if page.Find(`#low-stock a[href="`+home+`/products?status=low-stock"]:contains("1 variant")`).Length() != 1 ||
		page.Find(`#low-stock li:contains("Nearly gone"):contains("3 left")`).Length() != 1 {
		t.Error(page.Find("#low-stock").Text())
	}
	_, page = w.get(w.ada, home+"/products?status=low-stock")
	if rows := page.Find("#products tbody tr"); rows.Length() != 1 || !strings.Contains(rows.Text(), "Nearly gone") {
		t.Error(rows.Text())
	}
	if _, err := w.super(t).Exec(t.Context(),
		`UPDATE products SET status = 'draft' WHERE title = 'Nearly gone'`); err != nil {
		t.Fatal(err)
	}
	if _, page = w.get(w.ada, home); page.Find("#low-stock").Length() != 0 {
		t.Error("drafts aren't sold, and don't run low")
	}
}

// serve lets a browser see the dashboard as a person.
func (w *world) serve(cookie string) string {
	w.Helper()
	proxy := &httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) {
		p.SetURL(&url.URL{Scheme: "http", Host: w.host()})
		p.Out.Host = "dashboard.orbit360.app"
		p.Out.Header.Set("Cookie", cookie)
		p.Out.Header.Set("Origin", origin)
	}, ErrorHandler: func(out http.ResponseWriter, _ *http.Request, err error) {
		if !errors.Is(err, context.Canceled) { // the browser went on
			w.Error(err)
		}
		out.WriteHeader(http.StatusBadGateway)
	}}
	w.host()
	s := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, in *http.Request) {
		if f, ok := static.Open(in.URL.Path); ok {
			out.Header().Set("Content-Type", f.ContentType)
			_, _ = out.Write(f.Content) // a browser that has gone is no failure
			return
		}
		proxy.ServeHTTP(out, in)
	}))
	w.Cleanup(s.Close)
	return s.URL
}

// TestHomeInABrowser: the page fits, and a day of the chart says what it was, by keys alone and without
// scripts.
func TestHomeInABrowser(t *testing.T) {
	t.Parallel()
	w := begin(t)
	b := browsertest.New(t, browsertest.Scripts(false))
	at := w.serve(w.ada) + w.home(w.moss)
	b.Open(at)
	b.Look("new")
	w.ready(w.ada, w.moss)
	w.post(w.ada, w.home(w.moss)+"/live", nil)
	w.buy(w.moss)
	b.Open(at)
	b.Look("one")
	w.trade(w.moss, 5, 400)
	super := w.super(t)
	if _, err := super.Exec(t.Context(), `UPDATE variants SET stock = stock % 7;
		UPDATE products SET title = title || ', hand-thrown in small batches with a raw foot and a speckled celadon glaze'
		WHERE position % 3 = 0`); err != nil {
		t.Fatal(err)
	}
	b.Open(at + "?period=7")
	b.On(`document`, `e.querySelectorAll("#sales-chart input")[28].focus()`)
	b.Keys(" ")
	tip := `[...document.querySelectorAll("#sales-chart .columns-tip")].filter(e => e.offsetParent)`
	b.Until(tip + `.length === 1 && /^\$.*orders?$/m.test(` + tip + `[0].innerText)`)
	b.Look("plenty")
	if _, err := super.Exec(t.Context(), `SET session_replication_role = replica; -- it need not add up
		UPDATE orders SET currency = 'JPY', subtotal = 123456789012,
		total = 123456789012, discount = 0, shipping = 0, tax = 0;
		SET session_replication_role = origin;
		UPDATE settings SET currency = 'JPY'`); err != nil {
		t.Fatal(err)
	}
	b.Open(at + "?period=90")
	b.Look("huge")
}
