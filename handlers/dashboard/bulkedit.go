package dashboard

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
	"orbit360.app/views/dashboard"
)

// usualColumns holds those that a bulk edit shows first.
var usualColumns = []orbit.BulkColumn{orbit.BulkStatus, orbit.BulkPrice, orbit.BulkCompareAt, orbit.BulkQuantity}

// bulkColumns reads which columns are asked for, in their usual order.
func bulkColumns(asked []string) (columns []orbit.BulkColumn) {
	for _, c := range orbit.BulkColumns() {
		if slices.Contains(asked, string(c.Value)) {
			columns = append(columns, c.Value)
		}
	}
	if len(columns) == 0 {
		return usualColumns
	}
	return columns
}

// newBulkEdit shows the products that were ticked, or all that the list finds.
func (r routes) newBulkEdit(c *fiber.Ctx, d desk) error {
	query := kit.Query(c)
	q := kit.ListQuery(c, dashboard.ProductsPath(d.Merchant), dashboard.ProductStates)
	s := dashboard.BulkSheet{Merchant: d.Merchant}
	err := d.read(c, func(ctx context.Context, t *shop.Tenant) (err error) {
		ids, err := pickedProducts(query["product"])
		if query.Get("all") == "true" {
			ids, err = t.ProductIDs(ctx, shop.ProductFilter{Status: orbit.ProductStatus(q.Status), Query: q.Text})
		}
		if err != nil {
			return err
		}
		if s.More = max(0, len(ids)-orbit.MaxBulkEdit); s.More > 0 {
			ids = ids[:orbit.MaxBulkEdit]
		}
		s.Sheets, err = t.Sheets(ctx, ids)
		return err
	})
	if err != nil {
		return err
	}
	if len(s.Sheets) == 0 {
		r.Toast(c, "Select products first.")
		return kit.See(c, q.Href(q.Status, q.Page))
	}
	s.Form = orbit.BulkFormOf(orbit.NewID[orbit.Operation](), bulkColumns(query["columns"]), s.Sheets)
	return r.renderBulk(c, d, fiber.StatusOK, s)
}

func pickedProducts(picked []string) (ids []orbit.ProductID, err error) {
	for _, text := range picked {
		id, err := orbit.ParseID[orbit.Product](text)
		if err != nil {
			return nil, err
		}
		if !slices.Contains(ids, id) {
			ids = append(ids, id)
		}
	}
	return ids, nil
}

func (r routes) renderBulk(c *fiber.Ctx, d desk, status int, s dashboard.BulkSheet) error {
	s.Action = r.Ticket(dashboard.BulkPath(d.Merchant), time.Now())
	s.Was = orbit.BulkFormOf(s.Form.ID, s.Form.Columns, s.Sheets)
	return r.Render(c, status, dashboard.BulkEdit(d.frame(), s))
}

// readBulk returns the form as it was sent.
func readBulk(form url.Values) (f orbit.BulkForm, err error) {
	incomplete := orbit.Errorf(orbit.Malformed, "The form is incomplete. Open the page again and retry.")
	if f.ID, err = orbit.ParseID[orbit.Operation](form.Get("id")); err != nil {
		return f, err
	}
	f.Columns = bulkColumns(form["columns"])
	if len(form["product"]) > orbit.MaxBulkEdit {
		return f, orbit.Errorf(orbit.Invalid, "At most %d products can be edited at once.", orbit.MaxBulkEdit)
	}
	cells := func(id string, ofVariant bool) map[orbit.BulkColumn]string {
		out := map[orbit.BulkColumn]string{}
		for _, c := range f.Columns {
			if typed, ok := form[string(c)+"."+id]; ok && c.OfVariant() == ofVariant && len(typed) > 0 {
				out[c] = typed[0]
			}
		}
		return out
	}
	for _, product := range form["product"] {
		row := orbit.BulkRow{Cells: cells(product, false)}
		var failed error
		if row.ID, err = orbit.ParseID[orbit.Product](product); err != nil {
			return f, err
		}
		if row.Version, failed = strconv.Atoi(form.Get("version." + product)); failed != nil {
			return f, incomplete
		}
		for _, variant := range form["variant."+product] {
			v := orbit.BulkVariant{Cells: cells(variant, true)}
			if v.ID, err = orbit.ParseID[orbit.Variant](variant); err != nil {
				return f, err
			}
			if v.Was, failed = strconv.Atoi(form.Get("was." + variant)); failed != nil {
				return f, incomplete
			}
			row.Variants = append(row.Variants, v)
		}
		f.Rows = append(f.Rows, row)
	}
	return f, nil
}

