package api_test

import (
	"regexp"
	"sync"
	"testing"
)

var rateLimit = regexp.MustCompile(`^"default";r=\d+;t=\d+$`)

func TestRateLimit(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	p.api.StopClock() // or a slow machine never asks too often
	used := p.do("GET", base+"/themes", nil).want(t, 200).Header.Get("RateLimit")
	if used != `"default";r=199;t=1` {
		t.Error("one request leaves", used)
	}
	var mu sync.Mutex
	codes := map[int]int{}
	var refused answer
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 60 {
				a := p.do("GET", "/api/openapi.yaml", nil)
				mu.Lock()
				codes[a.StatusCode]++
				if a.StatusCode == 429 {
					refused = a
				}
				mu.Unlock()
				if got := a.Header.Get("RateLimit"); !rateLimit.MatchString(got) ||
					a.Header.Get("RateLimit-Policy") != `"default";q=200;w=2` {
					t.Errorf("%d says %q, %q", a.StatusCode, got, a.Header.Get("RateLimit-Policy"))
				}
			}
		})
	}
	all.Wait()
	if codes[200] != 199 || codes[429] != 281 {
		t.Fatalf("480 requests at once: %v", codes)
	}
	if refused.want(t, 429); refused.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	// Another credential has its own.
	p.do("GET", base+"/themes", nil, anonymous).want(t, 401)
}
