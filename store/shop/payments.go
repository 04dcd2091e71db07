package shop

import (
	"context"
	"strconv"
	"time"

	"github.com/riverqueue/river"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// QueuePayment is the queue of what is asked of providers of payments.
const QueuePayment = "payment"

// SettleArgs is the durable job that reads what has become of a payment at its provider.
type SettleArgs struct {
	MerchantID orbit.MerchantID `json:"merchantId"`
	PaymentID  orbit.PaymentID  `json:"paymentId"`
}

// Kind names the job in river's table.
func (SettleArgs) Kind() string { return "settle" }

// InsertOpts gives payments their queue.
func (SettleArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueuePayment, MaxAttempts: pg.JobAttempts}
}

// RefundArgs is the durable job that has a provider pay a transaction back.
type RefundArgs struct {
	MerchantID    orbit.MerchantID    `json:"merchantId"`
	TransactionID orbit.TransactionID `json:"transactionId"`
}

// Kind names the job in river's table.
func (RefundArgs) Kind() string { return "refund" }

// InsertOpts gives refunds their queue.
func (RefundArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueuePayment, MaxAttempts: pg.JobAttempts}
}

// How long a payment page is open, and how soon a payment is looked at that no message has come of. The provider closes
// its page itself; nothing here does because of the time.
const (
	PageLife    = 31 * time.Minute // Stripe takes no less than 30
	firstCheck  = 45 * time.Second
	nextCheck   = time.Minute
	laterCheck  = time.Hour
	quickChecks = 60
	dailyCheck  = 24 * time.Hour
	watched     = 120 * 24 * time.Hour // in which shoppers dispute payments, and refunds fail at their banks
)

// open makes a checkout of an order to be: its stock is taken and its payment is there before its page is asked for.
func (p purchase) open(ctx context.Context, o *orbit.Order, method orbit.PaymentMethod) error {
	if err := p.TakesOrders(ctx); err != nil {
		return err
	}
	if err := p.sells(ctx); err != nil {
		return err
	}
	b := p.db.Batch()
	if err := p.useDiscounts(ctx, *o, 1); err != nil {
		return err
	}
	short, low, err := p.takeStock(ctx, o.Lines, units)
	if err != nil {
		return err
	}
	if short > 0 {
		return ErrCartShort
	}
	b.Event(low...)
	// Who comes back from the provider's page finds the codes in the cart.
	b.Exec(`UPDATE carts SET discount_codes = $2::text[] WHERE id = $1`, o.CartID, p.codes)
	payment := p.payment(*o, method)
	o.Test = payment.Test
	b.Insert("checkouts", orbit.OpenCheckout{MerchantID: p.merchant, ID: o.ID, Token: o.Token, CartID: o.CartID,
		Status: orbit.CheckoutOpen, Document: *o, CreatedAt: payment.CreatedAt})
	p.ask(&payment, *o)
	o.Payments = []orbit.Payment{payment}
	b.Insert("payments", payment)
	return b.Run(ctx, p)
}

// ask sets what a provider is asked for, and when somebody looks whether anything came of it.
func (p purchase) ask(payment *orbit.Payment, o orbit.Order) {
	payment.Test = payment.Test || payment.Kind == orbit.ProviderTest
	payment.ExpiresAt = payment.CreatedAt.Add(PageLife)
	payment.NextCheckAt = payment.CreatedAt.Add(firstCheck)
	payment.Charge = p.Charge(o, *payment)
	payment.Charge.Payment, payment.Charge.Order = payment.ID, o.ID
	payment.Charge.Amount = orbit.Money{Amount: payment.Amount, Currency: payment.Currency}
	payment.Charge.ExpiresAt = payment.ExpiresAt
}

// sells returns ErrClosed where the shop isn't open.
func (t *Tenant) sells(ctx context.Context) error {
	open, err := pg.One[bool](ctx, t, `SELECT live_at IS NOT NULL AND status = 'active' FROM merchants WHERE id = $1`,
		t.merchant)
	if err == nil && !open {
		err = ErrClosed
	}
	return err
}

