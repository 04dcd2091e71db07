package payments_test

import (
	"encoding/base64"
	"fmt"
	"log/slog"
	"net/http"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/payments/fake"
	"orbit360.app/store/pg"
	"orbit360.app/store/shop"
	"orbit360.app/store/storetest"
)

// TestNoKeyOpens: an account that no key opens says that its credentials have to be entered again; until then nothing
// is lost of what is under way, and after it all of that is settled.
func TestNoKeyOpens(t *testing.T) {
	t.Parallel()
	c := open(t)
	c.deaf.Store(true)
	const words = "Enter your credentials again."
	for _, provider := range hosted {
		given, before := c.paid(provider, 1)
		o, p := c.asked(provider, 1)
		c.shopperPays(p)
		stock := c.mugs()
		said := func(what string, err error) {
			t.Helper()
			if a := c.accountOf(p); err != nil && !strings.Contains(orbit.Sentence(err), words) ||
				!strings.Contains(a.Message, words) {
				t.Errorf("%s, %s: %v, the account says %q", provider, what, err, a.Message)
			}
			c.sql(`UPDATE payment_accounts SET message = ''`)
		}
		c.sql(`CREATE TABLE kept AS SELECT merchant_id, id, secret FROM payment_accounts`)
		c.sql(`UPDATE payment_accounts SET secret = $1`, []byte("k1:encrypted by a key that nobody has"))
		check, err := c.pay.Check(t.Context(), c.members[c.moss], provider)
		if err != nil || check.OK || !strings.Contains(check.Message, words) {
			t.Errorf("%s: %+v %v", provider, check, err)
		}
		said("check", err)
		_, err = c.pay.Settle(t.Context(), c.moss, p.ID)
		said("settle", err)
		if got := c.payment(p.ID); got.Status != orbit.PaymentPending || !got.NextCheckAt.After(time.Now()) {
			t.Errorf("%s: %s, looked at again at %v", provider, got.Status, got.NextCheckAt)
		}
		a := c.accountOf(p)
		err = c.pay.Receive(t.Context(), c.moss, provider, a.WebhookToken, nil, []byte(`{}`))
		said("receive", err)
		if orbit.CodeOf(err) == orbit.Invalid || err == nil {
			t.Errorf("%s: the answer is that the message is wrong: %v", provider, err)
		}
		refund := c.refund(given, 300)
		c.until("the refund is tried", func() bool {
			return c.count(`SELECT count(*) FROM river_job WHERE kind = 'refund' AND state = 'retryable'`) == 1
		})
		said("refund", nil)
		if got := c.transaction(given.ID, refund); got.Status != orbit.TransactionPending {
			t.Errorf("%s: the refund is %s", provider, got.Status)
		}
		// A page that can't be asked for ends its payment.
		fresh := c.order(provider, 1)
		_, err = c.pay.Open(t.Context(), c.moss, fresh.Payments[0].ID)
		said("open", err)
		if err == nil || c.mugs() != stock {
			t.Errorf("%s: %v, %d mugs of %d", provider, err, c.mugs(), stock)
		}
		c.connect(c.moss, provider, c.secrets[provider])
		c.sql(`UPDATE payment_accounts a SET secret = k.secret FROM kept k WHERE k.id = a.id AND a.provider <> $1`, provider)
		c.sql(`DROP TABLE kept`)
		c.settle(p)
		c.once("after credentials", o, 1)
		c.until("it is refunded", func() bool {
			c.sql(`UPDATE river_job SET scheduled_at = now() WHERE kind = 'refund' AND state = 'retryable'`)
			return c.at(before).Refunded == 300
		})
		c.quiet()
	}
}

// event is a message of moss's account at a provider, as the provider would sign it.
func (c *counter) event(provider string, a orbit.ProviderAccount, id string, p orbit.Payment, at time.Time) (
	http.Header, []byte,
) {
	c.Helper()
	if provider == orbit.ProviderPayPal {
		body := fmt.Appendf(nil, `{"id": %q, "event_type": "CHECKOUT.ORDER.APPROVED", "resource": {"id": %q,
			"purchase_units": [{"custom_id": %q}]}}`, id, p.Reference, p.ID)
		header, err := c.paypal.Sign(a.WebhookID, at, body)
		if err != nil {
			c.Fatal(err)
		}
		return header, body
	}
	body := fmt.Appendf(nil, `{"id": %q, "type": "checkout.session.completed", "livemode": false, "data": {"object":
		{"id": %q, "object": "checkout.session", "client_reference_id": %q}}}`, id, p.Reference, p.ID)
	secret, err := c.stripe.Secret(a.WebhookID)
	if err != nil {
		c.Fatal(err)
	}
	return http.Header{"Stripe-Signature": {fake.SignStripe(at, body, secret)}}, body
}

