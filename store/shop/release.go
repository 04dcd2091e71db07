package shop

import (
	"cmp"
	"context"
	"maps"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// Releases returns a page of the shop's releases, newest first. Their numbers run from 1 without a gap.
func (t *Tenant) Releases(ctx context.Context, limit, offset int) (rows []orbit.ReleaseRow, err error) {
	return pg.All[orbit.ReleaseRow](ctx, t, t.releaseRows()+` ORDER BY r.number DESC
		LIMIT $2 OFFSET $3`, t.merchant, limit, offset)
}

// ReleaseByNumber returns one of the shop's releases.
func (t *Tenant) ReleaseByNumber(ctx context.Context, number int) (r orbit.ReleaseRow, err error) {
	return pg.One[orbit.ReleaseRow](ctx, t, t.releaseRows()+` AND r.number = $2`, t.merchant, number)
}

// CurrentRelease returns the release that the public sees.
func (t *Tenant) CurrentRelease(ctx context.Context) (r orbit.ReleaseRow, err error) {
	return pg.One[orbit.ReleaseRow](ctx, t, t.releaseRows()+` AND r.id = m.release_id`, t.merchant)
}

func (t *Tenant) releaseRows() string {
	return `SELECT ` + t.db.Columns("r", "", orbit.Release{}) + `, t.name AS theme_name, ` + author("r") + `,
			r.id = m.release_id AS current
		FROM releases r JOIN merchants m ON m.id = r.merchant_id JOIN themes t ON t.id = r.theme_id WHERE m.id = $1`
}

// author selects who made a row of a shop as the shop's people read it: their own by their name, the platform's
// admins as orbit.Support.
func author(row string) string {
	return `(SELECT CASE WHEN u.role = 'admin' AND NOT EXISTS (SELECT FROM memberships s WHERE s.user_id = u.id
				AND s.merchant_id = ` + row + `.merchant_id) THEN '` + orbit.Support + `'
				ELSE coalesce(nullif(u.name, ''), u.email) END
			FROM users u WHERE u.id = ` + row + `.created_by) AS author`
}

// PublishRelease makes a new release and shows it to the public from the commit on. r says theme, engine, its version
// and settings, which must have passed the engine's schema; upon is the number of the public release that they were
// made from. What is public already makes no other release and is given back; where another release has become public
// since, nothing is made: ErrOtherRelease. A theme that isn't available is Invalid, unless the shop has it already.
// A draft that the person has of the theme keeps what else they changed.
func (e *Edit) PublishRelease(ctx context.Context, upon int, r orbit.Release) (orbit.Release, error) {
	return e.publish(ctx, r, publication{upon: upon, settle: e.rebaseDraft, action: orbit.ActionReleasePublished})
}

// settling is what becomes of the person's draft once a release has followed another.
type settling func(b *pg.Batch, was, is orbit.Release)

// publication is how a release becomes public.
type publication struct {
	upon    int  // number of the release that may be replaced
	always  bool // whichever release is public is replaced
	settle  settling
	action  orbit.Action
	details orbit.Details // beside the number
}

// publish is PublishRelease in other ways than people's own.
func (e *Edit) publish(ctx context.Context, r orbit.Release, p publication) (orbit.Release, error) {
	theme, err := e.publishable(ctx, r)
	if err != nil {
		return r, err
	}
	type compared struct {
		orbit.Release `bun:",extend"`
		Same          bool
	}
	public, err := pg.One[compared](ctx, e, `SELECT `+e.db.Columns("r", "", orbit.Release{})+`,
			(theme_id, engine, engine_version, settings) = ($1::uuid, $2, $3, $4::jsonb) AS same
		FROM releases r WHERE id = $5`, r.ThemeID, r.Engine, r.EngineVersion, r.Settings, e.Merchant.ReleaseID)
	if err != nil {
		return r, err
	}
	b := e.db.Batch()
	if public.Same {
		p.settle(b, public.Release, public.Release)
		return public.Release, b.Run(ctx, e)
	}
	if !p.always && p.upon != public.Number {
		return r, ErrOtherRelease
	}
	r.Source = cmp.Or(r.Source, orbit.FromTheme)
	// The merchant's lock gives each release its number.
	r.ID, r.MerchantID, r.CreatedBy, r.CreatedAt = orbit.NewID[orbit.Release](), e.merchant, e.Actor.ID, pg.Stamp()
	if r.Number, err = pg.One[int](ctx, e, `SELECT coalesce(max(number), 0) + 1 FROM releases`); err != nil {
		return r, err
	}
	details := orbit.Details{"number": r.Number}
	maps.Copy(details, p.details)
	b.Insert("releases", r)
	show(b, r)
	p.settle(b, public.Release, r)
	return r, e.commit(ctx, b, p.action, theme.Name, details)
}

// publishable returns the theme of a release that may be published.
func (e *Edit) publishable(ctx context.Context, r orbit.Release) (orbit.Theme, error) {
	theme, err := pg.One[orbit.Theme](ctx, e, `SELECT `+e.db.Columns("t", "", orbit.Theme{})+` FROM themes t
		WHERE id = $1`, r.ThemeID)
	if err != nil {
		return theme, err
	}
	if theme.Engine != r.Engine || (!theme.Active && theme.ID != e.Merchant.ThemeID) {
		return theme, orbit.Errorf(orbit.Invalid, "%s is no longer available. Choose another theme.", theme.Name)
	}
	return theme, nil
}

// ErrOtherRelease is a Conflict: what was about to change has been changed by somebody else.
var ErrOtherRelease = orbit.Errorf(orbit.Conflict, "A newer version was published while you were editing.")

// RollBackRelease shows an older, or another, release again. Choosing the one that the public sees already changes
// nothing.
func (e *Edit) RollBackRelease(ctx context.Context, number int) error {
	r, err := pg.One[orbit.Release](ctx, e, `SELECT `+e.db.Columns("r", "", orbit.Release{})+` FROM releases r
		WHERE number = $1`, number)
	if err != nil {
		return err
	}
	if r.ID == e.Merchant.ReleaseID {
		return nil
	}
	b := e.db.Batch()
	show(b, r)
	return e.commit(ctx, b, orbit.ActionReleaseRolledBack, "", orbit.Details{"number": number})
}

// show makes a release the one that the public sees.
func show(b *pg.Batch, r orbit.Release) {
	b.Exec(`UPDATE merchants SET release_id = $1, theme_id = $2, updated_at = now() WHERE id = $3`,
		r.ID, r.ThemeID, r.MerchantID)
	b.Notify(pg.MerchantChannel, r.MerchantID.String())
}
