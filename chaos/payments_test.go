package chaos

import (
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/payments/fake"
)

// delayed is a payment that takes days: its page, and whether the money comes.
type delayed struct {
	page
	comes bool
}

// visits is what all shoppers have done so far.
type visits struct {
	next              atomic.Int64 // the number of the next shopper
	paid, left, short atomic.Int64 // pages that were paid on, and shoppers who never paid or found nothing
	away              atomic.Int64 // shoppers who gave up waiting
	mu                sync.Mutex
	delayed           []delayed
	wrong             map[string]bool // the providers' references of payments of another amount than was asked for
}

// TestPayments has people buy at shops and pay at the providers' pages while processes are killed, the providers' calls
// go wrong, their events come twice, late, in another order or never, and merchants give money back. When all has
// settled, what the providers have taken and given back is what the shops' orders say, to the last unit.
func TestPayments(t *testing.T) {
	t.Parallel()
	m := newMarket(t, either(2, 6))
	m.timed("the browser is closed after paying", either(6, 200), false)
	if long {
		m.timed("the browser is closed after paying, and no event comes", 200, true)
	}
	count, began := either(100, 10_000), time.Now()
	m.misbehave(0.12, 0.3)
	v := &visits{wrong: map[string]bool{}}
	done := make(chan struct{})
	merchants := m.giveBack(done)
	var shoppers sync.WaitGroup
	for hand := range either(8, 16) {
		rng := rand.New(rand.NewPCG(m.rng.Uint64(), uint64(hand)))
		shoppers.Go(func() {
			for t.Context().Err() == nil {
				i := int(v.next.Add(1))
				if i > count {
					return
				}
				if err := v.visit(m.shopper(i, rng)); err != nil {
					t.Errorf("shopper %d: %v", i, err)
				}
			}
		})
	}
	gone := make(chan struct{})
	go func() { shoppers.Wait(); close(gone) }()
	kills := m.kill(gone)
	close(done)
	given := <-merchants
	m.misbehave(0, 0)
	sold := time.Since(began)
	m.settlePayments(v)
	t.Logf("%d shoppers, %d payments at providers, %d kills, %d things given back, %d found nothing, %d left "+
		"because it took too long, in %v", count,
		m.count(`SELECT count(*) FROM payments WHERE kind IN ('stripe', 'paypal')`), kills, given, v.short.Load(),
		v.away.Load(), sold.Round(time.Second))
	m.checkMoney(v)
}

// misbehave has shares of the providers' calls and events go wrong.
func (m *market) misbehave(calls, events float64) {
	bad := []fake.Fault{fake.ErrorBefore, fake.ErrorAfter, fake.HangUpBefore, fake.HangUpAfter, fake.TooMany}
	m.stripe.Exchange.Faults.Random(m.rng.Uint64(), calls, append(bad, fake.ErrorKept)...)
	m.paypal.Exchange.Faults.Random(m.rng.Uint64(), calls, bad...)
	for _, s := range []*fake.Sender{m.stripe.Events, m.paypal.Events} {
		s.Random(m.rng.Uint64(), events, fake.Twice, fake.Behind, fake.AnHour, fake.Never)
	}
}

// kill kills the processes at random, and starts them again, until the end.
func (m *market) kill(end <-chan struct{}) (kills int) {
	m.t.Helper()
	for {
		select {
		case <-end:
			return kills
		case <-time.After(m.upTo(time.Duration(either(1200, 3000)) * time.Millisecond)):
		}
		n := m.nodes[m.rng.IntN(len(m.nodes))]
		n.Kill()
		kills++
		time.Sleep(m.upTo(300 * time.Millisecond))
		n.start()
	}
}

// visit is one shopper, from the cart to whatever comes of it.
func (v *visits) visit(p *shopper) error {
	variant := p.s.variant
	if p.chance(15) {
		variant = p.s.rare
	}
	providers := []string{orbit.ProviderStripe, orbit.ProviderPayPal}
	p.rng.Shuffle(2, func(i, j int) { providers[i], providers[j] = providers[j], providers[i] })
	err := p.fill(variant)
	if err == nil {
		err = v.choose(p, providers)
	}
	switch {
	case err == errSoldOut && variant == p.s.rare:
		v.short.Add(1)
		return nil
	case err == errAway:
		v.away.Add(1)
		return nil
	}
	return err
}

