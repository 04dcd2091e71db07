package shop_test

import (
	"context"
	"testing"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

// till is a market with shops that take cards and have a code for a quarter off.
type till struct {
	*market
	mug    orbit.Variant // alpha's, 24.00, ten of them
	member shop.Member   // alpha's owner
}

func newTill(t *testing.T) till {
	t.Helper()
	m := newMarket(t)
	for _, id := range []orbit.MerchantID{m.alpha, m.beta} {
		m.sql(`INSERT INTO payment_methods (merchant_id, kind, name) VALUES ($1, 'stripe', 'Card'), ($1, 'paypal', 'PayPal')`,
			id.String())
		m.sql(`INSERT INTO discounts (merchant_id, code, kind, value) VALUES ($1, 'QUARTER', 'percent', 25)`, id.String())
	}
	return till{m, m.variant(m.alpha, "stoneware-mug", 0), m.plans(m.alpha)(m.db)}
}

// quarter is what n mugs come to with QUARTER, shipping and 20 % on both.
func quarter(n int64) int64 { return (n*2400 - n*600 + 500) * 12 / 10 }

// checkout buys n mugs of alpha's with a method.
func (m till) checkout(n int, method string) orbit.Order {
	m.Helper()
	f := form(quarter(int64(n)))
	f.Discount, f.Payment = "QUARTER", method
	o, err := shop.For(m.db, m.alpha).PlaceOrder(m.Context(), m.cart(m.alpha, m.mug.ID, n), f, letter)
	if err != nil {
		m.Fatal(err)
	}
	return o
}

// paid buys n mugs and pays for them by card.
func (m till) paid(n int) orbit.Order {
	m.Helper()
	o := m.checkout(n, orbit.ProviderStripe)
	m.settle(o.Payments[0], took(o.Payments[0], "ch_"+o.ID.String()))
	return m.order(o.ID)
}

func (m till) settle(p orbit.Payment, state orbit.PaymentState) orbit.Payment {
	m.Helper()
	p, err := m.settled(p.ID, state)
	if err != nil {
		m.Fatal(err)
	}
	return p
}

func (m till) settled(id orbit.PaymentID, state orbit.PaymentState) (p orbit.Payment, err error) {
	err = shop.For(m.db, m.alpha).Do(m.Context(), func(t *shop.Tenant) (err error) {
		p, err = t.SettlePayment(m.Context(), id, state, write)
		return err
	})
	return p, err
}

func (m till) order(id orbit.OrderID) (o orbit.Order) {
	m.Helper()
	m.in(m.alpha, func(ctx context.Context, t *shop.Tenant) (err error) {
		o, err = t.Order(ctx, id)
		return err
	})
	return o
}

// change does something as alpha's owner.
func (m till) change(fn func(context.Context, *shop.Edit) error) error {
	return m.member.Change(m.Context(), func(e *shop.Edit) error { return fn(m.Context(), e) })
}

func (m till) must(err error) {
	m.Helper()
	if err != nil {
		m.Fatal(err)
	}
}

// kinds returns how many events of each kind there are of an order, emails to its shopper and entries of its timeline.
func (m till) kinds(o orbit.Order) (events, emails, entries map[string]int) {
	m.Helper()
	events, emails, entries = map[string]int{}, map[string]int{}, map[string]int{}
	rows, err := m.super.Query(m.Context(), `SELECT 'event', kind::text, count(*) FROM shop_events
			WHERE data #>> '{order,id}' = $1::uuid::text GROUP BY kind
		UNION ALL SELECT 'email', split_part(e.subject, ' ', 1), count(*) FROM emails e JOIN orders o
			ON o.merchant_id = e.merchant_id AND e.subject LIKE '% #' || o.number WHERE o.id = $1::uuid GROUP BY 2
		UNION ALL SELECT 'entry', kind, count(*) FROM order_entries WHERE order_id = $1::uuid GROUP BY kind`, o.ID.String())
	m.must(err)
	defer rows.Close()
	for rows.Next() {
		var of, kind string
		var n int
		m.must(rows.Scan(&of, &kind, &n))
		map[string]map[string]int{"event": events, "email": emails, "entry": entries}[of][kind] = n
	}
	m.must(rows.Err())
	return events, emails, entries
}

// number is an order's number, 0 for a checkout that is none.
func (m till) number(id orbit.OrderID) int64 {
	m.Helper()
	return m.count(`SELECT coalesce((SELECT number FROM orders WHERE id = $1), 0)`, id.String())
}

func (m till) stock() int64 {
	m.Helper()
	return m.count(`SELECT stock FROM variants WHERE id = $1`, m.mug.ID.String())
}

func (m till) used() int64 {
	m.Helper()
	return m.count(`SELECT used FROM discounts WHERE code = 'QUARTER' AND merchant_id = $1`, m.alpha.String())
}

// took is the state of a payment that a provider has taken all of, once for each reference.
func took(p orbit.Payment, references ...string) orbit.PaymentState {
	s := orbit.PaymentState{Status: orbit.PaymentPaid, Method: "Visa •••• 4242"}
	for _, r := range references {
		s.Charges = append(s.Charges, orbit.ProviderCharge{Reference: r,
			Amount: orbit.Money{Amount: p.Amount, Currency: p.Currency}})
	}
	return s
}

// gave adds a refund of the first charge to a state.
func gave(s orbit.PaymentState, r orbit.ProviderRefund) orbit.PaymentState {
	r.Amount.Currency = s.Charges[0].Amount.Currency
	charges := append([]orbit.ProviderCharge(nil), s.Charges...)
	charges[0].Refunds = append(append([]orbit.ProviderRefund(nil), charges[0].Refunds...), r)
	s.Charges = charges
	return s
}

func is(status orbit.PaymentStatus) orbit.PaymentState { return orbit.PaymentState{Status: status} }
