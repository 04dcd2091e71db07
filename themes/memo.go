package themes

import "sync"

// memo keeps what has been made of a key, the last half of bound at least and never more than bound. The zero
// value with a bound is ready; it is safe for concurrent use.
type memo[K comparable, V any] struct {
	bound       int
	mu          sync.Mutex
	young, aged map[K]V
}

// of gives what stands for key, made now where it isn't kept.
func (m *memo[K, V]) of(key K, make func() V) V {
	m.mu.Lock()
	v, ok := m.young[key]
	if !ok {
		v, ok = m.aged[key]
	}
	m.mu.Unlock()
	if !ok {
		v = make()
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.young[key]; ok {
		return v
	}
	if m.young == nil || len(m.young) >= m.bound/2 {
		m.young, m.aged = map[K]V{}, m.young
	}
	m.young[key] = v
	return v
}
