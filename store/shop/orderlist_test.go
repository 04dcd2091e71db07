package shop_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

// Pages by place hold what the numbered ones do, each order once and with what belongs to it, and nothing of another
// shop's: also behind the orders that are looked through one by one, and where many were placed at one moment.
func TestOrdersAfter(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	mug := m.variant(m.alpha, "stoneware-mug", 0)
	bought, err := shop.For(m.db, m.alpha).PlaceOrder(t.Context(), m.cart(m.alpha, mug.ID, 1), form((2400+500)*12/10),
		letter)
	if err != nil {
		t.Fatal(err)
	}
	m.sold(m.alpha, 100, "old@example.org", "Grace Hopper")
	m.sold(m.alpha, 1050, "new@example.com", "Ada Lovelace")
	m.sold(m.beta, 50, "old@example.org", "Grace Hopper")
	m.sql(`UPDATE orders SET created_at = '2026-03-01 12:00Z' WHERE email = 'old@example.org'`)
	m.sql(`UPDATE orders SET created_at = '2026-02-01Z' WHERE id = $1`, bought.ID.String())
	for _, f := range []shop.OrderFilter{{}, {Query: "grace"}, {Query: "ada"}, {Query: bought.Name()}, {Query: "nobody"},
		{Query: "grace", Status: orbit.OrderOpen}, {To: time.Date(2026, 4, 1, 0, 0, 0, 0, time.UTC)},
		{Customer: bought.CustomerID}} {
		m.in(m.alpha, func(ctx context.Context, tenant *shop.Tenant) error {
			f.Limit = 2000
			rows, _, err := tenant.Orders(ctx, f)
			if err != nil {
				return err
			}
			var want, got []orbit.OrderID
			for _, o := range rows {
				want = append(want, o.ID)
			}
			f.Limit = 333
			for place := (shop.OrderPlace{}); ; {
				page, err := tenant.OrdersAfter(ctx, f, place)
				if err != nil {
					return err
				}
				for _, o := range page {
					got = append(got, o.ID)
					if o.ID == bought.ID && (len(o.Lines) != 1 || len(o.Payments) != 1 || len(o.Entries) != 1) {
						t.Errorf("lacks what belongs to it: %+v", o)
					}
				}
				if len(page) < f.Limit {
					break
				}
				last := page[len(page)-1]
				place = shop.OrderPlace{At: last.CreatedAt, ID: last.ID}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%+v: %d orders by place, %d by number", f, len(got), len(want))
			}
			return nil
		})
	}
	m.in(m.beta, func(ctx context.Context, tenant *shop.Tenant) error {
		all, err := tenant.OrdersAfter(ctx, shop.OrderFilter{Limit: 100}, shop.OrderPlace{})
		theirs, err2 := tenant.OrdersAfter(ctx, shop.OrderFilter{Limit: 100, Customer: bought.CustomerID},
			shop.OrderPlace{})
		if len(all) != 50 || len(theirs) != 0 {
			t.Errorf("another shop has %d orders, and %d of this one's", len(all), len(theirs))
		}
		if err == nil {
			err = err2
		}
		return err
	})
}

// Whatever happens to an order gives it a higher version, and a time that is no earlier.
func TestOrderVersions(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	mug := m.variant(m.alpha, "stoneware-mug", 0)
	bought, err := shop.For(m.db, m.alpha).PlaceOrder(t.Context(), m.cart(m.alpha, mug.ID, 2), form((4800+500)*12/10),
		letter)
	if err != nil {
		t.Fatal(err)
	}
	read := func() (o orbit.Order) {
		m.in(m.alpha, func(ctx context.Context, tenant *shop.Tenant) (err error) {
			o, err = tenant.Order(ctx, bought.ID)
			return err
		})
		return o
	}
	member := shop.MemberOf(m.db, orbit.Actor{ID: m.owner(m.alpha), Name: "Ada"}, m.alpha, orbit.PermissionOrders)
	before := read()
	amount, entry := int64(100), orbit.ID[orbit.OrderEntry]{}
	for i, change := range []func(context.Context, *shop.Edit) error{
		func(ctx context.Context, e *shop.Edit) error { return e.MarkOrderPaid(ctx, bought.ID, &amount, nil) },
		func(ctx context.Context, e *shop.Edit) error { return e.MarkOrderPaid(ctx, bought.ID, nil, nil) },
		func(ctx context.Context, e *shop.Edit) error { return e.AddOrderNote(ctx, bought.ID, "Call back.") },
		func(ctx context.Context, e *shop.Edit) error {
			_, err := e.FulfillOrder(ctx, bought.ID, orbit.FulfillmentForm{}, nil)
			return err
		},
		func(ctx context.Context, e *shop.Edit) error {
			e.Entry = orbit.NewID[orbit.OrderEntry]()
			entry = e.Entry
			_, err := e.RefundOrder(ctx, bought.ID, shop.RefundForm{RefundWish: orbit.RefundWish{Amount: &amount}}, nil)
			return err
		},
	} {
		if err := member.Change(t.Context(), func(e *shop.Edit) error { return change(t.Context(), e) }); err != nil {
			t.Fatal(i, err)
		}
		after := read()
		if after.Version() <= before.Version() || after.UpdatedAt().Before(before.UpdatedAt()) {
			t.Errorf("change %d: version %d after %d", i, after.Version(), before.Version())
		}
		before = after
	}
	if !before.Entered(entry) || before.Entries[len(before.Entries)-1].ID != entry ||
		before.Entered(orbit.NewID[orbit.OrderEntry]()) {
		t.Error("knows other entries than it has")
	}
}