// TestReceive: what isn't the provider's, or is for another account or another shop, is refused and noted nowhere; a
// message that comes again has no effect.
func TestReceive(t *testing.T) {
	t.Parallel()
	c := open(t)
	c.stripe.Add(fake.StripeAccount{ID: "acct_nord", Key: "sk_test_CANARYnordFirst", Name: "Nord"})
	theirs := map[string]map[string]string{orbit.ProviderStripe: {"secretKey": "sk_test_CANARYnordFirst"},
		orbit.ProviderPayPal: c.paypal.Account(true).Secrets}
	for _, provider := range hosted {
		nord := c.connect(c.nord, provider, theirs[provider])
		_, p := c.asked(provider, 1)
		moss := c.accountOf(p)
		now := time.Now()
		header, body := c.event(provider, moss, "evt_"+provider, p, now)
		old := now.Add(-time.Hour)
		if provider == orbit.ProviderPayPal { // tries for three days, and signs once
			old = now.Add(-5 * 24 * time.Hour)
		}
		late, _ := c.event(provider, moss, "evt_"+provider, p, old)
		foreign, _ := c.event(provider, nord, "evt_"+provider, p, now)
		altered := strings.Replace(string(body), p.ID.String(), orbit.NewID[orbit.Payment]().String(), 1)
		for what, is := range map[string]struct {
			merchant orbit.MerchantID
			provider string
			token    string
			header   http.Header
			body     string
			want     orbit.Code
		}{
			"no signature":          {c.moss, provider, moss.WebhookToken, nil, string(body), orbit.Invalid},
			"an altered body":       {c.moss, provider, moss.WebhookToken, header, altered, orbit.Invalid},
			"signed long ago":       {c.moss, provider, moss.WebhookToken, late, string(body), orbit.Invalid},
			"another account's":     {c.moss, provider, moss.WebhookToken, foreign, string(body), orbit.Invalid},
			"to another account":    {c.nord, provider, nord.WebhookToken, header, string(body), orbit.Invalid},
			"another account there": {c.moss, provider, nord.WebhookToken, header, string(body), orbit.NotFound},
			"to another shop":       {c.nord, provider, moss.WebhookToken, header, string(body), orbit.NotFound},
			"no token":              {c.moss, provider, "", header, string(body), orbit.NotFound},
			"no provider":           {c.moss, "manual", moss.WebhookToken, header, string(body), orbit.NotFound},
		} {
			err := c.pay.Receive(t.Context(), is.merchant, is.provider, is.token, is.header, []byte(is.body))
			if orbit.CodeOf(err) != is.want {
				t.Errorf("%s, %s: %v", provider, what, err)
			}
		}
		if n := c.count(`SELECT count(*) FROM payment_events WHERE id = $1`, "evt_"+provider) +
			c.count(`SELECT count(*) FROM river_job WHERE kind = 'settle'`); n != 0 {
			t.Errorf("%s: %d effects of what was refused", provider, n)
		}
		for range 3 {
			if err := c.pay.Receive(t.Context(), c.moss, provider, moss.WebhookToken, header, body); err != nil {
				t.Error(err)
			}
		}
		if n := c.count(`SELECT count(*) FROM river_job WHERE kind = 'settle' AND args ->> 'paymentId' = $1`,
			p.ID.String()); n != 1 {
			t.Errorf("%s: %d jobs of one message", provider, n)
		}
		// A message of nord's that names moss's payment.
		header, body = c.event(provider, nord, "evt_of_nord", p, now)
		if err := c.pay.Receive(t.Context(), c.nord, provider, nord.WebhookToken, header, body); err != nil {
			t.Error(err)
		}
		if n := c.count(`SELECT count(*) FROM river_job WHERE kind = 'settle' AND args ->> 'merchantId' = $1`,
			c.nord.String()); n != 0 {
			t.Error("another shop's payment was looked at")
		}
		c.quiet()
		c.sql(`DELETE FROM river_job WHERE kind = 'settle'`)
	}
}

