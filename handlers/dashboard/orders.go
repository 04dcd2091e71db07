package dashboard

import (
	"context"
	"net/url"
	"time"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
	"orbit360.app/views/dashboard"
)

// orderQuery reads what the list of orders is asked for.
func orderQuery(m orbit.Merchant, get func(string) string) dashboard.OrderQuery {
	q := kit.ListQueryOf(get, dashboard.OrdersPath(m), "status", dashboard.OrderStates)
	return dashboard.ParseOrderQuery(q, get)
}

func (r routes) showOrders(c *fiber.Ctx, d desk) error {
	q := orderQuery(d.Merchant, kit.Query(c).Get)
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
	ctx context.Context, t *shop.Tenant, m orbit.Merchant, q dashboard.OrderQuery,
) (l dashboard.OrderList, err error) {
	l = dashboard.OrderList{Merchant: m, Now: time.Now(), OrderQuery: q}
	f, _, err := orderFilter(ctx, t, q)
	if err != nil {
		return l, err
	}
	l.Rows, l.Total, err = t.Orders(ctx, f)
	return l, err
}

// orderFilter is what a query asks of the store. Its days are those of the shop's time zone, which is read where it
// matters.
func orderFilter(ctx context.Context, t *shop.Tenant, q dashboard.OrderQuery) (
	f shop.OrderFilter, zone *time.Location, err error,
) {
	f = shop.OrderFilter{Query: q.Text, Payment: q.Payment, Fulfillment: q.Fulfillment, Limit: q.PerPage,
		Offset: q.Offset()}
	switch q.Status {
	case "unfulfilled":
		f.ToFulfill = true
	case "unpaid":
		f.Due = true
	default:
		f.Status = orbit.OrderStatus(q.Status)
	}
	if q.From == "" && q.To == "" {
		return f, nil, nil
	}
	settings, err := t.Settings(ctx)
	if err != nil {
		return f, nil, err
	}
	zone = settings.Location()
	// Days that aren't there have been left out already.
	if at, err := time.ParseInLocation(time.DateOnly, q.From, zone); err == nil {
		f.From = at
	}
	if at, err := time.ParseInLocation(time.DateOnly, q.To, zone); err == nil {
		f.To = at.AddDate(0, 0, 1)
	}
	return f, zone, nil
}

// exportOrders answers with all orders of a view as a file.
func (r routes) exportOrders(c *fiber.Ctx, d desk) error {
	q := orderQuery(d.Merchant, kit.Query(c).Get)
	var f shop.OrderFilter
	var zone *time.Location
	err := d.read(c, func(ctx context.Context, t *shop.Tenant) error {
		settings, err := t.Settings(ctx)
		if err != nil {
			return err
		}
		zone = settings.Location()
		f, _, err = orderFilter(ctx, t, q)
		return err
	})
	if err != nil {
		return err
	}
	return r.OrdersCSV(c, d.Shop, f, zone)
}

// maxPicked is how many orders can be fulfilled at once.
const maxPicked = 50

// pickedOrders reads which orders were ticked, each once.
func pickedOrders(form url.Values) (orders []orbit.OrderID, err error) {
	seen := map[orbit.OrderID]bool{}
	for _, text := range form["order"] {
		order, err := orbit.ParseID[orbit.Order](text)
		if err != nil {
			return nil, err
		}
		if !seen[order] {
			orders = append(orders, order)
		}
		seen[order] = true
	}
	if len(orders) > maxPicked {
		return nil, orbit.Errorf(orbit.Invalid, "Select at most %d orders at once.", maxPicked)
	}
	return orders, nil
}

// backTo is the view of the list that a form came from. Its address is read, not followed.
func backTo(m orbit.Merchant, back string) string {
	at, err := url.Parse(back)
	if err != nil {
		return dashboard.OrdersPath(m)
	}
	q := orderQuery(m, at.Query().Get)
	return q.Href(q.Status, q.Page)
}

// newFulfillments asks before several orders are fulfilled.
func (r routes) newFulfillments(c *fiber.Ctx, d desk) error {
	form := kit.Query(c)
	orders, err := pickedOrders(form)
	if err != nil {
		return err
	}
	return r.ask(c, d, dashboard.BulkQuestion(d.Merchant, backTo(d.Merchant, form.Get("back")), orders))
}

// createFulfillments fulfills several orders, each in full and for itself: one that can't be stops no other.
func (r routes) createFulfillments(c *fiber.Ctx, d desk) error {
	form := kit.Form(c)
	orders, err := pickedOrders(form)
	if err != nil {
		return err
	}
	result := dashboard.BulkResult{Back: backTo(d.Merchant, form.Get("back"))}
	if len(orders) == 0 {
		return r.ask(c, d, dashboard.BulkQuestion(d.Merchant, result.Back, nil))
	}
	for _, order := range orders {
		name := ""
		err := d.change(c, func(ctx context.Context, e *shop.Edit) error {
			o, err := e.Order(ctx, order)
			if err != nil {
				return err
			}
			name = o.Name()
			write, err := r.orderWriter(ctx, e)
			if err == nil {
				_, err = e.FulfillOrder(ctx, order, orbit.FulfillmentForm{Notify: form.Get("notify") != ""}, write)
			}
			return err
		})
		switch {
		case err == nil:
			result.Done++
		case kit.Refuses(err) || orbit.CodeOf(err) == orbit.NotFound:
			result.Failed = append(result.Failed, dashboard.BulkFailure{Order: order, Name: name, Reason: orbit.Sentence(err)})
		default:
			return err
		}
	}
	if len(result.Failed) > 0 {
		return r.Render(c, fiber.StatusOK, dashboard.BulkPage(d.frame(), d.Merchant, result))
	}
	r.Toast(c, dashboard.Fulfilled(result.Done))
	return kit.See(c, result.Back)
}

// orderWriter writes the shop's emails about orders.
func (r routes) orderWriter(ctx context.Context, e *shop.Edit) (shop.OrderWriter, error) {
	settings, err := e.Settings(ctx)
	if err != nil {
		return nil, err
	}
	return r.Mail.OrderWriter(e.Merchant, settings.Email, r.Addresses.Shop(e.Merchant.Subdomain)), nil
}
