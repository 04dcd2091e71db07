package dashboard

import (
	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/views/dashboard"
)

// prepareVisit has this browser approved for an admin's visit.
func (r routes) prepareVisit(c *fiber.Ctx) error {
	visit, err := id[orbit.Visit](c, "visit")
	if err != nil {
		return err
	}
	return r.PrepareVisit(c, visit)
}

// enterVisit lets an admin in, as support.
func (r routes) enterVisit(a kit.Audience) fiber.Handler {
	return func(c *fiber.Ctx) error {
		visit, err := id[orbit.Visit](c, "visit")
		if err != nil {
			return err
		}
		v, err := r.EnterVisit(c, a, visit)
		if err != nil {
			return err
		}
		m, err := r.DB.Merchant(c.UserContext(), v.MerchantID)
		if err != nil {
			return err
		}
		return kit.See(c, dashboard.Path(m))
	}
}

// stopVisit ends the visit at once.
func (r routes) stopVisit(c *fiber.Ctx) error {
	if kit.User(c).Visit.IsZero() {
		return orbit.Missing()
	}
	return r.StopVisit(c)
}

// showStopped says that a visit is over, and leads back.
func (r routes) showStopped(c *fiber.Ctx) error {
	return r.Render(c, fiber.StatusOK, dashboard.VisitStopped(r.Addresses))
}
