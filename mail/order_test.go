package mail

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"orbit360.app/orbit"
)

const (
	orderToken = "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA"
	website    = "https://moss-and-stone.orbit360.app"
)

// orderEmail is an email about an order of a shop.
type orderEmail struct {
	shop  orbit.Merchant
	kind  orbit.OrderEmail
	order orbit.Order
}

func (e orderEmail) email(t *testing.T) orbit.Email {
	t.Helper()
	m, err := composer.OrderWriter(e.shop, e.shop.Email, website)(e.kind, e.order)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// of returns the id of a number.
func of[T any](n int) orbit.ID[T] {
	return must(orbit.ParseID[T](fmt.Sprintf("01960000-0000-7000-8000-%012x", n)))
}

// order is the nth at a shop, to be paid by bank transfer. What the shop's owner typed stands in it too.
func order(m orbit.Merchant, n int) orbit.Order {
	included := m.ID == nasty.ID
	vat := []orbit.Tax{{Name: "VAT", Rate: 1900}}
	return filled(orbit.Order{ID: of[orbit.Order](n), Prefix: "#", Number: int64(1000 + n), Token: orderToken,
		Status: orbit.OrderOpen, Email: "june@example.com", Note: "Leave it\nwith the neighbor " + m.Name,
		Address: orbit.Address{Name: "June Juniper", Line1: "12 Quay Street", City: "Bristol", Postcode: "BS1 4QA",
			Country: "GB"},
		Lines: []orbit.OrderLine{{Title: "Stoneware Mug", Variant: "Moss", Price: 2400, Quantity: 2},
			{Title: m.Name, Price: 1400, Quantity: 1}},
		Payments: []orbit.Payment{{ID: of[orbit.Payment](n), Kind: orbit.ProviderManual, Name: "Bank transfer",
			Status: orbit.PaymentPending, Instructions: "Transfer the total with your order number as reference."}}},
		orbit.Bill{Currency: "EUR", Discounts: []orbit.AppliedDiscount{{Code: "SPRING", Amount: 620}},
			TaxIncluded: included, ShippingTaxes: vat,
			Shipping: orbit.ShippingRate{Name: "Standard", Price: 500}}, vat)
}

// filled is an order with its amounts, each line taxed alike.
func filled(o orbit.Order, b orbit.Bill, taxes []orbit.Tax) orbit.Order {
	for _, l := range o.Lines {
		b.Lines = append(b.Lines, orbit.BillLine{Gross: l.Gross(), Taxes: taxes})
	}
	t := b.Totals()
	o.Currency, o.Subtotal, o.Total, o.Discount, o.DiscountCode = t.Currency, t.Subtotal, t.Total, t.Discount,
		t.DiscountCode()
	o.Discounts = t.Discounts
	o.Shipping, o.ShippingName, o.ShippingDiscount = t.Shipping, t.ShippingName, t.ShippingDiscount
	o.ShippingTax, o.ShippingTaxes, o.Tax, o.TaxIncluded = t.ShippingTax, t.ShippingTaxes, t.Tax, t.TaxIncluded
	for i := range o.Lines {
		l := &o.Lines[i]
		l.ID, l.Discount, l.Tax, l.Taxes, l.Total = of[orbit.OrderLine](i+1), t.Lines[i].Discount, t.Lines[i].Tax,
			t.Lines[i].Taxes, t.Lines[i].Total
	}
	o.ToFulfill = o.Count()
	return o
}

// by has the order paid at a provider, as far as a status says.
func by(o orbit.Order, provider string, status orbit.PaymentStatus) orbit.Order {
	p := &o.Payments[0]
	*p = orbit.Payment{ID: p.ID, Kind: provider, Name: "Credit card", Status: status, Amount: o.Total}
	if status == orbit.PaymentPaid {
		p.Method, o.Paid = "Visa •••• 4242", o.Total
	}
	o.Test = provider == orbit.ProviderTest
	return o
}

// sent adds a parcel with units of the first lines.
func sent(o orbit.Order, n int, parcel orbit.Fulfillment, units ...int) orbit.Order {
	parcel.ID = of[orbit.Fulfillment](n)
	for i, u := range units {
		o.ToFulfill -= u
		parcel.Lines = append(parcel.Lines, orbit.FulfillmentLine{ID: o.Lines[i].ID, Quantity: u})
	}
	o.Fulfillments = append(slices.Clone(o.Fulfillments), parcel)
	return o
}

// back adds a refund, as the store does.
func back(o orbit.Order, n int, want orbit.RefundWish) orbit.Order {
	r := must(o.RefundPlan(want))
	r.ID = of[orbit.Refund](n)
	o.Transactions = slices.Clone(o.Transactions)
	if len(o.Transactions) == 0 {
		o.Transactions = []orbit.Transaction{{PaymentID: o.Payments[0].ID, Kind: orbit.TransactionCharge,
			Provider: o.Payments[0].Kind, Amount: o.Paid, Status: orbit.TransactionSucceeded}}
	}
	for _, t := range o.PayBack(r.Amount) {
		t.RefundID = r.ID
		o.Transactions = append(o.Transactions, t)
	}
	o.Refunded += r.Amount
	o.Refunds = append(slices.Clone(o.Refunds), r)
	return o
}

func canceled(o orbit.Order, reason string) orbit.Order {
	o.Status, o.CancelReason, o.Reopens = orbit.OrderCanceled, reason, reason == orbit.ReasonUnpaid
	return o
}

func entered(o orbit.Order, kinds ...orbit.OrderEntryKind) orbit.Order {
	for _, kind := range kinds {
		o.Entries = append(o.Entries, orbit.OrderEntry{Kind: kind})
	}
	return o
}

// orderEmails returns one email for each thing that happens to an order, of two shops.
func orderEmails() map[string]orderEmail {
	dhl := orbit.Fulfillment{Carrier: "DHL", TrackingNumber: "JJD0099 1234", TrackingURL: orbit.TrackingURL("DHL",
		"JJD0099 1234")}
	paid := by(order(moss, 20), orbit.ProviderStripe, orbit.PaymentPaid)
	mug := []orbit.RefundLine{{ID: paid.Lines[0].ID, Quantity: 1}}
	amount, all := int64(1000), paid.Total
	first := back(paid, 1, orbit.RefundWish{Lines: mug, Shipping: 200})
	dollars := by(order(nasty, 21), orbit.ProviderPayPal, orbit.PaymentPaid)
	plain := by(order(moss, 22), orbit.ProviderManual, orbit.PaymentPaid)
	emails := map[string]orderEmail{
		"order":          {moss, orbit.EmailConfirmation, order(moss, 1)},
		"order-nasty":    {nasty, orbit.EmailConfirmation, order(nasty, 2)},
		"order-paid":     {moss, orbit.EmailConfirmation, by(order(moss, 3), orbit.ProviderStripe, orbit.PaymentPaid)},
		"order-again":    {moss, orbit.EmailConfirmation, entered(order(moss, 1), orbit.EntryPlaced)},
		"order-test":     {moss, orbit.EmailConfirmation, by(order(moss, 4), orbit.ProviderTest, orbit.PaymentPaid)},
		"order-pending":  {moss, orbit.EmailPaymentPending, by(order(moss, 5), orbit.ProviderStripe, orbit.PaymentPending)},
		"order-free":     {moss, orbit.EmailConfirmation, free(6)},
		"order-extreme":  {nasty, orbit.EmailConfirmation, extreme(7)},
		"received":       {moss, orbit.EmailPaymentReceived, by(order(moss, 8), orbit.ProviderStripe, orbit.PaymentPaid)},
		"received-nasty": {nasty, orbit.EmailPaymentReceived, by(order(nasty, 9), orbit.ProviderManual, orbit.PaymentPaid)},
		"shipped":        {moss, orbit.EmailShipped, sent(order(moss, 10), 1, dhl, 2, 1)},
		"shipped-part":   {moss, orbit.EmailShipped, sent(order(moss, 10), 2, orbit.Fulfillment{}, 1)},
		"shipped-rest": {moss, orbit.EmailShipped, sent(sent(order(moss, 10), 2, orbit.Fulfillment{}, 1), 3,
			orbit.Fulfillment{Carrier: "Our own bicycle"}, 1, 1)},
		"shipped-nasty": {nasty, orbit.EmailShipped, sent(order(nasty, 11), 4, orbit.Fulfillment{Carrier: nasty.Name,
			TrackingNumber: nasty.OwnerName, TrackingURL: "https://parcels.example/a b?n=" + nasty.OwnerName}, 2, 1)},
		"shipped-script": {nasty, orbit.EmailShipped, sent(order(nasty, 11), 5, orbit.Fulfillment{
			TrackingURL: "javascript:alert(1)"}, 2, 1)},
		"refunded":         {moss, orbit.EmailRefunded, first},
		"refunded-amount":  {moss, orbit.EmailRefunded, back(first, 2, orbit.RefundWish{Amount: &amount})},
		"refunded-nasty":   {nasty, orbit.EmailRefunded, back(dollars, 3, orbit.RefundWish{Lines: mug, Amount: &amount})},
		"refunded-by-hand": {moss, orbit.EmailRefunded, back(plain, 4, orbit.RefundWish{Amount: &amount})},
		"refunded-nothing": {moss, orbit.EmailRefunded, back(plain, 5, orbit.RefundWish{Lines: mug, Amount: new(int64)})},
		"canceled":         {moss, orbit.EmailCanceled, canceled(order(moss, 30), "We've run out of clay.")},
		"canceled-failed": {moss, orbit.EmailCanceled, canceled(by(order(moss, 31), orbit.ProviderStripe,
			orbit.PaymentProcessing), orbit.ReasonUnpaid)},
		"canceled-processing": {moss, orbit.EmailCanceled, canceled(by(order(moss, 32), orbit.ProviderStripe,
			orbit.PaymentProcessing), "")},
		"canceled-refunded": {moss, orbit.EmailCanceled, canceled(back(paid, 6, orbit.RefundWish{Amount: &all}), "")},
		"canceled-part": {moss, orbit.EmailCanceled, canceled(back(by(order(moss, 33), orbit.ProviderPayPal,
			orbit.PaymentPaid), 7, orbit.RefundWish{Amount: &amount}), "")},
		"canceled-kept": {nasty, orbit.EmailCanceled, canceled(by(order(nasty, 34), orbit.ProviderTest, orbit.PaymentPaid),
			nasty.OwnerName)},
	}
	return emails
}

// free is an order of nothing, untaxed and sent without shipping.
func free(n int) orbit.Order {
	o := order(moss, n)
	o.Payments = []orbit.Payment{{Kind: orbit.ProviderFree, Name: orbit.FreeOrder().Name, Status: orbit.PaymentPaid}}
	all := []orbit.AppliedDiscount{{Code: "ALL", Amount: math.MaxInt64}}
	return filled(o, orbit.Bill{Currency: "JPY", Discounts: all}, nil)
}

// extreme is an order of as many lines as there can be, with as much in each, of a name that reads from right to left.
func extreme(n int) orbit.Order {
	o := order(nasty, n)
	o.Lines = nil
	for i := range orbit.MaxCartLines {
		o.Lines = append(o.Lines, orbit.OrderLine{Title: strings.Repeat("קנקן & ", 40), Variant: strings.Repeat("גדול ", 40),
			Price: 99_999_999, Quantity: i + 1})
	}
	o.Note = strings.Repeat("בבקשה ", 200)
	o.Address.Name = "מרים " + strings.Repeat("כהן ", 20)
	o.Payments[0].Instructions = strings.Repeat("<b> ", 250)
	taxes := []orbit.Tax{{Name: "Goods and services tax", Rate: 500}, {Name: "Provincial tax", Rate: 998}, {Rate: 1}}
	return filled(o, orbit.Bill{Currency: "KWD", ShippingTaxes: taxes,
		Discounts: []orbit.AppliedDiscount{{Code: "SPRING", Amount: 1_000_001}, {Amount: 2_345, Shipping: true}},
		Shipping:  orbit.ShippingRate{Name: "Courier", Price: 12_345}}, taxes)
}

// What stands in the bill adds up to what is charged, however long it is, and Gmail shows all of it.
func TestOrderEmailsAreBounded(t *testing.T) {
	t.Parallel()
	many := by(extreme(1), orbit.ProviderStripe, orbit.PaymentPaid)
	var units []int
	var lines []orbit.RefundLine
	for _, l := range many.Lines {
		units, lines = append(units, l.Quantity), append(lines, orbit.RefundLine{ID: l.ID, Quantity: l.Quantity})
	}
	emails := orderEmails()
	emails["all sent"] = orderEmail{nasty, orbit.EmailShipped, sent(many, 1, orbit.Fulfillment{}, units...)}
	emails["all refunded"] = orderEmail{nasty, orbit.EmailRefunded, back(many, 1, orbit.RefundWish{Lines: lines})}
	for name, e := range emails {
		m := e.email(t)
		if len(m.HTML) > 100_000 || len(m.Text) > 30_000 || !utf8.ValidString(m.HTML) || len(m.Subject) > 200 {
			t.Errorf("%s: %d bytes of HTML, %d of text, subject %q", name, len(m.HTML), len(m.Text), m.Subject)
		}
	}
	for name, o := range map[string]orbit.Order{"short": order(moss, 1), "included": order(nasty, 1), "long": many} {
		var sum int64
		d := OrderData{Order: o}
		rows := d.bill()
		for _, it := range itemsOf(o) {
			sum += it.amount
		}
		if sum != o.Subtotal || !slices.ContainsFunc(rows, func(r billRow) bool {
			return r.Total && r.Amount == d.money(o.Total)
		}) {
			t.Errorf("%s: %d isn't %d, or there is no total in %v", name, sum, o.Subtotal, rows)
		}
	}
}

// itemsOf returns the items that an email has of an order.
func itemsOf(o orbit.Order) []item {
	var items []item
	for _, l := range o.Lines {
		items = append(items, item{units(l.Quantity, l), l.Gross()})
	}
	return bounded(items)
}

// A cause has one Message-ID, however often its email is composed, and no other cause has it: the emails' table refuses
// a second one, and with it what was to be done.
func TestOrderMessageIDs(t *testing.T) {
	t.Parallel()
	o := by(order(moss, 1), orbit.ProviderStripe, orbit.PaymentPaid)
	id := func(kind orbit.OrderEmail, o orbit.Order) string { return orderEmail{moss, kind, o}.email(t).MessageID }
	if got := id(orbit.EmailConfirmation, o); got != composer.OrderID(o) || id(orbit.EmailPaymentPending, o) != got {
		t.Errorf("the first confirmation is %s", got)
	}
	placed := entered(o, orbit.EntryPlaced)
	resent := entered(placed, orbit.EntryEmail)
	paid, reopened := entered(placed, orbit.EntryPaid), entered(placed, orbit.EntryCanceled, orbit.EntryReopened)
	part := sent(placed, 1, orbit.Fulfillment{}, 1)
	amount := int64(100)
	some := back(placed, 1, orbit.RefundWish{Amount: &amount})
	kinds := map[string]string{}
	for name, got := range map[string]string{
		"confirmation":       id(orbit.EmailConfirmation, o),
		"resent":             id(orbit.EmailConfirmation, placed),
		"resent again":       id(orbit.EmailConfirmation, resent),
		"received":           id(orbit.EmailPaymentReceived, placed),
		"received the rest":  id(orbit.EmailPaymentReceived, paid),
		"marked as paid":     id(orbit.EmailPaymentReceived, entered(paid, orbit.EntryMarkedPaid)),
		"part":               id(orbit.EmailShipped, part),
		"rest":               id(orbit.EmailShipped, sent(part, 2, orbit.Fulfillment{}, 1)),
		"refund":             id(orbit.EmailRefunded, some),
		"refund again":       id(orbit.EmailRefunded, back(some, 2, orbit.RefundWish{Amount: &amount})),
		"canceled":           id(orbit.EmailCanceled, canceled(placed, orbit.ReasonUnpaid)),
		"canceled once more": id(orbit.EmailCanceled, canceled(reopened, "")),
		"of another order":   id(orbit.EmailConfirmation, order(nasty, 2)),
	} {
		if other := kinds[got]; other != "" {
			t.Errorf("%s and %s share %s", name, other, got)
		}
		kinds[got] = name
	}
	for _, want := range []string{"<order." + o.ID.String() + ".shipped." + of[orbit.Fulfillment](2).String(),
		"<order." + o.ID.String() + ".refund." + of[orbit.Refund](2).String()} {
		if !slices.ContainsFunc(slices.Collect(maps.Keys(kinds)), func(s string) bool { return strings.HasPrefix(s, want) }) {
			t.Errorf("no %s", want)
		}
	}
	for _, kind := range []orbit.OrderEmail{orbit.EmailShipped, orbit.EmailRefunded, "thanks"} {
		if m, err := composer.OrderWriter(moss, moss.Email, website)(kind, o); err == nil {
			t.Errorf("%s of an order without one: %s", kind, m.Subject)
		}
	}
}

// What an email says of the money is what the order's ledger says.
func TestOrderEmailsSayWhatIsPaid(t *testing.T) {
	t.Parallel()
	emails := orderEmails()
	const pending, charged, back = "isn't confirmed yet", "Nothing was charged", "Refunded to"
	for name, want := range map[string][2][]string{ // what it says, what it doesn't
		"order":               {{"Due: €", "Transfer the total"}, {"Paid:", "Test", pending}},
		"order-paid":          {{"Paid: €", "Visa •••• 4242"}, {"Due:", pending, "Refunded"}},
		"order-again":         {{"copy of the confirmation"}, nil},
		"order-pending":       {{pending, "don't need to pay again", "Payment pending: €"}, {"Paid:", "Due:"}},
		"order-free":          {{"Total: ¥0", "Discount ALL"}, {"Due:", "Paid:", "VAT", "Shipping"}},
		"order-test":          {{"[Test]", "test order: no real money moves"}, nil},
		"order-extreme":       {{"51 more items", "Shipping discount: −", "Tax 0.01%", "Provincial tax 9.98%"}, nil},
		"order-nasty":         {{"Including VAT 19%"}, nil},
		"received":            {{"paid in full", "Paid: €"}, {"Due:"}},
		"shipped":             {{"2 × Stoneware Mug", "JJD0099 1234", "DHL", "https://www.dhl.com/"}, {"Part of", "rest"}},
		"shipped-part":        {{"Part of your order", "1 × Stoneware Mug", "will follow"}, {"Carrier", "Track it"}},
		"shipped-rest":        {{"The rest of your order", "Our own bicycle"}, {"Part of", "Track it"}},
		"shipped-nasty":       {{"https://parcels.example/a%20b?n=%3C/td%3E%3Cscript%3E"}, nil},
		"shipped-script":      {nil, {"javascript"}},
		"refunded":            {{"5 to 10 business days", back, "Visa •••• 4242", "Including tax"}, {"so far"}},
		"refunded-amount":     {{"Refund: €10.00", "Refunded so far"}, {"Adjustment"}},
		"refunded-nasty":      {{"PayPal balance", "Adjustment: −€"}, nil},
		"refunded-by-hand":    {{"pays it back directly"}, {"business days"}},
		"refunded-nothing":    {{"No money is refunded"}, {back}},
		"canceled":            {{"run out of clay", charged, "If you have paid already"}, {"Total:"}},
		"canceled-failed":     {{"payment for your order #1031 failed", charged, "Order again", website}, {orderToken}},
		"canceled-processing": {{"arrives after all, it is refunded"}, {charged, "Reason"}},
		"canceled-refunded":   {{"All that you paid is refunded", "5 to 10 business days", back}, {charged, "Due:"}},
		"canceled-part":       {{"€10.00 of the €", "is refunded"}, {charged, "All that"}},
		"canceled-kept":       {{"isn't refunded with it", "[Test]"}, {charged, back}},
	} {
		m := emails[name].email(t)
		text := m.Subject + " " + strings.Join(strings.Fields(m.Text), " ")
		for _, words := range want[0] {
			if !strings.Contains(text, words) {
				t.Errorf("%s doesn't say %q: %s", name, words, text)
			}
		}
		for _, words := range want[1] {
			if strings.Contains(text, words) {
				t.Errorf("%s says %q: %s", name, words, text)
			}
		}
	}
}
