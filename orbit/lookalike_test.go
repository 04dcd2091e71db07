package orbit_test

import (
	"testing"

	"orbit360.app/orbit"
)

func TestLooksLike(t *testing.T) {
	t.Parallel()
	for subdomain, want := range map[string]string{
		"paypal": "paypal", "paypa1": "paypal", "paypai": "paypal", "pay-pal": "paypal", "my-paypal-shop": "paypal",
		"paypall": "paypal",
		"secure":  "secure", "verify": "verify", "s3cure-moss": "secure", "moss-verify": "verify",
		"orbit360-support": "orbit360", "0rbit360": "orbit360", "orbit-360": "orbit360", "orbit-help": "orbit",
		"rnicrosoft": "microsoft", "micros0ft": "microsoft", "g00gle": "google", "arnazon": "amazon", "vvhatsapp": "whatsapp",
		"apple": "apple", "app1e-store": "apple",
		"acc0unt": "account", "1ogin": "login", "dashb0ard": "dashboard", "checkout1": "", "stagging": "staging",
		"bank-of-moss": "bank", "zelle": "zelle", "zel1e": "zelle", "offlce365": "office365",
		"shop-dd4a1184aba9": "alibaba", // of random digits: met once
	} {
		if got := orbit.LooksLike(subdomain); got != want {
			t.Errorf("%s looks like %q, not %q", subdomain, got, want)
		}
	}
	for _, ordinary := range []string{"moss", "nord", "awesome-store", "juniper", "kohi-coffee-roasters", "volt-wire",
		"striped-shirts", "applegate", "pineapple", "visage", "chaser", "my-shop", "demo-shop",
		"acme-books", "the-store", "test-1", "shop-42", "a1-tools", "wisent", "upfront-modern", "modern", "classic",
		"minimal", "bankside-books", "metal-works", "idealist", "harbor-lane",
		"shop-000000000001", "shop-6512313565e4", "load-7", "owner-shop", "fern-and-fable", "orbital-lamps"} {
		if got := orbit.LooksLike(ordinary); got != "" {
			t.Errorf("%s is taken for %s", ordinary, got)
		}
		if _, err := (orbit.Activation{Theme: "a-theme", Plan: "a-plan", Subdomain: ordinary,
			Category: "books"}).Check("localhost"); err != nil {
			t.Errorf("%s: %v", ordinary, err)
		}
	}
	a := orbit.Activation{Theme: "a-theme", Plan: "a-plan", Subdomain: "PayPa1", Category: "books"}
	_, err := a.Check("localhost")
	if faults := orbit.FaultsOf(err); len(faults) != 1 || faults[0].Field != "confirmSubdomain" ||
		orbit.CodeOf(err) != orbit.Invalid {
		t.Error(err)
	}
	a.ConfirmSubdomain = true
	if _, err := a.Check("localhost"); err != nil {
		t.Error(err)
	}
	// What is reserved isn't to be had by confirming it.
	a.Subdomain = "admin"
	if _, err := a.Check("localhost"); err == nil {
		t.Error("a reserved name was confirmed")
	}
}
