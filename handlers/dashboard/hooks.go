package dashboard

import (
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/hooks"
	"orbit360.app/orbit"
	"orbit360.app/views/dashboard"
	"orbit360.app/views/ui"
)

// hookRoutes returns those of the shop's own webhooks.
func (r routes) hookRoutes() (list []route) {
	for _, one := range hooks.Routes(r.Kit, r.hooks) {
		list = append(list, route{one.Method, "/settings/webhooks" + one.Path, orbit.PermissionDevelopers,
			func(c *fiber.Ctx, d desk) error { return one.Handle(c, r.hookDesk(c, d)) }, false})
	}
	return list
}

func (r routes) hookDesk(c *fiber.Ctx, d desk) hooks.Desk {
	return hooks.Desk{Hooks: d.Shop.Hooks(), Pages: dashboard.HookPages(d.Merchant, time.Now()),
		Show: func(status int, title string, body templ.Component) error {
			return r.Render(c, status, dashboard.HookPage(d.frame(), d.Merchant, title, body))
		},
		Ask: func(q ui.ConfirmProps) error { return r.ask(c, d, q) }}
}
