package shop

import (
	"context"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// excess is whether a product, the row p, is beyond what the shop's plan allows, and so read-only: the newest by
// creation are. It follows from the rows as they are, so with room again they can be edited again.
const excess = `coalesce((p.created_at, p.id) >= (SELECT o.created_at, o.id FROM products o
	ORDER BY o.created_at, o.id LIMIT 1 OFFSET (SELECT coalesce((l.limits ->> 'products')::bigint, 1::bigint << 60)
		FROM merchants m JOIN plans l ON l.id = m.plan_id WHERE m.id = orbit_merchant())), false)`

// mayEdit is nil where a product, or what belongs to it, can be edited, and for what belongs to none (zero). The
// merchant's row is locked: neither the plan nor the products become others until this commits.
func (e *Edit) mayEdit(ctx context.Context, id orbit.ProductID) error {
	readOnly, err := pg.All[bool](ctx, e, `SELECT `+excess+` FROM products p WHERE p.id = $1`, id)
	if err != nil || !pg.First(readOnly) {
		return err
	}
	return orbit.Errorf(orbit.Conflict, "%s", orbit.ReadOnlyProduct)
}

// DraftProduct takes a product off sale: the one change that a read-only product allows but for its deletion. Done
// again it changes nothing. NotFound for a product that isn't there.
func (e *Edit) DraftProduct(ctx context.Context, id orbit.ProductID) error {
	p, err := pg.One[struct {
		Title  string
		Status orbit.ProductStatus
	}](ctx, e, `SELECT title, status FROM products WHERE id = $1`, id)
	if err != nil || p.Status == orbit.ProductDraft {
		return err
	}
	b := e.db.Batch()
	b.Exec(`UPDATE products SET status = 'draft', version = version + 1, updated_at = now() WHERE id = $1`, id)
	b.Event(orbit.ProductEvent(orbit.ProductWasUpdated, id))
	return e.commit(ctx, b, orbit.ActionProductUpdated, p.Title, orbit.Details{"product": id.String()})
}
