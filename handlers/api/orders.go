package api

import (
	"context"
	"net/http"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/shop"
)

type (
	// OrderParams names an order.
	OrderParams struct {
		ID string `path:"id" doc:"The order's id." example:"0199b0aa-5c1e-7d5a-9b1e-3f2f6a1c0d03"`
	}
	// OrderQuery chooses orders. Exported, as huma looks only into those that are.
	OrderQuery struct {
		Query       string            `query:"q" maxLength:"200" doc:"The number, or beginnings of words: name, email, SKU."`
		Payment     paymentStatus     `query:"payment" doc:"Those with this paymentStatus."`
		Fulfillment fulfillmentStatus `query:"fulfillment" doc:"Those with this fulfillmentStatus."`
		Status      orderStatus       `query:"status" doc:"Those with this status."`
		From        string            `query:"from" doc:"Placed from that time or day (UTC) on." example:"2026-01-01"`
		To          string            `query:"to" doc:"Placed before that time, or up to that day." example:"2026-01-31"`
		Customer    string            `query:"customer" doc:"Of the customer with this id."`
	}
	ordersInput struct {
		ListParams
		OrderQuery
	}
	orderOutput struct {
		ETag string `header:"ETag" doc:"The version."`
		Body Order
	}
	ordersOutput struct{ Body page[Order] }
)

func (a *API) orderRoutes() {
	answer := exampleOrder()
	registerShop(a, operation{method: http.MethodGet, path: "/orders", id: "listOrders", tag: tagOrders,
		scope: orbit.ScopeOrdersRead, status: 200, errors: []int{422}, summary: "List orders",
		about:  "Newest first. A filter for a customer of another shop finds nothing.",
		answer: page[Order]{Items: []Order{answer}}}, a.listOrders)
	registerShop(a, operation{method: http.MethodGet, path: "/orders/{id}", id: "getOrder", tag: tagOrders,
		scope: orbit.ScopeOrdersRead, status: 200, summary: "Read an order",
		about: "Its `lines`' totals and the `shipping`'s total add up to `total`, and the amounts of `taxes` to the tax in " +
			"it, to the last unit. `paid`, `refunded` and `due` follow from `transactions`.",
		answer: answer}, a.getOrder)
	a.orderChangeRoutes(answer)
}

// Statuses that a list is filtered by.
type (
	orderStatus       string
	paymentStatus     string
	fulfillmentStatus string
)

// Schema lists the values.
func (orderStatus) Schema(huma.Registry) *huma.Schema { return oneOf(orbit.OrderStatuses()) }

// Schema lists the values.
func (paymentStatus) Schema(huma.Registry) *huma.Schema { return oneOf(orbit.FinancialStatuses()) }

// Schema lists the values.
func (fulfillmentStatus) Schema(huma.Registry) *huma.Schema {
	return oneOf(orbit.FulfillmentStatuses())
}

func oneOf[T ~string](terms orbit.Terms[T]) *huma.Schema {
	return &huma.Schema{Type: huma.TypeString, Enum: choices(terms)}
}

// name binds a cursor to the filters that it comes from.
func (q OrderQuery) name() string {
	name := "orders"
	for _, v := range []string{q.Query, string(q.Payment), string(q.Fulfillment), string(q.Status), q.From, q.To,
		q.Customer} {
		name += " " + strconv.Quote(v)
	}
	return name
}

// filter reads the query.
func (q OrderQuery) filter() (f shop.OrderFilter, err error) {
	var faults []orbit.Fault
	fault := func(name, value, message string) {
		faults = append(faults, orbit.Fault{Field: "query." + name, Message: message, Value: shortText(value)})
	}
	var ok bool
	if f.Query, ok = orbit.Line(q.Query); !ok {
		fault("q", q.Query, "A search can't contain line breaks or control characters.")
	}
	f.Payment, f.Fulfillment = orbit.FinancialStatus(q.Payment), orbit.FulfillmentStatus(q.Fulfillment)
	f.Status = orbit.OrderStatus(q.Status)
	if f.From, ok = moment(q.From, 0); !ok {
		fault("from", q.From, "Send a time such as 2026-01-31T09:30:00Z, or a day such as 2026-01-31.")
	}
	if f.To, ok = moment(q.To, 1); !ok {
		fault("to", q.To, "Send a time such as 2026-01-31T09:30:00Z, or a day such as 2026-01-31.")
	}
	if q.Customer != "" {
		if f.Customer, err = id[orbit.Customer](q.Customer); err != nil || f.Customer.IsZero() {
			fault("customer", q.Customer, "Send the id of a customer.")
		}
	}
	if len(faults) > 0 {
		return f, errParameters(faults...)
	}
	return f, nil
}

// moment reads a time, or a day in UTC, of which it is the beginning, or that of so many days later. "" is no time.
func moment(s string, days int) (time.Time, bool) {
	if s == "" {
		return time.Time{}, true
	}
	if at, err := time.Parse(time.DateOnly, s); err == nil {
		return at.AddDate(0, 0, days), true
	}
	at, err := time.Parse(time.RFC3339, s)
	return at.UTC(), err == nil
}

func orderAnswer(o orbit.Order, err error) (*orderOutput, error) {
	return &orderOutput{etag(o.Version()), orderView(o)}, err
}

func (a *API) listOrders(ctx context.Context, d desk, in *ordersInput) (*ordersOutput, error) {
	f, err := in.filter()
	if err != nil {
		return nil, err
	}
	after, err := a.tokens.after(in.name(), in.Cursor)
	if err != nil {
		return nil, err
	}
	place := shop.OrderPlace{At: after.Time}
	if after.ID != "" {
		if place.ID, err = id[orbit.Order](after.ID); err != nil {
			return nil, err
		}
	}
	f.Limit = in.Limit + 1
	var rows []orbit.Order
	err = d.read(ctx, func(ctx context.Context, t *shop.Tenant) (err error) {
		rows, err = t.OrdersAfter(ctx, f, place)
		return err
	})
	if err != nil {
		return nil, err
	}
	return &ordersOutput{list(a.tokens, in.name(), in.Limit, rows, orderView, func(o orbit.Order) store.After {
		return store.After{Time: o.CreatedAt, ID: o.ID.String()}
	})}, nil
}

func (a *API) getOrder(ctx context.Context, d desk, in *OrderParams) (*orderOutput, error) {
	order, err := id[orbit.Order](in.ID)
	if err != nil {
		return nil, err
	}
	var o orbit.Order
	err = d.read(ctx, func(ctx context.Context, t *shop.Tenant) (err error) { o, err = t.Order(ctx, order); return err })
	return orderAnswer(o, err)
}
