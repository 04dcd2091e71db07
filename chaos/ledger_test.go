package chaos

import (
	"maps"
	"slices"

	"orbit360.app/payments/fake"
)

// wrongMoney holds the promises about payments as statements that count what breaks them.
var wrongMoney = []struct{ promise, sql string }{
	{"all payments are final", `SELECT count(*) FROM payments WHERE status NOT IN ('paid', 'failed', 'expired')
		AND kind IN ('stripe', 'paypal')`},
	{"no transaction is pending", `SELECT count(*) FROM order_transactions WHERE status = 'pending'`},
	{"no checkout is open", `SELECT count(*) FROM checkouts WHERE status = 'open'`},
	{"a checkout that was placed is an order, and no other is", `SELECT count(*) FROM checkouts c
		LEFT JOIN orders o ON o.merchant_id = c.merchant_id AND o.id = c.id
		WHERE (c.status = 'placed') <> (o.id IS NOT NULL)`},
	{"a paid payment is in the ledger, and no other is", `SELECT count(*) FROM payments p
		WHERE kind IN ('stripe', 'paypal') AND (status = 'paid') <>
			(EXISTS (SELECT FROM order_transactions t WHERE t.merchant_id = p.merchant_id
			AND t.payment_id = p.id AND t.kind = 'charge' AND t.status = 'succeeded'))`},
	{"an order's sums are those of its ledger", `SELECT count(*) FROM orders o WHERE (paid, refunded) <> (SELECT
		coalesce(sum(amount) FILTER (WHERE kind <> 'refund'), 0), coalesce(-sum(amount) FILTER (WHERE kind = 'refund'), 0)
		FROM order_transactions t WHERE t.merchant_id = o.merchant_id AND t.order_id = o.id AND status = 'succeeded')`},
	{"what was paid isn't canceled, unless it is given back", `SELECT count(*) FROM orders WHERE status = 'cancelled'
		AND paid > refunded`},
	{"a payment that failed doesn't cancel an order that was paid", `SELECT count(*) FROM orders
		WHERE status = 'cancelled' AND reopens AND paid > 0`},
	{"an order is paid in full, or not at all", `SELECT count(*) FROM orders WHERE paid NOT IN (0, total)`},
	{"an order says that it is paid", `SELECT count(*) FROM orders WHERE (payment_status IN ('paid', 'partially_refunded',
		'refunded')) <> (paid > 0)`},
	{"an order that isn't paid is canceled, or waits for the merchant to look", `SELECT count(*) FROM orders o
		WHERE paid = 0 AND status <> 'cancelled' AND NOT EXISTS (SELECT FROM order_entries e
			WHERE e.merchant_id = o.merchant_id AND e.order_id = o.id AND e.kind = 'wrong_amount')`},
	{"the sum of stock and of what was sold stays", `SELECT count(*) FROM variants v
		JOIN chaos.stock s ON s.id = v.id WHERE s.stock <> v.stock
			+ (SELECT coalesce(sum(l.quantity), 0) FROM order_lines l JOIN orders o ON o.merchant_id = l.merchant_id
				AND o.id = l.order_id WHERE l.variant_id = v.id AND o.status <> 'cancelled')
			- (SELECT coalesce(sum((l ->> 'quantity')::int), 0) FROM refunds r JOIN orders o ON o.merchant_id = r.merchant_id
				AND o.id = r.order_id AND o.status <> 'cancelled' CROSS JOIN LATERAL jsonb_array_elements(r.lines) l
				JOIN order_lines ol ON ol.merchant_id = r.merchant_id AND ol.id = (l ->> 'id')::uuid
				WHERE ol.variant_id = v.id AND (l ->> 'restock')::boolean)
			- (SELECT coalesce(sum((e.detail ->> 'units')::int), 0) FROM order_entries e JOIN order_lines l
				ON l.merchant_id = e.merchant_id AND l.order_id = e.order_id JOIN orders o ON o.merchant_id = l.merchant_id
				AND o.id = l.order_id AND o.status <> 'cancelled' WHERE e.kind = 'short' AND l.variant_id = v.id)`},
	{"an email is sent once", `SELECT count(*) FROM (SELECT recipient, subject FROM emails WHERE recipient LIKE 'shopper%'
		GROUP BY recipient, subject HAVING count(*) > 1) x`},
	{"a shopper gets an email about each order", `SELECT count(*) FROM orders o WHERE NOT EXISTS (SELECT FROM emails e
		WHERE e.recipient = o.email AND e.merchant_id = o.merchant_id)`},
	{"an order is created, paid and canceled once", `SELECT count(*) FROM (SELECT merchant_id, kind,
		data -> 'order' ->> 'id' FROM shop_events WHERE kind IN ('order.created', 'order.paid', 'order.cancelled')
		GROUP BY 1, 2, 3
		HAVING count(*) > 1) x`},
	{"who listens hears of each order, and of its payment", `SELECT count(*) FROM orders o
		WHERE NOT EXISTS (SELECT FROM shop_events e WHERE e.merchant_id = o.merchant_id AND e.kind = 'order.created'
				AND e.data -> 'order' ->> 'id' = o.id::text)
			OR o.paid > 0 AND NOT EXISTS (SELECT FROM shop_events e WHERE e.merchant_id = o.merchant_id
				AND e.kind = 'order.paid' AND e.data -> 'order' ->> 'id' = o.id::text)`},
	{"no job is left", `SELECT count(*) FROM river_job WHERE queue = 'payment' AND state IN ` + live},
}

