package shop

import (
	"strconv"
	"strings"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// search is Browse for a list with words to find. The index is read once: what it finds is all that facets and the
// total are of, and what the page is chosen from.
func (r *Reader) search(in orbit.CollectionID, b orbit.Browse, size int, list *selection) *pg.Result[orbit.Listing] {
	from, args := list.String(), list.args
	if in.IsZero() && !b.Narrowed() && b.Sort == orbit.SortFeatured {
		// The best matches: only the page's products are looked up.
		from = `FROM (SELECT product_id, rank, position FROM hits ORDER BY rank DESC, position, product_id
		LIMIT $1 OFFSET $2) hits
			JOIN products product ON product.id = hits.product_id ORDER BY hits.rank DESC, hits.position, hits.product_id`
		args = []any{size, size * (b.Page - 1)}
	}
	type row struct {
		card   `bun:",extend"`
		Found  int    // by the words, before filters
		Facets string // in the first row: name, value, count with unit separators between, record separators behind
	}
	var rows *pg.Result[[]row]
	r.asking(b.Query, false, func() {
		rows = pg.Ask[[]row](r.Reader, `WITH hits AS MATERIALIZED (
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
	return pg.As(r.Reader, rows, func(rows []row) (l orbit.Listing) {
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
		return l
	})
}

// asking asks with a question of the products' index set (migrations/0012), and clears it: what is written while there
// is one could miss rows. The words of it that count are orbit_ask's.
func (r *Reader) asking(query string, drafts bool, ask func()) {
	r.Exec(`SELECT orbit_ask($1, $2)`, query, drafts)
	ask()
	r.Exec(`SELECT set_config('orbit.query', '', true)`)
}
