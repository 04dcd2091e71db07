package payments_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/payments/fake"
	"orbit360.app/store/shop"
)

// TestPaidByWebhook: an event makes the order, and however often, in whatever order and however late it comes: one
// charge, one order, each email once.
func TestPaidByWebhook(t *testing.T) {
	t.Parallel()
	c := open(t)
	for _, provider := range hosted {
		sender, clock := c.events(provider)
		placed := func(o orbit.Order) func() bool {
			return func() bool {
				return c.count(`SELECT count(*) FROM orders WHERE id = $1 AND paid = total`, o.ID.String()) == 1
			}
		}
		made := map[fake.Delivery]orbit.Order{}
		for _, delivery := range []fake.Delivery{fake.OnTime, fake.Twice, fake.AnHour} {
			o, p := c.asked(provider, 1)
			sender.Next(delivery)
			c.shopperPays(p)
			if made[delivery] = o; delivery != fake.AnHour {
				c.until("the event makes the order", placed(o))
			}
		}
		// What is newer comes first.
		o, p := c.asked(provider, 1)
		sender.Next(map[string][]fake.Delivery{orbit.ProviderStripe: {fake.Behind},
			orbit.ProviderPayPal: {fake.OnTime, fake.Behind}}[provider]...)
		c.shopperPaysLater(p)
		c.bankPays(p)
		c.until("the event makes the order paid", placed(o))
		if late := made[fake.AnHour]; c.count(`SELECT count(*) FROM orders WHERE id = $1`, late.ID.String()) != 0 {
			t.Error("an event that isn't there makes an order")
		}
		clock.Move(time.Hour)
		c.until("the late event makes the order", placed(made[fake.AnHour]))
		clock.Move(time.Hour)
		c.delivered(provider)
		c.quiet()
		for delivery, o := range made {
			c.settle(c.payment(o.Payments[0].ID)) // and the shopper returns
			c.once(string(delivery), o, 1)
		}
		c.once("out of order", o, 2)
		for _, sent := range sender.Sent() {
			if sent.Status != http.StatusOK {
				t.Errorf("%s: an event was answered %d", provider, sent.Status)
			}
		}
	}
	if made, orders := c.count(`SELECT count(*) FROM checkouts`), c.count(`SELECT count(*) FROM orders`); made != orders {
		t.Errorf("%d orders of %d checkouts", orders, made)
	}
}

// TestWebhooksBlocked: with no event, the timer looks at a payment within two minutes of its page, and settles it.
func TestWebhooksBlocked(t *testing.T) {
	t.Parallel()
	c := open(t)
	c.deaf.Store(true)
	for _, provider := range hosted {
		o, p := c.asked(provider, 1)
		c.shopperPays(p)
		if wait := p.NextCheckAt.Sub(p.CreatedAt); wait <= 0 || wait > 2*time.Minute {
			t.Errorf("%s: looked at after %v", provider, wait)
		}
		// It was looked at before the shopper had paid: the next time is as soon.
		early, open := c.asked(provider, 1)
		open = c.settle(open)
		if wait := open.NextCheckAt.Sub(open.CheckedAt); open.Status != orbit.PaymentPending || wait <= 0 ||
			wait > 2*time.Minute {
			t.Errorf("%s: %s, looked at again after %v", provider, open.Status, wait)
		}
		c.shopperPays(open)
		for _, order := range []orbit.Order{o, early} {
			c.sql(`UPDATE payments SET next_check_at = now() WHERE order_id = $1`, order.ID.String())
			if err := c.pay.Queue().Due(t.Context()); err != nil {
				t.Fatal(err)
			}
			c.until("the timer settles it", func() bool {
				return c.count(`SELECT count(*) FROM orders WHERE id = $1 AND paid = total`, order.ID.String()) == 1
			})
			c.quiet()
			c.once("webhooks blocked", order, 1)
		}
	}
	if n := c.count(`SELECT count(*) FROM payment_events`); n != 0 {
		t.Error("events got in:", n)
	}
}

