package shop_test

import (
	"context"
	"maps"
	"math/rand/v2"
	"testing"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

func (m till) refund(o orbit.Order, f shop.RefundForm) (r orbit.Refund, err error) {
	err = m.change(func(ctx context.Context, e *shop.Edit) (err error) {
		r, err = e.RefundOrder(ctx, o.ID, f, write)
		return err
	})
	return r, err
}

func amount(n int64) *int64 { return &n }

// TestRefundsEndAtPaid: ten of 23.90, a quarter off, 20 % inclusive: 179.25 is paid, and refunds of whatever size in
// whatever order end at just that, and at just the tax.
func TestRefundsEndAtPaid(t *testing.T) {
	t.Parallel()
	m := newTill(t)
	m.sql(`UPDATE settings SET tax_included = true, currency = 'GBP'`)
	m.sql(`UPDATE shipping_rates SET price = 0`)
	m.sql(`UPDATE variants SET price = 2390, stock = 1000`)
	for round := range 8 {
		rng := rand.New(rand.NewPCG(uint64(round), 13))
		f := form(17925)
		f.Discount, f.Payment = "QUARTER", orbit.ProviderStripe
		o, err := shop.For(m.db, m.alpha).PlaceOrder(t.Context(), m.cart(m.alpha, m.mug.ID, 10), f, letter)
		m.must(err)
		m.settle(o.Payments[0], took(o.Payments[0], o.Token))
		o = m.order(o.ID)
		if o.Paid != 17925 || o.Refundable() != 17925 || o.Tax != 2988 || o.Lines[0].Refundable() != 17925 {
			t.Fatalf("%d paid, %d refundable, %d tax", o.Paid, o.Refundable(), o.Tax)
		}
		stock := m.stock()
		restocked := int64(0)
		for o.Refundable() > 0 {
			var wish orbit.RefundWish
			if left := o.Lines[0].Quantity - o.Lines[0].Refunded; left > 0 && rng.IntN(3) > 0 {
				units := 1 + rng.IntN(left)
				restock := rng.IntN(2) == 0
				wish.Lines = []orbit.RefundLine{{ID: o.Lines[0].ID, Quantity: units, Restock: restock}}
				if restock {
					restocked += int64(units)
				}
			} else {
				wish.Amount = amount(1 + rng.Int64N(min(o.Refundable(), 3000)))
			}
			if _, err := m.refund(o, shop.RefundForm{RefundWish: wish}); err != nil {
				t.Fatalf("%+v of %d: %v", wish, o.Refundable(), err)
			}
			o = m.order(o.ID)
		}
		back, tax := int64(0), int64(0)
		for _, line := range o.Transactions {
			if line.Kind == orbit.TransactionRefund {
				back -= line.Amount
			}
		}
		for _, r := range o.Refunds {
			tax += r.Tax
		}
		if back != 17925 || o.Refunded != 17925 || tax != 2988 || o.PaymentStatus != orbit.FinancialRefunded ||
			m.stock() != stock+restocked {
			t.Errorf("round %d: %d back, %d refunded, %d tax, %s, stock %d", round, back, o.Refunded, tax, o.PaymentStatus,
				m.stock()-stock-restocked)
		}
		if _, err := m.refund(o, shop.RefundForm{RefundWish: orbit.RefundWish{Amount: amount(1)}}); orbit.CodeOf(err) !=
			orbit.Invalid {
			t.Error("more than was paid:", err)
		}
	}
}

// TestRefundsAtTheProvider: refunds of ours and of the provider's own site, which come late, fail later, and are tried
// again: never more than is owed.
func TestRefundsAtTheProvider(t *testing.T) {
	t.Parallel()
	m := newTill(t)
	o := m.paid(2)
	p := o.Payments[0]
	state := took(p, "ch_"+o.ID.String())
	refund, err := m.refund(o, shop.RefundForm{RefundWish: orbit.RefundWish{Amount: amount(1000)}, Notify: true})
	m.must(err)
	line := m.order(o.ID).Transactions[1]
	if line.Status != orbit.TransactionPending || line.RefundID != refund.ID || line.PaymentID != p.ID {
		t.Fatalf("%+v", line)
	}
	m.in(m.alpha, func(ctx context.Context, tenant *shop.Tenant) error {
		_, request, err := tenant.RefundRequest(ctx, line.ID)
		if request.Charge != "ch_"+o.ID.String() || request.Amount.Amount != 1000 || request.ID != line.ID {
			t.Errorf("%+v", request)
		}
		return err
	})
	ours := orbit.ProviderRefund{ID: line.ID, Reference: "re_1", Status: orbit.TransactionSucceeded,
		Amount: orbit.Money{Amount: 1000}}
	site := orbit.ProviderRefund{Reference: "re_site", Status: orbit.TransactionSucceeded,
		Amount: orbit.Money{Amount: 500}}
	for range 2 {
		m.settle(p, gave(gave(state, ours), site))
	}
	events, _, entries := m.kinds(o)
	if got := m.order(o.ID); got.Refunded != 1500 || len(got.Refunds) != 2 || events["order.refunded"] != 2 ||
		entries["refunded"] != 2 {
		t.Errorf("%d refunded by %d, %v %v", got.Refunded, len(got.Refunds), events, entries)
	}
	ours.Status = orbit.TransactionPending
	m.settle(p, gave(state, ours)) // an answer of before
	if got := m.order(o.ID).Transactions[1]; got.Status != orbit.TransactionSucceeded {
		t.Errorf("an older answer took a refund back: %+v", got)
	}
	ours.Status, ours.Failure = orbit.TransactionFailed, "The card is closed."
	for range 2 {
		m.settle(p, gave(state, ours))
	}
	_, _, entries = m.kinds(o)
	if got := m.order(o.ID); got.Refunded != 500 || entries["refund_failed"] != 1 {
		t.Errorf("failed later: %d, %v", got.Refunded, entries)
	}
	retry := func(id orbit.TransactionID) error {
		return m.change(func(ctx context.Context, e *shop.Edit) error { return e.RetryRefund(ctx, o.ID, id) })
	}
	well, refused := m.race(8, func(int) error { return retry(line.ID) })
	if well != 1 || refused != 7 || m.order(o.ID).Refunded != 1500 {
		t.Errorf("tried again by %d, refused %d: %d", well, refused, m.order(o.ID).Refunded)
	}
	if err := retry(m.order(o.ID).Transactions[0].ID); orbit.CodeOf(err) != orbit.Conflict {
		t.Error("a charge is no refund:", err)
	}
	if err := retry(orbit.NewID[orbit.Transaction]()); orbit.CodeOf(err) != orbit.NotFound {
		t.Error("none:", err)
	}
	// What failed can be given by another refund instead: then there is nothing to try again.
	o = m.paid(1)
	p = o.Payments[0]
	if _, err := m.refund(o, shop.RefundForm{RefundWish: orbit.RefundWish{Amount: &o.Paid}}); err != nil {
		t.Fatal(err)
	}
	line = m.order(o.ID).Transactions[1]
	m.in(m.alpha, func(ctx context.Context, tenant *shop.Tenant) error {
		return tenant.SettleRefund(ctx, line.ID, orbit.ProviderRefund{Status: orbit.TransactionFailed, Failure: "No money."})
	})
	if _, err := m.refund(o, shop.RefundForm{RefundWish: orbit.RefundWish{Amount: &o.Paid}}); err != nil {
		t.Fatal(err)
	}
	if err := retry(line.ID); orbit.CodeOf(err) != orbit.Conflict || m.order(o.ID).Refunded != o.Paid {
		t.Error("refunded twice:", err)
	}
}

// TestPaidBackOnce: money of an order that was canceled goes back once, also where that fails at first.
func TestPaidBackOnce(t *testing.T) {
	t.Parallel()
	m := newTill(t)
	o := m.paid(2)
	p := o.Payments[0]
	m.must(m.change(func(ctx context.Context, e *shop.Edit) error {
		return e.CancelOrder(ctx, o.ID, shop.CancelForm{Restock: true, Refund: true, Reason: "Lost", Notify: true}, write)
	}))
	m.must(m.change(func(ctx context.Context, e *shop.Edit) error {
		return e.CancelOrder(ctx, o.ID, shop.CancelForm{Restock: true, Refund: true, Notify: true}, write)
	}))
	_, emails, entries := m.kinds(o)
	if got := m.order(o.ID); got.Refunded != got.Paid || got.PaymentStatus != orbit.FinancialRefunded || m.stock() != 10 ||
		!maps.Equal(emails, map[string]int{"confirmation": 1, "canceled": 1}) || entries["canceled"] != 1 {
		t.Errorf("canceled twice: %d of %d, %s, stock %d, %v %v", got.Refunded, got.Paid, got.PaymentStatus,
			m.stock(), emails,
			entries)
	}
	// The units of one that is refunded later have come back by then.
	kept := m.paid(2)
	m.must(m.change(func(ctx context.Context, e *shop.Edit) error {
		return e.CancelOrder(ctx, kept.ID, shop.CancelForm{Restock: true}, write)
	}))
	if r, err := m.refund(kept, shop.RefundForm{RefundWish: orbit.RefundWish{Lines: []orbit.RefundLine{
		{ID: kept.Lines[0].ID, Quantity: 2, Restock: true}}}}); err != nil || m.stock() != 10 || r.Lines[0].Restock {
		t.Error("restocked twice:", m.stock(), err)
	}
	// It is charged once more, and that can't be paid back at first.
	m.settle(p, took(p, "ch_"+o.ID.String(), "again"))
	ledger := m.order(o.ID).Transactions
	back := ledger[len(ledger)-1]
	m.in(m.alpha, func(ctx context.Context, tenant *shop.Tenant) error {
		_, request, err := tenant.RefundRequest(ctx, back.ID)
		if request.Charge != "again" {
			t.Errorf("the charge to pay back: %+v", request)
		}
		return err
	})
	m.in(m.alpha, func(ctx context.Context, tenant *shop.Tenant) error {
		return tenant.SettleRefund(ctx, back.ID, orbit.ProviderRefund{Status: orbit.TransactionFailed, Failure: "No money."})
	})
	for try, want := range []orbit.Code{"", orbit.Conflict, orbit.Conflict} {
		err := m.change(func(ctx context.Context, e *shop.Edit) error { return e.RetryRefund(ctx, o.ID, back.ID) })
		if orbit.CodeOf(err) != want {
			t.Errorf("try %d: %v", try, err)
		}
	}
	if got := m.order(o.ID); got.Paid != o.Paid || got.Refunded != o.Paid {
		t.Errorf("%d paid, %d refunded of %d", got.Paid, got.Refunded, o.Paid)
	}
}

// TestOrdersAreWorkedWith: parts are paid and fulfilled, and what can't be is refused.
func TestOrdersAreWorkedWith(t *testing.T) {
	t.Parallel()
	m := newTill(t)
	o := m.checkout(3, orbit.ProviderManual)
	mark := func(n *int64) error {
		return m.change(func(ctx context.Context, e *shop.Edit) error { return e.MarkOrderPaid(ctx, o.ID, n, write) })
	}
	fulfill := func(n int) error {
		return m.change(func(ctx context.Context, e *shop.Edit) error {
			_, err := e.FulfillOrder(ctx, o.ID, orbit.FulfillmentForm{Notify: true, Lines: []orbit.FulfillmentLine{
				{ID: o.Lines[0].ID, Quantity: n}}}, write)
			return err
		})
	}
	says := func(status orbit.OrderStatus, money orbit.FinancialStatus, sent orbit.FulfillmentStatus, left int) {
		t.Helper()
		if got := m.order(o.ID); got.Status != status || got.PaymentStatus != money || got.FulfillmentStatus != sent ||
			got.ToFulfill != left {
			t.Errorf("%s, %s, %s, %d left", got.Status, got.PaymentStatus, got.FulfillmentStatus, got.ToFulfill)
		}
	}
	for _, wrong := range []int64{-1, 0, o.Total + 1} {
		if err := mark(&wrong); orbit.CodeOf(err) != orbit.Invalid {
			t.Error(wrong, err)
		}
	}
	m.must(mark(amount(1)))
	says(orbit.OrderOpen, orbit.FinancialPartiallyPaid, orbit.Unfulfilled, 3)
	m.must(fulfill(1))
	says(orbit.OrderOpen, orbit.FinancialPartiallyPaid, orbit.PartiallyFulfilled, 2)
	if err := fulfill(3); orbit.CodeOf(err) != orbit.Invalid {
		t.Error("more than is left:", err)
	}
	m.must(mark(nil))
	m.must(mark(nil))
	says(orbit.OrderOpen, orbit.FinancialPaid, orbit.PartiallyFulfilled, 2)
	if _, err := m.refund(o, shop.RefundForm{RefundWish: orbit.RefundWish{Lines: []orbit.RefundLine{{ID: o.Lines[0].ID,
		Quantity: 1, Restock: true}}}}); err != nil {
		t.Fatal(err)
	}
	says(orbit.OrderOpen, orbit.FinancialPartiallyRefunded, orbit.PartiallyFulfilled, 1)
	m.must(fulfill(1))
	says(orbit.OrderClosed, orbit.FinancialPartiallyRefunded, orbit.Fulfilled, 0)
	for _, late := range []func() error{func() error { return fulfill(1) }, func() error {
		return m.change(func(ctx context.Context, e *shop.Edit) error {
			return e.CancelOrder(ctx, o.ID, shop.CancelForm{}, write)
		})
	}} {
		if err := late(); orbit.CodeOf(err) != orbit.Conflict {
			t.Error(err)
		}
	}
	events, emails, entries := m.kinds(o)
	if !maps.Equal(events, map[string]int{"order.created": 1, "order.paid": 1, "order.refunded": 1,
		"order.fulfilled": 1}) ||
		!maps.Equal(emails, map[string]int{"confirmation": 1, "payment_received": 1, "shipped": 2}) ||
		!maps.Equal(entries, map[string]int{"placed": 1, "marked_paid": 2, "fulfilled": 2, "refunded": 1}) {
		t.Errorf("%v %v %v", events, emails, entries)
	}
	m.sql(`INSERT INTO order_entries (merchant_id, id, order_id, kind) SELECT $1, gen_random_uuid(), $2, 'note'
		FROM generate_series(2, $3::integer)`, m.alpha.String(), o.ID.String(), shop.MaxOrderNotes)
	for note, want := range []orbit.Code{"", orbit.Conflict} {
		if err := m.change(func(ctx context.Context, e *shop.Edit) error {
			return e.AddOrderNote(ctx, o.ID, "Called the shopper.")
		}); orbit.CodeOf(err) != want {
			t.Errorf("note %d: %v", note, err)
		}
	}
}

// TestPaidPaymentsAreLookedAt: a paid payment is looked at again a day after money moved, then ever more seldom, and in
// the end no longer.
func TestPaidPaymentsAreLookedAt(t *testing.T) {
	t.Parallel()
	m := newTill(t)
	o := m.paid(2)
	p := o.Payments[0]
	state := took(p, "ch_"+o.ID.String())
	days := func() int64 {
		m.settle(p, state)
		return m.count(`SELECT coalesce(round(extract(epoch FROM next_check_at - now()) / 86400), 0) FROM payments
			WHERE id = $1`, p.ID.String())
	}
	m.sql(`ALTER TABLE order_transactions DISABLE TRIGGER keep`)
	for _, want := range [][2]int64{{0, 1}, {1, 1}, {9, 9}, {100, 100}, {121, 0}} {
		m.sql(`UPDATE payments SET paid_at = now() - make_interval(days => $2) WHERE id = $1`, p.ID.String(), want[0])
		m.sql(`UPDATE order_transactions SET created_at = now() - make_interval(days => $2) WHERE payment_id = $1`,
			p.ID.String(), want[0])
		if got := days(); got != want[1] {
			t.Errorf("%d days after it was paid: in %d days, want %d", want[0], got, want[1])
		}
	}
	refund, err := m.refund(m.order(o.ID), shop.RefundForm{RefundWish: orbit.RefundWish{Amount: amount(100)}})
	m.must(err)
	line := m.order(o.ID).Transactions[1]
	m.in(m.alpha, func(ctx context.Context, tenant *shop.Tenant) error {
		return tenant.SettleRefund(ctx, line.ID, orbit.ProviderRefund{Reference: "re_" + refund.ID.String(),
			Status: orbit.TransactionSucceeded})
	})
	if got := m.count(`SELECT coalesce(round(extract(epoch FROM next_check_at - now()) / 86400), 0) FROM payments
		WHERE id = $1`, p.ID.String()); got != 1 {
		t.Errorf("after a refund: in %d days", got)
	}
}
