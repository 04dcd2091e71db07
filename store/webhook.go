package store

import (
	"context"
	"time"

	"github.com/riverqueue/river"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// QueueWebhook is a queue of its own, so that a slow receiver slows nothing else.
const QueueWebhook = "webhook"

// WebhookArgs is the durable job that makes one delivery.
type WebhookArgs struct {
	DeliveryID orbit.DeliveryID `json:"deliveryId"`
}

// Kind names the job in river's table.
func (WebhookArgs) Kind() string { return "webhook" }

// InsertOpts gives deliveries their queue.
func (WebhookArgs) InsertOpts() river.InsertOpts {
	return river.InsertOpts{Queue: QueueWebhook, MaxAttempts: pg.JobAttempts}
}

func (db *DB) webhookRows() string {
	return `SELECT ` + db.Columns("w", "", orbit.Webhook{}) + `, coalesce(n.delivered, 0) AS delivered,
			coalesce(n.failed, 0) AS failed, coalesce(n.pending, 0) AS pending, n.last_at
		FROM webhooks w LEFT JOIN LATERAL (SELECT count(*) FILTER (WHERE d.status = 'delivered') AS delivered,
		count(*) FILTER (WHERE d.status = 'failed') AS failed,
			count(*) FILTER (WHERE d.status = 'pending') AS pending, max(d.created_at) AS last_at
			FROM webhook_deliveries d WHERE d.webhook_id = w.id AND d.created_at > now() - interval '7 days') n ON true `
}

// Webhooks returns all of them, oldest first.
func (db *DB) Webhooks(ctx context.Context) (rows []orbit.WebhookRow, err error) {
	return pg.All[orbit.WebhookRow](ctx, db, db.webhookRows()+`ORDER BY w.created_at, w.id`)
}

// Webhook is one of them.
func (db *DB) Webhook(ctx context.Context, id orbit.WebhookID) (orbit.WebhookRow, error) {
	row, err := pg.One[orbit.WebhookRow](ctx, db, db.webhookRows()+`WHERE w.id = $1`, id)
	if orbit.CodeOf(err) == orbit.NotFound {
		err = orbit.Wrap(orbit.NotFound, err, "There is no such webhook.")
	}
	return row, err
}

// CreateWebhook keeps a new webhook. Its id comes from the form: sending it twice makes one, and made
// is false the second time. Beyond orbit.MaxWebhooks it is a Conflict.
func (db *DB) CreateWebhook(ctx context.Context, w orbit.Webhook, who orbit.Actor) (made bool, err error) {
	w.CreatedAt = pg.Stamp()
	w.UpdatedAt = w.CreatedAt
	err = db.InTx(ctx, func(t pg.Tx) error {
		n, err := pg.One[int](ctx, t, `SELECT count(*) FROM webhooks WHERE id <> $1`, w.ID)
		if err != nil {
			return err
		}
		if n >= orbit.MaxWebhooks {
			return orbit.Errorf(orbit.Conflict,
				"You can have at most %d webhooks. Delete one first.", n)
		}
		n, err = pg.Insert(ctx, t, "webhooks", w, `ON CONFLICT (id) DO NOTHING`)
		if made = n == 1; err != nil || !made {
			return err
		}
		return db.auditWebhook(ctx, t, who, orbit.ActionWebhookCreated, w.URL, orbit.Details{"events": w.Events})
	})
	return made && err == nil, err
}

func (db *DB) auditWebhook(ctx context.Context, t pg.Tx, who orbit.Actor, action orbit.Action, target string,
	d orbit.Details) error {
	b := db.Batch()
	b.Audit(who, action, orbit.MerchantID{}, target, d)
	return b.Run(ctx, t)
}

func lockWebhook(ctx context.Context, db *DB, t pg.Tx, id orbit.WebhookID) (orbit.Webhook, error) {
	return pg.One[orbit.Webhook](ctx, t, `SELECT `+db.Columns("w", "", orbit.Webhook{})+` FROM webhooks w
		WHERE id = $1 FOR UPDATE`, id)
}

// changeWebhook locks a webhook, has change alter it, and writes it with its audit entry.
func (db *DB) changeWebhook(ctx context.Context, id orbit.WebhookID, who orbit.Actor, action orbit.Action,
	change func(*orbit.Webhook) (orbit.Details, error)) error {
	return db.InTx(ctx, func(t pg.Tx) error {
		w, err := lockWebhook(ctx, db, t, id)
		if err != nil {
			return err
		}
		d, err := change(&w)
		if err != nil {
			return err
		}
		w.UpdatedAt = pg.Stamp()
		b := db.Batch()
		b.Update("webhooks", w)
		b.Audit(who, action, orbit.MerchantID{}, w.URL, d)
		return b.Run(ctx, t)
	})
}

// UpdateWebhook replaces what people say about a webhook. Deliveries under way go to the new address.
func (db *DB) UpdateWebhook(ctx context.Context, id orbit.WebhookID, in orbit.WebhookInput, who orbit.Actor) error {
	return db.changeWebhook(ctx, id, who, orbit.ActionWebhookUpdated, func(w *orbit.Webhook) (orbit.Details, error) {
		d := changes(orbit.WebhookInput{URL: w.URL, Description: w.Description, Events: w.Events}, in)
		w.URL, w.Description, w.Events = in.URL, in.Description, in.Events
		return d, nil
	})
}

// RotateWebhook puts a newly encrypted secret in place; the one before signs beside it until a time.
func (db *DB) RotateWebhook(ctx context.Context, id orbit.WebhookID, encrypted []byte, oldUntil time.Time,
	who orbit.Actor) error {
	return db.changeWebhook(ctx, id, who, orbit.ActionWebhookRotated, func(w *orbit.Webhook) (orbit.Details, error) {
		w.OldSecret, w.OldUntil, w.Secret = w.Secret, oldUntil, encrypted
		return nil, nil
	})
}

// SetWebhookActive switches a webhook on or off. Deliveries that wait while it is off are given up.
func (db *DB) SetWebhookActive(ctx context.Context, id orbit.WebhookID, active bool, who orbit.Actor) error {
	action := orbit.ActionWebhookDisabled
	if active {
		action = orbit.ActionWebhookEnabled
	}
	return db.changeWebhook(ctx, id, who, action, func(w *orbit.Webhook) (orbit.Details, error) {
		if w.Active() == active {
			return nil, nil
		}
		w.DisabledAt = time.Time{}
		if !active {
			w.DisabledAt = pg.Stamp()
		}
		return nil, nil
	})
}

// DeleteWebhook removes a webhook with its log. What is under way to it ends there.
func (db *DB) DeleteWebhook(ctx context.Context, id orbit.WebhookID, who orbit.Actor) error {
	return db.InTx(ctx, func(t pg.Tx) error {
		url, err := pg.One[string](ctx, t, `DELETE FROM webhooks WHERE id = $1 RETURNING url`, id)
		if err != nil {
			return err
		}
		return db.auditWebhook(ctx, t, who, orbit.ActionWebhookDeleted, url, nil)
	})
}

// ReencryptWebhooks replaces every encrypted secret by what reencrypt makes of it: all or none.
func (db *DB) ReencryptWebhooks(ctx context.Context,
	reencrypt func(id orbit.WebhookID, encrypted []byte) ([]byte, error)) error {
	return db.InTx(ctx, func(t pg.Tx) error {
		ws, err := pg.All[orbit.Webhook](ctx, t, `SELECT `+db.Columns("w", "", orbit.Webhook{})+` FROM webhooks w
			ORDER BY id FOR UPDATE`)
		if err != nil {
			return err
		}
		b := db.Batch()
		for _, w := range ws {
			secret, err := reencrypt(w.ID, w.Secret)
			if err != nil {
				return err
			}
			old := w.OldSecret
			if len(old) > 0 {
				if old, err = reencrypt(w.ID, old); err != nil {
					return err
				}
			}
			b.Exec(`UPDATE webhooks SET secret = $2, old_secret = $3 WHERE id = $1`, w.ID, secret, old)
		}
		return b.Run(ctx, t)
	})
}
