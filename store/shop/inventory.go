package shop

import (
	"context"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// Inventory filters.
const (
	InventoryLow = "low" // of few units left, or none
	InventoryOut = "out" // with nothing left
)

// InventoryFilter chooses variants for the list of inventory.
type InventoryFilter struct {
	State  string // "" is any
	Query  string // words to find the product by
	Limit  int
	Offset int
}

// Inventory is one page of the quantities of the shop's variants, by the products' titles, and how many there are in
// all. Archived products are left out.
func (t *Tenant) Inventory(ctx context.Context, f InventoryFilter) (rows []orbit.InventoryRow, total int, err error) {
	from := ` FROM variants v JOIN products p ON p.merchant_id = v.merchant_id AND p.id = v.product_id`
	if f.Query != "" {
		from = ` FROM product_index i JOIN products p ON p.id = i.product_id
			JOIN variants v ON v.merchant_id = p.merchant_id AND v.product_id = p.id`
	}
	from += ` WHERE p.status <> 'archived' AND ($1 = '' OR v.track_inventory AND v.stock <= CASE WHEN $1 = 'low' THEN ` +
		`5 ELSE 0 END)`
	r := t.Reader()
	var found *pg.Result[[]orbit.InventoryRow]
	var count *pg.Result[struct{ Total int }]
	ask := func() {
		count = pg.Ask[struct{ Total int }](r.Reader, `SELECT count(*) AS total`+from, f.State)
		found = pg.Ask[[]orbit.InventoryRow](r.Reader, `SELECT v.id, v.product_id, p.title, CASE
				WHEN jsonb_array_length(p.options) = 0 THEN '' ELSE v.title END AS variant, v.sku, p.images, v.stock,
				v.track_inventory AS tracked, `+excess(ownPlan)+` AS read_only`+from+`
			ORDER BY p.title COLLATE orbit_order, p.id, v.position, v.id LIMIT $2 OFFSET $3`, f.State, f.Limit, f.Offset)
	}
	if f.Query == "" {
		ask()
	} else {
		r.asking(f.Query, true, ask)
	}
	err = r.Read(ctx)
	return found.Value, count.Value.Total, err
}

// AdjustmentRow is a line of the ledger with the name of its variant and the number of its order.
type AdjustmentRow struct {
	orbit.Adjustment `bun:",extend"`
	Variant          string
	OrderName        string // "" where the change has no order that is placed
}

// Ledger is one page of the changes of the quantities of a product's variants, the newest first, and how many there are
// in all.
func (t *Tenant) Ledger(ctx context.Context, id orbit.ProductID, limit, offset int) (
	rows []AdjustmentRow, total int, err error,
) {
	r := t.Reader()
	const from = ` FROM inventory_adjustments a JOIN variants v ON v.merchant_id = a.merchant_id AND v.id = a.variant_id
		LEFT JOIN orders o ON o.merchant_id = a.merchant_id AND o.id = a.order_id WHERE v.product_id = $1`
	count := pg.Ask[struct{ Total int }](r.Reader, `SELECT count(*) AS total`+from, id)
	found := pg.Ask[[]AdjustmentRow](r.Reader, `SELECT `+t.db.Columns("a", "", orbit.Adjustment{})+`, v.title AS variant,
		coalesce(o.prefix || o.number, '') AS order_name`+from+` ORDER BY a.seq DESC LIMIT $2 OFFSET $3`, id, limit, offset)
	err = r.Read(ctx)
	return found.Value, count.Value.Total, err
}

// AdjustInventory changes quantities as a form says, all or none. The same form again changes nothing. Conflict where a
// product is read-only; Invalid with faults on stock and the variant's id where a quantity would be out of bounds, or
// isn't tracked. Variants of other shops aren't there.
func (e *Edit) AdjustInventory(ctx context.Context, f orbit.InventoryForm) error {
	by, note, err := f.Check()
	if err != nil || len(by) == 0 {
		return err
	}
	ids := make([]string, 0, len(by))
	for id := range by {
		ids = append(ids, id.String())
	}
	held, err := pg.All[struct {
		ID        orbit.VariantID
		ProductID orbit.ProductID
		Title     string
		Stock     int
		Tracked   bool
		ReadOnly  bool
		Done      bool
	}](ctx, e, `SELECT v.id, v.product_id, p.title, v.stock, v.track_inventory AS tracked,
			`+excess(ownPlan)+` AS read_only,
			EXISTS (SELECT FROM inventory_adjustments a WHERE a.merchant_id = v.merchant_id
				AND a.id = md5($2 || v.id)::uuid) AS done
		FROM variants v JOIN products p ON p.merchant_id = v.merchant_id AND p.id = v.product_id
		WHERE v.id = ANY($1) ORDER BY v.id FOR UPDATE OF v`, ids, f.Batch.String())
	if err != nil {
		return err
	}
	if len(held) < len(by) {
		return orbit.Errorf(orbit.NotFound, "A variant has been deleted. Open the page again.")
	}
	var bad orbit.Faults
	b := e.db.Batch()
	b.Exec(`SELECT set_config('orbit.inventory', $1, true)`, inventory{Reason: f.Reason, Note: note, Who: e.Actor.Name,
		Batch: f.Batch.String()}.setting())
	title := ""
	for _, v := range held {
		n := v.Stock + by[v.ID]
		at := "stock." + v.ID.String()
		switch {
		case v.Done:
			return nil
		case v.ReadOnly:
			return orbit.Errorf(orbit.Conflict, "%s: %s", v.Title, orbit.ReadOnlyProduct)
		case !v.Tracked:
			bad.Add(at, "", "Its quantity isn't tracked.")
		case n > orbit.MaxStock:
			bad.Add(at, "", "That would make the quantity %d; the most is %d.", n, orbit.MaxStock)
		case n < min(v.Stock, 0):
			bad.Add(at, "", "There are %d left by now.", v.Stock)
		}
		b.Exec(`UPDATE variants SET stock = $2 WHERE id = $1`, v.ID, n)
		if orbit.RunsLow(v.Stock, n) {
			b.Event(orbit.InventoryEvent(v.ProductID, v.ID, n))
		}
		title = v.Title
	}
	if err := bad.Err(); err != nil {
		return err
	}
	if len(held) > 1 {
		title = ""
	}
	return e.commit(ctx, b, orbit.ActionInventoryAdjusted, title, orbit.Details{"variants": len(held),
		"reason": string(f.Reason)})
}

// HoldStock returns a variant's quantity, locked. NotFound where there is no such variant.
func (e *Edit) HoldStock(ctx context.Context, id orbit.VariantID) (int, error) {
	return pg.One[int](ctx, e, `SELECT stock FROM variants WHERE id = $1 FOR UPDATE`, id)
}
