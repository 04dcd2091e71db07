package shop

import (
	"context"
	"fmt"
	"slices"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// exportPage is how many orders are read at once.
const exportPage = 200

// ExportOrders hands each order that a filter finds to a function, the newest first, with its lines and payments and
// nothing else of what belongs to it. Limit and Offset don't count. Which orders they are is settled at the beginning.
// Each page of them is read in a transaction of its own, in which the member's right to it is asked for again: while
// the function waits for a slow reader it holds no connection, and of the orders to come no more than their ids.
func (m Member) ExportOrders(ctx context.Context, f OrderFilter, each func(orbit.Order) error) error {
	var ids []orbit.OrderID
	err := m.Read(ctx, func(t *Tenant) (err error) { ids, err = t.orderIDs(ctx, f); return err })
	if err != nil {
		return err
	}
	for page := range slices.Chunk(ids, exportPage) {
		var orders []orbit.Order
		err := m.Read(ctx, func(t *Tenant) (err error) { orders, err = t.exported(ctx, page); return err })
		if err != nil {
			return err
		}
		for _, o := range orders {
			if err := each(o); err != nil {
				return err
			}
		}
	}
	return nil
}

// orderIDs returns the orders that a filter finds, the newest first.
func (t *Tenant) orderIDs(ctx context.Context, f OrderFilter) ([]orbit.OrderID, error) {
	condition, args := f.where()
	if number, ok := orderNumber(f.Query); ok {
		ids, err := pg.All[orbit.OrderID](ctx, t, fmt.Sprintf(`SELECT o.id FROM orders o WHERE %s AND o.number = $%d`,
			condition, len(args)+1), with(args, number)...)
		if err != nil || len(ids) > 0 {
			return ids, err
		}
	}
	if f.Query == "" {
		return pg.All[orbit.OrderID](ctx, t, `SELECT o.id FROM orders o WHERE `+condition+`
			ORDER BY o.created_at DESC, o.id DESC`, args...)
	}
	r := t.Reader()
	var found *pg.Result[[]struct{ ID orbit.OrderID }]
	r.askingOrders(f.Query, func() {
		found = pg.Ask[[]struct{ ID orbit.OrderID }](r.Reader, `SELECT o.id FROM order_index i
			JOIN orders o ON o.id = i.order_id WHERE `+condition+` ORDER BY i.placed_at DESC, i.order_id DESC`, args...)
	})
	err := r.Read(ctx)
	ids := make([]orbit.OrderID, len(found.Value))
	for i, row := range found.Value {
		ids[i] = row.ID
	}
	return ids, err
}

// exported reads orders by their ids, in that order, with their lines and payments.
func (t *Tenant) exported(ctx context.Context, ids []orbit.OrderID) ([]orbit.Order, error) {
	list := make([]string, len(ids))
	for i, id := range ids {
		list[i] = id.String()
	}
	r := t.Reader()
	orders := pg.Ask[[]orbit.Order](r.Reader, `SELECT `+t.db.Columns("o", "", orbit.Order{})+` FROM orders o
		WHERE id = ANY($1) ORDER BY o.created_at DESC, o.id DESC`, list)
	lines := pg.Ask[[]orbit.OrderLine](r.Reader, `SELECT `+t.db.Columns("l", "", orbit.OrderLine{})+` FROM order_lines l
		WHERE order_id = ANY($1) ORDER BY order_id, position`, list)
	payments := pg.Ask[[]orbit.Payment](r.Reader, `SELECT `+t.db.Columns("p", "", orbit.Payment{})+` FROM payments p
		WHERE order_id = ANY($1) ORDER BY order_id, created_at, id`, list)
	err := r.Read(ctx)
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
	return orders.Value, err
}
