package shop_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

// raw is what the days of a shop should be, from its orders alone: computed in Go, by Go's own time zones.
func (m *market) raw(id orbit.MerchantID, zone string) (days, products []string) {
	m.Helper()
	location, err := time.LoadLocation(zone)
	if err != nil {
		m.Fatal(err)
	}
	rows, err := m.super.Query(m.Context(), `SELECT o.created_at, o.currency, o.total, l.product_id::text, l.quantity,
			l.price, l.position FROM orders o JOIN order_lines l ON l.merchant_id = o.merchant_id AND l.order_id = o.id
		WHERE o.merchant_id = $1 AND o.status <> 'cancelled'`, id.String())
	if err != nil {
		m.Fatal(err)
	}
	defer rows.Close()
	day, product := map[string]*orbit.Sales{}, map[string]*orbit.Sales{}
	of := func(in map[string]*orbit.Sales, key string) *orbit.Sales {
		if in[key] == nil {
			in[key] = &orbit.Sales{}
		}
		return in[key]
	}
	for rows.Next() {
		var at time.Time
		var currency, p string
		var total, quantity, price, position int64
		if err := rows.Scan(&at, &currency, &total, &p, &quantity, &price, &position); err != nil {
			m.Fatal(err)
		}
		key := at.In(location).Format(time.DateOnly) + " " + currency
		d, s := of(day, key), of(product, key+" "+p)
		if position == 0 {
			d.Orders, d.Total = d.Orders+1, d.Total+total
		}
		d.Units += quantity
		s.Units, s.Total = s.Units+quantity, s.Total+quantity*price
	}
	list := func(in map[string]*orbit.Sales) (out []string) {
		for key, s := range in {
			out = append(out, fmt.Sprint(key, *s))
		}
		slices.Sort(out)
		return out
	}
	return list(day), list(product)
}

// counted is what the database has counted.
func (m *market) counted(id orbit.MerchantID) (days, products []string) {
	m.Helper()
	for query, to := range map[string]*[]string{
		`SELECT day || ' ' || currency, orders, units, total FROM sales_days
			WHERE merchant_id = $1 AND (orders, units, total) <> (0, 0, 0)`: &days,
		`SELECT day || ' ' || currency || ' ' || product_id, 0::bigint, units, total FROM sales_products
			WHERE merchant_id = $1 AND (units, total) <> (0, 0)`: &products} {
		rows, err := m.super.Query(m.Context(), query, id.String())
		if err != nil {
			m.Fatal(err)
		}
		for rows.Next() {
			var key string
			var s orbit.Sales
			if err := rows.Scan(&key, &s.Orders, &s.Units, &s.Total); err != nil {
				m.Fatal(err)
			}
			*to = append(*to, fmt.Sprint(key, s))
		}
		slices.Sort(*to)
		rows.Close()
	}
	return days, products
}

// exact compares what was counted with the orders.
func (m *market) exact(when string, id orbit.MerchantID, zone string) {
	m.Helper()
	days, products := m.raw(id, zone)
	gotDays, gotProducts := m.counted(id)
	if !slices.Equal(days, gotDays) {
		m.Errorf("%s, %s: days are\n%s\nand should be\n%s", when, zone, strings.Join(gotDays, "\n"),
			strings.Join(days, "\n"))
	}
	if !slices.Equal(products, gotProducts) {
		m.Errorf("%s, %s: products are\n%s\nand should be\n%s", when, zone, strings.Join(gotProducts, "\n"),
			strings.Join(products, "\n"))
	}
}

// as runs statements in a transaction of the serving role, in a shop's scope.
func (m *market) as(id orbit.MerchantID, fn func(pgx.Tx) error) {
	m.Helper()
	err := pgx.BeginFunc(m.Context(), m.db.Pool(), func(tx pgx.Tx) error {
		_, err := tx.Exec(m.Context(), `SELECT set_config('orbit.merchant_id', $1, true)`, id.String())
		if err != nil {
			return err
		}
		return fn(tx)
	})
	if err != nil {
		m.Fatal(err)
	}
}

