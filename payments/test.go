package payments

import (
	"context"
	"net/http"
	"net/url"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

// TestProvider is Test payments: a provider of our own, where a shopper chooses on a page what is to become of a
// payment. It takes no money. Its page is a shop's, at /pay; unlike the others it keeps what it knows in the database.
type TestProvider struct{ DB shop.Database }

var _ Provider = TestProvider{}

// testPage is the address of the page, before its token.
const testPage = "/pay/"

// Create makes the page of a charge, at the website that the shopper returns to.
func (p TestProvider) Create(ctx context.Context, account orbit.PaymentAccount, charge orbit.Charge) (
	page orbit.PaymentPage, err error,
) {
	var known orbit.TestPayment
	err = p.do(ctx, account, func(t *shop.Tenant) (err error) {
		known, err = t.OpenTestPayment(ctx, charge.Payment)
		return err
	})
	if err == nil && !known.ExpiredAt.IsZero() {
		err = orbit.Errorf(orbit.Gone, "This payment has expired.")
	}
	if err != nil {
		return page, err
	}
	at, err := pageURL(known, charge)
	return orbit.PaymentPage{Reference: reference(charge.Payment), URL: at, ExpiresAt: charge.ExpiresAt}, err
}

func reference(id orbit.PaymentID) string { return "test_" + id.String() }

func pageURL(known orbit.TestPayment, charge orbit.Charge) (string, error) {
	at, err := url.Parse(charge.ReturnURL)
	if err != nil {
		return "", err
	}
	return at.Scheme + "://" + at.Host + testPage + known.Token, nil
}

// State is what the shopper chose.
func (p TestProvider) State(ctx context.Context, account orbit.PaymentAccount, charge orbit.Charge, _ string) (
	state orbit.PaymentState, err error,
) {
	err = p.do(ctx, account, func(t *shop.Tenant) error {
		known, err := t.TestPayment(ctx, charge.Payment)
		if err == nil {
			state, err = stateOf(known, charge)
		}
		return err
	})
	return state, err
}

// Expire closes the page, unless the shopper has chosen.
func (p TestProvider) Expire(ctx context.Context, account orbit.PaymentAccount, charge orbit.Charge, _ string) (
	state orbit.PaymentState, err error,
) {
	err = p.do(ctx, account, func(t *shop.Tenant) error {
		known, err := t.ExpireTestPayment(ctx, charge.Payment)
		if err == nil {
			state, err = stateOf(known, charge)
		}
		return err
	})
	return state, err
}

// stateOf says what Test payments know in the words of all providers.
func stateOf(known orbit.TestPayment, charge orbit.Charge) (state orbit.PaymentState, err error) {
	state = orbit.PaymentState{Status: known.Status()}
	at := known.ChosenAt
	switch {
	case known.Choice == orbit.TestFail && state.Status == orbit.PaymentPending:
		state.Failure = "The card was declined."
	case known.Choice == orbit.TestPendingFail && state.Status == orbit.PaymentFailed:
		state.Failure = "The bank refused the payment."
	case known.Choice.Pending():
		at = at.Add(orbit.TestPaymentDelay)
	}
	if state.Status == orbit.PaymentPending {
		state.URL, err = pageURL(known, charge)
	}
	for _, reference := range known.Charges() {
		state.Method = "Test card"
		c := orbit.ProviderCharge{Reference: reference, Amount: charge.Amount, At: at}
		for _, r := range known.Refunds {
			if r.Charge == reference {
				c.Refunds = append(c.Refunds, refundOf(r, charge.Amount.Currency))
			}
		}
		state.Charges = append(state.Charges, c)
	}
	return state, err
}

func refundOf(r orbit.TestRefund, currency string) orbit.ProviderRefund {
	return orbit.ProviderRefund{Reference: "test_refund_" + r.ID.String(), ID: r.ID,
		Amount: orbit.Money{Amount: r.Amount, Currency: currency}, Status: orbit.TransactionSucceeded, At: r.At}
}

// Refund pays back at once.
func (p TestProvider) Refund(ctx context.Context, account orbit.PaymentAccount, want orbit.RefundRequest) (
	made orbit.ProviderRefund, err error,
) {
	err = p.do(ctx, account, func(t *shop.Tenant) error {
		r, err := t.RefundTestPayment(ctx, want)
		made = refundOf(r, want.Amount.Currency)
		return err
	})
	return made, err
}

// Check always finds the account: Test payments need none.
func (TestProvider) Check(context.Context, orbit.PaymentAccount) (orbit.CheckedAccount, error) {
	return orbit.CheckedAccount{Name: orbit.Providers().Name(orbit.ProviderTest), Test: true}, nil
}

// Connect has nothing to connect: a choice has its payment looked at by itself.
func (TestProvider) Connect(context.Context, orbit.PaymentAccount, string) (orbit.ProviderWebhook, error) {
	return orbit.ProviderWebhook{}, nil
}

// Disconnect has nothing to end.
func (TestProvider) Disconnect(context.Context, orbit.PaymentAccount, string) error { return nil }

// Event refuses every message: Test payments send none.
func (TestProvider) Event(context.Context, orbit.PaymentAccount, http.Header, []byte) (orbit.ProviderEvent, error) {
	return orbit.ProviderEvent{}, orbit.Errorf(orbit.Invalid, "Test payments send no messages.")
}

func (p TestProvider) do(ctx context.Context, account orbit.PaymentAccount, fn func(*shop.Tenant) error) error {
	return shop.For(p.DB, account.MerchantID).Do(ctx, fn)
}
