package handlers_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/url"
	"sync/atomic"
	"testing"

	"orbit360.app/store"
	"orbit360.app/traffic"
)

// losing forwards connections to the database, and returns the address to use instead. While lose is set, a commit gets
// there, and its connection ends before the answer is back.
func (w *world) losing(lose *atomic.Bool) (address string) {
	w.Helper()
	u, err := url.Parse(w.url)
	if err != nil {
		w.Fatal(err)
	}
	q := u.Query()
	network, server := "tcp", u.Host
	if host := q.Get("host"); host != "" {
		network, server = "unix", host+"/.s.PGSQL."+q.Get("port")
		q.Del("host")
		q.Del("port")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			client, err := l.Accept()
			if err != nil {
				return // the test is over
			}
			behind, err := net.Dial(network, server)
			if err != nil {
				_ = client.Close()
				continue
			}
			go forward(client, behind, lose)
		}
	}()
	u.Host, u.RawQuery = l.Addr().String(), q.Encode()
	return u.String()
}

func forward(client, server net.Conn, lose *atomic.Bool) {
	var lost atomic.Bool
	go func() {
		defer client.Close() //nolint:errcheck // a test's connection
		b := make([]byte, 1<<16)
		for {
			n, err := server.Read(b)
			if err != nil || lost.Load() { // the answer of the commit
				return
			}
			if _, err := client.Write(b[:n]); err != nil {
				return
			}
		}
	}()
	defer server.Close() //nolint:errcheck // a test's connection
	b := make([]byte, 1<<16)
	for {
		n, err := client.Read(b)
		if err != nil {
			return
		}
		if lose.Load() && bytes.Contains(b[:n], []byte("commit\x00")) {
			lost.Store(true)
		}
		if _, err := server.Write(b[:n]); err != nil {
			return
		}
	}
}

// TestTrafficOnce: a flush that was committed without an answer is sent again and isn't added twice.
func TestTrafficOnce(t *testing.T) {
	t.Parallel()
	w := begin(t)
	var lose atomic.Bool
	db, err := store.Open(t.Context(), w.losing(&lose))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	counter := traffic.New(db, slog.New(slog.NewTextHandler(io.Discard, nil)))
	want := int64(0)
	for round := range 6 {
		counter.Meter(w.moss).Add(1000)
		want += 1000
		lose.Store(round%2 == 0)
		err := counter.Flush(context.WithoutCancel(t.Context()))
		if lose.Load() && err == nil {
			t.Fatal("no answer was lost")
		}
		if !lose.Load() && err != nil {
			t.Fatal(err)
		}
		if got := w.sent(w.moss); got != want {
			t.Fatalf("round %d: %d bytes, %d were sent", round, got, want)
		}
	}
}
