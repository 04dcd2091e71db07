package shop

import (
	"context"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// PaymentAccount returns an account at a provider.
func (t *Tenant) PaymentAccount(ctx context.Context, id orbit.AccountID) (orbit.ProviderAccount, error) {
	return t.paymentAccount(ctx, `id = $1`, id)
}

// PaymentAccountOf returns the account that a payment method uses. NotFound where it has none.
func (t *Tenant) PaymentAccountOf(ctx context.Context, provider string) (orbit.ProviderAccount, error) {
	return t.paymentAccount(ctx, `id = (SELECT account_id FROM payment_methods WHERE kind = $1)`, provider)
}

// PaymentAccountByToken returns the account that a provider sends its events to the address of.
func (t *Tenant) PaymentAccountByToken(ctx context.Context, provider, token string) (orbit.ProviderAccount, error) {
	return t.paymentAccount(ctx, `provider = $1 AND webhook_token = $2`, provider, token)
}

// SamePaymentAccount returns what is stored of an account, by what its provider calls it. NotFound for a new one.
func (t *Tenant) SamePaymentAccount(ctx context.Context, provider, account string, test bool) (
	orbit.ProviderAccount, error,
) {
	return t.paymentAccount(ctx, `provider = $1 AND account = $2 AND test = $3`, provider, account, test)
}

func (t *Tenant) paymentAccount(ctx context.Context, where string, args ...any) (orbit.ProviderAccount, error) {
	return pg.One[orbit.ProviderAccount](ctx, t, `SELECT `+t.db.Columns("a", "", orbit.ProviderAccount{})+`
		FROM payment_accounts a WHERE `+where, args...)
}

// SavePaymentAccount keeps an account with its encrypted secrets, and has the provider's payment method use it; a
// method that isn't there yet is made, inactive.
func (e *Edit) SavePaymentAccount(ctx context.Context, a orbit.ProviderAccount, name string) error {
	b := e.db.Batch()
	b.Exec(`INSERT INTO payment_accounts (merchant_id, id, provider, test, account, name, secret, last4, webhook_id,
			webhook_token, message, checked_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, now())
		ON CONFLICT (merchant_id, id) DO UPDATE SET name = excluded.name, secret = excluded.secret, last4 = excluded.last4,
			webhook_id = excluded.webhook_id, message = excluded.message, checked_at = now(), updated_at = now()`,
		e.merchant, a.ID, a.Provider, a.Test, a.Account, a.Name, a.Secret, a.Last4, a.WebhookID, a.WebhookToken, a.Message)
	b.Exec(`INSERT INTO payment_methods (merchant_id, kind, name, enabled, test, account_id)
		VALUES ($1, $2, $3, false, $4, $5)
		ON CONFLICT (merchant_id, kind) DO UPDATE SET test = excluded.test, account_id = excluded.account_id,
			updated_at = now()`,
		e.merchant, a.Provider, name, a.Test, a.ID)
	b.Exec(`INSERT INTO integrations (merchant_id, kind, status) VALUES ($1, $2, 'connected')
		ON CONFLICT (merchant_id, kind) DO UPDATE SET status = 'connected'`, e.merchant, a.Provider)
	return e.commit(ctx, b, orbit.ActionProviderConnected, orbit.Providers().Name(a.Provider),
		orbit.Details{"account": a.Account, "test": a.Test})
}

// NoteAccount keeps what came of asking a provider with an account: "" where all is well.
func (t *Tenant) NoteAccount(ctx context.Context, id orbit.AccountID, message string) error {
	_, err := pg.Exec(ctx, t, `UPDATE payment_accounts SET message = $2, checked_at = now() WHERE id = $1`, id, message)
	return err
}

// ClaimPayment reports whether a payment is this caller's to ask its provider about: one process does at a time, for as
// long as a call may take. ReleasePayment ends it.
func (t *Tenant) ClaimPayment(ctx context.Context, id orbit.PaymentID) (mine bool, err error) {
	n, err := pg.Exec(ctx, t, `UPDATE payments SET busy_until = now() + interval '90 seconds'
		WHERE id = $1 AND (busy_until IS NULL OR busy_until < now())`, id)
	return n > 0, err
}

// ReleasePayment ends ClaimPayment.
func (t *Tenant) ReleasePayment(ctx context.Context, id orbit.PaymentID) error {
	_, err := pg.Exec(ctx, t, `UPDATE payments SET busy_until = NULL WHERE id = $1`, id)
	return err
}

// CheckLater has a payment looked at again in a while, after a provider that couldn't be asked.
func (t *Tenant) CheckLater(ctx context.Context, id orbit.PaymentID) error {
	_, err := pg.Exec(ctx, t, `UPDATE payments p SET checks = checks + 1, next_check_at = now() + CASE
			WHEN status IN ('pending', 'processing') AND checks < $2 THEN make_interval(secs => $3)
			WHEN status IN ('pending', 'processing') OR EXISTS (SELECT FROM order_transactions t
				WHERE t.payment_id = p.id AND t.status = 'pending') THEN make_interval(secs => $4)
			WHEN paid_at > now() - make_interval(secs => $6) THEN make_interval(secs => $5) END
		WHERE id = $1`, id, quickChecks, nextCheck.Seconds(), laterCheck.Seconds(), dailyCheck.Seconds(), watched.Seconds())
	return err
}

// Shop returns the merchant, as its emails name it.
func (t *Tenant) Shop(ctx context.Context) (orbit.Merchant, error) {
	return pg.One[orbit.Merchant](ctx, t, `SELECT `+t.db.Columns("m", "", orbit.Merchant{})+` FROM merchants m
		WHERE id = $1`, t.merchant)
}
