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
