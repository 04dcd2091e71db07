package provision

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/rivertype"

	"orbit360.app/mail"
	"orbit360.app/metrics"
	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/themes"
)

// Visitor asks for a page of the shop it has gone to. The body is good until the next page.
type Visitor func(path string) (status int, body []byte, err error)

// Config is what the service works with.
type Config struct {
	DB        *store.DB
	Log       *slog.Logger
	Addresses orbit.Addresses
	Engines   themes.Set
	Mail      mail.Composer
	Sender    *mail.Sender     // nil keeps mails in the database
	Metrics   *metrics.Metrics // nil counts nothing
	// Visit goes to a shop through the platform's own host router, before the public may see it.
	Visit func(ctx context.Context, host string) Visitor
	// Heard, where set, is told of every change before Feed's subscribers are, from one goroutine: it must be quick.
	// One LISTEN connection serves the whole process.
	Heard func(store.Change)
	// Held are the queues that aren't worked: their jobs wait for a start without this.
	Held []string
	// More are the queues of other rooms. They share this process's one river client, and with it the claim
	// to be alive, the sweeper and the drain: two clients would each free the jobs that the other works.
	More []Queue
}

// Queue is durable work of another room.
type Queue struct {
	Name       string
	MaxWorkers int
	Add        func(*river.Workers) error // puts its worker among the client's
}

// Service works the durable jobs of this process and keeps watch over all of them.
type Service struct {
	Config
	Feed *Feed

	id      string
	river   *river.Client[pgx.Tx]
	worker  *store.Worker
	ears    *ears
	queues  []string
	woken   chan struct{} // somebody added a job, or the listener was lost or is back
	deaf    atomic.Bool   // nobody would tell of a job
	stop    context.CancelFunc
	done    sync.WaitGroup
	working working
}

// How many jobs of a kind this process works at once. More transactions at a time than this lower the
// database's throughput (measured on two cores); mail mostly waits.
const (
	provisionWorkers = 8
	emailWorkers     = 8
)

// New makes a service; Start starts it.
func New(cfg Config) (*Service, error) {
	s := &Service{Config: cfg, Feed: newFeed(cfg.DB, cfg.Metrics), id: "w-" + uuid.NewString(),
		ears: newEars(), woken: make(chan struct{}, 1), working: working{jobs: map[int64]bool{}}}
	s.deaf.Store(true)
	workers := river.NewWorkers()
	if err := errors.Join(river.AddWorkerSafely(workers, &runWorker{Service: s}),
		river.AddWorkerSafely(workers, &emailWorker{Service: s}),
		river.AddWorkerSafely(workers, &passwordWorker{Service: s})); err != nil {
		return nil, fmt.Errorf("provision: %w", err)
	}
	queues := map[string]river.QueueConfig{
		store.QueueProvision: {MaxWorkers: provisionWorkers},
		store.QueueEmail:     {MaxWorkers: emailWorkers},
	}
	for _, q := range cfg.More {
		if err := q.Add(workers); err != nil {
			return nil, fmt.Errorf("provision: %w", err)
		}
		queues[q.Name] = river.QueueConfig{MaxWorkers: q.MaxWorkers}
	}
	for _, name := range cfg.Held {
		delete(queues, name)
	}
	s.queues = slices.Sorted(maps.Keys(queues))
	client, err := river.NewClient(hearingDriver{riverpgxv5.New(cfg.DB.Pool()), s.ears}, &river.Config{
		// Unique per start: the sweeper tells a process that restarted from the one that crashed.
		ID:      s.id,
		Logger:  slog.New(newQuiet(cfg.Log.Handler())),
		Queues:  queues,
		Workers: workers,
		// Whatever the queue, the sweeper must know what is really being worked.
		Middleware: []rivertype.Middleware{river.WorkerMiddlewareFunc(func(ctx context.Context, job *rivertype.JobRow,
			work func(context.Context) error) error {
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
		})},
		// A job starts a millisecond after its commit, of which everybody hears. Polling is for what no one can think of.
		FetchCooldown:               2 * time.Millisecond,
		FetchPollInterval:           pollEvery,
		JobTimeout:                  5 * time.Minute,
		CompletedJobRetentionPeriod: 24 * time.Hour,
		// River's serving role owns no index.
		ReindexerSchedule: river.NeverSchedule(),
	})
	if err != nil {
		return nil, fmt.Errorf("provision: %w", err)
	}
	s.river = client
	return s, nil
}

// River is the client that works this process's jobs, for the pages that show them.
func (s *Service) River() *river.Client[pgx.Tx] { return s.river }

// Start begins to work jobs, listen and keep watch. It returns once the jobs of crashed processes have
// been freed.
func (s *Service) Start(ctx context.Context) error {
	worker, err := s.DB.RegisterWorker(ctx, s.id)
	if err != nil {
		return fmt.Errorf("provision: %w", err)
	}
	s.worker = worker
	if _, err := s.DB.Sweep(ctx, s.id, nil); err != nil {
		return fmt.Errorf("provision: %w", err)
	}
	// River's context must outlive the one that main cancels at SIGTERM: Stop drains.
	if err := s.river.Start(context.WithoutCancel(ctx)); err != nil {
		return fmt.Errorf("provision: %w", err)
	}
	background, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	s.done.Go(func() { s.Feed.run(background, s) })
	s.done.Go(func() { s.keepWatch(background) })
	s.done.Go(func() { s.keepTidy(background) })
	return nil
}

