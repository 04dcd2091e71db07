package themes

import (
	"path"
	"slices"
	"strconv"
	"strings"

	"orbit360.app/orbit"
)

// Difference is a setting that two releases have otherwise, in words. Was or Is is "" where one theme has no such
// setting.
type Difference struct {
	Group   string
	Label   string
	Kind    Kind
	Was, Is string
}

// Compare returns what changed from one release's settings to another's, in the order of the second engine's schema;
// what only the first has comes last.
func Compare(from, to Engine, was, is orbit.Settings) (changed []Difference) {
	before, after := from.Schema(), to.Schema()
	old, now := before.Resolve(was), after.Resolve(is)
	for _, s := range after {
		d := Difference{Group: s.Group, Label: s.Label, Kind: s.Kind, Is: s.Words(now[s.Key])}
		if i := before.index(s.Key); i >= 0 {
			if before[i].Kind == s.Kind && old[s.Key] == now[s.Key] {
				continue
			}
			d.Was = before[i].Words(old[s.Key])
		}
		changed = append(changed, d)
	}
	for _, s := range before {
		if after.index(s.Key) < 0 {
			changed = append(changed, Difference{Group: s.Group, Label: s.Label, Kind: s.Kind, Was: s.Words(old[s.Key])})
		}
	}
	return changed
}

func (s Schema) index(key string) int {
	return slices.IndexFunc(s, func(t Setting) bool { return t.Key == key })
}

// Words says a valid value of the setting as people call it.
func (s Setting) Words(value any) string {
	text, _ := value.(string)
	switch s.Kind {
	case Toggle:
		if value == true {
			return "On"
		}
		return "Off"
	case Range:
		n, _ := value.(int)
		return strings.TrimSpace(strconv.Itoa(n) + " " + s.Unit)
	case Choice, Font:
		return s.label(text)
	case Order:
		parts := strings.Split(text, ",")
		for i, part := range parts {
			parts[i] = s.label(part)
		}
		return strings.Join(parts, ", ")
	case Image:
		if text == "" {
			return "No image"
		}
		return path.Base(text)
	case Text:
		if text == "" {
			return "Empty"
		}
		return "“" + text + "”"
	}
	return text
}

// label is what a choice is called.
func (s Setting) label(value string) string {
	for _, o := range s.Choices {
		if o.Value == value {
			return o.Label
		}
	}
	return value
}
