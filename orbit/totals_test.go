package orbit_test

import (
	"math"
	"math/big"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"orbit360.app/orbit"
)

// currencies returns ten of them: four without decimals, three with two, three with three.
func currencies() []string {
	return []string{"JPY", "KRW", "CLP", "VND", "EUR", "USD", "GBP", "KWD", "BHD", "TND"}
}

func carts(t *rapid.T) orbit.Cart {
	return orbit.Cart{Lines: rapid.SliceOfN(rapid.Custom(func(t *rapid.T) orbit.CartLine {
		return orbit.CartLine{Price: amounts(t, "price"),
			Quantity: rapid.IntRange(1, orbit.MaxQuantity).Draw(t, "quantity"), Stock: rapid.IntRange(0, 1000).Draw(t, "stock")}
	}), 0, orbit.MaxCartLines).Draw(t, "lines")}
}

// amounts draws small ones as often as large ones: the first show what rounding does, the others what overflows.
func amounts(t *rapid.T, label string) int64 {
	return rapid.OneOf(rapid.Int64Range(0, 20), rapid.Int64Range(0, 99_999), rapid.Int64Range(0, 1e12)).Draw(t, label)
}

// taxes draws up to three taxes, together below 100 %.
func taxes(t *rapid.T) []orbit.Tax {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) orbit.Tax {
		return orbit.Tax{Name: rapid.SampledFrom([]string{"VAT", "GST", "PST"}).Draw(t, "name"),
			Rate: rapid.OneOf(rapid.SampledFrom([]int{0, 500, 700, 998, 1900, 2000}), rapid.IntRange(0, 3300)).Draw(t, "rate")}
	}), 0, 3).Draw(t, "taxes")
}

// bills draws what an order can be: lines taxed by one to three rates or by none, discounts on lines and shipping.
func bills(t *rapid.T) orbit.Bill {
	b := orbit.Bill{Currency: rapid.SampledFrom(currencies()).Draw(t, "currency"),
		Shipping:    orbit.ShippingRate{Name: "Post", Price: amounts(t, "shipping"), FreeFrom: amounts(t, "free from")},
		TaxIncluded: rapid.Bool().Draw(t, "included")}
	b.Discounts = []orbit.AppliedDiscount{{Code: "CODE",
		Amount: rapid.OneOf(rapid.Int64Range(-1, 1000), rapid.Int64Range(0, math.MaxInt64)).Draw(t, "off")},
		{Title: "Free shipping", Shipping: true,
			Amount: rapid.OneOf(rapid.Just[int64](0), rapid.Int64Range(-1, 1e6)).Draw(t, "shipping off")}}
	b.ShippingTaxes = taxes(t)
	for _, l := range carts(t).Lines {
		b.Lines = append(b.Lines, orbit.BillLine{Gross: l.Total(), Taxes: taxes(t)})
	}
	return b
}

// exactTax is the tax on an amount by exact arithmetic, rounded half up.
func exactTax(amount int64, included bool, rates []orbit.Tax) int64 {
	rate, whole := int64(0), int64(10000)
	for _, r := range rates {
		rate += int64(r.Rate)
	}
	if included {
		whole += rate
	}
	exact := new(big.Rat).Mul(new(big.Rat).SetInt64(amount), big.NewRat(rate, whole))
	exact.Add(exact, big.NewRat(1, 2))
	return new(big.Int).Quo(exact.Num(), exact.Denom()).Int64()
}

// checkTaxes fails unless taxes are the parts of a tax by rates, each within one of its exact share.
func checkTaxes(t *rapid.T, tax int64, taxes []orbit.TaxAmount, rates []orbit.Tax) {
	var sum, rate int64
	for _, r := range rates {
		rate += int64(r.Rate)
	}
	i := 0
	for _, r := range rates {
		if r.Rate == 0 {
			continue
		}
		part := taxes[i]
		exact := new(big.Rat).Mul(new(big.Rat).SetInt64(tax), big.NewRat(int64(r.Rate), rate))
		off := exact.Sub(exact, new(big.Rat).SetInt64(part.Amount))
		if part.Name != r.Name || part.Rate != r.Rate || part.Amount < 0 || off.Abs(off).Cmp(big.NewRat(1, 1)) >= 0 {
			t.Fatalf("%d by %+v is %+v", tax, rates, taxes)
		}
		sum += part.Amount
		i++
	}
	if sum != tax || len(taxes) != i || taxes == nil {
		t.Fatalf("%+v isn't %d by %+v", taxes, tax, rates)
	}
}

