package shop

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"orbit360.app/orbit"
)

// Browse is one page of the cards of products of a collection (zero: of all), of at most size. A page past the last
// has no products. The list's outline is known, or asked for before; a search finds its own.
func (r *Reader) Browse(in orbit.CollectionID, b orbit.Browse, size int, o *orbit.Outline, l *orbit.Listing) {
	*l = orbit.Listing{Browse: b}
	if b.Query != "" {
		r.search(in, b, size, l)
	} else {
		var total *int
		if b.Narrowed() {
			total = &l.Total
		}
		list := chosen(in, b)
		list.order(in, b)
		list.write(` LIMIT `, list.arg(size), ` OFFSET `, list.arg(size*(b.Page-1)))
		r.cards(&l.Products, total, list.String(), list.args...)
		r.Then(func() {
			if l.Facets = o.Facets; total == nil {
				l.Total = o.Total
			}
		})
	}
	r.Then(func() { l.Pages = max(1, (l.Total+size-1)/size) })
}

// selection is the rest of a SELECT, from FROM on, and its arguments. There are few different texts, whatever people
// look for, so that all can stay prepared.
type selection struct {
	strings.Builder
	args []any
}

func (s *selection) write(parts ...string) {
	for _, p := range parts {
		s.WriteString(p)
	}
}

func (s *selection) arg(v any) string {
	s.args = append(s.args, v)
	return fmt.Sprintf("$%d", len(s.args))
}

// chosen keeps the active products that the list shows: those with a variant to which all filters apply at once.
func chosen(in orbit.CollectionID, b orbit.Browse) *selection {
	s := &selection{}
	if b.Query == "" {
		s.write(`FROM products product`)
	} else {
		s.write(`FROM hits JOIN products product ON product.id = hits.product_id`)
	}
	if !in.IsZero() {
		s.write(` JOIN collection_products cp ON cp.merchant_id = product.merchant_id AND cp.product_id = product.id
			AND cp.collection_id = `, s.arg(in))
	}
	if b.Narrowed() || b.Sort == orbit.SortPriceUp || b.Sort == orbit.SortPriceDown {
		options := s.arg(wanted(b.Options))
		from, to := s.arg(bound(b.From)), s.arg(bound(b.To))
		s.write(` JOIN LATERAL (SELECT min(v.price) AS price FROM variants v WHERE v.merchant_id = product.merchant_id
			AND v.product_id = product.id`,
			` AND (v.stock > 0 OR NOT `, s.arg(b.Available), `::boolean)`,
			` AND (`, from, `::bigint IS NULL OR v.price >= `, from, `) AND (`, to, `::bigint IS NULL OR v.price <= `, to, `)`,
			` AND NOT EXISTS (SELECT FROM jsonb_array_elements(`, options,
			`::jsonb) want WHERE NOT EXISTS (SELECT FROM jsonb_array_elements(product.options) WITH ORDINALITY o(o, i)`,
			` WHERE o ->> 'name' = want ->> 'name'
				AND want -> 'values' ? (v."values" ->> (i::integer - 1))))) low ON low.price IS NOT NULL`)
	}
	s.write(` WHERE product.status = 'active'`)
	return s
}

// wanted returns options as the query takes them.
func wanted(options []orbit.Option) string {
	if len(options) == 0 {
		return "[]"
	}
	text, _ := json.Marshal(options) // of strings: never fails
	return string(text)
}

// bound is a price, nil where there is no bound.
func bound(price int64) any {
	if price <= 0 {
		return nil
	}
	return price
}

func (s *selection) order(in orbit.CollectionID, b orbit.Browse) {
	s.write(` ORDER BY `)
	switch {
	case b.Sort == orbit.SortPriceUp:
		s.write(`low.price, `)
	case b.Sort == orbit.SortPriceDown:
		s.write(`low.price DESC, `)
	case b.Sort == orbit.SortNewest:
		s.write(`product.created_at DESC, `)
	case b.Sort == orbit.SortName:
		s.write(`product.title COLLATE orbit_order, `)
	case b.Query != "":
		s.write(`hits.rank DESC, `)
	case !in.IsZero():
		s.write(`cp.position, `)
	}
	s.write(`product.position, product.id`)
}

