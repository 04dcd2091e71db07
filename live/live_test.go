package live_test

import (
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"orbit360.app/live"
	"orbit360.app/orbit"
	"orbit360.app/store/pg"
	"orbit360.app/store/storetest"
)

func TestMain(m *testing.M) { storetest.Main(m) }

func within(t *testing.T, what string, ch <-chan struct{}) {
	t.Helper()
	select {
	case <-ch:
	case <-time.After(10 * time.Second):
		t.Fatal("no change reached", what)
	}
}

// TestFeed: a commit wakes the subscribers of its merchant and those of all, and no others, and every function that was
// registered has been called by then. A subscription that was ended hears nothing more.
func TestFeed(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	f := live.New(live.Config{DB: db, Log: slog.New(slog.DiscardHandler)})
	moss, nord := orbit.NewID[orbit.Merchant](), orbit.NewID[orbit.Merchant]()
	for id, name := range map[orbit.MerchantID]string{moss: "Moss", nord: "Nord"} {
		if _, err := db.CreateMerchant(t.Context(), id, orbit.Application{Name: name, OwnerName: "Ada",
			Email: name + "@example.com", Category: "books"}, nil, orbit.System); err != nil {
			t.Fatal(err)
		}
	}
	var ofMoss atomic.Int64
	f.OnChange(func(c pg.Change) {
		if c.Merchant == moss && !c.Shop {
			ofMoss.Add(1)
		}
	})
	inserted := make(chan struct{}, 10)
	f.OnJob(func(topic, _ string) {
		if topic == "river_insert" {
			inserted <- struct{}{}
		}
	})
	all, cancelAll := f.Subscribe()
	f.Start(t.Context())
	t.Cleanup(f.Stop)
	within(t, "the subscriber of all, once the listener is there", all)
	one, cancelOne := f.Subscribe(moss)
	other, cancelOther := f.Subscribe(nord)
	ended, cancelEnded := f.Subscribe(moss)
	defer cancelOther()
	defer cancelAll()
	cancelEnded()
	cancelEnded() // twice is once
	if _, open := <-ended; open {
		t.Error("a subscription that was ended is open")
	}
	if _, err := db.Activate(t.Context(), moss, orbit.Activation{Theme: "upfront-modern", Plan: "starter",
		Subdomain: "moss", Category: "books"}, "localhost", orbit.System); err != nil {
		t.Fatal(err)
	}
	within(t, "its merchant's subscriber", one)
	if ofMoss.Load() == 0 {
		t.Error("a subscriber was woken before the registered functions were called")
	}
	within(t, "the subscriber of all", all)
	within(t, "the function that waits for jobs", inserted)
	select {
	case <-other:
		t.Error("another merchant's subscriber was woken")
	default:
	}
	if v, err := f.RunView(t.Context(), moss); err != nil || v.Run.Status != orbit.RunPending {
		t.Errorf("%+v %v", v.Run, err)
	}
	cancelOne()
}

// TestTimesAreKept: how long live updates took is in the database once the feed has stopped.
func TestTimesAreKept(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	f := live.New(live.Config{DB: db, Log: slog.New(slog.DiscardHandler)})
	f.Start(t.Context())
	for range 3 {
		f.Delivered(4 * time.Millisecond)
	}
	f.Stop()
	o, err := db.Operations(t.Context(), time.Now().Add(-time.Minute))
	if err != nil || o.Live.Total() != 3 || o.Live.Counts[o.Live.Slot(4*time.Millisecond)] != 3 {
		t.Errorf("%+v %v", o.Live, err)
	}
}
