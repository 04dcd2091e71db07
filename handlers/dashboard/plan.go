package dashboard

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
	"orbit360.app/views/dashboard"
	"orbit360.app/views/ui"
)

// planRoutes returns those of the plan and its statements. A suspended shop's owner still sees what it owes.
func (r routes) planRoutes() []route {
	const may = orbit.PermissionOwner
	return []route{
		always(get("/settings/plan", may, r.showPlan)),
		get("/settings/plan/changes/new", may, r.newPlanChange),
		post("/settings/plan/changes", may, r.createPlanChange),
		always(get("/settings/plan/statements/:month", may, r.showStatement)),
	}
}

// sheet reads the shop's plan.
func (d desk) sheet(c *fiber.Ctx) (s orbit.PlanSheet, err error) {
	err = d.read(c, func(ctx context.Context, t *shop.Tenant) (err error) { s, err = t.PlanSheet(ctx); return err })
	return s, err
}

func (r routes) showPlan(c *fiber.Ctx, d desk) error {
	p := dashboard.PlanPage{Merchant: d.Merchant}
	err := d.read(c, func(ctx context.Context, t *shop.Tenant) (err error) {
		if p.PlanSheet, err = t.PlanSheet(ctx); err != nil {
			return err
		}
		p.Statements, err = t.Statements(ctx)
		return err
	})
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, dashboard.Plan(d.frame(), p))
}

// newPlanChange shows the plans, or what a change to one of them means.
func (r routes) newPlanChange(c *fiber.Ctx, d desk) error {
	return r.askPlan(c, d, c.Query("plan"), nil)
}

// askPlan shows what a change to a plan means; without a plan that can be chosen, all plans. refusal says why the last
// try changed nothing.
func (r routes) askPlan(c *fiber.Ctx, d desk, key string, refusal error) error {
	s, err := d.sheet(c)
	if err != nil {
		return err
	}
	status, problem := fiber.StatusOK, ""
	if refusal != nil {
		status, problem = kit.Refused(c, refusal), orbit.Sentence(refusal)
	}
	plans, err := r.DB.Plans(c.UserContext(), true)
	if err != nil {
		return err
	}
	for _, to := range plans {
		if (to.Slug == key || to.ID.String() == key) && to.ID != s.Plan.ID {
			p := dashboard.PlanChange{Merchant: d.Merchant, Now: s.Now, Problem: problem}
			err := d.read(c, func(ctx context.Context, t *shop.Tenant) (err error) {
				p.PlanPreview, err = t.PreviewPlan(ctx, s, to)
				return err
			})
			if err != nil {
				return err
			}
			return r.Render(c, status, dashboard.PreviewPlan(d.frame(), p))
		}
	}
	return r.Render(c, status, dashboard.ChoosePlan(d.frame(), dashboard.PlanChoices{Merchant: d.Merchant,
		Current: s.Plan, Plans: plans, Problem: problem}))
}

func (r routes) createPlanChange(c *fiber.Ctx, d desk) error {
	change, err := kit.PlanChange(c)
	if err != nil {
		return err
	}
	err = d.change(c, func(ctx context.Context, e *shop.Edit) error { return e.ChangePlan(ctx, change) })
	if kit.Refuses(err) {
		return r.askPlan(c, d, change.To.String(), err)
	}
	if err != nil {
		return err
	}
	r.Toast(c, "Your plan has been changed.")
	return kit.See(c, dashboard.PlanPath(d.Merchant))
}

func (r routes) showStatement(c *fiber.Ctx, d desk) error {
	month, err := time.Parse("2006-01", c.Params("month"))
	if err != nil {
		return orbit.Missing()
	}
	p := ui.StatementProps{Merchant: d.Merchant}
	err = d.read(c, func(ctx context.Context, t *shop.Tenant) (err error) {
		p.Statement, err = t.Statement(ctx, month)
		return err
	})
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, dashboard.Statement(d.frame(), p))
}
