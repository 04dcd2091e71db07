package shop

import (
	"context"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

func (e *Edit) plan(ctx context.Context) (p orbit.Plan, err error) {
	return pg.One[orbit.Plan](ctx, e, `SELECT `+e.db.Columns("p", "", p)+` FROM plans p WHERE id = $1`, e.Merchant.PlanID)
}

// periods asks for the plans that the shop has had in a month, each at the price of when it began within the month.
func (r *Reader) periods(month time.Time) *pg.Result[[]orbit.PlanPeriod] {
	return pg.Ask[[]orbit.PlanPeriod](r.Reader, `WITH had AS (
			SELECT plan_id, started_at, coalesce(lead(started_at) OVER (ORDER BY started_at), $2::timestamptz) AS ended_at
				FROM merchant_plans)
		SELECT greatest(h.started_at, $1::timestamptz) AS "from", least(h.ended_at, $2::timestamptz) AS "to", h.plan_id,
			p.name, p.price, p.currency, p.billing_cycle
		FROM had h CROSS JOIN LATERAL (SELECT * FROM plan_prices p WHERE p.plan_id = h.plan_id
			ORDER BY p.since <= greatest(h.started_at, $1) DESC, abs(extract(epoch FROM p.since - greatest(h.started_at, $1)))
			LIMIT 1) p
		WHERE h.started_at < $2 AND h.ended_at > $1 ORDER BY h.started_at`, month, orbit.NextMonth(month))
}

// plansHad counts the plans that the shop has had: rows are only ever added.
const plansHad = `SELECT count(*) AS changes FROM merchant_plans`

// PlanSheet returns the shop's plan, with what is used of it and what this month costs. NotFound for a shop that has
// no plan yet.
func (t *Tenant) PlanSheet(ctx context.Context) (orbit.PlanSheet, error) {
	now := pg.Stamp()
	r := t.Reader()
	plan := pg.Ask[[]orbit.Plan](r.Reader, `SELECT `+t.db.Columns("p", "", orbit.Plan{})+` FROM merchants m
		JOIN plans p ON p.id = m.plan_id WHERE m.id = $1`, t.merchant)
	used, periods := r.Usage(now), r.periods(orbit.MonthOf(now))
	type had struct{ Changes int }
	changes := pg.Ask[had](r.Reader, plansHad)
	err := r.Read(ctx)
	if err == nil && len(plan.Value) == 0 {
		err = pg.NoRow()
	}
	return orbit.PlanSheet{Plan: pg.First(plan.Value), Usage: used.Value, Periods: periods.Value, Now: now,
		Changes: changes.Value.Changes}, err
}

// ChangePlan gives the shop another plan, at once, as a preview showed it. Sent twice it happens once. Conflict where
// the shop has another plan than the preview began with, or the new plan isn't as it was shown; Invalid where it is no
// longer available. A month has orbit.MaxPlanChanges of them. Nothing is deleted where more is used than the new
// plan allows: nothing can be added.
func (e *Edit) ChangePlan(ctx context.Context, c orbit.PlanChange) error {
	return changePlan(ctx, e.Tenant, e.Merchant, c, e.Actor)
}

// ChangePlan is Edit.ChangePlan for an admin, who may do so for a suspended shop too.
func (s Scope) ChangePlan(ctx context.Context, c orbit.PlanChange, who orbit.Actor) error {
	return s.Do(ctx, func(t *Tenant) error {
		m, err := t.provisioned(ctx, "plan")
		if err != nil {
			return err
		}
		return changePlan(ctx, t, m, c, who)
	})
}

// changePlan changes the plan of a shop, with its row locked.
func changePlan(ctx context.Context, t *Tenant, m orbit.Merchant, c orbit.PlanChange, who orbit.Actor) error {
	if m.PlanID == c.To {
		return nil
	}
	had, err := pg.One[int](ctx, t, plansHad)
	if err != nil {
		return err
	}
	if m.PlanID != c.From || had != c.Upon {
		return orbit.Errorf(orbit.Conflict, "The plan has been changed since you opened this page. Preview the change "+
			"again.")
	}
	plan, err := t.offered(ctx, c)
	if err != nil {
		return err
	}
	month := orbit.MonthOf(time.Now())
	changes, err := pg.One[int](ctx, t, `SELECT count(*) FROM merchant_plans WHERE started_at >= $1`, month)
	if err != nil {
		return err
	}
	if changes > orbit.MaxPlanChanges {
		return orbit.Errorf(orbit.Conflict, "A plan can be changed %d times a month. Try again next month.",
			orbit.MaxPlanChanges)
	}
	b := t.db.Batch()
	b.Exec(`UPDATE merchants SET plan_id = $2, updated_at = now() WHERE id = $1`, t.merchant, c.To)
	b.Exec(`INSERT INTO merchant_plans (merchant_id, plan_id) VALUES ($1, $2)`, t.merchant, c.To)
	used, err := t.Usage(ctx)
	if err != nil {
		return err
	}
	for _, m := range plan.Limits.Meters(used) {
		if err := t.notice(ctx, b, m); err != nil {
			return err
		}
	}
	was, err := pg.One[string](ctx, t, `SELECT name FROM plans WHERE id = $1`, c.From)
	if err != nil {
		return err
	}
	b.Audit(who, orbit.ActionMerchantPlan, t.merchant, plan.Name, orbit.Details{"from": was, "to": plan.Name})
	b.Notify(pg.MerchantChannel, t.merchant.String())
	return b.Run(ctx, t)
}

// offered returns the plan that a change leads to, as its preview showed it. It is locked: nobody changes it until
// this commits.
func (t *Tenant) offered(ctx context.Context, c orbit.PlanChange) (orbit.Plan, error) {
	plans, err := pg.All[orbit.Plan](ctx, t, `SELECT `+t.db.Columns("p", "", orbit.Plan{})+` FROM plans p
		WHERE id = $1 FOR SHARE`, c.To)
	if err != nil {
		return orbit.Plan{}, err
	}
	plan := pg.First(plans)
	if len(plans) == 0 || !plan.Active {
		return plan, orbit.FaultOn(orbit.Invalid, "plan", plan.Name, orbit.NotAvailable("plan"))
	}
	if plan.Version() != c.Version {
		return plan, orbit.Errorf(orbit.Conflict, "The %s plan has been changed since you opened this page. Preview the "+
			"change again.", plan.Name)
	}
	return plan, nil
}

// roomForProducts is nil where the plan allows n products more than there are, which is a Conflict otherwise that says
// what to do. The merchant's row is locked.
func (e *Edit) roomForProducts(ctx context.Context, b *pg.Batch, has, n int64) error {
	plan, err := e.plan(ctx)
	if err != nil {
		return err
	}
	if limit := plan.Limits.Products; limit != nil && has+n > *limit {
		return orbit.Errorf(orbit.Conflict, "Your %s plan allows %s. Delete products that you no longer sell, or change "+
			"your plan under Settings → Plan.", plan.Name, products(*limit))
	}
	return e.notice(ctx, b, plan.Limits.Meter(orbit.LimitProducts, has+n))
}

// mayActivate is nil where a product that isn't active may become so: not while there are more products than the
// plan allows.
func (e *Edit) mayActivate(ctx context.Context) error {
	plan, err := e.plan(ctx)
	if err != nil || plan.Limits.Products == nil {
		return err
	}
	has, err := pg.One[int64](ctx, e, `SELECT count(*) FROM products`)
	if err != nil || has <= *plan.Limits.Products {
		return err
	}
	return orbit.Errorf(orbit.Conflict, "You have %s, and your %s plan allows %s, so this one can't become active. "+
		"Delete products that you no longer sell, or change your plan under Settings → Plan.", products(has), plan.Name,
		products(*plan.Limits.Products))
}
