package orbit

import (
	"strconv"
	"time"
)

// The ids of what an order is made of.
type (
	OrderID    = ID[Order]
	CustomerID = ID[Customer]
	PaymentID  = ID[Payment]

	OrderLineID = ID[OrderLine]
)

// OrderStatus says whether something is left to do about an order.
type OrderStatus string

// The statuses of an order.
const (
	OrderOpen     OrderStatus = "open"
	OrderClosed   OrderStatus = "closed" // nothing is left to fulfill or to pay
	OrderCanceled OrderStatus = "cancelled"
)

// OrderStatuses returns all of them.
func OrderStatuses() Terms[OrderStatus] {
	return Terms[OrderStatus]{{OrderOpen, "Open"}, {OrderClosed, "Closed"}, {OrderCanceled, "Canceled"}}
}

// Name is the status in words.
func (s OrderStatus) Name() string { return OrderStatuses().Name(s) }

// FinancialStatus says how much of an order is paid.
type FinancialStatus string

// The financial statuses of an order. They follow from its ledger.
const (
	FinancialPending           FinancialStatus = "pending"
	FinancialAuthorized        FinancialStatus = "authorized"
	FinancialPartiallyPaid     FinancialStatus = "partially_paid"
	FinancialPaid              FinancialStatus = "paid"
	FinancialPartiallyRefunded FinancialStatus = "partially_refunded"
	FinancialRefunded          FinancialStatus = "refunded"
	FinancialVoided            FinancialStatus = "voided" // canceled before anything was paid
)

// FinancialStatuses returns all of them.
func FinancialStatuses() Terms[FinancialStatus] {
	return Terms[FinancialStatus]{
		{FinancialPending, "Pending"}, {FinancialAuthorized, "Authorized"}, {FinancialPartiallyPaid, "Partially paid"},
		{FinancialPaid, "Paid"}, {FinancialPartiallyRefunded, "Partially refunded"}, {FinancialRefunded, "Refunded"},
		{FinancialVoided, "Voided"},
	}
}

// Name is the status in words.
func (s FinancialStatus) Name() string { return FinancialStatuses().Name(s) }

// FulfillmentStatus says how much of an order has been sent.
type FulfillmentStatus string

// The fulfillment statuses of an order.
const (
	Unfulfilled        FulfillmentStatus = "unfulfilled"
	PartiallyFulfilled FulfillmentStatus = "partially_fulfilled"
	Fulfilled          FulfillmentStatus = "fulfilled"
)

// FulfillmentStatuses returns all of them.
func FulfillmentStatuses() Terms[FulfillmentStatus] {
	return Terms[FulfillmentStatus]{
		{Unfulfilled, "Unfulfilled"}, {PartiallyFulfilled, "Partially fulfilled"}, {Fulfilled, "Fulfilled"},
	}
}

// Name is the status in words.
func (s FulfillmentStatus) Name() string { return FulfillmentStatuses().Name(s) }

// Order is what a shopper has bought, as it was at that moment. Its statuses and what is paid and refunded follow from
// its lines and its ledger; the database works them out (migrations/0034).
type Order struct {
	ID                OrderID `bun:",pk"`
	MerchantID        MerchantID
	Number            int64
	Prefix            string
	Token             string // of the confirmation's address
	CartID            CartID
	CustomerID        CustomerID
	Status            OrderStatus
	PaymentStatus     FinancialStatus
	FulfillmentStatus FulfillmentStatus
	Test              bool // paid with a provider's test mode: no sale
	Revision          int  // how often its amounts were set
	Email             string
	Phone             string
	Address           Address `bun:"type:jsonb"`
	Currency          string
	Subtotal          int64
	Discount          int64 // of all lines
	DiscountCode      string
	Discounts         []AppliedDiscount `bun:"type:jsonb"`
	Shipping          int64
	ShippingName      string
	ShippingDiscount  int64
	ShippingTax       int64
	ShippingTaxes     []TaxAmount `bun:"type:jsonb"`
	ShippingRefunded  int64       // with its tax
	Tax               int64       // of lines and shipping
	TaxName           string
	TaxRate           int
	TaxIncluded       bool
	Total             int64
	Paid              int64
	Refunded          int64 // of Paid
	ToFulfill         int   // units
	Note              string
	CancelReason      string
	Reopens           bool // canceled as unpaid: it opens again if its money comes
	CreatedAt         time.Time
	PaidAt            time.Time `bun:",nullzero"`
	FulfilledAt       time.Time `bun:",nullzero"`
	CanceledAt        time.Time `bun:",nullzero"`
	ClosedAt          time.Time `bun:",nullzero"`

	Lines        []OrderLine   `bun:"-"`
	Payments     []Payment     `bun:"-"`
	Transactions []Transaction `bun:"-"`
	Refunds      []Refund      `bun:"-"`
	Fulfillments []Fulfillment `bun:"-"`
	Entries      []OrderEntry  `bun:"-"`
	RefundedTax  int64         `bun:"-"` // of Refunded
}

