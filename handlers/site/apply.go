package site

import (
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"orbit360.app/handlers/kit"
	"orbit360.app/mail"
	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/pg"
	"orbit360.app/views/site"
	"orbit360.app/views/ui"
)

// How many applications one network may send.
const (
	applications      = 5
	applicationPeriod = 10 * time.Minute
)

func (r routes) showApply(c *fiber.Ctx) error {
	return r.Render(c, fiber.StatusOK, site.Apply(r.frame(c), site.Application{ID: orbit.NewID[orbit.Merchant]()}))
}

// createApplication keeps an application as a pending merchant under the id that the form brought, so that a form sent
// twice makes one.
func (r routes) createApplication(c *fiber.Ctx) error {
	form := site.Application{Typed: typed(c)}
	id, ok := formID(c.FormValue("id"))
	form.ID = id
	if !ok {
		form.ID = orbit.NewID[orbit.Merchant]()
		form.Error, form.Tone = "This form expired. Your details are still here. Click Apply again.", ui.Warning
		return r.again(c, fiber.StatusUnprocessableEntity, form)
	}
	application, err := form.Typed.Check()
	if err == nil {
		err = r.CheckEmail(c.UserContext(), application.Email)
	}
	if err != nil {
		form.Error, form.Faults = orbit.Sentence(err), kit.Faults(err)
		return r.again(c, fiber.StatusUnprocessableEntity, form)
	}
	// Only good forms count: mending a typing error takes its time.
	err = r.Throttle(c.UserContext(), r.Network(c), applicationPeriod,
		"Too many applications from your network. Your details are still here. Wait a few minutes and click Apply again.",
		kit.Bound{What: "apply", Near: applications, Wide: 4 * applications})
	if orbit.CodeOf(err) == orbit.TooMany {
		kit.SetRetryAfter(c, err)
		form.Error, form.Tone = orbit.Sentence(err), ui.Warning
		return r.again(c, fiber.StatusTooManyRequests, form)
	}
	if err != nil {
		return err
	}
	return r.keep(c, id, application, form)
}

func (r routes) keep(c *fiber.Ctx, id orbit.MerchantID, a orbit.Application, form site.Application) error {
	links := store.ApplicationLinks{Page: r.ApplicantToken(id), Confirm: pg.Token()}
	confirmation, err := r.Mail.Applied(mail.AppliedData{ConfirmURL: r.Addresses.Site("/apply/confirm/" + links.Confirm),
		Merchant: orbit.Merchant{ID: id, Name: a.Name, OwnerName: a.OwnerName, Email: a.Email, Category: a.Category}})
	if err != nil {
		return err
	}
	made, _, err := r.DB.Apply(c.UserContext(), id, a, links, &confirmation, r.Actor(c))
	if err != nil {
		return err
	}
	if !made {
		// Sent before. The same again is no news; other details, as after going back to mend them, must not seem taken.
		before, err := r.DB.Merchant(c.UserContext(), id)
		if err != nil {
			return err
		}
		if (orbit.Application{Name: before.Name, OwnerName: before.OwnerName, Email: before.Email,
			Category: before.Category}) != a {
			form.ID, form.Tone = orbit.NewID[orbit.Merchant](), ui.Warning
			form.Error = "You already sent this form with other details. Click Apply to send these as a new application."
			return r.again(c, fiber.StatusUnprocessableEntity, form)
		}
	}
	return kit.See(c, "/apply/"+links.Page)
}

func (r routes) again(c *fiber.Ctx, status int, form site.Application) error {
	return r.Render(c, status, site.Apply(r.frame(c), form))
}

// showApplication is the applicant's own page. Its address is a secret: the merchant's id is no key to it.
func (r routes) showApplication(c *fiber.Ctx) error {
	a, err := r.DB.ApplicationByPage(c.UserContext(), c.Params("token"))
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, site.Applied(r.frame(c),
		site.AppliedPage{Merchant: a.Merchant, Mailed: a.Mailed, Confirmed: a.Confirmed}))
}

// showConfirmation is where the link in the email leads. Opening it confirms nothing: programs open links too.
func (r routes) showConfirmation(c *fiber.Ctx) error {
	a, err := r.DB.ApplicationByLink(c.UserContext(), c.Params("token"))
	if err != nil {
		return err
	}
	page := site.AppliedPage{Merchant: a.Merchant, Mailed: a.Mailed, Confirmed: a.Confirmed}
	if !a.Confirmed {
		page.ConfirmAction = c.Path()
	}
	return r.Render(c, fiber.StatusOK, site.Applied(r.frame(c), page))
}

func (r routes) createConfirmation(c *fiber.Ctx) error {
	token := c.Params("token")
	if _, err := r.DB.ApplicationByLink(c.UserContext(), token); err != nil {
		return err
	}
	if err := r.DB.ConfirmApplication(c.UserContext(), token, r.Actor(c)); err != nil {
		return err
	}
	return kit.See(c, "/apply/confirm/"+token)
}

// typed is the form as it came. Bytes that are no text are kept: Check refuses them.
func typed(c *fiber.Ctx) orbit.Application {
	return orbit.Application{Name: c.FormValue("name"), OwnerName: c.FormValue("ownerName"), Email: c.FormValue("email"),
		Category: orbit.Category(c.FormValue("category"))}
}

// formID reads the id that showApply gave out: a UUIDv7 in its canonical form.
func formID(s string) (orbit.MerchantID, bool) {
	id, err := orbit.ParseID[orbit.Merchant](s)
	return id, err == nil && uuid.UUID(id).Version() == 7 && strings.ToLower(s) == s
}
