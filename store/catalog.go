package store

import (
	"context"
	"time"

	"github.com/uptrace/bun"

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
			made, err := insertNew(ctx, t.NewInsert().Model(&th))
			if err != nil {
				return err
			}
			r.ThemesCreated += made
			r.ThemesExisting += 1 - made
		}
		for i, p := range orbit.DefaultPlans() {
			p.ID, p.CreatedAt, p.UpdatedAt = orbit.NewID[orbit.Plan](), now.Add(time.Duration(i)*time.Microsecond), now
			made, err := insertNew(ctx, t.NewInsert().Model(&p))
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

func insertNew(ctx context.Context, q *bun.InsertQuery) (int, error) {
	res, err := q.On("CONFLICT (slug) DO NOTHING").Exec(ctx)
	if err != nil {
		return 0, err
	}
	n, err := res.RowsAffected()
	return int(n), err
}

// Themes are the themes, oldest first; all of them or those on offer.
func (db *DB) Themes(ctx context.Context, activeOnly bool) (themes []orbit.Theme, err error) {
	q := db.Bun().NewSelect().Model(&themes).Order("created_at", "id")
	if activeOnly {
		q = q.Where("active")
	}
	return themes, pg.MapError(q.Scan(ctx))
}

// Plans are the plans, cheapest first; all of them or those on offer.
func (db *DB) Plans(ctx context.Context, activeOnly bool) (plans []orbit.Plan, err error) {
	q := db.Bun().NewSelect().Model(&plans).Order("price", "id")
	if activeOnly {
		q = q.Where("active")
	}
	return plans, pg.MapError(q.Scan(ctx))
}

// Theme finds a theme by id or slug.
func (db *DB) Theme(ctx context.Context, idOrSlug string) (t orbit.Theme, err error) {
	err = db.Bun().NewSelect().Model(&t).Where("id::text = ?0 OR slug = ?0", idOrSlug).Scan(ctx)
	return t, pg.MapError(err)
}

// Plan finds a plan by id or slug.
func (db *DB) Plan(ctx context.Context, idOrSlug string) (p orbit.Plan, err error) {
	err = db.Bun().NewSelect().Model(&p).Where("id::text = ?0 OR slug = ?0", idOrSlug).Scan(ctx)
	return p, pg.MapError(err)
}
