package admin

import (
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"orbit360.app/views/admin"
)

// funnelSpan is how far back the funnel of new merchants looks.
const funnelSpan = 90 * 24 * time.Hour

// showOperations is how the platform keeps its promises, computed from the runs themselves.
func (r routes) showOperations(c *fiber.Ctx) error {
	span := admin.ParseSpan(c.Query("span"))
	o, err := r.DB.Operations(c.UserContext(), span.Since(now()))
	if err != nil {
		return err
	}
	if o.Funnel, err = r.DB.Funnel(c.UserContext(), now().Add(-funnelSpan)); err != nil {
		return err
	}
	return r.page(c, fiber.StatusOK, func(f admin.Frame) templ.Component { return admin.OperationsPage(f, span, o) })
}
