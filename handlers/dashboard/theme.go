package dashboard

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
	"orbit360.app/themes"
	"orbit360.app/views/dashboard"
	"orbit360.app/views/editor"
)

// showPreview leads to the shop as it is, open or not, by a link that is always fresh.
func (r routes) showPreview(c *fiber.Ctx, d desk) error {
	return kit.Leave(c, r.PreviewURL(d.Merchant, orbit.ReleaseID{}, "/"))
}

func (r routes) showThemes(c *fiber.Ctx, d desk) error {
	all, err := r.DB.Themes(c.UserContext(), false)
	if err != nil {
		return err
	}
	list := dashboard.ThemeList{Merchant: d.Merchant}
	for _, t := range all {
		if available(t, d.Merchant) {
			list.Themes = append(list.Themes, t)
		}
	}
	return r.Render(c, fiber.StatusOK, dashboard.Themes(d.frame(), list))
}

// available reports whether a shop may use a theme: an inactive one stays with those who have it.
func available(t orbit.Theme, m orbit.Merchant) bool { return t.Active || t.ID == m.ThemeID }

// editing is a shop, the release that its public sees, and the theme that somebody is about to give it.
type editing struct {
	desk
	public orbit.ReleaseRow
	theme  orbit.Theme
	engine themes.Engine
}

// editing finds the theme by id or slug; "" is the one that the shop has.
func (r routes) editing(c *fiber.Ctx, d desk, theme string) (e editing, err error) {
	e.desk = d
	err = d.read(c, func(ctx context.Context, t *shop.Tenant) (err error) {
		e.public, err = t.CurrentRelease(ctx)
		return err
	})
	if err != nil {
		return e, err
	}
	if theme == "" {
		theme = e.public.ThemeID.String()
	}
	if e.theme, err = r.DB.Theme(c.UserContext(), theme); err != nil {
		return e, err
	}
	e.engine = r.engines[e.theme.Engine]
	if e.engine == nil || !available(e.theme, e.Merchant) {
		return e, orbit.Errorf(orbit.NotFound, "This theme isn't available. Choose another.")
	}
	return e, nil
}

// showTheme is the editor, with the shop's own settings or with those that another theme comes with.
func (r routes) showTheme(c *fiber.Ctx, d desk) error {
	e, err := r.editing(c, d, c.Query("theme"))
	if err != nil {
		return err
	}
	var form dashboard.Editor
	if e.theme.ID == e.public.ThemeID {
		form.Settings.Config = e.public.Settings
		form.Src = r.PreviewURL(e.Merchant, orbit.ReleaseID{}, "/")
	} else {
		form.Settings.Config = e.theme.Config
	}
	return r.showEditor(c, fiber.StatusOK, e, form)
}

// showEditor fills in what the editor is about. Its page may frame the shop, and send forms that lead there. Where
// the settings aren't the public release's, a draft of them is what the frame begins with.
func (r routes) showEditor(c *fiber.Ctx, status int, e editing, form dashboard.Editor) error {
	var first []orbit.Product
	err := e.read(c, func(ctx context.Context, t *shop.Tenant) error {
		q := t.Reader()
		products := q.Products(1)
		err := q.Read(ctx)
		first = products.Value
		return err
	})
	if err != nil {
		return err
	}
	form.Merchant, form.Public, form.Theme, form.Now = e.Merchant, e.public, e.theme, time.Now()
	form.Settings.Schema, form.Settings.Presets = e.engine.Schema(), e.engine.Presets()
	own, err := r.shopImages(c, e.desk)
	if err != nil {
		return err
	}
	form.Settings.Images, form.Settings.ImagesAt = own.ForTheme(), dashboard.ImagesPath(e.Merchant, orbit.ProductID{})
	form.Pages = []themes.Option{{Value: "/", Label: "Home"},
		{Value: themes.AllURL, Label: "Collection"}}
	if len(first) > 0 {
		form.Pages = append(form.Pages, themes.Option{Value: themes.ProductURL(first[0]), Label: "Product"})
	}
	if form.Page == "" {
		form.Page = "/"
	}
	if form.Src == "" {
		if form.Src, err = r.draft(c, e.desk, e.release(form.Settings.Config), form.Page); err != nil {
			return err
		}
	}
	r.allowShop(c, e.Merchant)
	return r.Render(c, status, dashboard.Theme(e.frame(), form))
}

