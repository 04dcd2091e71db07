package pg

import (
	"context"
	"errors"
	"sync"
)

// maxWatching is how many readings for pages that watch are under way at once. However many pages there are, runs and
// people come first.
const maxWatching = 4

// Together is something that many pages read when it changes, all at the same moment. Those that ask while others
// wait for their turn share one reading with them. It begins after the last of them has asked, so none is given
// what was true before the change that made them ask.
type Together[V any] struct {
	places chan struct{} // of the readings under way, of all kinds
	mu     sync.Mutex
	next   map[string]*turn[V] // readings that haven't begun, by what they read
}

// turn is one reading. value and err are there when done is closed.
type turn[V any] struct {
	done  chan struct{}
	value V
	err   error
}

// errUnread is what those get who waited for a reading that panicked.
var errUnread = errors.New("store: a shared reading came to no end")

func newTurn[V any]() *turn[V] { return &turn[V]{done: make(chan struct{}), err: errUnread} }

// NewTogether is for one kind of value.
func NewTogether[V any](db interface{ Engine() *DB }) *Together[V] {
	return &Together[V]{places: db.Engine().watching, next: map[string]*turn[V]{}}
}

// Read reads what key names, or shares in the reading of somebody who asked for it too and waits for a turn: read
// must do the same for all of them. The value is shared, and not to be changed.
func (t *Together[V]) Read(ctx context.Context, key string, read func(context.Context) (V, error)) (V, error) {
	t.mu.Lock()
	turn, joined := t.next[key]
	if !joined {
		turn = newTurn[V]()
		t.next[key] = turn
	}
	t.mu.Unlock()
	if !joined {
		t.take(ctx, key, turn, read)
	}
	select {
	case <-turn.done:
		return turn.value, turn.err
	case <-ctx.Done():
		var none V
		return none, mapError(ctx.Err())
	}
}

// take waits for a place and reads. Callers from then on wait for another reading.
func (t *Together[V]) take(ctx context.Context, key string, turn *turn[V], read func(context.Context) (V, error)) {
	defer close(turn.done)
	select {
	case t.places <- struct{}{}:
		defer func() { <-t.places }()
		t.start(key)
		turn.value, turn.err = read(ctx)
	case <-ctx.Done():
		t.start(key)
		turn.err = mapError(ctx.Err())
	}
}

// start closes a reading to new callers.
func (t *Together[V]) start(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.next, key)
}
