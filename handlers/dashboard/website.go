package dashboard

import (
	"context"
	"errors"
	"strings"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
	"orbit360.app/themes"
	"orbit360.app/views/dashboard"
)

// websiteKeys holds the settings of themes that the part about the website asks for, where an engine has them.
var websiteKeys = []string{"hero_heading", "hero_text", "hero_button", "announcement", "statement", "footer_text"}

func websiteFields(schema themes.Schema) (fields []themes.Setting) {
	for _, key := range websiteKeys {
		for _, t := range schema {
			if t.Key == key && t.Kind == themes.Text {
				fields = append(fields, t)
			}
		}
	}
	return fields
}

func (r routes) showWebsite(c *fiber.Ctx, d desk) error {
	return r.renderWebsite(c, d, fiber.StatusOK, dashboard.WebsiteForm{})
}

// website is the part about the website: the texts in the draft of the person who asks, and the shop that the public
// sees with these.
func (r routes) website(
	c *fiber.Ctx, d desk, form dashboard.WebsiteForm,
) (dashboard.WebsiteForm, dashboard.Setup, error) {
	e, err := r.editing(c, d, "")
	if err != nil {
		return form, dashboard.Setup{}, err
	}
	var pages func() []orbit.Page
	s, err := r.progress(c, d, func(q *shop.Reader) {
		all := q.Pages()
		pages = func() []orbit.Page { return all.Value }
	})
	if err != nil {
		return form, s, err
	}
	form.Action, form.Theme, form.Pages = dashboard.PartPath(d.Merchant, orbit.PartWebsite), e.theme, pages()
	form.Release, form.Fields = e.public.Number, websiteFields(e.engine.Schema())
	public := e.engine.Schema().Resolve(e.public.Settings)
	form.Values, form.Changed = map[string]string{}, false
	config := e.texts()
	values := e.engine.Schema().Resolve(config)
	for _, t := range form.Fields {
		form.Values[dashboard.ConfigName(t)] = values.String(t.Key)
		form.Changed = form.Changed || values.String(t.Key) != public.String(t.Key)
	}
	form.Src, err = r.draft(c, d, e.release(config), "/")
	return form, s, err
}

// texts returns the public settings with the website's texts of the person's draft.
func (e editing) texts() orbit.Settings {
	schema := e.engine.Schema()
	config := orbit.Settings(schema.Resolve(e.public.Settings))
	if e.draft == nil {
		return config
	}
	draft := schema.Resolve(e.draft.Settings)
	for _, t := range websiteFields(schema) {
		config[t.Key] = draft.String(t.Key)
	}
	return config
}

func (r routes) renderWebsite(c *fiber.Ctx, d desk, status int, form dashboard.WebsiteForm) error {
	form, s, err := r.website(c, d, form)
	if err != nil {
		return err
	}
	r.allowShop(c, d.Merchant)
	return r.Render(c, status, dashboard.WebsitePart(d.frame(), s, form))
}

// saveTexts takes the texts that a form sends into the person's draft. alone is the one that saves itself; what is
// wrong with them is in err, and then what was typed in typed.
func (r routes) saveTexts(c *fiber.Ctx, d desk, e editing) (alone string, typed map[string]string, err error) {
	schema := e.engine.Schema()
	var names []string
	for _, t := range websiteFields(schema) {
		names = append(names, dashboard.ConfigName(t))
	}
	if typed, alone, err = sent(c, names); err != nil {
		return alone, nil, err
	}
	some := orbit.Settings{}
	for name, value := range typed {
		some[strings.TrimPrefix(name, "config.")] = value
	}
	if some, err = schema.Check(some); err != nil || len(some) == 0 {
		return alone, typed, err
	}
	return alone, typed, e.read(c, func(ctx context.Context, t *shop.Tenant) error {
		return t.EditThemeDraft(ctx, e.begins(), 0, some)
	})
}

// updateWebsite keeps texts in the draft: nobody else sees them.
func (r routes) updateWebsite(c *fiber.Ctx, d desk) error {
	e, err := r.editing(c, d, "")
	if err != nil {
		return err
	}
	alone, typed, err := r.saveTexts(c, d, e)
	switch {
	case kit.Refuses(err) && kit.IsHTMX(c):
		return r.Render(c, fiber.StatusUnprocessableEntity, dashboard.NotSaved(fieldFault(err, alone)))
	case kit.Refuses(err):
		return r.renderWebsite(c, d, kit.Status(err), dashboard.WebsiteForm{Typed: typed, Faults: kit.Faults(err),
			Problem: orbit.Sentence(err)})
	case err != nil:
		return err
	case kit.IsHTMX(c):
		form, s, err := r.website(c, d, dashboard.WebsiteForm{})
		if err != nil {
			return err
		}
		return r.Render(c, fiber.StatusOK, dashboard.SavedWebsite(form, alone, s))
	}
	r.Toast(c, "Saved.")
	return kit.See(c, dashboard.PartPath(d.Merchant, orbit.PartWebsite))
}

// createWebsiteRelease publishes the theme with the texts of the draft, and with those that the form sends.
func (r routes) createWebsiteRelease(c *fiber.Ctx, d desk) error {
	e, err := r.editing(c, d, "")
	if err != nil {
		return err
	}
	_, typed, err := r.saveTexts(c, d, e)
	if errors.Is(err, errIncomplete) {
		err = nil // it publishes the draft as it is
	}
	upon := upon(kit.Form(c))
	var made orbit.Release
	if err == nil {
		if e, err = r.editing(c, d, ""); err != nil {
			return err
		}
		err = d.change(c, func(ctx context.Context, edit *shop.Edit) (err error) {
			made, err = edit.PublishRelease(ctx, upon, e.release(e.texts()))
			return err
		})
	}
	if kit.Refuses(err) {
		form := dashboard.WebsiteForm{Typed: typed, Faults: kit.Faults(err), Problem: orbit.Sentence(err)}
		if errors.Is(err, shop.ErrOtherRelease) {
			form.Problem += " Your texts are saved. Publish again to add them to it."
		}
		return r.renderWebsite(c, d, kit.Status(err), form)
	}
	if err != nil {
		return err
	}
	if made.Number == upon {
		r.Toast(c, "No changes to publish. Change a text first.")
	} else {
		r.Toast(c, "Your home page is published.")
	}
	return kit.See(c, dashboard.PartPath(d.Merchant, orbit.PartWebsite))
}
