package orbit

import "time"

// RefundID is the id of a refund.
type RefundID = ID[Refund]

// Refund is what a merchant gives back of an order. Amounts are minor units of the order's currency and come of what is
// stored with the order's lines: nothing is computed anew from prices and rates.
type Refund struct {
	MerchantID MerchantID `bun:",pk"`
	ID         RefundID   `bun:",pk"`
	OrderID    OrderID
	Lines      []RefundLine `bun:"type:jsonb"`
	Shipping   int64        // of the shipping, with its tax
	Amount     int64        // all of it
	Tax        int64        // of Amount
	Reason     string
	CreatedBy  string // the person, as the timeline names it
	CreatedAt  time.Time
}

// RefundLine is what is refunded of one line.
type RefundLine struct {
	ID       OrderLineID `json:"id"`
	Quantity int         `json:"quantity"`
	Restock  bool        `json:"restock"`
	Amount   int64       `json:"amount"` // with its tax
	Tax      int64       `json:"tax"`
}
