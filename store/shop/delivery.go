package shop

import (
	"context"
	"encoding/json"
	"time"

	"github.com/riverqueue/river"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// QueueWebhook is a queue of its own, so that a slow receiver slows nothing else.
const QueueWebhook = "webhook"

// WebhookArgs is the durable job that makes one delivery.
type WebhookArgs struct {
	DeliveryID orbit.DeliveryID  `json:"deliveryId"`
	MerchantID *orbit.MerchantID `json:"merchantId,omitempty"` // of a shop's own webhook
}

// Kind names the job in river's table.
func (WebhookArgs) Kind() string { return "webhook" }

// InsertOpts gives deliveries their queue.
func (WebhookArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueWebhook, MaxAttempts: pg.JobAttempts}
}

// Of is the shop that the delivery is made for; zero for the platform.
func (a WebhookArgs) Of() (of orbit.MerchantID) {
	if a.MerchantID != nil {
		of = *a.MerchantID
	}
	return of
}

const deliveryColumns = `d.id, d.event_id, d.webhook_id, d.status, d.attempts, d.next_at, d.log, d.created_at,
	d.updated_at, e.kind, e.about_id AS merchant_id, e.created_at AS event_at, m.name AS merchant`

const deliveryTables = ` FROM webhook_deliveries d JOIN webhook_events e ON e.id = d.event_id LEFT
	JOIN merchants m ON m.id = e.about_id `

func (w Webhooks) deliveries(ctx context.Context, id orbit.WebhookID, status orbit.DeliveryStatus, limit, offset int) (
	rows []orbit.DeliveryRow, total int, err error) {
	const where = `WHERE d.webhook_id = $1 AND ($2 = '' OR d.status = $2)`
	if total, err = pg.One[int](ctx, w, `SELECT count(*) FROM webhook_deliveries d `+where, id, status); err != nil {
		return nil, 0, err
	}
	rows, err = pg.All[orbit.DeliveryRow](ctx, w, `SELECT `+deliveryColumns+deliveryTables+where+`
		ORDER BY d.created_at DESC, d.id DESC LIMIT $3 OFFSET $4`, id, status, limit, offset)
	return rows, total, err
}

func (w Webhooks) delivery(ctx context.Context, id orbit.WebhookID, delivery orbit.DeliveryID) (orbit.DeliveryRow,
	error) {
	return pg.One[orbit.DeliveryRow](ctx, w, `SELECT `+deliveryColumns+`, e.body`+deliveryTables+`
		WHERE d.webhook_id = $1 AND d.id = $2`, id, delivery)
}

// DeliverySheet reads a delivery for sending. NotFound where the webhook has been deleted.
func (h Hooks) DeliverySheet(ctx context.Context, id orbit.DeliveryID) (p orbit.DeliverySheet, err error) {
	err = h.Read(ctx, func(w Webhooks) (err error) {
		p, err = pg.One[orbit.DeliverySheet](ctx, w, `SELECT `+w.db.Columns("d", "d__", p.Delivery)+`,
			`+w.db.Columns("e", "e__", p.Event)+`,
				`+w.db.Columns("w", "w__", p.Webhook)+`
			FROM webhook_deliveries d JOIN webhook_events e ON e.id = d.event_id JOIN webhooks w ON w.id = d.webhook_id
			WHERE d.id = $1`, id)
		return err
	})
	return p, err
}

