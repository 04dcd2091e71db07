package shop

import (
	"context"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

func (w Webhooks) rows() string {
	return `SELECT ` + w.db.Columns("w", "", orbit.Webhook{}) + `, coalesce(n.delivered, 0) AS delivered,
			coalesce(n.failed, 0) AS failed, coalesce(n.pending, 0) AS pending, n.last_at
		FROM webhooks w LEFT JOIN LATERAL (SELECT count(*) FILTER (WHERE d.status = 'delivered') AS delivered,
		count(*) FILTER (WHERE d.status = 'failed') AS failed,
			count(*) FILTER (WHERE d.status = 'pending') AS pending, max(d.created_at) AS last_at
			FROM webhook_deliveries d WHERE d.webhook_id = w.id AND d.created_at > now() - interval '7 days') n ON true `
}

func (w Webhooks) list(ctx context.Context) ([]orbit.WebhookRow, error) {
	return pg.All[orbit.WebhookRow](ctx, w, w.rows()+`ORDER BY w.created_at, w.id`)
}

func (w Webhooks) get(ctx context.Context, id orbit.WebhookID) (orbit.WebhookRow, error) {
	row, err := pg.One[orbit.WebhookRow](ctx, w, w.rows()+`WHERE w.id = $1`, id)
	if orbit.CodeOf(err) == orbit.NotFound {
		err = orbit.Wrap(orbit.NotFound, err, "There is no such webhook.")
	}
	return row, err
}

// Create keeps a new webhook. Its id comes from the form: sending it twice makes one, and made is false the second
// time. Beyond its owner's limit it is a Conflict.
func (w Webhooks) Create(ctx context.Context, hook orbit.Webhook) (made bool, err error) {
	hook.MerchantID, hook.CreatedAt = w.of, pg.Stamp()
	hook.UpdatedAt = hook.CreatedAt
	// Two that are made at once are counted one after the other.
	if _, err := pg.Exec(ctx, w, `SELECT pg_advisory_xact_lock(hashtextextended('webhooks ' || coalesce($1::text, ''),
		0))`, w.of); err != nil {
		return false, err
	}
	n, err := pg.One[int](ctx, w, `SELECT count(*) FROM webhooks WHERE id <> $1`, hook.ID)
	if err != nil {
		return false, err
	}
	if limit := hook.Limit(); n >= limit {
		return false, orbit.Errorf(orbit.Conflict, "You can have at most %d webhooks. Delete one first.", limit)
	}
	if n, err = pg.Insert(ctx, w, "webhooks", hook, `ON CONFLICT (id) DO NOTHING`); err != nil || n == 0 {
		return false, err
	}
	return true, w.audit(ctx, orbit.ActionWebhookCreated, hook.URL, orbit.Details{"events": hook.Events})
}

func (w Webhooks) audit(ctx context.Context, action orbit.Action, target string, d orbit.Details) error {
	b := w.db.Batch()
	b.Audit(w.who, action, w.of, target, d)
	return b.Run(ctx, w)
}

func (w Webhooks) lock(ctx context.Context, id orbit.WebhookID) (orbit.Webhook, error) {
	return pg.One[orbit.Webhook](ctx, w, `SELECT `+w.db.Columns("w", "", orbit.Webhook{})+` FROM webhooks w
		WHERE w.id = $1 FOR UPDATE`, id)
}

// change locks a webhook, has alter change it, and writes it with its audit entry. No two versions of a webhook have
// the same time.
func (w Webhooks) change(ctx context.Context, id orbit.WebhookID, action orbit.Action,
	alter func(*orbit.Webhook) (orbit.Details, error)) (orbit.Webhook, error) {
	hook, err := w.lock(ctx, id)
	if err != nil {
		return hook, err
	}
	before := hook.UpdatedAt
	d, err := alter(&hook)
	if err != nil {
		return hook, err
	}
	if hook.UpdatedAt = pg.Stamp(); !hook.UpdatedAt.After(before) {
		hook.UpdatedAt = before.Add(time.Microsecond)
	}
	b := w.db.Batch()
	b.Update("webhooks", hook)
	b.Audit(w.who, action, w.of, hook.URL, d)
	return hook, b.Run(ctx, w)
}

// Edit has edit change what people say about a webhook, under its lock. Deliveries under way go to the new address.
func (w Webhooks) Edit(ctx context.Context, id orbit.WebhookID, edit func(*orbit.Webhook) error) (orbit.Webhook,
	error) {
	return w.change(ctx, id, orbit.ActionWebhookUpdated, func(hook *orbit.Webhook) (orbit.Details, error) {
		before := *hook
		if err := edit(hook); err != nil {
			return nil, err
		}
		d := orbit.Changes(before.Input(), hook.Input())
		if before.Active() != hook.Active() {
			d["active"] = map[string]any{"from": before.Active(), "to": hook.Active()}
		}
		return d, nil
	})
}

// Rotate puts a newly encrypted secret in place, where check has nothing against it; the one before signs beside it
// until a time.
func (w Webhooks) Rotate(ctx context.Context, id orbit.WebhookID, encrypted []byte, oldUntil time.Time,
	check func(orbit.Webhook) error) (orbit.Webhook, error) {
	return w.change(ctx, id, orbit.ActionWebhookRotated, func(hook *orbit.Webhook) (orbit.Details, error) {
		if check != nil {
			if err := check(*hook); err != nil {
				return nil, err
			}
		}
		hook.OldSecret, hook.OldUntil, hook.Secret = hook.Secret, oldUntil, encrypted
		return nil, nil
	})
}

func (w Webhooks) setActive(ctx context.Context, id orbit.WebhookID, active bool) error {
	action := orbit.ActionWebhookDisabled
	if active {
		action = orbit.ActionWebhookEnabled
	}
	_, err := w.change(ctx, id, action, func(hook *orbit.Webhook) (orbit.Details, error) {
		hook.SetActive(active, pg.Stamp())
		return nil, nil
	})
	return err
}

func (w Webhooks) delete(ctx context.Context, id orbit.WebhookID) error {
	url, err := pg.One[string](ctx, w, `DELETE FROM webhooks WHERE id = $1 RETURNING url`, id)
	if err != nil {
		return err
	}
	return w.audit(ctx, orbit.ActionWebhookDeleted, url, nil)
}

// failingFor is how long nothing that was sent to a shop's webhook may have arrived until it is deactivated.
const failingFor = 3 * 24 * time.Hour

// DisableFailing deactivates a shop's webhook to which nothing has got through for days: what was sent first after the
// last that arrived, or after the last change of the webhook, is that old. The owner and the members who may change it
// get the emails that write returns. It reports whether it did.
func (w Webhooks) DisableFailing(ctx context.Context, id orbit.WebhookID,
	write func(orbit.Merchant, orbit.Webhook, orbit.StaffMember) (orbit.Email, error)) (disabled bool, err error) {
	if w.of.IsZero() {
		return false, nil
	}
	hook, err := pg.One[orbit.Webhook](ctx, w, `UPDATE webhooks w SET disabled_at = now(), failed_at = now(),
			updated_at = now()
		WHERE w.id = $1 AND w.disabled_at IS NULL AND EXISTS (
			SELECT FROM webhook_deliveries d WHERE d.webhook_id = w.id AND d.status = 'failed'
			AND d.created_at < now() - make_interval(secs => $2) AND d.created_at > w.updated_at
			AND NOT EXISTS (SELECT FROM webhook_deliveries a WHERE a.webhook_id = w.id AND a.status = 'delivered'
				AND a.updated_at >= d.created_at))
		RETURNING `+w.db.Columns("w", "", orbit.Webhook{}), id, failingFor.Seconds())
	if orbit.CodeOf(err) == orbit.NotFound {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	b := w.db.Batch()
	b.Audit(w.who, orbit.ActionWebhookDisabled, w.of, hook.URL, orbit.Details{"reason": "nothing arrived for three days"})
	m, err := pg.One[orbit.Merchant](ctx, w, `SELECT `+w.db.Columns("m", "", orbit.Merchant{})+` FROM merchants m
		WHERE m.id = $1`, w.of)
	if err != nil {
		return false, err
	}
	members, err := pg.All[orbit.StaffMember](ctx, w, staffRows+` WHERE s.merchant_id = $1 AND u.disabled_at IS NULL
		AND (s.role = 'owner' OR s.permissions @> $2::text[])`, w.of, []orbit.Permission{orbit.PermissionDevelopers})
	if err != nil {
		return false, err
	}
	for _, who := range members {
		mail, err := write(m, hook, who)
		if err != nil {
			return false, err
		}
		b.Email(&mail)
	}
	return true, b.Run(ctx, w)
}
