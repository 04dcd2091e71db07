package api

import (
	"fmt"
	"math"
	"strconv"
	"sync"
	"time"

	"orbit360.app/orbit"
)

// How often one credential (or, without one, one network) may ask.
const (
	ratePerSecond = 100
	rateBurst     = 200
	rateWide      = 4 // times as often for an IPv6 /48 that many share
	maxBuckets    = 100_000
)

// limiter keeps the token buckets of this process (GCRA, ITU-T I.371: one time a bucket). Replicas count
// each for themselves: the limit protects a process, it isn't a price. So it is in memory, where a request costs no
// statement; tries that must be counted across processes are store.DB.AllowAll's.
type limiter struct {
	mu      sync.Mutex
	arrival map[string]time.Time // when the bucket would be empty of what was taken
	swept   time.Time
	now     func() time.Time
}

func newLimiter() *limiter { return &limiter{arrival: map[string]time.Time{}, now: time.Now} }

const rateStep = time.Second / ratePerSecond

// take takes one request from a bucket, and from a second one that is rateWide times as large unless its name is "",
// and writes the headers that say how the first stands (draft-ietf-httpapi-ratelimit-headers-10). Where none is left
// the answer is TooMany.
func (l *limiter) take(set func(name, value string), bucket, wide string) error {
	left, wait := l.count(bucket)
	if wait == 0 && wide != "" {
		_, wait = l.countOf(wide, rateWide)
	}
	window := rateBurst / ratePerSecond
	reset := int(math.Ceil(float64(rateBurst-left) / ratePerSecond))
	set("RateLimit-Policy", fmt.Sprintf(`"default";q=%d;w=%d`, rateBurst, window))
	set("RateLimit", `"default";r=`+strconv.Itoa(left)+`;t=`+strconv.Itoa(reset))
	if wait > 0 {
		return orbit.Errorf(orbit.TooMany, "That is more than %d requests a second. Slow down.", ratePerSecond).After(wait)
	}
	return nil
}

func (l *limiter) count(bucket string) (left int, wait time.Duration) { return l.countOf(bucket, 1) }

// countOf counts in a bucket that is times as large as others.
func (l *limiter) countOf(bucket string, times int) (left int, wait time.Duration) {
	step := rateStep / time.Duration(times)
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	l.sweep(now)
	at := l.arrival[bucket]
	if at.Before(now) {
		at = now
	}
	at = at.Add(step)
	if over := at.Sub(now) - rateBurst*rateStep; over > 0 {
		return 0, over
	}
	l.arrival[bucket] = at
	return int((rateBurst*rateStep - at.Sub(now)) / step), 0
}

// sweep forgets full buckets, once in a while or when there are too many; if all are in use, any.
func (l *limiter) sweep(now time.Time) {
	if len(l.arrival) < maxBuckets && now.Sub(l.swept) < time.Minute {
		return
	}
	l.swept = now
	for bucket, at := range l.arrival {
		if at.Before(now) {
			delete(l.arrival, bucket)
		}
	}
	for bucket := range l.arrival {
		if len(l.arrival) < maxBuckets {
			break
		}
		delete(l.arrival, bucket)
	}
}
