package main

import (
	"runtime"
	"runtime/debug"
	"testing"
	"time"
)

func TestGrowth(t *testing.T) {
	for live, want := range map[uint64]int{0: 9900, 1 << 20: 9900, 32 << 20: 300, 64 << 20: 100, 200 << 20: 100} {
		if got := growth(live); got != want {
			t.Errorf("%d bytes: %d, want %d", live, got, want)
		}
	}
}

// The setting follows the heap, collection after collection.
func TestHeapRoom(t *testing.T) {
	t.Setenv("GOGC", "")
	giveHeapRoom()
	percent := func() int { p := debug.SetGCPercent(100); debug.SetGCPercent(p); return p }
	await := func(what string, is func(int) bool) {
		t.Helper()
		for deadline := time.Now().Add(10 * time.Second); !is(percent()); time.Sleep(time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%s: %d", what, percent())
			}
			runtime.GC()
		}
	}
	await("a small heap", func(p int) bool { return p > 100 })
	large := make([]byte, 2*heapRoom)
	await("a large one", func(p int) bool { return p == 100 })
	runtime.KeepAlive(large)
	large = nil
	await("a small one again", func(p int) bool { return p > 100 })
}
