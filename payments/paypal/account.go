package paypal

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"orbit360.app/orbit"
)

// Check asks PayPal for a token, which is what credentials are for, and for the account's name where the app may know
// it. PayPal has no other call that says who one is.
func (p *Provider) Check(ctx context.Context, account orbit.PaymentAccount) (orbit.CheckedAccount, error) {
	p.tokens.forget(p.keyOf(account)) // one that is kept says nothing about now
	t, err := p.token(ctx, account)
	if orbit.CodeOf(err) == orbit.Forbidden {
		return orbit.CheckedAccount{}, p.otherMode(ctx, account, err)
	}
	if err != nil {
		return orbit.CheckedAccount{}, err
	}
	out := orbit.CheckedAccount{ID: t.app, Test: account.Test, Note: lacks(t)}
	var who struct {
		Payer  string `json:"payer_id"`
		User   string `json:"user_id"`
		Name   string `json:"name"`
		Emails []struct {
			Value   string `json:"value"`
			Primary bool   `json:"primary"`
		} `json:"emails"`
	}
	if err := p.call(ctx, account, request{method: http.MethodGet,
		path: "/v1/identity/oauth2/userinfo?schema=paypalv1.1", can: canName}, &who); err != nil {
		if code := orbit.CodeOf(err); code == orbit.Forbidden || code == orbit.NotFound || code == orbit.Invalid {
			return out, nil // many apps may not: the credentials work all the same
		}
		return orbit.CheckedAccount{}, err
	}
	if id := who.Payer + who.User; id != "" {
		out.ID = printable(id)
		if who.Payer != "" {
			out.ID = printable(who.Payer)
		}
	}
	out.Name = printable(who.Name)
	for _, email := range who.Emails {
		if email.Value != "" && (email.Primary || out.Name == "") {
			out.Name = printable(email.Value)
		}
	}
	return out, nil
}

// lacks is what the merchant should know of the permissions that an app doesn't have.
func lacks(t token) string {
	var verbs []string
	for _, can := range []permission{canCharge, canRefund, canConnect} {
		if !t.may(can) {
			verbs = append(verbs, can.verb)
		}
	}
	if len(t.scopes) == 0 || len(verbs) == 0 {
		return ""
	}
	return "PayPal doesn't list that this app may " + strings.Join(verbs, ", ") +
		". If it fails, turn the feature on for the app at developer.paypal.com."
}

// otherMode is the error of credentials that don't work, which says so where they are of the other mode.
func (p *Provider) otherMode(ctx context.Context, account orbit.PaymentAccount, refused error) error {
	other := account
	other.Test = !account.Test
	if _, err := p.newToken(ctx, other); err != nil {
		return refused
	}
	if account.Test {
		return orbit.Errorf(orbit.Forbidden, "These are live credentials. "+
			"Enter those of a sandbox app, or turn test mode off.")
	}
	return orbit.Errorf(orbit.Forbidden, "These are sandbox credentials. "+
		"Enter those of a live app, or turn test mode on.")
}

// events holds what PayPal sends. Of a payment that changes, each names the payment or its order, and no more is read.
var events = []string{
	"CHECKOUT.ORDER.APPROVED",
	"PAYMENT.CAPTURE.COMPLETED", "PAYMENT.CAPTURE.PENDING", "PAYMENT.CAPTURE.DENIED", "PAYMENT.CAPTURE.DECLINED",
	"PAYMENT.CAPTURE.REFUNDED", "PAYMENT.CAPTURE.REVERSED",
	"CUSTOMER.DISPUTE.CREATED", "CUSTOMER.DISPUTE.UPDATED", "CUSTOMER.DISPUTE.RESOLVED",
}

type webhook struct {
	ID     string      `json:"id,omitempty"`
	URL    string      `json:"url"`
	Events []eventType `json:"event_types"`
}

type eventType struct {
	Name string `json:"name"`
}

const webhooksPath = "/v1/notifications/webhooks"

// Connect has PayPal send its events. What verifies them is the webhook's ID: PayPal signs for everybody with one key.
func (p *Provider) Connect(ctx context.Context, account orbit.PaymentAccount, address string) (
	orbit.ProviderWebhook, error) {
	var wanted []eventType
	for _, name := range events {
		wanted = append(wanted, eventType{name})
	}
	if found, err := p.webhookOf(ctx, account, address, wanted); err != nil || found.ID != "" {
		return found, err
	}
	var made webhook
	err := p.call(ctx, account, request{method: http.MethodPost, path: webhooksPath,
		in: webhook{URL: address, Events: wanted}, can: canConnect}, &made)
	if issueOf(err) == "WEBHOOK_URL_ALREADY_EXISTS" { // two connected at once
		return p.webhookOf(ctx, account, address, wanted)
	}
	if err != nil {
		return orbit.ProviderWebhook{}, err
	}
	return orbit.ProviderWebhook{ID: made.ID}, nil
}

// webhookOf is the webhook of an address, made to send all that is wanted; none where there is no webhook.
func (p *Provider) webhookOf(ctx context.Context, account orbit.PaymentAccount, address string, wanted []eventType) (
	orbit.ProviderWebhook, error) {
	var list struct {
		Webhooks []webhook `json:"webhooks"`
	}
	err := p.call(ctx, account, request{method: http.MethodGet, path: webhooksPath, can: canConnect}, &list)
	if err != nil {
		return orbit.ProviderWebhook{}, err
	}
	for _, w := range list.Webhooks {
		if w.URL != address {
			continue
		}
		for _, e := range wanted {
			if !slices.Contains(w.Events, e) {
				type replace struct {
					Op    string      `json:"op"`
					Path  string      `json:"path"`
					Value []eventType `json:"value"`
				}
				return orbit.ProviderWebhook{ID: w.ID}, p.call(ctx, account, request{method: http.MethodPatch,
					path: webhooksPath + "/" + url.PathEscape(w.ID),
					in:   []replace{{"replace", "/event_types", wanted}}, can: canConnect}, nil)
			}
		}
		return orbit.ProviderWebhook{ID: w.ID}, nil
	}
	return orbit.ProviderWebhook{}, nil
}

// Disconnect ends a webhook.
func (p *Provider) Disconnect(ctx context.Context, account orbit.PaymentAccount, webhook string) error {
	if webhook == "" {
		return nil
	}
	err := p.call(ctx, account, request{method: http.MethodDelete, path: webhooksPath + "/" + url.PathEscape(webhook),
		can: canConnect}, nil)
	if orbit.CodeOf(err) == orbit.NotFound {
		return nil
	}
	return err
}
