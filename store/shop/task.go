package shop

import (
	"context"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// Checklist is the merchant's onboarding in order.
func (t *Tenant) Checklist(ctx context.Context) (tasks []orbit.Task, err error) {
	return pg.All[orbit.Task](ctx, t, `SELECT `+t.db.Columns("t", "", orbit.Task{})+` FROM onboarding t ORDER BY position`)
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
