package hooks

import (
	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
	"orbit360.app/views/hooks"
	"orbit360.app/views/ui"
	"orbit360.app/webhooks"
)

// Desk holds the webhooks that a request is about, and how it answers.
type Desk struct {
	Hooks shop.Hooks
	Pages hooks.Pages
	Show  func(status int, title string, body templ.Component) error // as a page
	Ask   func(ui.ConfirmProps) error
}

// Handler answers a request of somebody who may.
type Handler func(*fiber.Ctx, Desk) error

// Route is one of the pages and forms, below the list's own path.
type Route struct {
	Method, Path string
	Handle       Handler
}

type routes struct {
	*kit.Kit
	hooks *webhooks.Service
}

// Routes returns all of them.
func Routes(k *kit.Kit, service *webhooks.Service) []Route {
	r := routes{k, service}
	return []Route{
		{"GET", "", r.showWebhooks},
		{"POST", "", r.createWebhook},
		{"GET", "/new", r.newWebhook},
		{"GET", "/:webhook", r.showWebhook},
		{"POST", "/:webhook", r.updateWebhook},
		{"GET", "/:webhook/edit", r.editWebhook},
		{"GET", "/:webhook/rotation/new", r.newRotation},
		{"POST", "/:webhook/rotation", r.createRotation},
		{"POST", "/:webhook/activation", r.createActivation},
		{"POST", "/:webhook/deactivation", r.createDeactivation},
		{"POST", "/:webhook/ping", r.createPing},
		{"GET", "/:webhook/deletion/new", r.newDeletion},
		{"POST", "/:webhook/deletion", r.createDeletion},
		{"GET", "/:webhook/deliveries/:delivery", r.showDelivery},
		{"POST", "/:webhook/deliveries/:delivery/replay", r.createReplay},
	}
}

func (r routes) showWebhooks(c *fiber.Ctx, d Desk) error {
	rows, err := d.Hooks.List(c.UserContext())
	if err != nil {
		return err
	}
	return d.Show(fiber.StatusOK, "Webhooks", hooks.List(d.Pages, rows))
}

func (r routes) newWebhook(c *fiber.Ctx, d Desk) error {
	form := hooks.Form{ID: orbit.NewID[orbit.Webhook](), Fresh: true}
	form.Input.Events = d.Pages.Kinds.Values()
	return d.showForm(fiber.StatusOK, form)
}

func (d Desk) showForm(status int, form hooks.Form) error {
	return d.Show(status, form.Title(), hooks.FormPage(d.Pages, form))
}

// createWebhook answers with the secret, the only time it is shown: a redirect would have to keep it somewhere. The
// page may not be kept either.
func (r routes) createWebhook(c *fiber.Ctx, d Desk) error {
	id, err := orbit.ParseID[orbit.Webhook](c.FormValue("id"))
	if err != nil {
		return orbit.Errorf(orbit.Malformed, "This form is invalid. Open it again.")
	}
	form := hooks.Form{ID: id, Fresh: true, Input: webhookInput(c)}
	secret, err := r.hooks.Create(c.UserContext(), d.Hooks, id, form.Input)
	if err != nil {
		return d.refuse(c, form, err)
	}
	if secret.IsZero() { // sent twice: the webhook is there, and its secret has been shown
		return kit.See(c, d.Pages.Path(id, ""))
	}
	w, err := d.Hooks.Get(c.UserContext(), id)
	if err != nil {
		return err
	}
	return d.Show(fiber.StatusCreated, "Signing secret", hooks.Secret(d.Pages, w.Webhook, secret.Reveal(), false))
}

// refuse shows the form again with what is wrong with it.
func (d Desk) refuse(c *fiber.Ctx, form hooks.Form, err error) error {
	if !kit.Refuses(err) {
		return err
	}
	if form.Faults = orbit.FaultsOf(err); len(form.Faults) == 0 {
		form.Faults = []orbit.Fault{{Message: orbit.Sentence(err)}}
	}
	return d.showForm(kit.Refused(c, err), form)
}

func webhookInput(c *fiber.Ctx) orbit.WebhookInput {
	in := orbit.WebhookInput{URL: c.FormValue("url"), Description: c.FormValue("description")}
	for _, e := range kit.Form(c)["events"] {
		in.Events = append(in.Events, orbit.EventKind(e))
	}
	return in
}

func (r routes) showWebhook(c *fiber.Ctx, d Desk) error {
	w, err := r.webhook(c, d)
	if err != nil {
		return err
	}
	q := kit.ListQuery(c, d.Pages.Path(w.ID, ""), hooks.DeliveryStates())
	page := hooks.Detail{WebhookRow: w, Query: q}
	page.Deliveries, page.Total, err = d.Hooks.Deliveries(c.UserContext(), w.ID, orbit.DeliveryStatus(q.Status), q.PerPage,
		q.Offset())
	if err != nil {
		return err
	}
	if last := max(1, (page.Total+q.PerPage-1)/q.PerPage); q.Page > last {
		return kit.See(c, q.Href(q.Status, last))
	}
	return d.Show(fiber.StatusOK, w.Host(), hooks.Page(d.Pages, page))
}

