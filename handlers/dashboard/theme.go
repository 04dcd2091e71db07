package dashboard

import (
	"context"
	"maps"
	"net/url"
	"slices"
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
	page := c.Query("page")
	if !strings.HasPrefix(page, "/pages/") {
		page = "/"
	}
	return kit.Leave(c, r.PreviewURL(d.Merchant, orbit.ReleaseID{}, page))
}

func (r routes) showThemes(c *fiber.Ctx, d desk) error {
	all, err := r.DB.Themes(c.UserContext(), false)
	if err != nil {
		return err
	}
	list := dashboard.ThemeList{Merchant: d.Merchant, Drafts: map[orbit.ThemeID]time.Time{}, Now: time.Now()}
	err = d.read(c, func(ctx context.Context, t *shop.Tenant) error {
		drafts, err := t.ThemeDrafts(ctx)
		for _, draft := range drafts {
			list.Drafts[draft.ThemeID] = draft.SavedAt
		}
		return err
	})
	if err != nil {
		return err
	}
	for _, t := range all {
		if available(t, d.Merchant) {
			list.Themes = append(list.Themes, t)
		}
	}
	return r.Render(c, fiber.StatusOK, dashboard.Themes(d.frame(), list))
}

// available reports whether a shop may use a theme: an inactive one stays with those who have it.
func available(t orbit.Theme, m orbit.Merchant) bool { return t.Active || t.ID == m.ThemeID }

// editing is a shop, the release that its public sees, and the theme that somebody is about to give it, with what that
// person has changed of it before.
type editing struct {
	desk
	public    orbit.ReleaseRow
	scheduled orbit.ScheduledRow // without an id where there is none
	theme     orbit.Theme
	engine    themes.Engine
	draft     *orbit.ThemeDraft // nil where there is none
	drafts    []orbit.ThemeDraft
	shared    int
	zone      *time.Location
	setup     orbit.Onboarding
}

