package themes_test

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"orbit360.app/orbit"
	"orbit360.app/themes"
	"orbit360.app/themes/classic"
	"orbit360.app/themes/minimal"
	"orbit360.app/themes/modern"
)

// TestBranded: every engine takes any brand over, and what is read upon another color can be read.
func TestBranded(t *testing.T) {
	t.Parallel()
	hex := rapid.Custom(func(t *rapid.T) string {
		return fmt.Sprintf("#%06x", rapid.IntRange(0, 0xffffff).Draw(t, "color"))
	})
	for _, e := range []themes.Engine{modern.New(), classic.New(), minimal.New()} {
		rapid.Check(t, func(t *rapid.T) {
			b := orbit.Brand{Accent: hex.Draw(t, "accent")}
			if rapid.Bool().Draw(t, "with a background") {
				b.Background = hex.Draw(t, "background")
			}
			schema := e.Schema()
			config, err := schema.Check(schema.Branded(orbit.Settings(schema.Resolve(nil)), b, "/media/x-320.webp"))
			if err != nil {
				t.Fatal(err)
			}
			v := schema.Resolve(config)
			if faint := schema.Faint(v); len(faint) > 0 {
				t.Fatalf("%s: %+v", e.Name(), faint)
			}
			if v.String("logo") != "/media/x-320.webp" || b.Background != "" && v.String("background") != b.Background {
				t.Fatalf("%s: %v", e.Name(), v)
			}
			if got := themes.Contrast(v.String("accent"), v.String("background")); got < 4.5 {
				t.Fatalf("%s: the accent has %.2f", e.Name(), got)
			}
		})
		plain := orbit.Settings{"text": "#123456"}
		if got := e.Schema().Branded(plain, orbit.Brand{}, ""); len(got) != 1 || got["text"] != "#123456" {
			t.Errorf("%s: no brand changes %v", e.Name(), got)
		}
	}
}
