package paypal

import (
	"context"
	"crypto"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"hash/crc32"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"

	"orbit360.app/orbit"
)

// Bounds on when a message was sent. PayPal tries for three days, and each try has the time of the first: an old
// message is no forgery. What makes it harmless a second time is its ID, which the caller keeps, and that it only
// names a payment. https://developer.paypal.com/api/rest/webhooks/rest/
const (
	maxAge   = 4 * 24 * time.Hour
	maxAhead = 5 * time.Minute
)

// notPayPals is the error of all messages that can't be verified: who forged one needn't know what was wrong with it.
func notPayPals(why string) error {
	return orbit.Wrap(orbit.Invalid, reason(why), "This isn't a message of PayPal for this account.")
}

// reason is for the log.
type reason string

func (r reason) Error() string { return string(r) }

// message is an event of PayPal, as far as it names a payment.
type message struct {
	ID       string `json:"id"`
	Resource struct {
		ID      string `json:"id"`
		Custom  string `json:"custom_id"`
		Invoice string `json:"invoice_id"`
		Units   []unit `json:"purchase_units"`
		Data    struct {
			Related struct {
				Order   string `json:"order_id"`
				Capture string `json:"capture_id"`
			} `json:"related_ids"`
		} `json:"supplementary_data"`
		Links    []link `json:"links"`
		Disputed []struct {
			Capture string `json:"seller_transaction_id"`
			Custom  string `json:"custom"`
		} `json:"disputed_transactions"`
	} `json:"resource"`
	Kind string `json:"event_type"`
}

// Event verifies a message without a call of the API: PayPal signs its ID, its time, our webhook's ID and a checksum of
// the body, and names the certificate of its key by a URL. Everything that can be refused is, before the certificate is
// fetched.
func (p *Provider) Event(ctx context.Context, account orbit.PaymentAccount, header http.Header, body []byte) (
	orbit.ProviderEvent, error) {
	for _, name := range []string{"Paypal-Transmission-Id", "Paypal-Transmission-Time", "Paypal-Transmission-Sig",
		"Paypal-Cert-Url", "Paypal-Auth-Algo"} {
		if values := header.Values(name); len(values) != 1 || values[0] == "" {
			return orbit.ProviderEvent{}, notPayPals("no single " + name)
		}
	}
	id, at := header.Get("Paypal-Transmission-Id"), header.Get("Paypal-Transmission-Time")
	sent, err := time.Parse(time.RFC3339, at)
	if age := time.Since(sent); err != nil || age > maxAge || age < -maxAhead {
		return orbit.ProviderEvent{}, notPayPals("sent at another time")
	}
	signature, err := base64.StdEncoding.DecodeString(header.Get("Paypal-Transmission-Sig"))
	certified, urlErr := url.Parse(header.Get("Paypal-Cert-Url"))
	switch {
	case account.Webhook.ID == "":
		return orbit.ProviderEvent{}, notPayPals("the account has no webhook")
	case header.Get("Paypal-Auth-Algo") != "SHA256withRSA":
		return orbit.ProviderEvent{}, notPayPals("another algorithm")
	case err != nil:
		return orbit.ProviderEvent{}, notPayPals("the signature isn't base64")
	case urlErr != nil || !p.trusted(certified):
		return orbit.ProviderEvent{}, notPayPals("the certificate isn't PayPal's")
	}
	key, err := p.key(ctx, certified.String())
	if err != nil {
		return orbit.ProviderEvent{}, err
	}
	signed := strings.Join([]string{id, at, account.Webhook.ID,
		strconv.FormatUint(uint64(crc32.ChecksumIEEE(body)), 10)}, "|")
	sum := sha256.Sum256([]byte(signed))
	if rsa.VerifyPKCS1v15(key, crypto.SHA256, sum[:], signature) != nil {
		return orbit.ProviderEvent{}, notPayPals("the signature is another's")
	}
	var m message
	if err := json.Unmarshal(body, &m); err != nil || m.ID == "" {
		return orbit.ProviderEvent{}, notPayPals("the body isn't an event")
	}
	e := orbit.ProviderEvent{ID: m.ID, Test: account.Test}
	e.Payment, e.Reference = m.about()
	return e, nil
}

// about is which payment a message names: by our ID where it has it, and by the order, or else the capture.
func (m message) about() (payment orbit.PaymentID, reference string) {
	r := m.Resource
	custom := r.Custom
	switch {
	case strings.HasPrefix(m.Kind, "CHECKOUT.ORDER."):
		reference = r.ID
		if len(r.Units) > 0 {
			custom = r.Units[0].Custom
		}
	case len(r.Disputed) > 0:
		reference, custom = r.Disputed[0].Capture, r.Disputed[0].Custom
	case r.Data.Related.Order != "":
		reference = r.Data.Related.Order
	case r.Data.Related.Capture != "":
		reference = r.Data.Related.Capture
	default:
		reference = r.ID // a capture, or a refund, which has a link to its capture
		for _, l := range r.Links {
			if u, err := url.Parse(l.Href); err == nil && l.Rel == "up" {
				reference = path.Base(u.Path)
			}
		}
	}
	// A refund's custom_id is of its own, and its invoice is the capture's: both are the payment's ID elsewhere.
	for _, id := range []string{r.Invoice, custom} {
		if id, err := orbit.ParseID[orbit.Payment](id); err == nil {
			payment = id
		}
	}
	return payment, reference
}
