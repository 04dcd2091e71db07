package orbit

import "time"

// RunStatus is the state of a provisioning run.
type RunStatus string

// The statuses of a run. ROLLBACK is under way until CompletedAt is set.
const (
	RunPending    RunStatus = "PENDING"
	RunInProgress RunStatus = "IN_PROGRESS"
	RunCompleted  RunStatus = "COMPLETED"
	RunFailed     RunStatus = "FAILED"
	RunRollback   RunStatus = "ROLLBACK"
)

// RunStatuses returns all of them.
func RunStatuses() Terms[RunStatus] {
	return Terms[RunStatus]{
		{RunPending, "PENDING"},
		{RunInProgress, "IN PROGRESS"},
		{RunCompleted, "COMPLETED"},
		{RunFailed, "FAILED"},
		{RunRollback, "ROLLBACK"},
	}
}

// Name is the status in words.
func (s RunStatus) Name() string { return RunStatuses().Name(s) }

// MaxAttempts is how often a step may really fail before its run gives up. A crash is no failure.
const MaxAttempts = 3

// StepKey names one of the seven steps.
type StepKey string

// The seven steps, in their order.
const (
	StepConfiguration StepKey = "store_configuration"
	StepWorkspace     StepKey = "workspace_creation"
	StepDashboard     StepKey = "dashboard_creation"
	StepWebsite       StepKey = "website_deployment"
	StepData          StepKey = "data_initialization"
	StepCredentials   StepKey = "credential_delivery"
	StepCompletion    StepKey = "completion"
)

// StepDefinition is what is fixed about a step.
type StepDefinition struct {
	Key     StepKey
	Name    string
	Percent int    // how much of the run is done when this step is
	Doing   string // what goes on while it runs, for people
}

// StepDefinitions returns the seven steps in their order.
func StepDefinitions() []StepDefinition {
	return []StepDefinition{
		{StepConfiguration, "Store configuration", 10, "Saving theme, plan, category and addresses"},
		{StepWorkspace, "Workspace creation", 25, "Creating the merchant ID and the shop's workspace"},
		{StepDashboard, "Dashboard creation", 40, "Creating the owner's account and checklist"},
		{StepWebsite, "Website deployment", 60, "Publishing version 1 and attaching its addresses"},
		{StepData, "Data initialization", 80, "Adding products, pages, menus and shipping"},
		{StepCredentials, "Credential delivery", 95, "Sending the welcome email"},
		{StepCompletion, "Completion", 100, "Visiting the new website"},
	}
}

// StepStatus is the state of one step of a run.
type StepStatus string

// The statuses of a step.
const (
	StepPending StepStatus = "pending"
	StepRunning StepStatus = "running"
	StepDone    StepStatus = "done"
	StepFailed  StepStatus = "failed"
	StepUndone  StepStatus = "undone"
)

// StepStatuses returns all of them.
func StepStatuses() Terms[StepStatus] {
	return Terms[StepStatus]{
		{StepPending, "Waiting"},
		{StepRunning, "Running"},
		{StepDone, "Done"},
		{StepFailed, "Failed"},
		{StepUndone, "Undone"},
	}
}

// Step is one step of one run.
type Step struct {
	RunID       RunID   `bun:",pk"`
	Key         StepKey `bun:",pk"`
	Position    int
	Status      StepStatus
	Attempts    int       // tries that ended, in success or failure
	StartedAt   time.Time `bun:",nullzero"`
	CompletedAt time.Time `bun:",nullzero"`
	Error       string    `bun:",nullzero"` // sanitised: a sentence for people
}

// Definition is what is fixed about the step.
func (s Step) Definition() StepDefinition {
	for _, d := range StepDefinitions() {
		if d.Key == s.Key {
			return d
		}
	}
	return StepDefinition{Key: s.Key, Name: string(s.Key)}
}

// RunError is one failure in a run's log, in words that anybody may read.
type RunError struct {
	Step    StepKey   `json:"step"`
	Message string    `json:"message"`
	At      time.Time `json:"at"`
}

// Run is one provisioning of one merchant: the order as it was given and how far it is.
type Run struct {
	ID                RunID `bun:",pk"`
	MerchantID        MerchantID
	Status            RunStatus
	CurrentStep       StepKey `bun:",nullzero"`
	CompletionPercent int
	ThemeID           ThemeID
	PlanID            PlanID
	Subdomain         string
	CustomDomain      string `bun:",nullzero"`
	Category          Category
	Integrations      Integrations `bun:"type:jsonb"`
	GoLive            bool
	RetryCount        int        // failures that were tried again, by the system or by hand
	ErrorLog          []RunError `bun:"type:jsonb"`
	RequestedBy       UserID     `bun:",nullzero"`
	Epoch             int64      // rises whenever a worker takes the run; an older epoch can't write
	JobID             int64      `bun:",nullzero"`
	StartedAt         time.Time  `bun:",nullzero"`
	CompletedAt       time.Time  `bun:",nullzero"`
	CreatedAt         time.Time
	UpdatedAt         time.Time

	Steps []Step `bun:"-"`
}

// Ended tells whether nothing more will happen to the run by itself.
func (r Run) Ended() bool {
	switch r.Status {
	case RunCompleted, RunFailed:
		return true
	case RunRollback:
		return !r.CompletedAt.IsZero()
	}
	return false
}

// LastError is the newest failure, nil where there was none.
func (r Run) LastError() *RunError {
	if len(r.ErrorLog) == 0 {
		return nil
	}
	return &r.ErrorLog[len(r.ErrorLog)-1]
}

// Deployment is what a run has made, for people and programs to find.
type Deployment struct {
	MerchantID      MerchantID `bun:",pk"`
	RunID           RunID
	MerchantCode    string
	TenantNamespace string
	StoragePrefix   string
	DashboardURL    string `bun:",nullzero"`
	WebsiteURL      string `bun:",nullzero"`
	CustomDomain    string `bun:",nullzero"`
	SSLStatus       WiringStatus
	DNSStatus       WiringStatus
	UpdatedAt       time.Time
}

// WiringStatus is how far a certificate or a DNS record of a shop's address is.
type WiringStatus string

// The statuses of certificates and DNS records.
const (
	WiringNone    WiringStatus = "none"
	WiringPending WiringStatus = "pending"
	WiringActive  WiringStatus = "active"
	WiringFailed  WiringStatus = "failed"
)

// WiringStatuses returns all of them.
func WiringStatuses() Terms[WiringStatus] {
	return Terms[WiringStatus]{
		{WiringNone, "Not needed"}, {WiringPending, "Pending"}, {WiringActive, "Active"}, {WiringFailed, "Failed"},
	}
}

// Name is the status in words.
func (s WiringStatus) Name() string { return WiringStatuses().Name(s) }

// RunView is all that a progress page or the Status of the JSON API shows: read in one go, so that
// its parts agree. A merchant that was never activated has a Run of status PENDING without an id.
type RunView struct {
	Merchant   Merchant
	Run        Run
	Theme      Theme
	Plan       Plan
	Deployment *Deployment
	ReadAt     time.Time // by the database's clock, as all times of the run are
}
