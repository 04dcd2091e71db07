package chaos

import (
	"math/rand/v2"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"orbit360.app/programtest"
)

// business is what happens in shops while pages are open: in every other one people buy, and the owner takes payments
// and sends things; in all of them the owner changes what there is.
type business struct {
	stop  chan struct{}
	wait  sync.WaitGroup
	sold  atomic.Int64
	saved atomic.Int64
	lost  atomic.Int64
}

// trade begins, at nodes that answer, with so many hands.
func (w *world) trade(shops []*shop, hands int, at func(*rand.Rand) *node) *business {
	b := &business{stop: make(chan struct{})}
	for hand := range hands {
		rng := rand.New(rand.NewPCG(w.rng.Uint64(), uint64(hand)))
		b.wait.Go(func() {
			for i := 1; ; i++ {
				select {
				case <-b.stop:
					return
				case <-time.After(20 * time.Millisecond):
				}
				s, act, done := shops[rng.IntN(len(shops)/2)*2], (*shop).sell, &b.sold
				if i%2 == 0 {
					s, done = shops[rng.IntN(len(shops))], &b.saved
					act = func(s *shop, n *node) error { return s.restock(n, 1000+rng.IntN(1e6)) }
				}
				if err := act(s, at(rng)); err == nil {
					done.Add(1)
				} else {
					b.lost.Add(1)
				}
			}
		})
	}
	return b
}

func (b *business) end() {
	close(b.stop)
	b.wait.Wait()
}

// TestCrossing has pages of many shops open and close at random, on three processes, while things happen in the shops:
// no page gets anything of another shop. In the long form the processes look for data races, and there are as many
// pages as fifty shops may have in one; three take them, for the race detector bears 8,000 goroutines.
func TestCrossing(t *testing.T) {
	t.Parallel()
	count, each, lasts := either(6, 50), either(20, socketsOfShop), time.Duration(either(6, 180))*time.Second
	w := newWorld(t, nil, "TRUSTED_PROXIES=127.0.0.1/32")
	nodes := []*node{w.node(), w.node(), w.node()}
	for _, n := range nodes {
		if long {
			var err error
			if n.Path, err = programtest.BuildRace(); err != nil {
				t.Fatal(err)
			}
		}
		n.start()
	}
	shops := w.shopsWith(count, 2, each/socketsOfSession+1)
	looks := time.Duration(either(2, 120)) * time.Second
	h := w.seat(shops, each, nodes, func(rng *rand.Rand) time.Duration { return time.Duration(rng.Int64N(int64(looks))) })
	b := w.trade(shops, either(2, 3), func(rng *rand.Rand) *node { return nodes[rng.IntN(len(nodes))] })
	w.eventually("all pages have been open", func() bool { return int(h.opened.Load()) >= len(h.tabs) })
	began := time.Now()
	time.Sleep(lasts)
	b.end()
	t.Logf("%s of opening and closing: %s; %d things sold, paid and sent, %d saved, %d tries failed",
		time.Since(began).Round(time.Second), h.said(), b.sold.Load(), b.saved.Load(), b.lost.Load())
	h.end()
	for i, text := range h.crossed {
		if i < 5 {
			t.Error(text)
		}
	}
	if h.frames.Load() < int64(len(h.tabs)) || b.sold.Load() == 0 || b.saved.Load() == 0 || h.codes[1008] > 0 {
		t.Error("too little happened, or pages were sent away")
	}
	for _, n := range nodes {
		if err := n.Stop(); err != nil || strings.Contains(n.Out.String(), "DATA RACE") {
			t.Errorf("a process ended with %v; a data race: %t", err, strings.Contains(n.Out.String(), "DATA RACE"))
		}
	}
}
