package chaos

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"maps"
	"math/big"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/programtest"
)

// setupPage returns docs/setup.md. Its configurations are tested as they are written.
func setupPage(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("../docs/setup.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// block is the one code block of a language that holds a text.
func block(t *testing.T, page, language, holds string) string {
	t.Helper()
	var found []string
	for _, b := range regexp.MustCompile("(?s)```"+language+"\n(.*?)```").FindAllStringSubmatch(page, -1) {
		if strings.Contains(b[1], holds) {
			found = append(found, b[1])
		}
	}
	if len(found) != 1 {
		t.Fatalf("docs/setup.md has %d blocks of %s with %q", len(found), language, holds)
	}
	return found[0]
}

// replaced is the configuration with its addresses and files exchanged for the test's; each must be there.
func replaced(t *testing.T, text string, pairs ...string) string {
	t.Helper()
	for i := 0; i+1 < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("docs/setup.md lacks %q, which this test replaces:\n%s", pairs[i], text)
		}
		text = strings.ReplaceAll(text, pairs[i], pairs[i+1])
	}
	return text
}

// frontend holds the addresses of a proxy and of the two processes behind it, and where it finds its certificate.
type frontend struct {
	dir, plain, secure string // ports
	one, two           string
}

func (f frontend) nginx(t *testing.T, page string) (file, text string) {
	site := replaced(t, block(t, page, "nginx", "upstream orbit360"),
		"server 10.0.0.11:3000", "server 127.0.0.1:"+f.one, "server 10.0.0.12:3000", "server 127.0.0.1:"+f.two,
		"listen 80 default_server", "listen 127.0.0.1:"+f.plain+" default_server", "listen 443 ssl",
		"listen 127.0.0.1:"+f.secure+" ssl",
		"    listen [::]:80 default_server;\n", "", "    listen [::]:443 ssl http2 default_server;\n", "",
		"/etc/letsencrypt/live/orbit360.app/fullchain.pem", f.dir+"/cert.pem",
		"/etc/letsencrypt/live/orbit360.app/privkey.pem", f.dir+"/key.pem")
	temp := ""
	for _, what := range []string{"client_body", "proxy", "fastcgi", "uwsgi", "scgi"} {
		temp += what + "_temp_path " + f.dir + "/" + what + ";\n"
	}
	return filepath.Join(f.dir, "nginx.conf"), "daemon off;\nmaster_process off;\npid " + f.dir +
		"/nginx.pid;\nerror_log " + f.dir + "/error.log;\nevents {}\nhttp {\naccess_log off;\n" + temp + site + "}\n"
}

func (f frontend) haproxy(t *testing.T, page string) (file, text string) {
	return filepath.Join(f.dir, "haproxy.cfg"), replaced(t, block(t, page, "haproxy", "backend orbit360"),
		"server one 10.0.0.11:3000", "server one 127.0.0.1:"+f.one, "server two 10.0.0.12:3000",
		"server two 127.0.0.1:"+f.two,
		"bind :80\n", "bind 127.0.0.1:"+f.plain+"\n", "bind :443 ssl", "bind 127.0.0.1:"+f.secure+" ssl",
		"/etc/haproxy/orbit360.pem", f.dir+"/both.pem")
}

