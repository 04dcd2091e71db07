package orbit

import (
	"strings"
	"time"
)

// PaymentAccount is a merchant's account at a provider of payments, with its secrets in the clear: it is never stored,
// logged or drawn.
type PaymentAccount struct {
	MerchantID MerchantID
	Provider   string
	Test       bool              // the provider's test mode or sandbox
	Secrets    map[string]string // by field: secretKey for Stripe; clientId and clientSecret for PayPal
	Webhook    ProviderWebhook
}

// Charge is money that is asked for, as the payment page needs it. All of it is stored with the payment, so that a
// charge that is sent again is the same to the last byte.
type Charge struct {
	Payment     PaymentID // the idempotency key
	Order       OrderID
	Amount      Money
	Description string // what people read on the page and on their statement: the shop's name and the order's
	Email       string // the shopper's
	Locale      string // BCP 47, of the shop
	ReturnURL   string // where the shopper is sent after paying
	CancelURL   string // where the shopper is sent who doesn't pay
	ExpiresAt   time.Time
}

// PaymentPage is where a shopper pays.
type PaymentPage struct {
	Reference string // what the provider calls the payment from now on
	URL       string
	ExpiresAt time.Time // zero where the provider doesn't say
}

// PaymentState is what a provider knows of a payment.
type PaymentState struct {
	Status  PaymentStatus    // PaymentPending, PaymentProcessing, PaymentPaid, PaymentFailed or PaymentExpired
	Charges []ProviderCharge // what was taken; more than one where the shopper paid twice
	Method  string           // as people read it: "Visa •••• 4242"; "" where it isn't known
	Failure string           // why it failed, in a sentence for the shopper; "" otherwise
	URL     string           // of the page, while the payment is pending
}

// ProviderCharge is money that a provider has taken.
type ProviderCharge struct {
	Reference string // what a refund names
	Amount    Money
	At        time.Time
	Refunds   []ProviderRefund // all, also those that were made at the provider's own site
	Dispute   string           // the provider's status of a dispute, "" where there is none
}

// RefundRequest is money to be paid back.
type RefundRequest struct {
	ID      TransactionID // the idempotency key
	Payment PaymentID
	Charge  string // ProviderCharge.Reference
	Amount  Money
	Reason  string
}

// ProviderRefund is what a provider knows of a refund. It can fail after it has succeeded: Stripe, "Failed refunds".
type ProviderRefund struct {
	Reference string
	ID        TransactionID // of the RefundRequest; zero where it was made at the provider's own site
	Amount    Money
	Status    TransactionStatus
	Failure   string // a sentence for the merchant
	At        time.Time
}

// CheckedAccount is what a provider says of credentials that work.
type CheckedAccount struct {
	ID   string // the account at the provider
	Name string // as people know it: its business name or email address
	Test bool
	Note string // what the merchant should know or do, "" where all is well
	// Closed says that the account takes no payments, which Note tells more about: they are turned off, or not yet on.
	Closed bool
}

// ProviderWebhook is where a provider sends its events to, with the secret that they are signed with.
type ProviderWebhook struct{ ID, Secret string }

// ProviderEvent is a verified message of a provider.
type ProviderEvent struct {
	ID        string
	Payment   PaymentID // zero where the message names it by a reference alone
	Reference string    // of a PaymentPage or ProviderCharge
	Test      bool
}

// ProviderForm is what a merchant enters of an account at a provider. A secret that is empty stays as it is stored.
type ProviderForm struct {
	Mode    PaymentMode // "" is that of the credentials where they tell, or else that of the account before
	Replace bool        // another account may take the place of the one before
	Active  bool        // the account is to take payments at once
	Secrets map[string]string
}

// PaymentMode says whether an account at a provider takes real money.
type PaymentMode string

// The modes of an account. A provider may call its test mode a sandbox.
const (
	ModeTest PaymentMode = "test"
	ModeLive PaymentMode = "live"
)

// PaymentModes returns both.
func PaymentModes() Terms[PaymentMode] {
	return Terms[PaymentMode]{{ModeTest, "test mode"}, {ModeLive, "live mode"}}
}

// ModeOf returns the mode that takes real money, or the one that doesn't.
func ModeOf(test bool) PaymentMode {
	if test {
		return ModeTest
	}
	return ModeLive
}

// ProviderSecrets returns the names of the secrets that an account at a provider has.
func ProviderSecrets(provider string) []string {
	switch provider {
	case ProviderStripe:
		return []string{"secretKey"}
	case ProviderPayPal:
		return []string{"clientId", "clientSecret"}
	}
	return nil
}

// AccountName names an account at a provider to people, by what they and what the provider call it.
func AccountName(id, name string) string {
	switch {
	case name == "" || name == id:
		return id
	case strings.HasPrefix(id, "…"): // stands for an id that isn't known
		return name
	}
	return name + " (" + id + ")"
}

// ProviderCheck is what came of asking a provider about an account.
type ProviderCheck struct {
	OK          bool
	Away        bool   // the provider couldn't be asked
	Account     string // what the provider calls it
	Name        string
	Test        bool
	Message     string // what is wrong, or what the merchant should know; "" where all is well
	LastEventAt time.Time
}

// Connected says which account credentials are for: "Connected to Moss & Stone (acct_1), test mode."
func Connected(account, name string, test bool) string {
	return "Connected to " + AccountName(account, name) + ", " + PaymentModes().Name(ModeOf(test)) + "."
}
