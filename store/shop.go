package store

import (
	"context"
	"reflect"
	"strings"

	"github.com/uptrace/bun"

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
	err := db.bun.NewSelect().Model(&s).ModelTableExpr("domains AS dom").
		ColumnExpr("dom.host, coalesce((SELECT host FROM domains c WHERE c.merchant_id = m.id AND c.kind = 'custom' AND c.verified_at IS NOT NULL LIMIT 1), dom.host) AS primary").
		ColumnExpr(db.columns("m", "m__", orbit.Merchant{})).
		ColumnExpr(db.columns("r", "r__", orbit.Release{})).
		Join("JOIN merchants m ON m.id = dom.merchant_id AND m.status <> 'suspended'").
		Join("JOIN releases r ON r.merchant_id = m.id AND r.id = m.release_id").
		Where("dom.host = ? AND dom.verified_at IS NOT NULL", host).Scan(ctx)
	return s, mapError(err)
}

// columns lists a model's columns as alias.col AS "prefix_col".
func (db *DB) columns(alias, prefix string, model any) string {
	var b strings.Builder
	for _, f := range db.bun.Table(reflect.TypeOf(model)).Fields {
		if b.Len() > 0 {
			b.WriteString(", ")
		}
		b.WriteString(alias + `."` + f.Name + `" AS "` + prefix + f.Name + `"`)
	}
	return b.String()
}

// Settings are the shop's own settings.
func (t *Tenant) Settings(ctx context.Context) (s orbit.ShopSettings, err error) {
	err = t.tx.NewSelect().Model(&s).ModelTableExpr("settings AS shop_settings").Scan(ctx)
	return s, mapError(err)
}

// Menus are the shop's menus by handle.
func (t *Tenant) Menus(ctx context.Context) (map[string][]orbit.MenuItem, error) {
	var rows []orbit.Menu
	if err := t.tx.NewSelect().Model(&rows).Scan(ctx); err != nil {
		return nil, mapError(err)
	}
	menus := map[string][]orbit.MenuItem{}
	for _, m := range rows {
		menus[m.Handle] = m.Items
	}
	return menus, nil
}

// Collections are the shop's collections in order.
func (t *Tenant) Collections(ctx context.Context) (cs []orbit.Collection, err error) {
	err = t.tx.NewSelect().Model(&cs).Order("position", "id").Scan(ctx)
	return cs, mapError(err)
}

// CollectionByHandle is one collection.
func (t *Tenant) CollectionByHandle(ctx context.Context, handle string) (c orbit.Collection, err error) {
	err = t.tx.NewSelect().Model(&c).Where("handle = ?", handle).Scan(ctx)
	return c, mapError(err)
}

// ProductFilter chooses products on sale.
type ProductFilter struct {
	Collection orbit.CollectionID // zero is all
	Except     orbit.ProductID
	Limit      int
}

// Products are active products with their variants, in the shop's order.
func (t *Tenant) Products(ctx context.Context, f ProductFilter) (ps []orbit.Product, err error) {
	q := t.tx.NewSelect().Model(&ps).Where("product.status = 'active'").Limit(int64(f.Limit))
	if f.Collection.IsZero() {
		q = q.Order("product.position", "product.id")
	} else {
		q = q.Join("JOIN collection_products cp ON cp.merchant_id = product.merchant_id AND cp.product_id = product.id").
			Where("cp.collection_id = ?", f.Collection).Order("cp.position", "product.id")
	}
	if !f.Except.IsZero() {
		q = q.Where("product.id <> ?", f.Except)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, mapError(err)
	}
	return ps, t.addVariants(ctx, ps)
}

// ProductByHandle is one active product with its variants.
func (t *Tenant) ProductByHandle(ctx context.Context, handle string) (p orbit.Product, err error) {
	if err := t.tx.NewSelect().Model(&p).Where("handle = ? AND status = 'active'", handle).Scan(ctx); err != nil {
		return p, mapError(err)
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
	var ids []orbit.ProductID
	for i, p := range ps {
		at[p.ID] = i
		ids = append(ids, p.ID)
	}
	var vs []orbit.Variant
	if err := t.tx.NewSelect().Model(&vs).Where("product_id IN (?)", bun.In(ids)).Order("position", "id").Scan(ctx); err != nil {
		return mapError(err)
	}
	for _, v := range vs {
		p := &ps[at[v.ProductID]]
		p.Variants = append(p.Variants, v)
	}
	return nil
}

// PageByHandle is one page of text.
func (t *Tenant) PageByHandle(ctx context.Context, handle string) (p orbit.Page, err error) {
	err = t.tx.NewSelect().Model(&p).Where("handle = ?", handle).Scan(ctx)
	return p, mapError(err)
}

// Checklist is the merchant's onboarding in order.
func (t *Tenant) Checklist(ctx context.Context) (tasks []orbit.Task, err error) {
	err = t.tx.NewSelect().Model(&tasks).ModelTableExpr("onboarding AS task").Order("position").Scan(ctx)
	return tasks, mapError(err)
}
