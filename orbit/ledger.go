package orbit

import (
	"cmp"
	"slices"
)

// PayBack splits a refund over what was paid, as transactions that are still to be made: what providers have taken goes
// back first, the oldest first, and never more to a payment than came of it.
func (o Order) PayBack(amount int64) (lines []Transaction) {
	type source struct {
		payment  PaymentID
		provider string
		left     int64
	}
	var sources []source
	for _, t := range o.Transactions {
		if t.Status == TransactionFailed || t.Status == TransactionPending && t.Amount > 0 {
			continue
		}
		i := slices.IndexFunc(sources, func(s source) bool { return s.payment == t.PaymentID && s.provider == t.Provider })
		if i < 0 {
			i, sources = len(sources), append(sources, source{payment: t.PaymentID, provider: t.Provider})
		}
		sources[i].left += t.Amount
	}
	slices.SortStableFunc(sources, func(a, b source) int {
		return cmp.Compare(order(Hosted(a.provider)), order(Hosted(b.provider)))
	})
	for _, s := range sources {
		if part := min(s.left, amount); part > 0 {
			amount -= part
			lines = append(lines, Transaction{OrderID: o.ID, PaymentID: s.payment, Kind: TransactionRefund,
				Provider: s.provider, Amount: -part, Currency: o.Currency, Status: TransactionPending})
		}
	}
	return lines
}

// order has what is true come first.
func order(first bool) int {
	if first {
		return 0
	}
	return 1
}

// ChargeOf returns the reference of the charge that a transaction pays back. Where a payment was charged several times,
// adjustments pay the later charges back, each its own, and refunds go to the first.
func (o Order) ChargeOf(back Transaction) string {
	var charges, adjustments []Transaction
	for _, t := range o.Transactions {
		if t.PaymentID != back.PaymentID || t.Status == TransactionFailed && t.ID != back.ID {
			continue
		}
		switch t.Kind {
		case TransactionCharge:
			charges = append(charges, t)
		case TransactionAdjustment:
			adjustments = append(adjustments, t)
		}
	}
	if len(charges) == 0 {
		return ""
	}
	i := slices.IndexFunc(adjustments, func(t Transaction) bool { return t.ID == back.ID })
	if i < 0 {
		return charges[0].Reference
	}
	return charges[max(0, len(charges)-len(adjustments)+i)].Reference
}

// Owed reports whether money that a failed transaction was to pay back is still to be paid back.
func (o Order) Owed(failed Transaction) bool {
	if failed.Kind == TransactionAdjustment {
		keep := max(o.Total, o.Refunded)
		if o.Status == OrderCanceled {
			keep = o.Refunded
		}
		left := failed.Amount // of what came of the payment
		for _, t := range o.Transactions {
			if t.PaymentID == failed.PaymentID && t.Status != TransactionFailed {
				left += t.Amount
			}
		}
		return left >= 0 && o.Paid+failed.Amount >= keep
	}
	i := slices.IndexFunc(o.Refunds, func(r Refund) bool { return r.ID == failed.RefundID })
	if i < 0 || failed.Kind != TransactionRefund || o.Refunded-failed.Amount > o.Paid {
		return false
	}
	left := o.Refunds[i].Amount
	for _, t := range o.Transactions {
		if t.RefundID == failed.RefundID && t.Status != TransactionFailed {
			left += t.Amount
		}
	}
	return left >= -failed.Amount
}

// Given reports whether money of a refund has gone back, or is on its way.
func (o Order) Given(id RefundID) bool {
	return slices.ContainsFunc(o.Transactions, func(t Transaction) bool {
		return t.RefundID == id && t.Status != TransactionFailed
	})
}
