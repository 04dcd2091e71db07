package admin

import (
	"context"
	"slices"
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/themes"
	"orbit360.app/views/admin"
	"orbit360.app/views/ui"
)

// usesShown is how many users of a theme or a plan its page names.
const usesShown = 50

func (h handlers) showThemes(c *fiber.Ctx) error {
	list, err := h.DB.Themes(c.UserContext(), false)
	if err != nil {
		return err
	}
	uses, _, err := h.DB.OfferCounts(c.UserContext())
	if err != nil {
		return err
	}
	cards := make([]admin.ThemeCard, len(list))
	for i, t := range list {
		cards[i] = admin.ThemeCard{Theme: t, Uses: uses[t.ID]}
	}
	return h.page(c, fiber.StatusOK, func(f admin.Frame) templ.Component { return admin.ThemesPage(f, cards) })
}

// newTheme asks for an engine, and then shows the form with that engine's settings, or with those of the theme it is
// made from.
func (h handlers) newTheme(c *fiber.Ctx) error {
	form := admin.ThemeForm{Input: orbit.ThemeInput{Engine: orbit.EngineName(c.Query("engine")), Version: "1.0.0",
		Active: true}}
	if from := c.Query("from"); from != "" {
		t, err := h.DB.Theme(c.UserContext(), from)
		if err != nil {
			return err
		}
		form.Input = t.Input()
		form.Input.Name, form.Input.Slug = t.Name+" copy", ""
	}
	engine := h.engines[form.Input.Engine]
	if engine == nil {
		return h.showEngines(c)
	}
	form.Schema, form.Presets = engine.Schema(), engine.Presets()
	return h.page(c, fiber.StatusOK, func(f admin.Frame) templ.Component { return admin.ThemePage(f, form) })
}

func (h handlers) showEngines(c *fiber.Ctx) error {
	var cards []admin.EngineCard
	for _, name := range orbit.Engines() {
		if e := h.engines[name]; e != nil {
			card := admin.EngineCard{Name: name, Title: strings.ToUpper(string(name[:1])) + string(name[1:]),
				Settings: len(e.Schema())}
			for _, t := range orbit.DefaultThemes() {
				if t.Engine == name {
					card.Description = t.Description
				}
			}
			cards = append(cards, card)
		}
	}
	return h.page(c, fiber.StatusOK, func(f admin.Frame) templ.Component { return admin.EnginesPage(f, cards) })
}

func (h handlers) createTheme(c *fiber.Ctx) error {
	form := admin.ThemeForm{}
	return h.saveTheme(c, form, orbit.EngineName(c.FormValue("engine")),
		func(ctx context.Context, in orbit.ThemeInput) (orbit.Theme, error) {
			return h.DB.CreateTheme(ctx, in, h.Actor(c))
		}, "Theme created.")
}

func (h handlers) showTheme(c *fiber.Ctx) error {
	form, err := h.themeForm(c)
	if err != nil {
		return err
	}
	form.Input = form.Theme.Input()
	if engine := h.engines[form.Input.Engine]; engine != nil {
		form.Schema, form.Presets = engine.Schema(), engine.Presets()
	}
	return h.page(c, fiber.StatusOK, func(f admin.Frame) templ.Component { return admin.ThemePage(f, form) })
}

func (h handlers) updateTheme(c *fiber.Ctx) error {
	form, err := h.themeForm(c)
	if err != nil {
		return err
	}
	// A theme stays with its engine here: its settings are that engine's.
	return h.saveTheme(c, form, form.Theme.Engine, func(ctx context.Context, in orbit.ThemeInput) (orbit.Theme, error) {
		return h.DB.UpdateTheme(ctx, form.Theme.ID, in, h.Actor(c))
	}, "Theme saved.")
}

