package api

import (
	"context"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

// shopAPI is where the merchants' operations are.
const shopAPI = "/api/merchant"

// desk is what an operation of a merchant may use: the call, the credential's shop, and its data in the name of the
// credential's owner.
type desk struct {
	*call
	Merchant orbit.Merchant
	Shop     shop.Member
}

// read runs fn on the shop's data.
func (d desk) read(ctx context.Context, fn func(context.Context, *shop.Tenant) error) error {
	return d.Shop.Read(ctx, func(t *shop.Tenant) error { return fn(ctx, t) })
}

// change runs fn as one change to the shop.
func (d desk) change(ctx context.Context, fn func(context.Context, *shop.Edit) error) error {
	return d.Shop.Change(ctx, func(e *shop.Edit) error { return fn(ctx, e) })
}

// registerShop adds a merchant's operation: one with a scope. The shop is the credential's own, and each transaction
// asks again whether its owner is a member with the scope's permission.
func registerShop[I, O any](a *API, o operation, handle func(context.Context, desk, *I) (*O, error)) {
	if !orbit.APIScopes().Has(o.scope) {
		panic("api: " + o.id + " has no scope")
	}
	o.path = shopAPI + o.path
	register(a, o, func(ctx context.Context, c *call, in *I) (*O, error) {
		m := c.caller.Shop.Merchant
		return handle(ctx, desk{c, m, shop.MemberOf(a.DB, c.actor(a.Kit), m.ID, o.scope.Permission())}, in)
	})
}
