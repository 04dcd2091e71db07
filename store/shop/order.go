package shop

import (
	"context"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// OrderByToken is the order of a confirmation's address.
func (t *Tenant) OrderByToken(ctx context.Context, token string) (orbit.Order, error) {
	return t.order(ctx, "token = $1", token)
}

// Order is one order.
func (t *Tenant) Order(ctx context.Context, id orbit.OrderID) (orbit.Order, error) {
	return t.order(ctx, "id = $1", id)
}

func (t *Tenant) order(ctx context.Context, where string, arg any) (o orbit.Order, err error) {
	if o, err = pg.One[orbit.Order](ctx, t, `SELECT `+t.db.Columns("o", "", o)+` FROM orders o
		WHERE `+where, arg); err != nil {
		return o, err
	}
	o.Lines, err = pg.All[orbit.OrderLine](ctx, t, `SELECT `+t.db.Columns("l", "", orbit.OrderLine{})+` FROM order_lines l
		WHERE order_id = $1 ORDER BY position`, o.ID)
	if err != nil {
		return o, err
	}
	images, err := pg.All[struct {
		Position int
		Images   []orbit.Image `bun:"type:jsonb"`
	}](ctx, t, `SELECT l.position, p.images FROM order_lines l
		JOIN variants v ON v.merchant_id = l.merchant_id AND v.id = l.variant_id
		JOIN products p ON p.merchant_id = v.merchant_id AND p.id = v.product_id
		WHERE l.order_id = $1 AND p.images IS NOT NULL`, o.ID)
	if err != nil {
		return o, err
	}
	for _, p := range images {
		for i := range o.Lines {
			if o.Lines[i].Position == p.Position {
				o.Lines[i].Images = p.Images
			}
		}
	}
	o.Payments, err = pg.All[orbit.Payment](ctx, t, `SELECT `+t.db.Columns("p", "", orbit.Payment{})+` FROM payments p
		WHERE order_id = $1 ORDER BY created_at, id`, o.ID)
	return o, err
}

// MarkOrderPaid notes that an order's money has come. Doing it again changes nothing. NotFound for an order that isn't
// there.
func (e *Edit) MarkOrderPaid(ctx context.Context, order orbit.OrderID) error {
	return e.changeOrder(ctx, order, orbit.ActionOrderPaid, orbit.OrderWasPaid, nil, func(o *orbit.Order) (due bool) {
		due = o.PaymentStatus == orbit.PaymentPending
		o.PaymentStatus = orbit.PaymentPaid
		return due
	},
		`UPDATE orders SET payment_status = 'paid', paid_at = now() WHERE id = $1`,
		`UPDATE payments SET status = 'paid', paid_at = now() WHERE order_id = $1 AND status = 'pending'`)
}

// FulfillOrder notes that an order is on its way, and has the shopper told by the email that write makes of it.
// Otherwise as MarkOrderPaid.
func (e *Edit) FulfillOrder(
	ctx context.Context, order orbit.OrderID, write func(orbit.Order) (orbit.Email, error),
) error {
	return e.changeOrder(ctx, order, orbit.ActionOrderFulfilled, orbit.OrderWasFulfilled, write,
		func(o *orbit.Order) (due bool) {
			due = o.Status == orbit.OrderOpen
			o.Status = orbit.OrderFulfilled
			return due
		},
		`UPDATE orders SET status = 'fulfilled', fulfilled_at = now() WHERE id = $1`)
}

// changeOrder runs statements on an order that change makes the same of, where it is due. The shopper gets the email
// that write makes of the order; without write, none.
func (e *Edit) changeOrder(ctx context.Context, id orbit.OrderID, action orbit.Action, kind orbit.EventKind,
	write func(orbit.Order) (orbit.Email, error), change func(*orbit.Order) (due bool), statements ...string) error {
	o, err := pg.One[orbit.Order](ctx, e, `SELECT `+e.db.Columns("o", "", orbit.Order{})+` FROM orders o
		WHERE id = $1 FOR UPDATE`, id)
	if err != nil || !change(&o) {
		return err
	}
	b := e.db.Batch()
	for _, sql := range statements {
		b.Exec(sql, id)
	}
	b.Event(orbit.OrderEvent(kind, o))
	if write != nil {
		whole, err := e.Order(ctx, id)
		if err != nil {
			return err
		}
		m, err := write(whole)
		if err != nil {
			return err
		}
		b.Email(&m)
	}
	return e.commit(ctx, b, action, o.Name(), orbit.Details{"order": id.String()})
}
