package postgres

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

func TestPostmasterKilled(t *testing.T) {
	t.Parallel()
	var log safeBuffer
	cfg := testConfig(madeDir(t))
	cfg.Log = slog.New(slog.NewTextHandler(&log, nil))
	s := start(t, cfg)
	// A backend that computes doesn't notice that its postmaster is gone.
	go func() { _, _ = query[int](s.URL(), "SELECT count(*) FROM generate_series(1, 1e12)") }()
	eventually(t, "the query runs", func() bool {
		return ask[int](t, s.SuperURL(),
			"SELECT count(*) FROM pg_stat_activity WHERE usename = 'orbit' AND state = 'active'") == 1
	})
	for n := 2; n < 5; n++ {
		keep(t, s.URL(), n)
		pid := s.PID()
		kill(t, pid)
		killed := time.Now()
		eventually(t, "it comes back", func() bool {
			count, err := query[int](s.URL(), "SELECT count(*) FROM kept")
			return err == nil && count == n && s.PID() != pid
		})
		t.Logf("back after %v", time.Since(killed))
	}
	// A crash during the restart has another message.
	if died := log.count("PostgreSQL died") + log.count("can't be restarted"); died != 3 {
		t.Errorf("%d deaths logged, want 3", died)
	}
}

// Stop must win, at whatever moment of a restart it comes.
func TestStopDuringRestart(t *testing.T) {
	t.Parallel()
	dir := madeDir(t)
	for n := range 8 {
		s := start(t, testConfig(dir))
		kill(t, s.PID())
		if err := pause(t.Context(), time.Duration(n)*12*time.Millisecond); err != nil {
			t.Fatal(err)
		}
		stop(t, s)
	}
	wantKept(t, start(t, testConfig(dir)), 1)
}

func TestProgramKilled(t *testing.T) {
	t.Parallel()
	dir := madeDir(t)
	program, _, url := helper(t, dir)
	keep(t, url, 2)
	killProgram(t, program)
	if left := processesOf(t, &place{home: dir}); len(left) == 0 {
		t.Log("PostgreSQL was faster than we could look")
	}
	s := start(t, testConfig(dir))
	wantKept(t, s, 2)
}

// Without any next start PostgreSQL goes down with the program, and cleanly.
func TestProgramKilledForGood(t *testing.T) {
	t.Parallel()
	dir := madeDir(t)
	program, _, url := helper(t, dir)
	keep(t, url, 2)
	killProgram(t, program)
	eventually(t, "PostgreSQL goes down", func() bool { return len(processesOf(t, &place{home: dir})) == 0 })
	log, err := os.ReadFile(filepath.Join(dir, "postgres.log"))
	if err != nil || !strings.HasSuffix(strings.TrimSpace(string(log)), "database system is shut down") {
		t.Errorf("it wasn't shut down cleanly (%v): %s", err, lastLines(log, 5))
	}
}

func TestProgramAndPostmasterKilled(t *testing.T) {
	t.Parallel()
	dir := madeDir(t)
	last := 1
	for range 4 {
		program, postmaster, url := helper(t, dir)
		if got := ask[int](t, url, "SELECT max(n) FROM kept WHERE (SELECT count(*) = max(n) FROM kept)"); got < last {
			t.Fatalf("committed up to %d, found up to %d", last, got)
		} else {
			last = got // the row in flight when it was killed may be there or not
		}
		acknowledged := make(chan int, 1000)
		go func() {
			defer close(acknowledged)
			insertUntilError(url, last, acknowledged)
		}()
		for range 100 {
			last = <-acknowledged
		}
		kill(t, postmaster)
		killProgram(t, program)
		for n := range acknowledged {
			last = n
		}
	}
	if got := ask[int](t, start(t, testConfig(dir)).URL(), "SELECT max(n) FROM kept"); got < last {
		t.Errorf("committed up to %d, found up to %d", last, got)
	}
}

// insertUntilError commits one row after the other and reports each that was acknowledged.
func insertUntilError(url string, after int, acknowledged chan<- int) {
	conn, err := pgx.Connect(context.Background(), url)
	if err != nil {
		return
	}
	defer closeConn(conn)
	for n := after + 1; ; n++ {
		if _, err := conn.Exec(context.Background(), "INSERT INTO kept VALUES ($1)", n); err != nil {
			return
		}
		acknowledged <- n
	}
}

