package orbit

import (
	"net/netip"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// More kinds of ids.
type (
	WebhookID  = ID[Webhook]
	EventID    = ID[Event]
	DeliveryID = ID[Delivery]
)

// How many webhooks the platform may have, and a shop: each event goes to all of them.
const (
	MaxWebhooks     = 20
	MaxShopWebhooks = 10
)

// Webhook is somebody else's address that events are sent to.
type Webhook struct {
	ID          WebhookID  `bun:",pk"`
	MerchantID  MerchantID `bun:",nullzero"` // that it is of; zero for the platform's
	URL         string
	Description string
	Events      []EventKind `bun:"type:jsonb"`
	Secret      []byte      // encrypted
	OldSecret   []byte      `bun:",nullzero"` // encrypted; signs beside Secret until OldUntil
	OldUntil    time.Time   `bun:",nullzero"`
	DisabledAt  time.Time   `bun:",nullzero"`
	FailedAt    time.Time   `bun:",nullzero"` // the platform deactivated it, for nothing arrived
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

// Limit is how many its owner may have.
func (w Webhook) Limit() int {
	if w.MerchantID.IsZero() {
		return MaxWebhooks
	}
	return MaxShopWebhooks
}

// Active reports whether events are sent to the webhook.
func (w Webhook) Active() bool { return w.DisabledAt.IsZero() }

// SetActive has events sent to the webhook, or not any longer.
func (w *Webhook) SetActive(active bool, now time.Time) {
	switch {
	case active:
		w.DisabledAt, w.FailedAt = time.Time{}, time.Time{}
	case w.Active():
		w.DisabledAt = now
	}
}

// Input is what people say about the webhook.
func (w Webhook) Input() WebhookInput {
	return WebhookInput{URL: w.URL, Description: w.Description, Events: w.Events}
}

// Host is the host of the webhook's address, for where the whole is too long.
func (w Webhook) Host() string {
	u, err := url.Parse(w.URL)
	if err != nil {
		return w.URL
	}
	return u.Host
}

// WebhookRow is a webhook with how its deliveries of the last week went.
type WebhookRow struct {
	Webhook   `bun:",extend"`
	Delivered int
	Failed    int
	Pending   int
	LastAt    time.Time `bun:",nullzero"`
}

// WebhookInput is what people may say about a webhook.
type WebhookInput struct {
	URL         string
	Description string
	Events      []EventKind
}

// WebhookKinds returns the events that a merchant's webhooks can ask for, or the platform's (zero).
func WebhookKinds(of MerchantID) Terms[EventKind] {
	if of.IsZero() {
		return EventKinds()
	}
	return ShopEventKinds()
}

// Check gives the webhook in its stored form, or all that is wrong with it. Faults are on url,
// description and events, which are some of kinds. plain allows http and addresses of one's own network: for tests
// alone.
// A name may still lead anywhere: what it leads to is looked at when it is called.
func (w WebhookInput) Check(kinds Terms[EventKind], plain bool) (WebhookInput, error) {
	var f Faults
	w.URL = strings.TrimSpace(w.URL)
	if refusal := refuseURL(w.URL, plain); refusal != "" {
		f.Add("url", w.URL, "%s", refusal)
	}
	w.Description = f.line("description", "The description", w.Description, 0, 120)
	var events []EventKind
	for _, known := range kinds {
		if slices.Contains(w.Events, known.Value) {
			events = append(events, known.Value)
		}
	}
	unknown := slices.IndexFunc(w.Events, func(kind EventKind) bool { return !kinds.Has(kind) })
	switch {
	case unknown >= 0:
		bad := shorten(string(w.Events[unknown]), 40)
		f.Add("events", bad, "There is no event “%s”. Choose from: %s.", bad, kinds.Choices())
	case len(events) == 0:
		f.Add("events", "", "Choose at least one event.")
	}
	w.Events = events
	return w, f.Err()
}

// CallablePort reports whether webhooks may call a port: that of https, or one that belongs to no well-known service
// (RFC 6335, section 6), which a stranger could otherwise have us talk to.
func CallablePort(port string) bool {
	n, err := strconv.Atoi(port)
	return err == nil && (n == 443 || n >= 1024 && n <= 65535)
}

func refuseURL(s string, plain bool) string {
	const form = "Enter an address such as https://example.com/orbit."
	u, err := url.Parse(s)
	switch {
	case s == "":
		return "Enter the webhook's address."
	case err != nil || len(s) > 500 || u.Opaque != "" || u.Hostname() == "" || strings.ContainsAny(s, " \t\r\n\\\"<>"):
		return form
	case u.Scheme != "https" && !(plain && u.Scheme == "http"):
		return "Enter an address that starts with https://."
	case u.User != nil:
		return "The address can't carry a user name or password."
	case !plain && u.Port() != "" && !CallablePort(u.Port()):
		return "Use port 443, or one from 1024: other ports belong to other services."
	case u.Fragment != "" || (u.Port() != "" && !ValidPort(u.Port())):
		return form
	case plain:
		return ""
	}
	host := strings.ToLower(strings.TrimSuffix(u.Hostname(), "."))
	const private = "This address is on a private network, which isn't called."
	if a, err := netip.ParseAddr(host); err == nil {
		if !PublicAddr(a) {
			return private
		}
		return ""
	}
	ascii, err := idnaProfile.ToASCII(host)
	if err != nil || !validHost(ascii) || !strings.Contains(ascii, ".") {
		if host == "localhost" {
			return private
		}
		return form
	}
	last := ascii[strings.LastIndexByte(ascii, '.')+1:]
	switch {
	case last == "localhost" || last == "local" || last == "internal":
		return private
	case strings.Trim(last, "0123456789") == "" || strings.HasPrefix(last, "0x"):
		// Some resolvers read these as IPv4 addresses (WHATWG URL, "ends in a number"): 0x7f.1 is 127.0.0.1.
		return form
	}
	return ""
}
