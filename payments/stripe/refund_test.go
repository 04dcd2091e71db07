package stripe_test

import (
	"strings"
	"testing"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/payments/fake"
)

func refundOf(charge orbit.Charge, taken orbit.ProviderCharge, amount int64) orbit.RefundRequest {
	return orbit.RefundRequest{ID: orbit.NewID[orbit.Transaction](), Payment: charge.Payment, Charge: taken.Reference,
		Amount: orbit.Money{Amount: amount, Currency: charge.Amount.Currency}, Reason: "Returned"}
}

func TestRefund(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	charge, page, taken := b.paid(t, 2390, "USD")
	asked := refundOf(charge, taken, 1000)
	first, err := b.Refund(t.Context(), b.account, asked)
	if err != nil || first.ID != asked.ID || first.Amount != asked.Amount ||
		first.Status != orbit.TransactionSucceeded || first.Reference == "" || first.At.IsZero() {
		t.Fatalf("%+v, %v", first, err)
	}
	for _, later := range []time.Duration{0, 72 * time.Hour} { // idempotency keys are forgotten
		b.site.Clock.Move(later)
		if again, err := b.Refund(t.Context(), b.account, asked); err != nil || again != first {
			t.Errorf("%+v, %v", again, err)
		}
	}
	want := fake.Sum{Charges: 1, Charged: 2390, Refunded: 1000, Currency: "USD"}
	if sum := b.site.Ledger.Payments()[charge.Payment.String()]; sum != want {
		t.Errorf("%+v", sum)
	}
	_, err = b.Refund(t.Context(), b.account, refundOf(charge, taken, 1391))
	if orbit.CodeOf(err) != orbit.Invalid || !strings.Contains(orbit.Sentence(err), "greater than unrefunded amount") {
		t.Errorf("more than is left: %v", err)
	}
	if _, err := b.Refund(t.Context(), b.them, refundOf(charge, taken, 1)); orbit.CodeOf(err) != orbit.NotFound {
		t.Errorf("another merchant: %v", err)
	}
	for _, amount := range []int64{0, -1} {
		_, err := b.Refund(t.Context(), b.account, refundOf(charge, taken, amount))
		if orbit.Sentence(err) != "Enter an amount above zero to refund." {
			t.Errorf("%d: %v", amount, err)
		}
	}
	rest, err := b.Refund(t.Context(), b.account, refundOf(charge, taken, 1390))
	if err != nil {
		t.Fatal(err)
	}
	s := b.state(t, charge, page)
	if len(s.Charges[0].Refunds) != 2 || s.Charges[0].Refunds[0] != rest || s.Charges[0].Refunds[1] != first {
		t.Errorf("%+v", s.Charges[0].Refunds)
	}
	if _, err := b.Refund(t.Context(), b.account, refundOf(charge, taken, 1)); orbit.CodeOf(err) != orbit.Invalid {
		t.Errorf("after all is refunded: %v", err)
	}
}

// An answer that never came back, and one that Stripe repeats as an error for a day: one refund.
func TestRefundOnce(t *testing.T) {
	t.Parallel()
	for _, fault := range []fake.Fault{fake.ErrorBefore, fake.ErrorAfter, fake.ErrorKept, fake.HangUpBefore,
		fake.HangUpAfter, fake.TooMany} {
		b := newBed(t)
		charge, page, taken := b.paid(t, 2390, "USD")
		asked := refundOf(charge, taken, 1000)
		b.site.Exchange.Faults.Next("POST /v1/refunds", fault)
		if _, err := b.Refund(t.Context(), b.account, asked); err != nil && orbit.CodeOf(err) != orbit.Unavailable {
			t.Errorf("%s: %v", fault, err)
		}
		made, err := b.Refund(t.Context(), b.account, asked)
		if err != nil || made.ID != asked.ID {
			t.Errorf("%s: %+v, %v", fault, made, err)
		}
		if sum := b.site.Ledger.Payments()[charge.Payment.String()]; sum.Refunded != 1000 {
			t.Errorf("%s: %+v", fault, sum)
		}
		if s := b.state(t, charge, page); len(s.Charges[0].Refunds) != 1 {
			t.Errorf("%s: %+v", fault, s.Charges[0].Refunds)
		}
	}
}

func TestRefundFailsLater(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	charge, page, taken := b.paid(t, 2390, "USD")
	must(t, b.site.PendingRefunds(page.Reference, 1))
	asked := refundOf(charge, taken, 1000)
	made, err := b.Refund(t.Context(), b.account, asked)
	if err != nil || made.Status != orbit.TransactionPending {
		t.Fatalf("%+v, %v", made, err)
	}
	must(t, b.site.SettleRefund(made.Reference, ""))
	if r := b.state(t, charge, page).Charges[0].Refunds[0]; r.Status != orbit.TransactionSucceeded || r.Failure != "" {
		t.Errorf("%+v", r)
	}
	must(t, b.site.SettleRefund(made.Reference, "lost_or_stolen_card"))
	r := b.state(t, charge, page).Charges[0].Refunds[0]
	if r.Status != orbit.TransactionFailed || r.ID != asked.ID ||
		r.Failure != "The shopper's card was lost or stolen. Refund in another way." {
		t.Errorf("%+v", r)
	}
	if again, err := b.Refund(t.Context(), b.account, asked); err != nil || again != r {
		t.Errorf("the same refund: %+v, %v", again, err)
	}
	if _, err := b.Refund(t.Context(), b.account, refundOf(charge, taken, 2390)); err != nil {
		t.Errorf("all of it, since nothing was refunded: %v", err)
	}
}

// Refunds that were made at Stripe are seen, also more than come with a charge.
func TestRefundsAtSite(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	charge, page, _ := b.paid(t, 2390, "USD")
	for i := range 112 {
		if _, err := b.site.RefundAtSite(page.Reference, 20); err != nil {
			t.Fatal(err)
		}
		if i != 0 && i != 9 && i != 10 && i < 99 {
			continue
		}
		var sum int64
		refunds := b.state(t, charge, page).Charges[0].Refunds
		for _, r := range refunds {
			if sum += r.Amount.Amount; !r.ID.IsZero() {
				t.Errorf("%+v", r)
			}
		}
		if len(refunds) != i+1 || sum != int64(i+1)*20 {
			t.Fatalf("%d refunds of %d together, %d were made", len(refunds), sum, i+1)
		}
	}
}

func TestDispute(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	charge, page, taken := b.paid(t, 2390, "USD")
	for _, status := range []string{"needs_response", "under_review", "lost"} {
		must(t, b.site.Dispute(page.Reference, status))
		if s := b.state(t, charge, page); s.Charges[0].Dispute != status || s.Status != orbit.PaymentPaid {
			t.Errorf("%+v", s)
		}
	}
	_, err := b.Refund(t.Context(), b.account, refundOf(charge, taken, 100))
	if orbit.CodeOf(err) != orbit.Invalid || !strings.Contains(orbit.Sentence(err), "charged back") {
		t.Error(err)
	}
	// A key that may not read disputes settles payments all the same.
	const limited = "rk_test_51NoDisputesNoDisputes"
	b.site.Add(fake.StripeAccount{ID: "acct_ours", Key: limited, Lacks: []string{"rak_dispute_read"}})
	s, err := b.State(t.Context(), with(limited), charge, page.Reference)
	if err != nil || s.Status != orbit.PaymentPaid || s.Charges[0].Dispute != "disputed" {
		t.Errorf("%+v, %v", s, err)
	}
}
