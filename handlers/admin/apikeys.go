package admin

import (
	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/views/admin"
)

func (h handlers) apiKeyRoutes(app *fiber.App) {
	app.Get(admin.APIKeysPath, h.showAPIKeys)
	app.Get(admin.APIKeysPath+"/new", h.newAPIKey)
	app.Post(admin.APIKeysPath, h.createAPIKey)
	app.Get(admin.APIKeysPath+"/:key/revocation/new", h.newRevocation)
	app.Post(admin.APIKeysPath+"/:key/revocation", h.createRevocation)
}

func (h handlers) showAPIKeys(c *fiber.Ctx) error {
	keys, err := h.DB.APIKeys(c.UserContext())
	if err != nil {
		return err
	}
	return h.page(c, fiber.StatusOK, func(f admin.Frame) templ.Component { return admin.APIKeysPage(f, keys) })
}

func (h handlers) newAPIKey(c *fiber.Ctx) error {
	return h.showAPIKeyForm(c, fiber.StatusOK, admin.APIKeyForm{ID: orbit.NewID[orbit.APIKey]()})
}

func (h handlers) showAPIKeyForm(c *fiber.Ctx, status int, form admin.APIKeyForm) error {
	return h.page(c, status, func(f admin.Frame) templ.Component { return admin.APIKeyFormPage(f, form) })
}

// createAPIKey answers with the key, the only time it is shown: a redirect would have to keep it somewhere.
func (h handlers) createAPIKey(c *fiber.Ctx) error {
	id, err := orbit.ParseID[orbit.APIKey](c.FormValue("id"))
	if err != nil || id.IsZero() {
		return orbit.Errorf(orbit.Malformed, "This form is invalid. Open it again.")
	}
	name, err := orbit.CheckAPIKeyName(c.FormValue("name"))
	if err != nil {
		return h.showAPIKeyForm(c, fiber.StatusUnprocessableEntity,
			admin.APIKeyForm{ID: id, Name: c.FormValue("name"), Faults: orbit.FaultsOf(err)})
	}
	secret, err := h.DB.CreateAPIKey(c.UserContext(), id, name, h.Actor(c))
	if err != nil {
		return err
	}
	if secret == "" { // sent twice: the key is there, and has been shown
		h.Toast(c, "This form was already sent, and its key was shown once. If you lost the key, revoke it and create another.")
		return kit.See(c, admin.APIKeysPath)
	}
	return h.page(c, fiber.StatusCreated, func(f admin.Frame) templ.Component { return admin.APIKeyPage(f, name, secret) })
}

func (h handlers) newRevocation(c *fiber.Ctx) error {
	key, err := h.apiKey(c)
	if err != nil {
		return err
	}
	return h.ask(c, admin.RevocationQuestion(key))
}

func (h handlers) createRevocation(c *fiber.Ctx) error {
	key, err := h.apiKey(c)
	if err != nil {
		return err
	}
	if err := h.DB.RevokeAPIKey(c.UserContext(), key.ID, h.Actor(c)); err != nil {
		return err
	}
	h.Toast(c, key.Name+" is revoked.")
	return kit.See(c, admin.APIKeysPath)
}

// apiKey is the one in the path.
func (h handlers) apiKey(c *fiber.Ctx) (orbit.APIKey, error) {
	id, err := orbit.ParseID[orbit.APIKey](c.Params("key"))
	if err != nil {
		return orbit.APIKey{}, err
	}
	return h.DB.APIKey(c.UserContext(), id)
}
