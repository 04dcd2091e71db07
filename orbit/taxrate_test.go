package orbit_test

import (
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"orbit360.app/orbit"
)

// standard is a checkout of a shop in Germany that has all standard rates there are.
func standard(included bool) orbit.Checkout {
	o := orbit.Checkout{Settings: orbit.ShopSettings{Currency: "EUR", TaxIncluded: included,
		Address: orbit.Address{Country: "DE"}}}
	for _, c := range orbit.StandardCountries() {
		o.Taxes = append(o.Taxes, orbit.StandardTaxes(c.Code)...)
	}
	return o
}

// TestTaxesOfCountries holds what a line of 99.99 and shipping of 4.95 are taxed in more than thirty places, with
// prices that don't include taxes and with those that do. The amounts were worked out apart from this program, with
// fractions.
func TestTaxesOfCountries(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		place                                        string
		rate                                         int
		goods, shipping, goodsWithin, shippingWithin int64
	}{
		{"AT", 2000, 2000, 99, 1667, 83},
		{"AU", 1000, 1000, 50, 909, 45},
		{"BE", 2100, 2100, 104, 1735, 86},
		{"BG", 2000, 2000, 99, 1667, 83},
		{"CA-ON", 1300, 1300, 64, 1150, 57},
		{"CA-QC", 1498, 1498, 74, 1303, 64},
		{"CA-BC", 1200, 1200, 59, 1071, 53},
		{"CA-AB", 500, 500, 25, 476, 24},
		{"CH", 810, 810, 40, 749, 37},
		{"CZ", 2100, 2100, 104, 1735, 86},
		{"DE", 1900, 1900, 94, 1596, 79},
		{"DK", 2500, 2500, 124, 2000, 99},
		{"EE", 2400, 2400, 119, 1935, 96},
		{"ES", 2100, 2100, 104, 1735, 86},
		{"FI", 2550, 2550, 126, 2032, 101},
		{"FR", 2000, 2000, 99, 1667, 83},
		{"GB", 2000, 2000, 99, 1667, 83},
		{"GR", 2400, 2400, 119, 1935, 96},
		{"HR", 2500, 2500, 124, 2000, 99},
		{"HU", 2700, 2700, 134, 2126, 105},
		{"IE", 2300, 2300, 114, 1870, 93},
		{"IT", 2200, 2200, 109, 1803, 89},
		{"JP", 1000, 1000, 50, 909, 45},
		{"LI", 770, 770, 38, 715, 35},
		{"LU", 1700, 1700, 84, 1453, 72},
		{"NL", 2100, 2100, 104, 1735, 86},
		{"NO", 2500, 2500, 124, 2000, 99},
		{"NZ", 1500, 1500, 74, 1304, 65},
		{"PL", 2300, 2300, 114, 1870, 93},
		{"PT", 2300, 2300, 114, 1870, 93},
		{"RO", 2100, 2100, 104, 1735, 86},
		{"SE", 2500, 2500, 124, 2000, 99},
		{"SG", 900, 900, 45, 826, 41},
		{"ZA", 1500, 1500, 74, 1304, 65},
		{"US-CA", 0, 0, 0, 0, 0},
	} {
		country, region, _ := strings.Cut(c.place, "-")
		to := orbit.Destination{Country: country, Region: region}
		cart := orbit.Cart{Lines: []orbit.CartLine{{Price: 9999, Quantity: 1, Taxable: true, RequiresShipping: true},
			{Price: 9999, Quantity: 1}}}
		for _, included := range []bool{false, true} {
			o := standard(included)
			got := o.Bill(cart, to, orbit.ShippingRate{Price: 495}).Totals()
			goods, shipping := c.goods, c.shipping
			total := 2*9999 + 495 + goods + shipping
			if included {
				goods, shipping, total = c.goodsWithin, c.shippingWithin, 2*9999+495
			}
			sum := 0
			for _, tax := range got.Taxes() {
				sum += tax.Rate
			}
			if got.Lines[0].Tax != goods || got.Lines[1].Tax != 0 || got.ShippingTax != shipping ||
				got.Tax != goods+shipping || got.Total != total || sum != c.rate {
				t.Errorf("%s, included %v: %+v", c.place, included, got)
			}
			for i := range o.Taxes {
				o.Taxes[i].AppliesToShipping = false
			}
			if got := o.Bill(cart, to, orbit.ShippingRate{Price: 495}).Totals(); got.ShippingTax != 0 || got.Tax != goods {
				t.Errorf("%s, shipping isn't taxed: %+v", c.place, got)
			}
			o = standard(included)
			o.Exempt = true
			if got := o.Bill(cart, to, orbit.ShippingRate{Price: 495}).Totals(); got.Tax != 0 || got.Total != 2*9999+495 {
				t.Errorf("%s, exempt: %+v", c.place, got)
			}
			home := o.Settings.Address.Destination()
			o.Exempt = false
			if a, b := o.Bill(cart, to, orbit.ShippingRate{Kind: orbit.ShippingPickup}).Totals(),
				o.Bill(cart, home, orbit.ShippingRate{}).Totals(); a.Tax != b.Tax || a.Tax == 0 {
				t.Errorf("%s, pickup: %+v", c.place, a)
			}
		}
	}
}

