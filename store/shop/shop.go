package shop

import (
	"context"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// Shop is a shop as its address finds it, with what all its pages share.
type Shop struct {
	Merchant orbit.Merchant `bun:"embed:m__"`
	Release  orbit.Release  `bun:"embed:r__"`
	Host     string
	Primary  string // the host that canonical links name

	Settings    orbit.ShopSettings          `bun:"-"`
	Menus       map[string][]orbit.MenuItem `bun:"-"` // by handle
	Collections []orbit.Collection          `bun:"-"` // in order

	// Version tells this content of the shop from all that was before and will be, so that more can be kept under it;
	// 0 while nobody would hear of a change.
	Version uint64 `bun:"-"`
}

// ByHost finds the shop that answers at a normalised host: a verified domain of a merchant that has a release and isn't
// suspended. NotFound for every other host.
func ByHost(ctx context.Context, db Database, host string) (s Shop, err error) {
	err = pg.Read(ctx, db.Engine(), func(reader *pg.Reader) {
		r := &Reader{reader}
		// All is read within the scope of the merchant who has the host; of nobody's, there is nothing to be seen.
		r.Ask(nil, `SELECT set_config('orbit.merchant_id', coalesce((SELECT merchant_id::text FROM domains WHERE host = $1
			AND verified_at IS NOT NULL), ''), true)`, host)
		r.Ask(&s, `SELECT dom.host, coalesce((SELECT host FROM domains c WHERE c.merchant_id = m.id AND c.kind = 'custom'
				AND c.verified_at IS NOT NULL LIMIT 1), dom.host) AS primary, `+
			r.DB.Columns("m", "m__", orbit.Merchant{})+`, `+r.DB.Columns("r", "r__", orbit.Release{})+`
			FROM domains dom
			JOIN merchants m ON m.id = dom.merchant_id AND m.status <> 'suspended'
			JOIN releases r ON r.merchant_id = m.id AND r.id = m.release_id
			WHERE dom.host = $1 AND dom.verified_at IS NOT NULL`, host)
		r.Settings(&s.Settings)
		r.menus(&s.Menus)
		r.collections(&s.Collections)
	})
	if err == nil && s.Merchant.ID.IsZero() {
		err = pg.NoRow()
	}
	return s, err
}

// Weight is how much memory the shop takes, in bytes, more or less.
func (s Shop) Weight() int {
	const rows, item, collection = 5 << 10, 80, 200 // the merchant's row with its release; structs
	n := rows
	for _, items := range s.Menus {
		for _, i := range items {
			n += item + len(i.Label) + len(i.URL)
		}
	}
	for _, c := range s.Collections {
		n += collection + len(c.Handle) + len(c.Title) + len(c.Description)
	}
	return n
}

// Settings reads the shop's own settings.
func (r *Reader) Settings(s *orbit.ShopSettings) {
	r.Ask(s, `SELECT `+r.DB.Columns("s", "", *s)+` FROM settings s`)
}

// Settings returns the shop's own settings.
func (t *Tenant) Settings(ctx context.Context) (s orbit.ShopSettings, err error) {
	return s, t.Read(ctx, func(r *Reader) { r.Settings(&s) })
}

// menus reads the shop's menus by handle.
func (r *Reader) menus(menus *map[string][]orbit.MenuItem) {
	var rows []orbit.Menu
	r.Ask(&rows, `SELECT `+r.DB.Columns("m", "", orbit.Menu{})+` FROM menus m`)
	r.Then(func() {
		*menus = make(map[string][]orbit.MenuItem, len(rows))
		for _, m := range rows {
			(*menus)[m.Handle] = m.Items
		}
	})
}

// collections reads the shop's collections in order.
func (r *Reader) collections(cs *[]orbit.Collection) {
	r.Ask(cs, `SELECT `+r.DB.Columns("c", "", orbit.Collection{})+` FROM collections c ORDER BY position, id`)
}

// Products reads the first n active products with their variants, in the shop's order.
func (r *Reader) Products(n int, ps *[]orbit.Product) {
	r.products(ps, `FROM products product WHERE product.status = 'active' ORDER BY product.position, product.id LIMIT $1`,
		n)
}

// Featured reads the cards of the first n active products of the shop's first collection, in its order; of all
// products where it has no collection.
func (r *Reader) Featured(n int, ps *[]orbit.Product) {
	r.cards(ps, nil, `FROM products product LEFT JOIN (SELECT id FROM collections ORDER BY position, id LIMIT 1) c ON true
		LEFT JOIN collection_products cp ON cp.merchant_id = product.merchant_id AND cp.product_id = product.id
		AND cp.collection_id = c.id
		WHERE product.status = 'active' AND (c.id IS NULL OR cp.product_id IS NOT NULL)
		ORDER BY cp.position, CASE WHEN c.id IS NULL THEN product.position END, product.id LIMIT $1`, n)
}

// Product is one active product with its variants, if there is one of that handle.
func (r *Reader) Product(handle string, p *orbit.Product) {
	var ps []orbit.Product
	r.products(&ps, `FROM products product WHERE product.handle = $1 AND product.status = 'active'`, handle)
	r.Then(func() { *p = pg.First(ps) })
}

// products reads products and their variants. from chooses and orders "product".
func (r *Reader) products(ps *[]orbit.Product, from string, args ...any) {
	r.Ask(ps, `SELECT `+r.DB.Columns("product", "", orbit.Product{})+` `+from, args...)
	// The variants of products that the query chooses once more are put where they belong.
	var vs []orbit.Variant
	r.Ask(&vs, `SELECT `+r.DB.Columns("v", "",
		orbit.Variant{})+` FROM variants v WHERE v.product_id IN (SELECT product.id `+from+`) ORDER BY v.position, v.id`,
		args...)
	r.Then(func() {
		at := make(map[orbit.ProductID]*orbit.Product, len(*ps))
		for i := range *ps {
			at[(*ps)[i].ID] = &(*ps)[i]
		}
		for _, v := range vs {
			// Between the two queries a product may have come that the first didn't see.
			if p := at[v.ProductID]; p != nil {
				p.Variants = append(p.Variants, v)
			}
		}
	})
}

// card is a variant of a product on a list, with the product.
type card struct {
	ID                                 orbit.ProductID
	Handle, Title, Vendor, ProductType string
	Images                             []orbit.Image `bun:"type:jsonb,nullzero"`
	Total                              int
	Variant                            offer `bun:"embed:v__"`
}

type offer struct {
	ID        orbit.VariantID
	Price     int64
	CompareAt int64 `bun:",nullzero"`
	Stock     int
}

const cardColumns = `product.id, handle, product.title, vendor, product_type, images, total, v.id AS v__id, v.price AS v__price, v.compare_at AS v__compare_at, v.stock AS v__stock`

// cardList is the chosen products with their places, as "product".
func cardList(counted bool, from string) string {
	count := `0`
	if counted {
		count = `count(*) OVER ()`
	}
	return `(SELECT *, row_number() OVER () AS place
		FROM (SELECT product.merchant_id, product.id, product.handle, product.title, product.vendor, product.product_type,
		product.images, ` +
		count + ` AS total ` + from + `) list) product`
}

// cards reads as much of products and their variants as a list shows, in one statement. from chooses and orders
// "product"; all counts those that it would choose without its LIMIT, where it isn't nil.
func (r *Reader) cards(ps *[]orbit.Product, all *int, from string, args ...any) {
	var rows []card
	r.Ask(&rows, `SELECT `+cardColumns+` FROM `+cardList(all != nil, from)+`
		LEFT JOIN variants v ON v.merchant_id = product.merchant_id AND v.product_id = product.id
		ORDER BY product.place, v.position, v.id`, args...)
	r.Then(func() {
		*ps = gathered(rows)
		if all != nil && len(rows) > 0 {
			*all = rows[0].Total
		}
	})
}

// gathered returns the products of cards that stand in order.
func gathered(rows []card) []orbit.Product {
	products := 0
	for i := range rows {
		if i == 0 || rows[i].ID != rows[i-1].ID {
			products++
		}
	}
	ps := make([]orbit.Product, 0, products)
	for i := range rows {
		row := &rows[i]
		if n := len(ps); n == 0 || ps[n-1].ID != row.ID {
			ps = append(ps, orbit.Product{ID: row.ID, Handle: row.Handle, Title: row.Title, Vendor: row.Vendor, ProductType: row.ProductType,
				Images: row.Images})
		}
		if v, p := row.Variant, &ps[len(ps)-1]; !v.ID.IsZero() {
			p.Variants = append(p.Variants, orbit.Variant{ID: v.ID, Price: v.Price, CompareAt: v.CompareAt, Stock: v.Stock})
		}
	}
	return ps
}

// Page is one page of text, if there is one of that handle.
func (r *Reader) Page(handle string, p *orbit.Page) {
	r.Ask(p, `SELECT `+r.DB.Columns("p", "", *p)+` FROM pages p WHERE handle = $1`, handle)
}

// Checklist is the merchant's onboarding in order.
func (t *Tenant) Checklist(ctx context.Context) (tasks []orbit.Task, err error) {
	return pg.All[orbit.Task](ctx, t, `SELECT `+t.db.Columns("t", "", orbit.Task{})+` FROM onboarding t ORDER BY position`)
}
