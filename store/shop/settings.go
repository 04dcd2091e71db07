package shop

import (
	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// Settings reads the shop's own settings.
func (r *Reader) Settings() *pg.Result[orbit.ShopSettings] {
	return pg.Ask[orbit.ShopSettings](r.Reader, `SELECT `+r.DB.Columns("s", "", orbit.ShopSettings{})+` FROM settings s`)
}