// editing finds the theme by id or slug; "" is the one that the shop has.
func (r routes) editing(c *fiber.Ctx, d desk, theme string) (e editing, err error) {
	e.desk = d
	err = d.read(c, func(ctx context.Context, t *shop.Tenant) (err error) {
		if e.public, err = t.CurrentRelease(ctx); err != nil {
			return err
		}
		if e.drafts, err = t.ThemeDrafts(ctx); err != nil {
			return err
		}
		if e.scheduled, _, err = t.ScheduledRelease(ctx); err != nil {
			return err
		}
		shared, err := t.SharedPreviews(ctx)
		if err != nil {
			return err
		}
		e.shared = len(shared)
		q := t.Reader()
		settings, setup := q.Settings(), q.Onboarding()
		err = q.Read(ctx)
		e.zone, e.setup = settings.Value.Location(), setup.Value
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
	if i := slices.IndexFunc(e.drafts, func(d orbit.ThemeDraft) bool { return d.ThemeID == e.theme.ID }); i >= 0 {
		e.draft = &e.drafts[i]
	}
	return e, nil
}

// begins is what a draft of the theme begins with.
func (e editing) begins() orbit.Release {
	config := e.theme.Config
	if e.theme.ID == e.public.ThemeID {
		config = e.public.Settings
	}
	begun := e.release(config)
	begun.Number = e.public.Number
	return begun
}

// opens returns the settings that an editor shows that is opened now.
func (e editing) opens() orbit.Settings {
	if e.draft != nil {
		return e.draft.Settings
	}
	return e.begins().Settings
}

// showTheme is the editor: with what the person has changed before, else with the shop's own settings or with those
// that another theme comes with.
func (r routes) showTheme(c *fiber.Ctx, d desk) error {
	e, err := r.editing(c, d, c.Query("theme"))
	if err != nil {
		return err
	}
	var form dashboard.Editor
	form.Settings.Config = e.opens()
	if e.draft != nil {
		form.Overtaken = e.draft.Upon != e.public.Number
	} else if e.theme.ID == e.public.ThemeID {
		form.Src = r.PreviewURL(e.Merchant, orbit.ReleaseID{}, "/")
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
	form.Scheduled, form.Shared, form.Zone = e.scheduled, e.shared, e.zone
	form.SetUp = e.setup.Complete()
	if e.scheduled.ThemeName != "" {
		form.ScheduledAt = r.PreviewURL(e.Merchant, e.scheduled.ID, "/")
	}
	if e.draft != nil {
		form.Draft = e.draft.SavedAt
	}
	form.Settings.Schema, form.Settings.Presets = e.engine.Schema(), e.engine.Presets()
	form.Settings.Base = e.begins().Settings
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

// createDraft keeps the form's settings, for a day as they are and for their person until they are published or
// discarded, and leads to the shop in them. Nothing of it is public; settings that can't be used are as if they hadn't
// been given.
func (r routes) createDraft(c *fiber.Ctx, d desk) error {
	form := kit.Form(c)
	e, err := r.editing(c, d, form.Get("theme"))
	if err != nil {
		return err
	}
	config, _ := e.since(form)
	kept, err := e.keep(c, config, form)
	if err != nil {
		return err
	}
	url, err := r.draft(c, e.desk, kept, pageOf(form))
	if err != nil {
		return err
	}
	return kit.Leave(c, url)
}

// since returns the settings of an editor that is opened now with what a form changed of them: what the same person has
// changed in another window since isn't undone by a form that shows what was before. That is elsewhere.
func (e editing) since(form url.Values) (config orbit.Settings, elsewhere []themes.Setting) {
	return e.engine.Schema().Since(form, "config.", e.opens())
}

// keep takes what is changed of settings into the person's draft, as far as it can be used, and returns what a release
// of the draft would be.
func (e *editing) keep(c *fiber.Ctx, config orbit.Settings, form url.Values) (kept orbit.Release, err error) {
	schema, begun, was := e.engine.Schema(), e.begins(), e.opens()
	changes := schema.Changes(was, config)
	err = e.read(c, func(ctx context.Context, t *shop.Tenant) error {
		return t.EditThemeDraft(ctx, begun, upon(form), changes)
	})
	kept = e.release(was)
	maps.Copy(kept.Settings, changes)
	e.draft = nil
	if !maps.Equal(kept.Settings, begun.Settings) {
		e.draft = &orbit.ThemeDraft{Settings: kept.Settings, SavedAt: time.Now()}
	}
	return kept, err
}

// upon is the number of the release that a form was made from, 0 for none.
func upon(form url.Values) int {
	n, _ := strconv.Atoi(form.Get("release"))
	return n
}

// createDiscard forgets what the person has changed of a theme.
func (r routes) createDiscard(c *fiber.Ctx, d desk) error {
	e, err := r.editing(c, d, kit.Form(c).Get("theme"))
	if err != nil {
		return err
	}
	err = e.read(c, func(ctx context.Context, t *shop.Tenant) error { return t.DiscardThemeDraft(ctx, e.theme.ID) })
	if err != nil {
		return err
	}
	r.Toast(c, "Draft discarded.")
	return kit.See(c, dashboard.ThemePath(e.Merchant))
}

// release is what a release with these settings would be.
func (e editing) release(config orbit.Settings) orbit.Release {
	return orbit.Release{ThemeID: e.theme.ID, Engine: e.theme.Engine, EngineVersion: e.engine.Version(),
		Settings: orbit.Settings(e.engine.Schema().Resolve(config))}
}

// draft keeps a draft and gives the address of a page of the shop in it.
func (r routes) draft(c *fiber.Ctx, d desk, draft orbit.Release, page string) (string, error) {
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

// judge takes a form of settings into the draft. Status is 0 where what is kept may be published, else the one of the
// answer, which shows the form again: one of its own buttons was pressed, it says what is wrong, or what was changed
// elsewhere. Either way nothing that was typed is lost.
func (e *editing) judge(c *fiber.Ctx, posted url.Values) (
	form dashboard.Editor, kept orbit.Release, status int, err error) {
	schema := e.engine.Schema()
	form = dashboard.Editor{Page: pageOf(posted), PublishAt: posted.Get("publish_at")}
	form.Settings = editor.Settings{Pressed: posted.Get("move")}
	var rearranged bool
	form.Settings.Config, form.Elsewhere = e.since(posted)
	if form.Settings.Config, rearranged = themes.Rearranged(e.engine, form.Settings.Config, posted); rearranged {
		status = fiber.StatusOK
	} else if form.Settings.Faults = schema.Faults(form.Settings.Config); len(form.Settings.Faults) > 0 {
		status = fiber.StatusUnprocessableEntity
	} else {
		// Colors that can hardly be read aren't published without a word; those that are public already were agreed to.
		values, public := schema.Resolve(form.Settings.Config), schema.Resolve(e.public.Settings)
		faint := schema.Faint(values)
		key := themes.FaintKey(faint, values)
		if key != "" && key != posted.Get("faint") && (e.theme.ID != e.public.ThemeID ||
			key != themes.FaintKey(schema.Faint(public), public)) {
			form.Faint, form.FaintKey = faint, key
			status = fiber.StatusUnprocessableEntity
		}
	}
	if status == 0 && len(form.Elsewhere) > 0 {
		status = fiber.StatusConflict
	}
	form.Overtaken = status == fiber.StatusConflict && e.public.Number != upon(posted)
	kept, err = e.keep(c, form.Settings.Config, posted)
	return form, kept, status, err
}

// createRelease publishes the form's settings, or changes the form where one of its own buttons was pressed.
func (r routes) createRelease(c *fiber.Ctx, d desk) error {
	posted := kit.Form(c)
	e, err := r.editing(c, d, posted.Get("theme"))
	if err != nil {
		return err
	}
	form, kept, status, err := e.judge(c, posted)
	if err != nil {
		return err
	}
	if status != 0 {
		return r.showEditor(c, status, e, form)
	}
	var made orbit.Release
	err = d.change(c, func(ctx context.Context, edit *shop.Edit) (err error) {
		made, err = edit.PublishRelease(ctx, upon(posted), kept)
		return err
	})
	if orbit.CodeOf(err) == orbit.Conflict && e.public.Number != upon(posted) {
		form.Overtaken = true
		return r.showEditor(c, fiber.StatusConflict, e, form)
	}
	if err != nil {
		return err
	}
	if made.Number == upon(posted) {
		r.Toast(c, "No changes to publish. Version "+strconv.Itoa(made.Number)+" stays live.")
	} else {
		r.Toast(c, "Version "+strconv.Itoa(made.Number)+" is live.")
	}
	return kit.See(c, dashboard.ThemePath(e.Merchant))
}
