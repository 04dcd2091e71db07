package dashboard

import (
	"context"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/shop"
	"orbit360.app/views/dashboard"
	"orbit360.app/views/ui"
)

// showActivity lists what was done in the shop: by all, one person or the platform's support, in all areas or one.
func (r routes) showActivity(c *fiber.Ctx, d desk) error {
	ctx := c.UserContext()
	q, from := kit.NewestQuery(c, dashboard.ActivityPath(d.Merchant), "area", dashboard.ActivityStates())
	l := dashboard.ActivityList{ListQuery: q, Merchant: d.Merchant, Now: time.Now(), Who: c.Query("who")}
	l.Text = ""
	if err := d.read(c, func(ctx context.Context, t *shop.Tenant) (err error) {
		l.Staff, err = t.Staff(ctx)
		return err
	}); err != nil {
		return err
	}
	f := store.ActivityFilter{Merchant: d.Merchant.ID, Areas: dashboard.ActivityAreas(q.Status), From: from,
		Limit: ui.PerPage}
	if f.Support = l.Who == dashboard.WhoSupport; !f.Support && l.Who != "" {
		var err error
		if f.Person, err = orbit.ParseID[orbit.User](l.Who); err != nil {
			return err
		}
	}
	if l.Who != "" {
		l.Keep = []ui.Hidden{{Name: "who", Value: l.Who}}
	}
	page, err := r.DB.Activity(ctx, f)
	if err != nil {
		return err
	}
	l.Rows = orbit.FoldActivity(page.Rows)
	l.Newer, l.Older = kit.Places(page, func(e orbit.ActivityLine) store.Place {
		return store.Place{At: e.At, ID: strconv.FormatInt(e.ID, 10)}
	})
	return r.Render(c, fiber.StatusOK, dashboard.Activity(d.frame(), l))
}
