package dashboard

import (
	"strings"
	"time"

	"github.com/a-h/templ"

	"orbit360.app/orbit"
	"orbit360.app/views/ui"
)

// CustomersPath is a merchant's list of customers.
func CustomersPath(m orbit.Merchant) string { return Path(m) + "/customers" }

// CustomerPath is the page of one customer, or, with more behind it, what belongs to it.
func CustomerPath(m orbit.Merchant, id orbit.CustomerID, more string) string {
	return CustomersPath(m) + "/" + id.String() + more
}

// CustomerStates holds the groups that the list of customers can be narrowed to, as its tabs.
var CustomerStates = ui.StatesOf(orbit.CustomerGroups())

// CustomerSorts holds the orders that the list of customers can be in.
var CustomerSorts = ui.States{{Key: "", Label: "Newest"}, {Key: string(orbit.CustomersByName), Label: "Name"},
	{Key: string(orbit.CustomersBySpent), Label: "Total spent"}, {Key: string(orbit.CustomersByOrders), Label: "Orders"}}

// CustomerQuery is what the list of customers was asked for. Its address is the view.
type CustomerQuery struct {
	ui.ListQuery // Keep has the filters
	Sort         orbit.CustomerSort
	Marketing    bool
	TaxExempt    bool
	Tag          string
}

// ParseCustomerQuery adds the filters to a list's query. What no filter can be is left out.
func ParseCustomerQuery(q ui.ListQuery, get func(string) string) CustomerQuery {
	c := CustomerQuery{ListQuery: q, Marketing: get("marketing") == "on", TaxExempt: get("exempt") == "on",
		Tag: orbit.Search(get("tag"), 100)}
	if sort := get("sort"); CustomerSorts.Has(sort) {
		c.Sort = orbit.CustomerSort(sort)
	}
	c.Keep = c.kept(c.Sort)
	return c
}

// kept returns the parameters of the filters, and of an order.
func (q CustomerQuery) kept(sort orbit.CustomerSort) (keep []ui.Hidden) {
	for _, h := range []ui.Hidden{{Name: "sort", Value: string(sort)}, {Name: "marketing", Value: on(q.Marketing)},
		{Name: "exempt", Value: on(q.TaxExempt)}, {Name: "tag", Value: q.Tag}} {
		if h.Value != "" {
			keep = append(keep, h)
		}
	}
	return keep
}

func on(yes bool) string {
	if yes {
		return "on"
	}
	return ""
}

func (q CustomerQuery) filtered() bool { return q.Marketing || q.TaxExempt || q.Tag != "" }

// sorted is the view's address in another order.
func (q CustomerQuery) sorted(sort string) string {
	q.Keep = q.kept(orbit.CustomerSort(sort))
	return q.Href(q.Status, 1)
}

// unfiltered is the view's address without its filters.
func (q CustomerQuery) unfiltered() string {
	q.Keep = CustomerQuery{}.kept(q.Sort)
	return q.Href(q.Status, 1)
}

// export is the address of the view as a CSV file.
func (q CustomerQuery) export() string {
	all := q.ListQuery
	all.Path += "/export.csv"
	return all.Href(q.Status, 1)
}

// CustomerList is one page of a shop's customers.
type CustomerList struct {
	CustomerQuery
	Merchant orbit.Merchant
	Currency string
	Rows     []orbit.Customer
	Total    int // on all pages
	Now      time.Time
}

func (l CustomerList) empty() ui.EmptyProps {
	switch {
	case l.Total > 0, l.Page > 1:
		return l.PastEnd(l.Total)
	case l.Text != "":
		return ui.EmptyProps{Icon: "search", Title: "No customers found",
			Message: "Search by name, email, phone or tag."}
	case l.filtered():
		return ui.EmptyProps{Icon: "funnel", Title: "No customers match these filters",
			Message: "Try other filters, or another tab.",
			Action:  ui.Button(ui.ButtonProps{Label: "Clear filters", Kind: ui.Primary, Href: l.unfiltered()})}
	case l.Status != "":
		return ui.EmptyProps{Icon: "users", Title: "No customers here", Message: "Customers of this group appear here."}
	}
	return ui.EmptyProps{Icon: "users", Title: "No customers yet",
		Message: "Everyone who orders appears here. You can add customers yourself, too.",
		Action: ui.Button(ui.ButtonProps{Label: "Add customer", Href: CustomersPath(l.Merchant) + "/new",
			Kind: ui.Primary, Icon: "plus"})}
}

// place is where a customer is, in a few words.
func place(a orbit.Address) string {
	country := orbit.CountryName(a.Country)
	if a.City == "" || country == "" {
		return a.City + country
	}
	return a.City + ", " + country
}

func tagsOf(c orbit.Customer) string { return strings.Join(c.Tags, ", ") }

// CustomerSheet is a customer's page: what is there, what was typed, and what was wrong with it.
type CustomerSheet struct {
	Merchant orbit.Merchant
	Now      time.Time
	Currency string
	Orders   ui.ListQuery     // of the customer
	Rows     []orbit.OrderRow // a page of them
	Total    int
	MayOrder bool           // see orders' own pages
	Customer orbit.Customer // as it is stored; zero for a new one
	Version  int            // that the form is about; 0 for a new one
	Form     orbit.Customer
	Tags     string // as they are typed
	Faults   map[string]string
	Problem  string
	Differs  []string // what is there now, after a conflict
}