// sell writes orders of a shop's variants, without the first few, at these times.
func (m *market) sell(id orbit.MerchantID, currency string, without int, times ...time.Time) {
	m.Helper()
	m.as(id, func(tx pgx.Tx) error {
		for _, at := range times {
			if _, err := tx.Exec(m.Context(), `WITH v AS (SELECT v.id, v.price, row_number() OVER (ORDER BY v.id) AS n
					FROM variants v ORDER BY v.id OFFSET $6::integer),
				c AS (INSERT INTO customers (merchant_id, id, email, name) VALUES ($1, $2::uuid, $2::uuid::text, 'Ada')),
				o AS (INSERT INTO orders (merchant_id, id, number, token, cart_id, customer_id, email, address, currency,
						subtotal, shipping, total, created_at)
					SELECT $1, $2::uuid, (SELECT coalesce(max(number), 0) + 1 FROM orders), $2::uuid::text, $2, $2, '', '{}', $3,
						sum(v.price * v.n), $5::bigint, sum(v.price * v.n) + $5::bigint, $4 FROM v)
				INSERT INTO order_lines (merchant_id, order_id, position, variant_id, handle, title, price, quantity)
				SELECT $1, $2::uuid, v.n - 1 - $6::integer, v.id, '', '', v.price, v.n FROM v`,
				id.String(), orbit.NewID[orbit.Order]().String(), currency, at, 500, without); err != nil {
				return err
			}
		}
		return nil
	})
}

// zoned sets a shop's time zone.
func (m *market) zoned(id orbit.MerchantID, zone string) {
	m.Helper()
	m.as(id, func(tx pgx.Tx) error {
		_, err := tx.Exec(m.Context(), `UPDATE settings SET timezone = $1`, zone)
		return err
	})
}

func (m *market) recount() {
	m.Helper()
	if err := m.db.RecountSales(m.Context()); err != nil {
		m.Fatal(err)
	}
}

// edges holds moments at which days begin and end in some zone, among them those at which clocks change.
var edges = []string{"2025-11-02T04:00:00Z", "2025-11-02T05:30:00Z", "2025-11-02T06:00:00Z", "2026-03-08T05:00:00Z",
	"2026-03-08T07:00:00Z", "2026-03-29T00:00:00Z", "2026-03-29T01:00:00Z", "2026-04-04T15:00:00Z",
	"2026-04-04T13:30:00Z", "2026-10-03T15:30:00Z", "2025-10-25T22:00:00Z", "2025-12-31T10:00:00Z",
	"2026-01-01T00:00:00Z", "2026-02-28T18:15:00Z", "2026-03-07T10:00:00Z", "2026-11-01T04:00:00Z"}

// zones holds time zones: with clocks that change by an hour, by half an hour, at midnight and not at all.
var zones = []string{"UTC", "America/New_York", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe",
	"America/Havana", "Pacific/Kiritimati", "America/St_Johns", "Asia/Beirut", "Pacific/Marquesas"}

