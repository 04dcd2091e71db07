package operators

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"orbit360.app/journey/journeytest"
)

// raw sends bytes as they are and gives the answer's status, head and body.
func raw(t *testing.T, p *journeytest.Program, request string) (status int, header http.Header, body string) {
	t.Helper()
	conn, err := net.Dial("tcp", "127.0.0.1:"+p.Port)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close() //nolint:errcheck // read to its end below
	if err := conn.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, request); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatalf("%q: %v", request, err)
	}
	defer res.Body.Close() //nolint:errcheck // it is read whole
	content, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, res.Header, string(content)
}

// TestHosts sends every kind of Host header. The shop is live, so a wrong one would show.
func TestHosts(t *testing.T) {
	t.Parallel()
	p := journeytest.Install(t)
	p.MustStart()
	pool := p.Database()
	ids := journeytest.Applicants(t, pool, 2)
	admin := p.Client()
	admin.SignIn()
	for i, sub := range []string{"alpha", "beta"} {
		admin.Must(303, "admin", "/merchants/"+ids[i].String()+"/activation", "theme", "upfront-modern", "plan", "starter",
			"subdomain", sub, "category", "books", "goLive", "on")
	}
	journeytest.Eventually(t, "two shops", func() bool {
		return journeytest.Count(t, pool, `SELECT count(*) FROM merchant_provisionings WHERE status = 'COMPLETED'`) == 2
	})

	get := func(host string) string { return "GET / HTTP/1.1\r\nHost: " + host + "\r\nConnection: close\r\n\r\n" }
	port := ":" + p.Port
	for name, tt := range map[string]struct {
		request string
		status  int
		shop    string // the page's shop
	}{
		"a shop":       {get("alpha.localhost" + port), 200, "Shop 0"},
		"another":      {get("beta.localhost" + port), 200, "Shop 1"},
		"upper case":   {get("ALPHA.LocalHost" + port), 200, "Shop 0"},
		"trailing dot": {get("alpha.localhost." + port), 200, "Shop 0"},
		"no port":      {get("alpha.localhost"), 200, "Shop 0"},
		"absolute form": {
			"GET http://alpha.localhost/ HTTP/1.1\r\nHost: alpha.localhost\r\nConnection: close\r\n\r\n", 200, "Shop 0"},
		"absolute form, other": {
			"GET http://beta.localhost/ HTTP/1.1\r\nHost: alpha.localhost\r\nConnection: close\r\n\r\n", 400, ""},
		"forwarded host": {
			"GET / HTTP/1.1\r\nHost: alpha.localhost\r\nX-Forwarded-Host: beta.localhost\r\nConnection: close\r\n\r\n", 200,
			"Shop 0"},
		"unknown":           {get("gamma.localhost" + port), 404, ""},
		"unknown domain":    {get("example.com"), 404, ""},
		"deeper":            {get("x.alpha.localhost"), 404, ""},
		"deeper than admin": {get("x.admin.localhost"), 404, ""},
		"ip":                {get("127.0.0.1" + port), 404, ""},
		"ip6":               {get("[::1]" + port), 404, ""},
		"big port":          {get("alpha.localhost:99999"), 400, ""},
		"named port":        {get("alpha.localhost:http"), 400, ""},
		"user":              {get("a@alpha.localhost"), 400, ""},
		"slash":             {get("alpha.localhost/x"), 400, ""},
		"quote":             {get(`alpha.localhost"`), 400, ""},
		"percent":           {get("%61lpha.localhost"), 400, ""},
		"NUL":               {get("alpha\x00.localhost"), 400, ""},
		"UTF-8":             {get("älpha.localhost"), 400, ""},
		"space":             {get("alpha .localhost"), 400, ""},
		"long label":        {get(strings.Repeat("a", 64) + ".localhost"), 400, ""},
		"long name":         {get(strings.Repeat("a.", 127) + "localhost"), 400, ""},
		"none":              {"GET / HTTP/1.1\r\nConnection: close\r\n\r\n", 400, ""},
		"empty":             {get(""), 400, ""},
		"two": {
			"GET / HTTP/1.1\r\nHost: alpha.localhost\r\nHost: beta.localhost\r\nConnection: close\r\n\r\n", 400, ""},
		"two lengths": {
			"POST / HTTP/1.1\r\nHost: alpha.localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", 400, ""},
		"length and chunked": {
			"POST / HTTP/1.1\r\nHost: alpha.localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400,
			""},
		"chunked and length": {
			"POST / HTTP/1.1\r\nHost: alpha.localhost\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n", 400,
			""},
		"big header": {"GET / HTTP/1.1\r\nHost: alpha.localhost\r\nX: " + strings.Repeat("x",
			40_000) + "\r\n\r\n", 431, ""},
		"health by address": {"GET /healthz HTTP/1.1\r\nHost: 10.0.0.7" + port + "\r\nConnection: close\r\n\r\n", 200,
			""},
		"readiness by HTTP/1.0": {"GET /readyz HTTP/1.0\r\n\r\n", 200, ""},
		"health without a name": {"GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n", 400, ""},
		"a page by HTTP/1.0":    {"GET / HTTP/1.0\r\n\r\n", 400, ""},
		"readiness by any name": {"GET /readyz HTTP/1.1\r\nHost: pod-17\r\nConnection: close\r\n\r\n", 200, ""},
		"a form without origin": {
			"POST /sign-in HTTP/1.1\r\nHost: admin.localhost\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", 403, ""},
		"a form of another site": {"POST /sign-in HTTP/1.1\r\nHost: admin.localhost\r\nOrigin: http://alpha.localhost" +
			port + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", 403, ""},
		"same site, other host": {
			"POST /sign-in HTTP/1.1\r\nHost: admin.localhost\r\nOrigin: http://admin.localhost\r\n" +
				"Sec-Fetch-Site: same-site\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", 403, ""},
		"origin null": {
			"POST /sign-in HTTP/1.1\r\nHost: admin.localhost\r\nOrigin: null\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
			403, ""},
		"apex": {get("localhost" + port), 200, ""},
		"www":  {get("www.localhost" + port), 200, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			status, header, body := raw(t, p, tt.request)
			if status != tt.status {
				t.Errorf("%d instead of %d\n%.600s", status, tt.status, body)
			}
			for i, shop := range []string{"Shop 0", "Shop 1"} {
				if strings.Contains(body, shop) != (tt.shop == shop) {
					t.Errorf("the page of %s: %v, shop %d", shop, !strings.Contains(body, shop), i)
				}
			}
			if tt.status == 404 && header.Get("Location") != "" {
				t.Error("a redirect built from the Host header:", header.Get("Location"))
			}
			if tt.status >= 400 && strings.Contains(body, "evil") {
				t.Error("the answer repeats the request")
			}
		})
	}
}

