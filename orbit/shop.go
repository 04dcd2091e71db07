package orbit

import "time"

// Shop is a shop as its address finds it, with what all its pages share.
type Shop struct {
	Merchant Merchant `bun:"embed:m__"`
	Release  Release  `bun:"embed:r__"`
	Host     string
	Primary  string // the host that canonical links name

	Settings    ShopSettings          `bun:"-"`
	Menus       map[string][]MenuItem `bun:"-"` // by handle
	Collections []Collection          `bun:"-"` // in order

	// Version tells this content of the shop from all that was before and will be, so that more can be kept under it;
	// 0 while nobody would hear of a change.
	Version uint64 `bun:"-"`
}

// ShopSheet is a shop with all that its own people want to know of it in one place.
type ShopSheet struct {
	Merchant   Merchant
	Settings   ShopSettings
	Theme      Theme // zero for none
	Plan       Plan  // zero for none
	Usage      Usage
	Onboarding Onboarding
	Primary    string // the host that canonical links name
}

// UpdatedAt is when somebody last changed what the sheet says of the shop itself.
func (s ShopSheet) UpdatedAt() time.Time {
	if s.Settings.UpdatedAt.After(s.Merchant.UpdatedAt) {
		return s.Settings.UpdatedAt
	}
	return s.Merchant.UpdatedAt
}

// Weight is how much memory the shop takes, in bytes, more or less.
func (s Shop) Weight() int {
	const rows, item, collection = 5 << 10, 80, 200 // the merchant's row with its release; structs
	n := rows
	for _, items := range s.Menus {
		for _, i := range items {
			n += item + len(i.Label) + len(i.URL)
		}
	}
	for _, c := range s.Collections {
		n += collection + len(c.Handle) + len(c.Title) + len(c.Description)
	}
	return n
}
