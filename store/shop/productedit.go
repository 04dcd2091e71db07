package shop

import (
	"context"
	"encoding/json"
	"reflect"
	"slices"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

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

// UpdateProduct changes a product as form says, if it is still at the version that the form showed. Otherwise the
// Conflict comes with what is there now; sending once more what is there is none. A read-only product is a Conflict
// too.
func (e *Edit) UpdateProduct(ctx context.Context, id orbit.ProductID, version int,
	form orbit.ProductForm) (now orbit.ProductSheet, err error) {
	return e.SaveProduct(ctx, id, func(now orbit.ProductSheet) (orbit.ProductEdit, error) {
		at := time.Now()
		edit, err := form.Edit(now.Product, now.Units, at)
		if err != nil {
			return edit, err
		}
		if now.Product.Version != version && !form.Says(now, at) {
			return edit, orbit.Errorf(orbit.Conflict, "Someone changed this product since you opened it. Nothing of yours "+
				"is lost: look at what is different, and save again to make it as you have it here.")
		}
		return edit, nil
	})
}

// SaveProduct has change say what becomes of a product, and writes what is otherwise than now, which it returns: the
// product as it was. An edit that changes nothing writes nothing. Conflict where the product is read-only, or may not
// become active; Invalid with a fault on handle where another product has it, on media where an image isn't the
// product's.
func (e *Edit) SaveProduct(ctx context.Context, id orbit.ProductID,
	change func(now orbit.ProductSheet) (orbit.ProductEdit, error)) (now orbit.ProductSheet, err error) {
	// Locked from the merchant's row down; sales lock variants only, in the order of their ids.
	if _, err := pg.Exec(ctx, e, `SELECT FROM variants WHERE product_id = $1 ORDER BY id FOR UPDATE`, id); err != nil {
		return now, err
	}
	if now, err = e.Sheet(ctx, id); err != nil {
		return now, err
	}
	if err := e.mayEdit(ctx, id); err != nil {
		return now, err
	}
	edit, err := change(now)
	if err != nil {
		return now, err
	}
	p, was := edit.Product, now.Product
	if p.Same(was) && len(edit.StockBy) == 0 && sameSet(edit.In, now.In) {
		return now, nil
	}
	if p.Status == orbit.ProductActive && was.Status != p.Status {
		if err := e.mayActivate(ctx); err != nil {
			return now, err
		}
	}
	b := e.db.Batch()
	if err := e.moveProduct(ctx, b, was, p); err != nil {
		return now, err
	}
	b.Exec(`UPDATE products SET title = $2, description = $3, description_html = $4, vendor = $5, product_type = $6,
		tags = $7, seo_title = $8, seo_description = $9, handle = $10, options = $11, status = $12, publish_at = $13,
		version = version + 1, sample = false, updated_at = now() WHERE id = $1`,
		id, p.Title, p.Description, p.DescriptionHTML, p.Vendor, p.ProductType, p.Tags, p.SEOTitle, p.SEODescription,
		p.Handle, asJSON(p.Options), string(p.Status), orNull(p.PublishAt))
	if err := e.saveVariants(b, now, edit); err != nil {
		return now, err
	}
	putInto(b, p, now.In, edit.In)
	e.scheduleProduct(b, p)
	b.Event(orbit.ProductEvent(orbit.ProductWasUpdated, id))
	return now, e.commit(ctx, b, orbit.ActionProductUpdated, p.Title, orbit.Details{"product": id.String()})
}

// moveProduct has a product's old address lead to its new one, where its handle changes.
func (e *Edit) moveProduct(ctx context.Context, b *pg.Batch, was, p orbit.Product) error {
	if p.Handle == was.Handle {
		return nil
	}
	taken, err := pg.One[bool](ctx, e, `SELECT EXISTS (SELECT FROM products WHERE handle = $1 AND id <> $2)`,
		p.Handle, p.ID)
	if err != nil {
		return err
	}
	if taken {
		return orbit.FaultOn(orbit.Invalid, "handle", p.Handle, "Another product has this address. Choose a different one.")
	}
	return e.redirect(ctx, b, "/products/"+was.Handle, "/products/"+p.Handle)
}

// saveVariants writes what is otherwise of a product's variants than now.
func (e *Edit) saveVariants(b *pg.Batch, now orbit.ProductSheet, edit orbit.ProductEdit) error {
	e.because(b, orbit.ReasonEdited, "")
	had := map[orbit.VariantID]orbit.Variant{}
	for _, v := range now.Product.Variants {
		had[v.ID] = v
	}
	var added []orbit.Variant
	for _, v := range edit.Product.Variants {
		if !v.MediaID.IsZero() && !slices.ContainsFunc(now.Images, func(m orbit.Media) bool { return m.ID == v.MediaID }) {
			return orbit.FaultOn(orbit.Invalid, "media."+v.ID.String(), "", "Choose one of the product's images.")
		}
		was, known := had[v.ID]
		delete(had, v.ID)
		if !known {
			added = append(added, v)
			continue
		}
		by := edit.StockBy[v.ID]
		if by != 0 || !reflect.DeepEqual(v, was) {
			b.Exec(`UPDATE variants SET title = $2, sku = $3, barcode = $4, "values" = $5, price = $6,
				compare_at = nullif($7::bigint, 0), cost = nullif($8::bigint, 0), track_inventory = $9, continue_selling = $10,
				taxable = $11, requires_shipping = $12, weight_grams = $13, media_id = $14, position = $15,
				stock = CASE WHEN $16 < 0 THEN greatest(stock + $16, least(stock, 0)) ELSE stock + $16 END WHERE id = $1`,
				v.ID, v.Title, v.SKU, v.Barcode, asJSON(v.Values), v.Price, v.CompareAt, v.Cost, v.TrackInventory,
				v.ContinueSelling, v.Taxable, v.RequiresShipping, v.WeightGrams, v.MediaID, v.Position, by)
		}
		if left := max(was.Stock+by, min(was.Stock, 0)); v.TrackInventory && orbit.RunsLow(was.Stock, left) {
			b.Event(orbit.InventoryEvent(v.ProductID, v.ID, left))
		}
	}
	for _, v := range now.Product.Variants {
		if _, gone := had[v.ID]; gone {
			b.Exec(`DELETE FROM variants WHERE id = $1`, v.ID)
		}
	}
	if len(added) > 0 {
		b.Insert("variants", added)
	}
	return nil
}

// asJSON returns a list of texts or options, which can always be written.
func asJSON(v any) string {
	data, _ := json.Marshal(v)
	return string(data)
}

func sameSet(a, b []orbit.CollectionID) bool {
	return len(a) == len(b) && !slices.ContainsFunc(a, func(id orbit.CollectionID) bool { return !slices.Contains(b, id) })
}

// DuplicateProduct adds a draft that is like a product, with a title of its own, under a handle that is free: without
// its images, with nothing in stock. The same id again changes nothing.
func (e *Edit) DuplicateProduct(ctx context.Context, id, as orbit.ProductID, title string) error {
	s, err := e.Sheet(ctx, id)
	if err != nil {
		return err
	}
	p, err := s.Product.Copy(as, title, pg.Stamp())
	if err != nil {
		return err
	}
	return e.CreateProduct(ctx, p, s.In)
}
