package admin

import (
	"bytes"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/themes"
	"orbit360.app/views/admin"
)

// previewPolicy lets a preview load its styles and nothing else. It runs no script even outside its frame; same-origin
// is for its stylesheet, which takes the session.
const previewPolicy = "default-src 'none'; style-src 'self'; img-src 'self' data: https:; font-src 'self'; " +
	"form-action 'none'; base-uri 'none'; frame-ancestors 'self'; sandbox allow-same-origin"

// showPreview draws the demo shop as a theme has it that is stored, or as an engine comes.
func (r routes) showPreview(c *fiber.Ctx) error {
	name, config := orbit.EngineName(c.Query("engine")), orbit.Settings(nil)
	if id := c.Query("theme"); id != "" {
		t, err := r.DB.Theme(c.UserContext(), id)
		if err != nil {
			return err
		}
		name, config = t.Engine, t.Config
	}
	return r.preview(c, name, config, c.Query("page"))
}

// createPreview draws the demo shop with the settings of a form. Nothing of them is kept; those that can't be used
// are as if they had not been given.
func (r routes) createPreview(c *fiber.Ctx) error {
	name := orbit.EngineName(c.FormValue("engine"))
	engine := r.engines[name]
	if engine == nil {
		return errNoEngine
	}
	config := engine.Schema().Read(kit.Form(c), "config.")
	return r.preview(c, name, config, c.FormValue("page"))
}

var errNoEngine = orbit.Errorf(orbit.NotFound, "There is no such engine.")

func (r routes) preview(c *fiber.Ctx, name orbit.EngineName, config orbit.Settings, page string) error {
	engine := r.engines[name]
	if engine == nil {
		return errNoEngine
	}
	values := engine.Schema().Resolve(config)
	at, err := url.Parse(page)
	if err != nil || !strings.HasPrefix(at.Path, "/") {
		at = &url.URL{Path: "/"}
	}
	demo, _ := themes.Demo(engine, values, stylesheetHref(engine, values), at)
	var html bytes.Buffer
	if err := demo.Render(c.UserContext(), &html); err != nil {
		return err
	}
	c.Set(fiber.HeaderContentSecurityPolicy, previewPolicy)
	c.Set(fiber.HeaderXFrameOptions, "SAMEORIGIN")
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Set(fiber.HeaderContentType, "text/html; charset=utf-8")
	// inert: its links lead to pages of a shop that doesn't exist. Its script wouldn't run, and the browser would
	// complain.
	return c.Send(bytes.Replace(shopScript.ReplaceAll(html.Bytes(), nil), []byte("<body"), []byte("<body inert"), 1))
}

// shopScript is what engines load scripts with.
var shopScript = regexp.MustCompile(`<script src="[^"]*"[^>]*></script>`)

// stylesheetHref is the address of a stylesheet for some settings. Texts and images never get into one, so they stay
// out of the address.
func stylesheetHref(e themes.Engine, values themes.Values) string {
	q := url.Values{"engine": {string(e.Name())}}
	for _, s := range e.Schema() {
		if values[s.Key] == s.Default {
			continue
		}
		switch s.Kind {
		case themes.Color, themes.Choice, themes.Font:
			q.Set(s.Key, values.String(s.Key))
		case themes.Range:
			q.Set(s.Key, strconv.Itoa(values.Int(s.Key)))
		}
	}
	return admin.ThemesPath + "/preview.css?" + q.Encode()
}

// showPreviewStylesheet is the stylesheet of a preview, made of the address alone.
func (r routes) showPreviewStylesheet(c *fiber.Ctx) error {
	engine := r.engines[orbit.EngineName(c.Query("engine"))]
	if engine == nil {
		return errNoEngine
	}
	values := engine.Schema().Resolve(engine.Schema().Read(kit.Query(c), ""))
	c.Set(fiber.HeaderContentType, "text/css; charset=utf-8")
	c.Set(fiber.HeaderCacheControl, "private, max-age=300")
	return c.SendString(themes.Stylesheet(engine, values))
}
