package dashboard

import (
	"time"

	"orbit360.app/orbit"
	"orbit360.app/views/ui"
)

// OrdersPath is a merchant's list of orders.
func OrdersPath(m orbit.Merchant) string { return Path(m) + "/orders" }

// OrderPath is the page of one order.
func OrderPath(m orbit.Merchant, id orbit.OrderID) string { return OrdersPath(m) + "/" + id.String() }

// OrderStates holds the states that the list of orders can be narrowed to.
var OrderStates = ui.States{{Key: "", Label: "All"}, {Key: "unfulfilled", Label: "Unfulfilled"},
	{Key: "unpaid", Label: "Unpaid"},
	{Key: "fulfilled", Label: "Fulfilled"}}

// OrderList is one page of a shop's orders.
type OrderList struct {
	ui.ListQuery
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

func (l OrderList) empty() ui.EmptyProps {
	switch {
	case l.Total > 0:
		return l.PastEnd(l.Total)
	case l.Text != "":
		return ui.EmptyProps{Icon: "search", Title: "No orders found",
			Message: "Search by order number, customer name or email."}
	case l.Status != "":
		return ui.EmptyProps{Icon: "circle-check", Title: "No orders", Message: "No orders have this status."}
	case !l.Merchant.Live():
		return ui.EmptyProps{Icon: "shopping-bag", Title: "No orders yet",
			Message: "Orders appear here once your shop is live."}
	}
	return ui.EmptyProps{Icon: "shopping-bag", Title: "No orders yet",
		Message: "Your first order will appear here. Shoppers get their confirmation automatically."}
}

// paymentBadge says what has become of an order's money.
func paymentBadge(o orbit.Order) ui.BadgeProps {
	p := ui.BadgeProps{Label: o.PaymentStatus.Name()}
	switch o.PaymentStatus {
	case orbit.FinancialPaid:
		p.Tone = ui.Success
	case orbit.FinancialRefunded:
		p.Icon = "rotate-ccw"
	default:
		p.Tone, p.Icon = ui.Warning, "clock"
	}
	return p
}

// orderBadge says how far an order has come.
func orderBadge(o orbit.Order) ui.BadgeProps {
	p := ui.BadgeProps{Label: o.FulfillmentStatus.Name()}
	switch {
	case o.FulfillmentStatus == orbit.Fulfilled:
		p.Tone, p.Icon = ui.Success, "truck"
	case o.Status == orbit.OrderCanceled:
		p.Label = o.Status.Name()
		p.Icon = "circle-x"
	default:
		p.Tone, p.Icon = ui.Info, "package"
	}
	return p
}

func amount(o orbit.Order, minor int64) string {
	return orbit.Money{Amount: minor, Currency: o.Currency}.String()
}

func taxName(o orbit.Order) string {
	if o.TaxIncluded {
		return o.TaxName + ", included"
	}
	return o.TaxName
}

// lineImage returns the address of a line's image, as the product has it now; "" for none.
func lineImage(m orbit.Merchant, l orbit.OrderLine) string {
	if len(l.Images) == 0 {
		return ""
	}
	return imageURL(m, l.Images[0], 160)
}

// FulfillQuestion asks before an order is fulfilled: the shopper's email can't be called back.
func FulfillQuestion(m orbit.Merchant, o orbit.Order) ui.ConfirmProps {
	items := ui.Plural(o.Count(), "item", "items")
	q := ui.ConfirmProps{ID: "fulfill", Title: "Fulfill " + items + " of " + o.Name() + "?", Button: "Fulfill items",
		Kind: ui.Primary, Action: OrderPath(m, o.ID) + "/fulfillment",
		Points: []string{"The shopper gets an email at " + o.Email + " that the order is on its way.",
			"This can't be undone."},
		Back: OrderPath(m, o.ID), Section: "orders",
		Crumbs: []ui.Crumb{{Label: "Orders", Href: OrdersPath(m)}, {Label: o.Name(), Href: OrderPath(m, o.ID)}}}
	if o.ToFulfill == 0 {
		q.Refusal = "This order has been fulfilled already."
		if o.FulfillmentStatus != orbit.Fulfilled {
			q.Refusal = "Only an open order can be fulfilled."
		}
	}
	return q
}
