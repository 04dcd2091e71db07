package shop_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

// imported adds an import of alpha's that runs.
func (m *market) imported() orbit.Import {
	m.Helper()
	i := orbit.Import{MerchantID: m.alpha, ID: orbit.NewID[orbit.Import](), FileName: "a.csv",
		Hash:  strings.Repeat("a", 32),
		Bytes: 1, Overwrite: true, RunAtOnce: true}
	if err := m.edits()(func(e *shop.Edit) error { return e.AddImport(m.Context(), i) }); err != nil {
		m.Fatal(err)
	}
	i.Status, i.Rows, i.Created = orbit.ImportChecked, 4, 2
	if err := shop.ImportChecked(m.Context(), m.db, i); err != nil {
		m.Fatal(err)
	}
	m.in(m.alpha, func(ctx context.Context, t *shop.Tenant) (err error) { i, err = t.Import(ctx, i.ID); return err })
	if i.Status != orbit.ImportRunning {
		m.Fatalf("%+v", i)
	}
	return i
}

// step imports one product of a handle, as a file's line says.
func (m *market) step(i orbit.Import, handle, quantity string) (orbit.Import, error) {
	m.Helper()
	h, err := orbit.ReadFileHeader([]string{"Handle", "Title", "Price", "Inventory quantity"})
	if err != nil {
		m.Fatal(err)
	}
	next := i
	err = shop.ImportStep(m.Context(), m.db, i, []string{handle}, func(there map[string]orbit.ProductSheet,
		u orbit.Units) (orbit.Import, []shop.ImportWrite) {
		now, known := there[handle]
		if !known {
			now = orbit.NewProduct(m.alpha, orbit.NewID[orbit.Product](), u, time.Now())
		}
		edit := h.Edit(orbit.FileProduct{Handle: handle, Rows: []orbit.FileRow{{Line: 2, Cells: []string{handle, handle, "5",
			quantity}}}}, now, false, time.Now())
		next = i
		next.Done++
		next.Created++
		return next, []shop.ImportWrite{{Edit: edit.Edit, Images: []orbit.FileImage{{URL: "https://example.com/a.jpg"}}}}
	})
	return next, err
}

// TestImportStepOnce: a step that is done again, by a job that a crash has repeated or by a second process, changes
// nothing; a finished import takes no step.
func TestImportStepOnce(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	i := m.imported()
	next, err := m.step(i, "bowl", "7")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := m.step(i, "bowl", "7"); !shop.Overtaken(err) {
		t.Errorf("the same step again: %v", err)
	}
	if _, err := m.step(i, "cup", "7"); !shop.Overtaken(err) {
		t.Errorf("another from the same place: %v", err)
	}
	if next, err = m.step(next, "cup", "7"); err != nil {
		t.Fatal(err)
	}
	if n := m.count(`SELECT count(*) FROM products WHERE merchant_id = $1 AND handle IN ('bowl', 'cup')`,
		m.alpha.String()); n != 2 {
		t.Errorf("%d products", n)
	}
	if n := m.count(`SELECT count(*) FROM import_images WHERE merchant_id = $1`, m.alpha.String()); n != 2 {
		t.Errorf("%d images", n)
	}
	// It can be neither undone while it runs nor go on once it is done.
	op := orbit.OperationID(i.ID)
	if err := m.undone(op); orbit.CodeOf(err) != orbit.Conflict {
		t.Errorf("undone while it runs: %v", err)
	}
	next.Status = orbit.ImportDone
	if err := shop.FinishImport(t.Context(), m.db, next); err != nil {
		t.Fatal(err)
	}
	if _, err := m.step(next, "late", "7"); !shop.Overtaken(err) {
		t.Errorf("after its end: %v", err)
	}
	if err := m.undone(op); err != nil {
		t.Fatal(err)
	}
	if n := m.count(`SELECT count(*) FROM products WHERE merchant_id = $1 AND handle IN ('bowl', 'cup', 'late')`,
		m.alpha.String()); n != 0 {
		t.Errorf("%d products after undoing", n)
	}
}

