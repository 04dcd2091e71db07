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

// productState is the condition of a filter's status, $1, of products p.
const productState = ` WHERE ($1 = '' OR p.status = $1 OR $1 = '` + orbit.LowStockFilter + `' AND p.status = 'active'
	AND EXISTS (SELECT FROM variants v
	WHERE v.merchant_id = p.merchant_id AND v.product_id = p.id AND v.low AND v.track_inventory))`

// ProductRows is one page of the shop's products, newest changes first, and how many there are in all.
func (t *Tenant) ProductRows(ctx context.Context, f ProductFilter) (rows []orbit.ProductRow, total int, err error) {
	where := productState
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
func (t *Tenant) Sheet(ctx context.Context, id orbit.ProductID) (orbit.ProductSheet, error) {
	sheets, err := t.Sheets(ctx, []orbit.ProductID{id})
	if err == nil && len(sheets) == 0 {
		err = pg.NoRow()
	}
	return pg.First(sheets), err
}

// Sheets returns products in the order in which they are asked for; those that aren't there are left out.
func (t *Tenant) Sheets(ctx context.Context, ids []orbit.ProductID) ([]orbit.ProductSheet, error) {
	if len(ids) == 0 {
		return nil, nil
	}
	r := t.Reader()
	settings := r.Settings()
	// The variants by the same ids, not by a join: with statistics of a moment ago that took seconds.
	products := r.whole(pg.Ask[[]orbit.Product](r.Reader, `SELECT `+t.db.Columns("p", "", orbit.Product{})+`
		FROM products p WHERE p.id = ANY($1)`, ids), `v.product_id = ANY($1)`, ids)
	collections := r.OwnCollections()
	in := pg.Ask[[]struct {
		ProductID    orbit.ProductID
		CollectionID orbit.CollectionID
	}](r.Reader, `SELECT product_id, collection_id FROM collection_products cp
		JOIN collections c ON c.merchant_id = cp.merchant_id AND c.id = cp.collection_id
		WHERE product_id = ANY($1) AND c.handle <> 'all' ORDER BY c.position, c.id`, ids)
	images := pg.Ask[[]orbit.Media](r.Reader, `SELECT `+t.db.Columns("m", "", orbit.Media{})+` FROM media m
		WHERE product_id = ANY($1) ORDER BY position, id`, ids)
	readOnly := pg.Ask[[]struct{ ID orbit.ProductID }](r.Reader,
		`SELECT p.id FROM products p WHERE p.id = ANY($1) AND `+excess(ownPlan), ids)
	if err := r.Read(ctx); err != nil {
		return nil, err
	}
	at := make(map[orbit.ProductID]*orbit.ProductSheet, len(products.Value))
	for _, p := range products.Value {
		at[p.ID] = &orbit.ProductSheet{Product: p, Units: settings.Value.Units(), Collections: collections.Value}
	}
	for _, row := range in.Value {
		if s := at[row.ProductID]; s != nil { // the queries see what is committed between them
			s.In = append(s.In, row.CollectionID)
		}
	}
	for _, m := range images.Value {
		if s := at[m.ProductID]; s != nil {
			s.Images = append(s.Images, m)
		}
	}
	for _, row := range readOnly.Value {
		if s := at[row.ID]; s != nil {
			s.ReadOnly = true
		}
	}
	sheets := make([]orbit.ProductSheet, 0, len(at))
	for _, id := range ids {
		if s := at[id]; s != nil {
			sheets = append(sheets, *s)
			delete(at, id)
		}
	}
	return sheets, nil
}

// BlankSheet is the sheet of a product that isn't there yet.
func (t *Tenant) BlankSheet(ctx context.Context, id orbit.ProductID) (orbit.ProductSheet, error) {
	r := t.Reader()
	settings, collections := r.Settings(), r.OwnCollections()
	err := r.Read(ctx)
	s := orbit.NewProduct(t.merchant, id, settings.Value.Units(), pg.Stamp())
	s.Collections = collections.Value
	return s, err
}

// CheckHandle is nil where no other product has a product's handle. The fault is on handle.
func (t *Tenant) CheckHandle(ctx context.Context, p orbit.Product) error {
	taken, err := pg.One[bool](ctx, t, `SELECT EXISTS (SELECT FROM products WHERE handle = $1 AND id <> $2)`,
		p.Handle, p.ID)
	if err == nil && taken {
		err = handleTaken(p)
	}
	return err
}

// CreateProduct adds a product under a handle like its own that is free. The same id again changes nothing. Conflict
// where the plan allows no more products.
func (e *Edit) CreateProduct(ctx context.Context, p orbit.Product, in []orbit.CollectionID) error {
	known, err := pg.One[bool](ctx, e, `SELECT EXISTS (SELECT FROM products WHERE id = $1)`, p.ID)
	if err != nil || known {
		return err
	}
	if p.Handle, err = e.freeHandle(ctx, p.Handle); err != nil {
		return err
	}
	b := e.db.Batch()
	if err := e.writeProducts(ctx, b, orbit.ReasonEdited, []productWrite{{edit: orbit.ProductEdit{Product: p,
		In: in}}}); err != nil {
		return err
	}
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
	return r.whole(products, `v.product_id IN (SELECT product.id `+from+`)`, args...)
}

// whole reads products with their variants, those v that a condition chooses.
func (r *Reader) whole(products *pg.Result[[]orbit.Product], of string, args ...any) *pg.Result[[]orbit.Product] {
	variants := pg.Ask[[]orbit.Variant](r.Reader, `SELECT `+r.DB.Columns("v", "", orbit.Variant{})+` FROM variants v
		WHERE `+of+` ORDER BY v.position, v.id`, args...)
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
