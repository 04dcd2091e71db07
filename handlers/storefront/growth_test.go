package storefront_test

import (
	"fmt"
	"net"
	"net/url"
	"strings"
	"testing"

	"orbit360.app/orbit"
)

// TestMadeUpCartsAreThrottled: a cookie that looks like a cart's is worth no more than none.
func TestMadeUpCartsAreThrottled(t *testing.T) {
	t.Parallel()
	s := begin(t, "http")
	s.peer = net.IPv4(192, 0, 2, 7)
	form := url.Values{"variant": {s.variant("moss", "terracotta-planter")}}
	var real string
	for i := range 140 {
		a := s.ask("POST", "moss", "/cart/add", "cart="+fmt.Sprintf("%043d", i), form, false)
		switch {
		case i < 120 && a.status != 303, i >= 130 && a.status != 429:
			t.Fatal(i, a.status)
		case i == 0:
			real = "cart=" + a.cookies["cart"]
		}
	}
	if n := s.count(`SELECT count(*) FROM carts`); n < 120 || n > 130 {
		t.Error("carts:", n)
	}
	if a := s.ask("POST", "moss", "/cart/add", real, form, false); a.status != 303 {
		t.Error("a shopper with a cart goes on:", a.status)
	}
	if a := s.ask("POST", "nord", "/cart/add", real, url.Values{"variant": {s.variant("nord", "terracotta-planter")}},
		false); a.status != 429 {
		t.Error("another shop's cart:", a.status)
	}
}

// TestEmptyCartsEndSooner: nobody misses a cart with nothing in it.
func TestEmptyCartsEndSooner(t *testing.T) {
	t.Parallel()
	s := begin(t, "http")
	days := func() int {
		return s.count(`SELECT round(extract(epoch FROM max(expires_at) - now()) / 86400)::int FROM carts`)
	}
	full, empty := int(orbit.CartLife.Hours()/24), int(orbit.EmptyCartLife.Hours()/24)
	cookie, mug := s.shopper("moss", "stoneware-mug", "1"), s.variant("moss", "stoneware-mug")
	if got := days(); got != full {
		t.Error("a cart with something in it:", got)
	}
	s.ask("POST", "moss", "/cart/change", cookie, url.Values{"remove": {mug}}, false)
	if got := days(); got != empty {
		t.Error("an emptied one:", got)
	}
	s.ask("POST", "moss", "/cart/add", cookie, url.Values{"variant": {mug}}, false)
	if got := days(); got != full {
		t.Error("filled again:", got)
	}
	form := s.checkout("moss", cookie)
	if a := s.ask("POST", "moss", "/checkout", cookie, form, false); !strings.HasPrefix(a.location, "/orders/") {
		t.Fatalf("%+v", a)
	}
	if got := days(); got != empty {
		t.Error("one that was bought:", got)
	}
}
