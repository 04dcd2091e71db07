package shop_test

import (
	"context"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

// downgraded is a shop that changed to a plan of fewer products than it has.
type downgraded struct {
	*market
	edit func(func(context.Context, *shop.Edit) error) error
}

func downgrade(t *testing.T, products int64) downgraded {
	t.Helper()
	m := newMarket(t)
	owner := m.plans(m.alpha)
	m.begins(m.alpha, time.Minute)
	m.limits("professional", fmt.Sprintf(`{"products": %d}`, products))
	d := downgraded{m, func(do func(context.Context, *shop.Edit) error) error {
		return owner(m.db).Change(t.Context(), func(e *shop.Edit) error { return do(t.Context(), e) })
	}}
	preview := m.sheet(m.alpha).Preview(m.plan("professional"))
	if full := preview.Exceeded(); len(full) != 1 || full[0].Used != 3 || *full[0].Value != products ||
		*full[0].Was != 100 {
		t.Errorf("%+v", full)
	}
	if err := d.edit(func(ctx context.Context, e *shop.Edit) error {
		return e.ChangePlan(ctx, preview.Change())
	}); err != nil {
		t.Fatal(err)
	}
	return d
}

// byAge returns the shop's products, oldest first.
func (d downgraded) byAge() (ids []orbit.ProductID) {
	d.Helper()
	rows, err := d.super.Query(d.Context(), `SELECT id::text FROM products WHERE merchant_id = $1 ORDER BY created_at, id`,
		d.alpha.String())
	if err != nil {
		d.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			d.Fatal(err)
		}
		product, err := orbit.ParseID[orbit.Product](id)
		if err != nil {
			d.Fatal(err)
		}
		ids = append(ids, product)
	}
	return ids
}

// retitle edits a product as its form does.
func (d downgraded) retitle(id orbit.ProductID, status orbit.ProductStatus) error {
	return d.edit(func(ctx context.Context, e *shop.Edit) error {
		s, err := e.Sheet(ctx, id)
		if err != nil {
			return err
		}
		f := s.Form()
		f.Title, f.Status = f.Title+" anew", status
		_, err = e.UpdateProduct(ctx, id, s.Product.Version, f)
		return err
	})
}

// readOnly returns which of the products are read-only, by the list and by their own pages.
func (d downgraded) readOnly() (list, sheets map[orbit.ProductID]bool) {
	d.Helper()
	list, sheets = map[orbit.ProductID]bool{}, map[orbit.ProductID]bool{}
	d.in(d.alpha, func(ctx context.Context, t *shop.Tenant) error {
		rows, _, err := t.ProductRows(ctx, shop.ProductFilter{Limit: 50})
		for _, r := range rows {
			if r.ReadOnly {
				list[r.ID] = true
			}
			s, err := t.Sheet(ctx, r.ID)
			if err != nil {
				return err
			}
			if s.ReadOnly {
				sheets[r.ID] = true
			}
		}
		return err
	})
	return list, sheets
}

