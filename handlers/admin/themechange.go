package admin

import (
	"context"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/mail"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
	"orbit360.app/themes"
	"orbit360.app/views/admin"
)

// newThemeChange shows the themes, or what a change to one of them means to a merchant.
func (r routes) newThemeChange(c *fiber.Ctx) error {
	m, err := r.merchant(c)
	if err != nil {
		return err
	}
	return r.askTheme(c, m, c.Query("theme"), nil)
}

// askTheme shows what a change to a theme means; without a theme that can be chosen, all themes. refusal says why the
// last try changed nothing.
func (r routes) askTheme(c *fiber.Ctx, m orbit.Merchant, key string, refusal error) error {
	if !changeable(m) {
		return r.ask(c, admin.ChangeQuestion(m, "theme"))
	}
	ctx := c.UserContext()
	public, scheduled, err := r.dressed(ctx, m)
	if err != nil {
		return err
	}
	status, problem := fiber.StatusOK, ""
	if refusal != nil {
		status, problem = kit.Refused(c, refusal), orbit.Sentence(refusal)
	}
	from, err := r.DB.Theme(ctx, public.ThemeID.String())
	if err != nil {
		return err
	}
	all, err := r.DB.Themes(ctx, true)
	if err != nil {
		return err
	}
	for _, to := range all {
		if (to.Slug == key || to.ID.String() == key) && to.ID != from.ID && r.engines[to.Engine] != nil {
			change := admin.ThemeChange{Merchant: m, From: from, To: to, Public: public, Scheduled: scheduled,
				Carried: r.carried(from, to, public.Release), Problem: problem}
			schema := r.engines[to.Engine].Schema()
			change.Faint = schema.Faint(schema.Resolve(change.Settings))
			r.allowShop(c, m)
			return r.page(c, status, func(f admin.Frame) templ.Component { return admin.PreviewThemePage(f, change) })
		}
	}
	return r.page(c, status, func(f admin.Frame) templ.Component {
		return admin.ChooseThemePage(f, admin.ThemeChoices{Merchant: m, Current: from, Themes: all, Problem: problem})
	})
}

// dressed returns what the public sees of a shop, and what is scheduled to take its place, without an id where nothing
// is.
func (r routes) dressed(ctx context.Context, m orbit.Merchant) (
	public orbit.ReleaseRow, scheduled orbit.ScheduledRow, err error) {
	err = shop.For(r.DB, m.ID).Do(ctx, func(t *shop.Tenant) (err error) {
		if public, err = t.CurrentRelease(ctx); err != nil {
			return err
		}
		scheduled, _, err = t.ScheduledRelease(ctx)
		return err
	})
	return public, scheduled, err
}

// carried returns a shop's settings in another theme.
func (r routes) carried(from, to orbit.Theme, was orbit.Release) themes.Carried {
	return themes.Carry(r.engines[was.Engine], r.engines[to.Engine], from.Config, was.Settings, to.Config)
}

// dress is the release that a shop gets with another theme.
func (r routes) dress(from, to orbit.Theme, was orbit.Release) (orbit.Release, error) {
	engine := r.engines[to.Engine]
	if engine == nil {
		return orbit.Release{}, errNoEngine
	}
	return orbit.Release{ThemeID: to.ID, Engine: to.Engine, EngineVersion: engine.Version(),
		Settings: r.carried(from, to, was).Settings}, nil
}

func (r routes) createThemeChange(c *fiber.Ctx) error {
	m, err := r.merchant(c)
	if err != nil {
		return err
	}
	change := orbit.ThemeChange{Edition: c.FormValue("edition")}
	if change.To, err = orbit.ParseID[orbit.Theme](c.FormValue("theme")); err == nil {
		change.Upon, err = strconv.Atoi(c.FormValue("release"))
	}
	if err != nil || change.Edition == "" {
		return orbit.Errorf(orbit.Malformed, "The form is incomplete. Open the page again and retry.")
	}
	err = shop.For(r.DB, m.ID).ChangeTheme(c.UserContext(), change, r.Actor(c), r.dress,
		func(changed orbit.ThemeChanged, owner orbit.User) (orbit.Email, error) {
			return r.Mail.ThemeChanged(mail.ThemeChangedData{ThemeChanged: changed, Owner: owner,
				ReleasesURL: r.Addresses.Dashboard(m.DashboardPath() + "/releases")})
		})
	if kit.Refuses(err) {
		return r.askTheme(c, m, change.To.String(), err)
	}
	if err != nil {
		return err
	}
	r.Toast(c, "Theme changed.")
	return kit.See(c, admin.MerchantPath(m.ID, ""))
}

// createThemePreview leads to a merchant's shop as it would look in another theme. The draft of it is nobody's.
func (r routes) createThemePreview(c *fiber.Ctx) error {
	m, err := r.merchant(c)
	if err != nil {
		return err
	}
	if m.Status != orbit.MerchantActive {
		return orbit.Errorf(orbit.Conflict, "There is no shop to preview: %s isn't active.", m.Name)
	}
	ctx := c.UserContext()
	public, _, err := r.dressed(ctx, m)
	if err != nil {
		return err
	}
	from, err := r.DB.Theme(ctx, public.ThemeID.String())
	if err != nil {
		return err
	}
	to, err := r.DB.Theme(ctx, c.FormValue("theme"))
	if err != nil {
		return err
	}
	draft, err := r.dress(from, to, public.Release)
	if err != nil {
		return err
	}
	err = shop.For(r.DB, m.ID).Do(ctx, func(t *shop.Tenant) (err error) {
		draft, err = t.SaveDraft(ctx, draft)
		return err
	})
	if err != nil {
		return err
	}
	return kit.Leave(c, r.PreviewURL(m, draft.ID, "/"))
}

// allowShop lets a page send a form that is answered by going to a shop: browsers hold form-action against redirects
// too.
func (r routes) allowShop(c *fiber.Ctx, m orbit.Merchant) {
	c.Set(fiber.HeaderContentSecurityPolicy, strings.Replace(kit.ContentSecurityPolicy, "form-action 'self'",
		"form-action 'self' "+r.Addresses.Shop(m.Subdomain), 1))
}
