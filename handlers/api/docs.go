package api

import "github.com/gofiber/fiber/v2"

func (a *API) showDocs(c *fiber.Ctx) error { return c.SendString("soon") }
