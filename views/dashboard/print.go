package dashboard

import (
	"cmp"
	"net/url"
	"strings"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/views/ui"
)

// PrintKind is a kind of document about an order.
type PrintKind string

// The kinds of documents.
const (
	PrintInvoice     PrintKind = "invoice"
	PrintPackingSlip PrintKind = "packing-slip"
)

// PrintKinds returns all of them.
func PrintKinds() orbit.Terms[PrintKind] {
	return orbit.Terms[PrintKind]{{Value: PrintInvoice, Name: "Invoice"},
		{Value: PrintPackingSlip, Name: "Packing slip"}}
}

// MaxPrints is how many orders are printed at once.
const MaxPrints = 50

// PrintPath is a page with a document about each of some orders.
func PrintPath(m orbit.Merchant, kind PrintKind, orders ...orbit.OrderID) string {
	query := url.Values{"kind": {string(kind)}}
	for _, id := range orders {
		query.Add("order", id.String())
	}
	return OrdersPath(m) + "/print?" + query.Encode()
}

// Print is what a page of documents shows.
type Print struct {
	Kind     PrintKind
	Merchant orbit.Merchant
	Settings orbit.ShopSettings
	Orders   []orbit.Order
}

func (p Print) title() string {
	name := PrintKinds().Name(p.Kind)
	if len(p.Orders) == 1 {
		return name + " " + p.Orders[0].Name()
	}
	return ui.Plural(len(p.Orders), strings.ToLower(name), strings.ToLower(name)+"s")
}

// back is where the page came from.
func (p Print) back() ui.Crumb {
	if len(p.Orders) == 1 {
		return ui.Crumb{Label: "Back to order " + p.Orders[0].Name(), Href: OrderPath(p.Merchant, p.Orders[0].ID)}
	}
	return ui.Crumb{Label: "Back to orders", Href: OrdersPath(p.Merchant)}
}

// date is a day where the shop is.
func (p Print) date(t time.Time) string { return t.In(p.Settings.Location()).Format("January 2, 2006") }

// seller is who the documents are of.
func (p Print) seller() []string {
	from := p.Settings.Address
	from.Name = cmp.Or(p.Settings.LegalName, p.Merchant.Name)
	lines := from.Lines()
	for _, more := range []string{p.Settings.Email, p.Settings.Phone} {
		if more != "" {
			lines = append(lines, more)
		}
	}
	if number := p.Settings.VATNumber; number != "" && p.Kind == PrintInvoice {
		lines = append(lines, "VAT number: "+number)
	}
	return lines
}

func printBuyer(o orbit.Order) []string { return append(o.Address.Lines(), o.Email) }

// printMarks says what must not be mistaken about a document.
func printMarks(kind PrintKind, o orbit.Order) (marks []string) {
	if o.Test {
		marks = append(marks, map[PrintKind]string{PrintInvoice: "Test order: not an invoice",
			PrintPackingSlip: "Test order: don't send"}[kind])
	}
	if o.Status == orbit.OrderCanceled {
		marks = append(marks, map[PrintKind]string{PrintInvoice: "This order was canceled",
			PrintPackingSlip: "This order was canceled: don't send"}[kind])
	}
	return marks
}

// printFact is a line of a document's head, or of its sums.
type printFact struct{ Label, Value string }

func invoiceFacts(p Print, o orbit.Order) []printFact {
	facts := []printFact{{"Invoice number", o.Name()}, {"Invoice date", p.date(o.CreatedAt)},
		{"Currency", o.Currency}, {"Payment", o.PaymentStatus.Name()}}
	var methods []string
	for _, pay := range o.Payments {
		if pay.Status != orbit.PaymentFailed && pay.Status != orbit.PaymentExpired {
			methods = append(methods, strings.TrimSpace(pay.Name+" "+pay.Method))
		}
	}
	if len(methods) > 0 {
		facts = append(facts, printFact{"Payment method", strings.Join(methods, ", ")})
	}
	return facts
}

func slipFacts(p Print, o orbit.Order) []printFact {
	facts := []printFact{{"Order", o.Name()}, {"Order date", p.date(o.CreatedAt)}}
	if o.ShippingName != "" {
		facts = append(facts, printFact{"Shipping", o.ShippingName})
	}
	return facts
}

// invoiceSums is what the invoice comes to and what is paid of that.
func invoiceSums(o orbit.Order, in orbit.Invoice) []printFact {
	return []printFact{{"Net", printNumber(o, in.Net)}, {"Tax", printNumber(o, in.Tax)}, {"Total", amount(o, in.Gross)},
		{"Paid", amount(o, o.Paid)}, {"Refunded", amount(o, o.Refunded)}, {"Due", amount(o, o.Due())}}
}

func printNumber(o orbit.Order, minor int64) string {
	return orbit.Money{Amount: minor, Currency: o.Currency}.Number()
}

// rateName says by what something is taxed: VAT 19%.
func rateName(taxes []orbit.TaxAmount) string {
	if len(taxes) == 0 {
		return "No tax"
	}
	var names []string
	for _, t := range taxes {
		names = append(names, t.Label())
	}
	return strings.Join(names, " + ")
}

func invoiceDetail(l orbit.InvoiceLine) string {
	return lineDetail(orbit.OrderLine{Variant: l.Variant, SKU: l.SKU})
}

// toShip returns the lines with something left to send.
func toShip(o orbit.Order) (lines []orbit.OrderLine) {
	for _, l := range o.Lines {
		if l.RequiresShipping && l.ToFulfill() > 0 {
			lines = append(lines, l)
		}
	}
	return lines
}
