package store_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"

	"github.com/jackc/pgx/v5"

	"orbit360.app/migrations"
	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/pg"
	"orbit360.app/store/storetest"
)

// before is a database as the release before 0034 has it, with two shops.
type before struct {
	*testing.T
	url   string
	owner *pg.Owner
	super *pgx.Conn
	conn  *pgx.Conn // of the release before
	rng   *rand.Rand
	shops []string
	next  int
}

func newBefore(t *testing.T) *before {
	t.Helper()
	url := storetest.NewURL(t)
	db, err := store.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	owner, err := pg.OpenOwner(t.Context(), storetest.OwnerURL(url), discard())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(owner.Close)
	b := &before{T: t, url: url, owner: owner, super: connect(t, storetest.SuperURL(url)),
		conn: connect(t, url), rng: rand.New(rand.NewPCG(13, 34))}
	for _, name := range []string{"Alpha", "Beta"} {
		id := orbit.NewID[orbit.Merchant]()
		if _, err := db.CreateMerchant(t.Context(), id, orbit.Application{Name: name, OwnerName: "Ada",
			Email: name + "@example.com", Category: "books"}, &orbit.Email{MessageID: "<" + id.String() + "@test>",
			Recipient: "owner@example.com", Subject: "Hello", Status: orbit.EmailLocal}, orbit.System); err != nil {
			t.Fatal(err)
		}
		b.shops = append(b.shops, id.String())
		b.exec(b.super, `UPDATE merchants SET status = 'active', live_at = now() WHERE id = $1`, id.String())
		b.exec(b.super, `INSERT INTO customers (merchant_id, id, email, name) VALUES ($1::uuid, $1::uuid, 'ada@example.com',
			'Ada')`, id.String())
	}
	b.down()
	return b
}

// down takes the database back to 0033.
func (b *before) down() {
	b.Helper()
	owner := connect(b.T, storetest.OwnerURL(b.url))
	for _, name := range []string{"0035_money_orders", "0034_money"} {
		down, err := migrations.Files.ReadFile(name + ".down.sql")
		if err != nil {
			b.Fatal(err)
		}
		if err := pgx.BeginFunc(b.Context(), owner, func(tx pgx.Tx) error {
			if _, err := tx.Exec(b.Context(), string(down)); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			_, err := tx.Exec(b.Context(), `DELETE FROM schema_migrations WHERE name = $1`, name)
			return err
		}); err != nil {
			b.Fatal(err)
		}
	}
}

func (b *before) up() {
	b.Helper()
	if err := b.owner.Migrate(b.Context()); err != nil {
		b.Fatal(err)
	}
}

func (b *before) as(shop string, fn func(pgx.Tx) error) {
	b.Helper()
	if err := pgx.BeginFunc(b.Context(), b.conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(b.Context(), `SELECT set_config('orbit.merchant_id', $1, true)`, shop); err != nil {
			return err
		}
		return fn(tx)
	}); err != nil {
		b.Fatal(err)
	}
}

// sell writes an order as the release before does, and returns its id.
func (b *before) sell(shop string, lines int, off, tax int64, included bool, shipping int64) string {
	b.Helper()
	id := orbit.NewID[orbit.Order]().String()
	b.next++
	var prices, quantities []int64
	subtotal := int64(0)
	for range lines {
		prices, quantities = append(prices, b.rng.Int64N(5000)), append(quantities, 1+b.rng.Int64N(4))
		subtotal += prices[len(prices)-1] * quantities[len(quantities)-1]
	}
	off = min(off, subtotal)
	base, total := subtotal-off+shipping, subtotal-off+shipping
	due := base * tax / 100
	if included {
		due = base * tax / (100 + tax)
	} else {
		total += due
	}
	code := ""
	if off > 0 {
		code = "CODE"
	}
	b.as(shop, func(tx pgx.Tx) error {
		batch := &pgx.Batch{}
		batch.Queue(`INSERT INTO orders (id, merchant_id, number, prefix, token, cart_id, customer_id, status, payment_status,
				email, phone, address, currency, subtotal, discount, discount_code, shipping, shipping_name, tax, tax_name,
				tax_rate, tax_included, total, note, created_at)
			VALUES ($1, $2::uuid, $3, '#', $1::uuid::text, $1, $2::uuid, 'open', 'pending', 'ada@example.com', '',
				'{"name": "Ada"}', 'EUR', $4, $5, $6, $7, 'Standard', $8, 'VAT', $9, $10, $11, '', now() - interval '1 day')`,
			id, shop, b.next, subtotal, off, code, shipping, due, tax*100, included, total)
		for i := range lines {
			batch.Queue(`INSERT INTO order_lines (merchant_id, order_id, position, variant_id, handle, title, product_type,
					variant, sku, price, quantity) VALUES ($1, $2, $3, NULL, '', 'Mug', '', '', 'SKU', $4, $5)`,
				shop, id, i, prices[i], quantities[i])
		}
		batch.Queue(`INSERT INTO payments (id, merchant_id, order_id, kind, name, instructions, amount, currency, status,
				created_at) VALUES (gen_random_uuid(), $1, $2, 'manual', 'Bank transfer', '', $3, 'EUR', 'pending', now())`,
			shop, id, total)
		return tx.SendBatch(b.Context(), batch).Close()
	})
	return id
}

