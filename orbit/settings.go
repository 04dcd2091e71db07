package orbit

import "time"

// ShopSettings holds a merchant's own settings, beyond those of the theme.
type ShopSettings struct {
	MerchantID  MerchantID `bun:",pk"`
	LegalName   string
	Email       string // where shoppers write to; the merchant's own is where the platform does
	Phone       string
	Address     Address `bun:"type:jsonb"` // Name is empty
	Currency    string
	Locale      string
	Timezone    string
	WeightUnit  WeightUnit
	OrderPrefix string // in front of the numbers of orders to come
	Tagline     string
	Title       string  // of the home page where search engines show it; "" is name and tagline
	Description string  // likewise
	Social      Social  `bun:"type:jsonb"`
	LogoID      MediaID `bun:",nullzero"`
	Brand       Brand   `bun:"type:jsonb"`
	Version     int
	UpdatedAt   time.Time

	TaxIncluded bool   // of all prices, of orders to come
	VATNumber   string `bun:"vat_number"` // or what else the country calls a seller's tax id
}

// Location is the shop's time zone, UTC where it is unknown here.
func (s ShopSettings) Location() *time.Location {
	if at, err := time.LoadLocation(s.Timezone); err == nil {
		return at
	}
	return time.UTC
}

// WeightUnit is what a shop weighs its products in.
type WeightUnit string

// WeightUnits returns all of them.
func WeightUnits() Terms[WeightUnit] {
	return Terms[WeightUnit]{{"kg", "Kilograms (kg)"}, {"g", "Grams (g)"}, {"lb", "Pounds (lb)"}, {"oz", "Ounces (oz)"}}
}

// Social holds the addresses of a shop's profiles elsewhere, by network.
type Social map[SocialNetwork]string

// SocialNetwork is a place where shops have profiles.
type SocialNetwork string

// SocialNetworks returns all of them.
func SocialNetworks() Terms[SocialNetwork] {
	return Terms[SocialNetwork]{{"instagram", "Instagram"}, {"facebook", "Facebook"}, {"tiktok", "TikTok"},
		{"youtube", "YouTube"}, {"pinterest", "Pinterest"}, {"x", "X"}, {"linkedin", "LinkedIn"}}
}

// hosts returns the domain that profiles of a network are at.
func (n SocialNetwork) hosts() []string {
	switch n {
	case "x":
		return []string{"x.com", "twitter.com"}
	case "facebook":
		return []string{"facebook.com", "fb.com"}
	}
	return []string{string(n) + ".com"}
}

// Links returns the addresses in the order of SocialNetworks.
func (s Social) Links() (links []Term[SocialNetwork]) {
	for _, n := range SocialNetworks() {
		if s[n.Value] != "" {
			links = append(links, n)
		}
	}
	return links
}
