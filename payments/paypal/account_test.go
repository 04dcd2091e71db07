package paypal_test

import (
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/payments/fake"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	charge := chargeOf(700, "GBP")
	page := b.open(charge)
	b.state(charge, page.Reference)
	if n := b.fake.Calls(fake.PayPalToken); n != 1 {
		t.Errorf("%d tokens for two calls", n)
	}
	b.fake.Withdraw()
	b.state(charge, page.Reference)
	if n := b.fake.Calls(fake.PayPalToken); n != 2 {
		t.Errorf("%d tokens after the first was withdrawn", n)
	}
	if _, err := b.paypal.Create(t.Context(), b.other, charge); err != nil {
		t.Fatal(err)
	}
	if n := b.fake.Calls(fake.PayPalToken); n != 3 {
		t.Errorf("%d tokens for two accounts", n)
	}
	wrong := b.mine
	wrong.Secrets = maps.Clone(b.mine.Secrets)
	wrong.Secrets["clientSecret"] = "canary of another"
	_, err := b.paypal.State(t.Context(), wrong, charge, page.Reference)
	b.is(err, orbit.Forbidden) // the token of the right secret isn't there for the asking
	b.fake.TokensLive(time.Minute)
	b.fake.Withdraw()
	b.state(charge, page.Reference)
	b.state(charge, page.Reference)
	if n := b.fake.Calls(fake.PayPalToken); n != 6 {
		t.Errorf("%d tokens: one that is about to end was used again", n)
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, test := range []bool{true, false} {
		account := b.fake.Account(test)
		got, err := b.paypal.Check(t.Context(), account)
		if err != nil || !strings.HasPrefix(got.ID, "PAYER") || !strings.HasSuffix(got.Name, "@example.com") ||
			got.Test != test || got.Note != "" {
			t.Errorf("%+v %v", got, err)
		}
		account.Test = !test
		_, err = b.paypal.Check(t.Context(), account)
		b.is(err, orbit.Forbidden)
		if word := map[bool]string{true: "sandbox", false: "live"}[test]; !strings.Contains(orbit.Sentence(err),
			"These are "+word+" credentials") {
			t.Error("doesn't say what they are:", err)
		}
		account.Secrets["clientSecret"] = "canary"
		_, err = b.paypal.Check(t.Context(), account)
		b.is(err, orbit.Forbidden)
		if !strings.Contains(orbit.Sentence(err), "client ID and secret") {
			t.Error(err)
		}
	}
	_, err := b.paypal.Check(t.Context(), orbit.PaymentAccount{})
	b.is(err, orbit.Forbidden)
	small := b.fake.Account(true, fake.PayPalCharge)
	got, err := b.paypal.Check(t.Context(), small)
	if err != nil || got.ID != "APP-80W284485P519543T" || !strings.Contains(got.Note, "make refunds, manage webhooks") {
		t.Errorf("%+v %v", got, err)
	}
	b.fake.Exchange.Faults.Next(fake.PayPalToken, fake.ErrorBefore)
	_, err = b.paypal.Check(t.Context(), b.mine)
	b.is(err, orbit.Unavailable) // that says nothing about the credentials
	if _, err := b.paypal.Check(t.Context(), b.mine); err != nil {
		t.Error(err)
	}
	b.fake.CloseAccount(b.mine)
	_, err = b.paypal.Check(t.Context(), b.mine)
	b.is(err, orbit.Forbidden) // whatever the token that is kept can do
}

func TestMissingPermissions(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	charge := chargeOf(700, "GBP")
	b.mine = b.fake.Account(true, fake.PayPalCharge)
	_, capture := b.paid(charge)
	_, refund := b.paypal.Refund(t.Context(), b.mine, refundOf(charge, capture, 1))
	_, connect := b.paypal.Connect(t.Context(), b.mine, "https://shop.example/hooks")
	disconnect := b.paypal.Disconnect(t.Context(), b.mine, "WH1")
	b.mine = b.fake.Account(true, fake.PayPalRefund)
	_, create := b.paypal.Create(t.Context(), b.mine, charge)
	for _, c := range []struct {
		err   error
		scope string
	}{{refund, fake.PayPalRefund}, {connect, fake.PayPalWebhooks}, {disconnect, fake.PayPalWebhooks},
		{create, fake.PayPalCharge}} {
		b.is(c.err, orbit.Forbidden)
		if !strings.Contains(orbit.Sentence(c.err), c.scope) {
			t.Errorf("doesn't name %s: %v", c.scope, c.err)
		}
	}
}

func TestConnecting(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	const address = "https://dashboard.example/hooks/paypal/1"
	first, err := b.paypal.Connect(t.Context(), b.mine, address)
	if err != nil || first.ID == "" || first.Secret != "" {
		t.Fatalf("%+v %v", first, err)
	}
	again, err := b.paypal.Connect(t.Context(), b.mine, address)
	if err != nil || again != first {
		t.Errorf("%+v %v", again, err)
	}
	for _, another := range []struct {
		account orbit.PaymentAccount
		address string
	}{{b.mine, address + "2"}, {b.other, address}} {
		w, err := b.paypal.Connect(t.Context(), another.account, another.address)
		if err != nil || w.ID == first.ID {
			t.Errorf("%+v %v", w, err)
		}
	}
	for range 2 {
		if err := b.paypal.Disconnect(t.Context(), b.mine, first.ID); err != nil {
			t.Error(err)
		}
	}
	if err := b.paypal.Disconnect(t.Context(), b.mine, ""); err != nil {
		t.Error(err)
	}
	if w, err := b.paypal.Connect(t.Context(), b.mine, address); err != nil || w.ID == first.ID {
		t.Errorf("the old one is gone: %+v %v", w, err)
	}
	_, err = b.paypal.Connect(t.Context(), b.mine, "not an address")
	b.is(err, orbit.Invalid)
	// Somebody has set the events by hand: all that is needed come back.
	third, err := b.paypal.Connect(t.Context(), b.mine, address+"3")
	if err != nil {
		t.Fatal(err)
	}
	b.fake.Subscribe(third.ID, "CHECKOUT.ORDER.APPROVED")
	if w, err := b.paypal.Connect(t.Context(), b.mine, address+"3"); err != nil || w != third {
		t.Errorf("%+v %v", w, err)
	}
	if n := len(b.fake.Subscribed(third.ID)); n != 10 {
		t.Errorf("%d events", n)
	}
	// Two at once make one.
	var both sync.WaitGroup
	held := b.hold("POST /v1/notifications/webhooks")
	var slow orbit.ProviderWebhook
	var slowErr error
	both.Go(func() { slow, slowErr = b.paypal.Connect(t.Context(), b.mine, address+"5") })
	<-held.Begun
	quick, err := b.paypal.Connect(t.Context(), b.mine, address+"5")
	held.Release()
	both.Wait()
	if err != nil || slowErr != nil || slow != quick || slow.ID == "" {
		t.Errorf("%+v %v, %+v %v", slow, slowErr, quick, err)
	}
	ids := make([]orbit.ProviderWebhook, 5)
	for i := range ids {
		both.Go(func() {
			var err error
			if ids[i], err = b.paypal.Connect(t.Context(), b.mine, address+"4"); err != nil {
				t.Error(err)
			}
		})
	}
	both.Wait()
	for _, id := range ids {
		if id != ids[0] || id.ID == "" {
			t.Error(ids)
		}
	}
}
