package live

import (
	"context"
	"log/slog"
	"sync"

	"orbit360.app/metrics"
	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/pg"
)

// Config is what a feed works with.
type Config struct {
	DB      *store.DB
	Log     *slog.Logger
	Metrics *metrics.Metrics // nil counts nothing
}

// Feed notifies subscribers that a merchant or its run changed, wherever in the platform that was committed. It carries
// no content: subscribers read the row again. Make it with New; it is safe for concurrent use.
type Feed struct {
	Config
	changes []func(pg.Change)
	jobs    []func(topic, payload string)
	views   *pg.Together[orbit.RunView]

	mu        sync.Mutex
	subs      map[orbit.MerchantID]map[*subscription]bool
	all       map[*subscription]bool
	followers map[orbit.MerchantID]map[*follower]bool
	times     orbit.Times // of live updates, since they were last written to the database

	stop context.CancelFunc
	done sync.WaitGroup
}

type subscription struct {
	ch        chan struct{}
	merchants []orbit.MerchantID
	closed    bool
}

// New makes a feed; Start has it listen.
func New(cfg Config) *Feed {
	return &Feed{Config: cfg, views: pg.NewTogether[orbit.RunView](cfg.DB),
		subs: map[orbit.MerchantID]map[*subscription]bool{}, all: map[*subscription]bool{},
		followers: map[orbit.MerchantID]map[*follower]bool{},
		times:     orbit.NewTimes(orbit.LiveBounds())}
}

// OnChange registers a function, before Start, that is called with every change before subscribers are woken. All are
// called from one goroutine: they must be quick.
func (f *Feed) OnChange(fn func(pg.Change)) { f.changes = append(f.changes, fn) }

// OnJob registers a function, before Start, that is called with River's notifications. As OnChange's
// it must be quick.
func (f *Feed) OnJob(fn func(topic, payload string)) { f.jobs = append(f.jobs, fn) }

// Start begins to listen, in the background.
func (f *Feed) Start(ctx context.Context) {
	ctx, f.stop = context.WithCancel(context.WithoutCancel(ctx))
	f.done.Go(func() { f.DB.Listen(ctx, f.Log, f.hear, f.jobs...) })
	f.done.Go(func() { f.keepTimes(ctx) })
}

// Stop ends the listening.
func (f *Feed) Stop() {
	f.stop()
	f.done.Wait()
}

func (f *Feed) hear(c pg.Change) {
	for _, fn := range f.changes {
		fn(c)
	}
	f.notify(c)
	f.tell(c)
}

// RunView returns the newest run of a merchant as it is now, for subscribers that have been woken by a change: they
// share one reading of it. It isn't to be changed.
func (f *Feed) RunView(ctx context.Context, id orbit.MerchantID) (orbit.RunView, error) {
	return f.views.Read(ctx, id.String(), func(ctx context.Context) (orbit.RunView, error) {
		return f.DB.RunView(ctx, id)
	})
}

// Subscribe returns a channel that has something in it whenever one of the merchants changed since it was last read,
// and a function that ends the subscription and closes the channel. Changes that come faster than they are read become
// one. Without merchants every merchant's changes count.
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

// notify wakes the subscribers that a change concerns; a change of nothing in particular concerns all. What a shop
// shows is for the pages' cache, not for subscribers, and what happens in it isn't a change of the merchant.
func (f *Feed) notify(c pg.Change) {
	if c.Shop || c.Lost || c.Events != "" {
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
