package shop

import "orbit360.app/orbit"

// Entries reads all pages of the shop that have an address of their own, at most 45,000 (sitemaps.org: a file takes
// 50,000).
func (r *Reader) Entries(es *[]orbit.SitemapRow) {
	r.Ask(es, `SELECT * FROM (
			SELECT 'collections' AS kind, handle, created_at AS changed FROM collections
			UNION ALL SELECT 'products', handle, updated_at FROM products WHERE status = 'active'
			UNION ALL SELECT 'pages', handle, updated_at FROM pages) e
		ORDER BY kind, handle LIMIT 45000`)
}
