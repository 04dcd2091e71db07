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
