package orbit

import (
	"strconv"
	"strings"
	"time"
)

// csvTaxes is how many taxes of an order have columns of their own, as in Shopify's export.
const csvTaxes = 5

// OrderColumns returns the first line of a CSV file of orders. The names are those of Shopify's export
// (help.shopify.com, "Exporting orders to a CSV file"), in our spelling, for programs that read it; Test, the last one,
// is ours.
func OrderColumns() []string {
	columns := []string{"Name", "Email", "Financial Status", "Paid at", "Fulfillment Status", "Fulfilled at", "Currency",
		"Subtotal", "Shipping", "Taxes", "Total", "Discount Code", "Discount Amount", "Shipping Method", "Created at",
		"Lineitem quantity", "Lineitem name", "Lineitem price", "Lineitem sku", "Lineitem requires shipping",
		"Lineitem taxable", "Lineitem fulfillment status", "Lineitem discount", "Shipping Name", "Shipping Address1",
		"Shipping Address2", "Shipping City", "Shipping Zip", "Shipping Province", "Shipping Country", "Phone", "Notes",
		"Canceled at", "Payment Method", "Payment Reference", "Refunded Amount", "Outstanding Balance", "Id"}
	for n := 1; n <= csvTaxes; n++ {
		columns = append(columns, "Tax "+strconv.Itoa(n)+" Name", "Tax "+strconv.Itoa(n)+" Value")
	}
	return append(columns, "Test")
}

// Records returns the lines of an order in a CSV file with OrderColumns: one for each of its lines, of which the first
// has what is the order's. Times are in a zone. No cell is one that a spreadsheet would run.
func (o Order) Records(zone *time.Location) [][]string {
	columns := OrderColumns()
	records := make([][]string, 0, max(1, len(o.Lines)))
	for i := range max(1, len(o.Lines)) {
		cells := map[string]string{"Name": o.Name(), "Email": o.Email, "Created at": csvTime(o.CreatedAt, zone)}
		if i == 0 {
			o.csvOrder(cells, zone)
		}
		if i < len(o.Lines) {
			o.csvLine(cells, o.Lines[i])
		}
		record := make([]string, len(columns))
		for at, column := range columns {
			record[at] = CSVCell(cells[column])
		}
		records = append(records, record)
	}
	return records
}

// csvOrder adds what is the order's.
func (o Order) csvOrder(cells map[string]string, zone *time.Location) {
	decimal := func(amount int64) string { return Money{amount, o.Currency}.Decimal() }
	for column, value := range map[string]string{
		"Financial Status": string(o.PaymentStatus), "Paid at": csvTime(o.PaidAt, zone),
		"Fulfillment Status": string(o.FulfillmentStatus), "Fulfilled at": csvTime(o.FulfilledAt, zone),
		"Currency": o.Currency, "Subtotal": decimal(o.Subtotal - o.Discount),
		"Shipping": decimal(o.Shipping - o.ShippingDiscount), "Taxes": decimal(o.Tax), "Total": decimal(o.Total),
		"Discount Code": o.DiscountCode, "Discount Amount": decimal(o.Discount + o.ShippingDiscount),
		"Shipping Method": o.ShippingName, "Shipping Name": o.Address.Name, "Shipping Address1": o.Address.Line1,
		"Shipping Address2": o.Address.Line2, "Shipping City": o.Address.City, "Shipping Zip": o.Address.Postcode,
		"Shipping Province": o.Address.Region, "Shipping Country": o.Address.Country, "Phone": o.Phone, "Notes": o.Note,
		"Canceled at": csvTime(o.CanceledAt, zone), "Refunded Amount": decimal(o.Refunded),
		"Outstanding Balance": decimal(o.Due()), "Id": o.ID.String(), "Test": strconv.FormatBool(o.Test),
	} {
		cells[column] = value
	}
	if n := len(o.Payments); n > 0 {
		cells["Payment Method"], cells["Payment Reference"] = o.Payments[n-1].Name, o.Payments[n-1].Reference
	}
	for i, tax := range o.Taxes() {
		n := "Tax " + strconv.Itoa(i+1)
		cells[n+" Name"] = tax.Label()
		cells[n+" Value"] = decimal(tax.Amount)
	}
}

// csvLine adds what is a line's.
func (o Order) csvLine(cells map[string]string, l OrderLine) {
	name := l.Title
	if l.Variant != "" {
		name += " - " + l.Variant
	}
	status := Unfulfilled
	switch {
	case l.Fulfilled > 0 && l.ToFulfill() == 0:
		status = Fulfilled
	case l.Fulfilled > 0:
		status = PartiallyFulfilled
	}
	for column, value := range map[string]string{
		"Lineitem quantity": strconv.Itoa(l.Quantity), "Lineitem name": name,
		"Lineitem price": Money{l.Price, o.Currency}.Decimal(), "Lineitem sku": l.SKU,
		"Lineitem requires shipping":  strconv.FormatBool(l.RequiresShipping),
		"Lineitem taxable":            strconv.FormatBool(l.Taxable),
		"Lineitem fulfillment status": string(status), "Lineitem discount": Money{l.Discount, o.Currency}.Decimal(),
	} {
		cells[column] = value
	}
}

func csvTime(t time.Time, zone *time.Location) string {
	if t.IsZero() {
		return ""
	}
	return t.In(zone).Format("2006-01-02 15:04:05 -0700")
}

// CSVCell is a text as a cell that no spreadsheet takes for a formula: one that begins like a formula, or with what
// spreadsheets skip before it, gets an apostrophe in front (owasp.org, "CSV Injection").
func CSVCell(s string) string {
	if s != "" && strings.ContainsRune("=+-@\t\r\n＝＋－＠", []rune(s)[0]) {
		return "'" + s
	}
	if rest, ok := strings.CutPrefix(s, "'"); ok && CSVCell(rest) != rest {
		return "'" + s // so that reading it takes one apostrophe away
	}
	return s
}

// fromCSVCell is the text that CSVCell was given.
func fromCSVCell(cell string) string {
	if rest, ok := strings.CutPrefix(cell, "'"); ok && CSVCell(rest) != rest {
		return rest
	}
	return cell
}