// createBulkEdit previews what is done to all rows, or saves them: all or none.
func (r routes) createBulkEdit(c *fiber.Ctx, d desk) error {
	form := kit.Form(c)
	f, err := readBulk(form)
	if err != nil {
		return err
	}
	s := dashboard.BulkSheet{Merchant: d.Merchant, Form: f, Column: orbit.BulkColumn(form.Get("column")),
		Do: orbit.BulkAction(form.Get("action")), Value: form.Get("value")}
	ids := make([]orbit.ProductID, len(f.Rows))
	for i, row := range f.Rows {
		ids[i] = row.ID
	}
	if form.Get("do") == "apply" {
		if err := r.sheetsOf(c, d, &s, ids); err != nil {
			return err
		}
		next, err := s.Form.Apply(s.Column, s.Do, s.Value, s.Sheets[0].Units.Currency)
		if err != nil {
			return r.refuseBulk(c, d, s, err)
		}
		s.Form = next
		return r.renderBulk(c, d, fiber.StatusOK, s)
	}
	var o orbit.Operation
	err = d.change(c, func(ctx context.Context, e *shop.Edit) (err error) {
		o, err = e.BulkEdit(ctx, f.ID, ids, func(now []orbit.ProductSheet) ([]orbit.ProductEdit, error) {
			return f.Edits(now, time.Now())
		})
		return err
	})
	if kit.Refuses(err) {
		if err := r.sheetsOf(c, d, &s, ids); err != nil {
			return err
		}
		return r.refuseBulk(c, d, s, err)
	}
	if err != nil {
		return err
	}
	r.Toast(c, bulkDone(o.Products))
	return kit.See(c, dashboard.OperationsPath(d.Merchant))
}

func bulkDone(n int) string {
	if n == 1 {
		return "1 product saved."
	}
	return strconv.Itoa(n) + " products saved."
}

// sheetsOf reads the products of a form as they are now; those that are gone by now are left out of it.
func (r routes) sheetsOf(c *fiber.Ctx, d desk, s *dashboard.BulkSheet, ids []orbit.ProductID) error {
	err := d.read(c, func(ctx context.Context, t *shop.Tenant) (err error) {
		s.Sheets, err = t.Sheets(ctx, ids)
		return err
	})
	if err != nil {
		return err
	}
	if len(s.Sheets) == 0 {
		return orbit.Errorf(orbit.NotFound, "These products have been deleted.")
	}
	var rows []orbit.BulkRow
	for _, sheet := range s.Sheets {
		at := slices.IndexFunc(s.Form.Rows, func(r orbit.BulkRow) bool { return r.ID == sheet.Product.ID })
		rows = append(rows, s.Form.Rows[at])
	}
	s.Form.Rows = rows
	return nil
}

// refuseBulk shows the form again as it was typed, about what is there now.
func (r routes) refuseBulk(c *fiber.Ctx, d desk, s dashboard.BulkSheet, err error) error {
	s.Faults, s.Problem = kit.Faults(err), orbit.Sentence(err)
	if orbit.CodeOf(err) == orbit.Conflict {
		for _, f := range orbit.FaultsOf(err) {
			s.Differs = append(s.Differs, f.Message)
		}
	}
	for i := range s.Form.Rows {
		s.Form.Rows[i] = s.Form.Rows[i].Upon(s.Sheets[i].Product)
	}
	return r.renderBulk(c, d, kit.Refused(c, err), s)
}
