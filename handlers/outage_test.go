package handlers_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"regexp"
	"strconv"
	"sync"
	"testing"
	"time"

	"orbit360.app/logs"
	"orbit360.app/themes"
	"orbit360.app/themes/classic"
	"orbit360.app/themes/minimal"
	"orbit360.app/themes/modern"
)

// TestOutageLog: each request fails while the database is away; the log says so, and how often, and stays small.
func TestOutageLog(t *testing.T) {
	t.Parallel()
	w := begin(t)
	db := w.open()
	r := w.replica(db, themes.NewSet(modern.New(), classic.New(), minimal.New()), 0)
	var out bytes.Buffer
	var mu sync.Mutex
	sampler := logs.Sample(slog.NewTextHandler(writer(func(b []byte) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		return out.Write(b)
	}), nil), logs.Options{Period: time.Minute, Burst: 50, PerError: 5})
	r.kit.Log = slog.New(sampler)
	db.Close()
	const asked = 3000
	failed := 0
	for i := range asked {
		if a := r.get(fmt.Sprintf("s%d.localhost:3000", i), "/products/mug"); a.status >= 500 {
			failed++
		}
	}
	sampler.Flush()
	mu.Lock()
	defer mu.Unlock()
	records := bytes.Count(out.Bytes(), []byte(`msg="request failed"`))
	for _, m := range regexp.MustCompile(`repeated=(\d+)`).FindAllSubmatch(out.Bytes(), -1) {
		n, _ := strconv.Atoi(string(m[1])) // digits
		records += n
	}
	if failed != asked || records != asked || out.Len() > 64<<10 {
		t.Errorf("%d of %d requests failed, %d are in the log, which has %d bytes", failed, asked, records, out.Len())
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(b []byte) (int, error) { return w(b) }