// TestSecretKeyChanges: with the old key beside the new one everything opens; the start encrypts the accounts anew, and
// then the old key isn't needed.
func TestSecretKeyChanges(t *testing.T) {
	t.Parallel()
	c := open(t)
	type open struct {
		o orbit.Order
		p orbit.Payment
	}
	var all []open
	for range 3 {
		for _, provider := range hosted {
			o, p := c.asked(provider, 1)
			c.deaf.Store(true)
			c.shopperPays(p)
			all = append(all, open{o, p})
		}
	}
	both := orbit.NewSecretKeys(secondKey, firstKey)
	settle := func(at int, keys ...[]byte) {
		t.Helper()
		c.pay = c.service(keys[0], keys[1:]...)
		for _, one := range all[2*at : 2*at+2] {
			c.settle(one.p)
			c.once("another key", one.o, 1)
		}
	}
	settle(0, secondKey, firstKey)
	owner, err := pg.OpenOwner(t.Context(), storetest.OwnerURL(c.url), slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	defer owner.Close()
	if err := owner.ReplaceKey(t.Context(), pg.Key{Fingerprint: "second"}, both); err != nil {
		t.Fatal(err)
	}
	settle(1, secondKey)
	if _, err := c.service(firstKey).Settle(t.Context(), c.moss, all[4].p.ID); err == nil {
		t.Error("the old key opens what the new one encrypted")
	}
	settle(2, secondKey)
	for _, provider := range hosted {
		if check, err := c.pay.Check(t.Context(), c.members[c.moss], provider); err != nil || !check.OK {
			t.Errorf("%s: %+v %v", provider, check, err)
		}
	}
}

// TestCanaries: credentials, tokens and signing secrets are in no dump of the database and no line of the log, whatever
// went wrong.
func TestCanaries(t *testing.T) {
	t.Parallel()
	c := open(t)
	canaries := []string{"CANARY", "canary", "whsec_"}
	for _, secrets := range c.secrets {
		for _, secret := range secrets {
			canaries = append(canaries, secret, base64.StdEncoding.EncodeToString([]byte(secret)))
		}
	}
	for _, provider := range hosted {
		o, _ := c.paid(provider, 2)
		c.refund(o, 100)
		c.faults(provider, "create", fake.ErrorAfter)
		_, _ = c.pay.Open(t.Context(), c.moss, c.order(provider, 1).Payments[0].ID)
		c.faults(provider, "refund", fake.HangUpAfter)
		c.refund(o, 200)
		c.quiet()
		_, left := c.asked(provider, 1)
		refused := c.order(provider, 1)
		c.roll(provider)
		_, _ = c.pay.Open(t.Context(), c.moss, refused.Payments[0].ID)
		_, _ = c.pay.Settle(t.Context(), c.moss, left.ID)
		c.refund(o, 300)
		c.quiet()
		_, _ = c.pay.Check(t.Context(), c.members[c.moss], provider)
		_, _ = c.service(secondKey).Settle(t.Context(), c.moss, left.ID)
		_, err := c.pay.SaveAccount(t.Context(), c.members[c.moss], provider, orbit.ProviderForm{Mode: orbit.ModeTest,
			Secrets: map[string]string{"secretKey": "sk_test_CANARYwrong", "clientId": "CANARY", "clientSecret": "CANARY"}})
		if err == nil {
			t.Error("wrong credentials are taken")
		}
		c.log.Write([]byte(fmt.Sprintf("%v %+v\n", err, err)))
		for _, secret := range c.secrets[provider] {
			canaries = append(canaries, secret)
		}
	}
	c.in(func(tenant *shop.Tenant) error {
		for _, provider := range hosted {
			a, err := tenant.PaymentAccountOf(t.Context(), provider)
			if err != nil {
				return err
			}
			c.log.Write([]byte(fmt.Sprintf("%+v\n", a)))
		}
		return nil
	})
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pg_dump") // the pattern is fine
	if at, err := exec.LookPath("pg_dump"); err == nil {
		found = append(found, at)
	}
	if len(found) == 0 {
		t.Fatal("pg_dump isn't there")
	}
	dump, err := exec.CommandContext(t.Context(), found[0], storetest.SuperURL(c.url)).CombinedOutput()
	if err != nil || !strings.Contains(string(dump), c.moss.String()) {
		t.Fatalf("%v %d", err, len(dump))
	}
	for _, canary := range canaries {
		for what, text := range map[string]string{"the dump": string(dump), "the log": c.log.String()} {
			if at := strings.Index(text, canary); at >= 0 {
				t.Errorf("%s has %q: …%s…", what, canary, text[max(0, at-200):min(len(text), at+60)])
			}
		}
	}
	if !strings.Contains(c.log.String(), "a payment was refused") {
		t.Error("nothing is logged")
	}
}
