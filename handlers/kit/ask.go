package kit

import (
	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"orbit360.app/orbit"
	"orbit360.app/views/ui"
)

// InDialog reports whether scripts want the dialog alone: for its slot, or for the form in it that they have sent.
func InDialog(c *fiber.Ctx) bool {
	return IsHTMX(c) && (Target(c) == ui.DialogTarget || c.Method() == fiber.MethodPost)
}

// Ask answers with a question: the dialog alone where scripts want it, otherwise the page that it stands on. A question
// that holds a refusal is a Conflict.
func (k *Kit) Ask(c *fiber.Ctx, q ui.ConfirmProps, page func() (templ.Component, error)) error {
	status := fiber.StatusOK
	if q.Refusal != "" {
		status = shown(c, fiber.StatusConflict)
	}
	if InDialog(c) {
		return k.Render(c, status, ui.Confirm(q))
	}
	p, err := page()
	if err != nil {
		return err
	}
	return k.Render(c, status, p)
}

// Refuse puts an error's sentence into the question that the request answers; other errors are returned.
func Refuse(c *fiber.Ctx, q ui.ConfirmProps, err error) (ui.ConfirmProps, error) {
	if orbit.CodeOf(err) != orbit.Conflict {
		return q, err
	}
	q.Refusal = orbit.Sentence(err)
	q.Tried = q.Action != "" && IsHTMX(c) && c.Method() == fiber.MethodPost // its form takes the place of itself
	return q, nil
}

// Refuses reports whether an error is about what a form holds, and is to be shown in it.
func Refuses(err error) bool {
	code := orbit.CodeOf(err)
	return code == orbit.Invalid || code == orbit.Conflict
}

// Refused is the status of a form that comes back with what was wrong.
func Refused(c *fiber.Ctx, err error) int { return shown(c, Status(err)) }

// shown is the status of an answer with words that people are to see although it refuses: scripts swap in nothing but
// 2xx and 422 (ui's htmx-config).
func shown(c *fiber.Ctx, status int) int {
	if IsHTMX(c) {
		return fiber.StatusUnprocessableEntity
	}
	return status
}
