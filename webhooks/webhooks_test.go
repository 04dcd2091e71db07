package webhooks_test

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
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

	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/storetest"
	"orbit360.app/webhooks"
)

func TestMain(m *testing.M) { storetest.Main(m) }

var key = []byte("0123456789abcdef0123456789abcdef")

// platform is a database with a service whose deliveries are worked, and the log it writes.
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
	var err error
	p.s, err = webhooks.New(webhooks.Config{DB: p.db, Log: log, Key: key, Private: private, Backoff: func(int) time.Duration { return 30 * time.Millisecond }})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// work has river work the deliveries until stop or the test's end.
func (p *platform) work() (stop func()) {
	p.t.Helper()
	workers := river.NewWorkers()
	if err := p.s.AddWorker(workers); err != nil {
		p.t.Fatal(err)
	}
	client, err := river.NewClient(riverpgxv5.New(p.db.Pool()), &river.Config{Workers: workers, Logger: slog.New(slog.DiscardHandler), FetchCooldown: 2 * time.Millisecond, FetchPollInterval: 20 * time.Millisecond,
		Queues: map[string]river.QueueConfig{store.QueueWebhook: {MaxWorkers: webhooks.Workers}}})
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
	secret, err := p.s.Create(p.t.Context(), id, orbit.WebhookInput{URL: url, Events: events}, store.System)
	if err != nil || !strings.HasPrefix(secret, "whsec_") {
		p.t.Fatal(secret, err)
	}
	return id, secret
}

