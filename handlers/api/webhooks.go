package api

import (
	"context"
	"net/http"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store"
)

// Webhook is an address that a shop's events are sent to.
type Webhook struct {
	ID          string    `json:"id" format:"uuid"`
	URL         string    `json:"url"`
	Description string    `json:"description"`
	Events      []string  `json:"events" nullable:"false" doc:"That are sent there."`
	Active      bool      `json:"active" doc:"Off sends nothing, and gives up what waits."`
	Version     int       `json:"version" doc:"Grows with each change; for If-Match."`
	CreatedAt   time.Time `json:"createdAt"`
	UpdatedAt   time.Time `json:"updatedAt"`
}

// WebhookSecret is a webhook with its signing secret.
type WebhookSecret struct {
	Webhook
	Secret *string `json:"secret" doc:"Given this once. Null in an answer that is repeated for an Idempotency-Key."`
}

// NewWebhook is a webhook that a shop asks for.
type NewWebhook struct {
	URL         string   `json:"url" maxLength:"500" doc:"An https address on the public internet."`
	Description string   `json:"description,omitempty" maxLength:"120"`
	Events      []string `json:"events" minItems:"1" doc:"Such as order.created; docs/webhooks.md lists them."`
}

// WebhookChange is a merge patch.
type WebhookChange struct {
	URL         Change[string]   `json:"url,omitempty"`
	Description Change[string]   `json:"description,omitempty"`
	Events      Change[[]string] `json:"events,omitempty" doc:"All of them: the list replaces the one before."`
	Active      Change[bool]     `json:"active,omitempty"`
}

type (
	// WebhookParams names a webhook.
	WebhookParams struct {
		ID string `path:"id" doc:"The webhook's id." example:"0199b0aa-5c1e-7d5a-9b1e-3f2f6a1c0d01"`
	}
	newWebhookInput   struct{ Body content[NewWebhook] }
	patchWebhookInput struct {
		WebhookParams
		MatchParams
		Body content[WebhookChange]
	}
	rotateWebhookInput struct {
		WebhookParams
		MatchParams
	}
	webhookOutput struct {
		ETag string `header:"ETag" doc:"The version, for If-Match."`
		Body Webhook
	}
	webhookSecretOutput struct {
		ETag string `header:"ETag" doc:"The version, for If-Match."`
		Body WebhookSecret
	}
	webhookListInput  struct{ ListParams }
	webhookListOutput struct{ Body page[Webhook] }
)

func (a *API) webhookRoutes() {
	answer, secret := exampleWebhook(), "whsec_6l0kq0mX3yT1c8Wb2uJr9sVd4hGf7aPz5nEiQoLxKtM"
	registerShop(a, operation{method: http.MethodGet, path: "/webhooks", id: "listWebhooks", tag: tagShop,
		scope: orbit.ScopeWebhooksRead, status: 200, errors: []int{422}, summary: "List webhooks",
		about:  "All of them, the oldest first: there are ten at most.",
		answer: page[Webhook]{Items: []Webhook{answer}}}, a.listWebhooks)
	registerShop(a, operation{method: http.MethodPost, path: "/webhooks", id: "createWebhook", tag: tagShop,
		scope: orbit.ScopeWebhooksWrite, status: 201, errors: []int{409}, summary: "Create a webhook",
		about: "Events are delivered and signed as docs/webhooks.md says. The answer has the signing secret, which can't " +
			"be had again: an answer that is repeated for an Idempotency-Key has null there. Where the first one got lost, " +
			"rotate the secret. 409 beyond ten.",
		body:   NewWebhook{URL: answer.URL, Description: answer.Description, Events: answer.Events},
		answer: WebhookSecret{answer, &secret}}, a.createWebhook)
	registerShop(a, operation{method: http.MethodGet, path: "/webhooks/{id}", id: "getWebhook", tag: tagShop,
		scope: orbit.ScopeWebhooksRead, status: 200, summary: "Read a webhook", about: "Without its signing secret.",
		answer: answer}, a.getWebhook)
	registerShop(a, operation{method: http.MethodPatch, path: "/webhooks/{id}", id: "updateWebhook", tag: tagShop,
		scope: orbit.ScopeWebhooksWrite, status: 200, summary: "Update a webhook",
		about: "Changes the fields that are sent. Deliveries under way go to the new address.",
		body:  map[string]any{"events": []string{"order.paid"}, "active": true}, answer: answer}, a.updateWebhook)
	registerShop(a, operation{method: http.MethodDelete, path: "/webhooks/{id}", id: "deleteWebhook", tag: tagShop,
		scope: orbit.ScopeWebhooksWrite, status: 204, summary: "Delete a webhook",
		about: "Takes its log of deliveries along. What is under way ends there."}, a.deleteWebhook)
	registerShop(a, operation{method: http.MethodPost, path: "/webhooks/{id}/rotation", id: "rotateWebhook", tag: tagShop,
		scope: orbit.ScopeWebhooksWrite, status: 200, errors: []int{412}, summary: "Rotate a signing secret",
		about: "Gives the webhook a new signing secret. The one before signs too for 24 hours. An answer that is " +
			"repeated for an Idempotency-Key has null in place of the secret.",
		answer: WebhookSecret{answer, &secret}}, a.rotateWebhook)
}

