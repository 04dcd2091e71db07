package admin

import (
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
	"orbit360.app/views/admin"
	"orbit360.app/views/ui"
)

// showUsage shows what a merchant has used of the plan, and the statements.
func (r routes) showUsage(c *fiber.Ctx) error {
	id, err := kit.MerchantID(c)
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	var p admin.Usage
	if p.Merchant, err = r.DB.Merchant(ctx, id); err != nil {
		return err
	}
	err = shop.For(r.DB, id).Do(ctx, func(t *shop.Tenant) (err error) {
		if p.PlanSheet, err = t.PlanSheet(ctx); err != nil {
			return err
		}
		p.Statements, err = t.Statements(ctx)
		return err
	})
	if err != nil {
		return err
	}
	return r.page(c, fiber.StatusOK, func(f admin.Frame) templ.Component { return admin.UsagePage(f, p) })
}

// showStatement shows a merchant's statement of a month.
func (r routes) showStatement(c *fiber.Ctx) error {
	id, err := kit.MerchantID(c)
	if err != nil {
		return err
	}
	month, err := time.Parse("2006-01", c.Params("month"))
	if err != nil {
		return orbit.Missing()
	}
	ctx := c.UserContext()
	var p ui.StatementProps
	if p.Merchant, err = r.DB.Merchant(ctx, id); err != nil {
		return err
	}
	err = shop.For(r.DB, id).Do(ctx, func(t *shop.Tenant) (err error) {
		p.Statement, err = t.Statement(ctx, month)
		return err
	})
	if err != nil {
		return err
	}
	return r.page(c, fiber.StatusOK, func(f admin.Frame) templ.Component { return admin.StatementPage(f, p) })
}
