package shop

import (
	"context"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// Hooks is the scope of one owner's webhooks: a shop's, in the name of one of its members or of the platform, or the
// platform's own. Whether a member may is asked in each transaction.
type Hooks struct {
	Of           orbit.MerchantID // the shop; zero for the platform
	read, change func(context.Context, func(Webhooks) error) error
}

// Webhooks holds the webhooks of one owner, with their events and deliveries, within one transaction. Row-level
// security shows no others.
type Webhooks struct {
	pg.Tx
	db  *pg.DB
	of  orbit.MerchantID
	who orbit.Actor
}

// Hooks returns the scope of the shop's webhooks for the member.
func (m Member) Hooks() Hooks {
	return Hooks{m.merchant, func(ctx context.Context, fn func(Webhooks) error) error {
		return m.Read(ctx, func(t *Tenant) error { return fn(Webhooks{t.Tx, t.db, t.merchant, m.actor}) })
	}, func(ctx context.Context, fn func(Webhooks) error) error {
		return m.Change(ctx, func(e *Edit) error { return fn(Webhooks{e.Tx, e.db, e.merchant, e.Actor}) })
	}}
}

// HooksOf returns the scope of a shop's webhooks, or the platform's own (zero), for the platform.
func HooksOf(db Database, of orbit.MerchantID, who orbit.Actor) Hooks {
	do := func(ctx context.Context, fn func(Webhooks) error) error {
		return db.Engine().InTx(ctx, func(t pg.Tx) error { return fn(Webhooks{t, db.Engine(), of, who}) })
	}
	if !of.IsZero() {
		do = func(ctx context.Context, fn func(Webhooks) error) error {
			return For(db, of).Do(ctx, func(t *Tenant) error { return fn(Webhooks{t.Tx, t.db, of, who}) })
		}
	}
	return Hooks{of, do, do}
}

// Read runs fn in one transaction.
func (h Hooks) Read(ctx context.Context, fn func(Webhooks) error) error { return h.read(ctx, fn) }

// Change runs fn as one change. A member's is refused where the shop isn't active.
func (h Hooks) Change(ctx context.Context, fn func(Webhooks) error) error { return h.change(ctx, fn) }

// List returns the webhooks, oldest first.
func (h Hooks) List(ctx context.Context) (rows []orbit.WebhookRow, err error) {
	err = h.Read(ctx, func(w Webhooks) (err error) { rows, err = w.list(ctx); return err })
	return rows, err
}

// Get returns one of the webhooks.
func (h Hooks) Get(ctx context.Context, id orbit.WebhookID) (row orbit.WebhookRow, err error) {
	err = h.Read(ctx, func(w Webhooks) (err error) { row, err = w.get(ctx, id); return err })
	return row, err
}

// SetActive activates or deactivates a webhook. Deliveries that wait while it is off are given up.
func (h Hooks) SetActive(ctx context.Context, id orbit.WebhookID, active bool) error {
	return h.Change(ctx, func(w Webhooks) error { return w.setActive(ctx, id, active) })
}

// Delete removes a webhook with its log. What is under way to it ends there.
func (h Hooks) Delete(ctx context.Context, id orbit.WebhookID) error {
	return h.Change(ctx, func(w Webhooks) error { return w.delete(ctx, id) })
}

// Ping sends a webhook an event that means nothing, to see whether it answers.
func (h Hooks) Ping(ctx context.Context, id orbit.WebhookID) (delivery orbit.DeliveryID, err error) {
	err = h.Change(ctx, func(w Webhooks) (err error) { delivery, err = w.ping(ctx, id); return err })
	return delivery, err
}

// Replay sends a delivery that has ended once more: the same event, with its id, with fresh attempts. Conflict while it
// is under way and for a webhook that is off.
func (h Hooks) Replay(ctx context.Context, id orbit.WebhookID, delivery orbit.DeliveryID) error {
	return h.Change(ctx, func(w Webhooks) error { return w.replay(ctx, id, delivery) })
}

// Deliveries returns one page of the deliveries to a webhook, newest first, and how many there are; of one status
// unless it is "".
func (h Hooks) Deliveries(ctx context.Context, id orbit.WebhookID, status orbit.DeliveryStatus, limit, offset int) (
	rows []orbit.DeliveryRow, total int, err error) {
	err = h.Read(ctx, func(w Webhooks) (err error) {
		rows, total, err = w.deliveries(ctx, id, status, limit, offset)
		return err
	})
	return rows, total, err
}

// Delivery returns one delivery to a webhook, with the event's body.
func (h Hooks) Delivery(ctx context.Context, id orbit.WebhookID, delivery orbit.DeliveryID) (
	row orbit.DeliveryRow, err error) {
	err = h.Read(ctx, func(w Webhooks) (err error) { row, err = w.delivery(ctx, id, delivery); return err })
	return row, err
}
