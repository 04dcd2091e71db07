package orbit

import "time"

// CustomerData is all that a shop knows of a customer, as the customer may ask for it (GDPR, articles 15 and 20).
type CustomerData struct {
	ExportedAt time.Time       `json:"exportedAt"`
	Shop       string          `json:"shop"`
	Customer   KnownCustomer   `json:"customer"`
	Orders     []KnownOrder    `json:"orders" nullable:"false" doc:"The newest first."`
	Unfinished []KnownOrder    `json:"unfinished" nullable:"false" doc:"Checkouts that became no order, of 90 days."`
	Emails     []KnownEmail    `json:"emails" nullable:"false" doc:"That were sent to the customer."`
	Discounts  []KnownDiscount `json:"discounts" nullable:"false" doc:"Uses of discounts."`
}

// KnownCustomer is what CustomerData says of the customer.
type KnownCustomer struct {
	ID               string    `json:"id"`
	Email            string    `json:"email"`
	FirstName        string    `json:"firstName"`
	LastName         string    `json:"lastName"`
	Phone            string    `json:"phone"`
	Address          Address   `json:"address"`
	Tags             []string  `json:"tags" nullable:"false"`
	Note             string    `json:"note"`
	AcceptsMarketing bool      `json:"acceptsMarketing"`
	TaxExempt        bool      `json:"taxExempt"`
	CreatedAt        time.Time `json:"createdAt"`
	UpdatedAt        time.Time `json:"updatedAt"`
}

// KnownOrder is what CustomerData says of an order, or of a checkout.
type KnownOrder struct {
	Name      string        `json:"name"`
	PlacedAt  time.Time     `json:"placedAt"`
	Status    string        `json:"status"`
	Test      bool          `json:"test"`
	Email     string        `json:"email"`
	Phone     string        `json:"phone"`
	Address   Address       `json:"address"`
	Note      string        `json:"note"`
	Currency  string        `json:"currency"`
	Lines     []KnownLine   `json:"lines" nullable:"false"`
	Shipping  string        `json:"shipping"`
	Total     string        `json:"total"`
	Paid      string        `json:"paid"`
	Refunded  string        `json:"refunded"`
	Payments  []KnownEvent  `json:"payments" nullable:"false" doc:"What was paid and refunded, and how."`
	Parcels   []KnownParcel `json:"parcels" nullable:"false"`
	Timeline  []KnownEvent  `json:"timeline" nullable:"false"`
	Discounts []string      `json:"discounts" nullable:"false"`
}

// KnownLine is what was bought.
type KnownLine struct {
	Title    string `json:"title"`
	Variant  string `json:"variant"`
	SKU      string `json:"sku"`
	Quantity int    `json:"quantity"`
	Total    string `json:"total"`
}

// KnownEvent is what happened, in words.
type KnownEvent struct {
	At   time.Time `json:"at"`
	What string    `json:"what"`
}

// KnownParcel is what was sent.
type KnownParcel struct {
	At             time.Time `json:"at"`
	Carrier        string    `json:"carrier"`
	TrackingNumber string    `json:"trackingNumber"`
	TrackingURL    string    `json:"trackingUrl"`
}

// KnownEmail is an email that was sent. Bodies are kept for a while only.
type KnownEmail struct {
	At        time.Time `json:"at"`
	Recipient string    `json:"recipient"`
	Subject   string    `json:"subject"`
	Text      string    `json:"text"`
}

// KnownDiscount is the use of a discount.
type KnownDiscount struct {
	At       time.Time `json:"at"`
	Discount string    `json:"discount" doc:"Its code or title."`
	Order    string    `json:"order" doc:"The order's name."`
}

// Known returns what CustomerData says of the customer.
func (c Customer) Known() KnownCustomer {
	return KnownCustomer{ID: c.ID.String(), Email: c.Email, FirstName: c.FirstName, LastName: c.LastName, Phone: c.Phone,
		Address: c.Address, Tags: append([]string{}, c.Tags...), Note: c.Note, AcceptsMarketing: c.AcceptsMarketing,
		TaxExempt: c.TaxExempt, CreatedAt: c.CreatedAt.UTC(), UpdatedAt: c.UpdatedAt.UTC()}
}

// Known returns what CustomerData says of the order.
func (o Order) Known() KnownOrder {
	money := func(amount int64) string { return Money{amount, o.Currency}.String() }
	k := KnownOrder{Name: o.Name(), PlacedAt: o.CreatedAt.UTC(), Status: string(o.Status), Test: o.Test, Email: o.Email,
		Phone: o.Phone, Address: o.Address, Note: o.Note, Currency: o.Currency, Lines: []KnownLine{},
		Shipping: o.ShippingName, Total: money(o.Total), Paid: money(o.Paid), Refunded: money(o.Refunded),
		Payments: []KnownEvent{}, Parcels: []KnownParcel{}, Timeline: []KnownEvent{}, Discounts: []string{}}
	for _, l := range o.Lines {
		k.Lines = append(k.Lines, KnownLine{l.Title, l.Variant, l.SKU, l.Quantity, money(l.Total)})
	}
	for _, d := range o.AppliedDiscounts() {
		k.Discounts = append(k.Discounts, d.Title)
	}
	for _, p := range o.Payments {
		what := money(p.Amount) + ", " + p.Name + ", " + string(p.Status)
		k.Payments = append(k.Payments, KnownEvent{p.CreatedAt.UTC(), what + also(p.Method)})
	}
	for _, f := range o.Fulfillments {
		k.Parcels = append(k.Parcels, KnownParcel{f.CreatedAt.UTC(), f.Carrier, f.TrackingNumber, f.TrackingURL})
	}
	for _, e := range o.Entries {
		k.Timeline = append(k.Timeline, KnownEvent{e.CreatedAt.UTC(), e.What(o.Currency)})
	}
	return k
}
