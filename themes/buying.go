package themes

import (
	"slices"
	"strconv"
	"strings"

	"orbit360.app/orbit"
)

// CartPage is what a shopper has chosen. Notice is what went wrong with the last change, "" for nothing.
type CartPage struct {
	Cart   orbit.Cart
	Notice string
	Fewer  []orbit.VariantID          // of which fewer are in the cart than were asked for
	Typed  map[orbit.VariantID]string // quantities that were refused with the notice
}

// Notices returns what the shopper has to know before going on.
func (p CartPage) Notices(w *Words) []string {
	var out []string
	if p.Notice != "" {
		out = append(out, p.Notice)
	}
	for _, l := range p.Cart.Lines {
		// What the address says is true only as long as the cart holds all that there is.
		if slices.Contains(p.Fewer, l.VariantID) && l.Stock > 0 && l.Quantity >= min(l.Stock, orbit.MaxQuantity) {
			out = append(out, w.OnlyInStock(min(l.Stock, orbit.MaxQuantity), l.Name()))
		}
	}
	return out
}

// CheckoutPage asks what is needed to buy. Without lines in the cart there is nothing to ask.
type CheckoutPage struct {
	Cart    orbit.Cart
	Form    orbit.CheckoutForm
	Faults  map[string]string // by the form's fields
	Notice  string
	Totals  orbit.Totals
	Rates   []orbit.ShippingRate
	Methods []orbit.PaymentMethod
}

// OrderPage confirms an order.
type OrderPage struct {
	Order       orbit.Order
	Undelivered bool // the confirmation was refused for good
}

// Crumbs lead to the cart.
func (CartPage) Crumbs(w *Words) []Crumb { return []Crumb{{w.Home, "/"}, {Label: w.Cart}} }

// Crumbs lead to the checkout.
func (CheckoutPage) Crumbs(w *Words) []Crumb {
	return []Crumb{{w.Home, "/"}, {w.Cart, "/cart"}, {Label: w.Checkout}}
}

// Line is a line of a cart or an order as a list shows it.
type Line struct {
	Product   orbit.Product // for its image and address
	Variant   string
	Quantity  int
	Price     int64
	Total     int64
	VariantID orbit.VariantID
	Stock     int
	Short     bool
	Typed     string // instead of the quantity, where it was refused
}

// CartLines returns a cart's lines.
func CartLines(c orbit.Cart) []Line {
	var out []Line
	for _, l := range c.Lines {
		out = append(out, Line{
			Product: orbit.Product{Handle: l.Handle, Title: l.Title, ProductType: l.ProductType, Images: l.Images},
			Variant: l.Variant, Quantity: l.Quantity,
			Price: l.Price, Total: l.Total(), VariantID: l.VariantID, Stock: l.Stock, Short: l.Short()})
	}
	return out
}

// lines returns the cart's, with what was typed and refused.
func (p CartPage) lines() []Line {
	out := CartLines(p.Cart)
	for i := range out {
		out[i].Typed = First(p.Typed[out[i].VariantID], strconv.Itoa(out[i].Quantity))
	}
	return out
}

// OrderLines returns an order's lines.
func OrderLines(o orbit.Order) []Line {
	var out []Line
	for _, l := range o.Lines {
		out = append(out, Line{
			Product: orbit.Product{Handle: l.Handle, Title: l.Title, ProductType: l.ProductType, Images: l.Images},
			Variant: l.Variant, Quantity: l.Quantity, Price: l.Price, Total: l.Total()})
	}
	return out
}

// shortage returns what is wrong with a line that asks for more than there is.
func shortage(w *Words, l Line) string {
	if l.Stock <= 0 {
		return w.ShortSoldOut
	}
	return w.ShortLeft(l.Stock)
}

// most is how many of a variant a form may ask for.
func most(stock int) string { return strconv.Itoa(max(1, min(stock, orbit.MaxQuantity))) }

// money is an amount of a totals' currency.
func money(t orbit.Totals, amount int64) string {
	return orbit.Money{Amount: amount, Currency: t.Currency}.String()
}

