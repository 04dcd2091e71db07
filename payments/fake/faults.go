package fake

import (
	"math/rand/v2"
	"sync"
)

// Fault is what goes wrong with a call.
type Fault string

// The faults of a call.
const (
	NoFault      Fault = ""
	ErrorBefore  Fault = "error before"   // a 500, and nothing has happened
	ErrorAfter   Fault = "error after"    // it has happened, and something on the way back answers 500
	ErrorKept    Fault = "error kept"     // it has happened, and the 500 is the answer of its idempotency key from then on
	HangUpBefore Fault = "hang up before" // the connection ends before anything has happened
	HangUpAfter  Fault = "hang up after"  // it has happened, and the connection ends without an answer: a time-out
	TooMany      Fault = "too many"       // a 429, and nothing has happened
)

// Faults says which calls go wrong. A call is named by its method and path pattern: "POST /v1/refunds".
type Faults struct {
	mu     sync.Mutex
	next   map[string][]Fault
	held   map[string]*Held
	random *rand.Rand
	rate   float64
	among  []Fault
}

// Next has the next calls of a name go wrong, one fault each. NoFault lets one pass.
func (f *Faults) Next(call string, faults ...Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.next == nil {
		f.next = map[string][]Fault{}
	}
	f.next[call] = append(f.next[call], faults...)
}

// Random has a share of all calls go wrong, the same ones for the same seed and order of calls. A rate of 0 ends it.
func (f *Faults) Random(seed uint64, rate float64, among ...Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.random, f.rate, f.among = rand.New(rand.NewPCG(seed, seed)), rate, among
}

// Held is a call that waits: it has begun, and does nothing until it is released.
type Held struct {
	Begun   <-chan struct{} // closed when a call is there
	Release func()

	begun chan struct{}
	free  chan struct{}
}

// Hold has the next call of a name wait for its release.
func (f *Faults) Hold(call string) *Held {
	f.mu.Lock()
	defer f.mu.Unlock()
	h := &Held{begun: make(chan struct{}), free: make(chan struct{})}
	h.Begun, h.Release = h.begun, sync.OnceFunc(func() { close(h.free) })
	if f.held == nil {
		f.held = map[string]*Held{}
	}
	f.held[call] = h
	return h
}

// take returns the fault of the call that is about to be made.
func (f *Faults) take(call string) Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	if queue := f.next[call]; len(queue) > 0 {
		f.next[call] = queue[1:]
		return queue[0]
	}
	if f.random != nil && len(f.among) > 0 && f.random.Float64() < f.rate {
		return f.among[f.random.IntN(len(f.among))]
	}
	return NoFault
}

// wait waits where the call is held.
func (f *Faults) wait(call string) {
	f.mu.Lock()
	h := f.held[call]
	delete(f.held, call)
	f.mu.Unlock()
	if h != nil {
		close(h.begun)
		<-h.free
	}
}
