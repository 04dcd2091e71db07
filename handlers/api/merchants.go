package api

import (
	"context"
	"net/http"
	"strconv"

	"orbit360.app/orbit"
	"orbit360.app/store"
)

// NewMerchant is an application for a shop, entered by an admin.
type NewMerchant struct {
	Name      string `json:"name" minLength:"2" maxLength:"80" doc:"The shop's name."`
	OwnerName string `json:"ownerName" minLength:"2" maxLength:"80" doc:"The owner's name."`
	Email     string `json:"email" format:"email" maxLength:"254" doc:"Of the owner's account; gets the welcome email."`
	Category  string `json:"category" doc:"Line of business."`
}

type (
	// MerchantParams names a merchant.
	MerchantParams struct {
		ID string `path:"id" doc:"The merchant's id." example:"0199b0aa-5c1e-7d5a-9b1e-3f2f6a1c0d9e"`
	}
	merchantsInput struct {
		ListParams
		Status string `query:"status" enum:"pending,active,failed,suspended" doc:"Those with an open run count as active."`
		Query  string `query:"q" maxLength:"200" doc:"Part of the name, owner, email, subdomain or merchant ID."`
	}
	newMerchantInput struct{ Body content[NewMerchant] }
	merchantOutput   struct{ Body Merchant }
	merchantsOutput  struct{ Body page[Merchant] }
	madeMerchant     struct {
		Location string `header:"Location" doc:"URL of the created resource or its status."`
		Body     Merchant
	}
)

func (a *API) merchantRoutes() {
	register(a, operation{method: http.MethodGet, path: provisioning + "/merchants", id: "listMerchants",
		tag: tagMerchants, status: 200, errors: []int{422},
		summary: "List merchants", about: "All merchants, newest first.",
		answer: page[Merchant]{Items: []Merchant{exampleMerchant(a)}}}, a.listMerchants)
	register(a, operation{method: http.MethodPost, path: provisioning + "/merchants", id: "createMerchant",
		tag: tagMerchants, status: 201,
		summary: "Create a merchant",
		about:   "Creates an application for a shop. The merchant is pending until it is activated; no email is sent yet.",
		body:    NewMerchant{"Awesome Store", "Ada Okafor", "ada@example.com", "electronics"}, answer: exampleMerchant(a)},
		a.createMerchant)
	register(a, operation{method: http.MethodGet, path: provisioning + "/merchants/{id}", id: "getMerchant",
		tag: tagMerchants, status: 200,
		summary: "Read a merchant", about: "A merchant with its theme, plan and addresses.", answer: exampleMerchant(a)},
		a.getMerchant)
}

func (a *API) listMerchants(ctx context.Context, _ *call, in *merchantsInput) (*merchantsOutput, error) {
	q, ok := orbit.Line(in.Query)
	if !ok {
		return nil, errParameters(orbit.Fault{Field: "query.q",
			Message: "A search can't contain line breaks or control characters."})
	}
	name := "merchants " + strconv.Quote(in.Status) + strconv.Quote(q)
	after, err := a.tokens.after(name, in.Cursor)
	if err != nil {
		return nil, err
	}
	rows, err := a.DB.MerchantsAfter(ctx, orbit.MerchantFilter{Status: orbit.MerchantStatus(in.Status), Query: q,
		Limit: in.Limit + 1}, after)
	if err != nil {
		return nil, err
	}
	return &merchantsOutput{list(a.tokens, name, in.Limit, rows, merchant, func(r orbit.MerchantSheet) store.After {
		return store.After{Time: r.CreatedAt, ID: r.ID.String()}
	})}, nil
}

func (a *API) createMerchant(ctx context.Context, c *call, _ *newMerchantInput) (*madeMerchant, error) {
	in, r := read[NewMerchant](c)
	application, err := orbit.Application{Name: in.Name, OwnerName: in.OwnerName, Email: in.Email,
		Category: orbit.Category(in.Category)}.Check()
	if err == nil {
		err = a.CheckEmail(ctx, application.Email)
	}
	if err = r.with(err); err != nil {
		return nil, err
	}
	id := orbit.NewID[orbit.Merchant]()
	if c.claim != nil {
		// Taken over after a crash, the same request makes the same merchant.
		id = orbit.MerchantID(c.claim.Resource)
	}
	if _, err := a.DB.CreateMerchant(ctx, id, application, nil, c.actor(a.Kit)); err != nil {
		return nil, err
	}
	record, err := a.DB.MerchantSheet(ctx, id)
	if err != nil {
		return nil, err
	}
	return &madeMerchant{merchantPath(id, ""), merchant(record)}, nil
}

func (a *API) getMerchant(ctx context.Context, _ *call, in *MerchantParams) (*merchantOutput, error) {
	id, err := orbit.ParseID[orbit.Merchant](in.ID)
	if err != nil {
		return nil, err
	}
	record, err := a.DB.MerchantSheet(ctx, id)
	if err != nil {
		return nil, err
	}
	return &merchantOutput{merchant(record)}, nil
}

func merchantPath(id orbit.MerchantID, rest string) string {
	return provisioning + "/merchants/" + id.String() + rest
}
