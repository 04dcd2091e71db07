package fake

import (
	"sync"
	"time"
)

// Clock is the time at a provider. It runs, and a test can move it forward.
type Clock struct {
	mu    sync.Mutex
	ahead time.Duration
	moved []func() // run after each move
}

// Now is the provider's time, in UTC.
func (c *Clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().UTC().Add(c.ahead)
}

// Move lets time pass at the provider: pages expire, and what was to happen until then happens.
func (c *Clock) Move(by time.Duration) {
	c.mu.Lock()
	c.ahead += by
	moved := c.moved
	c.mu.Unlock()
	for _, f := range moved {
		f()
	}
}

// onMove has a function run after each move.
func (c *Clock) onMove(f func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.moved = append(c.moved, f)
}
