package dashboard

import (
	"context"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
	"orbit360.app/themes"
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
		live, err := t.CurrentRelease(ctx)
		if err != nil {
			return err
		}
		l.Live = live.Number
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
	return kit.Leave(c, r.PreviewURL(d.Merchant, release.ID, "/"))
}

// showComparison shows two releases side by side: those of the address, else the public one and the one before it.
func (r routes) showComparison(c *fiber.Ctx, d desk) error {
	p := dashboard.Comparison{Merchant: d.Merchant, Now: time.Now()}
	err := d.read(c, func(ctx context.Context, t *shop.Tenant) error {
		newest, err := t.Releases(ctx, 1, 0)
		if err != nil {
			return err
		}
		p.Newest = newest[0].Number // a shop that is set up has one
		if p.To, err = t.CurrentRelease(ctx); err != nil {
			return err
		}
		p.Public = p.To.Number
		for _, side := range []struct {
			name      string
			otherwise int
			row       *orbit.ReleaseRow
		}{{"to", p.To.Number, &p.To}, {"from", max(1, p.To.Number-1), &p.From}} {
			n, err := strconv.Atoi(c.Query(side.name))
			if err != nil || n < 1 || n > p.Newest {
				n = side.otherwise
			}
			if *side.row, err = t.ReleaseByNumber(ctx, n); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	from, to := r.engines[p.From.Engine], r.engines[p.To.Engine]
	if from == nil || to == nil {
		return orbit.Errorf(orbit.NotFound, "One of these versions has a theme that is no longer available.")
	}
	p.Changed = themes.Compare(from, to, p.From.Settings, p.To.Settings)
	p.FromSrc, p.ToSrc = r.PreviewURL(d.Merchant, p.From.ID, "/"), r.PreviewURL(d.Merchant, p.To.ID, "/")
	r.allowShop(c, d.Merchant)
	return r.Render(c, fiber.StatusOK, dashboard.Compare(d.frame(), p))
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
