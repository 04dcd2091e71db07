package chaos

import (
	"context"
	"math/rand/v2"
	"time"

	"orbit360.app/orbit"
	rows "orbit360.app/store/shop"
)

// giveBack has merchants refund and cancel orders, some of which are just being paid, until the end. It returns how
// often they did.
func (m *market) giveBack(end <-chan struct{}) (given <-chan int) {
	counted := make(chan int, 1)
	rng := rand.New(rand.NewPCG(m.rng.Uint64(), 1))
	go func() {
		n := 0
		for {
			select {
			case <-end:
				counted <- n
				return
			case <-time.After(time.Duration(rng.IntN(200)) * time.Millisecond):
			}
			s := m.stalls[rng.IntN(len(m.stalls))]
			order := m.someOrder(s)
			if order.IsZero() {
				continue
			}
			switch err := m.change(s, order, rng); orbit.CodeOf(err) {
			case "":
				n++
			case orbit.Conflict, orbit.Invalid: // it has nothing left to give back
			default:
				m.t.Errorf("giving back: %v", err)
			}
		}
	}()
	return counted
}

// someOrder is one of a shop's that isn't canceled, a new one for the most part.
func (m *market) someOrder(s *stall) (id orbit.OrderID) {
	var text string
	if err := m.db.QueryRow(m.t.Context(), `SELECT id::text FROM (SELECT id FROM orders WHERE merchant_id = $1
		AND status <> 'cancelled' AND paid - refunded = total * (random() < 0.8)::int ORDER BY created_at DESC LIMIT 20) o
		ORDER BY random() LIMIT 1`, s.id.String()).Scan(&text); err == nil {
		id, _ = orbit.ParseID[orbit.Order](text) // it is one
	}
	return id
}

// change refunds or cancels an order, as a click in the dashboard does.
func (m *market) change(s *stall, id orbit.OrderID, rng *rand.Rand) error {
	ctx := m.t.Context()
	write, err := m.writer(ctx, s)
	if err != nil {
		return err
	}
	return m.member(s).Change(ctx, func(e *rows.Edit) error {
		o, err := e.Order(ctx, id)
		if err != nil {
			return err
		}
		if rng.IntN(3) == 0 {
			return e.CancelOrder(ctx, id, rows.CancelForm{Restock: true, Refund: true, Reason: "Changed their mind",
				Notify: true}, write)
		}
		form := rows.RefundForm{Reason: "Scratched"}
		if amount := 1 + rng.Int64N(o.Total); rng.IntN(2) == 0 {
			form.Amount = &amount
		} else {
			form.Lines = []orbit.RefundLine{{ID: o.Lines[0].ID, Quantity: 1, Restock: true}}
		}
		_, err = e.RefundOrder(ctx, id, form, write)
		return err
	})
}

// writer composes the emails of a shop.
func (m *market) writer(ctx context.Context, s *stall) (write rows.OrderWriter, err error) {
	err = rows.For(m.store, s.id).Do(ctx, func(t *rows.Tenant) error {
		merchant, err := t.Shop(ctx)
		write = m.pay.Mail.OrderWriter(merchant, "shop@example.com", "http://"+s.name+"."+base)
		return err
	})
	return write, err
}