// run is a merchant with a run that a worker has taken and that has come to a step, whatever the steps before it have done.
func (p *platform) run(name string, at orbit.StepKey) orbit.Run {
	p.t.Helper()
	ctx, id := p.t.Context(), orbit.NewID[orbit.Merchant]()
	if _, err := p.db.CreateMerchant(ctx, id, orbit.Application{Name: name, OwnerName: "Ada", Email: "ada@example.com", Category: "books"}, nil, store.System); err != nil {
		p.t.Fatal(err)
	}
	run, err := p.db.Activate(ctx, id, orbit.Activation{Theme: "upfront-modern", Plan: "starter", Subdomain: orbit.SuggestSubdomain(name), Category: "books"}, "localhost", store.System)
	if err != nil {
		p.t.Fatal(err)
	}
	v, err := p.db.TakeRun(ctx, run)
	if err != nil {
		p.t.Fatal(err)
	}
	if _, err := p.db.Pool().Exec(ctx, `UPDATE merchant_provisionings SET current_step = $1 WHERE id = $2`, string(at), run.String()); err != nil {
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

// deliveries waits until those of a webhook are as wanted.
func (p *platform) deliveries(id orbit.WebhookID, want func([]orbit.DeliveryRow) bool) []orbit.DeliveryRow {
	p.t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		rows, _, err := p.db.Deliveries(p.t.Context(), id, "", 100, 0)
		if err != nil {
			p.t.Fatal(err)
		}
		if want(rows) {
			return rows
		}
		if time.Now().After(deadline) {
			p.t.Fatalf("deliveries are %+v", rows)
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

// verified checks a signature as docs/webhooks.md tells receivers to.
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

func TestEventsAreTold(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, true)
	rec := newReceiver(t, func(_ int, w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "thanks\x00 <b>") })
	id, secret := p.create(rec.URL + "/hook")
	only, _ := p.create(rec.URL+"/only", orbit.MerchantWasRolledBack)
	p.work()

	ok := p.complete("Alpha \"Quoted\" <b>")
	failed := p.run("Beta", orbit.StepWebsite)
	if _, err := p.db.FailStep(t.Context(), failed, orbit.StepWebsite, "The website didn't answer.", true); err != nil {
		t.Fatal(err)
	}
	if err := p.db.RollBackRun(t.Context(), failed.MerchantID, store.System); err != nil {
		t.Fatal(err)
	}
	v, err := p.db.TakeRun(t.Context(), failed.ID)
	if err != nil {
		t.Fatal(err)
	}
	for i := len(v.Run.Steps) - 1; i >= 0; i-- {
		if err := p.db.UndoStep(t.Context(), v.Run, v.Run.Steps[i].Key, 0); err != nil {
			t.Fatal(err)
		}
	}

	rows := p.deliveries(id, ended(3))
	if others := p.deliveries(only, ended(1)); others[0].Kind != orbit.MerchantWasRolledBack {
		t.Errorf("told of what it didn't ask for: %+v", others)
	}
	for i, want := range []orbit.EventKind{orbit.MerchantWasRolledBack, orbit.MerchantRunFailed, orbit.MerchantWasActivated} {
		r := rows[i]
		if r.Kind != want || r.Status != orbit.DeliveryDelivered || r.Attempts != 1 || r.Last().Status != 200 || r.Last().Body != "thanks <b>" || r.Last().Error != "" {
			t.Errorf("%d: %+v", i, r)
		}
	}
	seen := map[string]bool{}
	for _, c := range rec.calls() {
		var e struct {
			ID, Type  string
			CreatedAt time.Time
			Data      struct {
				Merchant            struct{ ID, Name, Status string }
				Status, Theme, Plan string
				Error               *struct{ Step, Message string }
			}
		}
		if err := json.Unmarshal([]byte(c.body), &e); err != nil {
			t.Fatal(err, c.body)
		}
		if c.header.Get("Orbit-Event-Id") != e.ID || c.header.Get("Orbit-Event-Type") != e.Type || !strings.HasPrefix(c.header.Get("Content-Type"), "application/json") || time.Since(e.CreatedAt).Abs() > time.Minute {
			t.Errorf("%v %+v", c.header, e)
		}
		m := e.Data.Merchant
		switch e.Type {
		case "merchant.activated":
			if m.ID != ok.MerchantID.String() || m.Name != "Alpha \"Quoted\" <b>" || m.Status != "active" || e.Data.Status != "COMPLETED" || e.Data.Theme != "upfront-modern" || e.Data.Plan != "starter" || e.Data.Error != nil {
				t.Errorf("%s", c.body)
			}
		case "merchant.failed":
			if m.Status != "failed" || e.Data.Status != "FAILED" || e.Data.Error == nil || e.Data.Error.Step != "website_deployment" || e.Data.Error.Message != "The website didn't answer." {
				t.Errorf("%s", c.body)
			}
		case "merchant.rolled_back":
			if m.Status != "pending" || e.Data.Status != "ROLLBACK" || e.Data.Error != nil {
				t.Errorf("%s", c.body)
			}
		}
		if seen[e.Type] {
			continue // the other webhook's
		}
		seen[e.Type] = true
		if !verified(c, secret) && e.Type != "merchant.rolled_back" {
			t.Errorf("%s: %s can't be verified", e.Type, c.header.Get("Orbit-Signature"))
		}
		if verified(call{c.header, c.body + " "}, secret) || verified(c, secret+"x") {
			t.Error("anything goes")
		}
	}
	if len(seen) != 3 {
		t.Errorf("saw %v", seen)
	}
	if strings.Contains(p.logs.String(), secret) || strings.Contains(p.logs.String(), secret[6:]) {
		t.Error("the secret is in the log")
	}
}

func TestNobodyWantsToKnow(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, true)
	id, _ := p.create("http://127.0.0.1:9/", orbit.MerchantRunFailed)
	p.complete("Alpha")
	var events, jobs int
	if err := p.db.Pool().QueryRow(t.Context(), `SELECT (SELECT count(*) FROM webhook_events), (SELECT count(*) FROM river_job WHERE kind = 'webhook')`).Scan(&events, &jobs); err != nil {
		t.Fatal(err)
	}
	if events != 0 || jobs != 0 {
		t.Errorf("%d events, %d jobs", events, jobs)
	}
	if err := p.db.SetWebhookActive(t.Context(), id, false, store.System); err != nil {
		t.Fatal(err)
	}
	if _, err := p.db.FailStep(t.Context(), p.run("Beta", orbit.StepWebsite), orbit.StepWebsite, "No.", true); err != nil {
		t.Fatal(err)
	}
	p.deliveries(id, ended(0))
}

func TestRetryThenSuccess(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, true)
	rec := newReceiver(t, func(n int, w http.ResponseWriter, r *http.Request) {
		switch n {
		case 1:
			w.WriteHeader(500)
			_, _ = io.WriteString(w, "down")
		case 2: // breaks off
			panic(http.ErrAbortHandler)
		}
	})
	id, secret := p.create(rec.URL)
	p.work()
	p.complete("Alpha")
	row := p.deliveries(id, ended(1))[0]
	if row.Status != orbit.DeliveryDelivered || row.Attempts != 3 || len(row.Log) != 3 || row.Log[0].Status != 500 || row.Log[0].Body != "down" || row.Log[1].Status != 0 || row.Log[1].Error == "" || !row.NextAt.IsZero() {
		t.Fatalf("%+v", row)
	}
	calls := rec.calls()
	for _, c := range calls {
		if c.header.Get("Orbit-Event-Id") != calls[0].header.Get("Orbit-Event-Id") || c.body != calls[0].body || !verified(c, secret) {
			t.Errorf("%v", c)
		}
	}
}