// again returns the checkout that a form made before, where it would make the same.
func (p purchase) again(ctx context.Context, open orbit.OpenCheckout, c orbit.Cart, form orbit.CheckoutForm) (
	o orbit.Order, err error,
) {
	if p.checkout, err = p.Checkout(ctx); err != nil {
		return o, err
	}
	was := open.Document
	if form, err = p.checkout.Check(form, c, was.Subtotal-was.Discount); err != nil {
		return o, err
	}
	payment, err := p.payOf(ctx, open.ID)
	if err != nil {
		return o, err
	}
	same := form.Seen == strconv.FormatInt(was.Total, 10) && form.Email == was.Email && form.Phone == was.Phone &&
		form.Address() == was.Address && form.Shipping == was.ShippingName && form.Note == was.Note &&
		form.Payment == payment.Kind && !payment.Expiring && len(was.Lines) == len(c.Lines)
	for i := 0; same && i < len(was.Lines); i++ {
		same = was.Lines[i].VariantID == c.Lines[i].VariantID && was.Lines[i].Quantity == c.Lines[i].Quantity
	}
	if !same {
		return o, ErrPaymentOpen
	}
	was.Payments = []orbit.Payment{payment}
	return was, nil
}

// payOf returns the newest payment of an order or a checkout.
func (t *Tenant) payOf(ctx context.Context, order orbit.OrderID) (orbit.Payment, error) {
	return pg.One[orbit.Payment](ctx, t, `SELECT `+t.db.Columns("p", "", orbit.Payment{})+` FROM payments p
		WHERE order_id = $1 ORDER BY created_at DESC, id DESC LIMIT 1`, order)
}

// CheckoutByToken returns what somebody is about to pay, or was, by the token that the order has or would have, with
// its payment. It has no number.
func (t *Tenant) CheckoutByToken(ctx context.Context, token string) (c orbit.OpenCheckout, err error) {
	c, err = pg.One[orbit.OpenCheckout](ctx, t, `SELECT `+t.db.Columns("c", "", c)+` FROM checkouts c
		WHERE token = $1`, token)
	if err != nil {
		return c, err
	}
	payment, err := t.payOf(ctx, c.ID)
	c.Document.Payments = []orbit.Payment{payment}
	return c, err
}

// CheckoutOf returns what the shopper of a cart is about to pay, with its payment. NotFound where that is nothing.
func (t *Tenant) CheckoutOf(ctx context.Context, cartToken string) (c orbit.OpenCheckout, err error) {
	token, err := pg.One[string](ctx, t, `SELECT c.token FROM carts k JOIN checkouts c ON c.merchant_id = k.merchant_id
		AND c.cart_id = k.id AND c.status = 'open' WHERE k.token_hash = $1 LIMIT 1`, pg.Hash(cartToken))
	if err != nil {
		return c, err
	}
	return t.CheckoutByToken(ctx, token)
}

// OpenPayments returns the payments of a cart's checkouts that are open.
func (t *Tenant) OpenPayments(ctx context.Context, cartToken string) ([]orbit.PaymentID, error) {
	return pg.All[orbit.PaymentID](ctx, t, `SELECT p.id FROM carts k
		JOIN checkouts c ON c.merchant_id = k.merchant_id AND c.cart_id = k.id AND c.status = 'open'
		JOIN payments p ON p.merchant_id = c.merchant_id AND p.order_id = c.id
		WHERE k.token_hash = $1`, pg.Hash(cartToken))
}

// PayOrder opens another payment of an order that is to be paid, with the method of a kind, and returns it. One that is
// open already with the same provider is returned as it is. Conflict for an order of which nothing is due.
func (s Scope) PayOrder(ctx context.Context, order orbit.OrderID, kind string, with Placing) (
	payment orbit.Payment, err error,
) {
	err = s.Do(ctx, func(t *Tenant) error {
		if _, err := pg.One[orbit.OrderID](ctx, t, `SELECT id FROM orders WHERE id = $1 FOR UPDATE`, order); err != nil {
			return err
		}
		o, err := t.Order(ctx, order)
		if err != nil {
			return err
		}
		if o.Due() == 0 {
			return orbit.Errorf(orbit.Conflict, "Nothing is due on this order.")
		}
		for _, p := range o.Payments {
			if p.Kind == kind && p.Amount == o.Due() && p.Status == orbit.PaymentPending && !p.Expiring &&
				time.Now().Before(p.ExpiresAt) {
				payment = p
				return nil
			}
			if p.Status == orbit.PaymentProcessing {
				return orbit.Errorf(orbit.Conflict, "A payment of this order is being processed.")
			}
		}
		checkout, err := t.Checkout(ctx)
		if err != nil {
			return err
		}
		method := checkout.Method(kind)
		if !orbit.Hosted(method.Kind) {
			return orbit.FaultOn(orbit.Invalid, "payment", "", "Choose a payment method.")
		}
		p := purchase{Tenant: t, Placing: with, checkout: checkout}
		payment = p.payment(o, method)
		payment.Amount = o.Due()
		p.ask(&payment, o)
		b := t.db.Batch()
		b.Insert("payments", payment)
		return b.Run(ctx, t)
	})
	return payment, err
}

