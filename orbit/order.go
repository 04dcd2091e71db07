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

// Order is what a shopper has bought, as it was at that moment.
type Order struct {
	ID            OrderID `bun:",pk"`
	MerchantID    MerchantID
	Number        int64
	Prefix        string
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

	ShippingDiscount int64             `bun:"-"`
	ShippingTax      int64             `bun:"-"`
	ShippingTaxes    []TaxAmount       `bun:"-"`
	ShippingRefunded int64             `bun:"-"` // with its tax
	Discounts        []AppliedDiscount `bun:"-"`
	Paid             int64             `bun:"-"`
	Refunded         int64             `bun:"-"`
	RefundedTax      int64             `bun:"-"` // of Refunded

	Lines    []OrderLine `bun:"-"`
	Payments []Payment   `bun:"-"`
}

// OrderRow is one line of the list of orders.
type OrderRow struct {
	Order `bun:",extend"`
	Items int
}

// Name is the number as people say it, behind what the shop had as its order prefix then: #1001.
func (o Order) Name() string { return o.Prefix + strconv.FormatInt(o.Number, 10) }

// Totals returns the order's amounts.
func (o Order) Totals() Totals {
	t := Totals{Currency: o.Currency, Subtotal: o.Subtotal, DiscountCode: o.DiscountCode, Discount: o.Discount,
		ShippingName: o.ShippingName, Shipping: o.Shipping, ShippingDiscount: o.ShippingDiscount,
		ShippingTax: o.ShippingTax, ShippingTaxes: o.ShippingTaxes,
		Tax: o.Tax, TaxName: o.TaxName, TaxRate: o.TaxRate, TaxIncluded: o.TaxIncluded, Total: o.Total}
	for _, l := range o.Lines {
		t.Lines = append(t.Lines, LineTotals{Discount: l.Discount, Tax: l.Tax, Taxes: l.Taxes, Total: l.Total})
	}
	return t
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
	ProductID   ProductID  `bun:",nullzero"` // as it was then: there may be no such product any longer
	Handle      string
	Title       string
	ProductType string
	Variant     string
	SKU         string `bun:"sku"`
	Price       int64
	Quantity    int

	ID               OrderLineID `bun:"-"`
	Discount         int64       `bun:"-"` // the line's part of the order's
	Tax              int64       `bun:"-"`
	Taxes            []TaxAmount `bun:"-"`
	Taxable          bool        `bun:"-"`
	RequiresShipping bool        `bun:"-"`
	Total            int64       `bun:"-"` // Gross, less Discount, with Tax unless that is included
	Fulfilled        int         `bun:"-"` // units
	Refunded         int         `bun:"-"` // units

	Images []Image `bun:"-"` // the product's, as they are now; none once it is deleted
}

// Gross is the price of all of the line, with nothing taken off and no tax added.
func (l OrderLine) Gross() int64 { return l.Price * int64(l.Quantity) }

// AppliedDiscount is what one discount has taken off an order.
type AppliedDiscount struct {
	Code   string `json:"code"`
	Title  string `json:"title"`
	Amount int64  `json:"amount"`
}
