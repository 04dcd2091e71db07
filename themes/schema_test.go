package themes

import (
	"encoding/json"
	"errors"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"orbit360.app/orbit"
)

// sample has every kind of setting.
func sample() Schema {
	return Schema{
		{Key: "background", Label: "Background", Kind: Color, Default: "#ffffff"},
		{Key: "text", Label: "Text", Kind: Color, Default: "#111111", On: "background"},
		{Key: "font", Label: "Font", Kind: Font, Default: "jost",
			Choices: FontChoices("jost", "fraunces", "system-sans", "system-serif")},
		{Key: "width", Label: "Width", Kind: Range, Default: 20, Min: 10, Max: 30, Step: 5, Unit: "px"},
		{Key: "shape", Label: "Shape", Kind: Choice, Default: "square",
			Choices: []Option{{Value: "square", CSS: "1"}, {Value: "tall", CSS: "4/5"}}},
		{Key: "note", Label: "Note", Kind: Text, Default: "", Max: 20},
		{Key: "logo", Label: "Logo", Kind: Image, Default: ""},
		{Key: "sticky", Label: "Sticky", Kind: Toggle, Default: true},
		{Key: "parts", Label: "Parts", Kind: Order, Default: "one,two,three",
			Choices: []Option{{Value: "one"}, {Value: "two"}, {Value: "three"}}},
		{Key: "show_one", Label: "One", Kind: Toggle, Default: true},
		{Key: "show_two", Label: "Two", Kind: Toggle, Default: true},
		{Key: "show_three", Label: "Three", Kind: Toggle, Default: true},
	}
}

// plain is an engine with nothing but settings.
type plain struct{ Engine }

func (plain) Schema() Schema { return sample() }
func (plain) Keys() *Keys    { return &Keys{} }
func (plain) CSS() string    { return "main{color:var(--text-on)}" }

// anything is a value such as JSON may hold, often near to a valid one.
func anything() *rapid.Generator[any] {
	return rapid.OneOf(
		rapid.String().AsAny(), rapid.Float64().AsAny(), rapid.IntRange(-10, 40).AsAny(), rapid.Bool().AsAny(),
		rapid.Just[any](nil),
		rapid.SampledFrom([]string{"#ABCDEF", "#abc", "red;}body{", "url(//evil)", "javascript:alert(1)", "//evil/x",
			"/logo.png", "https://x.example/y.png", "tall", "fraunces", "two", "three,one,two", "one,one", "two,four",
			"</style><script>", "a\nb", "a\x00b", "\u202ex"}).AsAny(),
		rapid.SliceOf(rapid.Int()).AsAny(),
	)
}

func settings() *rapid.Generator[orbit.Settings] {
	return rapid.Custom(func(t *rapid.T) orbit.Settings {
		keys := []string{"background", "text", "font", "width", "shape", "note", "logo", "sticky", "parts", "unknown"}
		out := orbit.Settings{}
		for _, key := range rapid.SliceOfDistinct(rapid.SampledFrom(keys), rapid.ID).Draw(t, "keys") {
			out[key] = anything().Draw(t, key)
		}
		return out
	})
}

func TestResolveIsTotalAndStable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := settings().Draw(t, "settings")
		values := sample().Resolve(in)
		if len(values) != len(sample()) {
			t.Fatalf("%d values for %d settings", len(values), len(sample()))
		}
		for _, s := range sample() {
			if _, err := s.parse(values[s.Key]); err != nil {
				t.Fatalf("%s = %v isn't valid: %v", s.Key, values[s.Key], err)
			}
		}
		if again := sample().Resolve(orbit.Settings(values)); !reflect.DeepEqual(again, values) {
			t.Fatalf("resolved again: %v, before %v", again, values)
		}
		// what is stored has been through JSON, where every number is a float
		raw, err := json.Marshal(values)
		if err != nil {
			t.Fatal(err)
		}
		var stored orbit.Settings
		if err := json.Unmarshal(raw, &stored); err != nil {
			t.Fatal(err)
		}
		if again := sample().Resolve(stored); !reflect.DeepEqual(again, values) {
			t.Fatalf("through JSON: %v, before %v", again, values)
		}
	})
}

func TestCheckAgreesWithResolve(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		in := settings().Draw(t, "settings")
		checked, err := sample().Check(in)
		values := sample().Resolve(in)
		if err == nil {
			for key, v := range checked {
				if values[key] != v {
					t.Fatalf("%s: Check gives %v, Resolve %v", key, v, values[key])
				}
			}
			if len(checked) != len(in) {
				t.Fatalf("Check keeps %d of %d", len(checked), len(in))
			}
			return
		}
		var e *orbit.Error
		if !errors.As(err, &e) || e.Code != orbit.Invalid || len(e.Faults) == 0 {
			t.Fatalf("%v is no fault", err)
		}
		for _, f := range e.Faults {
			key, ok := strings.CutPrefix(f.Field, "config.")
			if _, given := in[key]; !ok || !given {
				t.Fatalf("a fault on %s, which wasn't given", f.Field)
			}
		}
	})
}

