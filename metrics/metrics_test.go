package metrics_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"orbit360.app/metrics"
	"orbit360.app/orbit"
)

func scrape(t *testing.T, m *metrics.Metrics) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", "/metrics", nil))
	if w.Code != 200 {
		t.Fatal(w.Code, w.Body)
	}
	return w.Body.String()
}

var errBusy = errors.New("busy")

func TestScrape(t *testing.T) {
	t.Parallel()
	m := metrics.New()
	asked := 0
	m.Watch(metrics.Sources{
		Pools: func() []orbit.PoolStats {
			return []orbit.PoolStats{{Pool: "platform", Max: 12, Open: 5, Acquired: 2, Idle: 3},
				{Pool: "storefronts", Max: 8, Open: 8, Acquired: 8}}
		},
		Ping:    func(context.Context) error { return nil },
		Pages:   func() metrics.Pages { return metrics.Pages{Hits: 10, NotModified: 4, Drawn: 2} },
		Streams: func() int { return 7 }, Sockets: func() int { return 5 },
		Queues: []string{"provision"},
		Load: func(context.Context) (orbit.Load, error) {
			asked++
			return orbit.Load{Queues: []orbit.QueueDepth{{Queue: "provision", State: "available", Jobs: 3}},
				Runs: map[orbit.RunStatus]int{orbit.RunFailed: 2}, Emails: 9, Workers: 1}, errBusy
		},
	})
	m.Request("admin", "/merchants/:merchant", "GET", 200, 3*time.Millisecond)
	m.Request("storefront", "/", "GET", 200, time.Millisecond)
	m.Request("site", "unmatched", "BREW\"\n", 404, time.Millisecond)
	m.Step("completion", "gave_up", time.Second)
	text := scrape(t, m)
	for _, line := range []string{
		`orbit360_http_requests_total{audience="admin",method="GET",route="/merchants/:merchant",status="200"} 1`,
		`orbit360_http_requests_total{audience="site",method="other",route="unmatched",status="404"} 1`,
		`orbit360_http_requests_total{audience="storefront",method="GET",route="kept",status="200"} 10`,
		`orbit360_page_cache_not_modified_total 4`,
		`orbit360_http_request_duration_seconds_bucket{audience="admin",route="/merchants/:merchant",le="0.005"} 1`,
		`orbit360_step_attempts_total{outcome="gave_up",step="completion"} 1`,
		`orbit360_streams_open 7`, `orbit360_pool_connections{pool="platform",state="idle"} 3`,
		`orbit360_pool_connections{pool="storefronts",state="acquired"} 8`, `orbit360_database_up 1`,
		`orbit360_mail_attempts_total{outcome="sent"} 0`, "go_goroutines ",
	} {
		if !strings.Contains(text, "\n"+line) {
			t.Errorf("no %s", line)
		}
	}
	// The database is too busy to answer: what it would have said is left out, not reported as zero, and it isn't asked
	// again at once.
	if strings.Contains(text, "orbit360_jobs") || strings.Contains(text, "orbit360_mails_queued") {
		t.Error("there are jobs though they aren't known")
	}
	if scrape(t, m); asked != 1 {
		t.Errorf("the database was asked %d times within a moment", asked)
	}
	gone := metrics.New()
	gone.Watch(metrics.Sources{Pools: func() []orbit.PoolStats { return nil },
		Pages: func() metrics.Pages { return metrics.Pages{} }, Streams: func() int { return 0 },
		Sockets: func() int { return 0 },
		Ping:    func(context.Context) error { return errBusy }})
	if !strings.Contains(scrape(t, gone), "\norbit360_database_up 0") {
		t.Error("a database that is away is up")
	}
}

// Off is nil: nothing is counted and nothing breaks.
func TestOff(t *testing.T) {
	t.Parallel()
	var m *metrics.Metrics
	m.Request("admin", "/", "GET", 200, 0)
	m.Step("completion", "done", 0)
	m.RunEnded("COMPLETED", 0)
	m.LiveUpdate(0)
	m.Email("sent")
	m.Watch(metrics.Sources{})
}

func BenchmarkRequest(b *testing.B) {
	m := metrics.New()
	for b.Loop() {
		m.Request("storefront", "/products/:handle", "GET", 200, time.Millisecond)
	}
}