// choose has a shopper decide on the way.
func (v *visits) choose(p *shopper, providers []string) error {
	at, err := p.checkout(providers[0])
	if err != nil || at.url == "" {
		return err
	}
	switch dice := p.rng.IntN(100); {
	case dice < 8: // never pays
		v.left.Add(1)
		return nil
	case dice < 16: // goes back, and chooses the other one
		back, err := p.press(at, "cancel", "cancel")
		if err != nil {
			return err
		}
		if err := p.returns(back); err != nil {
			return err
		}
		if at, err = p.checkout(providers[1]); err != nil || at.url == "" {
			return err
		}
		return v.payAt(p, at)
	case dice < 24: // has two tabs, and pays in both at once
		return v.twoTabs(p, at, providers[1])
	case dice < 28: // pays twice on one page
		if _, err := p.press(at, "pay", fake.Good); err != nil {
			return err
		}
		return v.payAt(p, at)
	}
	return v.payAt(p, at)
}

// twoTabs pays on one page while another one is being opened, and then on that as well.
func (v *visits) twoTabs(p *shopper, at page, provider string) error {
	var other sync.WaitGroup
	var first error
	twin := *p
	twin.rng = rand.New(rand.NewPCG(p.rng.Uint64(), 0))
	other.Go(func() {
		time.Sleep(time.Duration(twin.rng.IntN(30)) * time.Millisecond)
		first = v.payAt(&twin, at)
	})
	second, err := p.checkout(provider)
	if err == errSoldOut { // by the other tab
		err = nil
	}
	if err == nil && second.url != "" {
		err = v.payAt(p, second)
	}
	other.Wait()
	if err == nil {
		err = first
	}
	return err
}

// payAt pays, by whatever means, and closes the browser or returns.
func (v *visits) payAt(p *shopper, at page) error {
	if at.url == "" { // another tab has paid
		return nil
	}
	stripe, paypal := "pay", fake.Good
	switch dice := p.rng.IntN(100); {
	case dice < 5: // the first card is declined
		if back, err := p.press(at, "decline", fake.Declined); err != nil {
			return err
		} else if err := p.returns(back); err != nil {
			return err
		}
	case dice < 15: // the money takes days, and comes or doesn't
		stripe, paypal = "delayed", fake.ECheck
		v.later(delayed{at, p.chance(60)})
	case dice < either(25, 18): // the provider takes something else
		return v.payOther(p, at)
	case dice < either(27, 20):
		paypal = fake.Failing
	}
	back, err := p.press(at, stripe, paypal)
	if err != nil {
		return err
	}
	if back != nil {
		v.paid.Add(1)
	}
	if p.chance(25) { // the browser is closed
		return nil
	}
	return p.returns(back)
}

func (v *visits) later(d delayed) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.delayed = append(v.delayed, d)
}

// payOther has a provider report another amount than it was asked for.
func (v *visits) payOther(p *shopper, at page) error {
	v.mu.Lock()
	v.wrong[at.reference] = true
	v.mu.Unlock()
	if at.provider == orbit.ProviderPayPal {
		back, err := p.press(at, "", fake.WrongAmount)
		if err != nil {
			return err
		}
		return p.returns(back)
	}
	_ = p.m.stripe.PayOther(at.reference, 101, "gbp") // the page may be closed already
	return nil
}

