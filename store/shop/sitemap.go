package shop

import (
	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// Sitemap reads all pages of the shop that have an address of their own, at most 45,000 (sitemaps.org: a file takes
// 50,000).
func (r *Reader) Sitemap() *pg.Result[[]orbit.SitemapRow] {
	return pg.Ask[[]orbit.SitemapRow](r.Reader, `SELECT * FROM (
			SELECT 'collections' AS kind, handle, created_at AS changed FROM collections
			UNION ALL SELECT 'products', handle, updated_at FROM products WHERE status = 'active'
			UNION ALL SELECT 'pages', handle, updated_at FROM pages) e
		ORDER BY kind, handle LIMIT 45000`)
}
