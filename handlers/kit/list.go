package kit

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/orbit"
	"orbit360.app/views/ui"
)

// ListQuery reads what a list is asked for: ?status= (one of the states, else the first), ?q= and ?page=.
func ListQuery(c *fiber.Ctx, path string, states ui.States) ui.ListQuery {
	q := ui.ListQuery{Path: path, Text: orbit.Search(c.Query("q"), 200), Page: 1, PerPage: ui.PerPage}
	if status := c.Query("status"); states.Has(status) {
		q.Status = status
	}
	if n, err := strconv.Atoi(c.Query("page")); err == nil && n > 1 && n < 100_000 {
		q.Page = n
	}
	return q
}
