package orbit

import (
	"strconv"
	"time"
)

// Sales is what was sold. An order counts with all that was charged for it (its total: with shipping and tax, less its
// discount) unless it is canceled, whether it is paid or not. It belongs to the day on which it was placed, in the
// shop's time zone. Sales of a shop are those in its currency.
type Sales struct {
	Orders int64
	Units  int64
	Total  int64
}

// Average is what an order came to, 0 where there was none.
func (s Sales) Average() int64 {
	if s.Orders == 0 {
		return 0
	}
	return (s.Total + s.Orders/2) / s.Orders
}

// SalesDay is what was sold on one day.
type SalesDay struct {
	Day   time.Time // its beginning, as if it were in UTC
	Sales `bun:",extend"`
}

// SalesIn is what was sold in a currency.
type SalesIn struct {
	Currency string
	Sales    `bun:",extend"`
}

// ChartDays is how many days the chart of a shop's first page shows.
const ChartDays = 30

// SalesPeriod is how many days, up to now, figures are of.
type SalesPeriod int

// SalesPeriods returns those that people can choose, the shortest first.
func SalesPeriods() []SalesPeriod { return []SalesPeriod{1, 7, 30, 90} }

// DefaultPeriod is the one where none is chosen.
const DefaultPeriod SalesPeriod = 30

// ParsePeriod reads a period from an address; the default where it is none.
func ParsePeriod(s string) SalesPeriod {
	for _, p := range SalesPeriods() {
		if strconv.Itoa(int(p)) == s {
			return p
		}
	}
	return DefaultPeriod
}

// SalesReport is what a shop's first page says about its sales.
type SalesReport struct {
	Period   SalesPeriod
	Currency string
	Zone     *time.Location
	// Now is what was sold in the period: today and the days before it. Before is what was sold in as many days before
	// those, the last of them until the time of day that it is now: so both are equally long.
	Now, Before Sales
	Days        []SalesDay // ChartDays of them up to today, the last one
	Others      []SalesIn  // what was sold in the period in other currencies, which none of that has
	Counting    bool       // the sales are being counted anew, and may be incomplete
	Ever        bool       // the shop has had an order
}

// Change is how much more (or less) a figure is than it was before, in percent and rounded. ok is false where there was
// nothing before.
func Change(now, before int64) (percent int64, ok bool) {
	if before <= 0 {
		return 0, false
	}
	p := float64(now-before) / float64(before) * 100
	if p < 0 {
		return int64(p - 0.5), true
	}
	return int64(p + 0.5), true
}

// ProductSales is what was sold of a product: what its lines cost, before discounts of orders, shipping and tax.
type ProductSales struct {
	ID     ProductID
	Title  string
	Images []Image `bun:"type:jsonb,nullzero"`
	Units  int64
	Total  int64
	// Deleted says that the product is gone. It has the title that it had last, "" where that isn't known.
	Deleted bool
}

// LowStockFilter narrows a list of products to active ones with a variant of which there are few.
const LowStockFilter = "low-stock"

// LowVariant is a variant of an active product that is sold out, or soon will be.
type LowVariant struct {
	ProductID ProductID
	Title     string  // of the product
	Variant   string  // what sets the variant apart, "" where there is one only
	Images    []Image `bun:"type:jsonb,nullzero"`
	Stock     int
}

// MaxCounted is up to where things that only get more are counted: beyond, people read "1,000+".
const MaxCounted = 1000

// MaxListed is up to where a list that grows without end is counted: beyond, people read "10,000+".
const MaxListed = 10_000

// LowStockReport is the first few of the variants with a low stock, the lowest first, and how many there are, up to
// MaxCounted.
type LowStockReport struct {
	Variants []LowVariant
	Count    int
}

// OrdersDue is how many orders wait for something to be done, up to MaxCounted each.
type OrdersDue struct {
	Unfulfilled int
	Unpaid      int
}

// Home is what a shop's first page shows, as far as a member may see it.
type Home struct {
	Theme  Theme
	Plan   Plan
	Usage  Usage // of the plan
	Setup  Onboarding
	Report SalesReport
	Due    OrdersDue
	Wanted []string // providers of payments that the shop was activated with, without an account there
	Latest []OrderRow
	Top    []ProductSales
	Low    LowStockReport
}
