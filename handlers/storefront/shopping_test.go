package storefront_test

import (
	"encoding/xml"
	"maps"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

func TestBuying(t *testing.T) {
	t.Parallel()
	s := begin(t, "http")
	cookie := s.shopper("moss", "stoneware-mug", "2")
	page := s.ask("GET", "moss", "/cart", cookie, nil, false)
	if doc := page.doc(t); page.status != 200 || doc.Find(".line").Length() != 1 ||
		!strings.Contains(doc.Find(".line-total").Text(), "$48.00") || doc.Find("meta[name=robots]").Length() != 1 ||
		page.headers["Cache-Control"] != "no-store" {
		t.Error(page.status, page.body)
	}
	// tampered prices and merchants change nothing: the server's own count
	form := s.checkout("moss", cookie)
	form.Set("price", "1")
	form.Set("merchant_id", s.nord.String())
	form.Set("total", "1")
	cheap := maps.Clone(form)
	cheap.Set("seen", "1")
	if a := s.ask("POST", "moss", "/checkout", cookie, cheap, false); a.status != 409 ||
		!strings.Contains(a.body, "The total has changed") || s.count(`SELECT count(*) FROM orders`) != 0 {
		t.Error("another total:", a.status)
	}
	bad := maps.Clone(form)
	bad.Set("email", "ada")
	bad.Set("country", "XX")
	a := s.ask("POST", "moss", "/checkout", cookie, bad, false)
	if doc := a.doc(t); a.status != 422 || doc.Find("#email[aria-invalid]").Length() != 1 ||
		doc.Find("#country-fault").Length() != 1 || doc.Find("#name").AttrOr("value", "") != "Ada Lovelace" ||
		doc.Find("input[name=key]").AttrOr("value", "") != form.Get("key") {
		t.Error(a.status, a.body)
	}
	// Express costs more than the page said at first: that is asked again, then ordered
	form.Set("shipping", "Express")
	a = s.ask("POST", "moss", "/checkout", cookie, form, false)
	if a.status != 409 || !strings.Contains(a.body, "$63.00") {
		t.Error("another rate:", a.status)
	}
	form.Set("seen", a.doc(t).Find("input[name=seen]").AttrOr("value", ""))
	a = s.ask("POST", "moss", "/checkout", cookie, form, false)
	if a.status != 303 || !regexp.MustCompile(`^/orders/[A-Za-z0-9_-]{43}$`).MatchString(a.location) ||
		a.cookies["cart-count"] != "0" {
		t.Fatalf("%+v", a)
	}
	if again := s.ask("POST", "moss", "/checkout", cookie, form, false); again.location != a.location ||
		s.count(`SELECT count(*) FROM orders`) != 1 {
		t.Error("sent twice:", again.location)
	}
	order := s.get("moss", a.location)
	for _, words := range []string{"#1001", "Thank you, Ada", "Stoneware Mug", "$63.00", "12 Quay Street",
		"Bank transfer"} {
		if !strings.Contains(order.body, words) {
			t.Errorf("the confirmation lacks %q", words)
		}
	}
	if _, err := s.super.Exec(t.Context(), `UPDATE products
		SET images = '[{"hash": "0123456789abcdef0123456789abcdef", "alt": "", "width": 800, "height": 600,
			"widths": [320, 800], "jpeg": 800}]'
		WHERE title = 'Stoneware Mug'`); err != nil {
		t.Fatal(err)
	}
	if body := s.get("moss", a.location).body; !strings.Contains(body, "/media/0123456789abcdef0123456789abcdef-") {
		t.Error("the confirmation doesn't show the image")
	}
	if other := s.get("nord", a.location); other.status != 404 {
		t.Error("another shop shows the order:", other.status)
	}
	emails, _, err := s.db.Emails(t.Context(), "ada@example.com", 10, 0)
	if err != nil || len(emails) != 1 {
		t.Fatal(emails, err)
	}
	m, err := s.db.Email(t.Context(), emails[0].ID)
	if err != nil || !strings.Contains(m.Text, "http://moss.orbit360.test"+a.location) ||
		!strings.Contains(m.Subject, "#1001") || strings.Contains(m.HTML, "ORBIT") ||
		!strings.Contains(m.HTML, "Moss &amp; Stone") {
		t.Error(m.Subject, m.Text, err)
	}
}

func TestStrangersInACart(t *testing.T) {
	t.Parallel()
	s := begin(t, "http")
	mug := s.variant("nord", "stoneware-mug")
	for name, form := range map[string]url.Values{"another shop's": {"variant": {mug}},
		"nobody's": {"variant": {orbit.NewID[orbit.Variant]().String()}}, "no id": {"variant": {"1 OR 1=1"}}, "nothing": {}} {
		if a := s.ask("POST", "moss", "/cart/add", "", form, false); a.status != 404 {
			t.Errorf("%s: %d", name, a.status)
		}
	}
	own := s.variant("moss", "stoneware-mug")
	for _, n := range []string{"0", "-1", "1.5", "1e3", "9999999999", "x"} {
		if a := s.ask("POST", "moss", "/cart/add", "", url.Values{"variant": {own}, "quantity": {n}},
			false); a.status != 422 {
			t.Errorf("quantity %s: %d", n, a.status)
		}
	}
	cookie := s.shopper("moss", "stoneware-mug", "1")
	if a := s.ask("GET", "nord", "/cart", cookie, nil, false); strings.Contains(a.body, "Stoneware") {
		t.Error("another shop shows the cart")
	}
	if a := s.ask("GET", "moss", "/cart", "cart="+strings.Repeat("A", 43), nil, false); a.status != 200 ||
		strings.Contains(a.body, "Stoneware") {
		t.Error("a guessed cart")
	}
	for _, header := range [][]string{{"Origin", "https://evil.example"}, {"Origin", "http://nord.orbit360.test"},
		{"Origin", "null"}, {"Origin", "http://moss.orbit360.test", "Sec-Fetch-Site", "cross-site"}} {
		for _, path := range []string{"/cart/add", "/cart/change", "/checkout"} {
			if a := s.ask("POST", "moss", path, cookie, url.Values{"variant": {own}}, false, header...); a.status != 403 {
				t.Errorf("%s with %v: %d", path, header, a.status)
			}
		}
	}
	if a := s.get("moss", "/cart/add?variant="+own); a.status != 404 && a.status != 405 {
		t.Error("a change by GET:", a.status)
	}
	if n := s.count(`SELECT coalesce(sum(quantity), 0) FROM cart_lines`); n != 1 {
		t.Error("things in carts:", n)
	}
}

func TestCartChanges(t *testing.T) {
	t.Parallel()
	s := begin(t, "http")
	cookie := s.shopper("moss", "stoneware-mug", "2")
	board := s.variant("moss", "olive-wood-board")
	fragment := s.ask("POST", "moss", "/cart/add", cookie, url.Values{"variant": {board}}, false, "X-Fragment", "added")
	if fragment.status != 200 || !strings.Contains(fragment.doc(t).Find(".added").Text(),
		"Olive Wood Board is in your cart") || fragment.cookies["cart-count"] != "3" {
		t.Errorf("%+v", fragment)
	}
	doc := s.ask("GET", "moss", "/cart", cookie, nil, false).doc(t)
	form := url.Values{}
	doc.Find(".cart-form input").Each(func(_ int, e *goquery.Selection) { form.Set(e.AttrOr("name", ""), "5") })
	if len(form) != 2 {
		t.Fatal(form)
	}
	form.Set("remove", board)
	if a := s.ask("POST", "moss", "/cart/change", cookie, form, false); a.status != 303 || a.location != "/cart" {
		t.Errorf("%+v", a)
	}
	if a := s.ask("GET", "moss", "/cart", cookie, nil, false); a.doc(t).Find(".line").Length() != 1 ||
		a.cookies["cart-count"] != "5" {
		t.Error(a.body)
	}
	// what was bought by others since
	if _, err := s.super.Exec(t.Context(), `UPDATE variants SET stock = 0`); err != nil {
		t.Fatal(err)
	}
	if a := s.ask("POST", "moss", "/checkout", cookie, s.checkout("moss", cookie), false); a.status != 409 ||
		!strings.Contains(a.body, "Sold out. Remove it to continue.") {
		t.Error(a.status)
	}
	if a := s.ask("POST", "moss", "/cart/add", cookie, url.Values{"variant": {board}}, false, "X-Fragment",
		"added"); a.status != 409 || !strings.Contains(a.body, "sold out") {
		t.Error(a.status, a.body)
	}
}

func TestCookies(t *testing.T) {
	t.Parallel()
	s := begin(t, "https")
	a := s.ask("POST", "moss", "/cart/add", "", url.Values{"variant": {s.variant("moss", "stoneware-mug")}}, false)
	for name, parts := range map[string][]string{"__Host-cart!": {"secure", "HttpOnly", "path=/", "SameSite=Lax",
		"max-age=2592000"}, "__Host-cart-count!": {"secure", "path=/"}} {
		for _, part := range parts {
			if !strings.Contains(strings.ToLower(a.cookies[name]), strings.ToLower(part)) {
				t.Errorf("%s: no %s in %q", name, part, a.cookies[name])
			}
		}
		if strings.Contains(strings.ToLower(a.cookies[name]), "domain") {
			t.Error(a.cookies[name])
		}
	}
	if strings.Contains(a.cookies["__Host-cart-count!"], "HttpOnly") {
		t.Error("the script can't read how full the cart is")
	}
}

// Nothing is sold before a shop is open, nor in a preview.
// TestOrderLimit: at the shop's order limit cart and checkout say so before a form is filled in, and nothing is sold.
func TestOrderLimit(t *testing.T) {
	t.Parallel()
	s := begin(t, "http")
	const limit = "reached its order limit for this month"
	cookie := s.shopper("moss", "stoneware-mug", "2")
	for _, path := range []string{"/cart", "/checkout"} {
		if a := s.ask("GET", "moss", path, cookie, nil, false); strings.Contains(a.body, limit) {
			t.Error("below the limit:", path)
		}
	}
	form := s.checkout("moss", cookie)
	if _, err := s.super.Exec(t.Context(), `INSERT INTO order_numbers (merchant_id, last, month, in_month)
		SELECT m.id, 1007, date_trunc('month', now(), 'UTC') AT TIME ZONE 'UTC', (p.limits ->> 'ordersPerMonth')::bigint
		FROM merchants m JOIN plans p ON p.id = m.plan_id WHERE m.subdomain = 'moss'`); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/cart", "/checkout"} {
		if a := s.ask("GET", "moss", path, cookie, nil, false); a.status != 200 ||
			!strings.Contains(a.doc(t).Find(".notice[role=alert]").Text(), limit) {
			t.Error("at the limit:", path, a.status)
		}
	}
	if a := s.ask("POST", "moss", "/checkout", cookie, form, false); a.status != 409 ||
		!strings.Contains(a.body, limit) || s.count(`SELECT count(*) FROM orders`) != 0 {
		t.Error("sold:", a.status)
	}
	// In the next month, and on a larger plan, it is as ever.
	if _, err := s.super.Exec(t.Context(), `UPDATE order_numbers SET month = month - interval '1 month'`); err != nil {
		t.Fatal(err)
	}
	if a := s.ask("GET", "moss", "/checkout", cookie, nil, false); strings.Contains(a.body, limit) {
		t.Error("last month's orders count")
	}
}

