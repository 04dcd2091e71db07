package shop

import (
	"context"
	"slices"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// RefundForm is what somebody gives back of an order.
type RefundForm struct {
	ID orbit.RefundID // that the refund gets; zero for a new one
	orbit.RefundWish
	Reason string
	Notify bool // the shopper gets an email
}

// PreviewRefund returns what a refund would come to. Faults are those of Order.RefundPlan.
func (t *Tenant) PreviewRefund(ctx context.Context, id orbit.OrderID, want orbit.RefundWish) (orbit.Refund, error) {
	o, err := t.Order(ctx, id)
	if err != nil {
		return orbit.Refund{}, err
	}
	return o.RefundPlan(want)
}

// RefundOrder gives money of an order back, the way it came: what a provider took is paid back by it, in a job; the
// rest is noted as paid back by hand. Units are restocked where the form says so. Faults are those of Order.RefundPlan
// and on reason. Never more goes back than was paid, however many ask at once.
func (e *Edit) RefundOrder(ctx context.Context, id orbit.OrderID, form RefundForm, write OrderWriter) (
	refund orbit.Refund, err error,
) {
	o, err := e.lockOrder(ctx, id)
	if err != nil {
		return refund, err
	}
	if refund, err = o.RefundPlan(form.RefundWish); err != nil {
		return refund, err
	}
	if refund.Reason, err = orbit.ParseReason("reason", form.Reason); err != nil {
		return refund, err
	}
	b := e.db.Batch()
	refund.ID = form.ID
	if err := e.refund(ctx, b, &o, &refund); err != nil {
		return refund, err
	}
	if form.Notify {
		if err := send(b, write, orbit.EmailRefunded, o); err != nil {
			return refund, err
		}
	}
	return refund, e.commitOrder(ctx, b, o, orbit.ActionOrderRefunded, orbit.EntryRefunded,
		orbit.OrderEntryDetail{Amount: refund.Amount, Text: refund.Reason})
}

// refund adds a planned refund with its transactions, and makes the order what it is after it.
func (e *Edit) refund(ctx context.Context, b *pg.Batch, o *orbit.Order, refund *orbit.Refund) error {
	if refund.ID.IsZero() {
		refund.ID = orbit.NewID[orbit.Refund]()
	}
	refund.MerchantID, refund.OrderID = e.merchant, o.ID
	refund.CreatedBy, refund.CreatedAt = e.who(), pg.Stamp()
	back := map[orbit.OrderLineID]int{}
	for i := range refund.Lines {
		l := &refund.Lines[i]
		l.Restock = l.Restock && o.Status != orbit.OrderCanceled // whether they come back was said when it was canceled
		line := o.Lines[slices.IndexFunc(o.Lines, func(of orbit.OrderLine) bool { return of.ID == l.ID })]
		held := line.Held(l.Quantity)
		b.Exec(`UPDATE order_lines SET refunded = refunded + $3, short = short - $4 WHERE order_id = $1 AND id = $2`, o.ID,
			l.ID, l.Quantity, l.Quantity-held)
		if l.Restock {
			back[l.ID] = held
		}
	}
	b.Insert("refunds", refund)
	err := e.giveStock(ctx, o.Lines, func(l orbit.OrderLine) int { return back[l.ID] })
	if err != nil {
		return err
	}
	if refund.Shipping > 0 {
		b.Exec(`UPDATE orders SET shipping_refunded = shipping_refunded + $2 WHERE id = $1`, o.ID, refund.Shipping)
	}
	for _, line := range o.PayBack(refund.Amount) {
		line.MerchantID, line.ID, line.RefundID = e.merchant, orbit.NewID[orbit.Transaction](), refund.ID
		line.CreatedAt = pg.Stamp()
		if !orbit.Hosted(line.Provider) {
			line.Status, line.SettledAt = orbit.TransactionSucceeded, line.CreatedAt
		}
		b.Insert("order_transactions", line)
		if line.Status == orbit.TransactionPending {
			b.FairJob(RefundArgs{e.merchant, line.ID}, e.merchant)
		}
		o.Transactions = append(o.Transactions, line)
	}
	if refund.Amount > 0 {
		givenBack(o, *refund)
		b.Event(orbit.OrderEvent(orbit.OrderWasRefunded, *o))
	}
	o.Refunds = append(o.Refunds, *refund)
	return nil
}

// givenBack makes an order what the database makes of it after a refund.
func givenBack(o *orbit.Order, r orbit.Refund) {
	o.Refunded, o.RefundedTax = o.Refunded+r.Amount, o.RefundedTax+r.Tax
	o.PaymentStatus = orbit.FinancialPartiallyRefunded
	if o.Refunded == o.Paid {
		o.PaymentStatus = orbit.FinancialRefunded
	}
}

// CancelForm is how an order is canceled.
type CancelForm struct {
	Restock bool // what wasn't fulfilled
	Refund  bool // all that is left to refund
	Reason  string
	Notify  bool
}

// CancelOrder cancels an order: its discount code can be used again, what a provider could still take for it is
// stopped, and what it takes after all is paid back. Doing it again changes nothing. Conflict for an order of which
// something was fulfilled.
func (e *Edit) CancelOrder(ctx context.Context, id orbit.OrderID, form CancelForm, write OrderWriter) error {
	o, err := e.lockOrder(ctx, id)
	if err != nil {
		return err
	}
	if o.Status == orbit.OrderCanceled {
		return nil
	}
	if slices.ContainsFunc(o.Lines, func(l orbit.OrderLine) bool { return l.Fulfilled > 0 }) {
		return orbit.Errorf(orbit.Conflict, "Items of this order have been fulfilled. Refund it instead.")
	}
	reason, err := orbit.ParseReason("reason", form.Reason)
	if err != nil {
		return err
	}
	b := e.db.Batch()
	if err := e.useDiscounts(ctx, o, -1); err != nil {
		return err
	}
	if form.Restock {
		if err := e.giveStock(ctx, o.Lines, heldUnits); err != nil {
			return err
		}
	}
	left := o.Refundable()
	if form.Refund && left > 0 {
		refund, err := o.RefundPlan(orbit.RefundWish{Amount: &left})
		if err != nil {
			return err
		}
		refund.Reason = reason
		if err := e.refund(ctx, b, &o, &refund); err != nil {
			return err
		}
		e.enter(b, o.ID, orbit.EntryRefunded, e.who(), orbit.OrderEntryDetail{Amount: left})
	}
	b.Exec(`UPDATE orders SET status = 'cancelled', cancel_reason = $2, canceled_at = now() WHERE id = $1`, o.ID, reason)
	b.Exec(`UPDATE payments SET status = 'failed' WHERE order_id = $1 AND status = 'pending'
		AND kind NOT IN ('test', 'stripe', 'paypal')`, o.ID)
	e.expireOthers(b, o, orbit.PaymentID{})
	o.Status, o.CancelReason = orbit.OrderCanceled, reason
	if o.Paid == 0 {
		o.PaymentStatus = orbit.FinancialVoided
	}
	b.Event(orbit.OrderEvent(orbit.OrderWasCanceled, o))
	if form.Notify {
		if err := send(b, write, orbit.EmailCanceled, o); err != nil {
			return err
		}
	}
	return e.commitOrder(ctx, b, o, orbit.ActionOrderCanceled, orbit.EntryCanceled, orbit.OrderEntryDetail{Text: reason})
}

// RetryRefund has a provider asked again for a refund that failed. Conflict where it didn't fail, or was asked again.
func (e *Edit) RetryRefund(ctx context.Context, id orbit.OrderID, transaction orbit.TransactionID) error {
	o, err := e.lockOrder(ctx, id)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(o.Transactions, func(t orbit.Transaction) bool { return t.ID == transaction })
	if i < 0 {
		return orbit.Missing()
	}
	failed := o.Transactions[i]
	if failed.Status != orbit.TransactionFailed || !o.Owed(failed) {
		return orbit.Errorf(orbit.Conflict, "This refund can't be tried again.")
	}
	again := failed
	again.ID, again.Status, again.CreatedAt = orbit.NewID[orbit.Transaction](), orbit.TransactionPending, pg.Stamp()
	again.Reference, again.Failure, again.SettledAt = "", "", time.Time{}
	b := e.db.Batch()
	b.Insert("order_transactions", again)
	b.FairJob(RefundArgs{e.merchant, again.ID}, e.merchant)
	return e.commitOrder(ctx, b, o, orbit.ActionOrderRefunded, orbit.EntryRefunded,
		orbit.OrderEntryDetail{Amount: -failed.Amount, Provider: failed.Provider})
}

// RefundRequest returns what a provider is asked to pay back for a transaction, and the payment that it goes back to.
// Conflict for a transaction that isn't pending.
func (t *Tenant) RefundRequest(ctx context.Context, id orbit.TransactionID) (
	payment orbit.Payment, request orbit.RefundRequest, err error,
) {
	line, err := pg.One[orbit.Transaction](ctx, t, `SELECT `+t.db.Columns("t", "", orbit.Transaction{})+`
		FROM order_transactions t WHERE id = $1`, id)
	if err != nil {
		return payment, request, err
	}
	if line.Status != orbit.TransactionPending {
		return payment, request, orbit.Errorf(orbit.Conflict, "This refund isn't pending.")
	}
	if payment, err = t.Payment(ctx, line.PaymentID); err != nil {
		return payment, request, err
	}
	o, err := t.Order(ctx, line.OrderID)
	request = orbit.RefundRequest{ID: line.ID, Payment: payment.ID, Charge: o.ChargeOf(line),
		Amount: orbit.Money{Amount: -line.Amount, Currency: line.Currency}}
	return payment, request, err
}

// SettleRefund takes over how far a provider is with a refund.
func (t *Tenant) SettleRefund(ctx context.Context, id orbit.TransactionID, state orbit.ProviderRefund) error {
	payment, err := pg.One[orbit.PaymentID](ctx, t, `SELECT payment_id FROM order_transactions WHERE id = $1`, id)
	if err != nil {
		return err
	}
	s, err := t.settling(ctx, payment, nil)
	if err != nil {
		return err
	}
	state.ID = id
	for i, line := range s.ledger {
		if line.ID == id {
			if err := s.refundMoved(&s.ledger[i], state); err != nil {
				return err
			}
		}
	}
	wait := dailyCheck // it can still fail
	if state.Status == orbit.TransactionPending {
		wait = laterCheck
	}
	s.b.Exec(`UPDATE payments SET next_check_at = least(next_check_at, now() + make_interval(secs => $2))
		WHERE id = $1`, payment, wait.Seconds())
	return s.b.Run(ctx, t)
}

// room has refunds of ours fail that the provider can't make any longer, where an amount that it has paid back leaves
// less than they ask for: the merchant was faster there.
func (s *settlement) room(amount int64) error {
	for i := range s.ledger {
		line := &s.ledger[i]
		if s.order.Refunded+amount <= s.order.Paid {
			return nil
		}
		if line.Kind != orbit.TransactionRefund || line.Status != orbit.TransactionPending || line.Reference != "" {
			continue
		}
		if err := s.refundMoved(line, orbit.ProviderRefund{Status: orbit.TransactionFailed,
			Failure: "The order was refunded at " + orbit.Providers().Name(line.Provider) + " itself."}); err != nil {
			return err
		}
	}
	return nil
}

// regive has what an order has refunded follow one of its transactions that has moved.
func (s *settlement) regive(line orbit.Transaction) {
	o := &s.order
	i := slices.IndexFunc(o.Transactions, func(t orbit.Transaction) bool { return t.ID == line.ID })
	if i < 0 || line.Kind != orbit.TransactionRefund {
		return
	}
	given := o.Given(line.RefundID)
	was := o.Transactions[i].Status == orbit.TransactionFailed
	o.Transactions[i] = line
	switch is := line.Status == orbit.TransactionFailed; {
	case is && !was:
		o.Refunded += line.Amount
	case was && !is:
		o.Refunded -= line.Amount
	}
	refund := slices.IndexFunc(o.Refunds, func(r orbit.Refund) bool { return r.ID == line.RefundID })
	switch now := o.Given(line.RefundID); {
	case refund < 0:
	case given && !now:
		o.RefundedTax -= o.Refunds[refund].Tax
	case now && !given:
		o.RefundedTax += o.Refunds[refund].Tax
	}
}

// paysBack reports whether a refund that was made at the provider's own site is what an adjustment was still to pay
// back: the merchant was faster.
func (s *settlement) paysBack(line orbit.Transaction, charge string, r orbit.ProviderRefund) bool {
	return r.ID.IsZero() && r.Status != orbit.TransactionFailed && line.Kind == orbit.TransactionAdjustment &&
		line.Status == orbit.TransactionPending && line.Reference == "" && line.Amount == -r.Amount.Amount &&
		orbit.Order{Transactions: s.ledger}.ChargeOf(line) == charge
}
