package dashboard

import (
	"net/url"
	"strings"

	"orbit360.app/orbit"
	"orbit360.app/views/ui"
)

// LivePath is the WebSocket of one of a shop's pages. page is the page's address after the shop's; "" is one that shows
// nothing that changes by itself, but hears of new orders.
func LivePath(m orbit.Merchant, page string) string {
	path := Path(m) + "/live"
	if page != "" {
		path += "?page=" + url.QueryEscape(page)
	}
	return path
}

// inside says that a page opens its socket itself, within what it replaces.
const inside = "inside"

// live has a page of a shop be what a socket keeps true.
func (f Frame) live(p ui.Frame, m orbit.Merchant, page string) ui.Frame {
	p.Live = ""
	if page != inside {
		p.Live = LivePath(m, page)
	}
	return p
}

// here is the address of a list's page after the shop's.
func here(q ui.ListQuery, m orbit.Merchant) string {
	return strings.TrimPrefix(q.Href(q.Status, q.Page), Path(m))
}
