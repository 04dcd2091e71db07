package payments_test

import (
	"context"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/payments/fake"
	"orbit360.app/store/shop"
)

// refund gives a part of an order back, and returns its transaction.
func (c *counter) refund(o orbit.Order, amount int64) orbit.TransactionID {
	c.Helper()
	var made orbit.Refund
	if err := c.change(func(e *shop.Edit) (err error) {
		made, err = e.RefundOrder(c.Context(), o.ID, shop.RefundForm{RefundWish: orbit.RefundWish{Amount: &amount}}, nil)
		return err
	}); err != nil {
		c.Fatal(err)
	}
	for _, t := range c.read(o.ID).Transactions {
		if t.RefundID == made.ID {
			return t.ID
		}
	}
	c.Fatal("a refund without a transaction")
	return orbit.TransactionID{}
}

func (c *counter) transaction(order orbit.OrderID, id orbit.TransactionID) orbit.Transaction {
	c.Helper()
	for _, t := range c.read(order).Transactions {
		if t.ID == id {
			return t
		}
	}
	c.Fatal("no such transaction")
	return orbit.Transaction{}
}

// retry has a refund that failed asked for again, as the dashboard does.
func (c *counter) retry(order orbit.OrderID, id orbit.TransactionID) error {
	_, err := c.pay.RetryRefund(c.Context(), c.members[c.moss], order, id)
	return err
}

// at returns what a payment's provider has moved for it.
func (c *counter) at(p orbit.Payment) fake.Sum {
	if p.Kind == orbit.ProviderStripe {
		return c.stripe.Ledger.Payments()[p.ID.String()]
	}
	return c.paypal.Ledger.Payments()[p.ID.String()]
}

func (c *counter) refundFails(p orbit.Payment, t orbit.Transaction) {
	c.Helper()
	if p.Kind == orbit.ProviderPayPal {
		c.paypal.EndRefunds(p.Reference, "FAILED")
	} else if err := c.stripe.SettleRefund(t.Reference, "expired_or_canceled_card"); err != nil {
		c.Fatal(err)
	}
}

func (c *counter) shopperPaysOther(p orbit.Payment) {
	c.Helper()
	err := c.paypal.Approve(p.Reference, fake.WrongAmount)
	if p.Kind == orbit.ProviderStripe {
		err = c.stripe.PayOther(p.Reference, 101, "gbp")
	}
	if err != nil {
		c.Fatal(err)
	}
}

func (c *counter) shopperPaysLater(p orbit.Payment) {
	c.Helper()
	err := c.paypal.Approve(p.Reference, fake.ECheck)
	if p.Kind == orbit.ProviderStripe {
		err = c.stripe.PayDelayed(p.Reference)
	}
	if err != nil {
		c.Fatal(err)
	}
	c.until("it is processing", func() bool { return c.settle(p).Status == orbit.PaymentProcessing })
}

func (c *counter) bankPays(p orbit.Payment) {
	c.Helper()
	if p.Kind == orbit.ProviderPayPal {
		c.paypal.Complete(p.Reference)
	} else if err := c.stripe.SettleDelayed(p.Reference, true); err != nil {
		c.Fatal(err)
	}
}

