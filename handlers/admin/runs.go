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

func (h handlers) showRun(c *fiber.Ctx) error {
	id, err := kit.MerchantID(c)
	if err != nil {
		return err
	}
	v, err := h.DB.RunView(c.UserContext(), id)
	if err != nil {
		return err
	}
	return h.page(c, fiber.StatusOK, func(f admin.Frame) templ.Component { return admin.RunPage(f, v) })
}

// streamRun sends the panel as it is now, again after each change, and closes when the run is over.
func (h handlers) streamRun(c *fiber.Ctx) error {
	m, err := h.merchant(c)
	if err != nil {
		return err
	}
	changes, cancel := h.feed.Subscribe(m.ID)
	var sent time.Time // the change that was sent last; the first panel answers no change
	return h.Stream(c, changes, cancel, func(ctx context.Context, s *kit.Stream) (bool, error) {
		v, err := h.feed.RunView(ctx, m.ID)
		if err != nil {
			return false, err
		}
		read := time.Now()
		if err := s.Send(ctx, admin.RunPatch(v, h.Addresses, now())); err != nil {
			return false, err
		}
		if at := v.Run.UpdatedAt; !at.Equal(sent) {
			if !sent.IsZero() {
				// Up to the reading by the database's clock, from there by ours: they may differ.
				h.feed.Delivered(v.ReadAt.Sub(at) + time.Since(read))
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
func (h handlers) showTimeline(c *fiber.Ctx) error {
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
	if t.View, err = h.DB.OneRun(ctx, id, run); err != nil {
		return err
	}
	if t.Runs, err = h.DB.Runs(ctx, id, earlierRuns); err != nil {
		return err
	}
	entries, err := h.DB.AuditLog(ctx, id, auditOfRun, 0)
	if err != nil {
		return err
	}
	entries = slices.DeleteFunc(entries, func(e orbit.AuditEntry) bool { return e.Detail["run"] != run.String() })
	t.Audit = auditLines(entries, map[orbit.MerchantID]string{id: t.View.Merchant.Name})
	return h.page(c, fiber.StatusOK, func(f admin.Frame) templ.Component { return admin.TimelinePage(f, t) })
}

func (h handlers) createRetry(c *fiber.Ctx) error {
	m, err := h.merchant(c)
	if err != nil {
		return err
	}
	if err := h.DB.RetryRun(c.UserContext(), m.ID, h.Actor(c)); err != nil {
		return h.refuse(c, admin.MerchantQuestion(m), err)
	}
	return kit.See(c, admin.MerchantPath(m.ID, "/provisioning"))
}

func (h handlers) newRollback(c *fiber.Ctx) error {
	m, err := h.merchant(c)
	if err != nil {
		return err
	}
	q := admin.RollbackQuestion(m)
	if m.Status != orbit.MerchantFailed {
		q.Refusal = "Only a failed run can be rolled back."
	}
	return h.ask(c, q)
}

func (h handlers) createRollback(c *fiber.Ctx) error {
	m, err := h.merchant(c)
	if err != nil {
		return err
	}
	if err := h.DB.RollBackRun(c.UserContext(), m.ID, h.Actor(c)); err != nil {
		return h.refuse(c, admin.RollbackQuestion(m), err)
	}
	return kit.See(c, admin.MerchantPath(m.ID, "/provisioning"))
}
