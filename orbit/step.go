package orbit

import "time"

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
		{StepDashboard, "Dashboard creation", 40, "Creating the owner's account"},
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

// MaxAttempts is how often a step may really fail before its run gives up. A crash is no failure.
const MaxAttempts = 3
