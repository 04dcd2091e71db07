package shop

import (
	"context"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// DraftFor is how long a draft can be looked at. A shop has maxDrafts at most; new ones push out the oldest.
const (
	DraftFor  = 24 * time.Hour
	maxDrafts = 500
)

// SaveDraft keeps what a release would be, for looking at it. It gets an id of its own and never changes.
func (t *Tenant) SaveDraft(ctx context.Context, r orbit.Release) (orbit.Release, error) {
	r.ID, r.MerchantID = orbit.NewID[orbit.Release](), t.merchant
	if r.Settings == nil {
		r.Settings = orbit.Settings{}
	}
	b := t.db.Batch()
	b.Exec(`DELETE FROM drafts WHERE expires_at < now() OR id IN (SELECT id FROM drafts
		ORDER BY created_at DESC, id DESC OFFSET $1)`, maxDrafts-1)
	b.Insert("drafts", draft{ID: r.ID, MerchantID: r.MerchantID, ThemeID: r.ThemeID, Engine: r.Engine,
		Settings: r.Settings, CreatedBy: r.CreatedBy, CreatedAt: pg.Stamp(), ExpiresAt: pg.Stamp().Add(DraftFor)})
	return r, b.Run(ctx, t)
}

// Draft is a draft that is there still, as the release it would be.
func (t *Tenant) Draft(ctx context.Context, id orbit.ReleaseID) (orbit.Release, error) {
	d, err := pg.One[draft](ctx, t, `SELECT `+t.db.Columns("d", "", draft{})+` FROM drafts d
		WHERE id = $1 AND expires_at > now()`, id)
	if err != nil {
		return orbit.Release{}, err
	}
	return orbit.Release{ID: d.ID, MerchantID: d.MerchantID, ThemeID: d.ThemeID, Engine: d.Engine, Settings: d.Settings,
		CreatedBy: d.CreatedBy, CreatedAt: d.CreatedAt}, nil
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
}
