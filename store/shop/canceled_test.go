package shop_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

func (m till) cancel(o orbit.Order, f shop.CancelForm) {
	m.Helper()
	m.must(m.change(func(ctx context.Context, e *shop.Edit) error { return e.CancelOrder(ctx, o.ID, f, write) }))
}

// TestCodesOfCanceledOrders: a discount code that can be used once can be used again when its order is canceled, by its
// merchant or the program, and not when it opens again.
func TestCodesOfCanceledOrders(t *testing.T) {
	t.Parallel()
	m := newTill(t)
	uses := func(when string, want int64) {
		t.Helper()
		if got := m.used(); got != want {
			t.Errorf("%s: used %d times, want %d", when, got, want)
		}
	}
	uses("at first", 0)
	m.cancel(m.paid(1), shop.CancelForm{Refund: true})
	uses("canceled by its merchant", 0)
	o := m.paid(1)
	for range 2 {
		m.cancel(o, shop.CancelForm{})
	}
	uses("canceled twice", 0)
	m.paid(1)
	uses("another one", 1)
	o = m.checkout(1, orbit.ProviderStripe)
	m.settle(o.Payments[0], is(orbit.PaymentProcessing))
	uses("processing", 2)
	m.settle(o.Payments[0], is(orbit.PaymentFailed))
	uses("failed", 1)
	m.settle(o.Payments[0], took(o.Payments[0], "after all"))
	uses("paid after all", 2)
}

// TestShortOrders: of an order that was paid when its stock was sold to others, only what was taken is restocked.
func TestShortOrders(t *testing.T) {
	t.Parallel()
	m := newTill(t)
	short := func(n int, left int64, then orbit.PaymentStatus) orbit.Order {
		t.Helper()
		m.sql(`UPDATE variants SET stock = 10 WHERE id = $1`, m.mug.ID.String())
		o := m.checkout(n, orbit.ProviderStripe)
		p := o.Payments[0]
		m.settle(p, is(orbit.PaymentExpired))
		m.sql(`UPDATE variants SET stock = $2 WHERE id = $1`, m.mug.ID.String(), left)
		if then == orbit.PaymentPaid {
			m.settle(p, took(p, "ch_"+o.ID.String()))
		} else {
			m.settle(p, is(then))
		}
		return o
	}
	stock := func(when string, want int64) {
		t.Helper()
		if got := m.stock(); got != want {
			t.Errorf("%s: %d in stock, want %d", when, got, want)
		}
	}
	o := short(3, 1, orbit.PaymentPaid)
	stock("paid late", 0)
	if got := m.order(o.ID).Lines[0].Short; got != 2 {
		t.Errorf("short of %d units", got)
	}
	m.cancel(o, shop.CancelForm{Restock: true, Refund: true})
	stock("canceled", 1)

	// Unit by unit: the first two were never there.
	o = short(3, 1, orbit.PaymentPaid)
	for unit, want := range []int64{0, 0, 1} {
		line := []orbit.RefundLine{{ID: o.Lines[0].ID, Quantity: 1, Restock: true}}
		if _, err := m.refund(o, shop.RefundForm{RefundWish: orbit.RefundWish{Lines: line}}); err != nil {
			t.Fatal(unit, err)
		}
		stock("refunded", want)
	}
	// What was sent comes back as it is returned.
	o = short(3, 1, orbit.PaymentPaid)
	m.must(m.change(func(ctx context.Context, e *shop.Edit) error {
		_, err := e.FulfillOrder(ctx, o.ID, orbit.FulfillmentForm{Lines: []orbit.FulfillmentLine{
			{ID: o.Lines[0].ID, Quantity: 3}}}, write)
		return err
	}))
	line := []orbit.RefundLine{{ID: o.Lines[0].ID, Quantity: 3, Restock: true}}
	if _, err := m.refund(o, shop.RefundForm{RefundWish: orbit.RefundWish{Lines: line}}); err != nil {
		t.Fatal(err)
	}
	stock("returned", 3)

	// Canceled by the program, and opened again when there is more.
	m.sql(`UPDATE variants SET stock = 10 WHERE id = $1`, m.mug.ID.String())
	o = m.checkout(3, orbit.ProviderStripe)
	p := o.Payments[0]
	m.settle(p, is(orbit.PaymentProcessing))
	m.settle(p, is(orbit.PaymentFailed))
	stock("failed", 10)
	m.sql(`UPDATE variants SET stock = 2 WHERE id = $1`, m.mug.ID.String())
	m.settle(p, took(p, "ch_"+o.ID.String()))
	stock("paid after all", 0)
	m.cancel(o, shop.CancelForm{Restock: true, Refund: true})
	stock("and canceled", 2)
}

