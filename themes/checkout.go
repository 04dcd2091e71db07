package themes

import (
	"slices"

	"orbit360.app/orbit"
)

// CheckoutPage asks what is needed to buy. Without lines in the cart there is nothing to ask.
type CheckoutPage struct {
	Cart    orbit.Cart
	Form    orbit.CheckoutForm
	Faults  map[string]string // by the form's fields
	Notice  string
	Totals  orbit.Totals
	Rates   []orbit.ShippingRate
	Methods []orbit.PaymentMethod
	Nowhere string // the country that was chosen, where the shop doesn't ship to it
	Unsure  bool   // what is filled in doesn't say yet how the order can be sent
}

// Offer has the page offer what the checkout has for its cart, its form and its totals.
func (p *CheckoutPage) Offer(o orbit.Checkout, w *Words) {
	to := p.Form.Destination()
	p.Methods, p.Rates = o.Methods, o.Rates(p.Cart, to, p.Totals.Subtotal-p.Totals.Discount)
	at := o.At(to)
	p.Unsure = len(o.Zones) > 0 && (at.Country == "" || at.Region == "" && orbit.Regional(o.Zones, at.Country))
	if p.Cart.Ships() && !o.Ships(at) {
		if p.Nowhere = orbit.CountryName(at.Country); to.Country != "" && p.Faults["country"] != "" {
			p.Faults["country"] = w.NotShippedTo(p.Nowhere)
		}
	}
}

// Crumbs lead to the checkout.
func (CheckoutPage) Crumbs(w *Words) []Crumb {
	return []Crumb{{w.Home, "/"}, {w.Cart, "/cart"}, {Label: w.Checkout}}
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

// noShipping says why there is no rate to choose.
func (p CheckoutPage) noShipping(w *Words) string {
	switch {
	case !p.Cart.Ships():
		return w.NothingToShip
	case p.Nowhere != "":
		return w.NotShippedTo(p.Nowhere)
	case p.Unsure:
		return w.ShippingByPlace
	}
	return w.NoShipping
}

// region returns the code of the region that was typed, "" for none of the country's.
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

// hosted reports whether one of the methods takes the money on a page of its own.
func (p CheckoutPage) hosted() bool {
	return slices.ContainsFunc(p.methods(), func(m orbit.PaymentMethod) bool { return orbit.Hosted(m.Kind) })
}

// methodName returns what shoppers call a method.
func methodName(w *Words, m orbit.PaymentMethod) string {
	if m.Kind == orbit.ProviderStripe && (m.Name == "" || m.Name == orbit.Providers().Name(m.Kind)) {
		return w.Card
	}
	return First(m.Name, orbit.Providers().Name(m.Kind))
}

// methodNote says what choosing a method leads to.
func methodNote(w *Words, m orbit.PaymentMethod) string {
	switch {
	case m.Instructions != "" || !orbit.Hosted(m.Kind):
		return m.Instructions
	case m.Kind == orbit.ProviderTest:
		return w.NoMoneyMoves
	}
	return w.PaysAt(orbit.Providers().Name(m.Kind))
}

// isTest reports whether a method takes no real money.
func isTest(m orbit.PaymentMethod) bool { return m.Test || m.Kind == orbit.ProviderTest }

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
