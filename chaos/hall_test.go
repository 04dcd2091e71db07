package chaos

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"orbit360.app/programtest"
)

// hall is all pages that people have open, over all nodes. Each behaves as a browser's: a socket that is lost is opened
// anew, after half a second and then more, unless the server said that there is no use (1008).
type hall struct {
	w      *world
	tabs   []*tab
	wait   sync.WaitGroup
	leave  context.CancelFunc
	closes func(*rand.Rand) time.Duration // how long a person looks; nil: for as long as the test

	frames, opened atomic.Int64
	mu             sync.Mutex
	nodes          []*node // that a balancer knows
	codes          map[int]int
	refused        map[string]int
	crossed        []string
	back           times // from a socket's end to the whole panel
}

// tab is one page.
type tab struct {
	*shop
	path, cookie string
	rng          *rand.Rand

	mu   sync.Mutex
	node *node // it is connected to
	last string
	over int // the code that ended it for good
}

// seat opens so many pages of each shop, each as soon as it can be.
func (w *world) seat(shops []*shop, each int, nodes []*node, closes func(*rand.Rand) time.Duration) *hall {
	ctx, leave := context.WithCancel(w.t.Context())
	h := &hall{w: w, nodes: nodes, leave: leave, closes: closes, codes: map[int]int{}, refused: map[string]int{}}
	w.t.Cleanup(h.end)
	for i := range each {
		for _, s := range shops {
			tb := &tab{shop: s, path: s.pages()[i%len(s.pages())], cookie: s.cookies[i/socketsOfSession],
				rng: rand.New(rand.NewPCG(w.rng.Uint64(), w.rng.Uint64()))}
			h.tabs = append(h.tabs, tb)
		}
	}
	for _, tb := range h.tabs {
		h.wait.Go(func() { h.stay(ctx, tb) })
	}
	return h
}

// end closes all pages.
func (h *hall) end() {
	h.leave()
	h.wait.Wait()
}

// known has the balancer know other nodes.
func (h *hall) known(nodes ...*node) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.nodes = nodes
}

func (h *hall) pick(rng *rand.Rand) *node {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.nodes[rng.IntN(len(h.nodes))]
}

// stay keeps a page connected, as hx-ws does.
func (h *hall) stay(ctx context.Context, tb *tab) {
	var lost time.Time
	for tries := 0; ctx.Err() == nil; tries++ {
		if tries > 0 {
			delay := min(500*time.Millisecond<<(min(tries, 7)-1), time.Minute)
			pause(ctx, delay*7/10+time.Duration(tb.rng.Int64N(int64(delay*6/10))))
		}
		n := h.pick(tb.rng)
		socket, err := tb.open(n, tb.path, tb.cookie)
		if err != nil {
			h.refuse(err)
			continue
		}
		h.opened.Add(1)
		closed, again := h.look(ctx, tb, n, socket, lost)
		if tries = 0; again {
			tries = -1
		}
		if lost = closed; tb.ended() {
			return
		}
	}
}

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// look reads what comes until the socket ends. again reports that the person left, and comes back.
func (h *hall) look(ctx context.Context, tb *tab, n *node, socket *programtest.Socket, lost time.Time) (
	closed time.Time, again bool) {
	defer context.AfterFunc(ctx, func() { _ = socket.Close() })()
	var left atomic.Bool
	if h.closes != nil {
		defer time.AfterFunc(h.closes(tb.rng), func() { left.Store(true); _ = socket.Close() }).Stop()
	}
	defer socket.Close() //nolint:errcheck // it has ended
	if tb.path == "" {
		h.arrived(tb, n, &lost)
	}
	for {
		text, err := socket.Next()
		if err != nil {
			if ctx.Err() == nil && !left.Load() {
				h.lost(tb, err)
			}
			return time.Now(), left.Load()
		}
		h.frames.Add(1)
		h.check(tb, string(text))
		if tb.path != "" {
			h.arrived(tb, n, &lost)
		}
	}
}

// arrived notes that a page is whole again, where it was lost.
func (h *hall) arrived(tb *tab, n *node, lost *time.Time) {
	tb.mu.Lock()
	tb.node = n
	tb.mu.Unlock()
	if !lost.IsZero() {
		h.mu.Lock()
		h.back = append(h.back, time.Since(*lost))
		h.mu.Unlock()
	}
	*lost = time.Time{}
}

