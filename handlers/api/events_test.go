package api_test

import (
	"bufio"
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

// happen has events happen in a shop, in one transaction each, and returns their ids.
func (s *street) happen(merchant string, kinds ...orbit.EventKind) (ids []string) {
	s.t.Helper()
	m, err := orbit.ParseID[orbit.Merchant](merchant)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, kind := range kinds {
		e := orbit.OrderEvent(kind, orbit.Order{ID: orbit.NewID[orbit.Order](), Number: 1001})
		if err := shop.For(s.db, m).Do(s.t.Context(), func(t *shop.Tenant) error {
			b := s.db.Batch()
			b.Event(e)
			return b.Run(s.t.Context(), t)
		}); err != nil {
			s.t.Fatal(err)
		}
		ids = append(ids, e.ID.String())
	}
	return ids
}

// TestEvents: a stream has what happens in its credential's shop, of the areas that the credential may read, in order
// and once; it goes on where it ended, and says so where it can't.
func TestEvents(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	_, orders := s.key(s.moss, ownerEmail, orbit.ScopeEventsRead, orbit.ScopeOrdersRead)
	_, products := s.key(s.moss, ownerEmail, orbit.ScopeEventsRead, orbit.ScopeProductsRead)
	_, blind := s.key(s.moss, ownerEmail, orbit.ScopeOrdersRead)
	s.do("GET", shopBase+"/events", nil, bearer(blind)).want(t, 403)
	one := s.follow(orders, "")
	other := s.follow(products, "")
	ids := s.happen(s.moss, orbit.OrderWasCreated, orbit.ProductWasUpdated, orbit.OrderWasPaid)
	s.happen(s.fern, orbit.OrderWasCreated)
	one.want("id: "+ids[0], "event: order.created", "id: "+ids[2], "event: order.paid")
	other.want("id: "+ids[1], "event: product.updated")
	// A transaction that began before holds its place.
	held, err := s.db.Pool().Begin(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := held.Exec(t.Context(), `SELECT pg_current_xact_id()`); err != nil {
		t.Fatal(err)
	}
	late := s.happen(s.moss, orbit.OrderWasFulfilled)
	defer held.Rollback(context.Background()) //nolint:errcheck // it is done already
	time.AfterFunc(300*time.Millisecond, func() { _ = held.Rollback(context.Background()) })
	one.want("id: "+late[0], "event: order.fulfilled")
	s.follow(orders, ids[0]).want("id: "+ids[2], "event: order.paid", "id: "+late[0])
	s.follow(orders, orbit.NewID[orbit.Event]().String()).want("event: reset", "data: {}", "id: "+ids[0])
	s.exec(`DELETE FROM memberships WHERE merchant_id = $1`, s.moss)
	one.ends()
}

// following is a stream that is being read.
type following struct {
	t     *testing.T
	lines chan string
}

func (s *street) follow(credential, last string) *following {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, s.url+shopBase+"/events", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer "+credential)
	if last != "" {
		req.Header.Set("Last-Event-ID", last)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil || res.StatusCode != 200 {
		s.t.Fatal(res, err)
	}
	f := &following{s.t, make(chan string, 1000)}
	go func() {
		defer close(f.lines)
		defer res.Body.Close() //nolint:errcheck // a test's answer
		for lines := bufio.NewScanner(res.Body); lines.Scan(); {
			f.lines <- lines.Text()
		}
	}()
	return f
}

// want waits for lines, with none of another event between.
func (f *following) want(lines ...string) {
	f.t.Helper()
	deadline := time.After(10 * time.Second)
	for _, want := range lines {
		for found := false; !found; {
			select {
			case line, open := <-f.lines:
				found = line == want
				if !open || !found && strings.HasPrefix(line, "id:") {
					f.t.Fatalf("%q instead of %q", line, want)
				}
			case <-deadline:
				f.t.Fatalf("no %q", want)
			}
		}
	}
}

func (f *following) ends() {
	f.t.Helper()
	deadline := time.After(6 * time.Second)
	for {
		select {
		case _, open := <-f.lines:
			if !open {
				return
			}
		case <-deadline:
			f.t.Fatal("the stream goes on")
		}
	}
}