// TestSalesAreExact: after orders around the ends of days, cancellations, orders that come back, changes of the time
// zone, deleted products and variants, the days and products are what the orders alone give.
func TestSalesAreExact(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	seed := rand.Uint64()
	t.Log("seed", seed)
	r := rand.New(rand.NewPCG(seed, 0))
	moment := func() time.Time {
		at, err := time.Parse(time.RFC3339, edges[r.IntN(len(edges))])
		if err != nil {
			t.Fatal(err)
		}
		return at.Add(time.Duration(r.IntN(3)-1) * time.Microsecond).Add(time.Duration(r.IntN(3)) * 15 * time.Minute)
	}
	cancel := `UPDATE orders SET status = CASE WHEN status = 'open' THEN 'cancelled' ELSE 'open' END WHERE id = ANY (ARRAY(
		SELECT id FROM orders WHERE merchant_id = $1 ORDER BY md5(id::text || $2) LIMIT 7))`
	for i, zone := range zones {
		m.zoned(m.alpha, zone)
		for n := range 3 {
			var times []time.Time
			for range 12 {
				times = append(times, moment())
			}
			m.sell(m.alpha, []string{"USD", "JPY"}[r.IntN(2)], r.IntN(2), times...)
			m.sell(m.beta, "USD", 0, moment())
			m.as(m.alpha, func(tx pgx.Tx) error {
				_, err := tx.Exec(t.Context(), cancel, m.alpha.String(), fmt.Sprint(seed, n))
				return err
			})
			if i == 0 {
				m.exact("as it happens", m.alpha, zone)
			}
		}
		switch i {
		case 3:
			m.sql(`DELETE FROM variants WHERE merchant_id = $1 AND title = 'Large'`, m.alpha.String())
		case 5:
			m.sql(`DELETE FROM products WHERE merchant_id = $1 AND handle = 'wool-beanie'`, m.alpha.String())
		}
		m.recount()
		m.exact("recounted", m.alpha, zone)
		m.sell(m.alpha, "USD", 0, moment(), moment())
		m.exact("and then", m.alpha, zone)
	}
	m.exact("not the other shop's", m.beta, "UTC")
	if wrong, err := m.db.CheckSales(t.Context(), 0); err != nil || len(wrong) > 0 {
		t.Error(wrong, err)
	}
	if err := pgx.BeginFunc(t.Context(), m.db.Pool(), func(tx pgx.Tx) error {
		_, err := tx.Exec(t.Context(), `SELECT set_config('orbit.merchant_id', $1, true)`, m.alpha.String())
		if err == nil {
			_, err = tx.Exec(t.Context(), `UPDATE settings SET timezone = 'Mars/Olympus'`)
		}
		return err
	}); err == nil {
		t.Error("a time zone that PostgreSQL doesn't know would fail every order")
	}
}

// TestSalesTogether: shoppers buy, orders are canceled, the time zone changes and sales are counted anew and compared,
// all at once; no one fails, and in the end all is exact.
func TestSalesTogether(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	m.sql(`UPDATE variants SET stock = 100000`)
	now := time.Now()
	var past []time.Time
	for n := range 200 {
		past = append(past, now.Add(-time.Duration(n)*7*time.Hour))
	}
	m.sell(m.alpha, "USD", 0, past...)
	mug, sweater := m.variant(m.alpha, "stoneware-mug", 0), m.variant(m.alpha, "merino-sweater", 0)
	var work sync.WaitGroup
	for n := range 4 {
		work.Go(func() {
			for range 12 {
				v := []orbit.Variant{mug, sweater}[n%2]
				token := m.cart(m.alpha, v.ID, 1)
				f := form((v.Price + 500) * 12 / 10)
				if v.ID == sweater.ID {
					f = form(v.Price * 12 / 10)
				}
				if _, err := shop.For(m.db, m.alpha).PlaceOrder(t.Context(), token, f, letter); err != nil {
					t.Error("order:", err)
				}
			}
		})
	}
	work.Go(func() {
		for n := range 30 {
			m.as(m.alpha, func(tx pgx.Tx) error {
				_, err := tx.Exec(t.Context(), `UPDATE orders SET status = 'cancelled' WHERE id = (SELECT id FROM orders
					WHERE status = 'open' ORDER BY md5(id::text || $1) LIMIT 1)`, fmt.Sprint(n))
				return err
			})
		}
	})
	work.Go(func() {
		for n := range 10 {
			m.zoned(m.alpha, zones[n%len(zones)])
			m.recount()
		}
	})
	for range 2 {
		work.Go(func() {
			for n := range 10 {
				if _, err := m.db.CheckSales(t.Context(), int64(n)); err != nil {
					t.Error("check:", err)
				}
				m.recount()
			}
		})
	}
	work.Wait()
	m.recount()
	m.exact("in the end", m.alpha, zones[9])
}

