package metrics

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// Metrics holds the counts of this process. Its methods are safe for concurrent use, and on nil.
type Metrics struct {
	registry *prometheus.Registry

	requests *prometheus.CounterVec
	took     *prometheus.HistogramVec
	runs     *prometheus.HistogramVec
	steps    *prometheus.HistogramVec
	attempts *prometheus.CounterVec
	live     prometheus.Histogram
	emails   *prometheus.CounterVec
	webhooks *prometheus.CounterVec
	signIns  *prometheus.CounterVec
	throttle *prometheus.CounterVec
	images   *prometheus.CounterVec
	store    *prometheus.CounterVec
	searches *prometheus.HistogramVec
	crowded  *prometheus.CounterVec
	shops    shops
}

// New returns a registry with all metrics that the program counts itself; Watch adds those that are asked for.
func New() *Metrics {
	m := &Metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: requestsName, Help: requestsHelp}, requestsLabels),
		took: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "orbit360_http_request_duration_seconds",
			Help:    "Time from a request's head to its answer; kept pages, which take microseconds, are left out.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}}, []string{"audience", "route"}),
		runs: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "orbit360_run_duration_seconds",
			Help:    "Time from a run's acceptance to its end, by the status it ended with.",
			Buckets: []float64{.01, .02, .03, .05, .1, .2, .3, .5, 1, 2, 5, 10, 30, 60, 300, 3600}}, []string{"status"}),
		steps: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "orbit360_step_duration_seconds",
			Help:    "Time of one attempt of a step.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 5, 20}}, []string{"step"}),
		attempts: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "orbit360_step_attempts_total",
			Help: "Attempts of steps by how they ended: done, failed (and tried again), gave_up."}, []string{"step", "outcome"}),
		live: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "orbit360_live_update_seconds",
			Help:    "Time from the commit of a change of a run to its writing to a page that watches.",
			Buckets: []float64{.001, .002, .005, .01, .02, .05, .1, .2, .5, 1, 2, 5}}),
		emails: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "orbit360_mail_attempts_total",
			Help: "Attempts to hand an email to the mail server: sent, deferred (tried again later), failed (given up)."},
			[]string{"outcome"}),
	}
	counter := func(name, help, label string, values ...string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, []string{label})
		for _, v := range values { // a rate needs a zero to begin with
			c.WithLabelValues(v)
		}
		return c
	}
	m.webhooks = counter("orbit360_webhook_attempts_total",
		"Attempts to deliver an event to a webhook: delivered, retrying (tried again later), failed (given up).", "outcome",
		"delivered", "retrying", "failed")
	m.signIns = counter("orbit360_sign_ins_total",
		"Tries to sign in: succeeded, refused (a wrong email address or password), throttled (too many tries), "+
			"failed (ours).", "outcome", "succeeded", "refused", "throttled", "failed")
	m.throttle = counter("orbit360_throttled_total",
		"Requests refused because too many came from one network, account or program, by what they wanted.",
		"what", throttled...)
	m.images = counter("orbit360_images_total",
		"Uploaded images by how making their sizes ended: ready, failed (the image's fault), waiting (a large one, for "+
			"its turn), retrying (the image store or database was away).",
		"outcome", "ready", "failed", "waiting", "retrying")
	m.store = counter("orbit360_image_store_errors_total", "Operations that the image store failed.",
		"operation", "read", "write", "delete")
	m.searches = prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "orbit360_search_duration_seconds",
		Help:    "Time that the database took to search, by who searched.",
		Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2, 5}}, []string{"audience"})
	m.searches.WithLabelValues("storefront")
	m.crowded = counter("orbit360_storefront_refused_total",
		"Requests to shops that had no room, by kind: ordering, looking, expensive (searches and filtered lists).",
		"kind", "ordering", "looking", "expensive")
	m.registry.MustRegister(m.crowded, m.requests, m.took, m.runs, m.steps, m.attempts, m.live, m.emails,
		m.webhooks, m.signIns, m.throttle, m.images, m.store, m.searches, &m.shops,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	for _, outcome := range []string{"sent", "deferred", "failed"} {
		m.emails.WithLabelValues(outcome)
	}
	return m
}

// Crowded counts a request that a shop had no room for.
func (m *Metrics) Crowded(kind string) {
	if m != nil {
		m.crowded.WithLabelValues(kind).Inc()
	}
}

// Build reports what this process was built from, as a series that is always 1, so that graphs can show deploys.
func (m *Metrics) Build(version, revision, goVersion string) {
	if m == nil {
		return
	}
	info := prometheus.NewGauge(prometheus.GaugeOpts{Name: "orbit360_build_info",
		Help:        "Always 1; the labels say what this process was built from.",
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

// Email counts an attempt to send; outcome is "sent", "deferred" or "failed".
func (m *Metrics) Email(outcome string) {
	if m != nil {
		m.emails.WithLabelValues(outcome).Inc()
	}
}

// Webhook counts an attempt to deliver; outcome is "delivered", "retrying" or "failed".
func (m *Metrics) Webhook(outcome string) {
	if m != nil {
		m.webhooks.WithLabelValues(outcome).Inc()
	}
}

// SignIn counts a try to sign in; outcome is "succeeded", "refused", "throttled" or "failed".
func (m *Metrics) SignIn(outcome string) {
	if m != nil {
		m.signIns.WithLabelValues(outcome).Inc()
	}
}

// throttled lists the kinds by which refusals for coming too often are counted.
var throttled = []string{"sign-in", "password", "cart", "order", "apply", "api", "other"}

// Throttled counts a refusal. what begins with one of few words; what follows it, an account say, is left out.
func (m *Metrics) Throttled(what string) {
	if m == nil {
		return
	}
	what, _, _ = strings.Cut(what, " ")
	if !slices.Contains(throttled, what) {
		what = "other"
	}
	m.throttle.WithLabelValues(what).Inc()
}

// Image counts how making an image's sizes ended: "ready", "failed", "waiting" or "retrying".
func (m *Metrics) Image(outcome string) {
	if m != nil {
		m.images.WithLabelValues(outcome).Inc()
	}
}

// ImageStoreFailed counts an operation that failed: "read", "write" or "delete".
func (m *Metrics) ImageStoreFailed(operation string) {
	if m != nil {
		m.store.WithLabelValues(operation).Inc()
	}
}

// Search counts a search that the database did.
func (m *Metrics) Search(audience string, took time.Duration) {
	if m != nil {
		m.searches.WithLabelValues(audience).Observe(took.Seconds())
	}
}

// Handler returns what answers a scrape. What can't be asked for at the moment (the database is away) is left out.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{ErrorHandling: promhttp.ContinueOnError,
		MaxRequestsInFlight: 4})
}
