package api

import (
	"context"
	"net/http"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/shop"
)

// TaxRate is a tax on what is sent to a country, or to one of its regions.
type TaxRate struct {
	ID                string    `json:"id" format:"uuid"`
	Country           string    `json:"country" doc:"ISO 3166-1 alpha-2; empty for all that no other rate names."`
	Region            string    `json:"region" doc:"As the country's addresses have it, QC; empty for all of it."`
	Name              string    `json:"name"`
	Rate              int64     `json:"rate" doc:"Hundredths of a percent: 1900 is 19 %."`
	Included          bool      `json:"included"`
	AppliesToShipping bool      `json:"appliesToShipping" doc:"Shipping is taxed, too."`
	Version           int       `json:"version" doc:"Counts changes; for If-Match."`
	CreatedAt         time.Time `json:"createdAt"`
	UpdatedAt         time.Time `json:"updatedAt"`
}

// aboutIncluded says what is asked of included.
const aboutIncluded = "Prices hold the tax. It is the same for all prices of the shop, and changed with " +
	"`taxIncluded` of " +
	"the shop: 422 for another value."

// TransformSchema describes included.
func (TaxRate) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	return describe(s, map[string]string{"included": aboutIncluded})
}

// NewTaxRate is a tax rate to be.
type NewTaxRate struct {
	Country           string `json:"country,omitempty" maxLength:"2"`
	Region            string `json:"region,omitempty" maxLength:"100"`
	Name              string `json:"name" maxLength:"60"`
	Rate              int64  `json:"rate" minimum:"0" maximum:"10000"`
	Included          *bool  `json:"included,omitempty"`
	AppliesToShipping *bool  `json:"appliesToShipping,omitempty" doc:"true if left out."`
}

// TransformSchema describes included.
func (NewTaxRate) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	return describe(s, map[string]string{"included": aboutIncluded})
}

// TaxRateChange is a merge patch.
type TaxRateChange struct {
	Country           Change[string] `json:"country,omitempty"`
	Region            Change[string] `json:"region,omitempty"`
	Name              Change[string] `json:"name,omitempty"`
	Rate              Change[int64]  `json:"rate,omitempty"`
	Included          Change[bool]   `json:"included,omitempty"`
	AppliesToShipping Change[bool]   `json:"appliesToShipping,omitempty"`
}

type (
	// TaxRateParams names a tax rate.
	TaxRateParams struct {
		ID string `path:"id" doc:"The rate's id." example:"0199b0aa-5c1e-7d5a-9b1e-3f2f6a1c0d01"`
	}
	newTaxInput   struct{ Body content[NewTaxRate] }
	patchTaxInput struct {
		TaxRateParams
		MatchParams
		Body content[TaxRateChange]
	}
	taxOutput struct {
		ETag string `header:"ETag" doc:"The version, for If-Match."`
		Body TaxRate
	}
	taxesInput  struct{ ListParams }
	taxesOutput struct{ Body page[TaxRate] }
)

func (a *API) taxRoutes() {
	answer := TaxRate{ID: exampleThemeID, Country: "DE", Name: "VAT", Rate: 1900, Included: true, AppliesToShipping: true,
		Version: 1, CreatedAt: exampleTime(), UpdatedAt: exampleTime()}
	registerShop(a, operation{method: http.MethodGet, path: "/tax-rates", id: "listTaxRates", tag: tagSelling,
		scope: orbit.ScopeSettingsRead, status: 200, errors: []int{422}, summary: "List tax rates",
		about: "All rates of the shop, the oldest first. The rates of a country and of a region add up; those without a " +
			"country are for all countries that no other rate names.",
		answer: page[TaxRate]{Items: []TaxRate{answer}}}, a.listTaxes)
	registerShop(a, operation{method: http.MethodPost, path: "/tax-rates", id: "createTaxRate", tag: tagSelling,
		scope: orbit.ScopeSettingsWrite, status: 201, errors: []int{409}, summary: "Create a tax rate",
		about: "Orders placed from now on are taxed by it. 409 beyond 500 rates.",
		body:  map[string]any{"country": "DE", "name": "VAT", "rate": 1900}, answer: answer}, a.createTax)
	registerShop(a, operation{method: http.MethodGet, path: "/tax-rates/{id}", id: "getTaxRate", tag: tagSelling,
		scope: orbit.ScopeSettingsRead, status: 200, summary: "Read a tax rate", about: "One rate.", answer: answer},
		a.getTax)
	registerShop(a, operation{method: http.MethodPatch, path: "/tax-rates/{id}", id: "updateTaxRate", tag: tagSelling,
		scope: orbit.ScopeSettingsWrite, status: 200, summary: "Update a tax rate",
		about: "Changes the fields that are sent. Orders keep the taxes that they were placed with.",
		body:  map[string]any{"rate": 1600}, answer: answer}, a.updateTax)
	registerShop(a, operation{method: http.MethodDelete, path: "/tax-rates/{id}", id: "deleteTaxRate", tag: tagSelling,
		scope: orbit.ScopeSettingsWrite, status: 204, summary: "Delete a tax rate",
		about: "Orders keep the taxes that they were placed with."}, a.deleteTax)
}

