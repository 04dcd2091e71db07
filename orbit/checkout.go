package orbit

import (
	"slices"
	"strings"
)

// Checkout is what people can choose from when they buy, and what they are taxed by.
type Checkout struct {
	Settings ShopSettings
	Zones    []ShippingZone
	Taxes    []TaxRate
	Methods  []PaymentMethod // those that are turned on
	Exempt   bool            // the shopper pays no taxes
}

// At returns a destination as rates and taxes take it: the shop's own place until a country is chosen.
func (o Checkout) At(to Destination) Destination {
	if to.Country == "" {
		return o.Settings.Address.Destination()
	}
	return to
}

// Ships reports whether the shop ships to a destination, or, while a region isn't chosen, to one of the country's.
func (o Checkout) Ships(to Destination) bool {
	_, ok := ZoneOf(o.Zones, to)
	return ok || to.Region == "" && Regional(o.Zones, to.Country)
}

// Rates returns the rates that a cart can be sent with, goods being what it costs after discounts: none where nothing
// in it is sent.
func (o Checkout) Rates(c Cart, to Destination, goods int64) []ShippingRate {
	rates := []ShippingRate{}
	if zone, ok := ZoneOf(o.Zones, o.At(to)); ok && c.Ships() {
		for _, r := range zone.Rates {
			if r.Takes(goods, c.Grams()) {
				rates = append(rates, r)
			}
		}
	}
	return rates
}

// RateOf returns the rate of a name, the first where there is none of it.
func RateOf(rates []ShippingRate, name string) (rate ShippingRate) {
	for i, r := range rates {
		if i == 0 || r.Name == name {
			rate = r
		}
	}
	return rate
}

// Bill returns what a cart costs sent to a destination with a rate, before discounts. What is picked up is taxed where
// the shop is. Who is exempt, and what isn't taxable, pays the price that is shown: of prices that include taxes
// nothing is taken off.
func (o Checkout) Bill(c Cart, to Destination, rate ShippingRate) Bill {
	if rate.Kind == ShippingPickup {
		to = Destination{}
	}
	goods, shipping := []Tax{}, []Tax{}
	for _, r := range TaxesAt(o.Taxes, o.At(to)) {
		if o.Exempt {
			break
		}
		tax := Tax{Name: r.Name, Rate: r.Rate, Included: o.Settings.TaxIncluded}
		goods = append(goods, tax)
		if r.AppliesToShipping {
			shipping = append(shipping, tax)
		}
	}
	b := Bill{Currency: o.Settings.Currency, Shipping: rate, ShippingTaxes: shipping, TaxIncluded: o.Settings.TaxIncluded}
	for _, l := range c.Lines {
		line := BillLine{Gross: l.Total()}
		if l.Taxable {
			line.Taxes = goods
		}
		b.Lines = append(b.Lines, line)
	}
	return b
}

// Rate returns the rate that a form chooses for goods of a value after discounts: the first where it chooses none.
func (o Checkout) Rate(c Cart, form CheckoutForm, goods int64) ShippingRate {
	return RateOf(o.Rates(c, form.Destination(), goods), form.Shipping)
}

// Totals works out what a cart costs as a form wants it, with what is taken off.
func (o Checkout) Totals(c Cart, form CheckoutForm, off []AppliedDiscount) Totals {
	to := form.Destination()
	goods := o.Bill(c, to, ShippingRate{})
	goods.Discounts = off
	sum := goods.Totals()
	b := o.Bill(c, to, o.Rate(c, form, sum.Subtotal-sum.Discount))
	b.Discounts = off
	return b.Totals()
}

// Check is CheckoutForm.Check with what there is for a cart of goods that cost so much after discounts. An address that
// the shop doesn't ship to is a fault on country.
func (o Checkout) Check(form CheckoutForm, c Cart, goods int64) (CheckoutForm, error) {
	to := form.Destination()
	rates := o.Rates(c, to, goods)
	if !c.Ships() {
		form.Shipping, rates = "", []ShippingRate{{}}
	}
	form, err := form.Check(rates, o.Methods)
	if CountryName(to.Country) == "" || !c.Ships() || o.Ships(to) {
		return form, err
	}
	faults := slices.DeleteFunc(Faults(FaultsOf(err)), func(f Fault) bool { return f.Field == "shipping" })
	faults.Add("country", to.Country, "We don't ship to %s.", CountryName(to.Country))
	return form, faults.Err()
}

