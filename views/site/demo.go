package site

import (
	"net/url"
	"strings"

	"orbit360.app/orbit"
	"orbit360.app/themes"
)

// Exhibit is a theme in the gallery.
type Exhibit struct {
	orbit.Theme
	Presets []themes.Preset // of its engine, the engine's own look first
}

// Demo is a page of a demo shop.
type Demo struct {
	Key     string // names the theme in addresses: its slug, or its engine's name
	Name    string
	Presets []themes.Preset // the first has no name: the theme as it comes
	Preset  string
	At      string // the path in the shop
}

// Address is the site's address of an address of the demo shop's, in a preset.
func (d Demo) Address(address, preset string) string {
	rest, fragment, hasFragment := strings.Cut(address, "#")
	path, query, _ := strings.Cut(rest, "?")
	values, err := url.ParseQuery(query)
	if err != nil {
		values = url.Values{}
	}
	values.Del("preset")
	if preset != "" {
		values.Set("preset", preset)
	}
	out := demoPath(d.Key) + strings.TrimSuffix(path, "/")
	if len(values) > 0 {
		out += "?" + values.Encode()
	}
	if hasFragment {
		out += "#" + fragment
	}
	return out
}

func demoPath(key string) string { return "/themes/" + url.PathEscape(key) }

// suits says who an engine is for.
func suits(e orbit.EngineName) string {
	switch e {
	case orbit.EngineModern:
		return "New brands, fashion, beauty, electronics: shops with a few strong products and something to say."
	case orbit.EngineClassic:
		return "Shops with many products and categories: books, food, home and garden, anything people browse and compare."
	case orbit.EngineMinimal:
		return "Makers, artists, galleries, studios: shops that let their images do the talking."
	}
	return ""
}
