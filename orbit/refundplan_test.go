package orbit_test

import (
	"math/big"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"orbit360.app/orbit"
)

// paid returns the order that a bill makes, of so many units a line, paid in full.
func paid(b orbit.Bill, quantities []int) orbit.Order {
	t := b.Totals()
	o := orbit.Order{ID: orbit.NewID[orbit.Order](), MerchantID: orbit.NewID[orbit.Merchant](), Currency: t.Currency,
		Subtotal: t.Subtotal, Discount: t.Discount, Shipping: t.Shipping, ShippingDiscount: t.ShippingDiscount,
		ShippingTax: t.ShippingTax, ShippingTaxes: t.ShippingTaxes, Tax: t.Tax, TaxIncluded: t.TaxIncluded,
		Total: t.Total, Paid: t.Total}
	for i, l := range t.Lines {
		o.Lines = append(o.Lines, orbit.OrderLine{ID: orbit.NewID[orbit.OrderLine](), Title: "Mug", Price: b.Lines[i].Gross,
			Quantity: quantities[i], Discount: l.Discount, Tax: l.Tax, Taxes: l.Taxes, Total: l.Total})
	}
	return o
}

// orders draws one of up to six lines, with units that may cost less than a minor unit each.
func orders(t *rapid.T) orbit.Order {
	b := bills(t)
	b.Lines = b.Lines[:min(6, len(b.Lines))]
	if rapid.Bool().Draw(t, "no discount") {
		b.Discounts = nil
	}
	quantities := make([]int, len(b.Lines))
	for i := range quantities {
		quantities[i] = rapid.OneOf(rapid.IntRange(1, 12), rapid.IntRange(1, orbit.MaxQuantity)).Draw(t, "units")
	}
	return paid(b, quantities)
}

// refunded returns the order after a refund, as the store keeps it.
func refunded(o orbit.Order, r orbit.Refund) orbit.Order {
	o.Lines = slices.Clone(o.Lines)
	for _, x := range r.Lines {
		i := slices.IndexFunc(o.Lines, func(l orbit.OrderLine) bool { return l.ID == x.ID })
		o.Lines[i].Refunded += x.Quantity
	}
	o.ShippingRefunded += r.Shipping
	o.Refunded += r.Amount
	o.RefundedTax += r.Tax
	return o
}

// checkRefund fails unless a refund keeps what holds after any of them.
func checkRefund(t *rapid.T, o orbit.Order, r orbit.Refund) {
	after := refunded(o, r)
	if r.Amount < 0 || r.Tax < 0 || r.Tax > r.Amount || after.Refunded > after.Paid || after.RefundedTax > after.Tax ||
		after.Tax-after.RefundedTax > after.Total-after.Refunded || after.ShippingRefundable() < 0 {
		t.Fatalf("%+v of %+v", r, o)
	}
	if after.Refunded == after.Total && after.RefundedTax != after.Tax {
		t.Fatalf("all of %d is refunded, of its tax %d of %d", o.Total, after.RefundedTax, o.Tax)
	}
	for _, l := range r.Lines {
		if l.Amount < 0 || l.Tax < 0 || l.Tax > l.Amount || l.Quantity < 1 {
			t.Fatalf("%+v", l)
		}
	}
	for _, l := range after.Lines {
		// the rest of the line by exact arithmetic: the total less the rounded share that is refunded
		done := new(big.Rat).Mul(new(big.Rat).SetInt64(l.Total), big.NewRat(int64(l.Refunded), int64(l.Quantity)))
		done.Add(done, big.NewRat(1, 2))
		if rest := l.Total - new(big.Int).Quo(done.Num(), done.Denom()).Int64(); l.Refundable() != rest {
			t.Fatalf("%d is left of %+v, not %d", l.Refundable(), l, rest)
		}
	}
}

