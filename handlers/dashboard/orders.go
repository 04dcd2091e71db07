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

func (r routes) showOrders(c *fiber.Ctx, d desk) error {
	l := dashboard.OrderList{Merchant: d.Merchant, Now: time.Now(),
		ListQuery: kit.ListQuery(c, dashboard.OrdersPath(d.Merchant), dashboard.OrderStates)}
	err := d.read(c, func(ctx context.Context, t *shop.Tenant) (err error) {
		l.Rows, l.Total, err = t.Orders(ctx, shop.OrderFilter{Status: l.Status, Query: l.Text, Limit: l.PerPage,
			Offset: l.Offset()})
		return err
	})
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, dashboard.Orders(d.frame(), l))
}

func (r routes) showOrder(c *fiber.Ctx, d desk) error {
	order, err := id[orbit.Order](c, "order")
	if err != nil {
		return err
	}
	var o orbit.Order
	err = d.read(c, func(ctx context.Context, t *shop.Tenant) (err error) { o, err = t.Order(ctx, order); return err })
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, dashboard.Order(d.frame(), d.Merchant, o, time.Now()))
}

// createPayment notes that the money has come.
func (r routes) createPayment(c *fiber.Ctx, d desk) error {
	return r.updateOrder(c, d, (*shop.Edit).MarkOrderPaid, "Order marked as paid.")
}

// createFulfillment notes that the order is on its way.
func (r routes) createFulfillment(c *fiber.Ctx, d desk) error {
	return r.updateOrder(c, d, (*shop.Edit).FulfillOrder, "Order marked as fulfilled.")
}

func (r routes) updateOrder(c *fiber.Ctx, d desk, change func(*shop.Edit, context.Context, orbit.OrderID) error,
	done string) error {
	order, err := id[orbit.Order](c, "order")
	if err != nil {
		return err
	}
	err = d.change(c, func(ctx context.Context, e *shop.Edit) error { return change(e, ctx, order) })
	if err != nil {
		return err
	}
	r.Toast(c, done)
	return kit.See(c, dashboard.OrderPath(d.Merchant, order))
}
