package orbit

import "testing"

// A share is written as people read it: thousands grouped, and what is little isn't nothing.
func TestShares(t *testing.T) {
	t.Parallel()
	limit := int64(1000)
	for used, want := range map[int64]string{0: "0%", 1: "<1%", 70: "7%", 1000: "100%", 49_110: "4,911%"} {
		if got := (Meter{Limit: Limit{Value: &limit}, Used: used}).Share(); got != want {
			t.Errorf("%d of %d is %s, not %s", used, limit, got, want)
		}
	}
	if got := Bytes(1000); got != "1,000 bytes" {
		t.Error(got)
	}
}

// What stands in front of an order's number has no place for markup.
func TestOrderPrefixes(t *testing.T) {
	t.Parallel()
	for value, fits := range map[string]bool{"": true, "#": true, "MOSS-": true, "№ ": true, "Bestellung ": true,
		"<b>": false, "a&b": false, "\"": false, "{{x}}": false} {
		_, _, err := ShopPatch{"orderPrefix": value}.Apply(Merchant{}, ShopSettings{})
		if FaultsOf(err).On("orderPrefix") == fits {
			t.Errorf("%q: %v", value, err)
		}
	}
}
