package api

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/shop"
)

// PaymentProvider is a way to pay that a shop can offer. All of them are there from the beginning.
type PaymentProvider struct {
	ID          string            `json:"id"`
	Name        string            `json:"name"`
	Active      bool              `json:"active" doc:"Shoppers can choose it at the checkout."`
	Mode        string            `json:"mode" doc:"test takes no real money."`
	Account     *string           `json:"account" doc:"What the provider calls the account that payments go to."`
	AccountName *string           `json:"accountName" doc:"The account as people know it."`
	Settings    map[string]string `json:"settings" nullable:"false"`
	Message     *string           `json:"message" doc:"What you should know or do; null where all is well."`
	CheckedAt   *time.Time        `json:"checkedAt" doc:"When the provider was last asked about the account."`
	LastEventAt *time.Time        `json:"lastEventAt" doc:"When the provider last sent an event about the account."`
	Version     int               `json:"version" doc:"Grows with each change; 0 before the first. For If-Match."`
	CreatedAt   time.Time         `json:"createdAt" doc:"The shop's."`
	UpdatedAt   time.Time         `json:"updatedAt"`
}

// TransformSchema lists providers and modes.
func (PaymentProvider) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	s.Properties["id"].Enum = choices(orbit.Providers())
	s.Properties["mode"].Enum = choices(orbit.PaymentModes())
	return describe(s, map[string]string{"settings": "Of credentials, the last four characters; manual has its `name` " +
		"and `instructions`. Empty before the first credentials."})
}

// ProviderContent is what a way to pay is to be.
type ProviderContent struct {
	Active   bool             `json:"active" doc:"Whether shoppers can choose it."`
	Mode     string           `json:"mode,omitempty"`
	Settings ProviderSettings `json:"settings,omitempty" doc:"Those that are left out stay as they are."`
	Replace  bool             `json:"replace,omitempty"`
}

// TransformSchema lists the modes.
func (ProviderContent) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	s.Properties["mode"].Enum = choices(orbit.PaymentModes())
	return describe(s, map[string]string{
		"mode": "The mode of the credentials; left out, it is theirs. 422 where they are for the other one.",
		"replace": "Confirms that another account at the provider may take the place of the one before. Without it, such " +
			"credentials are 409.",
	})
}

// ProviderSettings has the settings of all providers; each takes its own.
type ProviderSettings struct {
	SecretKey    Change[string] `json:"secretKey,omitempty" writeOnly:"true" maxLength:"500" doc:"stripe."`
	ClientID     Change[string] `json:"clientId,omitempty" writeOnly:"true" maxLength:"500" doc:"paypal."`
	ClientSecret Change[string] `json:"clientSecret,omitempty" writeOnly:"true" maxLength:"500" doc:"paypal."`
	Name         Change[string] `json:"name,omitempty" minLength:"2" maxLength:"60" doc:"manual: as shoppers see it."`
	Instructions Change[string] `json:"instructions,omitempty" nullable:"true" maxLength:"1000" doc:"manual: how to pay."`
}

// sent returns what was sent, by the settings' names.
func (s ProviderSettings) sent() map[string]string {
	all := map[string]string{}
	for name, c := range map[string]Change[string]{"secretKey": s.SecretKey, "clientId": s.ClientID,
		"clientSecret": s.ClientSecret, "name": s.Name, "instructions": s.Instructions} {
		if c.Sent {
			all[name] = c.Value
		}
	}
	return all
}

// ProviderCheck is what a provider says about an account.
type ProviderCheck struct {
	OK          bool       `json:"ok" doc:"The account takes payments."`
	Account     *string    `json:"account" doc:"What the provider calls it; null where there is none."`
	Mode        string     `json:"mode" doc:"test takes no real money."`
	Message     string     `json:"message" doc:"What is wrong and what to do, or what works."`
	LastEventAt *time.Time `json:"lastEventAt" doc:"When the provider last sent an event about the account."`
}

// TransformSchema lists the modes.
func (ProviderCheck) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	s.Properties["mode"].Enum = choices(orbit.PaymentModes())
	return s
}

