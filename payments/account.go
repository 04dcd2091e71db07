package payments

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
	"orbit360.app/store/shop"
)

// keptSecrets is what is encrypted of an account.
type keptSecrets struct {
	Secrets map[string]string `json:"secrets"`
	Webhook string            `json:"webhook"` // that events are signed with
}

func place(a orbit.ProviderAccount) orbit.SecretPlace {
	return orbit.PaymentSecret(a.MerchantID, a.Provider, a.ID)
}

// decrypt returns an account with its secrets in the clear. Forbidden where no key opens them.
func (s *Service) decrypt(a orbit.ProviderAccount) (orbit.PaymentAccount, error) {
	account := orbit.PaymentAccount{MerchantID: a.MerchantID, Provider: a.Provider, Test: a.Test}
	var kept keptSecrets
	text, err := s.cipher.Decrypt(place(a), a.Secret)
	if err == nil {
		err = json.Unmarshal([]byte(text.Reveal()), &kept)
	}
	if err != nil {
		return account, orbit.Wrap(orbit.Forbidden, err, fmt.Sprintf("The stored %s credentials can't be read. "+
			"Enter your credentials again.", orbit.Providers().Name(a.Provider)))
	}
	account.Secrets = kept.Secrets
	account.Webhook = orbit.ProviderWebhook{ID: a.WebhookID, Secret: kept.Webhook}
	return account, nil
}

// SaveAccount keeps an account that Connect returns.
func (s *Service) SaveAccount(ctx context.Context, m shop.Member, name string, form orbit.ProviderForm) (
	a orbit.ProviderAccount, err error,
) {
	if a, err = s.Connect(ctx, m, name, form); err != nil {
		return a, err
	}
	return a, m.Change(ctx, func(e *shop.Edit) error {
		return e.SavePaymentAccount(ctx, a, orbit.Providers().Name(name))
	})
}

// Connect returns a merchant's account at a provider as it is to be stored: its credentials have been checked there,
// and the provider was asked to send its events here. The same account keeps its row and its address; another one gets
// its own, and what the one before has taken is still settled and refunded with it. Faults are by the names of the
// secrets; on mode where the credentials are for the other one; and on replace where the form doesn't say that another
// account may take the place of the one before: a Conflict.
func (s *Service) Connect(ctx context.Context, m shop.Member, name string, form orbit.ProviderForm) (
	a orbit.ProviderAccount, err error,
) {
	provider, names := s.Providers[name], orbit.ProviderSecrets(name)
	if provider == nil || len(names) == 0 {
		return a, orbit.Missing()
	}
	account := orbit.PaymentAccount{MerchantID: m.ID(), Provider: name, Secrets: map[string]string{}}
	err = m.Read(ctx, func(t *shop.Tenant) error {
		a, err = t.PaymentAccountOf(ctx, name)
		if orbit.CodeOf(err) == orbit.NotFound {
			return nil
		}
		if err == nil {
			before, opened := s.decrypt(a)
			if opened == nil { // what no key opens has to be entered again
				account.Secrets = before.Secrets
			}
		}
		return err
	})
	if err != nil {
		return a, err
	}
	account.Test = form.Mode == orbit.ModeTest || form.Mode == "" && a.Test
	var faults orbit.Faults
	for _, field := range names {
		if typed := strings.TrimSpace(form.Secrets[field]); typed != "" {
			account.Secrets[field] = typed
		}
		if v := account.Secrets[field]; v == "" || len(v) > 500 || strings.ContainsAny(v, " \t\r\n\x00") {
			faults.Add(field, "", "Enter the whole key, as the provider shows it.")
		}
	}
	if err := faults.Err(); err != nil {
		return a, err
	}
	checked, err := provider.Check(ctx, account)
	if err != nil {
		return a, onField(names[len(names)-1], err)
	}
	switch mode := orbit.ModeOf(checked.Test); {
	case form.Mode != "" && form.Mode != mode:
		modes := orbit.PaymentModes()
		return a, orbit.FaultOn(orbit.Invalid, "mode", "", "These credentials are for "+modes.Name(mode)+
			". Choose that mode, or enter those for "+modes.Name(form.Mode)+".")
	case form.Active && checked.Closed:
		return a, cantActivate(orbit.Conflict, checked.Note)
	}
	if checked.ID == "" { // a key that may not read its account: it stands for it
		checked.ID = "…" + last4(account.Secrets[names[0]])
	}
	if !a.ID.IsZero() && a.Account != checked.ID && !form.Replace {
		return a, orbit.FaultOn(orbit.Conflict, "replace", "",
			fmt.Sprintf("These credentials are for %s, and payments go to "+
				"%s now. Enter them again and confirm, and new payments go to the new account. Payments and refunds under way "+
				"stay "+
				"with the one before.", orbit.AccountName(checked.ID, checked.Name), orbit.AccountName(a.Account, a.Name)))
	}
	return s.connect(ctx, m, provider, account, checked)
}