// checkMoney holds the shops' rows against what the providers have taken and given back.
func (m *market) checkMoney(v *visits) {
	m.t.Helper()
	for _, b := range wrongMoney {
		var n int
		if err := m.db.QueryRow(m.t.Context(), b.sql).Scan(&n); err != nil {
			m.t.Errorf("%s: %v", b.promise, err)
		} else if n != 0 {
			m.t.Errorf("broken %d times: %s", n, b.promise)
		}
	}
	sums := m.stripe.Ledger.Payments()
	maps.Copy(sums, m.paypal.Ledger.Payments())
	var charged, refunded, wrong int
	for id, sum := range sums {
		if m.isWrong(v, id) {
			wrong++
			continue
		}
		charged++
		if sum.Refunded > 0 {
			refunded++
		}
		m.checkPayment(id, sum)
	}
	if n := m.count(`SELECT count(*) FROM order_transactions t JOIN payments p ON p.merchant_id = t.merchant_id
		AND p.id = t.payment_id WHERE p.kind IN ('stripe', 'paypal') AND NOT p.id::text = ANY($1)`,
		slices.Collect(maps.Keys(sums))); n != 0 {
		m.t.Errorf("%d transactions are of payments that no provider took", n)
	}
	if n := m.count(`SELECT count(*) FROM (SELECT email FROM orders WHERE paid > refunded GROUP BY email
		HAVING count(*) > 1) x`); n != 0 {
		m.t.Errorf("%d shoppers have paid for two orders", n)
	}
	if charged == 0 || refunded == 0 || wrong == 0 {
		m.t.Errorf("too little happened: %d charged, %d refunded, %d of another amount", charged, refunded, wrong)
	}
	m.t.Logf("%d payments charged, %d of them refunded at least in part, %d of another amount; %d delayed, %d left; "+
		"orders: %d paid, %d canceled", charged, refunded, wrong, len(v.delayed), v.left.Load(),
		m.count(`SELECT count(*) FROM orders WHERE paid > 0`), m.count(`SELECT count(*) FROM orders
		WHERE status = 'cancelled'`))
}

// isWrong reports whether a payment was made with another amount on purpose.
func (m *market) isWrong(v *visits, payment string) bool {
	m.t.Helper()
	return v.wrong[m.text(`SELECT coalesce((SELECT reference FROM payments WHERE id::text = $1), '')`, payment)]
}

// checkPayment holds what a provider did for a payment against its order.
func (m *market) checkPayment(id string, sum fake.Sum) {
	m.t.Helper()
	var charged, refunded int64
	var order string
	if err := m.db.QueryRow(m.t.Context(), `SELECT coalesce(sum(t.amount) FILTER (WHERE t.kind = 'charge'), 0),
			coalesce(-sum(t.amount) FILTER (WHERE t.kind <> 'charge'), 0), coalesce(min(o.id::text), '')
		FROM payments p LEFT JOIN orders o ON o.merchant_id = p.merchant_id AND o.id = p.order_id
		LEFT JOIN order_transactions t ON t.merchant_id = p.merchant_id AND t.payment_id = p.id AND t.status = 'succeeded'
		WHERE p.id::text = $1`, id).Scan(&charged, &refunded, &order); err != nil {
		m.t.Error(err)
	}
	if order == "" || charged != sum.Charged || refunded != sum.Refunded || sum.Charges > 1 {
		m.t.Errorf("payment %s: the provider charged %d (%d times) and refunded %d; order %q has %d and %d", id, sum.Charged,
			sum.Charges, sum.Refunded, order, charged, refunded)
	}
}
