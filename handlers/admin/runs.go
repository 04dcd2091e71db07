package admin

import (
	"context"

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
	return h.Stream(c, changes, cancel, func(ctx context.Context, s *kit.Stream) (bool, error) {
		v, err := h.DB.RunView(ctx, m.ID)
		if err != nil {
			return false, err
		}
		return v.Run.Ended(), s.Send(ctx, admin.RunPatch(v, h.Addresses, now()))
	})
}

func (h handlers) createRetry(c *fiber.Ctx) error {
	return h.decide(c, nil, func(ctx context.Context, id orbit.MerchantID) error { return h.DB.RetryRun(ctx, id, h.Actor(c)) }, "/provisioning", "")
}

func (h handlers) newRollback(c *fiber.Ctx) error {
	return h.ask(c, admin.RollbackQuestion, func(m orbit.Merchant) (string, bool) {
		return "Only a failed run can be rolled back.", m.Status == orbit.MerchantFailed
	})
}

func (h handlers) createRollback(c *fiber.Ctx) error {
	return h.decide(c, admin.RollbackQuestion, func(ctx context.Context, id orbit.MerchantID) error { return h.DB.RollBackRun(ctx, id, h.Actor(c)) }, "/provisioning", "")
}