// PageOpened keeps where a payment's page is. A page that is known already stays.
func (t *Tenant) PageOpened(ctx context.Context, id orbit.PaymentID, page orbit.PaymentPage) error {
	_, err := pg.Exec(ctx, t, `UPDATE payments SET reference = $2, url = $3 WHERE id = $1 AND reference = ''`, id,
		page.Reference, page.URL)
	return err
}

// Payment returns a payment.
func (t *Tenant) Payment(ctx context.Context, id orbit.PaymentID) (orbit.Payment, error) {
	return pg.One[orbit.Payment](ctx, t, `SELECT `+t.db.Columns("p", "", orbit.Payment{})+` FROM payments p
		WHERE id = $1`, id)
}

// PaymentByReference returns the payment that a provider calls so, or that took a charge that it calls so.
func (t *Tenant) PaymentByReference(ctx context.Context, provider, reference string) (orbit.Payment, error) {
	return pg.One[orbit.Payment](ctx, t, `SELECT `+t.db.Columns("p", "", orbit.Payment{})+` FROM payments p
		WHERE kind = $1 AND (reference = $2 OR id = (SELECT payment_id FROM order_transactions
			WHERE provider = $1 AND reference = $2)) AND $2 <> '' LIMIT 1`, provider, reference)
}

// ExpirePayment closes a payment to the shopper, and has the provider asked to close its page.
func (t *Tenant) ExpirePayment(ctx context.Context, id orbit.PaymentID) error {
	b := t.db.Batch()
	b.Exec(`UPDATE payments SET expiring = true, next_check_at = now() WHERE id = $1 AND status = 'pending'`, id)
	b.FairJob(SettleArgs{t.merchant, id}, t.merchant)
	return b.Run(ctx, t)
}

// RequeuePayments gives a job to payments that are to be looked at, of all shops, the longest waiting first. Each is
// looked at again a while later, whether its job has come to an end or not.
func RequeuePayments(ctx context.Context, db Database, limit int) (int, error) {
	d := db.Engine()
	type due struct {
		ID         orbit.PaymentID
		MerchantID orbit.MerchantID
	}
	var found []due
	err := d.InTx(ctx, func(tx pg.Tx) (err error) {
		if _, err = pg.Exec(ctx, tx, `SELECT set_config('orbit.unfinished', 'on', true)`); err != nil {
			return err
		}
		found, err = pg.All[due](ctx, tx, `SELECT id, merchant_id FROM payments WHERE next_check_at <= now()
			ORDER BY next_check_at LIMIT $1`, limit)
		return err
	})
	if err != nil {
		return 0, err
	}
	n := 0
	for _, p := range found {
		err := For(d, p.MerchantID).Do(ctx, func(t *Tenant) error {
			// Of two replicas that found it, one moves it on.
			moved, err := pg.Exec(ctx, t, `UPDATE payments SET next_check_at = now() + make_interval(secs => $2)
				WHERE id = $1 AND next_check_at <= now()`, p.ID, nextCheck.Seconds())
			if err != nil || moved == 0 {
				return err
			}
			n++
			b := d.Batch()
			b.FairJob(SettleArgs{p.MerchantID, p.ID}, p.MerchantID)
			return b.Run(ctx, t)
		})
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// SeeEvent notes a provider's message, and has the payment that it names looked at; false for a message that has been
// seen before.
func (t *Tenant) SeeEvent(
	ctx context.Context, account orbit.AccountID, provider, event string, payment orbit.PaymentID,
) (fresh bool, err error) {
	n, err := pg.Exec(ctx, t, `INSERT INTO payment_events (merchant_id, provider, id) VALUES ($1, $2, $3)
		ON CONFLICT DO NOTHING`, t.merchant, provider, event)
	if err != nil || n == 0 {
		return false, err
	}
	b := t.db.Batch()
	b.Exec(`UPDATE payment_accounts SET last_event_at = now() WHERE id = $1`, account)
	if !payment.IsZero() {
		b.FairJob(SettleArgs{t.merchant, payment}, t.merchant)
	}
	return true, b.Run(ctx, t)
}
