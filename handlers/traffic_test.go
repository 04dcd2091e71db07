package handlers_test

import (
	"bufio"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/valyala/fasthttp/fasthttputil"

	"orbit360.app/handlers"
	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/static"
	"orbit360.app/store/storetest"
	"orbit360.app/themes"
	"orbit360.app/themes/classic"
	"orbit360.app/themes/minimal"
	"orbit360.app/themes/modern"
	"orbit360.app/traffic"
)

// heard counts what comes over a connection.
type heard struct {
	net.Conn
	bytes int64
}

func (h *heard) Read(b []byte) (int, error) {
	n, err := h.Conn.Read(b)
	h.bytes += int64(n)
	return n, err
}

// serving is a process that counts its traffic, with a way to connect to it.
func (w *world) serving() (*traffic.Counter, *fasthttputil.InmemoryListener) {
	w.Helper()
	db := w.open()
	counter := traffic.New(db, slog.New(slog.DiscardHandler))
	r := w.replicaOf(db, themes.NewSet(modern.New(), classic.New(), minimal.New()),
		kit.Kit{Addresses: addresses, Log: slog.New(slog.DiscardHandler)}, handlers.Config{Traffic: counter})
	l := fasthttputil.NewInmemoryListener()
	go func() { _ = r.Serve(l) }() // ends with the test
	w.Cleanup(func() { _ = l.Close() })
	return counter, l
}

// sent returns the bytes that a shop has sent by what the database has.
func (w *world) sent(id orbit.MerchantID) (n int64) {
	w.Helper()
	conn, err := pgx.Connect(w.Context(), storetest.SuperURL(w.url))
	if err != nil {
		w.Fatal(err)
	}
	defer conn.Close(w.Context()) //nolint:errcheck // a test's connection
	if err := conn.QueryRow(w.Context(), `SELECT coalesce(sum(bytes), 0)::bigint FROM traffic WHERE merchant_id = $1`,
		id.String()).Scan(&n); err != nil {
		w.Fatal(err)
	}
	return n
}

