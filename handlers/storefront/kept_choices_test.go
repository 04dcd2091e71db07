package storefront_test

import (
	"maps"
	"net/url"
	"strconv"
	"strings"
	"testing"
)

func (s *street) quantity(cookie string) string {
	s.Helper()
	return s.ask("GET", "moss", "/cart", cookie, nil, false).doc(s).Find(".line-change input").AttrOr("value", "")
}

// Leaving the cart by its button keeps what was typed, without scripts too.
func TestCheckoutKeepsQuantities(t *testing.T) {
	t.Parallel()
	s := begin(t, "http")
	cookie := s.shopper("moss", "stoneware-mug", "1")
	mug := s.variant("moss", "stoneware-mug")
	page := s.ask("GET", "moss", "/cart", cookie, nil, false).doc(t)
	button := page.Find("main button[name=then]")
	if form := button.AttrOr("form", ""); form == "" || page.Find("form#"+form).AttrOr("action", "") != "/cart/change" ||
		page.Find(`main a[href="/checkout"]`).Length() != 0 {
		t.Fatal("the way to the checkout leaves the cart's form behind")
	}
	a := s.ask("POST", "moss", "/cart/change", cookie, url.Values{"quantity." + mug: {"3"}, "then": {"checkout"}}, false)
	if a.status != 303 || a.location != "/checkout" || s.quantity(cookie) != "3" {
		t.Error(a.status, a.location, s.quantity(cookie))
	}
	// what can't be is shown as it was typed, and nothing else of it is dropped
	board := s.variant("moss", "olive-wood-board")
	s.ask("POST", "moss", "/cart/add", cookie, url.Values{"variant": {board}}, false)
	a = s.ask("POST", "moss", "/cart/change", cookie, url.Values{"quantity." + mug: {"2"}, "quantity." + board: {"many"},
		"then": {"checkout"}}, false)
	doc := a.doc(t)
	if a.status != 422 || doc.Find(`[name="quantity.`+mug+`"]`).AttrOr("value", "") != "2" ||
		doc.Find(`[name="quantity.`+board+`"]`).AttrOr("value", "") != "many" ||
		!strings.Contains(doc.Find(".notice").Text(), "from 0 to 999") {
		t.Error(a.status, doc.Find("main").Text())
	}
}

// Where there are fewer than were asked for, that is said, and said before anything is bought.
func TestFewerThanAskedFor(t *testing.T) {
	t.Parallel()
	s := begin(t, "http")
	mug, board := s.variant("moss", "stoneware-mug"), s.variant("moss", "olive-wood-board")
	stock := func(variant string, n int) {
		if _, err := s.super.Exec(t.Context(), `UPDATE variants SET stock = $2 WHERE id = $1`, variant, n); err != nil {
			t.Fatal(err)
		}
	}
	stock(mug, 3)
	a := s.ask("POST", "moss", "/cart/add", "", url.Values{"variant": {mug}, "quantity": {"10"}}, false)
	cookie := "cart=" + a.cookies["cart"]
	if doc := s.ask("GET", "moss", a.location, cookie, nil, false).doc(t); !strings.Contains(doc.Find(".notice").Text(),
		"only 3 of Stoneware Mug") || doc.Find(".line-change input").AttrOr("value", "") != "3" {
		t.Error(a.location, doc.Find("main").Text())
	}
	a = s.ask("POST", "moss", "/cart/change", cookie, url.Values{"quantity." + mug: {"7"}, "then": {"checkout"}}, false)
	if doc := s.ask("GET", "moss", a.location, cookie, nil, false).doc(t); !strings.HasPrefix(a.location, "/cart?") ||
		!strings.Contains(doc.Find(".notice").Text(), "only 3 of Stoneware Mug") {
		t.Error(a.location)
	}
	// the address alone makes nothing true
	if doc := s.ask("GET", "moss", "/cart?fewer="+board+"&fewer=%3Cb%3E&fewer="+s.variant("nord", "stoneware-mug"), cookie,
		nil, false).doc(t); doc.Find(".notice").Length() != 0 {
		t.Error(doc.Find(".notice").Text())
	}
	s.ask("POST", "moss", "/cart/add", cookie, url.Values{"variant": {board}}, false)
	form := s.checkout("moss", cookie)

	stock(mug, 2)
	stock(board, 0)
	told := func(doc string) bool {
		return strings.Contains(doc, "Only 2 left.") && strings.Contains(doc, "Sold out.")
	}
	if page := s.ask("GET", "moss", "/checkout", cookie, nil, false); !told(page.body) ||
		page.doc(t).Find(`button[value=adjust]`).Length() != 1 {
		t.Error("the checkout doesn't say what is sold out")
	}
	if page := s.ask("POST", "moss", "/checkout", cookie, form, false); page.status != 409 || !told(page.body) ||
		page.doc(t).Find("#line1").AttrOr("value", "") != "12 Quay Street" {
		t.Error("placing the order drops the details:", page.status)
	}
	form.Set("action", "adjust")
	page := s.ask("POST", "moss", "/checkout", cookie, form, false)
	if doc := page.doc(t); page.status != 200 || doc.Find(".summary .line").Length() != 1 ||
		doc.Find("#line1").AttrOr("value", "") != "12 Quay Street" || doc.Find(`button[value=adjust]`).Length() != 0 ||
		page.cookies["cart-count"] != "2" {
		t.Error(page.status, page.cookies, doc.Find(".summary").Text())
	}
	form.Set("action", "order")
	form.Set("seen", page.doc(t).Find("input[name=seen]").AttrOr("value", ""))
	if a := s.ask("POST", "moss", "/checkout", cookie, form, false); a.status != 303 ||
		s.count(`SELECT sum(quantity) FROM order_lines`) != 2 {
		t.Error(a.status)
	}
}