// TestRefunds: all of an order, a few units and a little shipping at a time in any order, is exactly its total and its
// tax, and each line is refunded for exactly what it came to. A refund of the rest says so at any time.
func TestRefunds(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		first := orders(t)
		o, lines := first, map[orbit.OrderLineID]int64{}
		for {
			want, rest := orbit.RefundWish{}, orbit.RefundWish{Shipping: o.ShippingRefundable()}
			for _, l := range o.Lines {
				if n := l.Quantity - l.Refunded; n > 0 {
					rest.Lines = append(rest.Lines, orbit.RefundLine{ID: l.ID, Quantity: n})
				}
				if n := rapid.IntRange(0, l.Quantity-l.Refunded).Draw(t, "units"); n > 0 {
					want.Lines = append(want.Lines, orbit.RefundLine{ID: l.ID, Quantity: n, Restock: n%2 == 0})
				}
			}
			if len(rest.Lines) == 0 && rest.Shipping == 0 {
				break
			}
			if r, err := o.RefundPlan(rest); err != nil || r.Amount != o.Refundable() || r.Tax != o.Tax-o.RefundedTax {
				t.Fatalf("the rest is %+v of %+v: %v", r, o, err)
			}
			want.Lines = rapid.Permutation(want.Lines).Draw(t, "order")
			want.Shipping = rapid.Int64Range(0, o.ShippingRefundable()).Draw(t, "shipping")
			if rapid.Bool().Draw(t, "all shipping") {
				want.Shipping = o.ShippingRefundable()
			}
			if len(want.Lines) == 0 && want.Shipping == 0 {
				want = rest
			}
			r, err := o.RefundPlan(want)
			if err != nil {
				t.Fatal(err)
			}
			checkRefund(t, o, r)
			sum, tax := r.Shipping, int64(0)
			for i, l := range r.Lines {
				if w := want.Lines[i]; l.ID != w.ID || l.Quantity != w.Quantity || l.Restock != w.Restock {
					t.Fatalf("%+v for %+v", l, w)
				}
				sum, tax, lines[l.ID] = sum+l.Amount, tax+l.Tax, lines[l.ID]+l.Amount
			}
			if r.Amount != sum || r.Tax < tax || (r.Shipping == 0 && r.Tax != tax) || r.OrderID != o.ID ||
				r.MerchantID != o.MerchantID {
				t.Fatalf("%+v", r)
			}
			o = refunded(o, r)
		}
		if o.Refunded != first.Total || o.RefundedTax != first.Tax || o.ShippingRefundable() != 0 {
			t.Fatalf("all of it is %+v", o)
		}
		for _, l := range o.Lines {
			if lines[l.ID] != l.Total || l.Refunded != l.Quantity || l.Refundable() != 0 {
				t.Fatalf("%d of %+v", lines[l.ID], l)
			}
		}
	})
}

// TestRefundsInAnyOrder: the same refunds come to the same in any order, line by line.
func TestRefundsInAnyOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o := orders(t)
		var wishes []orbit.RefundWish
		for _, l := range o.Lines {
			for left := l.Quantity; left > 0; {
				n := rapid.IntRange(max(1, left/4), left).Draw(t, "units")
				left -= n
				if rapid.Bool().Draw(t, "wanted") {
					wishes = append(wishes, orbit.RefundWish{Lines: []orbit.RefundLine{{ID: l.ID, Quantity: n}}})
				}
			}
		}
		for left := o.ShippingRefundable(); left > 0; {
			n := rapid.Int64Range(max(1, left/3), left).Draw(t, "shipping")
			left -= n
			wishes = append(wishes, orbit.RefundWish{Shipping: n})
		}
		all := func(wishes []orbit.RefundWish) orbit.Order {
			o := o
			for _, w := range wishes {
				r, err := o.RefundPlan(w)
				if err != nil {
					t.Fatal(err)
				}
				checkRefund(t, o, r)
				o = refunded(o, r)
			}
			return o
		}
		one, other := all(wishes), all(rapid.Permutation(wishes).Draw(t, "order"))
		if !reflect.DeepEqual(one, other) {
			t.Fatalf("%+v, and in another order %+v", one, other)
		}
	})
}