// allowShop lets a page frame a shop and send forms that are answered by going there: browsers hold form-action against
// redirects too.
func (r routes) allowShop(c *fiber.Ctx, m orbit.Merchant) {
	shop := r.Addresses.Shop(m.Subdomain)
	c.Set(fiber.HeaderContentSecurityPolicy, strings.NewReplacer("frame-src 'self'", "frame-src 'self' "+shop,
		"form-action 'self'", "form-action 'self' "+shop).Replace(kit.ContentSecurityPolicy))
}

// createDraft keeps the form's settings for a day and leads to the shop in them. Nothing of it is public; settings
// that can't be used are as if they hadn't been given.
func (r routes) createDraft(c *fiber.Ctx, d desk) error {
	form := kit.Form(c)
	e, err := r.editing(c, d, form.Get("theme"))
	if err != nil {
		return err
	}
	url, err := r.draft(c, e.desk, e.release(e.engine.Schema().Read(form, "config.")), pageOf(form))
	if err != nil {
		return err
	}
	return kit.Leave(c, url)
}

// release is what a release with these settings would be.
func (e editing) release(config orbit.Settings) orbit.Release {
	return orbit.Release{ThemeID: e.theme.ID, Engine: e.theme.Engine, EngineVersion: e.engine.Version(),
		Settings: orbit.Settings(e.engine.Schema().Resolve(config))}
}

// draft keeps a draft and gives the address of a page of the shop in it.
func (r routes) draft(c *fiber.Ctx, d desk, draft orbit.Release, page string) (string, error) {
	draft.CreatedBy = kit.User(c).ID
	err := d.read(c, func(ctx context.Context, t *shop.Tenant) (err error) {
		draft, err = t.SaveDraft(ctx, draft)
		return err
	})
	return r.PreviewURL(d.Merchant, draft.ID, page), err
}

// pageOf is the page that a form's preview shows: where people have walked to in the frame, or the one they chose.
func pageOf(form url.Values) string {
	if at := form.Get("at"); at != "" {
		return at
	}
	return form.Get("page")
}

// createRelease publishes the form's settings, or changes the form where one of its own buttons was pressed.
func (r routes) createRelease(c *fiber.Ctx, d desk) error {
	posted := kit.Form(c)
	e, err := r.editing(c, d, posted.Get("theme"))
	if err != nil {
		return err
	}
	schema := e.engine.Schema()
	form := dashboard.Editor{Page: pageOf(posted)}
	form.Settings = editor.Settings{Config: schema.Read(posted, "config."), Pressed: posted.Get("move")}
	var rearranged bool
	if form.Settings.Config, rearranged = themes.Rearranged(e.engine, form.Settings.Config, posted); rearranged {
		return r.showEditor(c, fiber.StatusOK, e, form)
	}
	config, err := schema.Check(form.Settings.Config)
	if form.Settings.Faults = orbit.FaultsOf(err); len(form.Settings.Faults) > 0 {
		return r.showEditor(c, fiber.StatusUnprocessableEntity, e, form)
	}
	// Colors that can hardly be read aren't published without a word; those that are public already were agreed to.
	values, public := schema.Resolve(config), schema.Resolve(e.public.Settings)
	faint := schema.Faint(values)
	key := themes.FaintKey(faint, values)
	if key != "" && key != posted.Get("faint") && (e.theme.ID != e.public.ThemeID ||
		key != themes.FaintKey(schema.Faint(public), public)) {
		form.Faint, form.FaintKey = faint, key
		return r.showEditor(c, fiber.StatusUnprocessableEntity, e, form)
	}
	upon, _ := strconv.Atoi(posted.Get("release")) // 0 is none
	var made orbit.Release
	err = d.change(c, func(ctx context.Context, edit *shop.Edit) (err error) {
		made, err = edit.PublishRelease(ctx, upon, e.release(config))
		return err
	})
	if orbit.CodeOf(err) == orbit.Conflict && e.public.Number != upon {
		form.Overtaken = true
		return r.showEditor(c, fiber.StatusConflict, e, form)
	}
	if err != nil {
		return err
	}
	if made.Number == upon {
		r.Toast(c, "No changes to publish. Version "+strconv.Itoa(made.Number)+" stays live.")
	} else {
		r.Toast(c, "Version "+strconv.Itoa(made.Number)+" is live.")
	}
	return kit.See(c, dashboard.ThemePath(e.Merchant))
}
