package postgres

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// child is one postmaster, from its fork to its end.
type child struct {
	process *os.Process
	pid     int
	logFrom int64         // where its lines in postgres.log begin
	exited  chan struct{} // closed when it has ended
	state   string        // how it ended; read after exited
}

func (c *child) gone() bool {
	select {
	case <-c.exited:
		return true
	default:
		return false
	}
}

// fork starts a postmaster, without waiting for it to be ready.
func (s *Server) fork() (*child, error) {
	if err := s.place.clearRun(); err != nil {
		return nil, err
	}
	log, from, err := s.place.openLog()
	if err != nil {
		return nil, err
	}
	defer log.Close() // the child has its own
	cmd := exec.Command(s.bin.postgres(), s.settings()...)
	cmd.Dir, cmd.Env, cmd.SysProcAttr = s.place.home, childEnv(), serverAttr(s.place.who)
	cmd.Stdout, cmd.Stderr = log, log
	if err := s.forks.do(cmd.Start); err != nil {
		return nil, err
	}
	c := &child{process: cmd.Process, pid: cmd.Process.Pid, logFrom: from, exited: make(chan struct{})}
	release, err := guard(cmd.Process, s.place.who)
	if err != nil {
		s.log.Warn("PostgreSQL would outlive a crash of this program until the next start", "error", err)
		release = func() {}
	}
	s.mu.Lock()
	s.child = c
	s.mu.Unlock()
	go func() {
		err := cmd.Wait()
		release()
		c.state = "exit status 0"
		if err != nil {
			c.state = err.Error()
		}
		close(c.exited)
	}()
	return c, nil
}

// launch forks a postmaster and returns when role and database are there and answer.
func (s *Server) launch(ctx context.Context) error {
	for attempt := 0; ; attempt++ {
		c, err := s.fork()
		if err != nil {
			return err
		}
		err = s.waitReady(ctx, c)
		// Dying backends of a killed postmaster can hold its shared memory a moment longer.
		if attempt < 50 && errors.Is(err, errMemoryInUse) {
			if err := pause(ctx, 100*time.Millisecond); err != nil {
				return err
			}
			continue
		}
		return err
	}
}

var errMemoryInUse = errors.New("shared memory of the last run is still in use")

// waitReady polls by connecting. It ends early when the postmaster does, with the last lines of its log.
func (s *Server) waitReady(ctx context.Context, c *child) error {
	began, told := time.Now(), time.Now()
	for {
		err := s.setup(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-c.exited:
			text := s.place.logSince(c.logFrom)
			if strings.Contains(string(text), "shared memory block") && strings.Contains(string(text), "still in use") {
				return errMemoryInUse
			}
			return fmt.Errorf("PostgreSQL ended (%s): %s", c.state, lastLines(text, 4))
		default:
		}
		if !errors.Is(err, errNotYet) {
			return err
		}
		if time.Since(told) > 10*time.Second {
			told = time.Now()
			s.log.Info("waiting for PostgreSQL, which may be recovering from a crash", "since",
				time.Since(began).Round(time.Second), "state", err)
		}
		if pause(ctx, 10*time.Millisecond) != nil {
			return fmt.Errorf("waiting for PostgreSQL: %w (it said: %s)", ctx.Err(), lastLines(s.place.logSince(c.logFrom), 4))
		}
	}
}

// pause waits unless ctx ends first.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// signal reaches the postmaster that runs now, if one does.
func (s *Server) signal(sig syscall.Signal) {
	s.mu.Lock()
	c := s.child
	s.mu.Unlock()
	if c == nil || c.gone() {
		return
	}
	if err := c.process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) {
		s.log.Warn("PostgreSQL can't be signalled", "pid", c.pid, "signal", sig, "error", err)
	}
}
