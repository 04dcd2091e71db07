package storefront_test

import (
	"net/url"
	"strings"
	"testing"
)

// TestShipTo: the country that a cart is looked at for is kept with its quantities, and stands in the checkout's form.
// One that no zone has is said in the cart and at checkout, and refused, all without scripts.
func TestShipTo(t *testing.T) {
	t.Parallel()
	s := begin(t, "http")
	if _, err := s.super.Exec(t.Context(), `UPDATE shipping_zones SET countries = '{GB,DE}'`); err != nil {
		t.Fatal(err)
	}
	cookie, mug := s.shopper("moss", "stoneware-mug", "1"), s.variant("moss", "stoneware-mug")
	page := s.ask("GET", "moss", "/cart", cookie, nil, false).doc(t)
	if page.Find(`select[name=country][form=cart]`).Length() != 1 || page.Find("form#cart").Length() != 1 {
		t.Fatal("the country isn't in the cart's form:", page.Find("main").Text())
	}
	change := func(pairs ...string) string {
		t.Helper()
		form := url.Values{"quantity." + mug: {"2"}}
		for i := 0; i < len(pairs); i += 2 {
			form.Set(pairs[i], pairs[i+1])
		}
		a := s.ask("POST", "moss", "/cart/change", cookie, form, false)
		if a.status != 303 {
			t.Error(pairs, a.status)
		}
		return a.location
	}
	for _, c := range []struct{ country, then, want string }{
		{"DE", "", "/cart?country=DE"}, {"de", "checkout", "/checkout?country=DE"}, {"", "checkout", "/checkout"},
		{"XX", "", "/cart"}, {"\"><b>", "checkout", "/checkout"}} {
		if got := change("country", c.country, "then", c.then); got != c.want {
			t.Errorf("%q, %q: %s instead of %s", c.country, c.then, got, c.want)
		}
	}
	chosen := func(path string) string {
		return s.ask("GET", "moss", path, cookie, nil, false).doc(t).Find("[name=country] [selected]").AttrOr("value", "")
	}
	if got := chosen("/checkout?country=DE"); got != "DE" {
		t.Error("the checkout begins with", got)
	}
	if got := chosen("/checkout?country=XX"); got != "" {
		t.Error("a country that is none:", got)
	}
	if s.quantity(cookie) != "2" {
		t.Error("the quantity is lost:", s.quantity(cookie))
	}
	a := s.ask("POST", "moss", "/cart/discounts", cookie, url.Values{"code": {"NONE"}, "country": {"DE"}}, false)
	if a.location != "/cart?country=DE" {
		t.Error("a code that is taken out:", a.location)
	}

	const no = "We don't ship to France."
	for _, path := range []string{"/cart?country=FR", "/checkout?country=FR"} {
		if doc := s.ask("GET", "moss", path, cookie, nil, false).doc(t); !strings.Contains(doc.Find("main").Text(), no) {
			t.Error(path, doc.Find("main").Text())
		}
	}
	form := s.checkout("moss", cookie)
	form.Set("country", "FR")
	form.Set("postcode", "75001")
	a = s.ask("POST", "moss", "/checkout", cookie, form, false)
	if a.status != 422 || !strings.Contains(a.doc(t).Find("#country-fault").Text(), no) {
		t.Error("it is sold:", a.status, a.location)
	}
	if n := s.count(`SELECT count(*) FROM orders`); n != 0 {
		t.Error(n, "orders")
	}
}