func TestCheckNamesEveryFault(t *testing.T) {
	t.Parallel()
	_, err := sample().Check(orbit.Settings{"width": 12, "logo": "javascript:alert(1)", "color": "red",
		"text": "red;}body{", "sticky": "yes"})
	var e *orbit.Error
	if !errors.As(err, &e) {
		t.Fatal(err)
	}
	want := []string{"config.color", "config.logo", "config.sticky", "config.text", "config.width"}
	var got []string
	for _, f := range e.Faults {
		got = append(got, f.Field)
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("faults on %v, want %v", got, want)
	}
	if last := e.Faults[len(e.Faults)-1].Message; !strings.Contains(last, "from 10 to 30 in steps of 5") {
		t.Errorf("the fault on width says %q", last)
	}
}

var sheet = regexp.MustCompile(`^(@font-face\{[^{}]*\}\n)*:root\{(--[a-z-]+:[^;{}<]+;|color-scheme:(light|dark);)*\}\n`)

func TestStylesheetHoldsNothingOfPeople(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		values := sample().Resolve(settings().Draw(t, "settings"))
		css := Stylesheet(plain{}, values)
		if !sheet.MatchString(css) || !strings.HasSuffix(css, plain{}.CSS()) {
			t.Fatalf("odd stylesheet: %s", css)
		}
		if note := values.String("note"); len(note) > 3 && strings.Contains(strings.TrimSuffix(css, plain{}.CSS()), note) &&
			!strings.Contains(Stylesheet(plain{}, sample().Resolve(nil)), note) {
			t.Fatalf("the note %q is in the stylesheet", note)
		}
	})
}

func TestStylesheetValues(t *testing.T) {
	t.Parallel()
	css := Stylesheet(plain{}, sample().Resolve(orbit.Settings{"background": "#000000", "text": "#101010", "width": 25,
		"shape": "tall", "font": "fraunces"}))
	for _, want := range []string{"--background:#000000;", "--background-ink:#ffffff;", "--text:#101010;", "--width:25px;",
		"--shape:4/5;", `--font:"Fraunces","Fraunces Fallback",serif;`, "color-scheme:dark;",
		`@font-face{font-family:"Fraunces";src:url(/static/vendor/fonts/fraunces.`} {
		if !strings.Contains(css, want) {
			t.Errorf("no %s in %s", want, css)
		}
	}
	if strings.Contains(css, "--note") || strings.Contains(css, "--logo") || strings.Contains(css, "Jost") {
		t.Errorf("text, images or fonts that weren't chosen are in %s", css)
	}
}

func hex() *rapid.Generator[string] { return rapid.StringMatching(`#[0-9a-f]{6}`) }

func TestColorsStayReadable(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		color, ground := hex().Draw(t, "color"), hex().Draw(t, "ground")
		for name, got := range map[string]string{"Ink": Ink(ground), "Readable": Readable(color, ground),
			"Soft": Soft(color, ground)} {
			if c := Contrast(got, ground); c < readable {
				t.Fatalf("%s: %s on %s has contrast %.2f", name, got, ground, c)
			}
		}
		if Contrast(color, ground) >= readable && Readable(color, ground) != color {
			t.Fatalf("%s on %s was changed without need", color, ground)
		}
	})
}

func TestContrast(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		a, b string
		want float64
	}{{"#000000", "#ffffff", 21}, {"#ffffff", "#ffffff", 1}, {"#767676", "#ffffff", 4.54}, {"#ff0000", "#ffffff", 4}} {
		if got := Contrast(c.a, c.b); got < c.want-0.01 || got > c.want+0.01 {
			t.Errorf("Contrast(%s, %s) = %.3f, want %.2f", c.a, c.b, got, c.want)
		}
	}
}

// TestKeysAreTheSchemas: a key that is misspelled, or read as another kind, is found.
func TestKeysAreTheSchemas(t *testing.T) {
	t.Parallel()
	schema := Schema{{Key: "note", Kind: Text}, {Key: "wide", Kind: Toggle}}
	var good Keys
	good.Text("note")
	good.Toggle("wide")
	if err := good.Check(schema); err != nil {
		t.Error(err)
	}
	for name, declare := range map[string]func(*Keys){
		"misspelled": func(k *Keys) { k.Text("notes") }, "another kind": func(k *Keys) { k.Text("wide") },
		"no range": func(k *Keys) { k.Range("note") },
	} {
		var k Keys
		if declare(&k); k.Check(schema) == nil {
			t.Error(name)
		}
	}
}
