package store

import (
	"context"

	"orbit360.app/orbit"
)

// GoLive opens a merchant's shop to shoppers in the name of one of its members and ticks the checklist. Doing it
// again changes nothing. A merchant of somebody else's is NotFound, just as one that doesn't exist; one that isn't
// active is a Conflict.
func (db *DB) GoLive(ctx context.Context, user orbit.UserID, id orbit.MerchantID, who Actor) error {
	return db.inTx(ctx, func(t tx) error {
		m, err := t.lockMember(ctx, user, id)
		if err != nil || m.Live() {
			return err
		}
		b := db.batch()
		b.exec(`UPDATE merchants SET live_at = now(), updated_at = now() WHERE id = $1`, id)
		b.asMerchant(id)
		b.exec(`UPDATE onboarding SET done_at = now() WHERE key = 'go_live' AND done_at IS NULL`)
		b.audit(who, "merchant.live", id, m.Name, nil)
		b.notify(merchantChannel, id.String())
		return b.run(ctx, t.pgx)
	})
}

// FinishTask ticks one line of a merchant's checklist in the name of one of its members; a line that is ticked stays
// as it is. NotFound and Conflict as for GoLive, NotFound too for a line that isn't there. set_password and go_live
// are ticked by the thing itself and are a Conflict.
func (db *DB) FinishTask(ctx context.Context, user orbit.UserID, id orbit.MerchantID, key string, who Actor) error {
	if key == "set_password" || key == "go_live" {
		return orbit.Errorf(orbit.Conflict, "This step is marked by itself once it is done.")
	}
	return db.inTx(ctx, func(t tx) error {
		if _, err := t.lockMember(ctx, user, id); err != nil {
			return err
		}
		b := db.batch()
		b.asMerchant(id)
		if err := b.run(ctx, t.pgx); err != nil {
			return err
		}
		var before struct{ Done bool }
		if err := t.NewRaw(`UPDATE onboarding o SET done_at = coalesce(o.done_at, now())
		FROM (SELECT key, done_at IS NOT NULL AS done FROM onboarding WHERE key = ?0) was
			WHERE o.key = was.key RETURNING was.done`, key).Scan(ctx, &before); err != nil || before.Done {
			return err
		}
		b = db.batch()
		b.audit(who, "task.done", id, key, nil)
		b.notify(merchantChannel, id.String())
		return b.run(ctx, t.pgx)
	})
}

// lockMember is an active merchant of a person's, locked against being suspended meanwhile. Orders that refer to the
// merchant get through: whoever places one may hold the stock that the caller wants next.
func (t tx) lockMember(ctx context.Context, user orbit.UserID, id orbit.MerchantID) (orbit.Merchant, error) {
	var m orbit.Merchant
	err := t.NewSelect().Model(&m).Where("merchant.id = ?", id).
		Where("EXISTS (SELECT FROM memberships WHERE user_id = ? AND merchant_id = merchant.id)",
			user).For("NO KEY UPDATE OF merchant").Scan(ctx)
	if err != nil {
		return m, err
	}
	switch m.Status {
	case orbit.MerchantActive:
		return m, nil
	case orbit.MerchantSuspended:
		return m, orbit.Errorf(orbit.Conflict, "This shop is suspended: nothing can be changed for now.")
	}
	return m, orbit.Errorf(orbit.Conflict, "This shop is still being set up. Try again when it is done.")
}
