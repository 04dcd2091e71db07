package shop

import (
	"context"
	"fmt"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// OrderPlace is where a list of orders goes on: after an order. The zero OrderPlace is the beginning.
type OrderPlace struct {
	At time.Time // when it was placed
	ID orbit.OrderID
}

// OrdersAfter returns the orders that a filter finds after a place, the newest first, with all that belongs to each of
// them. The filter's Limit counts, its Offset doesn't: however long the list is, a page costs what it holds.
func (t *Tenant) OrdersAfter(ctx context.Context, f OrderFilter, after OrderPlace) ([]orbit.Order, error) {
	ids, err := t.ordersAfter(ctx, f, after)
	if err != nil || len(ids) == 0 {
		return nil, err
	}
	return t.wholeOrders(ctx, ids)
}

const orderNewest = ` ORDER BY o.created_at DESC, o.id DESC`

// ordersAfter returns the ids of OrdersAfter.
func (t *Tenant) ordersAfter(ctx context.Context, f OrderFilter, after OrderPlace) ([]orbit.OrderID, error) {
	condition, args := f.where()
	if !after.ID.IsZero() {
		args = append(args, after.At, after.ID)
		condition += fmt.Sprintf(` AND (o.created_at, o.id) < ($%d, $%d::uuid)`, len(args)-1, len(args))
	}
	limit := fmt.Sprintf(` LIMIT %d`, f.Limit)
	if number, ok := orderNumber(f.Query); ok {
		ids, err := pg.All[orbit.OrderID](ctx, t, fmt.Sprintf(`SELECT o.id FROM orders o WHERE %s AND o.number = $%d`,
			condition, len(args)+1)+orderNewest+limit, append(args[:len(args):len(args)], number)...)
		if err != nil || len(ids) > 0 {
			return ids, err
		}
	}
	if f.Query == "" {
		return pg.All[orbit.OrderID](ctx, t, `SELECT o.id FROM orders o WHERE `+condition+orderNewest+limit, args...)
	}
	// OFFSET 0 has each order's words read by its key.
	ids, err := t.searchOrderIDs(ctx, f.Query, fmt.Sprintf(`SELECT o.id FROM (SELECT o.id, o.created_at FROM orders o
		WHERE %s%s LIMIT %d) o WHERE EXISTS (SELECT FROM order_index i WHERE i.order_id = o.id OFFSET 0)`,
		condition, orderNewest, nearOrders)+orderNewest+limit, args)
	if err != nil || len(ids) == f.Limit {
		return ids, err
	}
	return t.searchOrderIDs(ctx, f.Query, `SELECT o.id FROM order_index i JOIN orders o ON o.id = i.order_id
		WHERE `+condition+orderNewest+limit, args)
}

// searchOrderIDs returns the ids of a statement that asks the orders' index for words.
func (t *Tenant) searchOrderIDs(ctx context.Context, words, sql string, args []any) ([]orbit.OrderID, error) {
	r := t.Reader()
	var found *pg.Result[[]struct{ ID orbit.OrderID }]
	r.askingOrders(words, func() { found = pg.Ask[[]struct{ ID orbit.OrderID }](r.Reader, sql, args...) })
	err := r.Read(ctx)
	ids := make([]orbit.OrderID, len(found.Value))
	for i, row := range found.Value {
		ids[i] = row.ID
	}
	return ids, err
}

// wholeOrders reads orders by their ids, the newest first, with all that belongs to them but the images of their lines.
func (t *Tenant) wholeOrders(ctx context.Context, ids []orbit.OrderID) ([]orbit.Order, error) {
	list := make([]string, len(ids))
	for i, id := range ids {
		list[i] = id.String()
	}
	r := t.Reader()
	orders := pg.Ask[[]orbit.Order](r.Reader, `SELECT `+t.db.Columns("o", "", orbit.Order{})+` FROM orders o
		WHERE id = ANY($1)`+orderNewest, list)
	lines := pg.Ask[[]orbit.OrderLine](r.Reader, `SELECT `+t.db.Columns("l", "", orbit.OrderLine{})+` FROM order_lines l
		WHERE order_id = ANY($1) ORDER BY position`, list)
	const listed = ` WHERE order_id = ANY($1) ORDER BY created_at, id`
	payments := pg.Ask[[]orbit.Payment](r.Reader, `SELECT `+t.db.Columns("p", "", orbit.Payment{})+`
		FROM payments p`+listed, list)
	ledger := pg.Ask[[]orbit.Transaction](r.Reader, `SELECT `+t.db.Columns("t", "", orbit.Transaction{})+`
		FROM order_transactions t`+listed, list)
	refunds := pg.Ask[[]orbit.Refund](r.Reader, `SELECT `+t.db.Columns("r", "", orbit.Refund{})+`
		FROM refunds r`+listed, list)
	parcels := pg.Ask[[]orbit.Fulfillment](r.Reader, `SELECT `+t.db.Columns("f", "", orbit.Fulfillment{})+`
		FROM fulfillments f`+listed, list)
	entries := pg.Ask[[]orbit.OrderEntry](r.Reader, `SELECT `+t.db.Columns("e", "", orbit.OrderEntry{})+`
		FROM order_entries e`+listed, list)
	if err := r.Read(ctx); err != nil {
		return nil, err
	}
	at := make(map[orbit.OrderID]*orbit.Order, len(ids))
	for i := range orders.Value {
		at[orders.Value[i].ID] = &orders.Value[i]
	}
	for _, l := range lines.Value {
		at[l.OrderID].Lines = append(at[l.OrderID].Lines, l)
	}
	for _, p := range payments.Value {
		at[p.OrderID].Payments = append(at[p.OrderID].Payments, p)
	}
	for _, line := range ledger.Value {
		at[line.OrderID].Transactions = append(at[line.OrderID].Transactions, line)
	}
	for _, refund := range refunds.Value {
		at[refund.OrderID].Refunds = append(at[refund.OrderID].Refunds, refund)
	}
	for _, f := range parcels.Value {
		at[f.OrderID].Fulfillments = append(at[f.OrderID].Fulfillments, f)
	}
	for _, e := range entries.Value {
		at[e.OrderID].Entries = append(at[e.OrderID].Entries, e)
	}
	return orders.Value, nil
}
