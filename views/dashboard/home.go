package dashboard

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/views/ui"
)

// Shop is one shop as its first page shows it.
type Shop struct {
	orbit.Home
	Merchant orbit.Merchant
	Rights   orbit.Rights
	Now      time.Time
}

// sells reports whether the member may see what was sold.
func (s Shop) sells() bool { return s.Rights.SeesSales() }

// limited reports whether the page has little to show to the member.
func (s Shop) limited() bool { return !s.sells() && !s.Rights.May(orbit.PermissionProducts) }

// open reports whether something of the shop's setup is still to be done, by a member who may do it.
func (s Shop) open() bool { return s.Rights.May(orbit.PermissionSettings) && !s.Setup.Complete() }

// homeFrame has the page be kept true by a socket.
func homeFrame(f Frame, s Shop) ui.Frame {
	return f.live(f.shop(s.Merchant.Name, s.Merchant, "home"), s.Merchant, "/home?period="+
		strconv.Itoa(int(s.Report.Period)))
}

func (s Shop) description() string {
	if s.Merchant.Live() {
		return "Your shop is open to shoppers."
	}
	return "Visitors see the “Opening soon” page until you go live."
}

// HomePath is a shop's first page with the figures of a period.
func HomePath(m orbit.Merchant, p orbit.SalesPeriod) string {
	if p == orbit.DefaultPeriod {
		return Path(m)
	}
	return Path(m) + "?period=" + strconv.Itoa(int(p))
}

func periodTabs(m orbit.Merchant, now orbit.SalesPeriod) (tabs []ui.Tab) {
	for _, p := range orbit.SalesPeriods() {
		tabs = append(tabs, ui.Tab{Label: periodName(p), Href: HomePath(m, p), Current: p == now})
	}
	return tabs
}

func periodName(p orbit.SalesPeriod) string {
	if p == 1 {
		return "Today"
	}
	return "Last " + strconv.Itoa(int(p)) + " days"
}

// before is the period that figures are compared with, in words.
func before(p orbit.SalesPeriod) string {
	if p == 1 {
		return "yesterday by this time"
	}
	return "the " + strconv.Itoa(int(p)) + " days before"
}

// figures returns sales, orders and the average order, each beside what it was before.
func figures(r orbit.SalesReport) []ui.StatProps {
	money := func(n int64) string { return orbit.Money{Amount: n, Currency: r.Currency}.String() }
	return []ui.StatProps{
		changed(ui.StatProps{Label: "Sales", Value: money(r.Now.Total)}, r, r.Now.Total, r.Before.Total),
		changed(ui.StatProps{Label: "Orders", Value: ui.Count(int(r.Now.Orders))}, r, r.Now.Orders, r.Before.Orders),
		changed(ui.StatProps{Label: "Average order", Value: money(r.Now.Average())}, r, r.Now.Average(),
			r.Before.Average()),
	}
}

func changed(p ui.StatProps, r orbit.SalesReport, now, was int64) ui.StatProps {
	percent, ok := orbit.Change(now, was)
	switch {
	case r.Before.Orders == 0:
		p.Change = "No sales " + strings.Replace(before(r.Period), "the ", "in the ", 1)
	case !ok || percent == 0:
		p.Change = "Same as " + strings.Replace(before(r.Period), "the ", "in the ", 1)
	case percent > 0:
		p.Change, p.Icon, p.Tone = ui.Count(int(percent))+"% more than "+before(r.Period), "arrow-up", ui.Success
	default:
		p.Change, p.Icon, p.Tone = ui.Count(int(-percent))+"% less than "+before(r.Period), "arrow-down", ui.Danger
	}
	return p
}

// chart returns the days of a report as columns.
func chart(r orbit.SalesReport) ui.ColumnsProps {
	p := ui.ColumnsProps{ID: "sales-chart", Label: "Sales per day, last " + strconv.Itoa(len(r.Days)) + " days",
		Tick: func(v float64) string { return compact(orbit.Money{Amount: int64(v), Currency: r.Currency}) }}
	for _, d := range r.Days {
		p.Items = append(p.Items, ui.Point{Label: d.Day.Format("Mon, Jan 2"), Value: float64(d.Total),
			Text: orbit.Money{Amount: d.Total, Currency: r.Currency}.String() + ", " +
				ui.Plural(int(d.Orders), "order", "orders")})
	}
	return p
}

// compact is a round amount for the scale of a chart: $950, $1.5K, ¥20M.
func compact(m orbit.Money) string {
	unit, thousand := "", int64(1000)
	for range orbit.Digits(m.Currency) {
		thousand *= 10
	}
	for _, u := range []string{"K", "M", "B", "T"} {
		if m.Amount < thousand {
			break
		}
		unit, m.Amount = u, m.Amount/1000
	}
	s := m.String()
	if strings.Contains(s, ".") {
		s = strings.TrimRight(strings.TrimRight(s, "0"), ".")
	}
	return s + unit
}

// todo is one thing that waits for a member.
type todo struct {
	Icon, Text, Href string
}

// todos returns what waits for a member of those who may do it.
func todos(m orbit.Merchant, h orbit.Home) (list []todo) {
	for _, provider := range h.Wanted {
		list = append(list, todo{"credit-card", "Connect " + orbit.Providers().Name(provider), PaymentPath(m, provider, "")})
	}
	due := h.Due
	if due.Unfulfilled > 0 {
		list = append(list, todo{"package", atMost(due.Unfulfilled, "order to fulfill", "orders to fulfill"),
			OrdersPath(m) + "?status=unfulfilled"})
	}
	if due.Unpaid > 0 {
		list = append(list, todo{"wallet", atMost(due.Unpaid, "unpaid order", "unpaid orders"),
			OrdersPath(m) + "?status=unpaid"})
	}
	return list
}

// atMost is a number that wasn't counted any further than orbit.MaxCounted.
func atMost(n int, one, many string) string {
	if n >= orbit.MaxCounted {
		return ui.Count(orbit.MaxCounted) + "+ " + many
	}
	return ui.Plural(n, one, many)
}

// thumbOf is the address of the first of a product's images, "" where it has none.
func thumbOf(m orbit.Merchant, images []orbit.Image) string {
	if len(images) == 0 {
		return ""
	}
	return imageURL(m, images[0], 160)
}

func lowBadge(stock int) ui.BadgeProps {
	if stock <= 0 {
		return ui.BadgeProps{Label: "Sold out", Tone: ui.Danger}
	}
	return ui.BadgeProps{Label: strconv.Itoa(stock) + " left", Tone: ui.Warning}
}

// notIncluded says what was sold in other currencies, which the figures don't have.
func notIncluded(r orbit.SalesReport) string {
	var parts []string
	for _, s := range r.Others {
		parts = append(parts, ui.Plural(int(s.Orders), "order", "orders")+" in "+s.Currency+" ("+
			orbit.Money{Amount: s.Total, Currency: s.Currency}.String()+")")
	}
	return "These figures are in " + r.Currency + ". Not included: " + strings.Join(parts, ", ") + "."
}

// soldTitle is what a product is called that has been sold.
func soldTitle(p orbit.ProductSales) string { return cmp.Or(p.Title, "Deleted product") }