// CheckoutForm is what a shopper fills in to buy. Key is the id of the order to be: sent twice, it
// makes one order. Seen is the total that the page showed, so that nobody pays another one unasked.
type CheckoutForm struct {
	Key      string
	Email    string
	Name     string
	Phone    string
	Line1    string
	Line2    string
	City     string
	Region   string
	Postcode string
	Country  string
	Shipping string // name of the rate
	Payment  string // kind of the method
	Discount string
	Note     string
	Seen     string
}

// Form returns the form that the order was filled in with, to be paid with a method of a kind.
func (o Order) Form(payment string) CheckoutForm {
	return CheckoutForm{Key: o.ID.String(), Email: o.Email, Name: o.Address.Name, Phone: o.Phone, Line1: o.Address.Line1,
		Line2: o.Address.Line2, City: o.Address.City, Region: o.Address.Region, Postcode: o.Address.Postcode,
		Country: o.Address.Country, Shipping: o.ShippingName, Payment: payment, Discount: o.DiscountCode, Note: o.Note}
}

// Check gives the form in its stored form, or all that is wrong with it. Rates and methods are what the
// shop has; without either nothing can be sold. Faults are on email, name, phone, line1, line2, city,
// region, postcode, country, shipping, payment, discount, note and key.
func (c CheckoutForm) Check(rates []ShippingRate, methods []PaymentMethod) (CheckoutForm, error) {
	var f Faults
	if id, err := ParseID[Order](c.Key); err != nil || id.IsZero() {
		f.Add("key", "", "This form has expired. Check it and submit it again.")
	}
	c.Email = f.email("email", c.Email)
	c.Name = f.name("name", "Full name", c.Name, 2, 120)
	c.Phone = f.phone("phone", c.Phone)
	c.Line1 = f.line("line1", "Address", c.Line1, 2, 160)
	c.Line2 = f.line("line2", "Apartment, suite, etc.", c.Line2, 0, 160)
	c.City = f.line("city", "City", c.City, 1, 100)
	c.Country = strings.ToUpper(Plain(c.Country))
	if CountryName(c.Country) == "" {
		f.Add("country", c.Country, "Choose a country.")
	}
	c.Region = f.region("region", c.Country, c.Region)
	least := 0
	if needsPostcode(c.Country) {
		least = 2
	}
	c.Postcode = f.line("postcode", "Postal code", Plain(c.Postcode), least, 16)
	if !slices.ContainsFunc(rates, func(r ShippingRate) bool { return r.Name == c.Shipping }) {
		f.Add("shipping", "", "Choose a shipping method.")
	}
	if !slices.ContainsFunc(methods, func(m PaymentMethod) bool { return m.Kind == c.Payment && m.Enabled }) {
		f.Add("payment", "", "Choose a payment method.")
	}
	code, err := ParseDiscountCode(c.Discount)
	if err != nil {
		f.Add("discount", c.Discount, "%s", Sentence(err))
	}
	c.Discount = code
	c.Note = f.text("note", "The note", c.Note, 1000)
	return c, f.Err()
}

// Destination returns where the form wants the order to go, as far as that can be told already.
func (c CheckoutForm) Destination() Destination {
	to := Destination{Country: strings.ToUpper(Plain(c.Country))}
	if CountryName(to.Country) == "" {
		return Destination{}
	}
	if region, ok := FindRegion(to.Country, Plain(c.Region)); ok {
		to.Region = region
	}
	return to
}

// Address is where the form wants the order to go.
func (c CheckoutForm) Address() Address {
	return Address{Name: c.Name, Line1: c.Line1, Line2: c.Line2, City: c.City, Region: c.Region, Postcode: c.Postcode,
		Country: c.Country}
}

// region takes one of the country's regions where it has a list, any text elsewhere.
func (f *Faults) region(field, country, value string) string {
	label := RegionLabel(country)
	before := len(*f)
	code, ok := FindRegion(country, f.line(field, label, value, 0, 100))
	if !ok && len(*f) == before {
		f.Add(field, value, "Choose a %s from the list.", strings.ToLower(label))
	}
	return code
}

// Method returns the payment method of a kind, a zero one where the shop doesn't take it.
func (c Checkout) Method(kind string) (method PaymentMethod) {
	for _, m := range c.Methods {
		if m.Kind == kind {
			method = m
		}
	}
	return method
}
