package themes_test

import (
	"testing"

	"orbit360.app/orbit"
	"orbit360.app/themes"
	"orbit360.app/themes/classic"
	"orbit360.app/themes/minimal"
	"orbit360.app/themes/modern"
)

// TestCarry: what a shop changed of a theme goes along where the other takes it; what the theme came with doesn't.
func TestCarry(t *testing.T) {
	t.Parallel()
	own := orbit.Settings{"background": "#fafafa"} // the theme's, not the shop's
	shop := orbit.Settings{"background": "#fafafa", "accent": "#123456", "announcement": "Free shipping", "radius": 36,
		"hero_height": "full", "show_badges": false, "sticky_header": false, "sections": "featured,hero"}
	c := themes.Carry(modern.New(), classic.New(), own, shop, orbit.Settings{"accent": "#ffffff", "text_size": 18})
	for key, want := range map[string]any{"accent": "#123456", "announcement": "Free shipping", "show_badges": false,
		"text_size": 18} {
		if c.Settings[key] != want {
			t.Errorf("%s is %v, want %v", key, c.Settings[key], want)
		}
	}
	defaults := classic.New().Schema().Resolve(nil)
	for _, key := range []string{"background", "radius", "sections"} {
		if c.Settings[key] != defaults[key] {
			t.Errorf("%s is %v, want the theme's %v", key, c.Settings[key], defaults[key])
		}
	}
	is := map[string]string{}
	for _, d := range c.Lost {
		is[d.Label] = d.Is
	}
	if len(c.Kept) != 3 || is["Corner radius"] != "2 px" || is["Home page"] == "" {
		t.Errorf("%+v", c)
	}
	if got, ok := is["Sticky header"]; !ok || got != "" {
		t.Errorf("a setting that classic hasn't: %q, %v", got, ok)
	}
	if _, err := classic.New().Schema().Check(c.Settings); err != nil {
		t.Error(err, orbit.FaultsOf(err))
	}
}

// TestCarryThereAndBack: to a theme of the same engine everything goes along, from an engine that is gone nothing.
func TestCarryThereAndBack(t *testing.T) {
	t.Parallel()
	shop := orbit.Settings(minimal.New().Schema().Resolve(orbit.Settings{"silence": 0, "show_prices": false}))
	c := themes.Carry(minimal.New(), minimal.New(), nil, shop, orbit.Settings{"silence": 24})
	if len(c.Kept) != 2 || len(c.Lost) != 0 || c.Settings["silence"] != 0 || c.Settings["show_prices"] != false {
		t.Errorf("%+v", c)
	}
	c = themes.Carry(nil, minimal.New(), nil, shop, nil)
	if len(c.Kept)+len(c.Lost) != 0 || c.Settings["silence"] != 144 {
		t.Errorf("%+v", c)
	}
}
