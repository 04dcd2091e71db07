package shop_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

// traces returns where a text stands in the database, in any column of any table, but for rows of a merchant.
func (m till) traces(text string, but orbit.MerchantID) (tables []string) {
	m.Helper()
	rows, err := m.super.Query(m.Context(), `SELECT table_name::text FROM information_schema.tables
		WHERE table_schema = 'public' AND table_type = 'BASE TABLE' ORDER BY 1`)
	m.must(err)
	var all []string
	for rows.Next() {
		var table string
		m.must(rows.Scan(&table))
		all = append(all, table)
	}
	m.must(rows.Err())
	for _, table := range all {
		if n := m.count(fmt.Sprintf(`SELECT count(*) FROM %q x WHERE strpos(lower(x::text), lower($1)) > 0
			AND to_jsonb(x) ->> 'merchant_id' IS DISTINCT FROM $2`, table), text, but.String()); n > 0 {
			tables = append(tables, table)
		}
	}
	return tables
}

// books returns the sums of alpha's orders, lines, ledger and sales.
func (m till) books() (sums string) {
	m.Helper()
	m.must(m.super.QueryRow(m.Context(), `SELECT concat_ws(' ',
		(SELECT concat_ws(' ', count(*), sum(subtotal), sum(discount), sum(shipping), sum(tax), sum(total), sum(paid),
			sum(refunded), string_agg(number || status || payment_status || (address ->> 'country'), ',' ORDER BY number))
			FROM orders WHERE merchant_id = $1),
		(SELECT concat_ws(' ', count(*), sum(total), sum(quantity), sum(fulfilled), sum(refunded)) FROM order_lines
			WHERE merchant_id = $1),
		(SELECT concat_ws(' ', count(*), sum(amount), string_agg(reference, ',' ORDER BY id)) FROM order_transactions
			WHERE merchant_id = $1),
		(SELECT concat_ws(' ', count(*), string_agg(document::text, ',' ORDER BY order_id, revision)) FROM order_revisions
			WHERE merchant_id = $1))`, m.alpha.String()).Scan(&sums))
	return sums
}

// quux is what a person types at the checkout who leaves traces.
func quux(seen int64) orbit.CheckoutForm {
	f := form(seen)
	f.Email, f.Name, f.Phone, f.Note = "zelda.quux@example.com", "Zelda Quuxmore", "020 7946 0123", "Ring Quuxbell twice"
	f.Line1, f.Line2, f.City, f.Postcode = "77 Quuxmarmalade Row", "Quuxflat 9", "Quuxbury", "QX7 7QX"
	f.Discount, f.Payment = "QUARTER", orbit.ProviderStripe
	return f
}

// quuxOrder buys a mug as that person, and pays or lets the payment expire.
func (m till) quuxOrder(pays bool) orbit.Order {
	m.Helper()
	o, err := shop.For(m.db, m.alpha).PlaceOrder(m.Context(), m.cart(m.alpha, m.mug.ID, 1), quux(quarter(1)), letter)
	m.must(err)
	state := orbit.PaymentState{Status: orbit.PaymentExpired}
	if pays {
		state = took(o.Payments[0], "ch_"+o.ID.String())
		state.Method = "PayPal (zelda.quux@example.com)"
	}
	m.settle(o.Payments[0], state)
	if !pays {
		return o
	}
	return m.order(o.ID)
}

