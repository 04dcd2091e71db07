package logs

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"time"
)

// Options is how much of what is the same is written. Records below Warn aren't counted: a program logs those on
// purpose.
type Options struct {
	Period time.Duration
	Burst  int // how many records of a kind are written in a period
	// PerError, where set, is how many of these may have the same text under "error": a reason that comes up seldom isn't
	// hidden by one that comes up all the time.
	PerError int
	// Kind returns what equal records have in common; nil compares level and message.
	Kind func(slog.Record) string
}

// Sampler is a handler that writes some of many equal records. What it holds back it counts: the next record of the
// kind that is written, or the last one that was held back once the period is over, says "repeated", so all lines and
// what they repeat add up to all records. It is safe for concurrent use.
type Sampler struct {
	slog.Handler
	*counts
}

// counts is shared by a handler and those made of it.
type counts struct {
	Options
	mu    sync.Mutex
	kinds map[string]*kind
}

type kind struct {
	since   time.Time
	written int
	errors  map[string]int // how many were written with this text
	held    int            // since one was written
	last    slog.Record    // that was held
	to      slog.Handler   // where it was going
	timer   *time.Timer    // runs while something is held
}

// Bounds of what is remembered. Messages are the program's own words, errors may have others' in them.
const (
	maxKinds  = 256
	maxErrors = 32
)

// Sample returns a sampler over a handler. Flush before the program ends.
func Sample(h slog.Handler, o Options) Sampler {
	return Sampler{h, &counts{Options: o, kinds: map[string]*kind{}}}
}

// Handle writes a record, or counts it.
func (s Sampler) Handle(ctx context.Context, r slog.Record) error {
	if r.Level < slog.LevelWarn {
		return s.Handler.Handle(ctx, r)
	}
	repeated, speak := s.take(s.Handler, r)
	if !speak {
		return nil
	}
	return s.Handler.Handle(ctx, repeating(r, repeated))
}

func repeating(r slog.Record, n int) slog.Record {
	if n > 0 {
		r = r.Clone()
		r.AddAttrs(slog.Int("repeated", n))
	}
	return r
}

func (c *counts) take(to slog.Handler, r slog.Record) (repeated int, speak bool) {
	name := r.Level.String() + " " + r.Message
	if c.Kind != nil {
		name = c.Kind(r)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	k := c.kinds[name]
	if k == nil {
		if len(c.kinds) >= maxKinds {
			c.forget(r.Time)
		}
		k = &kind{}
		c.kinds[name] = k
	}
	if r.Time.Sub(k.since) >= c.Period {
		k.since, k.written, k.errors = r.Time, 0, nil
	}
	if k.written >= c.Burst || c.tooMany(k, r) {
		k.held++
		k.last, k.to = r.Clone(), to
		if k.timer == nil {
			k.timer = time.AfterFunc(c.Period-r.Time.Sub(k.since), func() { c.write(k) })
		}
		return 0, false
	}
	k.written++
	repeated, k.held = k.held, 0
	return repeated, true
}

// tooMany counts a record by its error.
func (c *counts) tooMany(k *kind, r slog.Record) bool {
	if c.PerError == 0 {
		return false
	}
	text := ""
	r.Attrs(func(a slog.Attr) bool {
		if a.Key == "error" {
			text = alike(a.Value.String())
		}
		return text == ""
	})
	if k.errors == nil {
		k.errors = map[string]int{}
	}
	if _, known := k.errors[text]; !known && len(k.errors) >= maxErrors {
		text = "others"
	}
	if k.errors[text] >= c.PerError {
		return true
	}
	k.errors[text]++
	return false
}

// alike returns an error's text without its numbers (ports, ids, times), and no longer than what tells it from others.
func alike(text string) string {
	text = strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return -1
		}
		return r
	}, text[:min(len(text), 300)])
	return text
}

// write writes what was held back of a kind.
func (c *counts) write(k *kind) {
	c.mu.Lock()
	n, last, to := k.held, k.last, k.to
	k.held, k.timer = 0, nil
	c.mu.Unlock()
	if n > 0 {
		_ = to.Handle(context.Background(), repeating(last, n-1)) // there is nowhere to report it
	}
}

// forget makes room: kinds that were quiet for a period go. Where all are in use they all go, and first write
// what they hold.
func (c *counts) forget(now time.Time) {
	for name, k := range c.kinds {
		if k.held == 0 && now.Sub(k.since) >= c.Period {
			delete(c.kinds, name)
		}
	}
	if len(c.kinds) >= maxKinds {
		for _, k := range c.kinds {
			go c.write(k)
		}
		clear(c.kinds)
	}
}

// Flush writes what is held back.
func (s Sampler) Flush() {
	s.mu.Lock()
	var all []*kind
	for _, k := range s.kinds {
		if k.timer != nil {
			k.timer.Stop()
		}
		all = append(all, k)
	}
	s.mu.Unlock()
	for _, k := range all {
		s.write(k)
	}
}

// WithAttrs returns a handler that counts together with s.
func (s Sampler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return Sampler{s.Handler.WithAttrs(attrs), s.counts}
}

// WithGroup returns a handler that counts together with s.
func (s Sampler) WithGroup(name string) slog.Handler {
	return Sampler{s.Handler.WithGroup(name), s.counts}
}