// TestReasonOfAMerchant: an order that its merchant has canceled stays so when its money comes, whatever reason was
// given.
func TestReasonOfAMerchant(t *testing.T) {
	t.Parallel()
	m := newTill(t)
	o := m.checkout(1, orbit.ProviderStripe)
	p := o.Payments[0]
	m.settle(p, is(orbit.PaymentProcessing))
	m.cancel(o, shop.CancelForm{Restock: true, Reason: orbit.ReasonUnpaid})
	m.settle(p, took(p, "ch_"+o.ID.String()))
	if got := m.order(o.ID); got.Status != orbit.OrderCanceled || got.Paid != 0 || got.CancelReason != orbit.ReasonUnpaid {
		t.Errorf("%s, %d paid, %q", got.Status, got.Paid, got.CancelReason)
	}
}

// TestTaxOfRefundsAtTheProvider: refunds that are made at the provider's own site have their part of the tax, and all
// of them all of it.
func TestTaxOfRefundsAtTheProvider(t *testing.T) {
	t.Parallel()
	m := newTill(t)
	o := m.paid(3)
	p := o.Payments[0]
	state := took(p, "ch_"+o.ID.String())
	third := o.Paid / 3
	for n, part := range []int64{third, third, o.Paid - 2*third} {
		state = gave(state, orbit.ProviderRefund{Reference: o.Token + string(rune('a'+n)), Amount: orbit.Money{Amount: part},
			Status: orbit.TransactionSucceeded})
		if n != 1 { // two of them are found at once
			m.settle(p, state)
		}
	}
	got := m.order(o.ID)
	for _, r := range got.Refunds {
		if want := o.Tax * r.Amount / o.Total; r.Tax < want-1 || r.Tax > want+1 {
			t.Errorf("tax of %d: %d, want about %d", r.Amount, r.Tax, want)
		}
	}
	if len(got.Refunds) != 3 || got.RefundedTax != o.Tax || got.Refunded != o.Paid {
		t.Errorf("%d refunds, %d of %d, tax %d of %d", len(got.Refunds), got.Refunded, o.Paid, got.RefundedTax, o.Tax)
	}
}

// TestBothChargesPaidBackAtTheProvider: who was charged twice gets both charges back at the provider's own site, before
// the second one is paid back from here. Each is in the books once, whether they are found at once or in turn.
func TestBothChargesPaidBackAtTheProvider(t *testing.T) {
	t.Parallel()
	m := newTill(t)
	back := func(s orbit.PaymentState, charge int, reference string, amount int64) orbit.PaymentState {
		charges := slices.Clone(s.Charges)
		charges[charge].Refunds = []orbit.ProviderRefund{{Reference: reference, Status: orbit.TransactionSucceeded,
			Amount: orbit.Money{Amount: amount, Currency: charges[charge].Amount.Currency}}}
		s.Charges = charges
		return s
	}
	for _, first := range []bool{true, false} {
		o := m.checkout(1, orbit.ProviderStripe)
		p := o.Payments[0]
		one, two := "one "+p.ID.String(), "two "+p.ID.String()
		state := took(p, one, two)
		m.settle(p, state)
		failed := back(state, 1, "re_failed "+two, p.Amount)
		failed.Charges[1].Refunds[0].Status = orbit.TransactionFailed
		m.settle(p, failed)
		second := back(state, 1, "re_"+two, p.Amount)
		if first {
			m.settle(p, second)
		}
		m.settle(p, back(second, 0, "re_"+one, p.Amount))
		got := m.order(o.ID)
		if got.Paid != p.Amount || got.Refunded != p.Amount || len(got.Refunds) != 1 || len(got.Transactions) != 4 {
			t.Errorf("paid %d, refunded %d in %d, %d lines", got.Paid, got.Refunded, len(got.Refunds), len(got.Transactions))
		}
		for _, line := range got.Transactions {
			if line.Status != orbit.TransactionSucceeded {
				t.Errorf("%s %s", line.Kind, line.Status)
			}
		}
	}
}

