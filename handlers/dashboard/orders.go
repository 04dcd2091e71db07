package dashboard

import (
	"context"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/views/dashboard"
)

// active is the path's merchant among the person's own, which has to be set up and not suspended.
func (r routes) active(c *fiber.Ctx) (orbit.Merchant, []orbit.Merchant, error) {
	shops, err := r.DB.Memberships(c.UserContext(), kit.User(c).ID)
	if err != nil {
		return orbit.Merchant{}, nil, err
	}
	m, err := shop(c, shops)
	if err == nil && m.Status != orbit.MerchantActive {
		err = errNoShop
	}
	return m, shops, err
}

func (r routes) showOrders(c *fiber.Ctx) error {
	m, shops, err := r.active(c)
	if err != nil {
		return err
	}
	l := dashboard.OrderList{Merchant: m, Status: c.Query("status"), Query: orbit.Search(c.Query("q"), 200), Page: 1,
		Now: time.Now()}
	if n, err := strconv.Atoi(c.Query("page")); err == nil && n > 1 && n < 100_000 {
		l.Page = n
	}
	if l.Status != "open" && l.Status != "unpaid" && l.Status != "sent" {
		l.Status = ""
	}
	ctx := c.UserContext()
	err = r.DB.For(m.ID).Do(ctx, func(t *store.Tenant) (err error) {
		l.Rows, l.Total, err = t.Orders(ctx, store.OrderFilter{Status: l.Status, Query: l.Query,
			Limit: dashboard.OrdersPerPage, Offset: (l.Page - 1) * dashboard.OrdersPerPage})
		return err
	})
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, dashboard.Orders(r.frame(c, shops), l))
}

func (r routes) showOrder(c *fiber.Ctx) error {
	m, shops, err := r.active(c)
	if err != nil {
		return err
	}
	id, err := orbit.ParseID[orbit.Order](c.Params("order"))
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	var o orbit.Order
	if err := r.DB.For(m.ID).Do(ctx, func(t *store.Tenant) (err error) {
		o,
			err = t.Order(ctx, id)
		return err
	}); err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, dashboard.Order(r.frame(c, shops), m, o, time.Now()))
}

// payOrder notes that the money has come.
func (r routes) payOrder(c *fiber.Ctx) error {
	return r.changeOrder(c, r.DB.PayOrder, "The order is marked as paid.")
}

// sendOrder notes that the order is on its way.
func (r routes) sendOrder(c *fiber.Ctx) error {
	return r.changeOrder(c, r.DB.SendOrder, "The order is marked as sent.")
}

type orderChange func(context.Context, orbit.UserID, orbit.MerchantID, orbit.OrderID, store.Actor) error

func (r routes) changeOrder(c *fiber.Ctx, change orderChange, sentence string) error {
	m, _, err := r.active(c)
	if err != nil {
		return err
	}
	id, err := orbit.ParseID[orbit.Order](c.Params("order"))
	if err != nil {
		return err
	}
	if err := change(c.UserContext(), kit.User(c).ID, m.ID, id, r.Actor(c)); err != nil {
		return err
	}
	r.Toast(c, sentence)
	return kit.See(c, dashboard.OrderPath(m, id))
}
