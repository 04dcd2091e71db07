package metrics

import (
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"
)

// Serve answers Prometheus on an address that answers nothing else: it needs no sign-in.
func (m *Metrics) Serve(l net.Listener, log *slog.Logger) (stop func()) {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", m.Handler())
	server := &http.Server{Handler: mux, ReadTimeout: 5 * time.Second, WriteTimeout: 10 * time.Second,
		IdleTimeout: time.Minute, MaxHeaderBytes: 8 << 10, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug)}
	go func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			log.Error("the metrics can no longer be served", "error", err)
		}
	}()
	return func() { _ = server.Close() } // a scrape that is cut off is no loss
}
