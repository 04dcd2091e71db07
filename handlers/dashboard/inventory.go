package dashboard

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
	"orbit360.app/views/dashboard"
)

func (r routes) showInventory(c *fiber.Ctx, d desk) error {
	l, err := r.inventory(c, d)
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, dashboard.Inventory(d.frame(), l))
}

// inventory reads one page of the list.
func (r routes) inventory(c *fiber.Ctx, d desk) (l dashboard.InventoryList, err error) {
	l = dashboard.InventoryList{Merchant: d.Merchant, Batch: orbit.NewID[orbit.InventoryForm](),
		ListQuery: kit.ListQuery(c, dashboard.InventoryPath(d.Merchant), dashboard.InventoryStates)}
	err = d.read(c, func(ctx context.Context, t *shop.Tenant) (err error) {
		l.Rows, l.Total, err = t.Inventory(ctx, shop.InventoryFilter{State: l.Status, Query: l.Text, Limit: l.PerPage,
			Offset: l.Offset()})
		return err
	})
	return l, err
}

func (r routes) createAdjustments(c *fiber.Ctx, d desk) error {
	form, err := readInventory(c)
	if err != nil {
		return err
	}
	err = d.change(c, func(ctx context.Context, e *shop.Edit) error { return e.AdjustInventory(ctx, form) })
	if kit.Refuses(err) {
		l, readErr := r.inventory(c, d)
		if readErr != nil {
			return readErr
		}
		l.Typed, l.Faults, l.Problem = form, kit.Faults(err), orbit.Sentence(err)
		return r.Render(c, kit.Refused(c, err), dashboard.Inventory(d.frame(), l))
	}
	if err != nil {
		return err
	}
	r.Toast(c, "Inventory saved.")
	q := kit.ListQuery(c, dashboard.InventoryPath(d.Merchant), dashboard.InventoryStates)
	return kit.See(c, q.Href(q.Status, q.Page))
}

// readInventory returns the quantities that a form sends.
func readInventory(c *fiber.Ctx) (f orbit.InventoryForm, err error) {
	if f.Batch, err = orbit.ParseID[orbit.InventoryForm](c.FormValue("batch")); err != nil {
		return f, err
	}
	f.Reason, f.Note = orbit.InventoryReason(c.FormValue("reason")), c.FormValue("note")
	for key, values := range kit.Form(c) {
		name, id, ok := strings.Cut(key, ".")
		if !ok || name != "stock" || len(values) == 0 || len(f.Rows) > orbit.MaxAdjusted {
			continue
		}
		variant, err := orbit.ParseID[orbit.Variant](id)
		was, notNumber := strconv.ParseInt(c.FormValue("was."+id), 10, 32)
		if err != nil || notNumber != nil {
			return f, orbit.Errorf(orbit.Malformed, "The form is incomplete. Open the page again and retry.")
		}
		f.Rows = append(f.Rows, orbit.InventoryLine{ID: variant, Quantity: values[0], Was: int(was)})
	}
	slices.SortFunc(f.Rows, func(a, b orbit.InventoryLine) int { return strings.Compare(a.ID.String(), b.ID.String()) })
	return f, nil
}

func (r routes) showLedger(c *fiber.Ctx, d desk) error {
	product, err := id[orbit.Product](c, "product")
	if err != nil {
		return err
	}
	l := dashboard.InventoryLedger{Merchant: d.Merchant, Now: time.Now(),
		ListQuery: kit.ListQuery(c, dashboard.ProductPath(d.Merchant, product, "/inventory"), nil)}
	err = d.read(c, func(ctx context.Context, t *shop.Tenant) error {
		s, err := t.Sheet(ctx, product)
		if err != nil {
			return err
		}
		l.Product, l.Zone = s.Product, s.Units.Zone
		rows, total, err := t.Ledger(ctx, product, l.PerPage, l.Offset())
		for _, row := range rows {
			l.Rows = append(l.Rows, dashboard.LedgerRow{Adjustment: row.Adjustment, Variant: row.Variant, Order: row.OrderName})
		}
		l.Total = total
		return err
	})
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, dashboard.Ledger(d.frame(), l))
}