func TestStandardTaxes(t *testing.T) {
	t.Parallel()
	all := []orbit.TaxRate{}
	for _, c := range orbit.StandardCountries() {
		for _, r := range orbit.StandardTaxes(c.Code) {
			if got, err := r.Check(all); err != nil || got != r || r.Rate == 0 {
				t.Errorf("%+v: %v", r, err)
			}
			r.ID = orbit.NewID[orbit.TaxRate]()
			all = append(all, r)
		}
		if missing := orbit.MissingStandard(all, c.Code); len(missing) > 0 {
			t.Error(missing)
		}
	}
	if len(all) < 130 || len(orbit.StandardTaxes("US")) > 0 ||
		orbit.StandardIncluded("CA") || !orbit.StandardIncluded("DE") {
		t.Error(len(all))
	}
	if got := orbit.MissingStandard(orbit.StandardTaxes("CA")[:1], "CA"); len(got) != len(orbit.StandardTaxes("CA"))-1 {
		t.Error(got)
	}
}

func TestTaxesAt(t *testing.T) {
	t.Parallel()
	rates := []orbit.TaxRate{{Name: "All"}, {Country: "CA", Region: "QC", Name: "QST"}, {Country: "CA", Name: "GST"},
		{Country: "US", Region: "NY", Name: "City"}, {Country: "US", Region: "NY", Name: "State"}}
	for _, c := range []struct{ country, region, want string }{
		{"", "", "All"}, {"DE", "", "All"}, {"CA", "QC", "GST QST"}, {"CA", "ON", "GST"}, {"CA", "", "GST"},
		{"US", "NY", "City State"}, {"US", "TX", ""}, {"US", "", ""},
	} {
		var names []string
		for _, r := range orbit.TaxesAt(rates, orbit.Destination{Country: c.country, Region: c.region}) {
			names = append(names, r.Name)
		}
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("%s %s: %s, not %s", c.country, c.region, got, c.want)
		}
	}
}

func TestTaxRateCheck(t *testing.T) {
	t.Parallel()
	others := []orbit.TaxRate{{ID: orbit.NewID[orbit.TaxRate](), Country: "DE", Name: "VAT"}}
	for field, r := range map[string]orbit.TaxRate{
		"country": {Country: "XX", Name: "VAT"}, "region": {Region: "QC", Name: "VAT"},
		"name": {Country: "de", Name: "vat"}, "rate": {Name: "VAT", Rate: 10001},
	} {
		if _, err := r.Check(others); len(orbit.FaultsOf(err)) != 1 || orbit.FaultsOf(err)[0].Field != field {
			t.Errorf("%s: %v", field, orbit.FaultsOf(err))
		}
	}
	r, err := orbit.TaxRate{Country: "ca", Region: "Québec", Name: " QST ", Rate: 998}.Check(others)
	if err != nil || r.Country != "CA" || r.Region != "QC" || r.Name != "QST" || r.Place() != "Canada – Quebec" {
		t.Errorf("%+v %q %v", r, r.Place(), err)
	}
	if _, err := others[0].Check(others); err != nil {
		t.Errorf("a rate is in its own way: %v", err)
	}
}