func taxView(r orbit.TaxRate, included bool) TaxRate {
	return TaxRate{ID: r.ID.String(), Country: r.Country, Region: r.Region, Name: r.Name, Rate: int64(r.Rate),
		Included:          included,
		AppliesToShipping: r.AppliesToShipping, Version: r.Version, CreatedAt: r.CreatedAt.UTC(),
		UpdatedAt: r.UpdatedAt.UTC()}
}

// hundredths returns a rate as it was sent: of one that is none there is a fault in orbit.
func hundredths(n int64) int { return int(max(-1, min(n, 10_001))) }

// included has a fault where a rate is wanted otherwise than all prices of the shop are.
func (r *reader) included(sent, is bool) {
	if sent != is {
		r.fault("included", "All prices of the shop hold their taxes or none does. Change taxIncluded of the shop instead.")
	}
}

// saveTax keeps a rate and answers with it.
func saveTax(ctx context.Context, e *shop.Edit, r *reader, rate orbit.TaxRate, included bool) (*taxOutput, error) {
	rates, err := e.TaxRates(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := rate.Check(rates); !r.ok() || err != nil {
		return nil, r.with(err)
	}
	saved, err := e.SaveTaxRates(ctx, rate)
	if err != nil {
		return nil, err
	}
	return &taxOutput{etag(saved[0].Version), taxView(saved[0], included)}, nil
}

func (a *API) listTaxes(ctx context.Context, d desk, in *taxesInput) (*taxesOutput, error) {
	var all []TaxRate
	err := d.read(ctx, func(ctx context.Context, t *shop.Tenant) error {
		o, err := t.Checkout(ctx)
		for _, r := range o.Taxes {
			all = append(all, taxView(r, o.Settings.TaxIncluded))
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	p, err := whole(a.tokens, "tax-rates", in.ListParams, all, func(v TaxRate) store.After {
		return store.After{Time: v.CreatedAt, ID: v.ID}
	})
	return &taxesOutput{p}, err
}

func (a *API) getTax(ctx context.Context, d desk, in *TaxRateParams) (out *taxOutput, err error) {
	key, err := id[orbit.TaxRate](in.ID)
	if err != nil {
		return nil, err
	}
	err = d.read(ctx, func(ctx context.Context, t *shop.Tenant) error {
		rate, err := t.TaxRate(ctx, key)
		if err != nil {
			return err
		}
		settings, err := t.Settings(ctx)
		out = &taxOutput{etag(rate.Version), taxView(rate, settings.TaxIncluded)}
		return err
	})
	return out, err
}

func (a *API) createTax(ctx context.Context, d desk, _ *newTaxInput) (out *taxOutput, err error) {
	body, r := read[NewTaxRate](d.call)
	rate := orbit.TaxRate{ID: orbit.NewID[orbit.TaxRate](), Country: body.Country, Region: body.Region, Name: body.Name,
		Rate: hundredths(body.Rate), AppliesToShipping: body.AppliesToShipping == nil || *body.AppliesToShipping}
	err = d.change(ctx, func(ctx context.Context, e *shop.Edit) error {
		settings, err := e.Settings(ctx)
		if err != nil {
			return err
		}
		if body.Included != nil {
			r.included(*body.Included, settings.TaxIncluded)
		}
		out, err = saveTax(ctx, e, r, rate, settings.TaxIncluded)
		return err
	})
	return out, err
}

func (a *API) updateTax(ctx context.Context, d desk, in *patchTaxInput) (out *taxOutput, err error) {
	body, r := read[TaxRateChange](d.call)
	key, err := id[orbit.TaxRate](in.ID)
	if err != nil {
		return nil, err
	}
	err = d.change(ctx, func(ctx context.Context, e *shop.Edit) error {
		was, err := e.TaxRate(ctx, key)
		if err == nil {
			err = d.match(was.Version)
		}
		if err != nil {
			return err
		}
		settings, err := e.Settings(ctx)
		if err != nil {
			return err
		}
		r.included(body.Included.or(settings.TaxIncluded), settings.TaxIncluded)
		rate := was
		rate.Country, rate.Region, rate.Name = body.Country.or(was.Country), body.Region.or(was.Region),
			body.Name.or(was.Name)
		rate.Rate, rate.AppliesToShipping = hundredths(body.Rate.or(int64(was.Rate))),
			body.AppliesToShipping.or(was.AppliesToShipping)
		if rate == was && r.ok() {
			out = &taxOutput{etag(was.Version), taxView(was, settings.TaxIncluded)}
			return nil
		}
		out, err = saveTax(ctx, e, r, rate, settings.TaxIncluded)
		return err
	})
	return out, err
}

func (a *API) deleteTax(ctx context.Context, d desk, in *TaxRateParams) (*noContent, error) {
	key, err := id[orbit.TaxRate](in.ID)
	if err != nil {
		return nil, err
	}
	return nil, d.change(ctx, func(ctx context.Context, e *shop.Edit) error { return e.DeleteTaxRate(ctx, key) })
}
