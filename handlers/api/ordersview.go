package api

import (
	"time"

	"github.com/danielgtaylor/huma/v2"

	"orbit360.app/orbit"
)

// Order is what a shopper has bought. All amounts are of its currency.
type Order struct {
	ID                string                  `json:"id" format:"uuid"`
	Number            int64                   `json:"number"`
	Name              string                  `json:"name" doc:"The number as people say it, with the shop's prefix."`
	Status            string                  `json:"status"`
	PaymentStatus     string                  `json:"paymentStatus"`
	FulfillmentStatus string                  `json:"fulfillmentStatus"`
	Test              bool                    `json:"test" doc:"Paid in a provider's test mode: no sale."`
	Customer          nullable[OrderCustomer] `json:"customer"`
	Email             string                  `json:"email"`
	Phone             string                  `json:"phone"`
	ShippingAddress   OrderAddress            `json:"shippingAddress"`
	BillingAddress    nullable[OrderAddress]  `json:"billingAddress" doc:"Null where it is the shipping address."`
	Currency          string                  `json:"currency" doc:"ISO 4217 code."`
	TaxIncluded       bool                    `json:"taxIncluded" doc:"Whether prices hold their tax."`
	Lines             []OrderLine             `json:"lines" nullable:"false"`
	Subtotal          int64                   `json:"subtotal" doc:"Of the lines, before discounts."`
	Discounts         []OrderDiscount         `json:"discounts" nullable:"false"`
	Shipping          OrderShipping           `json:"shipping"`
	Taxes             []OrderTax              `json:"taxes" nullable:"false" doc:"Of all lines and the shipping, by rate."`
	Total             int64                   `json:"total"`
	Paid              int64                   `json:"paid"`
	Refunded          int64                   `json:"refunded" doc:"Of paid."`
	Due               int64                   `json:"due" doc:"What is left to pay."`
	Transactions      []OrderTransaction      `json:"transactions" nullable:"false" doc:"The ledger, the oldest first."`
	Refunds           []OrderRefund           `json:"refunds" nullable:"false"`
	Fulfillments      []OrderFulfillment      `json:"fulfillments" nullable:"false"`
	Note              string                  `json:"note" doc:"The staff's newest."`
	CustomerNote      string                  `json:"customerNote" doc:"What the shopper wrote at the checkout."`
	Timeline          []OrderEntry            `json:"timeline" nullable:"false" doc:"The oldest first."`
	Version           int                     `json:"version"`
	CreatedAt         time.Time               `json:"createdAt"`
	UpdatedAt         time.Time               `json:"updatedAt"`
}

// OrderCustomer is who has bought, as the order has it.
type OrderCustomer struct {
	ID    string `json:"id" format:"uuid"`
	Email string `json:"email"`
	Name  string `json:"name"`
	Phone string `json:"phone"`
}

// OrderAddress is where an order goes.
type OrderAddress struct {
	Name     string `json:"name"`
	Line1    string `json:"line1"`
	Line2    string `json:"line2"`
	City     string `json:"city"`
	Region   string `json:"region" doc:"Code of the state or province, where the country has them."`
	Postcode string `json:"postcode"`
	Country  string `json:"country" doc:"ISO 3166-1 alpha-2 code."`
}

// OrderLine is one variant that was bought, as it was at that moment.
type OrderLine struct {
	ID           string     `json:"id" format:"uuid"`
	VariantID    *string    `json:"variantId" format:"uuid" doc:"Null once the product is deleted."`
	Title        string     `json:"title"`
	VariantTitle string     `json:"variantTitle" doc:"Empty where the product has one variant."`
	SKU          string     `json:"sku"`
	Quantity     int        `json:"quantity"`
	Price        int64      `json:"price" doc:"Of one unit."`
	Discount     int64      `json:"discount" doc:"The line's part of the order's."`
	Tax          int64      `json:"tax"`
	Taxes        []OrderTax `json:"taxes" nullable:"false"`
	Total        int64      `json:"total" doc:"price × quantity − discount, and the tax unless prices hold it."`
	Fulfilled    int        `json:"fulfilled" doc:"Units."`
	Refunded     int        `json:"refunded" doc:"Units."`
}

// OrderTax is what one tax comes to.
type OrderTax struct {
	Name   string `json:"name"`
	Rate   int    `json:"rate" doc:"Hundredths of a percent: 1900 is 19 %."`
	Amount int64  `json:"amount"`
}

