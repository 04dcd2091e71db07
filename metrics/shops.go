package metrics

import (
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// Bounds of what is reported and kept of single shops. However many there are, a scrape has the noisiest of them alone.
const (
	noisiest  = 10
	maxShops  = 4096 // about 150 bytes each
	shopsHalf = 5 * time.Minute
)

// Shop counts what one shop takes of this process. Its methods are safe for concurrent use, and on nil.
type Shop struct {
	of       *shops
	name     string
	requests atomic.Uint64
	busy     atomic.Int64 // nanoseconds
	dropped  atomic.Bool

	// What a scrape had last, and how noisy the shop was of late: sums that halve every shopsHalf.
	seenRequests uint64
	seenBusy     int64
	lately       [2]float64
}

// Request counts an answer of the shop's that took so long to make.
func (s *Shop) Request(took time.Duration) {
	if s == nil {
		return
	}
	s.requests.Add(1)
	if took > 0 {
		s.busy.Add(int64(took))
	}
	if s.dropped.Load() {
		s.of.keep(s)
	}
}

// shops holds those that were asked for of late.
type shops struct {
	mu     sync.Mutex
	byName map[string]*Shop
	at     time.Time // of the last scrape
}

// Shop returns the counts of a shop. name is the shop's own, from the database, never what somebody asked for.
func (m *Metrics) Shop(name string) *Shop {
	if m == nil || name == "" {
		return nil
	}
	t := &m.shops
	t.mu.Lock()
	defer t.mu.Unlock()
	s := t.byName[name]
	if s == nil {
		s = &Shop{of: t, name: name}
		t.add(s)
	}
	return s
}

// keep takes a shop back that was dropped and is asked for again.
func (t *shops) keep(s *Shop) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.byName[s.name] == nil {
		s.dropped.Store(false)
		t.add(s)
	}
}

// add drops the quieter half first where there is no room.
func (t *shops) add(s *Shop) {
	if t.byName == nil {
		t.byName = map[string]*Shop{}
	}
	if len(t.byName) >= maxShops {
		all := t.ranked(0)
		for _, quiet := range all[len(all)/2:] {
			quiet.dropped.Store(true)
			delete(t.byName, quiet.name)
		}
	}
	t.byName[s.name] = s
}

// ranked returns all shops, those first that took most of late: requests (0) or time (1).
func (t *shops) ranked(by int) []*Shop {
	all := make([]*Shop, 0, len(t.byName))
	for _, s := range t.byName {
		all = append(all, s)
	}
	noise := func(s *Shop) float64 {
		return s.lately[by] + []float64{float64(s.requests.Load() - s.seenRequests),
			float64(s.busy.Load()-s.seenBusy) / 1e9}[by]
	}
	slices.SortFunc(all, func(a, b *Shop) int {
		if x, y := noise(a), noise(b); x != y {
			return map[bool]int{true: -1, false: 1}[x > y]
		}
		return map[bool]int{true: -1, false: 1}[a.name < b.name]
	})
	return all
}

var (
	shopRequestsDesc = desc("orbit360_shop_requests_total",
		"Requests to the ten shops that were asked most of late, kept pages among them, since this process knows the shop.",
		"shop")
	shopBusyDesc = desc("orbit360_shop_busy_seconds_total",
		"Time that answering took, for the ten shops that took most of late.", "shop")
	shopsDesc = desc("orbit360_shops_counted", "Shops that this process counts requests of.")
)

// Describe says nothing: which shops there are shows at a scrape.
func (t *shops) Describe(chan<- *prometheus.Desc) {}

// Collect reports the noisiest shops.
func (t *shops) Collect(ch chan<- prometheus.Metric) {
	t.mu.Lock()
	defer t.mu.Unlock()
	ch <- prometheus.MustNewConstMetric(shopsDesc, prometheus.GaugeValue, float64(len(t.byName)))
	for by, d := range []*prometheus.Desc{shopRequestsDesc, shopBusyDesc} {
		for i, s := range t.ranked(by) {
			if i == noisiest {
				break
			}
			ch <- prometheus.MustNewConstMetric(d, prometheus.CounterValue,
				[]float64{float64(s.requests.Load()), float64(s.busy.Load()) / 1e9}[by], s.name)
		}
	}
	now := time.Now()
	fade := math.Exp2(-now.Sub(t.at).Seconds() / shopsHalf.Seconds())
	t.at = now
	for _, s := range t.byName {
		requests, busy := s.requests.Load(), s.busy.Load()
		s.lately = [2]float64{s.lately[0]*fade + float64(requests-s.seenRequests),
			s.lately[1]*fade + float64(busy-s.seenBusy)/1e9}
		s.seenRequests, s.seenBusy = requests, busy
	}
}
