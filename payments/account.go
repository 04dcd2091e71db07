package payments

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

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

// decrypt returns an account with its secrets in the clear.
func (s *Service) decrypt(a orbit.ProviderAccount) (orbit.PaymentAccount, error) {
	account := orbit.PaymentAccount{MerchantID: a.MerchantID, Provider: a.Provider, Test: a.Test}
	text, err := s.cipher.Decrypt(place(a), a.Secret)
	if err != nil {
		return account, err
	}
	var kept keptSecrets
	if err := json.Unmarshal([]byte(text.Reveal()), &kept); err != nil {
		return account, err
	}
	account.Secrets = kept.Secrets
	account.Webhook = orbit.ProviderWebhook{ID: a.WebhookID, Secret: kept.Webhook}
	return account, nil
}

// SaveAccount keeps a merchant's account at a provider: its credentials are checked there first, and the provider is
// asked to send its events here. The same account keeps its row and its address; another one gets its own, and what the
// one before has taken is still settled and refunded with it. Faults are by the names of the secrets, and on replace
// where the form doesn't say that another account may take the place of the one before: a Conflict.
func (s *Service) SaveAccount(ctx context.Context, m shop.Member, name string, form orbit.ProviderForm) (
	a orbit.ProviderAccount, err error,
) {
	provider, names := s.Providers[name], orbit.ProviderSecrets(name)
	if provider == nil || len(names) == 0 {
		return a, orbit.Missing()
	}
	account := orbit.PaymentAccount{MerchantID: m.ID(), Provider: name, Test: form.Test, Secrets: map[string]string{}}
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
	return s.keep(ctx, m, provider, account, checked)
}

// onField puts what a provider says against credentials beside their field.
func onField(field string, err error) error {
	switch orbit.CodeOf(err) {
	case orbit.Forbidden, orbit.Invalid:
		return orbit.FaultOn(orbit.Invalid, field, "", orbit.Sentence(err))
	}
	return err
}

// keep connects and stores an account that its provider knows.
func (s *Service) keep(ctx context.Context, m shop.Member, provider Provider, account orbit.PaymentAccount,
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
	err = m.Change(ctx, func(e *shop.Edit) error {
		return e.SavePaymentAccount(ctx, a, orbit.Providers().Name(a.Provider))
	})
	return a, err
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
	if err != nil {
		return check, err
	}
	checked, err := provider.Check(ctx, account)
	switch {
	case err == nil:
		check.OK, check.Message, check.Name = true, checked.Note, checked.Name
	case orbit.CodeOf(err) == orbit.Unavailable:
		check.Message = orbit.Sentence(err)
		return check, nil // it says nothing about the account
	default:
		check.Message = orbit.Sentence(err)
	}
	return check, m.Change(ctx, func(e *shop.Edit) error { return e.NoteCheck(ctx, a.ID, check.Message) })
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
	if err != nil {
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
