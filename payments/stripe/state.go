package stripe

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"

	"orbit360.app/orbit"
)

// session is a Checkout Session with its payment intent expanded.
type session struct {
	ID            string              `json:"id"`
	URL           string              `json:"url"`
	Status        string              `json:"status"`         // open, complete, expired
	PaymentStatus string              `json:"payment_status"` // paid, unpaid, no_payment_required
	ExpiresAt     int64               `json:"expires_at"`
	PaymentIntent expandable[*intent] `json:"payment_intent"`
}

type intent struct {
	ID               string              `json:"id"`
	Status           string              `json:"status"`
	LatestCharge     expandable[*charge] `json:"latest_charge"`
	LastPaymentError *struct {
		Message string `json:"message"`
	} `json:"last_payment_error"`
}

type charge struct {
	ID       string `json:"id"`
	Amount   int64  `json:"amount"`
	Currency string `json:"currency"`
	Created  int64  `json:"created"`
	Status   string `json:"status"` // succeeded, pending, failed
	Disputed bool   `json:"disputed"`
	Refunds  struct {
		Data    []refund `json:"data"`
		HasMore bool     `json:"has_more"`
	} `json:"refunds"`
	Details paidWith `json:"payment_method_details"`
}

// expandable is an object of Stripe's, nil where only its ID was sent or there is none.
type expandable[T any] struct{ Object T }

// UnmarshalJSON reads the object; an ID is passed over.
func (e *expandable[T]) UnmarshalJSON(text []byte) error {
	if len(text) > 0 && text[0] == '"' {
		return nil
	}
	return json.Unmarshal(text, &e.Object)
}

// stateOf is what a session says. Money that was taken decides, whatever the session's status: one that is complete
// can wait for a bank debit, and one that was expired here can have been paid in the same second.
func (p *Provider) stateOf(ctx context.Context, account orbit.PaymentAccount, s session) (
	orbit.PaymentState, error) {
	state := orbit.PaymentState{Status: orbit.PaymentPending}
	intent := s.PaymentIntent.Object
	if intent != nil {
		if c := intent.LatestCharge.Object; c != nil {
			state.Method = c.Details.String()
			if c.Status == "succeeded" {
				taken, err := p.chargeOf(ctx, account, *c)
				if err != nil {
					return orbit.PaymentState{}, err
				}
				state.Status, state.Charges = orbit.PaymentPaid, []orbit.ProviderCharge{taken}
				return state, nil
			}
		}
	}
	switch {
	case s.Status == "open":
		state.URL = s.URL
	case s.Status == "expired":
		state.Status = orbit.PaymentExpired
	case s.Status == "complete" && s.PaymentStatus == "unpaid" && intent != nil &&
		(intent.Status == "requires_payment_method" || intent.Status == "canceled"):
		state.Status, state.Failure = orbit.PaymentFailed, failureOf(intent, account.Secrets["secretKey"])
	case s.Status == "complete" && s.PaymentStatus == "unpaid":
		state.Status = orbit.PaymentProcessing
	default: // paid, and without its charge: the next answer has it
		return orbit.PaymentState{}, unreadable()
	}
	return state, nil
}

// failureOf is why a delayed payment failed, for the shopper.
func failureOf(i *intent, secret string) string {
	if i.LastPaymentError != nil {
		if why := strings.TrimPrefix(reason(i.LastPaymentError.Message, secret), ": "); why != "." {
			return why
		}
	}
	return "The payment didn't go through. Try again, or pay in another way."
}

func (p *Provider) chargeOf(ctx context.Context, account orbit.PaymentAccount, c charge) (
	taken orbit.ProviderCharge, err error) {
	taken = orbit.ProviderCharge{Reference: c.ID, At: at(c.Created)}
	if taken.Amount, err = fromStripe(c.Amount, c.Currency); err != nil {
		return taken, err
	}
	refunds := c.Refunds.Data
	if c.Refunds.HasMore { // it comes with ten
		if refunds, err = p.refunds(ctx, account, c.ID); err != nil {
			return taken, err
		}
	}
	for _, r := range refunds {
		refund, err := r.provider()
		if err != nil {
			return taken, err
		}
		taken.Refunds = append(taken.Refunds, refund)
	}
	if c.Disputed {
		taken.Dispute, err = p.dispute(ctx, account, c.ID)
	}
	return taken, err
}

// dispute is the status of a charge's newest dispute. A key that may not read disputes says no more than that there is
// one: a payment is settled all the same.
func (p *Provider) dispute(ctx context.Context, account orbit.PaymentAccount, charge string) (string, error) {
	var list struct {
		Data []struct {
			Status string `json:"status"`
		} `json:"data"`
	}
	err := p.call(ctx, account, request{method: http.MethodGet, path: "/v1/disputes",
		form: url.Values{"charge": {charge}, "limit": {"1"}}, right: "Disputes (read)"}, &list)
	switch {
	case orbit.CodeOf(err) == orbit.Forbidden, err == nil && len(list.Data) == 0:
		return "disputed", nil
	case err != nil:
		return "", err
	}
	return list.Data[0].Status, nil
}

// paidWith is what a charge was paid with.
type paidWith struct {
	Type string `json:"type"`
	Card struct {
		Brand string `json:"brand"`
		Last4 string `json:"last4"`
	} `json:"card"`
}

// The names of cards and other methods where they aren't their words with capitals.
var names = map[string]string{
	"amex": "American Express", "diners": "Diners Club", "jcb": "JCB", "unionpay": "UnionPay", "eftpos_au": "Eftpos",
	"sepa_debit": "SEPA Direct Debit", "us_bank_account": "US bank account", "bacs_debit": "Bacs Direct Debit",
	"au_becs_debit": "BECS Direct Debit", "acss_debit": "Pre-authorized debit", "ideal": "iDEAL", "eps": "EPS",
	"p24": "Przelewy24", "blik": "BLIK", "paypal": "PayPal", "wechat_pay": "WeChat Pay", "twint": "TWINT", "fpx": "FPX",
	"afterpay_clearpay": "Afterpay", "mobilepay": "MobilePay", "oxxo": "OXXO", "multibanco": "Multibanco",
}

// String is the method as people read it: Visa •••• 4242.
func (m paidWith) String() string {
	if m.Type == "card" && m.Card.Brand != "" && m.Card.Last4 != "" {
		return named(m.Card.Brand) + " •••• " + cut(printable(m.Card.Last4), 4)
	}
	return named(m.Type)
}

func named(word string) string {
	if name, ok := names[word]; ok {
		return name
	}
	words := strings.Fields(strings.ReplaceAll(cut(printable(word), 40), "_", " "))
	for i, w := range words {
		words[i] = strings.ToUpper(w[:1]) + w[1:]
	}
	return strings.Join(words, " ")
}
