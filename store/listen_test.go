package store_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/pg"
	"orbit360.app/store/storetest"
)

// TestShopChanges asks of every kind of write whether listeners hear of the right shop.
func TestShopChanges(t *testing.T) {
	t.Parallel()
	url := storetest.NewURL(t)
	super := connect(t, storetest.SuperURL(url))
	live, closed := orbit.NewID[orbit.Merchant](), orbit.NewID[orbit.Merchant]()
	product, collection, variant := orbit.NewID[orbit.Product](), orbit.NewID[orbit.Collection](),
		orbit.NewID[orbit.Variant]()
	exec := func(query string, args ...any) {
		t.Helper()
		for i, a := range args {
			if s, ok := a.(interface{ String() string }); ok {
				args[i] = s.String()
			}
		}
		if _, err := super.Exec(t.Context(), query, args...); err != nil {
			t.Fatal(query, err)
		}
	}
	for _, m := range []orbit.MerchantID{live, closed} {
		exec(`INSERT INTO merchants (id, name, owner_name, email, category, status, live_at)
			VALUES ($1, 'Shop', 'Some One', 'a@example.com', 'other', 'active', CASE WHEN $2::bool THEN now() END)`,
			m, m == live)
		exec(`INSERT INTO products (merchant_id, id, handle, title) VALUES ($1, $2, 'p', 'P')`, m, product)
		exec(`INSERT INTO variants (merchant_id, id, product_id, price, stock) VALUES ($1, $2, $3, 100, 50)`,
			m, variant, product)
		exec(`INSERT INTO collections (merchant_id, id, handle, title) VALUES ($1, $2, 'c', 'C')`, m, collection)
		exec(`INSERT INTO settings (merchant_id) VALUES ($1)`, m)
	}
	db, err := store.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	heard := make(chan pg.Change, 100)
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		db.Listen(ctx, slog.New(slog.DiscardHandler), func(c pg.Change) { heard <- c })
	}()
	t.Cleanup(func() { stop(); <-done })
	if c := <-heard; c != (pg.Change{}) {
		t.Fatalf("first: %+v", c)
	}
	conn := connect(t, url) // the serving role: row-level security holds it
	for _, c := range []struct {
		name, write string
		want        string // "", "shop" or "all"
	}{
		{"product", `UPDATE products SET title = 'Q'`, "shop"},
		{"new product", `INSERT INTO products (merchant_id, id, handle, title)
			VALUES (orbit_merchant(), gen_random_uuid(), 'n', 'N')`, "shop"},
		{"deleted product", `DELETE FROM products WHERE handle = 'n'`, "shop"},
		{"collection", `UPDATE collections SET title = 'D'`, "shop"},
		{"in collection", `INSERT INTO collection_products (merchant_id, collection_id, product_id)
			SELECT merchant_id, id, (SELECT id FROM products) FROM collections`, "shop"},
		{"page", `INSERT INTO pages (merchant_id, id, handle, title)
			VALUES (orbit_merchant(), gen_random_uuid(), 'about', 'About')`, "shop"},
		{"menu", `INSERT INTO menus (merchant_id, handle) VALUES (orbit_merchant(), 'main')`, "shop"},
		{"settings", `UPDATE settings SET tagline = 'x'`, "shop"},
		{"price", `UPDATE variants SET price = 101`, "shop"},
		{"a sale out of plenty", `UPDATE variants SET stock = stock - 1`, ""},
		{"a sale of a few", `UPDATE variants SET stock = 3`, "shop"},
		{"variant's id", `UPDATE variants SET id = gen_random_uuid()`, "shop"},
		{"two tables", `WITH a AS (UPDATE pages SET title = 'b') UPDATE menus SET items = '[]'`, "shop"},
		{"release", `UPDATE merchants SET updated_at = now() WHERE id = orbit_merchant()`, "shop"},
		{"suspension", `UPDATE merchants SET status = 'suspended' WHERE id = orbit_merchant()`, "shop"},
		{"nothing", `UPDATE merchants SET status = status WHERE id = orbit_merchant()`, ""},
		{"a shop that isn't open", `UPDATE merchants SET updated_at = now() WHERE live_at IS NULL`, ""},
		{"new subdomain", `INSERT INTO domains (id, host, merchant_id, kind, verified_at)
			VALUES (gen_random_uuid(), 'a.example', orbit_merchant(), 'platform', now())`, ""},
		{"custom domain", `INSERT INTO domains (id, host, merchant_id, kind, verified_at)
			VALUES (gen_random_uuid(), 'b.example', orbit_merchant(), 'custom', now())`, "shop"},
		{"domain no more", `UPDATE domains SET verified_at = NULL WHERE host = 'b.example'`, "shop"},
		{"domain gone", `DELETE FROM domains WHERE host = 'a.example'`, "shop"},
		{"setting up", `UPDATE products SET title = 'R' WHERE set_config('orbit.unseen', 'on', true) = 'on'`, ""},
	} {
		tx, err := conn.Begin(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		quiet := "off"
		if c.name == "setting up" {
			quiet = "on"
		}
		if _, err := tx.Exec(t.Context(), `SELECT set_config('orbit.merchant_id', $1, true), set_config('orbit.unseen', $2,
			true)`, live.String(), quiet); err != nil {
			t.Fatal(err)
		}
		if _, err := tx.Exec(t.Context(), c.write); err != nil {
			t.Fatal(c.name, err)
		}
		// The mark comes after what the write itself reports.
		if _, err := tx.Exec(t.Context(), `SELECT pg_notify('orbit_merchant', $1)`, closed.String()); err != nil {
			t.Fatal(err)
		}
		if err := tx.Commit(t.Context()); err != nil {
			t.Fatal(c.name, err)
		}
		got := ""
		for {
			change := next(t, heard)
			if change == (pg.Change{Merchant: closed}) {
				break
			}
			if change != (pg.Change{Merchant: live, Shop: true}) || got != "" {
				t.Errorf("%s: heard of %+v", c.name, change)
			}
			got = "shop"
		}
		if got != c.want {
			t.Errorf("%s: told %q, want %q", c.name, got, c.want)
		}
	}
	// A role above row-level security may have touched any shop's rows.
	exec(`UPDATE products SET title = 'S'`)
	if c := next(t, heard); c != (pg.Change{}) {
		t.Errorf("a write across merchants: %+v", c)
	}
	// A cut connection is said to be lost, and then to be back.
	exec(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'
		AND datname = current_database()`)
	if c := next(t, heard); !c.Lost {
		t.Errorf("after the cut: %+v", c)
	}
	if c := next(t, heard); c != (pg.Change{}) {
		t.Errorf("back again: %+v", c)
	}
	// A connection that has been quiet for a while still hears.
	time.Sleep(2500 * time.Millisecond) // longer than listenQuiet: the ping is what is tested
	exec(`SELECT pg_notify('orbit_shop', $1)`, live)
	if c := next(t, heard); c != (pg.Change{Merchant: live, Shop: true}) {
		t.Errorf("after silence: %+v", c)
	}
}

func next[T any](t *testing.T, ch <-chan T) T {
	t.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(10 * time.Second):
		t.Fatal(errors.New("nothing came"))
		panic("unreachable")
	}
}
