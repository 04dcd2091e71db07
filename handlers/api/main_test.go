package api_test

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/valyala/fasthttp"

	"orbit360.app/handlers/api"
	"orbit360.app/handlers/kit"
	"orbit360.app/imports"
	"orbit360.app/jobs"
	"orbit360.app/jobs/jobstest"
	"orbit360.app/live"
	"orbit360.app/mail"
	"orbit360.app/orbit"
	"orbit360.app/payments"
	"orbit360.app/provision"
	"orbit360.app/store"
	"orbit360.app/store/storetest"
	"orbit360.app/themes"
	"orbit360.app/themes/classic"
	"orbit360.app/themes/minimal"
	"orbit360.app/themes/modern"
	"orbit360.app/webhooks"
)

func TestMain(m *testing.M) { storetest.Main(m) }

const (
	adminEmail    = "ada@example.com"
	ownerEmail    = "owner@example.com"
	adminPassword = "correct horse battery"
)

var tokenKey = []byte("0123456789abcdef0123456789abcdef")

// platform is the API on a port of its own, over a database of its own, with an admin and a merchant.
type platform struct {
	t      *testing.T
	db     *store.DB
	kit    *kit.Kit
	api    *api.API
	live   *live.Feed
	queue  jobs.Queue
	hooks  jobs.Queue // of deliveries to webhooks
	url    string
	token  string        // of the admin
	broken chan struct{} // closed: websites answer; open: the last step fails
	super  string        // URL of the database for what only a test may do
}

// setup is what a platform has that others don't need.
type setup struct {
	providers map[string]payments.Provider
	log       io.Writer // gets all that is logged
}

func newPlatform(t *testing.T, of ...setup) *platform {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	serving := storetest.NewURL(t)
	db, err := store.Open(t.Context(), serving)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	p := &platform{t: t, db: db, url: "http://" + l.Addr().String(), broken: make(chan struct{}),
		super: storetest.SuperURL(serving)}
	addresses := orbit.Addresses{Scheme: "http", Base: "localhost", Port: port}
	composer := mail.Composer{Addresses: addresses, Status: orbit.EmailLocal}
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelWarn}))
	engines := themes.NewSet(modern.New(), classic.New(), minimal.New())
	p.live = live.New(live.Config{DB: db, Log: log})
	p.queue = provision.Queue(provision.Config{DB: db, Log: log, Addresses: addresses, Mail: composer, Engines: engines,
		Visit: func(context.Context, string) provision.Visitor { return p.visit }})
	var own setup
	for _, own = range of {
		log = slog.New(slog.NewTextHandler(own.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	}
	pay, err := payments.New(payments.Config{DB: db, Log: log, Mail: composer, Addresses: addresses,
		Keys: orbit.NewSecretKeys(tokenKey), Providers: own.providers})
	if err != nil {
		t.Fatal(err)
	}
	p.kit = kit.New(kit.Kit{DB: db, Addresses: addresses, Log: log, Mail: composer, LocalEmail: true, Payments: pay})
	service, err := webhooks.New(webhooks.Config{DB: db, Log: log, Keys: orbit.NewSecretKeys(tokenKey), Private: true})
	if err != nil {
		t.Fatal(err)
	}
	p.hooks = service.Queue()
	p.api = api.New(p.kit, p.live, engines, service, tokenKey)
	server := &fasthttp.Server{Handler: p.api.Handler(), NoDefaultServerHeader: true, ReadBufferSize: 16 << 10,
		MaxRequestBodySize: 1 << 20}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		p.kit.CloseStreams(ctx)
		if err := server.ShutdownWithContext(ctx); err != nil {
			t.Error(err)
		}
	})
	hash, err := kit.HashPassword(adminPassword)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.EnsureAdmin(t.Context(), adminEmail, "Ada Okafor", hash); err != nil {
		t.Fatal(err)
	}
	p.exec(`INSERT INTO users (id, email, name, role, password_hash, password_changed_at)
		VALUES (gen_random_uuid(), $1, 'Olu', 'merchant', $2, now())`, ownerEmail, hash)
	p.token = p.signIn(adminEmail)
	return p
}

