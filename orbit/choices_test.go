package orbit_test

import (
	"testing"
	"time"

	"orbit360.app/orbit"
)

// TestChoicesAreClosed: a value that isn't offered is refused, also one that the program itself uses.
func TestChoicesAreClosed(t *testing.T) {
	t.Parallel()
	for reason, good := range map[orbit.InventoryReason]bool{orbit.ReasonDamage: true, orbit.ReasonSold: false, "": false,
		"lost": false} {
		_, _, err := orbit.InventoryForm{Reason: reason}.Check()
		if (err == nil) != good {
			t.Errorf("the reason %q: %v", reason, err)
		}
	}
	for status, good := range map[orbit.ProductStatus]bool{orbit.ProductDraft: true, "": false, "hidden": false} {
		form := orbit.ProductForm{Title: "Mug", Status: status, Variant: orbit.VariantForm{Price: "1", Stock: "0"}}
		_, err := form.New(orbit.MerchantID{}, orbit.NewID[orbit.Product](), orbit.Units{Currency: "USD"}, time.Now())
		if (err == nil) != good {
			t.Errorf("the status %q: %v", status, err)
		}
	}
}
