package admin_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"orbit360.app/browsertest"
	"orbit360.app/handlers/admin"
	"orbit360.app/handlers/kit"
	"orbit360.app/jobs"
	"orbit360.app/jobs/jobstest"
	"orbit360.app/live"
	"orbit360.app/mail"
	"orbit360.app/orbit"
	"orbit360.app/provision"
	"orbit360.app/static"
	"orbit360.app/store"
	"orbit360.app/store/storetest"
	"orbit360.app/themes"
	"orbit360.app/themes/classic"
	"orbit360.app/themes/minimal"
	"orbit360.app/themes/modern"
	"orbit360.app/views/ui"
	"orbit360.app/webhooks"
)

func TestMain(m *testing.M) { storetest.Main(m) }

const (
	adminEmail    = "ada@example.com"
	adminPassword = "correct horse battery"
)

// panel is the admin panel on a port of its own, over a database of its own, with somebody signed in.
type panel struct {
	t      *testing.T
	db     *store.DB
	kit    *kit.Kit
	app    *fiber.App
	live   *live.Feed
	queues []jobs.Queue
	addr   string
	cookie string
	broken chan struct{} // closed: websites answer; open: the last step fails
}

// newPanel starts all of it but the jobs, which work starts.
func newPanel(t *testing.T) *panel {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	p := &panel{t: t, db: storetest.New(t), addr: l.Addr().String(), broken: make(chan struct{})}
	addresses := orbit.Addresses{Scheme: "http", Base: "localhost", Port: port}
	composer := mail.Composer{Addresses: addresses, Status: orbit.EmailLocal}
	engines := themes.NewSet(modern.New(), classic.New(), minimal.New())
	hooks, err := webhooks.New(webhooks.Config{DB: p.db, Log: slog.New(slog.DiscardHandler),
		Keys: orbit.NewSecretKeys([]byte("0123456789abcdef0123456789abcdef")), Private: true,
		Backoff: func(int) time.Duration { return 20 * time.Millisecond }})
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(t.Output(), &slog.HandlerOptions{Level: slog.LevelDebug}))
	p.live = live.New(live.Config{DB: p.db, Log: log})
	p.queues = []jobs.Queue{hooks.Queue(), provision.Queue(provision.Config{DB: p.db, Log: log, Addresses: addresses,
		Mail: composer, Engines: engines, Visit: func(context.Context, string) provision.Visitor { return p.visit }})}
	p.kit = kit.New(kit.Kit{DB: p.db, Addresses: addresses, Log: slog.New(slog.DiscardHandler), Mail: composer,
		LocalEmail: true})
	p.app = admin.New(p.kit, p.live, engines, hooks, nil)
	server := &fasthttp.Server{Handler: withStatic(p.app.Handler()), NoDefaultServerHeader: true}
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
	if _, err := p.db.EnsureAdmin(t.Context(), adminEmail, "Ada Okafor", hash); err != nil {
		t.Fatal(err)
	}
	p.cookie = p.signIn()
	return p
}

// withStatic serves the embedded files, as the front door does.
func withStatic(next fasthttp.RequestHandler) fasthttp.RequestHandler {
	return func(ctx *fasthttp.RequestCtx) {
		f, ok := static.Open(string(ctx.Path()))
		if !ok {
			f, ok = static.Named(string(ctx.Path()))
		}
		if !ok {
			next(ctx)
			return
		}
		ctx.SetContentType(f.ContentType)
		ctx.SetBody(f.Content)
	}
}

func (p *panel) visit(string) (int, []byte, error) {
	select {
	case <-p.broken:
		return 200, []byte("</html>"), nil
	default:
		return 0, nil, orbit.Permanent(errors.New("down"))
	}
}

// work starts the jobs. Websites answer unless failing.
func (p *panel) work(failing bool) {
	p.t.Helper()
	if !failing {
		close(p.broken)
	}
	jobstest.Start(p.t, p.live, p.queues...)
}

func (p *panel) signIn() string {
	p.t.Helper()
	res := p.do("POST", "/sign-in", url.Values{"email": {adminEmail}, "password": {adminPassword}})
	for _, c := range res.Cookies() {
		if c.Value != "" && res.StatusCode == 303 {
			return c.Name + "=" + c.Value
		}
	}
	p.t.Fatalf("sign-in answered %d without a cookie", res.StatusCode)
	return ""
}

