package orbit

// ShippingRate is one way an order can be sent, at a price.
type ShippingRate struct {
	MerchantID MerchantID `bun:",pk"`
	Name       string     `bun:",pk"`
	Price      int64
	FreeFrom   int64 `bun:",nullzero"` // order value from which it costs nothing, 0 for never
	Position   int
}

// Cost is what the rate takes for an order of goods of a value.
func (r ShippingRate) Cost(goods int64) int64 {
	if r.FreeFrom > 0 && goods >= r.FreeFrom {
		return 0
	}
	return r.Price
}
