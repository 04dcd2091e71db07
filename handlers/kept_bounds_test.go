package handlers_test

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"orbit360.app/store/pg"
	"orbit360.app/store/storetest"
	"orbit360.app/themes"
	"orbit360.app/themes/classic"
	"orbit360.app/themes/minimal"
	"orbit360.app/themes/modern"
)

// TestLostListener: while changes may go unheard nothing is kept; a change made then shows at once, and after it.
func TestLostListener(t *testing.T) {
	t.Parallel()
	w := begin(t)
	w.a.get(mossHost, "/pages/about")
	if !w.a.hit(mossHost, "/pages/about") {
		t.Fatal("not kept")
	}
	w.a.Heard(pg.Change{Lost: true})
	if w.a.hit(mossHost, "/pages/about") || w.a.Kept().Pages != 0 {
		t.Error("answered from what is kept without a listener")
	}
	w.exec(w.moss, `UPDATE pages SET body = 'Unheard of.'`)
	if a := w.a.get(mossHost, "/pages/about"); !strings.Contains(a.body, "Unheard of.") ||
		a.header.Get("Cache-Control") != "no-store" {
		t.Error("the change doesn't show", a.header)
	}
	w.a.Heard(pg.Change{})
	w.a.get(mossHost, "/pages/about")
	if a := w.a.get(mossHost, "/pages/about"); !strings.Contains(a.body, "Unheard of.") ||
		!w.a.hit(mossHost, "/pages/about") {
		t.Error("kept again, but not the newest")
	}
	// The real thing: the database cuts the connection.
	super, err := pgx.Connect(t.Context(), storetest.SuperURL(w.url))
	if err != nil {
		t.Fatal(err)
	}
	defer super.Close(context.Background()) //nolint:errcheck // a test's connection
	for i := range 5 {
		w.b.get(mossHost, "/pages/about")
		if _, err := super.Exec(t.Context(), `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
			WHERE datname = current_database() AND query LIKE 'LISTEN%'`); err != nil {
			t.Fatal(err)
		}
		story := fmt.Sprintf("Story %d.", i)
		w.exec(w.moss, `UPDATE pages SET body = '`+story+`'`)
		w.until("story", func() bool { return strings.Contains(w.b.get(mossHost, "/pages/about").body, story) })
		w.until("listener", func() bool { return w.b.Kept().Listening })
		if a := w.b.get(mossHost, "/pages/about"); !strings.Contains(a.body, story) {
			t.Error("an old page came back:", story)
		}
	}
}

// TestNeverOlder has writers and readers at once: what a process answers after it has heard of a write is never older.
func TestNeverOlder(t *testing.T) {
	t.Parallel()
	w := begin(t)
	var wg sync.WaitGroup
	stop := make(chan struct{})
	for _, r := range []*replica{w.a, w.b} {
		for range 4 {
			wg.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
						r.get(mossHost, "/pages/about")
					}
				}
			})
		}
	}
	for i := range 60 {
		story := fmt.Sprintf("Story number %d.", i)
		w.exec(w.moss, `UPDATE pages SET body = '`+story+`'`)
		for _, r := range []*replica{w.a, w.b} {
			w.until(story, func() bool { return strings.Contains(r.get(mossHost, "/pages/about").body, story) })
			for range 20 {
				if !strings.Contains(r.get(mossHost, "/pages/about").body, story) {
					t.Fatalf("%q was seen, and then an older page", story)
				}
			}
		}
	}
	close(stop)
	wg.Wait()
}

// TestBounded: however many addresses people think of, what is kept stays in its bound.
func TestBounded(t *testing.T) {
	t.Parallel()
	w := begin(t)
	const bound = 256 << 10
	r := w.replica(w.db, themes.NewSet(modern.New(), classic.New(), minimal.New()), bound)
	for i := range 150 {
		r.get(mossHost, fmt.Sprintf("/collections/all?page=%d&utm_source=%d", i, i))
		r.get(mossHost, fmt.Sprintf("/products/stoneware-mug?variant=%d", i), "Accept-Encoding", "gzip")
	}
	w.until("room", func() bool { return r.Kept().Bytes <= bound })
	for _, host := range []string{"MOSS.localhost:3000", "mOsS.localhost", "moss.localhost.:3000", "moss.localhost:1",
		"moss.localhost:2"} {
		if a := r.get(host, "/"); a.status != 200 {
			t.Errorf("%s: %d", host, a.status)
		}
	}
	if a := r.get("moss.localhost:99999", "/"); a.status != 400 {
		t.Error("an impossible port:", a.status)
	}
	if s := r.Kept(); s.Pages == 0 || s.Hosts != 1 {
		t.Errorf("%+v", s)
	}
}

// TestDrawnOnce: many who ask for the same new page at the same moment get it drawn once.
func TestDrawnOnce(t *testing.T) {
	t.Parallel()
	w := begin(t)
	w.a.get(mossHost, "/")
	before := w.a.Kept().Drawn
	var wg sync.WaitGroup
	bodies := make([]string, 50)
	for i := range bodies {
		wg.Go(func() { bodies[i] = w.a.get(mossHost, "/collections/all").body })
	}
	wg.Wait()
	for _, b := range bodies {
		if b != bodies[0] || !bytes.Contains([]byte(b), []byte("</html>")) {
			t.Fatal("answers differ")
		}
	}
	if drawn := w.a.Kept().Drawn - before; drawn > 3 { // those who come just after it was kept find it
		t.Errorf("drawn %d times", drawn)
	}
}
