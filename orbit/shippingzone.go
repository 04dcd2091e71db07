package orbit

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// Bounds of a shop's shipping.
const (
	MaxShippingZones = 50
	MaxShippingRates = 100 // of a zone
)

// Destination is where an order goes, as far as rates and taxes ask. Region is a code where the country has Regions.
type Destination struct{ Country, Region string }

// Destination returns where the address is.
func (a Address) Destination() Destination { return Destination{a.Country, a.Region} }

// code returns the region as zones write it: US-CA.
func (d Destination) code() string { return d.Country + "-" + d.Region }

// ShippingZoneID names a shipping zone.
type ShippingZoneID = ID[ShippingZone]

// ShippingZone is where a shop ships to at the same rates: countries as a whole, and regions of others. Without either
// it is the rest of the world. No country and no region is in two zones of a shop.
type ShippingZone struct {
	MerchantID MerchantID     `bun:",pk"`
	ID         ShippingZoneID `bun:",pk"`
	Name       string
	Countries  []string `bun:",array"` // ISO 3166-1
	Regions    []string `bun:",array"` // as US-CA
	Position   int
	Version    int
	CreatedAt  time.Time
	UpdatedAt  time.Time

	Rates []ShippingRate `bun:"-"`
}

// Rest reports whether the zone is the rest of the world.
func (z ShippingZone) Rest() bool { return len(z.Countries) == 0 && len(z.Regions) == 0 }

// ZoneOf returns the zone that a destination falls into: that of its region, else that of its country, else the rest of
// the world; ok is false where there is none.
func ZoneOf(zones []ShippingZone, to Destination) (zone ShippingZone, ok bool) {
	best := 0
	for _, z := range zones {
		rank := 0
		switch {
		case to.Region != "" && slices.Contains(z.Regions, to.code()):
			rank = 3
		case slices.Contains(z.Countries, to.Country):
			rank = 2
		case z.Rest():
			rank = 1
		}
		if rank > best {
			zone, best = z, rank
		}
	}
	return zone, best > 0
}

// Regional reports whether a country's regions decide where its orders fall.
func Regional(zones []ShippingZone, country string) bool {
	return slices.ContainsFunc(zones, func(z ShippingZone) bool {
		return slices.ContainsFunc(z.Regions, func(code string) bool { return strings.HasPrefix(code, country+"-") })
	})
}

// ZoneRegion parts the code of a region as zones write it, with the names of both; ok is false for what is none.
func ZoneRegion(code string) (country string, region Region, ok bool) {
	country, part, _ := strings.Cut(code, "-")
	for _, r := range Regions(country) {
		if r.Code == part {
			return country, r, true
		}
	}
	return "", Region{}, false
}

// Check returns the zone in its stored form, or all that is wrong with it: faults are on name, countries, regions and
// rates, those of a rate on rates.0.name and so on. Others are the shop's other zones.
func (z ShippingZone) Check(others []ShippingZone) (ShippingZone, error) {
	var f Faults
	z.Name = f.line("name", "The name", z.Name, 1, 80)
	z.Countries, z.Regions = placeCodes(z.Countries), placeCodes(z.Regions)
	for _, code := range z.Countries {
		if CountryName(code) == "" {
			f.Add("countries", code, "%s is no country's code.", shorten(code, 20))
		}
	}
	for _, code := range z.Regions {
		country, _, ok := ZoneRegion(code)
		switch {
		case !ok:
			f.Add("regions", code, "%s is no region of the United States, Canada or Australia, such as US-CA.",
				shorten(code, 20))
		case slices.Contains(z.Countries, country):
			f.Add("regions", code, "%s is in this zone as a whole. Leave out either the country or its regions.",
				CountryName(country))
		}
	}
	for _, other := range others {
		if other.ID != z.ID {
			z.apart(&f, other)
		}
	}
	z.checkRates(&f)
	return z, f.Err()
}

// placeCodes returns codes in upper case, in order, each once.
func placeCodes(codes []string) []string {
	out := []string{}
	for _, code := range codes {
		out = append(out, strings.ToUpper(Plain(code)))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// apart adds what the zone shares with another.
func (z ShippingZone) apart(f *Faults, other ShippingZone) {
	if z.Rest() && other.Rest() {
		f.Add("countries", "", "Zone “%s” is the rest of the world already. Choose countries.", other.Name)
	}
	for _, code := range z.Countries {
		if slices.Contains(other.Countries, code) {
			f.Add("countries", code, "%s is in zone “%s” already.", CountryName(code), other.Name)
		}
	}
	for _, code := range z.Regions {
		if slices.Contains(other.Regions, code) {
			_, region, _ := ZoneRegion(code)
			f.Add("regions", code, "%s is in zone “%s” already.", region.Name, other.Name)
		}
	}
}

func (z *ShippingZone) checkRates(f *Faults) {
	if len(z.Rates) > MaxShippingRates {
		f.Add("rates", "", "A zone can have at most %d rates.", MaxShippingRates)
		return
	}
	names, rates := map[string]bool{}, []ShippingRate{}
	for i, r := range z.Rates {
		at := "rates." + strconv.Itoa(i) + "."
		r.Name = f.line(at+"name", "The name", r.Name, 1, 60)
		if name := strings.ToLower(r.Name); name != "" && names[name] {
			f.Add(at+"name", r.Name, "Another rate of this zone has this name.")
		} else {
			names[name] = true
		}
		r.check(f, at)
		r.ZoneID, r.MerchantID, r.Position = z.ID, z.MerchantID, i
		rates = append(rates, r)
	}
	z.Rates = rates
}

// check takes a rate's numbers; what its kind doesn't ask is 0.
func (r *ShippingRate) check(f *Faults, at string) {
	if r.Kind == "" {
		r.Kind = ShippingFlat
	}
	if !ShippingKinds().Has(r.Kind) {
		f.Add(at+"kind", string(r.Kind), "Choose flat, price, weight or pickup.")
	}
	if r.Kind != ShippingPrice && r.Kind != ShippingWeight {
		r.Minimum, r.Maximum = 0, 0
	}
	for _, n := range []struct {
		field string
		value int64
		most  int64
	}{{"price", r.Price, MaxPrice}, {"freeFrom", r.FreeFrom, MaxPrice}, {"minimum", r.Minimum, MaxPrice},
		{"maximum", r.Maximum, MaxPrice}} {
		if n.value < 0 || n.value > n.most {
			f.Add(at+n.field, "", "Enter a number from 0 to %d.", n.most)
		}
	}
	if r.Maximum > 0 && r.Maximum < r.Minimum {
		f.Add(at+"maximum", "", "The maximum has to be at least the minimum.")
	}
	r.Note = f.text(at+"note", "The note", r.Note, 300)
}
