package admin

import (
	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/views/admin"
)

func (h handlers) showWebhooks(c *fiber.Ctx) error {
	rows, err := h.DB.Webhooks(c.UserContext())
	if err != nil {
		return err
	}
	return h.page(c, fiber.StatusOK, func(f admin.Frame) templ.Component { return admin.WebhooksPage(f, rows) })
}

func (h handlers) newWebhook(c *fiber.Ctx) error {
	form := admin.WebhookForm{ID: orbit.NewID[orbit.Webhook](), Fresh: true}
	for _, e := range orbit.EventKinds() {
		form.Input.Events = append(form.Input.Events, e.Kind)
	}
	return h.showWebhookForm(c, fiber.StatusOK, form)
}

func (h handlers) showWebhookForm(c *fiber.Ctx, status int, form admin.WebhookForm) error {
	return h.page(c, status, func(f admin.Frame) templ.Component { return admin.WebhookFormPage(f, form) })
}

// createWebhook answers with the secret, the only time it is shown: a redirect would have to keep it somewhere. The
// page may not be kept either.
func (h handlers) createWebhook(c *fiber.Ctx) error {
	id, err := orbit.ParseID[orbit.Webhook](c.FormValue("id"))
	if err != nil {
		return orbit.Errorf(orbit.Malformed, "This form is invalid. Open it again.")
	}
	form := admin.WebhookForm{ID: id, Fresh: true, Input: webhookInput(c)}
	secret, err := h.hooks.Create(c.UserContext(), id, form.Input, h.Actor(c))
	if err != nil {
		return h.refuseWebhook(c, form, err)
	}
	if secret == "" { // sent twice: the webhook is there, and its secret has been shown
		return kit.See(c, admin.WebhookPath(id, ""))
	}
	w, err := h.DB.Webhook(c.UserContext(), id)
	if err != nil {
		return err
	}
	return h.page(c, fiber.StatusCreated, func(f admin.Frame) templ.Component {
		return admin.SecretPage(f, w.Webhook, secret, false)
	})
}

// refuseWebhook shows the form again with what is wrong with it.
func (h handlers) refuseWebhook(c *fiber.Ctx, form admin.WebhookForm, err error) error {
	if !kit.Refuses(err) {
		return err
	}
	if form.Faults = orbit.FaultsOf(err); len(form.Faults) == 0 {
		form.Faults = []orbit.Fault{{Message: orbit.Sentence(err)}}
	}
	return h.showWebhookForm(c, kit.Refused(c, err), form)
}

func webhookInput(c *fiber.Ctx) orbit.WebhookInput {
	in := orbit.WebhookInput{URL: c.FormValue("url"), Description: c.FormValue("description")}
	for _, e := range kit.Form(c)["events"] {
		in.Events = append(in.Events, orbit.EventKind(e))
	}
	return in
}

func (h handlers) showWebhook(c *fiber.Ctx) error {
	w, err := h.webhook(c)
	if err != nil {
		return err
	}
	q := kit.ListQuery(c, admin.WebhookPath(w.ID, ""), admin.DeliveryStates)
	d := admin.WebhookDetail{WebhookRow: w, Query: q}
	d.Deliveries, d.Total, err = h.DB.Deliveries(c.UserContext(), w.ID, orbit.DeliveryStatus(q.Status), q.PerPage,
		q.Offset())
	if err != nil {
		return err
	}
	if last := admin.Pages(d.Total, q.PerPage); q.Page > last {
		return kit.See(c, q.Href(q.Status, last))
	}
	return h.page(c, fiber.StatusOK, func(f admin.Frame) templ.Component { return admin.WebhookPage(f, d) })
}

func (h handlers) editWebhook(c *fiber.Ctx) error {
	w, err := h.webhook(c)
	if err != nil {
		return err
	}
	return h.showWebhookForm(c, fiber.StatusOK, admin.WebhookForm{ID: w.ID,
		Input: orbit.WebhookInput{URL: w.URL, Description: w.Description, Events: w.Events}})
}

func (h handlers) updateWebhook(c *fiber.Ctx) error {
	w, err := h.webhook(c)
	if err != nil {
		return err
	}
	form := admin.WebhookForm{ID: w.ID, Input: webhookInput(c)}
	if err := h.hooks.Update(c.UserContext(), w.ID, form.Input, h.Actor(c)); err != nil {
		return h.refuseWebhook(c, form, err)
	}
	h.Toast(c, "Webhook saved.")
	return kit.See(c, admin.WebhookPath(w.ID, ""))
}

