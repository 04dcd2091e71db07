package shop

import (
	"context"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// DraftFor is how long a draft can be looked at, where it isn't shared for longer. A shop has maxDrafts at most; new
// ones push out the oldest, but for the shared ones.
const (
	DraftFor  = 24 * time.Hour
	maxDrafts = 500
)

// SaveDraft keeps what a release would be, for looking at it. It gets an id of its own and never changes.
func (t *Tenant) SaveDraft(ctx context.Context, r orbit.Release) (orbit.Release, error) {
	b := t.db.Batch()
	d := t.addDraft(b, r, DraftFor, false)
	return d.release(), b.Run(ctx, t)
}

// addDraft makes room for a draft and adds it.
func (t *Tenant) addDraft(b *pg.Batch, r orbit.Release, keep time.Duration, shared bool) draft {
	d := draft{ID: orbit.NewID[orbit.Release](), MerchantID: t.merchant, ThemeID: r.ThemeID, Engine: r.Engine,
		Settings: r.Settings, CreatedBy: t.person, CreatedAt: pg.Stamp(), ExpiresAt: pg.Stamp().Add(keep),
		Shared: shared}
	if d.Settings == nil {
		d.Settings = orbit.Settings{}
	}
	b.Exec(`DELETE FROM drafts WHERE expires_at < now() OR id IN (SELECT id FROM drafts WHERE NOT shared
		ORDER BY created_at DESC, id DESC OFFSET $1)`, maxDrafts-1)
	b.Insert("drafts", d)
	return d
}

// Draft is what can be looked at under an id, as the release it is or would be: a draft that is there still, one of the
// shop's releases, or the scheduled one.
func (t *Tenant) Draft(ctx context.Context, id orbit.ReleaseID) (orbit.Release, error) {
	d, err := pg.One[draft](ctx, t, `SELECT id, merchant_id, theme_id, engine, settings, created_by, created_at
		FROM drafts WHERE id = $1 AND expires_at > now()
		UNION ALL SELECT id, merchant_id, theme_id, engine, settings, created_by, created_at
		FROM releases WHERE id = $1
		UNION ALL SELECT id, merchant_id, theme_id, engine, settings, created_by, created_at
		FROM scheduled_releases WHERE id = $1 AND theme_id IS NOT NULL`, id)
	return d.release(), err
}

// SharedPreviews returns the drafts that are shared, newest first.
func (t *Tenant) SharedPreviews(ctx context.Context) ([]orbit.SharedPreview, error) {
	return pg.All[orbit.SharedPreview](ctx, t, `SELECT d.id, t.name AS theme_name, `+author("d")+`, d.created_at,
			d.expires_at
		FROM drafts d JOIN themes t ON t.id = d.theme_id
		WHERE d.shared AND d.expires_at > now() ORDER BY d.created_at DESC, d.id DESC`)
}

// SharePreview keeps a draft for as long as others may look at it. Conflict where the shop shares enough already.
func (e *Edit) SharePreview(ctx context.Context, r orbit.Release, keep time.Duration) error {
	shared, err := e.SharedPreviews(ctx)
	if err != nil {
		return err
	}
	if len(shared) >= orbit.MaxSharedPreviews {
		return orbit.Errorf(orbit.Conflict, "You share %d previews already. Revoke one that you no longer need first.",
			orbit.MaxSharedPreviews)
	}
	b := e.db.Batch()
	d := e.addDraft(b, r, keep, true)
	return e.commit(ctx, b, orbit.ActionPreviewShared, "", orbit.Details{"preview": d.ID.String(),
		"expires": d.ExpiresAt})
}

// RevokePreview ends a shared draft: its link shows nothing from now on. NotFound for one that isn't there.
func (e *Edit) RevokePreview(ctx context.Context, id orbit.ReleaseID) error {
	if _, err := pg.One[orbit.ReleaseID](ctx, e, `DELETE FROM drafts WHERE id = $1 AND shared RETURNING id`,
		id); err != nil {
		return err
	}
	return e.commit(ctx, e.db.Batch(), orbit.ActionPreviewRevoked, "", orbit.Details{"preview": id.String()})
}

type draft struct {
	ID         orbit.ReleaseID `bun:",pk"`
	MerchantID orbit.MerchantID
	ThemeID    orbit.ThemeID
	Engine     orbit.EngineName
	Settings   orbit.Settings `bun:"type:jsonb"`
	CreatedBy  orbit.UserID   `bun:",nullzero"`
	CreatedAt  time.Time
	ExpiresAt  time.Time
	Shared     bool
}

func (d draft) release() orbit.Release {
	return orbit.Release{ID: d.ID, MerchantID: d.MerchantID, ThemeID: d.ThemeID, Engine: d.Engine, Settings: d.Settings,
		CreatedBy: d.CreatedBy, CreatedAt: d.CreatedAt}
}
