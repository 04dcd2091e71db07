package orbit_test

import (
	"testing"

	"github.com/bojanz/currency"

	"orbit360.app/orbit"
)

// The measured reason for a formatter of our own: storefront pages draw dozens of prices.
func BenchmarkMoney(b *testing.B) {
	b.Run("orbit", func(b *testing.B) {
		for b.Loop() {
			_ = orbit.Money{Amount: 129900, Currency: "USD"}.String()
		}
	})
	formatter := currency.NewFormatter(currency.NewLocale("en"))
	b.Run("bojanz", func(b *testing.B) {
		for b.Loop() {
			amount, _ := currency.NewAmountFromInt64(129900, "USD")
			_ = formatter.Format(amount)
		}
	})
}

// TestMoneyAsTheLibrary holds our formatter to the library's figures: digits and grouping, in the symbols of English.
func TestMoneyAsTheLibrary(t *testing.T) {
	t.Parallel()
	formatter := currency.NewFormatter(currency.NewLocale("en"))
	for _, code := range []string{"USD", "EUR", "GBP", "JPY", "INR", "CAD", "AUD", "BRL", "ILS", "KRW", "CHF", "KWD",
		"SEK"} {
		for _, minor := range []int64{0, 1, 99, 100, 123456, 100000000} {
			amount, err := currency.NewAmountFromInt64(minor, code)
			if err != nil {
				t.Fatal(err)
			}
			if got, want := (orbit.Money{Amount: minor, Currency: code}).String(), formatter.Format(amount); got != want {
				t.Errorf("%d %s: %q, the library says %q", minor, code, got, want)
			}
		}
	}
}