func TestZoneOf(t *testing.T) {
	t.Parallel()
	zones := []orbit.ShippingZone{{Name: "World"}, {Name: "America", Countries: []string{"CA", "US"}},
		{Name: "West", Regions: []string{"US-CA", "US-OR"}}, {Name: "Europe", Countries: []string{"DE"}}}
	for _, c := range []struct{ country, region, want, without string }{
		{"US", "CA", "West", "West"}, {"US", "NY", "America", "America"}, {"US", "", "America", "America"},
		{"CA", "ON", "America", "America"}, {"DE", "", "Europe", "Europe"}, {"FR", "", "World", ""},
		{"", "", "World", ""},
	} {
		to := orbit.Destination{Country: c.country, Region: c.region}
		z, ok := orbit.ZoneOf(zones, to)
		less, there := orbit.ZoneOf(zones[1:], to)
		if z.Name != c.want || !ok || less.Name != c.without || there != (c.without != "") {
			t.Errorf("%+v: %s %v, %s %v", to, z.Name, ok, less.Name, there)
		}
	}
	if !orbit.Regional(zones, "US") || orbit.Regional(zones, "CA") || orbit.Regional(zones, "") {
		t.Error("regions decide elsewhere")
	}
}

// TestZonesAreApart: of zones that were checked one after the other, a destination is in at most one of each rank.
func TestZonesAreApart(t *testing.T) {
	t.Parallel()
	countries := rapid.SliceOfN(rapid.SampledFrom([]string{"US", "CA", "DE", "AT", "FR", "us"}), 0, 3)
	regions := rapid.SliceOfN(rapid.SampledFrom([]string{"US-CA", "US-NY", "CA-ON", "CA-QC"}), 0, 3)
	rapid.Check(t, func(t *rapid.T) {
		var zones []orbit.ShippingZone
		for range rapid.IntRange(1, 6).Draw(t, "zones") {
			z, err := orbit.ShippingZone{ID: orbit.NewID[orbit.ShippingZone](), Name: "Zone",
				Countries: countries.Draw(t, "countries"), Regions: regions.Draw(t, "regions")}.Check(zones)
			if err == nil {
				zones = append(zones, z)
			}
		}
		seen := map[string]bool{}
		for _, z := range zones {
			names := slices.Concat(z.Countries, z.Regions)
			if z.Rest() {
				names = []string{"rest"}
			}
			for _, name := range names {
				if seen[name] {
					t.Fatalf("%s is in two of %+v", name, zones)
				}
				seen[name] = true
			}
		}
	})
}

func TestShippingZoneCheck(t *testing.T) {
	t.Parallel()
	id := orbit.NewID[orbit.ShippingZone]
	others := []orbit.ShippingZone{{ID: id(), Name: "World", Countries: []string{}},
		{ID: id(), Name: "Europe", Countries: []string{"DE"}, Regions: []string{"US-CA"}}}
	for field, z := range map[string]orbit.ShippingZone{
		"name": {Countries: []string{"FR"}}, "countries": {Name: "X", Countries: []string{"FR", "DE"}},
		"regions":       {Name: "X", Regions: []string{"US-CA"}},
		"rates.0.name":  {Name: "X", Countries: []string{"FR"}, Rates: []orbit.ShippingRate{{}}},
		"rates.1.name":  {Name: "X", Countries: []string{"FR"}, Rates: []orbit.ShippingRate{{Name: "a"}, {Name: "A"}}},
		"rates.0.kind":  {Name: "X", Countries: []string{"FR"}, Rates: []orbit.ShippingRate{{Name: "a", Kind: "air"}}},
		"rates.0.price": {Name: "X", Countries: []string{"FR"}, Rates: []orbit.ShippingRate{{Name: "a", Price: -1}}},
		"rates.0.maximum": {Name: "X", Countries: []string{"FR"}, Rates: []orbit.ShippingRate{{Name: "a", Kind: "weight",
			Minimum: 5, Maximum: 4}}},
		"rates": {Name: "X", Countries: []string{"FR"}, Rates: make([]orbit.ShippingRate, orbit.MaxShippingRates+1)},
	} {
		z.ID = id()
		if _, err := z.Check(others); len(orbit.FaultsOf(err)) != 1 || orbit.FaultsOf(err)[0].Field != field {
			t.Errorf("%s: %v", field, orbit.FaultsOf(err))
		}
	}
	for _, z := range []orbit.ShippingZone{{ID: id(), Name: "X"}, {ID: id(), Name: "X", Countries: []string{"XX"}},
		{ID: id(), Name: "X", Countries: []string{"US"}, Regions: []string{"US-NY"}},
		{ID: id(), Name: "X", Regions: []string{"DE-BY"}}} {
		if _, err := z.Check(others); err == nil {
			t.Errorf("%+v is taken", z)
		}
	}
	z, err := orbit.ShippingZone{ID: id(), Name: " X ", Countries: []string{"us", "FR", "fr"}, Rates: []orbit.ShippingRate{
		{Name: "Post", Minimum: 5, Maximum: 4}}}.Check(others)
	if err != nil || !slices.Equal(z.Countries, []string{"FR", "US"}) || z.Rates[0].Kind != orbit.ShippingFlat ||
		z.Rates[0].Maximum != 0 {
		t.Errorf("%+v %v", z, err)
	}
}

