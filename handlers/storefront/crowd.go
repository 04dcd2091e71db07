package storefront

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/orbit"
	"orbit360.app/themes"
)

// cost is what a request asks of the database. Kinds are served in this order.
type cost int

const (
	nothing   cost = iota - 1
	ordering       // a form: what people came for
	looking        // a page
	expensive      // a search or a narrowed list, which costs the database hundreds of times as much
	costs
)

// bounds says how many requests of a kind one shop may have waiting, and for how long one waits.
var bounds = [costs]struct {
	queue int
	wait  time.Duration
}{ordering: {256, 5 * time.Second}, looking: {64, 2 * time.Second}, expensive: {32, time.Second}}

// maxWaiting bounds those who wait in all shops together.
const maxWaiting = 2048

// crowd bounds what shops ask of the database at once, each shop and all of them together, so that one that is overrun
// slows nobody but itself. Those who wait come in by turns, one of each shop. It is safe for concurrent use.
type crowd struct {
	all, expensiveAll   int // inside at once, of all shops
	shop, expensiveShop int // of one

	mu                sync.Mutex
	inside, expensive int
	waiting           int
	shops             map[orbit.MerchantID]*queue
	turns             []orbit.MerchantID // shops where somebody waits, the next one first
}

// queue is one shop's part.
type queue struct {
	inside, expensive int
	waiting           [costs][]*ticket
}

type ticket struct {
	admitted chan struct{} // closed when it is
}

// newCrowd lets in as many as there are connections to serve them, but one for finding out which shop a host is.
func newCrowd(conns int) *crowd {
	return &crowd{all: max(1, conns-1), expensiveAll: max(1, conns/2),
		shop: max(2, conns*3/8), expensiveShop: max(1, conns/4),
		shops: map[orbit.MerchantID]*queue{}}
}

// enter waits until the shop has room. refused is true where it hasn't in time; leave must be called otherwise.
func (c *crowd) enter(ctx context.Context, shop orbit.MerchantID, e cost) (leave func(), refused bool) {
	c.mu.Lock()
	q := c.shops[shop]
	if q == nil {
		q = &queue{}
		c.shops[shop] = q
	}
	if !q.anyWaiting(e) && c.fits(q, e) {
		c.admit(q, e)
		c.mu.Unlock()
		return c.leaver(shop, q, e), false
	}
	if c.waiting >= maxWaiting || len(q.waiting[e]) >= bounds[e].queue {
		c.forget(shop, q)
		c.mu.Unlock()
		return nil, true
	}
	t := &ticket{make(chan struct{})}
	if !q.anyWaiting(costs - 1) {
		c.turns = append(c.turns, shop)
	}
	q.waiting[e] = append(q.waiting[e], t)
	c.waiting++
	c.mu.Unlock()

	patience := time.NewTimer(bounds[e].wait)
	defer patience.Stop()
	select {
	case <-t.admitted:
		return c.leaver(shop, q, e), false
	case <-patience.C:
	case <-ctx.Done():
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	at := slices.Index(q.waiting[e], t)
	if at < 0 { // let in at the last moment
		return c.leaver(shop, q, e), false
	}
	q.waiting[e] = slices.Delete(q.waiting[e], at, at+1)
	c.waiting--
	if !q.anyWaiting(costs - 1) {
		c.turns = slices.DeleteFunc(c.turns, func(m orbit.MerchantID) bool { return m == shop })
	}
	c.forget(shop, q)
	return nil, true
}

// anyWaiting reports whether somebody waits in the shop with a cost that doesn't come after e.
func (q *queue) anyWaiting(e cost) bool {
	for _, w := range q.waiting[:e+1] {
		if len(w) > 0 {
			return true
		}
	}
	return false
}

func (c *crowd) fits(q *queue, e cost) bool {
	return c.inside < c.all && q.inside < c.shop &&
		(e != expensive || (c.expensive < c.expensiveAll && q.expensive < c.expensiveShop))
}

func (c *crowd) admit(q *queue, e cost) {
	c.inside++
	q.inside++
	if e == expensive {
		c.expensive++
		q.expensive++
	}
}

func (c *crowd) leaver(shop orbit.MerchantID, q *queue, e cost) func() {
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.inside--
		q.inside--
		if e == expensive {
			c.expensive--
			q.expensive--
		}
		c.forget(shop, q)
		c.next()
	}
}

// next lets in the requests that have room now, by turns.
func (c *crowd) next() {
	for tried := 0; tried < len(c.turns) && c.inside < c.all; {
		shop := c.turns[0]
		c.turns = append(c.turns[1:], shop)
		if c.call(c.shops[shop]) {
			tried = 0
		} else {
			tried++
		}
		if !c.shops[shop].anyWaiting(costs - 1) {
			c.turns = c.turns[:len(c.turns)-1]
		}
	}
}

// call lets the first of a shop in that there is room for.
func (c *crowd) call(q *queue) bool {
	for e := range costs {
		if len(q.waiting[e]) > 0 && c.fits(q, e) {
			t := q.waiting[e][0]
			q.waiting[e] = q.waiting[e][1:]
			c.waiting--
			c.admit(q, e)
			close(t.admitted)
			return true
		}
	}
	return false
}

func (c *crowd) forget(shop orbit.MerchantID, q *queue) {
	if q.inside == 0 && !q.anyWaiting(costs-1) {
		delete(c.shops, shop)
	}
}

// crowded returns the answer where there was no room.
func crowded(w *themes.Words) error {
	return orbit.Errorf(orbit.Unavailable, "%s", w.Crowded).After(2 * time.Second)
}

// inTurn has a handler make its answer once the shop has room for what it wants of the database.
func (r *routes) inTurn(c *fiber.Ctx, p Page, handle handler, v view) (answer, error) {
	e := p.costOf(c.Method(), v)
	if e == nothing {
		return handle(c, v) // none of these asks a provider
	}
	leave, err := r.enter(v.ctx, v.shop, e)
	if err != nil {
		return answer{}, err
	}
	a, err := func() (answer, error) {
		defer leave()
		return handle(c, v)
	}()
	if err == nil && a.later != nil {
		return a.later()
	}
	return a, err
}

// enter waits until the shop has room; leave must be called where there is no error.
func (r *routes) enter(ctx context.Context, here orbit.Shop, e cost) (leave func(), err error) {
	leave, refused := r.crowd.enter(ctx, here.Merchant.ID, e)
	if refused {
		r.Metrics.Crowded([costs]string{ordering: "ordering", looking: "looking", expensive: "expensive"}[e])
		return nil, crowded(themes.WordsFor(here.Settings.Locale))
	}
	return leave, nil
}
