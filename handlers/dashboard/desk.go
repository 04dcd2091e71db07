package dashboard

import (
	"context"
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
	"orbit360.app/views/dashboard"
	"orbit360.app/views/ui"
)

// desk is what a request about one shop may use: the shop, its data in the name of the member who asks, and the frame
// of its pages.
type desk struct {
	Merchant orbit.Merchant
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

// shop hands the path's shop to a handler. It has to be the person's own, set up and not suspended.
func (r routes) shop(handle deskHandler) fiber.Handler {
	return r.anyShop(func(c *fiber.Ctx, d desk) error {
		if d.Merchant.Status != orbit.MerchantActive {
			return orbit.Missing()
		}
		return handle(c, d)
	})
}

// anyShop is shop in whatever state the shop is: what is changed there is refused with the reason.
func (r routes) anyShop(handle deskHandler) fiber.Handler {
	return func(c *fiber.Ctx) error {
		shops, err := r.DB.Memberships(c.UserContext(), kit.User(c).ID)
		if err != nil {
			return err
		}
		m, err := find(shops, c.Params("merchant"))
		if err != nil {
			return err
		}
		return handle(c, desk{Merchant: m, Shop: shop.MemberOf(r.DB, r.Actor(c), m.ID),
			frame: func() dashboard.Frame { return r.frame(c, shops) }})
	}
}

// find returns the shop with an id or merchant code.
func find(shops []orbit.Merchant, key string) (orbit.Merchant, error) {
	for _, m := range shops {
		if m.ID.String() == key || (m.Code != "" && strings.EqualFold(m.Code, key)) {
			return m, nil
		}
	}
	return orbit.Merchant{}, orbit.Missing()
}

func (r routes) frame(c *fiber.Ctx, shops []orbit.Merchant) dashboard.Frame {
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