// TestRefundFailsLater: a refund that its provider pays, and that fails at the bank, is open again: ledger, statuses
// and timeline are as before it, and it can be tried again.
func TestRefundFailsLater(t *testing.T) {
	t.Parallel()
	c := open(t)
	for _, provider := range hosted {
		o, p := c.paid(provider, 1)
		id := c.refund(o, o.Paid)
		c.until("it is refunded", func() bool { return c.transaction(o.ID, id).Status == orbit.TransactionSucceeded })
		if got := c.read(o.ID); got.PaymentStatus != orbit.FinancialRefunded || c.at(p).Refunded != o.Paid {
			t.Errorf("%s: %s", provider, got.PaymentStatus)
		}
		c.refundFails(p, c.transaction(o.ID, id))
		c.until("the event is heard", func() bool { return c.transaction(o.ID, id).Status == orbit.TransactionFailed })
		got := c.read(o.ID)
		entries := 0
		for _, e := range got.Entries {
			if e.Kind == orbit.EntryRefundFailed {
				entries++
			}
		}
		if got.PaymentStatus != orbit.FinancialPaid || got.Refunded != 0 || got.Status != orbit.OrderOpen || entries != 1 ||
			c.transaction(o.ID, id).Failure == "" || got.RefundedTax != 0 {
			t.Errorf("%s: %s, %s, %d refunded, %d entries", provider, got.Status, got.PaymentStatus, got.Refunded, entries)
		}
		c.quiet()
		c.in(func(t *shop.Tenant) error { _, err := t.ClaimPayment(c.Context(), p.ID); return err })
		time.AfterFunc(300*time.Millisecond, func() { // another process asks about the payment, and comes to an end
			c.in(func(t *shop.Tenant) error { return t.ReleasePayment(context.Background(), p.ID) })
		})
		if err := c.retry(o.ID, id); err != nil {
			t.Error(err)
		}
		c.until("it is refunded", func() bool { return c.at(p).Refunded == o.Paid })
		c.quiet()
		if err := c.retry(o.ID, id); orbit.CodeOf(err) != orbit.Conflict {
			t.Error("tried again, though it was paid:", err)
		}
		if got := c.read(o.ID); got.Refunded != got.Paid || got.PaymentStatus != orbit.FinancialRefunded {
			t.Errorf("%s: %d of %d, %s", provider, got.Refunded, got.Paid, got.PaymentStatus)
		}
	}
}

// TestRefundRetried: a refund that was made, though its answer was lost and asking again was refused, is neither called
// failed nor made a second time: it is pending until what its provider has can be read. One that an earlier release
// called failed is read first when it is tried again.
func TestRefundRetried(t *testing.T) {
	t.Parallel()
	c := open(t)
	for _, provider := range hosted {
		for _, pending := range []bool{false, true} {
			for _, failed := range []bool{false, true} {
				o, id, p := c.lost(provider, pending)
				fresh := c.roll(provider)
				c.refused(id)
				if got := c.transaction(o.ID, id); got.Status != orbit.TransactionPending || got.Reference != "" {
					t.Errorf("%s: %+v, which nobody knows", provider, got)
				}
				if failed {
					c.sql(`UPDATE order_transactions SET status = 'failed', settled_at = now() WHERE id = $1`, id.String())
				}
				c.connect(c.moss, provider, fresh)
				if failed {
					if err := c.retry(o.ID, id); err != nil {
						t.Errorf("%s: %v", provider, err)
					}
				}
				c.until("it is known", func() bool { c.hurry(); return c.transaction(o.ID, id).Reference != "" })
				c.quiet()
				got, want := c.read(o.ID), orbit.TransactionSucceeded
				if pending {
					want = orbit.TransactionPending
				}
				if len(got.Transactions) != 2 || got.Transactions[1].Status != want || got.Refunded != 600 ||
					c.at(p).Refunded != 600 {
					t.Errorf("%s: %+v, %d at the provider", provider, got.Transactions[1:], c.at(p).Refunded)
				}
				c.deaf.Store(false)
			}
		}
	}
}

// TestRefundedAtSiteFirst: a refund that waits for its provider, where the merchant pays back all of the order at the
// provider's own site, has failed: it can't be made any longer. The order is refunded once.
func TestRefundedAtSiteFirst(t *testing.T) {
	t.Parallel()
	c := open(t)
	for _, provider := range hosted {
		for _, asked := range []bool{false, true} { // whether it is asked for again before the payment is read
			o, p := c.paid(provider, 1)
			c.deaf.Store(true)
			c.quiet()
			c.faults(provider, "refund", fake.ErrorBefore)
			id := c.refund(o, o.Paid)
			c.refundAtSite(p, o.Paid)
			if !asked {
				c.settle(p)
			}
			c.until("it has failed", func() bool {
				c.hurry()
				return c.transaction(o.ID, id).Status == orbit.TransactionFailed
			})
			c.quiet()
			got := c.read(o.ID)
			if got.Refunded != o.Paid || got.RefundedTax != o.Tax || got.PaymentStatus != orbit.FinancialRefunded ||
				len(got.Transactions) != 3 || c.at(p).Refunded != o.Paid ||
				!strings.Contains(got.Transactions[1].Failure, "was refunded at") {
				t.Errorf("%s: %d of %d refunded, %+v", provider, got.Refunded, got.Paid, got.Transactions)
			}
			if err := c.retry(o.ID, id); orbit.CodeOf(err) != orbit.Conflict {
				t.Errorf("%s: tried again: %v", provider, err)
			}
			c.deaf.Store(false)
		}
	}
}

