package shop

import (
	"context"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// collections reads the shop's collections in order.
func (r *Reader) collections(cs *[]orbit.Collection) {
	r.Ask(cs, `SELECT `+r.DB.Columns("c", "", orbit.Collection{})+` FROM collections c ORDER BY position, id`)
}

// CollectionList returns the shop's collections that a merchant may put products into: all but that of everything.
func (t *Tenant) CollectionList(ctx context.Context) (cs []orbit.Collection, err error) {
	return pg.All[orbit.Collection](ctx, t, `SELECT `+t.db.Columns("c", "", orbit.Collection{})+` FROM collections c
		WHERE handle <> 'all' ORDER BY position, id`)
}

func (t *Tenant) collectionsOf(ctx context.Context, id orbit.ProductID) (ids []orbit.CollectionID, err error) {
	return pg.All[orbit.CollectionID](ctx, t, `SELECT collection_id FROM collection_products cp
		JOIN collections c ON c.merchant_id = cp.merchant_id AND c.id = cp.collection_id
		WHERE product_id = $1 AND c.handle <> 'all' ORDER BY c.position, c.id`, id)
}
