package dashboard

import (
	"strconv"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/views/ui"
)

// OrdersPath is a merchant's list of orders.
func OrdersPath(m orbit.Merchant) string { return Path(m) + "/orders" }

// OrderPath is the page of one order.
func OrderPath(m orbit.Merchant, id orbit.OrderID) string { return OrdersPath(m) + "/" + id.String() }

// OrderStates holds the states that the list of orders can be narrowed to, as its tabs.
var OrderStates = ui.States{{Key: "", Label: "All"}, {Key: "unfulfilled", Label: "Unfulfilled"},
	{Key: "unpaid", Label: "Unpaid"}, {Key: string(orbit.OrderOpen), Label: "Open"},
	{Key: string(orbit.OrderClosed), Label: "Closed"}, {Key: string(orbit.OrderCanceled), Label: "Canceled"}}

// OrderQuery is what the list of orders was asked for. Its address is the view: tabs, filters and search.
type OrderQuery struct {
	ui.ListQuery // Keep has the filters
	Payment      orbit.FinancialStatus
	Fulfillment  orbit.FulfillmentStatus
	From, To     string // days: 2026-01-31
}

// ParseOrderQuery adds the filters to a list's query. What no filter can be is left out.
func ParseOrderQuery(q ui.ListQuery, get func(string) string) OrderQuery {
	o := OrderQuery{ListQuery: q}
	if s := orbit.FinancialStatus(get("payment")); orbit.FinancialStatuses().Has(s) {
		o.Payment = s
	}
	if s := orbit.FulfillmentStatus(get("fulfillment")); orbit.FulfillmentStatuses().Has(s) {
		o.Fulfillment = s
	}
	day := func(name string) string {
		t, err := time.Parse(time.DateOnly, get(name))
		if err != nil || t.Year() < 1 {
			return ""
		}
		return t.Format(time.DateOnly)
	}
	o.From, o.To = day("from"), day("to")
	for _, h := range []ui.Hidden{{Name: "payment", Value: string(o.Payment)},
		{Name: "fulfillment", Value: string(o.Fulfillment)}, {Name: "from", Value: o.From}, {Name: "to", Value: o.To}} {
		if h.Value != "" {
			o.Keep = append(o.Keep, h)
		}
	}
	return o
}

// unfiltered is the query without its filters.
func (q OrderQuery) unfiltered() string {
	q.Keep = nil
	return q.Href(q.Status, 1)
}

// export is the address of the view as a CSV file.
func (q OrderQuery) export() string {
	all := q.ListQuery
	all.Path += "/export.csv"
	return all.Href(q.Status, 1)
}

// OrderList is one page of a shop's orders.
type OrderList struct {
	OrderQuery
	Merchant orbit.Merchant
	Rows     []orbit.OrderRow
	Total    int // on all pages
	Now      time.Time
}

// pager leads through the list. It says no more than is counted.
func (l OrderList) pager() ui.PagerProps {
	p := l.Pager(len(l.Rows), l.Total)
	if l.Total > orbit.MaxListed {
		p.Summary = ui.Count(l.Offset()+1) + " to " + ui.Count(l.Offset()+len(l.Rows)) + " of " +
			ui.Count(orbit.MaxListed) + "+"
	}
	return p
}

// BulkResult is what came of fulfilling several orders.
type BulkResult struct {
	Done   int
	Failed []BulkFailure
	Back   string // the list
}

// BulkFailure is an order that wasn't fulfilled, and why.
type BulkFailure struct {
	Order  orbit.OrderID
	Name   string // "" for an order that isn't there
	Reason string
}

// words says how many orders were fulfilled.
func (r BulkResult) words() string {
	return strconv.Itoa(r.Done) + " of " + ui.Plural(r.Done+len(r.Failed), "order was", "orders were") + " fulfilled."
}

// Fulfilled says how many orders were fulfilled at once.
func Fulfilled(n int) string { return ui.Plural(n, "order", "orders") + " fulfilled." }

// BulkQuestion asks before several orders are fulfilled: what the shoppers get can't be called back.
func BulkQuestion(m orbit.Merchant, back string, orders []orbit.OrderID) ui.ConfirmProps {
	q := ui.ConfirmProps{ID: "fulfill-orders", Title: "Fulfill " + ui.Plural(len(orders), "order", "orders") + "?",
		Heading: "Fulfill orders", Button: "Fulfill items", Kind: ui.Primary,
		Action: OrdersPath(m) + "/fulfillment", Plain: true,
		Points: []string{"All items that are left of these orders are marked as fulfilled, without a tracking number.",
			"This can't be undone."},
		Fields: bulkFields(back, orders), Back: back, Section: "orders",
		Crumbs: []ui.Crumb{{Label: "Orders", Href: back}}}
	if len(orders) == 0 {
		q.Refusal = "No order is selected. Select orders in the list first."
		q.RefusalTitle = "Nothing to fulfill"
	}
	return q
}

func (l OrderList) empty() ui.EmptyProps {
	switch {
	case l.Total > 0:
		return l.PastEnd(l.Total)
	case l.Text != "":
		return ui.EmptyProps{Icon: "search", Title: "No orders found",
			Message: "Search by order number, customer name, email or SKU."}
	case len(l.Keep) > 0:
		return ui.EmptyProps{Icon: "funnel", Title: "No orders match these filters",
			Message: "Try other filters, or another tab.",
			Action:  ui.Button(ui.ButtonProps{Label: "Clear filters", Kind: ui.Primary, Href: l.unfiltered()})}
	case l.Status != "":
		return ui.EmptyProps{Icon: "circle-check", Title: "No orders", Message: "No orders have this status."}
	case !l.Merchant.Live():
		return ui.EmptyProps{Icon: "shopping-bag", Title: "No orders yet",
			Message: "Orders appear here once your shop is live."}
	}
	return ui.EmptyProps{Icon: "shopping-bag", Title: "No orders yet",
		Message: "Your first order will appear here. Shoppers get their confirmation automatically."}
}