// TestRefundsOfAnyKind: lines, shipping and amounts of the merchant's own, mixed as they come, never come to more than
// was paid nor to more tax than there was, and end at exactly both.
func TestRefundsOfAnyKind(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		o := orders(t)
		if rapid.Bool().Draw(t, "paid in part") {
			o.Paid = rapid.Int64Range(0, o.Total).Draw(t, "paid")
		}
		for range rapid.IntRange(0, 12).Draw(t, "refunds") {
			var want orbit.RefundWish
			var worth int64
			for _, l := range o.Lines {
				if rapid.Bool().Draw(t, "wanted") {
					n := rapid.IntRange(0, l.Quantity-l.Refunded).Draw(t, "units")
					want.Lines = append(want.Lines, orbit.RefundLine{ID: l.ID, Quantity: n})
				}
			}
			if rapid.Bool().Draw(t, "shipping") {
				want.Shipping = rapid.Int64Range(0, o.ShippingRefundable()).Draw(t, "of shipping")
			}
			if rapid.Bool().Draw(t, "own amount") {
				amount := rapid.Int64Range(0, o.Refundable()).Draw(t, "amount")
				want.Amount = &amount
			}
			r, err := o.RefundPlan(want)
			if err != nil {
				continue
			}
			for _, l := range r.Lines {
				worth += l.Amount
			}
			if worth = min(worth+r.Shipping, o.Refundable()); want.Amount != nil {
				worth = *want.Amount
			}
			if r.Amount != worth {
				t.Fatalf("%+v of %+v", r, want)
			}
			checkRefund(t, o, r)
			o = refunded(o, r)
		}
		if left := o.Refundable(); left > 0 {
			r, err := o.RefundPlan(orbit.RefundWish{Amount: &left})
			if err != nil || r.Amount != left {
				t.Fatal(r, err)
			}
			checkRefund(t, o, r)
			o = refunded(o, r)
		}
		if o.Refunded != o.Paid || o.Refundable() != 0 {
			t.Fatalf("%+v", o)
		}
		one := int64(1)
		if r, err := o.RefundPlan(orbit.RefundWish{Amount: &one}); err == nil {
			t.Fatalf("%+v above what was paid", r)
		}
	})
}

// £23.90 ten times, a quarter off, a fifth of tax in it: each unit is 17.925, and refunding one at a time alternates.
func TestRefundUnitByUnit(t *testing.T) {
	t.Parallel()
	vat := []orbit.Tax{{Name: "VAT", Rate: 2000}}
	o := paid(orbit.Bill{Currency: "GBP", Lines: []orbit.BillLine{{Gross: 23900, Taxes: vat}},
		Discounts:   []orbit.AppliedDiscount{{Code: "X", Amount: 5975}},
		TaxIncluded: true}, []int{10})
	if o.Paid != 17925 || o.Refundable() != 17925 || o.Lines[0].Refundable() != 17925 || o.Tax != 2988 {
		t.Fatalf("%+v", o)
	}
	all := orbit.RefundWish{Lines: []orbit.RefundLine{{ID: o.Lines[0].ID, Quantity: 10}}}
	if r, err := o.RefundPlan(all); err != nil || r.Amount != 17925 || r.Tax != 2988 {
		t.Fatalf("%+v %v", r, err)
	}
	var amounts, taxes []int64
	for range 10 {
		r, err := o.RefundPlan(orbit.RefundWish{Lines: []orbit.RefundLine{{ID: o.Lines[0].ID, Quantity: 1}}})
		if err != nil {
			t.Fatal(err)
		}
		amounts, taxes, o = append(amounts, r.Amount), append(taxes, r.Tax), refunded(o, r)
	}
	if !slices.Equal(amounts, []int64{1793, 1792, 1793, 1792, 1793, 1792, 1793, 1792, 1793, 1792}) ||
		!slices.Equal(taxes, []int64{299, 299, 298, 299, 299, 299, 299, 298, 299, 299}) || o.Refundable() != 0 {
		t.Error(amounts, taxes, o.Refundable())
	}
}

