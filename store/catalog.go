package store

import (
	"context"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// SeedResult is how many of the defaults were made and how many were there already.
type SeedResult struct {
	ThemesCreated, ThemesExisting int
	PlansCreated, PlansExisting   int
}

// SeedDefaults makes the default themes and plans that aren't there, by slug, and leaves those
// that are as people have edited them.
func (db *DB) SeedDefaults(ctx context.Context) (r SeedResult, err error) {
	now := time.Now().UTC()
	err = db.InTx(ctx, func(t pg.Tx) error {
		for i, th := range orbit.DefaultThemes() {
			// Times a microsecond apart keep the order of the list.
			th.ID, th.CreatedAt, th.UpdatedAt = orbit.NewID[orbit.Theme](), now.Add(time.Duration(i)*time.Microsecond), now
			made, err := pg.Insert(ctx, t, "themes", th, `ON CONFLICT (slug) DO NOTHING`)
			if err != nil {
				return err
			}
			r.ThemesCreated += made
			r.ThemesExisting += 1 - made
		}
		for i, p := range orbit.DefaultPlans() {
			p.ID, p.CreatedAt, p.UpdatedAt = orbit.NewID[orbit.Plan](), now.Add(time.Duration(i)*time.Microsecond), now
			made, err := pg.Insert(ctx, t, "plans", p, `ON CONFLICT (slug) DO NOTHING`)
			if err != nil {
				return err
			}
			r.PlansCreated += made
			r.PlansExisting += 1 - made
		}
		return nil
	})
	return r, err
}

// Themes are the themes, oldest first; all of them or those on offer.
func (db *DB) Themes(ctx context.Context, activeOnly bool) (themes []orbit.Theme, err error) {
	return pg.All[orbit.Theme](ctx, db, `SELECT `+db.Columns("t", "", orbit.Theme{})+` FROM themes t
		WHERE active OR NOT $1 ORDER BY created_at, id`, activeOnly)
}

// Plans are the plans, cheapest first; all of them or those on offer.
func (db *DB) Plans(ctx context.Context, activeOnly bool) (plans []orbit.Plan, err error) {
	return pg.All[orbit.Plan](ctx, db, `SELECT `+db.Columns("p", "", orbit.Plan{})+` FROM plans p
		WHERE active OR NOT $1 ORDER BY price, id`, activeOnly)
}

// Theme finds a theme by id or slug.
func (db *DB) Theme(ctx context.Context, idOrSlug string) (t orbit.Theme, err error) {
	return pg.One[orbit.Theme](ctx, db, `SELECT `+db.Columns("t", "", t)+` FROM themes t
		WHERE id::text = $1 OR slug = $1`, idOrSlug)
}

// Plan finds a plan by id or slug.
func (db *DB) Plan(ctx context.Context, idOrSlug string) (p orbit.Plan, err error) {
	return pg.One[orbit.Plan](ctx, db, `SELECT `+db.Columns("p", "", p)+` FROM plans p
		WHERE id::text = $1 OR slug = $1`, idOrSlug)
}
