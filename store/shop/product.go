package shop

import (
	"context"
	"fmt"
	"slices"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// ProductFilter chooses products for the merchant's own list.
type ProductFilter struct {
	Status orbit.ProductStatus // "" is any; orbit.LowStockFilter too
	Query  string              // words to find, as in the shop
	Limit  int
	Offset int
}

// ProductRows is one page of the shop's products, newest changes first, and how many there are in all.
func (t *Tenant) ProductRows(ctx context.Context, f ProductFilter) (rows []orbit.ProductRow, total int, err error) {
	where := ` WHERE ($1 = '' OR p.status = $1 OR $1 = '` + orbit.LowStockFilter + `' AND p.status = 'active' AND EXISTS
		(SELECT FROM variants v WHERE v.merchant_id = p.merchant_id AND v.product_id = p.id AND v.low AND v.track_inventory))`
	if f.Query == "" {
		where = ` FROM products p` + where
	} else {
		where = ` FROM product_index i JOIN products p ON p.id = i.product_id` + where
	}
	r := t.Reader()
	var found *pg.Result[[]orbit.ProductRow]
	var count *pg.Result[struct{ Total int }]
	ask := func() {
		count = pg.Ask[struct{ Total int }](r.Reader, `SELECT count(*) AS total`+where, string(f.Status))
		found = pg.Ask[[]orbit.ProductRow](r.Reader, `SELECT p.*, s.low, s.high, s.stock, s.tracked, s.forms,
				`+excess(ownPlan)+` AS read_only
			FROM (SELECT `+t.db.Columns("p", "", orbit.Product{})+where+`
				ORDER BY p.updated_at DESC, p.id DESC LIMIT $2 OFFSET $3) p
				CROSS JOIN LATERAL (SELECT coalesce(min(price), 0) AS low, coalesce(max(price), 0) AS high,
				coalesce(sum(stock) FILTER (WHERE track_inventory), 0) AS stock,
				count(*) FILTER (WHERE track_inventory) AS tracked, count(*) AS forms
					FROM variants v WHERE v.merchant_id = p.merchant_id AND v.product_id = p.id) s
				ORDER BY p.updated_at DESC, p.id DESC`, string(f.Status), f.Limit, f.Offset)
	}
	if f.Query == "" {
		ask()
	} else {
		r.asking(f.Query, true, ask)
	}
	err = r.Read(ctx)
	return found.Value, count.Value.Total, err
}

// Sheet is one product of the shop's, active or not.
func (t *Tenant) Sheet(ctx context.Context, id orbit.ProductID) (s orbit.ProductSheet, err error) {
	r := t.Reader()
	product, settings := r.products(`FROM products product WHERE product.id = $1`, id), r.Settings()
	collections, in := r.OwnCollections(), r.collectionsOf(id)
	readOnly := pg.Ask[struct{ ReadOnly bool }](r.Reader,
		`SELECT `+excess(ownPlan)+` AS read_only FROM products p WHERE p.id = $1`, id)
	if err = r.Read(ctx); err != nil {
		return s, err
	}
	if len(product.Value) == 0 {
		return s, pg.NoRow()
	}
	s = orbit.ProductSheet{Product: product.Value[0], Units: settings.Value.Units(),
		Collections: collections.Value, In: in.Value, ReadOnly: readOnly.Value.ReadOnly}
	s.Images, err = t.Images(ctx, id)
	return s, err
}

// CreateProduct adds a product under a handle like its own that is free. The same id again changes nothing. Conflict
// where the plan allows no more products.
func (e *Edit) CreateProduct(ctx context.Context, p orbit.Product, in []orbit.CollectionID) error {
	has, err := pg.One[struct {
		Known    bool
		Products int64
		Position int
	}](ctx, e, `SELECT EXISTS (SELECT FROM products WHERE id = $1) AS known, (SELECT count(*) FROM products) AS products,
		(SELECT coalesce(max(position), 0) + 1 FROM products) AS position`, p.ID)
	if err != nil || has.Known {
		return err
	}
	p.Position = has.Position
	if p.Tags == nil {
		p.Tags = []string{}
	}
	b := e.db.Batch()
	e.because(b, orbit.ReasonOpening, "")
	if err := e.roomForProducts(ctx, b, has.Products, 1); err != nil {
		return err
	}
	if p.Handle, err = e.freeHandle(ctx, p.Handle); err != nil {
		return err
	}
	b.Exec(`DELETE FROM redirects WHERE from_path = $1`, "/products/"+p.Handle)
	b.Insert("products", p)
	b.Insert("variants", p.Variants)
	b.Exec(`INSERT INTO collection_products (merchant_id, collection_id, product_id, position)
		SELECT merchant_id, id, $1, $2 FROM collections WHERE handle = 'all'`, p.ID, p.Position)
	putInto(b, p, nil, in)
	e.scheduleProduct(b, p)
	b.Event(orbit.ProductEvent(orbit.ProductWasCreated, p.ID))
	return e.commit(ctx, b, orbit.ActionProductCreated, p.Title, orbit.Details{"product": p.ID.String()})
}

func products(n int64) string {
	if n == 1 {
		return "1 product"
	}
	return fmt.Sprintf("%d products", n)
}

// freeHandle is a handle, or it with the first number behind it that makes it free.
func (t *Tenant) freeHandle(ctx context.Context, handle string) (string, error) {
	if len(handle) > 70 {
		handle = handle[:70]
	}
	taken, err := pg.All[string](ctx, t, `SELECT handle FROM products WHERE starts_with(handle, $1)`, handle)
	if err != nil {
		return "", err
	}
	free := handle
	for n := 2; slices.Contains(taken, free); n++ {
		free = fmt.Sprintf("%s-%d", handle, n)
	}
	return free, nil
}

// DeleteProduct deletes a product, its variants and images for good. Orders keep what was bought. Doing it again is
// NotFound.
func (e *Edit) DeleteProduct(ctx context.Context, id orbit.ProductID) error {
	title, err := pg.One[string](ctx, e, `DELETE FROM products WHERE id = $1 RETURNING title`, id)
	if err != nil {
		return err
	}
	b := e.db.Batch()
	b.Event(orbit.ProductEvent(orbit.ProductWasDeleted, id))
	return e.commit(ctx, b, orbit.ActionProductDeleted, title, orbit.Details{"product": id.String()})
}

// Products reads the first n active products with their variants, in the shop's order.
func (r *Reader) Products(n int) *pg.Result[[]orbit.Product] {
	return r.products(`FROM products product WHERE product.status = 'active' ORDER BY product.position, product.id
		LIMIT $1`, n)
}

// Product is one active product with its variants, if there is one of that handle.
func (r *Reader) Product(handle string) *pg.Result[orbit.Product] {
	products := r.products(`FROM products product WHERE product.handle = $1 AND product.status = 'active'`, handle)
	images := pg.Ask[[]struct {
		ID   orbit.VariantID
		Hash string
	}](r.Reader, `SELECT v.id, m.hash FROM products p
		JOIN variants v ON v.merchant_id = p.merchant_id AND v.product_id = p.id
		JOIN media m ON m.merchant_id = v.merchant_id AND m.id = v.media_id WHERE p.handle = $1`, handle)
	return pg.As(r.Reader, products, func(all []orbit.Product) orbit.Product {
		p := pg.First(all)
		for _, i := range images.Value {
			for n := range p.Variants {
				if p.Variants[n].ID == i.ID {
					p.Variants[n].Image = i.Hash
				}
			}
		}
		return p
	})
}

// Newest reads the n newest active products with their variants.
func (r *Reader) Newest(n int) *pg.Result[[]orbit.Product] {
	return r.products(`FROM products product WHERE product.status = 'active' ORDER BY product.created_at DESC, product.id
		LIMIT $1`, n)
}

// products reads products and their variants. from chooses and orders "product".
func (r *Reader) products(from string, args ...any) *pg.Result[[]orbit.Product] {
	products := pg.Ask[[]orbit.Product](r.Reader, `SELECT `+r.DB.Columns("product", "", orbit.Product{})+` `+from, args...)
	// The variants of products that the query chooses once more are put where they belong.
	variants := pg.Ask[[]orbit.Variant](r.Reader, `SELECT `+r.DB.Columns("v", "", orbit.Variant{})+` FROM variants v
		WHERE v.product_id IN (SELECT product.id `+from+`) ORDER BY v.position, v.id`, args...)
	return pg.As(r.Reader, products, func(ps []orbit.Product) []orbit.Product {
		at := make(map[orbit.ProductID]*orbit.Product, len(ps))
		for i := range ps {
			at[ps[i].ID] = &ps[i]
		}
		for _, v := range variants.Value {
			// Between the two queries a product may have come that the first didn't see.
			if p := at[v.ProductID]; p != nil {
				p.Variants = append(p.Variants, v)
			}
		}
		return ps
	})
}
