package orbit

import (
	"regexp"
	"time"
)

// EngineName names one of the storefront engines that are built into the program.
type EngineName string

// The engines.
const (
	EngineModern  EngineName = "modern"
	EngineClassic EngineName = "classic"
	EngineMinimal EngineName = "minimal"
)

// Engines returns all engines.
func Engines() Terms[EngineName] {
	return Terms[EngineName]{
		{EngineModern, "Modern"},
		{EngineClassic, "Classic"},
		{EngineMinimal, "Minimal"},
	}
}

// Valid reports whether the program has an engine of that name.
func (e EngineName) Valid() bool { return Engines().Has(e) }

// Settings holds values for an engine's settings schema, by key. They are data from outside:
// pages resolve them against the schema first.
type Settings map[string]any

// Theme is a named preset over one engine: what admins offer and merchants choose.
type Theme struct {
	ID          ThemeID `bun:",pk"`
	Name        string
	Slug        string
	Description string
	Thumbnail   string // path or URL of an image
	Version     string
	Engine      EngineName
	Config      Settings `bun:"type:jsonb"`
	Active      bool
	CreatedAt   time.Time
	UpdatedAt   time.Time
}

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

// Cost is the plan's price per billing cycle.
func (p Plan) Cost() Money { return Money{p.Price, p.Currency} }

// Slug rules: what themes and plans are called in URLs and in the JSON API.
var slug = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// ValidSlug tells whether s is 2 to 60 lower-case letters, digits and single hyphens.
func ValidSlug(s string) bool { return len(s) >= 2 && len(s) <= 60 && slug.MatchString(s) }

// DefaultThemes returns the three the platform comes with. Ids and times are set when they are stored.
func DefaultThemes() []Theme {
	return []Theme{
		{Name: "Upfront Modern", Slug: "upfront-modern", Engine: EngineModern, Version: "1.0.0", Active: true,
			Thumbnail: "/static/themes/modern.svg", Config: Settings{},
			Description: "Clean and minimalist: confident type, a full-bleed hero, rounded cards and a header that stays with you."},
		{Name: "Upfront Classic", Slug: "upfront-classic", Engine: EngineClassic, Version: "1.0.0", Active: true,
			Thumbnail: "/static/themes/classic.svg", Config: Settings{},
			Description: "A traditional shop layout: serif headings, category navigation, sidebar filters and a dense, well-ordered grid."},
		{Name: "Upfront Minimal", Slug: "upfront-minimal", Engine: EngineMinimal, Version: "1.0.0", Active: true,
			Thumbnail: "/static/themes/minimal.svg", Config: Settings{},
			Description: "Ultra-minimal, photography first: edge-to-edge images, small type, one column and generous white space."},
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
