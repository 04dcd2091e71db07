package mail

import (
	"fmt"
	"strings"

	"orbit360.app/orbit"
)

// OrderData is what an email about an order says.
type OrderData struct {
	Shop    orbit.Merchant // id and name
	Contact string         // the email that shoppers write to
	Order   orbit.Order    // with its lines and payments
	URL     string         // of the order's page
	ShopURL string
}

// OrderWriter returns what composes a shop's emails about its orders.
func (c Composer) OrderWriter(shop orbit.Merchant, contact, website string) func(orbit.OrderEmail, orbit.Order) (
	orbit.Email, error,
) {
	return func(kind orbit.OrderEmail, o orbit.Order) (orbit.Email, error) {
		d := OrderData{Shop: shop, Contact: contact, Order: o, URL: website + "/orders/" + o.Token, ShopURL: website}
		if kind == orbit.EmailShipped {
			return c.Fulfilled(d)
		}
		return c.Order(d)
	}
}

// Order returns the confirmation of an order for the shopper. It is the shop's email: the platform isn't named.
func (c Composer) Order(d OrderData) (orbit.Email, error) {
	o := d.Order
	m := d.message()
	m.Subject = "Your order " + o.Name() + " at " + d.Shop.Name
	m.Preheader = "We've received your order for " + d.money(o.Total) + "."
	m.Title = "Thank you for your order"
	m.Words = []string{"We've received your order " + o.Name() + " and are getting it ready."}
	m.Facts = append(m.Facts, fact{Label: "Delivery", Value: unlinked(strings.Join(o.Address.Lines(), ", "))})
	for _, p := range o.Payments {
		m.Facts = append(m.Facts, fact{Label: "Payment", Value: strings.TrimSuffix(p.Name+". "+p.Instructions, ". ")})
	}
	if o.Note != "" {
		m.Facts = append(m.Facts, fact{Label: "Your note", Value: unlinked(strings.Join(strings.Fields(o.Note), " "))})
	}
	m.Bill = d.bill()
	return c.compose(aboutOrder(o), d.Shop.ID, o.Email, m)
}

// Fulfilled returns the shop's email that says that an order is on its way.
func (c Composer) Fulfilled(d OrderData) (orbit.Email, error) {
	o := d.Order
	m := d.message()
	m.Subject = "Your order " + o.Name() + " is on its way"
	m.Preheader = d.Shop.Name + " has sent your order."
	m.Title = "Your order is on its way"
	m.Words = []string{"Your order " + o.Name() + " has been sent."}
	for _, line := range o.Lines {
		m.Facts = append(m.Facts, fact{Label: "Item", Value: fmt.Sprintf("%d × %s", line.Quantity, lineTitle(line))})
	}
	m.Facts = append(m.Facts, fact{Label: "Delivery", Value: unlinked(strings.Join(o.Address.Lines(), ", "))})
	return c.compose(aboutOrder(o)+".fulfilled", d.Shop.ID, o.Email, m)
}

// message is what all emails about an order share.
func (d OrderData) message() message {
	name, _, _ := strings.Cut(d.Order.Address.Name, " ")
	return message{
		Greeting: "Hello " + name + ",",
		Button:   link{"View your order", d.URL},
		Note:     "Anyone with this link can see the order. Keep it to yourself.",
		Closing:  "Questions? Contact " + d.Contact + " and include your order number.",
		Why:      "You're receiving this email because you placed an order at " + d.Shop.Name + ".",
		Platform: link{d.Shop.Name, d.ShopURL},
	}
}

func (d OrderData) money(amount int64) string {
	return orbit.Money{Amount: amount, Currency: d.Order.Currency}.String()
}

func lineTitle(l orbit.OrderLine) string {
	if l.Variant == "" {
		return l.Title
	}
	return l.Title + ", " + l.Variant
}

// bill returns the order's lines and what they come to.
func (d OrderData) bill() (rows []billRow) {
	o := d.Order
	for _, line := range o.Lines {
		rows = append(rows, billRow{fmt.Sprintf("%d × %s", line.Quantity, lineTitle(line)), d.money(line.Gross()), false})
	}
	rows = append(rows, billRow{"Subtotal", d.money(o.Subtotal), false})
	if o.Discount > 0 {
		rows = append(rows, billRow{"Discount " + o.DiscountCode, d.money(-o.Discount), false})
	}
	rows = append(rows, billRow{"Shipping, " + o.ShippingName, d.money(o.Shipping), false})
	tax, total := billRow{o.TaxName, d.money(o.Tax), false}, billRow{"Total", d.money(o.Total), true}
	if o.TaxIncluded {
		tax.Label = "Including " + o.TaxName
		return append(rows, total, tax)
	}
	return append(rows, tax, total)
}

func aboutOrder(o orbit.Order) string { return "order." + o.ID.String() }

// OrderID returns the Message-ID of an order's confirmation.
func (c Composer) OrderID(o orbit.Order) string { return c.messageID(aboutOrder(o)) }
