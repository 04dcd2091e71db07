package stripe

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"orbit360.app/orbit"
)

// The amounts of docs.stripe.com/currencies, by hand.
func TestAmounts(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		amount   int64 // in ISO's minor units
		currency string
		want     int64
	}{
		{1099, "USD", 1099}, {50, "EUR", 50}, {30, "GBP", 30},
		{500, "JPY", 500}, {50, "JPY", 50}, {1000, "KRW", 1000}, {700, "XPF", 700}, {5000, "VND", 5000}, {9, "BIF", 9},
		{500, "MGA", 5},                  // 5.00 MGA; ISO has two decimals, Stripe none
		{5, "ISK", 500}, {5, "UGX", 500}, // ISO has none, Stripe two
		{17550, "HUF", 17550},                // whole in payouts only
		{12345, "TWD", 12345},                // likewise
		{5120, "KWD", 5120}, {10, "BHD", 10}, // three decimals, the last one 0
		{99999999, "USD", 99999999}, {100000000, "IDR", 100000000}, {999999999999, "IDR", 999999999999},
		{999999, "ISK", 99999900},
	} {
		m := orbit.Money{Amount: c.amount, Currency: c.currency}
		got, currency, err := toCharge(m)
		if got != c.want || currency != strings.ToLower(c.currency) || err != nil {
			t.Errorf("%s: %d %s, %v; want %d", m, got, currency, err, c.want)
		}
		if back, err := fromStripe(got, currency); back != m || err != nil {
			t.Errorf("%s is %s again, %v", m, back, err)
		}
	}
	for _, c := range []struct {
		amount   int64
		currency string
		says     string
	}{
		{49, "USD", "its smallest charge is $0.50"}, {29, "GBP", "its smallest charge is £0.30"}, {0, "EUR", "€0.50"},
		{-500, "USD", "its smallest charge is $0.50"}, {49, "JPY", "¥50"}, {0, "ISK", "can't charge ISK"},
		{0, "MGA", "its smallest charge is MGA"}, {0, "KWD", "can't charge KWD"},
		{5124, "KWD", "the last digit in KWD must be 0"}, {5129, "TND", "the last digit in TND"},
		{550, "MGA", "amounts in MGA have 0 decimal places"}, {1, "IQD", "amounts in IQD have 2 decimal places"},
		{12345, "CLF", "amounts in CLF have 2 decimal places"},
		{100000000, "USD", "more than it takes"}, {1000000, "ISK", "more than it takes"},
		{1000000000000, "IDR", "more than it takes"}, {1 << 62, "ISK", "more than it takes"},
		{1 << 62, "USD", "more than it takes"}, {100, "XXX", "doesn't know the currency XXX"},
		{100, "", "doesn't know the currency"}, {100, "usd", "doesn't know the currency"},
	} {
		_, _, err := toCharge(orbit.Money{Amount: c.amount, Currency: c.currency})
		if orbit.CodeOf(err) != orbit.Invalid || !strings.Contains(orbit.Sentence(err), c.says) {
			t.Errorf("%d %s: %v, want %q", c.amount, c.currency, err, c.says)
		}
	}
}

// What Stripe says and our units can't hold is an error, not another amount.
func TestForeignAmounts(t *testing.T) {
	t.Parallel()
	for currency, amount := range map[string]int64{"isk": 550, "ugx": 1, "xxx": 100, "": 100} {
		if m, err := fromStripe(amount, currency); orbit.CodeOf(err) != orbit.Unavailable {
			t.Errorf("%d %s is %s, %v", amount, currency, m, err)
		}
	}
}

// Each amount of each currency comes back to the last unit, or is refused.
func TestAmountsComeBack(t *testing.T) {
	t.Parallel()
	codes := orbit.Currencies()
	rapid.Check(t, func(t *rapid.T) {
		m := orbit.Money{Amount: rapid.Int64().Draw(t, "amount"),
			Currency: rapid.SampledFrom(codes).Draw(t, "currency").Value}
		amount, currency, err := toStripe(m)
		if err != nil {
			if orbit.CodeOf(err) != orbit.Invalid {
				t.Fatal(err)
			}
			return
		}
		if placesOf(m.Currency) == 3 && amount%10 != 0 {
			t.Fatalf("%s is %d at Stripe", m, amount)
		}
		if back, err := fromStripe(amount, currency); err != nil || back != m {
			t.Fatalf("%s is %d %s at Stripe, and %s here: %v", m, amount, currency, back, err)
		}
	})
}

func TestLocale(t *testing.T) {
	t.Parallel()
	for tag, want := range map[string]string{
		"": "auto", "en": "en", "en-GB": "en-GB", "en-US": "en", "EN-gb": "en-GB", "de-AT": "de", "pt-BR": "pt-BR",
		"pt-PT": "pt", "fr-CA": "fr-CA", "fr-BE": "fr", "es-419": "es-419", "es-MX": "es", "zh-TW": "zh-TW",
		"zh-Hant": "zh-TW", "zh-Hant-HK": "zh-TW", "zh-Hans": "zh", "zh-CN": "zh", "no": "nb", "nn-NO": "nb", "nb-NO": "nb",
		"tl": "fil", "he": "auto", "ar-EG": "auto", "xx": "auto", "-": "auto", "e": "auto", "auto": "auto",
	} {
		if got := locale(tag); got != want {
			t.Errorf("%q is %q, want %q", tag, got, want)
		}
	}
}
