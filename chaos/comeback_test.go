package chaos

import (
	"bytes"
	"crypto/sha256"
	"maps"
	"net"
	"strings"
	"testing"
	"time"

	"orbit360.app/programtest"
)

// TestSocketsComeBack replaces and kills processes with pages open at them, while things happen in the shops: each page
// comes back, to another process or to the new one, and shows what there is.
func TestSocketsComeBack(t *testing.T) {
	t.Parallel()
	count, each := either(4, 20), either(24, 90)
	w := newWorld(t, nil, "TRUSTED_PROXIES=127.0.0.1/32")
	nodes := []*node{w.node(), w.node(), w.node()}
	for _, n := range nodes {
		n.start()
	}
	shops := w.shopsWith(count, 2, each/socketsOfSession+2)
	h := w.seat(shops, each, nodes, nil)
	b := w.trade(shops, 1, h.pick)
	faults := []struct {
		what string
		code int
		do   func(*node)
	}{{"a deploy", 1012, (*node).replace}, {"kill -9", 1006, (*node).killed}}
	for round := range either(2, 6) {
		fault, n := faults[round%2], nodes[round%3]
		w.eventually("all pages are open", h.whole)
		at := h.connected(n)
		h.forget()
		h.known(nodes[(round+1)%3], nodes[(round+2)%3]) // a balancer looks away from who leaves
		fault.do(n)
		w.eventually("all pages are open again", h.whole)
		h.known(nodes...)
		codes, back := h.ends()
		t.Logf("%s under %d pages, of %d: ended with %v; back and whole after %v", fault.what, at, len(h.tabs), codes, back)
		if want := map[int]int{fault.code: at}; at == 0 || !maps.Equal(codes, want) || len(back) != at {
			t.Errorf("%s: %d were back; %v ended, and not %v", fault.what, len(back), codes, want)
		}
	}
	b.end()
	h.right(t, nodes[0])
	t.Logf("%s; %d things sold, %d saved, %d tries failed", h.said(), b.sold.Load(), b.saved.Load(), b.lost.Load())
	if len(h.crossed) > 0 {
		t.Error(h.crossed[0])
	}
}

// replace ends a process as a deploy does, and starts the next one.
func (n *node) replace() {
	n.w.t.Helper()
	if err := n.Stop(); err != nil {
		n.w.t.Errorf("SIGTERM: %v\n%s", err, n.Out.Tail())
	}
	n.start()
}

// killed is kill -9, and a supervisor that starts the next one.
func (n *node) killed() {
	n.w.t.Helper()
	n.Kill()
	n.start()
}

// TestSocketsThatMisbehave has pages that read nothing, that say too much, and that stay after their session's end.
func TestSocketsThatMisbehave(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil, "TRUSTED_PROXIES=127.0.0.1/32")
	metrics := "127.0.0.1:" + freePort(w)
	n := w.node("METRICS_ADDR=" + metrics)
	n.start()
	lazy := either(10, 100)
	s := w.shopsWith(1, 1, lazy/socketsOfSession+2)[0]
	open := func() int { return int(n.metric(metrics, "orbit360_sockets_open")) }
	last := s.cookies[len(s.cookies)-1]

	loud, err := s.open(n, "", last)
	if err != nil {
		t.Fatal(err)
	}
	_ = loud.Text(bytes.Repeat([]byte("x"), 1<<20)) // the end may come while it is being sent
	if _, err := loud.Next(); err != programtest.Closed(1009) {
		t.Errorf("a megabyte: %v", err)
	}

	reader := w.seat([]*shop{s}, 3, []*node{n}, nil) // one of them lists the products
	for i := range lazy {
		socket, err := s.open(n, "/products", s.cookies[1+i/socketsOfSession])
		if err != nil {
			t.Fatal(err)
		}
		defer socket.Close() //nolint:errcheck // it has been dropped
		if err := socket.Conn.(*net.TCPConn).SetReadBuffer(4 << 10); err != nil {
			t.Fatal(err)
		}
	}
	w.eventually("all are open", func() bool { return open() == lazy+3 })
	began, changes := time.Now(), 0
	w.eventually("who doesn't read is dropped", func() bool {
		changes++
		if err := s.restock(n, 1000+changes); err != nil {
			t.Fatal(err)
		}
		return open() == 3
	})
	t.Logf("%d pages that read nothing were dropped %v after the first of %d changes", lazy,
		time.Since(began).Round(time.Millisecond), changes)
	reader.right(t, n)
	if got := reader.said(); !strings.HasSuffix(got, "0 crossed, ended with map[]") {
		t.Error(got)
	}

	stays, err := s.open(n, "/orders", last)
	if err != nil {
		t.Fatal(err)
	}
	_, token, _ := strings.Cut(last, "=")
	of := sha256.Sum256([]byte(token))
	w.exec(`UPDATE sessions SET expires_at = now() WHERE token_hash = $1`, of[:])
	expired := time.Now()
	for err == nil {
		_, err = stays.Next()
	}
	t.Logf("a session's socket was closed %v after the session had expired", time.Since(expired).Round(time.Millisecond))
	if _, again := s.open(n, "/orders", last); err != programtest.Closed(1008) || again != programtest.Refused(401) {
		t.Errorf("an expired session's socket: %v, and then %v", err, again)
	}
}
