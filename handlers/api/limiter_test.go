package api

import (
	"strconv"
	"testing"
	"testing/synctest"
	"time"
)

// StopClock holds the time by which requests are counted.
func (a *API) StopClock() {
	now := time.Now()
	a.limits.now = func() time.Time { return now }
}

func TestLimiter(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		l := newLimiter()
		for i := range rateBurst {
			if left, wait := l.count("a"); wait > 0 || left != rateBurst-1-i {
				t.Fatalf("request %d: %d left, wait %s", i, left, wait)
			}
		}
		if _, wait := l.count("a"); wait <= 0 || wait > rateStep {
			t.Fatalf("after the burst: wait %s", wait)
		}
		if _, wait := l.count("b"); wait > 0 {
			t.Fatal("one credential empties another's bucket")
		}
		header := func(string, string) {}
		for i := range 2 * rateWide * rateBurst {
			// Eight lines of one site ask as often as each may: the site has room for four of them.
			err := l.take(header, "line"+strconv.Itoa(i/rateBurst), "site")
			if wide := i >= rateWide*rateBurst; wide != (err != nil) {
				t.Fatalf("request %d of the site: %v", i, err)
			}
		}
		time.Sleep(time.Second)
		n := 0
		for {
			if _, wait := l.count("a"); wait > 0 {
				break
			}
			n++
		}
		if n != ratePerSecond {
			t.Errorf("%d requests a second later", n)
		}
		time.Sleep(2 * time.Minute)
		l.count("c")
		if len(l.arrival) != 1 {
			t.Errorf("%d buckets are kept for nothing", len(l.arrival))
		}
		for i := range maxBuckets + 1000 {
			l.count(strconv.Itoa(i))
		}
		if len(l.arrival) > maxBuckets {
			t.Errorf("%d buckets", len(l.arrival))
		}
	})
}
