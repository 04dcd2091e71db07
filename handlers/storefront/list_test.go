package storefront_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// A list that is asked for by what it hasn't is at its own address, without that: every link of the page would repeat
// it.
func TestListsDropWhatTheyHaventGot(t *testing.T) {
	t.Parallel()
	s := begin(t, "http")
	many := url.Values{"option.Glaze": {"Moss"}, "utm_source": {"letter"}, "page": {"3"}, "sort": {"price"}}
	for i := range 8 {
		for j := range 22 {
			many.Add(fmt.Sprintf("option.Unknown %d", i), fmt.Sprintf("a value of some length, number %d", j))
		}
	}
	for target, want := range map[string]string{
		"/collections/all?" +
			many.Encode(): "/collections/all?option.Glaze=Moss&sort=price&utm_source=letter",
		"/collections/all?option.Glaze=Moss&option.Glaze=Plaid": "/collections/all?option.Glaze=Moss",
		"/collections/all?option.Glaze=Moss&option.Glaze=Moss":  "/collections/all?option.Glaze=Moss",
		"/collections/all?option.Planet=Mars":                   "/collections/all",
		"/search?q=mug&option.Planet=Mars":                      "/search?q=mug",
		"/search?q=zzzz&option.Planet=Mars":                     "/search?q=zzzz",
		"/search?option.Planet=Mars":                            "/search",
		"/search?q=" + strings.Repeat("a+", 50):                 "/search?q=a",
		"/search?q=one+two+three+four+five+six+seven+eight":     "/search?q=one+two+three+four+five+six",
		"/search?q=Mug+m%C3%BBg+++MUG":                          "/search?q=Mug",
	} {
		a := s.get("moss", target)
		if a.status != 303 || a.location != want {
			t.Errorf("%.80s: %d, %q, want %q", target, a.status, a.location, want)
		}
		if again := s.get("moss", want); again.status != 200 || len(again.body) > 100_000 {
			t.Errorf("%s: %d with %d bytes", want, again.status, len(again.body))
		}
	}
	// The order of values is nobody's fault.
	for _, target := range []string{"/collections/all?option.Glaze=Night&option.Glaze=Moss",
		"/search?q=mug&option.Glaze=Moss&unknown=1", "/collections/all?q=1", "/search?q=+mug++10+"} {
		if a := s.get("moss", target); a.status != 200 {
			t.Errorf("%s: %d, %q", target, a.status, a.location)
		}
	}
}