// certificate writes one for all names of the platform.
func (f frontend) certificate(t *testing.T) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: base},
		DNSNames: []string{base, "*." + base}, NotBefore: time.Now().Add(-time.Hour),
		NotAfter: time.Now().Add(24 * time.Hour)}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	certPEM, keyPEM := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: cert}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret})
	for name, content := range map[string][]byte{"cert.pem": certPEM, "key.pem": keyPEM,
		"both.pem": append(bytes.Clone(certPEM), keyPEM...)} {
		if err := os.WriteFile(filepath.Join(f.dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// proxies holds those that the page tells how to set up, by the program's name.
var proxies = []string{"nginx", "haproxy"}

func (f frontend) configuration(t *testing.T, proxy, page string) (command []string, file string) {
	t.Helper()
	f.certificate(t)
	write := f.nginx
	if proxy == "haproxy" {
		write = f.haproxy
	}
	file, text := write(t, page)
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	path, err := exec.LookPath(proxy)
	if err != nil {
		if path, err = exec.LookPath("/usr/sbin/" + proxy); err != nil {
			t.Skipf("%s isn't installed (Debian: apt install %s)", proxy, proxy)
		}
	}
	if proxy == "nginx" {
		return []string{path, "-e", filepath.Join(f.dir, "error.log"), "-c"}, file
	}
	return []string{path, "-f"}, file
}

// TestSetupPageIsSound checks the page's configurations by the proxies' own judgement, and its figures against the
// program's.
func TestSetupPageIsSound(t *testing.T) {
	t.Parallel()
	page := setupPage(t)
	for _, proxy := range proxies {
		t.Run(proxy, func(t *testing.T) {
			t.Parallel()
			f := frontend{dir: t.TempDir(), plain: "8080", secure: "8443", one: "3001", two: "3002"}
			command, file := f.configuration(t, proxy, page)
			check := append(command[:1:1], map[string][]string{"nginx": {"-e", f.dir + "/error.log", "-t", "-c", file},
				"haproxy": {"-c", "-f", file}}[proxy]...)
			if out, err := exec.Command(check[0], check[1:]...).CombinedOutput(); err != nil {
				t.Errorf("%v: %v\n%s", check, err, out)
			}
		})
	}
	t.Run("postgresql", func(t *testing.T) {
		t.Parallel()
		settings := map[string]string{}
		for line := range strings.Lines(block(t, page, "ini", "shared_buffers")) {
			name, value, _ := strings.Cut(line, " = ")
			value, _, _ = strings.Cut(value, "#")
			settings[name] = strings.TrimSpace(value)
		}
		if len(settings) < 10 {
			t.Fatalf("%d settings were read", len(settings))
		}
		settings["shared_buffers"] = "64MB" // this machine isn't the database's alone
		w := newWorld(t, settings)
		w.node().start()
		for name, want := range settings {
			if got := w.text(`SELECT current_setting($1)`, name); got != want && name != "shared_buffers" {
				t.Errorf("%s is %q, not the page's %q", name, got, want)
			}
		}
	})
	size := number(t, page, `client_max_body_size (\d+)m;`) << 20
	if size <= kit.UploadBytes || size > kit.UploadBytes+2<<20 {
		t.Errorf("nginx takes %d bytes on the page; it must be a little more than the program's %d, so that the program's "+
			"own message is shown", size, kit.UploadBytes)
	}
	drain := number(t, page, `DRAIN_DELAY=(\d+)s`)
	if kept := number(t, page, `keepalive_timeout (\d+)s;`); kept >= drain {
		t.Errorf("nginx keeps idle connections for %d s, and the process closes them after %d", kept, drain)
	}
	if inter, fall := number(t, page, `check inter (\d+)s fall`),
		number(t, page, `check inter \d+s fall (\d+)`); drain <= inter*fall+1 {
		t.Errorf("HAProxy needs %d checks every %d s to look away, and the process closes after %d s", fall, inter, drain)
	}
	if stop := number(t, page, `TimeoutStopSec=(\d+)`); stop < drain+26 {
		t.Errorf("systemd kills after %d s, and stopping takes up to %d", stop, drain+26)
	}
}

func number(t *testing.T, page, pattern string) int {
	t.Helper()
	found := regexp.MustCompile(pattern).FindStringSubmatch(page)
	if found == nil {
		t.Fatalf("docs/setup.md has no %s", pattern)
	}
	n, err := strconv.Atoi(found[1])
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// TestSetupPage sets the platform up as docs/setup.md says, with two processes behind nginx and behind HAProxy, and
// replaces them in turn under load: each request is answered as it should be, and no POST does its work twice.
func TestSetupPage(t *testing.T) {
	t.Parallel()
	if os.Getenv("DEPLOY_TESTS") == "" {
		t.Skip("takes about 6 minutes: set DEPLOY_TESTS=1 (DEPLOY_RESTARTS=20)")
	}
	restarts := 20
	if n, err := strconv.Atoi(os.Getenv("DEPLOY_RESTARTS")); err == nil {
		restarts = n
	}
	page := setupPage(t)
	for _, proxy := range proxies {
		t.Run(proxy, func(t *testing.T) { // one after the other: each has the machine for itself
			rollingDeploy(t, proxy, page, restarts)
		})
	}
}

func rollingDeploy(t *testing.T, proxy, page string, restarts int) {
	w := newWorld(t, nil, "TRUSTED_PROXIES=127.0.0.1/32", "OUTBOUND=hold",
		fmt.Sprintf("DRAIN_DELAY=%ds", number(t, page, `DRAIN_DELAY=(\d+)s`)))
	f := frontend{dir: filepath.Join(w.dir, proxy), plain: freePort(w), secure: freePort(w)}
	if err := os.Mkdir(f.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	w.env = append(w.env, "PUBLIC_URL=https://"+base+":"+f.secure)
	nodes := []*node{w.node(), w.node()}
	f.one, f.two = nodes[0].Port, nodes[1].Port
	command, file := f.configuration(t, proxy, page)
	for _, n := range nodes {
		n.launch()
	}
	run := exec.Command(command[0], append(command[1:], file)...)
	var said programtest.Log
	run.Stdout, run.Stderr = &said, &said
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = run.Process.Signal(syscall.SIGTERM)
		_ = run.Wait() // however it ends
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(f.dir, "error.log")) // nginx's alone
			t.Logf("%s said:\n%s\n%.6000s", proxy, said.Tail(), log)
		}
	})
	l := &load{t: t, secure: f.secure}
	admin := l.visitor(true)
	w.eventually("the proxy answers", func() bool {
		status, _, err := admin.do("GET", base, "/readyz")
		return err == nil && status == 200
	})
	l.redirects(f.plain)
	shop, variants, hook := l.prepare(w, admin)
	stop := make(chan struct{})
	var wait sync.WaitGroup
	begin := func(act func()) {
		wait.Go(func() {
			for {
				select {
				case <-stop:
					return
				case <-time.After(10 * time.Millisecond):
					act()
				}
			}
		})
	}
	for i := range 2 {
		reader, other := l.visitor(i == 0), l.visitor(i == 0)
		begin(func() { l.one(reader, 200, "GET", shop, "/") })
		begin(func() { l.one(other, 200, "GET", base, "/") })
	}
	begin(func() { l.one(admin, 200, "GET", "admin."+base, "/merchants") })
	pinger := l.visitor(true)
	pinger.cookies["admin."+base] = maps.Clone(admin.cookies["admin."+base])
	begin(func() {
		if l.one(pinger, 303, "POST", "admin."+base, "/webhooks/"+hook+"/ping") {
			l.pinged.Add(1)
		}
	})
	for i := range 3 {
		shopper := l.visitor(i == 0)
		begin(func() {
			// A line holds 999: before that the next product's turn comes, and after all of them a new cart's.
			if shopper.adds > 0 && shopper.adds%(900*len(variants)) == 0 {
				delete(shopper.cookies, shop)
			}
			if l.one(shopper, 303, "POST", shop, "/cart/add", "variant", variants[shopper.adds/900%len(variants)], "quantity",
				"1") {
				shopper.adds++
				l.added.Add(1)
			}
		})
	}
	for i := range restarts {
		n := nodes[i%2]
		if err := n.Stop(); err != nil {
			t.Errorf("SIGTERM: %v\n%s", err, n.Out.Tail())
		}
		n.launch()
		n.ready()
		time.Sleep(w.upTo(500 * time.Millisecond))
	}
	close(stop)
	wait.Wait()
	t.Logf("%s: %d restarts under %d requests: %d failed; %d added to carts, %d pings; the longest request took %v", proxy,
		restarts, l.sent.Load(), len(l.faults), l.added.Load(), l.pinged.Load(), l.worst.Round(time.Millisecond))
	if len(l.faults) > 0 {
		t.Errorf("%d of %d requests failed:\n%s", len(l.faults), l.sent.Load(),
			strings.Join(l.faults[:min(10, len(l.faults))], "\n"))
	}
	// Each POST that was answered did its work once, and those that weren't (there are none) not at all.
	if n := w.count(`SELECT coalesce(sum(quantity), 0) FROM cart_lines`); n != int(l.added.Load()) {
		t.Errorf("%d things are in carts, %d were added", n, l.added.Load())
	}
	if n := w.count(`SELECT count(*) FROM webhook_events WHERE kind = 'ping'`); n != int(l.pinged.Load()) {
		t.Errorf("%d pings were kept, %d were ordered", n, l.pinged.Load())
	}
}

// load is what people do while the platform is replaced under them, through the proxy.
type load struct {
	t             *testing.T
	secure        string
	sent          atomic.Int64
	added, pinged atomic.Int64
	mu            sync.Mutex
	worst         time.Duration
	faults        []string
}

// visitor is one browser that never tries anything again.
type visitor struct {
	secure  string
	http    http.Client
	cookies map[string]map[string]string // by host and name
	adds    int
}

func (l *load) visitor(http2 bool) *visitor {
	v := &visitor{secure: l.secure, cookies: map[string]map[string]string{}}
	protocols := &http.Protocols{}
	protocols.SetHTTP1(!http2)
	protocols.SetHTTP2(http2)
	transport := &http.Transport{
		DialContext: func(ctx context.Context, network, _ string) (net.Conn, error) {
			return new(net.Dialer).DialContext(ctx, network, "127.0.0.1:"+l.secure)
		},
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, // the proxy's certificate is the test's own
		Protocols:       protocols, MaxIdleConnsPerHost: 4,
	}
	v.http = http.Client{Timeout: 30 * time.Second, Transport: transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	l.t.Cleanup(transport.CloseIdleConnections)
	return v
}

func (v *visitor) do(method, host, path string, form ...string) (int, string, error) {
	values := url.Values{}
	for i := 0; i+1 < len(form); i += 2 {
		values.Set(form[i], form[i+1])
	}
	origin := "https://" + host + ":" + v.secure
	// A body that can't be sent again: Go's client would otherwise be one that tries again.
	var body io.Reader
	if method == http.MethodPost {
		body = io.NopCloser(strings.NewReader(values.Encode()))
	}
	req, err := http.NewRequest(method, origin+path, body)
	if err != nil {
		return 0, "", err
	}
	if method == http.MethodPost {
		req.ContentLength = int64(len(values.Encode()))
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set("Origin", origin)
		req.Header.Set("Sec-Fetch-Site", "same-origin")
	}
	for name, value := range v.cookies[host] {
		req.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	res, err := v.http.Do(req)
	if err == nil {
		for _, c := range res.Cookies() {
			if v.cookies[host] == nil {
				v.cookies[host] = map[string]string{}
			}
			v.cookies[host][c.Name] = c.Value
		}
	}
	return read(res, err)
}

// one is a request that has to be answered with a status.
func (l *load) one(v *visitor, want int, method, host, path string, form ...string) bool {
	asked := time.Now()
	status, body, err := v.do(method, host, path, form...)
	l.sent.Add(1)
	l.mu.Lock()
	defer l.mu.Unlock()
	l.worst = max(l.worst, time.Since(asked))
	if err != nil || status != want {
		l.faults = append(l.faults, fmt.Sprintf("%s %s%s: %d instead of %d, %v: %.200s", method, host, path, status, want,
			err, body))
		return false
	}
	return true
}

// redirects asks at the port without TLS.
func (l *load) redirects(port string) {
	l.t.Helper()
	client := http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	req, err := http.NewRequest(http.MethodGet, "http://127.0.0.1:"+port+"/apply?a=b", nil)
	if err != nil {
		l.t.Fatal(err)
	}
	req.Host = base
	res, err := client.Do(req)
	if err != nil {
		l.t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // nothing in it is wanted
	if to := res.Header.Get("Location"); res.StatusCode != 308 || to != "https://"+base+"/apply?a=b" {
		l.t.Errorf("without TLS: %d to %q", res.StatusCode, to)
	}
}

// prepare has an admin activate a shop, which is open and has no end of everything, and a webhook.
func (l *load) prepare(w *world, admin *visitor) (host string, variants []string, hook string) {
	t, panel := l.t, "admin."+base
	t.Helper()
	if status, body, err := admin.do("POST", panel, "/sign-in", "email", programtest.AdminEmail, "password",
		programtest.AdminPassword); err != nil || status != 303 {
		t.Fatalf("signing in: %d, %v\n%.500s", status, err, body)
	}
	for i, id := range w.applicants(2) { // the other one is a bystander: its carts stay empty
		name := fmt.Sprintf("setup-%d", i)
		if status, body, err := admin.do("POST", panel, "/merchants/"+id.String()+"/activation", "theme", "upfront-minimal",
			"plan", "starter", "subdomain", name, "category", "books", "goLive", "on"); err != nil || status != 303 {
			t.Fatalf("activation: %d, %v\n%.500s", status, err, body)
		}
	}
	w.eventually("both shops are there", func() bool {
		return w.count(`SELECT count(*) FROM merchant_provisionings WHERE status = 'COMPLETED'`) == 2
	})
	w.exec(`UPDATE variants SET stock = 100000`)
	variants = strings.Fields(w.text(`SELECT string_agg(v.id::text, ' ') FROM variants v
	JOIN products p ON p.merchant_id = v.merchant_id AND p.id = v.product_id AND p.status = 'active'
		WHERE v.merchant_id = (SELECT merchant_id FROM domains WHERE host = $1)`, "setup-0."+base))
	hook = orbit.NewID[orbit.Webhook]().String()
	if status, body, err := admin.do("POST", panel, "/webhooks", "id", hook, "url", "https://hooks.example.com/", "events",
		"merchant.activated"); err != nil || status != 201 {
		t.Fatalf("webhook: %d, %v\n%.500s", status, err, body)
	}
	w.eventually("the shop is open", func() bool {
		status, _, err := admin.do("GET", "setup-0."+base, "/")
		return err == nil && status == 200
	})
	return "setup-0." + base, variants, hook
}
