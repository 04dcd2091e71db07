package shop_test

import (
	"context"
	"strings"
	"testing"

	"github.com/jackc/pgx/v5"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

// sold writes orders into a shop, the newest last, as a superuser.
func (m *market) sold(id orbit.MerchantID, n int, email, name string) {
	m.Helper()
	m.sql(`INSERT INTO customers (merchant_id, id, email, name) VALUES ($1::uuid, gen_random_uuid(), $2, 'Ada')`,
		id.String(), "c"+email)
	m.sql(`INSERT INTO orders (merchant_id, id, number, token, cart_id, customer_id, email, address, currency, subtotal,
			total, revision, created_at)
		SELECT $1::uuid, gen_random_uuid(), b.last + i, gen_random_uuid(), gen_random_uuid(),
			(SELECT id FROM customers WHERE merchant_id = $1::uuid LIMIT 1), $3, jsonb_build_object('name', $4::text), 'USD', 0,
			0, 1, now() + (b.last + i) * interval '1 second'
		FROM (SELECT coalesce(max(number), 0) AS last FROM orders WHERE merchant_id = $1::uuid) b,
			generate_series(1, $2::integer) i`, id.String(), n, email, name)
}

// Words are found among the newest orders and behind them, in pages of one order without a gap, and the count is exact.
func TestOrderSearchPages(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	m.sold(m.alpha, 700, "old@example.org", "Grace Hopper")
	m.sold(m.alpha, 1300, "new@example.com", "Ada Lovelace")
	m.sold(m.alpha, 5, "last@example.org", "Grace Kelly")
	m.sold(m.beta, 50, "old@example.org", "Grace Hopper")
	for query, want := range map[string]int{"grace": 705, "ada": 1300, "hopper": 700, "example": 2005, "old@ex": 700,
		"g": 0, "grace kelly": 5, "grace lovelace": 0} {
		seen, last := map[int64]bool{}, int64(1<<60)
		for page := 0; page*100 < want || page == 0; page++ {
			m.in(m.alpha, func(ctx context.Context, tenant *shop.Tenant) error {
				rows, total, err := tenant.Orders(ctx, shop.OrderFilter{Query: query, Limit: 100, Offset: page * 100})
				if total != want || len(rows) != min(100, want-page*100) {
					t.Errorf("%s, page %d: %d of %d, want %d", query, page, len(rows), total, want)
				}
				for _, o := range rows {
					if seen[o.Number] || o.Number >= last {
						t.Fatalf("%s, page %d: order %d after %d", query, page, o.Number, last)
					}
					seen[o.Number], last = true, o.Number
				}
				return err
			})
		}
	}
	m.in(m.alpha, func(ctx context.Context, tenant *shop.Tenant) error {
		rows, total, err := tenant.Orders(ctx, shop.OrderFilter{Query: "grace", Status: "closed", Limit: 10, Offset: 700})
		if total != 705 || len(rows) != 5 {
			t.Errorf("closed, the last page: %d of %d", len(rows), total)
		}
		return err
	})
}

// The index of orders shows its own shop alone, whatever it is asked, and an index serves it.
func TestOrderIndexIsTheShopsOwn(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	m.sold(m.alpha, 3000, "a@example.com", "Ada Lovelace")
	m.sold(m.beta, 20, "b@example.com", "Ada Lovelace")
	m.sold(m.beta, 1, "g@example.com", "Grace Hopper")
	m.sql(`ANALYZE order_index`)
	conn := connect(t, m.url)
	err := pgx.BeginFunc(t.Context(), conn, func(tx pgx.Tx) error {
		var n int
		if err := tx.QueryRow(t.Context(), `SELECT count(*) FROM order_index`).Scan(&n); err != nil || n != 0 {
			t.Errorf("without a shop: %d rows, %v", n, err)
		}
		if _, err := tx.Exec(t.Context(), `SELECT set_config('orbit.merchant_id', $1, true)`, m.beta.String()); err != nil {
			return err
		}
		for question, want := range map[string]int{"": 21, "!'zzz'": 21,
			"'" + m.alpha.String()[30:] + "ada':*": 0, "'" + m.beta.String()[30:] + "ada':*": 20,
			"'" + m.alpha.String()[30:] + "ada' | !'x'": 21} {
			if m.alpha.String()[30:] == m.beta.String()[30:] {
				t.Skip("both shops have the same key")
			}
			if _, err := tx.Exec(t.Context(), `SELECT set_config('orbit.orders', $1, true)`, question); err != nil {
				return err
			}
			var foreign int
			if err := tx.QueryRow(t.Context(), `SELECT count(*), count(*) FILTER (WHERE merchant_id <> $1) FROM order_index`,
				m.beta.String()).Scan(&n, &foreign); err != nil || n != want || foreign != 0 {
				t.Errorf("%q: %d rows, %d of another shop's, want %d; %v", question, n, foreign, want, err)
			}
		}
		if _, err := tx.Exec(t.Context(), `SELECT orbit_ask_orders('hopper')`); err != nil {
			return err
		}
		rows, err := tx.Query(t.Context(), `EXPLAIN SELECT order_id FROM order_index`)
		if err != nil {
			return err
		}
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if !strings.Contains(strings.Join(lines, "\n"), "order_index_document") {
			t.Errorf("no index: %s", strings.Join(lines, "\n"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	// An order that gets another name is found by that.
	m.sql(`UPDATE orders SET address = '{"name": "Jean Bartik"}' WHERE merchant_id = $1 AND email = 'g@example.com'`,
		m.beta.String())
	for query, want := range map[string]int{"hopper": 0, "bartik": 1} {
		m.in(m.beta, func(ctx context.Context, tenant *shop.Tenant) error {
			_, total, err := tenant.Orders(ctx, shop.OrderFilter{Query: query, Limit: 10})
			if total != want {
				t.Errorf("%s: %d", query, total)
			}
			return err
		})
	}
}
