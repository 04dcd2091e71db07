package storefront_test

import (
	"net/url"
	"strings"
	"testing"

	"orbit360.app/orbit"
)

// TestPaymentRefused: a payment that its provider refuses is said on the form as it was sent, with nothing held, and
// the shopper pays in another way; an order that waits for its money still does.
func TestPaymentRefused(t *testing.T) {
	t.Parallel()
	s := begin(t, "http")
	s.takeTests()
	if _, err := s.super.Exec(t.Context(), `INSERT INTO payment_methods (merchant_id, kind, name, enabled)
		SELECT id, 'stripe', 'Card', true FROM merchants WHERE subdomain = 'moss'`); err != nil {
		t.Fatal(err)
	}
	mug := s.variant("moss", "stoneware-mug")
	stock := s.count(`SELECT stock FROM variants WHERE id = $1`, mug)
	cookie := s.shopper("moss", "stoneware-mug", "2")
	form := s.checkout("moss", cookie)
	form.Set("payment", "stripe")
	refused := s.ask("POST", "moss", "/checkout", cookie, form, false)
	doc := refused.doc(t)
	if refused.status != 409 || !strings.Contains(doc.Find(".notice").Text(), "can't be used right now") ||
		doc.Find("#email").AttrOr("value", "") != "ada@example.com" ||
		s.count(`SELECT stock FROM variants WHERE id = $1`, mug) != stock {
		t.Errorf("%d %s", refused.status, doc.Find("main").Text())
	}
	key := doc.Find("[name=key]").AttrOr("value", "")
	if key == "" || key == form.Get("key") {
		t.Error("the key of the form that was refused")
	}
	form.Set("key", key)
	form.Set("payment", "test")
	s.choose(cookie, s.pay(cookie, form), orbit.TestSucceed)
	if s.count(`SELECT count(*) FROM orders WHERE paid = total`) != 1 ||
		s.count(`SELECT stock FROM variants WHERE id = $1`, mug) != stock-2 {
		t.Error("it isn't paid in another way")
	}

	cookie = s.shopper("moss", "stoneware-mug", "1")
	form = s.checkout("moss", cookie)
	form.Set("payment", "manual")
	order := s.ask("POST", "moss", "/checkout", cookie, form, false).location
	later := s.ask("POST", "moss", order+"/payment", cookie, url.Values{"payment": {"stripe"}}, false)
	if doc := later.doc(t); later.status != 409 || !strings.Contains(doc.Text(), "can't be used right now") ||
		doc.Find("[name=payment][value=test]").Length() == 0 {
		t.Errorf("%d %s", later.status, doc.Find("main").Text())
	}
	if s.count(`SELECT count(*) FROM orders WHERE status = 'open' AND paid = 0`) != 1 {
		t.Error("the order is gone")
	}
}
