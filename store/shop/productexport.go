package shop

import (
	"context"
	"slices"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// ProductExport is what a file of products is made of.
type ProductExport struct {
	Kept     []string // columns that mean nothing here, of all products
	Currency string
	ids      []orbit.ProductID
}

// BeginProductExport settles which products a file has: those that a filter finds, in the shop's order.
func (m Member) BeginProductExport(ctx context.Context, f ProductFilter) (x ProductExport, err error) {
	err = m.Read(ctx, func(t *Tenant) error {
		settings, err := t.Settings(ctx)
		if err != nil {
			return err
		}
		x.Currency = settings.Currency
		if x.Kept, err = pg.All[string](ctx, t, `SELECT DISTINCT split_part(k, chr(31), 1) AS k
			FROM (SELECT jsonb_object_keys(extra) AS k FROM products
			UNION ALL SELECT jsonb_object_keys(extra) FROM variants) extra ORDER BY 1`); err != nil {
			return err
		}
		x.ids, err = t.ProductIDs(ctx, f)
		return err
	})
	return x, err
}

// ProductIDs returns the products that a filter finds, in the shop's order.
func (t *Tenant) ProductIDs(ctx context.Context, f ProductFilter) (ids []orbit.ProductID, err error) {
	if f.Query == "" {
		return pg.All[orbit.ProductID](ctx, t, `SELECT p.id FROM products p`+productState+` ORDER BY p.position, p.id`,
			string(f.Status))
	}
	r := t.Reader()
	var found *pg.Result[[]struct{ ID orbit.ProductID }]
	r.asking(f.Query, true, func() {
		found = pg.Ask[[]struct{ ID orbit.ProductID }](r.Reader, `SELECT p.id FROM product_index i
			JOIN products p ON p.id = i.product_id`+productState+` ORDER BY p.position, p.id`, string(f.Status))
	})
	err = r.Read(ctx)
	for _, row := range found.Value {
		ids = append(ids, row.ID)
	}
	return ids, err
}

// Each hands the products to a function, each page of them read in a transaction of its own: while the function waits
// for a slow reader it holds no connection. Images have addresses on host; those that aren't fetched yet, of a file's.
func (x ProductExport) Each(ctx context.Context, m Member, host string, each func(orbit.ExportProduct) error) error {
	for page := range slices.Chunk(x.ids, exportPage) {
		var products []orbit.ExportProduct
		err := m.Read(ctx, func(t *Tenant) (err error) { products, err = t.exportProducts(ctx, page, host); return err })
		if err != nil {
			return err
		}
		for _, p := range products {
			if err := each(p); err != nil {
				return err
			}
		}
	}
	return nil
}

func (t *Tenant) exportProducts(ctx context.Context, ids []orbit.ProductID, host string) (
	[]orbit.ExportProduct, error,
) {
	sheets, err := t.Sheets(ctx, ids)
	if err != nil {
		return nil, err
	}
	missing, err := pg.All[orbit.ImportImage](ctx, t, `SELECT `+t.db.Columns("i", "", orbit.ImportImage{})+`
		FROM import_images i WHERE product_id = ANY($1) AND status <> 'ready' ORDER BY created_at, position, id`, ids)
	if err != nil {
		return nil, err
	}
	all := make([]orbit.ExportProduct, len(sheets))
	for n, s := range sheets {
		p := orbit.ExportProduct{Product: s.Product}
		for _, m := range s.Images {
			if m.Status == orbit.MediaReady {
				p.Images = append(p.Images, orbit.ExportImage{ID: m.ID, URL: host + m.Image().Path(1<<20), Alt: m.Alt})
			}
		}
		for _, i := range missing {
			if i.ProductID == s.Product.ID && !slices.ContainsFunc(p.Images, func(o orbit.ExportImage) bool {
				return o.URL == i.URL
			}) {
				p.Images = append(p.Images, orbit.ExportImage{URL: i.URL, Alt: i.Alt, Variants: i.Variants})
			}
		}
		all[n] = p
	}
	return all, nil
}
