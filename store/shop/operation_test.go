package shop_test

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

// products adds n products with two variants each to alpha's shop.
func (m *market) products(n int) (ids []orbit.ProductID) {
	m.Helper()
	for i := range n {
		form := orbit.ProductForm{Title: fmt.Sprintf("Shirt %d", i), Status: orbit.ProductActive, Vendor: "Fjell",
			Tags: "wool, blue", Variant: orbit.VariantForm{Price: "12.50", Stock: "10", TrackInventory: true}}
		form.Options[0] = orbit.OptionForm{Name: "Size", Add: "S\nM"}
		p, err := form.New(m.alpha, orbit.NewID[orbit.Product](), orbit.Units{Currency: "USD"}, time.Now())
		if err != nil {
			m.Fatal(err)
		}
		if err := m.edits()(func(e *shop.Edit) error { return e.CreateProduct(m.Context(), p, nil) }); err != nil {
			m.Fatal(err)
		}
		ids = append(ids, p.ID)
	}
	return ids
}

// sheets returns products as they are, without what every write changes.
func (m *market) sheets(ids []orbit.ProductID) (all []orbit.ProductSheet) {
	m.Helper()
	m.in(m.alpha, func(ctx context.Context, t *shop.Tenant) (err error) {
		all, err = t.Sheets(ctx, ids)
		return err
	})
	for i := range all {
		p := &all[i].Product
		p.Version, p.UpdatedAt, p.Sample = 0, time.Time{}, false
	}
	return all
}

// patched edits products at once as patch says.
func (m *market) patched(
	op orbit.OperationID, ids []orbit.ProductID, patch func(orbit.ProductSheet) orbit.ProductPatch,
) (o orbit.Operation, err error) {
	m.Helper()
	err = m.edits()(func(e *shop.Edit) (err error) {
		o, err = e.BulkEdit(m.Context(), op, ids, func(now []orbit.ProductSheet) (edits []orbit.ProductEdit, err error) {
			for _, s := range now {
				edit, err := patch(s).Upon(s, time.Now())
				if err != nil {
					return nil, err
				}
				edits = append(edits, edit)
			}
			return edits, nil
		})
		return err
	})
	return o, err
}

// undone orders that an operation be undone, and does it.
func (m *market) undone(op orbit.OperationID) error {
	m.Helper()
	err := m.edits()(func(e *shop.Edit) error { _, err := e.Undo(m.Context(), op); return err })
	if err != nil {
		return err
	}
	return shop.RunUndo(m.Context(), m.db, shop.UndoArgs{MerchantID: m.alpha, OperationID: op, UserID: m.owner(m.alpha)})
}

func to[T any](v T) *T { return &v }

func TestBulkEditUndone(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	ids := m.products(4)
	before := m.sheets(ids)
	op := orbit.NewID[orbit.Operation]()
	patch := func(s orbit.ProductSheet) orbit.ProductPatch {
		p := orbit.ProductPatch{Vendor: to("Nord"), Tags: to([]string{"sale"}), Status: to(orbit.ProductDraft)}
		for _, v := range s.Product.Variants[:1] {
			p.Set = append(p.Set, orbit.VariantPatch{ID: v.ID, Price: to(v.Price * 2), Quantity: to(v.Stock + 30)})
		}
		return p
	}
	o, err := m.patched(op, ids[:3], patch)
	if err != nil || o.Products != 3 || !o.CanUndo(time.Now()) {
		t.Fatal(o, err)
	}
	after := m.sheets(ids)
	for i, s := range after[:3] {
		v := s.Product.Variants
		if s.Product.Vendor != "Nord" || s.Product.Status != orbit.ProductDraft || v[0].Price != 2500 || v[1].Price != 1250 ||
			v[0].Stock != 40 || !slices.Equal(s.Product.Tags, []string{"sale"}) {
			t.Errorf("%d: %+v", i, s.Product)
		}
	}
	if !reflect.DeepEqual(after[3], before[3]) {
		t.Error("a product that wasn't asked for changed")
	}
	if _, err := m.patched(op, ids, patch); err != nil || !reflect.DeepEqual(m.sheets(ids), after) {
		t.Errorf("the same operation again did something: %v", err)
	}
	if _, err := m.super.Exec(t.Context(), `UPDATE variants SET stock = stock - 5 WHERE id = $1`, // sold
		after[0].Product.Variants[0].ID.String()); err != nil {
		t.Fatal(err)
	}
	if err := m.undone(op); err != nil {
		t.Fatal(err)
	}
	before[0].Product.Variants[0].Stock = 5
	if now := m.sheets(ids); !reflect.DeepEqual(now, before) {
		t.Errorf("undone:\n%+v\nwas\n%+v", now, before)
	}
	m.balanced()
	if err := m.undone(op); err != nil || !reflect.DeepEqual(m.sheets(ids), before) {
		t.Errorf("undone once more: %v", err)
	}
}

