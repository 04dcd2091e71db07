package metrics

import (
	"context"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"orbit360.app/orbit"
)

// Sources holds what is asked at a scrape. Load costs queries, so its answer is kept for a moment.
type Sources struct {
	Pools   func() []orbit.PoolStats
	Pages   func() Pages
	Streams func() int
	Sockets func() int
	Ping    func(context.Context) error // of the database, however busy it is
	Load    func(context.Context) (orbit.Load, error)
	Queues  []string                              // of which there may be no job
	Held    bool                                  // emails, webhooks and the image store are held
	Disk    func() (free, size uint64, err error) // of the file system under DATA_DIR; nil where that can't be asked
	Images  func(context.Context) error           // whether the image store answers
}

// Pages is what the cache of shops' drawn pages has done and holds.
type Pages struct {
	Hits, NotModified, Drawn uint64
	Pages, Hosts             int
	Bytes                    uint64
	Listening                bool // it keeps pages only then
}

// How long an answer of the database is good, and how long it is waited for.
const (
	loadGood     = 5 * time.Second
	loadPatience = 2 * time.Second
	imagesGood   = 30 * time.Second // of the image store, which may be paid for by the question
)

// Watch adds what the sources say to every scrape.
func (m *Metrics) Watch(s Sources) {
	if m != nil {
		m.registry.MustRegister(&watch{Sources: s})
	}
}

// watch is a collector that describes nothing beforehand: it shares the counter of requests.
type watch struct {
	Sources

	mu   sync.Mutex
	load orbit.Load
	up   bool
	err  error
	at   time.Time

	imagesErr error
	imagesAt  time.Time
}

func desc(name, help string, labels ...string) *prometheus.Desc {
	return prometheus.NewDesc(name, help, labels, nil)
}

var (
	requestsDesc  = desc(requestsName, requestsHelp, requestsLabels...)
	streamsDesc   = desc("orbit360_streams_open", "Event streams that are open.")
	socketsDesc   = desc("orbit360_sockets_open", "WebSockets that are open.")
	pagesDesc     = desc("orbit360_page_cache_pages", "Pages of shops that are kept drawn.")
	bytesDesc     = desc("orbit360_page_cache_bytes", "What the kept pages take.")
	hitsDesc      = desc("orbit360_page_cache_hits_total", "Requests that were answered with a kept page.")
	unchangedDesc = desc("orbit360_page_cache_not_modified_total",
		"Answers of kept pages that were 304, of those that were drawn a moment ago too.")
	missesDesc  = desc("orbit360_page_cache_misses_total", "Pages that had to be drawn to be kept.")
	hearingDesc = desc("orbit360_page_cache_listening",
		"1 while the cache hears of changes; without that it keeps nothing.")
	poolDesc = desc("orbit360_pool_connections",
		"Connections to the database by pool and state: acquired, idle, constructing.", "pool", "state")
	poolMaxDesc = desc("orbit360_pool_connections_max", "The most connections that the pool opens.", "pool")
	acquireDesc = desc("orbit360_pool_acquires_total", "Connections taken from the pool.", "pool")
	waitedDesc  = desc("orbit360_pool_waits_total", "Connections that had to be waited for.", "pool")
	waitDesc    = desc("orbit360_pool_acquire_seconds_total", "Time that taking connections took, all together.", "pool")
	jobsDesc    = desc("orbit360_jobs", "Durable jobs that aren't completed, by queue and state, of all processes.",
		"queue", "state")
	runsDesc = desc("orbit360_runs",
		"Runs by status that haven't come to a good end, of all processes; those that COMPLETED are in "+
			"orbit360_run_duration_seconds_count.", "status")
	queuedDesc   = desc("orbit360_mails_queued", "Emails that wait to be sent.")
	workersDesc  = desc("orbit360_workers_alive", "Processes that hold their claim to be alive.")
	heldDesc     = desc("orbit360_outbound_held", "1 where OUTBOUND=hold keeps emails, webhooks and deletions back.")
	diskFreeDesc = desc("orbit360_disk_free_bytes", "What is free of the file system under DATA_DIR, for this program.")
	diskSizeDesc = desc("orbit360_disk_size_bytes", "The size of the file system under DATA_DIR.")
	imagesUpDesc = desc("orbit360_image_store_up",
		"1 where the image store answered when it was last asked, at most every 30 seconds.")
	upDesc = desc("orbit360_database_up",
		"1 where the database is there. One that is only busy is there too: see orbit360_pool_waits_total.")
)

