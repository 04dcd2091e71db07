package traffic_test

import (
	"testing"

	"orbit360.app/orbit"
	"orbit360.app/traffic"
)

// BenchmarkAdd is what counting adds to an answer, of one shop on all cores: the worst there is.
func BenchmarkAdd(b *testing.B) {
	m := traffic.New(nil, nil).Meter(orbit.NewID[orbit.Merchant]())
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			m.Add(4096)
		}
	})
}
