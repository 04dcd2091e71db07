package admin

import (
	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/views/admin"
)

func (r routes) showWebhooks(c *fiber.Ctx) error {
	rows, err := r.DB.Webhooks(c.UserContext())
	if err != nil {
		return err
	}
	return r.page(c, fiber.StatusOK, func(f admin.Frame) templ.Component { return admin.WebhooksPage(f, rows) })
}

func (r routes) newWebhook(c *fiber.Ctx) error {
	form := admin.WebhookForm{ID: orbit.NewID[orbit.Webhook](), Fresh: true}
	form.Input.Events = orbit.EventKinds().Values()
	return r.showWebhookForm(c, fiber.StatusOK, form)
}

func (r routes) showWebhookForm(c *fiber.Ctx, status int, form admin.WebhookForm) error {
	return r.page(c, status, func(f admin.Frame) templ.Component { return admin.WebhookFormPage(f, form) })
}

// createWebhook answers with the secret, the only time it is shown: a redirect would have to keep it somewhere. The
// page may not be kept either.
func (r routes) createWebhook(c *fiber.Ctx) error {
	id, err := orbit.ParseID[orbit.Webhook](c.FormValue("id"))
	if err != nil {
		return orbit.Errorf(orbit.Malformed, "This form is invalid. Open it again.")
	}
	form := admin.WebhookForm{ID: id, Fresh: true, Input: webhookInput(c)}
	secret, err := r.hooks.Create(c.UserContext(), id, form.Input, r.Actor(c))
	if err != nil {
		return r.refuseWebhook(c, form, err)
	}
	if secret == "" { // sent twice: the webhook is there, and its secret has been shown
		return kit.See(c, admin.WebhookPath(id, ""))
	}
	w, err := r.DB.Webhook(c.UserContext(), id)
	if err != nil {
		return err
	}
	return r.page(c, fiber.StatusCreated, func(f admin.Frame) templ.Component {
		return admin.SecretPage(f, w.Webhook, secret, false)
	})
}

// refuseWebhook shows the form again with what is wrong with it.
func (r routes) refuseWebhook(c *fiber.Ctx, form admin.WebhookForm, err error) error {
	if !kit.Refuses(err) {
		return err
	}
	if form.Faults = orbit.FaultsOf(err); len(form.Faults) == 0 {
		form.Faults = []orbit.Fault{{Message: orbit.Sentence(err)}}
	}
	return r.showWebhookForm(c, kit.Refused(c, err), form)
}

func webhookInput(c *fiber.Ctx) orbit.WebhookInput {
	in := orbit.WebhookInput{URL: c.FormValue("url"), Description: c.FormValue("description")}
	for _, e := range kit.Form(c)["events"] {
		in.Events = append(in.Events, orbit.EventKind(e))
	}
	return in
}

func (r routes) showWebhook(c *fiber.Ctx) error {
	w, err := r.webhook(c)
	if err != nil {
		return err
	}
	q := kit.ListQuery(c, admin.WebhookPath(w.ID, ""), admin.DeliveryStates())
	d := admin.WebhookDetail{WebhookRow: w, Query: q}
	d.Deliveries, d.Total, err = r.DB.Deliveries(c.UserContext(), w.ID, orbit.DeliveryStatus(q.Status), q.PerPage,
		q.Offset())
	if err != nil {
		return err
	}
	if last := admin.Pages(d.Total, q.PerPage); q.Page > last {
		return kit.See(c, q.Href(q.Status, last))
	}
	return r.page(c, fiber.StatusOK, func(f admin.Frame) templ.Component { return admin.WebhookPage(f, d) })
}

func (r routes) editWebhook(c *fiber.Ctx) error {
	w, err := r.webhook(c)
	if err != nil {
		return err
	}
	return r.showWebhookForm(c, fiber.StatusOK, admin.WebhookForm{ID: w.ID,
		Input: orbit.WebhookInput{URL: w.URL, Description: w.Description, Events: w.Events}})
}

func (r routes) updateWebhook(c *fiber.Ctx) error {
	w, err := r.webhook(c)
	if err != nil {
		return err
	}
	form := admin.WebhookForm{ID: w.ID, Input: webhookInput(c)}
	if err := r.hooks.Update(c.UserContext(), w.ID, form.Input, r.Actor(c)); err != nil {
		return r.refuseWebhook(c, form, err)
	}
	r.Toast(c, "Webhook saved.")
	return kit.See(c, admin.WebhookPath(w.ID, ""))
}

