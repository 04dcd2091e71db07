package postgres

import (
	"context"
	"errors"
	"syscall"
	"time"
)

const (
	firstBackoff = 50 * time.Millisecond
	maxBackoff   = 5 * time.Second
	healthyAfter = 30 * time.Second // a postmaster that lived this long starts the backoff anew
)

// supervise brings the postmaster back whenever it ends, until Stop. After Start it alone
// forks, and it looks at alive before and after, so nothing is restarted behind Stop's back.
func (s *Server) supervise() {
	defer s.windDown()
	backoff := time.Duration(0)
	for {
		c, born := s.child, time.Now()
		select {
		case <-s.alive.Done():
			return
		case <-c.exited:
		}
		if s.alive.Err() != nil {
			return
		}
		s.log.Error("PostgreSQL died; restarting it", "pid", c.pid, "state", c.state)
		if time.Since(born) > healthyAfter {
			backoff = 0
		}
		for {
			if pause(s.alive, backoff) != nil {
				return
			}
			backoff = min(max(2*backoff, firstBackoff), maxBackoff)
			died := time.Now()
			err := s.revive()
			if s.alive.Err() != nil {
				return
			}
			if err == nil {
				s.log.Info("PostgreSQL is back", "pid", s.PID(), "took", time.Since(died).Round(time.Millisecond))
				break
			}
			s.log.Error("PostgreSQL can't be restarted; trying again", "in", backoff, "error", err)
		}
	}
}

// revive starts a new postmaster once the last one's processes are gone.
func (s *Server) revive() error {
	if err := s.clearLeftovers(s.alive); err != nil {
		return err
	}
	err := s.launch(s.alive)
	if err != nil && s.alive.Err() == nil {
		// It may run and yet not be usable: the next attempt needs the folder to itself.
		s.signal(syscall.SIGQUIT)
		<-s.child.exited
	}
	return err
}

// windDown shuts down whatever runs and gives everything back. Stop escalates from outside
// by signalling, which is what ends the waiting here.
func (s *Server) windDown() {
	defer close(s.done)
	if c := s.child; c != nil {
		s.signal(syscall.SIGINT)
		<-c.exited
	}
	if s.place != nil {
		// After a kill there may be backends left. They get what time it takes.
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := errors.Join(s.clearLeftovers(ctx), s.place.closeRun()); err != nil {
			s.log.Warn("cleaning up after PostgreSQL", "error", err)
		}
	}
	s.forks.close()
	if err := dropLock(s.lock); err != nil {
		s.log.Warn("unlocking the database folder", "error", err)
	}
	if s.child != nil {
		s.log.Info("PostgreSQL has stopped")
	}
}
