package handlers_test

import (
	"context"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/valyala/fasthttp"

	"orbit360.app/handlers"
	"orbit360.app/handlers/kit"
	"orbit360.app/jobs/jobstest"
	"orbit360.app/live"
	"orbit360.app/mail"
	"orbit360.app/orbit"
	"orbit360.app/provision"
	"orbit360.app/schedule"
	"orbit360.app/store"
	"orbit360.app/store/storetest"
	"orbit360.app/themes"
	"orbit360.app/themes/classic"
	"orbit360.app/themes/minimal"
	"orbit360.app/themes/modern"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var addresses = orbit.Addresses{Scheme: "http", Base: "localhost", Port: "3000"}

// world is one database with two processes on it, and two shops of the same kind that must never meet.
type world struct {
	*testing.T
	url        string
	db         *store.DB
	live       *live.Feed
	a, b       *replica
	moss, nord orbit.MerchantID
}

// replica is a process of the platform with its own view of the database.
type replica struct {
	*handlers.Server
	t   *testing.T
	kit *kit.Kit
}

func begin(t *testing.T) *world {
	t.Helper()
	w := &world{T: t, url: storetest.NewURL(t)}
	w.db = w.open()
	engines := themes.NewSet(modern.New(), classic.New(), minimal.New())
	composer := mail.Composer{Addresses: addresses, Status: orbit.EmailLocal}
	w.a = w.replica(w.db, engines, 0)
	w.live = live.New(live.Config{DB: w.db, Log: slog.New(slog.DiscardHandler)})
	jobstest.Start(t, w.live, schedule.Queue(schedule.Config{DB: w.db, Log: w.live.Log}),
		provision.Queue(provision.Config{DB: w.db, Log: w.live.Log, Addresses: addresses,
			Mail: composer, Engines: engines,
			Visit: func(ctx context.Context, host string) provision.Visitor { return w.a.Visit(ctx, host) }}))
	w.b = w.replica(w.open(), engines, 0)
	w.moss, w.nord = w.shop("Moss & Stone", "moss", true), w.shop("Nord", "nord", true)
	return w
}

func (w *world) open() *store.DB {
	w.Helper()
	db, err := store.Open(w.Context(), w.url)
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(db.Close)
	return db
}

func (w *world) replica(db *store.DB, engines themes.Set, bytes uint64) *replica {
	w.Helper()
	return w.replicaOf(db, engines, kit.Kit{Addresses: addresses, Log: slog.New(slog.DiscardHandler)},
		handlers.Config{PageBytes: bytes})
}

// replicaOf is a replica with another configuration.
func (w *world) replicaOf(db *store.DB, engines themes.Set, own kit.Kit, cfg handlers.Config) *replica {
	w.Helper()
	own.DB, own.PreviewKey = db, []byte("the same on every process")
	feed := live.New(live.Config{DB: db, Log: slog.New(slog.DiscardHandler)})
	cfg.Kit, cfg.Live, cfg.Engines = kit.New(own), feed, engines
	r := &replica{handlers.New(cfg), w.T, cfg.Kit}
	feed.Start(w.Context())
	w.Cleanup(feed.Stop)
	w.until("the listener", func() bool { return r.Kept().Listening })
	return r
}

// until waits for something that another goroutine brings about.
func (w *world) until(what string, ok func() bool) {
	w.Helper()
	for deadline := time.Now().Add(10 * time.Second); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			w.Fatal("no ", what)
		}
	}
}

func (w *world) shop(name, subdomain string, live bool) orbit.MerchantID {
	w.Helper()
	id := orbit.NewID[orbit.Merchant]()
	a := orbit.Application{Name: name, OwnerName: "Some One", Email: subdomain + "@example.com", Category: "home-garden"}
	if _, err := w.db.CreateMerchant(w.Context(), id, a, nil, orbit.System); err != nil {
		w.Fatal(err)
	}
	changes, cancel := w.live.Subscribe(id)
	defer cancel()
	if _, err := w.db.Activate(w.Context(), id, orbit.Activation{Theme: "upfront-modern", Plan: "starter",
		Subdomain: subdomain, Category: "home-garden", GoLive: live}, addresses.Base, orbit.System); err != nil {
		w.Fatal(err)
	}
	for deadline := time.After(30 * time.Second); ; {
		v, err := w.db.RunView(w.Context(), id)
		if err != nil {
			w.Fatal(err)
		}
		if v.Run.Status == orbit.RunCompleted {
			return id
		}
		select {
		case <-changes:
		case <-deadline:
			w.Fatalf("%s: %+v", name, v.Run)
		}
	}
}

// exec writes as the program does: as the serving role, for one merchant.
func (w *world) exec(m orbit.MerchantID, query string) {
	w.Helper()
	conn, err := pgx.Connect(w.Context(), w.url)
	if err != nil {
		w.Fatal(err)
	}
	defer conn.Close(w.Context()) //nolint:errcheck // a test's connection
	err = pgx.BeginFunc(w.Context(), conn, func(tx pgx.Tx) error {
		if _, err := tx.Exec(w.Context(), `SELECT set_config('orbit.merchant_id', $1, true)`, m.String()); err != nil {
			return err
		}
		_, err := tx.Exec(w.Context(), query)
		return err
	})
	if err != nil {
		w.Fatal(query, err)
	}
}

// answer is a response by value.
type answer struct {
	status int
	header http.Header
	body   string
}

func (r *replica) get(host, target string, headers ...string) answer {
	return r.do("GET", host, target, headers...)
}

func (r *replica) do(method, host, target string, headers ...string) answer {
	r.t.Helper()
	var ctx fasthttp.RequestCtx
	var req fasthttp.Request
	req.Header.SetMethod(method)
	req.Header.SetHost(host)
	req.SetRequestURI(target)
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	ctx.Init(&req, nil, nil)
	r.Handler()(&ctx)
	a := answer{ctx.Response.StatusCode(), http.Header{}, string(ctx.Response.Body())}
	for k, v := range ctx.Response.Header.All() {
		a.header.Add(string(k), string(v))
	}
	return a
}

// hit reports whether a request is answered from what is kept.
func (r *replica) hit(host, target string) bool {
	before := r.Kept().Hits
	r.get(host, target)
	return r.Kept().Hits > before
}

const (
	mossHost = "moss.localhost:3000"
	nordHost = "nord.localhost:3000"
)
