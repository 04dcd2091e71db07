package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"

	"orbit360.app/themes/modern"
)

// host0 is the first shop's.
const host0 = "shop1.localhost"

// homes returns the home pages of the first shops.
func (b *bench) homes(n int) (ts []target) {
	for i := range n {
		ts = append(ts, target{fmt.Sprintf("shop%d.localhost", i+1), "/"})
	}
	return ts
}

// spread returns n home pages evenly out of all.
func (b *bench) spread(all, n int) (ts []target) {
	for i := range n {
		ts = append(ts, target{fmt.Sprintf("shop%d.localhost", i*all/n+1), "/"})
	}
	return ts
}

// uncached returns collections of 24 products at an address that is never kept: it is too long.
func (b *bench) uncached(n int) (ts []target) {
	for i := range n {
		ts = append(ts, target{fmt.Sprintf("shop%d.localhost", i+1), "/collections/all?drawn=" + strings.Repeat("anew", 150)})
	}
	return ts
}

// The first shops have a collection of 24 products, as a page shows them; the many others have six, as a new shop has.
const fullShops = 50

// fill makes as many shops as there are to be, open and with the rows that a real one has. Foreign keys and triggers
// are off: a hundred thousand shops shall take a minute, not an hour.
func (b *bench) fill(ctx context.Context, n int) error {
	if n <= b.shops {
		return nil
	}
	if b.program == nil {
		if err := b.startProgram(ctx, 0); err != nil { // it makes the tables
			return err
		}
	}
	if err := b.program.stop(); err != nil {
		return err
	}
	b.program = nil
	if err := b.connect(ctx); err != nil {
		return err
	}
	settings, err := json.Marshal(modern.New().Schema().Resolve(nil))
	if err != nil {
		return err
	}
	const id = `('00000000-0000-7000-8000-' || lpad(to_hex(%s), 12, '0'))::uuid`
	shop, release := fmt.Sprintf(id, "s"), fmt.Sprintf(id, "1000000000 + s")
	product := fmt.Sprintf(id, "2000000000 + s::bigint * 100 + p")
	variant := fmt.Sprintf(id, "30000000000 + s::bigint * 100 + p")
	collection := fmt.Sprintf(id, "40000000000 + s::bigint * 10 + c")
	from := fmt.Sprintf("generate_series(%d, %d) s", b.shops+1, n)
	goods := from + fmt.Sprintf(", generate_series(1, CASE WHEN s <= %d THEN 24 ELSE 6 END) p", fullShops)
	tx, err := b.db.Begin(ctx)
	if err != nil {
		return err
	}
	defer tx.Rollback(context.WithoutCancel(ctx)) //nolint:errcheck // after the commit it does nothing
	for _, sql := range []string{
		`SET LOCAL session_replication_role = replica`,
		`INSERT INTO merchants (id, code, name, owner_name, email, category, status, subdomain, theme_id, plan_id, release_id,
		live_at, activated_at)
			SELECT ` + shop + `, 'ORB-' || lpad(s::text, 8, '0'), 'Shop number ' || s, 'Some One', 'shop' || s || '@example.com',
			'home-garden', 'active', 'shop' || s,
			(SELECT id FROM themes WHERE slug = 'upfront-modern'), (SELECT id FROM plans
			WHERE slug = 'professional'), ` + release + `, now(), now() FROM ` + from,
		`INSERT INTO releases (id, merchant_id, number, theme_id, engine, engine_version, settings)
			SELECT ` + release + `, ` + shop + `, 1, (SELECT id FROM themes WHERE slug = 'upfront-modern'), 'modern',
			'1.0.0', '` + string(settings) + `' FROM ` + from,
		`INSERT INTO domains (id, host, merchant_id, kind, verified_at) SELECT ` + shop + `, 'shop' || s || '.localhost', ` +
			shop + `, 'platform', now() FROM ` + from,
		`INSERT INTO settings (merchant_id, tagline) SELECT ` + shop + `, 'Quiet things for rooms and gardens.' FROM ` + from,
		`INSERT INTO collections (merchant_id, id, handle, title, description, position)
			SELECT ` + shop + `, ` + collection + `, CASE c WHEN 0 THEN 'featured' ELSE 'all' END,
			CASE c WHEN 0 THEN 'Featured' ELSE 'Everything' END, 'All that the shop has.', c
			FROM ` + from + `, generate_series(0, 1) c`,
		`INSERT INTO products (merchant_id, id, handle, title, description, product_type, vendor, position)
			SELECT ` + shop + `, ` + product + `, 'product-' || p, 'Stoneware mug number ' || p,
			'Thrown by hand, glazed inside, raw at the foot. Holds 300 ml.', 'mug', 'Tidewater Pottery', p FROM ` + goods,
		`INSERT INTO variants (merchant_id, id, product_id, sku, price, stock)
			SELECT ` + shop + `, ` + variant + `, ` + product + `, 'S' || p, 1000 + p * 100, 10 + p FROM ` + goods,
		`INSERT INTO collection_products (merchant_id, collection_id, product_id, position)
			SELECT ` + shop + `, ` + collection + `, ` + product + `, p FROM ` + goods + `, generate_series(0, 1) c
			WHERE c = 1 OR p <= 8`,
		`INSERT INTO menus (merchant_id, handle, items) SELECT ` + shop + `, h,
			'[{"label": "Shop", "url": "/collections/all"}, {"label": "Featured", "url": "/collections/featured"},
			{"label": "About", "url": "/pages/about"}]'
			FROM ` + from + `, unnest(ARRAY['main', 'footer']) h`,
		`INSERT INTO pages (merchant_id, id, handle, title, body) SELECT ` + shop + `, ` + shop +
			`, 'about', 'About us', 'A small shop.' FROM ` + from,
	} {
		if _, err := tx.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%w: %s", err, sql)
		}
	}
	if err := tx.Commit(ctx); err != nil {
		return err
	}
	if _, err := b.db.Exec(ctx, `VACUUM ANALYZE`); err != nil {
		return err
	}
	b.shops = n
	return nil
}