func TestRefundPlan(t *testing.T) {
	t.Parallel()
	vat := []orbit.Tax{{Name: "VAT", Rate: 2000}}
	o := paid(orbit.Bill{Currency: "EUR", Lines: []orbit.BillLine{{Gross: 10000, Taxes: vat}, {Gross: 10000}, {}},
		Shipping: orbit.ShippingRate{Price: 500}, Discounts: []orbit.AppliedDiscount{{Amount: 100, Shipping: true}},
		ShippingTaxes: vat}, []int{2, 1, 1})
	taxed, free := o.Lines[0].ID, o.Lines[2].ID
	line := func(id orbit.OrderLineID, n int) []orbit.RefundLine { return []orbit.RefundLine{{ID: id, Quantity: n}} }
	amount := func(n int64) *int64 { return &n }
	unpaid, partly, gone := o, o, o
	unpaid.Paid, partly.Paid, gone.Refunded, gone.RefundedTax = 0, 5000, gone.Paid, gone.Tax
	once := refunded(o, orbit.Refund{Lines: line(taxed, 1), Shipping: 300, Amount: 6300, Tax: 1050})
	for name, c := range map[string]struct {
		order       orbit.Order
		want        orbit.RefundWish
		amount, tax int64
		fault       string
	}{
		"a line":               {o, orbit.RefundWish{Lines: line(taxed, 1)}, 6000, 1000, ""},
		"the second":           {once, orbit.RefundWish{Lines: line(taxed, 1)}, 6000, 1000, ""},
		"shipping":             {o, orbit.RefundWish{Shipping: 480}, 480, 80, ""},
		"shipping's rest":      {once, orbit.RefundWish{Shipping: 180}, 180, 30, ""},
		"units that are free":  {o, orbit.RefundWish{Lines: line(free, 1)}, 0, 0, ""},
		"an amount":            {o, orbit.RefundWish{Amount: amount(10000)}, 10000, 925, ""}, // of 2080 in 22480
		"less than its worth":  {o, orbit.RefundWish{Lines: line(taxed, 2), Amount: amount(6000)}, 6000, 1000, ""},
		"what is paid of it":   {partly, orbit.RefundWish{Lines: line(taxed, 1)}, 5000, 833, ""},
		"nothing for it":       {o, orbit.RefundWish{Lines: line(taxed, 2), Amount: amount(0)}, 0, 0, ""},
		"all of it":            {o, orbit.RefundWish{Amount: amount(22480)}, 22480, 2080, ""},
		"unknown":              {o, orbit.RefundWish{Lines: line(orbit.NewID[orbit.OrderLine](), 1)}, 0, 0, "lines"},
		"twice":                {o, orbit.RefundWish{Lines: append(line(taxed, 1), line(taxed, 1)...)}, 0, 0, "lines"},
		"too many":             {o, orbit.RefundWish{Lines: line(taxed, 3)}, 0, 0, "quantity"},
		"too many still":       {once, orbit.RefundWish{Lines: line(taxed, 2)}, 0, 0, "quantity"},
		"fewer than none":      {o, orbit.RefundWish{Lines: line(taxed, -1)}, 0, 0, "quantity"},
		"too much shipping":    {o, orbit.RefundWish{Shipping: 481}, 0, 0, "shipping"},
		"too much still":       {once, orbit.RefundWish{Shipping: 181}, 0, 0, "shipping"},
		"shipping below zero":  {o, orbit.RefundWish{Shipping: -1}, 0, 0, "shipping"},
		"an amount below zero": {o, orbit.RefundWish{Amount: amount(-1)}, 0, 0, "amount"},
		"too much":             {o, orbit.RefundWish{Amount: amount(22481)}, 0, 0, "amount"},
		"nothing":              {o, orbit.RefundWish{}, 0, 0, "amount"},
		"no units":             {o, orbit.RefundWish{Lines: line(taxed, 0), Amount: amount(0)}, 0, 0, "amount"},
		"unpaid":               {unpaid, orbit.RefundWish{Lines: line(taxed, 1)}, 0, 0, "amount"},
		"refunded already":     {gone, orbit.RefundWish{Amount: amount(1)}, 0, 0, "amount"},
	} {
		before := refunded(c.order, orbit.Refund{})
		r, err := c.order.RefundPlan(c.want)
		if faults := orbit.FaultsOf(err); c.fault != "" {
			if len(faults) != 1 || faults[0].Field != c.fault || faults[0].Message == "" ||
				orbit.CodeOf(err) != orbit.Invalid {
				t.Errorf("%s: %v", name, err)
			}
		} else if err != nil || r.Amount != c.amount || r.Tax != c.tax {
			t.Errorf("%s: %+v %v", name, r, err)
		}
		if !reflect.DeepEqual(before, c.order) {
			t.Errorf("%s: the order changed", name)
		}
	}
	if (orbit.OrderLine{}).Refundable() != 0 {
		t.Error("a line of no units has something to refund")
	}
	bad := orbit.RefundWish{Lines: append(line(taxed, 9), line(orbit.OrderLineID{}, 1)...), Shipping: -1,
		Amount: amount(-1)}
	if _, err := o.RefundPlan(bad); len(orbit.FaultsOf(err)) != 4 {
		t.Error("not all faults at once:", err)
	}
}
