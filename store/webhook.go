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
	DeliveryID orbit.DeliveryID  `json:"deliveryId"`
	MerchantID *orbit.MerchantID `json:"merchantId,omitempty"` // of a shop's own webhook
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

// Webhooks returns a merchant's, or the platform's (zero), oldest first. Every statement about one names its owner.
func (db *DB) Webhooks(ctx context.Context, of orbit.MerchantID) (rows []orbit.WebhookRow, err error) {
	return pg.All[orbit.WebhookRow](ctx, db, db.webhookRows()+`WHERE `+ownWebhooks+` ORDER BY w.created_at, w.id`, of)
}

// ownWebhooks chooses those of $1, in two arms that an index serves.
const ownWebhooks = `(w.merchant_id = $1 OR w.merchant_id IS NULL AND $1::uuid IS NULL)`

// Webhook is one of them.
func (db *DB) Webhook(ctx context.Context, of orbit.MerchantID, id orbit.WebhookID) (orbit.WebhookRow, error) {
	row, err := pg.One[orbit.WebhookRow](ctx, db, db.webhookRows()+`WHERE w.id = $2 AND `+ownWebhooks, of, id)
	if orbit.CodeOf(err) == orbit.NotFound {
		err = orbit.Wrap(orbit.NotFound, err, "There is no such webhook.")
	}
	return row, err
}

// CreateWebhook keeps a new webhook. Its id comes from the form: sending it twice makes one, and made
// is false the second time. Beyond its owner's limit it is a Conflict.
func (db *DB) CreateWebhook(ctx context.Context, w orbit.Webhook, who orbit.Actor) (made bool, err error) {
	w.CreatedAt = pg.Stamp()
	w.UpdatedAt = w.CreatedAt
	err = db.InTx(ctx, func(t pg.Tx) error {
		// Two that are made at once are counted one after the other.
		if _, err := pg.Exec(ctx, t, `SELECT pg_advisory_xact_lock(hashtextextended('webhooks ' || coalesce($1::text, ''),
			0))`, w.MerchantID); err != nil {
			return err
		}
		n, err := pg.One[int](ctx, t, `SELECT count(*) FROM webhooks w WHERE w.id <> $2 AND `+ownWebhooks, w.MerchantID,
			w.ID)
		if err != nil {
			return err
		}
		if limit := w.Limit(); n >= limit {
			return orbit.Errorf(orbit.Conflict, "You can have at most %d webhooks. Delete one first.", limit)
		}
		n, err = pg.Insert(ctx, t, "webhooks", w, `ON CONFLICT (id) DO NOTHING`)
		if made = n == 1; err != nil || !made {
			return err
		}
		return db.auditWebhook(ctx, t, who, orbit.ActionWebhookCreated, w.MerchantID, w.URL,
			orbit.Details{"events": w.Events})
	})
	return made && err == nil, err
}

func (db *DB) auditWebhook(ctx context.Context, t pg.Tx, who orbit.Actor, action orbit.Action, of orbit.MerchantID,
	target string, d orbit.Details) error {
	b := db.Batch()
	b.Audit(who, action, of, target, d)
	return b.Run(ctx, t)
}

func lockWebhook(
	ctx context.Context, db *DB, t pg.Tx, of orbit.MerchantID, id orbit.WebhookID,
) (orbit.Webhook, error) {
	return pg.One[orbit.Webhook](ctx, t, `SELECT `+db.Columns("w", "", orbit.Webhook{})+` FROM webhooks w
		WHERE w.id = $2 AND `+ownWebhooks+` FOR UPDATE`, of, id)
}

// changeWebhook locks a webhook, has change alter it, and writes it with its audit entry. No two versions of a webhook
// have the same time.
func (db *DB) changeWebhook(ctx context.Context, of orbit.MerchantID, id orbit.WebhookID, who orbit.Actor,
	action orbit.Action, change func(*orbit.Webhook) (orbit.Details, error)) (w orbit.Webhook, err error) {
	err = db.InTx(ctx, func(t pg.Tx) error {
		if w, err = lockWebhook(ctx, db, t, of, id); err != nil {
			return err
		}
		before := w.UpdatedAt
		d, err := change(&w)
		if err != nil {
			return err
		}
		if w.UpdatedAt = pg.Stamp(); !w.UpdatedAt.After(before) {
			w.UpdatedAt = before.Add(time.Microsecond)
		}
		b := db.Batch()
		b.Update("webhooks", w)
		b.Audit(who, action, of, w.URL, d)
		return b.Run(ctx, t)
	})
	return w, err
}

