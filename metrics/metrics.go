package metrics

import (
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics are the counts of this process. Its methods are safe for concurrent use, and on nil.
type Metrics struct {
	registry *prometheus.Registry

	requests *prometheus.CounterVec
	took     *prometheus.HistogramVec
	runs     *prometheus.HistogramVec
	steps    *prometheus.HistogramVec
	attempts *prometheus.CounterVec
	live     prometheus.Histogram
	mails    *prometheus.CounterVec
}

// New is a registry with all metrics that the program counts itself; Watch adds those that are asked for.
func New() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: requestsName, Help: requestsHelp}, requestsLabels),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "orbit360_http_request_duration_seconds", Help: "Time from a request's head to its answer; kept pages, which take microseconds, are left out.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}}, []string{"audience", "route"}),
		runs: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "orbit360_run_duration_seconds", Help: "Time from a run's acceptance to its end, by the status it ended with.",
			Buckets: []float64{.01, .02, .03, .05, .1, .2, .3, .5, 1, 2, 5, 10, 30, 60, 300, 3600}}, []string{"status"}),
		steps: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "orbit360_step_duration_seconds", Help: "Time of one attempt of a step.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 5, 20}}, []string{"step"}),
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "orbit360_step_attempts_total", Help: "Attempts of steps by how they ended: done, failed (and tried again), gave_up."}, []string{"step", "outcome"}),
		live: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "orbit360_live_update_seconds", Help: "Time from the commit of a change of a run to its writing to a page that watches.",
			Buckets: []float64{.001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5}}),
		mails: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "orbit360_mail_attempts_total", Help: "Attempts to hand a mail to the mail server: sent, deferred (tried again later), failed (given up)."}, []string{"outcome"}),
	}
	m.registry.MustRegister(m.requests, m.took, m.runs, m.steps, m.attempts, m.live, m.mails,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, outcome := range []string{"sent", "deferred", "failed"} {
		m.mails.WithLabelValues(outcome)
	}
	return m
}

// Build says what this process was built from, as a series that is always 1, so that graphs can show deploys.
func (m *Metrics) Build(version, revision, goVersion string) {
	if m == nil {
		return
	}
	info := prometheus.NewGauge(prometheus.GaugeOpts{Name: "orbit360_build_info", Help: "Always 1; the labels say what this process was built from.",
		ConstLabels: prometheus.Labels{"version": version, "revision": revision, "goversion": goVersion}})
	info.Set(1)
	m.registry.MustRegister(info)
}

// The counter of requests has two sources: this package's own vector, and the pages' cache, which counts for itself.
const (
	requestsName = "orbit360_http_requests_total"
	requestsHelp = "Requests answered, by audience, pattern of the route, method and status."
)

var requestsLabels = []string{"audience", "route", "method", "status"}

// Request counts an answer. route is a pattern of the program's, never what was asked for; method may be anything.
func (m *Metrics) Request(audience, route, method string, status int, took time.Duration) {
	if m == nil {
		return
	}
	switch method {
	case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS":
	default:
		method = "other"
	}
	m.requests.WithLabelValues(audience, route, method, strconv.Itoa(status)).Inc()
	m.took.WithLabelValues(audience, route).Observe(took.Seconds())
}

// RunEnded counts a run that came to an end.
func (m *Metrics) RunEnded(status string, took time.Duration) {
	if m != nil {
		m.runs.WithLabelValues(status).Observe(took.Seconds())
	}
}

// Step counts one attempt of a step; outcome is "done", "failed" or "gave_up".
func (m *Metrics) Step(step, outcome string, took time.Duration) {
	if m != nil {
		m.attempts.WithLabelValues(step, outcome).Inc()
		m.steps.WithLabelValues(step).Observe(took.Seconds())
	}
}

// LiveUpdate counts a change that reached a page.
func (m *Metrics) LiveUpdate(took time.Duration) {
	if m != nil {
		m.live.Observe(took.Seconds())
	}
}

// Mail counts an attempt to send; outcome is "sent", "deferred" or "failed".
func (m *Metrics) Mail(outcome string) {
	if m != nil {
		m.mails.WithLabelValues(outcome).Inc()
	}
}

// Handler answers a scrape. What can't be asked for at the moment (the database is away) is left out, and the rest told.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError, MaxRequestsInFlight: 4})
}
