package themes

import (
	_ "embed"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"orbit360.app/orbit"
)

// Kind is what sort of value a setting takes.
type Kind string

// The kinds of settings.
const (
	Color  Kind = "color"  // #rrggbb
	Font   Kind = "font"   // one of Choices, which FontChoices makes
	Range  Kind = "range"  // whole number from Min to Max in steps of Step
	Choice Kind = "choice" // one of Choices
	Text   Kind = "text"   // one line of at most Max characters
	Image  Kind = "image"  // a path on the shop's own host or an https URL; shown at most Max pixels wide
	Toggle Kind = "toggle"
	Order  Kind = "order" // every one of Choices, by commas; the Toggle show_{choice} says whether it is seen
)

// Setting is one thing about a theme that people can change.
type Setting struct {
	Key     string // snake_case; the CSS variable is --key-with-hyphens
	Group   string // heading it stands under
	Label   string
	Kind    Kind
	Default any // string, int or bool by kind
	Min     int
	Max     int
	Step    int
	Unit    string // CSS unit of a Range: "px", "rem", "%" or ""
	Choices []Option
	On      string // of a Color that is read as text: key of the Color behind it
	Role    Role   // in a shop's brand, "" for none
}

// Option is one choice of a Choice or Font setting. CSS is what the variable gets, Value where empty.
type Option struct {
	Value string
	Label string
	CSS   string
}

// Schema holds the settings of an engine in order.
type Schema []Setting

// Values holds settings resolved against a schema: every key is there and holds a valid value.
type Values map[string]any

// String returns the value of a text-like setting.
func (v Values) String(key string) string { s, _ := v[key].(string); return s }

// Int returns the value of a range.
func (v Values) Int(key string) int { n, _ := v[key].(int); return n }

// Bool returns the value of a toggle.
func (v Values) Bool(key string) bool { b, _ := v[key].(bool); return b }

// Shown returns the choices of an Order that are on, in that order.
func (v Values) Shown(key string) []string {
	return slices.DeleteFunc(strings.Split(v.String(key), ","),
		func(choice string) bool { return !v.Bool(Switch(choice)) })
}

// Switch returns the key of the Toggle that shows a choice of an Order.
func Switch(choice string) string { return "show_" + choice }

var (
	hexColor  = regexp.MustCompile(`^#[0-9a-fA-F]{6}$`)
	imagePath = regexp.MustCompile(`^(https://[A-Za-z0-9.-]+(:[0-9]+)?)?/[A-Za-z0-9._~/%-]*$`)
)

// Resolve gives every setting of the schema a valid value: unknown keys are dropped and invalid
// values replaced by the default, so that an engine's upgrade never breaks a shop.
func (s Schema) Resolve(in orbit.Settings) Values {
	out := make(Values, len(s))
	for _, setting := range s {
		out[setting.Key] = setting.Default
		if given, ok := in[setting.Key]; ok {
			if value, err := setting.parse(given); err == nil {
				out[setting.Key] = value
			}
		}
	}
	return out
}

// Check is the strict form for people's input: every unknown key and bad value is a fault
// on config.{key}.
func (s Schema) Check(in orbit.Settings) (orbit.Settings, error) {
	var faults orbit.Faults
	out := orbit.Settings{}
	for key, given := range in {
		i := slices.IndexFunc(s, func(t Setting) bool { return t.Key == key })
		if i < 0 {
			faults.Add("config."+key, "", "This theme has no such setting.")
			continue
		}
		value, err := s[i].parse(given)
		if err != nil {
			faults.Add("config."+key, "", "%s", err)
			continue
		}
		out[key] = value
	}
	if len(faults) > 0 {
		slices.SortFunc(faults, func(a, b orbit.Fault) int { return strings.Compare(a.Field, b.Field) })
		return nil, orbit.Errorf(orbit.Invalid, "Some settings of the theme can't be used.").With(faults...)
	}
	return out, nil
}

// Faults returns what Check refuses.
func (s Schema) Faults(in orbit.Settings) []orbit.Fault {
	_, err := s.Check(in)
	return orbit.FaultsOf(err)
}

