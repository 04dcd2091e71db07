package dashboard

import (
	"context"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
	"orbit360.app/views/dashboard"
)

// showShares lists the previews that others see by a link.
func (r routes) showShares(c *fiber.Ctx, d desk) error {
	list := dashboard.ShareList{Merchant: d.Merchant, Now: time.Now()}
	err := d.read(c, func(ctx context.Context, t *shop.Tenant) (err error) {
		list.Shares, err = t.SharedPreviews(ctx)
		return err
	})
	if err != nil {
		return err
	}
	for _, s := range list.Shares {
		list.Links = append(list.Links, r.PreviewUntil(d.Merchant, s.ID, "/", s.ExpiresAt))
	}
	return r.Render(c, fiber.StatusOK, dashboard.Shares(d.frame(), list))
}

// createShare makes a link to the shop in the form's settings. Those that can't be used are as if they hadn't been
// given.
func (r routes) createShare(c *fiber.Ctx, d desk) error {
	form := kit.Form(c)
	e, err := r.editing(c, d, form.Get("theme"))
	if err != nil {
		return err
	}
	config, _ := e.since(form)
	kept, err := e.keep(c, config, form)
	if err != nil {
		return err
	}
	days := dashboard.ShareDays()
	i := max(0, slices.IndexFunc(days, func(o dashboard.ShareFor) bool { return o.Value == form.Get("share_for") }))
	err = d.change(c, func(ctx context.Context, edit *shop.Edit) error {
		return edit.SharePreview(ctx, kept, days[i].For)
	})
	if err != nil {
		return err
	}
	r.Toast(c, "The link is ready. Copy it from the list.")
	return kit.See(c, dashboard.SharesPath(d.Merchant))
}

// createShareRevocation ends a link.
func (r routes) createShareRevocation(c *fiber.Ctx, d desk) error {
	share, err := id[orbit.Release](c, "share")
	if err != nil {
		return err
	}
	err = d.change(c, func(ctx context.Context, e *shop.Edit) error { return e.RevokePreview(ctx, share) })
	if err != nil {
		return err
	}
	r.Toast(c, "The link no longer works.")
	return kit.See(c, dashboard.SharesPath(d.Merchant))
}
