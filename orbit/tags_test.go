package orbit_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"orbit360.app/orbit"
)

// TestTags: each is there once whatever its case, and of far too many none is looked at.
func TestTags(t *testing.T) {
	t.Parallel()
	tagged := func(tags []string) (orbit.Product, error) {
		form := orbit.ProductForm{Title: "Mug", Status: orbit.ProductActive, Tags: strings.Join(tags, ","),
			Variant: orbit.VariantForm{Price: "10", Stock: "7"}}
		return form.New(orbit.MerchantID{}, orbit.NewID[orbit.Product](), orbit.Units{Currency: "USD"}, time.Now())
	}
	p, err := tagged([]string{"Wool", "blue", "WOOL", "ÖKO", "öko", " wool "})
	if err != nil || !slices.Equal(p.Tags, []string{"blue", "Wool", "ÖKO"}) {
		t.Errorf("%q, %v", p.Tags, err)
	}
	for _, n := range []int{orbit.MaxTags + 1, 10*orbit.MaxTags + 1} {
		many := make([]string, n)
		for i := range many {
			many[i] = fmt.Sprint("tag ", i)
		}
		if _, err := tagged(many); len(orbit.FaultsOf(err)) != 1 || orbit.FaultsOf(err)[0].Field != "tags" {
			t.Errorf("%d: %v", n, err)
		}
	}
	long := slices.Repeat([]string{strings.Repeat("x", 81)}, 10*orbit.MaxTags+1)
	if _, err := tagged(long); len(orbit.FaultsOf(err)) != 1 {
		t.Errorf("%d faults", len(orbit.FaultsOf(err)))
	}
}
