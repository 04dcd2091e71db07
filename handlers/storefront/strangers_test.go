package storefront_test

import (
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// The addresses of a payment are known to nobody but its shopper: they can't be guessed, aren't kept by browsers, tell
// no other site, are of one shop, lead nowhere else, and loading them pays nothing.
func TestStrangersAtAPayment(t *testing.T) {
	t.Parallel()
	s := begin(t, "http")
	s.takeTests()
	cookie := s.shopper("moss", "stoneware-mug", "1")
	stock := s.count(`SELECT stock FROM variants WHERE id = $1`, s.variant("moss", "stoneware-mug"))
	_, page := s.hosted(cookie)
	token := s.waiting()
	if !regexp.MustCompile(`^[A-Za-z0-9_-]{43}$`).MatchString(token) || strings.HasSuffix(page, token) {
		t.Error("tokens:", token, page)
	}
	order := "/orders/" + token
	for _, at := range []struct{ method, path string }{{"GET", order}, {"GET", order + "/return"},
		{"POST", order + "/payment"}, {"POST", order + "/cart"}, {"GET", page}, {"POST", page}} {
		var form url.Values
		if at.method == "POST" {
			form = url.Values{"payment": {"test"}, "url": {"https://evil.example"}, "return": {"//evil.example"}}
		}
		for host, want := range map[string]bool{"moss": true, "nord": false} {
			a := s.ask(at.method, host, at.path+"?url=https://evil.example&return=//evil.example", "", form, false)
			found, kept := want && !strings.HasSuffix(at.path, "/cart"), "no-store" // what isn't ordered has no cart
			if found {
				kept = "private, no-store"
			}
			if (a.status != 404) != found {
				t.Errorf("%s %s at %s: %d", at.method, at.path, host, a.status)
			}
			if a.headers["Cache-Control"] != kept || a.headers["Referrer-Policy"] != "same-origin" {
				t.Errorf("%s %s at %s: %v", at.method, at.path, host, a.headers)
			}
			switch a.location {
			case "", order, "http://moss.orbit360.test" + page:
			default:
				t.Errorf("%s %s at %s leads to %q", at.method, at.path, host, a.location)
			}
		}
		for _, guess := range []string{strings.Repeat("A", 43), token[:42], token + "A", strings.ToLower(token)} {
			path := strings.NewReplacer(token, guess, page, "/pay/"+guess).Replace(at.path)
			if a := s.ask(at.method, "moss", path, "", form, false); a.status != 404 {
				t.Errorf("%s %s: %d", at.method, path, a.status)
			}
		}
	}
	if n := s.count(`SELECT count(*) FROM orders`); n != 0 {
		t.Error("orders that nobody paid:", n)
	}
	if n := s.count(`SELECT count(*) FROM payments WHERE status = 'pending'`); n != 1 {
		t.Error("payments that are open:", n)
	}
	if n := s.count(`SELECT stock FROM variants WHERE id = $1`, s.variant("moss", "stoneware-mug")); n != stock-1 {
		t.Error("in stock:", n)
	}
	if doc := s.get("moss", order).doc(t); doc.Find(`a[href="/checkout"]`).Length() != 0 {
		t.Error("a stranger is led to a checkout of nothing")
	}
	if doc := s.ask("GET", "moss", order, cookie, nil, false).doc(t); doc.Find(`a[href="/checkout"]`).Length() != 1 {
		t.Error("no other way to pay")
	}
}

// A provider isn't asked by a page being shown, and by the return address so often and no more.
func TestReloadsAskWithinABound(t *testing.T) {
	t.Parallel()
	s := begin(t, "http")
	s.takeTests()
	_, _ = s.hosted(s.shopper("moss", "stoneware-mug", "1"))
	order := "/orders/" + s.waiting()
	for range 30 {
		s.get("moss", order)
	}
	if n := s.states.Load(); n != 0 {
		t.Error("asked by a page:", n)
	}
	start := time.Now()
	for range 60 {
		if a := s.get("moss", order+"/return"); a.status != 303 || a.location != order {
			t.Fatal(a.status, a.location)
		}
	}
	// 20 at once, and one more in three seconds
	if n, most := s.states.Load(), 21+int64(time.Since(start)/(3*time.Second)); n < 20 || n > most {
		t.Errorf("asked %d times, %d at most", n, most)
	}
}
