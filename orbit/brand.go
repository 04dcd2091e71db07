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
