package kit

import (
	"context"
	"slices"
	"sync"
	"time"

	"orbit360.app/orbit"
)

// How long somebody waits for their password to be hashed, and how many wait: from one network, on known devices, in
// all.
const (
	hashPatience   = 5 * time.Second
	hashPerNetwork = 10
	hashKnown      = 200
	hashWaiting    = 1000
)

// hashing bounds how many passwords are hashed at once (each takes 19 MiB and 20 ms of a core) and shares the places:
// networks take turns, however many of one wait, and a device that has signed in to the account before, or with a
// one-time link, has every second place. So a flood from one network keeps itself waiting, and one from very many
// doesn't lock out known devices.
type hashing struct {
	mu       sync.Mutex
	free     int
	known    []*hasher
	networks []string // that wait, in the order of their turns
	waiting  map[string][]*hasher
	strange  int  // how many of them wait
	turn     bool // the next place is a known one's, if one waits
}

type hasher struct {
	network string // "" on a known device
	ready   chan struct{}
}

func newHashing(places int) *hashing {
	return &hashing{free: places, waiting: map[string][]*hasher{}, turn: true}
}

// enter waits for a place, which leave gives back. TooMany where too many wait already, or for too long.
func (h *hashing) enter(ctx context.Context, from orbit.Network, known bool) error {
	me := &hasher{network: from.Near, ready: make(chan struct{})}
	if known {
		me.network = ""
	}
	if !h.queue(me, known) {
		return errHashing
	}
	timer := time.NewTimer(hashPatience)
	defer timer.Stop()
	var err error
	select {
	case <-me.ready:
		return nil
	case <-ctx.Done():
		err = ctx.Err()
	case <-timer.C:
		err = errHashing
	}
	if !h.forget(me, known) { // it got the place at the same moment
		h.leave()
	}
	return err
}

var errHashing = orbit.Errorf(orbit.TooMany,
	"Too many people are signing in right now. Please try again in a few seconds.").After(hashPatience)

// queue puts somebody in line, with a place at once where there is one. False where the line is full.
func (h *hashing) queue(me *hasher, known bool) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case h.free > 0:
		h.free--
		close(me.ready)
	case known:
		if len(h.known) >= hashKnown {
			return false
		}
		h.known = append(h.known, me)
	default:
		if h.strange >= hashWaiting || len(h.waiting[me.network]) >= hashPerNetwork {
			return false
		}
		if len(h.waiting[me.network]) == 0 {
			h.networks = append(h.networks, me.network)
		}
		h.waiting[me.network] = append(h.waiting[me.network], me)
		h.strange++
	}
	return true
}

// leave gives the place to the next in turn.
func (h *hashing) leave() {
	h.mu.Lock()
	defer h.mu.Unlock()
	var next *hasher
	switch {
	case len(h.known) > 0 && (h.turn || h.strange == 0):
		next, h.known = h.known[0], h.known[1:]
		h.turn = false
	case h.strange > 0:
		network := h.networks[0]
		next = h.waiting[network][0]
		h.drop(next)
		if len(h.waiting[network]) > 0 { // to the end of the line of networks
			h.networks = append(slices.DeleteFunc(h.networks, func(n string) bool { return n == network }), network)
		}
		h.turn = true
	default:
		h.free++
		return
	}
	close(next.ready)
}

// forget takes somebody out of the line; false where they are in it no more.
func (h *hashing) forget(me *hasher, known bool) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if known {
		at := slices.Index(h.known, me)
		if at >= 0 {
			h.known = slices.Delete(h.known, at, at+1)
		}
		return at >= 0
	}
	if !slices.Contains(h.waiting[me.network], me) {
		return false
	}
	h.drop(me)
	return true
}

// drop takes somebody out of their network's line, and the network when its line is empty.
func (h *hashing) drop(me *hasher) {
	line := slices.DeleteFunc(h.waiting[me.network], func(o *hasher) bool { return o == me })
	h.strange--
	if len(line) > 0 {
		h.waiting[me.network] = line
		return
	}
	delete(h.waiting, me.network)
	h.networks = slices.DeleteFunc(h.networks, func(n string) bool { return n == me.network })
}

// hashed runs a piece of password work when it is its turn. A known request comes from a device that has signed in
// before.
func (k *Kit) hashed(ctx context.Context, from orbit.Network, known bool, work func() error) error {
	if err := k.hashing.enter(ctx, from, known); err != nil {
		if orbit.CodeOf(err) == orbit.TooMany {
			k.tallies.note(orbit.ActionThrottleHit, "hashing", from)
		}
		return err
	}
	defer k.hashing.leave()
	return work()
}
