package orbit

import (
	"slices"
	"time"
)

// TestChoice is what a shopper chooses on the page of Test payments to become of a payment.
type TestChoice string

// The choices. A payment that fails leaves its page open, as a card that is declined does.
const (
	TestSucceed        TestChoice = "succeed"
	TestFail           TestChoice = "fail"
	TestPendingSucceed TestChoice = "pending_succeed"
	TestPendingFail    TestChoice = "pending_fail"
	TestNeverReturn    TestChoice = "never_return"
	TestTwice          TestChoice = "twice"
)

// TestChoices returns all of them.
func TestChoices() []TestChoice {
	return []TestChoice{TestSucceed, TestFail, TestPendingSucceed, TestPendingFail, TestNeverReturn, TestTwice}
}

// Pending reports whether the money takes a while.
func (c TestChoice) Pending() bool { return c == TestPendingSucceed || c == TestPendingFail }

// TestPaymentDelay is how long a payment is pending after its shopper chose that.
const TestPaymentDelay = 10 * time.Second

// TestPayment is what Test payments know of a payment, as a provider would.
type TestPayment struct {
	MerchantID MerchantID   `bun:",pk"`
	PaymentID  PaymentID    `bun:",pk"`
	Token      string       // of the page's address
	Choice     TestChoice   // "" until there is one
	ChosenAt   time.Time    `bun:",nullzero"`
	ExpiredAt  time.Time    `bun:",nullzero"`
	Refunds    []TestRefund `bun:"type:jsonb"`

	ReadAt time.Time `bun:"-"` // by the clock that set the other times
}

// TestRefund is money that Test payments have paid back.
type TestRefund struct {
	ID     TransactionID `json:"id"`
	Charge string        `json:"charge"`
	Amount int64         `json:"amount"`
	At     time.Time     `json:"at"`
}

// Open reports whether there is still something to choose.
func (p TestPayment) Open() bool {
	return p.ExpiredAt.IsZero() && (p.Choice == "" || p.Choice == TestFail)
}

// Charges returns the references of what was taken.
func (p TestPayment) Charges() []string {
	one := "test_" + p.PaymentID.String()
	switch {
	case p.Choice == TestTwice:
		return []string{one, one + "_again"}
	case p.Choice == TestSucceed, p.Choice == TestNeverReturn, p.Choice == TestPendingSucceed && p.waited():
		return []string{one}
	}
	return nil
}

// Status is what has become of the payment.
func (p TestPayment) Status() PaymentStatus {
	switch {
	case len(p.Charges()) > 0:
		return PaymentPaid
	case p.Choice.Pending() && p.waited():
		return PaymentFailed
	case p.Choice.Pending():
		return PaymentProcessing
	case !p.ExpiredAt.IsZero():
		return PaymentExpired
	}
	return PaymentPending
}

func (p TestPayment) waited() bool { return !p.ReadAt.Before(p.ChosenAt.Add(TestPaymentDelay)) }

// Refund returns the payment with an amount of a charge of so much paid back, at the time that it was read. The same ID
// again changes nothing. NotFound for a charge that there isn't, Invalid for more than is left of it.
func (p TestPayment) Refund(id TransactionID, charge string, amount, charged int64) (TestPayment, TestRefund, error) {
	left := charged
	for _, r := range p.Refunds {
		if r.ID == id {
			return p, r, nil
		}
		if r.Charge == charge {
			left -= r.Amount
		}
	}
	switch {
	case !slices.Contains(p.Charges(), charge):
		return p, TestRefund{}, Errorf(NotFound, "There is no such charge at Test payments.")
	case amount <= 0 || amount > left:
		return p, TestRefund{}, Errorf(Invalid, "More can't be paid back than is left of the charge.")
	}
	r := TestRefund{ID: id, Charge: charge, Amount: amount, At: p.ReadAt}
	p.Refunds = append(slices.Clone(p.Refunds), r)
	return p, r, nil
}
