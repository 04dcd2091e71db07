package orbit

import (
	"slices"
	"strconv"
	"strings"
)

// StandardTaxesAsOf is the day of the table of standard rates.
const StandardTaxesAsOf = "2026-05-19"

// StandardTaxes returns the usual rates of a country and its regions, as new rates to begin with: none where the table
// has none, as for the United States, where a seller's own registrations decide. Lower rates of some goods are not in
// it.
func StandardTaxes(country string) (rates []TaxRate) {
	for entry := range strings.SplitSeq(standardTaxes, "|") {
		place, rest, _ := strings.Cut(entry, " ")
		name, rate, _ := strings.Cut(rest, " ")
		of, region, _ := strings.Cut(place, "-")
		if of != country {
			continue
		}
		n, _ := strconv.Atoi(rate) // the table's own: TestStandardTaxes
		rates = append(rates, TaxRate{Country: of, Region: region, Name: name, Rate: n, AppliesToShipping: true})
	}
	return rates
}

// StandardIncluded reports whether prices for consumers hold their taxes in a country, as they do where there is a
// standard rate, but for North America.
func StandardIncluded(country string) bool {
	return country != "US" && country != "CA" && len(StandardTaxes(country)) > 0
}

// StandardCountries returns the countries that have standard rates, by name.
func StandardCountries() (all []Country) {
	for _, c := range Countries() {
		if len(StandardTaxes(c.Code)) > 0 {
			all = append(all, c)
		}
	}
	return all
}

// MissingStandard returns the standard rates of a country that a shop hasn't: those of a name and a place.
func MissingStandard(rates []TaxRate, country string) []TaxRate {
	return slices.DeleteFunc(StandardTaxes(country), func(s TaxRate) bool {
		return slices.ContainsFunc(rates, func(r TaxRate) bool {
			return r.Country == s.Country && r.Region == s.Region && strings.EqualFold(r.Name, s.Name)
		})
	})
}

// standardTaxes holds places, names and hundredths of a percent, rounded half up (Quebec's 9.975 % is 9.98 %). They are
// those of the package sales-tax 2.23.0 by Valerian Saliou and contributors (res/sales_tax_rates.json; MIT, see
// taxtable.LICENSE) without rates of the past, and without the United States'.
const standardTaxes = "" +
	"AD VAT 450|AE VAT 500|AI GST 1300|AL VAT 2000|AM VAT 2000|AO VAT 1400|AR VAT 2100|AT VAT 2000|" +
	"AU GST 1000|AW VAT 1250|AZ VAT 1800|BA VAT 1700|BB VAT 1750|BE VAT 2100|BG VAT 2000|BH VAT 500|" +
	"BO VAT 1494|BR VAT 1700|BS VAT 1200|BW VAT 1400|BY VAT 2000|CA GST 500|CA-BC PST 700|CA-MB PST 700|" +
	"CA-NB HST 1000|CA-NL HST 1000|CA-NS HST 900|CA-ON HST 800|CA-PE HST 1000|CA-QC QST 998|" +
	"CA-SK PST 600|CH VAT 810|CL VAT 1900|CN VAT 1300|CO VAT 1900|CR VAT 1300|CW VAT 600|CY VAT 1900|" +
	"CZ VAT 2100|DE VAT 1900|DK VAT 2500|DO VAT 1800|DZ VAT 1900|EC VAT 1200|EE VAT 2400|EG VAT 1400|" +
	"ER VAT 500|ES VAT 2100|FI VAT 2550|FR VAT 2000|GB VAT 2000|GE VAT 1800|GH VAT 1500|GR VAT 2400|" +
	"GT VAT 1200|HN VAT 1500|HR VAT 2500|HU VAT 2700|ID VAT 1100|IE VAT 2300|IL VAT 1800|IM VAT 2000|" +
	"IN GST 1800|IS VAT 2400|IT VAT 2200|JE VAT 500|JO VAT 1600|JP VAT 1000|KE VAT 1600|KR VAT 1000|" +
	"KW VAT 500|KZ VAT 1200|LB VAT 1100|LC VAT 1250|LI VAT 770|LK VAT 1200|LT VAT 2100|LU VAT 1700|" +
	"LV VAT 2100|MA VAT 2000|MC VAT 2000|MD VAT 2000|MG VAT 2000|MK VAT 1800|MM VAT 500|MN VAT 1000|" +
	"MT VAT 1800|MU VAT 1500|MV GST 800|MX VAT 1600|MY VAT 1000|NA VAT 1500|NG VAT 750|NI VAT 1500|" +
	"NL VAT 2100|NO VAT 2500|NZ GST 1500|OM VAT 500|PA VAT 700|PE VAT 1800|PG VAT 1000|PH VAT 1200|" +
	"PK VAT 1700|PL VAT 2300|PR VAT 1150|PT VAT 2300|PY VAT 1000|QA VAT 500|RO VAT 2100|RS VAT 2000|" +
	"RU VAT 2000|RW VAT 1800|SA VAT 1500|SC VAT 1500|SE VAT 2500|SG GST 900|SI VAT 2200|SK VAT 2300|" +
	"SR VAT 1500|SV VAT 1300|TH VAT 1000|TN VAT 1900|TR VAT 2000|TT VAT 1250|TW VAT 500|TZ VAT 1800|" +
	"UA VAT 2000|UG VAT 1800|UY VAT 2200|UZ VAT 1200|VE VAT 1600|VN VAT 1000|XK VAT 1800|ZA VAT 1500|" +
	"ZM VAT 1600|ZW VAT 1500"
