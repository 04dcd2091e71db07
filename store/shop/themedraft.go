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

// KeepThemeDraft keeps what the person who asks has changed of a theme, upon the release of a number. Settings that
// are public already are no draft: it goes away.
func (t *Tenant) KeepThemeDraft(ctx context.Context, upon int, r orbit.Release) error {
	same, err := pg.One[bool](ctx, t, `SELECT (r.theme_id, r.settings) = ($1::uuid, $2::jsonb) FROM merchants m
		JOIN releases r ON r.id = m.release_id WHERE m.id = $3`, r.ThemeID, r.Settings, t.merchant)
	if err != nil {
		return err
	}
	if same {
		return t.DiscardThemeDraft(ctx, r.ThemeID)
	}
	_, err = pg.Insert(ctx, t, "theme_drafts", orbit.ThemeDraft{MerchantID: t.merchant, UserID: t.person,
		ThemeID: r.ThemeID, Upon: upon, Settings: r.Settings, SavedAt: pg.Stamp()},
		`ON CONFLICT (merchant_id, user_id, theme_id) DO UPDATE SET upon = excluded.upon, settings = excluded.settings,
			saved_at = excluded.saved_at`)
	return err
}

// DiscardThemeDraft forgets the draft that the person who asks has of a theme.
func (t *Tenant) DiscardThemeDraft(ctx context.Context, theme orbit.ThemeID) error {
	_, err := pg.Exec(ctx, t, `DELETE FROM theme_drafts WHERE user_id = $1 AND theme_id = $2`, t.person, theme)
	return err
}

// EditThemeDraft changes some settings in the draft that the person who asks has of the public theme, whatever else
// they have changed there; it begins with what the public sees. Settings that are public are no draft: it goes away.
func (t *Tenant) EditThemeDraft(ctx context.Context, public orbit.ReleaseRow, some orbit.Settings) error {
	b := t.db.Batch()
	b.Exec(`INSERT INTO theme_drafts AS d (merchant_id, user_id, theme_id, upon, settings, saved_at)
		VALUES ($1, $2, $3, $4, $5::jsonb || $6::jsonb, $7)
		ON CONFLICT (merchant_id, user_id, theme_id) DO UPDATE SET settings = d.settings || $6::jsonb,
			saved_at = excluded.saved_at`,
		t.merchant, t.person, public.ThemeID, public.Number, public.Settings, some, pg.Stamp())
	b.Exec(`DELETE FROM theme_drafts WHERE user_id = $1 AND theme_id = $2 AND settings = $3::jsonb`,
		t.person, public.ThemeID, public.Settings)
	return b.Run(ctx, t)
}

// dropDraft forgets the draft that was published.
func (e *Edit) dropDraft(b *pg.Batch, _, is orbit.Release) {
	b.Exec(`DELETE FROM theme_drafts WHERE user_id = $1 AND theme_id = $2`, e.person, is.ThemeID)
}

// rebaseDraft takes what a release has changed into the draft, and forgets a draft that has nothing else.
func (e *Edit) rebaseDraft(b *pg.Batch, was, is orbit.Release) {
	b.Exec(`UPDATE theme_drafts SET upon = CASE upon WHEN $1 THEN $2 ELSE upon END,
			settings = settings || (SELECT coalesce(jsonb_object_agg(key, value), '{}') FROM jsonb_each($3::jsonb)
				WHERE value IS DISTINCT FROM $4::jsonb -> key)
		WHERE user_id = $5 AND theme_id = $6`, was.Number, is.Number, is.Settings, was.Settings, e.person, is.ThemeID)
	b.Exec(`DELETE FROM theme_drafts WHERE user_id = $1 AND theme_id = $2 AND settings = $3::jsonb`,
		e.person, is.ThemeID, is.Settings)
}

// keepDraft leaves the draft: it was begun after the release was made, and says that it was overtaken.
func keepDraft(*pg.Batch, orbit.Release, orbit.Release) {}
