package storefront_test

import (
	"net/url"
	"regexp"
	"strings"
	"sync"
	"testing"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

// takeTests has both shops take Test payments beside the manual method.
func (s *street) takeTests() {
	s.Helper()
	if _, err := s.super.Exec(s.Context(), `INSERT INTO payment_methods (merchant_id, kind, name, enabled)
		SELECT id, 'test', 'Test payments', true FROM merchants WHERE subdomain IN ('moss', 'nord')
		ON CONFLICT (merchant_id, kind) DO UPDATE SET enabled = true`); err != nil {
		s.Fatal(err)
	}
}

// hosted sends a checkout that is to be paid at Test payments, and returns the form with the page's path.
func (s *street) hosted(cookie string) (form url.Values, page string) {
	s.Helper()
	form = s.checkout("moss", cookie)
	form.Set("payment", "test")
	return form, s.pay(cookie, form)
}

func (s *street) pay(cookie string, form url.Values) (page string) {
	s.Helper()
	a := s.ask("POST", "moss", "/checkout", cookie, form, false)
	page, ok := strings.CutPrefix(a.location, "http://moss.orbit360.test")
	if a.status != 303 || !ok || !regexp.MustCompile(`^/pay/[A-Za-z0-9_-]{43}$`).MatchString(page) {
		s.Fatalf("%d to %q: %s", a.status, a.location, a.doc(s).Find(".notice").Text())
	}
	return page
}

// choose presses a button of the page and follows to where the shopper ends.
func (s *street) choose(cookie, page string, choice orbit.TestChoice) answer {
	s.Helper()
	a := s.ask("POST", "moss", page, cookie, url.Values{"choice": {string(choice)}}, false)
	for range 3 {
		if a.status != 303 {
			break
		}
		a = s.ask("GET", "moss", strings.TrimPrefix(a.location, "http://moss.orbit360.test"), cookie, nil, false)
	}
	return a
}

// waiting returns the token of the one checkout that is to be paid.
func (s *street) waiting() (token string) {
	s.Helper()
	if err := s.super.QueryRow(s.Context(), `SELECT token FROM checkouts WHERE status = 'open'`).Scan(&token); err != nil {
		s.Fatal(err)
	}
	return token
}

func TestPayingOnAPage(t *testing.T) {
	t.Parallel()
	s := begin(t, "http")
	s.takeTests()
	for choice, want := range map[orbit.TestChoice]struct {
		says   string
		orders int
	}{
		orbit.TestSucceed:        {"Payment received", 1},
		orbit.TestFail:           {"The card was declined.", 0},
		orbit.TestPendingSucceed: {"Payment pending", 1},
		orbit.TestPendingFail:    {"Payment pending", 1},
		orbit.TestNeverReturn:    {"lead back", 0},
		orbit.TestTwice:          {"Payment received", 1},
	} {
		before := s.count(`SELECT count(*) FROM orders`)
		cookie := s.shopper("moss", "stoneware-mug", "2")
		_, page := s.hosted(cookie)
		shown := s.ask("GET", "moss", page, cookie, nil, false)
		if doc := shown.doc(t); shown.status != 200 || doc.Find(".test-choices button").Length() != 6 ||
			!strings.Contains(doc.Text(), "No money moves") || !strings.Contains(doc.Find("h1").Text(), "$53.00") ||
			shown.headers["Cache-Control"] != "private, no-store" || doc.Find("meta[name=robots]").Length() != 1 {
			t.Error(shown.status, shown.headers, shown.body)
		}
		if other := s.ask("GET", "nord", page, "", nil, false); other.status != 404 {
			t.Error("another shop's page:", other.status)
		}
		a := s.choose(cookie, page, choice)
		if a.status != 200 || !strings.Contains(a.body, want.says) {
			t.Errorf("%s: %d %s", choice, a.status, a.doc(t).Find("main").Text())
		}
		if n := s.count(`SELECT count(*) FROM orders`) - before; n != want.orders {
			t.Errorf("%s: %d orders", choice, n)
		}
		if strings.Contains(a.body, "#10") != (want.orders == 1) {
			t.Errorf("%s: an order number shows: %v", choice, want.orders == 0)
		}
		if want.orders == 1 && a.cookies["cart-count"] != "0" {
			t.Errorf("%s: the cart still counts %q", choice, a.cookies["cart-count"])
		}
	}
	if n := s.count(`SELECT count(*) FROM orders WHERE NOT test`); n != 0 {
		t.Error("orders that aren't marked Test:", n)
	}
	if n := s.count(`SELECT count(*) FROM orders o WHERE paid > total`); n != 0 {
		t.Error("orders that keep a second charge:", n)
	}
	if n := s.count(`SELECT count(*) FROM order_transactions WHERE kind = 'adjustment'`); n != 1 {
		t.Error("charges to be paid back:", n)
	}
}

// What a shopper does with the back button, other tabs and a page that has had its time.
func TestComingBackFromThePage(t *testing.T) {
	t.Parallel()
	s := begin(t, "http")
	s.takeTests()
	mug := s.variant("moss", "stoneware-mug")
	cookie := s.shopper("moss", "stoneware-mug", "2")
	form, page := s.hosted(cookie)
	if again := s.pay(cookie, form); again != page {
		t.Error("the same form leads to another page")
	}
	// The last ones, taken for this cart, are its own.
	if _, err := s.super.Exec(t.Context(), `UPDATE variants SET stock = 0 WHERE id = $1`, mug); err != nil {
		t.Fatal(err)
	}
	doc := s.ask("GET", "moss", "/checkout", cookie, nil, false).doc(t)
	if doc.Find("#email").AttrOr("value", "") != "ada@example.com" || doc.Find("[value=adjust]").Length() != 0 {
		t.Error("the checkout that was left:", doc.Find("main").Text())
	}
	// Back, one mug less, and once more: the page before is closed and its stock released.
	s.ask("POST", "moss", "/cart/change", cookie, url.Values{"quantity." + mug: {"1"}}, false)
	form.Set("seen", "2900")
	second := s.pay(cookie, form)
	if second == page {
		t.Fatal("another cart is paid on the same page")
	}
	if n := s.count(`SELECT stock FROM variants WHERE id = $1`, mug); n != 1 {
		t.Error("in stock while one of two is held:", n)
	}
	if a := s.ask("POST", "moss", page, cookie, url.Values{"choice": {"succeed"}}, false); a.status != 409 {
		t.Error("paid on the page that was closed:", a.status)
	}
	// Another tab buys while this one pays: it is led to the order.
	other := s.checkout("moss", cookie)
	other.Set("payment", "test")
	s.ask("POST", "moss", second, cookie, url.Values{"choice": {"succeed"}}, false)
	a := s.ask("POST", "moss", "/checkout", cookie, other, false)
	if !strings.HasPrefix(a.location, "/orders/") || s.count(`SELECT count(*) FROM orders`) != 1 {
		t.Errorf("the tab beside it: %d %q", a.status, a.location)
	}
	if body := s.get("moss", a.location).body; !strings.Contains(body, "Payment received") {
		t.Error(body)
	}
}

func TestExpiredPayment(t *testing.T) {
	t.Parallel()
	s := begin(t, "http")
	s.takeTests()
	cookie := s.shopper("moss", "stoneware-mug", "1")
	form, page := s.hosted(cookie)
	token := ""
	if err := s.super.QueryRow(t.Context(), `SELECT token FROM checkouts`).Scan(&token); err != nil {
		t.Fatal(err)
	}
	waiting := s.get("moss", "/orders/"+token)
	if doc := waiting.doc(t); doc.Find("h1").Text() != "Payment pending" || strings.Contains(waiting.body, "#10") ||
		doc.Find("noscript").Text() != `<meta http-equiv="refresh" content="4;url=/orders/`+token+`/return">` ||
		doc.Find("[data-wait='4']").AttrOr("data-watch", "") != "/orders/"+token+"/return" {
		t.Error(waiting.body)
	}
	if a := s.ask("POST", "moss", "/orders/"+token+"/payment", "", url.Values{},
		false); !strings.HasSuffix(a.location, page) {
		t.Error("Continue to payment leads to", a.location)
	}
	for _, path := range []string{"/orders/" + token, "/orders/" + token + "/return"} {
		if a := s.get("nord", path); a.status != 404 {
			t.Error("another shop:", path, a.status)
		}
	}
	if _, err := s.super.Exec(t.Context(), `UPDATE payments SET expires_at = now() - interval '1 second'`); err != nil {
		t.Fatal(err)
	}
	if a := s.get("moss", page); strings.Contains(a.body, `value="succeed"`) {
		t.Error("a page that has had its time can be paid on")
	}
	if a := s.get("moss", "/orders/"+token+"/return"); a.status != 303 || a.location != "/orders/"+token {
		t.Errorf("%d %q", a.status, a.location)
	}
	over := s.get("moss", "/orders/"+token)
	if doc := over.doc(t); doc.Find("h1").Text() != "This payment has expired" ||
		doc.Find("noscript, [data-watch]").Length() != 0 || doc.Find(`a.button[href="/cart"]`).Length() != 1 {
		t.Error(over.body)
	}
	if a := s.ask("POST", "moss", "/checkout", cookie, form, false); a.status != 409 ||
		!strings.Contains(a.body, "has expired, and nothing was charged") {
		t.Error("the form that has expired:", a.status)
	}
	s.hosted(cookie)
}

// A hundred browsers want the last mug; half of them pay on a page.
func TestTheLastOneOnAPage(t *testing.T) {
	t.Parallel()
	s := begin(t, "http")
	s.takeTests()
	mug := s.variant("moss", "stoneware-mug")
	if _, err := s.super.Exec(t.Context(), `UPDATE variants SET stock = 1 WHERE id = $1`, mug); err != nil {
		t.Fatal(err)
	}
	const buyers = 100
	cookies, forms := make([]string, buyers), make([]url.Values, buyers)
	for i := range buyers {
		err := shop.For(s.db, s.moss).Do(t.Context(), func(tt *shop.Tenant) error {
			id, _ := orbit.ParseID[orbit.Variant](mug)
			token, _, err := tt.AddToCart(t.Context(), "", id, 1)
			cookies[i] = "cart=" + token
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		forms[i] = s.checkout("moss", cookies[i])
		if i%2 == 0 {
			forms[i].Set("payment", "test")
		}
	}
	answers := make([]answer, buyers)
	var all sync.WaitGroup
	for i := range buyers {
		all.Go(func() { answers[i] = s.ask("POST", "moss", "/checkout", cookies[i], forms[i], false) })
	}
	all.Wait()
	sold, told := 0, 0
	for i, a := range answers {
		switch {
		case a.status == 303 && strings.Contains(a.location, "/pay/"):
			sold++
			s.choose(cookies[i], strings.TrimPrefix(a.location, "http://moss.orbit360.test"), orbit.TestSucceed)
		case a.status == 303:
			sold++
		case a.status == 409:
			told++
		}
	}
	if sold != 1 || told != buyers-1 || s.count(`SELECT count(*) FROM orders`) != 1 ||
		s.count(`SELECT stock FROM variants WHERE id = $1`, mug) != 0 {
		t.Errorf("%d sold, %d told", sold, told)
	}
}

// The last use of a code is the shopper's own while they pay, and nobody else's.
func TestOwnDiscountCode(t *testing.T) {
	t.Parallel()
	s := begin(t, "http")
	s.takeTests()
	if _, err := s.super.Exec(t.Context(), `INSERT INTO discounts (merchant_id, code, kind, value, max_uses)
		VALUES ($1, 'ONCE', 'amount', 500, 1)`, s.moss.String()); err != nil {
		t.Fatal(err)
	}
	cookie := s.shopper("moss", "stoneware-mug", "1")
	form := s.checkout("moss", cookie)
	form.Set("payment", "test")
	form.Set("discount", "once")
	form.Set("seen", "2400")
	page := s.pay(cookie, form)
	const fault = "reached its usage limit"
	back := s.ask("GET", "moss", "/checkout", cookie, nil, false)
	if doc := back.doc(t); strings.Contains(back.body, fault) || doc.Find(".codes b").Text() != "ONCE" ||
		doc.Find("input[name=seen]").AttrOr("value", "") != "2400" {
		t.Error("back at the checkout:", doc.Find("#summary").Text())
	}
	// The same anew, with another note: the page before is closed, and the code is taken once.
	form.Set("note", "Ring twice.")
	if again := s.pay(cookie, form); again == page {
		t.Error("another form is paid on the same page")
	}
	if n := s.count(`SELECT used FROM discounts`); n != 1 {
		t.Error("uses:", n)
	}
	other := s.shopper("moss", "stoneware-mug", "1")
	theirs := s.checkout("moss", other)
	theirs.Set("discount", "ONCE")
	if a := s.ask("POST", "moss", "/checkout", other, theirs, false); a.status != 422 || !strings.Contains(a.body, fault) {
		t.Error("somebody else's:", a.status)
	}
}

// A second click on a choice ends where the first did.
func TestChoosingTwice(t *testing.T) {
	t.Parallel()
	s := begin(t, "http")
	s.takeTests()
	for _, choice := range []string{"succeed", "pending_succeed", "twice", "never_return"} {
		cookie := s.shopper("moss", "stoneware-mug", "1")
		_, page := s.hosted(cookie)
		form := url.Values{"choice": {choice}}
		first := s.ask("POST", "moss", page, cookie, form, false)
		second := s.ask("POST", "moss", page, cookie, form, false)
		if first.status != 303 || second.status != 303 || first.location != second.location {
			t.Errorf("%s: %d to %q, then %d to %q", choice, first.status, first.location, second.status, second.location)
		}
		if other := s.ask("POST", "moss", page, cookie, url.Values{"choice": {"fail"}}, false); other.status != 409 {
			t.Errorf("another choice after %s: %d", choice, other.status)
		}
	}
}

// What couldn't be paid for can be bought again.
func TestBuyingAgain(t *testing.T) {
	t.Parallel()
	s := begin(t, "http")
	s.takeTests()
	cookie := s.shopper("moss", "stoneware-mug", "2")
	_, page := s.hosted(cookie)
	order := "/orders/" + s.waiting()
	s.choose(cookie, page, "pending_fail")
	if a := s.get("moss", order); strings.Contains(a.body, "Buy again") {
		t.Error("while the payment is under way")
	}
	if _, err := s.super.Exec(t.Context(),
		`UPDATE test_payments SET chosen_at = chosen_at - interval '1 minute'`); err != nil {
		t.Fatal(err)
	}
	s.get("moss", order+"/return")
	doc := s.get("moss", order).doc(t)
	if doc.Find("h1").Text() != "Order canceled" || doc.Find(`form[action="`+order+`/cart"]`).Length() != 1 ||
		!strings.Contains(doc.Find(".thanks").Text(), "Your payment didn't go through") {
		t.Error(doc.Find("main").Text())
	}
	for _, visitor := range []string{cookie, ""} { // the shopper, and the same on another device
		a := s.ask("POST", "moss", order+"/cart", visitor, url.Values{}, false)
		if a.status != 303 || a.location != "/cart" || a.cookies["cart-count"] != "2" {
			t.Errorf("%d %q %v", a.status, a.location, a.cookies)
		}
	}
	if _, err := s.super.Exec(t.Context(), `UPDATE variants SET stock = 0`); err != nil {
		t.Fatal(err)
	}
	if a := s.ask("POST", "moss", order+"/cart", "", url.Values{}, false); a.status != 409 ||
		!strings.Contains(a.body, "sold out") {
		t.Error("what is sold out:", a.status)
	}
}

// A provider that is away takes nothing: the shopper can try again, or pay in another way.
func TestProviderAway(t *testing.T) {
	t.Parallel()
	s := begin(t, "http")
	s.takeTests()
	cookie := s.shopper("moss", "stoneware-mug", "1")
	form := s.checkout("moss", cookie)
	form.Set("payment", "test")
	s.away.Store(true)
	a := s.ask("POST", "moss", "/checkout", cookie, form, false)
	order := "/orders/" + s.waiting()
	if doc := a.doc(t); a.status != 503 || doc.Find("h1").Text() != "We can't reach the payment page" ||
		strings.TrimSpace(doc.Find(`form[action="`+order+`/payment"] button`).Text()) != "Try again" ||
		doc.Find(`.next-step a[href="/checkout"]`).Text() != "Choose another way to pay" {
		t.Error(a.status, doc.Find("main").Text())
	}
	s.away.Store(false)
	if a := s.ask("POST", "moss", order+"/payment", cookie, url.Values{}, false); a.status != 303 ||
		!strings.HasPrefix(a.location, "http://moss.orbit360.test/pay/") {
		t.Errorf("tried again: %d %q", a.status, a.location)
	}
	form.Set("payment", "manual")
	if a := s.ask("POST", "moss", "/checkout", cookie, form, false); a.status != 303 || a.location == order ||
		!strings.HasPrefix(a.location, "/orders/") || s.count(`SELECT count(*) FROM orders`) != 1 {
		t.Errorf("another way: %d %q", a.status, a.location)
	}
}
