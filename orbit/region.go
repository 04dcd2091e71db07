package orbit

import "strings"

// Region is a part of a country that its addresses can't do without.
type Region struct{ Code, Name string } // as the country's post writes it, and English

// Regions returns the parts of a country where the post wants one of them on every parcel, by name; none elsewhere.
// As of November 2026: USPS Publication 28, appendix B; Canada Post, Addressing Guidelines; Australia Post, Address
// Presentation Standard.
func Regions(country string) []Region {
	var list string
	switch country {
	case "US":
		list = states
	case "CA":
		list = provinces
	case "AU":
		list = territories
	default:
		return nil
	}
	entries := strings.Split(list, "|")
	out := make([]Region, len(entries))
	for i, e := range entries {
		out[i].Code, out[i].Name, _ = strings.Cut(e, " ")
	}
	return out
}

// RegionLabel is what people of a country call its regions.
func RegionLabel(country string) string {
	switch country {
	case "US":
		return "State"
	case "CA":
		return "Province or territory"
	case "AU":
		return "State or territory"
	}
	return "State or region"
}

// FindRegion is the code of a country's region by its code or its name, however it was typed; ok is false where the
// country has a list and the text isn't on it.
func FindRegion(country, typed string) (code string, ok bool) {
	regions := Regions(country)
	if regions == nil {
		return typed, true
	}
	bare := func(s string) string { return strings.NewReplacer(".", "", "É", "E", "é", "e").Replace(s) }
	for _, r := range regions {
		if strings.EqualFold(bare(typed), r.Code) || strings.EqualFold(bare(typed), bare(r.Name)) {
			return r.Code, true
		}
	}
	return typed, false
}

const (
	states = "AL Alabama|AK Alaska|AS American Samoa|AZ Arizona|AR Arkansas|AA Armed Forces Americas|" +
		"AE Armed Forces Europe|AP Armed Forces Pacific|CA California|CO Colorado|CT Connecticut|DE Delaware|" +
		"DC District of Columbia|FL Florida|GA Georgia|GU Guam|HI Hawaii|ID Idaho|IL Illinois|IN Indiana|IA Iowa|" +
		"KS Kansas|KY Kentucky|LA Louisiana|ME Maine|MH Marshall Islands|MD Maryland|MA Massachusetts|MI Michigan|" +
		"FM Micronesia|MN Minnesota|MS Mississippi|MO Missouri|MT Montana|NE Nebraska|NV Nevada|NH New Hampshire|" +
		"NJ New Jersey|NM New Mexico|NY New York|NC North Carolina|ND North Dakota|MP Northern Mariana Islands|" +
		"OH Ohio|OK Oklahoma|OR Oregon|PW Palau|PA Pennsylvania|PR Puerto Rico|RI Rhode Island|SC South Carolina|" +
		"SD South Dakota|TN Tennessee|TX Texas|UT Utah|VT Vermont|VI Virgin Islands|VA Virginia|WA Washington|" +
		"WV West Virginia|WI Wisconsin|WY Wyoming"
	provinces = "AB Alberta|BC British Columbia|MB Manitoba|NB New Brunswick|NL Newfoundland and Labrador|" +
		"NT Northwest Territories|NS Nova Scotia|NU Nunavut|ON Ontario|PE Prince Edward Island|QC Quebec|" +
		"SK Saskatchewan|YT Yukon"
	territories = "ACT Australian Capital Territory|NSW New South Wales|NT Northern Territory|QLD Queensland|" +
		"SA South Australia|TAS Tasmania|VIC Victoria|WA Western Australia"
)
