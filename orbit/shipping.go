package orbit

import "time"

// ShippingKind says what a shipping rate depends on.
type ShippingKind string

// The kinds of shipping rates.
const (
	ShippingFlat   ShippingKind = "flat"
	ShippingPrice  ShippingKind = "price"  // of what the goods cost
	ShippingWeight ShippingKind = "weight" // of what they weigh
	ShippingPickup ShippingKind = "pickup" // nothing is sent: shoppers come for it
)

// ShippingKinds returns all of them.
func ShippingKinds() Terms[ShippingKind] {
	return Terms[ShippingKind]{
		{ShippingFlat, "Flat rate"},
		{ShippingPrice, "By order value"},
		{ShippingWeight, "By weight"},
		{ShippingPickup, "Local pickup"},
	}
}

// ShippingRateID names a shipping rate.
type ShippingRateID = ID[ShippingRate]

// ShippingRate is one way an order can be sent, at a price. Its name is the only one of its zone.
type ShippingRate struct {
	MerchantID MerchantID     `bun:",pk"`
	ID         ShippingRateID `bun:",pk"`
	ZoneID     ShippingZoneID
	Name       string
	Kind       ShippingKind
	Price      int64
	FreeFrom   int64  `bun:",nullzero"` // value of goods from which it costs nothing, 0 for never
	Minimum    int64  // of ShippingPrice in minor units, of ShippingWeight in grams
	Maximum    int64  `bun:",nullzero"` // likewise, 0 for none
	Note       string // what shoppers have to know, as where they pick it up
	Position   int
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// Cost is what the rate takes for an order of goods of a value.
func (r ShippingRate) Cost(goods int64) int64 {
	if r.FreeFrom > 0 && goods >= r.FreeFrom {
		return 0
	}
	return r.Price
}

// Takes reports whether goods of a value and a weight in grams can be sent with the rate: both bounds belong to it.
func (r ShippingRate) Takes(goods, grams int64) bool {
	n := goods
	switch r.Kind {
	case ShippingWeight:
		n = grams
	case ShippingPrice:
	default:
		return true
	}
	return n >= r.Minimum && (r.Maximum == 0 || n <= r.Maximum)
}