// TestExcess: after a change to a smaller plan the newest products beyond the limit are read-only. Nothing is deleted
// and what is on sale stays so; nothing is added, and no draft becomes active. With room they can be edited again.
func TestExcess(t *testing.T) {
	t.Parallel()
	d := downgrade(t, 2)
	ids := d.byAge()
	newest := ids[2]
	d.sql(`UPDATE products SET status = 'draft' WHERE id = $1`, ids[1].String())
	list, sheets := d.readOnly()
	if len(list) != 1 || !list[newest] || len(sheets) != 1 || !sheets[newest] {
		t.Errorf("read-only by the list %v, by the pages %v, want %v", list, sheets, newest)
	}
	if err := d.retitle(ids[0], orbit.ProductActive); err != nil {
		t.Error("one within the limit can't be edited:", err)
	}
	if err := d.retitle(ids[1], orbit.ProductDraft); err != nil {
		t.Error("a draft within the limit can't be edited:", err)
	}
	if err := d.retitle(ids[1], orbit.ProductActive); orbit.CodeOf(err) != orbit.Conflict {
		t.Error("a draft became active:", err)
	}
	if err := d.edit(func(ctx context.Context, e *shop.Edit) error {
		return e.CreateProduct(ctx, d.mug(d.alpha), nil)
	}); orbit.CodeOf(err) != orbit.Conflict {
		t.Error("a product was added:", err)
	}
	if err := d.retitle(newest, orbit.ProductActive); orbit.CodeOf(err) != orbit.Conflict {
		t.Error("a read-only product was edited:", err)
	}
	var status string
	err := d.super.QueryRow(t.Context(), `SELECT status FROM products WHERE id = $1`, newest.String()).Scan(&status)
	if err != nil || status != "active" {
		t.Error("it doesn't stay on sale:", status, err)
	}
	for range 2 {
		if err := d.edit(func(ctx context.Context, e *shop.Edit) error {
			return e.DraftProduct(ctx, newest)
		}); err != nil {
			t.Error("it can't be made a draft:", err)
		}
	}
	if err := d.edit(func(ctx context.Context, e *shop.Edit) error {
		return e.DeleteProduct(ctx, ids[0])
	}); err != nil {
		t.Fatal(err)
	}
	if list, sheets := d.readOnly(); len(list)+len(sheets) != 0 {
		t.Errorf("with room still read-only: %v %v", list, sheets)
	}
	if err := d.retitle(newest, orbit.ProductActive); err != nil {
		t.Error("with room it can't be edited:", err)
	}
}

// TestPreviewNamesExcess: the products that a preview names are those that are read-only after the change, the newest
// first, and it says how many it doesn't name.
func TestPreviewNamesExcess(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		limits          string
		before, unnamed int // products beside the first three
	}{{`{"products": 0}`, 0, 0}, {`{"products": 1}`, 0, 0}, {`{"products": 3}`, 0, 0}, {`{}`, 0, 0},
		{`{"products": 3}`, 10, 0}, {`{"products": 2}`, 20, 11}} {
		t.Run(fmt.Sprint(tt.limits, tt.before), func(t *testing.T) {
			t.Parallel()
			m := newMarket(t)
			owner := m.plans(m.alpha)
			m.begins(m.alpha, time.Minute)
			m.limits("professional", tt.limits)
			m.sql(`INSERT INTO products (merchant_id, id, handle, title, created_at) SELECT merchant, gen_random_uuid(),
				'more-' || n, 'More ' || n, now() - n * interval '1 hour'
				FROM unnest($1::uuid[]) merchant, generate_series(1, $2) n`,
				[]string{m.alpha.String(), m.beta.String()}, tt.before)
			d := downgraded{m, func(do func(context.Context, *shop.Edit) error) error {
				return owner(m.db).Change(t.Context(), func(e *shop.Edit) error { return do(t.Context(), e) })
			}}
			var preview orbit.PlanPreview
			m.in(m.alpha, func(ctx context.Context, in *shop.Tenant) (err error) {
				preview, err = in.PreviewPlan(ctx, m.sheet(m.alpha), m.plan("professional"))
				return err
			})
			if list, sheets := d.readOnly(); len(list)+len(sheets) != 0 {
				t.Error("read-only before the change:", list, sheets)
			}
			if err := d.edit(func(ctx context.Context, e *shop.Edit) error {
				return e.ChangePlan(ctx, preview.Change())
			}); err != nil {
				t.Fatal(err)
			}
			list, _ := d.readOnly()
			newest := d.byAge()
			slices.Reverse(newest)
			for i, named := range preview.ReadOnly {
				if named.ID != newest[i] || !list[named.ID] || named.Title == "" {
					t.Errorf("%d: %+v named, %v is read-only %v", i, named, newest[i], list[newest[i]])
				}
			}
			if len(preview.ReadOnly)+preview.Unnamed != len(list) || preview.Unnamed != tt.unnamed {
				t.Errorf("%d named and %d unnamed, %d are read-only", len(preview.ReadOnly), preview.Unnamed, len(list))
			}
		})
	}
}

