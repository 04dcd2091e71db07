package main

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// heapRoom is what the heap may always grow to, in bytes, before it is collected. Most of what a request allocates is gone
// with it, and the collector costs by the collection: a small heap that is collected whenever it has doubled pays for
// that several times a second. Above half of it the collector does as ever.
const heapRoom = 128 << 20

// giveHeapRoom sets the collector anew after each collection, unless GOGC says how it is wanted.
func giveHeapRoom() {
	if os.Getenv("GOGC") != "" {
		return
	}
	live := []metrics.Sample{{Name: "/gc/heap/live:bytes"}}
	var again func(*[16]byte)
	again = func(*[16]byte) {
		metrics.Read(live)
		debug.SetGCPercent(growth(live[0].Value.Uint64()))
		runtime.SetFinalizer(new([16]byte), again) // runs after the next collection, and makes the one for the one after that
	}
	again(nil)
}

// growth is by how many percent a heap may grow that a collection has left live bytes in.
func growth(live uint64) int {
	return max(100, int(min(10000, heapRoom*100/max(live, 1)))-100)
}
