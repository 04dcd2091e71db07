package orbit

import (
	"time"

	"github.com/google/uuid"
)

// MerchantStatus is where a merchant stands with the platform.
type MerchantStatus string

// The statuses of a merchant.
const (
	MerchantPending    MerchantStatus = "pending"    // applied, waits for an admin
	MerchantActivating MerchantStatus = "activating" // a run is under way
	MerchantActive     MerchantStatus = "active"
	MerchantFailed     MerchantStatus = "failed" // the run gave up; Retry or Roll back
	MerchantSuspended  MerchantStatus = "suspended"
)

// MerchantStatuses returns all of them.
func MerchantStatuses() Terms[MerchantStatus] {
	return Terms[MerchantStatus]{
		{MerchantPending, "Pending"},
		{MerchantActivating, "Activating"},
		{MerchantActive, "Active"},
		{MerchantFailed, "Failed"},
		{MerchantSuspended, "Suspended"},
	}
}

// Name is the status in words.
func (s MerchantStatus) Name() string { return MerchantStatuses().Name(s) }

// Integrations holds the outside services a shop is set up for.
type Integrations struct {
	MetaAds   bool `json:"metaAds"`
	Stripe    bool `json:"stripe"`
	PayPal    bool `json:"paypal"`
	Analytics bool `json:"analytics"`
}

// IntegrationKind is one of the outside services.
type IntegrationKind string

// The services.
const (
	IntegrationMetaAds   IntegrationKind = "meta_ads"
	IntegrationStripe    IntegrationKind = "stripe"
	IntegrationPayPal    IntegrationKind = "paypal"
	IntegrationAnalytics IntegrationKind = "analytics"
)

// IntegrationKinds returns all services.
func IntegrationKinds() Terms[IntegrationKind] {
	return Terms[IntegrationKind]{
		{IntegrationMetaAds, "Meta Ads"}, {IntegrationStripe, "Stripe"}, {IntegrationPayPal, "PayPal"},
		{IntegrationAnalytics, "Analytics"},
	}
}

// Has reports whether a service is switched on.
func (i Integrations) Has(kind IntegrationKind) bool {
	switch kind {
	case IntegrationMetaAds:
		return i.MetaAds
	case IntegrationStripe:
		return i.Stripe
	case IntegrationPayPal:
		return i.PayPal
	case IntegrationAnalytics:
		return i.Analytics
	}
	return false
}

// Names lists the services switched on, as people read them.
func (i Integrations) Names() []string {
	var names []string
	for _, k := range IntegrationKinds() {
		if i.Has(k.Value) {
			names = append(names, k.Name)
		}
	}
	return names
}

// IntegrationStatus is how far a shop's connection to a service is.
type IntegrationStatus string

// IntegrationStatuses returns all of them.
func IntegrationStatuses() Terms[IntegrationStatus] {
	return Terms[IntegrationStatus]{{"requested", "Requested"}, {"connected", "Connected"}, {"failed", "Failed"}}
}

// Merchant is one shop of the platform and the tenant that all its data belongs to.
// Subdomain, theme, plan and code are empty until a run has configured them.
type Merchant struct {
	ID           MerchantID `bun:",pk"`
	Code         string     `bun:",nullzero"` // the merchant ID that people see: ORB- and 8 Crockford base32 characters
	Name         string
	OwnerName    string
	Email        string
	Category     Category
	Status       MerchantStatus
	Subdomain    string       `bun:",nullzero"`
	CustomDomain string       `bun:",nullzero"`
	ThemeID      ThemeID      `bun:",nullzero"`
	PlanID       PlanID       `bun:",nullzero"`
	OwnerID      UserID       `bun:",nullzero"`
	ReleaseID    ReleaseID    `bun:",nullzero"` // the release the public sees
	Integrations Integrations `bun:"type:jsonb"`
	LiveAt       time.Time    `bun:",nullzero"` // zero: the public sees the Opening soon page
	CreatedAt    time.Time
	UpdatedAt    time.Time
	ActivatedAt  time.Time `bun:",nullzero"`
}

// PublicName names the shop where everybody reads it: in its feed, and in the tags by which CDNs drop its pages. It
// says nothing of the id, and never changes.
func (m Merchant) PublicName() string {
	return uuid.NewSHA1(publicNames, []byte(m.ID.String())).String()
}

// publicNames is the namespace of PublicName (RFC 9562, section 5.5).
var publicNames = uuid.MustParse("5f0d3a4e-4a0c-4c8e-9a52-6d4f0c9b7e11")

// Live tells whether shoppers may enter.
func (m Merchant) Live() bool { return !m.LiveAt.IsZero() }

// Activatable is nil where the merchant can be activated as it stands; otherwise a Conflict that says why not.
func (m Merchant) Activatable() error {
	switch m.Status {
	case MerchantPending:
		return nil
	case MerchantActivating:
		return Errorf(Conflict, "This merchant is being set up already.")
	case MerchantFailed:
		return Errorf(Conflict, "The last run of this merchant failed. Retry it or roll it back first.")
	case MerchantSuspended:
		return Errorf(Conflict, "This merchant has been activated already, and is suspended.")
	}
	return Errorf(Conflict, "This merchant has been activated already.")
}

// Category is the line of business of a shop, a closed list.
type Category string

// Categories returns all of them, in the order forms show them.
func Categories() Terms[Category] {
	return Terms[Category]{
		{"fashion", "Fashion"}, {"electronics", "Electronics"}, {"home-garden", "Home & garden"}, {"beauty", "Beauty"},
		{"food-drink", "Food & drink"}, {"sports", "Sports"}, {"toys", "Toys"}, {"books", "Books"},
		{"art-crafts", "Art & crafts"}, {"other", "Other"},
	}
}

// Name is the category in words, the value itself where it is none of ours.
func (c Category) Name() string { return Categories().Name(c) }

// Valid reports whether c is one of Categories.
func (c Category) Valid() bool { return Categories().Has(c) }

func (f *Faults) category(field string, c Category) {
	switch {
	case c == "":
		f.Add(field, "", "Choose a business category.")
	case !c.Valid():
		f.Add(field, string(c), "Choose one of the listed categories.")
	}
}

// Application is what a person fills in to apply for a shop.
type Application struct {
	Name      string
	OwnerName string
	Email     string
	Category  Category
}

// Check gives the application in its stored form, or all that is wrong with it. Faults are
// on name, ownerName, email and category.
func (a Application) Check() (Application, error) {
	var f Faults
	a.Name = f.name("name", "Store name", a.Name, 2, 80)
	a.OwnerName = f.name("ownerName", "Your name", a.OwnerName, 2, 80)
	a.Email = f.email("email", a.Email)
	f.category("category", a.Category)
	return a, f.Err()
}

// MerchantFilter chooses and orders merchants in a list.
type MerchantFilter struct {
	Status MerchantStatus // "" is all
	Query  string         // part of name, email, subdomain or code
	Sort   string         // "newest" (default), "oldest" or "name"
	Limit  int
	Offset int // where neither After nor Before is given

	After, Before MerchantID // the page behind a merchant, or before it
}

// MerchantRow is one line of the merchant list.
type MerchantRow struct {
	Merchant   `bun:",extend"`
	ThemeName  string    `bun:",nullzero"`
	PlanName   string    `bun:",nullzero"`
	RunStatus  RunStatus `bun:",nullzero"` // of the newest run
	RunStep    StepKey   `bun:",nullzero"`
	RunPercent int       `bun:",nullzero"`
}

// Running tells whether the row will change by itself.
func (r MerchantRow) Running() bool { return r.Status == MerchantActivating }
