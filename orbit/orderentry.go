package orbit

import (
	"strconv"
	"time"
)

// OrderEntryKind says what an entry of an order's timeline is about.
type OrderEntryKind string

// The kinds of entries.
const (
	EntryPlaced         OrderEntryKind = "placed"
	EntryPaymentPending OrderEntryKind = "payment_pending"
	EntryPaymentFailed  OrderEntryKind = "payment_failed"
	EntryPaid           OrderEntryKind = "paid"
	EntryMarkedPaid     OrderEntryKind = "marked_paid"
	EntryPaidTwice      OrderEntryKind = "paid_twice"
	EntryWrongAmount    OrderEntryKind = "wrong_amount"
	EntryShort          OrderEntryKind = "short" // paid after its stock was released and sold
	EntryFulfilled      OrderEntryKind = "fulfilled"
	EntryRefunded       OrderEntryKind = "refunded"
	EntryRefundFailed   OrderEntryKind = "refund_failed"
	EntryDisputed       OrderEntryKind = "disputed"
	EntryCanceled       OrderEntryKind = "canceled"
	EntryReopened       OrderEntryKind = "reopened" // paid after it was canceled for a payment that had failed
	EntryNote           OrderEntryKind = "note"
	EntryEmail          OrderEntryKind = "email"
)

// OrderEntry is one entry of an order's timeline.
type OrderEntry struct {
	MerchantID MerchantID     `bun:",pk"`
	ID         ID[OrderEntry] `bun:",pk"`
	OrderID    OrderID
	Kind       OrderEntryKind
	Who        string           // a person's name, "" for the shopper and the platform
	Detail     OrderEntryDetail `bun:"type:jsonb"`
	CreatedAt  time.Time
}

// OrderEntryDetail is what there is to say beside the kind.
type OrderEntryDetail struct {
	Amount   int64  `json:"amount,omitempty"` // minor units of the order's currency
	Provider string `json:"provider,omitempty"`
	Method   string `json:"method,omitempty"` // how it was paid: Visa •••• 4242
	Text     string `json:"text,omitempty"`   // a note, a reason, a failure in a sentence
	Units    int    `json:"units,omitempty"`
	Tracking string `json:"tracking,omitempty"`
	Email    string `json:"email,omitempty"` // the kind of an email that was sent
}

// What says the entry in a sentence, for an order in a currency.
func (e OrderEntry) What(currency string) string {
	d := e.Detail
	amount := Money{d.Amount, currency}.String()
	via := ""
	if name := Providers().Name(d.Provider); d.Provider != "" && name != "" {
		via = " with " + name
	}
	if d.Method != "" {
		via += " (" + d.Method + ")"
	}
	switch e.Kind {
	case EntryPlaced:
		return "The order was placed."
	case EntryPaymentPending:
		return "The payment of " + amount + via + " is pending. The provider will confirm it."
	case EntryPaymentFailed:
		return "The payment of " + amount + via + " failed." + also(d.Text)
	case EntryPaid:
		return amount + " was paid" + via + "."
	case EntryMarkedPaid:
		return amount + " was marked as paid."
	case EntryPaidTwice:
		return "The shopper paid " + amount + via + " again. It is being paid back."
	case EntryWrongAmount:
		return "The provider reports a payment that doesn't match this order." + also(d.Text)
	case EntryShort:
		return plural(d.Units, "unit was", "units were") + " out of stock when the payment arrived."
	case EntryFulfilled:
		if d.Tracking != "" {
			return plural(d.Units, "item was", "items were") + " fulfilled. Tracking number: " + d.Tracking + "."
		}
		return plural(d.Units, "item was", "items were") + " fulfilled."
	case EntryRefunded:
		return amount + " was refunded" + via + "." + also(d.Text)
	case EntryRefundFailed:
		return "The refund of " + amount + via + " failed." + also(d.Text)
	case EntryDisputed:
		return "The payment is disputed" + via + "." + also(d.Text)
	case EntryCanceled:
		return "The order was canceled." + also(d.Text)
	case EntryReopened:
		return "The order was reopened: its payment arrived after all."
	case EntryNote:
		return d.Text
	case EntryEmail:
		return OrderEmails().Name(OrderEmail(d.Email)) + " was sent to the shopper."
	}
	return ""
}

func also(text string) string {
	if text == "" {
		return ""
	}
	return " " + text
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return commas(strconv.Itoa(n)) + " " + many
}

// OrderEmail is an email that a shopper gets about an order.
type OrderEmail string

// The emails about an order.
const (
	EmailConfirmation    OrderEmail = "confirmation"
	EmailPaymentPending  OrderEmail = "payment_pending" // the confirmation, while a provider hasn't the money yet
	EmailPaymentReceived OrderEmail = "payment_received"
	EmailShipped         OrderEmail = "shipped"
	EmailRefunded        OrderEmail = "refunded"
	EmailCanceled        OrderEmail = "canceled"
)

// OrderEmails returns all of them.
func OrderEmails() Terms[OrderEmail] {
	return Terms[OrderEmail]{
		{EmailConfirmation, "Order confirmation"}, {EmailPaymentPending, "Order confirmation"},
		{EmailPaymentReceived, "Payment received"}, {EmailShipped, "Shipping confirmation"},
		{EmailRefunded, "Refund notice"}, {EmailCanceled, "Cancellation notice"},
	}
}
