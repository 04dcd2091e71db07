package orbit

import "time"

// TransactionKind says what a transaction did with an order's money.
type TransactionKind string

// The kinds of transactions.
const (
	TransactionCharge     TransactionKind = "charge"
	TransactionRefund     TransactionKind = "refund"
	TransactionAdjustment TransactionKind = "adjustment" // neither: a second charge of the same order, paid back
)

// TransactionKinds returns all of them.
func TransactionKinds() Terms[TransactionKind] {
	return Terms[TransactionKind]{
		{TransactionCharge, "Charge"}, {TransactionRefund, "Refund"}, {TransactionAdjustment, "Adjustment"},
	}
}

// TransactionStatus says how far a transaction is at its provider.
type TransactionStatus string

// The statuses of a transaction.
const (
	TransactionPending   TransactionStatus = "pending"
	TransactionSucceeded TransactionStatus = "succeeded"
	TransactionFailed    TransactionStatus = "failed"
)

// TransactionStatuses returns all of them.
func TransactionStatuses() Terms[TransactionStatus] {
	return Terms[TransactionStatus]{
		{TransactionPending, "Pending"}, {TransactionSucceeded, "Succeeded"}, {TransactionFailed, "Failed"},
	}
}

// TransactionID is the id of a transaction.
type TransactionID = ID[Transaction]

// Transaction is one line of an order's ledger. What an order is paid, and what of that is refunded, is the sum of its
// transactions: a failed one counts nothing, a refund counts from when it is asked for.
type Transaction struct {
	MerchantID MerchantID    `bun:",pk"`
	ID         TransactionID `bun:",pk"`
	OrderID    OrderID
	PaymentID  PaymentID `bun:",nullzero"` // that took the money, or that it goes back to
	RefundID   RefundID  `bun:",nullzero"`
	Kind       TransactionKind
	Provider   string
	Amount     int64 // minor units of Currency, below zero where money goes back
	Currency   string
	Status     TransactionStatus
	Reference  string // what the provider calls it
	Failure    string // why it failed, in a sentence for the merchant
	CreatedAt  time.Time
	SettledAt  time.Time `bun:",nullzero"` // when it succeeded or failed
}
