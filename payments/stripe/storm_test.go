package stripe_test

import (
	"fmt"
	"sync"
	"testing"

	"orbit360.app/orbit"
	"orbit360.app/payments/fake"
)

// A third of all calls go wrong, before or after they did what they were for, and each is made until it works: no
// order is charged twice, and what was refunded is what was asked for.
func TestStorm(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	b.site.Exchange.Faults.Random(1, 0.33, fake.ErrorBefore, fake.ErrorAfter, fake.HangUpBefore, fake.HangUpAfter,
		fake.TooMany)
	want := map[string]fake.Sum{}
	var mu sync.Mutex
	var shoppers sync.WaitGroup
	for n := range 8 {
		shoppers.Go(func() {
			for i := range 12 {
				charge, refunds := b.charge(int64(1000+100*n+i), "USD"), int64(i%3)
				if err := b.buy(t, charge, refunds); err != nil {
					t.Error(err)
					return
				}
				mu.Lock()
				want[charge.Payment.String()] = fake.Sum{Charges: 1, Charged: charge.Amount.Amount, Refunded: 250 * refunds,
					Currency: "USD"}
				mu.Unlock()
			}
		})
	}
	shoppers.Wait()
	got := b.site.Ledger.Payments()
	for id, sum := range want {
		if got[id] != sum {
			t.Errorf("%+v instead of %+v", got[id], sum)
		}
	}
	if double := b.site.Ledger.Double(); len(got) != 96 || len(double) > 0 {
		t.Errorf("%d payments, charged twice: %v", len(got), double)
	}
}

// buy pays a charge and refunds parts of it, through whatever goes wrong.
func (b *bed) buy(t *testing.T, charge orbit.Charge, refunds int64) error {
	var page orbit.PaymentPage
	var state orbit.PaymentState
	err := again(func() (err error) {
		page, err = b.Create(t.Context(), b.account, charge)
		return err
	})
	if err != nil {
		return err
	}
	if err := b.site.Pay(page.Reference); err != nil {
		return err
	}
	err = again(func() (err error) {
		state, err = b.State(t.Context(), b.account, charge, page.Reference)
		return err
	})
	if err != nil || state.Status != orbit.PaymentPaid {
		return fmt.Errorf("%+v, %w", state, err)
	}
	for range refunds {
		asked := refundOf(charge, state.Charges[0], 250)
		if err := again(func() error { _, err := b.Refund(t.Context(), b.account, asked); return err }); err != nil {
			return err
		}
	}
	return nil
}

// again makes a call until it works; an error that isn't temporary ends it.
func again(call func() error) (err error) {
	for range 50 {
		if err = call(); orbit.CodeOf(err) != orbit.Unavailable {
			return err
		}
	}
	return err
}
