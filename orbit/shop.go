package orbit

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
