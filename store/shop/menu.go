package shop

import (
	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// menus reads the shop's menus by handle.
func (r *Reader) menus() *pg.Result[map[string][]orbit.MenuItem] {
	rows := pg.Ask[[]orbit.Menu](r.Reader, `SELECT `+r.DB.Columns("m", "", orbit.Menu{})+` FROM menus m`)
	return pg.As(r.Reader, rows, func(rows []orbit.Menu) map[string][]orbit.MenuItem {
		menus := make(map[string][]orbit.MenuItem, len(rows))
		for _, m := range rows {
			menus[m.Handle] = m.Items
		}
		return menus
	})
}
