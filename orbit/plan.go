package orbit

import (
	"slices"
	"strings"
	"time"
)

// Bounds of a plan. They keep a slip of the finger from being sold.
const (
	MaxPrice    = 999_999_999 // minor units
	MaxFeatures = 20
	MaxCount    = 1_000_000_000 // products, orders a month
	MaxBytes    = 1 << 50       // one pebibyte
	maxFeature  = 120           // characters
)

// BillingCycle is how often a plan is charged.
type BillingCycle string

// The billing cycles.
const (
	Monthly BillingCycle = "monthly"
	Yearly  BillingCycle = "yearly"
)

// BillingCycles returns both cycles.
func BillingCycles() Terms[BillingCycle] {
	return Terms[BillingCycle]{
		{Monthly, "Monthly"},
		{Yearly, "Yearly"},
	}
}

// Period is the end of a price: a month, a year.
func (c BillingCycle) Period() string {
	if c == Yearly {
		return "year"
	}
	return "month"
}

// Limits bound what a shop may use; nil is no limit.
type Limits struct {
	Products       *int64 `json:"products"`
	OrdersPerMonth *int64 `json:"ordersPerMonth"`
	StorageBytes   *int64 `json:"storageBytes"`
	BandwidthBytes *int64 `json:"bandwidthBytes"`
}

// Plan is what a merchant pays and what they get for it.
type Plan struct {
	ID           PlanID `bun:",pk"`
	Name         string
	Slug         string
	Price        int64 // minor units of Currency
	Currency     string
	BillingCycle BillingCycle
	Features     []string `bun:"type:jsonb"`
	Limits       Limits   `bun:"type:jsonb"`
	Popular      bool
	Active       bool
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// Input is the plan as people may change it.
func (p Plan) Input() PlanInput {
	return PlanInput{Name: p.Name, Slug: p.Slug, Price: p.Price, Currency: p.Currency, BillingCycle: p.BillingCycle,
		Features: slices.Clone(p.Features), Limits: p.Limits, Popular: p.Popular, Active: p.Active}
}

// Cost is the plan's price per billing cycle.
func (p Plan) Cost() Money { return Money{p.Price, p.Currency} }

// PlanInput is what people may say about a plan. Fields left zero take the defaults that Check names.
type PlanInput struct {
	Name         string
	Slug         string // "" is made from Name
	Price        int64  // minor units of Currency
	Currency     string // "" is USD
	BillingCycle BillingCycle
	Features     []string
	Limits       Limits
	Popular      bool
	Active       bool
}

// Check gives the plan in its stored form, or all that is wrong with it. Faults are on name, slug,
// price, currency, billingCycle, features and limits.products, limits.ordersPerMonth,
// limits.storageBytes, limits.bandwidthBytes. Empty features are dropped.
func (p PlanInput) Check() (PlanInput, error) {
	var f Faults
	p.Name = f.line("name", "The name", p.Name, 2, 60)
	p.Slug = f.slug(p.Slug, p.Name)
	if p.Price < 0 {
		f.Add("price", "", "A price can't be below zero.")
	} else if p.Price > MaxPrice {
		f.Add("price", "", "A price can be at most %d in the smallest unit of its currency.", MaxPrice)
	}
	if p.Currency = strings.TrimSpace(p.Currency); p.Currency == "" {
		p.Currency = "USD"
	} else if !ValidCurrency(p.Currency) {
		f.Add("currency", p.Currency, "Enter an ISO 4217 currency code, such as USD or EUR.")
	}
	if p.BillingCycle == "" {
		p.BillingCycle = Monthly
	} else if !BillingCycles().Has(p.BillingCycle) {
		f.Add("billingCycle", string(p.BillingCycle), "Choose monthly or yearly.")
	}
	p.Features = f.features(p.Features)
	for _, l := range p.Limits.List() {
		if l.Value != nil && (*l.Value < 0 || *l.Value > l.Max) {
			f.Add("limits."+l.Key, "", "%s: enter a whole number from 0 to %d, or leave blank for no limit.", l.Name, l.Max)
		}
	}
	return p, f.Err()
}

// features cleans the list of selling points; a fault names one by its place.
func (f *Faults) features(in []string) []string {
	out := make([]string, 0, len(in))
	for i, s := range in {
		clean, ok := Line(s)
		switch {
		case !ok:
			f.Add("features", "", "Feature %d can't contain line breaks or control characters.", i+1)
		case len([]rune(clean)) > maxFeature:
			f.Add("features", s, "Feature %d can have at most %d characters.", i+1, maxFeature)
		case clean != "":
			out = append(out, clean)
		}
	}
	if len(out) > MaxFeatures {
		f.Add("features", "", "A plan can list at most %d features.", MaxFeatures)
	}
	return out
}

// Limit is one of a plan's limits with its name. Bytes reports whether it counts them.
type Limit struct {
	Key   string // as JSON spells it
	Name  string
	Value *int64 // nil is no limit
	Max   int64
	Bytes bool
}

// List returns the limits in the order people see them.
func (l Limits) List() []Limit {
	return []Limit{
		{string(LimitProducts), LimitKeys().Name(LimitProducts), l.Products, MaxCount, false},
		{string(LimitOrders), LimitKeys().Name(LimitOrders), l.OrdersPerMonth, MaxCount, false},
		{string(LimitStorage), LimitKeys().Name(LimitStorage), l.StorageBytes, MaxBytes, true},
		{string(LimitBandwidth), LimitKeys().Name(LimitBandwidth), l.BandwidthBytes, MaxBytes, true},
	}
}

// DefaultPlans returns the three the platform comes with.
func DefaultPlans() []Plan {
	n := func(v int64) *int64 { return &v }
	const gib = 1 << 30
	return []Plan{
		{Name: "Starter", Slug: "starter", Price: 2999, Currency: "USD", BillingCycle: Monthly, Active: true,
			Features: []string{"Up to 100 products", "5 GB storage", "Your own subdomain", "All three themes", "Email support"},
			Limits:   Limits{Products: n(100), OrdersPerMonth: n(500), StorageBytes: n(5 * gib), BandwidthBytes: n(50 * gib)}},
		{Name: "Professional", Slug: "professional", Price: 7999, Currency: "USD", BillingCycle: Monthly, Active: true,
			Popular:  true,
			Features: []string{"Up to 1,000 products", "50 GB storage", "Your own domain", "Discount codes", "Priority support"},
			Limits: Limits{Products: n(1000), OrdersPerMonth: n(5000), StorageBytes: n(50 * gib),
				BandwidthBytes: n(500 * gib)}},
		{Name: "Enterprise", Slug: "enterprise", Price: 29999, Currency: "USD", BillingCycle: Monthly, Active: true,
			Features: []string{"Unlimited products", "Unlimited storage", "Several domains", "Backups on demand",
				"Phone support"},
			Limits: Limits{}},
	}
}