func TestClosedShops(t *testing.T) {
	t.Parallel()
	s := begin(t, "http")
	s.shop("Not yet", "later", false)
	if a := s.get("later", "/checkout"); !strings.Contains(a.body, "Opening soon") {
		t.Error(a.body)
	}
	var variant string
	if err := s.super.QueryRow(t.Context(), `SELECT v.id::text FROM variants v JOIN merchants m ON m.id = v.merchant_id
		WHERE m.subdomain = 'later' LIMIT 1`).Scan(&variant); err != nil {
		t.Fatal(err)
	}
	s.ask("POST", "later", "/cart/add", "", url.Values{"variant": {variant}}, false)
	if a := s.ask("POST", "later", "/cart/add", "", url.Values{"variant": {variant}}, true); a.status != 403 {
		t.Error("the platform's own visit:", a.status)
	}
	if a := s.ask("POST", "moss", "/cart/add?preview=x", "", url.Values{"variant": {s.variant("moss", "stoneware-mug")}},
		false); a.status != 404 {
		t.Error("a preview that nobody signed:", a.status)
	}
	if n := s.count(`SELECT count(*) FROM carts`); n != 0 {
		t.Error("carts:", n)
	}
}

func TestLists(t *testing.T) {
	t.Parallel()
	s := begin(t, "http")
	for target, want := range map[string]int{
		"/collections/all": 6, "/collections/featured": 4, "/collections/all?option.Size=18+cm": 1,
		"/collections/all?option.Glaze=Moss&option.Glaze=Night": 1, "/collections/all?from=40&to=80": 2,
		"/search?q=mug": 1, "/search?q=terracota": 1, "/search?q=zzzz": 0, "/search": 0,
		"/collections/all?page=x&sort=%00&from=-1&available=maybe": 6,
	} {
		a := s.get("moss", target)
		if n := a.doc(t).Find(".card").Length(); a.status != 200 || n != want {
			t.Errorf("%s: %d with %d products, want %d", target, a.status, n, want)
		}
	}
	first := func(target string) string {
		return s.get("moss", target).doc(t).Find(".card h3").First().Text()
	}
	if up, down := first("/collections/all?sort=price"), first("/collections/all?sort=-price"); up != "Beeswax Candle" ||
		down != "Linen Throw" {
		t.Error(up, down)
	}
	for _, target := range []string{"/collections/all?page=2", "/collections/none", "/products/none", "/pages/none",
		"/orders/none"} {
		if a := s.get("moss", target); a.status != 404 || !strings.Contains(a.body, "Moss &amp; Stone") {
			t.Errorf("%s: %d", target, a.status)
		}
	}
	// price and stock follow the choice, by links alone
	doc := s.get("moss", "/products/terracotta-planter").doc(t)
	next := doc.Find(".values a:not([aria-current])").First()
	chosen := s.get("moss", strings.TrimSuffix(next.AttrOr("href", ""), "#buy")).doc(t)
	if got := strings.TrimSpace(chosen.Find(".values a[aria-current]").Text()); got != strings.TrimSpace(next.Text()) ||
		chosen.Find("form.add input[name=variant]").AttrOr("value",
			"") == doc.Find("form.add input[name=variant]").AttrOr("value", "") {
		t.Errorf("chose %q, got %q", next.Text(), got)
	}
	if canonical := chosen.Find("link[rel=canonical]").AttrOr("href",
		""); canonical != "http://moss.orbit360.test/products/terracotta-planter" {
		t.Error(canonical)
	}
	// the same for everybody
	cookie := s.shopper("moss", "stoneware-mug", "3")
	for _, target := range []string{"/", "/collections/all", "/products/stoneware-mug", "/search?q=mug", "/pages/about"} {
		if with, without := s.ask("GET", "moss", target, cookie, nil, false),
			s.get("moss", target); with.body != without.body || len(with.cookies) > 0 {
			t.Errorf("%s knows its visitor", target)
		}
	}
}

