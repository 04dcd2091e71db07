package orbit_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"orbit360.app/orbit"
)

func TestCSVCell(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"": "", "Mug": "Mug", "a=b": "a=b", "12.00": "12.00", " x": " x",
		"=HYPERLINK(\"x\")": "'=HYPERLINK(\"x\")", "+49 30": "'+49 30", "-1": "'-1", "@SUM(A1)": "'@SUM(A1)", "\t=1": "'\t=1",
		"\r=1": "'\r=1", "\n=1": "'\n=1", "＝1": "'＝1"} {
		if got := orbit.CSVCell(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestOrderRecords(t *testing.T) {
	t.Parallel()
	vat := []orbit.TaxAmount{{Name: "VAT", Rate: 2000, Amount: 400}}
	o := orbit.Order{Number: 1001, Prefix: "#", Email: "ada@example.com", Currency: "GBP", Subtotal: 2400, Discount: 300,
		Shipping: 500, ShippingDiscount: 100, ShippingTax: 67, ShippingTaxes: []orbit.TaxAmount{{Name: "VAT", Rate: 2000,
			Amount: 67}}, Tax: 467, TaxIncluded: true, Total: 2500, Paid: 2000, PaymentStatus: orbit.FinancialPartiallyPaid,
		Address: orbit.Address{Name: "=cmd|' /C calc'!A1"}, Phone: "+44 20",
		CreatedAt: time.Date(2026, 7, 1, 23, 30, 0, 0, time.UTC),
		Payments:  []orbit.Payment{{Name: "Card", Reference: "pi_1"}},
		Lines: []orbit.OrderLine{{Title: "Mug", Variant: "Blue", SKU: "-M", Price: 1200, Quantity: 1, Fulfilled: 1,
			Taxes: vat},
			{Title: "Bowl", Price: 600, Quantity: 2, Fulfilled: 1}}}
	zone := time.FixedZone("", 3600)
	records := o.Records(zone)
	columns := orbit.OrderColumns()
	cell := func(line int, column string) string { return records[line][slices.Index(columns, column)] }
	if len(records) != 2 || len(records[0]) != len(columns) || len(records[1]) != len(columns) {
		t.Fatal(len(records), len(columns))
	}
	for column, want := range map[string]string{"Name": "#1001", "Subtotal": "21.00", "Shipping": "4.00", "Taxes": "4.67",
		"Total": "25.00", "Discount Amount": "4.00", "Created at": "2026-07-02 00:30:00 +0100", "Paid at": "",
		"Shipping Name": "'=cmd|' /C calc'!A1", "Phone": "'+44 20", "Outstanding Balance": "5.00",
		"Lineitem name": "Mug - Blue",
		"Lineitem sku":  "'-M", "Lineitem fulfillment status": "fulfilled", "Tax 1 Name": "VAT 20%", "Tax 1 Value": "4.67",
		"Tax 2 Name": "", "Payment Method": "Card", "Payment Reference": "pi_1", "Test": "false"} {
		if got := cell(0, column); got != want {
			t.Errorf("%s: %q, want %q", column, got, want)
		}
	}
	for column, want := range map[string]string{"Name": "#1001", "Email": "ada@example.com", "Total": "",
		"Lineitem name": "Bowl", "Lineitem quantity": "2", "Lineitem fulfillment status": "partially_fulfilled", "Id": ""} {
		if got := cell(1, column); got != want {
			t.Errorf("second line, %s: %q, want %q", column, got, want)
		}
	}
	o.Lines = nil
	if records = o.Records(zone); len(records) != 1 || cell(0, "Total") != "25.00" {
		t.Error("without lines:", records)
	}
	for _, r := range records {
		if strings.HasPrefix(strings.Join(r, ""), "=") {
			t.Error(r)
		}
	}
}