// Describe says nothing: an unchecked collector.
func (w *watch) Describe(chan<- *prometheus.Desc) {}

// Collect asks all sources.
func (w *watch) Collect(ch chan<- prometheus.Metric) {
	gauge := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, v, labels...)
	}
	counter := func(d *prometheus.Desc, v float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue, v, labels...)
	}
	gauge(streamsDesc, float64(w.Streams()))
	gauge(socketsDesc, float64(w.Sockets()))
	pages := w.Pages()
	gauge(pagesDesc, float64(pages.Pages))
	gauge(bytesDesc, float64(pages.Bytes))
	gauge(hearingDesc, number(pages.Listening))
	counter(hitsDesc, float64(pages.Hits))
	counter(missesDesc, float64(pages.Drawn))
	// A kept page is answered before anything else of the program runs; the cache's own counts are all it costs.
	// It counts 304 as 200, and HEAD as GET.
	counter(requestsDesc, float64(pages.Hits), "storefront", "kept", "GET", "200")
	counter(unchangedDesc, float64(pages.NotModified))
	for _, pool := range w.Pools() {
		gauge(poolDesc, float64(pool.Acquired), pool.Pool, "acquired")
		gauge(poolDesc, float64(pool.Idle), pool.Pool, "idle")
		gauge(poolDesc, float64(pool.Open-pool.Acquired-pool.Idle), pool.Pool, "constructing")
		gauge(poolMaxDesc, float64(pool.Max), pool.Pool)
		counter(acquireDesc, float64(pool.Acquires), pool.Pool)
		counter(waitedDesc, float64(pool.Waited), pool.Pool)
		counter(waitDesc, pool.WaitTime.Seconds(), pool.Pool)
	}
	gauge(heldDesc, number(w.Held))
	if w.Disk != nil {
		if free, size, err := w.Disk(); err == nil {
			gauge(diskFreeDesc, float64(free))
			gauge(diskSizeDesc, float64(size))
		}
	}
	if w.Images != nil {
		gauge(imagesUpDesc, number(w.imagesUp() == nil))
	}
	load, up, err := w.loaded()
	gauge(upDesc, number(up))
	if err != nil {
		return
	}
	for jobs, n := range depths(w.Queues, load.Queues) {
		gauge(jobsDesc, float64(n), jobs.queue, jobs.state)
	}
	for _, status := range []orbit.RunStatus{orbit.RunPending, orbit.RunInProgress, orbit.RunFailed, orbit.RunRollback} {
		gauge(runsDesc, float64(load.Runs[status]), string(status))
	}
	gauge(queuedDesc, float64(load.Emails))
	gauge(workersDesc, float64(load.Workers))
}

// jobs names those of one queue in one state.
type jobs struct{ queue, state string }

// depths counts the jobs that aren't completed. A queue without jobs counts zeros: what isn't there makes no alert and
// no line.
func depths(queues []string, found []orbit.QueueDepth) map[jobs]int {
	counts := map[jobs]int{}
	for _, queue := range queues {
		for _, state := range []string{"available", "running", "retryable", "scheduled"} {
			counts[jobs{queue, state}] = 0
		}
	}
	for _, q := range found {
		counts[jobs{q.Queue, q.State}] = q.Jobs
	}
	return counts
}

// loaded returns the load as it was at most loadGood ago.
func (w *watch) loaded() (orbit.Load, bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if time.Since(w.at) >= loadGood {
		ctx, cancel := context.WithTimeout(context.Background(), loadPatience)
		defer cancel()
		if w.err = w.Ping(ctx); w.err == nil {
			w.load, w.err = w.Load(ctx)
			w.up = true
		} else {
			w.up = false
		}
		w.at = time.Now()
	}
	return w.load, w.up, w.err
}

// imagesUp returns how the image store was at most imagesGood ago.
func (w *watch) imagesUp() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if time.Since(w.imagesAt) >= imagesGood {
		ctx, cancel := context.WithTimeout(context.Background(), loadPatience)
		defer cancel()
		w.imagesErr = w.Images(ctx)
		w.imagesAt = time.Now()
	}
	return w.imagesErr
}

func number(b bool) float64 {
	if b {
		return 1
	}
	return 0
}