// TestExcessImages: the images of a read-only product are read-only, those of others and of the shop aren't.
func TestExcessImages(t *testing.T) {
	t.Parallel()
	d := downgrade(t, 2)
	ids := d.byAge()
	image := orbit.NewID[orbit.Media]()
	for what, do := range map[string]func(context.Context, *shop.Edit, orbit.ProductID) error{
		"added": func(ctx context.Context, e *shop.Edit, id orbit.ProductID) error {
			_, err := e.ReserveImage(ctx, orbit.Media{MerchantID: d.alpha, ID: orbit.NewID[orbit.Media](),
				ProductID: id, Hash: fmt.Sprintf("%032x", time.Now().UnixNano()), Name: "b.png", Bytes: 1})
			return err
		},
		"described": func(ctx context.Context, e *shop.Edit, id orbit.ProductID) error {
			return e.DescribeImage(ctx, id, image, "A mug.")
		},
		"moved": func(ctx context.Context, e *shop.Edit, id orbit.ProductID) error {
			return e.MoveImage(ctx, id, image, 1)
		},
		"deleted": func(ctx context.Context, e *shop.Edit, id orbit.ProductID) error {
			return e.DeleteImage(ctx, id, image)
		},
	} {
		for i, id := range []orbit.ProductID{ids[0], {}, ids[2]} {
			d.sql(`DELETE FROM media`)
			d.sql(`INSERT INTO media (merchant_id, id, product_id, hash, name, width, height, bytes, position)
				VALUES ($1, $2, nullif($3, '00000000-0000-0000-0000-000000000000')::uuid, md5('a'), 'a.png', 1, 1, 5, 1)`,
				d.alpha.String(), image.String(), id.String())
			err := d.edit(func(ctx context.Context, e *shop.Edit) error { return do(ctx, e, id) })
			if refused := orbit.CodeOf(err) == orbit.Conflict; refused != (i == 2) || (err != nil && !refused) {
				t.Errorf("image %d %s: %v", i, what, err)
			}
		}
	}
}

// TestExcessAtOnce: while the plan is changed, no edit of what becomes read-only comes after the change.
func TestExcessAtOnce(t *testing.T) {
	t.Parallel()
	d := downgrade(t, 2)
	newest := d.byAge()[2]
	d.sql(`UPDATE plans SET limits = '{"products": 3}' WHERE slug = 'enterprise'`)
	var well atomic.Int64
	for range 4 {
		larger := d.sheet(d.alpha).Preview(d.plan("enterprise")).Change()
		if err := d.edit(func(ctx context.Context, e *shop.Edit) error { return e.ChangePlan(ctx, larger) }); err != nil {
			t.Fatal(err)
		}
		smaller := d.sheet(d.alpha).Preview(d.plan("professional")).Change()
		d.race(8, func(i int) error {
			if i == 0 {
				return d.edit(func(ctx context.Context, e *shop.Edit) error { return e.ChangePlan(ctx, smaller) })
			}
			err := d.retitle(newest, orbit.ProductActive)
			if err == nil {
				well.Add(1)
			} else if orbit.CodeOf(err) != orbit.Conflict {
				t.Error(err)
			}
			return nil
		})
		late := d.count(`SELECT count(*) FROM audit_log WHERE action = 'product.updated' AND id >
			(SELECT max(id) FROM audit_log WHERE action = 'merchant.plan')`)
		if late != 0 {
			t.Errorf("%d edits after the plan allowed none", late)
		}
	}
	if n := d.count(`SELECT count(*) FROM audit_log WHERE action = 'product.updated'`); n != well.Load() {
		t.Errorf("%d edits in the audit log, %d reported", n, well.Load())
	}
}
