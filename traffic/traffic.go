package traffic

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

// flushEvery is how often what was counted goes to the database: a process that is killed loses as much at most.
const flushEvery = 5 * time.Second

// batch is how many shops go to the database in one transaction.
const batch = 500

// Counter counts for all shops. Its methods are safe for concurrent use, and on nil, which counts nothing.
type Counter struct {
	db   shop.Database
	log  *slog.Logger
	stop context.CancelFunc
	done chan struct{}

	mu    sync.Mutex
	moved []*Meter // those that have counted something since the last flush, once each

	one    sync.Mutex // for what follows
	id     uuid.UUID  // of this counter among those of all processes
	number int64      // of the last flush
	unsent []flush    // in order
}

// flush is what one transaction adds. It is sent again, as it was, until its answer has come: the database knows by the
// number what it has already.
type flush struct {
	number int64
	all    []shop.Traffic
}

// Meter counts the bytes of one shop. A shop may have any number of them: they add up when they are flushed. Its
// methods are safe for concurrent use, and on nil, which counts nothing.
type Meter struct {
	of       *Counter
	merchant orbit.MerchantID
	bytes    atomic.Int64
}

// New returns a counter that has counted nothing.
func New(db shop.Database, log *slog.Logger) *Counter {
	return &Counter{db: db, log: log, id: uuid.New()}
}

// Meter returns a meter of a shop.
func (c *Counter) Meter(m orbit.MerchantID) *Meter {
	if c == nil {
		return nil
	}
	return &Meter{of: c, merchant: m}
}

// Add counts so many bytes.
func (m *Meter) Add(n int) {
	if m == nil || n <= 0 {
		return
	}
	// The first to count after a flush is alone in seeing its own number.
	if m.bytes.Add(int64(n)) == int64(n) {
		m.of.mu.Lock()
		m.of.moved = append(m.of.moved, m)
		m.of.mu.Unlock()
	}
}

// Start begins to flush.
func (c *Counter) Start(ctx context.Context) {
	ctx, c.stop = context.WithCancel(context.WithoutCancel(ctx))
	c.done = make(chan struct{})
	go func() {
		defer close(c.done)
		tick := time.NewTicker(flushEvery)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				if err := c.Flush(ctx); err != nil && ctx.Err() == nil {
					c.log.Warn("the traffic of shops couldn't be added and will be with the next", "error", err)
				}
			}
		}
	}()
}

// Stop ends that and flushes what is left.
func (c *Counter) Stop(ctx context.Context) error {
	c.stop()
	<-c.done
	return c.Flush(ctx)
}

// Flush adds what was counted to the database. What couldn't be added goes with the next flush, before anything else:
// as the same one, for it may have been added without an answer.
func (c *Counter) Flush(ctx context.Context) error {
	c.one.Lock()
	defer c.one.Unlock()
	if err := c.send(ctx); err != nil {
		return err
	}
	c.take()
	return c.send(ctx)
}

// send sends what is unsent.
func (c *Counter) send(ctx context.Context) error {
	for len(c.unsent) > 0 {
		f := c.unsent[0]
		if err := shop.AddTraffic(ctx, c.db, c.id, f.number, f.all); err != nil {
			return err
		}
		c.unsent = c.unsent[1:]
	}
	return nil
}

// take takes what was counted from the meters.
func (c *Counter) take() {
	c.mu.Lock()
	moved := c.moved
	c.moved = nil
	c.mu.Unlock()
	sums := map[orbit.MerchantID]int64{}
	for _, m := range moved {
		sums[m.merchant] += m.bytes.Swap(0)
	}
	all := make([]shop.Traffic, 0, len(sums))
	for merchant, bytes := range sums {
		all = append(all, shop.Traffic{Merchant: merchant, Bytes: bytes})
	}
	for some := range slices.Chunk(all, batch) {
		c.number++
		c.unsent = append(c.unsent, flush{c.number, some})
	}
}
