package orbit

import "time"

// What the platform promises about its own work, and is measured against. MaxAttempts is the fourth.
const (
	PromisedRunTime = 30 * time.Second // from an accepted activation to COMPLETED
	PromisedSuccess = 0.99             // of the runs that ended, those that COMPLETED
	PromisedLive    = time.Second      // from a commit to the pages that watch
)

// Operations is how the platform has kept its promises since a moment, and how its work stands now.
type Operations struct {
	Since, At time.Time
	Runs      RunFigures
	Live      Times
	Queues    []QueueDepth
	Workers   []WorkerState
	Failures  []RunFailure
	Funnel    Funnel // of the merchants activated in the last 90 days
}

// RunFigures holds the runs that were accepted in a span of time. Times are of those that COMPLETED.
type RunFigures struct {
	Accepted, Completed, Failed, RolledBack, Unfinished int
	P50, P95, P99, Longest                              time.Duration
	Times                                               Times
	// Attempts is how many runs needed so many attempts at the step that needed most.
	Attempts map[int]int
}

// Ended is how many have an outcome.
func (f RunFigures) Ended() int { return f.Completed + f.Failed + f.RolledBack }

// Success is the share of those with an outcome that COMPLETED, 0 to 1.
func (f RunFigures) Success() float64 {
	if f.Ended() == 0 {
		return 0
	}
	return float64(f.Completed) / float64(f.Ended())
}

// MostAttempts is the most attempts that any step took.
func (f RunFigures) MostAttempts() (most int) {
	for n := range f.Attempts {
		most = max(most, n)
	}
	return most
}

// QueueDepth is how many jobs of a queue are in a state that isn't completed.
type QueueDepth struct {
	Queue, State string
	Jobs         int
	Oldest       time.Time // when the first of them was to be worked
}

// WorkerState is a process that works jobs.
type WorkerState struct {
	ID        string
	StartedAt time.Time
	Alive     bool // it holds its lock
	Jobs      int  // that it works now
}

// RunFailure is a run that met at least one failure, with the last of them.
type RunFailure struct {
	Run      RunID
	Merchant MerchantID
	Name     string // of the merchant
	Status   RunStatus
	Failures int
	Last     RunError
}

// Load is what the metrics ask of the database: little, and quick however many merchants there are.
type Load struct {
	Queues  []QueueDepth
	Runs    map[RunStatus]int // of those that still hold their merchant: not COMPLETED, not rolled back
	Emails  int               // queued
	Workers int               // alive
}
