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
