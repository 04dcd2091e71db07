package admin

import (
	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"orbit360.app/views/admin"
)

func (h handlers) showThemes(c *fiber.Ctx) error {
	themes, err := h.DB.Themes(c.UserContext(), false)
	if err != nil {
		return err
	}
	return h.page(c, fiber.StatusOK, func(f admin.Frame) templ.Component { return admin.ThemesPage(f, themes) })
}

func (h handlers) showPlans(c *fiber.Ctx) error {
	plans, err := h.DB.Plans(c.UserContext(), false)
	if err != nil {
		return err
	}
	return h.page(c, fiber.StatusOK, func(f admin.Frame) templ.Component { return admin.PlansPage(f, plans) })
}