func TestFound(t *testing.T) {
	t.Parallel()
	s := begin(t, "http")
	if _, err := s.super.Exec(t.Context(), `UPDATE products SET status = 'draft' WHERE merchant_id = $1
		AND handle = 'glass-carafe'`, s.moss.String()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.super.Exec(t.Context(), `UPDATE products SET title = 'Nord''s <own> & only' WHERE merchant_id = $1`,
		s.nord.String()); err != nil {
		t.Fatal(err)
	}
	for _, target := range []string{"/sitemap.xml", "/feed.xml"} {
		a := s.get("moss", target)
		var any struct {
			XMLName xml.Name
			Inner   string `xml:",innerxml"`
		}
		if err := xml.Unmarshal([]byte(a.body), &any); err != nil || a.status != 200 ||
			!strings.Contains(a.headers["Content-Type"], "xml") {
			t.Error(target, a.status, err)
		}
		if strings.Contains(a.body, "nord") || strings.Contains(a.body, "Nord") || strings.Contains(a.body, "carafe") ||
			!strings.Contains(a.body, "http://moss.orbit360.test/products/stoneware-mug") {
			t.Error(target, a.body)
		}
	}
	if a := s.get("nord", "/feed.xml"); !strings.Contains(a.body, "Nord&#39;s &lt;own&gt; &amp; only") {
		t.Error(a.body)
	}
	if a := s.get("moss", "/robots.txt"); !strings.Contains(a.body, "Sitemap: http://moss.orbit360.test/sitemap.xml") ||
		!strings.Contains(a.body, "Disallow: /cart") {
		t.Error(a.body)
	}
	data := s.get("moss", "/products/stoneware-mug").doc(t).Find(`script[type="application/ld+json"]`).Text()
	for _, part := range []string{`"@type":"Product"`, `"@type":"BreadcrumbList"`, `"price":"24.00"`} {
		if !strings.Contains(data, part) {
			t.Errorf("no %s", part)
		}
	}
}

// Two hundred browsers want the last mug.
func TestTheLastOne(t *testing.T) {
	t.Parallel()
	s := begin(t, "http")
	mug := s.variant("moss", "stoneware-mug")
	if _, err := s.super.Exec(t.Context(), `UPDATE variants SET stock = 1 WHERE id = $1`, mug); err != nil {
		t.Fatal(err)
	}
	const buyers = 200
	var form url.Values
	cookies, forms := make([]string, buyers), make([]url.Values, buyers)
	for i := range buyers {
		var token string
		err := shop.For(s.db, s.moss).Do(t.Context(), func(tt *shop.Tenant) (err error) {
			id, _ := orbit.ParseID[orbit.Variant](mug)
			token, _, err = tt.AddToCart(t.Context(), "", id, 1)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		cookies[i] = "cart=" + token
		if i == 0 {
			form = s.checkout("moss", cookies[0])
		}
		forms[i] = maps.Clone(form)
		forms[i].Set("key", orbit.NewID[orbit.Order]().String())
	}
	statuses := make([]int, buyers)
	var wg sync.WaitGroup
	for i := range buyers {
		wg.Go(func() { statuses[i] = s.ask("POST", "moss", "/checkout", cookies[i], forms[i], false).status })
	}
	wg.Wait()
	n := map[int]int{}
	for _, status := range statuses {
		n[status]++
	}
	if n[303] != 1 || n[409] != buyers-1 || s.count(`SELECT count(*) FROM orders`) != 1 ||
		s.count(`SELECT stock FROM variants WHERE id = $1`, mug) != 0 {
		t.Error(n)
	}
}
