package paypal

import (
	"context"
	"net/http"
	"net/url"
	"path"
	"slices"
	"strings"

	"orbit360.app/orbit"
)

// taken reports whether a capture took money at some time, whatever has become of it since.
func (c capture) taken() bool {
	return slices.Contains([]string{"COMPLETED", "PARTIALLY_REFUNDED", "REFUNDED"}, c.Status) || c.dispute() != ""
}

// dispute is why a capture's money is held or was called back, "" where it isn't.
func (c capture) dispute() string {
	if c.Details.Reason == "BUYER_COMPLAINT" || c.Details.Reason == "CHARGEBACK" {
		return c.Details.Reason
	}
	return ""
}

// read is what an order has come to, with the disputes over it.
func (p *Provider) read(ctx context.Context, account orbit.PaymentAccount, o order) (orbit.PaymentState, error) {
	state, err := p.settled(o)
	if err != nil {
		return state, err
	}
	switch {
	case len(o.captures()) > 0:
		p.disputes(ctx, account, state.Charges)
	case o.Status == "VOIDED":
		state.Status = orbit.PaymentExpired
	case slices.Contains([]string{"CREATED", "SAVED", "PAYER_ACTION_REQUIRED"}, o.Status):
		state.URL = p.page(account, o)
	}
	return state, nil
}

// settled is what an order's captures have come to. An order can be complete with a capture that was declined, and has
// none for a moment after it is complete.
func (p *Provider) settled(o order) (orbit.PaymentState, error) {
	state := orbit.PaymentState{Status: orbit.PaymentPending, Method: o.method()}
	if o.Status == "COMPLETED" {
		state.Status = orbit.PaymentProcessing
	}
	for _, u := range o.Units {
		for _, c := range u.Payments.Captures {
			switch {
			case c.taken():
				charge, err := chargeOf(c, u.Payments.Refunds)
				if err != nil {
					return orbit.PaymentState{}, err
				}
				state.Charges = append(state.Charges, charge)
				state.Status = orbit.PaymentPaid
			case state.Status == orbit.PaymentPaid:
			case c.Status == "DECLINED", c.Status == "FAILED":
				state.Status = orbit.PaymentFailed
			default: // PENDING: an eCheck, a review, a currency that the merchant has to accept
				state.Status = orbit.PaymentProcessing
			}
		}
	}
	if state.Status == orbit.PaymentFailed {
		state.Failure = "PayPal couldn't take the money. Please choose another payment method."
	}
	return state, nil
}

func chargeOf(c capture, refunds []refund) (orbit.ProviderCharge, error) {
	amount, err := c.Amount.read()
	if err != nil {
		return orbit.ProviderCharge{}, err
	}
	charge := orbit.ProviderCharge{Reference: c.ID, Amount: amount, At: c.CreatedAt.UTC(), Dispute: c.dispute()}
	for _, r := range refunds {
		if r.of() != c.ID {
			continue
		}
		refunded, err := r.read()
		if err != nil {
			return orbit.ProviderCharge{}, err
		}
		charge.Refunds = append(charge.Refunds, refunded)
	}
	return charge, nil
}

// of is the capture that a refund belongs to: PayPal says so by a link alone.
func (r refund) of() string {
	for _, l := range r.Links {
		if u, err := url.Parse(l.Href); err == nil && l.Rel == "up" && strings.Contains(u.Path, "/captures/") {
			return path.Base(u.Path)
		}
	}
	return ""
}

// disputes notes the newest dispute of each charge, where the merchant's app may read them. A list that can't be read
// must not hold up what matters, which is that the order is paid: "" is no news, and never that a dispute is over.
func (p *Provider) disputes(ctx context.Context, account orbit.PaymentAccount, charges []orbit.ProviderCharge) {
	t, err := p.token(ctx, account)
	if err != nil || !t.may(canDispute) {
		return
	}
	for i, c := range charges {
		var list struct {
			Items []struct {
				Status string `json:"status"`
			} `json:"items"`
		}
		if err := p.call(ctx, account, request{method: http.MethodGet,
			path: "/v1/customer/disputes?disputed_transaction_id=" + url.QueryEscape(c.Reference),
			can:  canDispute}, &list); err == nil && len(list.Items) > 0 {
			charges[i].Dispute = list.Items[0].Status
		}
	}
}
