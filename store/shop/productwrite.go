package shop

import (
	"context"
	"reflect"
	"slices"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// productWrite is a product as it was, zero where there was none, and what becomes of it.
type productWrite struct {
	was  orbit.ProductSheet
	edit orbit.ProductEdit
}

func (w productWrite) isNew() bool { return w.was.Product.ID.IsZero() }

// changes reports whether there is anything to write.
func (w productWrite) changes() bool {
	return !w.edit.Product.Same(w.was.Product) || len(w.edit.StockBy) > 0 || !sameSet(w.edit.In, w.was.In)
}

// hold locks products against orders, and returns them as they are now.
func (e *Edit) hold(ctx context.Context, ids []orbit.ProductID) ([]orbit.ProductSheet, error) {
	// Locked from the merchant's row down; sales lock variants only, in the order of their ids.
	_, err := pg.Exec(ctx, e, `SELECT FROM variants WHERE product_id = ANY($1) ORDER BY id FOR UPDATE`, ids)
	if err != nil {
		return nil, err
	}
	return e.Sheets(ctx, ids)
}

// writeProducts adds to a batch all that becomes of products that are held, and those that are new: the one way in
// which edits of products are written. Quantities change for a reason. Conflict where the plan has no room for new ones
// or those that become active; Invalid with a fault on handle where another product has it, on media and the variant's
// id where an image isn't the product's.
func (e *Edit) writeProducts(ctx context.Context, b *pg.Batch, reason orbit.InventoryReason,
	writes []productWrite) error {
	if err := e.mayWrite(ctx, b, writes); err != nil {
		return err
	}
	var added, changed []orbit.Product
	var variants variantWrites
	for _, w := range writes {
		p := w.edit.Product
		if p.Tags == nil {
			p.Tags = []string{}
		}
		if w.isNew() {
			added = append(added, p)
			variants.added = append(variants.added, p.Variants...)
		} else {
			if p.Handle != w.was.Product.Handle {
				if err := e.redirect(ctx, b, "/products/"+w.was.Product.Handle, "/products/"+p.Handle); err != nil {
					return err
				}
			}
			changed = append(changed, p)
			if err := variants.take(b, w); err != nil {
				return err
			}
		}
	}
	if len(added) > 0 {
		if err := e.addProducts(ctx, b, added); err != nil {
			return err
		}
	}
	if len(changed) > 0 {
		b.Exec(`UPDATE products p SET title = n.title, description = n.description, description_html = n.description_html,
			vendor = n.vendor, product_type = n.product_type, tags = n.tags, seo_title = n.seo_title,
			seo_description = n.seo_description, handle = n.handle, options = n.options, status = n.status,
			publish_at = n.publish_at, extra = n.extra, version = p.version + 1, sample = false, updated_at = now()
			FROM jsonb_populate_recordset(NULL::products, $1) n WHERE p.id = n.id`, b.Rows(changed))
	}
	e.because(b, reason, "")
	variants.write(b, reason == orbit.ReasonImported)
	for _, w := range writes {
		p := w.edit.Product
		putInto(b, p, w.was.In, w.edit.In)
		e.scheduleProduct(b, p)
		kind := orbit.ProductWasUpdated
		if w.isNew() {
			kind = orbit.ProductWasCreated
		}
		b.Event(orbit.ProductEvent(kind, p.ID))
	}
	return nil
}

// mayWrite checks what the plan and other products allow.
func (e *Edit) mayWrite(ctx context.Context, b *pg.Batch, writes []productWrite) error {
	var handles []string
	var ids []orbit.ProductID
	added, activated := int64(0), false
	for _, w := range writes {
		p, was := w.edit.Product, w.was.Product
		if p.Handle != was.Handle {
			ids = append(ids, p.ID)
			if slices.Contains(handles, p.Handle) {
				return handleTaken(p)
			}
			handles = append(handles, p.Handle)
		}
		if w.isNew() {
			added++
		} else if p.Status == orbit.ProductActive && was.Status != p.Status {
			activated = true
		}
	}
	if activated {
		if err := e.mayActivate(ctx); err != nil {
			return err
		}
	}
	if added > 0 {
		has, err := pg.One[int64](ctx, e, `SELECT count(*) FROM products`)
		if err == nil {
			err = e.roomForProducts(ctx, b, has, added)
		}
		if err != nil {
			return err
		}
	}
	if len(handles) == 0 {
		return nil
	}
	taken, err := pg.All[string](ctx, e, `SELECT handle FROM products WHERE handle = ANY($1) AND NOT id = ANY($2)`,
		handles, ids)
	for _, w := range writes {
		if p := w.edit.Product; err == nil && p.Handle != w.was.Product.Handle && slices.Contains(taken, p.Handle) {
			return handleTaken(p)
		}
	}
	return err
}

func handleTaken(p orbit.Product) error {
	return orbit.FaultOn(orbit.Invalid, "handle", p.Handle, "Another product has this address. Choose a different one.")
}

// addProducts adds new products behind those that there are, and to the collection of everything.
func (e *Edit) addProducts(ctx context.Context, b *pg.Batch, added []orbit.Product) error {
	last, err := pg.One[int](ctx, e, `SELECT coalesce(max(position), 0) FROM products`)
	if err != nil {
		return err
	}
	ids, paths := make([]orbit.ProductID, len(added)), make([]string, len(added))
	for i := range added {
		added[i].Position = last + 1 + i
		ids[i], paths[i] = added[i].ID, "/products/"+added[i].Handle
	}
	b.Exec(`DELETE FROM redirects WHERE from_path = ANY($1)`, paths)
	b.Insert("products", added)
	b.Exec(`INSERT INTO collection_products (merchant_id, collection_id, product_id, position)
		SELECT c.merchant_id, c.id, p.id, p.position FROM collections c JOIN products p ON p.merchant_id = c.merchant_id
		WHERE c.handle = 'all' AND p.id = ANY($1)`, ids)
	return nil
}

// variantWrites is what becomes of variants. Of those that are changed, Stock is by how much.
type variantWrites struct {
	added, changed []orbit.Variant
	deleted        []orbit.VariantID
}

// take adds what is otherwise of a product's variants than it was.
func (t *variantWrites) take(b *pg.Batch, w productWrite) error {
	had := map[orbit.VariantID]orbit.Variant{}
	for _, v := range w.was.Product.Variants {
		had[v.ID] = v
	}
	for _, v := range w.edit.Product.Variants {
		if !v.MediaID.IsZero() && !slices.ContainsFunc(w.was.Images, func(m orbit.Media) bool { return m.ID == v.MediaID }) {
			return orbit.FaultOn(orbit.Invalid, "media."+v.ID.String(), "", "Choose one of the product's images.")
		}
		was, known := had[v.ID]
		delete(had, v.ID)
		if !known {
			t.added = append(t.added, v)
			continue
		}
		by := w.edit.StockBy[v.ID]
		if left := max(was.Stock+by, min(was.Stock, 0)); v.TrackInventory && orbit.RunsLow(was.Stock, left) {
			b.Event(orbit.InventoryEvent(v.ProductID, v.ID, left))
		}
		if by != 0 || !reflect.DeepEqual(v, was) {
			v.Stock = by
			t.changed = append(t.changed, v)
		}
	}
	for _, v := range w.was.Product.Variants {
		if _, gone := had[v.ID]; gone {
			t.deleted = append(t.deleted, v.ID)
		}
	}
	return nil
}

// write adds the statements. What a file says is exact; otherwise what is sold in between doesn't make a quantity less
// than zero.
func (t *variantWrites) write(b *pg.Batch, exact bool) {
	if len(t.changed) > 0 {
		b.Exec(`UPDATE variants v SET title = n.title, sku = n.sku, barcode = n.barcode, "values" = n."values",
			price = n.price, compare_at = n.compare_at, cost = n.cost, track_inventory = n.track_inventory,
			continue_selling = n.continue_selling, taxable = n.taxable, requires_shipping = n.requires_shipping,
			weight_grams = n.weight_grams, media_id = n.media_id, position = n.position,
			extra = n.extra, stock = CASE WHEN n.stock < 0 AND NOT $2 THEN greatest(v.stock + n.stock, least(v.stock, 0))
				ELSE v.stock + n.stock END
			FROM jsonb_populate_recordset(NULL::variants, $1) n WHERE v.id = n.id`, b.Rows(t.changed), exact)
	}
	if len(t.deleted) > 0 {
		b.Exec(`DELETE FROM variants WHERE id = ANY($1)`, t.deleted)
	}
	if len(t.added) > 0 {
		b.Insert("variants", t.added)
	}
}

// putInto changes which collections a product is in; that of everything isn't touched.
func putInto(b *pg.Batch, p orbit.Product, before, after []orbit.CollectionID) {
	for _, id := range before {
		if !slices.Contains(after, id) {
			b.Exec(`DELETE FROM collection_products WHERE product_id = $1 AND collection_id = $2`, p.ID, id)
		}
	}
	for _, id := range after {
		if !slices.Contains(before, id) {
			b.Exec(`INSERT INTO collection_products (merchant_id, collection_id, product_id, position)
				SELECT merchant_id, id, $1, (SELECT coalesce(max(position), 0) + 1 FROM collection_products o
				WHERE o.collection_id = c.id) FROM collections c WHERE id = $2 AND handle <> 'all'
				ON CONFLICT DO NOTHING`, p.ID, id)
		}
	}
}
