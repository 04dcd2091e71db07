package shop

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// OrderFilter chooses orders. What it leaves out narrows nothing.
type OrderFilter struct {
	Query       string // the number, or beginnings of words of the name, the email address and the SKUs
	Status      orbit.OrderStatus
	Payment     orbit.FinancialStatus
	Fulfillment orbit.FulfillmentStatus
	ToFulfill   bool      // something is left to fulfill
	Due         bool      // something is left to pay
	From, To    time.Time // placed at From or later, and before To
	Customer    orbit.CustomerID
	Test        *bool

	Limit  int // of a list's page
	Offset int
}

// orderDue is the condition that something is due on an order, as its index has it.
const orderDue = `o.payment_status IN ('pending', 'authorized', 'partially_paid') AND o.status <> 'cancelled'`

// where returns the condition on orders o that all but the words make, with its arguments.
func (f OrderFilter) where() (condition string, args []any) {
	all := []string{`true`}
	and := func(on bool, condition string, arg any) {
		if on {
			args = append(args, arg)
			all = append(all, condition+" $"+strconv.Itoa(len(args)))
		}
	}
	and(f.Status != "", `o.status =`, string(f.Status))
	and(f.Payment != "", `o.payment_status =`, string(f.Payment))
	and(f.Fulfillment != "", `o.fulfillment_status =`, string(f.Fulfillment))
	and(!f.From.IsZero(), `o.created_at >=`, f.From)
	and(!f.To.IsZero(), `o.created_at <`, f.To)
	and(!f.Customer.IsZero(), `o.customer_id =`, f.Customer)
	if f.Test != nil {
		and(true, `o.test =`, *f.Test)
	}
	if f.ToFulfill {
		all = append(all, `o.to_fulfill > 0`)
	}
	if f.Due {
		all = append(all, orderDue)
	}
	return strings.Join(all, ` AND `), args
}

// nearOrders is how many of the newest orders are looked through for words, before the index is asked for all that have
// them: words of many orders fill a page there.
const nearOrders = 1000

// Orders is one page of the shop's orders, newest first, without their lines, and how many there are: no more are
// counted than orbit.MaxListed, or than it takes to know whether there is a page after this one.
func (t *Tenant) Orders(ctx context.Context, f OrderFilter) (rows []orbit.OrderRow, total int, err error) {
	condition, args := f.where()
	number, isNumber := orderNumber(f.Query)
	if f.Query != "" && !isNumber {
		return t.searchOrders(ctx, f)
	}
	from := ` FROM orders o WHERE ` + condition
	if isNumber {
		args = append(args, number)
		from += fmt.Sprintf(` AND o.number = $%d`, len(args))
	}
	r := t.Reader()
	r.planned()
	count := r.countOrders(f, from, args)
	page := r.orderPage(f, `SELECT o.id`+from+` ORDER BY o.created_at DESC, o.id DESC`, args)
	err = r.Read(ctx)
	if err == nil && isNumber && count.Value.N == 0 { // no order's number: it may be a SKU
		return t.searchOrders(ctx, f)
	}
	return page.Value, count.Value.N, err
}

// searchOrders is Orders for words.
func (t *Tenant) searchOrders(ctx context.Context, f OrderFilter) (rows []orbit.OrderRow, total int, err error) {
	condition, args := f.where()
	r := t.Reader()
	r.planned()
	hits := ` FROM order_index i`
	if condition != `true` {
		hits = ` FROM order_index i JOIN orders o ON o.id = i.order_id WHERE ` + condition
	}
	var count *pg.Result[struct{ N int }]
	var page *pg.Result[[]orbit.OrderRow]
	r.askingOrders(f.Query, func() {
		count = r.countOrders(f, hits, args)
		// OFFSET 0 has each order's words read by its key.
		page = r.orderPage(f, fmt.Sprintf(`SELECT o.id FROM (SELECT o.id, o.created_at FROM orders o WHERE %s
			ORDER BY o.created_at DESC, o.id DESC LIMIT %d) o
			WHERE EXISTS (SELECT FROM order_index i WHERE i.order_id = o.id OFFSET 0)
			ORDER BY o.created_at DESC, o.id DESC`, condition, nearOrders), args)
	})
	if err = r.Read(ctx); err != nil || len(page.Value) == f.Limit || count.Value.N <= f.Offset+len(page.Value) {
		return page.Value, count.Value.N, err
	}
	r = t.Reader()
	r.planned()
	r.askingOrders(f.Query, func() {
		page = r.orderPage(f, `SELECT i.order_id AS id`+hits+` ORDER BY i.placed_at DESC, i.order_id DESC`, args)
	})
	err = r.Read(ctx)
	return page.Value, count.Value.N, err
}

func (r *Reader) countOrders(f OrderFilter, from string, args []any) *pg.Result[struct{ N int }] {
	return pg.Ask[struct{ N int }](r.Reader, fmt.Sprintf(`SELECT count(*) AS n FROM (SELECT%s LIMIT $%d) x`, from,
		len(args)+1), with(args, max(orbit.MaxListed, f.Offset+f.Limit)+1)...)
}

// orderPage reads the orders of a page of ids. Their lines are counted for these alone.
func (r *Reader) orderPage(f OrderFilter, ids string, args []any) *pg.Result[[]orbit.OrderRow] {
	return pg.Ask[[]orbit.OrderRow](r.Reader, `SELECT `+r.DB.Columns("o", "", orbit.Order{})+`,
		(SELECT coalesce(sum(quantity), 0) FROM order_lines l
			WHERE l.merchant_id = o.merchant_id AND l.order_id = o.id) AS items
		FROM (`+ids+fmt.Sprintf(` LIMIT $%d OFFSET $%d) page JOIN orders o ON o.id = page.id
		ORDER BY o.created_at DESC, o.id DESC`, len(args)+1, len(args)+2), with(args, f.Limit, f.Offset)...)
}

// with returns arguments with more after them; the first ones stay as they are for the next statement.
func with(args []any, more ...any) []any { return append(args[:len(args):len(args)], more...) }

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
