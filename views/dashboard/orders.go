package dashboard

import (
	"fmt"
	"net/url"
	"strconv"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/views/ui"
)

// OrdersPerPage is how many orders a page of the list shows.
const OrdersPerPage = 25

// OrdersPath is a merchant's list of orders.
func OrdersPath(m orbit.Merchant) string { return Path(m) + "/orders" }

// OrderPath is the page of one order.
func OrderPath(m orbit.Merchant, id orbit.OrderID) string { return OrdersPath(m) + "/" + id.String() }

// OrderList is one page of a shop's orders.
type OrderList struct {
	Merchant orbit.Merchant
	Status   string // "" all, "open", "unpaid", "sent"
	Query    string
	Page     int // from 1
	Rows     []orbit.OrderRow
	Total    int // on all pages
	Now      time.Time
}

func (l OrderList) href(status string, page int) string {
	q := url.Values{}
	if status != "" {
		q.Set("status", status)
	}
	if l.Query != "" {
		q.Set("q", l.Query)
	}
	if page > 1 {
		q.Set("page", strconv.Itoa(page))
	}
	if len(q) == 0 {
		return OrdersPath(l.Merchant)
	}
	return OrdersPath(l.Merchant) + "?" + q.Encode()
}

func (l OrderList) tabs() []ui.Tab {
	var tabs []ui.Tab
	for _, t := range [][2]string{{"", "All"}, {"open", "To send"}, {"unpaid", "Unpaid"}, {"sent", "Sent"}} {
		tabs = append(tabs, ui.Tab{Label: t[1], Href: l.href(t[0], 1), Current: t[0] == l.Status})
	}
	return tabs
}

func (l OrderList) pager() ui.PagerProps {
	first := (l.Page-1)*OrdersPerPage + 1
	p := ui.PagerProps{Summary: fmt.Sprintf("%d to %d of %d", first, first+len(l.Rows)-1, l.Total)}
	if l.Page > 1 {
		p.PrevHref = l.href(l.Status, l.Page-1)
	}
	if l.Page*OrdersPerPage < l.Total {
		p.NextHref = l.href(l.Status, l.Page+1)
	}
	return p
}

func (l OrderList) empty() ui.EmptyProps {
	switch {
	case l.Total > 0:
		last := (l.Total + OrdersPerPage - 1) / OrdersPerPage
		return ui.PastEnd(l.Page, last, l.href(l.Status, last))
	case l.Query != "":
		return ui.EmptyProps{Icon: "search", Title: "No order fits",
			Message: "Try the number, or part of a name or an email address."}
	case l.Status != "":
		return ui.EmptyProps{Icon: "circle-check", Title: "Nothing here", Message: "No order is in this state at the moment."}
	case !l.Merchant.Live():
		return ui.EmptyProps{Icon: "shopping-bag", Title: "No orders yet",
			Message: "Orders appear here once the shop is live and somebody buys."}
	}
	return ui.EmptyProps{Icon: "shopping-bag", Title: "No orders yet",
		Message: "The shop is open. The first order appears here, and its confirmation goes to the shopper by itself."}
}

// paymentBadge says what has become of an order's money.
func paymentBadge(o orbit.Order) ui.BadgeProps {
	switch o.PaymentStatus {
	case orbit.PaymentPaid:
		return ui.BadgeProps{Label: "Paid", Tone: ui.Success}
	case orbit.PaymentRefunded:
		return ui.BadgeProps{Label: "Refunded", Icon: "rotate-ccw"}
	}
	return ui.BadgeProps{Label: "Unpaid", Tone: ui.Warning, Icon: "clock"}
}

// orderBadge says how far an order has come.
func orderBadge(o orbit.Order) ui.BadgeProps {
	switch o.Status {
	case orbit.OrderSent:
		return ui.BadgeProps{Label: "Sent", Tone: ui.Success, Icon: "truck"}
	case orbit.OrderCanceled:
		return ui.BadgeProps{Label: "Canceled", Icon: "circle-x"}
	}
	return ui.BadgeProps{Label: "To send", Tone: ui.Info, Icon: "package"}
}

func amount(o orbit.Order, minor int64) string {
	return orbit.Money{Amount: minor, Currency: o.Currency}.String()
}

func things(n int) string {
	if n == 1 {
		return "1 item"
	}
	return strconv.Itoa(n) + " items"
}

func taxName(o orbit.Order) string {
	if o.TaxIncluded {
		return o.TaxName + ", included"
	}
	return o.TaxName
}
