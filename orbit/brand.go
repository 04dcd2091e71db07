package orbit

import (
	"regexp"
	"slices"
	"strings"
)

// Brand is what a shop looks like before any theme: colors as #rrggbb. Empty ones are the theme's own.
type Brand struct {
	Accent     string   `json:"accent,omitempty"`
	Background string   `json:"background,omitempty"`
	Colors     []string `json:"colors,omitempty"` // of the logo, to choose from
}

// WithColors returns the brand with the colors of another logo, of none for nil. The accent color follows the first of
// them, unless somebody has chosen another: that one stays.
func (b Brand) WithColors(colors []string) Brand {
	if b.Accent == "" || (len(b.Colors) > 0 && b.Accent == b.Colors[0]) {
		b.Accent = ""
		if len(colors) > 0 {
			b.Accent = colors[0]
		}
	}
	b.Colors = colors
	return b
}

// Check gives the brand in its stored form. Faults are on accent and background.
func (b Brand) Check() (Brand, error) {
	var f Faults
	b.Accent, b.Background = f.hex("accent", b.Accent), f.hex("background", b.Background)
	b.Colors = slices.DeleteFunc(slices.Clone(b.Colors), func(c string) bool { return !hexColor.MatchString(c) })
	return b, f.Err()
}

var hexColor = regexp.MustCompile(`^#[0-9a-f]{6}$`)

func (f *Faults) hex(field, value string) string {
	value = strings.ToLower(Plain(value))
	if value != "" && !hexColor.MatchString(value) {
		f.Add(field, value, "Enter a color such as #1a2b3c.")
	}
	return value
}