// TestSalesAreMended: what differs from the orders is found and mended, in the last days at once and in older ones when
// their turn comes.
func TestSalesAreMended(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	now := time.Now()
	m.sell(m.alpha, "USD", 0, now, now, now.AddDate(0, 0, -100), now.AddDate(0, 0, -10))
	m.sell(m.beta, "USD", 0, now)
	for _, breaking := range []string{`UPDATE sales_days SET orders = orders + 3`, `UPDATE sales_products SET units = 0`,
		`DELETE FROM sales_days`, `DELETE FROM sales_products`} {
		m.sql(breaking+` WHERE merchant_id = $1`, m.alpha.String())
		if wrong, err := m.db.CheckSales(t.Context(), 0); err != nil || !slices.Equal(wrong, []string{m.alpha.String()}) {
			t.Error(breaking, "finds", wrong, err)
		}
		for turn := range int64(4) {
			if _, err := m.db.CheckSales(t.Context(), turn+1); err != nil {
				t.Fatal(err)
			}
		}
		m.exact(breaking, m.alpha, "UTC")
		m.exact("beside it", m.beta, "UTC")
		if wrong, err := m.db.CheckSales(t.Context(), 0); err != nil || len(wrong) > 0 {
			t.Error("and then", wrong, err)
		}
	}
}

// TestOldSales: orders from before there were days are counted by the recount that the migration asks for, and their
// lines get their products.
func TestOldSales(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	now := time.Now()
	m.sell(m.alpha, "USD", 0, now, now.AddDate(0, 0, -40), now.AddDate(-2, 0, 0), now.AddDate(-2, 0, -1))
	m.sql(`UPDATE order_lines SET product_id = NULL`)
	m.sql(`DELETE FROM sales_days`)
	m.sql(`DELETE FROM sales_products`)
	m.sql(`INSERT INTO sales_recounts SELECT id FROM merchants`)
	m.recount()
	m.exact("recounted", m.alpha, "UTC")
	var left, nameless int
	if err := m.super.QueryRow(t.Context(), `SELECT (SELECT count(*) FROM sales_recounts), (SELECT count(*)
		FROM order_lines WHERE product_id IS NULL)`).Scan(&left, &nameless); err != nil || left+nameless > 0 {
		t.Error(left, nameless, err)
	}
}

