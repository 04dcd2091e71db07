package postgres

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// serveDir makes a re-executed test binary start a server there, say so on its standard
// output and wait to be killed; see helper.
const serveDir = "ORBIT360_TEST_SERVE"

func TestMain(m *testing.M) {
	if dir := os.Getenv(serveDir); dir != "" {
		s, err := Start(context.Background(), testConfig(dir))
		if err != nil {
			fmt.Println("error", err)
			os.Exit(1)
		}
		fmt.Println("ready", s.PID(), s.URL())
		select {}
	}
	code := m.Run()
	if template.root != "" {
		if err := os.RemoveAll(template.root); err != nil {
			fmt.Fprintln(os.Stderr, err)
		}
	}
	os.Exit(code)
}

func testConfig(dir string) Config {
	return Config{Dir: dir, Settings: map[string]string{"fsync": "off", "shared_buffers": "8MB"},
		test: testOptions{throwaway: true, haste: 8}}
}

// publicDir is a temporary folder that every user can walk to; t.TempDir isn't.
func publicDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "orbit360-test-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

var template struct {
	once sync.Once
	root string
	err  error
}

// madeDir is the folder of a cluster that was started and stopped once, and holds the table
// kept with the row 1. initdb runs once for all tests.
func madeDir(t *testing.T) string {
	t.Helper()
	template.once.Do(func() { template.root, template.err = makeTemplate() })
	if template.err != nil {
		t.Fatal(template.err)
	}
	dir := filepath.Join(publicDir(t), "pg")
	if out, err := exec.Command("cp", "-a", template.root, dir).CombinedOutput(); err != nil {
		t.Fatalf("cp: %v: %s", err, out)
	}
	return dir
}

func makeTemplate() (string, error) {
	root, err := os.MkdirTemp("", "orbit360-template-")
	if err != nil {
		return "", err
	}
	s, err := Start(context.Background(), testConfig(root))
	if err != nil {
		return root, err
	}
	conn, err := pgx.Connect(context.Background(), s.URL())
	if err != nil {
		return root, err
	}
	defer closeConn(conn)
	if _, err := conn.Exec(context.Background(),
		"CREATE TABLE kept (n int PRIMARY KEY); INSERT INTO kept VALUES (1)"); err != nil {
		return root, err
	}
	return root, s.Stop(context.Background())
}

func start(t *testing.T, cfg Config) *Server {
	t.Helper()
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.NewTextHandler(t.Output(), nil))
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	s, err := Start(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, s) })
	return s
}

// startFails returns the error of a Start that must fail, in one line.
func startFails(t *testing.T, cfg Config) string {
	t.Helper()
	s, err := Start(t.Context(), cfg)
	if err == nil {
		stop(t, s)
		t.Fatal("it started")
	}
	if strings.Contains(err.Error(), "\n") {
		t.Errorf("not one line: %v", err)
	}
	return err.Error()
}

// stop stops s and checks that nothing of it is left.
func stop(t *testing.T, s *Server) {
	t.Helper()
	if err := s.Stop(context.Background()); err != nil {
		t.Error(err)
	}
	if pid := s.PID(); pid != 0 {
		t.Errorf("PID is %d after Stop", pid)
	}
	if left := processesOf(t, s.place); len(left) > 0 {
		t.Errorf("left running: %v", left)
	}
}

// processesOf finds everything that has the data folder or the cluster's name in its arguments,
// which is wider than what relics looks for.
func processesOf(t *testing.T, p *place) []string {
	t.Helper()
	all, err := listProcesses()
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, pr := range all {
		line := strings.Join(pr.args, " ")
		if strings.Contains(line, p.clusterName()) || strings.Contains(line, p.data()) {
			found = append(found, fmt.Sprint(pr.pid, " ", line))
		}
	}
	return found
}

// helper starts a server on dir in a process of its own and returns that and the server's URL.
func helper(t *testing.T, dir string) (program *exec.Cmd, postmaster int, url string) {
	t.Helper()
	cmd, out := helperStart(t, dir)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	if _, err := fmt.Sscanf(line, "ready %d %s", &postmaster, &url); err != nil {
		t.Fatalf("helper said %q", line)
	}
	return cmd, postmaster, url
}

func helperStart(t *testing.T, dir string) (*exec.Cmd, io.Reader) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program)
	cmd.Env = append(os.Environ(), serveDir+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		// Killed already, by the test, if all went well.
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return cmd, out
}

func kill(t *testing.T, pid int) {
	t.Helper()
	if err := syscall.Kill(pid, syscall.SIGKILL); err != nil {
		t.Fatalf("kill -9 %d: %v", pid, err)
	}
}

// killProgram kills a helper and returns when it has gone.
func killProgram(t *testing.T, program *exec.Cmd) {
	t.Helper()
	kill(t, program.Process.Pid)
	_ = program.Wait() // "signal: killed"
}

// eventually polls until ok, or fails the test.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("timed out waiting: %s", what)
		}
		if err := pause(t.Context(), 2*time.Millisecond); err != nil {
			t.Fatal(err)
		}
	}
}

func query[T any](url, sql string) (T, error) {
	var value T
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return value, err
	}
	defer closeConn(conn)
	err = conn.QueryRow(ctx, sql).Scan(&value)
	return value, err
}

func ask[T any](t *testing.T, url, sql string) T {
	t.Helper()
	value, err := query[T](url, sql)
	if err != nil {
		t.Fatalf("%s: %v", sql, err)
	}
	return value
}

// keep commits a row that must be there ever after.
func keep(t *testing.T, url string, n int) {
	t.Helper()
	ask[int](t, url, fmt.Sprintf("INSERT INTO kept VALUES (%d) RETURNING n", n))
}

func wantKept(t *testing.T, s *Server, want int) {
	t.Helper()
	if got := ask[int](t, s.URL(), "SELECT count(*) FROM kept"); got != want {
		t.Errorf("%d committed rows are there, want %d", got, want)
	}
}

// safeBuffer collects a log.
type safeBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *safeBuffer) count(text string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.Count(b.buf.String(), text)
}
