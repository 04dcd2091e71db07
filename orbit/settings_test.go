package orbit

import (
	"slices"
	"strings"
	"testing"
)

func TestTimeZones(t *testing.T) {
	t.Parallel()
	for _, name := range append(TimeZones(), "Asia/Calcutta", "US/Eastern") {
		if !ValidTimeZone(name) {
			t.Error(name)
		}
	}
	for _, name := range []string{"", "Local", "Mars/Olympus", "../etc/passwd", "europe/berlin", "UTC+1"} {
		if ValidTimeZone(name) {
			t.Error(name)
		}
	}
}

// Each country has a zone of its own, and people can choose it.
func TestTimeZoneOf(t *testing.T) {
	t.Parallel()
	all := TimeZones()
	for _, c := range Countries() {
		if zone := TimeZoneOf(c.Code); zone == DefaultTimeZone || !ValidTimeZone(zone) || !slices.Contains(all, zone) {
			t.Errorf("%s: %q", c.Name, zone)
		}
	}
	for country, want := range map[string]string{"US": "America/New_York", "AU": "Australia/Sydney",
		"NL": "Europe/Amsterdam", "PT": "Europe/Lisbon", "XK": "Europe/Belgrade", "ZW": "Africa/Harare",
		"": "UTC", "ZZ": "UTC", "us": "UTC"} {
		if got := TimeZoneOf(country); got != want {
			t.Errorf("%q: %q", country, got)
		}
	}
}

// TestShopPatch: each field is cleaned or refused by itself, and what isn't sent stays.
func TestShopPatch(t *testing.T) {
	t.Parallel()
	m := Merchant{Name: "Juniper", Category: "books"}
	s := ShopSettings{Email: "a@juniper.example", Phone: "+44 20 7946 0000",
		Currency: "USD", Locale: "en", Timezone: "UTC", WeightUnit: "kg", OrderPrefix: "#",
		Address: Address{Country: "US", Region: "CA", City: "Oakland"},
		Social:  Social{"x": "https://x.com/juniper"}}
	for field, tries := range map[string]map[string]string{ // typed: stored, "!" where it is refused
		"name": {" Juniper  & Co ": "Juniper & Co", "": "!", "J": "!", "www.juniper.example": "!",
			"Ju\u202eniper": "!"},
		"category":         {"toys": "toys", "arms": "!", "": "!"},
		"legalName":        {"Juniper Ltd": "Juniper Ltd", "": "", "a\nb": "!", strings.Repeat("x", 121): "!"},
		"email":            {"Hi@Shop.EXAMPLE": "Hi@shop.example", "": "!", "none": "!"},
		"phone":            {"": "", "+49 30 901820": "+49 30 901820", "call me": "!"},
		"address.line1":    {"1 High St": "1 High St", "": ""},
		"address.line2":    {"Unit 4": "Unit 4"},
		"address.city":     {"Leeds": "Leeds"},
		"address.postcode": {"94612": "94612", strings.Repeat("9", 17): "!"},
		"address.region":   {"oregon": "OR", "Bavaria": "!", "": ""},
		"address.country":  {"us": "US", "XX": "!", "DE": "DE", "CA": "!"}, // California is no province
		"currency":         {"eur": "EUR", "ZZZ": "!", "": "!"},
		"locale":           {"pt-br": "pt-BR", "": "!", "klingonese-xx-yy": "!"},
		"timezone":         {"Europe/Berlin": "Europe/Berlin", "Berlin": "!"},
		"weightUnit":       {"lb": "lb", "stone": "!"},
		"orderPrefix":      {"": "", "JU-": "JU-", "a\x00b": "!", strings.Repeat("x", 13): "!"},
		"tagline":          {"Slow mornings": "Slow mornings"},
		"title":            {"Juniper books": "Juniper books", strings.Repeat("x", 71): "!"},
		"description":      {"Books": "Books", strings.Repeat("x", 321): "!"},
		"social.instagram": {"@juniper": "https://www.instagram.com/juniper", "https://evil.example/x": "!",
			"javascript:alert(1)": "!", "https://instagram.com.evil.example/x": "!",
			"instagram.com/juniper": "https://instagram.com/juniper"},
		"social.tiktok": {"juniper": "https://www.tiktok.com/@juniper"},
		"social.x":      {"": "", "https://user:pw@x.com/a": "!", "https://x.com:99/a": "!", "https://x.com/": "!"},
		"status":        {"suspended": "!"},
		"plan":          {"x": "!"},
	} {
		for typed, want := range tries {
			m2, s2, err := ShopPatch{field: typed}.Apply(m, s)
			if want == "!" {
				if CodeOf(err) != Invalid || len(FaultsOf(err)) != 1 {
					t.Errorf("%s %q: %v", field, typed, err)
				}
				continue
			}
			if got := fieldsOf(m2, s2)[field]; err != nil || got != want {
				t.Errorf("%s %q: %q, %v", field, typed, got, err)
			}
			before, after := fieldsOf(m, s), fieldsOf(m2, s2)
			for _, f := range ShopFields() {
				if f != field && before[f] != after[f] {
					t.Errorf("%s changed %s: %q, %q", field, f, before[f], after[f])
				}
			}
		}
	}
	if _, _, err := (ShopPatch{"email": "x", "address.country": "XX"}).Apply(m, s); len(FaultsOf(err)) != 2 {
		t.Error(err)
	}
	if s.Social["x"] == "" || len(s.Social) != 1 {
		t.Error("Apply changed what it was given:", s.Social)
	}
}

func fieldsOf(m Merchant, s ShopSettings) map[string]string {
	all := map[string]string{}
	for _, field := range ShopFields() {
		all[field] = FieldOf(m, s, field)
	}
	return all
}

func TestAddressComplete(t *testing.T) {
	t.Parallel()
	for want, all := range map[bool][]Address{
		true: {{Line1: "1", City: "Berlin", Postcode: "10115", Country: "DE"}, {Line1: "1", City: "Dublin", Country: "IE"},
			{Line1: "1", City: "Oakland", Postcode: "94612", Region: "CA", Country: "US"}},
		false: {{}, {Line1: "1", City: "Berlin", Country: "DE"}, {Line1: "1", City: "Oakland", Postcode: "9", Country: "US"},
			{City: "Dublin", Country: "IE"}},
	} {
		for _, a := range all {
			if a.Complete() != want {
				t.Error(a, !want)
			}
		}
	}
}
