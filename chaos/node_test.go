package chaos

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"orbit360.app/programtest"
)

// node is one process of the real program, and its successors at the same place.
type node struct {
	*programtest.Program
	w    *world
	env  []string
	http http.Client
}

// node adds a process to the world without starting it.
func (w *world) node(env ...string) *node {
	p := &programtest.Program{Port: freePort(w), Dir: filepath.Join(w.dir, fmt.Sprintf("node%d", len(w.nodes))),
		Out: &programtest.Log{}}
	n := &node{Program: p, w: w, env: env}
	n.http.Timeout = 30 * time.Second
	n.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	n.http.Transport = p.Transport()
	w.t.Cleanup(n.http.CloseIdleConnections)
	w.nodes = append(w.nodes, n)
	return n
}

func freePort(w *world) string {
	w.t.Helper()
	port, err := programtest.FreePort()
	if err != nil {
		w.t.Fatal(err)
	}
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

// variables returns a process's environment: the world may have changed since the one before.
func (n *node) variables() []string {
	return slices.Concat([]string{"PUBLIC_URL=" + publicURL, "BASE_DOMAIN=" + base, "DATABASE_URL=" + n.w.url,
		"SECRET_KEY=" + secretKey}, n.w.env, n.env)
}

func (n *node) launch() {
	n.w.t.Helper()
	if err := n.Start(n.variables()...); err != nil {
		n.w.t.Fatal(err)
	}
}

func (n *node) signal(s syscall.Signal) {
	n.w.t.Helper()
	if err := n.Signal(s); err != nil {
		n.w.t.Fatal(err)
	}
}

// complain shows what a node said, where a test failed.
func (n *node) complain() {
	if n.w.t.Failed() {
		n.w.t.Logf("node at port %s said at last:\n%s", n.Port, n.Out.Tail())
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
		url.Values{"email": {programtest.AdminEmail}, "password": {programtest.AdminPassword}}.Encode())
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
		n.w.t.Fatalf("signing in: %d\n%s", res.StatusCode, n.Out.Tail())
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
