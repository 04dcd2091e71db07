package store

import (
	"context"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// namedUses is how many merchants a refusal needs to know by name.
const namedUses = 3

func inUse(kind, name string, u orbit.Uses, cause error) error {
	return orbit.Wrap(orbit.Conflict, cause, u.Refusal(kind, name))
}

// openRun is a run with choices that count though the merchant's row may not show them yet.
const openRun = `status IN ('PENDING', 'IN_PROGRESS', 'FAILED')`

func uses(ctx context.Context, on pg.Source, query string, id any, limit int) (u orbit.Uses, err error) {
	rows, err := pg.All[struct {
		orbit.Use `bun:",extend"`
		Total     int
		Now       int
	}](ctx, on, `WITH used (merchant_id, current) AS (`+query+`)
		SELECT m.id, m.name, m.status, bool_or(u.current) AS current, count(*) OVER () AS total,
			sum(CASE WHEN bool_or(u.current) THEN 1 ELSE 0 END) OVER () AS now
		FROM used u JOIN merchants m ON m.id = u.merchant_id GROUP BY m.id
		ORDER BY bool_or(u.current) DESC, m.name COLLATE orbit_order, m.id LIMIT $2`, id, limit)
	for _, r := range rows {
		u.Total, u.Current = r.Total, r.Now
		u.Merchants = append(u.Merchants, r.Use)
	}
	return u, err
}

// UseCounts is how many merchants have chosen each theme and each plan.
func (db *DB) UseCounts(ctx context.Context) (themes map[orbit.ThemeID]int, plans map[orbit.PlanID]int, err error) {
	rows, err := pg.All[struct {
		ThemeID orbit.ThemeID
		PlanID  orbit.PlanID
		N       int
	}](ctx, db, `SELECT theme_id, plan_id, count(*) AS n FROM merchants WHERE theme_id IS NOT NULL
		OR plan_id IS NOT NULL GROUP BY theme_id, plan_id`)
	themes, plans = map[orbit.ThemeID]int{}, map[orbit.PlanID]int{}
	for _, r := range rows {
		themes[r.ThemeID] += r.N
		plans[r.PlanID] += r.N
	}
	return themes, plans, err
}
