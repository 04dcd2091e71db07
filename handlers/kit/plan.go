package kit

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/orbit"
)

// PlanChange reads the change of a plan that a form confirms (ui.PlanChangeFields).
func PlanChange(c *fiber.Ctx) (change orbit.PlanChange, err error) {
	if change.From, err = orbit.ParseID[orbit.Plan](c.FormValue("from")); err == nil {
		change.To, err = orbit.ParseID[orbit.Plan](c.FormValue("plan"))
	}
	if err == nil {
		change.Upon, err = strconv.Atoi(c.FormValue("upon"))
	}
	if change.Version = c.FormValue("version"); err != nil || change.Version == "" {
		err = orbit.Errorf(orbit.Malformed, "The form is incomplete. Open the page again and retry.")
	}
	return change, err
}