// An old checkout form, sent again with something new in the cart, buys nothing and loses nothing.
func TestOldCheckoutForm(t *testing.T) {
	t.Parallel()
	s := begin(t, "http")
	cookie := s.shopper("moss", "stoneware-mug", "1")
	form := s.checkout("moss", cookie)
	first := s.ask("POST", "moss", "/checkout", cookie, form, false)
	if first.status != 303 {
		t.Fatal(first.status)
	}
	s.ask("POST", "moss", "/cart/add", cookie, url.Values{"variant": {s.variant("moss", "olive-wood-board")}}, false)
	form.Set("line1", "1 New Street")
	form.Set("note", "Leave it at the door")
	again := s.ask("POST", "moss", "/checkout", cookie, form, false)
	doc := again.doc(t)
	if again.status != 409 || !strings.Contains(doc.Find(".notice").Text(), "isn't ordered yet") ||
		doc.Find("#line1").AttrOr("value", "") != "1 New Street" || doc.Find("#note").Text() != "Leave it at the door" ||
		again.cookies["cart-count"] != "1" || doc.Find(".summary .line").Length() != 1 {
		t.Error(again.status, again.cookies, doc.Find("main").Text())
	}
	for _, name := range []string{"key", "seen"} {
		form.Set(name, doc.Find("input[name="+name+"]").AttrOr("value", ""))
	}
	if second := s.ask("POST", "moss", "/checkout", cookie, form, false); second.status != 303 ||
		second.location == first.location || s.count(`SELECT count(*) FROM orders`) != 2 {
		t.Error(second.status, second.location)
	}
}

// "Add to cart" of a page says so where its product has gone since.
func TestAddWhatIsGone(t *testing.T) {
	t.Parallel()
	s := begin(t, "http")
	cookie := s.shopper("moss", "stoneware-mug", "1")
	board := s.variant("moss", "olive-wood-board")
	if _, err := s.super.Exec(t.Context(), `DELETE FROM products WHERE merchant_id = $1 AND handle = 'olive-wood-board'`,
		s.moss.String()); err != nil {
		t.Fatal(err)
	}
	a := s.ask("POST", "moss", "/cart/add", cookie, url.Values{"variant": {board}}, false)
	if a.status != 404 || !strings.Contains(a.doc(t).Find(".notice").Text(), "is no longer available") ||
		a.doc(t).Find(".line").Length() != 1 {
		t.Error(a.status, a.body)
	}
	if a := s.ask("POST", "moss", "/cart/add", cookie, url.Values{"variant": {board}}, false, "X-Fragment",
		"added"); a.status != 404 || !strings.Contains(a.doc(t).Find(".added").Text(), "is no longer available") {
		t.Error(a.status, a.body)
	}
}

// An order of nothing asks for no money.
func TestNothingToPay(t *testing.T) {
	t.Parallel()
	s := begin(t, "http")
	for _, sql := range []string{`INSERT INTO discounts (merchant_id, code, kind, value, minimum, active)
		SELECT id, 'GIFT', 'percent', 100, 0, true FROM merchants`,
		`UPDATE shipping_rates SET price = 0 WHERE name = 'Standard'`} {
		if _, err := s.super.Exec(t.Context(), sql); err != nil {
			t.Fatal(err)
		}
	}
	cookie := s.shopper("moss", "stoneware-mug", "1")
	form := s.checkout("moss", cookie)
	form.Set("discount", "gift")
	form.Del("payment")
	update := maps.Clone(form)
	update.Set("action", "update")
	page := s.ask("POST", "moss", "/checkout", cookie, update, false).doc(t)
	if page.Find("input[name=payment]").Length() != 0 || !strings.Contains(page.Find("#payment").Text(),
		"nothing to pay") {
		t.Error(page.Find("#payment").Text())
	}
	form.Set("seen", page.Find("input[name=seen]").AttrOr("value", ""))
	a := s.ask("POST", "moss", "/checkout", cookie, form, false)
	if a.status != 303 {
		t.Fatal(a.status, a.body)
	}
	order := s.get("moss", a.location)
	if strings.Contains(order.body, "Bank transfer") || strings.Contains(order.body, "Transfer the total") ||
		strings.Contains(order.body, "payment has arrived") || !strings.Contains(order.body, "Nothing to pay") {
		t.Error(order.body)
	}
	if n := s.count(`SELECT count(*) FROM orders o JOIN payments p ON p.order_id = o.id WHERE o.payment_status = 'paid'
		AND o.paid_at IS NOT NULL AND p.status = 'paid' AND p.amount = 0`); n != 1 {
		t.Error("paid orders:", n)
	}
	emails, _, err := s.db.Emails(t.Context(), "ada@example.com", 10, 0)
	if err != nil || len(emails) != 1 {
		t.Fatal(emails, err)
	}
	if m, err := s.db.Email(t.Context(), emails[0].ID); err != nil || strings.Contains(m.Text, "Transfer") {
		t.Error(m.Text, err)
	}
}

