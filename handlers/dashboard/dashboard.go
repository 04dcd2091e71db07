// Package dashboard answers for dashboard.BASE: what people who run shops see and do. Every page of a shop is for its
// members alone; another's shop is as if it didn't exist.
package dashboard

import (
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/themes"
	"orbit360.app/views/dashboard"
)

type routes struct {
	*kit.Kit
	engines themes.Set
}

// New is the dashboard's pages. Engines are those that themes are made over.
func New(k *kit.Kit, engines themes.Set) *fiber.App {
	r := routes{k, engines}
	app := k.App(kit.Audience{Name: "dashboard", Role: orbit.RoleMerchant, Error: r.errorPage})
	app.Get("/robots.txt", func(c *fiber.Ctx) error { return c.SendString("User-agent: *\nDisallow: /\n") })
	app.Use(k.RequireUser)
	app.Get("/", r.showShops)
	app.Get("/:merchant", r.showHome)
	app.Post("/:merchant/live", r.createLive)
	app.Post("/:merchant/checklist/:key", r.finishTask)
	r.themeRoutes(app)
	app.Get("/:merchant/orders", r.showOrders)
	app.Get("/:merchant/orders/:order", r.showOrder)
	app.Post("/:merchant/orders/:order/payment", r.payOrder)
	app.Post("/:merchant/orders/:order/shipment", r.sendOrder)
	r.productRoutes(app)
	return app
}

func (r routes) errorPage(c *fiber.Ctx, p kit.ErrorPage) templ.Component {
	return dashboard.ErrorPage(dashboard.Frame{Addresses: r.Addresses, User: kit.User(c)}, p.Status, p.Title, p.Message,
		p.RequestID)
}

func (r routes) frame(c *fiber.Ctx, shops []orbit.Merchant) dashboard.Frame {
	return dashboard.Frame{Addresses: r.Addresses, User: kit.User(c), Shops: shops, Toast: r.PopToast(c)}
}

// showShops leads on to the only shop, or lists them.
func (r routes) showShops(c *fiber.Ctx) error {
	shops, err := r.DB.Memberships(c.UserContext(), kit.User(c).ID)
	if err != nil {
		return err
	}
	if len(shops) == 1 {
		return kit.See(c, dashboard.Path(shops[0]))
	}
	return r.Render(c, fiber.StatusOK, dashboard.Shops(r.frame(c, shops)))
}

var errNoShop = orbit.Errorf(orbit.NotFound, "There is nothing at this address.")

// shop finds the path's merchant among the person's own, by id or by merchant code.
func shop(c *fiber.Ctx, shops []orbit.Merchant) (orbit.Merchant, error) {
	key := c.Params("merchant")
	for _, m := range shops {
		if m.ID.String() == key || (m.Code != "" && strings.EqualFold(m.Code, key)) {
			return m, nil
		}
	}
	return orbit.Merchant{}, errNoShop
}

func (r routes) showHome(c *fiber.Ctx) error {
	ctx := c.UserContext()
	shops, err := r.DB.Memberships(ctx, kit.User(c).ID)
	if err != nil {
		return err
	}
	m, err := shop(c, shops)
	if err != nil {
		return err
	}
	if c.Path() != dashboard.Path(m) {
		return kit.See(c, dashboard.Path(m)) // one address a page
	}
	switch m.Status {
	case orbit.MerchantActive:
	case orbit.MerchantSuspended:
		return r.Render(c, fiber.StatusForbidden, dashboard.Closed(r.frame(c, shops), m))
	default:
		return r.Render(c, fiber.StatusOK, dashboard.Closed(r.frame(c, shops), m))
	}
	s := dashboard.Shop{Merchant: m, Now: time.Now()}
	if s.Theme, err = r.DB.Theme(ctx, m.ThemeID.String()); err != nil {
		return err
	}
	if s.Plan, err = r.DB.Plan(ctx, m.PlanID.String()); err != nil {
		return err
	}
	err = r.DB.For(m.ID).Do(ctx, func(t *store.Tenant) (err error) { s.Tasks, err = t.Checklist(ctx); return err })
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, dashboard.Home(r.frame(c, shops), s))
}

// createLive opens the shop to shoppers.
func (r routes) createLive(c *fiber.Ctx) error {
	id, err := kit.MerchantID(c)
	if err != nil {
		return err
	}
	if err := r.DB.GoLive(c.UserContext(), kit.User(c).ID, id, r.Actor(c)); err != nil {
		return err
	}
	r.Toast(c, "Your shop is live.")
	return kit.See(c, "/"+id.String())
}

// finishTask ticks a line of the checklist.
func (r routes) finishTask(c *fiber.Ctx) error {
	id, err := kit.MerchantID(c)
	if err != nil {
		return err
	}
	if err := r.DB.FinishTask(c.UserContext(), kit.User(c).ID, id, c.Params("key"), r.Actor(c)); err != nil {
		return err
	}
	return kit.See(c, "/"+id.String())
}
