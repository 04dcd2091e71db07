package shop

import (
	"context"
	"slices"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

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
	held, err := e.hold(ctx, []orbit.ProductID{id})
	if err != nil {
		return now, err
	}
	if len(held) == 0 {
		return now, pg.NoRow()
	}
	now = held[0]
	if now.ReadOnly {
		return now, orbit.Errorf(orbit.Conflict, "%s", orbit.ReadOnlyProduct)
	}
	w := productWrite{was: now}
	if w.edit, err = change(now); err != nil || !w.changes() {
		return now, err
	}
	b := e.db.Batch()
	if err := e.writeProducts(ctx, b, orbit.ReasonEdited, []productWrite{w}); err != nil {
		return now, err
	}
	return now, e.commit(ctx, b, orbit.ActionProductUpdated, w.edit.Product.Title, orbit.Details{"product": id.String()})
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
