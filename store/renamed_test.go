package store_test

import (
	"io/fs"
	"regexp"
	"testing"

	"github.com/jackc/pgx/v5"

	"orbit360.app/migrations"
	"orbit360.app/store/storetest"
)

// TestSettingsRenamed runs what migration 0019 does to settings, there and back: names change, an order keeps its
// order, and what people wrote stays.
func TestSettingsRenamed(t *testing.T) {
	t.Parallel()
	conn := connect(t, storetest.SuperURL(storetest.NewURL(t)))
	before := `{"hero_colour": "#ff0000", "picture_margin": 8, "show_picture": true, "hero_align": "centre",
		"sections": "featured,picture,hero,index", "hero_heading": "centre", "hero_text": "picture", "radius": 4}`
	after := `{"hero_color": "#ff0000", "image_margin": 8, "show_image": true, "hero_align": "center",
		"sections": "featured,image,hero,index", "hero_heading": "centre", "hero_text": "picture", "radius": 4}`
	for _, c := range []struct{ file, from, to string }{
		{"0019_words.up.sql", before, after}, {"0019_words.down.sql", after, before},
		{"0019_words.up.sql", `{"sections": "picture"}`, `{"sections": "image"}`},
		{"0019_words.up.sql", `{"sections": "hero,picture"}`, `{"sections": "hero,image"}`},
		{"0019_words.up.sql", `{}`, `{}`},
	} {
		text, err := fs.ReadFile(migrations.Files, c.file)
		if err != nil {
			t.Fatal(err)
		}
		function := regexp.MustCompile(`(?s)CREATE FUNCTION pg_temp\.renamed.*?\$\$;`).FindString(string(text))
		if _, err := conn.Exec(t.Context(), `DROP FUNCTION IF EXISTS pg_temp.renamed(jsonb)`); err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Exec(t.Context(), function); err != nil {
			t.Fatal(c.file, err)
		}
		var got string
		var right bool
		err = conn.QueryRow(t.Context(), `SELECT r::text, r = $2::jsonb FROM pg_temp.renamed($1::jsonb) r`, c.from, c.to).
			Scan(&got, &right)
		if err != nil || !right {
			t.Errorf("%s makes %s of %s: %v", c.file, got, c.from, err)
		}
	}
}

// TestOrdersCanceled runs migration 0022 down and up as the owner, with a canceled order in each of two shops: both
// change, and an open one doesn't.
func TestOrdersCanceled(t *testing.T) {
	t.Parallel()
	url := storetest.NewURL(t)
	super, owner := connect(t, storetest.SuperURL(url)), connect(t, storetest.OwnerURL(url))
	if _, err := super.Exec(t.Context(), `
		WITH m AS (INSERT INTO merchants (id, name, owner_name, email, category, status)
				SELECT gen_random_uuid(), n, 'Ada', n || '@example.com', 'books', 'pending' FROM unnest(ARRAY['moss', 'fern']) n
				RETURNING id),
			c AS (INSERT INTO customers (merchant_id, id, email, name) SELECT id, id, 'eve@example.com', 'Eve' FROM m)
		INSERT INTO orders (merchant_id, id, number, token, cart_id, customer_id, status, email, address, currency,
			subtotal, total) SELECT id, gen_random_uuid(), n, n, id, id, s, 'eve@example.com', '{}', 'EUR', 1, 1
			FROM m, (VALUES (1, 'canceled'), (2, 'open')) o(n, s)`); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ file, want string }{
		{"0022_canceled.down.sql", "cancelled cancelled open open"},
		{"0022_canceled.up.sql", "canceled canceled open open"},
	} {
		text, err := fs.ReadFile(migrations.Files, c.file)
		if err != nil {
			t.Fatal(err)
		}
		if err := pgx.BeginFunc(t.Context(), owner, func(tx pgx.Tx) error {
			_, err := tx.Exec(t.Context(), string(text))
			return err
		}); err != nil {
			t.Fatal(c.file, err)
		}
		var got string
		err = super.QueryRow(t.Context(), `SELECT string_agg(status, ' ' ORDER BY status) FROM orders`).Scan(&got)
		if err != nil || got != c.want {
			t.Errorf("%s leaves %q (%v)", c.file, got, err)
		}
	}
}
