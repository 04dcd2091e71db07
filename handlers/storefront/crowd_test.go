package storefront

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"orbit360.app/orbit"
)

// attempt is one request's way into a shop.
type attempt struct {
	leave   func()
	refused bool
	took    time.Duration
}

func come(c *crowd, shop orbit.MerchantID, e cost) chan attempt {
	came := make(chan attempt, 1)
	go func() {
		began := time.Now()
		leave, refused := c.enter(context.Background(), shop, e)
		came <- attempt{leave, refused, time.Since(began)}
	}()
	return came
}

// inside is who of those that came is in by now, without waiting.
func inside(t *testing.T, came ...chan attempt) (in []attempt) {
	t.Helper()
	synctest.Wait()
	for _, ch := range came {
		select {
		case a := <-ch:
			if a.refused {
				t.Error("refused")
			}
			in = append(in, a)
		default:
		}
	}
	return in
}

// One shop that is overrun by searches takes neither its own pages' room nor another shop's.
func TestCrowdKeepsRoom(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(8) // 7 inside, 3 of a shop; searches 4 and 2
		a, b := orbit.NewID[orbit.Merchant](), orbit.NewID[orbit.Merchant]()
		var searches []chan attempt
		for range 2 + bounds[expensive].queue {
			searches = append(searches, come(c, a, expensive))
		}
		in := inside(t, searches...)
		if len(in) != 2 {
			t.Fatalf("%d searches are in instead of 2", len(in))
		}
		if _, refused := c.enter(context.Background(), a, expensive); !refused {
			t.Error("the queue has no end")
		}
		for _, of := range []struct {
			shop orbit.MerchantID
			e    cost
		}{{a, ordering}, {b, expensive}, {b, expensive}, {b, looking}} {
			if got := inside(t, come(c, of.shop, of.e)); len(got) != 1 {
				t.Errorf("cost %d of shop %v has to wait", of.e, of.shop == a)
			} else {
				defer got[0].leave()
			}
		}
		// The shop is full: an order comes in before a page, and a page before the searches that came first.
		page := come(c, a, looking)
		synctest.Wait()
		order := come(c, a, ordering)
		synctest.Wait()
		in[0].leave()
		if got := inside(t, order, page); len(got) != 1 {
			t.Fatalf("%d are in", len(got))
		} else if got = inside(t, page); len(got) != 0 {
			t.Error("a page came in before an order")
		} else {
			in[1].leave()
			defer leaveOf(t, page)()
		}
		// The rest waits for a second at most, and then gets a 503.
		time.Sleep(bounds[expensive].wait)
		synctest.Wait()
		for _, s := range searches {
			select {
			case got := <-s:
				if !got.refused || got.took != bounds[expensive].wait {
					t.Errorf("refused %v after %v", got.refused, got.took)
				}
			default:
			}
		}
		if c.waiting != 0 || len(c.turns) != 0 {
			t.Errorf("%d wait, %d turns", c.waiting, len(c.turns))
		}
	})
}

func leaveOf(t *testing.T, came chan attempt) func() {
	t.Helper()
	in := inside(t, came)
	if len(in) != 1 {
		t.Fatal("the page isn't in")
	}
	return in[0].leave
}

// Shops come in by turns, however many wait in one of them; and nothing is left when all have gone.
func TestCrowdTakesTurns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(2) // one inside
		shops := []orbit.MerchantID{orbit.NewID[orbit.Merchant](), orbit.NewID[orbit.Merchant](),
			orbit.NewID[orbit.Merchant]()}
		first := inside(t, come(c, shops[0], looking))[0]
		var order []orbit.MerchantID
		done := make(chan bool)
		for i, n := range []int{20, 2, 1} {
			for range n {
				go func() {
					leave, refused := c.enter(context.Background(), shops[i], looking)
					if !refused {
						order = append(order, shops[i]) // one at a time is inside
						leave()
					}
					done <- refused
				}()
				synctest.Wait()
			}
		}
		first.leave()
		for range 23 {
			if <-done {
				t.Error("refused")
			}
		}
		seen := map[orbit.MerchantID]int{}
		for _, shop := range order[:5] {
			seen[shop]++
		}
		if seen[shops[1]] != 2 || seen[shops[2]] != 1 {
			t.Errorf("of the first five %v", seen)
		}
		if c.inside != 0 || c.waiting != 0 || len(c.shops) != 0 || len(c.turns) != 0 {
			t.Errorf("left over: %+v", c)
		}
	})
}

// Who hangs up while waiting is forgotten.
func TestCrowdHangUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := newCrowd(2)
		shop := orbit.NewID[orbit.Merchant]()
		first := inside(t, come(c, shop, looking))[0]
		ctx, hangUp := context.WithCancel(context.Background())
		gone := make(chan bool)
		go func() { _, refused := c.enter(ctx, shop, ordering); gone <- refused }()
		synctest.Wait()
		hangUp()
		if !<-gone {
			t.Error("it came in")
		}
		first.leave()
		if c.inside != 0 || c.waiting != 0 || len(c.shops) != 0 || len(c.turns) != 0 {
			t.Errorf("left over: %+v", c)
		}
	})
}
