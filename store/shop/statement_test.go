package shop_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/pg"
	"orbit360.app/store/shop"
)

// had notes that a shop has a plan from a time on.
func (m *market) had(id orbit.MerchantID, from time.Time, slug string) {
	m.Helper()
	m.sql(`INSERT INTO merchant_plans (merchant_id, started_at, plan_id) SELECT $1, $2, id FROM plans WHERE slug = $3`,
		id.String(), from, slug)
	m.sql(`UPDATE merchants SET plan_id = (SELECT id FROM plans WHERE slug = $2), activated_at = coalesce(activated_at, $3)
		WHERE id = $1`, id.String(), slug, from)
}

func (m *market) statement(id orbit.MerchantID, month time.Time) (s orbit.Statement, err error) {
	m.Helper()
	err = shop.For(m.db, id).Do(m.Context(), func(t *shop.Tenant) (err error) {
		s, err = t.Statement(m.Context(), month)
		return err
	})
	return s, err
}

// TestStatements: a shop's months are closed once, by many processes at once; each says what the shop had when, at the
// price of then; nothing changes a closed one.
func TestStatements(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	at := func(month time.Month, day, hour int) time.Time {
		return time.Date(2026, month, day, hour, 0, 0, 0, time.UTC)
	}
	m.sql(`UPDATE plan_prices SET since = '2026-01-01Z'`)
	m.had(m.alpha, at(6, 16, 0), "starter")
	m.had(m.alpha, at(7, 11, 12), "professional")
	m.had(m.beta, at(7, 1, 0), "enterprise")
	// A new price of Professional counts from the next month.
	m.sql(`INSERT INTO plan_prices SELECT id, '2026-07-20Z', name, 9999, currency, billing_cycle FROM plans
		WHERE slug = 'professional'`)
	m.sql(`INSERT INTO traffic (merchant_id, month, bytes) VALUES ($1, '2026-07-01', 4711)`, m.alpha.String())

	other, err := store.Open(t.Context(), m.url)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	now := at(9, 1, 0).Add(orbit.StatementGrace - time.Second) // August isn't closed yet
	var wg sync.WaitGroup
	made := make([]int, 8)
	for i := range made {
		wg.Go(func() {
			var err error
			if made[i], err = shop.CloseStatements(t.Context(), []*store.DB{m.db, other}[i%2], now); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	sum := 0
	for _, n := range made {
		sum += n
	}
	if sum != 3 || m.count(`SELECT count(*) FROM statements`) != 3 {
		t.Error("closed:", made)
	}

	june, err := m.statement(m.alpha, at(6, 1, 0))
	if err != nil || !june.Closed() || len(june.Lines) != 1 || june.Lines[0].Amount != 1500 { // half of 29.99, half up
		t.Errorf("June: %+v %v", june, err)
	}
	july, err := m.statement(m.alpha, at(7, 1, 0))
	if err != nil || len(july.Lines) != 2 || july.BandwidthBytes != 4711 {
		t.Fatalf("July: %+v %v", july, err)
	}
	// 10.5 of 31 days at 29.99 are 10.1579, 20.5 at 79.99 are 52.8966: together 63.0545.
	if july.Lines[0].Amount != 1016 || july.Lines[1].Amount != 5289 || orbit.Owed(july.Lines)[0].Amount != 6305 {
		t.Errorf("July: %+v", july.Lines)
	}
	if _, err := m.statement(m.alpha, at(5, 1, 0)); orbit.CodeOf(err) != orbit.NotFound {
		t.Error("May:", err)
	}

	// Closed months stay as they are, whatever is changed later.
	m.sql(`UPDATE plan_prices SET price = 1`)
	m.sql(`DELETE FROM merchant_plans WHERE merchant_id = $1 AND started_at < '2026-07-01Z'`, m.alpha.String())
	if again, err := m.statement(m.alpha, at(6, 1, 0)); err != nil || again.Lines[0].Amount != 1500 {
		t.Errorf("June: %+v %v", again, err)
	}
	for _, sql := range []string{`UPDATE statements SET orders = 1`, `DELETE FROM statements`,
		`UPDATE merchant_plans SET started_at = now()`} {
		err := shop.For(m.db, m.alpha).Do(t.Context(), func(t *shop.Tenant) error {
			_, err := pg.Exec(m.Context(), t, sql)
			return err
		})
		if err == nil {
			m.Error("the serving role may:", sql)
		}
	}
	// One merchant's statements are nobody else's.
	m.in(m.beta, func(ctx context.Context, t *shop.Tenant) error {
		all, err := t.Statements(ctx)
		if len(all) != 1 || all[0].Lines[0].Plan != "Enterprise" {
			m.Errorf("%+v", all)
		}
		return err
	})
	// The next month, with the price that the plan had at its beginning.
	m.sql(`UPDATE plan_prices SET price = 9999 WHERE since = '2026-07-20Z'`)
	if n, err := shop.CloseStatements(t.Context(), m.db, at(9, 1, 1)); err != nil || n != 2 {
		t.Error("August:", n, err)
	}
	if s, err := m.statement(m.alpha, at(8, 1, 0)); err != nil || s.Lines[0].Amount != 9999 {
		t.Errorf("August: %+v %v", s, err)
	}
}

// TestSuspensionIsCharged: a suspended shop keeps its plan, and what it costs.
func TestSuspensionIsCharged(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	m.sql(`UPDATE plan_prices SET since = '2026-01-01Z'`)
	m.had(m.alpha, time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC), "starter")
	if err := m.db.Suspend(t.Context(), m.alpha, "Unpaid", orbit.System, nil); err != nil {
		t.Fatal(err)
	}
	may := time.Date(2026, 5, 2, 0, 0, 0, 0, time.UTC)
	if n, err := shop.CloseStatements(t.Context(), m.db, may); err != nil || n != 2 {
		t.Error(n, err)
	}
	s, err := m.statement(m.alpha, time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC))
	if err != nil || s.Lines[0].Amount != 2999 {
		t.Errorf("%+v %v", s, err)
	}
}
