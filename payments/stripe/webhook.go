package stripe

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"orbit360.app/orbit"
)

// events holds what Stripe sends: all that changes a payment, a refund or a dispute.
var events = []string{
	"checkout.session.completed", "checkout.session.async_payment_succeeded", "checkout.session.async_payment_failed",
	"checkout.session.expired", "charge.refunded", "refund.updated", "refund.failed", "charge.dispute.created",
	"charge.dispute.updated", "charge.dispute.closed",
}

type endpoint struct {
	ID      string   `json:"id"`
	URL     string   `json:"url"`
	Status  string   `json:"status"`
	Version string   `json:"api_version"`
	Events  []string `json:"enabled_events"`
	Secret  string   `json:"secret"`
}

func (e endpoint) lacks(event string) bool { return !slices.Contains(e.Events, event) }

const webhookRight = "Webhook Endpoints (write)"

// Connect makes a webhook endpoint. Stripe shows its secret only then, so one with the address is used again where its
// secret is in the account, and replaced otherwise: the new one first, so that no event is lost between the two.
func (p *Provider) Connect(ctx context.Context, account orbit.PaymentAccount, address string) (
	orbit.ProviderWebhook, error) {
	var list struct {
		Data []endpoint `json:"data"`
	}
	err := p.call(ctx, account, request{method: http.MethodGet, path: "/v1/webhook_endpoints",
		form: url.Values{"limit": {strconv.Itoa(page)}}, right: webhookRight}, &list) // an account has 16 at most
	if err != nil {
		return orbit.ProviderWebhook{}, err
	}
	list.Data = slices.DeleteFunc(list.Data, func(e endpoint) bool { return e.URL != address })
	current := slices.IndexFunc(list.Data, func(e endpoint) bool {
		return e.ID == account.Webhook.ID && account.Webhook.Secret != "" && e.Status == "enabled" &&
			e.Version == version && !slices.ContainsFunc(events, e.lacks)
	})
	webhook := account.Webhook
	if current >= 0 {
		list.Data = slices.Delete(list.Data, current, current+1)
	} else {
		made, err := p.endpoint(ctx, account, address)
		if err != nil {
			return orbit.ProviderWebhook{}, err
		}
		webhook = orbit.ProviderWebhook{ID: made.ID, Secret: made.Secret}
	}
	for _, old := range list.Data {
		// A new endpoint's secret must not be lost for an old one that stays: that is deleted the next time.
		if err := p.Disconnect(ctx, account, old.ID); err != nil && current >= 0 {
			return webhook, err
		}
	}
	return webhook, nil
}

// endpoint makes a webhook endpoint.
func (p *Provider) endpoint(ctx context.Context, account orbit.PaymentAccount, address string) (
	made endpoint, err error) {
	form := url.Values{"url": {address}, "api_version": {version}, "enabled_events[]": events,
		"description": {"Tells your online store about payments"}}
	err = p.call(ctx, account, request{method: http.MethodPost, path: "/v1/webhook_endpoints", form: form,
		right: webhookRight}, &made)
	if err == nil && (made.ID == "" || made.Secret == "") {
		err = unreadable()
	}
	return made, err
}

// Disconnect deletes a webhook endpoint.
func (p *Provider) Disconnect(ctx context.Context, account orbit.PaymentAccount, webhook string) error {
	if !plain(webhook) {
		return nil
	}
	err := p.call(ctx, account, request{method: http.MethodDelete, path: "/v1/webhook_endpoints/" + webhook,
		right: webhookRight}, nil)
	if orbit.CodeOf(err) == orbit.NotFound {
		return nil
	}
	return err
}

// tolerance is how far a message's time may be from ours, before and after: Stripe signs each attempt anew.
const tolerance = 300 * time.Second

// Event verifies a message as docs.stripe.com/webhooks/signature says.
func (p *Provider) Event(_ context.Context, account orbit.PaymentAccount, header http.Header, body []byte) (
	orbit.ProviderEvent, error) {
	if err := p.verify(account.Webhook.Secret, header.Get("Stripe-Signature"), body); err != nil {
		return orbit.ProviderEvent{}, err
	}
	var message struct {
		ID       string `json:"id"`
		Livemode bool   `json:"livemode"`
		Data     struct {
			Object struct {
				ID        string            `json:"id"`
				Object    string            `json:"object"`
				Reference string            `json:"client_reference_id"`
				Metadata  map[string]string `json:"metadata"`
				Charge    string            `json:"charge"`
			} `json:"object"`
		} `json:"data"`
	}
	if err := json.Unmarshal(body, &message); err != nil || message.ID == "" {
		return orbit.ProviderEvent{}, orbit.Errorf(orbit.Invalid, "This message of Stripe can't be read.")
	}
	about := message.Data.Object
	event := orbit.ProviderEvent{ID: message.ID, Test: !message.Livemode}
	for _, id := range []string{about.Metadata[ofPayment], about.Reference} {
		if payment, err := orbit.ParseID[orbit.Payment](id); err == nil {
			event.Payment = payment
			break
		}
	}
	switch about.Object {
	case "checkout.session", "charge":
		event.Reference = about.ID
	case "refund", "dispute":
		event.Reference = about.Charge
	}
	return event, nil
}

// verify checks a message's signature. All attempts that fail take the same time and give the same sentence.
func (p *Provider) verify(secret, signature string, body []byte) error {
	unsigned := orbit.Errorf(orbit.Invalid, "This message isn't signed by Stripe with the secret of this webhook.")
	if secret == "" {
		return unsigned
	}
	stamp, given := "", [][]byte{}
	for part := range strings.SplitSeq(signature, ",") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "t":
			stamp = value
		case "v1": // one for each secret, while Stripe replaces one by another
			if mac, err := hex.DecodeString(value); err == nil && len(mac) == sha256.Size {
				given = append(given, mac)
			}
		}
	}
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte(stamp + "."))
	mac.Write(body)
	want := mac.Sum(nil)
	if !slices.ContainsFunc(given, func(g []byte) bool { return hmac.Equal(g, want) }) {
		return unsigned
	}
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	if away := p.now().Sub(time.Unix(seconds, 0)); err != nil || away.Abs() > tolerance {
		return orbit.Errorf(orbit.Invalid,
			"This message of Stripe was signed more than five minutes ago, or this clock is wrong.")
	}
	return nil
}