func TestUndoRefused(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	ids := m.products(3)
	op := orbit.NewID[orbit.Operation]()
	vendor := func(name string) func(orbit.ProductSheet) orbit.ProductPatch {
		return func(orbit.ProductSheet) orbit.ProductPatch { return orbit.ProductPatch{Vendor: &name} }
	}
	if _, err := m.patched(op, ids, vendor("Nord")); err != nil {
		t.Fatal(err)
	}
	if _, err := m.patched(orbit.NewID[orbit.Operation](), ids[1:2], vendor("Süd")); err != nil {
		t.Fatal(err)
	}
	if err := m.edits()(func(e *shop.Edit) error { return e.DeleteProduct(t.Context(), ids[2]) }); err != nil {
		t.Fatal(err)
	}
	now := m.sheets(ids)
	err := m.undone(op)
	if orbit.CodeOf(err) != orbit.Conflict || len(orbit.FaultsOf(err)) != 2 ||
		!strings.Contains(orbit.FaultsOf(err)[0].Message, "Shirt 1 was edited since") ||
		!strings.Contains(orbit.FaultsOf(err)[1].Message, "Shirt 2 was deleted since") {
		t.Fatalf("undone: %v %v", err, orbit.FaultsOf(err))
	}
	if !reflect.DeepEqual(m.sheets(ids), now) {
		t.Error("something was undone")
	}
	// What comes between the order and the job is noticed by the job.
	op = orbit.NewID[orbit.Operation]()
	if _, err := m.patched(op, ids[:2], vendor("West")); err != nil {
		t.Fatal(err)
	}
	if err := m.edits()(func(e *shop.Edit) error { _, err := e.Undo(t.Context(), op); return err }); err != nil {
		t.Fatal(err)
	}
	if _, err := m.patched(orbit.NewID[orbit.Operation](), ids[:1], vendor("Ost")); err != nil {
		t.Fatal(err)
	}
	now = m.sheets(ids)
	if err := shop.RunUndo(t.Context(), m.db, shop.UndoArgs{MerchantID: m.alpha, OperationID: op}); err != nil {
		t.Fatal(err)
	}
	m.in(m.alpha, func(ctx context.Context, tn *shop.Tenant) error {
		o, err := tn.Operation(ctx, op)
		if o.Status != orbit.OperationDone || !strings.Contains(o.Failure, "later changes") {
			t.Errorf("%+v", o)
		}
		return err
	})
	if !reflect.DeepEqual(m.sheets(ids), now) {
		t.Error("something was undone")
	}
}