func (b *before) pay(shop, id string) {
	b.Helper()
	b.as(shop, func(tx pgx.Tx) error {
		batch := &pgx.Batch{}
		batch.Queue(`UPDATE orders SET payment_status = 'paid', paid_at = now() WHERE id = $1`, id)
		batch.Queue(`UPDATE payments SET status = 'paid', paid_at = now() WHERE order_id = $1 AND status = 'pending'`, id)
		return tx.SendBatch(b.Context(), batch).Close()
	})
}

func (b *before) fulfill(shop, id string) {
	b.Helper()
	b.as(shop, func(tx pgx.Tx) error {
		_, err := tx.Exec(b.Context(), `UPDATE orders SET status = 'fulfilled', fulfilled_at = now() WHERE id = $1`, id)
		return err
	})
}

func (b *before) exec(on *pgx.Conn, sql string, args ...any) {
	b.Helper()
	if _, err := on.Exec(b.Context(), sql, args...); err != nil {
		b.Fatal(err)
	}
}

func (b *before) read(sql string) map[string]string {
	b.Helper()
	rows, err := b.super.Query(b.Context(), sql)
	if err != nil {
		b.Fatal(err)
	}
	defer rows.Close()
	found := map[string]string{}
	for rows.Next() {
		var id, says string
		if err := rows.Scan(&id, &says); err != nil {
			b.Fatal(err)
		}
		found[id] = says
	}
	if err := rows.Err(); err != nil {
		b.Fatal(err)
	}
	return found
}

// orders holds all forms: sold and left, paid, sent, canceled, and both.
func (b *before) orders() (want map[string]string) {
	b.Helper()
	want = map[string]string{}
	for _, shop := range b.shops {
		for _, lines := range []int{1, 5} {
			for _, included := range []bool{true, false} {
				for _, off := range []int64{0, 333, 1 << 40} {
					for way := range 5 {
						id := b.sell(shop, lines, off, 20*b.rng.Int64N(2), included, 500*b.rng.Int64N(2))
						status, money, sent := "open", "pending", "unfulfilled"
						if way == 1 || way == 3 {
							b.pay(shop, id)
							money = "paid"
						}
						if way == 2 || way == 3 {
							b.fulfill(shop, id)
							sent = "fulfilled"
						}
						if way == 3 {
							status = "closed"
						}
						if way == 4 {
							b.exec(b.super, `UPDATE orders SET status = 'cancelled' WHERE id = $1`, id)
							status, money = "cancelled", "voided"
						}
						want[id] = status + " " + money + " " + sent
					}
				}
			}
		}
	}
	for id := range b.read(`SELECT id::text, '' FROM orders WHERE total = 0`) { // nothing to pay
		switch want[id] {
		case "open pending unfulfilled":
			want[id] = "open paid unfulfilled"
		case "open pending fulfilled":
			want[id] = "closed paid fulfilled"
		}
	}
	return want
}

const amounts = `SELECT id::text, concat_ws(' ', merchant_id, number, currency, subtotal, discount, discount_code,
	shipping,
	tax, tax_name, tax_rate, tax_included, total, created_at) FROM orders`

