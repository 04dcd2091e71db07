package orbit

import (
	"math"
	"time"
)

// Times holds durations counted in buckets: Counts has one more than Bounds, for what took longer than the last.
type Times struct {
	Bounds []time.Duration
	Counts []int
}

// NewTimes returns no durations yet.
func NewTimes(bounds []time.Duration) Times { return Times{bounds, make([]int, len(bounds)+1)} }

// Slot is the bucket that a duration belongs in.
func (t Times) Slot(d time.Duration) int {
	for i, bound := range t.Bounds {
		if d <= bound {
			return i
		}
	}
	return len(t.Bounds)
}

// Total is how many there are.
func (t Times) Total() (n int) {
	for _, c := range t.Counts {
		n += c
	}
	return n
}

// Quantile is the smallest bound that at least the share q (0 to 1) took at most; ok is false where there
// is none, because they took longer than every bound or there are none at all.
func (t Times) Quantile(q float64) (bound time.Duration, ok bool) {
	need, sum := int(math.Ceil(q*float64(t.Total()))), 0
	for i, bound := range t.Bounds {
		if sum += t.Counts[i]; sum >= need && sum > 0 {
			return bound, true
		}
	}
	return 0, false
}

// RunTimeBounds returns the upper bounds of the histogram of provisioning times; a last bucket holds what took longer.
func RunTimeBounds() []time.Duration {
	return []time.Duration{10 * time.Millisecond, 20 * time.Millisecond, 30 * time.Millisecond, 50 * time.Millisecond,
		100 * time.Millisecond, 200 * time.Millisecond,
		300 * time.Millisecond, 500 * time.Millisecond, time.Second, 2 * time.Second, 5 * time.Second, 10 * time.Second,
		PromisedRunTime}
}

// LiveBounds returns the upper bounds in which live updates are counted; a last bucket holds what took longer.
func LiveBounds() []time.Duration {
	return []time.Duration{time.Millisecond, 2 * time.Millisecond, 5 * time.Millisecond, 10 * time.Millisecond,
		20 * time.Millisecond, 50 * time.Millisecond,
		100 * time.Millisecond, 200 * time.Millisecond, 500 * time.Millisecond, PromisedLive, 2 * time.Second,
		5 * time.Second}
}
