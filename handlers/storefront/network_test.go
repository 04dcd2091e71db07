package storefront_test

import (
	"fmt"
	"net"
	"net/url"
	"testing"
	"time"
)

// A new address for each cart doesn't help within one IPv6 /64, nor, in the end, a new /64 within one /48.
func TestCartsAreCountedByNetwork(t *testing.T) {
	t.Parallel()
	s := begin(t, "http")
	add := url.Values{"variant": {s.variant("moss", "terracotta-planter")}}
	open := func(address string) int {
		s.peer = net.ParseIP(address)
		defer func() { s.peer = nil }()
		return s.ask("POST", "moss", "/cart/add", "", add, false).status
	}
	opened, began := 0, time.Now()
	for i := range 140 {
		if status := open(fmt.Sprintf("2001:db8:1:2:%x::%x", i, i+1)); status == 303 {
			opened++
		} else if status != 429 {
			t.Fatal(status)
		}
	}
	// one comes back every 30 seconds
	if most := 121 + int(time.Since(began)/(30*time.Second)); opened < 120 || opened > most {
		t.Error("carts from one /64:", opened)
	}
	if status := open("2001:db8:1:3::1"); status != 303 {
		t.Error("the neighbor's /64:", status)
	}
	if _, err := s.super.Exec(t.Context(), `UPDATE throttles SET arrival = now() + interval '2 hours'
		WHERE key = 'cart 2001:db8:1::/48'`); err != nil {
		t.Fatal(err)
	}
	if status := open("2001:db8:1:4::1"); status != 429 {
		t.Error("a /48 has no bound of its own:", status)
	}
	if status := open("2001:db8:2:4::1"); status != 303 {
		t.Error("another /48:", status)
	}
}
