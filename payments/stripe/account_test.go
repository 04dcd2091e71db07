package stripe_test

import (
	"slices"
	"strings"
	"testing"

	"orbit360.app/orbit"
	"orbit360.app/payments/fake"
	"orbit360.app/payments/stripe"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	for _, a := range []fake.StripeAccount{
		{ID: "acct_live", Key: "sk_live_51LiveLiveLiveLive", Name: "Live"},
		{ID: "acct_closed", Key: "sk_live_51ClosedClosedClosed", Email: "closed@example.com", Closed: true},
		{ID: "acct_new", Key: "sk_test_51NewNewNewNewNew", Closed: true},
		{ID: "acct_ours", Key: "rk_test_51AllAllAllAllAll"},
		{ID: "acct_ours", Key: "rk_test_51NamelessNameless", Lacks: []string{"rak_accounts_kyc_basic_read"}},
	} {
		b.site.Add(a)
	}
	for key, want := range map[string]orbit.CheckedAccount{
		ours:                         {ID: "acct_ours", Name: "Ours", Test: true},
		"sk_live_51LiveLiveLiveLive": {ID: "acct_live", Name: "Live"},
		"sk_live_51ClosedClosedClosed": {ID: "acct_closed", Name: "closed@example.com",
			Closed: true, Note: "Stripe takes no payments for this account yet: finish it in Stripe's dashboard."},
		"sk_test_51NewNewNewNewNew": {ID: "acct_new", Name: "acct_new", Test: true,
			Note: "Test payments work. Stripe takes no real payments yet: finish your account in Stripe's dashboard."},
		"rk_test_51AllAllAllAllAll": {ID: "acct_ours", Name: "Ours", Test: true},
		"rk_test_51NamelessNameless": {Test: true, Note: "Payments work. The key may not read the account, so its name " +
			"isn't known: Account (read), which Stripe calls rak_accounts_kyc_basic_read."},
	} {
		if got, err := b.Check(t.Context(), with(key)); err != nil || got != want {
			t.Errorf("%s: %+v, %v", key, got, err)
		}
	}
}

// A restricted key that lacks what payments take isn't taken, and the sentence names all that it lacks.
func TestCheckNamesPermissions(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	for slug, name := range map[string]string{
		"rak_checkout_session_write": "Checkout Sessions (write)", "rak_payment_intent_read": "PaymentIntents (read)",
		"rak_charge_write": "Charges and Refunds (write)", "rak_dispute_read": "Disputes (read)",
		"rak_webhook_write": "Webhook Endpoints (write)",
	} {
		key := "rk_test_51" + slug
		b.site.Add(fake.StripeAccount{ID: "acct_ours", Key: key, Lacks: []string{slug}})
		_, err := b.Check(t.Context(), with(key))
		if orbit.CodeOf(err) != orbit.Forbidden || !strings.Contains(orbit.Sentence(err), "lacks a permission: "+name+".") {
			t.Errorf("%s: %v", slug, err)
		}
		if !strings.Contains(stripe.KeyURL("Orbit", true), slug) {
			t.Errorf("%s isn't chosen by %s", slug, stripe.KeyURL("Orbit", true))
		}
	}
	const key = "rk_test_51TwoTwoTwoTwo"
	b.site.Add(fake.StripeAccount{ID: "acct_ours", Key: key, Lacks: []string{"rak_charge_write", "rak_webhook_write"}})
	_, err := b.Check(t.Context(), with(key))
	if !strings.Contains(orbit.Sentence(err),
		"lacks permissions: Charges and Refunds (write), Webhook Endpoints (write). Add them") {
		t.Error(err)
	}
}

func TestConnect(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	const address = "https://ours.example/hooks/stripe"
	account := b.account
	connect := func() orbit.ProviderWebhook {
		t.Helper()
		webhook, err := b.Connect(t.Context(), account, address)
		if err != nil || !strings.HasPrefix(webhook.ID, "we_") || !strings.HasPrefix(webhook.Secret, "whsec_") {
			t.Fatalf("%+v, %v", webhook, err)
		}
		return webhook
	}
	other, err := b.Connect(t.Context(), account, "https://other.example/hooks/stripe")
	must(t, err)
	first := connect()
	account.Webhook = first
	if again := connect(); again != first {
		t.Errorf("%+v, and then %+v", first, again)
	}
	account.Webhook.Secret = "" // lost
	second := connect()
	if second.ID == first.ID {
		t.Error("an endpoint without its secret was used again")
	}
	account.Webhook = second
	page := b.open(t, b.charge(100, "USD"))
	must(t, b.site.Disable(page.Reference)) // Stripe does that where events aren't taken for days
	third := connect()
	if third.ID == second.ID {
		t.Error("an endpoint that is turned off was used again")
	}
	ids := b.site.Endpoints("acct_ours")
	if slices.Sort(ids); !slices.Equal(ids, slices.Sorted(slices.Values([]string{other.ID, third.ID}))) {
		t.Errorf("%v, wanted the other address's %s and %s", ids, other.ID, third.ID)
	}
	for range 2 {
		must(t, b.Disconnect(t.Context(), account, third.ID))
	}
	must(t, b.Disconnect(t.Context(), account, ""))
	if ids := b.site.Endpoints("acct_ours"); !slices.Equal(ids, []string{other.ID}) {
		t.Error(ids)
	}
	if _, err := b.Connect(t.Context(), account, "localhost/hooks"); orbit.CodeOf(err) != orbit.Invalid {
		t.Error(err)
	}
}
