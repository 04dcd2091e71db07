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

// Ended reports whether nothing more will happen to the run by itself.
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