// exact holds all orders to what they add up to.
func (b *before) exact(want map[string]string) {
	b.Helper()
	const statuses = `SELECT id::text, concat_ws(' ', status, payment_status, fulfillment_status) FROM orders`
	if got := b.read(statuses); !maps.Equal(
		got, want) {
		for id := range want {
			if got[id] != want[id] {
				b.Errorf("%s is %s, want %s", id, got[id], want[id])
			}
		}
	}
	for id, wrong := range b.read(`SELECT o.id::text, concat_ws(' ', l.sums, o.paid, t.charges, r.revisions, o.to_fulfill,
			l.left_over, f.parcels, e.entries)
		FROM orders o
		CROSS JOIN LATERAL (SELECT (sum(l.discount), sum(l.tax) + o.shipping_tax,
				sum(l.total) + o.shipping - o.shipping_discount + CASE WHEN o.tax_included THEN 0 ELSE o.shipping_tax END,
				bool_and(l.total = l.price * l.quantity - l.discount + CASE WHEN o.tax_included THEN 0 ELSE l.tax END
					AND l.tax_included = o.tax_included AND l.id IS NOT NULL)) = (o.discount, o.tax, o.total, true) AS sums,
			sum(l.quantity - l.fulfilled) AS left_over
			FROM order_lines l WHERE l.order_id = o.id) l
		CROSS JOIN LATERAL (SELECT coalesce(sum(amount), 0) AS charges, count(*) AS n,
			coalesce(bool_and(kind = 'charge' AND status = 'succeeded' AND payment_id IS NOT NULL AND provider = 'manual'),
				true) AS alike FROM order_transactions t WHERE t.order_id = o.id) t
		CROSS JOIN LATERAL (SELECT count(*) AS revisions, max(r.document ->> 'total') AS total,
			max(jsonb_array_length(r.document -> 'lines')) AS n FROM order_revisions r WHERE r.order_id = o.id) r
		CROSS JOIN LATERAL (SELECT count(*) AS parcels FROM fulfillments f WHERE f.order_id = o.id) f
		CROSS JOIN LATERAL (SELECT count(*) FILTER (WHERE kind = 'placed') AS placed, count(*) AS entries
			FROM order_entries e WHERE e.order_id = o.id) e
		WHERE NOT l.sums OR o.paid <> CASE WHEN o.payment_status = 'paid' THEN o.total ELSE 0 END OR t.charges <> o.paid
			OR NOT t.alike OR t.n <> (o.paid > 0)::integer OR (r.revisions, o.revision) <> (1, 1)
			OR r.total <> o.total::text OR r.n <> (SELECT count(*) FROM order_lines l WHERE l.order_id = o.id)
			OR o.to_fulfill <> CASE WHEN o.status = 'cancelled' THEN 0 ELSE l.left_over END
			OR f.parcels <> (o.fulfillment_status = 'fulfilled')::integer
			OR (o.fulfillment_status = 'fulfilled') <> (o.fulfilled_at IS NOT NULL)
			OR e.placed <> 1 OR e.entries <> 1 + t.n + f.parcels`) {
		b.Errorf("order %s doesn't add up: %s", id, wrong)
	}
}

// TestMoneyMigration: the orders that there are keep their totals to the last unit and get lines, a ledger and a
// revision that add up to them; so do those that the release before still writes and marks; and all of it goes back.
func TestMoneyMigration(t *testing.T) {
	t.Parallel()
	b := newBefore(t)
	want := b.orders()
	was := b.read(amounts)
	b.up()
	if !maps.Equal(was, b.read(amounts)) {
		t.Error("amounts have changed")
	}
	b.exact(want)

	maps.Copy(want, b.orders()) // with the statements of the release before
	b.exact(want)
	for id, says := range want { // and on the orders of both
		if says == "open pending unfulfilled" {
			shop := b.read(`SELECT id::text, merchant_id::text FROM orders`)[id]
			b.pay(shop, id)
			b.fulfill(shop, id)
			want[id] = "closed paid fulfilled"
		}
	}
	b.exact(want)
	was = b.read(amounts)
	b.down()
	statuses := b.read(`SELECT id::text, concat_ws(' ', status, payment_status) FROM orders`)
	for id, says := range want {
		back := map[string]string{"open pending unfulfilled": "open pending", "open paid unfulfilled": "open paid",
			"open pending fulfilled": "fulfilled pending", "closed paid fulfilled": "fulfilled paid",
			string(orbit.OrderCanceled) + " voided unfulfilled": string(orbit.OrderCanceled) + " pending"}[says]
		if statuses[id] != back {
			t.Errorf("%s goes back to %s, want %s", says, statuses[id], back)
		}
	}
	if !maps.Equal(was, b.read(amounts)) {
		t.Error("amounts have changed on the way back")
	}
	b.up()
	b.exact(want)
}

// TestOldReleaseFinishesAnOrder: an order that this release has sent a part of is marked as fulfilled by the one
// before.
func TestOldReleaseFinishesAnOrder(t *testing.T) {
	t.Parallel()
	b := newBefore(t)
	b.up()
	id := b.sell(b.shops[0], 2, 0, 20, false, 500)
	b.exec(b.super, `UPDATE order_lines SET fulfilled = 1 WHERE order_id = $1 AND position = 0`, id)
	b.fulfill(b.shops[0], id)
	if got := b.read(`SELECT o.id::text, concat_ws(' ', o.fulfillment_status, o.to_fulfill, sum(l.quantity - l.fulfilled))
		FROM orders o JOIN order_lines l ON l.order_id = o.id GROUP BY o.merchant_id, o.id`); got[id] != "fulfilled 0 0" {
		t.Error(got[id])
	}
}
