package provision

import (
	"context"
	"sync"
	"time"

	"orbit360.app/metrics"
	"orbit360.app/orbit"
	"orbit360.app/store"
)

// Feed tells subscribers that a merchant or its run changed, wherever in the platform that was
// committed. It carries no content: whoever is told reads the row again. One LISTEN connection
// serves all subscribers of the process.
type Feed struct {
	mu   sync.Mutex
	subs map[orbit.MerchantID]map[*subscription]bool
	all  map[*subscription]bool

	db      *store.DB
	views   *store.Together[orbit.RunView]
	metrics *metrics.Metrics
	times   orbit.Times // of live updates, since they were last written to the database
}

type subscription struct {
	ch        chan struct{}
	merchants []orbit.MerchantID
	closed    bool
}

func newFeed(db *store.DB, m *metrics.Metrics) *Feed {
	return &Feed{db: db, views: store.NewTogether[orbit.RunView](db), subs: map[orbit.MerchantID]map[*subscription]bool{},
		all: map[*subscription]bool{}, metrics: m, times: orbit.NewTimes(orbit.LiveBounds())}
}

// RunView is the newest run of a merchant as it is now, for those who have been told of a change: they share one
// reading of it. It isn't to be changed.
func (f *Feed) RunView(ctx context.Context, id orbit.MerchantID) (orbit.RunView, error) {
	return f.views.Read(ctx, id.String(), func(ctx context.Context) (orbit.RunView,
		error) {
		return f.db.RunView(ctx, id)
	})
}

// Delivered takes in how long a change took from its commit until it was written to somebody who watches.
func (f *Feed) Delivered(took time.Duration) {
	f.metrics.LiveUpdate(took)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.times.Counts[f.times.Slot(took)]++
}

// takeTimes gives what was delivered since it was last asked.
func (f *Feed) takeTimes() orbit.Times {
	f.mu.Lock()
	defer f.mu.Unlock()
	t := f.times
	f.times = orbit.NewTimes(t.Bounds)
	return t
}

func (f *Feed) giveBack(t orbit.Times) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, n := range t.Counts {
		f.times.Counts[i] += n
	}
}

// Subscribe gives a channel that has something in it whenever one of the merchants changed since it
// was last read, and a function that ends the subscription and closes the channel. Changes that
// come faster than they are read become one. Without merchants it tells of every one.
func (f *Feed) Subscribe(merchants ...orbit.MerchantID) (changes <-chan struct{}, cancel func()) {
	s := &subscription{ch: make(chan struct{}, 1), merchants: merchants}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.all[s] = true
	for _, m := range merchants {
		if f.subs[m] == nil {
			f.subs[m] = map[*subscription]bool{}
		}
		f.subs[m][s] = true
	}
	return s.ch, func() { f.cancel(s) }
}

func (f *Feed) cancel(s *subscription) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if s.closed {
		return
	}
	s.closed = true
	delete(f.all, s)
	for _, m := range s.merchants {
		if delete(f.subs[m], s); len(f.subs[m]) == 0 {
			delete(f.subs, m)
		}
	}
	close(s.ch)
}

// tell wakes those whom a change concerns; a change of nothing in particular concerns all. What a shop
// shows is for the pages' cache, not for those who watch a merchant.
func (f *Feed) tell(c store.Change) {
	if c.Shop || c.Lost {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if c.Merchant.IsZero() {
		for s := range f.all {
			s.wake()
		}
		return
	}
	for s := range f.subs[c.Merchant] {
		s.wake()
	}
	for s := range f.all {
		if len(s.merchants) == 0 {
			s.wake()
		}
	}
}

func (s *subscription) wake() {
	select {
	case s.ch <- struct{}{}:
	default: // it will read the newest state anyway
	}
}

func (f *Feed) run(ctx context.Context, p *Service) {
	p.DB.Listen(ctx, p.Log, func(c store.Change) {
		if p.Heard != nil {
			p.Heard(c)
		}
		f.tell(c)
		if c.Lost || c.Merchant.IsZero() {
			p.listening(!c.Lost)
		}
	}, p.hear)
}