func (h handlers) newRotation(c *fiber.Ctx) error {
	w, err := h.webhook(c)
	if err != nil {
		return err
	}
	return h.ask(c, admin.RotationQuestion(w.Webhook))
}

func (h handlers) createRotation(c *fiber.Ctx) error {
	w, err := h.webhook(c)
	if err != nil {
		return err
	}
	secret, err := h.hooks.Rotate(c.UserContext(), w.ID, h.Actor(c))
	if err != nil {
		return err
	}
	return h.page(c, fiber.StatusCreated, func(f admin.Frame) templ.Component {
		return admin.SecretPage(f, w.Webhook, secret, true)
	})
}

func (h handlers) activateWebhook(c *fiber.Ctx) error   { return h.setWebhookActive(c, true) }
func (h handlers) deactivateWebhook(c *fiber.Ctx) error { return h.setWebhookActive(c, false) }

func (h handlers) setWebhookActive(c *fiber.Ctx, active bool) error {
	w, err := h.webhook(c)
	if err != nil {
		return err
	}
	if err := h.DB.SetWebhookActive(c.UserContext(), w.ID, active, h.Actor(c)); err != nil {
		return err
	}
	if active {
		h.Toast(c, "Webhook activated.")
	} else {
		h.Toast(c, "Webhook deactivated.")
	}
	return kit.See(c, admin.WebhookPath(w.ID, ""))
}

func (h handlers) createPing(c *fiber.Ctx) error {
	w, err := h.webhook(c)
	if err != nil {
		return err
	}
	if _, err := h.DB.PingWebhook(c.UserContext(), w.ID, h.Actor(c)); err != nil {
		return err
	}
	h.Toast(c, "Test event queued.")
	return kit.See(c, admin.WebhookPath(w.ID, ""))
}

func (h handlers) newWebhookDeletion(c *fiber.Ctx) error {
	w, err := h.webhook(c)
	if err != nil {
		return err
	}
	return h.ask(c, admin.WebhookDeletionQuestion(w.Webhook))
}

func (h handlers) createWebhookDeletion(c *fiber.Ctx) error {
	w, err := h.webhook(c)
	if err != nil {
		return err
	}
	if err := h.DB.DeleteWebhook(c.UserContext(), w.ID, h.Actor(c)); err != nil {
		return h.refuse(c, admin.WebhookDeletionQuestion(w.Webhook), err)
	}
	h.Toast(c, w.Host()+" has been deleted.")
	return kit.See(c, admin.WebhooksPath)
}

func (h handlers) showDelivery(c *fiber.Ctx) error {
	w, r, err := h.delivery(c)
	if err != nil {
		return err
	}
	return h.page(c, fiber.StatusOK, func(f admin.Frame) templ.Component { return admin.DeliveryPage(f, w, r) })
}

func (h handlers) createReplay(c *fiber.Ctx) error {
	w, r, err := h.delivery(c)
	if err != nil {
		return err
	}
	if err := h.DB.ReplayDelivery(c.UserContext(), w.ID, r.ID, h.Actor(c)); err != nil {
		return err
	}
	h.Toast(c, "Delivery queued again.")
	return kit.See(c, admin.WebhookPath(w.ID, ""))
}

// webhook is the one in the path.
func (h handlers) webhook(c *fiber.Ctx) (orbit.WebhookRow, error) {
	id, err := orbit.ParseID[orbit.Webhook](c.Params("webhook"))
	if err != nil {
		return orbit.WebhookRow{}, err
	}
	return h.DB.Webhook(c.UserContext(), id)
}

// delivery is the one in the path, with its webhook.
func (h handlers) delivery(c *fiber.Ctx) (w orbit.Webhook, r orbit.DeliveryRow, err error) {
	row, err := h.webhook(c)
	if err != nil {
		return w, r, err
	}
	id, err := orbit.ParseID[orbit.Delivery](c.Params("delivery"))
	if err != nil {
		return w, r, err
	}
	r, err = h.DB.Delivery(c.UserContext(), row.ID, id)
	return row.Webhook, r, err
}
