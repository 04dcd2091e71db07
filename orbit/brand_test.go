package orbit

import "testing"

// TestAccent: the accent color follows the logo until somebody chooses another.
func TestAccent(t *testing.T) {
	t.Parallel()
	red, blue := []string{"#c81e28", "#1428c8"}, []string{"#0000ff"}
	for name, is := range map[string]struct {
		brand  Brand
		colors []string
		want   string
	}{
		"the first logo":       {Brand{}, red, "#c81e28"},
		"another logo":         {Brand{Accent: "#c81e28", Colors: red}, blue, "#0000ff"},
		"chosen before a logo": {Brand{Accent: "#123456"}, red, "#123456"},
		"chosen by hand":       {Brand{Accent: "#123456", Colors: red}, blue, "#123456"},
		"chosen of the logo's": {Brand{Accent: "#1428c8", Colors: red}, blue, "#1428c8"},
		"a logo of no color":   {Brand{Accent: "#c81e28", Colors: red}, nil, ""},
		"chosen, and no logo":  {Brand{Accent: "#123456", Colors: red}, nil, "#123456"},
	} {
		got := is.brand.WithColors(is.colors)
		if got.Accent != is.want || len(got.Colors) != len(is.colors) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}
