package postgres

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestFirstStartAndNextStart(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(publicDir(t), "made", "on", "the", "way")
	s := start(t, testConfig(dir))
	for sql, want := range map[string]string{
		"SELECT current_user::text":       "orbit",
		"SELECT current_database()::text": "orbit360",
		"SELECT pg_encoding_to_char(encoding)::text FROM pg_database WHERE datname = current_database()": "UTF8",
		"SELECT lower('ÄÖ')":               "äö",
		"SELECT ('B' < 'a')::text":         "true", // by code point
		"SHOW timezone":                    "UTC",
		"SHOW log_timezone":                "UTC",
		"SHOW synchronous_commit":          "on",
		"SHOW full_page_writes":            "on",
		"SHOW max_connections":             "100",
		"SHOW standard_conforming_strings": "on",
		"SHOW data_checksums":              "on",
		"SHOW listen_addresses":            "",
		"SHOW fsync":                       "off", // overridden by the test's Settings

		"SELECT concat_ws(',', rolsuper, rolbypassrls, rolcreatedb, rolreplication, rolcreaterole, rolcanlogin) " +
			"FROM pg_roles WHERE rolname = 'orbit'": "f,f,f,f,t,t",
	} {
		if got := ask[string](t, s.URL(), sql); got != want {
			t.Errorf("%s: %q, want %q", sql, got, want)
		}
	}
	if got := ask[string](t, s.SuperURL(), "SHOW is_superuser"); got != "on" {
		t.Error("SuperURL isn't a superuser's")
	}
	for _, extension := range []string{"pg_trgm", "citext"} {
		_, err := query[int](s.URL(), "CREATE EXTENSION "+extension)
		if err != nil && !strings.Contains(err.Error(), "no rows") {
			t.Errorf("the owner can't create %s: %v", extension, err)
		}
	}
	if _, err := query[int](strings.Replace(s.URL(), s.secrets.App, "wrong", 1), "SELECT 1"); err == nil {
		t.Error("any password will do")
	}
	for name, want := range map[string]os.FileMode{"secrets": 0o600, "lock": 0o600, "postgres.log": 0o600, "data": 0o700,
		"run": 0o700} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || info.Mode().Perm() != want {
			t.Errorf("%s: %v, %v", name, info.Mode(), err)
		}
	}
	pid, url := s.PID(), s.URL()
	stop(t, s)

	began := time.Now()
	s = start(t, testConfig(dir))
	t.Logf("next start took %v", time.Since(began))
	if s.URL() != url || s.PID() == pid {
		t.Errorf("URL %s, PID %d: want the same URL and another PID than %d", s.URL(), s.PID(), pid)
	}
	if got := ask[int](t, s.URL(), "SELECT count(*) FROM pg_extension WHERE extname IN ('pg_trgm', 'citext')"); got != 2 {
		t.Error("what was made before the restart is gone")
	}
}

func TestSecondStartIsRefused(t *testing.T) {
	t.Parallel()
	dir := madeDir(t)
	s := start(t, testConfig(dir))
	want := fmt.Sprintf("another ORBIT360 (pid %d) is already running on %s", os.Getpid(), dir)
	if got := startFails(t, testConfig(dir)); got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	cmd, out := helperStart(t, dir)
	var line strings.Builder
	buf := make([]byte, 4096)
	for {
		n, err := out.Read(buf)
		line.Write(buf[:n])
		if err != nil {
			break
		}
	}
	if cmd.Wait() == nil || line.String() != "error "+want+"\n" {
		t.Errorf("another process got %q, want %q", line.String(), want)
	}
	wantKept(t, s, 1)
	stop(t, s)
	wantKept(t, start(t, testConfig(dir)), 1)
}

func TestStopFromEverywhere(t *testing.T) {
	t.Parallel()
	s := start(t, testConfig(madeDir(t)))
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			if err := s.Stop(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	stop(t, s)
}

// A client in the middle of something, and a context that is over already: Stop ends both.
func TestStopInAHurry(t *testing.T) {
	t.Parallel()
	s := start(t, testConfig(madeDir(t)))
	busy := make(chan error, 1)
	go func() {
		_, err := query[int](s.URL(), "SELECT count(*) FROM generate_series(1, 1e12)")
		busy <- err
	}()
	eventually(t, "the query runs", func() bool {
		return ask[int](t, s.SuperURL(),
			"SELECT count(*) FROM pg_stat_activity WHERE usename = 'orbit' AND state = 'active'") == 1
	})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := s.Stop(ctx); err != nil {
		t.Error(err)
	}
	if err := <-busy; err == nil {
		t.Error("an endless query came to its end")
	}
}

func TestCanceledStartLeavesNothing(t *testing.T) {
	t.Parallel()
	dir := madeDir(t)
	for _, after := range []time.Duration{0, 20 * time.Millisecond, 35 * time.Millisecond} {
		ctx, cancel := context.WithTimeout(t.Context(), after)
		s, err := Start(ctx, testConfig(dir))
		cancel()
		if err == nil {
			stop(t, s) // a fast machine
			continue
		}
		if left := processesOf(t, &place{home: dir}); len(left) > 0 {
			t.Errorf("left running after %v: %v", after, left)
		}
	}
	wantKept(t, start(t, testConfig(dir)), 1)
}
