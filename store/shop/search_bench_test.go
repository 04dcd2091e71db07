package shop_test

import (
	"context"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/shop"
	"orbit360.app/store/storetest"
)

// catalog fills a shop of 10,000 products among 100 of 50, and beside them what a search read before there was an
// index.
const catalog = `
CREATE TABLE vocabulary AS SELECT row_number() OVER () - 1 AS n, w
FROM unnest(regexp_split_to_array('merino wool linen cotton stoneware
	terracotta oak walnut brass copper leather canvas ceramic porcelain silk
	cashmere alpaca felt rattan bamboo marble granite slate glass crystal enamel steel iron pewter tin sweater
	beanie mug bowl plate vase lamp chair table stool bench shelf basket rug blanket throw cushion pillow towel
	apron scarf mitten glove sock boot shoe sandal belt wallet bag backpack tote satchel pouch notebook pencil
	pen brush candle soap lotion balm oil perfume tea coffee kettle teapot cup saucer spoon fork knife ladle
	board tray jar bottle flask carafe pitcher planter trowel hose rake clock mirror frame print poster puzzle
	game ball kite bicycle helmet tent lantern stove pan wok grill Pâté São Straße Łódź crème brûlée café
	jalapeño piñata naïve Zoë small large round square tall short heavy light warm cool soft rough smooth shiny
	matte vintage modern classic minimal rustic elegant simple noble bold quiet bright dark red blue green black
	white gray brown yellow orange purple pink golden silver', '\s+')) w;
CREATE FUNCTION pick(a bigint) RETURNS text LANGUAGE sql STABLE AS $$ SELECT w FROM vocabulary
WHERE n = abs(hashint8(a)) % 170 $$;
INSERT INTO merchants (id, name, owner_name, email, category, status)
SELECT gen_random_uuid(), 'Shop ' || i, 'Owner ' || i, 'o' || i || '@example.com', 'other', 'active'
FROM generate_series(0, 100) i;
INSERT INTO products (merchant_id, id, handle, title, description, vendor, product_type, options, position)
SELECT m.id, gen_random_uuid(), 'p-' || i, initcap(concat_ws(' ', pick(m.k * 100000 + i * 7),
	pick(m.k * 100000 + i * 7 + 1), pick(m.k * 100000 + i * 7 + 2))) || ' ' || i,
	(SELECT string_agg(pick(m.k * 100000 + i * 100 + j) || CASE j % 4 WHEN 0 THEN ' the' WHEN 1 THEN ' and'
	ELSE '' END, ' ') FROM generate_series(1, 30) j),
	CASE i % 4 WHEN 0 THEN 'Northfold' WHEN 1 THEN 'Tidewater'
	ELSE 'Vendor ' || i % 40 END, (ARRAY['Kitchen', 'Knitwear', 'Garden', 'Office'])[1 + i % 4],
	CASE i % 2 WHEN 0 THEN
	'[{"name": "Size", "values": ["Small", "Large"]},
	{"name": "Color", "values": ["Red", "Blue", "Green"]}]' ELSE '[]' END::jsonb, i
FROM (SELECT id, row_number() OVER (ORDER BY name) AS k, CASE name WHEN 'Shop 0' THEN 10000 ELSE 50 END AS n
FROM merchants) m CROSS JOIN LATERAL generate_series(1, m.n) i;
INSERT INTO variants (merchant_id, id, product_id, sku, "values", price, stock)
SELECT merchant_id, gen_random_uuid(), id, 'SKU-' || lpad(position::text, 5, '0'), '[]', 1000 + position, position % 7
FROM products;
CREATE TABLE scanned AS SELECT merchant_id, id, handle, title, vendor, product_type, images, options, position, status,
	setweight(to_tsvector('english'::regconfig, title), 'A') || setweight(to_tsvector('english'::regconfig, vendor ||
	' ' || product_type), 'B') ||
	setweight(to_tsvector('english'::regconfig, description), 'C') || setweight(jsonb_to_tsvector('simple'::regconfig,
	options, '["string"]'), 'D') AS search,
	lower(title || ' ' || vendor || ' ' || product_type) AS words FROM products;
CREATE INDEX ON scanned (merchant_id, status, position, id);
ALTER TABLE scanned ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON scanned USING (merchant_id = orbit_merchant());
GRANT SELECT ON scanned TO PUBLIC;
ANALYZE`

