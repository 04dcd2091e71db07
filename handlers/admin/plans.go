package admin

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/views/admin"
	"orbit360.app/views/ui"
)

func (r routes) showPlans(c *fiber.Ctx) error {
	plans, err := r.DB.Plans(c.UserContext(), false)
	if err != nil {
		return err
	}
	_, uses, err := r.DB.UseCounts(c.UserContext())
	if err != nil {
		return err
	}
	lines := make([]admin.PlanLine, len(plans))
	for i, p := range plans {
		lines[i] = admin.PlanLine{Plan: p, Uses: uses[p.ID]}
	}
	return r.page(c, fiber.StatusOK, func(f admin.Frame) templ.Component { return admin.PlansPage(f, lines) })
}

func (r routes) newPlan(c *fiber.Ctx) error {
	form := admin.PlanForm{Typed: admin.PlanTyped{Currency: "USD", Cycle: string(orbit.Monthly), Active: true}}
	return r.page(c, fiber.StatusOK, func(f admin.Frame) templ.Component { return admin.PlanPage(f, form) })
}

func (r routes) createPlan(c *fiber.Ctx) error {
	form := admin.PlanForm{Typed: typedPlan(c.FormValue)}
	in, faults := readPlan(form.Typed)
	if form.Faults = faults; len(faults) == 0 {
		_, err := r.DB.CreatePlan(c.UserContext(), in, r.Actor(c))
		if err == nil {
			r.Toast(c, "Plan created.")
			return kit.See(c, admin.PlansPath)
		}
		if form.Faults = orbit.FaultsOf(err); len(form.Faults) == 0 {
			return err
		}
	}
	return r.showPlanForm(c, fiber.StatusUnprocessableEntity, form)
}

func (r routes) showPlan(c *fiber.Ctx) error {
	form, err := r.planForm(c)
	if err != nil {
		return err
	}
	form.Typed = admin.TypePlan(form.Plan)
	return r.showPlanForm(c, fiber.StatusOK, form)
}

func (r routes) showPlanForm(c *fiber.Ctx, status int, form admin.PlanForm) error {
	return r.page(c, status, func(f admin.Frame) templ.Component { return admin.PlanPage(f, form) })
}

