package shop

import (
	"context"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// SettlePayment takes over what a provider knows of a payment: it moves the payment and what it is of forward, never
// back, and does each thing once, however often and from wherever it is called. A checkout that is paid becomes an
// order, even after its stock was released; one that has expired releases its stock. What the provider took a second
// time, or for an order that was canceled, is paid back. The money that it took and gave back is in the ledger, by what
// the provider calls it.
func (t *Tenant) SettlePayment(ctx context.Context, id orbit.PaymentID, state orbit.PaymentState, write OrderWriter) (
	orbit.Payment, error,
) {
	s, err := t.settling(ctx, id, write)
	if err != nil {
		return s.payment, err
	}
	if state.Method != "" && !s.erased() { // before emails and entries name it
		s.payment.Method = state.Method
	}
	if err := s.charges(ctx, state); err != nil {
		return s.payment, err
	}
	if err := s.move(ctx, state); err != nil {
		return s.payment, err
	}
	if err := s.refunds(ctx, state); err != nil {
		return s.payment, err
	}
	return s.payment, s.save(ctx, state)
}

// settlement is one payment being settled.
type settlement struct {
	purchase
	b        *pg.Batch
	payment  orbit.Payment
	order    orbit.Order         // zero where the checkout isn't placed
	open     *orbit.OpenCheckout // nil where there is none, or it is placed
	ledger   []orbit.Transaction // of the payment
	taken    int64               // of what is new
	placed   bool                // just now
	mismatch string              // what the provider took isn't what was asked for
}

// settling locks a payment and what it is of: the cart first, as PlaceOrder does, and the payment last, as all do that
// change an order.
func (t *Tenant) settling(ctx context.Context, id orbit.PaymentID, write OrderWriter) (*settlement, error) {
	s := &settlement{purchase: purchase{Tenant: t, Placing: Placing{Write: write}}, b: t.db.Batch()}
	if _, err := pg.All[orbit.CartID](ctx, t, `SELECT k.id FROM payments p
		JOIN checkouts c ON c.merchant_id = p.merchant_id AND c.id = p.order_id
		JOIN carts k ON k.merchant_id = c.merchant_id AND k.id = c.cart_id WHERE p.id = $1 FOR UPDATE OF k`, id); err != nil {
		return s, err
	}
	order, err := pg.One[orbit.OrderID](ctx, t, `SELECT order_id FROM payments WHERE id = $1`, id)
	if err != nil {
		return s, err
	}
	checkouts, err := pg.All[orbit.OpenCheckout](ctx, t, `SELECT `+t.db.Columns("c", "", orbit.OpenCheckout{})+`
		FROM checkouts c WHERE id = $1 AND status <> 'placed' FOR UPDATE`, order)
	if err != nil {
		return s, err
	}
	if len(checkouts) > 0 {
		s.open = &checkouts[0]
	} else if _, err := pg.One[orbit.OrderID](ctx, t, `SELECT id FROM orders WHERE id = $1 FOR UPDATE`,
		order); err != nil {
		return s, err
	}
	if s.payment, err = pg.One[orbit.Payment](ctx, t, `SELECT `+t.db.Columns("p", "", s.payment)+` FROM payments p
		WHERE id = $1 FOR UPDATE`, id); err != nil || s.open != nil {
		return s, err
	}
	if s.order, err = t.Order(ctx, order); err != nil {
		return s, err
	}
	for _, line := range s.order.Transactions {
		if line.PaymentID == id {
			s.ledger = append(s.ledger, line)
		}
	}
	return s, nil
}

// erased reports whether the customer was erased: providers go on naming who has paid.
func (s *settlement) erased() bool {
	return s.order.Erased() || s.open != nil && s.open.Document.Erased()
}

// known returns what the ledger has under a provider's reference.
func (s *settlement) known(reference string) *orbit.Transaction {
	for i, line := range s.ledger {
		if line.Reference == reference {
			return &s.ledger[i]
		}
	}
	return nil
}

// charges puts what the provider took into the ledger. Where it isn't what was asked for, the order isn't paid and its
// timeline says so.
func (s *settlement) charges(ctx context.Context, state orbit.PaymentState) error {
	for _, c := range state.Charges {
		if s.known(c.Reference) != nil {
			continue
		}
		if c.Amount != (orbit.Money{Amount: s.payment.Amount, Currency: s.payment.Currency}) {
			s.mismatch = "It reports " + c.Amount.String() + " instead of " +
				orbit.Money{Amount: s.payment.Amount, Currency: s.payment.Currency}.String() + "."
			continue
		}
		if err := s.place(ctx, orbit.EmailConfirmation); err != nil {
			return err
		}
		if err := s.take(ctx, c); err != nil {
			return err
		}
	}
	return nil
}

// take adds a charge to the ledger. What of it wasn't due goes back.
func (s *settlement) take(ctx context.Context, c orbit.ProviderCharge) error {
	detail := orbit.OrderEntryDetail{Amount: c.Amount.Amount, Provider: s.payment.Kind, Method: s.payment.Method}
	if s.order.Status == orbit.OrderCanceled && s.order.Reopens {
		if err := s.reopen(ctx); err != nil {
			return err
		}
	}
	due := min(s.order.Due(), c.Amount.Amount)
	line := s.transaction(orbit.TransactionCharge, c.Amount.Amount, orbit.TransactionSucceeded, c.Reference)
	s.b.Insert("order_transactions", line)
	s.ledger = append(s.ledger, line)
	s.order.Paid += due
	s.taken += due
	if due > 0 {
		detail.Amount = due
		s.enter(s.b, s.order.ID, orbit.EntryPaid, "", detail)
	}
	if excess := line.Amount - due; excess > 0 {
		back := s.transaction(orbit.TransactionAdjustment, -excess, orbit.TransactionPending, "")
		s.b.Insert("order_transactions", back)
		s.b.FairJob(RefundArgs{s.merchant, back.ID}, s.merchant)
		s.ledger = append(s.ledger, back)
		detail.Amount = excess
		s.enter(s.b, s.order.ID, orbit.EntryPaidTwice, "", detail)
	}
	return nil
}

func (s *settlement) transaction(kind orbit.TransactionKind, amount int64, status orbit.TransactionStatus,
	reference string) orbit.Transaction {
	line := orbit.Transaction{MerchantID: s.merchant, ID: orbit.NewID[orbit.Transaction](), OrderID: s.payment.OrderID,
		PaymentID: s.payment.ID, Kind: kind, Provider: s.payment.Kind, Amount: amount, Currency: s.payment.Currency,
		Status: status, Reference: reference, CreatedAt: pg.Stamp()}
	if status != orbit.TransactionPending {
		line.SettledAt = line.CreatedAt
	}
	return line
}

// place makes an order of the checkout, if it is one, with the email of a kind.
func (s *settlement) place(ctx context.Context, kind orbit.OrderEmail) error {
	if s.open == nil {
		return nil
	}
	o := s.open.Document
	late := s.open.Status == orbit.CheckoutExpired
	if late {
		if err := s.useDiscounts(ctx, o, 1); err != nil {
			return err
		}
	}
	if err := s.number(ctx, s.b, &o, false); err != nil {
		return err
	}
	short := 0
	if late {
		var low []orbit.ShopEvent
		var err error
		if short, low, err = s.takeStock(ctx, o.Lines, units); err != nil {
			return err
		}
		s.b.Event(low...)
	}
	if err := s.forgetDeleted(ctx, o.Lines); err != nil {
		return err
	}
	if kind == orbit.EmailConfirmation {
		o.Paid, o.PaymentStatus, o.PaidAt = o.Total, orbit.FinancialPaid, o.CreatedAt
	}
	o.Test = s.payment.Test
	o.Payments = []orbit.Payment{s.payment}
	if err := s.insert(ctx, s.b, &o, kind); err != nil {
		return err
	}
	if short > 0 {
		s.enter(s.b, o.ID, orbit.EntryShort, "", orbit.OrderEntryDetail{Units: short})
	}
	s.b.Exec(`UPDATE checkouts SET status = 'placed', ended_at = now() WHERE id = $1`, o.ID)
	if s.open.Status == orbit.CheckoutOpen {
		s.emptyCart(s.b, o.CartID)
	}
	o.Paid, o.PaymentStatus, o.PaidAt = 0, orbit.FinancialPending, time.Time{} // until the ledger says so
	s.order, s.open, s.placed = o, nil, true
	return nil
}

// reopen opens an order again that was canceled for a failed payment, with what there is of its stock.
func (s *settlement) reopen(ctx context.Context) error {
	if err := s.useDiscounts(ctx, s.order, 1); err != nil {
		return err
	}
	short, low, err := s.takeStock(ctx, s.order.Lines, orbit.OrderLine.ToFulfill)
	if err != nil {
		return err
	}
	s.b.Event(low...)
	for _, l := range s.order.Lines {
		s.b.Exec(`UPDATE order_lines SET short = $3 WHERE order_id = $1 AND id = $2 AND short <> $3`, s.order.ID, l.ID,
			l.Short)
	}
	s.b.Exec(`UPDATE orders SET status = 'open', cancel_reason = '', canceled_at = NULL, reopens = false,
		to_fulfill = (SELECT coalesce(sum(greatest(quantity - refunded - fulfilled, 0)), 0) FROM order_lines l
			WHERE l.order_id = orders.id) WHERE id = $1`, s.order.ID)
	s.order.Status, s.order.CancelReason, s.order.Reopens = orbit.OrderOpen, "", false
	s.enter(s.b, s.order.ID, orbit.EntryReopened, "", orbit.OrderEntryDetail{})
	if short > 0 {
		s.enter(s.b, s.order.ID, orbit.EntryShort, "", orbit.OrderEntryDetail{Units: short})
	}
	return nil
}

// ranks says in which order a payment moves: it never moves back.
var ranks = map[orbit.PaymentStatus]int{orbit.PaymentPending: 0, orbit.PaymentProcessing: 1, orbit.PaymentFailed: 2,
	orbit.PaymentExpired: 2, orbit.PaymentPaid: 3}

// move takes the payment to its next status, with what follows from it.
func (s *settlement) move(ctx context.Context, state orbit.PaymentState) error {
	next := state.Status
	if s.mismatch != "" {
		next = orbit.PaymentFailed
	}
	if len(s.ledger) > 0 && s.ledger[0].Kind == orbit.TransactionCharge {
		next = orbit.PaymentPaid
	}
	if s.taken > 0 {
		if err := s.paid(ctx); err != nil {
			return err
		}
	}
	if s.mismatch != "" {
		if err := s.differs(ctx); err != nil {
			return err
		}
	}
	if ranks[next] <= ranks[s.payment.Status] {
		return nil
	}
	unopened := s.payment.Status == orbit.PaymentPending && s.payment.Reference == ""
	s.payment.Status = next
	detail := orbit.OrderEntryDetail{Amount: s.payment.Amount, Provider: s.payment.Kind, Text: state.Failure}
	switch {
	case s.mismatch != "" && next == orbit.PaymentFailed: // the order waits for its merchant
	case next == orbit.PaymentPaid:
		s.payment.PaidAt = pg.Stamp()
	case next == orbit.PaymentProcessing:
		if err := s.place(ctx, orbit.EmailPaymentPending); err != nil {
			return err
		}
		s.enter(s.b, s.order.ID, orbit.EntryPaymentPending, "", detail)
	case s.open != nil && s.open.Status == orbit.CheckoutOpen:
		return s.expire(ctx)
	case next == orbit.PaymentFailed && s.open == nil:
		s.enter(s.b, s.order.ID, orbit.EntryPaymentFailed, "", detail)
		if !unopened { // without a page the order waits for its money as before
			return s.fail(ctx)
		}
	}
	return nil
}

// differs has an order say, once, that a provider took something else than was asked for.
func (s *settlement) differs(ctx context.Context) error {
	if err := s.place(ctx, orbit.EmailPaymentPending); err != nil {
		return err
	}
	s.payment.Failure = s.mismatch
	for _, e := range s.order.Entries {
		if e.Kind == orbit.EntryWrongAmount && e.Detail.Text == s.mismatch {
			return nil
		}
	}
	s.enter(s.b, s.order.ID, orbit.EntryWrongAmount, "", orbit.OrderEntryDetail{Amount: s.payment.Amount,
		Provider: s.payment.Kind, Text: s.mismatch})
	return nil
}

// paid reports an order that was paid just now, and ends what else could be paid for it.
func (s *settlement) paid(ctx context.Context) error {
	o := s.order
	if o.Due() > 0 || o.Status == orbit.OrderCanceled {
		return nil
	}
	o.PaymentStatus = orbit.FinancialPaid
	s.b.Event(orbit.OrderEvent(orbit.OrderWasPaid, o))
	if s.placed { // the confirmation says it
		return nil
	}
	s.b.Exec(`UPDATE payments SET status = 'expired' WHERE order_id = $1 AND status = 'pending'
		AND kind NOT IN ('test', 'stripe', 'paypal')`, o.ID)
	s.expireOthers(s.b, o, s.payment.ID)
	return s.tell(orbit.EmailPaymentReceived, o)
}

func (s *settlement) tell(k orbit.OrderEmail, o orbit.Order) error { return send(s.b, s.Write, k, o) }

// expire releases what a checkout has taken.
func (s *settlement) expire(ctx context.Context) error {
	o := s.open.Document
	if err := s.useDiscounts(ctx, o, -1); err != nil {
		return err
	}
	if err := s.giveStock(ctx, o.Lines, units); err != nil {
		return err
	}
	s.b.Exec(`UPDATE checkouts SET status = 'expired', ended_at = now() WHERE id = $1`, o.ID)
	return nil
}

// fail cancels an order that was placed for a payment that has failed, unless another one of it may come.
func (s *settlement) fail(ctx context.Context) error {
	o := &s.order
	for _, p := range o.Payments {
		if p.ID != s.payment.ID && (p.Status.Open() || !orbit.Hosted(p.Kind)) {
			return nil
		}
	}
	if o.Status == orbit.OrderCanceled || o.Paid > 0 || o.FulfillmentStatus != orbit.Unfulfilled {
		return nil
	}
	if err := s.useDiscounts(ctx, *o, -1); err != nil {
		return err
	}
	if err := s.giveStock(ctx, o.Lines, heldUnits); err != nil {
		return err
	}
	s.b.Exec(`UPDATE orders SET status = 'cancelled', cancel_reason = $2, canceled_at = now(), reopens = true
		WHERE id = $1`, o.ID, orbit.ReasonUnpaid)
	o.Status, o.CancelReason, o.Reopens, o.PaymentStatus = orbit.OrderCanceled, orbit.ReasonUnpaid, true,
		orbit.FinancialVoided
	s.enter(s.b, o.ID, orbit.EntryCanceled, "", orbit.OrderEntryDetail{Text: orbit.ReasonUnpaid})
	s.b.Event(orbit.OrderEvent(orbit.OrderWasCanceled, *o))
	return s.tell(orbit.EmailCanceled, *o)
}

// refunds takes over what the provider has given back, also at its own site, and what it couldn't.
func (s *settlement) refunds(ctx context.Context, state orbit.PaymentState) error {
	disputed := s.payment.Dispute
	for _, c := range state.Charges {
		if c.Dispute != "" && s.known(c.Reference) != nil {
			disputed = c.Dispute
		}
		for _, r := range c.Refunds {
			if s.known(c.Reference) == nil || r.Amount.Currency != s.payment.Currency || r.Amount.Amount <= 0 {
				continue
			}
			if err := s.refund(c.Reference, r); err != nil {
				return err
			}
		}
	}
	if disputed != s.payment.Dispute {
		s.payment.Dispute = disputed
		s.enter(s.b, s.order.ID, orbit.EntryDisputed, "", orbit.OrderEntryDetail{Amount: s.payment.Amount,
			Provider: s.payment.Kind, Text: "Status: " + disputed + "."})
	}
	return nil
}

func (s *settlement) refund(charge string, r orbit.ProviderRefund) error {
	for i, line := range s.ledger {
		if line.ID == r.ID || line.Reference == r.Reference && r.Reference != "" || s.paysBack(line, charge, r) {
			return s.refundMoved(&s.ledger[i], r)
		}
	}
	if r.Status == orbit.TransactionFailed {
		return nil
	}
	if err := s.room(r.Amount.Amount); err != nil {
		return err
	}
	refund := orbit.Refund{MerchantID: s.merchant, ID: orbit.NewID[orbit.Refund](), OrderID: s.order.ID,
		Lines: []orbit.RefundLine{}, Amount: r.Amount.Amount, Tax: s.order.RefundTax(r.Amount.Amount), CreatedAt: pg.Stamp(),
		Reason: "Refunded at " + orbit.Providers().Name(s.payment.Kind) + "."}
	line := s.transaction(orbit.TransactionRefund, -r.Amount.Amount, r.Status, r.Reference)
	line.RefundID = refund.ID
	s.b.Insert("refunds", refund)
	s.b.Insert("order_transactions", line)
	s.ledger = append(s.ledger, line)
	s.enter(s.b, s.order.ID, orbit.EntryRefunded, "", orbit.OrderEntryDetail{Amount: r.Amount.Amount,
		Provider: s.payment.Kind, Text: refund.Reason})
	givenBack(&s.order, refund)
	s.b.Event(orbit.OrderEvent(orbit.OrderWasRefunded, s.order))
	return nil
}

// refundMoved takes a refund to where the provider is with it. A refund can fail after it has succeeded.
func (s *settlement) refundMoved(line *orbit.Transaction, r orbit.ProviderRefund) error {
	if line.Status == r.Status && (line.Reference == r.Reference || r.Reference == "") {
		return nil
	}
	if line.Status != orbit.TransactionPending && line.Reference != "" && r.Status == orbit.TransactionPending {
		return nil // an answer that is older than what is known
	}
	if line.Reference != "" && r.Reference == "" {
		return nil // that asking again was refused says nothing about a refund which the provider has
	}
	if line.Status == orbit.TransactionFailed && line.Kind == orbit.TransactionRefund {
		if err := s.room(-line.Amount); err != nil {
			return err
		}
	}
	s.b.Exec(`UPDATE order_transactions SET status = $2::text, reference = coalesce(nullif($3, ''), reference),
		failure = $4, settled_at = CASE WHEN $2::text = 'pending' THEN NULL ELSE now() END WHERE id = $1`, line.ID, r.Status,
		r.Reference, r.Failure)
	failed := r.Status == orbit.TransactionFailed && line.Status != orbit.TransactionFailed
	line.Status, line.Reference = r.Status, r.Reference
	s.regive(*line)
	if failed {
		s.enter(s.b, s.order.ID, orbit.EntryRefundFailed, "", orbit.OrderEntryDetail{Amount: -line.Amount,
			Provider: s.payment.Kind, Text: r.Failure})
	}
	return nil
}

// save writes the payment, with when it is looked at again, and runs it all.
func (s *settlement) save(ctx context.Context, state orbit.PaymentState) error {
	p := &s.payment
	now := pg.Stamp()
	p.CheckedAt, p.Checks = now, p.Checks+1
	if state.Failure != "" {
		p.Failure = state.Failure
	}
	p.NextCheckAt = time.Time{}
	switch {
	case p.Status == orbit.PaymentPending && p.Checks < quickChecks:
		p.NextCheckAt = now.Add(nextCheck)
	case p.Status.Open():
		p.NextCheckAt = now.Add(laterCheck)
	case p.Status == orbit.PaymentPaid && p.Kind != orbit.ProviderTest:
		p.NextCheckAt = s.watch(now)
	}
	for _, line := range s.ledger {
		if line.Status == orbit.TransactionPending {
			p.NextCheckAt = now.Add(laterCheck)
		}
	}
	s.b.Exec(`UPDATE payments SET status = $2, method = $3, failure = $4, dispute = $5, checked_at = $6, checks = $7,
		next_check_at = $8, paid_at = $9 WHERE id = $1`, p.ID, p.Status, p.Method, p.Failure, p.Dispute, p.CheckedAt,
		p.Checks, orNull(p.NextCheckAt), orNull(p.PaidAt))
	return s.b.Run(ctx, s)
}

// watch is when a paid payment is looked at again, for disputes and failing refunds of which no message comes: a day
// after money moved, and each time after twice as long, up to a bound.
func (s *settlement) watch(now time.Time) time.Time {
	moved := s.payment.PaidAt
	for _, line := range s.ledger {
		if line.CreatedAt.After(moved) {
			moved = line.CreatedAt
		}
	}
	age := now.Sub(moved)
	if age >= watched {
		return time.Time{}
	}
	return now.Add(max(dailyCheck, age))
}

// orNull is a time as an argument, NULL for none.
func orNull(t time.Time) any {
	if t.IsZero() {
		return nil
	}
	return t
}

// enter adds an entry to an order's timeline.
func (t *Tenant) enter(b *pg.Batch, order orbit.OrderID, kind orbit.OrderEntryKind, who string,
	detail orbit.OrderEntryDetail) {
	b.Insert("order_entries", orbit.OrderEntry{MerchantID: t.merchant, ID: orbit.NewID[orbit.OrderEntry](), OrderID: order,
		Kind: kind, Who: who, Detail: detail, CreatedAt: pg.Stamp()})
}
