package orbit

import "time"

// SitemapRow is one page of a shop for its site map.
type SitemapRow struct {
	Kind    string // "collections", "products" or "pages"
	Handle  string
	Changed time.Time
}
