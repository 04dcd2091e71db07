package themes

import (
	"fmt"
	"math"
	"strings"
)

// Faint is a color that can hardly be read upon the one behind it.
type Faint struct {
	Text, Ground Setting
	Ratio        float64 // from 1, the same color, to 21 (WCAG 2.2)
	Needed       float64
}

// Faint returns the colors that need more contrast than they have: 4.5 for text (WCAG 2.2, 1.4.3), 3 for the rest that
// is read upon another (1.4.11). Shops show a readable shade instead, and the merchant sees a warning.
func (s Schema) Faint(v Values) []Faint {
	var out []Faint
	for _, text := range s {
		if text.Kind != Color || text.On == "" {
			continue
		}
		f := Faint{Text: text, Needed: 3}
		if text.Key == "text" {
			f.Needed = readable
		}
		for _, ground := range s {
			if ground.Key == text.On {
				f.Ground = ground
			}
		}
		if f.Ratio = Contrast(v.String(text.Key), v.String(text.On)); f.Ratio < f.Needed {
			out = append(out, f)
		}
	}
	return out
}

// FaintKey names these faint colors of these values: agreeing to them agrees to no others. It is "" for none.
func FaintKey(faint []Faint, v Values) string {
	var parts []string
	for _, f := range faint {
		parts = append(parts, f.Text.Key+v.String(f.Text.Key)+v.String(f.Ground.Key))
	}
	return strings.Join(parts, ".")
}

// FaintSummary says what is faint, in sentences.
func FaintSummary(faint []Faint) string {
	var out []string
	for _, f := range faint {
		// Rounded down: 2.97 is less than the 3.0 that it needs.
		out = append(out, fmt.Sprintf("%s has a contrast of %.1f to 1 on %s; %.1f is the least that can be read.",
			f.Text.Label, math.Floor(f.Ratio*10)/10, strings.ToLower(f.Ground.Label), f.Needed))
	}
	return strings.Join(out,
		" ") + " The shop shows the nearest shade that can be read instead. Choose other colors, or keep these."
}