// TestBills: whatever is bought, the lines and the shipping add up to the total, nothing is below zero, nothing
// overflows, and each tax is the exact share rounded half up.
func TestBills(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b := bills(t)
		s := b.Totals()
		checkTotals(t, b, s)
		if again := b.Totals(); !reflect.DeepEqual(s, again) {
			t.Fatalf("%+v, then %+v", s, again)
		}
	})
}

func checkTotals(t *rapid.T, b orbit.Bill, s orbit.Totals) {
	var gross, off, tax, total int64
	for i, l := range s.Lines {
		base := b.Lines[i].Gross - l.Discount
		gross, off, tax, total = gross+b.Lines[i].Gross, off+l.Discount, tax+l.Tax, total+l.Total
		want := base
		if !b.TaxIncluded {
			want += l.Tax
		}
		if l.Discount < 0 || base < 0 || l.Tax != exactTax(base, b.TaxIncluded, b.Lines[i].Taxes) || l.Total != want ||
			l.Tax > l.Total {
			t.Fatalf("line %d of %d: %+v", i, b.Lines[i].Gross, l)
		}
		checkTaxes(t, l.Tax, l.Taxes, b.Lines[i].Taxes)
	}
	if len(s.Lines) != len(b.Lines) || s.Subtotal != gross || s.Discount != off ||
		s.Discount != max(0, min(wanted(b, false), gross)) {
		t.Fatalf("%+v of %+v", s, b)
	}
	if s.Shipping != b.Shipping.Cost(gross-off) || s.ShippingDiscount != max(0, min(wanted(b, true), s.Shipping)) {
		t.Fatalf("shipping of %+v", s)
	}
	base := s.Shipping - s.ShippingDiscount
	if s.ShippingTax != exactTax(base, b.TaxIncluded, b.ShippingTaxes) || s.Tax != tax+s.ShippingTax {
		t.Fatalf("tax of %+v", s)
	}
	checkTaxes(t, s.ShippingTax, s.ShippingTaxes, b.ShippingTaxes)
	sum, shipping := s.Subtotal-s.Discount+base, base
	if !b.TaxIncluded {
		sum, shipping = sum+s.Tax, shipping+s.ShippingTax
	}
	if s.Total != sum || s.Total != total+shipping || s.Total < 0 || s.Tax < 0 || s.Tax > s.Total {
		t.Fatalf("%+v doesn't add up to %d", s, sum)
	}
	if (s.DiscountCode() != "") != (s.Discount > 0) || s.Currency != b.Currency || s.TaxIncluded != b.TaxIncluded {
		t.Fatalf("%+v", s)
	}
}

// wanted is what a bill's discounts are to take off its lines, or off its shipping.
func wanted(b orbit.Bill, shipping bool) (off int64) {
	for _, d := range b.Discounts {
		if d.Shipping == shipping {
			off += d.Amount
		}
	}
	return off
}

// sum is what a cart comes to with one tax on all of it.
func sum(c orbit.Cart, currency string, off []orbit.AppliedDiscount, rate orbit.ShippingRate,
	tax orbit.Tax) orbit.Totals {
	lines := slices.Clone(c.Lines)
	for i := range lines {
		lines[i].Taxable = true
	}
	b := orbit.Checkout{Settings: orbit.ShopSettings{Currency: currency, TaxIncluded: tax.Included},
		Taxes: []orbit.TaxRate{{Name: tax.Name, Rate: tax.Rate, AppliesToShipping: true}}}.Bill(orbit.Cart{Lines: lines},
		orbit.Destination{}, rate)
	b.Discounts = off
	return b.Totals()
}

// TestSum: a cart is a bill with one tax on all of it.
func TestSum(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		c := carts(t)
		rate := orbit.ShippingRate{Name: "Post", Price: amounts(t, "shipping"), FreeFrom: amounts(t, "free from")}
		tax := orbit.Tax{Name: "VAT", Rate: rapid.IntRange(0, 10000).Draw(t, "rate"),
			Included: rapid.Bool().Draw(t, "included")}
		off := rapid.Int64Range(-1, math.MaxInt64).Draw(t, "off")
		code := []orbit.AppliedDiscount{{Code: "CODE", Amount: off}}
		s := sum(c, "EUR", code, rate, tax)
		b := orbit.Bill{Currency: "EUR", Discounts: code, Shipping: rate, ShippingTaxes: []orbit.Tax{tax},
			TaxIncluded: tax.Included}
		for _, l := range c.Lines {
			b.Lines = append(b.Lines, orbit.BillLine{Gross: l.Price * int64(l.Quantity), Taxes: []orbit.Tax{tax}})
		}
		checkTotals(t, b, s)
		if named := s.TaxName == "VAT"; named != (tax.Rate > 0) || s.TaxRate != tax.Rate || s.ShippingName != "Post" ||
			s.Subtotal != c.Subtotal() {
			t.Fatalf("%+v", s)
		}
	})
}

