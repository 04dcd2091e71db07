package fake

import (
	"crypto/sha256"
	"net/http"
	"sync"
	"time"
)

// Answer is what a call is answered with.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte
	Forget bool // the idempotency key doesn't keep it: the request was refused before anything was done
}

// Refusals holds the answers that a provider gives in its own words.
type Refusals struct {
	Error     Answer // 500
	TooMany   Answer // 429
	Different Answer // the key was used with another request
	InFlight  Answer // the first request with the key isn't answered yet
}

// Exchange answers calls: with their faults, and once per idempotency key.
type Exchange struct {
	Faults   Faults
	refusals Refusals
	clock    *Clock
	lifetime time.Duration // of a key; 0 is for good, and takes no clock

	mu   sync.Mutex
	kept map[string]*kept
}

// kept is a key's request, and its answer when there is one.
type kept struct {
	request [sha256.Size]byte
	answer  *Answer
	since   time.Time
}

// serve answers a call. With a key, the same request gets the answer that the first one got, marked by a header of
// the provider's; request is all of it that counts: method, path and body.
func (x *Exchange) serve(w http.ResponseWriter, call, key string, request []byte, replayed http.Header,
	do func() Answer) {
	fault := x.Faults.take(call)
	switch fault {
	case ErrorBefore:
		write(w, x.refusals.Error, nil)
		return
	case TooMany:
		write(w, x.refusals.TooMany, nil)
		return
	case HangUpBefore:
		panic(http.ErrAbortHandler)
	}
	if key != "" {
		if before := x.begin(key, request); before != nil {
			write(w, *before, replayed)
			return
		}
	}
	x.Faults.wait(call)
	answer := do()
	shown := answer
	if answer.Status < 300 && (fault == ErrorAfter || fault == ErrorKept) {
		shown = x.refusals.Error
	}
	if fault == ErrorKept && answer.Status < 300 {
		answer = shown
		answer.Forget = false
	}
	if key != "" {
		x.end(key, answer)
	}
	if fault == HangUpAfter {
		panic(http.ErrAbortHandler)
	}
	write(w, shown, nil)
}

// begin returns what a request with a key is answered with at once, nil for the first one.
func (x *Exchange) begin(key string, request []byte) *Answer {
	x.mu.Lock()
	defer x.mu.Unlock()
	sum := sha256.Sum256(request)
	var now time.Time
	if x.lifetime > 0 {
		now = x.clock.Now()
	}
	k := x.kept[key]
	switch {
	case k == nil, k.answer != nil && now.Sub(k.since) > x.lifetime:
		if x.kept == nil {
			x.kept = map[string]*kept{}
		}
		x.kept[key] = &kept{request: sum, since: now}
		return nil
	case k.request != sum:
		return &x.refusals.Different
	case k.answer == nil:
		return &x.refusals.InFlight
	}
	return k.answer
}

// end keeps the answer of a key, or frees the key.
func (x *Exchange) end(key string, answer Answer) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if answer.Forget {
		delete(x.kept, key)
		return
	}
	x.kept[key].answer = &answer
}

func write(w http.ResponseWriter, a Answer, more http.Header) {
	for _, header := range []http.Header{a.Header, more} {
		for name, values := range header {
			w.Header()[name] = values
		}
	}
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body) // a client that has gone
}