func TestGivenUpAndReplayed(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, true)
	healed := make(chan struct{})
	rec := newReceiver(t, func(_ int, w http.ResponseWriter, _ *http.Request) {
		select {
		case <-healed:
		default:
			w.WriteHeader(404)
		}
	})
	id, _ := p.create(rec.URL)
	p.work()
	p.complete("Alpha")
	row := p.deliveries(id, ended(1))[0]
	if row.Status != orbit.DeliveryFailed || row.Attempts != orbit.MaxDeliveryAttempts || len(row.Log) != orbit.MaxDeliveryAttempts || len(rec.calls()) != orbit.MaxDeliveryAttempts {
		t.Fatalf("%+v", row)
	}
	close(healed)
	rival, _ := p.create("http://127.0.0.1:9/")
	if err := p.db.ReplayDelivery(t.Context(), rival, row.ID, store.System); orbit.CodeOf(err) != orbit.NotFound {
		t.Error("replayed through another webhook:", err)
	}
	if err := p.db.ReplayDelivery(t.Context(), id, row.ID, store.System); err != nil {
		t.Fatal(err)
	}
	row = p.deliveries(id, ended(1))[0]
	calls := rec.calls()
	if row.Status != orbit.DeliveryDelivered || row.Attempts != 1 || len(row.Log) != 9 || calls[8].header.Get("Orbit-Event-Id") != calls[0].header.Get("Orbit-Event-Id") || calls[8].body != calls[0].body {
		t.Fatalf("%+v", row)
	}
	if err := p.db.SetWebhookActive(t.Context(), id, false, store.System); err != nil {
		t.Fatal(err)
	}
	if err := p.db.ReplayDelivery(t.Context(), id, row.ID, store.System); orbit.CodeOf(err) != orbit.Conflict {
		t.Error("replayed to a webhook that is off:", err)
	}
}

// TestWorkedTwice is a crash after sending: the job is worked again, and the receiver can tell.
func TestWorkedTwice(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, true)
	release := make(chan struct{})
	rec := newReceiver(t, func(n int, _ http.ResponseWriter, r *http.Request) {
		if n == 1 {
			<-release
		}
	})
	id, _ := p.create(rec.URL)
	p.complete("Alpha")
	p.work()
	for deadline := time.Now().Add(10 * time.Second); len(rec.calls()) == 0 && time.Now().Before(deadline); {
		time.Sleep(5 * time.Millisecond)
	}
	// The process that holds the job is taken for dead, as the sweeper would.
	if _, err := p.db.Pool().Exec(t.Context(), `UPDATE river_job SET state = 'available', attempt = 0 WHERE kind = 'webhook'`); err != nil {
		t.Fatal(err)
	}
	p.deliveries(id, ended(1))
	close(release)
	calls := rec.calls()
	if len(calls) != 2 || calls[0].header.Get("Orbit-Event-Id") != calls[1].header.Get("Orbit-Event-Id") || calls[0].header.Get("Orbit-Event-Id") == "" || calls[0].body != calls[1].body {
		t.Fatalf("%+v", calls)
	}
}

func TestOneFailsTheOtherDoesNot(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, true)
	hang := make(chan struct{})
	slow := newReceiver(t, func(_ int, _ http.ResponseWriter, r *http.Request) {
		select {
		case <-hang:
		case <-r.Context().Done():
		}
	})
	t.Cleanup(func() { close(hang) })
	good := newReceiver(t, nil)
	slowID, _ := p.create(slow.URL)
	goodID, _ := p.create(good.URL)
	p.work()
	began := time.Now()
	for i := range 12 { // three times as many as may go to one at once
		p.complete(fmt.Sprintf("Shop number %d", i))
	}
	p.deliveries(goodID, func(rows []orbit.DeliveryRow) bool {
		n := 0
		for _, r := range rows {
			if r.Status == orbit.DeliveryDelivered {
				n++
			}
		}
		return n >= 8
	})
	if took := time.Since(began); took > 4*time.Second {
		t.Errorf("a slow receiver held the other up for %s", took)
	}
	if n := len(slow.calls()); n > 4 {
		t.Errorf("%d at once went to one webhook", n)
	}
	p.deliveries(slowID, func(rows []orbit.DeliveryRow) bool {
		for _, r := range rows {
			if strings.Contains(r.Last().Error, "No answer within 5 seconds") {
				return true
			}
		}
		return false
	})
}