// updatePlan saves a plan. A change that touches merchants is shown with its names first, and saved once that very
// change is confirmed.
func (r routes) updatePlan(c *fiber.Ctx) error {
	form, err := r.planForm(c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	form.Typed = typedPlan(c.FormValue)
	in, faults := readPlan(form.Typed)
	if form.Faults = faults; len(faults) == 0 {
		if form.Impact, err = r.impact(ctx, form.Plan, in, form.Uses); err != nil {
			return err
		}
		if form.Impact.Asks() && c.FormValue("confirm") != form.Impact.Hash {
			form.Asking = true
			return r.showPlanForm(c, fiber.StatusUnprocessableEntity, form)
		}
		p, err := r.DB.UpdatePlan(ctx, form.Plan.ID, in, r.Actor(c))
		if err == nil {
			r.Toast(c, "Plan saved.")
			return kit.See(c, admin.PlanPath(p.ID, ""))
		}
		if form.Faults = orbit.FaultsOf(err); len(form.Faults) == 0 {
			return err
		}
	}
	return r.showPlanForm(c, fiber.StatusUnprocessableEntity, form)
}

// showPlanImpact says, while somebody types, which merchants the change affects.
func (r routes) showPlanImpact(c *fiber.Ctx) error {
	form, err := r.planForm(c)
	if err != nil {
		return err
	}
	in, faults := readPlan(typedPlan(func(name string, _ ...string) string { return c.Query(name) }))
	if len(faults) == 0 {
		if form.Impact, err = r.impact(c.UserContext(), form.Plan, in, form.Uses); err != nil {
			return err
		}
	}
	return r.Render(c, fiber.StatusOK, admin.PlanImpactNote(form.Impact, false))
}

// impact is what a change means for the merchants that are on a plan now.
func (r routes) impact(ctx context.Context, p orbit.Plan, in orbit.PlanInput, uses orbit.Uses) (i admin.PlanImpact,
	err error) {
	for _, u := range uses.Merchants {
		if u.Current {
			i.Uses.Merchants = append(i.Uses.Merchants, u)
		}
	}
	i.Uses.Total = uses.Current
	i.Changes = admin.PlanChanges(p, in)
	sum := sha256.Sum256([]byte(fmt.Sprint(i.Uses.Total, strings.Join(i.Changes, "\n"))))
	i.Hash = hex.EncodeToString(sum[:8])
	if in.Limits.Products != nil && (p.Limits.Products == nil || *in.Limits.Products < *p.Limits.Products) {
		i.Limit = *in.Limits.Products
		i.Over, err = r.DB.ProductsAbove(ctx, p.ID, i.Limit)
	}
	return i, err
}

// typedPlan is a plan's form as it came.
func typedPlan(value func(string, ...string) string) admin.PlanTyped {
	t := admin.PlanTyped{Name: value("name"), Slug: value("slug"), Price: value("price"),
		Currency: strings.ToUpper(strings.TrimSpace(value("currency"))), Cycle: value("billingCycle"),
		Features: strings.ReplaceAll(value("features"), "\r\n", "\n"), Popular: value("popular") != "",
		Active: value("active") != "", Limits: map[string]string{}}
	for _, l := range (orbit.Limits{}).List() {
		t.Limits[l.Key] = strings.TrimSpace(value("limits." + l.Key))
	}
	return t
}

// readPlan makes of what was typed a plan that is checked, or says all that is wrong with it.
func readPlan(t admin.PlanTyped) (orbit.PlanInput, []orbit.Fault) {
	var faults orbit.Faults
	bad := func(field, message string) { faults.Add(field, "", "%s", message) }
	in := orbit.PlanInput{Name: t.Name, Slug: t.Slug, Currency: t.Currency, BillingCycle: orbit.BillingCycle(t.Cycle),
		Features: strings.Split(t.Features, "\n"), Popular: t.Popular, Active: t.Active}
	if strings.TrimSpace(t.Price) == "" {
		bad("price", "Enter a price. Use 0 for a free plan.")
	} else if price, err := orbit.ParseMoney(t.Price, t.Currency); err != nil {
		bad("price", orbit.Sentence(err))
	} else {
		in.Price = price
	}
	for _, l := range in.Limits.List() {
		typed := t.Limits[l.Key]
		if typed == "" {
			continue
		}
		n, err := strconv.ParseInt(typed, 10, 64)
		ok := err == nil
		if l.Bytes {
			n, ok = admin.Bytes(typed)
		}
		if !ok {
			bad("limits."+l.Key, "Enter a number, or leave blank for no limit.")
			continue
		}
		switch l.Key {
		case "products":
			in.Limits.Products = &n
		case "ordersPerMonth":
			in.Limits.OrdersPerMonth = &n
		case "storageBytes":
			in.Limits.StorageBytes = &n
		case "bandwidthBytes":
			in.Limits.BandwidthBytes = &n
		}
	}
	checked, err := in.Check()
	return checked, append(faults, orbit.FaultsOf(err)...)
}

func (r routes) createPlanActivation(c *fiber.Ctx) error   { return r.setPlanActive(c, true) }
func (r routes) createPlanDeactivation(c *fiber.Ctx) error { return r.setPlanActive(c, false) }

func (r routes) setPlanActive(c *fiber.Ctx, active bool) error {
	p, err := r.plan(c)
	if err != nil {
		return err
	}
	if _, err := r.DB.SetPlanActive(c.UserContext(), p.ID, active, r.Actor(c)); err != nil {
		return err
	}
	r.Toast(c, activeToast(p.Name, active))
	return kit.See(c, backTo(c, admin.PlansPath, admin.PlanPath(p.ID, "")))
}

func (r routes) newPlanDeletion(c *fiber.Ctx) error {
	form, err := r.planForm(c)
	if err != nil {
		return err
	}
	q := planDeletion(form.Plan)
	if form.Uses.Total > 0 {
		q.Refusal = form.Uses.Refusal("plan", form.Plan.Name)
	}
	return r.ask(c, q)
}

func (r routes) createPlanDeletion(c *fiber.Ctx) error {
	p, err := r.plan(c)
	if err != nil {
		return err
	}
	if err := r.DB.DeletePlan(c.UserContext(), p.ID, r.Actor(c)); err != nil {
		return r.refuse(c, planDeletion(p), err)
	}
	r.Toast(c, "Plan deleted.")
	return kit.See(c, admin.PlansPath)
}

func planDeletion(p orbit.Plan) ui.ConfirmProps {
	return admin.DeletionQuestion("Plans", p.Name, admin.PlanPath(p.ID, ""), admin.PlansPath)
}

// plan is the one in the path.
func (r routes) plan(c *fiber.Ctx) (orbit.Plan, error) {
	id, err := orbit.ParseID[orbit.Plan](c.Params("plan"))
	if err != nil {
		return orbit.Plan{}, err
	}
	return r.DB.Plan(c.UserContext(), id.String())
}

func (r routes) planForm(c *fiber.Ctx) (form admin.PlanForm, err error) {
	if form.Plan, err = r.plan(c); err != nil {
		return form, err
	}
	form.Uses, err = r.DB.PlanUses(c.UserContext(), form.Plan.ID, usesShown)
	return form, err
}
