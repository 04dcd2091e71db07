package admin

import (
	"strings"
	"unicode/utf8"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/views/admin"
	"orbit360.app/views/ui"
)

// newVisit asks what an admin goes into a merchant's dashboard for. The answer leads to that host.
func (r routes) newVisit(c *fiber.Ctx) error {
	m, err := r.merchant(c)
	if err != nil {
		return err
	}
	q := admin.VisitQuestion(m, "", "")
	if m.Status != orbit.MerchantActive {
		q.Refusal = "Only an active merchant's dashboard can be viewed."
	}
	return r.askLeaving(c, q)
}

func (r routes) createVisit(c *fiber.Ctx) error {
	m, err := r.merchant(c)
	if err != nil {
		return err
	}
	reason, fault := reasonOf(c)
	if fault != "" {
		err := r.askLeaving(c, admin.VisitQuestion(m, c.FormValue("reason"), fault))
		c.Status(fiber.StatusUnprocessableEntity)
		return err
	}
	if err := r.RequestVisit(c, m.ID, reason); err != nil {
		return r.refuse(c, admin.VisitQuestion(m, reason, ""), err)
	}
	return nil
}

// reasonOf returns the reason in a form, and what is wrong with it.
func reasonOf(c *fiber.Ctx) (reason, fault string) {
	reason, ok := orbit.Line(c.FormValue("reason"))
	switch n := utf8.RuneCountInString(reason); {
	case !ok:
		fault = "The reason takes one line of text."
	case n == 0:
		fault = "Enter a reason. The audit log keeps it."
	case n > orbit.MaxReason:
		fault = "The reason takes at most 500 characters."
	}
	return reason, fault
}

// askLeaving asks a question with an answer that leads to the dashboard's host: browsers hold form-action against
// redirects too.
func (r routes) askLeaving(c *fiber.Ctx, q ui.ConfirmProps) error {
	c.Set(fiber.HeaderContentSecurityPolicy, strings.Replace(kit.ContentSecurityPolicy, "form-action 'self'",
		"form-action 'self' "+r.Addresses.Dashboard(""), 1))
	return r.ask(c, q)
}

// approveVisit approves the browser that is on its way into the dashboard.
func (r routes) approveVisit(c *fiber.Ctx) error {
	visit, err := orbit.ParseID[orbit.Visit](c.Params("visit"))
	if err != nil {
		return err
	}
	return r.ApproveVisit(c, visit, c.Params("hash"))
}
