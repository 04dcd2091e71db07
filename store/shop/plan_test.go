package shop_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/shop"
)

// plans returns the shop as its owner reaches it through a database.
func (m *market) plans(id orbit.MerchantID) func(*store.DB) shop.Member {
	m.Helper()
	actor := orbit.Actor{ID: m.owner(id), Name: "ada@example.com"}
	return func(db *store.DB) shop.Member { return shop.MemberOf(db, actor, id, orbit.PermissionOwner) }
}

// begins has a shop begin with its plan a while ago.
func (m *market) begins(id orbit.MerchantID, ago time.Duration) {
	m.Helper()
	m.sql(`INSERT INTO merchant_plans (merchant_id, started_at, plan_id)
		SELECT id, now() - make_interval(secs => $2), plan_id FROM merchants WHERE id = $1`, id.String(), ago.Seconds())
}

// limits gives a plan other limits.
func (m *market) limits(slug, limits string) {
	m.Helper()
	m.sql(`UPDATE plans SET limits = $2::jsonb WHERE slug = $1`, slug, limits)
}

func (m *market) sheet(id orbit.MerchantID) (s orbit.PlanSheet) {
	m.Helper()
	m.in(id, func(ctx context.Context, t *shop.Tenant) (err error) { s, err = t.PlanSheet(ctx); return err })
	return s
}

func (m *market) plan(slug string) orbit.Plan {
	m.Helper()
	p, err := m.db.Plan(m.Context(), slug)
	if err != nil {
		m.Fatal(err)
	}
	return p
}

func (m *market) count(query string, args ...any) (n int64) {
	m.Helper()
	if err := m.super.QueryRow(m.Context(), query, args...).Scan(&n); err != nil {
		m.Fatal(err)
	}
	return n
}

