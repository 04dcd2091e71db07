package orbit

import "time"

// PaymentStatus says what has become of a payment.
type PaymentStatus string

// The statuses of a payment.
const (
	PaymentPending    PaymentStatus = "pending"    // waits for the shopper, or for the merchant to mark it
	PaymentProcessing PaymentStatus = "processing" // the shopper has paid, the money isn't there yet: a bank debit
	PaymentPaid       PaymentStatus = "paid"
	PaymentFailed     PaymentStatus = "failed"
	PaymentExpired    PaymentStatus = "expired" // the page is closed, nothing was paid
)

// PaymentStatuses returns all of them.
func PaymentStatuses() Terms[PaymentStatus] {
	return Terms[PaymentStatus]{
		{PaymentPending, "Pending"}, {PaymentProcessing, "Processing"}, {PaymentPaid, "Paid"}, {PaymentFailed, "Failed"},
		{PaymentExpired, "Expired"},
	}
}

// Name is the status in words.
func (s PaymentStatus) Name() string { return PaymentStatuses().Name(s) }

// Open reports whether money can still come of the payment.
func (s PaymentStatus) Open() bool { return s == PaymentPending || s == PaymentProcessing }

// The providers of payments. Manual payments are settled outside the platform.
const (
	ProviderManual = "manual"
	ProviderTest   = "test"
	ProviderStripe = "stripe"
	ProviderPayPal = "paypal"
	ProviderFree   = "free" // nothing to pay
)

// Providers returns those that a shop can turn on, in the order in which shoppers see them.
func Providers() Terms[string] {
	return Terms[string]{
		{ProviderStripe, "Stripe"}, {ProviderPayPal, "PayPal"}, {ProviderManual, "Manual payment"},
		{ProviderTest, "Test payments"},
	}
}

// Hosted reports whether a provider takes the money on a page of its own.
func Hosted(provider string) bool {
	return provider == ProviderStripe || provider == ProviderPayPal || provider == ProviderTest
}

// Payment is one time that money was asked for.
type Payment struct {
	ID           PaymentID `bun:",pk"`
	MerchantID   MerchantID
	OrderID      OrderID // of the order, or of the checkout that becomes it
	Kind         string  // the provider
	Name         string
	Instructions string
	Amount       int64
	Currency     string
	Status       PaymentStatus
	Reference    string    // what the provider calls it, "" until its page is there
	AccountID    AccountID `bun:",nullzero"`
	Test         bool
	Charge       Charge `bun:"type:jsonb"` // what the provider is asked
	URL          string `bun:"url"`        // of the provider's page
	Method       string // Visa •••• 4242
	Failure      string
	Dispute      string    // the provider's word for how a dispute stands
	Expiring     bool      // to be closed: the provider is asked for it
	ExpiresAt    time.Time `bun:",nullzero"`
	CheckedAt    time.Time `bun:",nullzero"`
	NextCheckAt  time.Time `bun:",nullzero"`
	Checks       int
	CreatedAt    time.Time
	PaidAt       time.Time `bun:",nullzero"`
}

// PaymentMethod is one way an order can be paid.
type PaymentMethod struct {
	MerchantID   MerchantID `bun:",pk"`
	Kind         string     `bun:",pk"` // the provider
	Name         string
	Instructions string
	Enabled      bool
	Sample       bool      // the shop began with it, and nobody has looked at it
	Test         bool      // of Stripe and PayPal: takes no real money
	AccountID    AccountID `bun:",nullzero"` // of Stripe and PayPal, once credentials are saved
	UpdatedAt    time.Time
}

// FreeOrder is how an order of nothing is paid.
func FreeOrder() PaymentMethod {
	return PaymentMethod{Kind: ProviderFree, Name: "Nothing to pay", Enabled: true}
}

// AccountID is the id of a provider account.
type AccountID = ID[ProviderAccount]

// ProviderAccount is a shop's account at a provider of payments, as it is stored. A shop that moves to another account
// keeps the one before, for payments and refunds that are under way.
type ProviderAccount struct {
	MerchantID   MerchantID `bun:",pk"`
	ID           AccountID  `bun:",pk"`
	Provider     string
	Test         bool
	Account      string // what the provider calls it
	Name         string // as people know it
	Secret       []byte // PaymentAccount.Secrets and the webhook's, encrypted
	Last4        string `bun:"last4"`
	WebhookID    string
	WebhookToken string    // of the address that the provider sends events to
	Message      string    // what the merchant should do, "" where all is well
	CheckedAt    time.Time `bun:",nullzero"`
	LastEventAt  time.Time `bun:",nullzero"`
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// CheckoutStatus says what has become of a checkout at a provider.
type CheckoutStatus string

// The statuses of a checkout.
const (
	CheckoutOpen    CheckoutStatus = "open"
	CheckoutPlaced  CheckoutStatus = "placed"  // it is an order
	CheckoutExpired CheckoutStatus = "expired" // its stock is given back
)

// CheckoutStatuses returns all of them.
func CheckoutStatuses() Terms[CheckoutStatus] {
	return Terms[CheckoutStatus]{{CheckoutOpen, "Open"}, {CheckoutPlaced, "Placed"}, {CheckoutExpired, "Expired"}}
}

// OpenCheckout is an order to be, while its shopper is at a provider's page.
type OpenCheckout struct {
	MerchantID MerchantID `bun:",pk"`
	ID         OrderID    `bun:",pk"`
	Token      string
	CartID     CartID
	Status     CheckoutStatus
	Document   Order `bun:"type:jsonb"` // with its lines, without a number
	CreatedAt  time.Time
	EndedAt    time.Time `bun:",nullzero"`
}
