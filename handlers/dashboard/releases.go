package dashboard

import (
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/views/dashboard"
)

func (r routes) showReleases(c *fiber.Ctx) error {
	m, shops, err := r.active(c)
	if err != nil {
		return err
	}
	l := dashboard.ReleaseList{Merchant: m, Page: 1, Now: time.Now()}
	if n, err := strconv.Atoi(c.Query("page")); err == nil && n > 1 && n < 100_000 {
		l.Page = n
	}
	public, err := r.DB.CurrentRelease(c.UserContext(), m.ID)
	if err != nil {
		return err
	}
	l.Public = public.Number
	// The numbers run from 1 without a gap: the newest says how many there are.
	newest, err := r.DB.Releases(c.UserContext(), m.ID, 1, 0)
	if err != nil {
		return err
	}
	rows, err := r.DB.Releases(c.UserContext(), m.ID, dashboard.ReleasesPerPage, (l.Page-1)*dashboard.ReleasesPerPage)
	if err != nil {
		return err
	}
	for _, row := range newest {
		l.Total = row.Number
	}
	for _, row := range rows {
		l.Rows = append(l.Rows, dashboard.Release(row))
	}
	r.allowShop(c, m)
	return r.Render(c, fiber.StatusOK, dashboard.Releases(r.frame(c, shops), l))
}

// release is the one in the path, of a shop of the person's own.
func (r routes) release(c *fiber.Ctx) (m orbit.Merchant, shops []orbit.Merchant, release dashboard.Release, err error) {
	if m, shops, err = r.active(c); err != nil {
		return m, shops, release, err
	}
	number, err := strconv.Atoi(c.Params("number"))
	if err != nil || number < 1 || number > 1<<31-1 {
		return m, shops, release, errNoShop
	}
	row, err := r.DB.ReleaseByNumber(c.UserContext(), m.ID, number)
	return m, shops, dashboard.Release(row), err
}

// previewRelease leads to the shop as it looked, or would look, in a release.
func (r routes) previewRelease(c *fiber.Ctx) error {
	m, _, release, err := r.release(c)
	if err != nil {
		return err
	}
	url, err := r.draft(c, m, release.Release, "/")
	if err != nil {
		return err
	}
	return kit.Leave(c, url)
}

func (r routes) newRollback(c *fiber.Ctx) error {
	m, shops, release, err := r.release(c)
	if err != nil {
		return err
	}
	if release.Current {
		r.Toast(c, "Release "+strconv.Itoa(release.Number)+" is public already.")
		return kit.See(c, dashboard.ReleasesPath(m))
	}
	public, err := r.DB.CurrentRelease(c.UserContext(), m.ID)
	if err != nil {
		return err
	}
	q := dashboard.Rollback{Merchant: m, Release: release, Public: public.Number, Now: time.Now()}
	if kit.IsHTMX(c) {
		return r.Render(c, fiber.StatusOK, dashboard.RollbackDialog(q))
	}
	q.Page = true
	return r.Render(c, fiber.StatusOK, dashboard.RollbackPage(r.frame(c, shops), q))
}

func (r routes) createRollback(c *fiber.Ctx) error {
	m, _, release, err := r.release(c)
	if err != nil {
		return err
	}
	if err := r.DB.RollBackRelease(c.UserContext(), kit.User(c).ID, m.ID, release.Number, r.Actor(c)); err != nil {
		return err
	}
	r.Toast(c, "Release "+strconv.Itoa(release.Number)+" is public again.")
	return kit.See(c, dashboard.ReleasesPath(m))
}
