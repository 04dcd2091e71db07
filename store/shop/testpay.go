package shop

import (
	"context"
	"encoding/json"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// ErrTestClosed is what ChooseTestPayment returns of a page on which nothing can be chosen any longer.
var ErrTestClosed = orbit.Errorf(orbit.Conflict, "This payment page is closed.")

// OpenTestPayment returns the page of a payment at Test payments, and makes it where there is none.
func (t *Tenant) OpenTestPayment(ctx context.Context, id orbit.PaymentID) (orbit.TestPayment, error) {
	if _, err := pg.Exec(ctx, t, `INSERT INTO test_payments (merchant_id, payment_id, token) VALUES ($1, $2, $3)
		ON CONFLICT (merchant_id, payment_id) DO NOTHING`, t.merchant, id, pg.Token()); err != nil {
		return orbit.TestPayment{}, err
	}
	return t.TestPayment(ctx, id)
}

// TestPayment returns what Test payments know of a payment.
func (t *Tenant) TestPayment(ctx context.Context, id orbit.PaymentID) (orbit.TestPayment, error) {
	return t.testPayment(ctx, "payment_id = $1", id)
}

// TestPaymentByToken returns the payment of a page's address, with what Test payments know of it.
func (t *Tenant) TestPaymentByToken(ctx context.Context, token string) (
	known orbit.TestPayment, payment orbit.Payment, err error,
) {
	if known, err = t.testPayment(ctx, "token = $1", token); err == nil {
		payment, err = t.Payment(ctx, known.PaymentID)
	}
	return known, payment, err
}

func (t *Tenant) testPayment(ctx context.Context, where string, arg any) (orbit.TestPayment, error) {
	// One clock for all times, whichever process asks: a moment early, and a payment would be looked at an hour later.
	row, err := pg.One[struct {
		orbit.TestPayment `bun:",extend"`
		Now               time.Time
	}](ctx, t, `SELECT `+t.db.Columns("p", "", orbit.TestPayment{})+`, clock_timestamp() AS now FROM test_payments p
		WHERE `+where, arg)
	row.ReadAt = row.Now
	return row.TestPayment, err
}

// ChooseTestPayment takes what a shopper chose on the page with a token, and has the payment looked at, as a provider's
// message would: at once, and again when a pending one has come to its end.
func (t *Tenant) ChooseTestPayment(ctx context.Context, token string, choice orbit.TestChoice) error {
	chosen, err := pg.All[orbit.TestPayment](ctx, t, `UPDATE test_payments p SET choice = $2, chosen_at = clock_timestamp()
		WHERE token = $1 AND choice IN ('', 'fail') AND expired_at IS NULL AND EXISTS (SELECT FROM payments y
			WHERE y.merchant_id = p.merchant_id AND y.id = p.payment_id AND y.expires_at > clock_timestamp())
		RETURNING `+t.db.Columns("p", "", orbit.TestPayment{}), token, choice)
	if err != nil {
		return err
	}
	if len(chosen) == 0 {
		return ErrTestClosed
	}
	settle := SettleArgs{t.merchant, chosen[0].PaymentID}
	b := t.db.Batch()
	b.FairJob(settle, t.merchant)
	if choice.Pending() {
		b.JobAt(settle, chosen[0].ChosenAt.Add(orbit.TestPaymentDelay+time.Second))
	}
	return b.Run(ctx, t)
}

// ExpireTestPayment closes the page of a payment, unless something was chosen that ends it.
func (t *Tenant) ExpireTestPayment(ctx context.Context, id orbit.PaymentID) (orbit.TestPayment, error) {
	if _, err := pg.Exec(ctx, t, `UPDATE test_payments SET expired_at = clock_timestamp() WHERE payment_id = $1
		AND expired_at IS NULL AND choice IN ('', 'fail')`, id); err != nil {
		return orbit.TestPayment{}, err
	}
	return t.TestPayment(ctx, id)
}

// RefundTestPayment pays back an amount of a charge of a payment. The same refund again is the same.
func (t *Tenant) RefundTestPayment(ctx context.Context, want orbit.RefundRequest) (made orbit.TestRefund, err error) {
	payment, err := t.Payment(ctx, want.Payment)
	if err != nil {
		return made, err
	}
	if want.Amount.Currency != payment.Currency {
		return made, orbit.Errorf(orbit.Invalid, "The charge is in %s.", payment.Currency)
	}
	known, err := t.testPayment(ctx, "payment_id = $1 FOR UPDATE", want.Payment)
	if err != nil {
		return made, err
	}
	if known, made, err = known.Refund(want.ID, want.Charge, want.Amount.Amount, payment.Amount); err != nil {
		return made, err
	}
	refunds, err := json.Marshal(known.Refunds)
	if err == nil {
		_, err = pg.Exec(ctx, t, `UPDATE test_payments SET refunds = $2 WHERE payment_id = $1`, want.Payment,
			string(refunds))
	}
	return made, err
}
