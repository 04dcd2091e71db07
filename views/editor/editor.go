package editor

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"encoding/json"

	"orbit360.app/orbit"
	"orbit360.app/themes"
	"orbit360.app/views/ui"
)

// Settings holds an engine's settings as a form has them. Each field is called "config." and its key; buttons called
// "preset" and "move" change the form and ask for it again.
type Settings struct {
	Schema  themes.Schema
	Presets []themes.Preset
	Config  orbit.Settings // as stored, or as typed
	Base    orbit.Settings // what counts as changed differs from it; what it lacks is the engine's default
	Faults  []orbit.Fault  // on config.{key}
	Pressed string         // the value of the "move" button that brought the form back

	Images   []Image // that a setting may show, beside those elsewhere
	ImagesAt string  // where there are more to be had, "" where there aren't
}

// Image is one that settings can name.
type Image struct {
	Name  string
	Image orbit.Image
	Thumb string // where this page shows it
}

// pick is a setting's image for scripts: what to put into which field.
func pick(s themes.Setting, value string) string {
	text, err := json.Marshal(map[string]string{s.Key: value})
	if err != nil {
		return "{}" // texts always are JSON
	}
	return string(text)
}

// value is what a setting's field shows: what was typed, whether or not it can be used, or the default.
func (e Settings) value(s themes.Setting) string { return valueIn(e.Config, s) }

func valueIn(config orbit.Settings, s themes.Setting) string {
	if given, ok := config[s.Key]; ok {
		if f, ok := given.(float64); ok { // numbers as JSON keeps them
			return strconv.FormatFloat(f, 'f', -1, 64)
		}
		return fmt.Sprint(given)
	}
	return fmt.Sprint(s.Default)
}

func (e Settings) fault(s themes.Setting) string {
	for _, f := range e.Faults {
		if f.Field == "config."+s.Key {
			return f.Message
		}
	}
	return ""
}

// changed reports whether a setting differs from what the editor began with.
func (e Settings) changed(s themes.Setting) bool { return e.value(s) != valueIn(e.Base, s) }

// group holds settings under one heading.
type group struct {
	Name     string
	Settings []themes.Setting
	Changed  int
	Open     bool
	Faulty   bool
}

func (e Settings) groups() []group {
	var groups []group
	for _, s := range e.Schema {
		if len(groups) == 0 || groups[len(groups)-1].Name != s.Group {
			groups = append(groups, group{Name: s.Group, Open: len(groups) == 0})
		}
		g := &groups[len(groups)-1]
		if !e.switches(s) {
			g.Settings = append(g.Settings, s)
		}
		if e.changed(s) {
			g.Changed++
		}
		g.Faulty = g.Faulty || e.fault(s) != ""
		g.Open = g.Open || g.Faulty || strings.HasPrefix(e.Pressed, s.Key+" ")
	}
	return groups
}

// switches reports whether a setting is the switch of a choice of an order, which stands in the order's list.
func (e Settings) switches(s themes.Setting) bool {
	return slices.ContainsFunc(e.Schema, func(order themes.Setting) bool {
		return order.Kind == themes.Order && slices.ContainsFunc(order.Choices,
			func(o themes.Option) bool { return themes.Switch(o.Value) == s.Key })
	})
}

// part is a choice of an order in its place.
type part struct {
	themes.Option
	On bool
}

func (e Settings) parts(s themes.Setting) []part {
	var parts []part
	values := e.Schema.Resolve(e.Config)
	for name := range strings.SplitSeq(values.String(s.Key), ",") {
		i := slices.IndexFunc(s.Choices, func(o themes.Option) bool { return o.Value == name })
		parts = append(parts, part{s.Choices[i], values.Bool(themes.Switch(name))})
	}
	return parts
}

// current returns the name of the preset that the settings look like, "" for none of them.
func (e Settings) current() string {
	values := e.Schema.Resolve(e.Config)
	for _, p := range e.Presets {
		same := true
		for key, want := range e.Schema.Resolve(e.Schema.Look(p)) {
			if _, looks := e.Schema.Look(p)[key]; looks && values[key] != want {
				same = false
			}
		}
		if same {
			return p.Name
		}
	}
	return ""
}

// swatch returns the colors a preset is known by.
func (e Settings) swatch(p themes.Preset) (background, text, accent string) {
	values := e.Schema.Resolve(e.Schema.Look(p))
	return values.String("background"), values.String("text"), values.String("accent")
}

// look is a preset for scripts: what to put into which field.
func (e Settings) look(p themes.Preset) string {
	look, err := json.Marshal(e.Schema.Look(p))
	if err != nil {
		return "{}" // texts and numbers always are JSON
	}
	return string(look)
}

func spaced(unit string) string {
	if unit == "" || unit == "%" {
		return unit
	}
	return " " + unit
}

func choices(s themes.Setting) []ui.Option {
	options := make([]ui.Option, len(s.Choices))
	for i, o := range s.Choices {
		options[i] = ui.Option{Value: o.Value, Label: o.Label}
		if o.Value == s.Default {
			options[i].Label += " (default)"
		}
	}
	return options
}

// FaultSummary says over a form what is wrong with it.
func FaultSummary(faults []orbit.Fault) string {
	if len(faults) == 1 {
		return faults[0].Message
	}
	return "Please fix the " + strconv.Itoa(len(faults)) + " fields below."
}
