package orbit

import "time"

// PaymentStatus says what has become of the money.
type PaymentStatus string

// The statuses of a payment.
const (
	PaymentPending    PaymentStatus = "pending"    // waits for the shopper, or for the merchant to mark it
	PaymentProcessing PaymentStatus = "processing" // the shopper has done it, the money isn't there: a bank debit
	PaymentPaid       PaymentStatus = "paid"
	PaymentFailed     PaymentStatus = "failed"
	PaymentExpired    PaymentStatus = "expired" // the page is closed, nothing was paid
	PaymentRefunded   PaymentStatus = "refunded"
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

// PaymentMethod is one way an order can be paid. Kind "manual" is settled outside the platform.
type PaymentMethod struct {
	MerchantID   MerchantID `bun:",pk"`
	Kind         string     `bun:",pk"`
	Name         string
	Instructions string
	Enabled      bool
	Sample       bool // the shop began with it, and nobody has looked at it
}

// FreeOrder is how an order of nothing is paid.
func FreeOrder() PaymentMethod {
	return PaymentMethod{Kind: "free", Name: "Nothing to pay", Enabled: true}
}