type (
	// ProviderParams names a way to pay.
	ProviderParams struct {
		ID string `path:"id" doc:"manual, stripe, paypal or test." example:"stripe"`
	}
	putProviderInput struct {
		ProviderParams
		MatchParams
		Body content[ProviderContent]
	}
	providerOutput struct {
		ETag string `header:"ETag" doc:"The version, for If-Match."`
		Body PaymentProvider
	}
	providersInput      struct{ ListParams }
	providersOutput     struct{ Body page[PaymentProvider] }
	providerCheckOutput struct{ Body ProviderCheck }
)

func (a *API) paymentRoutes() {
	answer := exampleProvider()
	registerShop(a, operation{method: http.MethodGet, path: "/payment-providers", id: "listPaymentProviders",
		tag: tagPayments, scope: orbit.ScopePaymentsRead, status: 200, errors: []int{422}, summary: "List payment providers",
		about: "All that a shop can offer, in the order in which shoppers see them. Of credentials, the last four " +
			"characters.",
		answer: page[PaymentProvider]{Items: []PaymentProvider{answer}}}, a.listProviders)
	registerShop(a, operation{method: http.MethodPut, path: "/payment-providers/{id}", id: "updatePaymentProvider",
		tag: tagPayments, scope: orbit.ScopePaymentsWrite, status: 200, errors: []int{412},
		summary: "Set up a payment provider",
		about: "Sets whether shoppers can choose it, and its settings: all of it or nothing. Credentials are checked with " +
			"the provider before they are stored, and never leave again. What is left out of `settings` stays: " +
			"`{\"active\": false}` deactivates, and payments and refunds under way go on.\n\n" +
			"409 for activating without credentials, or with an account that takes no payments; and for credentials of " +
			"another account, until `\"replace\": true` confirms it: payments and refunds under way stay with the one before.",
		body:   map[string]any{"active": true, "mode": "test", "settings": map[string]any{"secretKey": "sk_test_…"}},
		answer: answer}, a.updateProvider)
	registerShop(a, operation{method: http.MethodPost, path: "/payment-providers/{id}/check", id: "checkPaymentProvider",
		tag: tagPayments, scope: orbit.ScopePaymentsWrite, status: 200, summary: "Check a payment provider",
		about: "Asks the provider whether the account that is stored takes payments. The answer is 200 also where it " +
			"doesn't: `ok` is false then, and `message` says what to do. Changes nothing.",
		answer: ProviderCheck{OK: true, Account: answer.Account, Mode: answer.Mode,
			Message: orbit.Connected(*answer.Account, *answer.AccountName, true), LastEventAt: answer.LastEventAt}},
		a.checkProvider)
}

func exampleProvider() PaymentProvider {
	at := exampleTime()
	return PaymentProvider{ID: orbit.ProviderStripe, Name: "Stripe", Active: true, Mode: string(orbit.ModeTest),
		Account: text("acct_1Awesome"), AccountName: text(exampleShopName), Settings: map[string]string{"secretKey": "4242"},
		CheckedAt: &at, LastEventAt: &at, Version: int(at.UnixMicro()), CreatedAt: at, UpdatedAt: at}
}

// providerVersion is when a way to pay was changed, in microseconds.
func providerVersion(m orbit.PaymentMethod) int {
	if m.Kind == "" {
		return 0
	}
	return int(m.UpdatedAt.UnixMicro())
}

// providerView shows a way to pay, with its method where the shop has it, and its account where that has one.
func (a *API) providerView(of orbit.Merchant, provider string, m orbit.PaymentMethod,
	account orbit.ProviderAccount) PaymentProvider {
	v := PaymentProvider{ID: provider, Name: orbit.Providers().Name(provider), Active: m.Enabled,
		Mode:     string(orbit.ModeOf(m.Test || provider == orbit.ProviderTest)),
		Settings: map[string]string{}, Version: providerVersion(m), CreatedAt: of.CreatedAt.UTC(),
		UpdatedAt: of.CreatedAt.UTC()}
	if m.Kind != "" {
		v.UpdatedAt = m.UpdatedAt.UTC()
	}
	if provider == orbit.ProviderManual {
		v.Settings = map[string]string{"name": m.Name, "instructions": m.Instructions}
	}
	if !account.ID.IsZero() {
		v.Account, v.AccountName, v.Message = text(account.Account), text(account.Name), text(account.Message)
		v.CheckedAt, v.LastEventAt, v.Settings = at(account.CheckedAt), at(account.LastEventAt), a.Payments.Endings(account)
	}
	return v
}

