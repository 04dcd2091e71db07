package shop_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/shop"
)

// A connection that has planned its statements for an empty shop reads the lists of a large one as quickly as a
// connection that hasn't met the empty one.
func TestPlansOfAnEmptyShop(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	large, empty := m.plans(m.alpha), m.plans(m.beta)
	m.sold(m.alpha, 20_000, "a@example.com", "Ada Lovelace")
	m.sql(`INSERT INTO products (merchant_id, id, handle, title, vendor, position)
		SELECT $1, gen_random_uuid(), 'p' || i, 'Mug ' || i, 'V', i FROM generate_series(1, 3000) i`, m.alpha.String())
	m.sql(`INSERT INTO order_lines (merchant_id, order_id, position, handle, title, price, quantity)
		SELECT merchant_id, id, l, '', 'Mug', 0, 1 FROM orders, generate_series(0, 2) l`)
	m.sql(`ANALYZE`)
	now := time.Now()
	reads := map[string]func(context.Context, *shop.Tenant) error{
		"home": func(ctx context.Context, t *shop.Tenant) error {
			_, err := t.Home(ctx, orbit.Rights{MemberRole: orbit.MemberOwner}, now, 90)
			return err
		},
		"orders": func(ctx context.Context, t *shop.Tenant) error {
			_, _, err := t.Orders(ctx, shop.OrderFilter{Limit: 25})
			return err
		},
		"closed orders": func(ctx context.Context, t *shop.Tenant) error {
			_, _, err := t.Orders(ctx, shop.OrderFilter{Status: "closed", Limit: 25, Offset: 100})
			return err
		},
		"words": func(ctx context.Context, t *shop.Tenant) error {
			_, _, err := t.Orders(ctx, shop.OrderFilter{Query: "ada", Limit: 25, Offset: 2000})
			return err
		},
		"products": func(ctx context.Context, t *shop.Tenant) error {
			_, _, err := t.ProductRows(ctx, shop.ProductFilter{Limit: 25})
			return err
		},
		"plan": func(ctx context.Context, t *shop.Tenant) error { _, err := t.PlanSheet(ctx); return err },
	}
	// One connection each.
	open := func() *store.DB {
		url := m.url + "&pool_max_conns=6"
		if !strings.Contains(m.url, "?") {
			url = m.url + "?pool_max_conns=6"
		}
		db, err := store.Open(t.Context(), url)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(db.Close)
		return db
	}
	took := func(db *store.DB, who func(*store.DB) shop.Member,
		read func(context.Context, *shop.Tenant) error) time.Duration {
		best := time.Hour
		for range 5 {
			begin := time.Now()
			err := who(db).Read(t.Context(), func(tenant *shop.Tenant) error { return read(t.Context(), tenant) })
			if err != nil {
				t.Fatal(err)
			}
			best = min(best, time.Since(begin))
		}
		return best
	}
	fresh, used := open(), open()
	for name, read := range reads {
		took(used, empty, read)
		alone, after := took(fresh, large, read), took(used, large, read)
		t.Logf("%s: %v after the empty shop, %v without it", name, after, alone)
		if after > 5*alone+20*time.Millisecond {
			t.Errorf("%s: %v after the empty shop, %v without it", name, after, alone)
		}
	}
}
