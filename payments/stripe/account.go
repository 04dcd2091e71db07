package stripe

import (
	"context"
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"orbit360.app/orbit"
)

// permission is one that a restricted key has to have.
type permission struct {
	name string // as Stripe's dashboard names it
	slug string // as its link for a new key does
	list string // what can be listed with it
}

var permissions = []permission{
	{"Checkout Sessions (write)", "rak_checkout_session_write", "/v1/checkout/sessions"},
	{"PaymentIntents (read)", "rak_payment_intent_read", "/v1/payment_intents"},
	{"Charges and Refunds (write)", "rak_charge_write", "/v1/refunds"},
	{"Disputes (read)", "rak_dispute_read", "/v1/disputes"},
	{"Webhook Endpoints (write)", "rak_webhook_write", "/v1/webhook_endpoints"},
}

// KeyURL is where a merchant makes a restricted key at Stripe, with all that it has to be allowed chosen already.
func KeyURL(name string, test bool) string {
	form := url.Values{"name": {name}, "permissions[]": {"rak_accounts_kyc_basic_read"}}
	for _, p := range permissions {
		form.Add("permissions[]", p.slug)
	}
	mode := ""
	if test {
		mode = "/test"
	}
	return "https://dashboard.stripe.com" + mode + "/apikeys/create?" + form.Encode()
}

var secretKey = regexp.MustCompile(`^[sr]k_(test|live)_[A-Za-z0-9_]{8,240}$`)

// modeOf reports whether a secret key is one of test mode.
func modeOf(key string) (test bool, err error) {
	if m := secretKey.FindStringSubmatch(key); m != nil {
		return m[1] == "test", nil
	}
	const where = " Copy it from Stripe's dashboard, under Developers → API keys."
	switch {
	case key == "":
		return false, orbit.Errorf(orbit.Forbidden, "Enter the secret key of your Stripe account."+where)
	case strings.HasPrefix(key, "pk_"):
		return false, orbit.Errorf(orbit.Forbidden, "This is Stripe's publishable key. Enter the secret key, which starts "+
			"with sk_ or rk_."+where)
	}
	return false, orbit.Errorf(orbit.Forbidden, "This isn't a secret key of Stripe: they start with sk_ or rk_."+where)
}

// Check reads the account. A restricted key has to be allowed all that payments take, and may be kept from reading
// the account itself: its ID and name are empty then.
func (p *Provider) Check(ctx context.Context, account orbit.PaymentAccount) (orbit.CheckedAccount, error) {
	key := account.Secrets["secretKey"]
	test, err := modeOf(key)
	if err != nil {
		return orbit.CheckedAccount{}, err
	}
	if strings.HasPrefix(key, "rk_") {
		if err := p.allowed(ctx, account); err != nil {
			return orbit.CheckedAccount{}, err
		}
	}
	var read struct {
		ID             string `json:"id"`
		Email          string `json:"email"`
		ChargesEnabled bool   `json:"charges_enabled"`
		Profile        struct {
			Name string `json:"name"`
		} `json:"business_profile"`
		Settings struct {
			Dashboard struct {
				Name string `json:"display_name"`
			} `json:"dashboard"`
		} `json:"settings"`
	}
	err = p.call(ctx, account, request{method: http.MethodGet, path: "/v1/account", right: "Account (read)"}, &read)
	checked := orbit.CheckedAccount{Test: test}
	if why, ok := refusedFor(err); ok && why.Status == http.StatusForbidden && strings.HasPrefix(key, "rk_") {
		checked.Note = "Payments work. The key may not read the account, so its name isn't known: " +
			missing(why.Message, "Account (read)") + "."
		return checked, nil
	}
	if err != nil {
		return orbit.CheckedAccount{}, err
	}
	checked.ID = read.ID
	for _, name := range []string{read.Profile.Name, read.Settings.Dashboard.Name, read.Email, read.ID} {
		if checked.Name = cut(strings.TrimSpace(printable(name)), 100); checked.Name != "" {
			break
		}
	}
	switch {
	case read.ChargesEnabled:
	case test:
		checked.Note = "Test payments work. Stripe takes no real payments yet: finish your account in Stripe's dashboard."
	default:
		checked.Closed = true
		checked.Note = "Stripe takes no payments for this account yet: finish it in Stripe's dashboard."
	}
	return checked, nil
}

// allowed asks for each thing that payments take, and names all permissions that are missing.
func (p *Provider) allowed(ctx context.Context, account orbit.PaymentAccount) error {
	var lacking []string
	for _, needed := range permissions {
		err := p.call(ctx, account, request{method: http.MethodGet, path: needed.list,
			form: url.Values{"limit": {"1"}}, right: needed.name}, nil)
		if why, ok := refusedFor(err); ok && why.Status == http.StatusForbidden {
			lacking = append(lacking, needed.name)
			continue
		}
		if err != nil {
			return err
		}
	}
	switch len(lacking) {
	case 0:
		return nil
	case 1:
		return orbit.Errorf(orbit.Forbidden, "The secret key lacks a permission: %s. Add it to the key in Stripe's "+
			"dashboard, under Developers → API keys.", lacking[0])
	}
	return orbit.Errorf(orbit.Forbidden, "The secret key lacks permissions: %s. Add them to the key in Stripe's "+
		"dashboard, under Developers → API keys.", strings.Join(lacking, ", "))
}
