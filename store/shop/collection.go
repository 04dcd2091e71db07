package shop

import (
	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// collections reads the shop's collections in order.
func (r *Reader) collections() *pg.Result[[]orbit.Collection] {
	return pg.Ask[[]orbit.Collection](r.Reader, `SELECT `+r.DB.Columns("c", "", orbit.Collection{})+`
		FROM collections c ORDER BY position, id`)
}

// OwnCollections reads the collections that a merchant may put products into: all but that of everything.
func (r *Reader) OwnCollections() *pg.Result[[]orbit.Collection] {
	return pg.Ask[[]orbit.Collection](r.Reader, `SELECT `+r.DB.Columns("c", "", orbit.Collection{})+`
		FROM collections c WHERE handle <> 'all' ORDER BY position, id`)
}

// collectionsOf reads which of them a product is in.
func (r *Reader) collectionsOf(id orbit.ProductID) *pg.Result[[]orbit.CollectionID] {
	type row struct{ CollectionID orbit.CollectionID }
	rows := pg.Ask[[]row](r.Reader, `SELECT collection_id FROM collection_products cp
		JOIN collections c ON c.merchant_id = cp.merchant_id AND c.id = cp.collection_id
		WHERE product_id = $1 AND c.handle <> 'all' ORDER BY c.position, c.id`, id)
	return pg.As(r.Reader, rows, func(rows []row) (ids []orbit.CollectionID) {
		for _, row := range rows {
			ids = append(ids, row.CollectionID)
		}
		return ids
	})
}
