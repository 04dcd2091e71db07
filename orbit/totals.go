package orbit

import "math/bits"

// Totals is what an order costs, line by line. All amounts are minor units of Currency.
type Totals struct {
	Currency         string
	Lines            []LineTotals // one for each line of the cart, in its order
	Subtotal         int64
	Discounts        []AppliedDiscount // each with what it takes off; one of the shipping may take nothing off
	Refused          []RefusedDiscount // codes that don't hold
	Discount         int64             // taken off the lines
	ShippingName     string            // "" while no rate is chosen
	Shipping         int64
	ShippingDiscount int64 // taken off the shipping, not part of Discount
	ShippingTax      int64
	ShippingTaxes    []TaxAmount
	Tax              int64  // of all lines and the shipping
	TaxName          string // of the only tax, "" and 0 where there are several or none
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
	Currency      string
	Lines         []BillLine
	Discounts     []AppliedDiscount // to take off, one after the other; of more than is left only that much is
	Shipping      ShippingRate
	ShippingTaxes []Tax
	TaxIncluded   bool // all prices hold their taxes
}

// BillLine is a line's price and how that is taxed: by several rates at once, or by none.
type BillLine struct {
	Gross int64
	Taxes []Tax
}

// Taxes returns the taxes of all lines and of the shipping, one for each name and rate, the highest rate first.
func (t Totals) Taxes() []TaxAmount {
	lists := [][]TaxAmount{t.ShippingTaxes}
	for _, l := range t.Lines {
		lists = append(lists, l.Taxes)
	}
	return sumTaxes(lists...)
}

// Totals works out what it all costs. Each line and the shipping are taxed on their own, rounded half up, so that a
// line can be refunded later for exactly what it came to: the totals are sums, never rounded again.
func (b Bill) Totals() Totals {
	t := Totals{Currency: b.Currency, ShippingName: b.Shipping.Name, TaxIncluded: b.TaxIncluded}
	left := make([]int64, len(b.Lines))
	for i, l := range b.Lines {
		left[i] = l.Gross
		t.Subtotal += l.Gross
	}
	for _, d := range b.Discounts {
		if !d.Shipping {
			t.takeOff(d, left)
		}
	}
	for i, l := range b.Lines {
		line := LineTotals{Discount: l.Gross - left[i]}
		line.Total, line.Tax, line.Taxes = b.tax(left[i], l.Taxes)
		t.Lines = append(t.Lines, line)
		t.Tax += line.Tax
		t.Total += line.Total
	}
	t.Shipping = b.Shipping.Cost(t.Subtotal - t.Discount)
	for _, d := range b.Discounts {
		if d.Shipping {
			d.Amount = max(0, min(d.Amount, t.Shipping-t.ShippingDiscount))
			t.ShippingDiscount += d.Amount
			t.Discounts = append(t.Discounts, d)
		}
	}
	var shipping int64
	shipping, t.ShippingTax, t.ShippingTaxes = b.tax(t.Shipping-t.ShippingDiscount, b.ShippingTaxes)
	t.Tax += t.ShippingTax
	t.Total += shipping
	if taxes := t.Taxes(); len(taxes) == 1 {
		t.TaxName, t.TaxRate = taxes[0].Name, taxes[0].Rate
	}
	return t
}

// takeOff takes a discount off what is left of the lines: each line's part, or, where it doesn't say, by what they
// cost.
func (t *Totals) takeOff(d AppliedDiscount, left []int64) {
	parts := d.Lines
	if len(parts) != len(left) {
		var whole int64
		for _, l := range left {
			whole += l
		}
		parts = Allocate(max(0, min(d.Amount, whole)), left)
	}
	d.Amount, d.Lines = 0, make([]int64, len(left))
	for i := range left {
		d.Lines[i] = max(0, min(parts[i], left[i]))
		left[i] -= d.Lines[i]
		d.Amount += d.Lines[i]
	}
	if d.Amount > 0 {
		t.Discount += d.Amount
		t.Discounts = append(t.Discounts, d)
	}
}

// DiscountCode returns the first code that has taken something off, "" for none.
func (t Totals) DiscountCode() string {
	for _, d := range t.Discounts {
		if d.Code != "" && d.Amount > 0 {
			return d.Code
		}
	}
	return ""
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
