package shop_test

import (
	"errors"
	"sync"
	"testing"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

// patch changes a shop's settings in its owner's name.
func (m *market) patch(
	owner orbit.UserID, id orbit.MerchantID, p orbit.ShopPatch, version int,
) (now orbit.ShopSettings, err error) {
	member := shop.MemberOf(m.db, orbit.Actor{ID: owner, Name: "owner"}, id, orbit.PermissionSettings)
	err = member.Change(m.Context(), func(e *shop.Edit) (err error) {
		now, err = e.UpdateSettings(m.Context(), p, version)
		return err
	})
	return now, err
}

func TestUpdateSettings(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	alpha, beta := m.owner(m.alpha), m.owner(m.beta)
	var wait sync.WaitGroup
	fields := map[string]string{"name": "Alpha & Co", "legalName": "Alpha Ltd", "email": "hi@alpha.example",
		"phone": "+44 20 7946 0000", "address.country": "US", "address.line1": "1 High St", "timezone": "America/Chicago",
		"weightUnit": "lb", "orderPrefix": "AL-", "social.x": "@alpha", "category": "toys", "description": "All of it"}
	for field, value := range fields { // each by somebody else, at once
		wait.Go(func() {
			if _, err := m.patch(alpha, m.alpha, orbit.ShopPatch{field: value}, 0); err != nil {
				t.Error(field, err)
			}
		})
	}
	wait.Wait()
	now, err := m.patch(alpha, m.alpha, orbit.ShopPatch{"address.city": "Buffalo"}, 0)
	if err != nil || now.LegalName != "Alpha Ltd" || now.Email != "hi@alpha.example" || now.Phone != "+44 20 7946 0000" ||
		now.Address != (orbit.Address{Line1: "1 High St", City: "Buffalo", Country: "US"}) || now.WeightUnit != "lb" ||
		now.OrderPrefix != "AL-" || now.Social["x"] != "https://www.x.com/alpha" || now.Description != "All of it" {
		t.Error(now, err)
	}
	if now.Version != len(fields)+2 {
		t.Error("version", now.Version)
	}
	again, err := m.patch(alpha, m.alpha, orbit.ShopPatch{"phone": ""}, now.Version-1)
	if !errors.Is(err, shop.ErrStale) || again.Version != now.Version || again.Phone == "" {
		t.Error(again, err)
	}
	if again, err := m.patch(alpha, m.alpha, orbit.ShopPatch{"phone": ""}, now.Version); err != nil || again.Phone != "" {
		t.Error(again, err)
	}
	was, err := m.patch(alpha, m.alpha, orbit.ShopPatch{"phone": "555 1234", "currency": "ZZZ"}, 0)
	if len(orbit.FaultsOf(err)) != 1 || was.Phone != "" {
		t.Error(was, err)
	}
	if _, err := m.patch(beta, m.alpha, orbit.ShopPatch{"phone": "555 1234"}, 0); orbit.CodeOf(err) != orbit.NotFound {
		t.Error("another shop's owner:", err)
	}
	var name, category, other string
	if err := m.super.QueryRow(t.Context(), `SELECT name, category, (SELECT email || phone || address::text FROM settings
		WHERE merchant_id = $2) FROM merchants WHERE id = $1`, m.alpha.String(), m.beta.String()).
		Scan(&name, &category, &other); err != nil || name != "Alpha & Co" || category != "toys" || other != "{}" {
		t.Error(name, category, other, err)
	}
}

// TestTimeZoneFollows: the time zone is the country's, through each move, until somebody chooses another.
func TestTimeZoneFollows(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	owner := m.owner(m.alpha)
	if _, err := m.patch(m.owner(m.beta), m.beta, orbit.ShopPatch{"timezone": "Asia/Tokyo"}, 0); err != nil {
		t.Fatal(err)
	}
	for i, step := range []struct {
		patch orbit.ShopPatch
		want  string
	}{
		{orbit.ShopPatch{"address.country": "AF"}, "Asia/Kabul"}, // passed on the way, as arrow keys do
		{orbit.ShopPatch{"address.country": "DE", "address.city": "Berlin"}, "Europe/Berlin"},
		{orbit.ShopPatch{"phone": "555 1234"}, "Europe/Berlin"},
		{orbit.ShopPatch{"address.country": "US", "timezone": "America/Chicago"}, "America/Chicago"},
		{orbit.ShopPatch{"address.country": "FR"}, "America/Chicago"},
		{orbit.ShopPatch{"timezone": "Europe/Paris"}, "Europe/Paris"},
		{orbit.ShopPatch{"address.country": "NL"}, "Europe/Amsterdam"},
		{orbit.ShopPatch{"timezone": "UTC"}, "UTC"},
		{orbit.ShopPatch{"address.country": "GB"}, "UTC"},
	} {
		if now, err := m.patch(owner, m.alpha, step.patch, 0); err != nil || now.Timezone != step.want {
			t.Errorf("%d, %v: %q instead of %q, %v", i, step.patch, now.Timezone, step.want, err)
		}
	}
	same := orbit.ShopPatch{"address.country": "FR", "timezone": "Asia/Tokyo"}
	if now, err := m.patch(m.owner(m.beta), m.beta, same, 0); err != nil || now.Timezone != "Asia/Tokyo" {
		t.Error(now.Timezone, err)
	}
}

// TestChangeCurrency: prices keep their numbers, and a shop that has sold keeps its currency.
func TestChangeCurrency(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	owner := m.owner(m.alpha)
	price := func() (n int64) {
		if err := m.super.QueryRow(t.Context(), `SELECT v.price FROM variants v JOIN products p ON p.id = v.product_id
			WHERE p.merchant_id = $1 AND p.title = 'Wool Beanie'`, m.alpha.String()).Scan(&n); err != nil {
			t.Fatal(err)
		}
		return n
	}
	for _, step := range []struct {
		currency string
		price    int64
	}{{"EUR", 2900}, {"JPY", 29}, {"KWD", 29000}, {"USD", 2900}} {
		_, err := m.patch(owner, m.alpha, orbit.ShopPatch{"currency": step.currency}, 0)
		if err != nil || price() != step.price {
			t.Error(step, price(), err)
		}
	}
	m.sql(`INSERT INTO customers (merchant_id, id, email, name) VALUES ($1, gen_random_uuid(), 'a@b.example', 'A')`,
		m.alpha.String())
	m.sql(`INSERT INTO orders (merchant_id, id, number, token, cart_id, customer_id, email, address, currency, subtotal,
			total)
		SELECT merchant_id, gen_random_uuid(), 1, 'x', gen_random_uuid(), id, email, '{}', 'USD', 0, 0 FROM customers
		WHERE merchant_id = $1`, m.alpha.String())
	_, err := m.patch(owner, m.alpha, orbit.ShopPatch{"currency": "EUR"}, 0)
	if orbit.CodeOf(err) != orbit.Conflict || !orbit.FaultsOf(err).On("currency") {
		t.Error(err)
	}
	if _, err := m.patch(owner, m.alpha, orbit.ShopPatch{"currency": "USD", "phone": "555 1234"}, 0); err != nil {
		t.Error("the same currency:", err)
	}
}

func TestClose(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	member := shop.MemberOf(m.db, orbit.Actor{ID: m.owner(m.alpha)}, m.alpha, orbit.PermissionSettings)
	live := func() (alpha, beta bool) {
		if err := m.super.QueryRow(t.Context(), `SELECT (SELECT live_at IS NOT NULL FROM merchants WHERE id = $1),
			(SELECT live_at IS NOT NULL FROM merchants WHERE id = $2)`, m.alpha.String(), m.beta.String()).
			Scan(&alpha, &beta); err != nil {
			t.Fatal(err)
		}
		return alpha, beta
	}
	for range 2 {
		if err := member.Change(t.Context(), func(e *shop.Edit) error { return e.Close(t.Context()) }); err != nil {
			t.Fatal(err)
		}
	}
	if alpha, beta := live(); alpha || !beta {
		t.Error("closed:", alpha, beta)
	}
	open := func() error {
		return member.Change(t.Context(), func(e *shop.Edit) error { return e.GoLive(t.Context()) })
	}
	if err := open(); orbit.CodeOf(err) != orbit.Conflict || !orbit.FaultsOf(err).On("business") ||
		len(orbit.FaultsOf(err)) != 1 {
		t.Error("without an address:", err)
	}
	if _, err := m.patch(m.owner(m.alpha), m.alpha, orbit.ShopPatch{"email": "a@alpha.example",
		"address.line1": "1 High St",
		"address.city":  "Leeds", "address.postcode": "LS1", "address.country": "GB"}, 0); err != nil {
		t.Fatal(err)
	}
	if err := open(); err != nil {
		t.Fatal(err)
	}
	if alpha, _ := live(); !alpha {
		t.Error("not open again")
	}
}