// TestTotals holds sums to ones worked out by hand.
func TestTotals(t *testing.T) {
	t.Parallel()
	type amounts struct{ discount, tax, total int64 }
	line := func(price int64, quantity int) orbit.CartLine {
		return orbit.CartLine{Price: price, Quantity: quantity}
	}
	for name, c := range map[string]struct {
		lines    []orbit.CartLine
		off      int64
		shipping int64
		tax      orbit.Tax
		want     []amounts // the lines, the shipping, the order
	}{
		// 239.00 less a quarter is 179.25, of which a sixth is 29.875
		"inclusive, half up": {[]orbit.CartLine{line(2390, 10)}, 5975, 0, orbit.Tax{Rate: 2000, Included: true},
			[]amounts{{5975, 2988, 17925}, {0, 0, 0}, {5975, 2988, 17925}}},
		// 0.25 and 0.25 and 0.5: each rounded on its own, where the whole would be 1
		"on top, each line": {[]orbit.CartLine{line(1, 1), line(1, 1), line(2, 1)}, 0, 0, orbit.Tax{Rate: 2500},
			[]amounts{{0, 0, 1}, {0, 0, 1}, {0, 1, 3}, {0, 0, 0}, {0, 1, 5}}},
		"each line and shipping up": {[]orbit.CartLine{line(10, 1), line(10, 1)}, 0, 10, orbit.Tax{Rate: 500},
			[]amounts{{0, 1, 11}, {0, 1, 11}, {0, 1, 11}, {0, 3, 33}}},
		// 100 of 300 is 33.3 each
		"discount by price": {[]orbit.CartLine{line(100, 1), line(50, 2), line(100, 1)}, 100, 500, orbit.Tax{Rate: 1900},
			[]amounts{{34, 13, 79}, {33, 13, 80}, {33, 13, 80}, {0, 95, 595}, {100, 134, 834}}},
		"all of it off": {[]orbit.CartLine{line(0, 3), line(999, 1)}, 99999, 0, orbit.Tax{Rate: 1900},
			[]amounts{{0, 0, 0}, {999, 0, 0}, {0, 0, 0}, {999, 0, 0}}},
	} {
		s := sum(orbit.Cart{Lines: c.lines}, "GBP", []orbit.AppliedDiscount{{Code: "X", Amount: c.off}},
			orbit.ShippingRate{Price: c.shipping}, c.tax)
		var got []amounts
		for _, l := range s.Lines {
			got = append(got, amounts{l.Discount, l.Tax, l.Total})
		}
		shipping := amounts{s.ShippingDiscount, s.ShippingTax, s.Shipping}
		if !c.tax.Included {
			shipping.total += s.ShippingTax
		}
		got = append(got, shipping, amounts{s.Discount, s.Tax, s.Total})
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, not %+v", name, got, c.want)
		}
	}
}

// Rates of one line are rounded together: 5 % and 9.98 % of 3.33 are 0.1665 and 0.3323, together 0.4988.
func TestSeveralRates(t *testing.T) {
	t.Parallel()
	gst, pst := orbit.Tax{Name: "GST", Rate: 500}, orbit.Tax{Name: "PST", Rate: 998}
	b := orbit.Bill{Lines: []orbit.BillLine{{Gross: 333, Taxes: []orbit.Tax{gst, pst}}, {Gross: 1000}},
		Shipping: orbit.ShippingRate{Price: 500}, ShippingTaxes: []orbit.Tax{{Name: "none"}, gst}}
	s := b.Totals()
	if s.Lines[0].Tax != 50 || s.Lines[1].Tax != 0 || s.ShippingTax != 25 || s.Tax != 75 || s.Total != 333+1000+500+75 {
		t.Errorf("%+v", s)
	}
	parts := []orbit.TaxAmount{{Name: "GST", Rate: 500, Amount: 17}, {Name: "PST", Rate: 998, Amount: 33}}
	if !reflect.DeepEqual(s.Lines[0].Taxes, parts) {
		t.Errorf("%+v", s.Lines[0].Taxes)
	}
	o := orbit.Order{ShippingTaxes: s.ShippingTaxes}
	for _, l := range s.Lines {
		o.Lines = append(o.Lines, orbit.OrderLine{Taxes: l.Taxes})
	}
	sums := []orbit.TaxAmount{{Name: "PST", Rate: 998, Amount: 33}, {Name: "GST", Rate: 500, Amount: 42}}
	if !reflect.DeepEqual(o.Taxes(), sums) {
		t.Errorf("%+v", o.Taxes())
	}
	if taxes := (orbit.Order{}).Taxes(); taxes == nil || len(taxes) != 0 {
		t.Errorf("%+v of nothing", taxes)
	}
}
