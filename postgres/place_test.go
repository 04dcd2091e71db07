package postgres

import (
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

func asRoot(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root runs PostgreSQL as another user")
	}
}

func TestUnreachableFolder(t *testing.T) {
	t.Parallel()
	asRoot(t)
	var log safeBuffer
	public, hidden := publicDir(t), t.TempDir()
	dir := filepath.Join(hidden, "pg")
	cfg := testConfig(dir)
	cfg.Log = slog.New(slog.NewTextHandler(&log, nil))
	cfg.test.elsewhere = []string{filepath.Join(hidden, "no"), filepath.Join(public, "elsewhere")}

	s := start(t, cfg)
	if _, err := query[int](s.URL(), "CREATE TABLE kept (n int)"); err != nil &&
		!strings.Contains(err.Error(), "no rows") {
		t.Fatal(err)
	}
	keep(t, s.URL(), 1)
	home := s.place.home
	if filepath.Dir(home) != filepath.Join(public, "elsewhere") {
		t.Errorf("the database is in %s", home)
	}
	stop(t, s)
	if said := log.count("lives outside its folder"); said != 1 {
		t.Errorf("said %d times where the database is, want once", said)
	}

	s = start(t, cfg)
	if s.place.home != home {
		t.Errorf("found %s, want %s", s.place.home, home)
	}
	wantKept(t, s, 1)
	stop(t, s)

	if err := os.Rename(home, home+".away"); err != nil {
		t.Fatal(err)
	}
	if got := startFails(t, cfg); !strings.Contains(got, "which is gone: bring it back") {
		t.Error(got)
	}
	if err := os.Rename(home+".away", home); err != nil {
		t.Fatal(err)
	}
	wantKept(t, start(t, cfg), 1)
}

// A folder deleted and made anew begins with an empty database, and what a deleted temporary
// folder leaves elsewhere is swept away.
func TestTemporaryFolder(t *testing.T) {
	t.Parallel()
	asRoot(t)
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	find := func() string {
		p, err := findPlace(dir, nil, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		return p.home
	}
	first := find()
	t.Cleanup(func() { os.RemoveAll(first) })
	if !strings.HasPrefix(first, os.TempDir()) {
		t.Errorf("the database of a temporary folder is in %s", first)
	}
	if again := find(); again != first {
		t.Errorf("%s, then %s", first, again)
	}
	if err := os.Remove(filepath.Join(dir, "place")); err != nil {
		t.Fatal(err)
	}
	second := find()
	t.Cleanup(func() { os.RemoveAll(second) })
	if _, err := os.Stat(first); second == first || err == nil {
		t.Errorf("first %s (%v), second %s", first, err, second)
	}
}

func TestReaches(t *testing.T) {
	t.Parallel()
	asRoot(t)
	root := publicDir(t)
	who := newAccount("someone", 54321, 54322)
	for _, c := range []struct {
		mode     os.FileMode
		uid, gid int
		want     bool
	}{
		{0o755, 0, 0, true}, {0o711, 0, 0, true}, {0o700, 0, 0, false}, {0o750, 0, 0, false},
		{0o700, 54321, 0, true}, {0o610, 0, 54322, true}, {0o601, 0, 54322, false}, {0o077, 54321, 54322, false},
	} {
		dir := filepath.Join(root, "dir")
		if err := os.MkdirAll(filepath.Join(dir, "below"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.Chown(dir, c.uid, c.gid); err != nil {
			t.Fatal(err)
		}
		if err := os.Chmod(dir, c.mode); err != nil {
			t.Fatal(err)
		}
		if got := who.reaches(filepath.Join(dir, "below")); got != c.want {
			t.Errorf("%o of %d:%d: %v, want %v", c.mode, c.uid, c.gid, got, c.want)
		}
		// The kernel is the judge.
		cmd := exec.Command("/bin/sh", "-c", ":")
		cmd.Dir, cmd.SysProcAttr = filepath.Join(dir, "below"), &syscall.SysProcAttr{Credential: who.cred}
		if err := cmd.Run(); (err == nil) != c.want {
			t.Errorf("%o of %d:%d: the kernel says %v", c.mode, c.uid, c.gid, err)
		}
	}
}

func TestLongPath(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(publicDir(t), strings.Repeat("long/", 20), "folder")
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("cp", "-a", madeDir(t), dir).CombinedOutput(); err != nil {
		t.Fatalf("cp: %v: %s", err, out)
	}
	s := start(t, testConfig(dir))
	wantKept(t, s, 1)
	short := s.place.run
	if info, err := os.Stat(short); err != nil || info.Mode().Perm() != 0o700 || strings.HasPrefix(short, dir) {
		t.Errorf("the socket is in %s: %v, %v", short, info.Mode(), err)
	}
	stop(t, s)
	if _, err := os.Stat(short); err == nil {
		t.Error("the socket's folder is still there after Stop")
	}
	program, _, url := helper(t, dir)
	killProgram(t, program)
	s = start(t, testConfig(dir))
	if s.URL() != url {
		t.Error("the socket folder of a killed program wasn't found again")
	}
	wantKept(t, s, 1)
}

// The rest of this file's package runs as the user of the tests; this has some of it run by
// a user without any privilege.
func TestOrdinaryUser(t *testing.T) {
	t.Parallel()
	asRoot(t)
	dir := publicDir(t)
	program := filepath.Join(dir, "tests")
	copyProgram(t, program)
	tmp := filepath.Join(dir, "tmp")
	if err := os.Mkdir(tmp, 0o700); err != nil {
		t.Fatal(err)
	}
	who := newAccount("someone", fallbackID, fallbackID)
	if err := who.own(tmp); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, "-test.v", "-test.run", "^Test(PostmasterKilled|ProgramKilled|LongPath)$")
	cmd.Dir, cmd.SysProcAttr = tmp, helperAttr(who)
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "TMPDIR=" + tmp}
	out, err := cmd.CombinedOutput()
	if err != nil || strings.Count(string(out), "--- PASS") != 3 {
		t.Errorf("%v: %s", err, out)
	}
}

// copyProgram leaves the writing to another process: a file that a process forked in between still has
// open for writing can't be run ("text file busy").
func copyProgram(t *testing.T, to string) {
	t.Helper()
	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if out, err := exec.Command("cp", path, to).CombinedOutput(); err != nil {
		t.Fatalf("cp: %v: %s", err, out)
	}
}

func TestLog(t *testing.T) {
	t.Parallel()
	dir := madeDir(t)
	path := filepath.Join(dir, "postgres.log")
	if err := os.Truncate(path, maxLog+1); err != nil {
		t.Fatal(err)
	}
	cfg := testConfig(dir)
	cfg.Settings["shared_buffers"] = "nonsense"
	if got := startFails(t, cfg); !strings.Contains(got, `invalid value for parameter "shared_buffers": "nonsense"`) {
		t.Error(got)
	}
	if info, err := os.Stat(path + ".old"); err != nil || info.Size() != maxLog+1 {
		t.Errorf("the old log: %v", err)
	}
	s := start(t, testConfig(dir))
	if _, err := query[int](s.URL(), "SELECT 'a secret'::int"); err == nil {
		t.Fatal("that was no error")
	}
	if _, err := query[int](s.URL(), "SELECT n FROM kept WHERE n = 1 AND 'a secret' = no_such_column"); err == nil {
		t.Fatal("that was no error")
	}
	text, err := os.ReadFile(path)
	if err != nil || strings.Contains(string(text), "STATEMENT") || !strings.Contains(string(text), "no_such_column") {
		t.Errorf("%v: %s", err, lastLines(text, 8))
	}
}
