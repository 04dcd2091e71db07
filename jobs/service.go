package jobs

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"

	"orbit360.app/live"
	"orbit360.app/store"
)

// Config is what the service works with.
type Config struct {
	DB   *store.DB
	Log  *slog.Logger
	Live *live.Feed
	// Hold leaves outbound queues alone: their jobs wait in the database for a start without it.
	Hold bool
}

// Service works the durable jobs of this process and keeps watch over those of all. All queues share one client, and
// with it the claim to be alive, the watch and the drain: two clients would each free the jobs that the other works.
type Service struct {
	Config
	queues []Queue

	id       string
	river    *river.Client[pgx.Tx]
	worker   *store.Worker
	listener *riverListener
	woken    chan struct{} // a job was added, or the listener was lost or is back
	deaf     atomic.Bool   // there would be no notification of a job
	stop     context.CancelFunc
	done     sync.WaitGroup
	working  working
}

// New makes a service of these queues, before Config.Live is started. Start starts it.
func New(cfg Config, queues ...Queue) (*Service, error) {
	s := &Service{Config: cfg, queues: queues, id: "w-" + uuid.NewString(), listener: newRiverListener(),
		woken: make(chan struct{}, 1), working: working{jobs: map[int64]bool{}}}
	s.deaf.Store(true)
	workers, worked := river.NewWorkers(), map[string]river.QueueConfig{}
	for _, q := range queues {
		for _, add := range q.Workers {
			if err := add(workers); err != nil {
				return nil, fmt.Errorf("jobs: %w", err)
			}
		}
		if !cfg.Hold || !q.Outbound {
			worked[q.Name] = river.QueueConfig{MaxWorkers: q.MaxWorkers}
		}
	}
	client, err := river.NewClient(listeningDriver{riverpgxv5.New(cfg.DB.Pool()), s.listener}, &river.Config{
		// Unique per start: the sweeper tells a process that restarted from the one that crashed.
		ID:      s.id,
		Logger:  slog.New(newQuiet(cfg.Log.Handler())),
		Queues:  worked,
		Workers: workers,
		// Whatever the queue, the sweeper must know what is really being worked.
		Middleware: []rivertype.Middleware{river.WorkerMiddlewareFunc(s.watched)},
		// A job starts a millisecond after its commit, which every process hears. Polling is for the unforeseen.
		FetchCooldown:               2 * time.Millisecond,
		FetchPollInterval:           pollEvery,
		JobTimeout:                  5 * time.Minute,
		CompletedJobRetentionPeriod: 24 * time.Hour,
		// River's serving role owns no index.
		ReindexerSchedule: river.NeverSchedule(),
	})
	if err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	s.river = client
	cfg.Live.OnJob(s.hear)
	cfg.Live.OnChange(s.listening)
	return s, nil
}

// Viewer returns a River client that works nothing, for the pages that show jobs.
func Viewer(db *store.DB, log *slog.Logger) (*river.Client[pgx.Tx], error) {
	client, err := river.NewClient(riverpgxv5.New(db.Pool()), &river.Config{Logger: slog.New(newQuiet(log.Handler()))})
	if err != nil {
		return nil, fmt.Errorf("jobs: %w", err)
	}
	return client, nil
}

// Queues returns the names of all queues, those that are held too.
func (s *Service) Queues() (names []string) {
	for _, q := range s.queues {
		names = append(names, q.Name)
	}
	return names
}

// Start begins to work jobs and to keep watch. It returns once the jobs of crashed processes have been freed.
func (s *Service) Start(ctx context.Context) error {
	worker, err := s.DB.RegisterWorker(ctx, s.id)
	if err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	s.worker = worker
	if _, err := s.DB.Sweep(ctx, s.id, nil); err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	// River's context must outlive the one that main cancels at SIGTERM: Stop drains.
	if err := s.river.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("jobs: %w", err)
	}
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	s.done.Go(func() { s.keepWatch(background) })
	s.done.Go(func() { s.keepTidy(background) })
	s.done.Go(func() { s.keepSales(background) })
	s.done.Go(func() { s.keepDue(background) })
	return nil
}

// Stop lets the jobs under way finish, within ctx, and then gives up the claim to be alive.
func (s *Service) Stop(ctx context.Context) error {
	err := s.river.Stop(ctx)
	if err != nil {
		// Canceled jobs are worked on by the process that comes next.
		err = errors.Join(err, s.river.StopAndCancel(context.WithoutCancel(ctx)))
	}
	s.stop()
	s.done.Wait()
	return errors.Join(err, s.worker.Close(context.WithoutCancel(ctx)))
}

// watched works a job and keeps note that it does. After a failure its queue is looked at when it may be due again.
func (s *Service) watched(ctx context.Context, job *rivertype.JobRow, work func(context.Context) error) error {
	defer s.working.begin(job.ID)()
	failed := true // a panic too
	defer func() {
		if failed {
			s.lookAgain(job.Queue)
		}
	}()
	err := work(ctx)
	failed = err != nil
	return err
}

// working holds the jobs that this process really works, for the sweeper: River may have lost the database at the
// moment of writing that one ended.
type working struct {
	mu   sync.Mutex
	jobs map[int64]bool
}

func (w *working) begin(id int64) (end func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.jobs[id] = true
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		delete(w.jobs, id)
	}
}

func (w *working) list() []int64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	ids := make([]int64, 0, len(w.jobs))
	for id := range w.jobs {
		ids = append(ids, id)
	}
	return ids
}
