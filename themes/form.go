package themes

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"orbit360.app/orbit"
)

// Read takes the settings of a schema out of a form with fields called prefix and key. What else the form has is
// left out. What can't be read stays as it was typed, for Check to refuse and the form to show again. A toggle
// is on where it is named; an Order has a field for each of its choices, in their order.
func (s Schema) Read(form url.Values, prefix string) orbit.Settings {
	out := orbit.Settings{}
	for _, setting := range s {
		typed, given := form[prefix+setting.Key]
		switch {
		case setting.Kind == Toggle:
			out[setting.Key] = given && typed[0] != ""
		case !given:
		case setting.Kind == Order:
			out[setting.Key] = strings.Join(typed, ",")
		case setting.Kind == Range:
			if n, err := strconv.Atoi(typed[0]); err == nil {
				out[setting.Key] = n
			} else {
				out[setting.Key] = typed[0]
			}
		default:
			out[setting.Key] = strings.TrimSpace(typed[0])
		}
	}
	return out
}

// Since returns settings as they are now with what a form changed of them. The form says what it showed in fields
// called "was.", prefix and key: what it shows still is no change of its own, and elsewhere are those of these that are
// otherwise by now. Where it doesn't say, all that it has is its change. What can't be used stays as it was typed.
func (s Schema) Since(form url.Values, prefix string, now orbit.Settings) (out orbit.Settings, elsewhere []Setting) {
	out = orbit.Settings(s.Resolve(now))
	typed, showed := s.Read(form, prefix), s.Read(form, "was."+prefix)
	for _, setting := range s {
		value, given := typed[setting.Key]
		switch {
		case !given:
		case !form.Has("was." + prefix + setting.Key), !setting.same(value, showed[setting.Key]):
			out[setting.Key] = value
		case !setting.same(value, out[setting.Key]):
			elsewhere = append(elsewhere, setting)
		}
	}
	return out, elsewhere
}

// Changes returns those of some settings that can be used and are otherwise, or can't be used, as they are now.
func (s Schema) Changes(now, some orbit.Settings) orbit.Settings {
	out := orbit.Settings{}
	for _, setting := range s {
		if value, err := setting.parse(some[setting.Key]); err == nil && !setting.same(value, now[setting.Key]) {
			out[setting.Key] = value
		}
	}
	return out
}

// same reports whether both values can be used and are the same one.
func (s Setting) same(a, b any) bool {
	one, err := s.parse(a)
	other, wrong := s.parse(b)
	return err == nil && wrong == nil && one == other
}

// Typed returns a valid value of the setting as a form's field has it; an Order's fields are joined by commas.
func (s Setting) Typed(value any) string {
	if s.Kind != Toggle {
		return fmt.Sprint(value)
	}
	if value == true {
		return "on"
	}
	return ""
}

// Move puts one choice of an Order a place forward or back, where there is one.
func (s Schema) Move(in orbit.Settings, key, choice string, by int) orbit.Settings {
	out := orbit.Settings(s.Resolve(in))
	for k, v := range in {
		out[k] = v // what was typed stays typed
	}
	text, ok := s.Resolve(in)[key].(string)
	order := strings.Split(text, ",")
	from := slices.Index(order, choice)
	if to := from + by; ok && from >= 0 && to >= 0 && to < len(order) {
		order[from], order[to] = order[to], order[from]
		out[key] = strings.Join(order, ",")
	}
	return out
}

// Rearranged returns the settings after a button of a form that doesn't save: "preset" applies one, "move"
// ("sections hero -1") puts a choice of an Order elsewhere, "pick" ("logo /media/a.webp") chooses an image. It reports
// whether one was pressed.
func Rearranged(e Engine, in orbit.Settings, form url.Values) (orbit.Settings, bool) {
	if form.Has("preset") {
		if p, ok := PresetOf(e, form.Get("preset")); ok {
			in = e.Schema().Apply(in, p)
		}
		return in, true
	}
	if key, value, ok := strings.Cut(form.Get("pick"), " "); ok {
		if slices.ContainsFunc(e.Schema(), func(s Setting) bool { return s.Key == key && s.Kind == Image }) {
			in = maps.Clone(in)
			in[key] = value
		}
		return in, true
	}
	if words := strings.Fields(form.Get("move")); len(words) == 3 {
		by := 1
		if words[2] == "-1" {
			by = -1
		}
		return e.Schema().Move(in, words[0], words[1], by), true
	}
	return in, form.Has("move")
}