func shippingPrice(w *Words, t orbit.Totals, amount int64) string {
	if amount == 0 {
		return w.Free
	}
	return money(t, amount)
}

// taxLabel names the tax: "VAT (20 %)", "Including VAT (7.5 %)".
func taxLabel(w *Words, t orbit.Totals) string {
	label := First(t.TaxName, w.Tax)
	if t.TaxRate > 0 {
		rate := strings.TrimRight(strings.TrimRight(strconv.FormatFloat(float64(t.TaxRate)/100, 'f', 2, 64), "0"), ".")
		label = w.TaxAt(label, rate)
	}
	if t.TaxIncluded {
		label = w.TaxIncluded(label)
	}
	return label
}

// fieldOrder is the order of the checkout's fields on the page.
var fieldOrder = []string{"email", "phone", "name", "country", "line1", "line2", "city", "region", "postcode",
	"shipping", "payment", "discount", "note", "key"}

// faultsInOrder returns the faults as they stand on the page, from above.
func (p CheckoutPage) faultsInOrder() []orbit.Fault {
	var out []orbit.Fault
	for _, f := range fieldOrder {
		if m := p.Faults[f]; m != "" {
			out = append(out, orbit.Fault{Field: f, Message: m})
		}
	}
	return out
}

// Shipping is the rate that is chosen, the first until one is.
func (p CheckoutPage) shipping() string {
	for _, r := range p.Rates {
		if r.Name == p.Form.Shipping {
			return r.Name
		}
	}
	if len(p.Rates) > 0 {
		return p.Rates[0].Name
	}
	return ""
}

// region is the code of the region that was typed, "" for none of the country's.
func (p CheckoutPage) region() string {
	if code, ok := orbit.FindRegion(p.Form.Country, p.Form.Region); ok {
		return code
	}
	return ""
}

// methods returns those to choose from: none where there is nothing to pay.
func (p CheckoutPage) methods() []orbit.PaymentMethod {
	if p.Totals.Total == 0 {
		return nil
	}
	return p.Methods
}

func (p CheckoutPage) payment() string {
	for _, m := range p.Methods {
		if m.Kind == p.Form.Payment {
			return m.Kind
		}
	}
	if len(p.Methods) > 0 {
		return p.Methods[0].Kind
	}
	return ""
}

// Thanks returns the heading of the confirmation.
func (p OrderPage) Thanks(w *Words) string {
	name, _, _ := strings.Cut(p.Order.Address.Name, " ")
	return w.ThankYou(name)
}

// Next returns what happens with the order now.
func (p OrderPage) Next(w *Words) string {
	switch {
	case p.Order.Status == orbit.OrderCanceled:
		return w.OrderCanceled
	case p.Order.Status == orbit.OrderFulfilled:
		return w.OrderOnItsWay
	case p.Order.PaymentStatus == orbit.PaymentPaid && p.Order.Total > 0:
		return w.PaymentReceived
	}
	if p.Undelivered {
		return w.OrderUndelivered(p.Order.Email)
	}
	return w.OrderReceived(p.Order.Email)
}

// Field is one line of a form.
type field struct {
	Name, Label, Type, Value, Fault string
	Auto                            string // what browsers fill it from (WHATWG HTML, autofill)
	Mode                            string // of the keyboard
	Optional                        bool   // says so
	Depends                         bool   // needed or not, as the rest says: the server knows
	Most                            int
}

func (p CheckoutPage) field(name, label, kind, value, auto string, optional bool, most int) field {
	return field{Name: name, Label: label, Type: kind, Value: value, Fault: p.Faults[name], Auto: auto, Optional: optional,
		Most: most}
}

func quantityName(v orbit.VariantID) string { return "quantity." + v.String() }

// Quick reports whether a product goes into the cart from its card: there is nothing to choose.
func Quick(p orbit.Product) bool { return len(p.Variants) == 1 && p.Variants[0].Stock > 0 }
