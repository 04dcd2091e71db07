package shop

import (
	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// Pages reads all pages of text, by title.
func (r *Reader) Pages() *pg.Result[[]orbit.Page] {
	return pg.Ask[[]orbit.Page](r.Reader, `SELECT `+r.DB.Columns("p", "", orbit.Page{})+` FROM pages p
		ORDER BY title, id LIMIT 50`)
}

// Page is one page of text, if there is one of that handle.
func (r *Reader) Page(handle string) *pg.Result[orbit.Page] {
	return pg.Ask[orbit.Page](r.Reader, `SELECT `+r.DB.Columns("p", "", orbit.Page{})+` FROM pages p
		WHERE handle = $1`, handle)
}
