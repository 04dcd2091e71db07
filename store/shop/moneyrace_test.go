package shop_test

import (
	"context"
	"testing"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

// TestSettleAtOnce: the webhook, the shopper's return and the timer at the same time make one order.
func TestSettleAtOnce(t *testing.T) {
	t.Parallel()
	m := newTill(t)
	for _, before := range []orbit.PaymentStatus{orbit.PaymentPending, orbit.PaymentExpired, orbit.PaymentProcessing} {
		m.sql(`UPDATE variants SET stock = 10 WHERE id = $1`, m.mug.ID.String())
		used := m.used()
		o := m.checkout(2, orbit.ProviderStripe)
		p := o.Payments[0]
		m.settle(p, is(before))
		if well, _ := m.race(20, func(int) error {
			_, err := m.settled(p.ID, took(p, "ch_"+o.ID.String()))
			return err
		}); well != 20 {
			t.Errorf("%d of 20 settled", well)
		}
		events, emails, entries := m.kinds(o)
		got := m.order(o.ID)
		if len(got.Transactions) != 1 || got.Paid != got.Total || m.stock() != 8 || m.used() != used+1 ||
			events["order.paid"] != 1 || events["order.created"] != 1 || entries["paid"] != 1 ||
			emails["confirmation"]+emails["payment_received"] != 1 {
			t.Errorf("from %s: %+v, stock %d, %v %v %v", before, got.Transactions, m.stock(), events, emails, entries)
		}
	}
}

// TestRefundAtOnce: however many refund at once, never more goes back than was paid; the database itself refuses it.
func TestRefundAtOnce(t *testing.T) {
	t.Parallel()
	m := newTill(t)
	o := m.paid(2)
	wish := o.Paid/2 + 1
	well, refused := 0, 0
	results := make(chan error, 8)
	for range cap(results) {
		go func() {
			_, err := m.refund(o, shop.RefundForm{RefundWish: orbit.RefundWish{Amount: &wish}})
			results <- err
		}()
	}
	for range cap(results) {
		switch err := <-results; orbit.CodeOf(err) {
		case "":
			well++
		case orbit.Invalid:
			refused++
		default:
			t.Error(err)
		}
	}
	if got := m.order(o.ID); well != 1 || refused != 7 || got.Refunded != wish {
		t.Errorf("%d refunds, %d refused, %d of %d", well, refused, got.Refunded, got.Paid)
	}
}

// TestCancelAgainstSettle: money that comes while an order is canceled, refunded or marked as paid is kept or goes
// back, and neither waits for the other in a circle.
func TestCancelAgainstSettle(t *testing.T) {
	t.Parallel()
	m := newTill(t)
	for i := range 12 {
		m.sql(`UPDATE variants SET stock = 10 WHERE id = $1`, m.mug.ID.String())
		o := m.checkout(2, orbit.ProviderStripe)
		p := o.Payments[0]
		m.settle(p, is(orbit.PaymentProcessing))
		well, _ := m.race(6, func(n int) error {
			if n < 3 {
				_, err := m.settled(p.ID, took(p, "ch_"+o.ID.String()))
				return err
			}
			return m.change(func(ctx context.Context, e *shop.Edit) error {
				switch {
				case i%3 == 0:
					return e.CancelOrder(ctx, o.ID, shop.CancelForm{Restock: true, Refund: true}, write)
				case i%3 == 1:
					return e.MarkOrderPaid(ctx, o.ID, nil, write)
				}
				one := int64(1)
				_, err := e.RefundOrder(ctx, o.ID, shop.RefundForm{RefundWish: orbit.RefundWish{Amount: &one}}, write)
				if orbit.CodeOf(err) == orbit.Invalid { // it isn't paid yet
					err = nil
				}
				return err
			})
		})
		got := m.order(o.ID)
		ok := well == 6
		switch {
		case i%3 == 0:
			ok = ok && got.Status == orbit.OrderCanceled && got.Paid == got.Refunded && m.stock() == 10
		case i%3 == 1:
			ok = ok && got.Paid == got.Total && got.PaymentStatus == orbit.FinancialPaid && m.stock() == 8
		default:
			ok = ok && got.Paid == got.Total && got.Refunded <= 3 && m.stock() == 8
		}
		if !ok {
			t.Errorf("%d: %d went well; %s, %d paid, %d refunded, stock %d", i, well, got.Status, got.Paid, got.Refunded,
				m.stock())
		}
	}
}

// TestLastItemWithCheckouts: two hundred shoppers want the last one, half of them at a provider's page: it is sold
// once, and comes back where its checkout expires.
func TestLastItemWithCheckouts(t *testing.T) {
	t.Parallel()
	m := newTill(t)
	m.sql(`UPDATE plans SET limits = '{}' WHERE slug = 'starter'`)
	sweater := m.variant(m.alpha, "merino-sweater", 0)
	m.sql(`UPDATE variants SET stock = 1000 WHERE id = $1`, sweater.ID.String())
	m.sql(`UPDATE variants SET stock = 1 WHERE id = $1`, m.mug.ID.String())
	const buyers = 200
	tokens := make([]string, buyers)
	for i := range tokens { // each has something else beside it
		tokens[i] = m.cart(m.alpha, m.mug.ID, 1)
		m.in(m.alpha, func(ctx context.Context, tenant *shop.Tenant) error {
			_, _, err := tenant.AddToCart(ctx, tokens[i], sweater.ID, 1)
			return err
		})
	}
	orders := make([]orbit.Order, buyers)
	race := func() int {
		well, _ := m.race(buyers, func(i int) (err error) {
			f := form((2400 + 12800) * 12 / 10)
			if i%2 == 0 {
				f.Payment = orbit.ProviderStripe
			}
			orders[i], err = shop.For(m.db, m.alpha).PlaceOrder(t.Context(), tokens[i], f, letter)
			return err
		})
		return well
	}
	sold := func() int64 {
		return m.count(`SELECT (SELECT count(*) FROM orders) + (SELECT count(*) FROM checkouts WHERE status = 'open')`)
	}
	if well := race(); well != 1 || sold() != 1 || m.stock() != 0 {
		t.Errorf("%d bought, %d sold, %d left", well, sold(), m.stock())
	}
	m.sql(`UPDATE variants SET stock = 0 WHERE id = $1`, m.mug.ID.String())
	for _, o := range orders {
		if len(o.Payments) > 0 && o.Number == 0 {
			m.settle(o.Payments[0], is(orbit.PaymentExpired))
			if m.stock() != 1 || sold() != 0 {
				t.Errorf("expired: %d left, %d sold", m.stock(), sold())
			}
		}
	}
}
