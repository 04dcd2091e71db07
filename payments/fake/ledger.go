package fake

import (
	"maps"
	"sync"

	"orbit360.app/orbit"
)

// Sum is the money that a provider has moved for a payment or an order, in minor units of orbit.Digits.
type Sum struct {
	Charges  int
	Charged  int64
	Refunded int64 // without what has failed
	Currency string
}

// Ledger counts what a provider has charged and refunded: what tests hold the program against.
type Ledger struct {
	mu               sync.Mutex
	payments, orders map[string]Sum
}

// Payments returns the sums by payment's ID.
func (l *Ledger) Payments() map[string]Sum {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.payments)
}

// Orders returns the sums by order's ID.
func (l *Ledger) Orders() map[string]Sum {
	l.mu.Lock()
	defer l.mu.Unlock()
	return maps.Clone(l.orders)
}

// Double returns the IDs of the orders that were charged more than once, with how often.
func (l *Ledger) Double() map[string]int {
	double := map[string]int{}
	for id, s := range l.Orders() {
		if s.Charges > 1 {
			double[id] = s.Charges
		}
	}
	return double
}

func (l *Ledger) charged(payment, order string, m orbit.Money) {
	l.add(payment, order, Sum{Charges: 1, Charged: m.Amount, Currency: m.Currency})
}

// refunded counts a refund; an amount below zero is one that has failed.
func (l *Ledger) refunded(payment, order string, m orbit.Money) {
	l.add(payment, order, Sum{Refunded: m.Amount, Currency: m.Currency})
}

func (l *Ledger) add(payment, order string, more Sum) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.payments == nil {
		l.payments, l.orders = map[string]Sum{}, map[string]Sum{}
	}
	for id, sums := range map[string]map[string]Sum{payment: l.payments, order: l.orders} {
		s := sums[id]
		s.Charges, s.Charged, s.Refunded = s.Charges+more.Charges, s.Charged+more.Charged, s.Refunded+more.Refunded
		s.Currency = more.Currency
		sums[id] = s
	}
}
