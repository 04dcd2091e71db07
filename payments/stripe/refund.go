package stripe

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"orbit360.app/orbit"
)

type refund struct {
	ID            string            `json:"id"`
	Amount        int64             `json:"amount"`
	Currency      string            `json:"currency"`
	Created       int64             `json:"created"`
	Status        string            `json:"status"`
	FailureReason string            `json:"failure_reason"`
	Metadata      map[string]string `json:"metadata"`
}

// Refund pays money back. An idempotency key lasts a day and a refund can be asked for again later than that, so
// Stripe's list is read first: a refund that bears the transaction's ID is the one that is asked for.
func (p *Provider) Refund(ctx context.Context, account orbit.PaymentAccount, asked orbit.RefundRequest) (
	orbit.ProviderRefund, error) {
	amount, _, err := toStripe(asked.Amount)
	if err != nil {
		return orbit.ProviderRefund{}, err
	}
	if amount < 1 {
		return orbit.ProviderRefund{}, orbit.Errorf(orbit.Invalid, "Enter an amount above zero to refund.")
	}
	if !plain(asked.Charge) {
		return orbit.ProviderRefund{}, orbit.Errorf(orbit.NotFound, "Stripe doesn't know this payment.")
	}
	before, err := p.refunds(ctx, account, asked.Charge)
	if err != nil {
		return orbit.ProviderRefund{}, err
	}
	for _, r := range before {
		if r.Metadata[ofTransaction] == asked.ID.String() {
			return r.provider()
		}
	}
	form := url.Values{
		of(asked.Charge):                  {asked.Charge},
		"amount":                          {strconv.FormatInt(amount, 10)},
		"metadata[" + ofTransaction + "]": {asked.ID.String()},
		"metadata[" + ofPayment + "]":     {asked.Payment.String()},
	}
	if note := strings.TrimSpace(asked.Reason); note != "" {
		form.Set("metadata[reason]", cut(note, 500))
	}
	var made refund
	err = p.call(ctx, account, request{method: http.MethodPost, path: "/v1/refunds", form: form, key: asked.ID.String(),
		right: "Charges and Refunds (write)"}, &made)
	if err != nil {
		return orbit.ProviderRefund{}, err
	}
	return made.provider()
}

// of is the parameter that names what is refunded.
func of(reference string) string {
	if strings.HasPrefix(reference, "pi_") {
		return "payment_intent"
	}
	return "charge"
}

const (
	page  = 100 // the most that Stripe lists at once
	pages = 50
)

// refunds lists all refunds of a charge.
func (p *Provider) refunds(ctx context.Context, account orbit.PaymentAccount, reference string) (
	all []refund, err error) {
	after := ""
	for range pages {
		form := url.Values{of(reference): {reference}, "limit": {strconv.Itoa(page)}}
		if after != "" {
			form.Set("starting_after", after)
		}
		var list struct {
			Data    []refund `json:"data"`
			HasMore bool     `json:"has_more"`
		}
		if err := p.call(ctx, account, request{method: http.MethodGet, path: "/v1/refunds", form: form,
			right: "Charges and Refunds (write)"}, &list); err != nil {
			return nil, err
		}
		all = append(all, list.Data...)
		if !list.HasMore || len(list.Data) == 0 {
			return all, nil
		}
		after = list.Data[len(list.Data)-1].ID
	}
	return nil, unreadable()
}

// provider is the refund in our words.
func (r refund) provider() (orbit.ProviderRefund, error) {
	amount, err := fromStripe(r.Amount, r.Currency)
	if err != nil {
		return orbit.ProviderRefund{}, err
	}
	made := orbit.ProviderRefund{Reference: r.ID, Amount: amount, Status: orbit.TransactionPending, At: at(r.Created)}
	// The ID may be another platform's text, or edited at Stripe: then the refund is one that was made there.
	made.ID, _ = orbit.ParseID[orbit.Transaction](r.Metadata[ofTransaction])
	switch r.Status {
	case "succeeded":
		made.Status = orbit.TransactionSucceeded
	case "failed", "canceled":
		made.Status, made.Failure = orbit.TransactionFailed, failures[r.FailureReason]
		if made.Failure == "" {
			made.Failure = "Stripe couldn't pay this refund. The money is in your Stripe balance again: refund in another way."
		}
	}
	return made, nil
}

// failures says why a refund failed (docs.stripe.com/refunds, "Failed refunds").
var failures = map[string]string{
	"lost_or_stolen_card":      "The shopper's card was lost or stolen. Refund in another way.",
	"expired_or_canceled_card": "The shopper's card has expired or was canceled. Refund in another way.",
	"declined":                 "The shopper's bank declined the refund. Refund in another way.",
	"insufficient_funds":       "Your Stripe balance is too low for this refund. Add funds at Stripe, then refund again.",
	"charge_for_pending_refund_disputed": "The shopper has disputed the payment, so the refund was stopped. Answer the " +
		"dispute at Stripe.",
	"merchant_request": "The refund was canceled at your request.",
}
