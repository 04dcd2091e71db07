package shop

import (
	"context"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// PaymentMethods reads all ways to pay, turned on or not.
func (r *Reader) PaymentMethods() *pg.Result[[]orbit.PaymentMethod] {
	return pg.Ask[[]orbit.PaymentMethod](r.Reader, `SELECT `+r.DB.Columns("m", "", orbit.PaymentMethod{})+`
		FROM payment_methods m ORDER BY `+paymentOrder, orbit.Providers().Values())
}

// paymentOrder puts the stronger providers first, by orbit.Providers as $1.
const paymentOrder = `array_position($1::text[], kind::text)`

// PaymentAccounts reads the accounts that the payment methods use.
func (r *Reader) PaymentAccounts() *pg.Result[[]orbit.ProviderAccount] {
	return pg.Ask[[]orbit.ProviderAccount](r.Reader, `SELECT `+r.DB.Columns("a", "", orbit.ProviderAccount{})+`
		FROM payment_accounts a JOIN payment_methods m ON m.merchant_id = a.merchant_id AND m.account_id = a.id`)
}

// WantedProviders reads the providers that the shop was activated with, and has no account at yet.
func (r *Reader) WantedProviders() *pg.Result[[]string] {
	type wanted struct{ Kind string }
	found := pg.Ask[[]wanted](r.Reader, `SELECT kind::text AS kind FROM integrations
		WHERE kind::text = ANY ($1::text[]) AND status <> 'connected' ORDER BY `+paymentOrder, orbit.Providers().Values())
	return pg.As(r.Reader, found, func(all []wanted) (providers []string) {
		for _, one := range all {
			providers = append(providers, one.Kind)
		}
		return providers
	})
}

// ActivatePayment offers a way to pay at the checkout. Conflict for one that takes an account and has none; whether the
// account works is for the caller to ask.
func (e *Edit) ActivatePayment(ctx context.Context, provider string) error {
	m, err := e.paymentMethod(ctx, provider)
	switch {
	case orbit.CodeOf(err) == orbit.NotFound && provider == orbit.ProviderTest:
		m = orbit.PaymentMethod{MerchantID: e.merchant, Kind: provider, Name: orbit.Providers().Name(provider), Test: true}
	case orbit.CodeOf(err) == orbit.NotFound && orbit.Hosted(provider):
		return orbit.Errorf(orbit.Conflict, "Enter your %s credentials first.", orbit.Providers().Name(provider))
	case err != nil || m.Enabled:
		return err
	}
	return e.enablePayment(ctx, m, true, orbit.ActionPaymentActivated)
}

// DeactivatePayment ends that a way to pay is offered at the checkout. It keeps its account, for payments and refunds
// that are under way.
func (e *Edit) DeactivatePayment(ctx context.Context, provider string) error {
	m, err := e.paymentMethod(ctx, provider)
	if orbit.CodeOf(err) == orbit.NotFound && orbit.Hosted(provider) || err == nil && !m.Enabled {
		return nil
	}
	if err != nil {
		return err
	}
	return e.enablePayment(ctx, m, false, orbit.ActionPaymentDeactivated)
}

func (e *Edit) paymentMethod(ctx context.Context, provider string) (orbit.PaymentMethod, error) {
	return pg.One[orbit.PaymentMethod](ctx, e, `SELECT `+e.db.Columns("m", "", orbit.PaymentMethod{})+`
		FROM payment_methods m WHERE kind = $1`, provider)
}

func (e *Edit) enablePayment(ctx context.Context, m orbit.PaymentMethod, on bool, action orbit.Action) error {
	b := e.db.Batch()
	b.Exec(`INSERT INTO payment_methods (merchant_id, kind, name, enabled, test) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (merchant_id, kind) DO UPDATE SET enabled = excluded.enabled, sample = false,
			updated_at = now()`,
		e.merchant, m.Kind, m.Name, on, m.Test)
	b.Notify(pg.MerchantChannel, e.merchant.String())
	return e.commit(ctx, b, action, orbit.Providers().Name(m.Kind), orbit.Details{"test": m.Test})
}

// UpdatePayment changes the fields of a way to pay that patch has; Missing for one that the shop doesn't have. Saved as
// it is, it is no sample any longer. Faults are by field.
func (e *Edit) UpdatePayment(ctx context.Context, kind string, patch orbit.PaymentPatch) (orbit.PaymentMethod, error) {
	was, err := e.paymentMethod(ctx, kind)
	if err != nil {
		return was, err
	}
	now, err := patch.Apply(was)
	if err != nil || now == was {
		return was, err
	}
	b := e.db.Batch()
	b.Exec(`UPDATE payment_methods SET name = $2, instructions = $3, enabled = $4, sample = false,
			updated_at = now() WHERE kind = $1`, kind, now.Name, now.Instructions, now.Enabled)
	return now, e.commit(ctx, b, orbit.ActionPaymentUpdated, now.Name, orbit.Details{"enabled": now.Enabled})
}
