package shop_test

import (
	"context"
	"fmt"
	"maps"
	"testing"

	"pgregory.net/rapid"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

// settleModel is what must hold of one checkout, whatever its provider says in whatever order.
type settleModel struct {
	till
	o        orbit.Order
	p        orbit.Payment
	canceled bool            // by its merchant
	taken    map[string]bool // the charges of the right amount that were told
	wrong    map[string]bool // the others, by their amount
	status   orbit.PaymentStatus
}

var rank = map[orbit.PaymentStatus]int{orbit.PaymentPending: 0, orbit.PaymentProcessing: 1, orbit.PaymentFailed: 2,
	orbit.PaymentExpired: 2, orbit.PaymentPaid: 3}

func (m *settleModel) check(t *rapid.T, stock, used int64) {
	p := m.payment(t)
	if rank[p.Status] < rank[m.status] || rank[p.Status] == rank[m.status] && p.Status != m.status {
		t.Fatalf("the payment went from %s to %s", m.status, p.Status)
	}
	m.status = p.Status
	if len(m.taken) > 0 && p.Status != orbit.PaymentPaid {
		t.Fatalf("money has come, and the payment is %s", p.Status)
	}
	number := m.number(m.o.ID)
	events, emails, entries := m.kinds(m.o)
	if number == 0 {
		open := m.count(`SELECT count(*) FROM checkouts WHERE id = $1 AND status = 'open'`, m.o.ID.String())
		if len(m.taken)+len(m.wrong) > 0 || len(events) > 0 || m.stock() != stock-2*open || m.used() != used+open {
			t.Fatalf("no order: %v %v %v, stock %d, used %d, open %d", m.taken, m.wrong, events, m.stock(), m.used(), open)
		}
		return
	}
	o := m.order(m.o.ID)
	held, uses := stock-2, used+1
	if o.Status == orbit.OrderCanceled {
		held, uses = stock, used
	}
	if m.stock() != held || m.used() != uses {
		t.Fatalf("%s: stock %d, want %d; used %d", o.Status, m.stock(), held, m.used())
	}
	m.money(t, o)
	if events["order.created"] != 1 || emails["confirmation"]+emails["payment_pending"] != 1 ||
		events["order.paid"] > 1 || emails["payment_received"] > 1 || emails["canceled"] > 1 || entries["placed"] != 1 ||
		entries["paid"] > 1 || events["order.cancelled"] > 1 || entries["wrong_amount"] != len(m.wrong) {
		t.Fatalf("%v %v %v", events, emails, entries)
	}
	if o.PaymentStatus == orbit.FinancialPaid && (events["order.paid"] != 1 ||
		emails["confirmation"]+emails["payment_received"] != 1) {
		t.Fatalf("paid: %v %v", events, emails)
	}
}

// money checks an order's ledger.
func (m *settleModel) money(t *rapid.T, o orbit.Order) {
	charges, back := 0, int64(0)
	for _, line := range o.Transactions {
		switch line.Kind {
		case orbit.TransactionCharge:
			if charges++; !m.taken[line.Reference] {
				t.Fatalf("a charge of nothing: %+v", line)
			}
		case orbit.TransactionAdjustment:
			back -= line.Amount
		}
	}
	want := min(int64(charges), 1) * o.Total
	if m.canceled && o.Status == orbit.OrderCanceled && len(o.Refunds) == 0 {
		want = 0
	}
	if charges != len(m.taken) || o.Paid != want || o.Paid+back != int64(charges)*o.Total {
		t.Fatalf("%s: %d charges of %v, %d paid, %d back", o.Status, charges, m.taken, o.Paid, back)
	}
	if charges > 0 && !m.canceled && (o.Status != orbit.OrderOpen || o.PaymentStatus != orbit.FinancialPaid) {
		t.Fatalf("paid for, and %s, %s", o.Status, o.PaymentStatus)
	}
}

func (m *settleModel) payment(t *rapid.T) (p orbit.Payment) {
	m.in(m.alpha, func(ctx context.Context, tenant *shop.Tenant) (err error) {
		p, err = tenant.Payment(ctx, m.p.ID)
		return err
	})
	return p
}

// state draws what a provider could say: charges that it has reported once come again, or not.
func (m *settleModel) state(t *rapid.T) orbit.PaymentState {
	s := is(rapid.SampledFrom([]orbit.PaymentStatus{orbit.PaymentPending, orbit.PaymentProcessing, orbit.PaymentFailed,
		orbit.PaymentExpired, orbit.PaymentPaid}).Draw(t, "status"))
	if s.Status == orbit.PaymentFailed {
		s.Failure = "The bank refused."
	}
	for _, c := range rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c"}), 0, 2, rapid.ID).Draw(t,
		"charges") {
		amount := orbit.Money{Amount: m.p.Amount, Currency: m.p.Currency}
		reference := m.o.ID.String() + c
		switch {
		case c == "c" && rapid.Bool().Draw(t, "currency"):
			amount.Currency = "SEK"
			m.wrong[amount.String()] = true
		case c == "c":
			amount.Amount--
			m.wrong[amount.String()] = true
		default:
			m.taken[reference] = true
		}
		s.Charges = append(s.Charges, orbit.ProviderCharge{Reference: reference, Amount: amount})
	}
	if s.Status == orbit.PaymentPaid && len(s.Charges) == 0 {
		s.Status = orbit.PaymentPending // a provider that says paid names the charge
	}
	return s
}

