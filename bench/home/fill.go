package main

import (
	"context"
	"fmt"
)

// shopID is the id of a shop by its number: the large one is 1, the one without orders 2, the others follow.
func shopID(n int) string { return fmt.Sprintf("00000000-0000-7000-8000-%012x", n) }

// The goods of the large shop, and of each other.
const (
	manyProducts = 1000
	fewProducts  = 20
)

// fill writes the shops with their orders of three years. Triggers and foreign keys are off: a million orders shall
// take a minute. Sales are counted afterwards.
func (b *bench) fill(ctx context.Context) error {
	const id = `('00000000-0000-7000-8000-' || lpad(to_hex(%s), 12, '0'))::uuid`
	shop := fmt.Sprintf(id, "s")
	shops := fmt.Sprintf("generate_series(1, %d) s", b.shops+2)
	product := fmt.Sprintf(id, "10000000000 + s::bigint * 10000 + p")
	variant := fmt.Sprintf(id, "20000000000 + s::bigint * 10000 + p")
	goods := fmt.Sprintf("%s, generate_series(1, CASE s WHEN 1 THEN %d ELSE %d END) p", shops, manyProducts, fewProducts)
	order := fmt.Sprintf(id, "1000000000000 + s::bigint * 10000000 + o")
	orders := fmt.Sprintf("%s, generate_series(1, CASE s WHEN 1 THEN %d WHEN 2 THEN 0 ELSE 500 END) o", shops,
		b.orders)
	n := fmt.Sprintf("CASE s WHEN 1 THEN %d ELSE 500 END", b.orders)
	return b.Fill(ctx,
		`SET session_replication_role = replica`,
		`INSERT INTO merchants (id, code, name, owner_name, email, category, status, subdomain, theme_id, plan_id,
				live_at, activated_at)
			SELECT `+shop+`, 'ORB-' || lpad(s::text, 8, '0'), 'Shop ' || s, 'Ada', 'shop' || s || '@example.com', 'books',
				'active', 'shop' || s, (SELECT id FROM themes WHERE slug = 'upfront-modern'),
				(SELECT id FROM plans ORDER BY price DESC LIMIT 1), now(), now() FROM `+shops,
		`UPDATE plans SET limits = '{}'`,
		`INSERT INTO settings (merchant_id, timezone) SELECT `+shop+`, 'America/New_York' FROM `+shops,
		`INSERT INTO shipping_rates (merchant_id, name, price) SELECT `+shop+`, 'Standard', 500 FROM `+shops,
		`INSERT INTO payment_methods (merchant_id, kind, name) SELECT `+shop+`, 'manual', 'Invoice' FROM `+shops,
		`INSERT INTO products (merchant_id, id, handle, title, vendor, position) SELECT `+shop+`, `+product+`,
			'product-' || p, 'Stoneware mug ' || p, 'Tidewater', p FROM `+goods,
		`INSERT INTO variants (merchant_id, id, product_id, sku, price, stock) SELECT `+shop+`, `+variant+`, `+
			product+`, 'S' || p, 1000 + p, CASE WHEN p % 20 = 0 THEN 3 ELSE 1000000 END FROM `+goods,
		`INSERT INTO customers (merchant_id, id, email, name) SELECT `+shop+`, `+shop+`, 'ada@example.com', 'Ada'
			FROM `+shops,
		`INSERT INTO order_numbers SELECT `+shop+`, 1000 + `+n+`, date_trunc('month', now()), 1 FROM `+shops,
		`INSERT INTO orders (merchant_id, id, number, token, cart_id, customer_id, revision, status, payment_status,
				fulfillment_status, to_fulfill, paid, email, address, currency, subtotal, total, created_at)
			SELECT `+shop+`, `+order+`, 1000 + o, 'token' || s || '-' || o, `+order+`, `+shop+`, 1,
				CASE WHEN `+n+` - o < 200 THEN 'open' WHEN o % 50 = 0 THEN 'cancelled' ELSE 'closed' END,
				CASE WHEN `+n+` - o < 50 THEN 'pending' WHEN o % 50 = 0 THEN 'voided' ELSE 'paid' END,
				CASE WHEN `+n+` - o < 200 OR o % 50 = 0 THEN 'unfulfilled' ELSE 'fulfilled' END,
				CASE WHEN `+n+` - o < 200 THEN 1 ELSE 0 END,
				CASE WHEN `+n+` - o < 50 OR o % 50 = 0 THEN 0 ELSE 3000 + o % 5000 END,
				'customer' || o % 70000 || '@example.com',
				jsonb_build_object('name', 'Customer ' || o % 70000, 'line1', '12 Quay Street', 'city', 'Bristol'), 'USD',
				3000 + o % 5000, 3000 + o % 5000,
				now() - interval '1095 days' * (1 - o::float8 / (`+n+`)) - interval '1 minute' FROM `+orders,
		// Some products sell much better than others: the share of the first tenth is half.
		`INSERT INTO order_lines (merchant_id, order_id, id, position, variant_id, handle, title, price, quantity, total)
			SELECT l.m, l.o, gen_random_uuid(), l.l, v.id, '', 'Stoneware mug ' || l.p, 1000 + l.p, 1 + l.p % 3,
				(1000 + l.p) * (1 + l.p % 3) FROM (SELECT `+shop+` AS m, `+
			order+` AS o, s, l, 1 + floor(CASE s WHEN 1 THEN `+fmt.Sprint(manyProducts)+` ELSE `+
			fmt.Sprint(fewProducts)+` END * power(random(), 3.3))::integer AS p
			FROM `+orders+`, generate_series(0, o % 3) l) l JOIN variants v ON v.merchant_id = l.m AND v.sku = 'S' || l.p`,
		`SET session_replication_role = origin`,
		`INSERT INTO sales_recounts SELECT id FROM merchants`,
		`VACUUM ANALYZE`,
		`CHECKPOINT`,
	)
}
