package admin

import (
	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/views/admin"
)

func (r routes) showAPIKeys(c *fiber.Ctx) error {
	keys, err := r.DB.APIKeys(c.UserContext())
	if err != nil {
		return err
	}
	return r.page(c, fiber.StatusOK, func(f admin.Frame) templ.Component { return admin.APIKeysPage(f, keys) })
}

func (r routes) newAPIKey(c *fiber.Ctx) error {
	return r.showAPIKeyForm(c, fiber.StatusOK, admin.APIKeyForm{ID: orbit.NewID[orbit.APIKey]()})
}

func (r routes) showAPIKeyForm(c *fiber.Ctx, status int, form admin.APIKeyForm) error {
	return r.page(c, status, func(f admin.Frame) templ.Component { return admin.APIKeyFormPage(f, form) })
}

// createAPIKey answers with the key, the only time it is shown: a redirect would have to keep it somewhere.
func (r routes) createAPIKey(c *fiber.Ctx) error {
	id, err := orbit.ParseID[orbit.APIKey](c.FormValue("id"))
	if err != nil || id.IsZero() {
		return orbit.Errorf(orbit.Malformed, "This form is invalid. Open it again.")
	}
	name, err := orbit.CheckAPIKeyName(c.FormValue("name"))
	if err != nil {
		return r.showAPIKeyForm(c, fiber.StatusUnprocessableEntity,
			admin.APIKeyForm{ID: id, Name: c.FormValue("name"), Faults: orbit.FaultsOf(err)})
	}
	secret, err := r.DB.CreateAPIKey(c.UserContext(), id, name, r.Actor(c))
	if err != nil {
		return err
	}
	if secret == "" { // sent twice: the key is there, and has been shown
		r.Toast(c, "This form was already sent, and its key was shown once. If you lost the key, revoke it and create "+
			"another.")
		return kit.See(c, admin.APIKeysPath)
	}
	return r.page(c, fiber.StatusCreated, func(f admin.Frame) templ.Component { return admin.APIKeyPage(f, name, secret) })
}

func (r routes) newRevocation(c *fiber.Ctx) error {
	key, err := r.apiKey(c)
	if err != nil {
		return err
	}
	return r.ask(c, admin.RevocationQuestion(key))
}

func (r routes) createRevocation(c *fiber.Ctx) error {
	key, err := r.apiKey(c)
	if err != nil {
		return err
	}
	if err := r.DB.RevokeAPIKey(c.UserContext(), key.ID, r.Actor(c)); err != nil {
		return err
	}
	r.Toast(c, "API key revoked.")
	return kit.See(c, admin.APIKeysPath)
}

// apiKey is the one in the path.
func (r routes) apiKey(c *fiber.Ctx) (orbit.APIKey, error) {
	id, err := orbit.ParseID[orbit.APIKey](c.Params("key"))
	if err != nil {
		return orbit.APIKey{}, err
	}
	return r.DB.APIKey(c.UserContext(), id)
}