// TestImportsGoOn: what is unfinished and has no job gets one: imports, their images, and undoing.
func TestImportsGoOn(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	i := m.imported()
	next, err := m.step(i, "bowl", "7")
	if err != nil {
		t.Fatal(err)
	}
	requeued := func(kind string, of func(context.Context, shop.Database, time.Duration) (int, error)) {
		t.Helper()
		m.sql(`DELETE FROM river_job`)
		n, err := of(t.Context(), m.db, 0)
		if err != nil || n != 1 || m.count(`SELECT count(*) FROM river_job WHERE kind = $1`, kind) != 1 {
			t.Errorf("%s: %d, %v", kind, n, err)
		}
		if n, err := of(t.Context(), m.db, 0); err != nil || n != 0 {
			t.Errorf("%s that has a job: %d, %v", kind, n, err)
		}
	}
	requeued("import", shop.RequeueImports)
	next.Status = orbit.ImportDone
	if err := shop.FinishImport(t.Context(), m.db, next); err != nil {
		t.Fatal(err)
	}
	requeued("fetch", shop.RequeueFetches)
	if err := m.edits()(func(e *shop.Edit) error {
		_, err := e.Undo(t.Context(), orbit.OperationID(i.ID))
		return err
	}); err != nil {
		t.Fatal(err)
	}
	requeued("undo", shop.RequeueUndos)
}

// TestFaultsWithNUL: what the database can't keep of a fault leaves no import unfinished.
func TestFaultsWithNUL(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	i := orbit.Import{MerchantID: m.alpha, ID: orbit.NewID[orbit.Import](), FileName: "a.csv",
		Hash: strings.Repeat("a", 32), Bytes: 1}
	if err := m.edits()(func(e *shop.Edit) error { return e.AddImport(t.Context(), i) }); err != nil {
		t.Fatal(err)
	}
	i.Status = orbit.ImportChecked
	i.Errors = []orbit.ImportFault{{Line: 2, Column: "Pr\x00ice", Value: "1\x00", Message: "No\x00."}}
	if err := shop.ImportChecked(t.Context(), m.db, i); err != nil {
		t.Fatal(err)
	}
	m.in(m.alpha, func(ctx context.Context, t *shop.Tenant) (err error) { i, err = t.Import(ctx, i.ID); return err })
	if len(i.Errors) != 1 || i.Errors[0] != (orbit.ImportFault{Line: 2, Column: "Price", Value: "1", Message: "No."}) {
		t.Errorf("%+v", i)
	}
}

// created imports one product, to the end of the import, and returns its operation, its sheet and its image to come.
func (m *market) created() (op orbit.OperationID, s orbit.ProductSheet, image orbit.ImportImage) {
	m.Helper()
	i := m.imported()
	i, err := m.step(i, "bowl", "7")
	if err != nil {
		m.Fatal(err)
	}
	i.Status = orbit.ImportDone
	if err := shop.FinishImport(m.Context(), m.db, i); err != nil {
		m.Fatal(err)
	}
	m.in(m.alpha, func(ctx context.Context, t *shop.Tenant) error {
		all, err := t.SheetsByHandle(ctx, []string{"bowl"})
		if err != nil {
			return err
		}
		images, err := t.ImportImages(ctx, i.ID, orbit.ImportImageWaiting, 2)
		s, image = all[0], images[0]
		return err
	})
	return orbit.OperationID(i.ID), s, image
}

// media makes an image of alpha's as an upload does.
func (m *market) media(product orbit.ProductID) orbit.MediaID {
	m.Helper()
	id := orbit.NewID[orbit.Media]()
	m.sql(`INSERT INTO media (merchant_id, id, product_id, hash, name, width, height, bytes, position)
		VALUES ($1, $2, $3, $4, 'x', 1, 1, 1, 1)`, m.alpha.String(), id.String(), product.String(), shop.NewHash())
	return id
}

