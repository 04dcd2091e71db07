package dashboard

import (
	"context"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
	"orbit360.app/views/dashboard"
)

func (r routes) apiKeyRoutes() []route {
	const may = orbit.PermissionDevelopers
	return []route{
		get("/settings/api-keys", may, r.showAPIKeys),
		post("/settings/api-keys", may, r.createAPIKey),
		get("/settings/api-keys/new", may, r.newAPIKey),
		get("/settings/api-keys/:apikey/revocation/new", may, r.newRevocation),
		post("/settings/api-keys/:apikey/revocation", may, r.createRevocation),
	}
}

func (r routes) showAPIKeys(c *fiber.Ctx, d desk) error {
	l := dashboard.APIKeys{Merchant: d.Merchant, Now: time.Now()}
	err := d.read(c, func(ctx context.Context, t *shop.Tenant) (err error) { l.Keys, err = t.APIKeys(ctx); return err })
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, dashboard.APIKeysPage(d.frame(), l))
}

func (r routes) newAPIKey(c *fiber.Ctx, d desk) error {
	return r.Render(c, fiber.StatusOK, dashboard.APIKeyFormPage(d.frame(), dashboard.APIKeyForm{Merchant: d.Merchant,
		Rights: d.Rights, Input: orbit.ShopKeyInput{ID: orbit.NewID[orbit.APIKey]()}}))
}

// createAPIKey answers with the key, the only time it is shown: a redirect would have to keep it somewhere.
func (r routes) createAPIKey(c *fiber.Ctx, d desk) error {
	in := orbit.ShopKeyInput{Name: c.FormValue("name")}
	id, err := orbit.ParseID[orbit.APIKey](c.FormValue("id"))
	if err != nil || id.IsZero() {
		return orbit.Errorf(orbit.Malformed, "This form is invalid. Open it again.")
	}
	in.ID = id
	for _, s := range kit.Form(c)["scopes"] {
		in.Scopes = append(in.Scopes, orbit.APIScope(s))
	}
	if in.Days, err = strconv.Atoi(c.FormValue("days")); err != nil {
		in.Days = -1 // none of those to choose from
	}
	key, err := in.Check(d.Rights, time.Now())
	var secret string
	if err == nil {
		err = d.change(c, func(ctx context.Context, e *shop.Edit) (err error) {
			secret, err = e.CreateAPIKey(ctx, key)
			return err
		})
	}
	switch code := orbit.CodeOf(err); {
	case code == orbit.Invalid, code == orbit.Conflict:
		faults := kit.Faults(err)
		if code == orbit.Conflict {
			faults = map[string]string{"name": orbit.Sentence(err)}
		}
		return r.Render(c, kit.Status(err), dashboard.APIKeyFormPage(d.frame(), dashboard.APIKeyForm{Merchant: d.Merchant,
			Rights: d.Rights, Input: in, Faults: faults}))
	case err != nil:
		return err
	case secret == "": // sent twice: the key is there, and has been shown
		r.Toast(c, "This form was already sent, and its key was shown once. If you lost the key, revoke it and create "+
			"another.")
		return kit.See(c, dashboard.APIKeysPath(d.Merchant))
	}
	return r.Render(c, fiber.StatusCreated, dashboard.APIKeyPage(d.frame(), d.Merchant, key.Name, secret))
}

func (r routes) newRevocation(c *fiber.Ctx, d desk) error {
	id, err := id[orbit.APIKey](c, "apikey")
	if err != nil {
		return err
	}
	var key orbit.APIKey
	err = d.read(c, func(ctx context.Context, t *shop.Tenant) (err error) { key, err = t.APIKey(ctx, id); return err })
	if err != nil {
		return err
	}
	return r.ask(c, d, dashboard.APIKeyRevocation(d.Merchant, key))
}

func (r routes) createRevocation(c *fiber.Ctx, d desk) error {
	id, err := id[orbit.APIKey](c, "apikey")
	if err != nil {
		return err
	}
	if err := d.change(c, func(ctx context.Context, e *shop.Edit) error { return e.RevokeAPIKey(ctx, id) }); err != nil {
		return err
	}
	r.Toast(c, "API key revoked.")
	return kit.See(c, dashboard.APIKeysPath(d.Merchant))
}
