package postgres

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

// initialize makes the cluster. initdb works in a folder of its own and the result is renamed
// into place, so data is either whole or not there; a killed initdb leaves an init-* folder
// that a later start removes.
func (s *Server) initialize(ctx context.Context) error {
	if err := s.saveSecrets(); err != nil {
		return err
	}
	p := s.place
	work, err := os.MkdirTemp(p.home, "init-")
	if err != nil {
		return fmt.Errorf("making a folder for initdb: %w", err)
	}
	defer s.sweepUnfinished()
	if err := s.initdb(ctx, work); err != nil {
		return err
	}
	// An empty data folder may be there (a mount point, say, which can't be renamed over: then this says so).
	if err := os.Rename(filepath.Join(work, "data"), p.data()); err != nil {
		return fmt.Errorf("putting the new database in place: %w", err)
	}
	return syncDir(p.home)
}

// sweepUnfinished removes what an initdb left. One that was killed may have a process that
// still writes for a moment; then the folder stays for the next start, nothing depends on it.
func (s *Server) sweepUnfinished() {
	found, err := filepath.Glob(filepath.Join(s.place.home, "init-*"))
	if err != nil {
		return // home has a character that Glob takes for a pattern
	}
	for _, dir := range found {
		if err := os.RemoveAll(dir); err != nil {
			s.log.Debug("leaving an unfinished database folder for later", "folder", dir, "error", err)
		}
	}
}

func (s *Server) initdb(ctx context.Context, work string) error {
	pwfile, data := filepath.Join(work, "password"), filepath.Join(work, "data")
	if err := os.WriteFile(pwfile, []byte(s.secrets.Super+"\n"), 0o600); err != nil {
		return fmt.Errorf("handing initdb its password: %w", err)
	}
	for _, path := range []string{pwfile, work} {
		if err := s.place.who.own(path); err != nil {
			return fmt.Errorf("giving initdb its folder: %w", err)
		}
	}
	args := []string{"--pgdata=" + data, "--username=" + superRole, "--pwfile=" + pwfile,
		"--auth=scram-sha-256", "--encoding=UTF8", "--data-checksums", "--no-instructions"}
	if s.cfg.test.throwaway {
		args = append(args, "--no-sync", "--wal-segsize=1")
	}
	// Comparison by code point everywhere: an index must not change its order with the operating
	// system's collation tables. From 17 on PostgreSQL has such a locale itself; before, the C
	// library may have one; C sorts alike and only knows no upper and lower case beyond ASCII.
	locales := [][]string{{"--locale=C.UTF-8"}, {"--locale=C"}}
	if s.bin.major >= 17 {
		locales = [][]string{{"--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"}}
	}
	var err error
	for _, locale := range locales {
		var out []byte
		out, err = s.runHelper(ctx, "", s.bin.initdb(), append(args, locale...)...)
		if err == nil {
			return nil
		}
		err = fmt.Errorf("initdb: %w: %s", err, lastLines(out, 5))
		if !bytes.Contains(out, []byte("invalid locale")) {
			break
		}
	}
	return err
}

// resetPassword gives the superuser a new password when Dir/secrets was lost, without the old
// one: single-user mode asks for no password. The role orbit gets its own from setup.
func (s *Server) resetPassword(ctx context.Context) error {
	s.log.Warn("the database passwords were lost; setting new ones", "folder", s.place.dir)
	sql := fmt.Sprintf("ALTER ROLE %s PASSWORD '%s';\n", superRole, s.secrets.Super)
	out, err := s.runHelper(ctx, sql, s.bin.postgres(), "--single", "-D", s.place.data(),
		"-c", "log_min_error_statement=panic", "-c", "exit_on_error=on", superRole)
	if err != nil {
		return fmt.Errorf("setting new database passwords: %w: %s", err, lastLines(out, 5))
	}
	return s.saveSecrets()
}

// walCompression is the best method this build has for full-page images: lz4 costs a tenth of pglz, which is always
// there.
func (s *Server) walCompression(ctx context.Context) string {
	if _, err := s.runHelper(ctx, "", s.bin.postgres(), "-D", s.place.data(), "-c", "wal_compression=lz4", "-C",
		"wal_compression"); err != nil {
		return "on"
	}
	return "lz4"
}

// runHelper runs one of PostgreSQL's programs to its end as the account and returns all it printed.
// It dies with us, and with everything it started when ctx ends.
func (s *Server) runHelper(ctx context.Context, stdin, program string, args ...string) ([]byte, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir, cmd.Env, cmd.SysProcAttr = s.place.home, childEnv(), helperAttr(s.place.who)
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }
	cmd.WaitDelay = 5 * time.Second // for a process out of the group that holds the pipes
	cmd.Stdin = strings.NewReader(stdin)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	if err := s.forks.do(cmd.Start); err != nil {
		return nil, err
	}
	err := cmd.Wait()
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return out.Bytes(), err
}

// childEnv is the environment PostgreSQL gets: a list of what to pass on, because ours holds
// secrets, PG* variables that would change its mind, and a service manager's notification
// socket that it would answer on. LC_ALL keeps its messages in English, and macOS from
// starting threads in it; TZ spares initdb a search through the time zones.
func childEnv() []string {
	env := []string{"LC_ALL=C", "TZ=UTC"}
	for _, name := range []string{"PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "LOCPATH"} {
		if value, ok := os.LookupEnv(name); ok {
			env = append(env, name+"="+value)
		}
	}
	return env
}