// TestRefundedAtTheProviderFirst: what a provider has paid back at its own site leaves too little for one of two
// refunds that wait for it. That one fails, the other stays, and amounts and taxes end at what was paid. A refund that
// the provider has isn't failed by a refusal to make it again.
func TestRefundedAtTheProviderFirst(t *testing.T) {
	t.Parallel()
	m := newTill(t)
	o := m.paid(2)
	p := o.Payments[0]
	for _, n := range []int64{1000, 500} {
		_, err := m.refund(o, shop.RefundForm{RefundWish: orbit.RefundWish{Amount: amount(n)}})
		m.must(err)
	}
	state := took(p, "ch_"+o.ID.String())
	for i, n := range []int64{o.Total - 800, 300} {
		state.Charges[0].Refunds = append(state.Charges[0].Refunds, orbit.ProviderRefund{
			Reference: fmt.Sprint("re_", i), Status: orbit.TransactionSucceeded,
			Amount: orbit.Money{Amount: n, Currency: o.Currency}})
	}
	m.settle(p, state)
	got := m.order(o.ID)
	lines := got.Transactions
	if lines[1].Status != orbit.TransactionFailed || lines[2].Status != orbit.TransactionPending || len(lines) != 5 ||
		got.Refunded != got.Paid || got.RefundedTax != o.Tax || o.Tax == 0 {
		t.Errorf("%d of %d, tax %d of %d: %+v", got.Refunded, got.Paid, got.RefundedTax, o.Tax, lines)
	}
	for _, told := range []orbit.ProviderRefund{{Reference: "re_ours", Status: orbit.TransactionPending},
		{Status: orbit.TransactionFailed, Failure: "No such key."}} {
		m.in(m.alpha, func(ctx context.Context, tenant *shop.Tenant) error {
			return tenant.SettleRefund(ctx, lines[2].ID, told)
		})
	}
	if ours := m.order(o.ID).Transactions[2]; ours.Status != orbit.TransactionPending || ours.Reference != "re_ours" {
		t.Errorf("%+v", ours)
	}
}

// TestPaidForWhatWasDeleted: a product that is deleted while its shopper pays is sold all the same.
func TestPaidForWhatWasDeleted(t *testing.T) {
	t.Parallel()
	m := newTill(t)
	before, late := m.checkout(1, orbit.ProviderStripe), m.checkout(2, orbit.ProviderStripe)
	m.settle(late.Payments[0], is(orbit.PaymentExpired))
	m.must(m.change(func(ctx context.Context, e *shop.Edit) error { return e.DeleteProduct(ctx, m.mug.ProductID) }))
	for _, o := range []orbit.Order{before, late} {
		m.settle(o.Payments[0], took(o.Payments[0], "ch_"+o.ID.String()))
		got := m.order(o.ID)
		if got.Paid != o.Total || !got.Lines[0].VariantID.IsZero() || got.Lines[0].Title != o.Lines[0].Title {
			t.Errorf("%d of %d paid, %+v", got.Paid, o.Total, got.Lines[0])
		}
	}
	if got := m.order(late.ID).Lines[0].Short; got != 2 {
		t.Error("short of", got)
	}
}
