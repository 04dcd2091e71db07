package store

import (
	"context"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"orbit360.app/orbit"
)

// alike is how near a mistyped word has to come to one of a product's words (pg_trgm, word_similarity):
// "swaeter" (0.33) finds a sweater, "mag" (0.25) finds no mug. The nearest come first anyway.
const alike = 0.33

// Browse is one page of the products of a collection (zero: of all), of at most size. A page past the last is NotFound.
func (t *Tenant) Browse(ctx context.Context, in orbit.CollectionID, b orbit.Browse, size int) (orbit.Listing, error) {
	l := orbit.Listing{Browse: b, Pages: 1}
	var rows []struct {
		orbit.Product `bun:",extend"`
		Total         int
	}
	q := t.tx.NewSelect().Model(&rows).ModelTableExpr("products AS product").ColumnExpr(t.db.columns("product", "", orbit.Product{}) + ", count(*) OVER () AS total").
		Limit(int64(size)).Offset(int64(size * (b.Page - 1)))
	q = ordered(t.chosen(q, in, b), in, b)
	if err := q.Scan(ctx); err != nil {
		return l, mapError(err)
	}
	for _, r := range rows {
		l.Products = append(l.Products, r.Product)
		l.Total = r.Total
	}
	if len(rows) == 0 && b.Page > 1 {
		return l, orbit.Errorf(orbit.NotFound, "The list has fewer pages.")
	}
	l.Pages = max(1, (l.Total+size-1)/size)
	if err := t.addVariants(ctx, l.Products); err != nil {
		return l, err
	}
	var err error
	l.Facets, err = t.facets(ctx, in, b)
	return l, err
}

// chosen keeps the active products that the list shows: those with a variant to which all filters apply at once.
func (t *Tenant) chosen(q *bun.SelectQuery, in orbit.CollectionID, b orbit.Browse) *bun.SelectQuery {
	q = q.Where("product.status = 'active'")
	if !in.IsZero() {
		q = q.Join("JOIN collection_products cp ON cp.merchant_id = product.merchant_id AND cp.product_id = product.id AND cp.collection_id = ?", in)
	}
	if b.Query != "" {
		q = q.Where("(product.search @@ websearch_to_tsquery('english', ?0) OR (SELECT bool_and(strpos(product.words, w) > 0 OR word_similarity(w, product.words) >= ?1) FROM unnest(string_to_array(?2, ' ')) w))",
			b.Query, alike, strings.ToLower(b.Query))
	}
	if !b.Narrowed() && b.Sort != orbit.SortPriceUp && b.Sort != orbit.SortPriceDown {
		return q
	}
	var where strings.Builder
	var args []any
	add := func(sql string, values ...any) { where.WriteString(sql); args = append(args, values...) }
	if b.Available {
		add(" AND v.stock > 0")
	}
	if b.From > 0 {
		add(" AND v.price >= ?", b.From)
	}
	if b.To > 0 {
		add(" AND v.price <= ?", b.To)
	}
	for _, o := range b.Options {
		add(` AND EXISTS (SELECT FROM jsonb_array_elements(product.options) WITH ORDINALITY o(o, i) WHERE o ->> 'name' = ? AND v."values" ->> (i::integer - 1) IN (?))`, o.Name, bun.List(o.Values))
	}
	return q.Join("JOIN LATERAL (SELECT min(v.price) AS price FROM variants v WHERE v.merchant_id = product.merchant_id AND v.product_id = product.id"+where.String()+") low ON low.price IS NOT NULL", args...)
}

func ordered(q *bun.SelectQuery, in orbit.CollectionID, b orbit.Browse) *bun.SelectQuery {
	switch {
	case b.Sort == orbit.SortPriceUp:
		q = q.OrderExpr("low.price")
	case b.Sort == orbit.SortPriceDown:
		q = q.OrderExpr("low.price DESC")
	case b.Sort == orbit.SortNewest:
		q = q.OrderExpr("product.created_at DESC")
	case b.Sort == orbit.SortName:
		q = q.OrderExpr("lower(product.title)")
	case b.Query != "":
		q = q.OrderExpr("ts_rank(product.search, websearch_to_tsquery('english', ?0)) + word_similarity(lower(?0), product.words) DESC", b.Query)
	case !in.IsZero():
		q = q.OrderExpr("cp.position")
	}
	return q.OrderExpr("product.position, product.id")
}