// saveTheme reads the form, says all that is wrong with it at once, and has save keep it.
func (h handlers) saveTheme(c *fiber.Ctx, form admin.ThemeForm, name orbit.EngineName,
	save func(context.Context, orbit.ThemeInput) (orbit.Theme, error), done string) error {
	engine := h.engines[name]
	if engine == nil {
		return orbit.Errorf(orbit.Invalid, "Unknown engine. Choose one from the list.")
	}
	form.Schema, form.Presets = engine.Schema(), engine.Presets()
	form.Input = orbit.ThemeInput{Name: c.FormValue("name"), Slug: c.FormValue("slug"),
		Description: c.FormValue("description"), Thumbnail: c.FormValue("thumbnail"),
		Version: c.FormValue("version"), Engine: name, Active: c.FormValue("active") != "",
		Config: form.Schema.Read(kit.Form(c), "config.")}
	if form.Input.Config, form.Rearranged = themes.Rearranged(engine, form.Input.Config, kit.Form(c)); form.Rearranged {
		form.Pressed = c.FormValue("move")
		return h.page(c, fiber.StatusOK, func(f admin.Frame) templ.Component { return admin.ThemePage(f, form) })
	}
	in, err := form.Input.Check()
	config, configErr := form.Schema.Check(form.Input.Config)
	form.Faults = slices.Concat(orbit.FaultsOf(err), orbit.FaultsOf(configErr))
	if len(form.Faults) == 0 {
		in.Config = form.Schema.Sparse(config)
		t, err := save(c.UserContext(), in)
		if err == nil {
			h.Toast(c, done)
			return kit.See(c, admin.ThemePath(t.ID, ""))
		}
		if form.Faults = orbit.FaultsOf(err); len(form.Faults) == 0 {
			return err
		}
	}
	return h.page(c, fiber.StatusUnprocessableEntity, func(f admin.Frame) templ.Component {
		return admin.ThemePage(f,
			form)
	})
}

func (h handlers) activateTheme(c *fiber.Ctx) error   { return h.setThemeActive(c, true) }
func (h handlers) deactivateTheme(c *fiber.Ctx) error { return h.setThemeActive(c, false) }

func (h handlers) setThemeActive(c *fiber.Ctx, active bool) error {
	t, err := h.theme(c)
	if err != nil {
		return err
	}
	if _, err := h.DB.SetThemeActive(c.UserContext(), t.ID, active, h.Actor(c)); err != nil {
		return err
	}
	h.Toast(c, offerToast(t.Name, active))
	return kit.See(c, backTo(c, admin.ThemesPath, admin.ThemePath(t.ID, "")))
}

func offerToast(name string, active bool) string {
	if active {
		return name + " is active."
	}
	return name + " is inactive now. Shops that have it keep it."
}

// backTo is the page that a button stood on, where it is one of two.
func backTo(c *fiber.Ctx, list, one string) string {
	if strings.HasSuffix(c.Get(fiber.HeaderReferer), one) {
		return one
	}
	return list
}

func (h handlers) newThemeDeletion(c *fiber.Ctx) error {
	form, err := h.themeForm(c)
	if err != nil {
		return err
	}
	q := themeDeletion(form.Theme)
	if form.Uses.Total > 0 {
		q.Refusal = form.Uses.Refusal("theme", form.Theme.Name)
	}
	return h.ask(c, q)
}

func (h handlers) createThemeDeletion(c *fiber.Ctx) error {
	t, err := h.theme(c)
	if err != nil {
		return err
	}
	if err := h.DB.DeleteTheme(c.UserContext(), t.ID, h.Actor(c)); err != nil {
		return h.refuse(c, themeDeletion(t), err)
	}
	h.Toast(c, t.Name+" has been deleted.")
	return kit.See(c, admin.ThemesPath)
}

func themeDeletion(t orbit.Theme) ui.ConfirmProps {
	return admin.DeletionQuestion("Themes", t.Name, admin.ThemePath(t.ID, ""), admin.ThemesPath)
}

// theme is the one in the path.
func (h handlers) theme(c *fiber.Ctx) (orbit.Theme, error) {
	id, err := orbit.ParseID[orbit.Theme](c.Params("theme"))
	if err != nil {
		return orbit.Theme{}, err
	}
	return h.DB.Theme(c.UserContext(), id.String())
}

func (h handlers) themeForm(c *fiber.Ctx) (form admin.ThemeForm, err error) {
	if form.Theme, err = h.theme(c); err != nil {
		return form, err
	}
	form.Uses, err = h.DB.ThemeUses(c.UserContext(), form.Theme.ID, usesShown)
	return form, err
}
