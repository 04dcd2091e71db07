package orbit

import (
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/language"
)

// ShopPatch is what somebody changes about a shop: values as they were typed, by field. What it doesn't have stays as
// it is, so that two people who change different fields don't undo each other's. The fields are those of ShopFields.
type ShopPatch map[string]string

// The fields that more than a patch knows by name.
const (
	FieldName     = "name"
	FieldCategory = "category"
	FieldCountry  = "address.country"
	FieldRegion   = "address.region"
	FieldCurrency = "currency"
	FieldTimeZone = "timezone"

	FieldTaxIncluded = "taxIncluded" // "true" or "false"
	FieldVATNumber   = "vatNumber"
)

// ShopFields returns the fields of a shop that a patch may have.
func ShopFields() []string {
	fields := []string{FieldName, FieldCategory, "legalName", "email", "phone", "address.line1", "address.line2",
		"address.city", FieldRegion, "address.postcode", FieldCountry, FieldCurrency, "locale", FieldTimeZone, "weightUnit",
		"orderPrefix", "tagline", "title", "description", FieldTaxIncluded, FieldVATNumber}
	for _, n := range SocialNetworks() {
		fields = append(fields, "social."+string(n.Value))
	}
	return fields
}

// Apply returns what the patch makes of a shop: of its merchant (name and category), and of its settings. The error has
// a fault for each field that can't be taken; nothing of the patch holds then.
func (p ShopPatch) Apply(m Merchant, s ShopSettings) (Merchant, ShopSettings, error) {
	var f Faults
	social := Social{}
	maps.Copy(social, s.Social)
	s.Social = social
	for _, field := range slices.Sorted(maps.Keys(p)) {
		value := p[field]
		if network, ok := strings.CutPrefix(field, "social."); ok && SocialNetworks().Has(SocialNetwork(network)) {
			social[SocialNetwork(network)] = f.profile(field, SocialNetwork(network), value)
			continue
		}
		switch field {
		case FieldName:
			m.Name = f.name(field, "Store name", value, 2, 80)
		case FieldCategory:
			m.Category = Category(value)
			f.category(field, m.Category)
		case FieldRegion, FieldCountry: // below: one can't be told without the other
		default:
			s.apply(&f, field, value)
		}
	}
	s.Address = p.place(&f, s.Address)
	maps.DeleteFunc(social, func(_ SocialNetwork, address string) bool { return address == "" })
	return m, s, f.Err()
}

var lineBreaks = strings.NewReplacer("\r\n", " ", "\n", " ")

func (s *ShopSettings) apply(f *Faults, field, value string) {
	switch field {
	case "legalName":
		s.LegalName = f.line(field, "The legal name", value, 0, 120)
	case "email":
		s.Email = f.email(field, value)
	case "phone":
		s.Phone = f.phone(field, value)
	case "address.line1":
		s.Address.Line1 = f.line(field, "The address", value, 0, 160)
	case "address.line2":
		s.Address.Line2 = f.line(field, "Apartment, suite, etc.", value, 0, 160)
	case "address.city":
		s.Address.City = f.line(field, "The city", value, 0, 100)
	case "address.postcode":
		s.Address.Postcode = f.line(field, "The postal code", Plain(value), 0, 16)
	case FieldCurrency:
		if s.Currency = strings.ToUpper(Plain(value)); !ValidCurrency(s.Currency) {
			f.Add(field, value, "Choose a currency.")
		}
	case "locale":
		s.Locale = f.locale(field, value)
	case FieldTimeZone:
		if s.Timezone = Plain(value); !ValidTimeZone(s.Timezone) {
			f.Add(field, value, "Choose a time zone such as Europe/Berlin.")
		}
	case "weightUnit":
		if s.WeightUnit = WeightUnit(value); !WeightUnits().Has(s.WeightUnit) {
			f.Add(field, value, "Choose kg, g, lb or oz.")
		}
	case "orderPrefix":
		s.OrderPrefix = f.line(field, "The order prefix", Plain(value), 0, 12)
		if strings.ContainsFunc(s.OrderPrefix, notInPrefix) {
			f.Add(field, value, "The order prefix takes letters, digits, spaces and # - _ . / alone.")
		}
	case "tagline":
		s.Tagline = f.line(field, "The tagline", value, 0, 120)
	case "title":
		s.Title = f.line(field, "The page title", value, 0, 70)
	case "description":
		s.Description = f.line(field, "The description", lineBreaks.Replace(value), 0, 320) // its field has many lines
	case FieldTaxIncluded:
		if s.TaxIncluded = value == "true"; !s.TaxIncluded && value != "false" {
			f.Add(field, value, "Choose whether prices include tax.")
		}
	case FieldVATNumber:
		s.VATNumber = f.line(field, "The VAT number", Plain(value), 0, 40)
	default:
		f.Add(field, value, "A shop has no such field.")
	}
}

// notInPrefix reports whether a character has no place in front of an order's number, which people write, say and file.
func notInPrefix(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(" #-_./№", r)
}

