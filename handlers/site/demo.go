package site

import (
	"bytes"
	"net/url"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/static"
	"orbit360.app/themes"
	"orbit360.app/views/site"
)

// A demo shop is a theme on a catalog that the program brings along: nothing of it is in the database, nothing in it
// can be bought.

// demo is the theme that an address names, by the slug of an active one or as the engine that it is made over, in a
// preset or as it comes.
type demo struct {
	site.Demo
	engine themes.Engine
	values themes.Values
}

func (r routes) demo(c *fiber.Ctx) (d demo, err error) {
	d.Key = c.Params("theme")
	theme := orbit.Theme{Name: d.Key, Engine: orbit.EngineName(d.Key)}
	if r.engines[theme.Engine] == nil {
		if theme, err = r.DB.Theme(c.UserContext(), d.Key); err == nil && (!theme.Active || theme.Slug != d.Key) {
			err = fiber.ErrNotFound
		}
	} else {
		for _, t := range orbit.DefaultThemes() {
			if t.Engine == theme.Engine {
				theme.Name = t.Name
			}
		}
	}
	if err != nil {
		return d, err
	}
	if d.engine = r.engines[theme.Engine]; d.engine == nil {
		return d, fiber.ErrNotFound
	}
	config, presets := theme.Config, d.engine.Presets()
	if p, ok := themes.PresetOf(d.engine, c.Query("preset")); ok {
		config, d.Preset = d.engine.Schema().Apply(config, p), p.Name
	}
	// The theme as it comes needs no name in addresses. Without settings of its own it is the engine's first preset.
	own := themes.Preset{Label: "Its own"}
	if len(theme.Config) == 0 {
		if own.Label = presets[0].Label; d.Preset == presets[0].Name {
			d.Preset = ""
		}
		presets = presets[1:]
	}
	d.Name, d.Presets = theme.Name, append([]themes.Preset{own}, presets...)
	d.values = d.engine.Schema().Resolve(config)
	return d, nil
}

// showDemo draws a page of a demo shop. Its addresses are the shop's own; they are put under the demo's.
func (r routes) showDemo(c *fiber.Ctx) error {
	d, err := r.demo(c)
	if err != nil {
		return err
	}
	at := &url.URL{Path: "/" + c.Params("*"), RawQuery: kit.Query(c).Encode()}
	page, status := themes.Demo(d.engine, d.values, demoStylesheet, at)
	if err := r.Render(c, status, page); err != nil {
		return err
	}
	if d.At = at.Path; status != fiber.StatusOK {
		d.At = "/"
	}
	var bar bytes.Buffer
	if err := site.DemoBar(d.Demo).Render(c.UserContext(), &bar); err != nil {
		return err
	}
	field := ""
	if d.Preset != "" {
		field = `<input type="hidden" name="preset" value="` + d.Preset + `">`
	}
	c.Context().SetBody(kit.Rewrite{
		Address: func(address string) string { return d.Address(address, d.Preset) },
		Head:    `<link rel="stylesheet" href="` + static.Path("themes/preview.css") + `">`,
		Body:    bar.String(), // what is put in isn't rewritten
		Field:   field,
	}.HTML(c.Response().Body()))
	c.Set("X-Robots-Tag", "noindex")
	return nil
}

// demoStylesheet is the path of the stylesheet in a demo shop.
const demoStylesheet = "/theme.css"

func (r routes) showDemoStylesheet(c *fiber.Ctx) error {
	d, err := r.demo(c)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "text/css; charset=utf-8")
	c.Set(fiber.HeaderCacheControl, "public, max-age=300")
	return c.SendString(themes.Stylesheet(d.engine, d.values))
}

// exhibits returns the active themes, with what their engines come in.
func (r routes) exhibits(c *fiber.Ctx) ([]site.Exhibit, error) {
	active, err := r.DB.Themes(c.UserContext(), true)
	if err != nil {
		return nil, err
	}
	var list []site.Exhibit
	for _, t := range active {
		x := site.Exhibit{Theme: t}
		if e := r.engines[t.Engine]; e != nil {
			x.Presets = e.Presets()
		}
		list = append(list, x)
	}
	return list, nil
}
