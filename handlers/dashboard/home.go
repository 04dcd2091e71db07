package dashboard

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
	"orbit360.app/views/dashboard"
)

func (r routes) showHome(c *fiber.Ctx, d desk) error {
	m := d.Merchant
	switch m.Status {
	case orbit.MerchantActive:
	case orbit.MerchantSuspended:
		return r.Render(c, fiber.StatusForbidden, dashboard.Closed(d.frame(), m))
	default:
		return r.Render(c, fiber.StatusOK, dashboard.Closed(d.frame(), m))
	}
	s := dashboard.Shop{Merchant: m, Rights: d.Rights, Now: time.Now()}
	err := d.read(c, func(ctx context.Context, t *shop.Tenant) (err error) {
		s.Home, err = t.Home(ctx, d.Rights, s.Now, orbit.ParsePeriod(c.Query("period")))
		return err
	})
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, dashboard.Home(d.frame(), s))
}

// createLaunch opens the shop to shoppers.
func (r routes) createLaunch(c *fiber.Ctx, d desk) error {
	if err := d.change(c, func(ctx context.Context, e *shop.Edit) error { return e.GoLive(ctx) }); err != nil {
		return err
	}
	r.Toast(c, "Your shop is live.")
	return kit.See(c, dashboard.Path(d.Merchant))
}

// updateTask marks a task of the checklist as done.
func (r routes) updateTask(c *fiber.Ctx, d desk) error {
	key := c.Params("key")
	if err := d.change(c, func(ctx context.Context, e *shop.Edit) error { return e.FinishTask(ctx, key) }); err != nil {
		return err
	}
	return kit.See(c, dashboard.Path(d.Merchant))
}
