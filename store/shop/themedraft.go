package shop

import (
	"context"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// ThemeDrafts returns the drafts of the person who asks, the latest first.
func (t *Tenant) ThemeDrafts(ctx context.Context) ([]orbit.ThemeDraft, error) {
	return pg.All[orbit.ThemeDraft](ctx, t, `SELECT `+t.db.Columns("d", "", orbit.ThemeDraft{})+` FROM theme_drafts d
		WHERE user_id = $1 ORDER BY saved_at DESC, theme_id`, t.person)
}

// DiscardThemeDraft forgets the draft that the person who asks has of a theme.
func (t *Tenant) DiscardThemeDraft(ctx context.Context, theme orbit.ThemeID) error {
	_, err := pg.Exec(ctx, t, `DELETE FROM theme_drafts WHERE user_id = $1 AND theme_id = $2`, t.person, theme)
	return err
}

// EditThemeDraft changes some settings in the draft that the person who asks has of a theme, whatever else they have
// changed there: in this window or in another. Without a draft one begins with from, the theme's settings and the
// number of the public release; a draft that is as from goes away. seen is the number of the newest release that the
// person was shown, 0 for none: the draft is upon that.
func (t *Tenant) EditThemeDraft(ctx context.Context, from orbit.Release, seen int, some orbit.Settings) error {
	b := t.db.Batch()
	b.Exec(`INSERT INTO theme_drafts AS d (merchant_id, user_id, theme_id, upon, settings, saved_at)
		VALUES ($1, $2, $3, $4, $5::jsonb || $6::jsonb, $7)
		ON CONFLICT (merchant_id, user_id, theme_id) DO UPDATE SET upon = greatest(d.upon, $8),
			settings = d.settings || $6::jsonb, saved_at = excluded.saved_at`,
		t.merchant, t.person, from.ThemeID, from.Number, from.Settings, some, pg.Stamp(), min(seen, from.Number))
	t.forgetDraft(b, from)
	return b.Run(ctx, t)
}

// forgetDraft forgets a draft that has nothing else than a release: settings that engines no longer have don't count.
func (t *Tenant) forgetDraft(b *pg.Batch, r orbit.Release) {
	b.Exec(`DELETE FROM theme_drafts WHERE user_id = $1 AND theme_id = $2 AND ($3::jsonb || settings) @> $3::jsonb`,
		t.person, r.ThemeID, r.Settings)
}

// rebaseDraft takes what a release has changed into the draft, and forgets a draft that has nothing else.
func (e *Edit) rebaseDraft(b *pg.Batch, was, is orbit.Release) {
	b.Exec(`UPDATE theme_drafts SET upon = CASE upon WHEN $1 THEN $2 ELSE upon END,
			settings = settings || (SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each($3::jsonb)
				WHERE value IS DISTINCT FROM $4::jsonb -> key)
		WHERE user_id = $5 AND theme_id = $6`, was.Number, is.Number, is.Settings, was.Settings, e.person, is.ThemeID)
	e.forgetDraft(b, is)
}

// keepDraft leaves the draft: it was begun after the release was made, and says that it was overtaken.
func keepDraft(*pg.Batch, orbit.Release, orbit.Release) {}
