package orbit

import "math/bits"

// Totals is what an order costs, line by line. All amounts are minor units of Currency.
type Totals struct {
	Currency     string
	Subtotal     int64
	DiscountCode string
	Discount     int64  // taken off
	ShippingName string // "" while no rate is chosen
	Shipping     int64
	Tax          int64
	TaxName      string
	TaxRate      int
	TaxIncluded  bool // Tax is part of the amounts above it, not added to them
	Total        int64
}

// Sum works out what a cart costs with what is taken off, one shipping rate and a tax on goods and
// shipping, rounded half up once, on the whole.
func Sum(c Cart, currency string, code string, off int64, rate ShippingRate, tax Tax) Totals {
	t := Totals{Currency: currency, Subtotal: c.Subtotal(), ShippingName: rate.Name, TaxName: tax.Name, TaxRate: tax.Rate,
		TaxIncluded: tax.Included}
	if t.Discount = max(0, min(off, t.Subtotal)); t.Discount > 0 {
		t.DiscountCode = code
	}
	goods := t.Subtotal - t.Discount
	t.Shipping = rate.Cost(goods)
	t.Total = goods + t.Shipping
	if tax.Included {
		t.Tax = share(t.Total, int64(tax.Rate), 10000+int64(tax.Rate))
	} else {
		t.Tax = share(t.Total, int64(tax.Rate), 10000)
		t.Total += t.Tax
	}
	return t
}

// share is amount*part/whole, rounded half up. All are at least 0, whole more.
func share(amount, part, whole int64) int64 {
	hi, lo := bits.Mul64(uint64(amount), uint64(part))
	lo, carry := bits.Add64(lo, uint64(whole)/2, 0)
	quotient, _ := bits.Div64(hi+carry, lo, uint64(whole))
	return int64(quotient)
}
