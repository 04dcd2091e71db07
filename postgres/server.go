package postgres

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"syscall"
	"time"
)

// Config says where a cluster lives and how it runs.
type Config struct {
	// Dir belongs to the cluster alone and is made when missing. When the program runs as root
	// and PostgreSQL's unprivileged account can't reach Dir, only lock, secrets and log live
	// in it; the data goes to a folder that can be reached, remembered in Dir/place.
	Dir string
	// Log gets one line per event worth knowing; nil drops them. PostgreSQL's own messages go to Dir/postgres.log.
	Log *slog.Logger
	// Settings holds postgresql.conf settings that override this package's choices, except
	// those the package depends on (socket, port, listen addresses, cluster name).
	Settings map[string]string

	test testOptions
}

// testOptions holds what only this package's tests set.
type testOptions struct {
	throwaway  bool     // initdb without fsync and with small WAL files
	elsewhere  []string // in place of the usual roots for a cluster that can't live in Dir
	binaryDirs []string // in place of PATH and the usual folders; non-nil and empty finds nothing
	haste      int      // divides the patience with leftovers
	repository string   // where binaries are downloaded from
}

// Server is a running PostgreSQL. Its methods may be called from any goroutine.
type Server struct {
	cfg     Config
	log     *slog.Logger
	place   *place
	bin     binaries
	secrets secrets
	forks   *forkThread
	lock    *os.File
	wal     string // value for wal_compression

	// Stop cancels alive; supervise, the only one to fork after Start, then winds down and closes done.
	// That order is what makes Stop win over a restart.
	alive context.Context
	halt  context.CancelFunc
	done  chan struct{}

	mu    sync.Mutex
	child *child // the last one forked
}

// Start brings up the cluster in cfg.Dir and returns once it answers queries. ctx bounds the
// starting only; the server runs until Stop, and goes down with the program however that ends.
// A Dir that another process serves is refused in one sentence naming that process.
func Start(ctx context.Context, cfg Config) (*Server, error) {
	log := cfg.Log
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	dir, err := prepareDir(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("preparing the database folder: %w", err)
	}
	lock, err := takeLock(dir)
	if err != nil {
		return nil, err
	}
	s := &Server{cfg: cfg, log: log, lock: lock, forks: newForkThread(), done: make(chan struct{})}
	s.alive, s.halt = context.WithCancel(context.Background())
	if err := s.start(ctx, dir); err != nil {
		go s.windDown()
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		return nil, errors.Join(fmt.Errorf("starting PostgreSQL: %w", err), s.Stop(ctx))
	}
	go s.supervise()
	return s, nil
}

func (s *Server) start(ctx context.Context, dir string) error {
	began := time.Now()
	var err error
	if s.place, err = findPlace(dir, s.cfg.test.elsewhere, s.log); err != nil {
		return err
	}
	major, err := s.place.dataMajor()
	if err != nil {
		return err
	}
	if major > 0 {
		// Data brought here by root, from a backup say, isn't PostgreSQL's yet.
		if err := s.place.who.ownTree(s.place.data()); err != nil {
			return fmt.Errorf("giving the data to PostgreSQL's user: %w", err)
		}
	}
	if s.bin, err = findBinaries(ctx, s.place, major, s.cfg.test, s.log); err != nil {
		return err
	}
	if err := s.clearLeftovers(ctx); err != nil {
		return err
	}
	s.sweepUnfinished()
	known, err := s.loadSecrets()
	if err != nil {
		return err
	}
	switch {
	case major == 0:
		if err := s.initialize(ctx); err != nil {
			return err
		}
	case !known:
		if err := s.resetPassword(ctx); err != nil {
			return err
		}
	}
	if err := s.place.openRun(); err != nil {
		return err
	}
	s.wal = s.walCompression(ctx)
	if err := s.launch(ctx); err != nil {
		return err
	}
	s.log.Info("PostgreSQL is up", "version", s.bin.major, "data", s.place.data(),
		"pid", s.PID(), "took", time.Since(began).Round(time.Millisecond))
	return nil
}

// URL is the address of database orbit360 for its owner, the role orbit: it may log in and
// create roles, and is neither superuser nor exempt from row-level security.
func (s *Server) URL() string { return s.url(appRole, s.secrets.App, appDatabase) }

// SuperURL is the address of the maintenance database `postgres` for the superuser, for
// backups and tests. Nothing that serves requests may use it: superusers see through row-level security.
func (s *Server) SuperURL() string { return s.url(superRole, s.secrets.Super, superRole) }

// PID is the postmaster's process id, and 0 while there is none.
func (s *Server) PID() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.child == nil || s.child.gone() {
		return 0
	}
	return s.child.pid
}

// Stop shuts PostgreSQL down and returns when no process of it is left. It asks for a fast
// shutdown (open transactions roll back, a checkpoint is written), for an immediate one when
// ctx's deadline draws near, and kills at last; a ctx that is already over still gets two
// seconds, because leaving a database behind is worse than being late. Committed data
// survives each of these. Further calls wait for the same end.
func (s *Server) Stop(ctx context.Context) error {
	s.halt()
	fast, immediate := 30*time.Second, 10*time.Second
	if deadline, ok := ctx.Deadline(); ok {
		left := max(time.Until(deadline), 2*time.Second)
		immediate = min(left/2, 5*time.Second)
		fast = left - immediate
	}
	overdue := ctx.Done()
	if ctx.Err() != nil {
		fast, immediate, overdue = time.Second, time.Second, nil
	}
	if s.waitDone(fast, overdue) {
		return nil
	}
	s.log.Warn("PostgreSQL is slow to stop; asking for an immediate shutdown")
	s.signal(syscall.SIGQUIT)
	if s.waitDone(immediate*3/4, nil) {
		return nil
	}
	s.log.Warn("PostgreSQL does not stop; killing it")
	s.signal(syscall.SIGKILL)
	if s.waitDone(max(immediate/4, time.Second), nil) {
		return nil
	}
	return errors.New("PostgreSQL could not be stopped, not even by SIGKILL")
}

func (s *Server) waitDone(limit time.Duration, overdue <-chan struct{}) bool {
	timer := time.NewTimer(limit)
	defer timer.Stop()
	select {
	case <-s.done:
		return true
	case <-timer.C:
	case <-overdue:
	}
	select {
	case <-s.done:
		return true
	default:
		return false
	}
}
