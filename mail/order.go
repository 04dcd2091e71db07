package mail

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"orbit360.app/orbit"
)

// OrderData is what an email about an order says. It is the shop's email: the platform isn't named.
type OrderData struct {
	Shop    orbit.Merchant // id and name
	Contact string         // the email that shoppers write to
	Order   orbit.Order    // with all that belongs to it
	URL     string         // of the order's page
	ShopURL string
}

// OrderWriter returns what composes a shop's emails about its orders. A Message-ID says what caused the email: the same
// each time that it is composed for that, and another one for the next time that it happens.
func (c Composer) OrderWriter(shop orbit.Merchant, contact, website string) func(orbit.OrderEmail, orbit.Order) (
	orbit.Email, error,
) {
	return func(kind orbit.OrderEmail, o orbit.Order) (orbit.Email, error) {
		d := OrderData{Shop: shop, Contact: contact, Order: o, URL: website + "/orders/" + o.Token, ShopURL: website}
		m, cause, err := d.write(kind)
		if err != nil {
			return orbit.Email{}, err
		}
		if o.Test {
			m.Subject = "[Test] " + m.Subject
			m.Words = append([]string{"This is a test order: no real money moves, and nothing is sent."}, m.Words...)
		}
		return c.compose(aboutOrder(o)+cause, shop.ID, o.Email, m)
	}
}

// write returns what an email of a kind says, and what its Message-ID has behind the order's.
func (d OrderData) write(kind orbit.OrderEmail) (m message, cause string, err error) {
	switch kind {
	case orbit.EmailConfirmation, orbit.EmailPaymentPending:
		m, cause = d.confirmation(kind == orbit.EmailPaymentPending)
		return m, cause, nil
	case orbit.EmailPaymentReceived:
		return d.received(), d.nth(".paid", orbit.EntryPaid, orbit.EntryMarkedPaid), nil
	case orbit.EmailShipped:
		if n := len(d.Order.Fulfillments); n > 0 {
			parcel := d.Order.Fulfillments[n-1]
			return d.shipped(parcel), ".shipped." + parcel.ID.String(), nil
		}
	case orbit.EmailRefunded:
		if n := len(d.Order.Refunds); n > 0 {
			refund := d.Order.Refunds[n-1]
			return d.refunded(refund), ".refund." + refund.ID.String(), nil
		}
	case orbit.EmailCanceled:
		return d.canceled(), d.nth(".canceled", orbit.EntryCanceled), nil
	}
	return m, "", fmt.Errorf("mail: order %s has nothing for an email of kind %q", d.Order.ID, kind)
}

// nth returns a cause with how often it has happened, this time too. Its entry joins the timeline with the email, so
// that no number comes twice.
func (d OrderData) nth(cause string, kinds ...orbit.OrderEntryKind) string {
	n := 1
	for _, e := range d.Order.Entries {
		if slices.Contains(kinds, e.Kind) {
			n++
		}
	}
	return cause + "." + strconv.Itoa(n)
}

func aboutOrder(o orbit.Order) string { return "order." + o.ID.String() }

// OrderID returns the Message-ID of an order's first confirmation.
func (c Composer) OrderID(o orbit.Order) string { return c.messageID(aboutOrder(o)) }

const paymentPending = "Payment pending"

// confirmation says that the shop has the order, and whether it has the money. An order that has a timeline has had its
// confirmation: this is another one.
func (d OrderData) confirmation(pending bool) (m message, cause string) {
	o := d.Order
	m = d.message()
	m.Subject = "Your order " + o.Name() + " at " + d.Shop.Name
	m.Preheader = "We've received your order for " + d.money(o.Total) + "."
	m.Title = "Thank you for your order"
	again := slices.ContainsFunc(o.Entries, func(e orbit.OrderEntry) bool { return e.Kind == orbit.EntryPlaced })
	if again {
		cause = d.nth(".confirmation", orbit.EntryEmail)
	}
	switch {
	case o.Status == orbit.OrderCanceled:
		m.Title, m.Preheader = "Your order was canceled", "This is a copy of its confirmation."
		m.Words = []string{"Here is a copy of the confirmation of your order " + o.Name() + ". The order was canceled."}
	case pending || o.Due() > 0 && d.processing():
		m.Subject += ": payment pending"
		m.Preheader = "Your payment isn't confirmed yet."
		m.Title = paymentPending
		m.Words = []string{"We've received your order " + o.Name() + ". Your payment of " + d.money(o.Due()) +
			" isn't confirmed yet: with some payment methods that takes a few days.",
			"We'll email you once we have the money, and get your order ready then. You don't need to pay again."}
	case again:
		m.Words = []string{"Here is a copy of the confirmation of your order " + o.Name() + "."}
	default:
		m.Words = []string{"We've received your order " + o.Name() + " and are getting it ready."}
	}
	m.Facts = append(m.Facts, d.delivery())
	m.Facts = append(m.Facts, d.payments()...)
	if o.Note != "" {
		m.Facts = append(m.Facts, fact{Label: "Your note", Value: unlinked(plain(o.Note, maxText))})
	}
	if m.Bill = d.bill(); m.Title == paymentPending && o.Due() > 0 {
		m.Bill[len(m.Bill)-1].Label = paymentPending // nothing is due from the shopper
	}
	return m, cause
}

// received says that an order is paid that wasn't when it was placed.
func (d OrderData) received() message {
	o := d.Order
	m := d.message()
	m.Subject = "Payment received for your order " + o.Name()
	m.Preheader = "Your order is paid in full."
	m.Title = "Payment received"
	m.Words = []string{"Thank you. We've received your payment: your order " + o.Name() + " is paid in full."}
	if o.ToFulfill > 0 {
		m.Words[0] += " We're getting it ready."
	}
	m.Facts = d.payments()
	m.Bill = d.bill()
	return m
}