// TestSettleAnyOrder: whatever a provider says, twice and in whatever order, a payment never goes back, a checkout
// makes one order, each charge counts once, and stock, discount, events and emails are exact.
func TestSettleAnyOrder(t *testing.T) {
	t.Parallel()
	m := newTill(t)
	rapid.Check(t, func(t *rapid.T) {
		m.sql(`UPDATE variants SET stock = 10 WHERE id = $1`, m.mug.ID.String())
		used := m.used()
		o := m.checkout(2, orbit.ProviderStripe)
		model := &settleModel{till: m, o: o, p: o.Payments[0], taken: map[string]bool{}, wrong: map[string]bool{},
			status: orbit.PaymentPending}
		for range rapid.IntRange(1, 5).Draw(t, "steps") {
			if rapid.IntRange(0, 5).Draw(t, "cancel") == 0 && m.number(o.ID) > 0 && m.order(o.ID).Paid == 0 {
				m.must(m.change(func(ctx context.Context, e *shop.Edit) error {
					return e.CancelOrder(ctx, o.ID, shop.CancelForm{Restock: true, Reason: "Out of season"}, write)
				}))
				if m.order(o.ID).CancelReason == "Out of season" {
					model.canceled = true
				}
			}
			state := model.state(t)
			for range rapid.IntRange(1, 2).Draw(t, "times") {
				m.settle(model.p, state)
			}
			model.check(t, 10, used)
		}
	})
}

// TestSettleFromEach: from each status, each that a provider can say leads where it should, and to nothing the second
// time.
func TestSettleFromEach(t *testing.T) {
	t.Parallel()
	m := newTill(t)
	all := []orbit.PaymentStatus{orbit.PaymentPending, orbit.PaymentProcessing, orbit.PaymentFailed, orbit.PaymentExpired,
		orbit.PaymentPaid}
	for _, from := range all {
		for _, to := range all {
			m.sql(`UPDATE variants SET stock = 10 WHERE id = $1`, m.mug.ID.String())
			o := m.checkout(2, orbit.ProviderStripe)
			p := o.Payments[0]
			say := func(s orbit.PaymentStatus) orbit.Payment {
				if s == orbit.PaymentPaid {
					return m.settle(p, took(p, "ch_"+p.ID.String()))
				}
				return m.settle(p, is(s))
			}
			want := from
			if rank[to] > rank[from] {
				want = to
			}
			say(from)
			if got := say(to); got.Status != want {
				t.Errorf("from %s, told %s: %s, want %s", from, to, got.Status, want)
			}
			events, emails, entries := m.kinds(o)
			say(to)
			again, twice, told := m.kinds(o)
			if !maps.Equal(events, again) || !maps.Equal(emails, twice) || !maps.Equal(entries, told) {
				t.Errorf("from %s, told %s twice: %v %v %v, %v %v %v", from, to, events, emails, entries, again, twice, told)
			}
			placed := max(rank[from], rank[to]) == 3 || from == orbit.PaymentProcessing ||
				from == orbit.PaymentPending && to == orbit.PaymentProcessing
			if (m.number(o.ID) > 0) != placed {
				t.Errorf("from %s, told %s: number %d", from, to, m.number(o.ID))
			}
		}
	}
	if _, err := m.settled(orbit.NewID[orbit.Payment](), is(orbit.PaymentPaid)); orbit.CodeOf(err) != orbit.NotFound {
		t.Error("a payment that isn't there:", err)
	}
	theirs := m.checkout(1, orbit.ProviderStripe).Payments[0]
	err := shop.For(m.db, m.beta).Do(t.Context(), func(tenant *shop.Tenant) error {
		_, err := tenant.SettlePayment(t.Context(), theirs.ID, took(theirs, "ch_theirs"), write)
		return err
	})
	if orbit.CodeOf(err) != orbit.NotFound || m.number(theirs.OrderID) != 0 {
		t.Error("another shop's payment:", err)
	}
}

