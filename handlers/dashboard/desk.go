package dashboard

import (
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/shop"
	"orbit360.app/views/account"
	"orbit360.app/views/dashboard"
	"orbit360.app/views/ui"
)

// desk is what a request about one shop may use: the shop, its data in the name of the member who asks, and the frame
// of its pages.
type desk struct {
	Merchant orbit.Merchant
	Rights   orbit.Rights
	Shop     shop.Member
	frame    func() dashboard.Frame // takes the sentence that the last form left
}

// read runs fn on the shop's data.
func (d desk) read(c *fiber.Ctx, fn func(context.Context, *shop.Tenant) error) error {
	ctx := c.UserContext()
	return d.Shop.Read(ctx, func(t *shop.Tenant) error { return fn(ctx, t) })
}

// change runs fn as one change to the shop.
func (d desk) change(c *fiber.Ctx, fn func(context.Context, *shop.Edit) error) error {
	ctx := c.UserContext()
	return d.Shop.Change(ctx, func(e *shop.Edit) error { return fn(ctx, e) })
}

type deskHandler func(*fiber.Ctx, desk) error

// enter hands the path's shop to a route's handler. The person has to be one of its members, and to have the route's
// permission.
func (r routes) enter(one route) fiber.Handler {
	return func(c *fiber.Ctx) error {
		shops, err := r.DB.Memberships(c.UserContext(), kit.User(c))
		if err != nil {
			return err
		}
		of, err := find(shops, c.Params("merchant"))
		if err != nil {
			return err
		}
		if path := dashboard.Path(of.Merchant); c.Params("merchant") != path[1:] && one.method == fiber.MethodGet {
			return c.Redirect(moved(c, path), fiber.StatusPermanentRedirect)
		}
		if err := of.Check(one.permission); err != nil {
			return err
		}
		if of.TwoStepRequired && !kit.User(c).TwoStep() {
			return needsTwoStep(c, one, dashboard.Path(of.Merchant))
		}
		if time.Since(of.SeenAt) > store.SeenEvery {
			if err := r.DB.NoteMember(c.UserContext(), of, kit.User(c).ID); err != nil {
				return err
			}
		}
		if of.Status != orbit.MerchantActive && !one.always {
			return orbit.Missing()
		}
		return one.handle(c, desk{Merchant: of.Merchant, Rights: of.Rights,
			Shop:  shop.MemberOf(r.DB, r.Actor(c), of.ID, one.permission),
			frame: func() dashboard.Frame { return r.frame(c, shops) }})
	}
}

// needsTwoStep leads a member to set up two-step sign-in, which their shop requires, before anything else there.
func needsTwoStep(c *fiber.Ctx, one route, path string) error {
	if one.method == fiber.MethodGet && !kit.IsHTMX(c) && strings.Contains(c.Get(fiber.HeaderAccept), "text/html") {
		return kit.See(c, account.TwoStepPath+"?next="+url.QueryEscape(path))
	}
	return orbit.Errorf(orbit.Forbidden, "This shop requires two-step sign-in. Set it up on your account page first.")
}

// moved is the address that was asked for under a shop's own path: ids and codes lead there.
func moved(c *fiber.Ctx, path string) string {
	_, rest, _ := strings.Cut(strings.TrimPrefix(c.OriginalURL(), "/"), c.Params("merchant"))
	return path + rest
}

// find returns the shop with a subdomain, id or merchant code.
func find(shops []orbit.Membership, key string) (orbit.Membership, error) {
	for _, m := range shops {
		if m.ID.String() == key || (key != "" && (m.Subdomain == key || strings.EqualFold(m.Code, key))) {
			return m, nil
		}
	}
	return orbit.Membership{}, orbit.Missing()
}

func (r routes) frame(c *fiber.Ctx, shops []orbit.Membership) dashboard.Frame {
	return dashboard.Frame{Addresses: r.Addresses, User: kit.User(c), Shops: shops, Toast: r.PopToast(c)}
}

// ask answers with a question about the shop.
func (r routes) ask(c *fiber.Ctx, d desk, q ui.ConfirmProps) error {
	return r.Ask(c, q, func() (templ.Component, error) { return dashboard.QuestionPage(d.frame(), d.Merchant, q), nil })
}

// id reads an id from the path; NotFound where it is none.
func id[T any](c *fiber.Ctx, name string) (orbit.ID[T], error) {
	return orbit.ParseID[T](c.Params(name))
}
