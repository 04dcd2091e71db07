package webhooks_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"

	"orbit360.app/mail"
	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/shop"
	"orbit360.app/store/storetest"
	"orbit360.app/webhooks"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var key = []byte("0123456789abcdef0123456789abcdef")

// platform is a database with a service, its deliveries worked, and the log it writes.
type platform struct {
	t    *testing.T
	db   *store.DB
	s    *webhooks.Service
	logs *syncBuffer
}

type syncBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *syncBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *syncBuffer) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.String()
}

func newPlatform(t *testing.T, private bool) *platform {
	t.Helper()
	p := &platform{t: t, db: storetest.New(t), logs: &syncBuffer{}}
	log := slog.New(slog.NewTextHandler(io.MultiWriter(p.logs, t.Output()), &slog.HandlerOptions{Level: slog.LevelDebug}))
	addresses := orbit.Addresses{Scheme: "http", Base: "localhost"}
	var err error
	p.s, err = webhooks.New(webhooks.Config{DB: p.db, Log: log, Keys: orbit.NewSecretKeys(key), Private: private,
		Mail: mail.Composer{Addresses: addresses, Status: orbit.EmailLocal}, Addresses: addresses,
		Backoff: func(int) time.Duration { return 30 * time.Millisecond }})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// hooks returns the platform's webhooks.
func (p *platform) hooks() shop.Hooks { return shop.HooksOf(p.db, orbit.MerchantID{}, orbit.System) }

// work has river work the deliveries until stop or the test's end.
func (p *platform) work() (stop func()) {
	p.t.Helper()
	workers, queue := river.NewWorkers(), p.s.Queue()
	for _, add := range queue.Workers {
		if err := add(workers); err != nil {
			p.t.Fatal(err)
		}
	}
	client, err := river.NewClient(riverpgxv5.New(p.db.Pool()),
		&river.Config{Workers: workers, Logger: slog.New(slog.DiscardHandler), FetchCooldown: 2 * time.Millisecond,
			FetchPollInterval: 20 * time.Millisecond,
			Queues:            map[string]river.QueueConfig{queue.Name: {MaxWorkers: queue.MaxWorkers}}})
	if err == nil {
		err = client.Start(context.WithoutCancel(p.t.Context()))
	}
	if err != nil {
		p.t.Fatal(err)
	}
	var once sync.Once
	stop = func() {
		once.Do(func() {
			ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
			defer cancel()
			if err := client.Stop(ctx); err != nil {
				p.t.Error(err)
			}
		})
	}
	p.t.Cleanup(stop)
	return stop
}

func (p *platform) create(url string, events ...orbit.EventKind) (orbit.WebhookID, string) {
	p.t.Helper()
	if len(events) == 0 {
		events = []orbit.EventKind{orbit.MerchantWasActivated, orbit.MerchantRunFailed, orbit.MerchantWasRolledBack}
	}
	id := orbit.NewID[orbit.Webhook]()
	made, err := p.s.Create(p.t.Context(), p.hooks(), id, orbit.WebhookInput{URL: url, Events: events})
	secret := made.Reveal()
	if err != nil || !strings.HasPrefix(secret, "whsec_") {
		p.t.Fatal(secret, err)
	}
	return id, secret
}

// run is a merchant with a run that a worker has taken and that has come to a step, whatever the steps before it have
// done.
func (p *platform) run(name string, at orbit.StepKey) orbit.Run {
	p.t.Helper()
	ctx, id := p.t.Context(), orbit.NewID[orbit.Merchant]()
	if _, err := p.db.CreateMerchant(ctx, id, orbit.Application{Name: name, OwnerName: "Ada", Email: "ada@example.com",
		Category: "books"}, nil, orbit.System); err != nil {
		p.t.Fatal(err)
	}
	run, err := p.db.Activate(ctx, id, orbit.Activation{Theme: "upfront-modern", Plan: "starter",
		Subdomain: orbit.SuggestSubdomain(name), Category: "books"}, "localhost", orbit.System)
	if err != nil {
		p.t.Fatal(err)
	}
	v, err := p.db.TakeRun(ctx, run)
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := p.db.Pool().Exec(ctx, `UPDATE merchant_provisionings SET current_step = $1 WHERE id = $2`, string(at),
		run.String()); err != nil {
		p.t.Fatal(err)
	}
	return v.Run
}

func (p *platform) complete(name string) orbit.Run {
	p.t.Helper()
	run := p.run(name, orbit.StepCompletion)
	if err := p.db.Complete(p.t.Context(), run); err != nil {
		p.t.Fatal(err)
	}
	return run
}

// deliveries waits until those of a webhook of the platform's are as wanted.
func (p *platform) deliveries(id orbit.WebhookID, want func([]orbit.DeliveryRow) bool) (rows []orbit.DeliveryRow) {
	p.t.Helper()
	return p.deliveriesOf(p.hooks(), id, want)
}

// deliveriesOf is deliveries for any owner's webhook.
func (p *platform) deliveriesOf(hooks shop.Hooks, id orbit.WebhookID,
	want func([]orbit.DeliveryRow) bool) (rows []orbit.DeliveryRow) {
	p.t.Helper()
	p.until("deliveries", func() bool {
		var err error
		if rows, _, err = hooks.Deliveries(p.t.Context(), id, "", 100, 0); err != nil {
			p.t.Fatal(err)
		}
		return want(rows)
	})
	return rows
}

// until waits for what a worker brings about.
func (p *platform) until(what string, ok func() bool) {
	p.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !ok(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			p.t.Fatal("waited for: ", what)
		}
	}
}

func ended(n int) func([]orbit.DeliveryRow) bool {
	return func(rows []orbit.DeliveryRow) bool {
		for _, r := range rows {
			if r.Status == orbit.DeliveryPending {
				return false
			}
		}
		return len(rows) == n
	}
}

// receiver is somebody else's server on the loopback interface.
type receiver struct {
	*httptest.Server
	mu     sync.Mutex
	got    []call
	answer func(n int, w http.ResponseWriter, r *http.Request) // n counts from 1
}

type call struct {
	header http.Header
	body   string
}

func newReceiver(t *testing.T, answer func(n int, w http.ResponseWriter, r *http.Request)) *receiver {
	t.Helper()
	rec := &receiver{answer: answer}
	rec.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		rec.mu.Lock()
		rec.got = append(rec.got, call{r.Header.Clone(), string(body)})
		n := len(rec.got)
		rec.mu.Unlock()
		if rec.answer != nil {
			rec.answer(n, w, r)
		}
	}))
	t.Cleanup(func() { rec.CloseClientConnections(); rec.Close() })
	return rec
}

func (r *receiver) calls() []call {
	r.mu.Lock()
	defer r.mu.Unlock()
	return append([]call(nil), r.got...)
}

// verified checks a signature as docs/webhooks.md has receivers do.
func verified(c call, secret string) bool {
	var stamp string
	var given []string
	for part := range strings.SplitSeq(c.header.Get("Orbit-Signature"), ",") {
		switch name, value, _ := strings.Cut(part, "="); name {
		case "t":
			stamp = value
		case "v1":
			given = append(given, value)
		}
	}
	mac := hmac.New(sha256.New, []byte(secret))
	fmt.Fprintf(mac, "%s.%s", stamp, c.body)
	want := hex.EncodeToString(mac.Sum(nil))
	for _, g := range given {
		if hmac.Equal([]byte(g), []byte(want)) {
			return true
		}
	}
	return false
}