// TestTraffic: the database has each shop's bytes as its clients have read them, to the byte, over two processes and
// over connections on which hosts alternate: pages that are kept and that aren't, refusals, files, answers without
// a body. What the platform's own hosts send is nobody's.
func TestTraffic(t *testing.T) {
	t.Parallel()
	w := begin(t)
	requests := []string{
		"GET / HTTP/1.1\r\nHost: moss.localhost\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: nord.localhost\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n",
		"GET /nothing HTTP/1.1\r\nHost: moss.localhost\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: moss.localhost\r\nAccept-Encoding: gzip\r\n\r\n",
		"HEAD / HTTP/1.1\r\nHost: nord.localhost\r\n\r\n",
		"GET " + static.Path("favicon.svg") + " HTTP/1.1\r\nHost: nord.localhost\r\n\r\n",
		"GET " + static.Path("favicon.svg") + " HTTP/1.1\r\nHost: dashboard.localhost\r\n\r\n",
		"GET /cart HTTP/1.1\r\nHost: moss.localhost\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: moss.localhost\r\nIf-None-Match: *\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: nobody.localhost\r\n\r\n",
		"PUT / HTTP/1.1\r\nHost: nord.localhost\r\nContent-Length: 0\r\n\r\n",
		"GET /healthz HTTP/1.1\r\nHost: moss.localhost\r\n\r\n",
		"GET / HTTP/1.1\r\nHost: moss.localhost\r\nHost: nord.localhost\r\n\r\n",
	}
	var mu sync.Mutex
	read := map[string]int64{}
	var wg sync.WaitGroup
	var counters []*traffic.Counter
	for range 2 {
		counter, l := w.serving()
		counters = append(counters, counter)
		for range 4 {
			wg.Go(func() {
				raw, err := l.Dial()
				if err != nil {
					t.Error(err)
					return
				}
				defer raw.Close() //nolint:errcheck // a test's connection
				conn := &heard{Conn: raw}
				in := bufio.NewReader(conn)
				for range 3 {
					for i, request := range requests {
						if i == len(requests)-1 { // its connection ends with it
							continue
						}
						before := conn.bytes
						if err := roundTrip(conn, in, request); err != nil {
							t.Error(request, err)
							return
						}
						_, rest, _ := strings.Cut(request, "Host: ")
						host, _, _ := strings.Cut(rest, "\r\n")
						if strings.Contains(request, "/healthz") {
							host = "health"
						}
						mu.Lock()
						read[host] += conn.bytes - before
						mu.Unlock()
					}
				}
				if err := roundTrip(conn, in, requests[len(requests)-1]); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
	for _, c := range counters {
		for range 2 { // the second time there is nothing left
			if err := c.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
	for host, id := range map[string]orbit.MerchantID{"moss.localhost": w.moss, "nord.localhost": w.nord} {
		if got := w.sent(id); got != read[host] || got < 10_000 {
			t.Errorf("%s: %d bytes are counted, %d were read", host, got, read[host])
		}
	}
}

// TestTrafficSentAhead: requests that a client sends before it has the answers count for their own shops, to the byte,
// in whatever pieces they come.
func TestTrafficSentAhead(t *testing.T) {
	t.Parallel()
	w := begin(t)
	counter, l := w.serving()
	moss := "GET / HTTP/1.1\r\nHost: moss.localhost\r\n\r\n"
	nord := "GET / HTTP/1.1\r\nHost: nord.localhost\r\n\r\n"
	cart := "GET /cart HTTP/1.1\r\nHost: nord.localhost\r\n\r\n"
	head := "HEAD / HTTP/1.1\r\nHost: moss.localhost\r\n\r\n"
	none := "GET /nothing HTTP/1.1\r\nHost: moss.localhost\r\n\r\n"
	site := "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
	post := "POST /cart HTTP/1.1\r\nHost: nord.localhost\r\nOrigin: http://nord.localhost\r\n" +
		"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\n\r\na=b"
	read := map[string]int64{}
	for _, writes := range [][]string{{moss, nord, moss}, {moss + nord}, {nord + moss}, {moss + nord + moss + nord},
		{moss + nord + cart + head + none + site + nord + moss, moss, nord}, {moss + nord[:20], nord[20:] + moss, cart},
		{post, moss, post + moss, moss + post + nord, moss}, {site + moss, site}, {moss + site, moss},
		{strings.Repeat(moss+nord, 20)}, {head + head + nord, nord}} {
		raw, err := l.Dial()
		if err != nil {
			t.Fatal(err)
		}
		in := bufio.NewReader(raw)
		for _, text := range writes {
			if _, err := io.WriteString(raw, text); err != nil {
				t.Fatal(err)
			}
			if strings.HasSuffix(text, nord[:20]) {
				time.Sleep(20 * time.Millisecond) // so that the pieces arrive apart
			}
		}
		for request := range strings.SplitAfterSeq(strings.ReplaceAll(strings.Join(writes, ""), "a=b", ""), "\r\n\r\n") {
			if request == "" {
				continue
			}
			_, rest, _ := strings.Cut(request, "Host: ")
			host, _, _ := strings.Cut(rest, "\r\n")
			n, err := sizeOfAnswer(in, strings.HasPrefix(request, "HEAD"))
			if err != nil {
				t.Fatal(request, err)
			}
			read[host] += n
		}
		_ = raw.Close()
	}
	if err := counter.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	for host, id := range map[string]orbit.MerchantID{"moss.localhost": w.moss, "nord.localhost": w.nord} {
		if got := w.sent(id); got != read[host] || got < 10_000 {
			t.Errorf("%s: %d bytes are counted, %d were read", host, got, read[host])
		}
	}
}

// sizeOfAnswer reads an answer with a Content-Length, and returns how many bytes it has.
func sizeOfAnswer(in *bufio.Reader, head bool) (size int64, err error) {
	body := int64(0)
	for {
		line, err := in.ReadString('\n')
		size += int64(len(line))
		if err != nil {
			return size, err
		}
		if line == "\r\n" {
			break
		}
		if name, value, _ := strings.Cut(line, ":"); strings.EqualFold(name, "Content-Length") {
			if body, err = strconv.ParseInt(strings.TrimSpace(value), 10, 64); err != nil {
				return size, err
			}
		}
	}
	if head {
		return size, nil
	}
	n, err := io.CopyN(io.Discard, in, body)
	return size + n, err
}

func roundTrip(conn net.Conn, in *bufio.Reader, request string) error {
	if _, err := io.WriteString(conn, request); err != nil {
		return err
	}
	method, _, _ := strings.Cut(request, " ")
	res, err := http.ReadResponse(in, &http.Request{Method: method})
	if err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, res.Body)
	return err
}

// TestTrafficSurvives: what couldn't be added goes with the next flush, and stopping flushes.
func TestTrafficSurvives(t *testing.T) {
	t.Parallel()
	w := begin(t)
	counter := traffic.New(w.db, slog.New(slog.DiscardHandler))
	counter.Start(t.Context())
	w.exec(w.moss, `INSERT INTO traffic (merchant_id, month, bytes) VALUES ('`+w.moss.String()+`', '2020-01-01', 1)`)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 1000 {
				counter.Meter(w.moss).Add(3)
			}
		})
	}
	wg.Wait()
	gone, cancel := context.WithCancel(w.Context())
	cancel()
	if err := counter.Flush(gone); err == nil {
		t.Error("a flush without a database worked")
	}
	counter.Meter(orbit.NewID[orbit.Merchant]()).Add(5) // of a merchant that is gone
	if err := counter.Stop(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := w.sent(w.moss); n != 24_001 {
		t.Errorf("%d bytes", n)
	}
}

// TestTrafficNotice: shops that send much have a notice at 80 and at 100 %, once, whichever process gets there.
func TestTrafficNotice(t *testing.T) {
	t.Parallel()
	w := begin(t)
	conn, err := pgx.Connect(t.Context(), storetest.SuperURL(w.url))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context()) //nolint:errcheck // a test's connection
	if _, err := conn.Exec(t.Context(), `UPDATE plans SET limits = '{"bandwidthBytes": 1000}'`); err != nil {
		t.Fatal(err)
	}
	counters := []*traffic.Counter{traffic.New(w.db, slog.New(slog.DiscardHandler)),
		traffic.New(w.open(), slog.New(slog.DiscardHandler))}
	for i, want := range []int{0, 0, 1, 2, 2} { // after 300, 600, 900 bytes …
		counters[i%2].Meter(w.moss).Add(300)
		var wg sync.WaitGroup
		for _, c := range counters {
			wg.Go(func() {
				if err := c.Flush(t.Context()); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		var n int
		if err := conn.QueryRow(t.Context(), `SELECT count(*) FROM river_job WHERE kind = 'notice'`).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n != want {
			t.Errorf("after %d bytes there are %d notices, want %d", 300*(i+1), n, want)
		}
	}
}
