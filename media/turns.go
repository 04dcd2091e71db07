package media

import (
	"sync"

	"orbit360.app/orbit"
)

// turns shares a process's workers among the merchants with waiting images. One image of a merchant is always made; a
// second only while no other merchant waits. Heavy ones are made one at a time, of any merchant: the other worker
// stays free for quick images, and the memory of two heavy ones is never held at once.
type turns struct {
	mu      sync.Mutex
	running map[orbit.MerchantID]int
	heavy   sync.Mutex
}

// enter counts an image of a merchant's, and how many of the same merchant's were being made before. Leave ends it.
func (t *turns) enter(m orbit.MerchantID) (others int, leave func()) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.running == nil {
		t.running = map[orbit.MerchantID]int{}
	}
	others = t.running[m]
	t.running[m]++
	return others, func() {
		t.mu.Lock()
		defer t.mu.Unlock()
		if t.running[m]--; t.running[m] == 0 {
			delete(t.running, m)
		}
	}
}