// OrderDiscount is what one discount has taken off.
type OrderDiscount struct {
	Code   string `json:"code"`
	Title  string `json:"title"`
	Amount int64  `json:"amount"`
}

// OrderShipping is what the shipping costs.
type OrderShipping struct {
	Name     string `json:"name" doc:"Of the rate."`
	Price    int64  `json:"price"`
	Discount int64  `json:"discount"`
	Tax      int64  `json:"tax"`
	Total    int64  `json:"total" doc:"price − discount, and the tax unless prices hold it."`
}

// OrderTransaction is one line of an order's ledger.
type OrderTransaction struct {
	ID        string    `json:"id" format:"uuid"`
	Kind      string    `json:"kind"`
	Provider  string    `json:"provider"`
	Amount    int64     `json:"amount" doc:"Below zero where money goes back."`
	Status    string    `json:"status" doc:"A failed one counts nothing."`
	Reference string    `json:"reference" doc:"What the provider calls it."`
	Failure   *string   `json:"failure" doc:"Why it failed."`
	At        time.Time `json:"at"`
}

// OrderRefund is what was refunded at once.
type OrderRefund struct {
	ID        *string           `json:"id" format:"uuid" doc:"Null in a dry run."`
	Lines     []OrderRefundLine `json:"lines" nullable:"false"`
	Shipping  int64             `json:"shipping" doc:"With its tax."`
	Amount    int64             `json:"amount" doc:"All of it."`
	Tax       int64             `json:"tax" doc:"Of the amount."`
	Reason    string            `json:"reason"`
	CreatedAt *time.Time        `json:"createdAt" doc:"Null in a dry run."`
}

// OrderRefundLine is what was refunded of a line.
type OrderRefundLine struct {
	ID       string `json:"id" format:"uuid" doc:"The line's."`
	Quantity int    `json:"quantity"`
	Restock  bool   `json:"restock"`
	Amount   int64  `json:"amount" doc:"With its tax."`
	Tax      int64  `json:"tax"`
}

// OrderFulfillment is a parcel.
type OrderFulfillment struct {
	ID             string                 `json:"id" format:"uuid"`
	Lines          []OrderFulfillmentLine `json:"lines" nullable:"false"`
	Carrier        string                 `json:"carrier"`
	TrackingNumber string                 `json:"trackingNumber"`
	TrackingURL    string                 `json:"trackingUrl" doc:"Empty where the carrier has no page that is known."`
	At             time.Time              `json:"at"`
}

// OrderFulfillmentLine is how many units of a line are in a parcel.
type OrderFulfillmentLine struct {
	ID       string `json:"id" format:"uuid" doc:"The line's."`
	Quantity int    `json:"quantity"`
}

// OrderEntry is one entry of an order's timeline.
type OrderEntry struct {
	At   time.Time `json:"at"`
	Who  *string   `json:"who" doc:"A person's name; null for the shopper and the platform."`
	What string    `json:"what" doc:"A sentence."`
}

// TransformSchema lists the statuses and describes the version.
func (Order) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	s.Properties["status"].Enum = choices(orbit.OrderStatuses())
	s.Properties["paymentStatus"].Enum = choices(orbit.FinancialStatuses())
	s.Properties["fulfillmentStatus"].Enum = choices(orbit.FulfillmentStatuses())
	return describe(s, map[string]string{
		"version": "Grows with each change: an entry of the timeline, a transaction, a transaction that settles. For " +
			"telling whether an order has changed since it was read: no operation on orders takes If-Match.",
	})
}

// TransformSchema lists kinds and statuses.
func (OrderTransaction) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	s.Properties["kind"].Enum = choices(orbit.TransactionKinds())
	s.Properties["status"].Enum = choices(orbit.TransactionStatuses())
	return s
}

