package orbit_test

import (
	"testing"

	"orbit360.app/orbit"
)

func TestNamesHoldNoLinks(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"Account locked: http://evil.example", "Account locked: HTTPS://evil.example/x",
		"go to evil.com", "evil.com/login", "Pay at www.evil", "evil.co.uk now",
		"a@evil.com", "mailto:x", "(evil.shop)", "evil．com", "evil。com", "http：／／evil", "münchen.de", "xn--mnchen-3ya.de",
		"evil.com.", "login.evil.example", "see t.co/x", "x.com"} {
		if !orbit.HasLink(bad) {
			t.Errorf("%q passes", bad)
		}
		a := orbit.Application{Name: bad, OwnerName: bad, Email: "ada@example.org", Category: "books"}
		_, err := a.Check()
		fields := map[string]bool{}
		for _, f := range orbit.FaultsOf(err) {
			fields[f.Field] = true
		}
		if !fields["name"] || !fields["ownerName"] || len(fields) != 2 {
			t.Errorf("%q: %v", bad, err)
		}
	}
	for _, good := range []string{"Moss & Stone", "J. R. R. Tolkien", "J.R.R. Tolkien", "St.Moritz", "Dr. Who",
		"Books @ Home", "Kōhī Coffee", "A-1 Tools", "Yes!", "No. 7", "3.5 Inch",
		"Smith, Sons & Co.", "Ben and Jerry...", "Ø.Ø", "50/50", "a:b", "O’Brien-Smith", "J.de Vries", "María C.de la Rosa",
		"日本茶", "سوق"} {
		if orbit.HasLink(good) {
			t.Errorf("%q is refused", good)
		}
	}
}

func TestMailbox(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"Ada@Example.com": "ada@example.com", "ada+1@example.com": "ada@example.com",
		"a+b+c@example.com": "a@example.com", "nothing": "nothing"} {
		if got := orbit.Mailbox(in); got != want {
			t.Errorf("%s: %s", in, got)
		}
	}
}
