package shop

import (
	"context"
	"strings"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// Erasable is nil where a customer can be erased: no order is open, and no payment or refund is under way. Otherwise
// Conflict says what stands in the way; NotFound for a customer who isn't there.
func (t *Tenant) Erasable(ctx context.Context, id orbit.CustomerID) error {
	if _, err := t.Customer(ctx, id); err != nil {
		return err
	}
	busy, err := pg.All[string](ctx, t, `SELECT o.prefix || o.number FROM orders o WHERE o.customer_id = $1
		AND (o.status NOT IN ('closed', 'cancelled') OR EXISTS (SELECT FROM order_transactions l
				WHERE l.merchant_id = o.merchant_id AND l.order_id = o.id AND l.status = 'pending')
			OR EXISTS (SELECT FROM payments p WHERE p.merchant_id = o.merchant_id AND p.order_id = o.id
				AND (p.status = 'processing' OR p.status = 'pending' AND p.kind = ANY($2))))
		ORDER BY o.number LIMIT 4`, id, hosted())
	if err != nil {
		return err
	}
	switch n := len(busy); {
	case n == 1:
		return orbit.Errorf(orbit.Conflict, "Order %s is open, or its payment is under way. Fulfill or cancel it first.",
			busy[0])
	case n > 1:
		if n == 4 {
			busy[3] = "others"
		}
		return orbit.Errorf(orbit.Conflict,
			"Orders %s and %s are open, or their payments are under way. Fulfill or cancel them first.",
			strings.Join(busy[:n-1], ", "), busy[n-1])
	}
	open, err := pg.One[int](ctx, t, `SELECT count(*) FROM checkouts WHERE status = 'open'
		AND lower(document ->> 'Email') = ANY(`+customerEmails+`)`, id)
	if err == nil && open > 0 {
		return orbit.Errorf(orbit.Conflict, "This customer is paying for an order at this moment. Try again in an hour.")
	}
	return err
}

// hosted returns the kinds of payments that a provider takes.
func hosted() (kinds []string) {
	for _, p := range orbit.Providers().Values() {
		if orbit.Hosted(p) {
			kinds = append(kinds, p)
		}
	}
	return kinds
}

// customerEmails is the email addresses of a customer $1: the own one, and those of the orders.
const customerEmails = `ARRAY(SELECT lower(email) FROM customers WHERE id = $1
	UNION SELECT lower(email) FROM orders WHERE customer_id = $1)`

// EraseCustomer forgets a person and keeps the books: what names the customer is taken out of orders, checkouts,
// payments and timelines, and emails to the customer are deleted; numbers, lines, amounts and the country and region
// that taxes follow from stay. Without orders nothing is left of the customer. Refused as Erasable says.
func (e *Edit) EraseCustomer(ctx context.Context, id orbit.CustomerID) error {
	// As settling locks them: checkouts first, then the customer, then orders.
	for _, lock := range []string{
		`SELECT id FROM checkouts WHERE lower(document ->> 'Email') = ANY(` + customerEmails + `) ORDER BY id FOR UPDATE`,
		`SELECT id FROM customers WHERE id = $1 FOR UPDATE`,
		`SELECT id FROM orders WHERE customer_id = $1 ORDER BY id FOR UPDATE`} {
		if _, err := pg.Exec(ctx, e, lock, id); err != nil {
			return err
		}
	}
	if err := e.Erasable(ctx, id); err != nil {
		return err
	}
	emails, err := pg.All[string](ctx, e, `SELECT unnest(`+customerEmails+`)`, id)
	if err != nil {
		return err
	}
	orders, err := pg.All[string](ctx, e, `SELECT id::text FROM orders WHERE customer_id = $1
		UNION SELECT id::text FROM checkouts WHERE lower(document ->> 'Email') = ANY($2)`, id, emails)
	if err != nil {
		return err
	}
	b := e.db.Batch()
	e.eraseOrders(b, id, orders)
	b.Exec(`DELETE FROM emails WHERE merchant_id = $1 AND lower(recipient) = ANY($2)`, e.merchant, emails)
	// Answers of the API that are kept for a day, for requests that are sent again.
	b.Exec(`UPDATE idempotency_keys SET body = '' WHERE position(convert_to($1, 'UTF8') IN body) > 0`, id.String())
	b.Exec(`DELETE FROM customers c WHERE id = $1
		AND NOT EXISTS (SELECT FROM orders o WHERE o.merchant_id = c.merchant_id AND o.customer_id = c.id)`, id)
	b.Exec(`UPDATE customers SET email = $2, name = '', first_name = '', last_name = '', phone = '', address = '{}',
			tags = '{}', note = '', accepts_marketing = false, tax_exempt = false, version = version + 1,
			updated_at = now(), erased_at = now() WHERE id = $1`, id, orbit.ErasedEmail(id))
	return e.commitCustomer(ctx, b, orbit.ActionCustomerErased, id)
}

// eraseOrders takes out of orders, and of checkouts that became none, what names their customer.
func (e *Edit) eraseOrders(b *pg.Batch, id orbit.CustomerID, orders []string) {
	const erased = `jsonb_strip_nulls(jsonb_build_object('name', $2::text, 'country', %s -> 'country',
		'region', %s -> 'region', 'line1', '', 'city', ''))`
	address := func(of string) string { return strings.ReplaceAll(erased, `%s`, of) }
	b.Exec(`UPDATE orders SET email = $3, phone = '', note = '', cancel_reason = '', address = `+address(`address`)+`
		WHERE customer_id = $1`, id, orbit.ErasedName, orbit.ErasedEmail(id))
	b.Exec(`UPDATE checkouts SET document = document || jsonb_build_object('Email', $3::text, 'Phone', '', 'Note', '',
		'Address', `+address(`document -> 'Address'`)+`) WHERE id = ANY($1::uuid[])`, orders, orbit.ErasedName,
		orbit.ErasedEmail(id))
	b.Exec(`UPDATE payments SET charge = '{}', url = '', method = '', failure = ''
		WHERE order_id = ANY($1::uuid[])`, orders)
	b.Exec(`UPDATE order_transactions SET failure = '' WHERE order_id = ANY($1::uuid[]) AND failure <> ''`, orders)
	b.Exec(`UPDATE refunds SET reason = '' WHERE order_id = ANY($1::uuid[]) AND reason <> ''`, orders)
	b.Exec(`UPDATE fulfillments SET tracking_number = '', tracking_url = '' WHERE order_id = ANY($1::uuid[])`, orders)
	b.Exec(`UPDATE order_entries SET detail = detail - 'text' - 'method' - 'tracking' || CASE kind
			WHEN 'note' THEN jsonb_build_object('text', $2::text) ELSE '{}' END
		WHERE order_id = ANY($1::uuid[])`, orders, "This note was erased with its customer.")
	b.Exec(`DELETE FROM discount_uses WHERE order_id = ANY($1::uuid[])`, orders)
}
