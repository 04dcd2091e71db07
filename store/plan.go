package store

import (
	"cmp"
	"context"
	"errors"

	"github.com/google/uuid"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// Plans returns the plans, cheapest first; all of them or the active ones.
func (db *DB) Plans(ctx context.Context, activeOnly bool) (plans []orbit.Plan, err error) {
	return pg.All[orbit.Plan](ctx, db, `SELECT `+db.Columns("p", "", orbit.Plan{})+` FROM plans p
		WHERE active OR NOT $1 ORDER BY price, id`, activeOnly)
}

// PlansAfter returns the next plans, cheapest first; all of them or the active ones.
func (db *DB) PlansAfter(ctx context.Context, activeOnly bool, limit int, after After) (plans []orbit.Plan, err error) {
	return pg.All[orbit.Plan](ctx, db, `SELECT `+db.Columns("p", "", orbit.Plan{})+` FROM plans p
		WHERE (active OR NOT $1) AND (price, id) > ($2, $3::uuid) ORDER BY price, id LIMIT $4`,
		activeOnly, after.Price, cmp.Or(after.ID, uuid.Nil.String()), limit)
}

// Plan finds a plan by id or slug.
func (db *DB) Plan(ctx context.Context, idOrSlug string) (p orbit.Plan, err error) {
	return pg.One[orbit.Plan](ctx, db, `SELECT `+db.Columns("p", "", p)+` FROM plans p
		WHERE id::text = $1 OR slug = $1`, idOrSlug)
}

// CreatePlan keeps a new plan. in must have passed Check. A slug that is taken is a Conflict with a
// fault on slug.
func (db *DB) CreatePlan(ctx context.Context, in orbit.PlanInput, who orbit.Actor) (p orbit.Plan, err error) {
	p = orbit.Plan{ID: orbit.NewID[orbit.Plan](), CreatedAt: pg.Stamp()}
	p.UpdatedAt = p.CreatedAt
	setPlan(&p, in)
	return p, db.createChoice(ctx, planChoice(), p, in.Slug, in, who)
}

// UpdatePlan replaces what people say about a plan. Its limits bind every merchant on it at once.
//
// It waits for changes of merchants to this plan, which lock it, and for nothing else: an edit that has read the limits
// keeps them, as if it had come before. A shop has one edit at a time, so at most one product is added after a limit is
// lowered, and it is read-only like all others beyond it. If edits locked the plan, those of all its shops would write
// to one row, for the same end.
func (db *DB) UpdatePlan(ctx context.Context, id orbit.PlanID, in orbit.PlanInput, who orbit.Actor) (p orbit.Plan,
	err error) {
	return changeChoice(ctx, db, planChoice(), id, who, func(p *orbit.Plan) (before, after any) {
		before = p.Input()
		setPlan(p, in)
		p.UpdatedAt = pg.Stamp()
		return before, in
	})
}

// SetPlanActive makes a plan available or inactive. Merchants that have it keep it.
func (db *DB) SetPlanActive(ctx context.Context, id orbit.PlanID, active bool, who orbit.Actor) (p orbit.Plan,
	err error) {
	return changeChoice(ctx, db, planChoice(), id, who, func(p *orbit.Plan) (before, after any) {
		before = p.Input()
		p.Active, p.UpdatedAt = active, pg.Stamp()
		return before, p.Input()
	})
}

// DeletePlan removes a plan that nobody uses; otherwise it is a Conflict that says who does.
func (db *DB) DeletePlan(ctx context.Context, id orbit.PlanID, who orbit.Actor) error {
	p, err := deleteChoice(ctx, db, planChoice(), id, func(p orbit.Plan) string { return p.Slug }, who)
	if pg.ConstraintOf(err) == "" {
		return err
	}
	uses, usesErr := db.PlanUses(ctx, id, namedUses)
	return inUse("plan", p.Name, uses, errors.Join(err, usesErr))
}

func setPlan(p *orbit.Plan, in orbit.PlanInput) {
	p.Name, p.Slug, p.Price, p.Currency, p.BillingCycle = in.Name, in.Slug, in.Price, in.Currency, in.BillingCycle
	p.Features, p.Limits, p.Popular, p.Active = in.Features, in.Limits, in.Popular, in.Active
}

func planChoice() choice {
	return choice{"plans", orbit.ActionPlanCreated, orbit.ActionPlanUpdated, orbit.ActionPlanDeleted}
}

// PlanUses says which merchants use a plan: those that are on it, and those of which an earlier run
// names it. limit bounds how many are named.
func (db *DB) PlanUses(ctx context.Context, id orbit.PlanID, limit int) (orbit.Uses, error) {
	return uses(ctx, db, `SELECT id, true FROM merchants WHERE plan_id = $1
		UNION ALL SELECT merchant_id, `+openRun+` FROM merchant_provisionings WHERE plan_id = $1`, id, limit)
}

// ProductsAbove returns the merchants on a plan with more products than so many, those with most first: those that
// a lower limit would touch.
func (db *DB) ProductsAbove(ctx context.Context, id orbit.PlanID, limit int64) (over []orbit.Use, err error) {
	return pg.All[orbit.Use](ctx, db, `SELECT m.id, m.name, m.status, true AS current, a.products
		FROM orbit_products_above($1::uuid, $2) a JOIN merchants m ON m.id = a.merchant
		ORDER BY a.products DESC, m.name COLLATE orbit_order, m.id`, id, limit)
}
