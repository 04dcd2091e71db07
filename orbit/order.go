package orbit

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// The ids of what an order is made of.
type (
	OrderID    = ID[Order]
	CustomerID = ID[Customer]
	PaymentID  = ID[Payment]
)

// Customer is somebody who has bought from a shop: one person for each address of mail, and one for
// each shop.
type Customer struct {
	ID         CustomerID `bun:",pk"`
	MerchantID MerchantID
	Email      string
	Name       string
	Phone      string
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// Address is where an order goes.
type Address struct {
	Name     string `json:"name"`
	Line1    string `json:"line1"`
	Line2    string `json:"line2,omitempty"`
	City     string `json:"city"`
	Region   string `json:"region,omitempty"`
	Postcode string `json:"postcode,omitempty"`
	Country  string `json:"country"` // ISO 3166-1 alpha-2
}

// Lines is the address as it stands on a parcel.
func (a Address) Lines() []string {
	place := strings.TrimSpace(a.Postcode + " " + a.City)
	if a.Country == "US" || a.Country == "CA" || a.Country == "AU" || a.Country == "GB" {
		place = strings.TrimSpace(strings.Join(slices.DeleteFunc([]string{a.City, a.Region, a.Postcode},
			func(s string) bool { return s == "" }), " "))
	} else if a.Region != "" {
		place += ", " + a.Region
	}
	all := []string{a.Name, a.Line1, a.Line2, place, CountryName(a.Country)}
	return slices.DeleteFunc(all, func(s string) bool { return s == "" })
}

// OrderStatus says how far an order has come on its way.
type OrderStatus string

// The statuses of an order.
const (
	OrderOpen      OrderStatus = "open" // to be packed
	OrderFulfilled OrderStatus = "fulfilled"
	OrderCanceled  OrderStatus = "cancelled"
)

// OrderStatuses returns all of them.
func OrderStatuses() Terms[OrderStatus] {
	return Terms[OrderStatus]{
		{OrderOpen, "Unfulfilled"},
		{OrderFulfilled, "Fulfilled"},
		{OrderCanceled, "Canceled"},
	}
}

// Name is the status in words.
func (s OrderStatus) Name() string { return OrderStatuses().Name(s) }

// PaymentStatus says what has become of the money.
type PaymentStatus string

// The statuses of a payment.
const (
	PaymentPending  PaymentStatus = "pending"
	PaymentPaid     PaymentStatus = "paid"
	PaymentFailed   PaymentStatus = "failed"
	PaymentRefunded PaymentStatus = "refunded"
)

// PaymentStatuses returns all of them; an order's own is never the failed one, since people can pay again.
func PaymentStatuses() Terms[PaymentStatus] {
	return Terms[PaymentStatus]{
		{PaymentPending, "Pending"},
		{PaymentPaid, "Paid"},
		{PaymentFailed, "Failed"},
		{PaymentRefunded, "Refunded"},
	}
}

// Name is the status in words.
func (s PaymentStatus) Name() string { return PaymentStatuses().Name(s) }

// Order is what a shopper has bought, as it was at that moment.
type Order struct {
	ID            OrderID `bun:",pk"`
	MerchantID    MerchantID
	Number        int64
	Token         string // of the confirmation's address
	CartID        CartID
	CustomerID    CustomerID
	Status        OrderStatus
	PaymentStatus PaymentStatus
	Email         string
	Phone         string
	Address       Address `bun:"type:jsonb"`
	Currency      string
	Subtotal      int64
	Discount      int64
	DiscountCode  string
	Shipping      int64
	ShippingName  string
	Tax           int64
	TaxName       string
	TaxRate       int
	TaxIncluded   bool
	Total         int64
	Note          string
	CreatedAt     time.Time
	PaidAt        time.Time `bun:",nullzero"`
	FulfilledAt   time.Time `bun:",nullzero"`

	Lines    []OrderLine `bun:"-"`
	Payments []Payment   `bun:"-"`
}

// OrderRow is one line of the list of orders.
type OrderRow struct {
	Order  `bun:",extend"`
	Things int
}

// Name is the number as people say it: #1001.
func (o Order) Name() string { return "#" + strconv.FormatInt(o.Number, 10) }

// Totals returns the order's amounts.
func (o Order) Totals() Totals {
	return Totals{Currency: o.Currency, Subtotal: o.Subtotal, DiscountCode: o.DiscountCode, Discount: o.Discount,
		ShippingName: o.ShippingName, Shipping: o.Shipping,
		Tax: o.Tax, TaxName: o.TaxName, TaxRate: o.TaxRate, TaxIncluded: o.TaxIncluded, Total: o.Total}
}

// Count is how many things were bought.
func (o Order) Count() int {
	n := 0
	for _, l := range o.Lines {
		n += l.Quantity
	}
	return n
}

// OrderLine is one variant that was bought.
type OrderLine struct {
	MerchantID  MerchantID `bun:",pk"`
	OrderID     OrderID    `bun:",pk"`
	Position    int        `bun:",pk"`
	VariantID   VariantID  `bun:",nullzero"` // zero once the product is deleted
	Handle      string
	Title       string
	ProductType string
	Variant     string
	SKU         string `bun:"sku"`
	Price       int64
	Quantity    int

	Images []Image `bun:"-"` // the product's, as they are now; none once it is deleted
}

// Total is the line's price.
func (l OrderLine) Total() int64 { return l.Price * int64(l.Quantity) }

// Payment is one time that money was asked for.
type Payment struct {
	ID           PaymentID `bun:",pk"`
	MerchantID   MerchantID
	OrderID      OrderID
	Kind         string // of the PaymentMethod
	Name         string
	Instructions string
	Amount       int64
	Currency     string
	Status       PaymentStatus
	Reference    string // what the provider calls it
	CreatedAt    time.Time
	PaidAt       time.Time `bun:",nullzero"`
}

// FreeOrder is how an order of nothing is paid.
func FreeOrder() PaymentMethod {
	return PaymentMethod{Kind: "free", Name: "Nothing to pay", Enabled: true}
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

// Address is where the form wants the order to go.
func (c CheckoutForm) Address() Address {
	return Address{Name: c.Name, Line1: c.Line1, Line2: c.Line2, City: c.City, Region: c.Region, Postcode: c.Postcode,
		Country: c.Country}
}
