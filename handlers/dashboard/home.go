package dashboard

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
	"orbit360.app/views/dashboard"
)

func (r routes) showHome(c *fiber.Ctx, d desk) error {
	m := d.Merchant
	switch m.Status {
	case orbit.MerchantActive:
	case orbit.MerchantSuspended:
		return r.Render(c, fiber.StatusForbidden, dashboard.Closed(d.frame(), m, r.Addresses.Support()))
	default:
		return r.Render(c, fiber.StatusOK, dashboard.Closed(d.frame(), m, r.Addresses.Support()))
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