func (r routes) editWebhook(c *fiber.Ctx, d Desk) error {
	w, err := r.webhook(c, d)
	if err != nil {
		return err
	}
	return d.showForm(fiber.StatusOK, hooks.Form{ID: w.ID,
		Input: w.Input()})
}

func (r routes) updateWebhook(c *fiber.Ctx, d Desk) error {
	w, err := r.webhook(c, d)
	if err != nil {
		return err
	}
	form := hooks.Form{ID: w.ID, Input: webhookInput(c)}
	_, err = r.hooks.Edit(c.UserContext(), d.Hooks, w.ID, func(w *orbit.Webhook) error {
		w.URL, w.Description, w.Events = form.Input.URL, form.Input.Description, form.Input.Events
		return nil
	})
	if err != nil {
		return d.refuse(c, form, err)
	}
	r.Toast(c, "Webhook saved.")
	return kit.See(c, d.Pages.Path(w.ID, ""))
}

func (r routes) newRotation(c *fiber.Ctx, d Desk) error {
	w, err := r.webhook(c, d)
	if err != nil {
		return err
	}
	return d.Ask(hooks.RotationQuestion(d.Pages, w.Webhook))
}

func (r routes) createRotation(c *fiber.Ctx, d Desk) error {
	w, err := r.webhook(c, d)
	if err != nil {
		return err
	}
	_, secret, err := r.hooks.Rotate(c.UserContext(), d.Hooks, w.ID, nil)
	if err != nil {
		return err
	}
	return d.Show(fiber.StatusCreated, "Signing secret", hooks.Secret(d.Pages, w.Webhook, secret.Reveal(), true))
}

func (r routes) createActivation(c *fiber.Ctx, d Desk) error   { return r.setActive(c, d, true) }
func (r routes) createDeactivation(c *fiber.Ctx, d Desk) error { return r.setActive(c, d, false) }

func (r routes) setActive(c *fiber.Ctx, d Desk, active bool) error {
	w, err := r.webhook(c, d)
	if err != nil {
		return err
	}
	if err := d.Hooks.SetActive(c.UserContext(), w.ID, active); err != nil {
		return err
	}
	if active {
		r.Toast(c, "Webhook activated.")
	} else {
		r.Toast(c, "Webhook deactivated.")
	}
	return kit.See(c, d.Pages.Path(w.ID, ""))
}

func (r routes) createPing(c *fiber.Ctx, d Desk) error {
	w, err := r.webhook(c, d)
	if err != nil {
		return err
	}
	if _, err := d.Hooks.Ping(c.UserContext(), w.ID); err != nil {
		return err
	}
	r.Toast(c, "Test event queued.")
	return kit.See(c, d.Pages.Path(w.ID, ""))
}

func (r routes) newDeletion(c *fiber.Ctx, d Desk) error {
	w, err := r.webhook(c, d)
	if err != nil {
		return err
	}
	return d.Ask(hooks.DeletionQuestion(d.Pages, w.Webhook))
}

func (r routes) createDeletion(c *fiber.Ctx, d Desk) error {
	w, err := r.webhook(c, d)
	if err != nil {
		return err
	}
	if err := d.Hooks.Delete(c.UserContext(), w.ID); err != nil {
		q, err := kit.Refuse(c, hooks.DeletionQuestion(d.Pages, w.Webhook), err)
		if err != nil {
			return err
		}
		return d.Ask(q)
	}
	r.Toast(c, "Webhook deleted.")
	return kit.See(c, d.Pages.Base)
}

func (r routes) showDelivery(c *fiber.Ctx, d Desk) error {
	w, row, err := r.delivery(c, d)
	if err != nil {
		return err
	}
	return d.Show(fiber.StatusOK, string(row.Kind), hooks.DeliveryPage(d.Pages, w, row))
}

func (r routes) createReplay(c *fiber.Ctx, d Desk) error {
	w, row, err := r.delivery(c, d)
	if err != nil {
		return err
	}
	if err := d.Hooks.Replay(c.UserContext(), w.ID, row.ID); err != nil {
		return err
	}
	r.Toast(c, "Delivery queued again.")
	return kit.See(c, d.Pages.Path(w.ID, ""))
}

// webhook is the one in the path.
func (r routes) webhook(c *fiber.Ctx, d Desk) (orbit.WebhookRow, error) {
	id, err := orbit.ParseID[orbit.Webhook](c.Params("webhook"))
	if err != nil {
		return orbit.WebhookRow{}, err
	}
	return d.Hooks.Get(c.UserContext(), id)
}

// delivery is the one in the path, with its webhook.
func (r routes) delivery(c *fiber.Ctx, d Desk) (w orbit.Webhook, row orbit.DeliveryRow, err error) {
	of, err := r.webhook(c, d)
	if err != nil {
		return w, row, err
	}
	id, err := orbit.ParseID[orbit.Delivery](c.Params("delivery"))
	if err != nil {
		return w, row, err
	}
	row, err = d.Hooks.Delivery(c.UserContext(), of.ID, id)
	return of.Webhook, row, err
}