// TestUndoKeepsWhatPeopleDid: a product that an import has created isn't deleted with the quantities and images that
// people gave it since; what was sold, and the import's own images, keep nothing from being undone.
func TestUndoKeepsWhatPeopleDid(t *testing.T) {
	t.Parallel()
	refused := func(m *market, op orbit.OperationID, want string) {
		t.Helper()
		err := m.undone(op)
		if orbit.CodeOf(err) != orbit.Conflict || len(orbit.FaultsOf(err)) != 1 ||
			orbit.FaultsOf(err)[0].Message != want {
			t.Errorf("undone: %v %v", err, orbit.FaultsOf(err))
		}
	}
	for _, why := range []string{"", "quantities", "images"} {
		t.Run(why, func(t *testing.T) {
			t.Parallel()
			m := newMarket(t)
			op, s, image := m.created()
			image.MediaID, image.Status = m.media(s.Product.ID), orbit.ImportImageReady
			if err := shop.ImageFetched(t.Context(), m.db, image); err != nil {
				t.Fatal(err)
			}
			change := func(reason string) {
				m.sql(`WITH why AS (SELECT set_config('orbit.inventory', $2, true))
					UPDATE variants SET stock = stock - 1 FROM why WHERE id = $1`, s.Product.Variants[0].ID.String(),
					`{"reason": "`+reason+`"}`)
			}
			change("sold")
			switch why {
			case "quantities":
				change("damage")
				refused(m, op, "bowl has other quantities since.")
				return
			case "images":
				m.media(s.Product.ID)
				refused(m, op, "bowl has other images since.")
				return
			}
			if err := m.undone(op); err != nil {
				t.Fatal(err, orbit.FaultsOf(err))
			}
			if n := m.count(`SELECT count(*) FROM media WHERE product_id = $1`, s.Product.ID.String()); n != 0 {
				t.Errorf("%d images", n)
			}
		})
	}
}

// TestUndoWhileAnImageComes: an image that is being made when its import is undone isn't there afterward.
func TestUndoWhileAnImageComes(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	_, s, image := m.created()
	image.MediaID = orbit.NewID[orbit.Media]()
	if err := shop.ImageComing(t.Context(), m.db, image); err != nil {
		t.Fatal(err)
	}
	if n := m.count(`SELECT count(*) FROM import_images WHERE id = $1 AND media_id = $2`, image.ID.String(),
		image.MediaID.String()); n != 1 {
		t.Error("the media to come isn't noted")
	}
	m.sql(`DELETE FROM import_images WHERE id = $1`, image.ID.String()) // as undoing does
	if err := shop.ImageComing(t.Context(), m.db, image); !shop.Overtaken(err) {
		t.Errorf("an image that is no longer wanted: %v", err)
	}
	image.MediaID, image.Status = m.media(s.Product.ID), orbit.ImportImageReady
	for range 2 {
		if err := shop.ImageFetched(t.Context(), m.db, image); err != nil {
			t.Fatal(err)
		}
	}
	if n := m.count(`SELECT count(*) FROM media WHERE product_id = $1`, s.Product.ID.String()); n != 0 {
		t.Errorf("%d images", n)
	}
}

// TestImportedBelowZero: a file says exactly how many there are, below zero too, and undoing restores exactly that.
func TestImportedBelowZero(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	stock := func() int64 {
		return m.count(`SELECT sum(stock) FROM variants v JOIN products p ON p.id = v.product_id
			WHERE p.merchant_id = $1 AND p.handle = 'zed'`, m.alpha.String())
	}
	i := m.imported()
	next, err := m.step(i, "zed", "5")
	if err != nil {
		t.Fatal(err)
	}
	next.Status = orbit.ImportDone
	if err := shop.FinishImport(t.Context(), m.db, next); err != nil {
		t.Fatal(err)
	}
	i = m.imported()
	if next, err = m.step(i, "zed", "-2"); err != nil || stock() != -2 {
		t.Fatal(err, stock())
	}
	next.Status = orbit.ImportDone
	if err := shop.FinishImport(t.Context(), m.db, next); err != nil {
		t.Fatal(err)
	}
	if err := m.undone(orbit.OperationID(i.ID)); err != nil || stock() != 5 {
		t.Errorf("undone: %v, %d", err, stock())
	}
	m.balanced()
}
