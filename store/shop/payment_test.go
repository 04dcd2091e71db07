package shop_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

// payments changes a shop's ways to pay in its owner's name.
func (m *market) payments(owner orbit.UserID, id orbit.MerchantID, fn func(*shop.Edit) error) error {
	m.Helper()
	return shop.MemberOf(m.db, orbit.Actor{ID: owner, Name: "owner"}, id, orbit.PermissionPayments).Change(m.Context(), fn)
}

// connect gives a shop an account at a provider, as saving its credentials does.
func (m *market) connect(id orbit.MerchantID, provider string, test bool) (account orbit.AccountID) {
	m.Helper()
	account = orbit.NewID[orbit.ProviderAccount]()
	m.sql(`INSERT INTO payment_accounts (merchant_id, id, provider, test, account, secret, webhook_token)
		VALUES ($1, $2, $3, $4, 'acct_1', 'x', 'y')`, id.String(), account.String(), provider, test)
	m.sql(`INSERT INTO payment_methods (merchant_id, kind, name, enabled, test, account_id)
		VALUES ($1, $2, 'Cards', false, $3, $4)`, id.String(), provider, test, account.String())
	return account
}

// offered returns the ways to pay that shoppers see, in their order.
func (m *market) offered(id orbit.MerchantID) (list []string) {
	m.Helper()
	m.in(id, func(ctx context.Context, t *shop.Tenant) error {
		c, err := t.Checkout(ctx)
		for _, one := range c.Methods {
			list = append(list, one.Kind)
		}
		return err
	})
	return list
}

// TestActivatePayment: each way to pay is offered and withdrawn, in a shop of its own, with a line of the
// log each time something changes.
func TestActivatePayment(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	alpha, beta := m.owner(m.alpha), m.owner(m.beta)
	activate := func(provider string) error {
		return m.payments(alpha, m.alpha, func(e *shop.Edit) error { return e.ActivatePayment(t.Context(), provider) })
	}
	deactivate := func(provider string) error {
		return m.payments(alpha, m.alpha, func(e *shop.Edit) error { return e.DeactivatePayment(t.Context(), provider) })
	}
	if err := activate(orbit.ProviderStripe); orbit.CodeOf(err) != orbit.Conflict ||
		orbit.Sentence(err) != "Enter your Stripe credentials first." {
		t.Error(err)
	}
	for _, provider := range []string{"", "free", "bitcoin"} {
		if err := activate(provider); orbit.CodeOf(err) != orbit.NotFound {
			t.Errorf("%q: %v", provider, err)
		}
		if err := deactivate(provider); orbit.CodeOf(err) != orbit.NotFound {
			t.Errorf("%q: %v", provider, err)
		}
	}
	account := m.connect(m.alpha, orbit.ProviderStripe, true)
	m.connect(m.alpha, orbit.ProviderPayPal, false)
	if got := m.offered(m.alpha); !slices.Equal(got, []string{"manual"}) {
		t.Error("without being activated:", got)
	}
	all := []string{"stripe", "paypal", "manual", "test"}
	for range 2 {
		for _, provider := range []string{"test", "paypal", "manual", "stripe"} {
			if err := activate(provider); err != nil {
				t.Error(provider, err)
			}
		}
	}
	if got := m.offered(m.alpha); !slices.Equal(got, all) {
		t.Error(got)
	}
	if got := m.offered(m.beta); !slices.Equal(got, []string{"manual"}) {
		t.Error("the other shop's:", got)
	}
	for range 2 {
		if err := deactivate(orbit.ProviderStripe); err != nil {
			t.Error(err)
		}
	}
	if got := m.offered(m.alpha); !slices.Equal(got, all[1:]) {
		t.Error(got)
	}
	m.in(m.alpha, func(ctx context.Context, x *shop.Tenant) error {
		r := x.Reader()
		methods, accounts := r.PaymentMethods(), r.PaymentAccounts()
		err := r.Read(ctx)
		for _, one := range methods.Value {
			if one.Kind == "stripe" && (one.AccountID != account || !one.Test || one.Name != "Cards") ||
				one.Kind == "test" && !one.Test || one.Kind == "paypal" && one.Test {
				t.Errorf("%+v", one)
			}
		}
		if len(accounts.Value) != 2 {
			t.Error(accounts.Value)
		}
		return err
	})
	var lines []string
	rows, err := m.super.Query(t.Context(), `SELECT action || ' ' || target FROM audit_log
		WHERE merchant_id = $1 AND action LIKE 'payment.%' ORDER BY id`, m.alpha.String())
	if err != nil {
		t.Fatal(err)
	}
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, line)
	}
	if want := []string{"payment.activated Test payments", "payment.activated PayPal", "payment.activated Stripe",
		"payment.deactivated Stripe"}; !slices.Equal(lines, want) {
		t.Errorf("%q", lines)
	}
	err = m.payments(beta, m.alpha, func(e *shop.Edit) error { return e.DeactivatePayment(t.Context(), "manual") })
	if orbit.CodeOf(err) != orbit.NotFound {
		t.Error("by the other shop's owner:", err)
	}
}

// TestWantedProviders: what a shop was activated with is on its first page until it is connected, for those who may
// do it.
func TestWantedProviders(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	m.sql(`UPDATE merchants SET theme_id = (SELECT id FROM themes WHERE slug = 'upfront-modern')`)
	for _, kind := range []string{"paypal", "stripe", "meta_ads"} {
		m.sql(`INSERT INTO integrations (merchant_id, kind) VALUES ($1, $2)`, m.alpha.String(), kind)
	}
	wanted := func(id orbit.MerchantID, may ...orbit.Permission) (list []string) {
		m.in(id, func(ctx context.Context, x *shop.Tenant) error {
			home, err := x.Home(ctx, orbit.Rights{MemberRole: orbit.MemberStaff, Permissions: may}, time.Now(), 7)
			list = home.Wanted
			return err
		})
		return list
	}
	if got := wanted(m.alpha, orbit.PermissionPayments); !slices.Equal(got, []string{"stripe", "paypal"}) {
		t.Error(got)
	}
	if got := wanted(m.alpha, orbit.PermissionOrders, orbit.PermissionSettings); len(got) != 0 {
		t.Error("without the permission:", got)
	}
	if got := wanted(m.beta, orbit.PermissionPayments); len(got) != 0 {
		t.Error("the other shop's:", got)
	}
	m.sql(`UPDATE integrations SET status = 'connected' WHERE kind = 'stripe'`)
	if got := wanted(m.alpha, orbit.PermissionPayments); !slices.Equal(got, []string{"paypal"}) {
		t.Error(got)
	}
}
