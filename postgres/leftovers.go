package postgres

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// How long leftovers get before the next, harsher signal.
const (
	fastPatience      = 4 * time.Second        // a checkpoint is written
	immediatePatience = 3 * time.Second        // nothing is written
	orphanPatience    = 250 * time.Millisecond // backends see for themselves that their postmaster died
	killPatience      = 10 * time.Second       // the kernel frees memory, or a disk hangs
)

// relic is a process of this cluster that isn't our child.
type relic struct {
	pid        int
	postmaster bool
}

// clearLeftovers returns when no process of the cluster is left and nothing that a crash left
// in its folder would stop a start. Only called with the lock held and no child of ours
// running: what it finds is an orphan of a killed run, perhaps still shutting down.
func (s *Server) clearLeftovers(ctx context.Context) error {
	relics, err := s.place.relics()
	if err != nil {
		return err
	}
	if len(relics) > 0 {
		if err := s.endRelics(ctx, relics); err != nil {
			return err
		}
	}
	return s.place.clearPidFile()
}

func (s *Server) endRelics(ctx context.Context, relics []relic) error {
	type stage struct {
		signal   syscall.Signal // 0: only wait
		all      bool           // else only postmasters, which tell their backends
		patience time.Duration
	}
	stages := []stage{{syscall.SIGINT, false, fastPatience}, {syscall.SIGQUIT, false, immediatePatience},
		{syscall.SIGKILL, true, killPatience}}
	if slices.ContainsFunc(relics, func(r relic) bool { return r.postmaster }) {
		s.log.Info("stopping a PostgreSQL left behind by a crash", "pid", relics[0].pid, "data", s.place.data())
	} else {
		stages = []stage{{0, true, orphanPatience}, {syscall.SIGQUIT, true, orphanPatience},
			{syscall.SIGKILL, true, killPatience}}
	}
	for _, stage := range stages {
		for _, r := range relics {
			if stage.signal != 0 && (stage.all || r.postmaster) {
				if err := s.place.signalRelic(r, stage.signal); err != nil {
					return err
				}
			}
		}
		deadline := time.Now().Add(stage.patience / time.Duration(max(s.cfg.test.haste, 1)))
		for time.Now().Before(deadline) {
			if err := pause(ctx, 10*time.Millisecond); err != nil {
				return fmt.Errorf("waiting for an earlier PostgreSQL to end: %w", err)
			}
			var err error
			if relics, err = s.place.relics(); err != nil || len(relics) == 0 {
				return err
			}
			// Backends that forked since the signal went out get it too.
			if stage.signal == syscall.SIGKILL {
				for _, r := range relics {
					if err := s.place.signalRelic(r, syscall.SIGKILL); err != nil {
						return err
					}
				}
			}
		}
	}
	return fmt.Errorf("an earlier PostgreSQL (pid %d) on %s doesn't end, not even by SIGKILL", relics[0].pid,
		s.place.data())
}

// signalRelic signals a process after making sure, holding on to it, that it still is what it was.
func (p *place) signalRelic(r relic, sig syscall.Signal) error {
	process, err := os.FindProcess(r.pid)
	if err != nil {
		return fmt.Errorf("finding an earlier PostgreSQL (pid %d): %w", r.pid, err)
	}
	defer func() { _ = process.Release() }() // only frees memory
	now, err := p.relics()
	if err != nil {
		return err
	}
	if !slices.Contains(now, r) {
		return nil
	}
	if err := process.Signal(sig); err != nil && !errors.Is(err, os.ErrProcessDone) && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("an earlier PostgreSQL (pid %d) runs on %s and can't be stopped: %w", r.pid, p.data(), err)
	}
	return nil
}

// relics lists the cluster's processes. A process is the cluster's when it runs as the account
// and is a postgres started on our data folder, or a backend titled with our cluster name.
func (p *place) relics() ([]relic, error) {
	processes, err := listProcesses()
	if err != nil {
		return nil, fmt.Errorf("looking for an earlier PostgreSQL: %w", err)
	}
	byFile, _, err := p.pidFile()
	if err != nil {
		return nil, err
	}
	title := "postgres: " + p.clusterName() + ": "
	var found []relic
	for _, pr := range processes {
		if pr.uid != p.who.uid || len(pr.args) == 0 {
			continue
		}
		at := slices.Index(pr.args, "-D")
		switch {
		case strings.HasPrefix(strings.Join(pr.args, " "), title):
			found = append(found, relic{pid: pr.pid})
		case pr.isPostgres() &&
			(at > 0 && at+1 < len(pr.args) && pr.args[at+1] == p.data() || pr.pid == byFile && worksIn(pr.pid, p.data())):
			// A backend looks like this too until it has set its title; the pid file tells them apart.
			found = append(found, relic{pid: pr.pid, postmaster: pr.pid == byFile})
		}
	}
	return found, nil
}

// pidFile reads data/postmaster.pid: 0 when it is missing or doesn't hold a pid.
func (p *place) pidFile() (pid int, exists bool, err error) {
	text, err := os.ReadFile(filepath.Join(p.data(), "postmaster.pid"))
	if errors.Is(err, fs.ErrNotExist) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, fmt.Errorf("reading PostgreSQL's pid file: %w", err)
	}
	first, _, _ := strings.Cut(string(text), "\n")
	pid, err = strconv.Atoi(strings.TrimSpace(first))
	if err != nil {
		return 0, true, nil
	}
	return max(pid, -pid), true, nil // negative: written by a single-user postgres
}

// isPostgres is false for backends, which have replaced their arguments by a title.
func (pr process) isPostgres() bool {
	if len(pr.args) == 0 {
		return false
	}
	program := filepath.Base(pr.args[0])
	return program == "postgres" || program == "postmaster"
}

// clearPidFile removes a pid file that PostgreSQL would stumble over though nothing runs: one
// that is empty, or has a pid that belongs to another process by now. A stale one of the usual
// kind stays: PostgreSQL checks the shared memory it names before taking over.
func (p *place) clearPidFile() error {
	pid, exists, err := p.pidFile()
	if err != nil || !exists {
		return err
	}
	if pid > 0 && errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) {
		return nil
	}
	processes, err := listProcesses()
	if err != nil {
		return fmt.Errorf("looking for an earlier PostgreSQL: %w", err)
	}
	for _, pr := range processes {
		at := slices.Index(pr.args, "-D")
		elsewhere := at > 0 && at+1 < len(pr.args) && filepath.IsAbs(pr.args[at+1])
		if pr.pid == pid && pr.isPostgres() && !elsewhere {
			return nil // perhaps ours, started by hand, where we may not see its folder: PostgreSQL's word on it is better
		}
	}
	if err := os.Remove(filepath.Join(p.data(), "postmaster.pid")); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("removing a stale pid file: %w", err)
	}
	return nil
}
