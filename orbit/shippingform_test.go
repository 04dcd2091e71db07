package orbit_test

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"orbit360.app/orbit"
)

// TestShippingForm: a zone that is shown in a form and sent as it is stays what it is, in each currency and unit.
func TestShippingForm(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		currency := rapid.SampledFrom([]string{"USD", "JPY", "KWD"}).Draw(t, "currency")
		unit := rapid.SampledFrom(orbit.WeightUnits().Values()).Draw(t, "unit")
		z := orbit.ShippingZone{ID: orbit.NewID[orbit.ShippingZone](), Name: "Zone", Countries: []string{},
			Regions: []string{}}
		if rapid.Bool().Draw(t, "places") {
			z.Countries, z.Regions = []string{"AT", "DE"}, []string{"US-CA"}
		}
		for _, kind := range orbit.ShippingKinds().Values() {
			n := func(what string, least, most int64) int64 { return rapid.Int64Range(least, most).Draw(t, what) }
			r := orbit.ShippingRate{ID: orbit.NewID[orbit.ShippingRate](), ZoneID: z.ID, Name: string(kind), Kind: kind,
				Price: n("price", 0, orbit.MaxPrice), FreeFrom: n("free", 0, orbit.MaxPrice), Position: len(z.Rates)}
			if kind == orbit.ShippingPrice || kind == orbit.ShippingWeight {
				r.Minimum = n("minimum", 0, 1_000_000)
				if rapid.Bool().Draw(t, "bounded") {
					r.Maximum = n("maximum", max(r.Minimum, 1), 1_000_000)
				}
			}
			z.Rates = append(z.Rates, r)
		}
		got, err := z.Form(currency, unit).Upon(orbit.ShippingZone{ID: z.ID}, currency, unit, nil)
		if err != nil || !reflect.DeepEqual(got, z) {
			t.Fatalf("%v, %v: %+v became %+v, %v", currency, unit, z, got, err)
		}
	})
}

// TestRateSummary says rates in words.
func TestRateSummary(t *testing.T) {
	t.Parallel()
	for want, r := range map[string]orbit.ShippingRate{
		"Free":                             {Kind: orbit.ShippingFlat, FreeFrom: 5000},
		"$4.90 · free from $50.00":         {Kind: orbit.ShippingFlat, Price: 490, FreeFrom: 5000, Minimum: 7},
		"$4.90 · orders from $10.00":       {Kind: orbit.ShippingPrice, Price: 490, Minimum: 1000},
		"$9.00 · weight up to 2.5 kg":      {Kind: orbit.ShippingWeight, Price: 900, Maximum: 2500},
		"$9.00 · weight from 2 kg to 4 kg": {Kind: orbit.ShippingWeight, Price: 900, Minimum: 2000, Maximum: 4000},
		"Free · pickup":                    {Kind: orbit.ShippingPickup},
	} {
		if got := r.Summary("USD", "kg"); got != want {
			t.Errorf("%q instead of %q", got, want)
		}
	}
}