// providers returns all ways to pay of a shop.
func (a *API) providers(ctx context.Context, t *shop.Tenant, of orbit.Merchant) (all []PaymentProvider, err error) {
	q := t.Reader()
	methods, accounts := q.PaymentMethods(), q.PaymentAccounts()
	if err := q.Read(ctx); err != nil {
		return nil, err
	}
	for _, provider := range orbit.Providers().Values() {
		var m orbit.PaymentMethod
		var account orbit.ProviderAccount
		if i := slices.IndexFunc(methods.Value, func(m orbit.PaymentMethod) bool { return m.Kind == provider }); i >= 0 {
			m = methods.Value[i]
		}
		for _, one := range accounts.Value {
			if one.Provider == provider {
				account = one
			}
		}
		all = append(all, a.providerView(of, provider, m, account))
	}
	return all, nil
}

// provider returns one way to pay of a shop. NotFound for one that there isn't.
func (a *API) provider(ctx context.Context, t *shop.Tenant, of orbit.Merchant, provider string) (
	PaymentProvider, error) {
	i := slices.Index(orbit.Providers().Values(), provider)
	if i < 0 {
		return PaymentProvider{}, orbit.Missing()
	}
	all, err := a.providers(ctx, t, of)
	if err != nil {
		return PaymentProvider{}, err
	}
	return all[i], nil
}

func (a *API) listProviders(ctx context.Context, d desk, in *providersInput) (*providersOutput, error) {
	var all []PaymentProvider
	err := d.read(ctx, func(ctx context.Context, t *shop.Tenant) (err error) {
		all, err = a.providers(ctx, t, d.Merchant)
		return err
	})
	if err != nil {
		return nil, err
	}
	p, err := whole(a.tokens, "payment-providers", in.ListParams, all, func(v PaymentProvider) store.After {
		return store.After{ID: strconv.Itoa(slices.Index(orbit.Providers().Values(), v.ID))}
	})
	return &providersOutput{p}, err
}

// check returns what can be seen to be wrong without asking anybody.
func (c ProviderContent) check(provider string) error {
	var f orbit.Faults
	name := orbit.Providers().Name(provider)
	switch mode := orbit.PaymentMode(c.Mode); {
	case mode == "":
	case !orbit.PaymentModes().Has(mode):
		f.Add("mode", "", "Send test or live.")
	case provider == orbit.ProviderManual && mode != orbit.ModeLive:
		f.Add("mode", "", "Manual payments have no test mode. Send live, or leave it out.")
	case provider == orbit.ProviderTest && mode != orbit.ModeTest:
		f.Add("mode", "", "Test payments take no real money. Send test, or leave it out.")
	}
	takes := providerSettings(provider)
	for setting := range c.Settings.sent() {
		switch {
		case slices.Contains(takes, setting):
		case len(takes) == 0:
			f.Add("settings."+setting, "", "%s take no settings.", name)
		default:
			f.Add("settings."+setting, "", "%s takes %s.", name, strings.Join(takes, " and "))
		}
	}
	slices.SortFunc(f, func(a, b orbit.Fault) int { return strings.Compare(a.Field, b.Field) })
	return f.Err()
}

// providerSettings returns the settings that a provider takes.
func providerSettings(provider string) []string {
	if provider == orbit.ProviderManual {
		return []string{"name", "instructions"}
	}
	return orbit.ProviderSecrets(provider)
}

