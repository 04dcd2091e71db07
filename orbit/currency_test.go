package orbit

import (
	"slices"
	"testing"

	"github.com/bojanz/currency"
)

// Each currency that a shop may have has a name, and the list has no others.
func TestCurrencies(t *testing.T) {
	t.Parallel()
	var codes []string
	for _, c := range Currencies() {
		if codes = append(codes, c.Value); len(c.Name) < 4 {
			t.Errorf("%+v", c)
		}
	}
	if valid := slices.Sorted(slices.Values(currency.GetCurrencyCodes())); !slices.Equal(codes, valid) {
		t.Errorf("%v instead of %v", codes, valid)
	}
	if name := Currencies().Name("EUR"); name != "Euro" {
		t.Error(name)
	}
	for _, code := range CommonCurrencies() {
		if !Currencies().Has(code) {
			t.Error(code)
		}
	}
}
