package shop

import (
	"cmp"
	"context"

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
	return `SELECT ` + t.db.Columns("r", "", orbit.Release{}) + `, t.name AS theme_name, u.email AS author,
			r.id = m.release_id AS current
		FROM releases r JOIN merchants m ON m.id = r.merchant_id JOIN themes t ON t.id = r.theme_id
		LEFT JOIN users u ON u.id = r.created_by WHERE m.id = $1`
}

// PublishRelease makes a new release and shows it to the public from the commit on. r says theme, engine, its version
// and settings, which must have passed the engine's schema; upon is the number of the public release that they were
// made from. What is public already makes no other release and is given back; where another release has become public
// since, nothing is made: ErrOtherRelease. A theme that isn't available is Invalid, unless the shop has it already.
func (e *Edit) PublishRelease(ctx context.Context, upon int, r orbit.Release) (orbit.Release, error) {
	return e.publish(ctx, r, func(public int) bool { return public == upon }, e.dropDraft, orbit.Details{})
}

// PublishPart is PublishRelease for what is about some of the settings: a draft that the person has of the theme keeps
// the rest of what they changed.
func (e *Edit) PublishPart(ctx context.Context, upon int, r orbit.Release) (orbit.Release, error) {
	return e.publish(ctx, r, func(public int) bool { return public == upon }, e.rebaseDraft, orbit.Details{})
}

// settling is what becomes of the person's draft once a release has followed another.
type settling func(b *pg.Batch, was, is orbit.Release)

// publish is PublishRelease where over says whether the release of a number may be replaced.
func (e *Edit) publish(
	ctx context.Context, r orbit.Release, over func(public int) bool, settle settling, details orbit.Details,
) (orbit.Release, error) {
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
		settle(b, public.Release, public.Release)
		return public.Release, b.Run(ctx, e)
	}
	if !over(public.Number) {
		return r, ErrOtherRelease
	}
	r.Source = cmp.Or(r.Source, orbit.FromTheme)
	// The merchant's lock gives each release its number.
	r.ID, r.MerchantID, r.CreatedBy, r.CreatedAt = orbit.NewID[orbit.Release](), e.merchant, e.Actor.ID, pg.Stamp()
	if r.Number, err = pg.One[int](ctx, e, `SELECT coalesce(max(number), 0) + 1 FROM releases`); err != nil {
		return r, err
	}
	details["number"] = r.Number
	b.Insert("releases", r)
	show(b, r)
	settle(b, public.Release, r)
	return r, e.commit(ctx, b, orbit.ActionReleasePublished, theme.Name, details)
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
