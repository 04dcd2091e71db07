package orbit

import (
	"slices"
	"strconv"
	"strings"
)

// The two places of a ShippingForm.
const (
	ToPlaces = "places"
	ToRest   = "rest"
)

// ShippingForm is a shipping zone as people type it.
type ShippingForm struct {
	Name      string
	To        string // ToPlaces or ToRest
	Countries []string
	Regions   []string
	Rates     []RateForm
}

// RateForm is a shipping rate as people type it: amounts in the shop's currency, weights in its unit.
type RateForm struct {
	ID                         ShippingRateID // zero for a new one
	Name                       string
	Kind                       ShippingKind
	Price, FreeFrom            string
	MinimumPrice, MaximumPrice string // of ShippingPrice
	MinimumWeight              string // of ShippingWeight
	MaximumWeight              string
	Note                       string
}

// ShippingPlaces returns where a zone can be for.
func ShippingPlaces() Terms[string] {
	return Terms[string]{{ToPlaces, "Countries and regions"}, {ToRest, "Rest of the world"}}
}

// NewShippingForm is the form of a new zone.
func NewShippingForm() ShippingForm {
	return ShippingForm{To: ToPlaces, Rates: []RateForm{{Kind: ShippingFlat}}}
}

// Form returns the zone as people type it.
func (z ShippingZone) Form(currency string, unit WeightUnit) ShippingForm {
	f := ShippingForm{Name: z.Name, To: ToPlaces, Countries: z.Countries, Regions: z.Regions}
	if z.Rest() {
		f.To = ToRest
	}
	amount := func(n int64) string {
		if n == 0 {
			return ""
		}
		return Money{n, currency}.Decimal()
	}
	for _, r := range z.Rates {
		form := RateForm{ID: r.ID, Name: r.Name, Kind: r.Kind, Price: Money{r.Price, currency}.Decimal(),
			FreeFrom: amount(r.FreeFrom), Note: r.Note}
		switch r.Kind {
		case ShippingPrice:
			form.MinimumPrice, form.MaximumPrice = amount(r.Minimum), amount(r.Maximum)
		case ShippingWeight:
			form.MinimumWeight, form.MaximumWeight = FormatWeight(int(r.Minimum), unit), FormatWeight(int(r.Maximum), unit)
		}
		f.Rates = append(f.Rates, form)
	}
	return f
}

// Upon makes of a zone what the form says, in its stored form. Faults are those of ShippingZone.Check; others are the
// shop's other zones.
func (f ShippingForm) Upon(z ShippingZone, currency string, unit WeightUnit, others []ShippingZone) (
	ShippingZone, error,
) {
	var faults Faults
	z.Name, z.Countries, z.Regions, z.Rates = f.Name, f.Countries, f.Regions, nil
	switch {
	case f.To == ToRest:
		z.Countries, z.Regions = nil, nil
	case len(f.Countries)+len(f.Regions) == 0:
		faults.Add("countries", "", "Choose at least one country or region.")
	}
	for i, r := range f.Rates {
		z.Rates = append(z.Rates, r.rate(&faults, "rates."+strconv.Itoa(i)+".", currency, unit))
	}
	checked, err := z.Check(others)
	for _, fault := range FaultsOf(err) {
		if !faults.On(fault.Field) {
			faults = append(faults, fault)
		}
	}
	return checked, faults.Err()
}

