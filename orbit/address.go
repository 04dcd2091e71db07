package orbit

import (
	"slices"
	"strings"
)

// Address is where an order goes.
type Address struct {
	Name     string `json:"name"`
	Line1    string `json:"line1"`
	Line2    string `json:"line2,omitempty"`
	City     string `json:"city"`
	Region   string `json:"region,omitempty"`
	Postcode string `json:"postcode,omitempty"`
	Country  string `json:"country"` // ISO 3166-1 alpha-2
}

// Lines is the address as it stands on a parcel.
func (a Address) Lines() []string {
	place := strings.TrimSpace(a.Postcode + " " + a.City)
	if a.Country == "US" || a.Country == "CA" || a.Country == "AU" || a.Country == "GB" {
		place = strings.TrimSpace(strings.Join(slices.DeleteFunc([]string{a.City, a.Region, a.Postcode},
			func(s string) bool { return s == "" }), " "))
	} else if a.Region != "" {
		place += ", " + a.Region
	}
	all := []string{a.Name, a.Line1, a.Line2, place, CountryName(a.Country)}
	return slices.DeleteFunc(all, func(s string) bool { return s == "" })
}