// TestRefundMadeAfterAll: a refund that was called failed, and is seen at its provider while another one of all that
// seemed to be left is pending, counts. The other one can't be made.
func TestRefundMadeAfterAll(t *testing.T) {
	t.Parallel()
	c := open(t)
	for _, provider := range hosted {
		o, id, p := c.lost(provider, false)
		fresh := c.roll(provider)
		c.sql(`UPDATE order_transactions SET status = 'failed', settled_at = now() WHERE id = $1`, id.String())
		c.connect(c.moss, provider, fresh)
		c.faults(provider, "refund", fake.ErrorBefore)
		other := c.refund(c.read(o.ID), o.Paid)
		c.settle(p)
		c.until("the other one has failed", func() bool {
			c.hurry()
			return c.transaction(o.ID, other).Status == orbit.TransactionFailed
		})
		c.quiet()
		if got := c.read(o.ID); got.Refunded != 600 || c.at(p).Refunded != 600 || got.RefundedTax != got.Refunds[0].Tax ||
			c.transaction(o.ID, id).Status != orbit.TransactionSucceeded {
			t.Errorf("%s: %+v, %d at the provider", provider, got.Transactions, c.at(p).Refunded)
		}
		c.deaf.Store(false)
	}
}

// lost is a refund of 600 that its provider has made, or has pending, and of which no answer came.
func (c *counter) lost(provider string, pending bool) (orbit.Order, orbit.TransactionID, orbit.Payment) {
	c.Helper()
	o, p := c.paid(provider, 1)
	if pending {
		c.refundsPend(p)
	}
	c.deaf.Store(true)
	c.quiet() // or what is still to be read of the payment sees the refund
	// It isn't asked for with success again before the test has had its turn.
	c.faults(provider, "refund", fake.ErrorAfter, fake.ErrorBefore, fake.ErrorBefore)
	id := c.refund(o, 600)
	c.until("it is made, and the answer lost", func() bool { return c.at(p).Refunded == 600 })
	return o, id, p
}

// refused waits until a refund is asked for with credentials that no longer work.
func (c *counter) refused(id orbit.TransactionID) {
	c.Helper()
	c.until("it is asked for again", func() bool {
		c.hurry()
		return c.count(`SELECT count(*) FROM river_job WHERE kind = 'refund' AND args ->> 'transactionId' = $1
			AND errors::text LIKE '%accept%'`, id.String()) == 1
	})
}

// hurry has refunds that wait for their next attempt tried now.
func (c *counter) hurry() {
	c.Helper()
	c.sql(`UPDATE river_job SET scheduled_at = now() WHERE kind = 'refund' AND state = 'retryable'`)
}

// TestRefundSeen: a refund that was seen at its provider is there, though its answer was lost and asking for it again
// is refused.
func TestRefundSeen(t *testing.T) {
	t.Parallel()
	c := open(t)
	for _, provider := range hosted {
		o, id, p := c.lost(provider, true)
		c.settle(p)
		fresh := c.roll(provider)
		c.refused(id)
		c.connect(c.moss, provider, fresh)
		if err := c.retry(o.ID, id); orbit.CodeOf(err) != orbit.Conflict {
			t.Errorf("%s: tried again, though it is pending: %v", provider, err)
		}
		c.quiet()
		got := c.transaction(o.ID, id)
		if got.Status != orbit.TransactionPending || got.Reference == "" || c.at(p).Refunded != 600 {
			t.Errorf("%s: %+v, %d at the provider", provider, got, c.at(p).Refunded)
		}
		c.deaf.Store(false)
	}
}

