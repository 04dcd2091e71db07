package themes

import (
	"fmt"
	"slices"
	"strings"

	"orbit360.app/static"
)

// face is one family that is served from static/vendor/fonts, with the system font that stands in
// for it until it is there: scaled so that lines break where they will break, and nothing moves.
type face struct {
	key     string
	family  string
	file    string // under vendor/fonts
	weights string
	serif   bool
	// width of a line of English beside that of Arial or Times New Roman, in %, regular and bold
	regular, bold float64
	// of the font's em, from its hhea table
	ascent, descent float64
}

var faces = []face{
	{"instrument-sans", "Instrument Sans", "instrument-sans.woff2", "400 700", false, 101.3, 96.3, 0.97, 0.25},
	{"bricolage-grotesque", "Bricolage Grotesque", "bricolage-grotesque.woff2", "200 800", false, 105.2, 101.2, 0.93,
		0.27},
	{"fraunces", "Fraunces", "fraunces.woff2", "100 900", true, 115.5, 117.4, 0.978, 0.255},
	{"playfair-display", "Playfair Display", "playfair-display.woff2", "400 900", true, 111.5, 106.5, 1.082, 0.251},
	{"eb-garamond", "EB Garamond", "eb-garamond.woff2", "400 800", true, 93.9, 97.2, 1.007, 0.298},
	{"source-sans-3", "Source Sans 3", "source-sans-3.woff2", "200 900", false, 93.5, 88.9, 1.024, 0.4},
	{"jost", "Jost", "jost.woff2", "100 900", false, 95.8, 99.7, 1.07, 0.375},
	{"figtree", "Figtree", "figtree.woff2", "300 900", false, 100, 100.8, 0.95, 0.25},
}

// FontChoices returns options of a Font setting by key: those of faces, "system-sans" and "system-serif".
// It panics for a key that isn't there.
func FontChoices(keys ...string) []Option {
	options := make([]Option, 0, len(keys))
	for _, key := range keys {
		switch key {
		case "system-sans":
			options = append(options, Option{Value: key, Label: "System sans",
				CSS: `system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif`})
		case "system-serif":
			options = append(options, Option{Value: key, Label: "System serif",
				CSS: `Georgia,"Iowan Old Style","Times New Roman",serif`})
		default:
			f, ok := faceOf(key)
			if !ok {
				panic("themes: no font " + key)
			}
			generic := "sans-serif"
			if f.serif {
				generic = "serif"
			}
			options = append(options, Option{Value: key, Label: f.family,
				CSS: fmt.Sprintf(`"%s","%s Fallback",%s`, f.family, f.family, generic)})
		}
	}
	return options
}

func faceOf(key string) (face, bool) {
	i := slices.IndexFunc(faces, func(f face) bool { return f.key == key })
	if i < 0 {
		return face{}, false
	}
	return faces[i], true
}

func (f face) url() string { return static.Path("vendor/fonts/" + f.file) }

// css returns the @font-face rules of the family and of its stand-in.
func (f face) css() string {
	var b strings.Builder
	fmt.Fprintf(&b, `@font-face{font-family:"%s";src:url(%s) format("woff2");font-weight:%s;font-display:swap}`+"\n",
		f.family, f.url(), f.weights)
	local := [2]string{`local("Arial"),local("Liberation Sans")`, `local("Arial Bold"),local("Liberation Sans Bold")`}
	if f.serif {
		local = [2]string{`local("Times New Roman"),local("Liberation Serif")`,
			`local("Times New Roman Bold"),local("Liberation Serif Bold")`}
	}
	for i, adjust := range []float64{f.regular, f.bold} {
		weight := [2]string{"400 500", "600 900"}[i]
		fmt.Fprintf(&b,
			`@font-face{font-family:"%s Fallback";src:%s;font-weight:%s;size-adjust:%.1f%%;`+
				"ascent-override:%.1f%%;descent-override:%.1f%%;line-gap-override:0%%}\n",
			f.family, local[i], weight, adjust, f.ascent/adjust*1e4, f.descent/adjust*1e4)
	}
	return b.String()
}

// facesOf returns the served families that the values choose, each once.
func facesOf(schema Schema, values Values) []face {
	var chosen []face
	for _, s := range schema {
		if f, ok := faceOf(values.String(s.Key)); ok && s.Kind == Font && !slices.Contains(chosen, f) {
			chosen = append(chosen, f)
		}
	}
	return chosen
}
