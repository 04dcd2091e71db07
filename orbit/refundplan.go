package orbit

import "strconv"

// RefundWish is what a merchant asks to refund of an order. Amount is what to refund instead of what Lines and Shipping
// come to; without those it is a plain amount.
type RefundWish struct {
	Lines    []RefundLine // ID, Quantity and Restock; lines of no units are left out
	Shipping int64        // with its tax
	Amount   *int64
}

// Refundable is what was paid and not refunded yet.
func (o Order) Refundable() int64 { return max(0, o.Paid-o.Refunded) }

// ShippingRefundable is what is left to refund of the shipping, with its tax.
func (o Order) ShippingRefundable() int64 { return max(0, o.shippingTotal()-o.ShippingRefunded) }

func (o Order) shippingTotal() int64 {
	if o.TaxIncluded {
		return o.Shipping - o.ShippingDiscount
	}
	return o.Shipping - o.ShippingDiscount + o.ShippingTax
}

// Refundable is what the units of a line that aren't refunded yet come to.
func (l OrderLine) Refundable() int64 {
	amount, _ := l.refund(l.Quantity - l.Refunded)
	return amount
}

// refund returns what the next units of a line come to, and the tax in that. It is the difference of two running sums,
// what is refunded after them and before: so whatever a line is split into, and in whatever order, all of it is Total.
func (l OrderLine) refund(units int) (amount, tax int64) {
	if units <= 0 {
		return 0, 0
	}
	before := share(l.Total, int64(l.Refunded), int64(l.Quantity))
	amount = share(l.Total, int64(l.Refunded+units), int64(l.Quantity)) - before
	return amount, taxWithin(l.Tax, l.Total, before, amount)
}

// taxWithin is the tax in an amount of a total, of which so much is refunded before: again the difference of two
// running sums. It is never more than the amount.
func taxWithin(tax, total, before, amount int64) int64 {
	if amount == 0 {
		return 0
	}
	return share(tax, before+amount, total) - share(tax, before, total)
}

// RefundPlan works out a refund from what is stored with the order's lines. Where they come to more than is left of
// what was paid, that is refunded. The error has faults on lines, quantity, shipping and amount. The refund has no id,
// and nothing of the order is changed. Its amount is 0 where units come back that cost nothing, or for which the
// merchant gives nothing.
func (o Order) RefundPlan(want RefundWish) (Refund, error) {
	var faults Faults
	r := Refund{MerchantID: o.MerchantID, OrderID: o.ID, Shipping: want.Shipping}
	r.Lines = o.refundLines(want.Lines, &faults)
	switch left := o.ShippingRefundable(); {
	case r.Shipping < 0:
		faults.Add("shipping", "", "Shipping can't be below zero. Enter an amount from 0.")
	case r.Shipping > left:
		faults.Add("shipping", o.money(r.Shipping), "That is more than the shipping left to refund. Enter at most %s.",
			o.money(left))
	}
	if want.Amount != nil && *want.Amount < 0 {
		faults.Add("amount", "", "An amount can't be below zero. Enter an amount from 0.")
	}
	if len(faults) > 0 {
		return Refund{}, faults.Err()
	}
	r.Amount, r.Tax = r.Shipping, taxWithin(o.ShippingTax, o.shippingTotal(), o.ShippingRefunded, r.Shipping)
	for _, l := range r.Lines {
		r.Amount, r.Tax = r.Amount+l.Amount, r.Tax+l.Tax
	}
	left := o.Refundable()
	worth, tax := r.Amount, r.Tax
	if r.Amount = min(worth, left); want.Amount != nil {
		r.Amount = *want.Amount
	}
	switch {
	case left == 0 && max(worth, r.Amount) > 0:
		return Refund{}, FaultOn(Invalid, "amount", "", o.spent())
	case r.Amount > left:
		return Refund{}, FaultOn(Invalid, "amount", o.money(r.Amount),
			"That is more than is left to refund. Enter at most "+o.money(left)+".")
	case r.Amount == 0 && len(r.Lines) == 0:
		return Refund{}, FaultOn(Invalid, "amount", "", "There is nothing to refund. Choose items, shipping or an amount.")
	}
	r.Tax = o.refundTax(r.Amount, worth, tax)
	return r, nil
}

// refundLines works out what the lines of a wish come to.
func (o Order) refundLines(wish []RefundLine, faults *Faults) []RefundLine {
	lines, units := []RefundLine{}, make(map[OrderLineID]OrderLine, len(o.Lines))
	for _, l := range o.Lines {
		units[l.ID] = l
	}
	seen := make(map[OrderLineID]bool, len(wish))
	for _, w := range wish {
		l, ok := units[w.ID]
		left := l.Quantity - l.Refunded
		switch {
		case !ok:
			faults.Add("lines", w.ID.String(), "This item isn't in the order. Choose items of the order.")
		case seen[w.ID]:
			faults.Add("lines", w.ID.String(), "An item is listed twice. List it once, with its whole quantity.")
		case w.Quantity < 0:
			faults.Add("quantity", strconv.Itoa(w.Quantity),
				"A quantity can't be below zero. Enter a number from 0 to %d.", left)
		case w.Quantity > left:
			faults.Add("quantity", strconv.Itoa(w.Quantity),
				"That is more than is left to refund of %s. Enter a number from 0 to %d.", l.Title, left)
		case w.Quantity > 0:
			r := RefundLine{ID: w.ID, Quantity: w.Quantity, Restock: w.Restock}
			r.Amount, r.Tax = l.refund(w.Quantity)
			lines = append(lines, r)
		}
		seen[w.ID] = true
	}
	return lines
}

// RefundTax is the tax in an amount that is refunded of the whole order, as a provider does at its own site.
func (o Order) RefundTax(amount int64) int64 { return o.refundTax(amount, 0, 0) }

// refundTax is the tax in an amount that is refunded for what is worth so much, tax and all. An amount other than the
// worth has its share of that tax, and a plain one its share of the order's tax that is left. Either way no more tax is
// refunded than there was, and what is left of it fits in what is left of the total: the last refund has just that.
func (o Order) refundTax(amount, worth, tax int64) int64 {
	taxLeft, left := max(0, o.Tax-o.RefundedTax), max(0, o.Total-o.Refunded)
	switch {
	case worth > 0 && amount != worth:
		tax = share(tax, amount, worth)
	case worth == 0 && left > 0:
		tax = share(taxLeft, min(amount, left), left)
	}
	return min(max(tax, taxLeft-max(0, left-amount)), taxLeft)
}

// spent is why there is nothing left to refund.
func (o Order) spent() string {
	if o.Paid == 0 {
		return "This order hasn't been paid. Mark it as paid before you refund it."
	}
	return "All that was paid for this order is refunded already. Record another payment before you refund more."
}

func (o Order) money(amount int64) string { return Money{amount, o.Currency}.String() }