// scans holds the two statements of a search before there was an index: outline and page.
var scans = func() []string {
	const from = ` FROM scanned product WHERE product.status = 'active'
	AND (product.search @@ websearch_to_tsquery('english', $1)
		OR (SELECT bool_and(strpos(product.words, w) > 0 OR word_similarity(w, product.words) >= 0.33)
		FROM unnest(string_to_array(lower($1), ' ')) w))`
	return []string{`WITH list AS MATERIALIZED (SELECT product.id, product.options` + from + `)
		SELECT '' AS name, '' AS value, count(*) AS count FROM list UNION ALL
		(SELECT o.o ->> 'name', x.value, count(DISTINCT list.id) FROM list CROSS
		JOIN LATERAL jsonb_array_elements(list.options) WITH ORDINALITY o(o, i)
		CROSS JOIN LATERAL jsonb_array_elements_text(o.o -> 'values') WITH ORDINALITY x(value, i) GROUP BY 1, 2
		ORDER BY min(o.i), 1, min(x.i), 2 LIMIT 200)`,
		`SELECT p.*, v.price FROM (SELECT product.merchant_id, product.id, product.title` + from + `
		ORDER BY ts_rank(product.search, websearch_to_tsquery('english', $1)) + word_similarity(lower($1),
		product.words) DESC,
		product.position, product.id LIMIT 24) p LEFT JOIN variants v ON v.merchant_id = p.merchant_id
		AND v.product_id = p.id`}
}()

// BenchmarkSearch measures a search in a shop of 10,000 products, page, total and facets, one at a time and 16 at once,
// beside the scan that it was before: go test ./store -run - -bench Search -benchtime 100x
func BenchmarkSearch(b *testing.B) {
	url := storetest.NewURL(b)
	db, err := store.Open(b.Context(), url)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(db.Close)
	super, err := pgx.Connect(b.Context(), storetest.SuperURL(url))
	if err != nil {
		b.Fatal(err)
	}
	defer super.Close(context.Background()) //nolint:errcheck // a test's connection
	if _, err := super.Exec(b.Context(), catalog); err != nil {
		b.Fatal(err)
	}
	var text string
	if err := super.QueryRow(b.Context(), `SELECT id::text FROM merchants WHERE name = 'Shop 0'`).Scan(&text); err != nil {
		b.Fatal(err)
	}
	id, err := orbit.ParseID[orbit.Merchant](text)
	if err != nil {
		b.Fatal(err)
	}
	// A typo, an accent, a prefix, an SKU, two words, stop words, a quarter of the shop, none.
	queries := []string{"swaeter", "pate", "terra", "SKU-00123", "merino mug", "the northfold and", "northfold", "zzzz",
		"kitchen lamp"}
	ways := map[string]func(string) error{
		"index": func(q string) error {
			r := shop.For(db, id).Reader()
			r.Browse(orbit.CollectionID{}, orbit.Browse{Query: q, Page: 1}, 24, nil)
			return r.Read(context.Background())
		},
		"scan": func(q string) error {
			return pgx.BeginFunc(context.Background(), db.Pool(), func(tx pgx.Tx) error {
				if _, err := tx.Exec(context.Background(), `SELECT set_config('orbit.merchant_id', $1, true)`, text); err != nil {
					return err
				}
				for _, sql := range scans {
					if _, err := tx.Exec(context.Background(), sql, q); err != nil {
						return err
					}
				}
				return nil
			})
		},
	}
	for _, many := range []int{1, 16} {
		for _, way := range []string{"scan", "index"} {
			b.Run(way+map[int]string{1: "/single", 16: "/16 at once"}[many], func(b *testing.B) {
				var mu sync.Mutex
				var took []time.Duration
				var wg sync.WaitGroup
				share := max(1, b.N/many)
				for w := range many {
					wg.Go(func() {
						for i := range share {
							begun := time.Now()
							if err := ways[way](queries[(i+w)%len(queries)]); err != nil {
								b.Error(err)
								return
							}
							mu.Lock()
							took = append(took, time.Since(begun))
							mu.Unlock()
						}
					})
				}
				wg.Wait()
				slices.Sort(took)
				b.ReportMetric(took[len(took)/2].Seconds()*1000, "p50-ms")
				b.ReportMetric(took[len(took)*99/100].Seconds()*1000, "p99-ms")
			})
		}
	}
}
