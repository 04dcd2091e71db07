package dashboard

import (
	"bytes"
	"context"
	"fmt"
	"hash/maphash"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/contrib/websocket"

	"orbit360.app/handlers/kit"
	"orbit360.app/live"
	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/pg"
	"orbit360.app/store/shop"
)

const (
	maxSeats    = 200                   // of one shop in one process
	gather      = 50 * time.Millisecond // events that come within it are drawn together
	drawTimeout = 10 * time.Second
	drawAgain   = time.Second // after the database was away
)

// rooms holds a room for each shop that has pages open in this process.
type rooms struct {
	db    *store.DB
	feed  *live.Feed
	log   *slog.Logger
	turns *pg.Together[drawn] // bounds what all rooms read at once

	mu   sync.Mutex
	open map[orbit.MerchantID]*room
}

func newRooms(db *store.DB, feed *live.Feed, log *slog.Logger) *rooms {
	return &rooms{db: db, feed: feed, log: log, turns: pg.NewTogether[drawn](db), open: map[orbit.MerchantID]*room{}}
}

// room holds the sockets of one shop. One goroutine reads and draws for all of them: what changed is read once, however
// many look at it, and each of them is sent it as a whole.
type room struct {
	*rooms
	merchant orbit.MerchantID
	poke     chan struct{} // something is to be done
	over     context.Context
	close    func()

	mu     sync.Mutex
	seats  map[*seat]bool
	events map[string]bool // kinds that came since the last drawing
	orders int             // how many of them were new orders
	all    bool            // anything may have changed
}

// seat is one socket, and what its page shows.
type seat struct {
	*kit.Socket
	user   orbit.UserID
	rights orbit.Rights // as the page was drawn for
	view   view
	drawn  bool   // it has had its first drawing; the room's goroutine uses this and the rest
	last   uint64 // the print of what it was sent; the page itself would be kept for as long as nothing happens
	orders int    // new ones since it came
}

// full reports whether a shop has as many sockets as it may have.
func (r *rooms) full(m orbit.MerchantID) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.open[m] != nil && len(r.open[m].seats) >= maxSeats
}

// join has a socket take part until leave is called. Where the room is full it is closed.
func (r *rooms) join(m orbit.MerchantID, s *seat) (leave func()) {
	r.mu.Lock()
	defer r.mu.Unlock()
	one := r.open[m]
	if one == nil {
		one = &room{rooms: r, merchant: m, poke: make(chan struct{}, 1), seats: map[*seat]bool{}, events: map[string]bool{}}
		one.over, one.close = context.WithCancel(context.Background())
		r.open[m] = one
		go one.run(r.feed.Follow(m, one.hear))
	}
	if len(one.seats) >= maxSeats {
		s.Close(websocket.CloseTryAgainLater, "too many")
		return func() {}
	}
	one.mu.Lock()
	one.seats[s] = true
	one.mu.Unlock()
	one.wake()
	return func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		one.mu.Lock()
		delete(one.seats, s)
		one.mu.Unlock()
		if len(one.seats) == 0 {
			one.close()
			delete(r.open, m)
		}
	}
}

// hear takes in a change of the shop.
func (r *room) hear(c pg.Change) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.all = r.all || c.Merchant.IsZero()
	for kind := range strings.FieldsSeq(c.Events) {
		r.events[kind] = true
		if kind == string(orbit.OrderWasCreated) {
			r.orders++
		}
	}
	r.wake()
}

func (r *room) wake() {
	select {
	case r.poke <- struct{}{}:
	default:
	}
}

func (r *room) run(unfollow func()) {
	defer unfollow()
	wait := time.NewTimer(0)
	defer wait.Stop()
	for {
		select {
		case <-r.over.Done():
			return
		case <-r.poke:
		}
		pause := gather
		if err := r.renew(); err != nil && r.over.Err() == nil {
			r.log.Warn("live pages couldn't be drawn; trying again", "merchant", r.merchant, "error", err)
			pause = drawAgain
		}
		wait.Reset(pause)
		select {
		case <-r.over.Done():
			return
		case <-wait.C:
		}
	}
}

// drawn is what was read and drawn at once: who may do what, and views by their keys.
type drawn struct {
	rights map[orbit.UserID]orbit.Rights
	views  map[string]drawing
}

// drawing is a view as it is now. Two of the same print are the same.
type drawing struct {
	html  []byte
	print uint64
}

// prints is what drawings are hashed with; nobody outside knows it, so nobody can make two that are taken for one.
var prints = maphash.MakeSeed()

// renew has every page show what there is now. A member is sent away before if their rights have changed:
// the page and its menu were drawn for other rights.
func (r *room) renew() error {
	seats, events, orders, all := r.take()
	stale := func(s *seat) bool { return s.view.draw != nil && (!s.drawn || all || s.view.stale(events)) }
	ctx, cancel := context.WithTimeout(r.over, drawTimeout)
	defer cancel()
	now, err := r.turns.Read(ctx, fmt.Sprintf("%p", r), func(ctx context.Context) (drawn, error) {
		return r.draw(ctx, seats, stale)
	})
	if err != nil {
		r.giveBack(orders)
		return err
	}
	for _, s := range seats {
		rights, member := now.rights[s.user]
		if !member || !rights.Same(s.rights) {
			s.Close(websocket.ClosePolicyViolation, "no access")
			continue
		}
		if page, ok := now.views[s.view.key]; ok && stale(s) && page.print != s.last {
			s.Send("page", page.html)
			s.last = page.print
		}
		if s.drawn && orders > 0 && rights.May(orbit.PermissionOrders) {
			s.orders += orders
			s.Send("orders", fmt.Appendf(nil, `{"orders":%d}`, s.orders))
		}
		s.drawn = true
	}
	return nil
}

// take returns what is to be done, which is then none any longer.
func (r *room) take() (seats []*seat, events string, orders int, all bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	seats, events = slices.Collect(maps.Keys(r.seats)), strings.Join(slices.Collect(maps.Keys(r.events)), " ")
	orders, all = r.orders, r.all
	clear(r.events)
	r.orders, r.all = 0, false
	return seats, events, orders, all
}

// giveBack has all be done again, where it couldn't be.
func (r *room) giveBack(orders int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.orders += orders
	r.all = true
	r.wake()
}

// draw reads who may see what, and then each view that somebody who may see it needs, in one transaction.
func (r *room) draw(ctx context.Context, seats []*seat, stale func(*seat) bool) (d drawn, err error) {
	users := map[orbit.UserID]bool{}
	for _, s := range seats {
		users[s.user] = true
	}
	d.views = map[string]drawing{}
	if d.rights, err = r.db.RightsIn(ctx, r.merchant, slices.Collect(maps.Keys(users))); err != nil {
		return d, err
	}
	wanted := map[string]view{}
	for _, s := range seats {
		if rights, member := d.rights[s.user]; member && rights.Same(s.rights) && stale(s) {
			wanted[s.view.key] = s.view
		}
	}
	if len(wanted) == 0 {
		return d, nil
	}
	err = shop.For(r.db, r.merchant).Do(ctx, func(t *shop.Tenant) error {
		for key, v := range wanted {
			page, err := v.draw(ctx, t)
			if orbit.CodeOf(err) == orbit.NotFound { // it was deleted: the page stays as it is
				continue
			}
			var b bytes.Buffer
			if err == nil {
				err = page.Render(ctx, &b)
			}
			if err != nil {
				return err
			}
			d.views[key] = drawing{b.Bytes(), maphash.Bytes(prints, b.Bytes())}
		}
		return nil
	})
	return d, err
}
