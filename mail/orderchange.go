package mail

import (
	"cmp"
	"net/url"
	"slices"
	"strings"

	"orbit360.app/orbit"
)

// shipped says what is in a parcel and where it is.
func (d OrderData) shipped(parcel orbit.Fulfillment) message {
	o := d.Order
	part := "Your order"
	switch {
	case o.ToFulfill > 0:
		part = "Part of your order"
	case len(o.Fulfillments) > 1:
		part = "The rest of your order"
	}
	m := d.message()
	m.Subject = part + " " + o.Name() + " is on its way"
	m.Preheader = d.Shop.Name + " has sent your order."
	m.Title = part + " is on its way"
	m.Words = []string{part + " " + o.Name() + " has been sent."}
	if o.ToFulfill > 0 {
		m.Preheader = d.Shop.Name + " has sent part of your order."
		m.Words[0] += " The rest will follow."
	}
	var items []item
	for _, l := range parcel.Lines {
		if line, ok := o.Line(l.ID); ok {
			items = append(items, item{label: units(l.Quantity, line)})
		}
	}
	for _, it := range bounded(items) {
		m.Facts = append(m.Facts, fact{Label: "Item", Value: it.label})
	}
	if parcel.Carrier != "" {
		m.Facts = append(m.Facts, fact{Label: "Carrier", Value: plain(parcel.Carrier, maxLabel)})
	}
	if parcel.TrackingNumber != "" {
		m.Facts = append(m.Facts, fact{Label: "Tracking number", Value: plain(parcel.TrackingNumber, maxLabel), Mono: true})
	}
	if at := trackingLink(parcel.TrackingURL); at != "" {
		m.Facts = append(m.Facts, fact{Label: "Track it", Value: at, Link: true})
	}
	m.Facts = append(m.Facts, d.delivery())
	return m
}

// trackingLink returns an address as it stands in a text, without spaces and the like; "" for what is no web address.
func trackingLink(at string) string {
	u, err := url.Parse(at)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" {
		return ""
	}
	return linkable.Replace(u.String())
}

// linkable escapes what a query may hold and at which programs would end the link.
var linkable = strings.NewReplacer(" ", "%20", "<", "%3C", ">", "%3E", `"`, "%22")

// refunded says what a refund comes to and where it goes.
func (d OrderData) refunded(r orbit.Refund) message {
	o := d.Order
	m := d.message()
	m.Bill = d.refundBill(r)
	if r.Amount == 0 {
		m.Subject = "Your order " + o.Name() + " has changed"
		m.Preheader = "Items were removed from your order."
		m.Title = "Your order has changed"
		m.Words = []string{"The items below were removed from your order " + o.Name() + ". No money is refunded for them."}
		return m
	}
	m.Subject = "Refund of " + d.money(r.Amount) + " for your order " + o.Name()
	m.Preheader = "We've refunded " + d.money(r.Amount) + "."
	m.Title = "Your refund is on its way"
	m.Words = []string{"We've refunded " + d.money(r.Amount) + " for your order " + o.Name() + "."}
	back := slices.DeleteFunc(slices.Clone(o.Transactions), func(t orbit.Transaction) bool { return t.RefundID != r.ID })
	d.payBack(&m, back)
	return m
}

// refundBill returns what is refunded, by line. What the lines and the shipping don't come to is an adjustment.
func (d OrderData) refundBill(r orbit.Refund) []billRow {
	var items []item
	rest := r.Amount - r.Shipping
	for _, l := range r.Lines {
		if line, ok := d.Order.Line(l.ID); ok {
			items = append(items, item{units(l.Quantity, line), l.Amount})
			rest -= l.Amount
		}
	}
	rows := d.rows(items)
	if r.Shipping > 0 {
		rows = append(rows, billRow{"Shipping", d.money(r.Shipping), false})
	}
	if rest != 0 && len(rows) > 0 {
		rows = append(rows, billRow{"Adjustment", d.money(rest), false})
	}
	rows = append(rows, billRow{"Refund", d.money(r.Amount), true})
	if r.Tax > 0 {
		rows = append(rows, billRow{"Including tax", d.money(r.Tax), false})
	}
	if d.Order.Refunded > r.Amount {
		rows = append(rows, billRow{"Refunded so far", d.money(d.Order.Refunded), false})
	}
	return rows
}

