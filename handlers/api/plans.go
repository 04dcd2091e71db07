package api

import (
	"context"
	"net/http"

	"orbit360.app/orbit"
	"orbit360.app/store"
)

// PlanContent is a plan in a request.
type PlanContent struct {
	Name         string      `json:"name" minLength:"2" maxLength:"60"`
	Slug         string      `json:"slug,omitempty" maxLength:"60" doc:"Unique: a-z, 0-9, hyphens. Default: the name."`
	Price        int64       `json:"price" minimum:"0" maximum:"999999999" doc:"In minor units: 7999 is $79.99."`
	Currency     string      `json:"currency,omitempty" pattern:"^[A-Z]{3}$" doc:"ISO 4217 code; USD if left out."`
	BillingCycle string      `json:"billingCycle,omitempty" enum:"monthly,yearly" doc:"monthly if left out."`
	Features     []string    `json:"features,omitempty" nullable:"false" maxItems:"20" doc:"Selling points, in order."`
	Limits       LimitsInput `json:"limits,omitempty" doc:"What a shop may use. Null or left out: unlimited."`
	Popular      bool        `json:"popular,omitempty" doc:"Whether it is marked as popular."`
	Active       *bool       `json:"active,omitempty" doc:"Whether it is active; true if left out."`
}

// LimitsInput holds limits as they come in.
type LimitsInput struct {
	Products       *int64 `json:"products,omitempty" nullable:"true" minimum:"0" maximum:"1000000000"`
	OrdersPerMonth *int64 `json:"ordersPerMonth,omitempty" nullable:"true" minimum:"0" maximum:"1000000000"`
	StorageBytes   *int64 `json:"storageBytes,omitempty" nullable:"true" minimum:"0" maximum:"1125899906842624"`
	BandwidthBytes *int64 `json:"bandwidthBytes,omitempty" nullable:"true" minimum:"0" maximum:"1125899906842624"`
}

type (
	// PlanParams names a plan.
	PlanParams struct {
		ID string `path:"id" doc:"The plan's id." example:"0199b0aa-5c1e-7d5a-9b1e-3f2f6a1c0d02"`
	}
	newPlanInput struct{ Body content[PlanContent] }
	putPlanInput struct {
		PlanParams
		Body content[PlanContent]
	}
	planOutput struct{ Body Plan }
)

func (a *API) planRoutes() {
	n := func(v int64) *int64 { return &v }
	body := PlanContent{Name: "Growth", Price: 12999, Currency: "USD", BillingCycle: "monthly",
		Features: []string{"Up to 5,000 products"}, Limits: LimitsInput{Products: n(5000)}}
	register(a, operation{method: http.MethodGet, path: provisioning + "/plans", id: "listPlans", tag: tagCatalog,
		status: 200, errors: []int{422},
		summary: "List plans", about: "All plans, cheapest first.", answer: page[Plan]{Items: []Plan{examplePlan()}}},
		a.listPlans)
	register(a, operation{method: http.MethodPost, path: provisioning + "/plans", id: "createPlan", tag: tagCatalog,
		status: 201, errors: []int{409},
		summary: "Create a plan", about: "409 if the slug is taken.", body: body, answer: examplePlan()}, a.createPlan)
	register(a, operation{method: http.MethodPut, path: provisioning + "/plans/{id}", id: "replacePlan", tag: tagCatalog,
		status: 200, errors: []int{409},
		summary: "Replace a plan",
		about: "Fields left out return to their defaults. New limits apply to every merchant on the plan at once. 409 " +
			"if the slug is taken.", body: body, answer: examplePlan()}, a.replacePlan)
	register(a, operation{method: http.MethodDelete, path: provisioning + "/plans/{id}", id: "deletePlan", tag: tagCatalog,
		status: 204, errors: []int{409},
		summary: "Delete a plan",
		about:   "409 while a merchant uses it or has used it: deactivate it (`active: false`) instead."},
		a.deletePlan)
}

func (a *API) listPlans(ctx context.Context, _ *call, in *catalogInput) (*plansOutput, error) {
	name := listName("plans", in.Active)
	after, err := a.tokens.after(name, in.Cursor)
	if err != nil {
		return nil, err
	}
	rows, err := a.DB.PlansAfter(ctx, in.Active, in.Limit+1, after)
	if err != nil {
		return nil, err
	}
	return &plansOutput{list(a.tokens, name, in.Limit, rows, plan, func(p orbit.Plan) store.After {
		return store.After{Price: p.Price, ID: p.ID.String()}
	})}, nil
}

func planContent(c *call) (orbit.PlanInput, error) {
	body, r := read[PlanContent](c)
	in, err := orbit.PlanInput{Name: body.Name, Slug: body.Slug, Price: body.Price, Currency: body.Currency,
		BillingCycle: orbit.BillingCycle(body.BillingCycle),
		Features:     body.Features, Limits: orbit.Limits(body.Limits), Popular: body.Popular, Active: body.Active == nil ||
			*body.Active}.Check()
	return in, r.with(err)
}

func (a *API) createPlan(ctx context.Context, c *call, _ *newPlanInput) (*planOutput, error) {
	in, err := planContent(c)
	if err != nil {
		return nil, err
	}
	p, err := a.DB.CreatePlan(ctx, in, c.actor(a.Kit))
	return &planOutput{plan(p)}, err
}

func (a *API) replacePlan(ctx context.Context, c *call, in *putPlanInput) (*planOutput, error) {
	key, err := id[orbit.Plan](in.ID)
	if err != nil {
		return nil, err
	}
	if _, err := a.DB.Plan(ctx, key.String()); err != nil {
		return nil, err
	}
	content, err := planContent(c)
	if err != nil {
		return nil, err
	}
	p, err := a.DB.UpdatePlan(ctx, key, content, c.actor(a.Kit))
	return &planOutput{plan(p)}, err
}

func (a *API) deletePlan(ctx context.Context, c *call, in *PlanParams) (*noContent, error) {
	key, err := id[orbit.Plan](in.ID)
	if err != nil {
		return nil, err
	}
	return nil, a.DB.DeletePlan(ctx, key, c.actor(a.Kit))
}