// DeliveryTried notes how an attempt went and what is to come: nextAt is zero unless it is tried again.
// Only a pending delivery changes.
func (h Hooks) DeliveryTried(ctx context.Context, id orbit.DeliveryID, a orbit.DeliveryAttempt,
	status orbit.DeliveryStatus, nextAt time.Time) error {
	entry, err := json.Marshal([]orbit.DeliveryAttempt{a})
	if err != nil {
		return err
	}
	var next *time.Time
	if !nextAt.IsZero() {
		next = &nextAt
	}
	return h.Change(ctx, func(w Webhooks) error {
		// Replays could make the log long: the oldest attempts give way.
		_, err := pg.Exec(ctx, w, `UPDATE webhook_deliveries
		SET status = $2, attempts = attempts + 1, next_at = $3, updated_at = now(),
			log = CASE WHEN jsonb_array_length(log) >= 40 THEN log - 0 ELSE log END || $4::jsonb WHERE id = $1
			AND status = 'pending'`, id, status, next, string(entry))
		return err
	})
}

func (w Webhooks) replay(ctx context.Context, id orbit.WebhookID, delivery orbit.DeliveryID) error {
	hook, err := w.lock(ctx, id)
	if err != nil {
		return err
	}
	status, err := pg.One[orbit.DeliveryStatus](ctx, w, `SELECT status FROM webhook_deliveries
		WHERE id = $1 AND webhook_id = $2 FOR UPDATE`, delivery, id)
	if err != nil {
		return err
	}
	switch {
	case !hook.Active():
		return orbit.Errorf(orbit.Conflict, "This webhook is inactive. Activate it first.")
	case status == orbit.DeliveryPending:
		return orbit.Errorf(orbit.Conflict, "This delivery is already in progress.")
	}
	b := w.db.Batch()
	b.Exec(`UPDATE webhook_deliveries SET status = 'pending', attempts = 0, next_at = NULL, updated_at = now()
		WHERE id = $1`, delivery)
	deliver(b, w.of, delivery)
	b.Audit(w.who, orbit.ActionWebhookReplayed, w.of, hook.URL, orbit.Details{"delivery": delivery.String()})
	return b.Run(ctx, w)
}

func (w Webhooks) ping(ctx context.Context, id orbit.WebhookID) (orbit.DeliveryID, error) {
	event, delivery := orbit.NewID[orbit.Event](), orbit.NewID[orbit.Delivery]()
	hook, err := w.lock(ctx, id)
	if err != nil {
		return delivery, err
	}
	if !hook.Active() {
		return delivery, orbit.Errorf(orbit.Conflict, "This webhook is inactive. Activate it first.")
	}
	body, err := json.Marshal(struct {
		ID        orbit.EventID   `json:"id"`
		Type      orbit.EventKind `json:"type"`
		CreatedAt string          `json:"createdAt"`
		Data      struct{}        `json:"data"`
	}{ID: event, Type: orbit.Ping, CreatedAt: time.Now().UTC().Format("2006-01-02T15:04:05.000Z")})
	if err != nil {
		return delivery, err
	}
	b := w.db.Batch()
	b.Exec(`INSERT INTO webhook_events (id, kind, merchant_id, body) VALUES ($1, $2, $3, $4)`, event, string(orbit.Ping),
		w.of, string(body))
	b.Exec(`INSERT INTO webhook_deliveries (id, merchant_id, event_id, webhook_id) VALUES ($1, $2, $3, $4)`, delivery,
		w.of, event, id)
	deliver(b, w.of, delivery)
	b.Audit(w.who, orbit.ActionWebhookPinged, w.of, hook.URL, nil)
	return delivery, b.Run(ctx, w)
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
func RequeueDeliveries(ctx context.Context, db Database, unchanged time.Duration) (int, error) {
	type lost struct {
		ID         orbit.DeliveryID
		MerchantID orbit.MerchantID
	}
	return pg.Requeue(ctx, db.Engine(), unchanged, `SELECT d.id, d.merchant_id FROM webhook_deliveries d
		WHERE d.status = 'pending'
		AND `+pg.WithoutJob("d.updated_at", `j.kind = 'webhook' AND j.args ->> 'deliveryId' = d.id::text`)+`
		LIMIT 100 FOR UPDATE OF d SKIP LOCKED`,
		func(b *pg.Batch, d lost) { deliver(b, d.MerchantID, d.ID) })
}
