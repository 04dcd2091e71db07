package jobs

import (
	"context"
	"math/rand/v2"
	"time"

	"orbit360.app/store/pg"
	"orbit360.app/store/shop"
)

// Intervals of the watch. While there is nothing to watch it is slow: a notification announces what there could be.
const (
	sweepEvery   = time.Second
	restEvery    = 5 * time.Second // a third of a lease
	requeueEvery = 5 * time.Second
	requeueAfter = 3 * time.Second // what is younger than this may just be between two commits of its own
	pollEvery    = 30 * time.Second
)

// hear handles River's notifications.
func (s *Service) hear(topic, payload string) {
	s.listener.hear(topic, payload)
	if topic == topicInsert {
		s.wake()
	}
}

// listening handles the listener being lost or back. While it was away jobs may have been added without a notification.
func (s *Service) listening(c pg.Change) {
	if !c.Lost && !c.Merchant.IsZero() {
		return
	}
	s.deaf.Store(c.Lost)
	s.lookAll()
	s.wake()
}

func (s *Service) wake() {
	select {
	case s.woken <- struct{}{}:
	default:
	}
}

func (s *Service) lookAll() {
	for _, q := range s.queues {
		s.listener.look(q.Name)
	}
}

// lookAgain has a queue looked at when a job of it that failed may be due again.
func (s *Service) lookAgain(queue string) {
	for _, after := range returns {
		time.AfterFunc(after, func() { s.listener.look(queue) })
	}
}

// keepWatch frees the jobs of the dead and gives unfinished work without a job a new one. It looks every second while
// there are jobs to work, here or elsewhere: adding a job wakes every process.
func (s *Service) keepWatch(ctx context.Context) {
	var last, requeued time.Time
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
		busy = s.look(ctx)
		if last.Sub(requeued) >= requeueEvery-sweepEvery/2 {
			requeued = last
			s.requeue(ctx)
		}
		if busy = busy || s.deaf.Load(); busy {
			timer.Reset(sweepEvery)
		} else {
			timer.Reset(restEvery)
		}
	}
}

// look renews the lease and frees the jobs of the dead. It reports whether there is something to watch.
func (s *Service) look(ctx context.Context) (busy bool) {
	if err := s.worker.Keep(ctx); err != nil {
		s.watchFailed(ctx, "keep the worker's lock", err)
		return true
	}
	found, err := s.DB.Sweep(ctx, s.id, s.working.list())
	if err != nil {
		s.watchFailed(ctx, "sweep", err)
		return true
	}
	if found.Freed > 0 {
		s.Log.Warn("took over the jobs of a dead process", "jobs", found.Freed)
	}
	for _, queue := range found.Due {
		s.listener.look(queue)
	}
	return found.Working
}

// requeue asks each queue for work that has come to no end and has no job.
func (s *Service) requeue(ctx context.Context) {
	for _, q := range s.queues {
		if q.Requeue == nil {
			continue
		}
		if n, err := q.Requeue(ctx, requeueAfter); err != nil {
			s.watchFailed(ctx, "requeue "+q.Name, err)
		} else if n > 0 {
			s.Log.Warn("gave unfinished work a new job", "queue", q.Name, "jobs", n)
		}
	}
}

// Intervals of tidying up.
const (
	tidyEvery      = 10 * time.Minute
	tidyShopsEvery = time.Hour
	tidyPatience   = 5 * time.Minute
)

// keepTidy deletes what has had its time and closes the statements of months that are over, apart from the watch:
// deleting much takes long, and the lease can't wait.
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
				if _, err := shop.CloseStatements(tidying, s.DB, now); err != nil {
					s.watchFailed(ctx, "close statements", err)
				}
			}
			cancel()
			tick.Reset(tidyEvery)
		}
	}
}

func (s *Service) watchFailed(ctx context.Context, what string, err error) {
	if ctx.Err() == nil {
		s.Log.Warn("the watch over jobs failed and will retry", "what", what, "error", err)
	}
}
