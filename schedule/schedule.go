package schedule

import (
	"context"
	"log/slog"
	"time"

	"github.com/riverqueue/river"

	"orbit360.app/jobs"
	"orbit360.app/store"
	"orbit360.app/store/shop"
)

// Config is what the queue works with.
type Config struct {
	DB  *store.DB
	Log *slog.Logger
}

// maxWorkers is how many shops this process publishes for at once: many choose the same midnight.
const maxWorkers = 4

// Queue returns the queue of what is to happen at a set time.
func Queue(cfg Config) jobs.Queue {
	return jobs.Queue{Name: shop.QueueSchedule, MaxWorkers: maxWorkers,
		Workers: []jobs.Worker{jobs.Work(&publishWorker{Config: cfg}), jobs.Work(&productsWorker{Config: cfg})},
		Requeue: func(ctx context.Context, unchanged time.Duration) (int, error) {
			return shop.RequeueScheduled(ctx, cfg.DB, unchanged)
		}}
}

// publishWorker publishes a shop's scheduled release.
type publishWorker struct {
	river.WorkerDefaults[shop.PublishArgs]
	Config
}

// NextRetry is for errors of the database: what can't be published is no error of the job.
func (w *publishWorker) NextRetry(*river.Job[shop.PublishArgs]) time.Time {
	return time.Now().Add(2 * time.Second)
}

// Timeout bounds one attempt.
func (w *publishWorker) Timeout(*river.Job[shop.PublishArgs]) time.Duration { return time.Minute }

// Work publishes the release, if it is due.
func (w *publishWorker) Work(ctx context.Context, job *river.Job[shop.PublishArgs]) error {
	published, err := shop.PublishScheduled(ctx, w.DB, job.Args.MerchantID)
	if published {
		w.Log.Info("a scheduled release was published", "merchant", job.Args.MerchantID)
	}
	return err
}

// productsWorker has a shop's drafts become active at their time.
type productsWorker struct {
	river.WorkerDefaults[shop.ProductsDueArgs]
	Config
}

// NextRetry is for errors of the database.
func (w *productsWorker) NextRetry(*river.Job[shop.ProductsDueArgs]) time.Time {
	return time.Now().Add(2 * time.Second)
}

// Timeout bounds one attempt.
func (w *productsWorker) Timeout(*river.Job[shop.ProductsDueArgs]) time.Duration { return time.Minute }

// Work has them become active.
func (w *productsWorker) Work(ctx context.Context, job *river.Job[shop.ProductsDueArgs]) error {
	_, err := shop.ActivateDue(ctx, w.DB, job.Args.MerchantID)
	return err
}