// OrderRow is one line of the list of orders.
type OrderRow struct {
	Order `bun:",extend"`
	Items int
}

// Name is the number as people say it, behind what the shop had as its order prefix then: #1001.
func (o Order) Name() string { return o.Prefix + strconv.FormatInt(o.Number, 10) }

// Due is what is left to pay, 0 of an order that is canceled or paid.
func (o Order) Due() int64 {
	if o.Status == OrderCanceled {
		return 0
	}
	return max(0, o.Total-o.Paid)
}

// Totals returns the order's amounts.
func (o Order) Totals() Totals {
	t := Totals{Currency: o.Currency, Subtotal: o.Subtotal, Discounts: o.AppliedDiscounts(), Discount: o.Discount,
		ShippingName: o.ShippingName, Shipping: o.Shipping, ShippingDiscount: o.ShippingDiscount,
		ShippingTax: o.ShippingTax, ShippingTaxes: o.ShippingTaxes,
		Tax: o.Tax, TaxName: o.TaxName, TaxRate: o.TaxRate, TaxIncluded: o.TaxIncluded, Total: o.Total}
	for _, l := range o.Lines {
		t.Lines = append(t.Lines, LineTotals{Discount: l.Discount, Tax: l.Tax, Taxes: l.Taxes, Total: l.Total})
	}
	return t
}

// AppliedDiscounts returns what was taken off, those on lines first: by each discount where those are all of it.
func (o Order) AppliedDiscounts() []AppliedDiscount {
	lines, shipping := o.Discount, o.ShippingDiscount
	for _, d := range o.Discounts {
		if d.Shipping {
			shipping -= d.Amount
		} else {
			lines -= d.Amount
		}
	}
	if lines == 0 && shipping == 0 {
		return o.Discounts
	}
	var all []AppliedDiscount
	if o.Discount > 0 {
		all = append(all, AppliedDiscount{Code: o.DiscountCode, Title: o.DiscountCode, Amount: o.Discount})
	}
	if o.ShippingDiscount > 0 {
		all = append(all, AppliedDiscount{Amount: o.ShippingDiscount, Shipping: true})
	}
	return all
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
	MerchantID       MerchantID `bun:",pk"`
	OrderID          OrderID    `bun:",pk"`
	Position         int        `bun:",pk"`
	ID               OrderLineID
	VariantID        VariantID `bun:",nullzero"` // zero once the product is deleted
	ProductID        ProductID `bun:",nullzero"` // as it was then: there may be no such product any longer
	Handle           string
	Title            string
	ProductType      string
	Variant          string
	SKU              string `bun:"sku"`
	Price            int64
	Quantity         int
	Discount         int64 // the line's part of the order's
	Tax              int64
	Taxes            []TaxAmount `bun:"type:jsonb"`
	Taxable          bool
	TaxIncluded      bool // the order's
	RequiresShipping bool
	Total            int64 // Gross, less Discount, with Tax unless that is included
	Fulfilled        int   // units
	Refunded         int   // units; those that weren't fulfilled count first
	Short            int   // units that were sold though there was no stock to take

	Images []Image `bun:"-"` // the product's, as they are now; none once it is deleted
}

// Gross is the price of all of the line, with nothing taken off and no tax added.
func (l OrderLine) Gross() int64 { return l.Price * int64(l.Quantity) }

// ToFulfill is how many units are left to send.
func (l OrderLine) ToFulfill() int { return max(0, l.Quantity-l.Refunded-l.Fulfilled) }

// Held is how many of the next units of the line go back to the stock, those first that weren't sent: units that it was
// short of were never taken, and come before the others.
func (l OrderLine) Held(units int) int { return units - l.short(units) }

func (l OrderLine) short(units int) int { return min(units, l.ToFulfill(), l.Short) }