func (r routes) newRotation(c *fiber.Ctx) error {
	w, err := r.webhook(c)
	if err != nil {
		return err
	}
	return r.ask(c, admin.RotationQuestion(w.Webhook))
}

func (r routes) createRotation(c *fiber.Ctx) error {
	w, err := r.webhook(c)
	if err != nil {
		return err
	}
	secret, err := r.hooks.Rotate(c.UserContext(), w.ID, r.Actor(c))
	if err != nil {
		return err
	}
	return r.page(c, fiber.StatusCreated, func(f admin.Frame) templ.Component {
		return admin.SecretPage(f, w.Webhook, secret, true)
	})
}

func (r routes) createWebhookActivation(c *fiber.Ctx) error   { return r.setWebhookActive(c, true) }
func (r routes) createWebhookDeactivation(c *fiber.Ctx) error { return r.setWebhookActive(c, false) }

func (r routes) setWebhookActive(c *fiber.Ctx, active bool) error {
	w, err := r.webhook(c)
	if err != nil {
		return err
	}
	if err := r.DB.SetWebhookActive(c.UserContext(), w.ID, active, r.Actor(c)); err != nil {
		return err
	}
	if active {
		r.Toast(c, "Webhook activated.")
	} else {
		r.Toast(c, "Webhook deactivated.")
	}
	return kit.See(c, admin.WebhookPath(w.ID, ""))
}

func (r routes) createPing(c *fiber.Ctx) error {
	w, err := r.webhook(c)
	if err != nil {
		return err
	}
	if _, err := r.DB.PingWebhook(c.UserContext(), w.ID, r.Actor(c)); err != nil {
		return err
	}
	r.Toast(c, "Test event queued.")
	return kit.See(c, admin.WebhookPath(w.ID, ""))
}

func (r routes) newWebhookDeletion(c *fiber.Ctx) error {
	w, err := r.webhook(c)
	if err != nil {
		return err
	}
	return r.ask(c, admin.WebhookDeletionQuestion(w.Webhook))
}

func (r routes) createWebhookDeletion(c *fiber.Ctx) error {
	w, err := r.webhook(c)
	if err != nil {
		return err
	}
	if err := r.DB.DeleteWebhook(c.UserContext(), w.ID, r.Actor(c)); err != nil {
		return r.refuse(c, admin.WebhookDeletionQuestion(w.Webhook), err)
	}
	r.Toast(c, "Webhook deleted.")
	return kit.See(c, admin.WebhooksPath)
}

func (r routes) showDelivery(c *fiber.Ctx) error {
	w, d, err := r.delivery(c)
	if err != nil {
		return err
	}
	return r.page(c, fiber.StatusOK, func(f admin.Frame) templ.Component { return admin.DeliveryPage(f, w, d) })
}

func (r routes) createReplay(c *fiber.Ctx) error {
	w, d, err := r.delivery(c)
	if err != nil {
		return err
	}
	if err := r.DB.ReplayDelivery(c.UserContext(), w.ID, d.ID, r.Actor(c)); err != nil {
		return err
	}
	r.Toast(c, "Delivery queued again.")
	return kit.See(c, admin.WebhookPath(w.ID, ""))
}

// webhook is the one in the path.
func (r routes) webhook(c *fiber.Ctx) (orbit.WebhookRow, error) {
	id, err := orbit.ParseID[orbit.Webhook](c.Params("webhook"))
	if err != nil {
		return orbit.WebhookRow{}, err
	}
	return r.DB.Webhook(c.UserContext(), id)
}

// delivery is the one in the path, with its webhook.
func (r routes) delivery(c *fiber.Ctx) (w orbit.Webhook, d orbit.DeliveryRow, err error) {
	row, err := r.webhook(c)
	if err != nil {
		return w, d, err
	}
	id, err := orbit.ParseID[orbit.Delivery](c.Params("delivery"))
	if err != nil {
		return w, d, err
	}
	d, err = r.DB.Delivery(c.UserContext(), row.ID, id)
	return row.Webhook, d, err
}
