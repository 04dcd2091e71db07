package chaos

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"
)

// node is one process of the real program, and its successors at the same place.
type node struct {
	w    *world
	port string
	dir  string
	env  []string
	http http.Client

	mu  sync.Mutex
	cmd *exec.Cmd
	out *lockedBuffer
}

// node adds a process to the world without starting it.
func (w *world) node(env ...string) *node {
	n := &node{w: w, port: freePort(w), dir: filepath.Join(w.dir, fmt.Sprintf("node%d", len(w.nodes))), env: env,
		out: &lockedBuffer{}}
	n.http.Timeout = 30 * time.Second
	n.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	n.http.Transport = &http.Transport{DialContext: n.dial, MaxIdleConnsPerHost: 16, MaxConnsPerHost: 0}
	w.t.Cleanup(n.http.CloseIdleConnections)
	w.nodes = append(w.nodes, n)
	return n
}

func (n *node) dial(ctx context.Context, network, _ string) (net.Conn, error) {
	return new(net.Dialer).DialContext(ctx, network, "127.0.0.1:"+n.port)
}

func freePort(w *world) string {
	w.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	defer l.Close() //nolint:errcheck // only the number is wanted
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// start starts a process and waits until it says that it runs. The first one of a world is signed in to.
func (n *node) start() {
	n.w.t.Helper()
	n.launch()
	if n.w.cookie() == "" {
		n.signIn()
	}
}

func (n *node) command(path string) *exec.Cmd {
	cmd := exec.Command(path)
	cmd.Env = append(os.Environ(), "ADDR=127.0.0.1:"+n.port, "PUBLIC_URL="+publicURL, "BASE_DOMAIN="+base,
		"DATA_DIR="+n.dir, "DATABASE_URL="+n.w.url,
		"SECRET_KEY="+secretKey, "ADMIN_EMAIL="+adminEmail, "ADMIN_PASSWORD="+adminPassword)
	cmd.Env = append(append(cmd.Env, n.w.env...), n.env...)
	return cmd
}

func (n *node) launch() {
	n.w.t.Helper()
	path, err := binary()
	if err != nil {
		n.w.t.Fatal(err)
	}
	if err := n.run(n.command(path)); err != nil {
		n.w.t.Fatal(err)
	}
}

func (n *node) run(cmd *exec.Cmd) error {
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	cmd.Stderr = n.out
	if err := cmd.Start(); err != nil {
		return err
	}
	n.mu.Lock()
	n.cmd = cmd
	n.mu.Unlock()
	running := make(chan bool, 1)
	go func() {
		lines := bufio.NewScanner(stdout)
		for lines.Scan() {
			if strings.HasPrefix(lines.Text(), "ORBIT360 is running") {
				running <- true
			}
		}
		close(running)
	}()
	select {
	case ok := <-running:
		if !ok {
			err := cmd.Wait()
			n.mu.Lock()
			n.cmd = nil
			n.mu.Unlock()
			return fmt.Errorf("it didn't start: %v\n%s", err, n.out.tail())
		}
		return nil
	case <-time.After(patience):
		return fmt.Errorf("it didn't start in %v\n%s", patience, n.out.tail())
	}
}

func (n *node) taken() *exec.Cmd {
	n.mu.Lock()
	defer n.mu.Unlock()
	cmd := n.cmd
	n.cmd = nil
	return cmd
}

// kill is kill -9.
func (n *node) kill() {
	if cmd := n.taken(); cmd != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // "signal: killed"
	}
}

// stop is SIGTERM; it returns how the program ended.
func (n *node) stop() error {
	cmd := n.taken()
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return cmd.Wait()
}

func (n *node) signal(s syscall.Signal) {
	n.w.t.Helper()
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := n.cmd.Process.Signal(s); err != nil {
		n.w.t.Fatal(err)
	}
}

// complain shows what a node said, where a test failed.
func (n *node) complain() {
	if n.w.t.Failed() {
		n.w.t.Logf("node at port %s said at last:\n%s", n.port, n.out.tail())
	}
}

// do sends a request to a host of the platform at this node.
func (n *node) do(method, cookie, host, path, body string) (*http.Response, error) {
	req, err := http.NewRequest(method, "http://"+host+":3000"+path, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Origin", "http://"+host+":3000")
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	if cookie != "" {
		req.Header.Set("Cookie", cookie)
	}
	return n.http.Do(req)
}

func (n *node) get(cookie, host, path string) (int, string, error) {
	return read(n.do(http.MethodGet, cookie, host, path, ""))
}

// post sends a form to the admin panel.
func (n *node) post(cookie, path string, form ...string) (int, string, error) {
	v := url.Values{}
	for i := 0; i+1 < len(form); i += 2 {
		v.Set(form[i], form[i+1])
	}
	return read(n.do(http.MethodPost, cookie, "admin."+base, path, v.Encode()))
}

func read(res *http.Response, err error) (int, string, error) {
	if err != nil {
		return 0, "", err
	}
	defer res.Body.Close() //nolint:errcheck // it has been read
	text, err := io.ReadAll(res.Body)
	return res.StatusCode, string(text), err
}

func (n *node) signIn() {
	n.w.t.Helper()
	res, err := n.do(http.MethodPost, "", "admin."+base, "/sign-in",
		url.Values{"email": {adminEmail}, "password": {adminPassword}}.Encode())
	if err != nil {
		n.w.t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // nothing in it is wanted
	for _, c := range res.Cookies() {
		n.w.mu.Lock()
		n.w.session = c.Name + "=" + c.Value
		n.w.mu.Unlock()
	}
	if res.StatusCode != 303 || n.w.cookie() == "" {
		n.w.t.Fatalf("signing in: %d\n%s", res.StatusCode, n.out.tail())
	}
}

// ready waits until the node can serve.
func (n *node) ready() {
	n.w.t.Helper()
	n.w.eventually("the node is ready", func() bool {
		status, _, err := n.get("", base, "/readyz")
		return err == nil && status == 200
	})
}

type lockedBuffer struct {
	mu  sync.Mutex
	buf []byte
}

// Write keeps the last of what is written.
func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.buf = append(b.buf, p...); len(b.buf) > 64<<10 {
		b.buf = append([]byte(nil), b.buf[len(b.buf)-32<<10:]...)
	}
	return len(p), nil
}

func (b *lockedBuffer) tail() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return string(b.buf[max(0, len(b.buf)-6000):])
}