// TestErasedCustomer: nothing of what a person typed is found in any table, and the books are what they were. An open
// order stands in the way, another shop can't, and who orders later is somebody new.
func TestErasedCustomer(t *testing.T) {
	t.Parallel()
	m := newTill(t)
	o := m.quuxOrder(true)
	m.quuxOrder(false)
	m.paid(1) // somebody else
	m.sql(`INSERT INTO customers (merchant_id, id, email, name) VALUES ($1, gen_random_uuid(), 'zelda.quux@example.com',
		'Zelda Quuxmore')`, m.beta.String())
	m.sql(`INSERT INTO emails (id, message_id, merchant_id, recipient, subject, html, text, status)
		VALUES (gen_random_uuid(), 'beta', $1, 'zelda.quux@example.com', '', '', '', 'sent')`, m.beta.String())
	c, err := m.rename(o.CustomerID, 0, "Zelda", "Quuxmore")
	m.must(err)
	m.must(m.change(func(ctx context.Context, e *shop.Edit) error {
		_, err := e.UpdateCustomer(ctx, c.ID, 0, func(now orbit.Customer) (orbit.Customer, error) {
			now.Note, now.Tags, now.Address.Line2 = "Quuxnote of staff", []string{"quuxtag"}, "Quuxflat 10"
			return now, nil
		})
		return err
	}))
	erase := func() error {
		return m.change(func(ctx context.Context, e *shop.Edit) error { return e.EraseCustomer(ctx, c.ID) })
	}
	if err := erase(); orbit.CodeOf(err) != orbit.Conflict || !strings.Contains(orbit.Sentence(err), o.Name()) {
		t.Error("with an open order:", err)
	}
	m.must(m.change(func(ctx context.Context, e *shop.Edit) error {
		if err := e.AddOrderNote(ctx, o.ID, "Quuxnote on the order"); err != nil {
			return err
		}
		_, err := e.FulfillOrder(ctx, o.ID, orbit.FulfillmentForm{Lines: []orbit.FulfillmentLine{{ID: o.Lines[0].ID,
			Quantity: 1}}, Carrier: "Post", TrackingNumber: "QUUX123456", Notify: true}, write)
		return err
	}))
	m.sql(`INSERT INTO idempotency_keys (caller, key, fingerprint, resource, locked_until, status, body)
		VALUES ('key:1', 'k', '\x00', gen_random_uuid(), now(), 200, convert_to($1, 'UTF8'))`,
		`{"customer":{"id":"`+c.ID.String()+`"},"name":"Zelda Quuxmore"}`)
	data, err := m.member.CustomerData(m.Context(), c.ID)
	m.must(err)
	known, err := json.Marshal(data)
	m.must(err)
	for _, text := range []string{"Quuxbell", "Quuxflat 9", "Quuxflat 10", "quuxtag", "Quuxnote of staff", "QUUX123456",
		"Quuxnote on the order", "QUARTER", "confirmation #1001"} {
		if !strings.Contains(string(known), text) {
			t.Errorf("%q isn't in what is known: %s", text, known)
		}
	}
	texts := []string{"quux", "zelda", "7946", "QX7", c.Email}
	for _, text := range texts {
		if len(m.traces(text, m.beta)) == 0 {
			t.Errorf("%q was nowhere before", text)
		}
	}
	before := m.books()
	m.must(erase())
	for _, text := range texts {
		if tables := m.traces(text, m.beta); len(tables) > 0 {
			t.Errorf("%q is left in %v", text, tables)
		}
	}
	if after := m.books(); after != before {
		t.Errorf("the books were\n%s\nand are\n%s", before, after)
	}
	if n := m.count(`SELECT (SELECT count(*) FROM customers WHERE merchant_id = $1 AND name = 'Zelda Quuxmore') +
		(SELECT count(*) FROM emails WHERE merchant_id = $1 AND recipient LIKE 'zelda%')`, m.beta.String()); n != 2 {
		t.Error("the other shop's are gone")
	}
	if n := m.count(`SELECT count(*) FROM idempotency_keys WHERE body = ''`) +
		m.count(`SELECT count(*) FROM discount_uses WHERE order_id = $1`, o.ID.String()); n != 1 {
		t.Error("a kept answer, or a discount's use, is left")
	}
	m.afterErasure(o, erase)
}

// afterErasure holds what can be done with an order of a customer who was erased.
func (m till) afterErasure(o orbit.Order, erase func() error) {
	m.Helper()
	if err := erase(); orbit.CodeOf(err) != orbit.NotFound {
		m.Error("erased again:", err)
	}
	now := m.order(o.ID)
	if !now.Erased() || now.Address.Name != orbit.ErasedName || now.Address.Country != "GB" || now.Lines[0].Title == "" {
		m.Errorf("%+v", now)
	}
	emails := m.count(`SELECT count(*) FROM emails`)
	if err := m.change(func(ctx context.Context, e *shop.Edit) error {
		return e.SendConfirmation(ctx, o.ID, write)
	}); orbit.CodeOf(err) != orbit.Conflict {
		m.Error("a confirmation to nobody:", err)
	}
	// What a provider still says of the payment names nobody again.
	state := took(o.Payments[0], "ch_"+o.ID.String())
	state.Method = "PayPal (zelda.quux@example.com)"
	m.settle(o.Payments[0], state)
	if tables := m.traces("zelda", m.beta); len(tables) > 0 || m.count(`SELECT count(*) FROM emails`) != emails {
		m.Error("named again in", tables)
	}
	again := m.quuxOrder(true)
	if again.CustomerID == o.CustomerID || m.known(again.CustomerID).Orders != 1 {
		m.Errorf("who orders again: %+v", again)
	}
	m.in(m.alpha, func(ctx context.Context, t *shop.Tenant) error {
		_, total, err := t.Customers(ctx, shop.CustomerFilter{Limit: 10})
		if total != 2 {
			m.Error(total, "customers are listed")
		}
		return err
	})
}

// TestErasedForeigner: another shop's customer can't be erased, and one without orders is gone.
func TestErasedForeigner(t *testing.T) {
	t.Parallel()
	m := newTill(t)
	foreign := orbit.NewID[orbit.Customer]()
	m.sql(`INSERT INTO customers (merchant_id, id, email, name) VALUES ($1, $2, 'other@example.com', '')`,
		m.beta.String(), foreign.String())
	bare := m.person(orbit.Customer{Email: "bare@example.com"})
	for id, want := range map[orbit.CustomerID]orbit.Code{foreign: orbit.NotFound, bare.ID: ""} {
		err := m.change(func(ctx context.Context, e *shop.Edit) error { return e.EraseCustomer(ctx, id) })
		if orbit.CodeOf(err) != want && (want != "" || err != nil) {
			t.Error(id, err)
		}
		if _, err := m.member.CustomerData(m.Context(), id); orbit.CodeOf(err) != orbit.NotFound {
			t.Error("data of", id, err)
		}
	}
	if n := m.count(`SELECT count(*) FROM customers WHERE email = 'other@example.com'`); n != 1 ||
		m.count(`SELECT count(*) FROM customers WHERE merchant_id = $1`, m.alpha.String()) != 0 {
		t.Error("too much is gone, or too little")
	}
}
