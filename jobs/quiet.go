package jobs

import (
	"context"
	"log/slog"
	"time"

	"orbit360.app/logs"
)

// quiet keeps River's own chatter out of the log: warnings and errors stay, each once in a while, with how often it
// would have come: the same words about the same job for the same reason. While the database is away each of River's
// parts logs every try, forty lines a second.
type quiet struct{ slog.Handler }

const silence = 10 * time.Second

func newQuiet(h slog.Handler) quiet {
	return quiet{logs.Sample(h, logs.Options{Period: silence, Burst: 1, Kind: func(r slog.Record) string {
		said := r.Message
		r.Attrs(func(a slog.Attr) bool {
			if a.Key == "error" || a.Key == "err" || a.Key == "job_id" {
				said += "\n" + a.Value.String()
			}
			return true
		})
		return said
	}})}
}

// Enabled lets warnings and errors through.
func (q quiet) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && q.Handler.Enabled(ctx, l)
}

// WithAttrs returns a handler that is quiet too.
func (q quiet) WithAttrs(attrs []slog.Attr) slog.Handler { return quiet{q.Handler.WithAttrs(attrs)} }

// WithGroup returns a handler that is quiet too.
func (q quiet) WithGroup(name string) slog.Handler { return quiet{q.Handler.WithGroup(name)} }
