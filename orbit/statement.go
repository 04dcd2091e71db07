package orbit

import (
	"cmp"
	"slices"
	"time"
)

// PlanPeriod is a time in which a shop has a plan, at the price of its beginning; a new price of a plan counts from the
// next month.
type PlanPeriod struct {
	From, To     time.Time
	PlanID       PlanID
	Name         string // of the plan
	Price        int64  // of a billing cycle, in minor units of Currency
	Currency     string
	BillingCycle BillingCycle
}

// Statement is what a shop owes the platform for a month. One with a CreatedAt is closed and never changes.
type Statement struct {
	Month          time.Time       // its first moment
	Lines          []StatementLine `bun:"type:jsonb"`
	Orders         int64
	BandwidthBytes int64
	CreatedAt      time.Time `bun:",nullzero"`
}

// StatementGrace is how long after its end a month is closed: by then all processes have added what they counted.
const StatementGrace = 15 * time.Minute

// Closed reports whether the month is over and the statement final.
func (s Statement) Closed() bool { return !s.CreatedAt.IsZero() }

// Number is what people call a statement of a merchant by.
func (s Statement) Number(m Merchant) string { return m.Code + "-" + s.Month.Format("2006-01") }

// StatementLine is the part of a month in which a shop had a plan, with what that costs.
type StatementLine struct {
	Plan         string       `json:"plan"`
	From         time.Time    `json:"from"`
	To           time.Time    `json:"to"`
	Price        int64        `json:"price"` // of a billing cycle
	Currency     string       `json:"currency"`
	BillingCycle BillingCycle `json:"billingCycle"`
	Amount       int64        `json:"amount"` // for From to To
}

// Cost is the line's amount with its currency.
func (l StatementLine) Cost() Money { return Money{l.Amount, l.Currency} }

// monthly is a period's price for a month: of a yearly one a twelfth, so that January to December are the year's price
// to the cent.
func (p PlanPeriod) monthly(month time.Time) int64 {
	if p.BillingCycle != Yearly {
		return p.Price
	}
	n := int64(month.Month())
	return p.Price*n/12 - p.Price*(n-1)/12
}

// Charges returns what the periods of a month cost, in their order of time. Each is prorated by the second, and the
// lines of a currency are together what they are together exactly, rounded half up: what that has more than the lines
// rounded down goes to those with the largest remainders.
func Charges(month time.Time, periods []PlanPeriod) []StatementLine {
	from, to := MonthOf(month), NextMonth(month)
	length := int64(to.Sub(from) / time.Second)
	type part struct {
		StatementLine
		rest int64 // in parts of length
	}
	var parts []part
	exact := map[string]int64{} // by currency, in parts of length
	for _, p := range periods {
		begin, end := later(p.From.UTC().Truncate(time.Second), from), earlier(p.To.UTC().Truncate(time.Second), to)
		if !begin.Before(end) {
			continue
		}
		cost := p.monthly(from) * int64(end.Sub(begin)/time.Second)
		exact[p.Currency] += cost
		parts = append(parts, part{StatementLine{Plan: p.Name, From: begin, To: end, Price: p.Price, Currency: p.Currency,
			BillingCycle: p.BillingCycle, Amount: cost / length}, cost % length})
	}
	left := map[string]int64{}
	for currency, sum := range exact {
		left[currency] = (sum + length/2) / length
	}
	for _, p := range parts {
		left[p.Currency] -= p.Amount
	}
	slices.SortFunc(parts, func(a, b part) int { return cmp.Or(cmp.Compare(b.rest, a.rest), a.From.Compare(b.From)) })
	lines := make([]StatementLine, len(parts))
	for i, p := range parts {
		if left[p.Currency] > 0 {
			left[p.Currency]--
			p.Amount++
		}
		lines[i] = p.StatementLine
	}
	slices.SortFunc(lines, func(a, b StatementLine) int { return a.From.Compare(b.From) })
	return lines
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// Owed returns what lines come to, a sum for each currency, that of the latest line first; without lines none.
func Owed(lines []StatementLine) (sums []Money) {
	for _, l := range slices.Backward(lines) {
		i := slices.IndexFunc(sums, func(m Money) bool { return m.Currency == l.Currency })
		if i < 0 {
			i = len(sums)
			sums = append(sums, Money{Currency: l.Currency})
		}
		sums[i].Amount += l.Amount
	}
	return sums
}