func TestRotation(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, true)
	rec := newReceiver(t, nil)
	id, first := p.create(rec.URL)
	p.work()
	second, err := p.s.Rotate(t.Context(), id, store.System)
	if err != nil || second == first {
		t.Fatal(second, err)
	}
	p.complete("Alpha")
	p.deliveries(id, ended(1))
	if c := rec.calls()[0]; !verified(c, first) || !verified(c, second) {
		t.Error("within the day both secrets verify")
	}
	if _, err := p.db.Pool().Exec(t.Context(), `UPDATE webhooks SET old_until = now()`); err != nil {
		t.Fatal(err)
	}
	p.complete("Beta")
	p.deliveries(id, ended(2))
	if c := rec.calls()[1]; verified(c, first) || !verified(c, second) {
		t.Error("after the day only the new secret verifies")
	}

	// In the database there is neither, and a sealed secret is worth nothing in another row.
	var rows string
	if err := p.db.Pool().QueryRow(t.Context(), `SELECT string_agg(encode(secret, 'escape') || encode(old_secret, 'escape') || w::text, '') FROM webhooks w`).Scan(&rows); err != nil || strings.Contains(rows, first[6:]) || strings.Contains(rows, second[6:]) {
		t.Error("a secret lies open:", err)
	}
	other, _ := p.create(rec.URL + "/other")
	if _, err := p.db.Pool().Exec(t.Context(), `UPDATE webhooks SET secret = (SELECT secret FROM webhooks WHERE id = $1) WHERE id = $2`, id.String(), other.String()); err != nil {
		t.Fatal(err)
	}
	p.complete("Gamma")
	row := p.deliveries(other, func(rows []orbit.DeliveryRow) bool { return len(rows) == 1 && rows[0].Attempts > 0 })[0]
	if !strings.Contains(row.Last().Error, "can't be opened") || row.Last().Status != 0 {
		t.Errorf("%+v", row)
	}
}

func TestTwiceTheSameForm(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, true)
	id, _ := p.create("http://127.0.0.1:9/")
	secret, err := p.s.Create(t.Context(), id, orbit.WebhookInput{URL: "http://127.0.0.1:9/", Events: []orbit.EventKind{orbit.MerchantRunFailed}}, store.System)
	if secret != "" || err != nil {
		t.Error("a secret the second time:", err)
	}
	for range orbit.MaxWebhooks - 1 {
		p.create("http://127.0.0.1:9/")
	}
	if _, err := p.s.Create(t.Context(), orbit.NewID[orbit.Webhook](), orbit.WebhookInput{URL: "http://127.0.0.1:9/", Events: []orbit.EventKind{orbit.MerchantRunFailed}}, store.System); orbit.CodeOf(err) != orbit.Conflict {
		t.Error("one too many:", err)
	}
}

func TestDeletedOnTheWay(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, true)
	rec := newReceiver(t, nil)
	gone, _ := p.create(rec.URL)
	off, _ := p.create(rec.URL)
	p.complete("Alpha")
	if err := p.db.DeleteWebhook(t.Context(), gone, store.System); err != nil {
		t.Fatal(err)
	}
	if err := p.db.SetWebhookActive(t.Context(), off, false, store.System); err != nil {
		t.Fatal(err)
	}
	p.work()
	row := p.deliveries(off, ended(1))[0]
	if row.Status != orbit.DeliveryFailed || !strings.Contains(row.Last().Error, "switched off") || len(rec.calls()) != 0 {
		t.Errorf("%+v, %d calls", row, len(rec.calls()))
	}
	// A ping goes the whole way too.
	if _, err := p.db.PingWebhook(t.Context(), off, store.System); orbit.CodeOf(err) != orbit.Conflict {
		t.Error(err)
	}
	if err := p.db.SetWebhookActive(t.Context(), off, true, store.System); err != nil {
		t.Fatal(err)
	}
	id, err := p.db.PingWebhook(t.Context(), off, store.System)
	if err != nil {
		t.Fatal(err)
	}
	p.deliveries(off, ended(2))
	if row, err := p.db.Delivery(t.Context(), off, id); err != nil || row.Kind != orbit.Ping || row.Status != orbit.DeliveryDelivered || rec.calls()[0].body != row.Body {
		t.Errorf("%+v %v", row, err)
	}
}

func TestLostJobsComeBack(t *testing.T) {
	t.Parallel()
	p := newPlatform(t, true)
	rec := newReceiver(t, nil)
	id, _ := p.create(rec.URL)
	p.complete("Alpha")
	if _, err := p.db.Pool().Exec(t.Context(), `DELETE FROM river_job WHERE kind = 'webhook'`); err != nil {
		t.Fatal(err)
	}
	if n, err := p.db.Reconcile(t.Context(), time.Hour); n != 0 || err != nil {
		t.Fatal(n, err)
	}
	if _, err := p.db.Reconcile(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	p.work()
	p.deliveries(id, ended(1))
	if len(rec.calls()) != 1 {
		t.Errorf("%d calls", len(rec.calls()))
	}
}
