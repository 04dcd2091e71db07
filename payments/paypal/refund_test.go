package paypal_test

import (
	"errors"
	"strings"
	"testing"

	"orbit360.app/orbit"
	"orbit360.app/payments/fake"
)

// as is errors.As, short.
func as(err error, target **orbit.Error) bool { return errors.As(err, target) }

// paid opens a page, has the shopper pay, and returns the order and its capture.
func (b *bench) paid(charge orbit.Charge) (reference, capture string) {
	b.Helper()
	reference = b.approved(charge, fake.Good)
	s := b.state(charge, reference)
	if s.Status != orbit.PaymentPaid || len(s.Charges) != 1 {
		b.Fatalf("%+v", s)
	}
	return reference, s.Charges[0].Reference
}

func refundOf(charge orbit.Charge, capture string, amount int64) orbit.RefundRequest {
	return orbit.RefundRequest{ID: orbit.NewID[orbit.Transaction](), Payment: charge.Payment, Charge: capture,
		Amount: orbit.Money{Amount: amount, Currency: charge.Amount.Currency}, Reason: "Too small"}
}

func TestRefunds(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	charge := chargeOf(1000, "EUR")
	reference, capture := b.paid(charge)
	first := refundOf(charge, capture, 300)
	made, err := b.paypal.Refund(t.Context(), b.mine, first)
	if err != nil || made.ID != first.ID || made.Amount != first.Amount || made.Status != orbit.TransactionSucceeded ||
		made.Reference == "" || made.Failure != "" {
		t.Fatalf("%+v %v", made, err)
	}
	again, err := b.paypal.Refund(t.Context(), b.mine, first)
	if err != nil || again != made {
		t.Errorf("the same refund again: %+v %v", again, err)
	}
	b.charged(charge, 1, 700)
	changed := first
	changed.Amount.Amount = 400
	_, err = b.paypal.Refund(t.Context(), b.mine, changed)
	b.is(err, orbit.Invalid)
	_, err = b.paypal.Refund(t.Context(), b.mine, refundOf(charge, capture, 701))
	b.is(err, orbit.Invalid)
	if !strings.Contains(orbit.Sentence(err), "less than or equal to the capture amount") {
		t.Error("not in PayPal's words:", err)
	}
	_, err = b.paypal.Refund(t.Context(), b.other, refundOf(charge, capture, 1))
	b.is(err, orbit.NotFound)
	if err := b.fake.RefundAtPayPal(reference, "2.00"); err != nil {
		t.Fatal(err)
	}
	if _, err = b.paypal.Refund(t.Context(), b.mine, refundOf(charge, capture, 500)); err != nil {
		t.Fatal(err)
	}
	b.charged(charge, 1, 0)
	_, err = b.paypal.Refund(t.Context(), b.mine, refundOf(charge, capture, 1))
	b.is(err, orbit.Invalid)
	s := b.state(charge, reference)
	if s.Status != orbit.PaymentPaid || len(s.Charges) != 1 || len(s.Charges[0].Refunds) != 3 {
		t.Fatalf("%+v", s)
	}
	if refunds := s.Charges[0].Refunds; refunds[0] != made || !refunds[1].ID.IsZero() || refunds[1].Amount.Amount != 200 ||
		refunds[2].ID.IsZero() {
		t.Errorf("%+v", refunds)
	}
}

func TestRefundsThatEndOtherwise(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for status, want := range map[string]orbit.TransactionStatus{"PENDING": orbit.TransactionPending,
		"FAILED": orbit.TransactionFailed, "CANCELLED": orbit.TransactionFailed} {
		charge := chargeOf(1000, "EUR")
		_, capture := b.paid(charge)
		b.fake.NextRefunds(status)
		made, err := b.paypal.Refund(t.Context(), b.mine, refundOf(charge, capture, 1000))
		if err != nil || made.Status != want || (made.Failure != "") != (want == orbit.TransactionFailed) {
			t.Errorf("%s: %+v %v", status, made, err)
		}
	}
	charge := chargeOf(1000, "EUR")
	reference, capture := b.paid(charge)
	refund := refundOf(charge, capture, 1000)
	if _, err := b.paypal.Refund(t.Context(), b.mine, refund); err != nil {
		t.Fatal(err)
	}
	b.charged(charge, 1, 0)
	b.fake.EndRefunds(reference, "FAILED")
	s := b.state(charge, reference)
	if r := s.Charges[0].Refunds; len(r) != 1 || r[0].ID != refund.ID || r[0].Status != orbit.TransactionFailed ||
		r[0].Failure == "" {
		t.Errorf("failed later: %+v", s)
	}
	b.charged(charge, 1, 1000)
}

func TestLostRefunds(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, fault := range lost {
		charge := chargeOf(1000, "EUR")
		reference, capture := b.paid(charge)
		refund := refundOf(charge, capture, 400)
		b.fake.Exchange.Faults.Next(fake.PayPalRefundCall, fault)
		_, err := b.paypal.Refund(t.Context(), b.mine, refund)
		b.is(err, orbit.Unavailable)
		_, err = b.paypal.Refund(t.Context(), b.mine, refund)
		if fault == fake.ErrorKept {
			b.is(err, orbit.Unavailable) // for good; the state has it all the same
		} else if err != nil {
			t.Error(fault, err)
		}
		if r := b.state(charge, reference).Charges[0].Refunds; len(r) != 1 || r[0].ID != refund.ID {
			t.Errorf("%s: %+v", fault, r)
		}
		b.charged(charge, 1, 600)
	}
}

func TestDisputes(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	charge := chargeOf(1000, "EUR")
	reference, _ := b.paid(charge)
	dispute := func() string {
		s := b.state(charge, reference)
		if s.Status != orbit.PaymentPaid || len(s.Charges) != 1 {
			t.Fatalf("%+v", s)
		}
		return s.Charges[0].Dispute
	}
	if d := dispute(); d != "" {
		t.Error(d)
	}
	for _, status := range []string{"WAITING_FOR_SELLER_RESPONSE", "RESOLVED"} {
		b.fake.Dispute(reference, status)
		if d := dispute(); d != status {
			t.Error(d, "instead of", status)
		}
	}
	b.fake.Exchange.Faults.Next("GET /v1/customer/disputes", fake.ErrorBefore)
	if d := dispute(); d != "" {
		t.Error("no news is", d)
	}
	b.mine = b.fake.Account(true, fake.PayPalCharge)
	reference, _ = b.paid(charge)
	calls := b.fake.Calls("GET /v1/customer/disputes")
	b.fake.Reverse(reference)
	if d := dispute(); d != "CHARGEBACK" {
		t.Error("called back:", d)
	}
	if b.fake.Calls("GET /v1/customer/disputes") != calls {
		t.Error("disputes were asked for without the permission")
	}
}