func TestRegions(t *testing.T) {
	t.Parallel()
	s := begin(t, "http")
	cookie := s.shopper("moss", "stoneware-mug", "1")
	form := s.checkout("moss", cookie)
	for country, want := range map[string]int{"US": 62, "CA": 13, "AU": 8, "GB": 0, "": 0} {
		form.Set("country", country)
		form.Set("action", "update")
		doc := s.ask("POST", "moss", "/checkout", cookie, form, false).doc(t)
		if n := doc.Find(`select#region option[value!=""]`).Length(); n != want || want == 0 &&
			doc.Find("input#region").Length() != 1 {
			t.Errorf("%s: %d regions, want %d", country, n, want)
		}
	}
	form.Set("action", "order")
	form.Set("country", "US")
	for typed, want := range map[string]int{"": 422, "Bavaria": 422, "ON": 422} {
		form.Set("region", typed)
		if a := s.ask("POST", "moss", "/checkout", cookie, form, false); a.status != want ||
			!strings.Contains(a.doc(t).Find("#region-fault").Text(), "Choose a state") {
			t.Error(strconv.Quote(typed), a.status)
		}
	}
	form.Set("region", "new york")
	if a := s.ask("POST", "moss", "/checkout", cookie, form, false); a.status != 303 ||
		s.count(`SELECT count(*) FROM orders WHERE address ->> 'region' = 'NY'`) != 1 {
		t.Error(a.status, a.body)
	}
}

// A confirmation is promised only where it can be sent, and the page doesn't go on promising one that was refused.
func TestConfirmationThatCannotBeSent(t *testing.T) {
	t.Parallel()
	s := begin(t, "http")
	cookie := s.shopper("moss", "stoneware-mug", "1")
	form := s.checkout("moss", cookie)
	form.Set("email", "müller@example.com")
	a := s.ask("POST", "moss", "/checkout", cookie, form, false)
	if doc := a.doc(t); a.status != 422 || !strings.Contains(doc.Find("#email-fault").Text(),
		"can't be sent to this address") || doc.Find("#email").AttrOr("value", "") != "müller@example.com" ||
		s.count(`SELECT count(*) FROM orders`) != 0 {
		t.Error(a.status, doc.Find("#email-fault").Text())
	}
	form.Set("email", "ada@müller.example")
	a = s.ask("POST", "moss", "/checkout", cookie, form, false)
	if page := s.get("moss", a.location); a.status != 303 ||
		!strings.Contains(page.body, "on its way to ada@xn--mller-kva.example") {
		t.Error(a.status)
	}
	if _, err := s.super.Exec(t.Context(), `UPDATE emails SET status = 'failed'
		WHERE recipient = 'ada@xn--mller-kva.example'`); err != nil {
		t.Fatal(err)
	}
	if page := s.get("moss", a.location); strings.Contains(page.body, "on its way to") ||
		!strings.Contains(page.body, "couldn&#39;t be delivered") {
		t.Error(page.doc(t).Find("main").Text())
	}
}

// A page after a list's last leads back to the list as it was narrowed.
func TestListPastTheEnd(t *testing.T) {
	t.Parallel()
	s := begin(t, "http")
	for target, back := range map[string]string{"/collections/all?page=9": "/collections/all",
		"/search?page=9&q=mug": "/search?q=mug"} {
		a := s.get("moss", target)
		if a.status != 404 || !strings.Contains(a.body, "The list has fewer pages") ||
			a.doc(t).Find(`main a[href="`+back+`"]`).Length() != 1 {
			t.Error(target, a.status, a.doc(t).Find("main").Text())
		}
	}
	if a := s.get("moss", "/products/none"); a.doc(t).Find(`main a[href="/"]`).Length() == 0 {
		t.Error("no way home")
	}
}
