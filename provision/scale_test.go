package provision

import (
	"strconv"
	"strings"
	"testing"

	"github.com/bojanz/currency"

	"orbit360.app/orbit"
)

func TestPricesOfACurrency(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		cents    int64
		currency string
		want     string
	}{
		{500, "USD", "5.00"}, {1490, "EUR", "14.90"}, {500, "HUF", "1800.00"}, {8900, "HUF", "31000.00"},
		{2400, "JPY", "3600"}, {500, "JPY", "750"}, {500, "KRW", "7000"},
		{2400, "KWD", "7.200"}, {500, "KWD", "1.500"}, {1500, "VND", "380000"}, {590, "INR", "470.00"},
		{7500, "SEK", "750.00"}, {0, "JPY", "0"},
	} {
		if got := (orbit.Money{Amount: priceIn(tc.cents, tc.currency), Currency: tc.currency}).Decimal(); got != tc.want {
			t.Errorf("%d cents in %s: %s, want %s", tc.cents, tc.currency, got, tc.want)
		}
	}
	for entry := range strings.SplitSeq(scales, "|") {
		code, scale, _ := strings.Cut(entry, " ")
		if n, err := strconv.ParseFloat(scale, 64); err != nil || n <= 0 || !orbit.ValidCurrency(code) {
			t.Error(entry)
		}
	}
	// in every currency a sale price is below the regular one, shipping below what makes it free, and nothing costs
	// nothing
	for _, code := range currency.GetCurrencyCodes() {
		if a, b, c := priceIn(500, code), priceIn(1500, code), priceIn(7500, code); a < 1 || b <= a || c <= b ||
			c > orbit.MaxPrice {
			t.Error(code, a, b, c)
		}
		for _, all := range samples {
			for _, s := range all {
				if p, before := priceIn(s.price, code), priceIn(s.before, code); p < 1 || p > orbit.MaxPrice || before != 0 &&
					before <= p {
					t.Errorf("%s in %s: %d, before %d", s.title, code, p, before)
				}
			}
		}
	}
}
