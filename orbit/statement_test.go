package orbit_test

import (
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"orbit360.app/orbit"
)

// periods draws the plans of a shop in a month: any number of changes at any moments, monthly and yearly plans, two
// currencies.
func periods(t *rapid.T, from, to time.Time) []orbit.PlanPeriod {
	span := to.Sub(from)
	cuts := rapid.SliceOfN(rapid.Int64Range(0, int64(span)), 0, 12).Draw(t, "changes")
	slices.Sort(cuts)
	var all []orbit.PlanPeriod
	at := from
	for _, c := range append(cuts, int64(span)) {
		all = append(all, orbit.PlanPeriod{From: at, To: from.Add(time.Duration(c)), Name: "Plan",
			Price:        rapid.Int64Range(0, orbit.MaxPrice).Draw(t, "price"),
			Currency:     rapid.SampledFrom([]string{"USD", "EUR"}).Draw(t, "currency"),
			BillingCycle: rapid.SampledFrom([]orbit.BillingCycle{orbit.Monthly, orbit.Yearly}).Draw(t, "cycle")})
		at = from.Add(time.Duration(c))
	}
	return all
}

func someMonth(t *rapid.T) time.Time {
	return time.Date(rapid.IntRange(2024, 2031).Draw(t, "year"), time.Month(rapid.IntRange(1, 12).Draw(t, "month")), 1,
		0, 0, 0, 0, time.UTC)
}

// TestCharges: whatever plans a shop has had, the lines of a currency are together what they are exactly, rounded once;
// none is below zero or off by a whole unit; and no order of computing gives another result.
func TestCharges(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		month := someMonth(t)
		end := orbit.NextMonth(month)
		had := periods(t, month, end)
		lines := orbit.Charges(month, had)

		exact := map[string]*big.Rat{}
		seconds := int64(end.Sub(month) / time.Second)
		covered := int64(0)
		for _, l := range lines {
			price := l.Price
			if l.BillingCycle == orbit.Yearly {
				n := int64(month.Month())
				price = l.Price*n/12 - l.Price*(n-1)/12
			}
			took := int64(l.To.Sub(l.From) / time.Second)
			covered += took
			part := new(big.Rat).Mul(big.NewRat(price, 1), big.NewRat(took, seconds))
			off := new(big.Rat).Sub(part, big.NewRat(l.Amount, 1))
			if off.Abs(off).Cmp(big.NewRat(1, 1)) >= 0 || l.Amount < 0 {
				t.Fatalf("%+v is %s exactly", l, part.FloatString(6))
			}
			if exact[l.Currency] == nil {
				exact[l.Currency] = new(big.Rat)
			}
			exact[l.Currency].Add(exact[l.Currency], part)
		}
		if covered != seconds {
			t.Fatalf("%d of %d seconds are charged", covered, seconds)
		}
		for _, sum := range orbit.Owed(lines) {
			twice := new(big.Rat).Add(exact[sum.Currency], big.NewRat(1, 2))
			want := new(big.Int).Quo(twice.Num(), twice.Denom()) // half up: nothing is below zero
			if want.Int64() != sum.Amount {
				t.Fatalf("%s: %d, and %s exactly", sum.Currency, sum.Amount, exact[sum.Currency].FloatString(6))
			}
		}
		rand.Shuffle(len(had), func(i, j int) { had[i], had[j] = had[j], had[i] })
		if again := orbit.Charges(month, had); !slices.Equal(again, lines) {
			t.Fatalf("%+v, and in another order %+v", lines, again)
		}
	})
}

// TestChargesOfOnePlan: a plan that a shop keeps costs its price, however often the shop left it and came back within a
// second, and a yearly one its price in a year.
func TestChargesOfOnePlan(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		price := rapid.Int64Range(0, orbit.MaxPrice).Draw(t, "price")
		january := time.Date(rapid.IntRange(2024, 2031).Draw(t, "year"), 1, 1, 0, 0, 0, 0, time.UTC)
		year := int64(0)
		for month := january; month.Year() == january.Year(); month = orbit.NextMonth(month) {
			had := periods(t, month, orbit.NextMonth(month))
			sum := func(cycle orbit.BillingCycle) int64 {
				for i := range had {
					had[i].Price, had[i].Currency, had[i].BillingCycle = price, "USD", cycle
				}
				return orbit.Owed(orbit.Charges(month, had))[0].Amount
			}
			if got := sum(orbit.Monthly); got != price {
				t.Fatalf("%v: %d, not %d", month, got, price)
			}
			year += sum(orbit.Yearly)
		}
		if year != price {
			t.Fatalf("a year comes to %d, not %d", year, price)
		}
	})
}

// TestPreviewIsTheStatement: what a preview says of this month is what the statement says once the plan has changed.
func TestPreviewIsTheStatement(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		month := someMonth(t)
		end := orbit.NextMonth(month)
		s := orbit.PlanSheet{Periods: periods(t, month, end)}
		last := &s.Periods[len(s.Periods)-1]
		s.Now = last.From.Add(time.Duration(rapid.Int64Range(0, int64(last.To.Sub(last.From))).Draw(t, "now")))
		if !s.Now.Before(end) {
			t.Skip("the next month")
		}
		to := orbit.Plan{Name: "Larger", Price: 7999, Currency: "USD", BillingCycle: orbit.Monthly}
		preview := s.Preview(to)
		last.To = s.Now
		then := append(s.Periods, orbit.PlanPeriod{From: s.Now, To: end, Name: to.Name, Price: to.Price,
			Currency: to.Currency, BillingCycle: to.BillingCycle})
		if lines := orbit.Charges(month, then); !slices.Equal(lines, preview.Lines) {
			t.Fatalf("%+v, and the preview %+v", lines, preview.Lines)
		}
	})
}

func TestMeters(t *testing.T) {
	t.Parallel()
	n := func(v int64) *int64 { return &v }
	for _, tt := range []struct {
		used           int64
		limit          *int64
		percent, level int64
		over           bool
	}{
		{0, n(100), 0, 0, false},
		{79, n(100), 79, 0, false},
		{80, n(100), 80, 80, false},
		{99, n(100), 99, 80, false},
		{100, n(100), 100, 100, false},
		{140, n(100), 140, 100, true},
		{5, nil, 0, 0, false},
		{0, n(0), 100, 100, false},
		{1, n(0), 100, 100, true},
		{0, n(1), 0, 0, false},
		{4, n(5), 80, 80, false},
		{1 << 60, n(1 << 50), 102400, 100, true},
		{orbit.MaxBytes, n(orbit.MaxBytes), 100, 100, false},
	} {
		m := orbit.Limits{Products: tt.limit}.Meter(orbit.LimitProducts, tt.used)
		if m.Percent() != tt.percent || int64(m.Level()) != tt.level || m.Over() != tt.over {
			t.Errorf("%d of %v: %d %%, %d, %v", tt.used, tt.limit, m.Percent(), m.Level(), m.Over())
		}
	}
}
