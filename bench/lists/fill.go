package main

import (
	"context"
	"fmt"

	"orbit360.app/bench/bed"
)

// fill writes the merchants, most of them active, and the orders of the first: of 70,000 people, some of them have
// names of their own. Triggers and foreign keys are off but for those of what is searched.
func fill(ctx context.Context, b *bed.Bed, o options) error {
	const id = `('00000000-0000-7000-8000-' || lpad(to_hex(%s), 12, '0'))::uuid`
	shop, first := fmt.Sprintf(id, "s"), fmt.Sprintf(id, "1")
	order := fmt.Sprintf(id, "1000000000000 + o::bigint")
	shops := fmt.Sprintf("generate_series(1, %d) s", o.merchants)
	orders := fmt.Sprintf("generate_series(1, %d) o", o.orders)
	return b.Fill(ctx,
		`UPDATE plans SET limits = '{}'`,
		`SET session_replication_role = replica`,
		`INSERT INTO merchants (id, code, name, owner_name, email, category, status, subdomain, theme_id, plan_id, live_at,
				activated_at, created_at)
			SELECT `+shop+`, 'ORB-' || lpad(s::text, 8, '0'),
				initcap(substr(md5('a' || s), 1, 6)) || ' & ' || initcap(substr(md5('b' || s), 1, 8)),
				'Owner ' || substr(md5('c' || s), 1, 7), 'o' || s || '@' || substr(md5('d' || s), 1, 9) || '.com',
				(ARRAY['fashion', 'electronics', 'home-garden', 'beauty', 'food-drink', 'sports', 'books', 'books', 'other',
					CASE WHEN s % 100 = 9 THEN 'toys' ELSE 'other' END])[1 + s % 10],
				x.status::merchant_status, CASE WHEN s < 3 THEN 'shop' ELSE 'shop-' END || s,
				CASE WHEN x.status <> 'pending' THEN t.id END, CASE WHEN x.status <> 'pending' THEN p.id END, now(),
				CASE WHEN x.status <> 'pending' THEN now() END, now() - s * interval '150 seconds'
			FROM `+shops+` CROSS JOIN LATERAL (SELECT CASE WHEN s < 3 THEN 'active' WHEN s % 100 = 0 THEN 'failed'
					WHEN s % 20 = 1 THEN 'pending' WHEN s % 50 = 2 THEN 'suspended' ELSE 'active' END AS status) x
			LEFT JOIN plans p ON p.slug = CASE WHEN s % 200 = 7 THEN 'enterprise' WHEN s % 5 = 0 THEN 'professional'
				ELSE 'starter' END
			LEFT JOIN themes t ON t.slug = CASE WHEN s % 300 = 11 THEN 'upfront-minimal' WHEN s % 4 = 0 THEN 'upfront-classic'
				ELSE 'upfront-modern' END`,
		`INSERT INTO merchant_index SELECT m.id, orbit_found(m) FROM merchants m`,
		`INSERT INTO merchant_provisionings (id, merchant_id, status, theme_id, plan_id, subdomain, category,
				created_at)
			SELECT m.id, m.id, CASE WHEN m.status = 'failed' THEN 'FAILED' ELSE 'COMPLETED' END::run_status, m.theme_id,
				m.plan_id, m.subdomain, m.category, m.created_at FROM merchants m WHERE m.status <> 'pending'`,
		`INSERT INTO merchant_sales SELECT `+shop+`, current_date - (CASE WHEN s % 10 < 4 THEN s % 40 WHEN s % 10 < 7
			THEN s % 400 ELSE 91 + s % 700 END) FROM `+shops+` WHERE s % 4 > 0 AND s % 20 <> 1`,
		`INSERT INTO settings (merchant_id) SELECT `+shop+` FROM `+shops+` WHERE s < 1000`,
		`INSERT INTO shipping_rates (merchant_id, name, price) SELECT `+shop+`, 'Standard', 500 FROM `+shops+` WHERE s < 3`,
		`INSERT INTO payment_methods (merchant_id, kind, name) SELECT `+shop+`, 'manual', 'Invoice' FROM `+shops+`
			WHERE s < 3`,
		`INSERT INTO customers (merchant_id, id, email, name) VALUES (`+first+`, `+first+`, 'ada@example.com', 'Ada')`,
		fmt.Sprintf(`INSERT INTO order_numbers VALUES (%s, %d, date_trunc('month', now()), 1)`, first, 1000+o.orders),
		`INSERT INTO orders (merchant_id, id, number, token, cart_id, customer_id, revision, status, payment_status,
				fulfillment_status, to_fulfill, paid, email, address, currency, subtotal, total, created_at)
			SELECT `+first+`, `+order+`, 1000 + o, 'token' || o, `+order+`, `+first+`, 1,
				CASE WHEN `+fmt.Sprint(o.orders)+` - o < 200 THEN 'open' WHEN o % 50 = 0 THEN 'cancelled' ELSE 'closed' END,
				CASE WHEN `+fmt.Sprint(o.orders)+` - o < 50 THEN 'pending' WHEN o % 50 = 0 THEN 'voided' ELSE 'paid' END,
				CASE WHEN `+fmt.Sprint(o.orders)+` - o < 200 OR o % 50 = 0 THEN 'unfulfilled' ELSE 'fulfilled' END,
				CASE WHEN `+fmt.Sprint(o.orders)+` - o < 200 THEN 1 ELSE 0 END,
				CASE WHEN `+fmt.Sprint(o.orders)+` - o < 50 OR o % 50 = 0 THEN 0 ELSE 3000 + o % 5000 END,
				CASE WHEN o < 3000 THEN 'old' || o || '@gmail.com' ELSE 'customer' || o % 70000 || '@example.com' END,
				jsonb_build_object('name', CASE WHEN o % 1000 = 7 THEN 'Ada Lovelace' ELSE 'Customer ' || o % 70000 END,
					'line1', '12 Quay Street', 'city', 'Bristol'), 'USD', 3000 + o % 5000, 3000 + o % 5000,
				now() - interval '1095 days' * (1 - o::float8 / `+fmt.Sprint(o.orders)+`) - interval '1 minute' FROM `+orders,
		`INSERT INTO order_lines (merchant_id, order_id, id, position, handle, title, sku, price, quantity, total)
			SELECT `+first+`, `+order+`, gen_random_uuid(), l, '', 'Stoneware mug', 'MUG-' || o % 500, 1000, 1 + l,
				1000 * (1 + l) FROM `+orders+`, generate_series(0, o % 3) l`,
		`INSERT INTO order_index SELECT merchant_id, id, created_at,
			orbit_order_document(merchant_id, email, address ->> 'name', 'MUG-' || (number - 1000) % 500) FROM orders`,
		`SET session_replication_role = origin`,
		`VACUUM ANALYZE`,
		`CHECKPOINT`)
}
