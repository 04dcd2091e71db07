package themes

import (
	"slices"

	"orbit360.app/orbit"
)

// Preset is a look of an engine: colors, fonts, sizes and shapes that go together. What it doesn't name is the
// engine's default.
type Preset struct {
	Name     string // in addresses and forms
	Label    string
	Settings orbit.Settings
}

// PresetOf finds a preset of an engine by its name.
func PresetOf(e Engine, name string) (Preset, bool) {
	presets := e.Presets()
	i := slices.IndexFunc(presets, func(p Preset) bool { return p.Name == name })
	if i < 0 {
		return Preset{}, false
	}
	return presets[i], true
}

// Apply returns settings in the look of a preset. Texts, images, switches and orders are the shop's own and stay.
func (s Schema) Apply(in orbit.Settings, p Preset) orbit.Settings {
	out := orbit.Settings{}
	for _, setting := range s {
		given, ok := in[setting.Key]
		if setting.looks() {
			if given, ok = p.Settings[setting.Key]; !ok {
				given, ok = setting.Default, true
			}
		}
		if ok {
			out[setting.Key] = given
		}
	}
	return out
}

// Look returns what a preset sets, by key: for forms that take it over.
func (s Schema) Look(p Preset) orbit.Settings { return s.Apply(nil, p) }

// looks reports whether a setting is about how a shop looks, rather than what it says and shows.
func (s Setting) looks() bool { return slices.Contains([]Kind{Color, Font, Range, Choice}, s.Kind) }
