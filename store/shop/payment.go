package shop

import (
	"context"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// PaymentMethods reads all ways to pay, turned on or not.
func (r *Reader) PaymentMethods() *pg.Result[[]orbit.PaymentMethod] {
	return pg.Ask[[]orbit.PaymentMethod](r.Reader, `SELECT `+r.DB.Columns("m", "", orbit.PaymentMethod{})+`
		FROM payment_methods m ORDER BY kind`)
}

// UpdatePayment changes the fields of a way to pay that patch has; Missing for one that the shop doesn't have. Saved as
// it is, it is no sample any longer. Faults are by field.
func (e *Edit) UpdatePayment(ctx context.Context, kind string, patch orbit.PaymentPatch) (orbit.PaymentMethod, error) {
	was, err := pg.One[orbit.PaymentMethod](ctx, e, `SELECT `+e.db.Columns("m", "", orbit.PaymentMethod{})+`
		FROM payment_methods m WHERE kind = $1`, kind)
	if err != nil {
		return was, err
	}
	now, err := patch.Apply(was)
	if err != nil || now == was {
		return was, err
	}
	b := e.db.Batch()
	b.Exec(`UPDATE payment_methods SET name = $2, instructions = $3, enabled = $4, sample = false WHERE kind = $1`,
		kind, now.Name, now.Instructions, now.Enabled)
	return now, e.commit(ctx, b, orbit.ActionPaymentUpdated, now.Name, orbit.Details{"enabled": now.Enabled})
}
