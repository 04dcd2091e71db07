package shop

import (
	"context"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// ownPlan is the id of the plan that the shop has.
const ownPlan = `(SELECT m.plan_id FROM merchants m WHERE m.id = orbit_merchant())`

// excess is whether a product, the row p, is beyond what a plan allows, and so read-only: the newest by creation are.
// It follows from the rows as they are, so with room again they can be edited again. plan is an expression of its id.
func excess(plan string) string {
	return `coalesce((p.created_at, p.id) >= (SELECT o.created_at, o.id FROM products o
		ORDER BY o.created_at, o.id LIMIT 1 OFFSET (SELECT coalesce((l.limits ->> 'products')::bigint, 1::bigint << 60)
			FROM plans l WHERE l.id = ` + plan + `)), false)`
}

// PreviewPlan returns what a change to another plan would do now, with the products that would be read-only.
func (t *Tenant) PreviewPlan(ctx context.Context, s orbit.PlanSheet, to orbit.Plan) (orbit.PlanPreview, error) {
	p := s.Preview(to)
	rows, err := pg.All[struct {
		orbit.ProductName `bun:",extend"`
		Total             int
	}](ctx, t, `SELECT p.id, p.title, count(*) OVER () AS total FROM products p WHERE `+excess("$1")+`
		ORDER BY p.created_at DESC, p.id DESC LIMIT $2`, to.ID, orbit.MaxNamed)
	for _, r := range rows {
		p.ReadOnly = append(p.ReadOnly, r.ProductName)
		p.Unnamed = r.Total - len(rows)
	}
	return p, err
}

// mayEdit is nil where a product, or what belongs to it, can be edited, and for what belongs to none (zero). The
// merchant's row is locked: the shop gets no other plan and no other products until this commits. Other limits of its
// plan hold from the next edit on (see store.DB.UpdatePlan).
func (e *Edit) mayEdit(ctx context.Context, id orbit.ProductID) error {
	readOnly, err := pg.All[bool](ctx, e, `SELECT `+excess(ownPlan)+` FROM products p WHERE p.id = $1`, id)
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
