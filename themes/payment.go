package themes

import (
	"time"

	"orbit360.app/orbit"
)

// PaymentPage is about an order to be, while its payment is open, and after the payment has expired.
type PaymentPage struct {
	Checkout orbit.OpenCheckout // with its payment
	Away     bool               // the provider's page can't be opened at the moment
	Back     bool               // the shopper can choose another method at the checkout
	Wait     time.Duration      // after which the payment is looked at again; 0 for never
}

func (p PaymentPage) expired() bool { return p.Checkout.Status == orbit.CheckoutExpired }

func (p PaymentPage) title(w *Words) string {
	switch {
	case p.expired():
		return w.PaymentExpired
	case p.Away:
		return w.PaymentAway
	case p.failure() != "":
		return w.PaymentFailed
	}
	return w.PaymentPending
}

func (p PaymentPage) text(w *Words) string {
	switch {
	case p.expired():
		return w.PaymentExpiredText
	case p.Away:
		return w.PaymentAwayText
	case p.failure() != "":
		return w.PaymentFailedText
	}
	return w.PaymentPendingText
}

// failure is why the payment didn't succeed so far, in the provider's words.
func (p PaymentPage) failure() string {
	for _, of := range p.Checkout.Document.Payments {
		if !p.expired() {
			return of.Failure
		}
	}
	return ""
}

// TestPaymentPage is where a shopper chooses what becomes of a payment at Test payments.
type TestPaymentPage struct {
	Payment orbit.Payment
	Known   orbit.TestPayment
	Open    bool   // there is something to choose
	Notice  string // what went wrong with a choice
}

func (p TestPaymentPage) amount() string {
	return orbit.Money{Amount: p.Payment.Amount, Currency: p.Payment.Currency}.String()
}

// notice is what there is to say before a choice.
func (p TestPaymentPage) notice(w *Words) string {
	if p.Notice == "" && p.Known.Choice == orbit.TestFail {
		return w.CardDeclined
	}
	return p.Notice
}

// closed says why there is nothing to choose.
func (p TestPaymentPage) closed(w *Words) string {
	switch {
	case p.Known.Choice == orbit.TestNeverReturn:
		return w.TestNeverReturns
	case p.Known.Choice == "" || p.Known.Choice == orbit.TestFail:
		return w.PaymentExpired
	}
	return w.TestClosed
}
