package dashboard

import "github.com/gofiber/fiber/v2"

func (r routes) themeRoutes(app *fiber.App) {}