func exampleWebhook() Webhook {
	return webhookView(orbit.Webhook{ID: must[orbit.Webhook](exampleThemeID), URL: "https://example.com/orbit",
		Description: "Warehouse", Events: []orbit.EventKind{orbit.OrderWasCreated, orbit.OrderWasPaid},
		CreatedAt: exampleTime(), UpdatedAt: exampleTime()})
}

func webhookView(w orbit.Webhook) Webhook {
	v := Webhook{ID: w.ID.String(), URL: w.URL, Description: w.Description, Events: make([]string, len(w.Events)),
		Active: w.Active(), Version: webhookVersion(w), CreatedAt: w.CreatedAt.UTC(), UpdatedAt: w.UpdatedAt.UTC()}
	for i, kind := range w.Events {
		v.Events[i] = string(kind)
	}
	return v
}

// webhookVersion is when a webhook was changed, in microseconds: each change has a later one.
func webhookVersion(w orbit.Webhook) int { return int(w.UpdatedAt.UnixMicro()) }

func webhookAnswer(w orbit.Webhook, err error) (*webhookOutput, error) {
	return &webhookOutput{etag(webhookVersion(w)), webhookView(w)}, err
}

// webhookSecretAnswer is an answer with a secret, which is kept without it.
func (d desk) webhookSecretAnswer(w orbit.Webhook, secret string) *webhookSecretOutput {
	d.secret = secret
	return &webhookSecretOutput{etag(webhookVersion(w)), WebhookSecret{webhookView(w), text(secret)}}
}

func eventKinds(list []string) []orbit.EventKind {
	kinds := make([]orbit.EventKind, len(list))
	for i, kind := range list {
		kinds[i] = orbit.EventKind(kind)
	}
	return kinds
}

func (a *API) listWebhooks(ctx context.Context, d desk, in *webhookListInput) (*webhookListOutput, error) {
	rows, err := d.Shop.Hooks().List(ctx)
	if err != nil {
		return nil, err
	}
	all := make([]Webhook, len(rows))
	for i, row := range rows {
		all[i] = webhookView(row.Webhook)
	}
	p, err := whole(a.tokens, "webhooks", in.ListParams, all, func(v Webhook) store.After {
		return store.After{Time: v.CreatedAt, ID: v.ID}
	})
	return &webhookListOutput{p}, err
}

func (a *API) getWebhook(ctx context.Context, d desk, in *WebhookParams) (*webhookOutput, error) {
	hook, err := id[orbit.Webhook](in.ID)
	if err != nil {
		return nil, err
	}
	row, err := d.Shop.Hooks().Get(ctx, hook)
	return webhookAnswer(row.Webhook, err)
}

func (a *API) createWebhook(ctx context.Context, d desk, _ *newWebhookInput) (*webhookSecretOutput, error) {
	body, r := read[NewWebhook](d.call)
	in := orbit.WebhookInput{URL: body.URL, Description: body.Description, Events: eventKinds(body.Events)}
	if !r.ok() {
		return nil, r.with(a.hooks.Check(d.Merchant.ID, in))
	}
	id := orbit.NewID[orbit.Webhook]()
	if d.claim != nil { // the same again, where the process died after it was made
		id = orbit.WebhookID(d.claim.Resource)
	}
	secret, err := a.hooks.Create(ctx, d.Shop.Hooks(), id, in)
	if err != nil {
		return nil, err
	}
	row, err := d.Shop.Hooks().Get(ctx, id)
	return d.webhookSecretAnswer(row.Webhook, secret.Reveal()), err
}

func (a *API) updateWebhook(ctx context.Context, d desk, in *patchWebhookInput) (*webhookOutput, error) {
	body, r := read[WebhookChange](d.call)
	hook, err := id[orbit.Webhook](in.ID)
	if err != nil {
		return nil, err
	}
	w, err := a.hooks.Edit(ctx, d.Shop.Hooks(), hook, func(w *orbit.Webhook) error {
		if err := d.match(webhookVersion(*w)); err != nil {
			return err
		}
		if body.URL.Sent {
			w.URL = body.URL.Value
		}
		if body.Description.Sent {
			w.Description = body.Description.Value
		}
		if body.Events.Sent {
			w.Events = eventKinds(body.Events.Value)
		}
		if body.Active.Sent {
			w.SetActive(body.Active.Value, time.Now().UTC())
		}
		if !r.ok() {
			return r.with(a.hooks.Check(d.Merchant.ID, w.Input()))
		}
		return nil
	})
	return webhookAnswer(w, err)
}

func (a *API) deleteWebhook(ctx context.Context, d desk, in *WebhookParams) (*noContent, error) {
	hook, err := id[orbit.Webhook](in.ID)
	if err != nil {
		return nil, err
	}
	return nil, d.Shop.Hooks().Delete(ctx, hook)
}

func (a *API) rotateWebhook(ctx context.Context, d desk, in *rotateWebhookInput) (*webhookSecretOutput, error) {
	hook, err := id[orbit.Webhook](in.ID)
	if err != nil {
		return nil, err
	}
	w, secret, err := a.hooks.Rotate(ctx, d.Shop.Hooks(), hook,
		func(w orbit.Webhook) error { return d.match(webhookVersion(w)) })
	return d.webhookSecretAnswer(w, secret.Reveal()), err
}
