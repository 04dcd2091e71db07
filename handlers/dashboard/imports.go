package dashboard

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"mime/multipart"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/imports"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
	"orbit360.app/views/dashboard"
)

// importList is how many rows a page of operations has.
const operationsPage = 50

func (r routes) importForm(d desk, id orbit.ImportID) dashboard.NewImport {
	return dashboard.NewImport{Merchant: d.Merchant, ID: id,
		Action: r.Ticket(dashboard.ImportsPath(d.Merchant), time.Now())}
}

func (r routes) newImport(c *fiber.Ctx, d desk) error {
	return r.Render(c, fiber.StatusOK, dashboard.ImportProducts(d.frame(), r.importForm(d, orbit.NewID[orbit.Import]())))
}

// createImport takes a file. Its fields come before it in the form.
func (r routes) createImport(c *fiber.Ctx, d desk) error {
	u := imports.Upload{}
	taken := false
	err := uploadsOf(c).parts(func(p *multipart.Part) error {
		if p.FormName() == "file" && !taken {
			if u.ID.IsZero() {
				return unreadable(errors.New("dashboard: the file came before the form's id"))
			}
			if p.FileName() == "" {
				return orbit.Errorf(orbit.Invalid, "Choose a CSV file first.")
			}
			taken = true
			u.Name, u.File = p.FileName(), p
			return r.Imports.Add(c.UserContext(), d.Shop, u)
		}
		value, err := io.ReadAll(io.LimitReader(p, 64))
		if err != nil {
			return unreadable(err)
		}
		switch p.FormName() {
		case "id":
			u.ID, err = orbit.ParseID[orbit.Import](string(value))
		case "overwrite":
			u.Overwrite = string(value) == "true"
		}
		return err
	})
	if err == nil && !taken {
		err = orbit.Errorf(orbit.Invalid, "Choose a CSV file first.")
	}
	if kit.Refuses(err) || orbit.CodeOf(err) == orbit.Unavailable || orbit.CodeOf(err) == orbit.TooLarge {
		form := r.importForm(d, orbit.NewID[orbit.Import]())
		form.Overwrite, form.Problem = u.Overwrite, orbit.Sentence(err)
		return r.Render(c, kit.Refused(c, err), dashboard.ImportProducts(d.frame(), form))
	}
	if err != nil {
		return err
	}
	return kit.See(c, dashboard.ImportPath(d.Merchant, u.ID, ""))
}

// importSheet reads what an import's page shows.
func importSheet(ctx context.Context, t *shop.Tenant, m orbit.Merchant, id orbit.ImportID) (s dashboard.ImportSheet,
	err error) {
	s = dashboard.ImportSheet{Merchant: m, Now: time.Now()}
	if s.Import, err = t.Import(ctx, id); err != nil {
		return s, err
	}
	if !s.OperationID.IsZero() {
		if s.Operation, err = t.Operation(ctx, s.OperationID); err != nil {
			return s, err
		}
	}
	if s.Images, err = t.CountImportImages(ctx, id); err == nil {
		s.Failures, err = t.ImportImages(ctx, id, orbit.ImportImageFailed, 100)
	}
	return s, err
}

func (r routes) showImport(c *fiber.Ctx, d desk) error { return r.importPage(c, d, nil) }

// importPage shows an import, with what is refused about it.
func (r routes) importPage(c *fiber.Ctx, d desk, refused error) error {
	key, err := id[orbit.Import](c, "import")
	if err != nil {
		return err
	}
	var s dashboard.ImportSheet
	err = d.read(c, func(ctx context.Context, t *shop.Tenant) (err error) {
		s, err = importSheet(ctx, t, d.Merchant, key)
		return err
	})
	if err != nil {
		return err
	}
	status := fiber.StatusOK
	if refused != nil {
		status = kit.Refused(c, refused)
		s.Problem = orbit.Sentence(refused)
	}
	return r.Render(c, status, dashboard.ImportPage(d.frame(), s))
}

func (r routes) createImportRun(c *fiber.Ctx, d desk) error {
	key, err := id[orbit.Import](c, "import")
	if err != nil {
		return err
	}
	erase := c.FormValue("erase") == "true"
	err = d.change(c, func(ctx context.Context, e *shop.Edit) error {
		_, err := e.RunImport(ctx, key, erase)
		return err
	})
	if kit.Refuses(err) {
		return r.importPage(c, d, err)
	}
	if err != nil {
		return err
	}
	return kit.See(c, dashboard.ImportPath(d.Merchant, key, ""))
}