// TestChangesNeedPost asks for what changes something by GET, signed in.
func TestChangesNeedPost(t *testing.T) {
	t.Parallel()
	p := journeytest.Install(t)
	p.MustStart()
	admin := p.Client()
	admin.SignIn()
	id := journeytest.Applicants(t, p.Database(), 1)[0].String()
	for _, path := range []string{"/sign-out", "/merchants/" + id + "/activation", "/merchants/" + id + "/retry",
		"/merchants/" + id + "/suspension"} {
		if status, _, _, err := admin.Do("admin", path); err != nil || (status != 405 && status != 404) {
			t.Errorf("GET %s: %d %v", path, status, err)
		}
		if status, _, _, err := admin.Do("admin", path+"?_method=POST"); err != nil || (status != 405 && status != 404) {
			t.Errorf("GET %s with an override: %d %v", path, status, err)
		}
	}
	admin.Must(200, "admin", "/merchants")
	admin.Must(303, "admin", "/sign-out", "x", "y")
	admin.Must(303, "admin", "/merchants") // to sign in
}

// TestConfiguration starts the program with values that nobody meant: one line that names the variable.
func TestConfiguration(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"ADDR=3000", "BASE_DOMAIN=Example.com", "BASE_DOMAIN=localhost:3000",
		"PUBLIC_URL=https://other.example", "PUBLIC_URL=ftp://localhost",
		"DATABASE_URL=mysql://x", "DATABASE_APP_URL=postgres://x", "ADMIN_EMAIL=nobody", "ADMIN_PASSWORD=short",
		"SECRET_KEY=short", "SMTP_URL=http://x", "MAIL_FROM=nobody", "SUPPORT_EMAIL=nobody",
		"LOG_LEVEL=loud", "LOG_FORMAT=xml", "ACCESS_LOG=maybe", "TRUSTED_PROXIES=everybody"} {
		t.Run(bad, func(t *testing.T) {
			t.Parallel()
			p := journeytest.At(t, t.TempDir())
			// What can be checked without a database is: this folder is not for PostgreSQL to reach.
			err := p.Start(bad)
			name, value, _ := strings.Cut(bad, "=")
			text := strings.TrimSpace(fmt.Sprint(p.Out))
			if err == nil {
				p.Kill()
				t.Fatal("it started")
			}
			lines := strings.Split(text, "\n")
			if last := lines[len(lines)-1]; !strings.Contains(last, name) {
				t.Errorf("the line doesn't name %s: %s", name, last)
			}
			if name == "ADMIN_PASSWORD" && strings.Contains(text, value+"\n") {
				t.Error("the password was repeated")
			}
		})
	}
}