// A postmaster that hangs ignores what the kernel sends it when the program dies, and the next
// start's requests too, until it is killed.
func TestHangingOrphan(t *testing.T) {
	t.Parallel()
	dir := madeDir(t)
	program, postmaster, url := helper(t, dir)
	keep(t, url, 2)
	if err := syscall.Kill(postmaster, syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	killProgram(t, program)
	wantKept(t, start(t, testConfig(dir)), 2)
}

// Someone started PostgreSQL on the data by hand, by a path of their own.
func TestOrphanStartedByHand(t *testing.T) {
	t.Parallel()
	dir := madeDir(t)
	s := start(t, testConfig(dir))
	p, bin := s.place, s.bin
	stop(t, s)
	paths := []string{p.data()}
	if runtime.GOOS == "linux" {
		paths = append(paths, "data") // elsewhere the owner of the data is unknown, and the start fails
	}
	for _, arg := range paths {
		cmd := exec.Command(bin.postgres(), "-D", arg, "-c", "listen_addresses=", "-c", "unix_socket_directories="+p.run)
		cmd.Dir, cmd.Env, cmd.SysProcAttr = p.home, childEnv(), &syscall.SysProcAttr{Credential: p.who.cred}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		eventually(t, "it answers", func() bool { _, err := query[int](s.URL(), "SELECT 1"); return err == nil })
		next := start(t, testConfig(dir))
		if err := <-ended; err != nil {
			t.Errorf("it wasn't shut down cleanly: %v", err)
		}
		wantKept(t, next, 1)
		stop(t, next)
	}
}

func TestInitdbKilled(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(publicDir(t), "pg")
	for _, moment := range []string{"init-*", "init-*/data/global/pg_control", "init-*/data/base/5"} {
		cmd, _ := helperStart(t, dir)
		eventually(t, moment, func() bool {
			found, err := filepath.Glob(filepath.Join(dir, moment))
			return err == nil && len(found) > 0
		})
		killProgram(t, cmd)
		if _, err := os.Stat(filepath.Join(dir, "data")); err == nil {
			t.Fatalf("%s: the data folder is there already", moment)
		}
	}
	start(t, testConfig(dir))
	found, err := filepath.Glob(filepath.Join(dir, "init-*"))
	if err != nil || len(found) > 0 {
		t.Errorf("left over: %v, %v", found, err)
	}
}

// What a crash (of the machine, or in a container where process ids repeat) leaves in files.
func TestStaleFiles(t *testing.T) {
	t.Parallel()
	dir := madeDir(t)
	s := start(t, testConfig(dir))
	who := s.place.who
	stop(t, s)
	// Some process of PostgreSQL's own user has the pid that the files name.
	other := exec.Command("sleep", "60")
	other.SysProcAttr = &syscall.SysProcAttr{Credential: who.cred}
	other.Dir = "/"
	if err := other.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := other.Process.Signal(syscall.Signal(0)); err != nil {
			t.Errorf("the other process was stopped: %v", err)
		}
		_ = other.Process.Kill()
		_ = other.Wait()
	}()
	pid := strconv.Itoa(other.Process.Pid)
	for name, text := range map[string]string{
		"empty":          "",
		"dead":           "4194303\n" + dir + "/data\n1700000000\n5432\n",
		"taken":          pid + "\n" + dir + "/data\n1700000000\n5432\n" + dir + "/run\n\n  1234 5678\nready\n",
		"taken, by hand": "-" + pid + "\n" + dir + "/data\n",
	} {
		for path, text := range map[string]string{
			filepath.Join(dir, "data", "postmaster.pid"): text,
			filepath.Join(dir, "run", ".s.PGSQL.5432.lock"): fmt.Sprintf("%s\n%s/data\n1700000000\n5432\n%s/run\n", pid, dir,
				dir),
			filepath.Join(dir, "run", ".s.PGSQL.5432"): "",
		} {
			if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
			if err := who.own(path); err != nil {
				t.Fatal(err)
			}
		}
		t.Log(name)
		s := start(t, testConfig(dir))
		wantKept(t, s, 1)
		stop(t, s)
	}
}

func TestRoleAndDatabaseAreMended(t *testing.T) {
	t.Parallel()
	dir := madeDir(t)
	for _, sql := range []string{
		"ALTER ROLE orbit SUPERUSER BYPASSRLS",
		"ALTER ROLE orbit PASSWORD 'another'",
		"ALTER ROLE orbit NOLOGIN",
		"ALTER DATABASE orbit360 OWNER TO postgres",
	} {
		s := start(t, testConfig(dir))
		if _, err := query[int](s.SuperURL(), sql); err != nil && !strings.Contains(err.Error(), "no rows") {
			t.Fatal(err)
		}
		stop(t, s)
		s = start(t, testConfig(dir))
		if got := ask[bool](t, s.URL(), "SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user"); got {
			t.Errorf("after %s: orbit is a superuser", sql)
		}
		wantKept(t, s, 1)
		stop(t, s)
	}
}

func TestSecretsLost(t *testing.T) {
	t.Parallel()
	dir := madeDir(t)
	path := filepath.Join(dir, "secrets")
	old, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(`{"superuser":"x","orbit":"y"}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if got := startFails(t, testConfig(dir)); !strings.Contains(got, "restore that file, or delete it") {
		t.Error(got)
	}
	if err := os.WriteFile(path, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if got := startFails(t, testConfig(dir)); !strings.Contains(got, "is damaged: delete it") {
		t.Error(got)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	s := start(t, testConfig(dir))
	wantKept(t, s, 1)
	stop(t, s)
	if now, err := os.ReadFile(path); err != nil || string(now) == string(old) {
		t.Errorf("%v: the passwords are the old ones", err)
	}
	wantKept(t, start(t, testConfig(dir)), 1)
}
