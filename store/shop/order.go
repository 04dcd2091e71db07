package shop

import (
	"cmp"
	"context"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// OrderByToken is the order of a confirmation's address.
func (t *Tenant) OrderByToken(ctx context.Context, token string) (orbit.Order, error) {
	return t.order(ctx, "token = $1", token)
}

// Order is one order, with all that belongs to it.
func (t *Tenant) Order(ctx context.Context, id orbit.OrderID) (orbit.Order, error) {
	return t.order(ctx, "id = $1", id)
}

func (t *Tenant) order(ctx context.Context, where string, arg any) (orbit.Order, error) {
	r := t.Reader()
	found := pg.Ask[orbit.Order](r.Reader, `SELECT `+t.db.Columns("o", "", orbit.Order{})+` FROM orders o
		WHERE `+where, arg)
	this := `(SELECT o.id FROM orders o WHERE ` + where + `)`
	lines := pg.Ask[[]orbit.OrderLine](r.Reader, `SELECT `+t.db.Columns("l", "", orbit.OrderLine{})+` FROM order_lines l
		WHERE order_id = `+this+` ORDER BY position`, arg)
	images := pg.Ask[[]lineImages](r.Reader, `SELECT l.position, p.images FROM order_lines l
		JOIN variants v ON v.merchant_id = l.merchant_id AND v.id = l.variant_id
		JOIN products p ON p.merchant_id = v.merchant_id AND p.id = v.product_id
		WHERE l.order_id = `+this+` AND p.images IS NOT NULL`, arg)
	payments := pg.Ask[[]orbit.Payment](r.Reader, `SELECT `+t.db.Columns("p", "", orbit.Payment{})+` FROM payments p
		WHERE order_id = `+this+` ORDER BY created_at, id`, arg)
	ledger := pg.Ask[[]orbit.Transaction](r.Reader, `SELECT `+t.db.Columns("t", "", orbit.Transaction{})+`
		FROM order_transactions t WHERE order_id = `+this+` ORDER BY created_at, id`, arg)
	refunds := pg.Ask[[]orbit.Refund](r.Reader, `SELECT `+t.db.Columns("r", "", orbit.Refund{})+` FROM refunds r
		WHERE order_id = `+this+` ORDER BY created_at, id`, arg)
	parcels := pg.Ask[[]orbit.Fulfillment](r.Reader, `SELECT `+t.db.Columns("f", "", orbit.Fulfillment{})+`
		FROM fulfillments f WHERE order_id = `+this+` ORDER BY created_at, id`, arg)
	entries := pg.Ask[[]orbit.OrderEntry](r.Reader, `SELECT `+t.db.Columns("e", "", orbit.OrderEntry{})+`
		FROM order_entries e WHERE order_id = `+this+` ORDER BY created_at, id`, arg)
	err := r.Read(ctx)
	o := found.Value
	if err == nil && o.ID.IsZero() {
		err = pg.NoRow()
	}
	o.Lines, o.Payments, o.Transactions, o.Refunds = lines.Value, payments.Value, ledger.Value, refunds.Value
	o.Fulfillments, o.Entries = parcels.Value, entries.Value
	for _, refund := range o.Refunds {
		if o.Given(refund.ID) {
			o.RefundedTax += refund.Tax
		}
	}
	for _, of := range images.Value {
		for i := range o.Lines {
			if o.Lines[i].Position == of.Position {
				o.Lines[i].Images = of.Images
			}
		}
	}
	return o, err
}

// lineImages holds the images of a line's product.
type lineImages struct {
	Position int
	Images   []orbit.Image `bun:"type:jsonb"`
}

// lockOrder returns an order that stays as it is until the transaction ends. NotFound for one that isn't there.
func (e *Edit) lockOrder(ctx context.Context, id orbit.OrderID) (orbit.Order, error) {
	if _, err := pg.One[orbit.OrderID](ctx, e, `SELECT id FROM orders WHERE id = $1 FOR UPDATE`, id); err != nil {
		return orbit.Order{}, err
	}
	return e.Order(ctx, id)
}

// who is how the timeline names who is acting.
func (e *Edit) who() string {
	if !e.Actor.Visit.IsZero() {
		return "Support"
	}
	return e.Actor.Name
}

// commitOrder runs what changes an order, with its entry, its line of the audit log and its event.
func (e *Edit) commitOrder(ctx context.Context, b *pg.Batch, o orbit.Order, action orbit.Action,
	kind orbit.OrderEntryKind, detail orbit.OrderEntryDetail) error {
	b.Insert("order_entries", orbit.OrderEntry{MerchantID: e.merchant,
		ID: cmp.Or(e.Entry, orbit.NewID[orbit.OrderEntry]()), OrderID: o.ID, Kind: kind, Who: e.who(),
		Detail: detail, CreatedAt: pg.Stamp()})
	return e.commit(ctx, b, action, o.Name(), orbit.Details{"order": o.ID.String()})
}

// MarkOrderPaid notes that an order's money has come outside of any provider: all that is due, or an amount of it. Of
// an order that nothing is due on, it changes nothing without an amount. Faults are on amount; NotFound for an order
// that isn't there.
func (e *Edit) MarkOrderPaid(ctx context.Context, id orbit.OrderID, amount *int64, write OrderWriter) error {
	o, err := e.lockOrder(ctx, id)
	if err != nil {
		return err
	}
	due := o.Due()
	switch {
	case o.Status == orbit.OrderCanceled:
		return orbit.Errorf(orbit.Conflict, "This order is canceled.")
	case amount == nil && due == 0:
		return nil
	case amount == nil:
		amount = &due
	case *amount <= 0:
		return orbit.FaultOn(orbit.Invalid, "amount", "", "Enter an amount above zero.")
	case *amount > due:
		return orbit.FaultOn(orbit.Invalid, "amount", "",
			"Enter at most "+orbit.Money{Amount: due, Currency: o.Currency}.String()+", which is what is due.")
	}
	b := e.db.Batch()
	line := orbit.Transaction{MerchantID: e.merchant, ID: orbit.NewID[orbit.Transaction](), OrderID: o.ID,
		Kind: orbit.TransactionCharge, Provider: orbit.ProviderManual, Amount: *amount, Currency: o.Currency,
		Status: orbit.TransactionSucceeded, CreatedAt: pg.Stamp(), SettledAt: pg.Stamp()}
	for _, p := range o.Payments {
		if !orbit.Hosted(p.Kind) && p.Status == orbit.PaymentPending {
			line.PaymentID = p.ID
		}
	}
	b.Insert("order_transactions", line)
	if o.Paid += *amount; o.Due() == 0 {
		b.Exec(`UPDATE payments SET status = 'paid', paid_at = now() WHERE order_id = $1 AND status = 'pending'
			AND kind NOT IN ('test', 'stripe', 'paypal')`, o.ID)
		e.expireOthers(b, o, orbit.PaymentID{})
		o.PaymentStatus = orbit.FinancialPaid
		b.Event(orbit.OrderEvent(orbit.OrderWasPaid, o))
		if err := send(b, write, orbit.EmailPaymentReceived, o); err != nil {
			return err
		}
	}
	return e.commitOrder(ctx, b, o, orbit.ActionOrderPaid, orbit.EntryMarkedPaid,
		orbit.OrderEntryDetail{Amount: *amount})
}

// expireOthers has providers close the pages on which an order could still be paid, but for that of one payment.
func (t *Tenant) expireOthers(b *pg.Batch, o orbit.Order, but orbit.PaymentID) {
	for _, p := range o.Payments {
		if orbit.Hosted(p.Kind) && p.Status == orbit.PaymentPending && p.ID != but {
			b.Exec(`UPDATE payments SET expiring = true, next_check_at = now() WHERE id = $1`, p.ID)
			b.FairJob(SettleArgs{t.merchant, p.ID}, t.merchant)
		}
	}
}

// send queues an email about an order; none without a writer, nor to a customer who was erased.
func send(b *pg.Batch, write OrderWriter, kind orbit.OrderEmail, o orbit.Order) error {
	if write == nil || o.Erased() {
		return nil
	}
	m, err := write(kind, o)
	if err == nil {
		b.Email(&m)
	}
	return err
}

// FulfillOrder notes that a parcel of an order is on its way, and has the shopper told where the form says so. Faults
// are those of FulfillmentForm.Check; Conflict for an order that is canceled or has nothing left to fulfill.
func (e *Edit) FulfillOrder(ctx context.Context, id orbit.OrderID, form orbit.FulfillmentForm, write OrderWriter) (
	parcel orbit.Fulfillment, err error,
) {
	o, err := e.lockOrder(ctx, id)
	if err != nil {
		return parcel, err
	}
	switch {
	case o.Status == orbit.OrderCanceled:
		return parcel, orbit.Errorf(orbit.Conflict, "This order is canceled.")
	case o.ToFulfill == 0:
		return parcel, orbit.Errorf(orbit.Conflict, "Nothing is left to fulfill.")
	}
	if form, err = form.Check(o); err != nil {
		return parcel, err
	}
	if form.ID.IsZero() {
		form.ID = orbit.NewID[orbit.Fulfillment]()
	}
	parcel = orbit.Fulfillment{MerchantID: e.merchant, ID: form.ID, OrderID: o.ID,
		Lines: form.Lines, Carrier: form.Carrier, TrackingNumber: form.TrackingNumber, TrackingURL: form.TrackingURL,
		CreatedAt: pg.Stamp()}
	b := e.db.Batch()
	b.Insert("fulfillments", parcel)
	units := 0
	for _, l := range form.Lines {
		b.Exec(`UPDATE order_lines SET fulfilled = fulfilled + $3 WHERE order_id = $1 AND id = $2`, o.ID, l.ID, l.Quantity)
		units += l.Quantity
	}
	o.Fulfillments = append(o.Fulfillments, parcel)
	if o.ToFulfill -= units; o.ToFulfill == 0 {
		o.FulfillmentStatus = orbit.Fulfilled
		if o.Due() == 0 {
			o.Status = orbit.OrderClosed
		}
		b.Event(orbit.OrderEvent(orbit.OrderWasFulfilled, o))
	}
	if form.Notify {
		if err := send(b, write, orbit.EmailShipped, o); err != nil {
			return parcel, err
		}
	}
	return parcel, e.commitOrder(ctx, b, o, orbit.ActionOrderFulfilled, orbit.EntryFulfilled,
		orbit.OrderEntryDetail{Units: units, Tracking: parcel.TrackingNumber})
}

// MaxOrderNotes is how many notes an order can have.
const MaxOrderNotes = 200

// AddOrderNote adds a note for the staff to an order's timeline. Faults are on text.
func (e *Edit) AddOrderNote(ctx context.Context, id orbit.OrderID, text string) error {
	text, err := orbit.ParseOrderNote(text)
	if err != nil {
		return err
	}
	o, err := e.lockOrder(ctx, id)
	if err != nil {
		return err
	}
	notes := 0
	for _, entry := range o.Entries {
		if entry.Kind == orbit.EntryNote {
			notes++
		}
	}
	if notes >= MaxOrderNotes {
		return orbit.Errorf(orbit.Conflict, "This order has %d notes, which is as many as there can be.", MaxOrderNotes)
	}
	return e.commitOrder(ctx, e.db.Batch(), o, orbit.ActionOrderNoted, orbit.EntryNote,
		orbit.OrderEntryDetail{Text: text})
}

// MaxConfirmations is how often an order's confirmation is sent again in a day: shoppers take more for spam.
const MaxConfirmations = 5

// SendConfirmation sends the shopper the confirmation of an order again. TooMany beyond MaxConfirmations.
func (e *Edit) SendConfirmation(ctx context.Context, id orbit.OrderID, write OrderWriter) error {
	o, err := e.lockOrder(ctx, id)
	if err != nil {
		return err
	}
	if o.Erased() {
		return orbit.Errorf(orbit.Conflict, "This customer was erased. There is no address to send the confirmation to.")
	}
	const day = 24 * time.Hour
	var sent []time.Time // in the last day, the oldest first
	for _, entry := range o.Entries {
		if entry.Kind == orbit.EntryEmail && entry.Detail.Email == string(orbit.EmailConfirmation) &&
			time.Since(entry.CreatedAt) < day {
			sent = append(sent, entry.CreatedAt)
		}
	}
	if n := len(sent); n >= MaxConfirmations {
		return orbit.Errorf(orbit.TooMany, "This confirmation was sent again %d times in the last 24 hours, which is as "+
			"often as it can be. Try again later.", n).After(time.Until(sent[n-MaxConfirmations].Add(day)))
	}
	b := e.db.Batch()
	if err := send(b, write, orbit.EmailConfirmation, o); err != nil {
		return err
	}
	return e.commitOrder(ctx, b, o, orbit.ActionOrderEmailed, orbit.EntryEmail,
		orbit.OrderEntryDetail{Email: string(orbit.EmailConfirmation)})
}
