package store

import (
	"context"

	"orbit360.app/orbit"
)

// Shop is a shop as its address finds it.
type Shop struct {
	Merchant orbit.Merchant `bun:"embed:m__"`
	Release  orbit.Release  `bun:"embed:r__"`
	Host     string
	Primary  string // the host that canonical links name
}

// ShopByHost finds the shop that answers at a normalised host: a verified domain of a merchant that
// has a release and isn't suspended. NotFound for every other host.
func (db *DB) ShopByHost(ctx context.Context, host string) (Shop, error) {
	var s Shop
	err := db.scan(ctx, db.pool, &s, `SELECT dom.host, coalesce((SELECT host FROM domains c WHERE c.merchant_id = m.id AND c.kind = 'custom' AND c.verified_at IS NOT NULL LIMIT 1), dom.host) AS primary, `+
		db.columns("m", "m__", orbit.Merchant{})+`, `+db.columns("r", "r__", orbit.Release{})+`
		FROM domains dom
		JOIN merchants m ON m.id = dom.merchant_id AND m.status <> 'suspended'
		JOIN releases r ON r.merchant_id = m.id AND r.id = m.release_id
		WHERE dom.host = $1 AND dom.verified_at IS NOT NULL`, host)
	return s, err
}

func (t *Tenant) scan(ctx context.Context, dest any, sql string, args ...any) error {
	return t.db.scan(ctx, t.pgx, dest, sql, args...)
}

// Settings are the shop's own settings.
func (t *Tenant) Settings(ctx context.Context) (s orbit.ShopSettings, err error) {
	err = t.scan(ctx, &s, `SELECT `+t.db.columns("s", "", s)+` FROM settings s`)
	return s, err
}

// Menus are the shop's menus by handle.
func (t *Tenant) Menus(ctx context.Context) (map[string][]orbit.MenuItem, error) {
	var rows []orbit.Menu
	if err := t.scan(ctx, &rows, `SELECT `+t.db.columns("m", "", orbit.Menu{})+` FROM menus m`); err != nil {
		return nil, err
	}
	menus := map[string][]orbit.MenuItem{}
	for _, m := range rows {
		menus[m.Handle] = m.Items
	}
	return menus, nil
}

// Collections are the shop's collections in order.
func (t *Tenant) Collections(ctx context.Context) (cs []orbit.Collection, err error) {
	err = t.scan(ctx, &cs, `SELECT `+t.db.columns("c", "", orbit.Collection{})+` FROM collections c ORDER BY position, id`)
	return cs, err
}

// CollectionByHandle is one collection.
func (t *Tenant) CollectionByHandle(ctx context.Context, handle string) (c orbit.Collection, err error) {
	err = t.scan(ctx, &c, `SELECT `+t.db.columns("c", "", c)+` FROM collections c WHERE handle = $1`, handle)
	return c, err
}

// ProductFilter chooses products on sale.
type ProductFilter struct {
	Collection orbit.CollectionID // zero is all
	Except     orbit.ProductID
	Limit      int
}

// Products are active products with their variants, in the shop's order.
func (t *Tenant) Products(ctx context.Context, f ProductFilter) (ps []orbit.Product, err error) {
	list := `SELECT ` + t.db.columns("p", "", orbit.Product{})
	if f.Collection.IsZero() {
		err = t.scan(ctx, &ps, list+` FROM products p WHERE p.status = 'active' AND p.id IS DISTINCT FROM $2 ORDER BY p.position, p.id LIMIT $1`, f.Limit, f.Except)
	} else {
		err = t.scan(ctx, &ps, list+` FROM collection_products cp JOIN products p ON p.merchant_id = cp.merchant_id AND p.id = cp.product_id
			WHERE cp.collection_id = $3 AND p.status = 'active' AND p.id IS DISTINCT FROM $2 ORDER BY cp.position, p.id LIMIT $1`, f.Limit, f.Except, f.Collection)
	}
	if err != nil {
		return nil, err
	}
	return ps, t.addVariants(ctx, ps)
}

// ProductByHandle is one active product with its variants.
func (t *Tenant) ProductByHandle(ctx context.Context, handle string) (p orbit.Product, err error) {
	if err := t.scan(ctx, &p, `SELECT `+t.db.columns("p", "", p)+` FROM products p WHERE handle = $1 AND status = 'active'`, handle); err != nil {
		return p, err
	}
	one := []orbit.Product{p}
	err = t.addVariants(ctx, one)
	return one[0], err
}

func (t *Tenant) addVariants(ctx context.Context, ps []orbit.Product) error {
	if len(ps) == 0 {
		return nil
	}
	at := map[orbit.ProductID]int{}
	var ids []string
	for i, p := range ps {
		at[p.ID] = i
		ids = append(ids, p.ID.String())
	}
	var vs []orbit.Variant
	if err := t.scan(ctx, &vs, `SELECT `+t.db.columns("v", "", orbit.Variant{})+` FROM variants v WHERE product_id = ANY ($1::uuid[]) ORDER BY position, id`, ids); err != nil {
		return err
	}
	for _, v := range vs {
		p := &ps[at[v.ProductID]]
		p.Variants = append(p.Variants, v)
	}
	return nil
}

// PageByHandle is one page of text.
func (t *Tenant) PageByHandle(ctx context.Context, handle string) (p orbit.Page, err error) {
	err = t.scan(ctx, &p, `SELECT `+t.db.columns("p", "", p)+` FROM pages p WHERE handle = $1`, handle)
	return p, err
}

// Checklist is the merchant's onboarding in order.
func (t *Tenant) Checklist(ctx context.Context) (tasks []orbit.Task, err error) {
	err = t.tx.NewSelect().Model(&tasks).ModelTableExpr("onboarding AS task").Order("position").Scan(ctx)
	return tasks, mapError(err)
}
