package dashboard

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/google/uuid"

	"orbit360.app/handlers/kit"
	"orbit360.app/media"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
	"orbit360.app/views/dashboard"
)

// brandFields holds the fields of a brand that its form has.
var brandFields = []string{"accent", "background"}

func (r routes) brandingRoutes() []route {
	const may = orbit.PermissionOnlineStore
	at := "/onboarding/" + string(orbit.PartBranding)
	return []route{
		get(at, may, r.showBranding),
		post(at, may, r.updateBranding),
		post(at+"/logo", may, r.createLogo),
		post(at+"/logo/deletion", may, r.createLogoDeletion),
		post(at+"/publication", may, r.createBrandRelease),
	}
}

func (r routes) showBranding(c *fiber.Ctx, d desk) error {
	return r.renderBranding(c, d, fiber.StatusOK, dashboard.BrandForm{})
}

// branding is the part about the brand: the form, and the theme in the brand.
func (r routes) branding(c *fiber.Ctx, d desk, form dashboard.BrandForm) (dashboard.BrandForm, dashboard.Setup, error) {
	e, err := r.editing(c, d, "")
	if err != nil {
		return form, dashboard.Setup{}, err
	}
	s, err := r.progress(c, d, nil)
	if err != nil {
		return form, s, err
	}
	form.Action = dashboard.PartPath(d.Merchant, orbit.PartBranding)
	form.Upload, form.Batch = r.Ticket(form.Action+"/logo", time.Now()), uuid.NewString()
	form.Release = e.public.Number
	if form.Settings, form.Logo, err = r.brand(c, d); err != nil {
		return form, s, err
	}
	config := e.branded(form.Settings.Brand, form.Logo)
	values := e.engine.Schema().Resolve(config)
	form.Accent, form.Background = values.String("accent"), values.String("background")
	form.Changed = !maps.Equal(values, e.engine.Schema().Resolve(e.public.Settings))
	form.Src, err = r.draft(c, d, e.release(config), "/")
	return form, s, err
}

// brand reads the shop's brand as it is being made, and its logo; a logo that there isn't has no id.
func (r routes) brand(c *fiber.Ctx, d desk) (settings orbit.ShopSettings, logo orbit.Media, err error) {
	err = d.read(c, func(ctx context.Context, t *shop.Tenant) (err error) {
		if settings, err = t.Settings(ctx); err != nil || settings.LogoID.IsZero() {
			return err
		}
		all, err := t.Images(ctx, orbit.ProductID{})
		if i := slices.IndexFunc(all, func(m orbit.Media) bool { return m.ID == settings.LogoID }); i >= 0 {
			logo = all[i]
		}
		return err
	})
	return settings, logo, err
}

// branded returns the settings that the public sees in a brand.
func (e editing) branded(b orbit.Brand, logo orbit.Media) orbit.Settings {
	path := ""
	if logo.Status == orbit.MediaReady {
		path = logo.Image().Path(logoWidth)
	}
	schema := e.engine.Schema()
	return schema.Branded(orbit.Settings(schema.Resolve(e.public.Settings)), b, path)
}

// logoWidth is how wide a logo is shown at most, in pixels.
const logoWidth = 640

func (r routes) renderBranding(c *fiber.Ctx, d desk, status int, form dashboard.BrandForm) error {
	form, s, err := r.branding(c, d, form)
	if err != nil {
		return err
	}
	r.allowShop(c, d.Merchant)
	return r.Render(c, status, dashboard.BrandingPart(d.frame(), s, form))
}