// TestSettleStories: what shoppers, banks and merchants do, one after the other, and what comes of it.
func TestSettleStories(t *testing.T) {
	t.Parallel()
	m := newTill(t)
	buy := func() (orbit.Order, orbit.Payment) {
		m.sql(`UPDATE variants SET stock = 10 WHERE id = $1`, m.mug.ID.String())
		o := m.checkout(2, orbit.ProviderStripe)
		return o, o.Payments[0]
	}
	says := func(story string, o orbit.Order, status orbit.OrderStatus, money orbit.FinancialStatus, paid, stock int64,
		wantEmails, wantEntries map[string]int) {
		t.Helper()
		got := m.order(o.ID)
		_, emails, entries := m.kinds(o)
		if got.Status != status || got.PaymentStatus != money || got.Paid != paid || m.stock() != stock {
			t.Errorf("%s: %s, %s, %d paid, %d in stock", story, got.Status, got.PaymentStatus, got.Paid, m.stock())
		}
		if !maps.Equal(emails, wantEmails) || !maps.Equal(entries, wantEntries) {
			t.Errorf("%s: %v %v", story, emails, entries)
		}
	}
	type n = map[string]int

	o, p := buy()
	m.settle(p, is(orbit.PaymentProcessing))
	says("processing", o, orbit.OrderOpen, orbit.FinancialPending, 0, 8, n{"payment_pending": 1},
		n{"placed": 1, "payment_pending": 1})
	m.settle(p, took(p, "late"))
	says("and paid", o, orbit.OrderOpen, orbit.FinancialPaid, p.Amount, 8, n{"payment_pending": 1, "payment_received": 1},
		n{"placed": 1, "payment_pending": 1, "paid": 1})

	o, p = buy()
	m.settle(p, is(orbit.PaymentProcessing))
	m.settle(p, orbit.PaymentState{Status: orbit.PaymentFailed, Failure: "The bank returned it."})
	says("failed", o, orbit.OrderCanceled, orbit.FinancialVoided, 0, 10, n{"payment_pending": 1, "canceled": 1},
		n{"placed": 1, "payment_pending": 1, "payment_failed": 1, "canceled": 1})
	m.settle(p, took(p, "after all"))
	says("paid after all", o, orbit.OrderOpen, orbit.FinancialPaid, p.Amount, 8,
		n{"payment_pending": 1, "canceled": 1, "payment_received": 1},
		n{"placed": 1, "payment_pending": 1, "payment_failed": 1, "canceled": 1, "reopened": 1, "paid": 1})
	if back := m.order(o.ID); back.CancelReason != "" || !back.CanceledAt.IsZero() || back.ToFulfill != 2 {
		t.Errorf("reopened: %+v", back)
	}

	o, p = buy()
	m.settle(p, is(orbit.PaymentExpired))
	m.sql(`UPDATE variants SET stock = 1 WHERE id = $1`, m.mug.ID.String())
	m.settle(p, took(p, "too late"))
	says("paid when one is left", o, orbit.OrderOpen, orbit.FinancialPaid, p.Amount, 0, n{"confirmation": 1},
		n{"placed": 1, "paid": 1, "short": 1})

	o, p = buy()
	m.settle(p, took(p, "one", "two"))
	m.settle(p, took(p, "one", "two", "three"))
	says("paid three times", o, orbit.OrderOpen, orbit.FinancialPaid, p.Amount, 8, n{"confirmation": 1},
		n{"placed": 1, "paid": 1, "paid_twice": 2})
	for i, line := range m.order(o.ID).Transactions {
		if line.Kind == orbit.TransactionAdjustment && m.count(`SELECT count(*) FROM river_job WHERE kind = 'refund' AND
				args ->> 'transactionId' = $1`, line.ID.String()) != 1 {
			t.Errorf("adjustment %d has no job", i)
		}
	}

	o, p = buy()
	m.settle(p, is(orbit.PaymentProcessing))
	m.must(m.change(func(ctx context.Context, e *shop.Edit) error {
		return e.CancelOrder(ctx, o.ID, shop.CancelForm{Restock: true, Notify: true}, write)
	}))
	m.settle(p, took(p, "canceled before"))
	says("canceled, then paid", o, orbit.OrderCanceled, orbit.FinancialVoided, 0, 10,
		n{"payment_pending": 1, "canceled": 1}, n{"placed": 1, "payment_pending": 1, "canceled": 1, "paid_twice": 1})

	for _, wrong := range []orbit.Money{{Amount: p.Amount - 1, Currency: p.Currency}, {Amount: p.Amount,
		Currency: "SEK"}} {
		for _, before := range []orbit.PaymentStatus{orbit.PaymentPending, orbit.PaymentExpired} {
			o, p = buy()
			m.settle(p, is(before))
			state := took(p, "wrong")
			state.Charges[0].Amount = wrong
			m.settle(p, state)
			if got := m.settle(p, state); got.Failure == "" || rank[got.Status] != 2 {
				t.Errorf("wrong amount: %+v", got)
			}
			says(fmt.Sprint("wrong amount after ", before), o, orbit.OrderOpen, orbit.FinancialPending, 0, 8,
				n{"payment_pending": 1}, n{"placed": 1, "wrong_amount": 1})
		}
	}

	o, p = buy()
	state := took(p, "disputed")
	state.Charges[0].Dispute = "needs_response"
	m.settle(p, state)
	if got := m.settle(p, state); got.Dispute != "needs_response" {
		t.Errorf("disputed: %+v", got)
	}
	state.Charges[0].Dispute = "lost"
	m.settle(p, state)
	says("disputed", o, orbit.OrderOpen, orbit.FinancialPaid, p.Amount, 8, n{"confirmation": 1},
		n{"placed": 1, "paid": 1, "disputed": 2})
}

