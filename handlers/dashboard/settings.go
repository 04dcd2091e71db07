package dashboard

import (
	"context"
	"slices"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
	"orbit360.app/views/dashboard"
)

// shopForm reads the form about the shop.
func (r routes) shopForm(c *fiber.Ctx, d desk, action string) (dashboard.ShopForm, error) {
	form := dashboard.ShopForm{Action: action, Merchant: d.Merchant}
	err := d.read(c, func(ctx context.Context, t *shop.Tenant) (err error) {
		form.Settings, err = t.Settings(ctx)
		return err
	})
	return form, err
}

// showSettings leads on to the first of the settings that the member may see, which for some is none.
func (r routes) showSettings(c *fiber.Ctx, d desk) error {
	return kit.See(c, dashboard.SettingsPath(d.Merchant, d.Rights))
}

func (r routes) showGeneral(c *fiber.Ctx, d desk) error {
	form, err := r.shopForm(c, d, dashboard.GeneralPath(d.Merchant))
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, dashboard.General(d.frame(), form))
}

func (r routes) updateGeneral(c *fiber.Ctx, d desk) error {
	return r.updateShop(c, d, dashboard.GeneralPath(d.Merchant), func(status int, form dashboard.ShopForm) error {
		return r.Render(c, status, dashboard.General(d.frame(), form))
	})
}

// sent returns the fields of a form that are to be changed: the one that saves itself, or those that differ from what
// the form showed. Fields that were changed elsewhere, and not here, stay as they are. Malformed where it isn't one
// of the forms that pages have: nothing would be saved, and the answer would say that it was.
func sent(c *fiber.Ctx, fields []string) (patch map[string]string, alone string, err error) {
	patch = map[string]string{}
	form := kit.Form(c)
	if alone = c.Query("field"); alone != "" {
		if !slices.Contains(fields, alone) {
			return patch, alone, errIncomplete
		}
		patch[alone] = form.Get(alone)
		return patch, alone, nil
	}
	showed := 0
	for _, field := range fields {
		was := dashboard.WasName(field)
		switch {
		case form.Has(was):
			showed++
			if form.Get(field) != form.Get(was) {
				patch[field] = form.Get(field)
			}
		case form.Has(field):
			return patch, "", errIncomplete
		}
	}
	if showed == 0 {
		err = errIncomplete
	}
	return patch, "", err
}

var errIncomplete = orbit.Errorf(orbit.Malformed, "The form is incomplete. Open the page again and retry.")

// updateShop changes the shop as a form says; again draws the form as it came, with what was wrong.
func (r routes) updateShop(
	c *fiber.Ctx, d desk, action string, again func(status int, form dashboard.ShopForm) error,
) error {
	fields, alone, err := sent(c, orbit.ShopFields())
	if err != nil {
		return err
	}
	patch := orbit.ShopPatch(fields)
	form := dashboard.ShopForm{Action: action}
	var progress orbit.Onboarding
	err = d.change(c, func(ctx context.Context, e *shop.Edit) (err error) {
		if alone == orbit.FieldCountry {
			was, err := e.Settings(ctx)
			if err != nil {
				return err
			}
			patch.Moves(was.Address)
		}
		form.Settings, err = e.UpdateSettings(ctx, patch, 0)
		form.Merchant = e.Merchant
		if err == nil {
			progress, err = e.Onboarding(ctx)
		}
		return err
	})
	switch {
	case kit.Refuses(err) && kit.IsHTMX(c):
		return r.Render(c, fiber.StatusUnprocessableEntity, dashboard.NotSaved(fieldFault(err, alone)))
	case kit.Refuses(err):
		if form.Settings.MerchantID.IsZero() {
			return err
		}
		form.Typed, form.Faults, form.Problem = patch, kit.Faults(err), orbit.Sentence(err)
		return again(kit.Status(err), form)
	case err != nil:
		return err
	case kit.IsHTMX(c):
		return r.Render(c, fiber.StatusOK, dashboard.SavedShop(form, alone, setup(c, d, progress)))
	}
	r.Toast(c, "Saved.")
	return kit.See(c, action)
}

// fieldFault returns the sentence to show at a field that saves itself.
func fieldFault(err error, field string) string {
	if fault := kit.Faults(err)[field]; fault != "" {
		return fault
	}
	return orbit.Sentence(err)
}

func (r routes) newClosing(c *fiber.Ctx, d desk) error {
	return r.ask(c, d, dashboard.CloseQuestion(d.Merchant))
}

func (r routes) createClosing(c *fiber.Ctx, d desk) error {
	if err := d.change(c, func(ctx context.Context, e *shop.Edit) error { return e.Close(ctx) }); err != nil {
		return err
	}
	r.Toast(c, "Your shop is closed.")
	return kit.See(c, dashboard.GeneralPath(d.Merchant))
}