// TestPageLostOnTheWay: a page that was made, though the answer said nothing of it, is the same page when it is asked
// for again: by the shopper, or by the timer after a crash.
func TestPageLostOnTheWay(t *testing.T) {
	t.Parallel()
	c := open(t)
	for _, provider := range hosted {
		for _, fault := range []fake.Fault{fake.ErrorAfter, fake.HangUpAfter, fake.ErrorBefore, fake.HangUpBefore,
			fake.TooMany} {
			for _, again := range []string{"shopper", "timer"} {
				o := c.order(provider, 1)
				p := o.Payments[0]
				c.faults(provider, "create", fault)
				_, err := c.pay.Open(t.Context(), c.moss, p.ID) // a connection that ends is tried again below us
				if stored := c.payment(p.ID); stored.Status != orbit.PaymentPending ||
					orbit.CodeOf(err) != orbit.Unavailable && (err != nil || stored.Reference == "") {
					t.Fatalf("%s %s: %v %+v", provider, fault, err, stored)
				}
				if again == "timer" {
					c.settle(p)
				} else if _, err := c.pay.Open(t.Context(), c.moss, p.ID); err != nil {
					t.Fatal(err)
				}
				p = c.payment(p.ID)
				if pages := c.pages(p); len(pages) != 1 || pages[0] != p.Reference || p.URL == "" {
					t.Errorf("%s %s: %v, and %q is stored", provider, fault, pages, p.Reference)
				}
				c.shopperPays(p)
				c.settle(p)
				c.once(string(fault), o, 1)
			}
		}
	}
}

// pages returns what a provider calls the pages of a payment.
func (c *counter) pages(p orbit.Payment) []string {
	if p.Kind == orbit.ProviderStripe {
		return c.stripe.SessionsOf(p.ID)
	}
	return c.paypal.OrdersOf(p.ID)
}

// TestPageRefused: a page that a provider refuses for good ends its payment: what it held is released, and the cart can
// be bought in another way.
func TestPageRefused(t *testing.T) {
	t.Parallel()
	c := open(t)
	for _, provider := range hosted {
		other := map[string]string{orbit.ProviderStripe: orbit.ProviderPayPal, orbit.ProviderPayPal: orbit.ProviderStripe}
		for _, again := range []string{"at once", "by the timer"} {
			stock := c.mugs()
			o := c.order(provider, 2)
			p := o.Payments[0]
			c.roll(provider)
			if again == "at once" {
				if _, err := c.pay.Open(t.Context(), c.moss, p.ID); orbit.CodeOf(err) != orbit.Forbidden {
					t.Errorf("%s: %v", provider, err)
				}
			} else {
				c.settle(p)
			}
			p = c.payment(p.ID)
			if p.Status != orbit.PaymentFailed || p.Failure == "" || c.mugs() != stock ||
				strings.Contains(p.Failure, "secret") {
				t.Errorf("%s, %s: %s %q, %d mugs of %d", provider, again, p.Status, p.Failure, c.mugs(), stock)
			}
			if a := c.accountOf(p); a.Message == "" {
				t.Errorf("%s: the account says nothing", provider)
			}
			if _, err := c.pay.Open(t.Context(), c.moss, p.ID); orbit.CodeOf(err) != orbit.Gone {
				t.Errorf("%s: opened again: %v", provider, err)
			}
			next, paid := c.paid(other[provider], 2)
			if next.Paid != next.Total || paid.Status != orbit.PaymentPaid || c.mugs() != stock-2 {
				t.Errorf("in another way: %+v", paid)
			}
			if a := c.connect(c.moss, provider, c.secrets[provider]); a.ID != p.AccountID {
				t.Error("new credentials of the same account are another account")
			}
			if fine, _ := c.paid(provider, 1); fine.Paid != fine.Total {
				t.Error("with new credentials:", fine.PaymentStatus)
			}
		}
	}
	// What a provider can't take: an amount below its least.
	c.sql(`UPDATE variants SET price = 1`)
	c.sql(`UPDATE shipping_rates SET price = 0`)
	stock := c.mugs()
	o := c.orderFor(orbit.ProviderStripe, 1, 1)
	if _, err := c.pay.Open(t.Context(), c.moss, o.Payments[0].ID); orbit.CodeOf(err) != orbit.Invalid {
		t.Error(err)
	}
	if p := c.payment(o.Payments[0].ID); p.Status != orbit.PaymentFailed || c.mugs() != stock {
		t.Errorf("%s, %d mugs of %d", p.Status, c.mugs(), stock)
	}
}

// TestPageOfAnOrderRefused: an order that waits for its money still does after a page that couldn't be opened.
func TestPageOfAnOrderRefused(t *testing.T) {
	t.Parallel()
	c := open(t)
	for _, provider := range hosted {
		o, p := c.asked(provider, 1)
		c.shopperPaysOther(p) // its merchant has to look at it
		c.settle(p)
		stock := c.mugs()
		again, err := shop.For(c.db, c.moss).PayOrder(t.Context(), o.ID, provider, c.placing())
		if err != nil {
			t.Fatal(err)
		}
		c.roll(provider)
		if _, err := c.pay.Open(t.Context(), c.moss, again.ID); orbit.CodeOf(err) != orbit.Forbidden {
			t.Error(err)
		}
		if got := c.read(o.ID); got.Status != orbit.OrderOpen || c.payment(again.ID).Status != orbit.PaymentFailed ||
			c.mugs() != stock {
			t.Errorf("%s: %s, %s", provider, got.Status, c.payment(again.ID).Status)
		}
		c.connect(c.moss, provider, c.secrets[provider])
	}
}