// EditWebhook has edit change what people say about a webhook, under its lock. Deliveries under way go to the new
// address.
func (db *DB) EditWebhook(ctx context.Context, of orbit.MerchantID, id orbit.WebhookID, who orbit.Actor,
	edit func(*orbit.Webhook) error) (orbit.Webhook, error) {
	return db.changeWebhook(ctx, of, id, who, orbit.ActionWebhookUpdated, func(w *orbit.Webhook) (orbit.Details, error) {
		before := *w
		if err := edit(w); err != nil {
			return nil, err
		}
		d := changes(before.Input(), w.Input())
		if before.Active() != w.Active() {
			d["active"] = map[string]any{"from": before.Active(), "to": w.Active()}
		}
		return d, nil
	})
}

// RotateWebhook puts a newly encrypted secret in place, where check has nothing against it; the one before signs beside
// it until a time.
func (db *DB) RotateWebhook(ctx context.Context, of orbit.MerchantID, id orbit.WebhookID, encrypted []byte,
	oldUntil time.Time, who orbit.Actor, check func(orbit.Webhook) error) (orbit.Webhook, error) {
	return db.changeWebhook(ctx, of, id, who, orbit.ActionWebhookRotated, func(w *orbit.Webhook) (orbit.Details, error) {
		if check != nil {
			if err := check(*w); err != nil {
				return nil, err
			}
		}
		w.OldSecret, w.OldUntil, w.Secret = w.Secret, oldUntil, encrypted
		return nil, nil
	})
}

// SetWebhookActive switches a webhook on or off. Deliveries that wait while it is off are given up.
func (db *DB) SetWebhookActive(ctx context.Context, of orbit.MerchantID, id orbit.WebhookID, active bool,
	who orbit.Actor) error {
	action := orbit.ActionWebhookDisabled
	if active {
		action = orbit.ActionWebhookEnabled
	}
	_, err := db.changeWebhook(ctx, of, id, who, action, func(w *orbit.Webhook) (orbit.Details, error) {
		w.SetActive(active, pg.Stamp())
		return nil, nil
	})
	return err
}

// DeleteWebhook removes a webhook with its log. What is under way to it ends there.
func (db *DB) DeleteWebhook(ctx context.Context, of orbit.MerchantID, id orbit.WebhookID, who orbit.Actor) error {
	return db.InTx(ctx, func(t pg.Tx) error {
		url, err := pg.One[string](ctx, t, `DELETE FROM webhooks w WHERE w.id = $2 AND `+ownWebhooks+` RETURNING url`, of,
			id)
		if err != nil {
			return err
		}
		return db.auditWebhook(ctx, t, who, orbit.ActionWebhookDeleted, of, url, nil)
	})
}

// failingFor is how long nothing that was sent to a shop's webhook may have arrived until it is deactivated.
const failingFor = 3 * 24 * time.Hour

// DisableFailing deactivates a shop's webhook that something has been given up for, and that nothing has reached for
// days: nobody looks after it. It reports whether it did.
func (db *DB) DisableFailing(ctx context.Context, w orbit.Webhook) (disabled bool, err error) {
	if w.MerchantID.IsZero() {
		return false, nil
	}
	err = db.InTx(ctx, func(t pg.Tx) error {
		n, err := pg.Exec(ctx, t, `UPDATE webhooks w SET disabled_at = now(), updated_at = now() WHERE w.id = $1
			AND w.disabled_at IS NULL AND w.updated_at < now() - make_interval(secs => $2)
			AND NOT EXISTS (SELECT FROM webhook_deliveries d WHERE d.webhook_id = w.id AND d.status = 'delivered'
				AND d.updated_at > now() - make_interval(secs => $2))`, w.ID, failingFor.Seconds())
		if disabled = n > 0; err != nil || !disabled {
			return err
		}
		return db.auditWebhook(ctx, t, orbit.System, orbit.ActionWebhookDisabled, w.MerchantID, w.URL,
			orbit.Details{"reason": "nothing arrived for three days"})
	})
	return disabled && err == nil, err
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
