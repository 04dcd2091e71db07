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
	// TwoStepRequired lets only members with two-step sign-in into the dashboard.
	TwoStepRequired bool
	CreatedAt       time.Time
	UpdatedAt       time.Time
	ActivatedAt     time.Time `bun:",nullzero"`
}

// PublicName names the shop where everybody reads it: in its feed, and in the tags by which CDNs drop its pages. It
// says nothing of the id, and never changes.
func (m Merchant) PublicName() string {
	return uuid.NewSHA1(publicNames, []byte(m.ID.String())).String()
}

// publicNames is the namespace of PublicName (RFC 9562, section 5.5).
var publicNames = uuid.MustParse("5f0d3a4e-4a0c-4c8e-9a52-6d4f0c9b7e11")

// DashboardPath is where the merchant's pages begin on the dashboard's host: its subdomain. The id takes its place
// while there is none, and where the dashboard needs the word for itself.
func (m Merchant) DashboardPath() string {
	if m.Subdomain == "" || Reserved(m.Subdomain) {
		return "/" + m.ID.String()
	}
	return "/" + m.Subdomain
}

// Live reports whether shoppers may enter.
func (m Merchant) Live() bool { return !m.LiveAt.IsZero() }

// Activatable is nil where the merchant can be activated as it stands; otherwise a Conflict that says why not.
func (m Merchant) Activatable() error {
	switch m.Status {
	case MerchantPending:
		return nil
	case MerchantActivating:
		return Errorf(Conflict, BeingSetUp)
	case MerchantFailed:
		return Errorf(Conflict, "The last run of this merchant failed. Retry it or roll it back first.")
	case MerchantSuspended:
		return Errorf(Conflict, "This merchant has been activated already, and is suspended.")
	}
	return Errorf(Conflict, "This merchant has been activated already.")
}

// MerchantFilter chooses and orders merchants in a list.
type MerchantFilter struct {
	Status MerchantStatus // "" is all
	Query  string         // part of name, email, subdomain or code
	Sort   string         // "newest" (default), "oldest" or "name"
	Limit  int

	Plan      PlanID   // zero: any
	Theme     ThemeID  // zero: any
	Category  Category // "": any
	LastOrder LastOrder
	Offset    int // where neither After nor Before is given

	After, Before MerchantID // the page behind a merchant, or before it
}

// Narrowed reports whether the filter asks for more than a status and a search.
func (f MerchantFilter) Narrowed() bool {
	return !f.Plan.IsZero() || !f.Theme.IsZero() || f.Category != "" || f.LastOrder != ""
}

// Chosen reports whether the filter asks for more than a status.
func (f MerchantFilter) Chosen() bool { return f.Query != "" || f.Narrowed() }

// LastOrder says when a shop had its last order; "" is at any time.
type LastOrder string

// The times. All but the first and the last are a number of days, within which the order was.
const (
	LastOrderNone  LastOrder = "none"
	LastOrder7     LastOrder = "7"
	LastOrder30    LastOrder = "30"
	LastOrder90    LastOrder = "90"
	LastOrderOlder LastOrder = "older" // than 90 days
)

// LastOrders returns them in order.
func LastOrders() Terms[LastOrder] {
	return Terms[LastOrder]{{LastOrder7, "Within 7 days"}, {LastOrder30, "Within 30 days"},
		{LastOrder90, "Within 90 days"}, {LastOrderOlder, "More than 90 days ago"}, {LastOrderNone, "No orders yet"}}
}

// MerchantSheet is a merchant with what has been chosen for it and how its newest run stands.
type MerchantSheet struct {
	Merchant  `bun:",extend"`
	ThemeSlug string    `bun:",nullzero"`
	ThemeName string    `bun:",nullzero"`
	PlanSlug  string    `bun:",nullzero"`
	PlanName  string    `bun:",nullzero"`
	RunStatus RunStatus `bun:",nullzero"`
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

// Running reports whether the row will change by itself.
func (r MerchantRow) Running() bool { return r.Status == MerchantActivating }
