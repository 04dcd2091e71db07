package paypal

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"orbit360.app/orbit"
)

// TestCurrencies holds the table against PayPal's page of 2026-08-07.
// https://developer.paypal.com/api/rest/reference/currency-codes/
func TestCurrencies(t *testing.T) {
	t.Parallel()
	taken := strings.Fields("AUD BRL CAD CNY CZK DKK EUR HKD HUF ILS JPY MYR MXN TWD NZD NOK PHP PLN GBP SGD SEK CHF " +
		"THB USD")
	whole := strings.Fields("HUF JPY TWD")
	for _, c := range orbit.Currencies() {
		m := orbit.Money{Amount: 129900, Currency: c.Value}
		got, err := moneyOf(m)
		if !slices.Contains(taken, c.Value) {
			if orbit.CodeOf(err) != orbit.Invalid || !strings.Contains(orbit.Sentence(err), c.Value) || Takes(c.Value) {
				t.Errorf("%s: %v %v", c.Value, got, err)
			}
			continue
		}
		want := m.Decimal()
		if slices.Contains(whole, c.Value) {
			want, _, _ = strings.Cut(want, ".")
		}
		if err != nil || got != (money{c.Value, want}) || !Takes(c.Value) {
			t.Errorf("%s: %v %v", c.Value, got, err)
		}
		if back, err := got.read(); err != nil || back != m {
			t.Errorf("%s comes back as %v %v", c.Value, back, err)
		}
	}
}

func TestAmounts(t *testing.T) {
	t.Parallel()
	for m, want := range map[orbit.Money]string{
		{Amount: 1, Currency: "EUR"}: "0.01", {Amount: 100, Currency: "EUR"}: "1.00",
		{Amount: 1, Currency: "JPY"}: "1", {Amount: 123400, Currency: "HUF"}: "1234",
		{Amount: 123450, Currency: "HUF"}: "", {Amount: 1, Currency: "TWD"}: "",
		{Amount: 0, Currency: "EUR"}: "", {Amount: -100, Currency: "EUR"}: "", {Amount: 100, Currency: ""}: "",
		{Amount: 999999999999, Currency: "USD"}: "9999999999.99",
	} {
		got, err := moneyOf(m)
		if (err != nil) != (want == "") || got.Value != want {
			t.Errorf("%v: %v %v", m, got, err)
		}
	}
	for in, want := range map[money]int64{
		{"EUR", "12.30"}: 1230, {"EUR", "12.3"}: 1230, {"EUR", "12"}: 1200, {"EUR", "12.300"}: 1230,
		{"HUF", "1234"}: 123400, {"HUF", "1234.00"}: 123400, {"JPY", "12"}: 12, {"JPY", "12.00"}: 12,
		{"EUR", "12.301"}: -1, {"JPY", "12.5"}: -1, {"EUR", ""}: -1, {"EUR", "-1.00"}: -1, {"EUR", "1e3"}: -1,
		{"EUR", "1,000.00"}: -1, {"", "1.00"}: -1, {"XXX", "1.00"}: -1, {"EUR", "99999999999999999999"}: -1,
		{"EUR", "+1.00"}: -1, {"EUR", " 1.00"}: -1, {"EUR", "1.00\n"}: -1,
	} {
		got, err := in.read()
		if (err != nil) != (want < 0) || err == nil && got != (orbit.Money{Amount: want, Currency: in.Currency}) {
			t.Errorf("%v: %v %v", in, got, err)
		}
	}
}

func TestTrusted(t *testing.T) {
	t.Parallel()
	real, err := New("", nil)
	if err != nil {
		t.Fatal(err)
	}
	for address, want := range map[string]bool{
		"https://api.paypal.com/v1/notifications/certs/CERT-1":         true,
		"https://api.sandbox.paypal.com/v1/notifications/certs/CERT-1": true,
		"https://API.PayPal.com/v1/notifications/certs/CERT-1":         true,
		"https://paypal.com/":                              true,
		"http://api.paypal.com/":                           false,
		"https://api.paypal.com:443/":                      false,
		"https://api.paypal.com:8443/":                     false,
		"https://user:password@api.paypal.com/":            false,
		"https://paypal.com.evil.test/":                    false,
		"https://evilpaypal.com/":                          false,
		"https://api.paypal.com./":                         false,
		"https://127.0.0.1/":                               false,
		"https://evil.test/.paypal.com":                    false,
		"https://evil.test#.paypal.com":                    false,
		"https://evil.test?.paypal.com":                    false,
		"https://evil.test\\.paypal.com":                   false,
		"//api.paypal.com/":                                false,
		"https:api.paypal.com":                             false,
		"javascript:alert(1)//.paypal.com":                 false,
		"http://127.0.0.1:9/v1/notifications/certs/CERT-1": false,
		"http://127.0.0.1:9.paypal.com/":                   false,
		"":                                                 false,
	} {
		u, err := url.Parse(address)
		if got := err == nil && real.trusted(u); got != want {
			t.Errorf("%q: %v", address, got)
		}
	}
}

// TestWords: of what PayPal says, people read what is safe.
func TestWords(t *testing.T) {
	t.Parallel()
	account := orbit.PaymentAccount{Secrets: map[string]string{ClientSecret: "s3cr3t"}}
	for said, want := range map[string]string{
		"Not enough money": "Not enough money.", "Refused.": "Refused.", "a\x00b\nc": "ab c.", "s3cr3t is wrong": "", "": "",
		strings.Repeat("é", 400): strings.Repeat("é", 299) + "…",
	} {
		no := refusal{Message: "Another", Details: []issue{{Description: said}}}
		if said == "" {
			no.Message = ""
		}
		if got := no.said(account); got != want {
			t.Errorf("%q: %q", said, got)
		}
	}
	if s := short(strings.Repeat("é", 100)); s != strings.Repeat("é", 63) {
		t.Errorf("%q has half a character", s)
	}
}
