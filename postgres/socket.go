package postgres

import (
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"syscall"
)

const (
	port = "5432"
	// maxSocketPath stays below what the kernels take for a socket's path (108 bytes on Linux, 104 on macOS, both with a
	// final NUL).
	maxSocketPath = 100
)

// openRun settles the folder of the socket: home/run, or a short private folder when that
// path is too long for a socket; home/run is a link to it then, to be found again after a crash.
func (p *place) openRun() error {
	run := filepath.Join(p.home, "run")
	p.run = run
	if len(filepath.Join(run, ".s.PGSQL."+port)) > maxSocketPath {
		if target, err := os.Readlink(run); err == nil && p.private(target) {
			p.run = target
			return nil
		}
		short, err := p.makeShort()
		if err != nil {
			return fmt.Errorf("making a folder for the database socket: %w", err)
		}
		p.run = short
		if err := os.RemoveAll(run); err != nil {
			return fmt.Errorf("making a folder for the database socket: %w", err)
		}
		return os.Symlink(short, run)
	}
	err := os.Mkdir(run, 0o700)
	if errors.Is(err, os.ErrExist) {
		err = os.Chmod(run, 0o700)
	}
	if err := errors.Join(err, p.who.own(run)); err != nil {
		return fmt.Errorf("making a folder for the database socket: %w", err)
	}
	return nil
}

// makeShort makes a folder with a short, unguessable name. XDG_RUNTIME_DIR is private to a
// user and cleared at logout by design, but an account we switch to can't enter it.
func (p *place) makeShort() (string, error) {
	parents := []string{os.TempDir(), "/tmp"}
	if runtime := os.Getenv("XDG_RUNTIME_DIR"); runtime != "" && p.who.cred == nil {
		parents = append([]string{runtime}, parents...)
	}
	var problems []error
	for _, parent := range parents {
		short, err := os.MkdirTemp(parent, "orbit360-")
		if err != nil {
			problems = append(problems, err)
			continue
		}
		// In TMPDIR's own path may be links, and folders the account can't pass.
		real, err := filepath.EvalSymlinks(short)
		if err = errors.Join(err, p.who.own(short)); err == nil &&
			p.who.reaches(real) && len(filepath.Join(real, ".s.PGSQL."+port)) <= maxSocketPath {
			return real, nil
		}
		problems = append(problems, err, fmt.Errorf("%s is too long or can't be reached", parent), os.Remove(short))
	}
	return "", errors.Join(problems...)
}

// private reports whether dir is a folder of the account that no other account may enter.
func (p *place) private(dir string) bool {
	info, err := os.Lstat(dir)
	return err == nil && info.IsDir() && info.Mode().Perm() == 0o700 &&
		int(info.Sys().(*syscall.Stat_t).Uid) == p.who.uid
}

// clearRun removes sockets and their lock files. Only for when no postmaster of ours runs: a
// stale lock file with a pid that another process has now would stop PostgreSQL from starting.
func (p *place) clearRun() error {
	if p.run == "" {
		return nil
	}
	names, err := filepath.Glob(filepath.Join(p.run, ".s.PGSQL.*"))
	if err != nil {
		return err
	}
	for _, name := range names {
		if err := os.Remove(name); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("removing a stale socket: %w", err)
		}
	}
	return nil
}

// closeRun removes a socket folder made outside home.
func (p *place) closeRun() error {
	run := filepath.Join(p.home, "run")
	if p.run == "" || p.run == run {
		return nil
	}
	return errors.Join(os.RemoveAll(p.run), os.Remove(run))
}

func (s *Server) url(role, password, database string) string {
	u := url.URL{Scheme: "postgres", User: url.UserPassword(role, password), Path: "/" + database,
		RawQuery: url.Values{"host": {s.place.run}, "port": {port}, "sslmode": {"disable"}}.Encode()}
	return u.String()
}
