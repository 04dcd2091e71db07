package shop

import (
	"context"
	"strconv"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// EventPlace is a place in the order of a shop's events.
type EventPlace struct{ Tx, Seq int64 }

// EventsNow returns the place behind all events that are there, but for those of transactions that are open.
func (t *Tenant) EventsNow(ctx context.Context) (EventPlace, error) {
	return pg.One[EventPlace](ctx, t, `SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint AS tx, -1 AS seq`)
}

// EventsAt returns the place of an event. NotFound for one that isn't kept any longer, and for another shop's.
func (t *Tenant) EventsAt(ctx context.Context, id orbit.EventID) (EventPlace, error) {
	return pg.One[EventPlace](ctx, t, `SELECT tx::text::bigint AS tx, seq FROM shop_events WHERE merchant_id = $1
		AND id = $2`, t.merchant, id)
}

// Events returns up to limit events behind a place, and the place of the last. Those that have no certain place yet,
// for a transaction that began before theirs is open, come later: pending reports that there are some.
func (t *Tenant) Events(ctx context.Context, after EventPlace, limit int) (
	events []orbit.ShopEvent, last EventPlace, pending bool, err error,
) {
	r := t.Reader()
	found := pg.Ask[[]struct {
		orbit.ShopEvent `bun:",extend"`
		Tx, Seq         int64
	}](r.Reader, `SELECT id, kind, data, created_at, tx::text::bigint AS tx, seq FROM shop_events
		WHERE merchant_id = $1 AND (tx, seq) > ($2::text::xid8, $3::bigint)
		AND tx < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY shop_events.tx, seq LIMIT $4`, t.merchant,
		strconv.FormatInt(after.Tx, 10), after.Seq, limit)
	open := pg.Ask[struct{ Pending bool }](r.Reader, `SELECT EXISTS (SELECT FROM shop_events WHERE merchant_id = $1
		AND tx >= pg_snapshot_xmin(pg_current_snapshot())) AS pending`, t.merchant)
	if err := r.Read(ctx); err != nil {
		return nil, after, false, err
	}
	for _, e := range found.Value {
		events, last = append(events, e.ShopEvent), EventPlace{e.Tx, e.Seq}
	}
	if len(events) == 0 {
		last = after
	}
	return events, last, open.Value.Pending, nil
}
