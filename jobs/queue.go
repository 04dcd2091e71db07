package jobs

import (
	"context"
	"time"

	"github.com/riverqueue/river"
)

// Queue is durable work as the room that does it registers it.
type Queue struct {
	Name       string
	MaxWorkers int  // jobs at once in this process
	Outbound   bool // its jobs reach out of the platform
	Workers    []Worker
	// Requeue gives a new job to all work of this queue that has come to no end, has none, and hasn't changed for a
	// while; it returns how many. This happens only when a job is canceled or deleted by hand. nil where a job is all
	// there is of the work.
	Requeue func(ctx context.Context, unchanged time.Duration) (jobs int, err error)
	// Due adds jobs for what the time has come for; it is called every few seconds. nil where nothing waits for a time.
	Due func(ctx context.Context) error
}

// Worker puts the worker of one kind of job among a client's.
type Worker func(*river.Workers) error

// Work returns the Worker of w.
func Work[T river.JobArgs](w river.Worker[T]) Worker {
	return func(to *river.Workers) error { return river.AddWorkerSafely(to, w) }
}