// Moves has the patch clear the region of an address with its country, where one of the two countries has a list of
// regions: for a form in which the country is chosen before the region.
func (p ShopPatch) Moves(from Address) {
	country := strings.ToUpper(Plain(p[FieldCountry]))
	if country != from.Country && (Regions(country) != nil || Regions(from.Country) != nil) {
		p[FieldRegion] = ""
	}
}

// place sets country and region. A region that another country's addresses don't have is refused with the country.
func (p ShopPatch) place(f *Faults, a Address) Address {
	country, moves := p[FieldCountry]
	region, named := p[FieldRegion]
	if moves {
		if a.Country = strings.ToUpper(Plain(country)); a.Country != "" && CountryName(a.Country) == "" {
			f.Add(FieldCountry, country, "Choose a country.")
			return a
		}
	}
	if !named {
		region = a.Region
	}
	if a.Region = ""; Visible(region) {
		a.Region = f.region(FieldRegion, a.Country, region)
	}
	return a
}

// locale takes a language tag (BCP 47) in its canonical form.
func (f *Faults) locale(field, value string) string {
	tag, err := language.Parse(Plain(value))
	if err != nil || tag == language.Und || len(tag.String()) > 35 {
		f.Add(field, value, "Choose a language such as en or pt-BR.")
		return ""
	}
	return tag.String()
}

var profileName = regexp.MustCompile(`^@?([A-Za-z0-9_-]+)$|^@([A-Za-z0-9._-]+)$`)

// profile takes the address of a profile on a network, or the name there.
func (f *Faults) profile(field string, n SocialNetwork, value string) string {
	value = Plain(value)
	if value == "" {
		return ""
	}
	host := n.hosts()[0]
	if name := profileName.FindStringSubmatch(value); name != nil {
		before := map[SocialNetwork]string{"tiktok": "@", "youtube": "@", "linkedin": "company/"}[n]
		value = "https://www." + host + "/" + before + name[1] + name[2]
	}
	if !strings.Contains(value, "://") {
		value = "https://" + value
	}
	u, err := url.Parse(value)
	ok := err == nil && u.Scheme == "https" && u.User == nil && u.Port() == "" && len(strings.Trim(u.Path, "/")) > 0 &&
		len(value) <= 200 && !strings.ContainsFunc(value, func(r rune) bool { return r <= ' ' || r == 0x7f })
	if !ok || !slices.ContainsFunc(n.hosts(), func(h string) bool {
		at := strings.ToLower(u.Hostname())
		return at == h || strings.HasSuffix(at, "."+h)
	}) {
		f.Add(field, value, "Enter the address of your %s profile, such as https://www.%s/your-shop.",
			SocialNetworks().Name(n), host)
		return ""
	}
	return u.String()
}

// Complete reports whether an address has all that its country's post wants.
func (a Address) Complete() bool {
	return a.Line1 != "" && a.City != "" && a.Country != "" && (a.Postcode != "" || !needsPostcode(a.Country)) &&
		(a.Region != "" || Regions(a.Country) == nil)
}

// FieldOf returns what a shop has in one of ShopFields, as a form shows it.
func FieldOf(m Merchant, s ShopSettings, field string) string {
	if network, ok := strings.CutPrefix(field, "social."); ok {
		return s.Social[SocialNetwork(network)]
	}
	return map[string]string{FieldName: m.Name, FieldCategory: string(m.Category), "legalName": s.LegalName,
		"email": s.Email, "phone": s.Phone, "address.line1": s.Address.Line1, "address.line2": s.Address.Line2,
		"address.city": s.Address.City, FieldRegion: s.Address.Region, "address.postcode": s.Address.Postcode,
		FieldCountry: s.Address.Country, FieldCurrency: s.Currency, "locale": s.Locale, FieldTimeZone: s.Timezone,
		"weightUnit": string(s.WeightUnit), "orderPrefix": s.OrderPrefix, "tagline": s.Tagline, "title": s.Title,
		"description": s.Description, FieldTaxIncluded: strconv.FormatBool(s.TaxIncluded),
		FieldVATNumber: s.VATNumber}[field]
}

// ShopFieldNames says the fields of a patch, as the audit log keeps them, in words: "phone number and time zone".
func ShopFieldNames(fields string) string {
	known := map[string]string{FieldName: "store name", FieldCategory: "business category", "legalName": "legal name",
		"email": "email", "phone": "phone number", FieldCurrency: "currency", "locale": "language",
		FieldTimeZone: "time zone", "weightUnit": "unit of weight",
		"orderPrefix": "order prefix", "tagline": "tagline", "title": "page title",
		"description": "description for search engines", FieldTaxIncluded: "whether prices include tax",
		FieldVATNumber: "VAT number"}
	var names []string
	for field := range strings.FieldsSeq(fields) {
		name := known[field]
		switch area, _, _ := strings.Cut(field, "."); {
		case area == "address":
			name = "address"
		case area == "social":
			name = "social profiles"
		}
		if name != "" && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	if n := len(names); n > 1 {
		return strings.Join(names[:n-1], ", ") + " and " + names[n-1]
	}
	return strings.Join(names, "")
}
