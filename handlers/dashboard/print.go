package dashboard

import (
	"context"
	"slices"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
	"orbit360.app/views/dashboard"
)

// showPrints shows invoices or packing slips of the orders that the address names, to be printed.
func (r routes) showPrints(c *fiber.Ctx, d desk) error {
	query := kit.Query(c)
	p := dashboard.Print{Kind: dashboard.PrintKind(query.Get("kind")), Merchant: d.Merchant}
	if !dashboard.PrintKinds().Has(p.Kind) {
		return orbit.Errorf(orbit.Invalid, "This document doesn't exist. Print an invoice or a packing slip.")
	}
	var orders []orbit.OrderID
	for _, typed := range query["order"] {
		order, err := orbit.ParseID[orbit.Order](typed)
		if err != nil {
			return err
		}
		if !slices.Contains(orders, order) {
			orders = append(orders, order)
		}
		if len(orders) > dashboard.MaxPrints {
			return orbit.Errorf(orbit.Invalid, "These are too many orders. Print at most %d at once.", dashboard.MaxPrints)
		}
	}
	if len(orders) == 0 {
		return orbit.Errorf(orbit.Invalid, "No order was chosen. Choose at least one to print.")
	}
	err := d.read(c, func(ctx context.Context, t *shop.Tenant) (err error) {
		if p.Settings, err = t.Settings(ctx); err != nil {
			return err
		}
		for _, order := range orders {
			o, err := t.Order(ctx, order)
			if err != nil {
				return err
			}
			p.Orders = append(p.Orders, o)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, dashboard.Prints(d.frame(), p))
}