// TestBulkEditAllOrNone: one fault, and nothing is written; another shop's product isn't there.
func TestBulkEditAllOrNone(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	ids := m.products(2)
	before := m.sheets(ids)
	_, err := m.patched(orbit.NewID[orbit.Operation](), ids, func(s orbit.ProductSheet) orbit.ProductPatch {
		p := orbit.ProductPatch{Vendor: to("Nord")}
		if s.Product.ID == ids[1] {
			p.Handle = to("shirt-0")
		}
		return p
	})
	if orbit.CodeOf(err) != orbit.Invalid || !reflect.DeepEqual(m.sheets(ids), before) {
		t.Errorf("a handle that is taken: %v", err)
	}
	other := m.mug(m.beta)
	if err := shop.MemberOf(m.db, orbit.Actor{ID: m.owner(m.beta)}, m.beta, orbit.PermissionProducts).Change(t.Context(),
		func(e *shop.Edit) error { return e.CreateProduct(t.Context(), other, nil) }); err != nil {
		t.Fatal(err)
	}
	o, err := m.patched(orbit.NewID[orbit.Operation](), []orbit.ProductID{ids[0], other.ID},
		func(s orbit.ProductSheet) orbit.ProductPatch {
			if s.Product.ID == other.ID {
				t.Error("another shop's product was handed out")
			}
			return orbit.ProductPatch{Vendor: to("Nord")}
		})
	if err != nil || o.Products != 1 {
		t.Error(o, err)
	}
	if n := m.count(`SELECT count(*) FROM products WHERE merchant_id = $1 AND vendor = 'Nord'`, m.beta.String()); n != 0 {
		t.Error("another shop's product was changed")
	}
}

// TestUndoWithoutItsImage: an image that was deleted since is no longer shown, and keeps nothing from being undone.
func TestUndoWithoutItsImage(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	ids := m.products(1)
	media := orbit.NewID[orbit.Media]().String()
	m.sql(`INSERT INTO media (merchant_id, id, product_id, hash, name, width, height, bytes, position)
		VALUES ($1, $2, $3, repeat('a', 32), 'x', 1, 1, 1, 1)`, m.alpha.String(), media, ids[0].String())
	m.sql(`UPDATE variants SET media_id = $1 WHERE product_id = $2`, media, ids[0].String())
	op := orbit.NewID[orbit.Operation]()
	if _, err := m.patched(op, ids, func(orbit.ProductSheet) orbit.ProductPatch {
		return orbit.ProductPatch{Vendor: to("Nord")}
	}); err != nil {
		t.Fatal(err)
	}
	m.sql(`DELETE FROM media WHERE id = $1`, media)
	if err := m.undone(op); err != nil {
		t.Fatal(err)
	}
	if s := m.sheets(ids)[0]; s.Product.Vendor != "Fjell" || !s.Product.Variants[0].MediaID.IsZero() {
		t.Errorf("%+v", s.Product)
	}
}

// TestUndoAtTheLimit: of what is given back, as much comes as a quantity can hold.
func TestUndoAtTheLimit(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	ids := m.products(1)
	op := orbit.NewID[orbit.Operation]()
	variant := m.sheets(ids)[0].Product.Variants[0].ID
	if _, err := m.patched(op, ids, func(orbit.ProductSheet) orbit.ProductPatch {
		return orbit.ProductPatch{Set: []orbit.VariantPatch{{ID: variant, Quantity: to(0)}}}
	}); err != nil {
		t.Fatal(err)
	}
	m.sql(`UPDATE variants SET stock = $1 WHERE id = $2`, orbit.MaxStock-4, variant.String()) // received
	if err := m.undone(op); err != nil {
		t.Fatal(err)
	}
	if stock := m.sheets(ids)[0].Product.Variants[0].Stock; stock != orbit.MaxStock {
		t.Errorf("%d", stock)
	}
	m.balanced()
}

// TestUndoFails: what the database refuses ends in words, and the operation can be undone again.
func TestUndoFails(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	ids := m.products(1)
	op := orbit.NewID[orbit.Operation]()
	if _, err := m.patched(op, ids, func(orbit.ProductSheet) orbit.ProductPatch {
		return orbit.ProductPatch{Vendor: to("Nord")}
	}); err != nil {
		t.Fatal(err)
	}
	m.sql(`UPDATE operation_products SET before = jsonb_set(before, '{Product,Status}', '"none"')`)
	if err := m.undone(op); orbit.CodeOf(err) != orbit.Internal {
		t.Errorf("undone: %v", err)
	}
	m.in(m.alpha, func(ctx context.Context, tn *shop.Tenant) error {
		o, err := tn.Operation(ctx, op)
		if !o.CanUndo(time.Now()) || o.Failure == "" {
			t.Errorf("%+v", o)
		}
		return err
	})
	if s := m.sheets(ids)[0]; s.Product.Vendor != "Nord" {
		t.Errorf("%+v", s.Product)
	}
}