func TestUsage(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	m.sql(`INSERT INTO media (merchant_id, id, hash, width, height, bytes)
		VALUES ($1, gen_random_uuid(), repeat('a', 32), 1, 1, 700), ($2, gen_random_uuid(), repeat('b', 32), 1, 1, 9)`,
		m.alpha.String(), m.beta.String())
	m.sql(`INSERT INTO order_numbers (merchant_id, last, month, in_month)
		VALUES ($1, 1007, date_trunc('month', now(), 'UTC') AT TIME ZONE 'UTC', 7),
			($2, 1003, date_trunc('month', now() - interval '40 days', 'UTC') AT TIME ZONE 'UTC', 3)`,
		m.alpha.String(), m.beta.String())
	m.sql(`INSERT INTO traffic (merchant_id, month, bytes)
		VALUES ($1, date_trunc('month', now(), 'UTC') AT TIME ZONE 'UTC', 5000), ($1, '2020-01-01', 1),
			($2, '2020-01-01', 2)`,
		m.alpha.String(), m.beta.String())
	m.begins(m.alpha, time.Hour)
	m.begins(m.beta, time.Hour)
	if got, want := m.sheet(m.alpha).Usage, (orbit.Usage{Products: 3, OrdersThisMonth: 7, StorageBytes: 700,
		BandwidthBytesThisMonth: 5000}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
	// What was ordered and sent in an earlier month isn't this month's.
	if got, want := m.sheet(m.beta).Usage, (orbit.Usage{Products: 3, StorageBytes: 9}); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestChangePlan(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	owner := m.plans(m.alpha)
	m.begins(m.alpha, time.Minute)
	m.begins(m.beta, time.Minute)
	preview := m.sheet(m.alpha).Preview(m.plan("professional"))
	change := func(c orbit.PlanChange) error {
		return owner(m.db).Change(t.Context(), func(e *shop.Edit) error { return e.ChangePlan(t.Context(), c) })
	}
	for range 2 { // the second click changes nothing
		if err := change(preview.Change()); err != nil {
			t.Fatal(err)
		}
	}
	s := m.sheet(m.alpha)
	if s.Plan.Slug != "professional" || len(s.Periods) != 2 || s.Periods[0].Name != "Starter" ||
		!s.Periods[0].To.Equal(s.Periods[1].From) || !s.Periods[1].To.Equal(orbit.NextMonth(s.Now)) {
		t.Errorf("%+v", s.Periods)
	}
	if n := m.count(`SELECT count(*) FROM audit_log WHERE action = 'merchant.plan' AND merchant_id = $1`,
		m.alpha.String()); n != 1 {
		t.Error("lines in the audit log:", n)
	}
	if b := m.sheet(m.beta); b.Plan.Slug != "starter" || len(b.Periods) != 1 {
		t.Errorf("the other shop's: %+v", b)
	}

	// A preview of before somebody else's change.
	stale := preview.Change()
	stale.To, stale.Version = m.plan("enterprise").ID, m.plan("enterprise").Version()
	if err := change(stale); orbit.CodeOf(err) != orbit.Conflict {
		t.Error("stale:", err)
	}
	// A price that was changed since it was shown.
	next := s.Preview(m.plan("enterprise")).Change()
	m.sql(`UPDATE plans SET price = price + 1, updated_at = now() WHERE slug = 'enterprise'`)
	if err := change(next); orbit.CodeOf(err) != orbit.Conflict {
		t.Error("another price:", err)
	}
	// A plan that was deactivated since.
	next = s.Preview(m.plan("enterprise")).Change()
	if _, err := m.db.SetPlanActive(t.Context(), next.To, false, orbit.System); err != nil {
		t.Fatal(err)
	}
	err := change(orbit.PlanChange{From: next.From, To: next.To, Version: m.plan("enterprise").Version(),
		Upon: next.Upon})
	if orbit.CodeOf(err) != orbit.Invalid || !orbit.FaultsOf(err).On("plan") {
		t.Error("deactivated:", err)
	}
	// One that isn't there.
	err = change(orbit.PlanChange{From: next.From, To: orbit.NewID[orbit.Plan](), Upon: next.Upon})
	if orbit.CodeOf(err) != orbit.Invalid {
		t.Error("unknown:", err)
	}
	if s := m.sheet(m.alpha); s.Plan.Slug != "professional" || len(s.Periods) != 2 {
		t.Errorf("%+v", s)
	}
}

// TestPlanChangedAwayAndBack: a form that was made before the plan was changed away and back changes nothing.
func TestPlanChangedAwayAndBack(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	m.begins(m.alpha, time.Minute)
	admin := orbit.Actor{Name: "admin@example.com"}
	apply := func(c orbit.PlanChange) error { return shop.For(m.db, m.alpha).ChangePlan(t.Context(), c, admin) }
	form := m.sheet(m.alpha).Preview(m.plan("professional")).Change()
	for _, to := range []string{"professional", "starter"} {
		if err := apply(m.sheet(m.alpha).Preview(m.plan(to)).Change()); err != nil {
			t.Fatal(err)
		}
	}
	if err := apply(form); orbit.CodeOf(err) != orbit.Conflict {
		t.Error(err)
	}
	if s := m.sheet(m.alpha); s.Plan.Slug != "starter" || s.Changes != 3 {
		t.Errorf("%+v", s)
	}
	log, err := m.db.AuditLog(t.Context(), m.alpha, 1, 0)
	if err != nil || log[0].Detail["from"] != "Professional" || log[0].Detail["to"] != "Starter" {
		t.Error(log, err)
	}
}

// TestChangePlanByAdmin: an admin changes plans of suspended shops too, and of none that isn't set up.
func TestChangePlanByAdmin(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	owner := m.plans(m.alpha)
	m.begins(m.alpha, time.Minute)
	if err := m.db.Suspend(t.Context(), m.alpha, "Unpaid", orbit.System, nil); err != nil {
		t.Fatal(err)
	}
	c := m.sheet(m.alpha).Preview(m.plan("professional")).Change()
	err := owner(m.db).Change(t.Context(), func(e *shop.Edit) error { return e.ChangePlan(t.Context(), c) })
	if orbit.CodeOf(err) != orbit.Conflict {
		t.Error("a suspended shop's owner:", err)
	}
	admin := orbit.Actor{Name: "admin@example.com"}
	if err := shop.For(m.db, m.alpha).ChangePlan(t.Context(), c, admin); err != nil {
		t.Fatal(err)
	}
	if s := m.sheet(m.alpha); s.Plan.Slug != "professional" {
		t.Error(s.Plan.Slug)
	}
	pending := apply(t, m.db, "Gamma")
	if err := shop.For(m.db, pending).ChangePlan(t.Context(), c, admin); orbit.CodeOf(err) != orbit.Conflict {
		t.Error("pending:", err)
	}
}

// TestTwoOwnersChangeThePlan: of two who change to different plans at once, the second gets the reason.
func TestTwoOwnersChangeThePlan(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	m.begins(m.alpha, time.Minute)
	other, err := store.Open(t.Context(), m.url)
	if err != nil {
		t.Fatal(err)
	}
	defer other.Close()
	s := m.sheet(m.alpha)
	var wg sync.WaitGroup
	errs := make([]error, 20)
	for i := range errs {
		to, db := []string{"professional", "enterprise"}[i%2], []*store.DB{m.db, other}[i/2%2]
		c := s.Preview(m.plan(to)).Change()
		wg.Go(func() {
			errs[i] = shop.For(db, m.alpha).ChangePlan(t.Context(), c, orbit.Actor{Name: "x"})
		})
	}
	wg.Wait()
	now := m.sheet(m.alpha)
	for i, err := range errs {
		won := now.Plan.Slug == []string{"professional", "enterprise"}[i%2]
		if won != (err == nil) || !won && orbit.CodeOf(err) != orbit.Conflict {
			t.Errorf("%d: %v", i, err)
		}
	}
	if len(now.Periods) != 2 {
		t.Errorf("%+v", now.Periods)
	}
}

// TestNotices: of each limit and level owners get one email a month, however often it is passed and its job is
// worked.
func TestNotices(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	owner := m.plans(m.alpha)
	m.limits("starter", `{"products": 10}`)
	add := func(n int) {
		t.Helper()
		for range n {
			if err := owner(m.db).Change(t.Context(), func(e *shop.Edit) error {
				return e.CreateProduct(t.Context(), m.mug(m.alpha), nil)
			}); err != nil {
				t.Fatal(err)
			}
		}
	}
	var written []shop.Notice
	write := func(want string) {
		t.Helper()
		written = nil
		for range 2 { // a second time, as after a crash
			err := shop.For(m.db, m.alpha).WriteNotices(t.Context(), func(n shop.Notice) ([]orbit.Email, error) {
				written = append(written, n)
				return nil, nil
			})
			if err != nil {
				t.Fatal(err)
			}
		}
		got := ""
		for _, n := range written {
			for _, x := range n.Meters {
				got += fmt.Sprintf("%s %s of %d owner; ", x.Key, x.Text(), len(n.Owners))
			}
		}
		if got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	jobs := func(want int64) {
		t.Helper()
		if n := m.count(`SELECT count(*) FROM river_job WHERE kind = 'notice'`); n != want {
			t.Errorf("%d jobs, want %d", n, want)
		}
	}
	add(4) // 7 of 10
	jobs(0)
	write("")
	add(2) // 9 of 10
	jobs(1)
	write("products 8 of 10 of 1 owner; ")
	m.sql(`DELETE FROM products WHERE merchant_id = $1 AND title = 'Mug'`, m.alpha.String())
	add(5)
	jobs(1)
	write("")
	add(2)
	jobs(2)
	write("products 10 of 10 of 1 owner; ")
	// Another month has notices of its own; the first level of it is no news beside the second.
	m.sql(`UPDATE plan_notices SET month = month - interval '1 month'`)
	m.sql(`DELETE FROM products WHERE merchant_id = $1 AND handle = 'mug'`, m.alpha.String())
	add(1)
	jobs(3)
	write("products 10 of 10 of 1 owner; ")
	// Without its job a notice gets one; the other shop has none.
	m.sql(`UPDATE plan_notices SET emailed_at = NULL, created_at = now() - interval '1 minute' WHERE level = 100`)
	m.sql(`DELETE FROM river_job`)
	if n, err := shop.RequeueNotices(t.Context(), m.db, time.Second); err != nil || n != 1 {
		t.Error(n, err)
	}
	jobs(1)
}