// Stop lets the jobs under way finish, within ctx, and then gives up the claim to be alive.
func (s *Service) Stop(ctx context.Context) error {
	err := s.river.Stop(ctx)
	if err != nil {
		// Canceled jobs are worked on by whoever comes next.
		err = errors.Join(err, s.river.StopAndCancel(context.WithoutCancel(ctx)))
	}
	s.stop()
	s.done.Wait()
	s.keepLiveTimes(context.WithoutCancel(ctx))
	return errors.Join(err, s.worker.Close(context.WithoutCancel(ctx)))
}

// Intervals of the watch. While there is nothing to watch it is slow: a notification announces what there could be.
const (
	sweepEvery     = time.Second
	restEvery      = 5 * time.Second // a third of a lease
	reconcileEvery = 5 * time.Second
	reconcileAfter = 3 * time.Second // a run younger than this may just be between two commits of its own
	liveEvery      = 5 * time.Second
	pollEvery      = 30 * time.Second
)

// Intervals of tidying up.
const (
	tidyEvery      = 10 * time.Minute
	tidyShopsEvery = time.Hour
	tidyPatience   = 5 * time.Minute
)

// hear takes in River's notifications.
func (s *Service) hear(topic, payload string) {
	s.ears.hear(topic, payload)
	if topic == topicInsert {
		s.wake()
	}
}

// listening takes in whether the listener is there. While it was away jobs may have been added without a notification.
func (s *Service) listening(there bool) {
	s.deaf.Store(!there)
	for _, queue := range s.queues {
		s.ears.look(queue)
	}
	s.wake()
}

func (s *Service) wake() {
	select {
	case s.woken <- struct{}{}:
	default:
	}
}

// lookAgain has a queue looked at when a job of it that failed may be due again.
func (s *Service) lookAgain(queue string) {
	for _, after := range returns {
		time.AfterFunc(after, func() { s.ears.look(queue) })
	}
}

// keepWatch frees the jobs of the dead and gives runs without a job a new one. It looks every second while somebody
// works or should, here or elsewhere: adding a job wakes every process.
func (s *Service) keepWatch(ctx context.Context) {
	var last, reconciled, kept time.Time
	busy := true
	timer := time.NewTimer(sweepEvery)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-s.woken:
			if !busy {
				busy = true
				timer.Reset(max(0, sweepEvery-time.Since(last)))
			}
			continue
		case last = <-timer.C:
		}
		unfinished := s.look(ctx, &busy)
		if unfinished && last.Sub(reconciled) >= reconcileEvery-sweepEvery/2 {
			reconciled = last
			if n, err := s.DB.Reconcile(ctx, reconcileAfter); err != nil {
				s.watchFailed(ctx, "reconcile", err)
			} else if n > 0 {
				s.Log.Warn("gave unfinished work a new job", "jobs", n)
			}
		}
		if last.Sub(kept) >= liveEvery-sweepEvery/2 {
			kept = last
			s.keepLiveTimes(ctx)
		}
		if busy = busy || s.deaf.Load(); busy {
			timer.Reset(sweepEvery)
		} else {
			timer.Reset(restEvery)
		}
	}
}

// look renews the lease and frees the jobs of the dead. It says whether there is somebody to watch, and whether
// anything is unfinished.
func (s *Service) look(ctx context.Context, busy *bool) (unfinished bool) {
	*busy = true
	if err := s.worker.Keep(ctx); err != nil {
		s.watchFailed(ctx, "keep the worker's lock", err)
		return false
	}
	found, err := s.DB.Sweep(ctx, s.id, s.working.list())
	if err != nil {
		s.watchFailed(ctx, "sweep", err)
		return false
	}
	if found.Freed > 0 {
		s.Log.Warn("took over jobs of a process that is gone", "jobs", found.Freed)
	}
	for _, queue := range found.Due {
		s.ears.look(queue)
	}
	*busy = found.Working
	return found.Unfinished
}

// keepTidy deletes what has had its time, apart from the watch: deleting much takes long, and the lease can't wait.
func (s *Service) keepTidy(ctx context.Context) {
	// The first time for the shops comes after a while: a start has better things to do, and replicas that start together
	// needn't look at the same shops.
	shops := time.Now().Add(time.Minute + rand.N(tidyEvery) - tidyShopsEvery)
	tick := time.NewTimer(rand.N(time.Second))
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-tick.C:
			tidying, cancel := context.WithTimeout(ctx, tidyPatience)
			if err := s.DB.Tidy(tidying); err != nil {
				s.watchFailed(ctx, "tidy", err)
			}
			if now.Sub(shops) >= tidyShopsEvery {
				shops = now
				if _, err := s.DB.TidyShops(tidying); err != nil {
					s.watchFailed(ctx, "tidy the shops", err)
				}
			}
			cancel()
			tick.Reset(tidyEvery)
		}
	}
}

// keepLiveTimes adds to the database how long live updates took since it last did. A process that is killed takes
// the last few seconds' along.
func (s *Service) keepLiveTimes(ctx context.Context) {
	t := s.Feed.takeTimes()
	if t.Total() == 0 {
		return
	}
	if err := s.DB.AddLiveTimes(ctx, t); err != nil {
		s.Feed.giveBack(t)
		s.watchFailed(ctx, "keep the times of live updates", err)
	}
}

func (s *Service) watchFailed(ctx context.Context, what string, err error) {
	if ctx.Err() == nil {
		s.Log.Warn("the watch over jobs failed; it tries again", "what", what, "error", err)
	}
}

// working are the jobs that this process really works, for the sweeper: river may have lost the
// database at the moment of writing that one ended.
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
