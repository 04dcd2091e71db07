package dashboard

import (
	"strconv"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/views/ui"
)

// DiscountsPath is a merchant's list of discounts.
func DiscountsPath(m orbit.Merchant) string { return Path(m) + "/discounts" }

// DiscountPath is the page of one discount, or, with more behind it, what belongs to it.
func DiscountPath(m orbit.Merchant, id orbit.DiscountID, more string) string {
	return DiscountsPath(m) + "/" + id.String() + more
}

// DiscountStates holds the states that the list of discounts can be narrowed to.
var DiscountStates = ui.StatesOf(orbit.DiscountStatuses())

// DiscountSorts holds the orders that the list of discounts can be in.
var DiscountSorts = ui.States{{Key: "", Label: "Newest"}, {Key: string(orbit.DiscountsByName), Label: "Name"},
	{Key: string(orbit.DiscountsByUse), Label: "Most used"}, {Key: string(orbit.DiscountsByEnd), Label: "Ends soonest"}}

// DiscountList is one page of a shop's discounts.
type DiscountList struct {
	ui.ListQuery
	Sort     orbit.DiscountSort
	Merchant orbit.Merchant
	Currency string
	Zone     *time.Location
	Rows     []orbit.Discount
	Total    int // on all pages
	Now      time.Time
}

// sorted is the list's address in another order.
func (l DiscountList) sorted(key string) string {
	q := l.ListQuery
	q.Keep = nil
	if key != "" {
		q.Keep = []ui.Hidden{{Name: "sort", Value: key}}
	}
	return q.Href(q.Status, 1)
}

func (l DiscountList) empty() ui.EmptyProps {
	switch {
	case l.Total > 0, l.Page > 1:
		return l.PastEnd(l.Total)
	case l.Text != "":
		return ui.EmptyProps{Icon: "search", Title: "No discounts found",
			Message: "Nothing matches “" + l.Text + "” in codes and titles."}
	case l.Status != "":
		return ui.EmptyProps{Icon: "tag", Title: "No " + l.Status + " discounts",
			Message: "Discounts in this state appear here."}
	}
	return ui.EmptyProps{Icon: "tag", Title: "No discounts yet",
		Message: "Codes that shoppers enter, and discounts that apply automatically, appear here.",
		Action: ui.Button(ui.ButtonProps{Label: "Create discount", Href: DiscountsPath(l.Merchant) + "/new",
			Kind: ui.Primary, Icon: "plus"})}
}

func discountBadge(d orbit.Discount, now time.Time) ui.BadgeProps {
	s := d.Status(now)
	b := ui.BadgeProps{Label: orbit.DiscountStatuses().Name(s)}
	switch s {
	case orbit.DiscountActive:
		b.Tone = ui.Success
	case orbit.DiscountScheduled:
		b.Icon = "clock"
	}
	return b
}

func discountDetail(d orbit.Discount) string {
	if d.Automatic() {
		return "Automatic"
	}
	return "Code"
}

func usedOf(d orbit.Discount) string {
	if d.UsageLimit > 0 {
		return strconv.Itoa(d.Used) + " of " + strconv.Itoa(d.UsageLimit)
	}
	return strconv.Itoa(d.Used)
}

// DiscountSheet is a discount's page: what is there, what was typed, and what was wrong with it.
type DiscountSheet struct {
	Merchant    orbit.Merchant
	Now         time.Time
	Currency    string
	Zone        *time.Location
	ID          orbit.DiscountID
	Discount    orbit.Discount // as it is stored; zero for a new one
	Version     int            // that the form is about; 0 for a new one
	Form        orbit.DiscountForm
	Chosen      []orbit.ProductTitle
	Found       []orbit.ProductTitle // beside those, what was searched for
	Find        string
	More        int // that were found and aren't shown
	Collections []orbit.Collection
	Faults      map[string]string
	Problem     string
	Differs     []string // what is there now, after a conflict
}

func (s DiscountSheet) isNew() bool { return s.Version == 0 }

func (s DiscountSheet) title() string {
	if s.isNew() {
		return "Create discount"
	}
	return s.Discount.Name()
}

func (s DiscountSheet) action() string {
	if s.isNew() {
		return DiscountsPath(s.Merchant)
	}
	return DiscountPath(s.Merchant, s.ID, "")
}

func (s DiscountSheet) combines(c orbit.DiscountClass) bool {
	for _, with := range s.Form.CombinesWith {
		if with == c {
			return true
		}
	}
	return false
}

func (s DiscountSheet) summary() string { return s.Discount.Summary(s.Currency, s.Zone, s.Now) }

func termOptions[T ~string](terms orbit.Terms[T]) (options []ui.Option) {
	for _, t := range terms {
		options = append(options, ui.Option{Value: string(t.Value), Label: t.Name})
	}
	return options
}

// DiscountDeletion asks before a discount goes for good.
func DiscountDeletion(m orbit.Merchant, d orbit.Discount) ui.ConfirmProps {
	return ui.ConfirmProps{ID: "deletion", Section: "discounts", Title: "Delete " + d.Name() + "?",
		Crumbs: []ui.Crumb{{Label: "Discounts", Href: DiscountsPath(m)}, {Label: d.Name(),
			Href: DiscountPath(m, d.ID, "")}},
		Message: ui.Text("Shoppers can't use it any longer. Orders keep what it took off. You can't undo this: to end it " +
			"for a while, deactivate it instead."),
		Action: DiscountPath(m, d.ID, "/deletion"), Button: "Delete", Kind: ui.DangerKind,
		Back: DiscountPath(m, d.ID, "")}
}
