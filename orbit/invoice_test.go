package orbit_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"orbit360.app/orbit"
)

// checkInvoice fails unless an invoice's lines, and what it sums up by taxes, are the order's amounts to the last unit.
func checkInvoice(t *rapid.T, o orbit.Order) {
	in := o.Invoice()
	var lines, rates orbit.InvoiceAmounts
	for _, l := range in.Lines {
		base := l.Price*int64(l.Quantity) - l.Discount
		if want := map[bool]int64{true: l.Gross, false: l.Net}[o.TaxIncluded]; base != want || l.Net+l.Tax != l.Gross {
			t.Fatalf("%d isn't what %+v comes to", base, l)
		}
		lines = orbit.InvoiceAmounts{Net: lines.Net + l.Net, Tax: lines.Tax + l.Tax, Gross: lines.Gross + l.Gross}
	}
	taxes := map[orbit.TaxAmount]int64{}
	for _, r := range in.Rates {
		var parts int64
		for _, part := range r.Taxes {
			parts += part.Amount
			taxes[orbit.TaxAmount{Name: part.Name, Rate: part.Rate}] += part.Amount
		}
		if parts != r.Tax || r.Net+r.Tax != r.Gross {
			t.Fatalf("%+v doesn't add up", r)
		}
		rates = orbit.InvoiceAmounts{Net: rates.Net + r.Net, Tax: rates.Tax + r.Tax, Gross: rates.Gross + r.Gross}
	}
	whole := orbit.InvoiceAmounts{Net: o.Total - o.Tax, Tax: o.Tax, Gross: o.Total}
	if lines != whole || rates != whole || in.InvoiceAmounts != whole {
		t.Fatalf("the order is %+v, the lines %+v, the rates %+v, the invoice %+v", whole, lines, rates, in.InvoiceAmounts)
	}
	for _, tax := range o.Taxes() {
		if taxes[orbit.TaxAmount{Name: tax.Name, Rate: tax.Rate}] != tax.Amount {
			t.Fatalf("%+v isn't %v", tax, taxes)
		}
	}
}

// TestInvoices: whatever was bought, its invoice comes to the order's total, and once all of it is refunded, its credit
// notes come to the invoice, tax and all.
func TestInvoices(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		b := bills(t)
		quantities := make([]int, len(b.Lines))
		for i := range quantities {
			quantities[i] = 1
		}
		o := paid(b, quantities)
		o.ShippingName = b.Shipping.Name
		checkInvoice(t, o)
		o.Transactions = []orbit.Transaction{{Kind: orbit.TransactionCharge, Provider: orbit.ProviderManual,
			Amount: o.Paid, Status: orbit.TransactionSucceeded}}
		for o.Refundable() > 0 {
			amount := rapid.Int64Range(1, o.Refundable()).Draw(t, "refund")
			if len(o.Refunds) == 5 {
				amount = o.Refundable()
			}
			r, err := o.RefundPlan(orbit.RefundWish{Amount: &amount})
			if err != nil {
				t.Fatal(err)
			}
			r.ID = orbit.NewID[orbit.Refund]()
			for _, line := range o.PayBack(r.Amount) {
				line.RefundID = r.ID
				o.Transactions = append(o.Transactions, line)
			}
			o.Refunds = append(o.Refunds, r)
			o = refunded(o, r)
		}
		var sum orbit.InvoiceAmounts
		in := o.Invoice()
		for _, n := range in.Credits {
			sum = orbit.InvoiceAmounts{Net: sum.Net + n.Net, Tax: sum.Tax + n.Tax, Gross: sum.Gross + n.Gross}
			if n.Credited() != (orbit.InvoiceAmounts{Net: -n.Net, Tax: -n.Tax, Gross: -n.Gross}) || n.Failed {
				t.Fatalf("%+v", n)
			}
		}
		if sum != in.InvoiceAmounts {
			t.Fatalf("%+v of %+v is credited", sum, in.InvoiceAmounts)
		}
	})
}

// A credit note keeps its number when its refund fails, and is of what went back: never of units that cost nothing.
func TestCreditNotes(t *testing.T) {
	t.Parallel()
	ids := []orbit.RefundID{orbit.NewID[orbit.Refund](), orbit.NewID[orbit.Refund](), orbit.NewID[orbit.Refund]()}
	at := time.Date(2026, 11, 27, 8, 0, 0, 0, time.UTC)
	back := func(i int, amount int64, status orbit.TransactionStatus) orbit.Transaction {
		return orbit.Transaction{RefundID: ids[i], Kind: orbit.TransactionRefund, Amount: -amount, Status: status}
	}
	o := orbit.Order{Prefix: "#", Number: 1001, Refunds: []orbit.Refund{{ID: ids[0], Amount: 1190, Tax: 190},
		{ID: orbit.NewID[orbit.Refund](), Reason: "Restocked"}, {ID: ids[1], Amount: 2380, Tax: 380, CreatedAt: at},
		{ID: ids[2], Amount: 100}},
		Transactions: []orbit.Transaction{back(0, 1190, orbit.TransactionFailed), back(1, 1190, orbit.TransactionSucceeded),
			back(1, 1190, orbit.TransactionFailed), back(2, 100, orbit.TransactionPending)}}
	want := []orbit.CreditNote{{Number: "#1001-R1", Failed: true},
		{Number: "#1001-R2", At: at, InvoiceAmounts: orbit.InvoiceAmounts{Net: 1000, Tax: 190, Gross: 1190}},
		{Number: "#1001-R3", InvoiceAmounts: orbit.InvoiceAmounts{Net: 100, Gross: 100}}}
	got := o.Invoice().Credits
	if len(got) != len(want) {
		t.Fatalf("%+v", got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("%+v, want %+v", got[i], want[i])
		}
	}
}

func TestMoneyNumber(t *testing.T) {
	t.Parallel()
	for m, want := range map[orbit.Money]string{{Amount: 129900, Currency: "USD"}: "1,299.00",
		{Amount: -5, Currency: "KWD"}: "−0.005", {Currency: "JPY"}: "0"} {
		if got := m.Number(); got != want {
			t.Errorf("%v is %s", m, got)
		}
	}
	for rate, want := range map[int]string{0: "0", 750: "7.5", 998: "9.98", 1900: "19", 10000: "100"} {
		if got := (orbit.TaxAmount{Rate: rate}).Percent(); got != want {
			t.Errorf("%d is %s", rate, got)
		}
	}
}
