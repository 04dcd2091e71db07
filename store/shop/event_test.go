package shop_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
	"orbit360.app/store/shop"
)

// events returns the kinds of a shop's events in their order.
func (m *market) events(id orbit.MerchantID) []string {
	m.Helper()
	rows, err := m.super.Query(m.Context(), `SELECT kind::text FROM shop_events WHERE merchant_id = $1 ORDER BY tx, seq`,
		id.String())
	if err != nil {
		m.Fatal(err)
	}
	kinds, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		m.Fatal(err)
	}
	return kinds
}

// TestEvents: an order leaves its events with it, in one notification that names no value; one that isn't placed leaves
// none, and neither has a part of another shop's.
func TestEvents(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	heard := make(chan pg.Change, 100)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		m.db.Listen(ctx, slog.New(slog.DiscardHandler), func(c pg.Change) {
			if c.Events != "" || c == (pg.Change{}) {
				heard <- c
			}
		})
	}()
	t.Cleanup(func() { stop(); <-done })
	within(t, heard)

	mug := m.variant(m.alpha, "stoneware-mug", 0)
	place := func(id orbit.MerchantID, v orbit.Variant, n int, total int64) (orbit.Order, error) {
		return shop.For(m.db, id).PlaceOrder(t.Context(), m.cart(id, v.ID, n), form(total), letter)
	}
	if _, err := place(m.alpha, mug, 5, 1); err != shop.ErrTotalChanged {
		t.Fatal(err)
	}
	if kinds := m.events(m.alpha); len(kinds) > 0 {
		t.Errorf("an order that wasn't placed left %q", kinds)
	}
	order, err := place(m.alpha, mug, 5, 5*2400*12/10)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"order.created", "customer.created", "inventory.low"}
	if kinds := m.events(m.alpha); !slices.Equal(kinds, want) {
		t.Errorf("events are %q, not %q", kinds, want)
	}
	if c := within(t, heard); c.Merchant != m.alpha || c.Events != strings.Join(want, " ") {
		t.Errorf("heard %+v", c)
	}
	if _, err := place(m.beta, m.variant(m.beta, "stoneware-mug", 0), 1, (2400+500)*12/10); err != nil {
		t.Fatal(err)
	}
	if c := within(t, heard); c.Merchant != m.beta || c.Events != "order.created customer.created" {
		t.Errorf("heard %+v", c)
	}
	var data []byte
	if err := m.super.QueryRow(t.Context(), `SELECT data FROM shop_events WHERE merchant_id = $1
		AND kind = 'order.created'`, m.alpha.String()).Scan(&data); err != nil {
		t.Fatal(err)
	}
	var says struct{ Order map[string]any }
	if err := json.Unmarshal(data, &says); err != nil || says.Order["id"] != order.ID.String() ||
		says.Order["name"] != order.Name() || strings.Contains(string(data), order.Email) ||
		strings.Contains(string(data), order.Address.Name) {
		t.Errorf("%s %v", data, err)
	}
	m.in(m.beta, func(ctx context.Context, t *shop.Tenant) error {
		n, err := pg.One[int](ctx, t, `SELECT count(*) FROM shop_events`)
		if n != 2 {
			m.Errorf("beta sees %d events", n)
		}
		return err
	})
	// A sweep sees what is old, and nothing else.
	var seen int
	if err := connect(t, m.url).QueryRow(t.Context(), `SELECT (SELECT count(*) FROM shop_events)
		FROM set_config('orbit.sweeping', 'on', false)`).Scan(&seen); err != nil || seen != 0 {
		t.Errorf("a sweep sees %d young events: %v", seen, err)
	}
}

func within(t *testing.T, heard chan pg.Change) pg.Change {
	t.Helper()
	select {
	case c := <-heard:
		return c
	case <-time.After(10 * time.Second):
		t.Fatal("nothing was heard")
		return pg.Change{}
	}
}