func (c *counter) refundsPend(p orbit.Payment) {
	c.Helper()
	if p.Kind == orbit.ProviderPayPal {
		c.paypal.NextRefunds("PENDING")
	} else if err := c.stripe.PendingRefunds(p.Reference, 1); err != nil {
		c.Fatal(err)
	}
}

// TestRandomRefunds: refunds of random parts, ours and at the provider's site, with calls that go wrong, end at just
// what was paid, here and there.
func TestRandomRefunds(t *testing.T) {
	t.Parallel()
	c := open(t)
	rng := rand.New(rand.NewPCG(7, 7))
	for _, provider := range hosted {
		for range 3 {
			o, p := c.paid(provider, 3)
			for o.Refundable() > 0 {
				part := 1 + rng.Int64N(min(o.Refundable(), 2500))
				switch rng.IntN(4) {
				case 0:
					c.refundAtSite(p, part)
					c.settle(p)
				case 1:
					c.faults(provider, "refund", fake.ErrorAfter, fake.TooMany)
					fallthrough
				default:
					c.refund(o, part)
				}
				c.until("nothing is pending", func() bool {
					c.hurry()
					return c.count(`SELECT count(*) FROM order_transactions WHERE status <> 'succeeded'`) == 0
				})
				o = c.read(o.ID)
				if at := c.at(p); at.Refunded != o.Refunded {
					t.Fatalf("%s: %d refunded, %d at the provider", provider, o.Refunded, at.Refunded)
				}
			}
			if at := c.at(p); o.Refunded != o.Total || at.Refunded != o.Total || at.Charged != o.Total ||
				o.PaymentStatus != orbit.FinancialRefunded || o.RefundedTax != o.Tax {
				t.Errorf("%s: %d of %d, %+v, %s", provider, o.Refunded, o.Total, at, o.PaymentStatus)
			}
		}
	}
}

func (c *counter) refundAtSite(p orbit.Payment, amount int64) {
	c.Helper()
	err := error(nil)
	if p.Kind == orbit.ProviderPayPal {
		err = c.paypal.RefundAtPayPal(p.Reference, orbit.Money{Amount: amount, Currency: p.Currency}.Decimal())
	} else {
		_, err = c.stripe.RefundAtSite(p.Reference, amount)
	}
	if err != nil {
		c.Fatal(err)
	}
}

// TestNoEvents: disputes and refunds that fail are seen with no event too, as a paid payment is looked at again.
func TestNoEvents(t *testing.T) {
	t.Parallel()
	c := open(t)
	c.deaf.Store(true)
	for _, provider := range hosted {
		o, p := c.paid(provider, 1)
		id := c.refund(o, 500)
		c.until("it is refunded", func() bool { return c.transaction(o.ID, id).Status == orbit.TransactionSucceeded })
		c.settle(p)
		c.refundFails(p, c.transaction(o.ID, id))
		due := func() {
			t.Helper()
			if c.payment(p.ID).NextCheckAt.IsZero() {
				t.Fatal(provider, "isn't looked at again")
			}
			c.sql(`UPDATE payments SET next_check_at = now() WHERE id = $1`, p.ID.String())
			if err := c.pay.Queue().Due(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
		due()
		c.until("the failure is seen", func() bool { return c.transaction(o.ID, id).Status == orbit.TransactionFailed })
		c.quiet()
		c.dispute(p)
		due()
		c.until("the dispute is seen", func() bool { return c.payment(p.ID).Dispute != "" })
		c.quiet()
		// A provider that refuses is asked once a day, not each minute.
		fresh := c.roll(provider)
		due()
		c.until("it is refused", func() bool { return c.accountOf(p).Message != "" })
		c.quiet()
		if next := c.payment(p.ID).NextCheckAt; next.Before(time.Now().Add(23 * time.Hour)) {
			t.Errorf("%s: looked at again at %v", provider, next)
		}
		c.connect(c.moss, provider, fresh)
	}
}

func (c *counter) dispute(p orbit.Payment) {
	c.Helper()
	if p.Kind == orbit.ProviderPayPal {
		c.paypal.Dispute(p.Reference, "OPEN")
	} else if err := c.stripe.Dispute(p.Reference, "needs_response"); err != nil {
		c.Fatal(err)
	}
}
