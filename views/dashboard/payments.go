package dashboard

import (
	"slices"
	"strings"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/views/ui"
)

// PaymentsPath is the page of a shop's ways to pay.
func PaymentsPath(m orbit.Merchant) string { return Path(m) + "/settings/payments" }

// PaymentPath returns a path about one of them: PaymentPath(m, provider, "/activation"). Its page is the card on the
// page of all: without scripts, too, what a form answers is in sight.
func PaymentPath(m orbit.Merchant, provider, rest string) string {
	if rest == "" {
		return PaymentsPath(m) + "#" + provider
	}
	return PaymentsPath(m) + "/" + provider + rest + "#" + provider
}

// Payments is the page of a shop's ways to pay.
type Payments struct {
	Merchant orbit.Merchant
	Now      time.Time
	Methods  []orbit.PaymentMethod
	Accounts []orbit.ProviderAccount // that the methods use
	Keys     StripeKeys
	Manual   PaymentForm
	Tried    TriedPayment
}

// StripeKeys holds the addresses where a restricted key is made at Stripe, with its permissions chosen.
type StripeKeys struct{ Live, Test string }

// TriedPayment is what was asked for and not done, of one provider.
type TriedPayment struct {
	Provider string
	Problem  string            // why
	Faults   map[string]string // of its credentials, by field
	Typed    bool              // it is the form of the credentials that came back
	Test     bool              // as the form had it
}

// method returns the shop's method of a provider, a zero one where it never had it.
func (p Payments) method(provider string) (m orbit.PaymentMethod) {
	for _, one := range p.Methods {
		if one.Kind == provider {
			m = one
		}
	}
	return m
}

// account returns the account that a provider's method uses, a zero one where there is none.
func (p Payments) account(provider string) (a orbit.ProviderAccount) {
	for _, one := range p.Accounts {
		if one.Provider == provider {
			a = one
		}
	}
	return a
}

// problem returns why what was asked of a provider wasn't done.
func (p Payments) problem(provider string) string {
	if p.Tried.Provider == provider && !p.Tried.Typed {
		return p.Tried.Problem
	}
	return ""
}

// unpaid returns the names of active methods that take no money: on a live shop, shoppers order without paying.
func (p Payments) unpaid() (names []string) {
	for _, m := range p.Methods {
		switch {
		case !m.Enabled || !orbit.Hosted(m.Kind):
		case m.Kind == orbit.ProviderTest:
			names = append(names, orbit.Providers().Name(m.Kind))
		case m.Test:
			names = append(names, orbit.Providers().Name(m.Kind)+" in test mode")
		}
	}
	return names
}

// none reports whether shoppers have no way to pay.
func (p Payments) none() bool {
	return !slices.ContainsFunc(p.Methods, func(m orbit.PaymentMethod) bool { return m.Enabled })
}

// activates is how the button that activates a provider looks: first comes the account.
func (p Payments) activates(provider string) ui.Kind {
	if len(orbit.ProviderSecrets(provider)) > 0 && p.account(provider).ID.IsZero() {
		return ui.Secondary
	}
	return ui.Primary
}

func unpaidTitle(names []string) string {
	if len(names) == 1 && !strings.HasPrefix(names[0], orbit.Providers().Name(orbit.ProviderTest)) {
		return names[0] + " is active"
	}
	return strings.Join(names, " and ") + " are active"
}

// methodBadges says how a way to pay stands.
func methodBadges(m orbit.PaymentMethod) (list []ui.BadgeProps) {
	if m.Test && m.Kind != orbit.ProviderTest {
		list = append(list, ui.BadgeProps{Label: "Test mode", Tone: ui.Warning, Icon: "circle-dot"})
	}
	if m.Enabled {
		return append(list, ui.BadgeProps{Label: "Active", Tone: ui.Success})
	}
	return append(list, ui.BadgeProps{Label: "Inactive", Icon: "circle-minus"})
}

// aboutProvider says in a sentence what a provider is.
func aboutProvider(provider string) string {
	switch provider {
	case orbit.ProviderStripe:
		return "Cards, wallets and local payment methods, on a payment page that Stripe hosts."
	case orbit.ProviderPayPal:
		return "PayPal balances and cards, on a payment page that PayPal hosts."
	case orbit.ProviderTest:
		return "Try your checkout without money, on a payment page of ours."
	}
	return "Shoppers pay outside the store, by bank transfer for example. You mark the order as paid."
}

const testOrders = "You choose whether the payment succeeds, fails or stays pending for a while. These orders are " +
	"marked Test and stay out of your sales figures."

// Addresses at PayPal where the credentials of an app are.
const (
	paypalLive    = "https://developer.paypal.com/dashboard/applications/live"
	paypalSandbox = "https://developer.paypal.com/dashboard/applications/sandbox"
)

func secretLabel(provider string) string {
	if provider == orbit.ProviderPayPal {
		return "Client secret"
	}
	return "Secret key"
}

// credentialsLabel is what opens the form of an account's credentials.
func credentialsLabel(a orbit.ProviderAccount) string {
	if a.ID.IsZero() {
		return "Connect " + orbit.Providers().Name(a.Provider)
	}
	return "Replace credentials"
}
