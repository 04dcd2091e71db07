package provision

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// quiet keeps river's own chatter out of the log: warnings and errors stay, each once in a while, with how often it would
// have come: the same words about the same job for the same reason. While the database is away each of river's parts tells of every try, forty lines a second.
type quiet struct {
	slog.Handler
	said *said
}

// said is what was written when. It is safe for concurrent use.
type said struct {
	mu       sync.Mutex
	messages map[string]*saying // by what tells one from another
}

type saying struct {
	at   time.Time
	held int // how often it was held back since
}

const (
	silence     = 10 * time.Second
	maxMessages = 256
)

func newQuiet(h slog.Handler) quiet { return quiet{h, &said{messages: map[string]*saying{}}} }

// Enabled lets warnings and errors through.
func (q quiet) Enabled(ctx context.Context, l slog.Level) bool {
	return l >= slog.LevelWarn && q.Handler.Enabled(ctx, l)
}

// Handle writes what wasn't written a moment ago.
func (q quiet) Handle(ctx context.Context, r slog.Record) error {
	said := r.Message
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "error" || a.Key == "err" || a.Key == "job_id" {
			said += "\n" + a.Value.String()
		}
		return true
	})
	held, speak := q.said.again(said, r.Time)
	if !speak {
		return nil
	}
	if held > 0 {
		r = r.Clone()
		r.AddAttrs(slog.Int("repeated", held))
	}
	return q.Handler.Handle(ctx, r)
}

func (s *said) again(message string, now time.Time) (held int, speak bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	last, ok := s.messages[message]
	if ok && now.Sub(last.at) < silence {
		last.held++
		return 0, false
	}
	if !ok {
		if len(s.messages) >= maxMessages {
			clear(s.messages)
		}
		last = &saying{}
		s.messages[message] = last
	}
	held = last.held
	last.at, last.held = now, 0
	return held, true
}

// WithAttrs keeps quiet.
func (q quiet) WithAttrs(attrs []slog.Attr) slog.Handler {
	return quiet{q.Handler.WithAttrs(attrs), q.said}
}

// WithGroup keeps quiet.
func (q quiet) WithGroup(name string) slog.Handler { return quiet{q.Handler.WithGroup(name), q.said} }
