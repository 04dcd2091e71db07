package shop

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// Browse reads one page of the cards of products of a collection (zero: of all), of at most size. A page past the last
// has no products. The list's outline is known, or asked for before; a search finds its own.
func (r *Reader) Browse(in orbit.CollectionID, b orbit.Browse, size int,
	outline *pg.Result[orbit.Outline]) *pg.Result[orbit.Listing] {
	list := chosen(in, b)
	list.order(in, b)
	list.write(` LIMIT `, list.arg(size), ` OFFSET `, list.arg(size*(b.Page-1)))
	if b.Query != "" {
		return pg.As(r.Reader, r.search(in, b, size, list), func(l orbit.Listing) orbit.Listing { return paged(l, b, size) })
	}
	return pg.As(r.Reader, r.cards(b.Narrowed(), list.String(), list.args...), func(cards []card) orbit.Listing {
		l := orbit.Listing{Products: gathered(cards), Total: pg.First(cards).Total, Facets: outline.Value.Facets}
		if !b.Narrowed() {
			l.Total = outline.Value.Total
		}
		return paged(l, b, size)
	})
}

// paged returns a listing with what was asked for and how many pages of it there are.
func paged(l orbit.Listing, b orbit.Browse, size int) orbit.Listing {
	l.Browse, l.Pages = b, max(1, (l.Total+size-1)/size)
	return l
}

// Featured reads the cards of the first n active products of the shop's first collection, in its order; of all
// products where it has no collection.
func (r *Reader) Featured(n int) *pg.Result[[]orbit.Product] {
	return r.gathered(`FROM products product LEFT JOIN (SELECT id FROM collections ORDER BY position, id LIMIT 1) c ON true
		LEFT JOIN collection_products cp ON cp.merchant_id = product.merchant_id AND cp.product_id = product.id
		AND cp.collection_id = c.id
		WHERE product.status = 'active' AND (c.id IS NULL OR cp.product_id IS NOT NULL)
		ORDER BY cp.position, CASE WHEN c.id IS NULL THEN product.position END, product.id LIMIT $1`, n)
}

// Related reads the cards of up to n active products to show beside one: of its product type first, then those that a
// collection of the merchant's own shows with it. None where there is no active product of that handle.
func (r *Reader) Related(handle string, n int) *pg.Result[[]orbit.Product] {
	return r.gathered(`FROM products this JOIN products product ON product.merchant_id = this.merchant_id
	AND product.id <> this.id
		WHERE this.handle = $1 AND this.status = 'active' AND product.status = 'active'
		ORDER BY (product.product_type = this.product_type AND this.product_type <> '') DESC,
		EXISTS (SELECT FROM collection_products a
		JOIN collection_products b USING (merchant_id, collection_id)
			JOIN collections c ON c.merchant_id = a.merchant_id AND c.id = a.collection_id
			AND c.handle NOT IN ('all', 'featured')
			WHERE a.product_id = product.id AND b.product_id = this.id) DESC, product.position, product.id LIMIT $2`, handle, n)
}

// Outline reads what is true of all products of a collection (zero: of all).
func (r *Reader) Outline(in orbit.CollectionID) *pg.Result[orbit.Outline] {
	type row struct {
		Name, Value string // of an option; none of the row for the whole
		Count       int
	}
	list := chosen(in, orbit.Browse{})
	rows := pg.Ask[[]row](r.Reader, `WITH list AS MATERIALIZED (SELECT product.id, product.options `+list.String()+`)
		SELECT '' AS name, '' AS value, count(*) AS count FROM list UNION ALL
		(SELECT o.o ->> 'name', x.value, count(DISTINCT list.id) FROM list
		CROSS JOIN LATERAL jsonb_array_elements(list.options) WITH ORDINALITY o(o, i)
		CROSS JOIN LATERAL jsonb_array_elements_text(o.o -> 'values') WITH ORDINALITY x(value, i)
		GROUP BY 1, 2 ORDER BY min(o.i), 1, min(x.i), 2 LIMIT 200)`, list.args...)
	return pg.As(r.Reader, rows, func(rows []row) orbit.Outline {
		o := orbit.Outline{Total: rows[0].Count}
		for _, row := range rows[1:] {
			o.Facets = counted(o.Facets, row.Name, row.Value, row.Count)
		}
		return o
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
			` AND (`+sellable+` > 0 OR NOT `, s.arg(b.Available), `::boolean)`,
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