// updateBranding changes the colors that a form sends, in the draft.
func (r routes) updateBranding(c *fiber.Ctx, d desk) error {
	fields, alone, err := sent(c, brandFields)
	if pick := kit.Form(c).Get("pick"); pick != "" { // one of the logo's colors
		fields["accent"], err = pick, nil
	}
	if err != nil {
		return err
	}
	err = d.change(c, func(ctx context.Context, e *shop.Edit) error {
		was, err := e.Settings(ctx)
		if err != nil {
			return err
		}
		b := was.Brand
		if accent, ok := fields["accent"]; ok {
			b.Accent = accent
		}
		if background, ok := fields["background"]; ok {
			b.Background = background
		}
		return e.SetBrand(ctx, was.LogoID, b)
	})
	switch {
	case kit.Refuses(err) && alone != "":
		return r.Render(c, fiber.StatusUnprocessableEntity, dashboard.NotSaved(fieldFault(err, alone)))
	case kit.Refuses(err):
		return r.renderBranding(c, d, kit.Status(err), dashboard.BrandForm{Problem: orbit.Sentence(err)})
	case err != nil:
		return err
	case alone != "" && kit.IsHTMX(c):
		form, s, err := r.branding(c, d, dashboard.BrandForm{})
		if err != nil {
			return err
		}
		return r.Render(c, fiber.StatusOK, dashboard.SavedBrand(form, alone, s))
	}
	return kit.See(c, dashboard.PartPath(d.Merchant, orbit.PartBranding))
}

// createLogo takes a logo, and its colors into the draft.
func (r routes) createLogo(c *fiber.Ctx, d desk) error {
	form := uploadsOf(c)
	batch, files, err := form.survey()
	if err != nil {
		return err
	}
	if files != 1 {
		return r.renderBranding(c, d, fiber.StatusUnprocessableEntity, dashboard.BrandForm{Problem: "Choose one image."})
	}
	err = form.each(func(f upload) error {
		if f.size > orbit.MaxImageBytes {
			return orbit.Errorf(orbit.TooLarge, "A logo can have at most %s.", orbit.Bytes(orbit.MaxImageBytes))
		}
		u := media.Upload{Batch: batch, Name: f.name, File: f.data}
		if err := r.Media.Add(c.UserContext(), d.Shop, u); err != nil {
			return err
		}
		colors := media.Palette(f.data)
		return d.change(c, func(ctx context.Context, e *shop.Edit) error {
			was, err := e.Settings(ctx)
			if err != nil {
				return err
			}
			return e.SetBrand(ctx, u.ID(d.Merchant.ID), was.Brand.WithColors(colors))
		})
	})
	if expected(err) {
		return r.renderBranding(c, d, kit.Status(err), dashboard.BrandForm{Problem: orbit.Sentence(err)})
	}
	if err != nil {
		return err
	}
	return kit.See(c, dashboard.PartPath(d.Merchant, orbit.PartBranding))
}

// createLogoDeletion has the draft go without the logo; the image stays among the shop's.
func (r routes) createLogoDeletion(c *fiber.Ctx, d desk) error {
	err := d.change(c, func(ctx context.Context, e *shop.Edit) error {
		was, err := e.Settings(ctx)
		if err != nil {
			return err
		}
		return e.SetBrand(ctx, orbit.MediaID{}, was.Brand.WithColors(nil))
	})
	if err != nil {
		return err
	}
	return kit.See(c, dashboard.PartPath(d.Merchant, orbit.PartBranding))
}

// createBrandRelease publishes the theme in the brand.
func (r routes) createBrandRelease(c *fiber.Ctx, d desk) error {
	e, err := r.editing(c, d, "")
	if err != nil {
		return err
	}
	settings, logo, err := r.brand(c, d)
	if err != nil {
		return err
	}
	var problem string
	switch {
	case logo.Status == orbit.MediaProcessing:
		problem = "The logo is still being processed. Publish again in a moment."
	case settings.Brand.Accent == "" && settings.Brand.Background == "" && logo.ID.IsZero():
		problem = "Upload a logo or choose a color first."
	}
	if problem != "" {
		return r.renderBranding(c, d, fiber.StatusConflict, dashboard.BrandForm{Problem: problem})
	}
	config, err := e.engine.Schema().Check(e.branded(settings.Brand, logo))
	if err == nil {
		release := e.release(config)
		release.Source = orbit.FromBranding
		err = d.change(c, func(ctx context.Context, edit *shop.Edit) error {
			_, err := edit.PublishRelease(ctx, e.public.Number, release)
			return err
		})
	}
	if kit.Refuses(err) {
		return r.renderBranding(c, d, kit.Status(err), dashboard.BrandForm{Problem: orbit.Sentence(err)})
	}
	if err != nil {
		return err
	}
	r.Toast(c, "Your branding is published.")
	return kit.See(c, dashboard.PartPath(d.Merchant, orbit.PartBranding))
}
