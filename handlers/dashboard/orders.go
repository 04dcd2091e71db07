package dashboard

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
	"orbit360.app/views/dashboard"
	"orbit360.app/views/ui"
)

func (r routes) showOrders(c *fiber.Ctx, d desk) error {
	q := kit.ListQuery(c, dashboard.OrdersPath(d.Merchant), dashboard.OrderStates)
	var l dashboard.OrderList
	err := d.read(c, func(ctx context.Context, t *shop.Tenant) (err error) {
		l, err = orderList(ctx, t, d.Merchant, q)
		return err
	})
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, dashboard.Orders(d.frame(), l))
}

// orderList reads one page of the list.
func orderList(
	ctx context.Context, t *shop.Tenant, m orbit.Merchant, q ui.ListQuery,
) (l dashboard.OrderList, err error) {
	l = dashboard.OrderList{Merchant: m, Now: time.Now(), ListQuery: q}
	f := shop.OrderFilter{Query: q.Text, ToFulfill: q.Status == "unfulfilled", Due: q.Status == "unpaid",
		Limit: q.PerPage, Offset: q.Offset()}
	if q.Status == "fulfilled" {
		f.Fulfillment = orbit.Fulfilled
	}
	l.Rows, l.Total, err = t.Orders(ctx, f)
	return l, err
}

func (r routes) showOrder(c *fiber.Ctx, d desk) error {
	order, err := id[orbit.Order](c, "order")
	if err != nil {
		return err
	}
	o, err := d.order(c, order)
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, dashboard.Order(d.frame(), d.Merchant, o, time.Now()))
}

// order reads an order.
func (d desk) order(c *fiber.Ctx, order orbit.OrderID) (o orbit.Order, err error) {
	err = d.read(c, func(ctx context.Context, t *shop.Tenant) (err error) { o, err = t.Order(ctx, order); return err })
	return o, err
}

// createPayment notes that the money has come.
func (r routes) createPayment(c *fiber.Ctx, d desk) error {
	paid := func(e *shop.Edit, ctx context.Context, order orbit.OrderID) error {
		return e.MarkOrderPaid(ctx, order, nil, nil)
	}
	return r.updateOrder(c, d, paid, "Order marked as paid.")
}

// newFulfillment asks before the shopper gets an email.
func (r routes) newFulfillment(c *fiber.Ctx, d desk) error {
	order, err := id[orbit.Order](c, "order")
	if err != nil {
		return err
	}
	o, err := d.order(c, order)
	if err != nil {
		return err
	}
	return r.ask(c, d, dashboard.FulfillQuestion(d.Merchant, o))
}

// createFulfillment notes that the order is on its way.
func (r routes) createFulfillment(c *fiber.Ctx, d desk) error {
	website := r.Addresses.Shop(d.Merchant.Subdomain)
	fulfill := func(e *shop.Edit, ctx context.Context, order orbit.OrderID) error {
		settings, err := e.Settings(ctx)
		if err != nil {
			return err
		}
		_, err = e.FulfillOrder(ctx, order, orbit.FulfillmentForm{Notify: true},
			r.Mail.OrderWriter(d.Merchant, settings.Email, website))
		return err
	}
	return r.updateOrder(c, d, fulfill, "Order marked as fulfilled. The customer gets an email.")
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
