package provision

import (
	"context"
	"log/slog"

	"orbit360.app/jobs"
	"orbit360.app/mail"
	"orbit360.app/metrics"
	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/themes"
)

// Visitor asks for a page of the shop it has gone to. The body is good until the next page.
type Visitor = func(path string) (status int, body []byte, err error)

// Config is what the queue works with.
type Config struct {
	DB        *store.DB
	Log       *slog.Logger
	Addresses orbit.Addresses
	Engines   themes.Set
	Mail      mail.Composer
	Metrics   *metrics.Metrics // nil counts nothing
	// Visit goes to a shop through the platform's own host router, before the public may see it.
	Visit func(ctx context.Context, host string) Visitor
}

// maxWorkers is how many runs this process works at once. More transactions at a time than this lower the database's
// throughput (measured on two cores).
const maxWorkers = 8

// Queue returns the queue of runs.
func Queue(cfg Config) jobs.Queue {
	return jobs.Queue{Name: store.QueueProvision, MaxWorkers: maxWorkers, Requeue: cfg.DB.RequeueRuns,
		Workers: []jobs.Worker{jobs.Work(&worker{Config: cfg})}}
}
