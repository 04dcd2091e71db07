package orbit

import (
	"cmp"
	"slices"
	"strings"
	"time"
)

// MaxTaxRates is how many tax rates a shop can have.
const MaxTaxRates = 500

// TaxRateID names a tax rate.
type TaxRateID = ID[TaxRate]

// TaxRate is a tax on what is sent to a country, or to one of its regions. A country's rates and those of a region add
// up. One without a country is for all countries that no other rate names. Whether prices hold their taxes is the
// shop's to say, of all of them (ShopSettings.TaxIncluded).
type TaxRate struct {
	MerchantID        MerchantID `bun:",pk"`
	ID                TaxRateID  `bun:",pk"`
	Country           string     // ISO 3166-1, "" for all others
	Region            string     // as the country's addresses have it, "" for the whole country
	Name              string
	Rate              int // hundredths of a percent: 1900 is 19 %
	AppliesToShipping bool
	Version           int
	CreatedAt         time.Time
	UpdatedAt         time.Time
}

// TaxesAt returns those of a shop's rates that hold at a destination, the country's before the region's.
func TaxesAt(rates []TaxRate, at Destination) []TaxRate {
	country := ""
	for _, r := range rates {
		if r.Country != "" && r.Country == at.Country {
			country = at.Country
		}
	}
	out := []TaxRate{}
	for _, r := range rates {
		if r.Country == country && (r.Region == "" || strings.EqualFold(r.Region, at.Region)) {
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b TaxRate) int {
		return cmp.Or(cmp.Compare(a.Region, b.Region), cmp.Compare(a.Name, b.Name))
	})
	return out
}

// Check returns the rate in its stored form, or all that is wrong with it: faults are on country, region, name and
// rate. Others are the shop's other rates.
func (r TaxRate) Check(others []TaxRate) (TaxRate, error) {
	var f Faults
	r.Country = strings.ToUpper(Plain(r.Country))
	if r.Country != "" && CountryName(r.Country) == "" {
		f.Add("country", r.Country, "Choose a country, or none for all other countries.")
	}
	switch {
	case !Visible(r.Region):
		r.Region = ""
	case r.Country == "":
		f.Add("region", r.Region, "Choose the region's country first.")
	default:
		r.Region = f.region("region", r.Country, r.Region)
	}
	r.Name = f.line("name", "The name", r.Name, 1, 60)
	if r.Rate < 0 || r.Rate > 10000 {
		f.Add("rate", "", "Enter a rate from 0 to 100 percent.")
	}
	for _, o := range others {
		if o.ID != r.ID && o.Country == r.Country && strings.EqualFold(o.Region, r.Region) &&
			strings.EqualFold(o.Name, r.Name) && r.Name != "" {
			f.Add("name", r.Name, "Another rate of this place has this name.")
		}
	}
	return r, f.Err()
}

// Place names where the rate holds: Canada, or Canada – Quebec.
func (r TaxRate) Place() string {
	if r.Country == "" {
		return "All other countries"
	}
	if r.Region == "" {
		return CountryName(r.Country)
	}
	region := r.Region
	if _, known, ok := ZoneRegion(r.Country + "-" + r.Region); ok {
		region = known.Name
	}
	return CountryName(r.Country) + " – " + region
}

// Percent is the rate as people read it: 7.5 for 750 hundredths of a percent.
func (r TaxRate) Percent() string { return TaxAmount{Rate: r.Rate}.Percent() }
