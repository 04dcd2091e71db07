package journey

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"orbit360.app/programtest"
	"orbit360.app/store/storetest"
)

func TestMain(m *testing.M) {
	code := storetest.Run(m)
	if err := programtest.Clean(); err != nil {
		fmt.Fprintln(os.Stderr, err) // a leftover in the temporary folder is no failure
	}
	os.Exit(code)
}

// program is an installation of a test's own: what goes wrong with it fails the test.
type program struct {
	*programtest.Program
	t *testing.T
}

// install prepares an installation without starting it.
func install(t *testing.T, env ...string) *program {
	t.Helper()
	dir, err := programtest.Folder("installation")
	if err != nil {
		t.Fatal(err)
	}
	p := at(t, filepath.Join(dir, "data"), env...)
	t.Cleanup(func() {
		p.Kill()
		if err := os.RemoveAll(dir); err != nil {
			t.Log(err)
		}
	})
	return p
}

// at is install with a DATA_DIR that is there already.
func at(t *testing.T, dir string, env ...string) *program {
	t.Helper()
	return &program{&programtest.Program{Port: freePort(t), Dir: dir, Env: env}, t}
}

func freePort(t *testing.T) string {
	t.Helper()
	port, err := programtest.FreePort()
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// start starts a process and waits until it says that it runs.
func (p *program) start(env ...string) {
	p.t.Helper()
	if err := p.Start(env...); err != nil {
		p.t.Fatal(err)
	}
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
	c.http.Transport = p.Transport()
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
	req, err := http.NewRequest(method, c.p.URL(host, path), strings.NewReader(body))
	if err != nil {
		return 0, "", "", err
	}
	if form != nil {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Origin", strings.TrimSuffix(c.p.URL(host, ""), "/"))
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
		c.p.t.Fatalf("%s%s: %d instead of %d, %v\n%.2000s\n%s", host, path, got, status, err, body, c.p.Out)
	}
	return body, location
}

// signIn signs in as the first admin.
func (c *client) signIn() {
	c.p.t.Helper()
	c.must(303, "admin", "/sign-in", "email", programtest.AdminEmail, "password", programtest.AdminPassword)
}
