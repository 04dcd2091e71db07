package shop_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

// listed writes orders of every kind into both shops; alpha's are at noon of January 1 to 9, numbers 1 to 9.
func (m *market) listed() {
	m.Helper()
	m.sold(m.alpha, 9, "a@example.com", "Ada Lovelace")
	m.sold(m.beta, 9, "a@example.com", "Ada Lovelace")
	m.sql(`INSERT INTO order_lines (merchant_id, order_id, id, position, handle, title, sku, price, quantity, total)
		SELECT merchant_id, id, gen_random_uuid(), l, '', 'Mug', 'SKU-' || number, 0, 1 + l, 0
		FROM orders, generate_series(0, 1) l`)
	m.sql(`UPDATE order_index i SET document = orbit_order_document(o.merchant_id, o.email, 'Ada Lovelace',
		'SKU-' || o.number || ' 777') FROM orders o WHERE o.id = i.order_id AND o.number < 4`)
	m.sql(`SET session_replication_role = replica`) // statuses as they are written
	m.sql(`UPDATE orders SET created_at = timestamptz '2026-01-01 12:00+00' + (number - 1) * interval '1 day'`)
	m.sql(`UPDATE orders SET status = 'closed', payment_status = 'paid', fulfillment_status = 'fulfilled', to_fulfill = 0`)
	m.sql(`UPDATE orders SET status = 'open', fulfillment_status = 'unfulfilled', to_fulfill = 3 WHERE number IN (1, 2)`)
	m.sql(`UPDATE orders SET status = 'open', fulfillment_status = 'partially_fulfilled', to_fulfill = 1 WHERE number = 3`)
	m.sql(`UPDATE orders SET status = 'open', payment_status = 'pending' WHERE number IN (2, 4)`)
	m.sql(`UPDATE orders SET status = 'cancelled', payment_status = 'pending' WHERE number = 5`)
	m.sql(`UPDATE orders SET test = true WHERE number = 6`)
	m.sql(`SET session_replication_role = origin`)
}

func TestOrderFilters(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	m.listed()
	day := func(n int) time.Time { return time.Date(2026, 1, n, 12, 0, 0, 0, time.UTC) }
	yes, no := true, false
	other := orbit.NewID[orbit.Customer]()
	for name, tt := range map[string]struct {
		filter shop.OrderFilter
		want   []int64
	}{
		"all":                 {shop.OrderFilter{}, []int64{9, 8, 7, 6, 5, 4, 3, 2, 1}},
		"open":                {shop.OrderFilter{Status: orbit.OrderOpen}, []int64{4, 3, 2, 1}},
		"canceled":            {shop.OrderFilter{Status: orbit.OrderCanceled}, []int64{5}},
		"pending":             {shop.OrderFilter{Payment: orbit.FinancialPending}, []int64{5, 4, 2}},
		"partially fulfilled": {shop.OrderFilter{Fulfillment: orbit.PartiallyFulfilled}, []int64{3}},
		"to fulfill":          {shop.OrderFilter{ToFulfill: true}, []int64{3, 2, 1}},
		"due":                 {shop.OrderFilter{Due: true}, []int64{4, 2}},
		"from":                {shop.OrderFilter{From: day(8)}, []int64{9, 8}},
		"to":                  {shop.OrderFilter{To: day(3)}, []int64{2, 1}},
		"from and to":         {shop.OrderFilter{From: day(3), To: day(5)}, []int64{4, 3}},
		"test":                {shop.OrderFilter{Test: &yes}, []int64{6}},
		"no test":             {shop.OrderFilter{Test: &no, From: day(5)}, []int64{9, 8, 7, 5}},
		"nobody's":            {shop.OrderFilter{Customer: other}, nil},
		"number":              {shop.OrderFilter{Query: "#3"}, []int64{3}},
		"number, narrowed":    {shop.OrderFilter{Query: "3", Due: true}, nil},
		"SKU":                 {shop.OrderFilter{Query: "sku-2"}, []int64{2}},
		"SKU of digits":       {shop.OrderFilter{Query: "777"}, []int64{3, 2, 1}},
		"SKU, narrowed":       {shop.OrderFilter{Query: "777", Due: true, To: day(9)}, []int64{2}},
		"words and dates":     {shop.OrderFilter{Query: "ada", From: day(3), To: day(5), Test: &no}, []int64{4, 3}},
	} {
		tt.filter.Limit = 20
		m.in(m.alpha, func(ctx context.Context, tenant *shop.Tenant) error {
			rows, total, err := tenant.Orders(ctx, tt.filter)
			var got []int64
			for _, o := range rows {
				got = append(got, o.Number)
			}
			if !slices.Equal(got, tt.want) || total != len(tt.want) {
				t.Errorf("%s: %d of %d, want %d", name, got, total, tt.want)
			}
			return err
		})
		var exported []int64
		err := m.plans(m.alpha)(m.db).ExportOrders(t.Context(), tt.filter, func(o orbit.Order) error {
			exported = append(exported, o.Number)
			if o.MerchantID != m.alpha || len(o.Lines) != 2 || o.Lines[1].Quantity != 2 {
				t.Errorf("%s: order %d is exported with %+v", name, o.Number, o.Lines)
			}
			return nil
		})
		if err != nil || !slices.Equal(exported, tt.want) {
			t.Errorf("%s: exported %d, want %d; %v", name, exported, tt.want, err)
		}
	}
}

// An export goes on over pages, ends where its reader does, and ends when the member loses the right to it.
func TestExportOrders(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	m.sold(m.alpha, 450, "a@example.com", "Ada Lovelace")
	m.sold(m.beta, 10, "a@example.com", "Ada Lovelace")
	member := m.plans(m.alpha)(m.db)
	last, n := int64(1<<60), 0
	err := member.ExportOrders(t.Context(), shop.OrderFilter{Limit: 5, Offset: 7}, func(o orbit.Order) error {
		if o.Number >= last {
			t.Fatalf("%d after %d", o.Number, last)
		}
		last, n = o.Number, n+1
		return nil
	})
	if err != nil || n != 450 {
		t.Errorf("%d orders, %v", n, err)
	}
	enough := errors.New("enough")
	n = 0
	err = member.ExportOrders(t.Context(), shop.OrderFilter{}, func(orbit.Order) error { n++; return enough })
	if !errors.Is(err, enough) || n != 1 {
		t.Errorf("%d orders, %v", n, err)
	}
	n = 0
	err = member.ExportOrders(t.Context(), shop.OrderFilter{}, func(orbit.Order) error {
		if n++; n == 1 {
			m.sql(`DELETE FROM memberships WHERE merchant_id = $1`, m.alpha.String())
		}
		return nil
	})
	if orbit.CodeOf(err) != orbit.NotFound || n == 0 || n >= 450 {
		t.Errorf("without the right: %d orders, %v", n, err)
	}
}