func orderView(o orbit.Order) Order {
	shipping := o.Shipping - o.ShippingDiscount
	if !o.TaxIncluded {
		shipping += o.ShippingTax
	}
	v := Order{ID: o.ID.String(), Number: o.Number, Name: o.Name(), Status: string(o.Status),
		PaymentStatus: string(o.PaymentStatus), FulfillmentStatus: string(o.FulfillmentStatus), Test: o.Test,
		Email: o.Email, Phone: o.Phone, ShippingAddress: OrderAddress(o.Address), Currency: o.Currency,
		TaxIncluded: o.TaxIncluded, Lines: []OrderLine{}, Subtotal: o.Subtotal, Discounts: []OrderDiscount{},
		Shipping: OrderShipping{Name: o.ShippingName, Price: o.Shipping, Discount: o.ShippingDiscount,
			Tax: o.ShippingTax, Total: shipping},
		Taxes: orderTaxes(o.Taxes()), Total: o.Total, Paid: o.Paid, Refunded: o.Refunded, Due: o.Due(),
		Transactions: []OrderTransaction{}, Refunds: []OrderRefund{}, Fulfillments: []OrderFulfillment{},
		CustomerNote: o.Note, Timeline: []OrderEntry{}, Version: o.Version(), CreatedAt: o.CreatedAt.UTC(),
		UpdatedAt: o.UpdatedAt().UTC()}
	if !o.CustomerID.IsZero() {
		v.Customer = some(OrderCustomer{ID: o.CustomerID.String(), Email: o.Email, Name: o.Address.Name, Phone: o.Phone})
	}
	for _, l := range o.Lines {
		v.Lines = append(v.Lines, orderLine(l))
	}
	for _, d := range o.AppliedDiscounts() {
		v.Discounts = append(v.Discounts, OrderDiscount{Code: d.Code, Title: d.Title, Amount: d.Amount})
	}
	for _, t := range o.Transactions {
		v.Transactions = append(v.Transactions, OrderTransaction{ID: t.ID.String(), Kind: string(t.Kind),
			Provider: t.Provider, Amount: t.Amount, Status: string(t.Status), Reference: t.Reference,
			Failure: text(t.Failure), At: t.CreatedAt.UTC()})
	}
	for _, r := range o.Refunds {
		v.Refunds = append(v.Refunds, refundView(r))
	}
	for _, f := range o.Fulfillments {
		v.Fulfillments = append(v.Fulfillments, fulfillmentView(f))
	}
	for _, e := range o.Entries {
		v.Timeline = append(v.Timeline, OrderEntry{At: e.CreatedAt.UTC(), Who: text(e.Who), What: e.What(o.Currency)})
		if e.Kind == orbit.EntryNote {
			v.Note = e.Detail.Text
		}
	}
	return v
}

func orderLine(l orbit.OrderLine) OrderLine {
	v := OrderLine{ID: l.ID.String(), Title: l.Title, VariantTitle: l.Variant, SKU: l.SKU, Quantity: l.Quantity,
		Price: l.Price, Discount: l.Discount, Tax: l.Tax, Taxes: orderTaxes(l.Taxes), Total: l.Total,
		Fulfilled: l.Fulfilled, Refunded: l.Refunded}
	if !l.VariantID.IsZero() {
		v.VariantID = text(l.VariantID.String())
	}
	return v
}

func orderTaxes(taxes []orbit.TaxAmount) []OrderTax {
	all := make([]OrderTax, len(taxes))
	for i, t := range taxes {
		all[i] = OrderTax(t)
	}
	return all
}

// refundView is a refund, or one that is only planned and has no id.
func refundView(r orbit.Refund) OrderRefund {
	v := OrderRefund{Lines: make([]OrderRefundLine, len(r.Lines)), Shipping: r.Shipping, Amount: r.Amount, Tax: r.Tax,
		Reason: r.Reason, CreatedAt: at(r.CreatedAt)}
	if !r.ID.IsZero() {
		v.ID = text(r.ID.String())
	}
	for i, l := range r.Lines {
		v.Lines[i] = OrderRefundLine{ID: l.ID.String(), Quantity: l.Quantity, Restock: l.Restock, Amount: l.Amount,
			Tax: l.Tax}
	}
	return v
}

func fulfillmentView(f orbit.Fulfillment) OrderFulfillment {
	v := OrderFulfillment{ID: f.ID.String(), Lines: make([]OrderFulfillmentLine, len(f.Lines)), Carrier: f.Carrier,
		TrackingNumber: f.TrackingNumber, TrackingURL: f.TrackingURL, At: f.CreatedAt.UTC()}
	for i, l := range f.Lines {
		v.Lines[i] = OrderFulfillmentLine{ID: l.ID.String(), Quantity: l.Quantity}
	}
	return v
}