type option func(*http.Request)

// htmx is a request by scripts, for the element named.
func htmx(target string) option {
	return func(r *http.Request) {
		r.Header.Set("HX-Request", "true")
		r.Header.Set("HX-Target", target)
	}
}

func anonymous(r *http.Request) { r.Header.Del("Cookie") }

var dialog = htmx(ui.DialogTarget)

// answer is a response, read whole.
type answer struct {
	*http.Response
	body string
	*goquery.Document
}

func (p *panel) request(method, path string, form url.Values, options ...option) *http.Request {
	p.t.Helper()
	var body io.Reader
	if form != nil {
		body = strings.NewReader(form.Encode())
	}
	r, err := http.NewRequestWithContext(p.t.Context(), method, "http://"+p.addr+path, body)
	if err != nil {
		p.t.Fatal(err)
	}
	r.Host = "admin.localhost"
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	if p.cookie != "" {
		r.Header.Set("Cookie", p.cookie)
	}
	for _, o := range options {
		o(r)
	}
	return r
}

var client = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

func (p *panel) do(method, path string, form url.Values, options ...option) answer {
	p.t.Helper()
	res, err := client.Do(p.request(method, path, form, options...))
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(string(raw)))
	if err != nil {
		p.t.Fatal(err)
	}
	if ids := browsertest.RepeatedIDs(doc); len(ids) > 0 {
		p.t.Errorf("%s %s has ids twice: %q", method, path, ids)
	}
	return answer{res, string(raw), doc}
}

func (p *panel) get(path string, options ...option) answer {
	p.t.Helper()
	return p.do("GET", path, nil, options...)
}

func (p *panel) post(path string, form url.Values, options ...option) answer {
	p.t.Helper()
	if form == nil {
		form = url.Values{}
	}
	return p.do("POST", path, form, options...)
}

// want fails unless the answer has the status.
func (a answer) want(t *testing.T, status int) answer {
	t.Helper()
	if a.StatusCode != status {
		t.Fatalf("%s %s answered %d, want %d: %s", a.Request.Method, a.Request.URL.Path, a.StatusCode, status,
			a.words("main, dialog, body"))
	}
	return a
}

// words is the text of what a selector finds, in one line.
func (a answer) words(selector string) string {
	return strings.Join(strings.Fields(a.Find(selector).First().Text()), " ")
}

func (p *panel) apply(name string) orbit.MerchantID {
	p.t.Helper()
	id := orbit.NewID[orbit.Merchant]()
	a := orbit.Application{Name: name, OwnerName: "Owner of " + name, Email: orbit.Handle(name, "x") + "@example.com",
		Category: "books"}
	if _, err := p.db.CreateMerchant(p.t.Context(), id, a, nil, orbit.System); err != nil {
		p.t.Fatal(err)
	}
	return id
}

func (p *panel) activate(id orbit.MerchantID, subdomain string) {
	p.t.Helper()
	a := orbit.Activation{Theme: "upfront-classic", Plan: "starter", Subdomain: subdomain, Category: "books", GoLive: true}
	if _, err := p.db.Activate(p.t.Context(), id, a, "localhost", orbit.System); err != nil {
		p.t.Fatal(err)
	}
}

// await waits until a merchant has a status.
func (p *panel) await(id orbit.MerchantID, status orbit.MerchantStatus) {
	p.t.Helper()
	changes, cancel := p.live.Subscribe(id)
	defer cancel()
	deadline := time.After(30 * time.Second)
	for {
		m, err := p.db.Merchant(p.t.Context(), id)
		if err != nil {
			p.t.Fatal(err)
		}
		if m.Status == status {
			return
		}
		select {
		case <-changes:
		case <-deadline:
			p.t.Fatalf("still %s, want %s", m.Status, status)
		}
	}
}

func path(id orbit.MerchantID, rest string) string { return fmt.Sprintf("/merchants/%s%s", id, rest) }

func order(subdomain string) url.Values {
	return url.Values{"theme": {"upfront-modern"}, "plan": {"professional"}, "subdomain": {subdomain},
		"category": {"fashion"}, "stripe": {"on"}, "goLive": {"on"}}
}

// actor is an admin who does something elsewhere.
func (p *panel) actor() orbit.Actor { return orbit.Actor{Name: adminEmail} }
