package main

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"orbit360.app/store/storetest"
)

// binary is the real program, built once for all tests of this package.
var binary = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "orbit360-binary-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "orbit360")
	out, err := exec.Command("go", "build", "-o", path, ".").CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := storetest.Run(m)
	if path, err := binary(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path)) // a leftover in the temporary folder is no failure
	}
	os.Exit(code)
}

const (
	adminEmail    = "admin@example.com"
	adminPassword = "correct horse battery"
)

// program is one installation: a folder, a port, and the processes started on them one after another.
type program struct {
	t    *testing.T
	dir  string
	port string
	env  []string
	path string // of another program than this one, empty for this one

	cmd *exec.Cmd
	out *lockedBuffer
}

// install prepares an installation without starting it.
func install(t *testing.T, env ...string) *program {
	t.Helper()
	// Not t.TempDir: PostgreSQL runs as another user where the tests run as root, and must get there.
	dir, err := os.MkdirTemp("", "orbit360-installation-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	p := &program{t: t, dir: dir, port: freePort(t), env: env}
	t.Cleanup(func() {
		p.kill()
		if err := os.RemoveAll(dir); err != nil {
			t.Log(err)
		}
	})
	return p
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // only the number is wanted
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// start starts a process and waits until it says that it runs.
func (p *program) start(env ...string) {
	p.t.Helper()
	if err := p.tryStart(env...); err != nil {
		p.t.Fatal(err)
	}
}

func (p *program) tryStart(env ...string) error {
	path, err := p.path, error(nil)
	if path == "" {
		path, err = binary()
	}
	if err != nil {
		return err
	}
	if p.out == nil { // a restart goes on in the same log
		p.out = &lockedBuffer{}
	}
	p.cmd = exec.Command(path)
	p.cmd.Env = append(os.Environ(), "ADDR=127.0.0.1:"+p.port, "DATA_DIR="+filepath.Join(p.dir, "data"),
		"ADMIN_EMAIL="+adminEmail, "ADMIN_PASSWORD="+adminPassword)
	p.cmd.Env = append(append(p.cmd.Env, p.env...), env...)
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	p.cmd.Stderr = p.out
	if err := p.cmd.Start(); err != nil {
		return err
	}
	running := make(chan bool, 1)
	go func() {
		lines := bufio.NewScanner(stdout)
		for lines.Scan() {
			fmt.Fprintln(p.out, lines.Text())
			if strings.HasPrefix(lines.Text(), "ORBIT360 is running") {
				running <- true
			}
		}
		close(running)
	}()
	select {
	case ok := <-running:
		if !ok {
			err := p.cmd.Wait()
			p.cmd = nil
			return fmt.Errorf("it didn't start: %v\n%s", err, p.out)
		}
		return nil
	case <-time.After(60 * time.Second):
		return fmt.Errorf("it didn't start in a minute\n%s", p.out)
	}
}

// kill is kill -9 of the program alone.
func (p *program) kill() {
	if p.cmd == nil {
		return
	}
	_ = p.cmd.Process.Kill()
	_ = p.cmd.Wait() // "signal: killed"
	p.cmd = nil
}

// stop is SIGTERM; it returns how the program ended.
func (p *program) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	err := p.cmd.Wait()
	p.cmd = nil
	return err
}

// url is an address of the installation: url("admin", "/merchants"); host "" is the apex.
func (p *program) url(host, path string) string {
	if host != "" {
		host += "."
	}
	return "http://" + host + "localhost:" + p.port + path
}

// client talks to the installation as one browser would, without needing *.localhost to resolve.
type client struct {
	p    *program
	http http.Client
	jar  map[string]string // host -> cookie
}

func (p *program) client() *client {
	c := &client{p: p, jar: map[string]string{}}
	c.http.Timeout = 30 * time.Second
	c.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	c.http.Transport = &http.Transport{DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, network, "127.0.0.1:"+p.port)
	}, MaxIdleConnsPerHost: 64}
	p.t.Cleanup(c.http.CloseIdleConnections)
	return c
}

// do sends a request; form makes it a POST from the host's own page. It gives status, body and Location.
func (c *client) do(host, path string, form ...string) (int, string, string, error) {
	method, body := http.MethodGet, ""
	if form != nil {
		method = http.MethodPost
		body = encode(form)
	}
	req, err := http.NewRequest(method, c.p.url(host, path), strings.NewReader(body))
	if err != nil {
		return 0, "", "", err
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Origin", strings.TrimSuffix(c.p.url(host, ""), "/"))
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if cookie := c.jar[host]; cookie != "" {
		req.Header.Set("Cookie", cookie)
	}
	res, err := c.http.Do(req)
	if err != nil {
		return 0, "", "", err
	}
	defer res.Body.Close() //nolint:errcheck // it has been read
	for _, cookie := range res.Cookies() {
		c.jar[host] = withCookie(c.jar[host], cookie)
	}
	text, err := io.ReadAll(res.Body)
	return res.StatusCode, string(text), res.Header.Get("Location"), err
}

// withCookie is a Cookie header with another cookie set.
func withCookie(header string, set *http.Cookie) string {
	kept, _ := http.ParseCookie(header) // of our own making
	pairs := []string{set.Name + "=" + set.Value}
	for _, c := range kept {
		if c.Name != set.Name {
			pairs = append(pairs, c.Name+"="+c.Value)
		}
	}
	return strings.Join(pairs, "; ")
}

func encode(form []string) string {
	var pairs []string
	for i := 0; i+1 < len(form); i += 2 {
		pairs = append(pairs, form[i]+"="+escape(form[i+1]))
	}
	return strings.Join(pairs, "&")
}

func escape(s string) string {
	return regexp.MustCompile(`[^A-Za-z0-9_.~-]`).ReplaceAllStringFunc(s, func(c string) string {
		var b strings.Builder
		for i := range len(c) {
			fmt.Fprintf(&b, "%%%02X", c[i])
		}
		return b.String()
	})
}

// must is do for a request that has to succeed with one of the statuses.
func (c *client) must(status int, host, path string, form ...string) (body, location string) {
	c.p.t.Helper()
	got, body, location, err := c.do(host, path, form...)
	if err != nil || got != status {
		c.p.t.Fatalf("%s%s: %d instead of %d, %v\n%.2000s\n%s", host, path, got, status, err, body, c.p.out)
	}
	return body, location
}

// signIn signs in as the first admin.
func (c *client) signIn() {
	c.p.t.Helper()
	c.must(303, "admin", "/sign-in", "email", adminEmail, "password", adminPassword)
}

type lockedBuffer struct {
	mu  sync.Mutex
	buf []byte
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.buf = append(b.buf, p...)
	return len(p), nil
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return string(b.buf)
}
