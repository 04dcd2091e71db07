package shop

import "orbit360.app/orbit"

// Page is one page of text, if there is one of that handle.
func (r *Reader) Page(handle string, p *orbit.Page) {
	r.Ask(p, `SELECT `+r.DB.Columns("p", "", *p)+` FROM pages p WHERE handle = $1`, handle)
}
