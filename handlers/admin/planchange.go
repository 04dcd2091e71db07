package admin

import (
	"context"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
	"orbit360.app/views/admin"
)

// changeable reports whether an admin may change a merchant's plan and theme.
func changeable(m orbit.Merchant) bool {
	return m.Status == orbit.MerchantActive || m.Status == orbit.MerchantSuspended
}

// newPlanChange shows the plans, or what a change to one of them means to a merchant.
func (r routes) newPlanChange(c *fiber.Ctx) error {
	m, err := r.merchant(c)
	if err != nil {
		return err
	}
	return r.askPlan(c, m, c.Query("plan"), nil)
}

// askPlan shows what a change to a plan means; without a plan that can be chosen, all plans. refusal says why the last
// try changed nothing.
func (r routes) askPlan(c *fiber.Ctx, m orbit.Merchant, key string, refusal error) error {
	if !changeable(m) {
		return r.ask(c, admin.ChangeQuestion(m, "plan"))
	}
	ctx := c.UserContext()
	sheet, err := r.planSheet(ctx, m)
	if err != nil {
		return err
	}
	status, problem := fiber.StatusOK, ""
	if refusal != nil {
		status, problem = kit.Refused(c, refusal), orbit.Sentence(refusal)
	}
	plans, err := r.DB.Plans(ctx, true)
	if err != nil {
		return err
	}
	for _, to := range plans {
		if (to.Slug == key || to.ID.String() == key) && to.ID != sheet.Plan.ID {
			p := admin.PlanChange{Merchant: m, Now: sheet.Now, Problem: problem}
			err := shop.For(r.DB, m.ID).Do(ctx, func(t *shop.Tenant) (err error) {
				p.PlanPreview, err = t.PreviewPlan(ctx, sheet, to)
				return err
			})
			if err != nil {
				return err
			}
			return r.page(c, status, func(f admin.Frame) templ.Component { return admin.PreviewPlanPage(f, p) })
		}
	}
	return r.page(c, status, func(f admin.Frame) templ.Component {
		return admin.ChoosePlanPage(f, admin.PlanChoices{Merchant: m, Current: sheet.Plan, Plans: plans, Problem: problem})
	})
}

func (r routes) planSheet(ctx context.Context, m orbit.Merchant) (s orbit.PlanSheet, err error) {
	err = shop.For(r.DB, m.ID).Do(ctx, func(t *shop.Tenant) (err error) { s, err = t.PlanSheet(ctx); return err })
	return s, err
}

func (r routes) createPlanChange(c *fiber.Ctx) error {
	m, err := r.merchant(c)
	if err != nil {
		return err
	}
	change, err := kit.PlanChange(c)
	if err != nil {
		return err
	}
	err = shop.For(r.DB, m.ID).ChangePlan(c.UserContext(), change, r.Actor(c))
	if kit.Refuses(err) {
		return r.askPlan(c, m, change.To.String(), err)
	}
	if err != nil {
		return err
	}
	r.Toast(c, "Plan changed.")
	return kit.See(c, admin.MerchantPath(m.ID, ""))
}
