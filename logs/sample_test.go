package logs_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"orbit360.app/logs"
)

// paper takes what is written by many at once.
type paper struct {
	mu sync.Mutex
	bytes.Buffer
}

func (p *paper) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.Buffer.Write(b)
}

var repeated = regexp.MustCompile(`[ .]repeated=(\d+)`)

// said is how many lines there are and how many records they stand for.
func (p *paper) said() (lines, records int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for line := range strings.Lines(p.String()) {
		lines++
		records++
		if m := repeated.FindStringSubmatch(line); m != nil {
			n, _ := strconv.Atoi(m[1]) // digits
			records += n
		}
	}
	return lines, records
}

// TestOutage: a database that is away for six seconds under load leaves a few lines, with a count, and what else
// happens then is seen.
func TestOutage(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out paper
		log := slog.New(logs.Sample(slog.NewTextHandler(&out, nil),
			logs.Options{Period: 10 * time.Second, Burst: 50, PerError: 5}))
		for i := range 6000 {
			log.Error("request failed", "request", i, "path", fmt.Sprint("/products/", i), "error",
				fmt.Errorf("dial tcp 127.0.0.1:5432: connection refused (from port %d)", i))
			log.Info("run ended", "run", i)
			if i == 3000 {
				log.Error("request failed", "request", i, "error", errors.New("the disk is full"))
				log.With("part", "mail").Warn("an email couldn't be sent yet")
			}
			time.Sleep(time.Millisecond)
		}
		if lines, records := out.said(); lines != 6000+5+2 || records >= 12_000 {
			t.Errorf("%d lines stand for %d records", lines, records)
		}
		time.Sleep(10 * time.Second) // of the bubble: what was held back is written without anything following it
		lines, records := out.said()
		if lines != 6000+5+2+1 || records != 6000+6000+2 {
			t.Errorf("%d lines stand for %d records", lines, records)
		}
		for _, want := range []string{"the disk is full", `part=mail`, "path=/products/5999"} {
			if !strings.Contains(out.String(), want) {
				t.Error("the log lacks", want)
			}
		}
		if n := strings.Count(out.String(), "run ended"); n != 6000 {
			t.Error("what isn't a warning was held back:", n)
		}
	})
}

// TestBounds: neither many errors nor many messages make the log, or what is remembered, grow without end; nothing that
// was held back goes uncounted.
func TestBounds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var out paper
		s := logs.Sample(slog.NewTextHandler(&out, nil), logs.Options{Period: 10 * time.Second, Burst: 50, PerError: 5})
		log := slog.New(s)
		for i := range 10_000 {
			log.Error("request failed", "error", strings.Repeat("x", i%200))
		}
		if lines, _ := out.said(); lines != 50 {
			t.Error("many errors:", lines)
		}
		s.Flush()
		if lines, records := out.said(); lines != 51 || records != 10_000 {
			t.Errorf("after a flush %d lines stand for %d records", lines, records)
		}
		for i := range 2000 {
			for range 60 {
				log.Error(fmt.Sprint("message ", i))
			}
		}
		s.Flush()
		time.Sleep(time.Minute)
		if _, records := out.said(); records != 10_000+120_000 {
			t.Error("records that are accounted for:", records)
		}
	})
}

// TestKinds: who knows better says which records are the same.
func TestKinds(t *testing.T) {
	t.Parallel()
	var out paper
	h := logs.Sample(slog.NewTextHandler(&out, nil), logs.Options{Period: time.Hour, Burst: 1,
		Kind: func(r slog.Record) string {
			kind := ""
			r.Attrs(func(a slog.Attr) bool { kind += a.Value.String(); return true })
			return kind
		}})
	log := slog.New(h.WithGroup("g"))
	for _, job := range []int{7, 8, 7, 8, 7} {
		log.Error("job errored", "job", job)
	}
	h.Flush()
	if lines, records := out.said(); lines != 4 || records != 4+1 {
		t.Errorf("%d lines, %d records: %s", lines, records, out.String())
	}
	if !h.Enabled(context.Background(), slog.LevelInfo) {
		t.Error("other levels are as they were")
	}
}

// TestConcurrent is for the race detector.
func TestConcurrent(t *testing.T) {
	t.Parallel()
	var out paper
	s := logs.Sample(slog.NewTextHandler(&out, nil), logs.Options{Period: time.Millisecond, Burst: 3, PerError: 2})
	log := slog.New(s)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for i := range 1000 {
				log.Warn("again", "error", i%3)
				log.With("n", i).Warn("and again")
			}
		})
	}
	wg.Wait()
	s.Flush()
	for deadline := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		if _, records := out.said(); records == 16_000 {
			return
		} else if time.Now().After(deadline) {
			t.Fatal("records that are accounted for:", records)
		}
	}
}