func cantActivate(code orbit.Code, why string) *orbit.Error {
	return orbit.Errorf(code, "It can't be activated. %s", why)
}

// onField puts what a provider says against credentials beside their field, and says when to ask again where it
// couldn't be asked.
func onField(field string, err error) error {
	switch e, _ := errors.AsType[*orbit.Error](err); orbit.CodeOf(err) {
	case orbit.Forbidden, orbit.Invalid:
		return orbit.FaultOn(orbit.Invalid, field, "", orbit.Sentence(err))
	case orbit.Unavailable:
		return orbit.Wrap(orbit.Unavailable, err, e.Message).After(max(e.RetryAfter, time.Minute))
	}
	return err
}

// connect has events sent for an account that its provider knows, and encrypts its secrets.
func (s *Service) connect(ctx context.Context, m shop.Member, provider Provider, account orbit.PaymentAccount,
	checked orbit.CheckedAccount) (a orbit.ProviderAccount, err error) {
	err = m.Read(ctx, func(t *shop.Tenant) error {
		a, err = t.SamePaymentAccount(ctx, account.Provider, checked.ID, checked.Test)
		if orbit.CodeOf(err) == orbit.NotFound {
			a, err = orbit.ProviderAccount{MerchantID: m.ID(), ID: orbit.NewID[orbit.ProviderAccount](),
				Provider: account.Provider, Test: checked.Test, Account: checked.ID, WebhookToken: pg.Token()}, nil
		}
		return err
	})
	if err != nil {
		return a, err
	}
	account.Test = checked.Test
	secrets := orbit.ProviderSecrets(account.Provider)
	a.Name, a.Message, a.Last4 = checked.Name, checked.Note, last4(account.Secrets[secrets[len(secrets)-1]])
	hook, err := provider.Connect(ctx, account, s.eventsAt(a))
	if err != nil {
		// Without events payments are settled by the timer: slower, not less sure.
		a.Message = join(a.Message, "Events can't be received: "+orbit.Sentence(err))
		if before, opened := s.decrypt(a); opened == nil {
			account.Webhook = before.Webhook
		}
	} else {
		account.Webhook, a.WebhookID = hook, hook.ID
	}
	text, err := json.Marshal(keptSecrets{Secrets: account.Secrets, Webhook: account.Webhook.Secret})
	if err != nil {
		return a, err
	}
	a.Secret = s.cipher.Encrypt(place(a), orbit.NewSecret(string(text)))
	return a, nil
}

// Endings returns the last four characters of an account's secrets, by their names: all that anybody sees of them.
func (s *Service) Endings(a orbit.ProviderAccount) map[string]string {
	names, endings := orbit.ProviderSecrets(a.Provider), map[string]string{}
	account, err := s.decrypt(a)
	if err != nil { // no key opens it: what was noted of it is left
		return map[string]string{names[len(names)-1]: a.Last4}
	}
	for _, name := range names {
		endings[name] = last4(account.Secrets[name])
	}
	return endings
}

func join(a, b string) string { return strings.TrimSpace(a + " " + b) }

func last4(secret string) string { return secret[max(0, len(secret)-4):] }