// facets are the options of the whole list, before anything is filtered out of it.
func (t *Tenant) facets(ctx context.Context, in orbit.CollectionID, b orbit.Browse) ([]orbit.Facet, error) {
	var rows []struct {
		Name, Value string
		Count       int
	}
	q := t.tx.NewSelect().ModelTableExpr("products AS product").ColumnExpr("o.o ->> 'name' AS name, x.value, count(DISTINCT product.id) AS count").
		GroupExpr("1, 2").OrderExpr("min(o.i), 1, min(x.i), 2").Limit(200)
	q = t.chosen(q, in, orbit.Browse{Query: b.Query}).
		Join("CROSS JOIN LATERAL jsonb_array_elements(product.options) WITH ORDINALITY o(o, i)").
		Join("CROSS JOIN LATERAL jsonb_array_elements_text(o.o -> 'values') WITH ORDINALITY x(value, i)")
	if err := q.Scan(ctx, &rows); err != nil {
		return nil, mapError(err)
	}
	var facets []orbit.Facet
	at := map[string]int{}
	for _, r := range rows {
		i, ok := at[r.Name]
		if !ok {
			i, at[r.Name] = len(facets), len(facets)
			facets = append(facets, orbit.Facet{Name: r.Name})
		}
		facets[i].Values = append(facets[i].Values, orbit.FacetValue{Value: r.Value, Count: r.Count})
	}
	return facets, nil
}

// Related are other products that go with one: of its kind first, then out of its collections, then any.
func (t *Tenant) Related(ctx context.Context, p orbit.Product, n int) (ps []orbit.Product, err error) {
	err = t.tx.NewSelect().Model(&ps).Where("product.status = 'active' AND product.id <> ?", p.ID).
		OrderExpr("(product.kind = ?0 AND ?0 <> '') DESC, EXISTS (SELECT FROM collection_products a JOIN collection_products b USING (merchant_id, collection_id) JOIN collections c ON c.merchant_id = a.merchant_id AND c.id = a.collection_id AND c.handle NOT IN ('all', 'featured') WHERE a.product_id = product.id AND b.product_id = ?1) DESC, product.position, product.id", p.Kind, p.ID).
		Limit(int64(n)).Scan(ctx)
	if err != nil {
		return nil, mapError(err)
	}
	return ps, t.addVariants(ctx, ps)
}

// Entry is one page of a shop for its site map.
type Entry struct {
	Kind    string // "collections", "products" or "pages"
	Handle  string
	Changed time.Time
}

// Entries are all pages of the shop that have an address of their own, at most 45,000 (sitemaps.org: a file takes 50,000).
func (t *Tenant) Entries(ctx context.Context) (es []Entry, err error) {
	err = t.tx.NewRaw(`SELECT * FROM (
			SELECT 'collections' AS kind, handle, created_at AS changed FROM collections
			UNION ALL SELECT 'products', handle, updated_at FROM products WHERE status = 'active'
			UNION ALL SELECT 'pages', handle, updated_at FROM pages) e
		ORDER BY kind, handle LIMIT 45000`).Scan(ctx, &es)
	return es, mapError(err)
}

// Newest are the newest active products.
func (t *Tenant) Newest(ctx context.Context, n int) (ps []orbit.Product, err error) {
	if err := t.tx.NewSelect().Model(&ps).Where("status = 'active'").Order("created_at DESC", "id").Limit(int64(n)).Scan(ctx); err != nil {
		return nil, mapError(err)
	}
	return ps, t.addVariants(ctx, ps)
}
