package store

import (
	"cmp"
	"context"
	"errors"

	"github.com/google/uuid"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// Themes returns the themes, oldest first; all of them or the active ones.
func (db *DB) Themes(ctx context.Context, activeOnly bool) (themes []orbit.Theme, err error) {
	return pg.All[orbit.Theme](ctx, db, `SELECT `+db.Columns("t", "", orbit.Theme{})+` FROM themes t
		WHERE active OR NOT $1 ORDER BY created_at, id`, activeOnly)
}

// ThemesAfter returns the next themes, oldest first; all of them or the active ones.
func (db *DB) ThemesAfter(ctx context.Context, activeOnly bool, limit int, after After) (themes []orbit.Theme,
	err error) {
	return pg.All[orbit.Theme](ctx, db, `SELECT `+db.Columns("t", "", orbit.Theme{})+` FROM themes t
		WHERE (active OR NOT $1) AND (created_at, id) > ($2, $3::uuid) ORDER BY created_at, id LIMIT $4`,
		activeOnly, after.Time, cmp.Or(after.ID, uuid.Nil.String()), limit)
}

// Theme finds a theme by id or slug.
func (db *DB) Theme(ctx context.Context, idOrSlug string) (t orbit.Theme, err error) {
	return pg.One[orbit.Theme](ctx, db, `SELECT `+db.Columns("t", "", t)+` FROM themes t
		WHERE id::text = $1 OR slug = $1`, idOrSlug)
}

// CreateTheme keeps a new theme. in must have passed Check, and its config the engine's schema. A slug
// that is taken is a Conflict with a fault on slug.
func (db *DB) CreateTheme(ctx context.Context, in orbit.ThemeInput, who orbit.Actor) (t orbit.Theme, err error) {
	t = orbit.Theme{ID: orbit.NewID[orbit.Theme](), CreatedAt: pg.Stamp()}
	t.UpdatedAt = t.CreatedAt
	setTheme(&t, in)
	return t, db.createChoice(ctx, themeChoice(), t, in.Slug, in, who)
}

// UpdateTheme replaces what people say about a theme. Shops keep their current version.
func (db *DB) UpdateTheme(ctx context.Context, id orbit.ThemeID, in orbit.ThemeInput, who orbit.Actor) (t orbit.Theme,
	err error) {
	return changeChoice(ctx, db, themeChoice(), id, who, func(t *orbit.Theme) (before, after any) {
		before = t.Input()
		setTheme(t, in)
		t.UpdatedAt = pg.Stamp()
		return before, in
	})
}

// SetThemeActive makes a theme available or inactive. Shops that have it keep it.
func (db *DB) SetThemeActive(ctx context.Context, id orbit.ThemeID, active bool, who orbit.Actor) (t orbit.Theme,
	err error) {
	return changeChoice(ctx, db, themeChoice(), id, who, func(t *orbit.Theme) (before, after any) {
		before = t.Input()
		t.Active, t.UpdatedAt = active, pg.Stamp()
		return before, t.Input()
	})
}

// DeleteTheme removes a theme that nobody uses; otherwise it is a Conflict that says who does.
func (db *DB) DeleteTheme(ctx context.Context, id orbit.ThemeID, who orbit.Actor) error {
	t, err := deleteChoice(ctx, db, themeChoice(), id, func(t orbit.Theme) string { return t.Slug }, who)
	if pg.ConstraintOf(err) == "" {
		return err
	}
	uses, usesErr := db.ThemeUses(ctx, id, namedUses)
	return inUse("theme", t.Name, uses, errors.Join(err, usesErr))
}

func setTheme(t *orbit.Theme, in orbit.ThemeInput) {
	t.Name, t.Slug, t.Description, t.Thumbnail, t.Version = in.Name, in.Slug, in.Description, in.Thumbnail, in.Version
	t.Engine, t.Config, t.Active = in.Engine, in.Config, in.Active
}

func themeChoice() choice {
	return choice{"themes", orbit.ActionThemeCreated, orbit.ActionThemeUpdated, orbit.ActionThemeDeleted}
}

// ThemeUses says which merchants use a theme: those that chose it, and those of which an older release
// or an earlier run names it. limit bounds how many are named.
func (db *DB) ThemeUses(ctx context.Context, id orbit.ThemeID, limit int) (u orbit.Uses, err error) {
	err = db.InTx(ctx, func(t pg.Tx) (err error) {
		// What row-level security shows of the shops' releases: those with this theme.
		if _, err := pg.Exec(ctx, t, `SELECT set_config('orbit.theme_id', $1, true)`, id); err != nil {
			return err
		}
		u, err = uses(ctx, t, `SELECT merchant_id, false FROM releases WHERE theme_id = $1
			UNION ALL SELECT id, true FROM merchants WHERE theme_id = $1
			UNION ALL SELECT merchant_id, `+openRun+` FROM merchant_provisionings WHERE theme_id = $1`, id, limit)
		return err
	})
	return u, err
}
