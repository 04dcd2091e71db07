package api

import (
	"context"
	"errors"
	"net/http"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

type (
	shopOutput struct {
		ETag string `header:"ETag" doc:"The version, for If-Match."`
		Body Shop
	}
	patchShopInput struct {
		MatchParams
		Body content[ShopChange]
	}
)

func (a *API) shopRoutes() {
	answer := exampleOwnShop(a)
	registerShop(a, operation{method: http.MethodGet, path: "/shop", id: "getShop", tag: tagShop,
		scope: orbit.ScopeShopRead, status: 200,
		summary: "Read the shop",
		about: "The shop that the credential is for, with what it has used of its plan and how far its onboarding is. " +
			"`version` counts edits of its settings.",
		answer: answer}, a.getShop)
	registerShop(a, operation{method: http.MethodPatch, path: "/shop", id: "updateShop", tag: tagShop,
		scope: orbit.ScopeShopWrite, status: 200,
		summary: "Update the shop",
		about: "Changes the fields that are sent and leaves the rest; null empties a field (RFC 7396). All of it or " +
			"nothing. Another `currency` is 409 once the shop has orders; until then, prices keep their numbers.",
		body:   map[string]any{"phone": "+1 555 010 0199", "address": map[string]any{"line1": "12 Quay Street"}},
		answer: answer}, a.updateShop)
	registerShop(a, operation{method: http.MethodPost, path: "/shop/live", id: "openShop", tag: tagShop,
		scope: orbit.ScopeShopWrite, status: 200,
		summary: "Open the shop",
		about: "Opens the shop to shoppers. 409 with every step of the onboarding that a shop can't open without. Safe " +
			"to repeat.",
		answer: answer}, a.openShop)
	registerShop(a, operation{method: http.MethodDelete, path: "/shop/live", id: "closeShop", tag: tagShop,
		scope: orbit.ScopeShopWrite, status: 204,
		summary: "Close the shop", about: "Shows the public the Opening soon page again. Safe to repeat."}, a.closeShop)
}

func (a *API) getShop(ctx context.Context, d desk, _ *struct{}) (*shopOutput, error) {
	var sheet orbit.ShopSheet
	err := d.read(ctx, func(ctx context.Context, t *shop.Tenant) (err error) { sheet, err = t.ShopSheet(ctx); return err })
	return a.shopAnswer(sheet), err
}

func (a *API) shopAnswer(s orbit.ShopSheet) *shopOutput {
	return &shopOutput{etag(s.Settings.Version), ownShop(s)}
}

func (a *API) updateShop(ctx context.Context, d desk, _ *patchShopInput) (*shopOutput, error) {
	body, r := read[ShopChange](d.call)
	r.names = map[string]string{"title": "seo.title", "description": "seo.description"}
	var sheet orbit.ShopSheet
	err := d.change(ctx, func(ctx context.Context, e *shop.Edit) error {
		was, err := e.Settings(ctx)
		if err == nil {
			err = d.match(was.Version)
		}
		if err != nil {
			return err
		}
		patch := patchOf(body)
		if _, _, err := patch.Apply(e.Merchant, was); !r.ok() || err != nil {
			return r.with(r.renamed(err))
		}
		if len(patch) > 0 {
			if _, err := e.UpdateSettings(ctx, patch, was.Version); err != nil {
				return err
			}
		}
		sheet, err = e.ShopSheet(ctx)
		return err
	})
	return a.shopAnswer(sheet), err
}

func (a *API) openShop(ctx context.Context, d desk, _ *struct{}) (*shopOutput, error) {
	var sheet orbit.ShopSheet
	err := d.change(ctx, func(ctx context.Context, e *shop.Edit) error {
		if err := e.GoLive(ctx); err != nil {
			return placed(err, "shop.onboarding.")
		}
		var err error
		sheet, err = e.ShopSheet(ctx)
		return err
	})
	return a.shopAnswer(sheet), err
}

// placed returns an error with its faults at another place than the body: in what is there already.
func placed(err error, at string) error {
	e, ok := errors.AsType[*orbit.Error](err)
	if !ok || len(e.Faults) == 0 {
		return err
	}
	faults := make([]orbit.Fault, len(e.Faults))
	for i, f := range e.Faults {
		f.Field = at + f.Field
		faults[i] = f
	}
	return orbit.Errorf(e.Code, "%s", e.Message).With(faults...)
}

func (a *API) closeShop(ctx context.Context, d desk, _ *struct{}) (*noContent, error) {
	return nil, d.change(ctx, func(ctx context.Context, e *shop.Edit) error { return e.Close(ctx) })
}
