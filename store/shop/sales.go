package shop

import (
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// Of the shop's settings and $1, which is now. They stand in conditions as values of their own, for which an index can
// be read.
const (
	today    = `(SELECT ($1::timestamptz AT TIME ZONE s.timezone)::date FROM settings s)`
	itsMoney = `(SELECT s.currency FROM settings s)`
	thisTime = `(SELECT ($1::timestamptz AT TIME ZONE s.timezone - make_interval(days => $2)) AT TIME ZONE s.timezone
		FROM settings s)` // of day, $2 days ago
	thatDawn = `(SELECT date_trunc('day', $1::timestamptz AT TIME ZONE s.timezone - make_interval(days => $2))
		AT TIME ZONE s.timezone FROM settings s)` // of that day
)

// Sales reads what the shop has sold up to now in a period and in the one before.
func (r *Reader) Sales(now time.Time, period orbit.SalesPeriod) *pg.Result[orbit.SalesReport] {
	type head struct {
		Currency, Timezone string
		Today              time.Time
		Orders, Total      int64 // of the day of which a part counts: the last one of the period before
		Counting, Ever     bool
	}
	days := int(period)
	first := pg.Ask[head](r.Reader, `SELECT s.currency, s.timezone, `+today+` AS today, part.orders, part.total,
			EXISTS (SELECT FROM sales_recounts) AS counting, EXISTS (SELECT FROM orders) AS ever
		FROM settings s CROSS JOIN (SELECT count(*) AS orders, coalesce(sum(o.total), 0) AS total FROM orders o
			WHERE o.created_at >= `+thatDawn+` AND o.created_at < `+thisTime+` AND o.status <> 'cancelled' AND NOT o.test
			AND o.currency = `+itsMoney+`) part`, now, days)
	rows := pg.Ask[[]orbit.SalesDay](r.Reader, `SELECT d.day, d.orders, d.units, d.total FROM sales_days d
		WHERE d.day > `+today+` - $2::integer AND d.day <= `+today+` AND d.currency = `+itsMoney+` ORDER BY d.day`,
		now, max(2*days, orbit.ChartDays))
	others := pg.Ask[[]orbit.SalesIn](r.Reader, `SELECT d.currency, sum(d.orders)::bigint AS orders,
			sum(d.units)::bigint AS units, sum(d.total)::bigint AS total FROM sales_days d
		WHERE d.day > `+today+` - $2::integer AND d.day <= `+today+` AND d.currency <> `+itsMoney+`
		GROUP BY d.currency HAVING sum(d.orders) > 0 ORDER BY sum(d.orders) DESC, d.currency`, now, days)
	return pg.As(r.Reader, first, func(h head) orbit.SalesReport {
		report := orbit.SalesReport{Period: period, Currency: h.Currency, Zone: zone(h.Timezone), Counting: h.Counting,
			Ever: h.Ever, Before: orbit.Sales{Orders: h.Orders, Total: h.Total}, Others: others.Value}
		report.Days = make([]orbit.SalesDay, orbit.ChartDays)
		for i := range report.Days {
			report.Days[i].Day = h.Today.AddDate(0, 0, i+1-orbit.ChartDays)
		}
		for _, d := range rows.Value {
			ago := int(h.Today.Sub(d.Day) / (24 * time.Hour)) // both are in UTC
			switch {
			case ago < 0: // ahead of now
				continue
			case ago < days:
				add(&report.Now, d.Sales)
			case ago > days && ago < 2*days: // the day between is counted in part
				add(&report.Before, d.Sales)
			}
			if ago < orbit.ChartDays {
				add(&report.Days[orbit.ChartDays-1-ago].Sales, d.Sales)
			}
		}
		return report
	})
}

func add(to *orbit.Sales, s orbit.Sales) {
	to.Orders, to.Units, to.Total = to.Orders+s.Orders, to.Units+s.Units, to.Total+s.Total
}

// zone returns a time zone by its name; UTC where this program's list doesn't have what PostgreSQL's has.
func zone(name string) *time.Location {
	if z, err := time.LoadLocation(name); err == nil {
		return z
	}
	return time.UTC
}

// TopProducts reads the n products that sold best in a period up to now, also those that are deleted.
func (r *Reader) TopProducts(now time.Time, period orbit.SalesPeriod, n int) *pg.Result[[]orbit.ProductSales] {
	return pg.Ask[[]orbit.ProductSales](r.Reader, `SELECT s.product_id AS id, coalesce(p.title, d.title, '') AS title,
			p.images, s.units, s.total, p.id IS NULL AS deleted
		FROM (SELECT d.product_id, sum(d.units)::bigint AS units, sum(d.total)::bigint AS total FROM sales_products d
			WHERE d.day > `+today+` - $2::integer AND d.day <= `+today+` AND d.currency = `+itsMoney+`
			GROUP BY d.product_id HAVING sum(d.units) > 0
			ORDER BY sum(d.total) DESC, sum(d.units) DESC, d.product_id LIMIT $3) s
		LEFT JOIN products p ON p.id = s.product_id
		LEFT JOIN deleted_products d ON d.id = s.product_id
		ORDER BY s.total DESC, s.units DESC, s.product_id`, now, int(period), n)
}

// LowStock reads the n variants of active products of which there are fewest, none more than orbit.LowStock.
func (r *Reader) LowStock(n int) *pg.Result[orbit.LowStockReport] {
	type row struct {
		orbit.LowVariant `bun:",extend"`
		Count            int
	}
	rows := pg.Ask[[]row](r.Reader, `SELECT p.id AS product_id, p.title, p.images, v.stock, v.count,
			CASE WHEN jsonb_array_length(p.options) = 0 THEN '' ELSE v.title END AS variant
		FROM (SELECT v.product_id, v.title, v.stock, v.position, count(*) OVER () AS count
			FROM (SELECT v.* FROM variants v JOIN products p ON p.merchant_id = v.merchant_id AND p.id = v.product_id
				WHERE v.low AND v.track_inventory AND p.status = 'active' LIMIT $2) v
			ORDER BY v.stock, v.product_id, v.position LIMIT $1) v
		JOIN products p ON p.id = v.product_id ORDER BY v.stock, p.title COLLATE orbit_order, v.position`,
		n, orbit.MaxCounted)
	return pg.As(r.Reader, rows, func(rows []row) (report orbit.LowStockReport) {
		for _, row := range rows {
			report.Variants, report.Count = append(report.Variants, row.LowVariant), row.Count
		}
		return report
	})
}

// OrdersDue reads how many orders wait for something to be done.
func (r *Reader) OrdersDue() *pg.Result[orbit.OrdersDue] {
	return pg.Ask[orbit.OrdersDue](r.Reader, `SELECT
		(SELECT count(*) FROM (SELECT FROM orders o WHERE o.to_fulfill > 0 LIMIT $1) x) AS unfulfilled,
		(SELECT count(*) FROM (SELECT FROM orders o WHERE `+orderDue+`
			LIMIT $1) x) AS unpaid`, orbit.MaxCounted)
}

// LatestOrders reads the n newest orders.
func (r *Reader) LatestOrders(n int) *pg.Result[[]orbit.OrderRow] {
	return pg.Ask[[]orbit.OrderRow](r.Reader, `SELECT `+r.DB.Columns("o", "", orbit.Order{})+`,
		(SELECT coalesce(sum(quantity), 0) FROM order_lines l
			WHERE l.merchant_id = o.merchant_id AND l.order_id = o.id) AS items
		FROM orders o ORDER BY o.created_at DESC, o.id DESC LIMIT $1`, n)
}
