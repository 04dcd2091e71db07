package orbit

import "math/bits"

// Totals is what an order costs, line by line. All amounts are minor units of Currency.
type Totals struct {
	Currency         string
	Lines            []LineTotals // one for each line of the cart, in its order
	Subtotal         int64
	DiscountCode     string
	Discount         int64  // taken off the lines
	ShippingName     string // "" while no rate is chosen
	Shipping         int64
	ShippingDiscount int64 // taken off the shipping, not part of Discount
	ShippingTax      int64
	ShippingTaxes    []TaxAmount
	Tax              int64 // of all lines and the shipping
	TaxName          string
	TaxRate          int
	TaxIncluded      bool // Tax is part of the amounts above it, not added to them
	Total            int64
}

// LineTotals is what one line has of an order's totals.
type LineTotals struct {
	Discount int64
	Tax      int64
	Taxes    []TaxAmount
	Total    int64 // the price less Discount, with Tax unless that is included
}

// Bill is what an order's totals are worked out from.
type Bill struct {
	Currency         string
	Lines            []BillLine
	DiscountCode     string
	Discount         int64 // to take off the lines; of more than they cost only that much is
	Shipping         ShippingRate
	ShippingDiscount int64 // likewise
	ShippingTaxes    []Tax
	TaxIncluded      bool // all prices hold their taxes
}

// BillLine is a line's price and how that is taxed: by several rates at once, or by none.
type BillLine struct {
	Gross int64
	Taxes []Tax
}

// Sum works out what a cart costs with what is taken off, one shipping rate and one tax on goods and shipping.
func Sum(c Cart, currency string, code string, off int64, rate ShippingRate, tax Tax) Totals {
	b := Bill{Currency: currency, DiscountCode: code, Discount: off, Shipping: rate, ShippingTaxes: []Tax{tax},
		TaxIncluded: tax.Included}
	for _, l := range c.Lines {
		b.Lines = append(b.Lines, BillLine{Gross: l.Total(), Taxes: b.ShippingTaxes})
	}
	t := b.Totals()
	t.TaxName, t.TaxRate = tax.Name, tax.Rate
	return t
}

// Totals works out what it all costs. The discount is spread over the lines by their prices, and each line and the
// shipping are taxed on their own, rounded half up, so that a line can be refunded later for exactly what it came to:
// the totals are sums, never rounded again.
func (b Bill) Totals() Totals {
	t := Totals{Currency: b.Currency, ShippingName: b.Shipping.Name, TaxIncluded: b.TaxIncluded}
	gross := make([]int64, len(b.Lines))
	for i, l := range b.Lines {
		gross[i] = l.Gross
		t.Subtotal += l.Gross
	}
	if t.Discount = max(0, min(b.Discount, t.Subtotal)); t.Discount > 0 {
		t.DiscountCode = b.DiscountCode
	}
	for i, off := range Allocate(t.Discount, gross) {
		l := LineTotals{Discount: off}
		l.Total, l.Tax, l.Taxes = b.tax(gross[i]-off, b.Lines[i].Taxes)
		t.Lines = append(t.Lines, l)
		t.Tax += l.Tax
		t.Total += l.Total
	}
	t.Shipping = b.Shipping.Cost(t.Subtotal - t.Discount)
	t.ShippingDiscount = max(0, min(b.ShippingDiscount, t.Shipping))
	var shipping int64
	shipping, t.ShippingTax, t.ShippingTaxes = b.tax(t.Shipping-t.ShippingDiscount, b.ShippingTaxes)
	t.Tax += t.ShippingTax
	t.Total += shipping
	return t
}

// tax returns what an amount comes to with its tax, and the tax.
func (b Bill) tax(amount int64, rates []Tax) (total, tax int64, taxes []TaxAmount) {
	tax, taxes = taxOn(amount, b.TaxIncluded, rates)
	if b.TaxIncluded {
		return amount, tax, taxes
	}
	return amount + tax, tax, taxes
}

// share is amount*part/whole, rounded half up. All are at least 0, whole more.
func share(amount, part, whole int64) int64 {
	hi, lo := bits.Mul64(uint64(amount), uint64(part))
	lo, carry := bits.Add64(lo, uint64(whole)/2, 0)
	quotient, _ := bits.Div64(hi+carry, lo, uint64(whole))
	return int64(quotient)
}