// settlePayments lets the time pass in which everything comes to its end, with nothing going wrong.
func (m *market) settlePayments(v *visits) {
	m.t.Helper()
	for _, n := range m.nodes { // what a killed process was asking about is free after 90 seconds
		if err := n.Stop(); err != nil {
			m.t.Errorf("SIGTERM: %v\n%s", err, n.Out.Tail())
		}
	}
	m.exec(`UPDATE payments SET busy_until = NULL`)
	for _, n := range m.nodes {
		n.start()
	}
	m.comes("what was approved is captured", func() int {
		return m.count(`SELECT count(*) FROM payments p WHERE status = 'pending' AND reference = ANY($1)`,
			v.references())
	})
	for _, d := range v.delayed {
		m.end(d)
	}
	m.stripe.Clock.Move(pageLife)
	m.paypal.Clock.Move(pageLife)
	m.exec(`UPDATE payments SET expires_at = now() WHERE status = 'pending'`)
	m.comes("all payments are final", func() int {
		return m.count(`SELECT count(*) FROM payments WHERE status IN ('pending', 'processing')
			AND kind IN ('stripe', 'paypal')`)
	})
	m.stripe.Clock.Move(time.Hour) // the events that were late by an hour
	m.paypal.Clock.Move(time.Hour)
	for _, s := range []*fake.Sender{m.stripe.Events, m.paypal.Events} {
		if err := s.Wait(m.t.Context()); err != nil {
			m.t.Fatal(err)
		}
	}
	m.comes("all refunds and jobs are done", func() int {
		return m.count(`SELECT count(*) FROM order_transactions WHERE status = 'pending'`) +
			m.count(`SELECT count(*) FROM river_job WHERE queue = 'payment' AND state IN `+live)
	})
}

// comes lets time pass until nothing is left of what is counted. Thousands of payments take longer than anything else
// here, and hold locks that a pass waits for.
func (m *market) comes(what string, left func() int) {
	m.t.Helper()
	for deadline := time.Now().Add(time.Duration(either(1, 8)) * patience); ; {
		m.pass()
		n := left()
		if n == 0 {
			return
		}
		if time.Now().After(deadline) {
			m.t.Fatalf("gave up waiting: %s: %d are left", what, n)
		}
	}
}

// pageLife is a little more than a payment page is open.
const pageLife = 31*time.Minute + time.Second

// pass lets the time pass after which payments are looked at, and failed refunds asked for, again.
func (m *market) pass() {
	m.t.Helper()
	m.exec(`UPDATE payments p SET next_check_at = now() WHERE next_check_at > now() AND (status <> 'paid' OR EXISTS (
		SELECT FROM order_transactions t WHERE t.payment_id = p.id AND t.status = 'pending'))`)
	m.exec(`UPDATE river_job SET scheduled_at = now() WHERE queue = 'payment' AND state IN ('retryable', 'scheduled')`)
	time.Sleep(time.Duration(either(100, 2000)) * time.Millisecond)
}

// references returns what the providers call the payments that take days.
func (v *visits) references() (all []string) {
	for _, d := range v.delayed {
		all = append(all, d.reference)
	}
	return all
}

// end ends a payment that took days, as the provider does. One that was never made has no end.
func (m *market) end(d delayed) {
	switch {
	case d.provider == orbit.ProviderStripe:
		_ = m.stripe.SettleDelayed(d.reference, d.comes)
	case m.count(`SELECT count(*) FROM payments WHERE reference = $1 AND status = 'processing'`, d.reference) == 0:
	case d.comes:
		m.paypal.Complete(d.reference)
	default:
		m.paypal.Deny(d.reference)
	}
}

// timed measures how soon orders are paid of shoppers who close the browser after paying, with nothing going wrong.
func (m *market) timed(what string, shoppers int, deaf bool) {
	m.t.Helper()
	m.deaf.Store(deaf)
	defer m.deaf.Store(false)
	paid := map[string]time.Time{}
	for i := range shoppers {
		p := m.shopper(1_000_000*(1+m.rng.IntN(1000))+i, m.rng)
		if err := p.fill(p.s.variant); err != nil {
			m.t.Fatal(err)
		}
		at, err := p.checkout([]string{orbit.ProviderStripe, orbit.ProviderPayPal}[i%2])
		if err != nil {
			m.t.Fatal(err)
		}
		if _, err := p.press(at, "pay", fake.Good); err != nil {
			m.t.Fatal(err)
		}
		paid[at.reference] = time.Now()
	}
	var took times
	for reference, at := range paid {
		var when time.Time
		m.eventually("order "+strconv.Itoa(len(took))+" is paid: "+what, func() bool {
			return m.db.QueryRow(m.t.Context(), `SELECT paid_at FROM payments WHERE reference = $1
				AND paid_at IS NOT NULL`, reference).Scan(&when) == nil
		})
		took = append(took, max(0, when.Sub(at)))
	}
	m.t.Logf("%s: paid after %v", what, took)
}