// payBack adds to which methods money goes back, and how long that takes.
func (d OrderData) payBack(m *message, back []orbit.Transaction) {
	var spans []string
	for _, t := range back {
		if t.Kind != orbit.TransactionRefund || t.Status == orbit.TransactionFailed {
			continue
		}
		to := orbit.Payment{Kind: t.Provider}
		for _, p := range d.Order.Payments {
			if p.ID == t.PaymentID {
				to = p
			}
		}
		m.Facts = append(m.Facts, fact{Label: "Refunded to", Value: plain(method(to), maxText) + ": " + d.money(-t.Amount)})
		if words := d.arrives(t.Provider); !slices.Contains(spans, words) {
			spans = append(spans, words)
		}
	}
	m.Words = append(m.Words, spans...)
}

// arrives says how long a provider takes to pay back (docs.stripe.com/refunds; PayPal's help on where a refund is).
func (d OrderData) arrives(provider string) string {
	switch provider {
	case orbit.ProviderStripe:
		return "It usually takes 5 to 10 business days to arrive, depending on your bank."
	case orbit.ProviderPayPal:
		return "In your PayPal balance it usually arrives the same day; on a card or in a bank account it can take up to " +
			"30 days."
	case orbit.ProviderTest:
		return "It was paid with test payments, so no real money goes back."
	}
	return d.Shop.Name + " pays it back directly to you. How long it takes depends on how."
}

// canceled says why the order was canceled, and what becomes of the money.
func (d OrderData) canceled() message {
	o := d.Order
	m := d.message()
	m.Subject = "Your order " + o.Name() + " was canceled"
	m.Preheader = d.Shop.Name + " has canceled your order."
	m.Title = "Your order was canceled"
	if o.Reopens && o.Paid == 0 {
		m.Subject = "The payment for your order " + o.Name() + " failed"
		m.Preheader = "Nothing was charged."
		m.Title = "Your payment failed"
		m.Words = []string{"The payment for your order " + o.Name() + " failed, so the order was canceled. Nothing was " +
			"charged.",
			"Do you still want it? Order again in the shop, with another payment method if you can."}
		m.Button, m.Note = link{"Order again", d.ShopURL}, ""
		return m
	}
	m.Words = []string{"Your order " + o.Name() + " was canceled."}
	if o.CancelReason != "" {
		m.Facts = append(m.Facts, fact{Label: "Reason", Value: plain(o.CancelReason, maxText)})
	}
	switch {
	case o.Paid == 0 && d.processing():
		m.Words = append(m.Words, "Your payment isn't confirmed yet. If the money arrives after all, it is refunded.")
	case o.Paid == 0:
		words := "Nothing was charged."
		if d.byHand() {
			words += " If you have paid already, contact " + cmp.Or(d.Contact, d.Shop.Name) + "."
		}
		m.Words = append(m.Words, words)
	case o.Refunded == 0:
		m.Words = append(m.Words, "The "+d.money(o.Paid)+" that you paid isn't refunded with it. Contact "+
			cmp.Or(d.Contact, d.Shop.Name)+" about it.")
	case o.Refunded < o.Paid:
		m.Words = append(m.Words, d.money(o.Refunded)+" of the "+d.money(o.Paid)+" that you paid is refunded.")
	default:
		m.Words = append(m.Words, "All that you paid is refunded: "+d.money(o.Refunded)+".")
	}
	if o.Paid > 0 {
		m.Bill = d.bill()
	}
	d.payBack(&m, o.Transactions)
	return m
}

// byHand reports whether the shopper was to pay outside of any provider.
func (d OrderData) byHand() bool {
	return slices.ContainsFunc(d.Order.Payments, func(p orbit.Payment) bool { return p.Kind == orbit.ProviderManual })
}