// TestSalesReport: a period has today and the days before it, in the zone of the shop, and the one before ends at the
// same time of day.
func TestSalesReport(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	m.zoned(m.alpha, "America/New_York")
	at := func(s string) time.Time {
		v, err := time.Parse(time.RFC3339, s)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	// In New York it is 9 in the morning of March 9, the day after clocks went ahead.
	now := at("2026-03-09T13:00:00Z")
	m.sell(m.alpha, "USD", 3, // of the mug alone
		at("2026-03-09T04:00:00Z"), // the first moment of today
		at("2026-03-09T03:59:59Z"), // the last of yesterday
		at("2026-03-08T12:59:00Z"), // yesterday at 8:59
		at("2026-03-08T13:01:00Z"), // yesterday at 9:01
		at("2026-03-03T05:00:00Z"), // the first moment of seven days
		at("2026-03-03T04:59:59Z"), // before
		at("2026-03-02T13:59:00Z"), // 8:59 of the last day before, in winter time
		at("2026-03-02T14:01:00Z"), // 9:01 of it: in neither
		at("2026-02-24T05:00:00Z"), // the first moment of the seven days before
		at("2026-02-24T04:59:59Z"))
	m.sell(m.alpha, "EUR", 0, now) // another currency
	m.sell(m.beta, "USD", 0, now)
	m.recount()
	for period, want := range map[orbit.SalesPeriod][2]int64{1: {1, 1}, 7: {5, 2}, 30: {10, 0}} {
		m.in(m.alpha, func(ctx context.Context, tenant *shop.Tenant) error {
			h, err := tenant.Home(ctx, orbit.Rights{MemberRole: orbit.MemberOwner}, now, period)
			r := h.Report
			if err != nil || r.Now.Orders != want[0] || r.Before.Orders != want[1] || r.Currency != "USD" || !r.Ever ||
				r.Counting || r.Now.Average()*r.Now.Orders != r.Now.Total {
				t.Errorf("%d days: %+v before %+v, want %v: %v", period, r.Now, r.Before, want, err)
			}
			last := r.Days[len(r.Days)-1]
			if len(r.Days) != orbit.ChartDays || last.Day.Format(time.DateOnly) != "2026-03-09" || last.Orders != 1 ||
				r.Days[len(r.Days)-2].Orders != 3 {
				t.Errorf("%+v", r.Days)
			}
			if len(h.Top) != 1 || h.Top[0].Units != 4*want[0] || h.Top[0].Deleted {
				t.Errorf("%d days: %+v", period, h.Top)
			}
			if len(r.Others) != 1 || r.Others[0].Currency != "EUR" || r.Others[0].Orders != 1 || r.Others[0].Total <= 0 {
				t.Errorf("%d days, other currencies: %+v", period, r.Others)
			}
			return err
		})
	}
	// A product that is deleted keeps its place, under the title that it had.
	m.sql(`UPDATE products SET title = 'Old mug' WHERE merchant_id = $1 AND handle = 'stoneware-mug'`, m.alpha.String())
	m.sql(`DELETE FROM products WHERE merchant_id = $1 AND handle = 'stoneware-mug'`, m.alpha.String())
	m.in(m.alpha, func(ctx context.Context, tenant *shop.Tenant) error {
		h, err := tenant.Home(ctx, orbit.Rights{MemberRole: orbit.MemberOwner}, now, 7)
		if len(h.Top) != 1 || h.Top[0].Title != "Old mug" || !h.Top[0].Deleted || h.Top[0].Units != 20 {
			t.Errorf("%+v", h.Top)
		}
		return err
	})
	m.sql(`DELETE FROM products WHERE merchant_id = $1`, m.beta.String())
	sold := m.count(`SELECT count(DISTINCT product_id) FROM order_lines WHERE merchant_id = $1`, m.beta.String())
	if n := m.count(`SELECT count(*) FROM deleted_products WHERE merchant_id = $1`, m.beta.String()); n != sold || n == 0 {
		t.Errorf("%d titles are kept, %d products were sold", n, sold)
	}
}

// TestZonesWait: a time zone changes when those who have counted in the one before have committed, or the recount
// couldn't see what they counted.
func TestZonesWait(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	m.sell(m.alpha, "USD", 0, time.Now())
	change := func(patience string) error {
		return pgx.BeginFunc(t.Context(), m.db.Pool(), func(tx pgx.Tx) error {
			for _, sql := range []string{`SET LOCAL lock_timeout = '` + patience + `'`,
				`SELECT set_config('orbit.merchant_id', '` + m.alpha.String() + `', true)`,
				`UPDATE settings SET timezone = 'Asia/Kathmandu'`} {
				if _, err := tx.Exec(t.Context(), sql); err != nil {
					return err
				}
			}
			return nil
		})
	}
	m.as(m.alpha, func(tx pgx.Tx) error {
		for _, sql := range []string{`UPDATE orders SET status = 'cancelled'`, `SET CONSTRAINTS ALL IMMEDIATE`} {
			if _, err := tx.Exec(t.Context(), sql); err != nil {
				return err
			}
		}
		if err := change("100ms"); err == nil || !strings.Contains(err.Error(), "55P03") {
			t.Error("the time zone changed under an order that was being counted:", err)
		}
		return nil
	})
	if err := change("0"); err != nil {
		t.Error(err)
	}
	m.recount()
	m.exact("in the end", m.alpha, "Asia/Kathmandu")
}