// message is what all emails about an order share.
func (d OrderData) message() message {
	name, _, _ := strings.Cut(d.Order.Address.Name, " ")
	m := message{
		Greeting: "Hello " + plain(name, maxLabel) + ",",
		Button:   link{"View your order", d.URL},
		Note:     "Anyone with this link can see the order. Keep it to yourself.",
		Closing:  "Questions? Contact " + d.Contact + " and include your order number.",
		Why:      "You're receiving this email because you placed an order at " + d.Shop.Name + ".",
		Platform: link{d.Shop.Name, d.ShopURL},
	}
	if d.Contact == "" {
		m.Closing = ""
	}
	return m
}

// delivery is where the order goes.
func (d OrderData) delivery() fact {
	return fact{Label: "Delivery", Value: unlinked(plain(strings.Join(d.Order.Address.Lines(), ", "), maxText))}
}

// processing reports whether money is on its way that a provider hasn't confirmed.
func (d OrderData) processing() bool {
	return slices.ContainsFunc(d.Order.Payments, func(p orbit.Payment) bool { return p.Status == orbit.PaymentProcessing })
}

// payments returns how the order is paid, and how to pay it where that is up to the shopper.
func (d OrderData) payments() (facts []fact) {
	for _, p := range d.Order.Payments {
		if p.Status == orbit.PaymentFailed || p.Status == orbit.PaymentExpired {
			continue
		}
		how := method(p)
		if d.Order.Due() > 0 && p.Instructions != "" {
			how += ". " + strings.TrimSuffix(p.Instructions, ".") + "."
		}
		facts = append(facts, fact{Label: "Payment", Value: plain(how, maxText)})
	}
	return facts
}

// method names what a payment was made with: Credit card (Visa •••• 4242).
func method(p orbit.Payment) string {
	name := cmp.Or(p.Name, orbit.Providers().Name(p.Kind))
	if p.Method != "" && p.Method != name {
		name += " (" + p.Method + ")"
	}
	return name
}

func (d OrderData) money(amount int64) string {
	return orbit.Money{Amount: amount, Currency: d.Order.Currency}.String()
}

// item is one line of a list of things, with what it comes to.
type item struct {
	label  string
	amount int64
}

func units(n int, l orbit.OrderLine) string {
	title := l.Title
	if l.Variant != "" {
		title += ", " + l.Variant
	}
	return fmt.Sprintf("%d × %s", n, plain(title, maxLabel))
}

// Emails stay below the 102 kB at which Gmail cuts them off. The order's page has all of it.
const (
	maxItems = 50
	maxLabel = 100 // characters
	maxText  = 1500
)

// bounded returns as many items as an email has room for. The last one stands for the rest, so that the sum is the
// same.
func bounded(items []item) []item {
	if len(items) <= maxItems {
		return items
	}
	rest := item{label: fmt.Sprintf("%d more items", len(items)-maxItems+1)}
	for _, it := range items[maxItems-1:] {
		rest.amount += it.amount
	}
	return append(slices.Clone(items[:maxItems-1]), rest)
}

func (d OrderData) rows(items []item) (rows []billRow) {
	for _, it := range bounded(items) {
		rows = append(rows, billRow{it.label, d.money(it.amount), false})
	}
	return rows
}

// bill returns the order's lines, what they come to and what is paid of that.
func (d OrderData) bill() []billRow {
	o := d.Order
	var items []item
	for _, l := range o.Lines {
		items = append(items, item{units(l.Quantity, l), l.Gross()})
	}
	rows := d.rows(items)
	add := func(label string, amount int64, total bool) {
		rows = append(rows, billRow{strings.TrimSpace(label), d.money(amount), total})
	}
	add("Subtotal", o.Subtotal, false)
	for _, off := range d.discounts(false) {
		add("Discount "+off.label, -off.amount, false)
	}
	if o.ShippingName != "" || o.Shipping != 0 {
		add(strings.TrimSuffix("Shipping, "+o.ShippingName, ", "), o.Shipping, false)
	}
	for _, off := range d.discounts(true) {
		add("Shipping discount "+off.label, -off.amount, false)
	}
	taxes := func(before string) {
		for _, t := range o.Taxes() {
			add(before+plain(t.Label(), maxLabel), t.Amount, false)
		}
	}
	if !o.TaxIncluded {
		taxes("")
	}
	add("Total", o.Total, true)
	if o.TaxIncluded {
		taxes("Including ")
	}
	if o.Paid > 0 {
		add("Paid", o.Paid, false)
	}
	if o.Refunded > 0 {
		add("Refunded", -o.Refunded, false)
	}
	if o.Due() > 0 {
		add("Due", o.Due(), true)
	}
	return rows
}

// discounts returns what each discount has taken off the lines, or off the shipping.
func (d OrderData) discounts(shipping bool) (items []item) {
	for _, off := range d.Order.AppliedDiscounts() {
		if off.Shipping == shipping {
			items = append(items, item{plain(off.Name(), maxLabel), off.Amount})
		}
	}
	return items
}

// plain returns a text of people's as one line of at most so many characters. One that is written from right to left is
// set apart (Unicode's FSI and PDI), so that it turns no amount or mark beside it around.
func plain(s string, most int) string {
	s = oneLine(s)
	if r := []rune(s); len(r) > most {
		s = string(r[:most-1]) + "…"
	}
	if strings.ContainsFunc(s, func(r rune) bool {
		return unicode.In(r, unicode.Hebrew, unicode.Arabic, unicode.Syriac, unicode.Thaana, unicode.Nko)
	}) {
		return "\u2068" + s + "\u2069"
	}
	return s
}
