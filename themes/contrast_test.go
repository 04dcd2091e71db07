package themes_test

import (
	"strings"
	"testing"

	"orbit360.app/orbit"
	"orbit360.app/themes"
	"orbit360.app/themes/classic"
	"orbit360.app/themes/minimal"
	"orbit360.app/themes/modern"
)

func TestFaintColors(t *testing.T) {
	t.Parallel()
	for _, e := range []themes.Engine{modern.New(), classic.New(), minimal.New()} {
		s := e.Schema()
		for _, p := range e.Presets() {
			if faint := s.Faint(s.Resolve(s.Apply(nil, p))); len(faint) > 0 {
				t.Errorf("%s, %s: %s", e.Name(), p.Name, themes.FaintSummary(faint))
			}
		}
		if faint := s.Faint(s.Resolve(nil)); len(faint) > 0 {
			t.Errorf("%s: %s", e.Name(), themes.FaintSummary(faint))
		}
		for text, want := range map[string]string{"#ffffff": "1.0 to 1", "#808080": "3.9 to 1", "#767676": ""} {
			v := s.Resolve(orbit.Settings{"text": text, "background": "#ffffff", "accent": "#000000", "sale": "#000000"})
			faint := s.Faint(v)
			if got := themes.FaintSummary(faint); (len(faint) == 1) != (want != "") || !strings.Contains(got, want) ||
				(themes.FaintKey(faint, v) != "") != (want != "") {
				t.Errorf("%s, %s: %s", e.Name(), text, got)
			}
		}
	}
}