func (p *platform) visit(string) (int, []byte, error) {
	select {
	case <-p.broken:
		return 200, []byte("</html>"), nil
	default:
		return 0, nil, orbit.Permanent(errors.New("down"))
	}
}

// work starts the jobs; websites answer from the beginning unless failing.
func (p *platform) work(failing bool) {
	p.t.Helper()
	if !failing {
		close(p.broken)
	}
	files := imports.New(imports.Config{DB: p.db, Log: slog.New(slog.DiscardHandler)})
	jobstest.Start(p.t, p.live, append(files.Queues(), p.queue, p.hooks)...)
}

type option func(*http.Request)

// anonymous sends no token.
func anonymous(r *http.Request) { r.Header.Del("Authorization") }

func bearer(token string) option {
	return func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+token) }
}

func with(name, value string) option { return func(r *http.Request) { r.Header.Set(name, value) } }

// answer is what came back, its body read as JSON where it is.
type answer struct {
	*http.Response
	raw  []byte
	json map[string]any
}

// do asks as the admin. body is nil, a string sent as it is, or a value sent as JSON.
func (p *platform) do(method, path string, body any, options ...option) answer {
	p.t.Helper()
	var content io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		content = strings.NewReader(b)
	default:
		data, err := json.Marshal(b)
		if err != nil {
			p.t.Fatal(err)
		}
		content = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(p.t.Context(), method, p.url+path, content)
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+p.token)
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	for _, o := range options {
		o(req)
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		p.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer res.Body.Close() //nolint:errcheck // it has been read
	a := answer{Response: res}
	if a.raw, err = io.ReadAll(res.Body); err != nil {
		p.t.Fatal(err)
	}
	if strings.Contains(res.Header.Get("Content-Type"), "json") && len(a.raw) > 0 {
		if err := json.Unmarshal(a.raw, &a.json); err != nil {
			p.t.Fatalf("%s %s: %v in %s", method, path, err, a.raw)
		}
	}
	return a
}

// want fails the test unless the status is the one; problems must be whole.
func (a answer) want(t *testing.T, status int) answer {
	t.Helper()
	if a.StatusCode != status {
		t.Fatalf("%s %s answered %d, want %d: %s", a.Request.Method, a.Request.URL.Path, a.StatusCode, status, a.raw)
	}
	if a.Header.Get("RateLimit") == "" || a.Header.Get("RateLimit-Policy") == "" {
		t.Errorf("%s %s: no RateLimit headers", a.Request.Method, a.Request.URL.Path)
	}
	if status >= 400 && a.Request.Method != http.MethodHead {
		if kind := a.Header.Get("Content-Type"); kind != "application/problem+json" {
			t.Errorf("%s %s: %d is %s", a.Request.Method, a.Request.URL.Path, status, kind)
		}
		for _, key := range []string{"type", "title", "status", "detail", "instance", "errors"} {
			if _, ok := a.json[key]; !ok {
				t.Errorf("a problem without %s: %s", key, a.raw)
			}
		}
		if a.json["status"] != float64(status) {
			t.Errorf("the problem says %v, the answer %d", a.json["status"], status)
		}
	}
	return a
}

// at is a value inside the answer: at("deployment", "websiteUrl").
func (a answer) at(path ...any) any {
	var v any = a.json
	for _, key := range path {
		switch in := v.(type) {
		case map[string]any:
			name, _ := key.(string)
			v = in[name]
		case []any:
			n, ok := key.(int)
			if !ok || n >= len(in) {
				return nil
			}
			v = in[n]
		default:
			return nil
		}
	}
	return v
}