// search is Browse for a list with words to find. The index is read once: what it finds is all that facets and the
// total are of, and what the page is chosen from.
func (r *Reader) search(in orbit.CollectionID, b orbit.Browse, size int, l *orbit.Listing) {
	list := chosen(in, b)
	list.order(in, b)
	list.write(` LIMIT `, list.arg(size), ` OFFSET `, list.arg(size*(b.Page-1)))
	from, args := list.String(), list.args
	if in.IsZero() && !b.Narrowed() && b.Sort == orbit.SortFeatured {
		// The best matches: only the page's products are looked up.
		from = `FROM (SELECT product_id, rank, position FROM hits ORDER BY rank DESC, position, product_id
		LIMIT $1 OFFSET $2) hits
			JOIN products product ON product.id = hits.product_id ORDER BY hits.rank DESC, hits.position, hits.product_id`
		args = []any{size, size * (b.Page - 1)}
	}
	var rows []struct {
		card   `bun:",extend"`
		Found  int    // by the words, before filters
		Facets string // in the first row: name, value, count with unit separators between, record separators behind
	}
	r.asking(b.Query, false, func() {
		r.Ask(&rows, `WITH hits AS MATERIALIZED (
			SELECT product_id, position, facets, ts_rank(document, (SELECT orbit_question())) AS rank FROM product_index
			WHERE active),
		facets AS (SELECT string_agg(f || U&'\001F' || n, U&'\001E' ORDER BY place, f) AS facets FROM (
			SELECT f, sum(n) AS n, min(place) AS place FROM (SELECT facets, count(*) AS n FROM hits
			GROUP BY facets) alike -- many products have the same
			CROSS JOIN LATERAL unnest(facets) WITH ORDINALITY u(f, place) GROUP BY f ORDER BY 3, 1 LIMIT 200) f)
		SELECT `+cardColumns+`, (SELECT count(*) FROM hits) AS found,
			CASE WHEN row_number() OVER (ORDER BY product.place, v.position, v.id) = 1 THEN (SELECT facets
			FROM facets) END AS facets
		FROM (SELECT) one LEFT JOIN `+cardList(true, from)+` ON true
		LEFT JOIN variants v ON v.merchant_id = product.merchant_id AND v.product_id = product.id
		ORDER BY product.place, v.position, v.id`, args...)
	})
	r.Then(func() {
		cards := make([]card, 0, len(rows))
		for _, row := range rows {
			if !row.ID.IsZero() {
				cards = append(cards, row.card)
				l.Total = row.Total
			}
		}
		l.Products = gathered(cards)
		if !b.Narrowed() {
			l.Total = rows[0].Found
		}
		for record := range strings.SplitSeq(rows[0].Facets, "\x1e") {
			if part := strings.Split(record, "\x1f"); len(part) == 3 {
				n, _ := strconv.Atoi(part[2]) // PostgreSQL's own count
				l.Facets = counted(l.Facets, part[0], part[1], n)
			}
		}
	})
}

// asking asks with a question of the products' index set (migrations/0012), and takes it back: what is written while
// there is one could miss rows. The words of it that count are orbit_ask's.
func (r *Reader) asking(query string, drafts bool, ask func()) {
	r.Ask(nil, `SELECT orbit_ask($1, $2)`, query, drafts)
	ask()
	r.Ask(nil, `SELECT set_config('orbit.query', '', true)`)
}

// Outline is what is true of all products of a collection (zero: of all).
func (r *Reader) Outline(in orbit.CollectionID, o *orbit.Outline) {
	var rows []struct {
		Name, Value string // of an option; none of the row for the whole
		Count       int
	}
	list := chosen(in, orbit.Browse{})
	r.Ask(&rows, `WITH list AS MATERIALIZED (SELECT product.id, product.options `+list.String()+`)
		SELECT '' AS name, '' AS value, count(*) AS count FROM list UNION ALL
		(SELECT o.o ->> 'name', x.value, count(DISTINCT list.id) FROM list
		CROSS JOIN LATERAL jsonb_array_elements(list.options) WITH ORDINALITY o(o, i)
		CROSS JOIN LATERAL jsonb_array_elements_text(o.o -> 'values') WITH ORDINALITY x(value, i)
		GROUP BY 1, 2 ORDER BY min(o.i), 1, min(x.i), 2 LIMIT 200)`, list.args...)
	r.Then(func() {
		*o = orbit.Outline{Total: rows[0].Count}
		for _, row := range rows[1:] {
			o.Facets = counted(o.Facets, row.Name, row.Value, row.Count)
		}
	})
}

// counted adds a value to its facet.
func counted(fs []orbit.Facet, name, value string, n int) []orbit.Facet {
	i := slices.IndexFunc(fs, func(f orbit.Facet) bool { return f.Name == name })
	if i < 0 {
		i, fs = len(fs), append(fs, orbit.Facet{Name: name})
	}
	fs[i].Values = append(fs[i].Values, orbit.FacetValue{Value: value, Count: n})
	return fs
}

// Related reads the cards of up to n active products to show beside one: of its product type first, then those that a
// collection of the merchant's own shows with it. None where there is no active product of that handle.
func (r *Reader) Related(handle string, n int, ps *[]orbit.Product) {
	r.cards(ps, nil, `FROM products this JOIN products product ON product.merchant_id = this.merchant_id
	AND product.id <> this.id
		WHERE this.handle = $1 AND this.status = 'active' AND product.status = 'active'
		ORDER BY (product.product_type = this.product_type AND this.product_type <> '') DESC, EXISTS (SELECT FROM collection_products a
		JOIN collection_products b USING (merchant_id, collection_id)
			JOIN collections c ON c.merchant_id = a.merchant_id AND c.id = a.collection_id
			AND c.handle NOT IN ('all', 'featured')
			WHERE a.product_id = product.id AND b.product_id = this.id) DESC, product.position, product.id LIMIT $2`, handle, n)
}

// Entry is one page of a shop for its site map.
type Entry struct {
	Kind    string // "collections", "products" or "pages"
	Handle  string
	Changed time.Time
}

// Entries reads all pages of the shop that have an address of their own, at most 45,000 (sitemaps.org: a file takes
// 50,000).
func (r *Reader) Entries(es *[]Entry) {
	r.Ask(es, `SELECT * FROM (
			SELECT 'collections' AS kind, handle, created_at AS changed FROM collections
			UNION ALL SELECT 'products', handle, updated_at FROM products WHERE status = 'active'
			UNION ALL SELECT 'pages', handle, updated_at FROM pages) e
		ORDER BY kind, handle LIMIT 45000`)
}

// Newest reads the n newest active products with their variants.
func (r *Reader) Newest(n int, ps *[]orbit.Product) {
	r.products(ps, `FROM products product WHERE product.status = 'active' ORDER BY product.created_at DESC, product.id
		LIMIT $1`, n)
}