// parse reads one value as JSON gives it. Its errors are sentences for people.
func (s Setting) parse(given any) (any, error) {
	text, isText := given.(string)
	switch s.Kind {
	case Toggle:
		if b, ok := given.(bool); ok {
			return b, nil
		}
		return nil, fmt.Errorf("%s is either on or off", s.Label)
	case Range:
		n, ok := whole(given)
		if !ok || n < s.Min || n > s.Max || (s.Step > 1 && (n-s.Min)%s.Step != 0) {
			steps := ""
			if s.Step > 1 {
				steps = fmt.Sprintf(" in steps of %d", s.Step)
			}
			return nil, fmt.Errorf("%s takes a whole number from %d to %d%s", s.Label, s.Min, s.Max, steps)
		}
		return n, nil
	case Color:
		if !isText || !hexColor.MatchString(text) {
			return nil, fmt.Errorf("%s takes a color such as #1a2b3c", s.Label)
		}
		return strings.ToLower(text), nil
	case Choice, Font:
		if !isText || !slices.ContainsFunc(s.Choices, func(o Option) bool { return o.Value == text }) {
			return nil, fmt.Errorf("%s takes one of its listed choices", s.Label)
		}
		return text, nil
	case Order:
		order, ok := s.order(text)
		if !isText || !ok {
			return nil, fmt.Errorf("%s takes its listed parts, each once", s.Label)
		}
		return order, nil
	case Image:
		if !isText || (text != "" && (len(text) > 500 || strings.HasPrefix(text, "//") || !imagePath.MatchString(text))) {
			return nil, fmt.Errorf("%s takes the https address of an image", s.Label)
		}
		return text, nil
	case Text:
		clean, ok := orbit.Line(text)
		if !isText || !ok || len([]rune(clean)) > s.Max {
			return nil, fmt.Errorf("%s takes one line of at most %d characters", s.Label, s.Max)
		}
		return clean, nil
	}
	return nil, fmt.Errorf("%s can't be set", s.Label)
}

// order reads an order of the choices. Those that aren't named, as after an upgrade that brought a new one, come last.
func (s Setting) order(text string) (string, bool) {
	var order []string
	for name := range strings.SplitSeq(text, ",") {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		if slices.Contains(order, name) || !slices.ContainsFunc(s.Choices, func(o Option) bool { return o.Value == name }) {
			return "", false
		}
		order = append(order, name)
	}
	for _, o := range s.Choices {
		if !slices.Contains(order, o.Value) {
			order = append(order, o.Value)
		}
	}
	return strings.Join(order, ","), true
}

func whole(v any) (int, bool) {
	switch n := v.(type) {
	case int:
		return n, true
	case float64:
		return int(n), n == float64(int(n))
	}
	return 0, false
}

// Stylesheet returns the engine's whole stylesheet for these settings: the fonts they choose, their CSS
// variables on :root, the rules that all engines share, then the engine's own. Text and images never get into it.
//
// A color c gives --c as chosen, --c-ink and --c-ink-soft for text upon it; one that is read On
// another gives --c-on and --c-soft too, shades of it that can be read there whatever people chose.
// The Color called "background" also says whether form controls and scroll bars are light or dark.
func Stylesheet(e Engine, values Values) string {
	var b strings.Builder
	schema := e.Schema()
	for _, f := range facesOf(schema, values) {
		b.WriteString(f.css())
	}
	b.WriteString(":root{")
	for _, s := range schema {
		name, value := "--"+strings.ReplaceAll(s.Key, "_", "-"), values.String(s.Key)
		switch s.Kind {
		case Color:
			ink := Ink(value)
			fmt.Fprintf(&b, "%s:%s;%s-ink:%s;%s-ink-soft:%s;", name, value, name, ink, name, Soft(ink, value))
			if s.On != "" {
				ground := values.String(s.On)
				fmt.Fprintf(&b, "%s-on:%s;%s-soft:%s;", name, Readable(value, ground), name, Soft(value, ground))
			}
			if s.Key == "background" {
				b.WriteString("color-scheme:" + scheme(value) + ";")
			}
		case Range:
			fmt.Fprintf(&b, "%s:%d%s;", name, values.Int(s.Key), s.Unit)
		case Choice, Font:
			for _, o := range s.Choices {
				if o.Value == value && o.CSS != "" {
					fmt.Fprintf(&b, "%s:%s;", name, o.CSS)
				}
			}
		}
	}
	b.WriteString("}\n")
	b.WriteString(base)
	b.WriteString(e.CSS())
	return b.String()
}

//go:embed base.css
var base string

func scheme(background string) string {
	if Ink(background) == "#ffffff" {
		return "dark"
	}
	return "light"
}
