package stripe

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"orbit360.app/orbit"
)

// Name is what an orbit.PaymentAccount of Stripe has as its Provider.
const Name = "stripe"

// version is the API version of all calls and of the events that Stripe sends, so that an account's own version, which
// its merchant can change, changes nothing here.
const version = "2026-08-26.dahlia"

// Site is Stripe's API.
const Site = "https://api.stripe.com"

// Provider takes payments through Stripe.
type Provider struct {
	site   string
	client http.Client
	now    func() time.Time
}

// New returns a Provider that calls the API at an address without a slash at its end: Site, or a stand-in for tests.
func New(site string) *Provider {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.MaxResponseHeaderBytes = 64 << 10
	return &Provider{site: site, now: time.Now, client: http.Client{
		Timeout:   20 * time.Second,
		Transport: transport,
		CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse // it would send the key elsewhere
		},
	}}
}

// The names of what we add to Stripe's objects.
const (
	ofPayment     = "payment"
	ofOrder       = "order"
	ofTransaction = "transaction"
)

// Create opens a Checkout Session. It asks for no payment methods: the merchant's settings at Stripe say which.
func (p *Provider) Create(ctx context.Context, account orbit.PaymentAccount, charge orbit.Charge) (
	orbit.PaymentPage, error) {
	amount, currency, err := toCharge(charge.Amount)
	if err != nil {
		return orbit.PaymentPage{}, err
	}
	payment := charge.Payment.String()
	form := url.Values{
		"mode":                                          {"payment"},
		"client_reference_id":                           {payment},
		"line_items[0][quantity]":                       {"1"},
		"line_items[0][price_data][currency]":           {currency},
		"line_items[0][price_data][unit_amount]":        {strconv.FormatInt(amount, 10)},
		"line_items[0][price_data][product_data][name]": {orDefault(cut(charge.Description, 250), "Order")},
		"payment_intent_data[description]":              {orDefault(cut(charge.Description, 250), "Order")},
		// The shopper pays the shop's price in the shop's currency, whatever the account's settings are.
		"adaptive_pricing[enabled]": {"false"},
		"locale":                    {locale(charge.Locale)},
		"success_url":               {charge.ReturnURL},
		"cancel_url":                {charge.CancelURL},
		"expires_at":                {strconv.FormatInt(charge.ExpiresAt.Unix(), 10)},
	}
	if charge.Email != "" {
		form.Set("customer_email", charge.Email)
	}
	for _, at := range []string{"metadata", "payment_intent_data[metadata]"} {
		form.Set(at+"["+ofPayment+"]", payment)
		form.Set(at+"["+ofOrder+"]", charge.Order.String())
	}
	var s session
	err = p.call(ctx, account, request{method: http.MethodPost, path: "/v1/checkout/sessions", form: form, key: payment,
		right: "Checkout Sessions (write)"}, &s)
	if refused, ok := refusedFor(err); ok && refused.Param == "expires_at" {
		return orbit.PaymentPage{}, orbit.Wrap(orbit.Gone, err, "It's too late to open this payment page. Start again.")
	}
	if err != nil {
		return orbit.PaymentPage{}, err
	}
	if s.ID == "" || s.URL == "" {
		return orbit.PaymentPage{}, unreadable()
	}
	return orbit.PaymentPage{Reference: s.ID, URL: s.URL, ExpiresAt: at(s.ExpiresAt)}, nil
}

// expanded has Stripe send all that a state takes with the session.
var expanded = url.Values{"expand[]": {"payment_intent.latest_charge.refunds"}}

// State reads a session with its charge, and the charge's refunds and dispute.
func (p *Provider) State(ctx context.Context, account orbit.PaymentAccount, charge orbit.Charge, reference string) (
	orbit.PaymentState, error) {
	path, err := sessionPath(reference)
	if err != nil {
		return orbit.PaymentState{}, err
	}
	var s session
	err = p.call(ctx, account, request{method: http.MethodGet, path: path, form: expanded,
		right: "Checkout Sessions (write), PaymentIntents (read) and Charges (write)"}, &s)
	if err != nil {
		return orbit.PaymentState{}, err
	}
	return p.stateOf(ctx, account, s)
}

// Expire closes a session. Stripe refuses that for one that is complete or expired already, which is no error here.
func (p *Provider) Expire(ctx context.Context, account orbit.PaymentAccount, charge orbit.Charge, reference string) (
	orbit.PaymentState, error) {
	path, err := sessionPath(reference)
	if err != nil {
		return orbit.PaymentState{}, err
	}
	var s session
	err = p.call(ctx, account, request{method: http.MethodPost, path: path + "/expire", form: expanded,
		right: "Checkout Sessions (write)"}, &s)
	if _, refused := refusedFor(err); refused && orbit.CodeOf(err) == orbit.Invalid {
		return p.State(ctx, account, charge, reference)
	}
	if err != nil {
		return orbit.PaymentState{}, err
	}
	return p.stateOf(ctx, account, s)
}

// sessionPath refuses what can't be a session's ID, so that no reference names another call.
func sessionPath(reference string) (string, error) {
	if !strings.HasPrefix(reference, "cs_") || !plain(reference) {
		return "", orbit.Errorf(orbit.NotFound, "Stripe doesn't know this payment.")
	}
	return "/v1/checkout/sessions/" + reference, nil
}

// plain reports whether a text is an ID as Stripe makes them.
func plain(id string) bool {
	return id != "" && len(id) <= 255 && !strings.ContainsFunc(id, func(r rune) bool {
		return r != '_' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z')
	})
}

// locales holds the languages of Stripe's pages.
var locales = strings.Fields("bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hr hu id it ja ko lt lv ms mt nb " +
	"nl pl pt pt-BR ro ru sk sl sv th tr vi zh zh-HK zh-TW")

// locale is Stripe's name of a BCP 47 tag, or "auto": the shopper's browser decides.
func locale(tag string) string {
	for ; tag != ""; tag = tag[:max(strings.LastIndexByte(tag, '-'), 0)] {
		switch strings.ToLower(tag) { // what has another name there
		case "no", "nn":
			return "nb"
		case "zh-hant":
			return "zh-TW"
		case "tl":
			return "fil"
		}
		if i := slices.IndexFunc(locales, func(l string) bool { return strings.EqualFold(l, tag) }); i >= 0 {
			return locales[i]
		}
	}
	return "auto"
}

// cut shortens a text to so many characters.
func cut(s string, n int) string {
	if runes := []rune(s); len(runes) > n {
		return string(runes[:n-1]) + "…"
	}
	return s
}

func orDefault(s, otherwise string) string {
	if strings.TrimSpace(s) == "" {
		return otherwise
	}
	return s
}

func at(unix int64) time.Time {
	if unix == 0 {
		return time.Time{}
	}
	return time.Unix(unix, 0).UTC()
}