func (s CustomerSheet) isNew() bool { return s.Version == 0 }

func (s CustomerSheet) title() string {
	if s.isNew() {
		return "Add customer"
	}
	return s.Customer.Title()
}

func (s CustomerSheet) action() string {
	if s.isNew() {
		return CustomersPath(s.Merchant)
	}
	return CustomerPath(s.Merchant, s.Customer.ID, "")
}

func (s CustomerSheet) spent(c orbit.Customer) string {
	return orbit.Money{Amount: c.Spent, Currency: s.Currency}.String()
}

func (s CustomerSheet) noOrders() ui.EmptyProps {
	if s.Total > 0 {
		return s.Orders.PastEnd(s.Total)
	}
	return ui.EmptyProps{Icon: "shopping-bag", Title: "No orders yet",
		Message: "Orders with this customer's email address appear here."}
}

// pager leads through the customer's orders, nil where one page has them all.
func (s CustomerSheet) pager() templ.Component {
	if len(s.Rows) == 0 || s.Total == len(s.Rows) {
		return nil
	}
	return ui.Pager(s.Orders.Pager(len(s.Rows), s.Total))
}

// CustomerNow says what a customer is now that another editor has changed, beside what a form holds.
func CustomerNow(now, form orbit.Customer) (differs []string) {
	yes := func(on bool) string { return map[bool]string{true: "yes", false: "no"}[on] }
	for _, f := range []struct{ label, now, form string }{
		{"First name", now.FirstName, form.FirstName}, {"Last name", now.LastName, form.LastName},
		{"Email", now.Email, form.Email}, {"Phone", orbit.ShownPhone(now.Phone), orbit.ShownPhone(form.Phone)},
		{"Address", strings.Join(now.Address.Lines(), ", "), strings.Join(form.Address.Lines(), ", ")},
		{"Tags", tagsOf(now), tagsOf(form)}, {"Note", now.Note, form.Note},
		{"Accepts marketing", yes(now.AcceptsMarketing), yes(form.AcceptsMarketing)},
		{"Tax exempt", yes(now.TaxExempt), yes(form.TaxExempt)}} {
		if f.now != f.form {
			if f.now == "" {
				f.now = "nothing"
			}
			differs = append(differs, f.label+" is now: "+f.now)
		}
	}
	return differs
}

// CustomerMerge is the page on which a customer is chosen to merge another one with.
type CustomerMerge struct {
	Merchant orbit.Merchant
	Customer orbit.Customer
	With     orbit.Customer // that was chosen
	Find     string
	Rows     []orbit.Customer
	More     int // that are found and aren't shown
}

func (s CustomerMerge) crumbs() []ui.Crumb {
	return []ui.Crumb{{Label: "Customers", Href: CustomersPath(s.Merchant)},
		{Label: s.Customer.Title(), Href: CustomerPath(s.Merchant, s.Customer.ID, "")}}
}

// with is the address of the question about another customer.
func (s CustomerMerge) with(c orbit.Customer) string {
	return CustomerPath(s.Merchant, s.Customer.ID, "/merge/new?with="+c.ID.String())
}

// MergeQuestion asks before two customers become one.
func MergeQuestion(s CustomerMerge) ui.ConfirmProps {
	of := s.With.Title()
	q := MergeRefused(s.Merchant, s.Customer.ID)
	q.Crumbs, q.Title = s.crumbs(), "Merge "+of+" into "+s.Customer.Title()+"?"
	q.Points = []string{
		"All orders of " + of + " (" + s.With.Email + ") go over to " + s.Customer.Title() + ", with tags and notes.",
		"The email address " + s.Customer.Email + " stays, and so do its marketing and tax settings.",
		"A name, phone number or address is taken over where there is none.", "You can't undo this."}
	q.Fields = mergeWith(s.With)
	return q
}

// MergeRefused is MergeQuestion without what it asks, for what can't be merged.
func MergeRefused(m orbit.Merchant, id orbit.CustomerID) ui.ConfirmProps {
	return ui.ConfirmProps{ID: "merge", Section: "customers", Title: "Merge customers",
		Action: CustomerPath(m, id, "/merge"), Button: "Merge customers", Kind: ui.DangerKind,
		Crumbs: []ui.Crumb{{Label: "Customers", Href: CustomersPath(m)}}, Back: CustomerPath(m, id, "/merge/new")}
}

// ErasureQuestion asks before a customer is erased.
func ErasureQuestion(m orbit.Merchant, c orbit.Customer) ui.ConfirmProps {
	return ui.ConfirmProps{ID: "erasure", Section: "customers", Title: "Erase " + c.Title() + "?",
		Heading: "Erase customer", Crumbs: []ui.Crumb{{Label: "Customers", Href: CustomersPath(m)},
			{Label: c.Title(), Href: CustomerPath(m, c.ID, "")}},
		Points: []string{
			"Name, email address, phone number, address, notes and tags are erased: here, in the orders and their timelines.",
			"Emails to this customer are deleted, also those that are waiting to be sent.",
			"Orders keep their numbers, items, amounts and country. Sales and books stay as they are.",
			"Your payment provider and backups keep their own records. You can't undo this."},
		Action: CustomerPath(m, c.ID, "/erasure"), Button: "Erase customer", Kind: ui.DangerKind,
		Back: CustomerPath(m, c.ID, ""), RefusalTitle: "This customer can't be erased yet"}
}
