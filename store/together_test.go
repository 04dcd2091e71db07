package store_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
	"orbit360.app/store/storetest"
)

// TestTogether: readers of one thing share readings, and none gets one that began before it asked.
func TestTogether(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	shared := pg.NewTogether[int64](db)
	var changes, readings, most, now atomic.Int64
	read := func(context.Context) (int64, error) {
		readings.Add(1)
		for n := now.Add(1); ; {
			if m := most.Load(); n <= m || most.CompareAndSwap(m, n) {
				break
			}
		}
		defer now.Add(-1)
		seen := changes.Load()
		time.Sleep(2 * time.Millisecond) // what is read grows old
		return seen, nil
	}
	const readers, rounds = 200, 20
	var wg sync.WaitGroup
	for i := range readers {
		wg.Go(func() {
			for range rounds {
				before := changes.Add(1)
				got, err := shared.Read(t.Context(), string(rune('a'+i%10)), read)
				if err != nil || got < before {
					t.Errorf("change %d was read as %d: %v", before, got, err)
				}
			}
		})
	}
	wg.Wait()
	if n := readings.Load(); n > readers*rounds/4 {
		t.Errorf("%d readings for %d readers", n, readers*rounds)
	}
	if most.Load() > 4 {
		t.Errorf("%d readings at once", most.Load())
	}
}

// TestTogetherFails: an error is everybody's who shared in it, and nobody's after them; one who waits no longer
// hinders nobody.
func TestTogetherFails(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	shared := pg.NewTogether[int](db)
	free := make(chan struct{})
	var busy sync.WaitGroup
	for _, key := range []string{"a", "b", "c", "d"} { // all places are taken
		busy.Go(func() {
			// only holds the place
			_, _ = shared.Read(t.Context(), key, func(context.Context) (int, error) { <-free; return 0, nil })
		})
	}
	time.Sleep(50 * time.Millisecond)
	short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	refuse := func(context.Context) (int, error) { return 0, errors.New("refused") }
	if _, err := shared.Read(short, "x", refuse); orbit.CodeOf(err) != orbit.Unavailable {
		t.Errorf("out of patience: %v", err)
	}
	var failed atomic.Int64
	var waiting sync.WaitGroup
	for range 10 {
		waiting.Go(func() {
			if _, err := shared.Read(t.Context(), "x", refuse); err != nil && err.Error() == "refused" {
				failed.Add(1)
			}
		})
	}
	time.Sleep(50 * time.Millisecond)
	close(free)
	waiting.Wait()
	busy.Wait()
	if failed.Load() != 10 {
		t.Errorf("%d of 10 heard of the failure", failed.Load())
	}
	func() {
		defer func() { _ = recover() }()
		_, _ = shared.Read(t.Context(), "x", func(context.Context) (int, error) { panic("broken") })
	}()
	if n, err := shared.Read(t.Context(), "x", func(context.Context) (int, error) { return 7, nil }); n != 7 ||
		err != nil {
		t.Errorf("after it: %d, %v", n, err)
	}
}
