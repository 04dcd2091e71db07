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

func (r routes) showThemes(c *fiber.Ctx) error {
	list, err := r.DB.Themes(c.UserContext(), false)
	if err != nil {
		return err
	}
	uses, _, err := r.DB.UseCounts(c.UserContext())
	if err != nil {
		return err
	}
	cards := make([]admin.ThemeCard, len(list))
	for i, t := range list {
		cards[i] = admin.ThemeCard{Theme: t, Uses: uses[t.ID]}
	}
	return r.page(c, fiber.StatusOK, func(f admin.Frame) templ.Component { return admin.ThemesPage(f, cards) })
}

// newTheme asks for an engine, and then shows the form with that engine's settings, or with those of the theme it is
// made from.
func (r routes) newTheme(c *fiber.Ctx) error {
	form := admin.ThemeForm{Input: orbit.ThemeInput{Engine: orbit.EngineName(c.Query("engine")), Version: "1.0.0",
		Active: true}}
	if from := c.Query("from"); from != "" {
		t, err := r.DB.Theme(c.UserContext(), from)
		if err != nil {
			return err
		}
		form.Input = t.Input()
		form.Input.Name, form.Input.Slug = t.Name+" copy", ""
	}
	engine := r.engines[form.Input.Engine]
	if engine == nil {
		return r.showEngines(c)
	}
	form.Schema, form.Presets = engine.Schema(), engine.Presets()
	return r.page(c, fiber.StatusOK, func(f admin.Frame) templ.Component { return admin.ThemePage(f, form) })
}

func (r routes) showEngines(c *fiber.Ctx) error {
	var cards []admin.EngineCard
	for _, term := range orbit.Engines() {
		name := term.Value
		if e := r.engines[name]; e != nil {
			card := admin.EngineCard{Name: name, Title: term.Name, Settings: len(e.Schema())}
			for _, t := range orbit.DefaultThemes() {
				if t.Engine == name {
					card.Description = t.Description
				}
			}
			cards = append(cards, card)
		}
	}
	return r.page(c, fiber.StatusOK, func(f admin.Frame) templ.Component { return admin.EnginesPage(f, cards) })
}

func (r routes) createTheme(c *fiber.Ctx) error {
	form := admin.ThemeForm{}
	return r.saveTheme(c, form, orbit.EngineName(c.FormValue("engine")),
		func(ctx context.Context, in orbit.ThemeInput) (orbit.Theme, error) {
			return r.DB.CreateTheme(ctx, in, r.Actor(c))
		}, "Theme created.")
}

func (r routes) showTheme(c *fiber.Ctx) error {
	form, err := r.themeForm(c)
	if err != nil {
		return err
	}
	form.Input = form.Theme.Input()
	if engine := r.engines[form.Input.Engine]; engine != nil {
		form.Schema, form.Presets = engine.Schema(), engine.Presets()
	}
	return r.page(c, fiber.StatusOK, func(f admin.Frame) templ.Component { return admin.ThemePage(f, form) })
}

func (r routes) updateTheme(c *fiber.Ctx) error {
	form, err := r.themeForm(c)
	if err != nil {
		return err
	}
	// A theme stays with its engine here: its settings are that engine's.
	return r.saveTheme(c, form, form.Theme.Engine, func(ctx context.Context, in orbit.ThemeInput) (orbit.Theme, error) {
		return r.DB.UpdateTheme(ctx, form.Theme.ID, in, r.Actor(c))
	}, "Theme saved.")
}

// saveTheme reads the form, says all that is wrong with it at once, and has save keep it.
func (r routes) saveTheme(c *fiber.Ctx, form admin.ThemeForm, name orbit.EngineName,
	save func(context.Context, orbit.ThemeInput) (orbit.Theme, error), done string) error {
	engine := r.engines[name]
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
		return r.page(c, fiber.StatusOK, func(f admin.Frame) templ.Component { return admin.ThemePage(f, form) })
	}
	in, err := form.Input.Check()
	config, configErr := form.Schema.Check(form.Input.Config)
	form.Faults = slices.Concat(orbit.FaultsOf(err), orbit.FaultsOf(configErr))
	if len(form.Faults) == 0 {
		in.Config = form.Schema.Sparse(config)
		t, err := save(c.UserContext(), in)
		if err == nil {
			r.Toast(c, done)
			return kit.See(c, admin.ThemePath(t.ID, ""))
		}
		if form.Faults = orbit.FaultsOf(err); len(form.Faults) == 0 {
			return err
		}
	}
	return r.page(c, fiber.StatusUnprocessableEntity, func(f admin.Frame) templ.Component {
		return admin.ThemePage(f,
			form)
	})
}

func (r routes) createThemeActivation(c *fiber.Ctx) error   { return r.setThemeActive(c, true) }
func (r routes) createThemeDeactivation(c *fiber.Ctx) error { return r.setThemeActive(c, false) }

func (r routes) setThemeActive(c *fiber.Ctx, active bool) error {
	t, err := r.theme(c)
	if err != nil {
		return err
	}
	if _, err := r.DB.SetThemeActive(c.UserContext(), t.ID, active, r.Actor(c)); err != nil {
		return err
	}
	r.Toast(c, activeToast(t.Name, active))
	return kit.See(c, backTo(c, admin.ThemesPath, admin.ThemePath(t.ID, "")))
}

func activeToast(name string, active bool) string {
	if active {
		return name + " is active."
	}
	return name + " is inactive. Shops that use it keep it."
}

// backTo is the page that a button stood on, where it is one of two.
func backTo(c *fiber.Ctx, list, one string) string {
	if strings.HasSuffix(c.Get(fiber.HeaderReferer), one) {
		return one
	}
	return list
}

func (r routes) newThemeDeletion(c *fiber.Ctx) error {
	form, err := r.themeForm(c)
	if err != nil {
		return err
	}
	q := themeDeletion(form.Theme)
	if form.Uses.Total > 0 {
		q.Refusal = form.Uses.Refusal("theme", form.Theme.Name)
	}
	return r.ask(c, q)
}

func (r routes) createThemeDeletion(c *fiber.Ctx) error {
	t, err := r.theme(c)
	if err != nil {
		return err
	}
	if err := r.DB.DeleteTheme(c.UserContext(), t.ID, r.Actor(c)); err != nil {
		return r.refuse(c, themeDeletion(t), err)
	}
	r.Toast(c, "Theme deleted.")
	return kit.See(c, admin.ThemesPath)
}

func themeDeletion(t orbit.Theme) ui.ConfirmProps {
	return admin.DeletionQuestion("Themes", t.Name, admin.ThemePath(t.ID, ""), admin.ThemesPath)
}

// theme is the one in the path.
func (r routes) theme(c *fiber.Ctx) (orbit.Theme, error) {
	id, err := orbit.ParseID[orbit.Theme](c.Params("theme"))
	if err != nil {
		return orbit.Theme{}, err
	}
	return r.DB.Theme(c.UserContext(), id.String())
}

func (r routes) themeForm(c *fiber.Ctx) (form admin.ThemeForm, err error) {
	if form.Theme, err = r.theme(c); err != nil {
		return form, err
	}
	form.Uses, err = r.DB.ThemeUses(c.UserContext(), form.Theme.ID, usesShown)
	return form, err
}
