package admin

import (
	"context"
	"slices"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/views/admin"
)

func (r routes) showRun(c *fiber.Ctx) error {
	id, err := kit.MerchantID(c)
	if err != nil {
		return err
	}
	v, err := r.DB.RunView(c.UserContext(), id)
	if err != nil {
		return err
	}
	return r.page(c, fiber.StatusOK, func(f admin.Frame) templ.Component { return admin.RunPage(f, v) })
}

// streamRun sends the panel as it is now, again after each change, and closes when the run is over.
func (r routes) streamRun(c *fiber.Ctx) error {
	m, err := r.merchant(c)
	if err != nil {
		return err
	}
	changes, cancel := r.feed.Subscribe(m.ID)
	var sent time.Time // the change that was sent last; the first panel answers no change
	return r.Stream(c, changes, cancel, func(ctx context.Context, s *kit.Stream) (bool, error) {
		v, err := r.feed.RunView(ctx, m.ID)
		if err != nil {
			return false, err
		}
		read := time.Now()
		if err := s.Send(ctx, admin.RunPatch(v, r.Addresses, now())); err != nil {
			return false, err
		}
		if at := v.Run.UpdatedAt; !at.Equal(sent) {
			if !sent.IsZero() {
				// Up to the reading by the database's clock, from there by ours: they may differ.
				r.feed.Delivered(v.ReadAt.Sub(at) + time.Since(read))
			}
			sent = at
		}
		return v.Run.Ended(), nil
	})
}

// earlierRuns is how many runs of a merchant are listed.
const earlierRuns = 20

// auditOfRun is how far back a merchant's audit log is searched for what people did to a run.
const auditOfRun = 200

// showTimeline is one run, the newest or an earlier one, with the time that each of its parts took.
func (r routes) showTimeline(c *fiber.Ctx) error {
	ctx := c.UserContext()
	id, err := kit.MerchantID(c)
	if err != nil {
		return err
	}
	run, err := orbit.ParseID[orbit.Run](c.Params("run"))
	if err != nil {
		return err
	}
	var t admin.Timeline
	if t.View, err = r.DB.OneRun(ctx, id, run); err != nil {
		return err
	}
	if t.Runs, err = r.DB.Runs(ctx, id, earlierRuns); err != nil {
		return err
	}
	entries, err := r.DB.AuditLog(ctx, id, auditOfRun, 0)
	if err != nil {
		return err
	}
	entries = slices.DeleteFunc(entries, func(e orbit.AuditLine) bool { return e.Detail["run"] != run.String() })
	t.Audit = auditLines(entries, map[orbit.MerchantID]string{id: t.View.Merchant.Name})
	return r.page(c, fiber.StatusOK, func(f admin.Frame) templ.Component { return admin.TimelinePage(f, t) })
}

func (r routes) createRetry(c *fiber.Ctx) error {
	m, err := r.merchant(c)
	if err != nil {
		return err
	}
	if err := r.DB.RetryRun(c.UserContext(), m.ID, r.Actor(c)); err != nil {
		return r.refuse(c, admin.MerchantQuestion(m), err)
	}
	return kit.See(c, admin.MerchantPath(m.ID, "/provisioning"))
}

func (r routes) newRollback(c *fiber.Ctx) error {
	m, err := r.merchant(c)
	if err != nil {
		return err
	}
	q := admin.RollbackQuestion(m)
	if m.Status != orbit.MerchantFailed {
		q.Refusal = "Only a failed run can be rolled back."
	}
	return r.ask(c, q)
}

func (r routes) createRollback(c *fiber.Ctx) error {
	m, err := r.merchant(c)
	if err != nil {
		return err
	}
	if err := r.DB.RollBackRun(c.UserContext(), m.ID, r.Actor(c)); err != nil {
		return r.refuse(c, admin.RollbackQuestion(m), err)
	}
	return kit.See(c, admin.MerchantPath(m.ID, "/provisioning"))
}
