package dashboard

import (
	"strconv"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/views/ui"
)

// InventoryPath is the list of a shop's quantities.
func InventoryPath(m orbit.Merchant) string { return Path(m) + "/inventory" }

// InventoryStates holds the states that the list can be narrowed to.
var InventoryStates = ui.States{{Key: "", Label: "All"}, {Key: "low", Label: "Low stock"},
	{Key: "out", Label: "Sold out"}}

// InventoryList is one page of a shop's quantities.
type InventoryList struct {
	ui.ListQuery
	Merchant orbit.Merchant
	Batch    orbit.ID[orbit.InventoryForm]
	Rows     []orbit.InventoryRow
	Total    int // on all pages
	Typed    orbit.InventoryForm
	Faults   map[string]string
	Problem  string
}

// line is a row's quantity as its form shows it.
func (l InventoryList) line(r orbit.InventoryRow) orbit.InventoryLine {
	for _, typed := range l.Typed.Rows {
		if typed.ID == r.ID {
			return typed
		}
	}
	return orbit.InventoryLine{ID: r.ID, Quantity: strconv.Itoa(r.Stock), Was: r.Stock}
}

func (l InventoryList) reason() string {
	if l.Typed.Reason != "" {
		return string(l.Typed.Reason)
	}
	return string(orbit.ReasonReceived)
}

func (l InventoryList) thumb(r orbit.InventoryRow) string {
	if len(r.Images) > 0 {
		return imageURL(l.Merchant, r.Images[0], 160)
	}
	return ""
}

func (l InventoryList) empty() ui.EmptyProps {
	switch {
	case l.Total > 0, l.Page > 1:
		return l.PastEnd(l.Total)
	case l.Text != "":
		return ui.EmptyProps{Icon: "search", Title: "No products found", Message: "Nothing matches “" + l.Text + "”."}
	case l.Status != "":
		return ui.EmptyProps{Icon: "circle-check", Title: "Nothing is running low",
			Message: "Variants with few units left appear here."}
	}
	return ui.EmptyProps{Icon: "package", Title: "No inventory yet",
		Message: "The quantities of your products appear here.",
		Action: ui.Button(ui.ButtonProps{Label: "Add product", Icon: "plus", Kind: ui.Primary,
			Href: ProductsPath(l.Merchant) + "/new"})}
}

// InventoryLedger is one page of the changes of a product's quantities.
type InventoryLedger struct {
	ui.ListQuery
	Merchant orbit.Merchant
	Product  orbit.Product
	Rows     []LedgerRow
	Total    int
	Now      time.Time
	Zone     *time.Location
}

// LedgerRow is one of them.
type LedgerRow struct {
	orbit.Adjustment
	Variant string
	Order   string // what its order is called
}

func (l InventoryLedger) empty() ui.EmptyProps {
	if l.Total > 0 || l.Page > 1 {
		return l.PastEnd(l.Total)
	}
	return ui.EmptyProps{Icon: "list", Title: "No changes yet", Message: "Sales, edits and adjustments appear here."}
}

func signed(n int) string {
	if n > 0 {
		return "+" + strconv.Itoa(n)
	}
	return "−" + strconv.Itoa(-n)
}
