package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"time"

	"orbit360.app/metrics"
	"orbit360.app/store"
)

// serveMetrics answers Prometheus on an address of its own, which is nobody's else: it needs no sign-in. Without
// METRICS_ADDR there are no metrics, and nothing is counted.
func serveMetrics(cfg config, log *slog.Logger) (m *metrics.Metrics, stop func(), err error) {
	if cfg.MetricsAddr == "" {
		return nil, func() {}, nil
	}
	l, err := listen("METRICS_ADDR", cfg.MetricsAddr)
	if err != nil {
		return nil, nil, err
	}
	m = metrics.New()
	v := version()
	m.Build(v.name, v.revision, v.goVersion)
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", m.Handler())
	server := &http.Server{Handler: mux, ReadTimeout: 5 * time.Second, WriteTimeout: 10 * time.Second,
		IdleTimeout: time.Minute, MaxHeaderBytes: 8 << 10, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug)}
	go func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			log.Error("the metrics can't be served any more", "error", err)
		}
	}()
	return m, func() { _ = server.Close() }, nil // a scrape that is cut off is no loss
}

// sources are what the metrics ask at a scrape, in the plain values that they take.
func sources(cfg config, db *store.DB, p platform) metrics.Sources {
	server := p.server
	return metrics.Sources{
		Held:    cfg.hold,
		Disk:    func() (free, size uint64, err error) { return diskSpace(cfg.DataDir) },
		Images:  p.media.Check,
		Streams: server.Streams,
		Pages: func() metrics.Pages {
			s := server.Kept()
			return metrics.Pages{Hits: s.Hits, NotModified: s.NotModified, Drawn: s.Drawn, Pages: s.Pages, Hosts: s.Hosts,
				Bytes: s.Bytes, Listening: s.Listening}
		},
		Pools: func() (pools []metrics.Pool) {
			for _, s := range db.PoolStats() {
				pools = append(pools, metrics.Pool{Name: s.Pool, Max: int(s.Max), Open: int(s.Open), Acquired: int(s.Acquired),
					Idle: int(s.Idle), Acquires: s.Acquires, Waited: s.Waited, WaitTime: s.WaitTime})
			}
			return pools
		},
		Up: func(ctx context.Context) bool { return db.Ping(ctx) == nil },
		Load: func(ctx context.Context) (metrics.Load, error) {
			l, err := db.Load(ctx)
			out := metrics.Load{Runs: map[string]int{}, Mails: l.Mails, Workers: l.Workers}
			// A queue without jobs is told as zeros: what isn't there makes no alert and no line.
			counts := map[metrics.Jobs]int{}
			for _, queue := range []string{store.QueueProvision, store.QueueEmail, store.QueueWebhook, store.QueueMedia} {
				for _, state := range []string{"available", "running", "retryable", "scheduled"} {
					counts[metrics.Jobs{Queue: queue, State: state}] = 0
				}
			}
			for _, q := range l.Queues {
				counts[metrics.Jobs{Queue: q.Queue, State: q.State}] = q.Jobs
			}
			for jobs, n := range counts {
				jobs.Count = n
				out.Jobs = append(out.Jobs, jobs)
			}
			for status, n := range l.Runs {
				out.Runs[string(status)] = n
			}
			return out, err
		},
	}
}
