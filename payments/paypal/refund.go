package paypal

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"orbit360.app/orbit"
)

type refund struct {
	ID        string    `json:"id"`
	Status    string    `json:"status"`
	Custom    string    `json:"custom_id"`
	Amount    money     `json:"amount"`
	CreatedAt time.Time `json:"create_time"`
	Links     []link    `json:"links"`
}

type newRefund struct {
	Custom string `json:"custom_id"`
	Note   string `json:"note_to_payer,omitempty"`
	Amount money  `json:"amount"`
}

// ours begins the custom_id of a refund that was made here. One that was made at PayPal repeats the capture's, which is
// an ID too, of the payment.
const ours = "refund-"

// Refund pays money of a capture back.
func (p *Provider) Refund(ctx context.Context, account orbit.PaymentAccount, r orbit.RefundRequest) (
	orbit.ProviderRefund, error) {
	amount, err := moneyOf(r.Amount)
	if err != nil {
		return orbit.ProviderRefund{}, err
	}
	var made refund
	err = p.call(ctx, account, request{method: http.MethodPost,
		path: "/v2/payments/captures/" + url.PathEscape(r.Charge) + "/refund", id: r.ID.String(),
		in: newRefund{Custom: ours + r.ID.String(), Note: short(r.Reason), Amount: amount}, can: canRefund}, &made)
	if err != nil {
		return orbit.ProviderRefund{}, err
	}
	return made.read()
}

func (r refund) read() (orbit.ProviderRefund, error) {
	amount, err := r.Amount.read()
	if err != nil {
		return orbit.ProviderRefund{}, err
	}
	out := orbit.ProviderRefund{Reference: r.ID, Amount: amount, At: r.CreatedAt.UTC()}
	if id, ok := strings.CutPrefix(r.Custom, ours); ok {
		if out.ID, err = orbit.ParseID[orbit.Transaction](id); err != nil {
			out.ID = orbit.TransactionID{} // somebody else's word that looks like ours
		}
	}
	switch r.Status {
	case "COMPLETED":
		out.Status = orbit.TransactionSucceeded
	case "FAILED", "CANCELLED":
		out.Status = orbit.TransactionFailed
		out.Failure = "PayPal couldn't pay the refund: the money is back in your PayPal account. " +
			"Try again, or pay the shopper back another way."
	default:
		out.Status = orbit.TransactionPending
	}
	return out, nil
}