func (a *API) updateProvider(ctx context.Context, d desk, in *putProviderInput) (*providerOutput, error) {
	body, r := read[ProviderContent](d.call)
	r.names = map[string]string{}
	for _, setting := range providerSettings(in.ID) {
		r.names[setting] = "settings." + setting
	}
	var now PaymentProvider
	err := d.read(ctx, func(ctx context.Context, t *shop.Tenant) (err error) {
		now, err = a.provider(ctx, t, d.Merchant, in.ID)
		return err
	})
	if err == nil {
		err = d.match(now.Version) // before a provider is asked; the change asks again
	}
	if err == nil {
		err = r.with(body.check(in.ID))
	}
	if err != nil {
		return nil, err
	}
	account, err := a.connect(ctx, d, now, body)
	if err != nil {
		return nil, r.renamed(err)
	}
	err = d.change(ctx, func(ctx context.Context, e *shop.Edit) error {
		if now, err = a.provider(ctx, e.Tenant, d.Merchant, in.ID); err == nil {
			err = d.match(now.Version)
		}
		if err == nil {
			err = setProvider(ctx, e, in.ID, body, account)
		}
		if err == nil {
			now, err = a.provider(ctx, e.Tenant, d.Merchant, in.ID)
		}
		return err
	})
	return &providerOutput{etag(now.Version), now}, r.renamed(err)
}

// connect asks the provider about the credentials that were sent, or about those that are stored where they are to take
// payments from now on. The account is zero where none was sent.
func (a *API) connect(ctx context.Context, d desk, now PaymentProvider, body ProviderContent) (
	account orbit.ProviderAccount, err error,
) {
	sent := body.Settings.sent()
	switch {
	case len(orbit.ProviderSecrets(now.ID)) == 0:
	case len(sent) > 0, now.Account != nil && body.Mode != "" && body.Mode != now.Mode:
		account, err = a.Payments.Connect(ctx, d.Shop, now.ID, orbit.ProviderForm{Mode: orbit.PaymentMode(body.Mode),
			Replace: body.Replace, Active: body.Active, Secrets: sent})
		if orbit.FaultsOf(err).On("replace") {
			const how = `Send "replace": true with the credentials to confirm.`
			err = orbit.Errorf(orbit.CodeOf(err), "%s %s", orbit.Sentence(err), how).
				With(orbit.Fault{Field: "replace", Message: how})
		}
	case body.Active && !now.Active:
		err = a.Payments.Activatable(ctx, d.Shop, now.ID)
	}
	return account, err
}

// setProvider makes a way to pay what it is to be.
func setProvider(ctx context.Context, e *shop.Edit, provider string, body ProviderContent,
	account orbit.ProviderAccount) error {
	if !account.ID.IsZero() {
		if err := e.SavePaymentAccount(ctx, account, orbit.Providers().Name(provider)); err != nil {
			return err
		}
	}
	if sent := body.Settings.sent(); provider == orbit.ProviderManual && len(sent) > 0 {
		patch := orbit.PaymentPatch{}
		for setting, value := range sent {
			patch[setting] = value
		}
		if _, err := e.UpdatePayment(ctx, provider, patch); err != nil {
			return err
		}
	}
	if body.Active {
		return e.ActivatePayment(ctx, provider)
	}
	return e.DeactivatePayment(ctx, provider)
}

func (a *API) checkProvider(ctx context.Context, d desk, in *ProviderParams) (*providerCheckOutput, error) {
	if !orbit.Providers().Has(in.ID) {
		return nil, orbit.Missing()
	}
	check, err := a.Payments.Check(ctx, d.Shop, in.ID)
	name := orbit.Providers().Name(in.ID)
	switch {
	case orbit.CodeOf(err) == orbit.NotFound:
		check, err = orbit.ProviderCheck{Message: "Enter your " + name + " credentials first."}, nil
	case check.OK && check.Message != "":
	case in.ID == orbit.ProviderTest:
		check.Message = name + " need no account."
	case in.ID == orbit.ProviderManual:
		check.Message = name + " needs no account."
	case check.OK:
		check.Message = orbit.Connected(check.Account, check.Name, check.Test)
	}
	return &providerCheckOutput{ProviderCheck{OK: check.OK, Account: text(check.Account),
		Mode: string(orbit.ModeOf(check.Test)), Message: check.Message, LastEventAt: at(check.LastEventAt)}}, err
}
