package chaos

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"orbit360.app/programtest"
)

// A shop may have 200 sockets in one process, and a session five.
const (
	socketsOfShop    = 200
	socketsOfSession = 5
)

// TestSocketMemory has as many pages open as fifty shops may have in one process, and looks at what that holds, before
// and after something happens on each of them.
func TestSocketMemory(t *testing.T) {
	t.Parallel()
	const most = 300 // MiB
	count := either(4, 50)
	w := newWorld(t, nil, "TRUSTED_PROXIES=127.0.0.1/32")
	metrics := "127.0.0.1:" + freePort(w)
	n := w.node("METRICS_ADDR=" + metrics)
	n.start()
	shops := w.shopsWith(count, 1, socketsOfShop/socketsOfSession)
	n.http.CloseIdleConnections()
	idle, began, all := n.memory(), time.Now(), count*socketsOfShop
	var got sync.WaitGroup // each first the page, then what an order changes on it
	h := &crowd{shops: shops, got: &got}
	got.Add(all)
	h.open(t, n)
	got.Wait()
	if open := int(n.metric(metrics, "orbit360_sockets_open")); open != all {
		t.Fatalf("%d sockets are open, not %d", open, all)
	}
	if _, err := shops[0].open(n, "", shops[0].cookies[0]); err != programtest.Refused(429) {
		t.Errorf("one more than there may be: %v", err)
	}
	took, first := time.Since(began), n.memory()
	got.Add(all)
	for _, s := range shops {
		if _, err := s.buy(n); err != nil {
			t.Fatal(err)
		}
	}
	got.Wait()
	t.Logf("%d sockets were open and drawn (%d KiB) after %v; the program held %d MiB, %d MiB before, and %d MiB when an "+
		"order had come to all of them", all, h.bytes.Load()>>10, took.Round(time.Millisecond), first, idle, n.memory())
	if now := n.memory(); long && max(first, now) > most {
		t.Errorf("%d sockets hold %d MiB, more than %d", all, max(first, now), most)
	}
}

// crowd holds pages that are open without an end.
type crowd struct {
	shops []*shop
	got   *sync.WaitGroup
	bytes atomic.Int64
}

// open opens as many of each shop as there may be.
func (h *crowd) open(t *testing.T, n *node) {
	t.Helper()
	type seat struct {
		*shop
		i int
	}
	todo := make(chan seat)
	for range 16 {
		go func() {
			for s := range todo {
				path := s.pages()[s.i%len(s.pages())]
				socket, err := s.shop.open(n, path, s.cookies[s.i/socketsOfSession])
				if err != nil {
					t.Error(s.name, s.i, err)
					continue
				}
				t.Cleanup(func() { _ = socket.Close() })
				go h.listen(socket, path)
			}
		}()
	}
	for i := range socketsOfShop {
		for _, s := range h.shops {
			todo <- seat{s, i}
		}
	}
	close(todo)
}

// listen counts the first message, which a page that shows nothing hasn't, and the first one after it.
func (h *crowd) listen(socket *programtest.Socket, path string) {
	left := 2
	if path == "" {
		h.got.Done()
		left--
	}
	for {
		text, err := socket.Next()
		if err != nil {
			return
		}
		h.bytes.Add(int64(len(text)))
		if left--; left >= 0 {
			h.got.Done()
		}
	}
}
