package shop

import (
	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// Page is one page of text, if there is one of that handle.
func (r *Reader) Page(handle string) *pg.Result[orbit.Page] {
	return pg.Ask[orbit.Page](r.Reader, `SELECT `+r.DB.Columns("p", "", orbit.Page{})+` FROM pages p
		WHERE handle = $1`, handle)
}
