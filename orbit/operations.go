package orbit

import (
	"math"
	"time"
)

// What the platform promises about its own work, and is measured against. MaxAttempts is the fourth.
const (
	PromisedRunTime = 30 * time.Second // from an accepted activation to COMPLETED
	PromisedSuccess = 0.99             // of the runs that ended, those that COMPLETED
	PromisedLive    = time.Second      // from a commit to the pages that watch
)

// RunTimeBounds returns the upper bounds of the histogram of provisioning times; a last bucket holds what took longer.
func RunTimeBounds() []time.Duration {
	return []time.Duration{10 * time.Millisecond, 20 * time.Millisecond, 30 * time.Millisecond, 50 * time.Millisecond,
		100 * time.Millisecond, 200 * time.Millisecond,
		300 * time.Millisecond, 500 * time.Millisecond, time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second,
		PromisedRunTime}
}

// LiveBounds returns the upper bounds in which live updates are counted; a last bucket holds what took longer.
func LiveBounds() []time.Duration {
	return []time.Duration{time.Millisecond, 2 * time.Millisecond, 5 * time.Millisecond, 10 * time.Millisecond,
		20 * time.Millisecond, 50 * time.Millisecond,
		100 * time.Millisecond, 200 * time.Millisecond, 500 * time.Millisecond, PromisedLive, 2 * time.Second,
		5 * time.Second}
}

// Times holds durations counted in buckets: Counts has one more than Bounds, for what took longer than the last.
type Times struct {
	Bounds []time.Duration
	Counts []int
}

// NewTimes returns no durations yet.
func NewTimes(bounds []time.Duration) Times { return Times{bounds, make([]int, len(bounds)+1)} }

// Slot is the bucket that a duration belongs in.
func (t Times) Slot(d time.Duration) int {
	for i, bound := range t.Bounds {
		if d <= bound {
			return i
		}
	}
	return len(t.Bounds)
}

// Total is how many there are.
func (t Times) Total() (n int) {
	for _, c := range t.Counts {
		n += c
	}
	return n
}

// Within is how many took at most d, which must be one of the bounds.
func (t Times) Within(d time.Duration) (n int) {
	for i, bound := range t.Bounds {
		if bound <= d {
			n += t.Counts[i]
		}
	}
	return n
}

// Quantile is the smallest bound that at least the share q (0 to 1) took at most; ok is false where there
// is none, because they took longer than every bound or there are none at all.
func (t Times) Quantile(q float64) (bound time.Duration, ok bool) {
	need, sum := int(math.Ceil(q*float64(t.Total()))), 0
	for i, bound := range t.Bounds {
		if sum += t.Counts[i]; sum >= need && sum > 0 {
			return bound, true
		}
	}
	return 0, false
}

// Operations is how the platform has kept its promises since a moment, and how its work stands now.
type Operations struct {
	Since, At time.Time
	Runs      RunFigures
	Live      Times
	Queues    []QueueDepth
	Workers   []WorkerState
	Failures  []RunFailure
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

// PoolStats is how the connections of a pool are used.
type PoolStats struct {
	Pool                      string // "platform" or "storefronts"
	Max, Open, Acquired, Idle int32
	Acquires, Waited          int64         // since the start; Waited is of those that found none free
	WaitTime                  time.Duration // of all acquisitions
}
