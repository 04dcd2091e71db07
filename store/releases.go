package store

import (
	"context"
	"time"

	"orbit360.app/orbit"
)

// ReleaseRow is one line of a shop's history.
type ReleaseRow struct {
	orbit.Release `bun:",extend"`
	ThemeName     string
	Author        string `bun:",nullzero"` // address of whoever published it, "" for the platform
	Current       bool   // the public sees it
}

// Releases are a page of a merchant's releases, newest first. Their numbers run from 1 without a gap.
func (db *DB) Releases(ctx context.Context, merchant orbit.MerchantID, limit, offset int) (rows []ReleaseRow,
	err error) {
	err = db.scan(ctx, db.pool, &rows,
		db.releaseRows()+` WHERE r.merchant_id = $1 ORDER BY r.number DESC LIMIT $2 OFFSET $3`, merchant, limit, offset)
	return rows, err
}

// ReleaseByNumber is one of a merchant's releases.
func (db *DB) ReleaseByNumber(ctx context.Context, merchant orbit.MerchantID, number int) (r ReleaseRow, err error) {
	err = db.scan(ctx, db.pool, &r, db.releaseRows()+` WHERE r.merchant_id = $1 AND r.number = $2`, merchant, number)
	return r, err
}

// CurrentRelease is the release that the public sees of a merchant's shop.
func (db *DB) CurrentRelease(ctx context.Context, merchant orbit.MerchantID) (r ReleaseRow, err error) {
	err = db.scan(ctx, db.pool, &r, db.releaseRows()+` WHERE r.merchant_id = $1 AND r.id = m.release_id`, merchant)
	return r, err
}

func (db *DB) releaseRows() string {
	return `SELECT ` + db.columns("r", "", orbit.Release{}) + `, t.name AS theme_name, u.email AS author, r.id = m.release_id AS current
		FROM releases r JOIN merchants m ON m.id = r.merchant_id JOIN themes t ON t.id = r.theme_id LEFT JOIN users u ON u.id = r.created_by`
}

// PublishRelease makes a new release of a merchant's shop in the name of one of its members, and shows it to the
// public from the commit on. r says theme, engine, its version and settings, which must have passed the engine's
// schema; upon is the number of the public release that they were made from. What is public already makes no other
// release and is given back; where another release has become public since, nothing is made: ErrOtherRelease.
// NotFound and Conflict as for GoLive; a theme that isn't on offer is Invalid, unless the shop has it already.
func (db *DB) PublishRelease(ctx context.Context, user orbit.UserID, merchant orbit.MerchantID, upon int,
	r orbit.Release, who Actor) (orbit.Release, error) {
	err := db.inTx(ctx, func(t tx) error {
		// The merchant's lock gives each release its number.
		m, err := t.lockMember(ctx, user, merchant)
		if err != nil {
			return err
		}
		var theme orbit.Theme
		if err := t.NewSelect().Model(&theme).Where("id = ?", r.ThemeID).Scan(ctx); err != nil {
			return err
		}
		if theme.Engine != r.Engine || (!theme.Active && theme.ID != m.ThemeID) {
			return orbit.Errorf(orbit.Invalid, "%s isn't on offer any more. Choose another theme.", theme.Name)
		}
		var public struct {
			orbit.Release `bun:",extend"`
			Same          bool
		}
		err = t.NewRaw(`SELECT *, (theme_id, engine, engine_version, settings) = (?, ?, ?, ?::jsonb) AS same FROM releases
			WHERE merchant_id = ? AND id = ?`,
			r.ThemeID, r.Engine, r.EngineVersion, r.Settings, merchant, m.ReleaseID).Scan(ctx, &public)
		if err != nil {
			return err
		}
		if public.Same {
			r = public.Release
			return nil
		}
		if public.Number != upon {
			return ErrOtherRelease
		}
		r.ID, r.MerchantID, r.CreatedBy, r.CreatedAt = orbit.NewID[orbit.Release](), merchant, user, stamp()
		if err := t.NewRaw(`SELECT coalesce(max(number), 0) + 1 FROM releases WHERE merchant_id = ?`,
			merchant).Scan(ctx, &r.Number); err != nil {
			return err
		}
		b := db.batch()
		b.insert("releases", r)
		b.show(merchant, r)
		b.audit(who, "release.published", merchant, theme.Name, Details{"number": r.Number})
		return b.run(ctx, t.pgx)
	})
	return r, mapError(err)
}

// ErrOtherRelease is a Conflict: what was about to change has been changed by somebody else.
var ErrOtherRelease = orbit.Errorf(orbit.Conflict, "Another release has become public meanwhile.")

// RollBackRelease shows an older, or another, release of a merchant's shop again. Choosing the one that the public sees
// already changes nothing.
func (db *DB) RollBackRelease(ctx context.Context, user orbit.UserID, merchant orbit.MerchantID, number int,
	who Actor) error {
	return db.inTx(ctx, func(t tx) error {
		m, err := t.lockMember(ctx, user, merchant)
		if err != nil {
			return err
		}
		var r orbit.Release
		if err := t.NewSelect().Model(&r).Where("merchant_id = ? AND number = ?", merchant, number).Scan(ctx); err != nil {
			return err
		}
		if r.ID == m.ReleaseID {
			return nil
		}
		b := db.batch()
		b.show(merchant, r)
		b.audit(who, "release.rolled_back", merchant, "", Details{"number": number})
		return b.run(ctx, t.pgx)
	})
}

// show makes a release the one that the public sees.
func (b *batch) show(merchant orbit.MerchantID, r orbit.Release) {
	b.exec(`UPDATE merchants SET release_id = $1, theme_id = $2, updated_at = now() WHERE id = $3`,
		r.ID, r.ThemeID, merchant)
	b.notify(merchantChannel, merchant.String())
}

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
	b := t.db.batch()
	b.exec(`DELETE FROM drafts WHERE expires_at < now() OR id IN (SELECT id FROM drafts
		ORDER BY created_at DESC, id DESC OFFSET $1)`, maxDrafts-1)
	b.insert("drafts", draft{ID: r.ID, MerchantID: r.MerchantID, ThemeID: r.ThemeID, Engine: r.Engine,
		Settings: r.Settings, CreatedBy: r.CreatedBy, CreatedAt: stamp(), ExpiresAt: stamp().Add(DraftFor)})
	return r, mapError(b.run(ctx, t.pgx))
}

// Draft is a draft that is there still, as the release it would be.
func (t *Tenant) Draft(ctx context.Context, id orbit.ReleaseID) (orbit.Release, error) {
	var d draft
	if err := t.scan(ctx, &d, `SELECT `+t.db.columns("d", "", d)+` FROM drafts d WHERE id = $1 AND expires_at > now()`,
		id); err != nil {
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
