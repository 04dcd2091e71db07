package orbit

import "time"

// ShopSettings holds a merchant's own settings, beyond those of the theme.
type ShopSettings struct {
	MerchantID MerchantID `bun:",pk"`
	Currency   string
	Locale     string
	Timezone   string
	Tagline    string
	UpdatedAt  time.Time

	TaxName     string
	TaxRate     int // hundredths of a percent
	TaxIncluded bool
}

// Tax is how the shop's prices are taxed.
func (s ShopSettings) Tax() Tax {
	return Tax{Name: s.TaxName, Rate: s.TaxRate, Included: s.TaxIncluded}
}
