package store

import (
	"context"
	"encoding/json"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

const deliveryColumns = `d.id, d.event_id, d.webhook_id, d.status, d.attempts, d.next_at, d.log, d.created_at,
	d.updated_at, e.kind, e.merchant_id, e.created_at AS event_at, m.name AS merchant`

const deliveryTables = ` FROM webhook_deliveries d JOIN webhook_events e ON e.id = d.event_id LEFT
	JOIN merchants m ON m.id = e.merchant_id `

// Deliveries is one page of the deliveries to a webhook, newest first, and how many there are; of one
// status unless it is "".
func (db *DB) Deliveries(ctx context.Context, w orbit.WebhookID, status orbit.DeliveryStatus, limit,
	offset int) (rows []orbit.DeliveryRow, total int, err error) {
	const where = `WHERE d.webhook_id = $1 AND ($2 = '' OR d.status = $2)`
	if total, err = pg.One[int](ctx, db, `SELECT count(*) FROM webhook_deliveries d `+where, w, status); err != nil {
		return nil, 0, err
	}
	rows, err = pg.All[orbit.DeliveryRow](ctx, db, `SELECT `+deliveryColumns+deliveryTables+where+`
		ORDER BY d.created_at DESC, d.id DESC LIMIT $3 OFFSET $4`, w, status, limit, offset)
	return rows, total, err
}

// Delivery is one delivery to a webhook, with the event's body.
func (db *DB) Delivery(ctx context.Context, w orbit.WebhookID, id orbit.DeliveryID) (row orbit.DeliveryRow, err error) {
	return pg.One[orbit.DeliveryRow](ctx, db, `SELECT `+deliveryColumns+`, e.body`+deliveryTables+`
		WHERE d.webhook_id = $1 AND d.id = $2`, w, id)
}

// DeliverySheet reads a delivery for sending. NotFound where the webhook has been deleted.
func (db *DB) DeliverySheet(ctx context.Context, id orbit.DeliveryID) (p orbit.DeliverySheet, err error) {
	return pg.One[orbit.DeliverySheet](ctx, db, `SELECT `+db.Columns("d", "d__", p.Delivery)+`,
		`+db.Columns("e", "e__", p.Event)+`,
			`+db.Columns("w", "w__", p.Webhook)+`
		FROM webhook_deliveries d JOIN webhook_events e ON e.id = d.event_id JOIN webhooks w ON w.id = d.webhook_id
		WHERE d.id = $1`, id)
}

// DeliveryTried notes how an attempt went and what is to come: nextAt is zero unless it is tried again.
// Only a pending delivery changes.
func (db *DB) DeliveryTried(ctx context.Context, id orbit.DeliveryID, a orbit.DeliveryAttempt,
	status orbit.DeliveryStatus, nextAt time.Time) error {
	entry, err := json.Marshal([]orbit.DeliveryAttempt{a})
	if err != nil {
		return err
	}
	var next *time.Time
	if !nextAt.IsZero() {
		next = &nextAt
	}
	// Replays could make the log long: the oldest attempts give way.
	_, err = pg.Exec(ctx, db, `UPDATE webhook_deliveries
	SET status = $2, attempts = attempts + 1, next_at = $3, updated_at = now(),
		log = CASE WHEN jsonb_array_length(log) >= 40 THEN log - 0 ELSE log END || $4::jsonb WHERE id = $1
		AND status = 'pending'`, id, status, next, string(entry))
	return err
}

// ReplayDelivery sends a delivery that has ended once more: the same event, with its id, with
// fresh attempts. Conflict while it is under way and for a webhook that is off.
func (db *DB) ReplayDelivery(ctx context.Context, of orbit.MerchantID, w orbit.WebhookID, id orbit.DeliveryID,
	who orbit.Actor) error {
	return db.InTx(ctx, func(t pg.Tx) error {
		webhook, err := lockWebhook(ctx, db, t, of, w)
		if err != nil {
			return err
		}
		status, err := pg.One[orbit.DeliveryStatus](ctx, t, `SELECT status FROM webhook_deliveries
			WHERE id = $1 AND webhook_id = $2 FOR UPDATE`, id, w)
		if err != nil {
			return err
		}
		switch {
		case !webhook.Active():
			return orbit.Errorf(orbit.Conflict, "This webhook is inactive. Activate it first.")
		case status == orbit.DeliveryPending:
			return orbit.Errorf(orbit.Conflict, "This delivery is already in progress.")
		}
		b := db.Batch()
		b.Exec(`UPDATE webhook_deliveries SET status = 'pending', attempts = 0, next_at = NULL, updated_at = now()
			WHERE id = $1`, id)
		deliver(b, of, id)
		b.Audit(who, orbit.ActionWebhookReplayed, of, webhook.URL, orbit.Details{"delivery": id.String()})
		return b.Run(ctx, t)
	})
}

// PingWebhook sends a webhook an event that means nothing, to see whether it answers.
func (db *DB) PingWebhook(ctx context.Context, of orbit.MerchantID, w orbit.WebhookID,
	who orbit.Actor) (orbit.DeliveryID, error) {
	event, delivery := orbit.NewID[orbit.Event](), orbit.NewID[orbit.Delivery]()
	err := db.InTx(ctx, func(t pg.Tx) error {
		webhook, err := lockWebhook(ctx, db, t, of, w)
		if err != nil {
			return err
		}
		if !webhook.Active() {
			return orbit.Errorf(orbit.Conflict, "This webhook is inactive. Activate it first.")
		}
		body, err := json.Marshal(struct {
			ID        orbit.EventID   `json:"id"`
			Type      orbit.EventKind `json:"type"`
			CreatedAt string          `json:"createdAt"`
			Data      struct{}        `json:"data"`
		}{ID: event, Type: orbit.Ping, CreatedAt: time.Now().UTC().Format("2006-01-02T15:04:05.000Z")})
		if err != nil {
			return err
		}
		b := db.Batch()
		b.Exec(`INSERT INTO webhook_events (id, kind, merchant_id, body) VALUES ($1, $2, $3, $4)`, event, string(orbit.Ping),
			of, string(body))
		b.Exec(`INSERT INTO webhook_deliveries (id, event_id, webhook_id) VALUES ($1, $2, $3)`, delivery, event, w)
		deliver(b, of, delivery)
		b.Audit(who, orbit.ActionWebhookPinged, of, webhook.URL, nil)
		return b.Run(ctx, t)
	})
	return delivery, err
}

// deliver adds the job of a delivery; those of one shop don't hold up another's.
func deliver(b *pg.Batch, of orbit.MerchantID, id orbit.DeliveryID) {
	if of.IsZero() {
		b.Job(WebhookArgs{DeliveryID: id})
		return
	}
	b.FairJob(WebhookArgs{DeliveryID: id, MerchantID: &of}, of)
}

// RequeueDeliveries gives a new job to each pending delivery that hasn't changed for a while and has none.
func (db *DB) RequeueDeliveries(ctx context.Context, unchanged time.Duration) (int, error) {
	return pg.Requeue(ctx, db.DB, unchanged, `SELECT d.id FROM webhook_deliveries d WHERE d.status = 'pending'
		AND `+pg.WithoutJob("d.updated_at", `j.kind = 'webhook' AND j.args ->> 'deliveryId' = d.id::text`)+`
		LIMIT 100 FOR UPDATE OF d SKIP LOCKED`,
		func(b *pg.Batch, id orbit.DeliveryID) { b.Job(WebhookArgs{DeliveryID: id}) })
}
