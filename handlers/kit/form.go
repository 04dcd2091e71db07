package kit

import (
	"net/url"

	"github.com/gofiber/fiber/v2"
)

// Form is all that a posted form holds, every value of a field. What can't be read of it is left out.
func Form(c *fiber.Ctx) url.Values {
	form, _ := url.ParseQuery(string(c.Body())) // an error leaves what could be read
	return form
}
