package shop

import "orbit360.app/orbit"

// menus reads the shop's menus by handle.
func (r *Reader) menus(menus *map[string][]orbit.MenuItem) {
	var rows []orbit.Menu
	r.Ask(&rows, `SELECT `+r.DB.Columns("m", "", orbit.Menu{})+` FROM menus m`)
	r.Then(func() {
		*menus = make(map[string][]orbit.MenuItem, len(rows))
		for _, m := range rows {
			(*menus)[m.Handle] = m.Items
		}
	})
}
