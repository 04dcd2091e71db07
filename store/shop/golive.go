package shop

import (
	"context"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// GoLive opens the shop to shoppers and finishes its task. Doing it again changes nothing.
func (e *Edit) GoLive(ctx context.Context) error {
	if e.Merchant.Live() {
		return nil
	}
	b := e.db.Batch()
	b.Exec(`UPDATE merchants SET live_at = now(), updated_at = now() WHERE id = $1`, e.merchant)
	b.Exec(`UPDATE onboarding SET done_at = now() WHERE key = 'go_live' AND done_at IS NULL`)
	b.Notify(pg.MerchantChannel, e.merchant.String())
	return e.commit(ctx, b, orbit.ActionMerchantLive, e.Merchant.Name, nil)
}

// FinishTask marks a task of the checklist as done; one that is done stays as it is. NotFound for a task that isn't
// there. set_password and go_live are marked by the thing itself and are a Conflict.
func (e *Edit) FinishTask(ctx context.Context, key string) error {
	if key == "set_password" || key == "go_live" {
		return orbit.Errorf(orbit.Conflict, "This step is marked as done automatically.")
	}
	done, err := pg.One[bool](ctx, e, `UPDATE onboarding o SET done_at = coalesce(o.done_at, now())
		FROM (SELECT key, done_at IS NOT NULL AS done FROM onboarding WHERE key = $1) was
		WHERE o.key = was.key RETURNING was.done`, key)
	if err != nil || done {
		return err
	}
	b := e.db.Batch()
	b.Notify(pg.MerchantChannel, e.merchant.String())
	return e.commit(ctx, b, orbit.ActionTaskDone, key, nil)
}