// TestRatesOfCarts: what a rate takes holds of what the goods cost after discounts and of what is sent.
func TestRatesOfCarts(t *testing.T) {
	t.Parallel()
	o := orbit.Checkout{Settings: orbit.ShopSettings{Address: orbit.Address{Country: "DE"}}, Zones: []orbit.ShippingZone{
		{Countries: []string{"DE"}, Rates: []orbit.ShippingRate{{Name: "Flat", Price: 500, FreeFrom: 1000},
			{Name: "Cheap", Kind: orbit.ShippingPrice, Maximum: 999}, {Name: "Dear", Kind: orbit.ShippingPrice, Minimum: 1000},
			{Name: "Light", Kind: orbit.ShippingWeight, Maximum: 500}, {Name: "Heavy", Kind: orbit.ShippingWeight, Minimum: 501},
			{Name: "Shop", Kind: orbit.ShippingPickup}}}}}
	cart := func(grams int64, n int) orbit.Cart {
		return orbit.Cart{Lines: []orbit.CartLine{{Quantity: n, WeightGrams: grams, RequiresShipping: true},
			{Quantity: 1, WeightGrams: 9000}}}
	}
	for _, c := range []struct {
		cart    orbit.Cart
		country string
		goods   int64
		want    string
	}{
		{cart(250, 2), "DE", 999, "Flat Cheap Light Shop"}, {cart(250, 2), "", 1000, "Flat Dear Light Shop"},
		{cart(251, 2), "DE", 1000, "Flat Dear Heavy Shop"}, {cart(250, 2), "FR", 1000, ""},
		{orbit.Cart{Lines: []orbit.CartLine{{Quantity: 1}}}, "DE", 1000, ""},
	} {
		var names []string
		for _, r := range o.Rates(c.cart, orbit.Destination{Country: c.country}, c.goods) {
			names = append(names, r.Name)
		}
		if got := strings.Join(names, " "); got != c.want {
			t.Errorf("%+v: %s", c, got)
		}
	}
	for goods, cost := range map[int64]int64{0: 500, 999: 500, 1000: 0, 1001: 0} {
		if got := o.Zones[0].Rates[0].Cost(goods); got != cost {
			t.Errorf("%d costs %d", goods, got)
		}
	}
	o.Methods = methods
	form := checkout()
	if _, err := o.Check(form, cart(1, 1), 0); len(orbit.FaultsOf(err)) != 1 || orbit.FaultsOf(err)[0].Field != "country" {
		t.Errorf("shipped to the United Kingdom: %v", orbit.FaultsOf(err))
	}
	if got, err := o.Check(form, orbit.Cart{Lines: []orbit.CartLine{{Quantity: 1}}}, 0); err != nil || got.Shipping != "" {
		t.Errorf("what isn't shipped needs a rate: %+v %v", got, err)
	}
	form.Country, form.Shipping = "DE", "Shop"
	if _, err := o.Check(form, cart(1, 1), 0); err != nil {
		t.Error(err)
	}
	form.Shipping = "Heavy"
	if _, err := o.Check(form, cart(1, 1), 0); len(orbit.FaultsOf(err)) != 1 ||
		orbit.FaultsOf(err)[0].Field != "shipping" {
		t.Error(orbit.FaultsOf(err))
	}
}
