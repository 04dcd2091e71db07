package shop

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// OrderFilter chooses orders in a list.
type OrderFilter struct {
	Status string // "" all, "unfulfilled", "unpaid", "fulfilled"
	Query  string // the number, or beginnings of words of the name and the email address
	Limit  int
	Offset int
}

// orderStates narrows a list of orders; the last two have an index each.
var orderStates = map[string]string{"fulfilled": `o.fulfillment_status = 'fulfilled'`,
	"unfulfilled": `o.to_fulfill > 0`, "unpaid": orderDue}

// orderDue is the condition that something is due on an order, as its index has it.
const orderDue = `o.payment_status IN ('pending', 'authorized', 'partially_paid') AND o.status <> 'cancelled'`

// nearOrders is how many of the newest orders are looked through for words, before the index is asked for all that have
// them: words of many orders fill a page there.
const nearOrders = 1000

// Orders is one page of the shop's orders, newest first, without their lines, and how many there are: no more are
// counted than orbit.MaxListed, or than it takes to know whether there is a page after this one.
func (t *Tenant) Orders(ctx context.Context, f OrderFilter) (rows []orbit.OrderRow, total int, err error) {
	number, isNumber := orderNumber(f.Query)
	if f.Query != "" && !isNumber {
		return t.searchOrders(ctx, f)
	}
	from := ` FROM orders o WHERE ` + cmp.Or(orderStates[f.Status], `true`)
	var args []any
	if isNumber {
		from, args = from+` AND o.number = $1`, []any{number}
	}
	r := t.Reader()
	r.planned()
	count := r.countOrders(f, from, args...)
	page := r.orderPage(f, `SELECT o.id`+from+` ORDER BY o.created_at DESC, o.id DESC`, args...)
	err = r.Read(ctx)
	return page.Value, count.Value.N, err
}

// searchOrders is Orders for words.
func (t *Tenant) searchOrders(ctx context.Context, f OrderFilter) (rows []orbit.OrderRow, total int, err error) {
	state := cmp.Or(orderStates[f.Status], `true`)
	r := t.Reader()
	r.planned()
	hits := ` FROM order_index i`
	if f.Status != "" {
		hits = ` FROM order_index i JOIN orders o ON o.id = i.order_id WHERE ` + state
	}
	var count *pg.Result[struct{ N int }]
	var page *pg.Result[[]orbit.OrderRow]
	r.askingOrders(f.Query, func() {
		count = r.countOrders(f, hits)
		// OFFSET 0 has each order's words read by its key.
		page = r.orderPage(f, fmt.Sprintf(`SELECT o.id FROM (SELECT o.id, o.created_at FROM orders o WHERE %s
			ORDER BY o.created_at DESC, o.id DESC LIMIT %d) o
			WHERE EXISTS (SELECT FROM order_index i WHERE i.order_id = o.id OFFSET 0)
			ORDER BY o.created_at DESC, o.id DESC`, state, nearOrders))
	})
	if err = r.Read(ctx); err != nil || len(page.Value) == f.Limit || count.Value.N <= f.Offset+len(page.Value) {
		return page.Value, count.Value.N, err
	}
	r = t.Reader()
	r.planned()
	r.askingOrders(f.Query, func() {
		page = r.orderPage(f, `SELECT i.order_id AS id`+hits+` ORDER BY i.placed_at DESC, i.order_id DESC`)
	})
	err = r.Read(ctx)
	return page.Value, count.Value.N, err
}

func (r *Reader) countOrders(f OrderFilter, from string, args ...any) *pg.Result[struct{ N int }] {
	return pg.Ask[struct{ N int }](r.Reader, fmt.Sprintf(`SELECT count(*) AS n FROM (SELECT%s LIMIT $%d) x`, from,
		len(args)+1), append(args, max(orbit.MaxListed, f.Offset+f.Limit)+1)...)
}

// orderPage reads the orders of a page of ids. Their lines are counted for these alone.
func (r *Reader) orderPage(f OrderFilter, ids string, args ...any) *pg.Result[[]orbit.OrderRow] {
	return pg.Ask[[]orbit.OrderRow](r.Reader, `SELECT `+r.DB.Columns("o", "", orbit.Order{})+`,
		(SELECT coalesce(sum(quantity), 0) FROM order_lines l
			WHERE l.merchant_id = o.merchant_id AND l.order_id = o.id) AS items
		FROM (`+ids+fmt.Sprintf(` LIMIT $%d OFFSET $%d) page JOIN orders o ON o.id = page.id
		ORDER BY o.created_at DESC, o.id DESC`, len(args)+1, len(args)+2), append(args, f.Limit, f.Offset)...)
}

// askingOrders asks with a question of the orders' index set (migrations/0033), and clears it.
func (r *Reader) askingOrders(query string, ask func()) {
	r.Exec(`SELECT orbit_ask_orders($1)`, query)
	ask()
	r.Exec(`SELECT set_config('orbit.orders', '', true)`)
}

// orderNumber reads an order's number as people say it: 1001 or #1001.
func orderNumber(query string) (number int64, ok bool) {
	number, err := strconv.ParseInt(strings.TrimPrefix(strings.TrimSpace(query), "#"), 10, 64)
	return number, err == nil && number >= 0
}