// TestKeyRevoked: a key that is revoked while payments are open cancels nothing: the account says that it doesn't work,
// and with new credentials what was paid in the meantime is settled, refunds too.
func TestKeyRevoked(t *testing.T) {
	t.Parallel()
	c := open(t)
	c.deaf.Store(true)
	for _, provider := range hosted {
		given, before := c.paid(provider, 1)
		o, p := c.asked(provider, 2)
		left, open := c.asked(provider, 1)
		stock := c.mugs()
		c.shopperPays(p)
		fresh := c.roll(provider)
		c.sql(`UPDATE payments SET expires_at = now() WHERE id = $1`, open.ID.String())
		for _, one := range []orbit.Payment{p, open} {
			if _, err := c.pay.Settle(t.Context(), c.moss, one.ID); orbit.CodeOf(err) != orbit.Forbidden {
				t.Errorf("%s: %v", provider, err)
			}
			if got := c.payment(one.ID); got.Status != orbit.PaymentPending || !got.NextCheckAt.After(time.Now()) {
				t.Errorf("%s: %s, looked at again at %v", provider, got.Status, got.NextCheckAt)
			}
		}
		if a := c.accountOf(p); !strings.Contains(a.Message, "doesn't accept this") || c.mugs() != stock {
			t.Errorf("%s: %q, %d mugs of %d", provider, a.Message, c.mugs(), stock)
		}
		check, err := c.pay.Check(t.Context(), c.members[c.moss], provider)
		if err != nil || check.OK || !strings.Contains(check.Message, "doesn't accept this") {
			t.Errorf("%s: %+v %v", provider, check, err)
		}
		refund := c.refund(given, 700)
		c.quiet()
		if got := c.transaction(given.ID, refund); got.Status != orbit.TransactionFailed || got.Failure == "" {
			t.Errorf("%s: %+v", provider, got)
		}
		c.connect(c.moss, provider, fresh)
		if a := c.accountOf(p); strings.Contains(a.Message, "doesn't accept") {
			t.Error("it still says", a.Message)
		}
		c.settle(p)
		c.once("with new credentials", o, 1)
		if provider == orbit.ProviderStripe {
			c.stripe.Clock.Move(time.Hour)
		}
		if got := c.settle(open); got.Status != orbit.PaymentExpired || c.mugs() != stock+1 {
			t.Errorf("%s: %s of %s, %d mugs", provider, got.Status, left.Token, c.mugs())
		}
		if err := c.retry(given.ID, refund); err != nil {
			t.Error(err)
		}
		c.quiet()
		if got := c.read(given.ID); got.Refunded != 700 || c.at(before).Refunded != 700 {
			t.Errorf("%s: %d refunded, %d at the provider", provider, got.Refunded, c.at(before).Refunded)
		}
	}
}

// TestAccountReplaced: what an account has taken is settled and refunded with it, after the shop has moved to another
// one.
func TestAccountReplaced(t *testing.T) {
	t.Parallel()
	c := open(t)
	c.stripe.Add(fake.StripeAccount{ID: "acct_second", Key: "sk_test_CANARYsecondOne", Name: "Second"})
	second := map[string]map[string]string{orbit.ProviderStripe: {"secretKey": "sk_test_CANARYsecondOne"},
		orbit.ProviderPayPal: c.paypal.Account(true).Secrets}
	for _, provider := range hosted {
		o, p := c.asked(provider, 1)
		c.shopperPaysLater(p)
		if a := c.connect(c.moss, provider, second[provider]); a.ID == p.AccountID {
			t.Fatal("one account")
		}
		c.bankPays(p)
		c.settle(p)
		c.once("after the account", o, 2)
		c.refund(o, 900)
		c.quiet()
		if got := c.read(o.ID); got.Refunded != 900 || got.Transactions[1].Status != orbit.TransactionSucceeded ||
			c.at(p).Refunded != 900 {
			t.Errorf("%s: %d refunded, %s", provider, got.Refunded, got.Transactions[1].Status)
		}
		if next, paid := c.paid(provider, 1); paid.AccountID == p.AccountID || next.Paid != next.Total {
			t.Errorf("%s: the next one goes to %v", provider, paid.AccountID)
		}
	}
}