// rate reads the numbers of a rate. What was typed for another kind is left aside.
func (r RateForm) rate(f *Faults, at, currency string, unit WeightUnit) ShippingRate {
	out := ShippingRate{ID: r.ID, Name: r.Name, Kind: r.Kind, Note: r.Note}
	amount := func(field, typed string, least int64) int64 {
		if strings.TrimSpace(typed) == "" {
			return 0
		}
		n, err := ParseMoney(typed, currency)
		switch {
		case err != nil:
			f.Add(at+field, typed, "%s", Sentence(err))
		case n > MaxPrice:
			f.Add(at+field, typed, "Enter an amount up to %s.", Money{MaxPrice, currency})
		case n < least:
			f.Add(at+field, typed, "Enter an amount above zero, or nothing.")
		}
		return n
	}
	weight := func(field, typed string) int64 {
		if strings.TrimSpace(typed) == "" {
			return 0
		}
		grams, err := ParseWeight(typed, unit)
		if err != nil {
			f.Add(at+field, typed, "%s", Sentence(err))
		}
		return int64(grams)
	}
	if strings.TrimSpace(r.Price) == "" {
		f.Add(at+"price", "", "Enter a price, or 0 for free.")
	}
	out.Price, out.FreeFrom = amount("price", r.Price, 0), amount("freeFrom", r.FreeFrom, 1)
	switch r.Kind {
	case ShippingPrice:
		out.Minimum, out.Maximum = amount("minimum", r.MinimumPrice, 0), amount("maximum", r.MaximumPrice, 1)
	case ShippingWeight:
		out.Minimum, out.Maximum = weight("minimum", r.MinimumWeight), weight("maximum", r.MaximumWeight)
		if out.Maximum == 0 && strings.TrimSpace(r.MaximumWeight) != "" && !f.On(at+"maximum") {
			f.Add(at+"maximum", r.MaximumWeight, "Enter a weight above zero, or nothing.")
		}
	}
	return out
}

// Summary says in words what a rate costs and when it can be chosen: €4.90 · free from €50.00 · up to 2 kg.
func (r ShippingRate) Summary(currency string, unit WeightUnit) string {
	parts := []string{"Free"}
	if r.Price > 0 {
		parts[0] = Money{r.Price, currency}.String()
		if r.FreeFrom > 0 {
			parts = append(parts, "free from "+Money{r.FreeFrom, currency}.String())
		}
	}
	say := func(n int64) string {
		if r.Kind == ShippingWeight {
			return FormatWeight(int(n), unit) + " " + unit.Symbol()
		}
		return Money{n, currency}.String()
	}
	of := map[ShippingKind]string{ShippingPrice: "orders ", ShippingWeight: "weight "}[r.Kind]
	switch {
	case r.Kind == ShippingPickup:
		parts = append(parts, "pickup")
	case of == "" || r.Minimum == 0 && r.Maximum == 0:
	case r.Maximum == 0:
		parts = append(parts, of+"from "+say(r.Minimum))
	case r.Minimum == 0:
		parts = append(parts, of+"up to "+say(r.Maximum))
	default:
		parts = append(parts, of+"from "+say(r.Minimum)+" to "+say(r.Maximum))
	}
	return strings.Join(parts, " · ")
}

// Places names where a zone is for, by name: countries, then regions with their countries.
func (z ShippingZone) Places() (names []string) {
	for _, code := range z.Countries {
		names = append(names, CountryName(code))
	}
	slices.Sort(names)
	for _, code := range z.Regions {
		country, region, _ := ZoneRegion(code)
		names = append(names, region.Name+" ("+CountryName(country)+")")
	}
	return names
}

// PlacesInShort is Places as one line that stays short: Austria, Germany, Italy and 12 more.
func (z ShippingZone) PlacesInShort() string {
	const most = 4
	names := z.Places()
	switch n := len(names); {
	case z.Rest():
		return "All countries that are in no other zone"
	case n > most+1:
		return strings.Join(names[:most], ", ") + " and " + strconv.Itoa(n-most) + " more"
	}
	return strings.Join(names, ", ")
}

// europeanUnion holds its members, as of November 2026.
const europeanUnion = "AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"

// FindCountries returns the countries that a text is in the name of, or that it is the code of, by name; all of them
// for no text, and those of the European Union for that.
func FindCountries(text string) (found []Country) {
	text = Fold(text)
	union := text == "eu" || len(text) >= 6 && strings.HasPrefix("european union", text)
	for _, c := range Countries() {
		named := strings.Contains(Fold(c.Name), text) || strings.EqualFold(c.Code, text)
		if union && strings.Contains(europeanUnion, c.Code) || !union && named {
			found = append(found, c)
		}
	}
	return found
}