// locations returns where a problem's errors are.
func (a answer) locations() (all []string) {
	list, _ := a.json["errors"].([]any)
	for _, e := range list {
		all = append(all, e.(map[string]any)["location"].(string))
	}
	return all
}

func (p *platform) signIn(email string) string {
	p.t.Helper()
	return p.signInTo(email, "")
}

const base = "/api/provisioning"

func (p *platform) merchant(name string) string {
	p.t.Helper()
	return p.do("POST", base+"/merchants", map[string]string{"name": name, "ownerName": "Olu Ade", "email": ownerEmail,
		"category": "fashion"}).want(p.t, 201).at("id").(string)
}

// shop sets a shop up for a person with an account, and returns its id. The jobs must be at work.
func (p *platform) shop(name, subdomain, owner string) string {
	p.t.Helper()
	id := p.do("POST", base+"/merchants", map[string]string{"name": name, "ownerName": "Olu Ade", "email": owner,
		"category": "fashion"}).want(p.t, 201).at("id").(string)
	p.do("POST", base+"/merchants/"+id+"/activate", order(subdomain)).want(p.t, 202)
	if events := p.follow(id); events[len(events)-1]["status"] != "COMPLETED" {
		p.t.Fatalf("%s ended with %v", name, events[len(events)-1])
	}
	return id
}

// ready gives a shop all that it needs to be opened.
func (p *platform) ready(merchant string) {
	p.t.Helper()
	p.exec(`UPDATE products SET sample = false, status = 'active' WHERE merchant_id = $1`, merchant)
	p.exec(`UPDATE settings SET email = 'hello@example.com', address = '{"line1": "12 Quay Street", "city": "Bristol",
		"postcode": "BS1 4QA", "country": "GB"}' WHERE merchant_id = $1`, merchant)
}

// person makes an account with the password of all the others.
func (p *platform) person(email string) {
	p.t.Helper()
	p.exec(`INSERT INTO users (id, email, name, role, password_hash, password_changed_at)
		SELECT gen_random_uuid(), $1, 'Eve', 'merchant', password_hash, now() FROM users WHERE email = $2`, email, ownerEmail)
}

// signInTo gives a person's token for a shop.
func (p *platform) signInTo(email, merchant string) string {
	p.t.Helper()
	return p.do("POST", "/api/auth/token", map[string]any{"email": email, "password": adminPassword,
		"merchant": merchant}, anonymous).want(p.t, 200).at("accessToken").(string)
}

func order(subdomain string) map[string]any {
	return map[string]any{"theme": "upfront-modern", "plan": "starter", "subdomain": subdomain, "category": "fashion"}
}

// follow reads a merchant's events to the end of the stream.
func (p *platform) follow(merchant string) (events []map[string]any) {
	p.t.Helper()
	ctx, cancel := context.WithTimeout(p.t.Context(), 30*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "GET", p.url+base+"/merchants/"+merchant+"/provisioning-events", nil)
	if err != nil {
		p.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+p.token)
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close() //nolint:errcheck // it has been read
	if kind := res.Header.Get("Content-Type"); res.StatusCode != 200 || !strings.HasPrefix(kind, "text/event-stream") {
		p.t.Fatalf("events: %d %s", res.StatusCode, kind)
	}
	lines := bufio.NewScanner(res.Body)
	lines.Buffer(nil, 1<<20)
	name := ""
	for lines.Scan() {
		switch line := lines.Text(); {
		case strings.HasPrefix(line, "event: "):
			name = line[len("event: "):]
		case strings.HasPrefix(line, "data: "):
			var v map[string]any
			if err := json.Unmarshal([]byte(line[len("data: "):]), &v); err != nil || name != "status" {
				p.t.Fatalf("event %q: %v in %s", name, err, line)
			}
			events = append(events, v)
		}
	}
	if err := lines.Err(); err != nil {
		p.t.Fatal(err)
	}
	return events
}
