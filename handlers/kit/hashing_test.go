package kit

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"orbit360.app/orbit"
)

// One network waits with as many as it may, others and known devices come one each: they don't wait for the crowd.
func TestHashingIsSharedFairly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHashing(1)
		ctx := t.Context()
		if err := h.enter(ctx, orbit.NetworkOf("203.0.113.1"), false); err != nil {
			t.Fatal(err)
		}
		var order []string // who got the place, one after the other
		wait := func(name, address string, known bool) {
			go func() {
				if err := h.enter(ctx, orbit.NetworkOf(address), known); err != nil {
					t.Error(name, err)
					return
				}
				order = append(order, name)
				h.leave()
			}()
			synctest.Wait()
		}
		for i := range hashPerNetwork {
			wait(fmt.Sprint("crowd", i), fmt.Sprintf("2001:db8:1:2::%x", i+1), false)
		}
		if err := h.enter(ctx, orbit.NetworkOf("2001:db8:1:2::ffff"), false); orbit.CodeOf(err) != orbit.TooMany {
			t.Error("the crowd may wait without end:", err)
		}
		wait("visitor", "198.51.100.7", false)
		for i := range 3 {
			wait(fmt.Sprint("known", i), "2001:db8:1:2::1", true)
		}
		h.leave()
		synctest.Wait()
		want := []string{"known0", "crowd0", "known1", "visitor", "known2", "crowd1", "crowd2"}
		if len(order) != hashPerNetwork+4 || !slices.Equal(order[:len(want)], want) {
			t.Errorf("%q", order)
		}
		if h.free != 1 || len(h.waiting)+len(h.networks)+len(h.known)+h.strange != 0 {
			t.Errorf("something is left: %+v", h)
		}
	})
}

// A request that gives up leaves the line and takes no place with it.
func TestHashingIsLeft(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		h := newHashing(1)
		if err := h.enter(t.Context(), orbit.NetworkOf("203.0.113.1"), false); err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		if err := h.enter(t.Context(), orbit.NetworkOf("203.0.113.2"), false); orbit.CodeOf(err) != orbit.TooMany ||
			time.Since(began) != hashPatience {
			t.Error(err, time.Since(began))
		}
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		for _, known := range []bool{true, false} {
			go func() { done <- h.enter(ctx, orbit.NetworkOf("203.0.113.3"), known) }()
		}
		synctest.Wait()
		cancel()
		for range 2 {
			if err := <-done; err == nil {
				t.Error("a place for somebody who has left")
			}
		}
		// All networks together have a bound too.
		full, stop := context.WithCancel(t.Context())
		for i := range hashWaiting {
			go func() { _ = h.enter(full, orbit.NetworkOf(fmt.Sprintf("10.0.%d.%d", i>>8, i&255)), false) }()
		}
		synctest.Wait()
		if err := h.enter(t.Context(), orbit.NetworkOf("203.0.113.4"), false); orbit.CodeOf(err) != orbit.TooMany {
			t.Error("more wait than may:", err)
		}
		stop()
		synctest.Wait()
		h.leave()
		if h.free != 1 || len(h.waiting)+len(h.networks)+len(h.known)+h.strange != 0 {
			t.Errorf("something is left: %+v", h)
		}
	})
}
