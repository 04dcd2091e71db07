package dashboard

import (
	"context"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
	"orbit360.app/views/dashboard"
)

func (r routes) showReleases(c *fiber.Ctx, d desk) error {
	l := dashboard.ReleaseList{Merchant: d.Merchant, Now: time.Now(),
		ListQuery: kit.ListQuery(c, dashboard.ReleasesPath(d.Merchant), nil)}
	l.Text = "" // there is nothing to search for
	err := d.read(c, func(ctx context.Context, t *shop.Tenant) error {
		// The numbers run from 1 without a gap: the newest says how many there are.
		newest, err := t.Releases(ctx, 1, 0)
		if err != nil {
			return err
		}
		for _, row := range newest {
			l.Total = row.Number
		}
		l.Rows, err = t.Releases(ctx, l.PerPage, l.Offset())
		return err
	})
	if err != nil {
		return err
	}
	r.allowShop(c, d.Merchant)
	return r.Render(c, fiber.StatusOK, dashboard.Releases(d.frame(), l))
}

// number reads the number of a release from the path.
func number(c *fiber.Ctx) (int, error) {
	n, err := strconv.Atoi(c.Params("number"))
	if err != nil || n < 1 || n > 1<<31-1 {
		return 0, orbit.Missing()
	}
	return n, nil
}

// release reads the release of the path.
func (d desk) release(c *fiber.Ctx) (release orbit.ReleaseRow, err error) {
	n, err := number(c)
	if err != nil {
		return release, err
	}
	err = d.read(c, func(ctx context.Context, t *shop.Tenant) (err error) {
		release, err = t.ReleaseByNumber(ctx, n)
		return err
	})
	return release, err
}

// createReleasePreview leads to the shop as it looked, or would look, in a release.
func (r routes) createReleasePreview(c *fiber.Ctx, d desk) error {
	release, err := d.release(c)
	if err != nil {
		return err
	}
	url, err := r.draft(c, d, release.Release, "/")
	if err != nil {
		return err
	}
	return kit.Leave(c, url)
}

func (r routes) newRollback(c *fiber.Ctx, d desk) error {
	release, err := d.release(c)
	if err != nil {
		return err
	}
	if release.Current {
		r.Toast(c, "Version "+strconv.Itoa(release.Number)+" is already live.")
		return kit.See(c, dashboard.ReleasesPath(d.Merchant))
	}
	return r.ask(c, d, dashboard.RollbackQuestion(d.Merchant, release, time.Now()))
}

func (r routes) createRollback(c *fiber.Ctx, d desk) error {
	n, err := number(c)
	if err != nil {
		return err
	}
	err = d.change(c, func(ctx context.Context, e *shop.Edit) error { return e.RollBackRelease(ctx, n) })
	if err != nil {
		return err
	}
	r.Toast(c, "Version "+strconv.Itoa(n)+" is live again.")
	return kit.See(c, dashboard.ReleasesPath(d.Merchant))
}
