package main

import (
	"errors"
	"log/slog"
	"net/http"
	"time"

	"orbit360.app/metrics"
	"orbit360.app/store"
)

// serveMetrics answers Prometheus on an address that answers nothing else: it needs no sign-in. Without
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
			log.Error("the metrics can no longer be served", "error", err)
		}
	}()
	return m, func() { _ = server.Close() }, nil // a scrape that is cut off is no loss
}

// sources returns what the metrics ask at a scrape.
func sources(cfg config, db *store.DB, p platform) metrics.Sources {
	return metrics.Sources{
		Held:    cfg.hold,
		Disk:    func() (free, size uint64, err error) { return diskSpace(cfg.DataDir) },
		Images:  p.media.Check,
		Streams: p.server.Streams,
		Pages:   p.server.Kept,
		Pools:   db.PoolStats,
		Ping:    db.Ping,
		Load:    db.Load,
		Queues:  p.jobs.Queues(),
	}
}
