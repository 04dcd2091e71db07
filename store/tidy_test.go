package store_test

import (
	"testing"

	"orbit360.app/store"
	"orbit360.app/store/storetest"
)

// TestTidyShops: every shop is looked at, also where there are more than fit into one transaction, and one that has
// more than a batch of old rows is emptied.
func TestTidyShops(t *testing.T) {
	t.Parallel()
	url := storetest.NewURL(t)
	db, err := store.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	super := connect(t, storetest.SuperURL(url))
	if _, err := super.Exec(t.Context(), `
		INSERT INTO merchants (id, name, owner_name, email, category, status)
		SELECT gen_random_uuid(), 'Shop ' || n, 'A', 'a@example.com', 'books', 'active' FROM generate_series(1, 1203) n;
		INSERT INTO carts (merchant_id, id, token_hash, expires_at)
		SELECT m.id, gen_random_uuid(), sha256(n::text::bytea), now() + CASE n WHEN 0 THEN interval '1 day'
			ELSE interval '-1 minute' END
			FROM merchants m, generate_series(0, CASE WHEN name IN ('Shop 7', 'Shop 1203') THEN 2500
			ELSE 1 END) n`); err != nil {
		t.Fatal(err)
	}
	// Somebody who is using an old cart keeps it, and keeps nobody waiting.
	held, err := super.Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := held.Exec(t.Context(), `SELECT FROM carts WHERE expires_at < now() AND merchant_id = (SELECT id
		FROM merchants WHERE name = 'Shop 9') FOR UPDATE`); err != nil {
		t.Fatal(err)
	}
	const old = 1201 + 2*2500
	if n, err := db.TidyShops(t.Context()); err != nil || n != old-1 {
		t.Errorf("swept %d of %d: %v", n, old, err)
	}
	if err := held.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n, err := db.TidyShops(t.Context()); err != nil || n != 1 {
		t.Errorf("then %d: %v", n, err)
	}
	var left int
	if err := super.QueryRow(t.Context(), `SELECT count(*) FROM carts`).Scan(&left); err != nil || left != 1203 {
		t.Error("left:", left, err)
	}
	if n, err := db.TidyShops(t.Context()); err != nil || n != 0 {
		t.Errorf("at last %d: %v", n, err)
	}
}