// TestPayOrderLater: an order that was to be paid by transfer is paid by card, and the other ways to pay it end.
func TestPayOrderLater(t *testing.T) {
	t.Parallel()
	m := newTill(t)
	o := m.checkout(2, orbit.ProviderManual)
	pay := func(kind string) orbit.Payment {
		t.Helper()
		p, err := shop.For(m.db, m.alpha).PayOrder(t.Context(), o.ID, kind, letter)
		m.must(err)
		return p
	}
	card := pay(orbit.ProviderStripe)
	if again := pay(orbit.ProviderStripe); again.ID != card.ID || card.Amount != o.Total {
		t.Errorf("%+v %+v", card, again)
	}
	m.sql(`UPDATE payments SET expires_at = now() WHERE id = $1`, card.ID.String())
	if later := pay(orbit.ProviderStripe); later.ID == card.ID {
		t.Error("a page after its time")
	} else {
		card = later
	}
	wallet := pay(orbit.ProviderPayPal)
	if _, err := shop.For(m.db, m.beta).PayOrder(t.Context(), o.ID, orbit.ProviderStripe, letter); orbit.CodeOf(err) !=
		orbit.NotFound {
		t.Error("another shop's order:", err)
	}
	m.settle(wallet, is(orbit.PaymentFailed))
	if got := m.order(o.ID); got.Status != orbit.OrderOpen {
		t.Error("one of several ways to pay failed:", got.Status)
	}
	wallet = pay(orbit.ProviderPayPal)
	half := o.Total / 2
	m.must(m.change(func(ctx context.Context, e *shop.Edit) error { return e.MarkOrderPaid(ctx, o.ID, &half, write) }))
	m.settle(card, took(card, "all of it"))
	got := m.order(o.ID)
	if got.Paid != o.Total || got.PaymentStatus != orbit.FinancialPaid {
		t.Errorf("more than was due: %d of %d, %s", got.Paid, o.Total, got.PaymentStatus)
	}
	open := 0
	for _, p := range got.Payments {
		if p.Status == orbit.PaymentPending && !p.Expiring {
			open++
		}
	}
	events, emails, _ := m.kinds(o)
	if open > 0 || events["order.paid"] != 1 || emails["payment_received"] != 1 {
		t.Errorf("%d payments are open; %v %v", open, events, emails)
	}
	m.settle(wallet, took(wallet, "again")) // the shopper was quicker than its closing
	got = m.order(o.ID)
	if back := got.Transactions[len(got.Transactions)-1]; got.Paid != o.Total || back.Amount != -wallet.Amount ||
		back.Kind != orbit.TransactionAdjustment || back.PaymentID != wallet.ID {
		t.Errorf("paid by another way too: %d, %+v", got.Paid, back)
	}
	if _, err := shop.For(m.db, m.alpha).PayOrder(t.Context(), o.ID, orbit.ProviderStripe, letter); orbit.CodeOf(err) !=
		orbit.Conflict {
		t.Error("nothing is due:", err)
	}
}