// eventsAt is the address that a provider sends an account's events to.
func (s *Service) eventsAt(a orbit.ProviderAccount) string {
	return s.Addresses.Site("/payments/" + a.Provider + "/" + a.MerchantID.String() + "/" + a.WebhookToken)
}

// Check asks a provider about the account that a merchant's method uses, and keeps what it says. NotFound where there
// is no account.
func (s *Service) Check(ctx context.Context, m shop.Member, name string) (check orbit.ProviderCheck, err error) {
	if name == orbit.ProviderTest || name == orbit.ProviderManual {
		return orbit.ProviderCheck{OK: true, Test: name == orbit.ProviderTest, Name: orbit.Providers().Name(name)}, nil
	}
	provider := s.Providers[name]
	if provider == nil {
		return check, orbit.Missing()
	}
	var a orbit.ProviderAccount
	if err := m.Read(ctx, func(t *shop.Tenant) error {
		a, err = t.PaymentAccountOf(ctx, name)
		return err
	}); err != nil {
		return check, err
	}
	check = orbit.ProviderCheck{Account: a.Account, Name: a.Name, Test: a.Test, LastEventAt: a.LastEventAt}
	account, err := s.decrypt(a)
	var checked orbit.CheckedAccount
	if err == nil {
		checked, err = provider.Check(ctx, account)
	}
	switch {
	case err == nil:
		check.OK, check.Message, check.Name = !checked.Closed, checked.Note, checked.Name
	case orbit.CodeOf(err) == orbit.Unavailable:
		check.Away, check.Message = true, orbit.Sentence(err)
		return check, nil // it says nothing about the account
	default:
		check.Message = orbit.Sentence(err)
	}
	return check, m.Change(ctx, func(e *shop.Edit) error { return e.NoteAccount(ctx, a.ID, check.Message) })
}

// Activatable asks a provider whether the account that a merchant's method uses takes payments just now. Conflict where
// it doesn't, Unavailable where the provider doesn't answer. Where there is no account it is for Edit.ActivatePayment
// to say what to do.
func (s *Service) Activatable(ctx context.Context, m shop.Member, name string) error {
	check, err := s.Check(ctx, m, name)
	switch {
	case orbit.CodeOf(err) == orbit.NotFound, err == nil && check.OK:
		return nil
	case err == nil && check.Away:
		return cantActivate(orbit.Unavailable, check.Message).After(time.Minute)
	case err == nil:
		return cantActivate(orbit.Conflict, check.Message)
	}
	return err
}

// Receive takes a provider's message for an account: it is verified over its raw bytes, noted, and the payment that it
// names is looked at in a job. Nothing else of it counts. NotFound for an address that is no account's, Invalid for a
// message that isn't the provider's.
func (s *Service) Receive(ctx context.Context, merchant orbit.MerchantID, name, token string, header http.Header,
	body []byte) error {
	provider := s.Providers[name]
	if provider == nil {
		return orbit.Missing()
	}
	var a orbit.ProviderAccount
	if err := s.do(ctx, merchant, func(t *shop.Tenant) (err error) {
		a, err = t.PaymentAccountByToken(ctx, name, token)
		return err
	}); err != nil {
		return err
	}
	account, err := s.decrypt(a)
	if err != nil { // the provider sends it again
		s.note(ctx, orbit.Payment{MerchantID: merchant, AccountID: a.ID}, err)
		return err
	}
	event, err := provider.Event(ctx, account, header, body)
	if err != nil {
		return err
	}
	return s.do(ctx, merchant, func(t *shop.Tenant) error {
		p, err := t.Payment(ctx, event.Payment)
		if orbit.CodeOf(err) == orbit.NotFound || err == nil && p.Kind != name {
			p, err = t.PaymentByReference(ctx, name, event.Reference)
		}
		if orbit.CodeOf(err) == orbit.NotFound {
			p, err = orbit.Payment{}, nil // it is about something that isn't ours
		}
		if err != nil {
			return err
		}
		_, err = t.SeeEvent(ctx, a.ID, name, event.ID, p.ID)
		return err
	})
}