func (h *hall) lost(tb *tab, err error) {
	code := 1006
	if closed, ok := errors.AsType[programtest.Closed](err); ok {
		code = int(closed)
	}
	tb.mu.Lock()
	tb.node = nil
	if code == 1008 {
		tb.over = code
	}
	tb.mu.Unlock()
	h.mu.Lock()
	defer h.mu.Unlock()
	h.codes[code]++
}

func (h *hall) refuse(err error) {
	why := "no answer"
	if refused, ok := errors.AsType[programtest.Refused](err); ok {
		why = refused.Error()
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.refused[why]++
}

func (tb *tab) ended() bool {
	tb.mu.Lock()
	defer tb.mu.Unlock()
	return tb.over != 0
}

// check holds a frame against its shop: everything in a shop has the shop's name on it.
func (h *hall) check(tb *tab, text string) {
	if strings.HasPrefix(text, "{") {
		var n int64
		if _, err := fmt.Sscanf(text, `{"orders":%d}`, &n); err != nil || n < 1 || n > tb.placed.Load() {
			h.cross(tb, text)
		}
		return
	}
	names := shopName.FindAllString(text, -1)
	for _, name := range names {
		if name != tb.name {
			h.cross(tb, name+" in "+text)
			return
		}
	}
	if len(names) == 0 || tb.path == "" {
		h.cross(tb, text)
		return
	}
	tb.mu.Lock()
	defer tb.mu.Unlock()
	tb.last = text
}

func (h *hall) cross(tb *tab, text string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.crossed = append(h.crossed, fmt.Sprintf("%s%s got %.600s", tb.name, tb.path, text))
}

// connected returns how many pages are connected to one of the nodes.
func (h *hall) connected(to ...*node) (count int) {
	for _, tb := range h.tabs {
		tb.mu.Lock()
		for _, n := range to {
			if tb.node == n {
				count++
			}
		}
		tb.mu.Unlock()
	}
	return count
}

// whole reports whether every page is connected.
func (h *hall) whole() bool { return h.connected(h.w.nodes...) == len(h.tabs) }

// forget begins to count ends anew.
func (h *hall) forget() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.codes, h.back = map[int]int{}, nil
}

// ends returns how sockets ended that weren't left, and how long it took until their pages were whole again.
func (h *hall) ends() (codes map[int]int, back times) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return maps.Clone(h.codes), slices.Clone(h.back)
}

// right holds what each page shows against what a new one of it shows.
func (h *hall) right(t *testing.T, n *node) {
	t.Helper()
	fresh := map[string]string{}
	for _, tb := range h.tabs {
		at := tb.name + tb.path
		if _, ok := fresh[at]; ok || tb.path == "" {
			continue
		}
		socket, err := tb.open(n, tb.path, tb.cookies[len(tb.cookies)-1])
		if err != nil {
			t.Fatal(err)
		}
		text, err := socket.Next()
		_ = socket.Close() // it has said what it is for
		if err != nil {
			t.Fatal(err)
		}
		fresh[at] = tidied(string(text))
	}
	wrong := func() (all []string) {
		for _, tb := range h.tabs {
			tb.mu.Lock()
			if tb.path != "" && tidied(tb.last) != fresh[tb.name+tb.path] {
				all = append(all, fmt.Sprintf("%s%s shows\n%s\nand not\n%s", tb.name, tb.path, tidied(tb.last),
					fresh[tb.name+tb.path]))
			}
			tb.mu.Unlock()
		}
		return all
	}
	// The last change may still be under way to some.
	for deadline := time.Now().Add(10 * time.Second); len(wrong()) > 0 && time.Now().Before(deadline); {
		time.Sleep(50 * time.Millisecond)
	}
	if all := wrong(); len(all) > 0 {
		t.Errorf("%d of %d pages aren't what the database has: %.4000s", len(all), len(h.tabs), all[0])
	}
}

// said returns what happened.
func (h *hall) said() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return fmt.Sprintf("%d pages, %d sockets opened, tries refused: %v, %d frames, %d crossed, ended with %v",
		len(h.tabs), h.opened.Load(), h.refused, h.frames.Load(), len(h.crossed), h.codes)
}
