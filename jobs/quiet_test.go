package jobs

import (
	"bytes"
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"
)

func TestQuiet(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	h := newQuiet(slog.NewTextHandler(&out, nil)).WithAttrs([]slog.Attr{slog.String("part", "river")})
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	say := func(after time.Duration, l slog.Level, message string, attrs ...slog.Attr) {
		if h.Enabled(context.Background(), l) {
			r := slog.NewRecord(at.Add(after), l, message, 0)
			r.AddAttrs(attrs...)
			if err := h.Handle(context.Background(), r); err != nil {
				t.Fatal(err)
			}
		}
	}
	say(0, slog.LevelInfo, "chatter")
	for i := range 100 {
		say(time.Duration(i)*25*time.Millisecond, slog.LevelError, "no database")
		say(time.Duration(i)*25*time.Millisecond, slog.LevelWarn, "no leader")
	}
	say(11*time.Second, slog.LevelError, "no database")
	say(30*time.Second, slog.LevelError, "no database")
	for _, job := range []int64{7, 8, 7} { // one job's failure doesn't hide another's
		say(30*time.Second, slog.LevelError, "job errored", slog.Int64("job_id", job), slog.String("error", "no such file"))
	}
	say(30*time.Second, slog.LevelError, "job errored", slog.Int64("job_id", 7), slog.String("error", "another reason"))
	var said []string
	for line := range strings.Lines(out.String()) {
		_, line, _ = strings.Cut(strings.TrimSpace(line), "level=")
		said = append(said, line)
	}
	want := []string{`ERROR msg="no database" part=river`, `WARN msg="no leader" part=river`,
		`ERROR msg="no database" part=river repeated=99`, `ERROR msg="no database" part=river`,
		`ERROR msg="job errored" part=river job_id=7 error="no such file"`,
		`ERROR msg="job errored" part=river job_id=8 error="no such file"`,
		`ERROR msg="job errored" part=river job_id=7 error="another reason"`}
	if strings.Join(said, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s", strings.Join(said, "\n"))
	}
}