// showFaultyLines sends the lines of the products that have faults, under the file's own header.
func (r routes) showFaultyLines(c *fiber.Ctx, d desk) error {
	key, err := id[orbit.Import](c, "import")
	if err != nil {
		return err
	}
	var i orbit.Import
	err = d.read(c, func(ctx context.Context, t *shop.Tenant) (err error) { i, err = t.Import(ctx, key); return err })
	if err != nil {
		return err
	}
	var file strings.Builder
	w := csv.NewWriter(&file)
	if err := r.Imports.Faulty(c.UserContext(), i, w.Write); err != nil {
		return err
	}
	w.Flush()
	c.Set(fiber.HeaderContentType, "text/csv; charset=utf-8")
	c.Attachment("faults.csv")
	return c.SendString(file.String())
}

func (r routes) showOperations(c *fiber.Ctx, d desk) error { return r.operationsPage(c, d, nil) }

func operationList(ctx context.Context, t *shop.Tenant, m orbit.Merchant, after string) (l dashboard.OperationList,
	err error) {
	l = dashboard.OperationList{Merchant: m, Now: time.Now()}
	settings, err := t.Settings(ctx)
	if err != nil {
		return l, err
	}
	l.Zone = settings.Location()
	var at time.Time
	last := ""
	if key, err := orbit.ParseID[orbit.Operation](after); err == nil {
		o, err := t.Operation(ctx, key)
		if err != nil {
			return l, err
		}
		at, last = o.CreatedAt, o.ID.String()
	}
	l.Rows, err = t.OperationsAfter(ctx, at, last, operationsPage+1)
	if len(l.Rows) > operationsPage {
		l.Rows = l.Rows[:operationsPage]
		l.Next = dashboard.OperationsPath(m) + "?after=" + l.Rows[operationsPage-1].ID.String()
	}
	return l, err
}

func (r routes) operationsPage(c *fiber.Ctx, d desk, refused error) error {
	var l dashboard.OperationList
	err := d.read(c, func(ctx context.Context, t *shop.Tenant) (err error) {
		l, err = operationList(ctx, t, d.Merchant, c.Query("after"))
		return err
	})
	if err != nil {
		return err
	}
	status := fiber.StatusOK
	if refused != nil {
		status = kit.Refused(c, refused)
		l.Problem = orbit.Sentence(refused)
		for _, f := range orbit.FaultsOf(refused) {
			l.InTheWay = append(l.InTheWay, f.Message)
		}
	}
	return r.Render(c, status, dashboard.Operations(d.frame(), l))
}

// createUndo undoes an operation. Where later changes stand in the way, the list says which.
func (r routes) createUndo(c *fiber.Ctx, d desk) error {
	key, err := id[orbit.Operation](c, "operation")
	if err != nil {
		return err
	}
	err = d.change(c, func(ctx context.Context, e *shop.Edit) error {
		_, err := e.Undo(ctx, key)
		return err
	})
	if kit.Refuses(err) {
		return r.operationsPage(c, d, err)
	}
	if err != nil {
		return err
	}
	r.Toast(c, "Undoing…")
	return kit.See(c, dashboard.OperationsPath(d.Merchant))
}

func (r routes) newExport(c *fiber.Ctx, d desk) error {
	q := kit.ListQuery(c, dashboard.ProductsPath(d.Merchant), dashboard.ProductStates)
	return r.Render(c, fiber.StatusOK, dashboard.ExportProducts(d.frame(), dashboard.ProductExport{Merchant: d.Merchant,
		Text: q.Text, Status: q.Status}))
}

func (r routes) exportProducts(c *fiber.Ctx, d desk) error {
	q := kit.ListQuery(c, dashboard.ProductsPath(d.Merchant), dashboard.ProductStates)
	form := orbit.ColumnForm(kit.Query(c).Get("columns"))
	if !orbit.ColumnForms().Has(form) {
		form = orbit.NewColumns
	}
	return r.ProductsCSV(c, d.Shop, shop.ProductFilter{Status: orbit.ProductStatus(q.Status), Query: q.Text}, form,
		r.Addresses.Shop(d.Merchant.Subdomain))
}
