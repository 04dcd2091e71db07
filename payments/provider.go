package payments

import (
	"context"
	"net/http"

	"orbit360.app/orbit"
)

// Provider is a company that takes money on a page of its own. All calls are idempotent: they can be repeated after a
// crash or an answer that was lost. An error is temporary (Unavailable), or one of the provider's reasons in a
// sentence for the merchant: Forbidden where the credentials don't work or lack a right, Invalid where the provider
// refuses what is asked for. Errors hold no secrets.
type Provider interface {
	// Create opens the payment page of a charge. The same charge gives the same page. Gone where it is too late to open
	// it, and Conflict where the payment was asked for with other details: both take a new payment.
	Create(ctx context.Context, account orbit.PaymentAccount, charge orbit.Charge) (orbit.PaymentPage, error)
	// State reads what has become of a payment, and captures it where the shopper has approved it. The reference is
	// that of the page. A provider that no longer knows it answers NotFound. It isn't asked about a payment that Expire
	// has called expired, and State and Expire of one payment don't run at once.
	State(ctx context.Context, account orbit.PaymentAccount, charge orbit.Charge, reference string) (
		orbit.PaymentState, error)
	// Expire has the provider close the payment page and returns the state after that, which may be paid. It never
	// captures. A page that a provider can't close, as PayPal's, is expired by our own decision not to capture: from then
	// on, Expire is asked instead of State. It can be asked at any time again, and says paid where money came in spite of
	// all, as that of a capture that was on its way while the process that sent it died.
	Expire(ctx context.Context, account orbit.PaymentAccount, charge orbit.Charge, reference string) (
		orbit.PaymentState, error)
	// Refund pays money back. The same refund's ID gives the same refund.
	Refund(ctx context.Context, account orbit.PaymentAccount, refund orbit.RefundRequest) (orbit.ProviderRefund, error)
	// Check asks for the account that the credentials are for.
	Check(ctx context.Context, account orbit.PaymentAccount) (orbit.CheckedAccount, error)
	// Connect has the provider send its events to an address, and returns what it takes to verify them. An address that
	// it sends to already is used again.
	Connect(ctx context.Context, account orbit.PaymentAccount, address string) (orbit.ProviderWebhook, error)
	// Disconnect ends Connect. A webhook that isn't there is no error.
	Disconnect(ctx context.Context, account orbit.PaymentAccount, webhook string) error
	// Event verifies a message over its raw bytes and returns which payment it is about. Invalid for a message that
	// isn't the provider's, or is too old.
	Event(ctx context.Context, account orbit.PaymentAccount, header http.Header, body []byte) (orbit.ProviderEvent, error)
}
