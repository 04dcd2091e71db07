package themes

import (
	"context"
	"fmt"
	"hash/fnv"
	"io"
	"strings"
	"unicode"

	"github.com/a-h/templ"
	"github.com/maypok86/otter/v2"

	"orbit360.app/orbit"
)

// Mood is the manner in which an engine's artwork is drawn.
type Mood int

// The moods.
const (
	Bold     Mood = iota // clear colors, big plain shapes
	Heritage             // the colors of old labels, arches and panels
	Quiet                // an empty studio, soft light
)

// palette is the backdrop from top to bottom, a shape upon it, and the object: its color, its
// dark and light side, an accent.
type palette struct{ top, bottom, shape, object, dark, light, accent string }

var palettes = map[Mood][]palette{
	Bold: {
		{"#ffe6d8", "#ffd2bc", "#ffad8a", "#e4572e", "#a93415", "#fff4ec", "#1d3557"},
		{"#dfe9ff", "#c6d7ff", "#9db9ff", "#3b5bdb", "#223a96", "#f3f6ff", "#ffb703"},
		{"#daf3e5", "#bfe8d2", "#92d6b6", "#1f7a5a", "#0f4a36", "#f1fbf6", "#ff8a5b"},
		{"#ece4ff", "#dbceff", "#c0a8ff", "#6b46d6", "#442898", "#f7f3ff", "#ffc145"},
		{"#fff2c2", "#ffe48a", "#ffcf4d", "#2b3147", "#10131f", "#fffaf0", "#ef5b3c"},
		{"#ffe3ea", "#ffcad6", "#ff9fb5", "#b3244f", "#780f30", "#fff4f6", "#f4b942"},
		{"#d6f1f5", "#b7e3eb", "#82ced9", "#11597a", "#08324a", "#effafc", "#ff9f45"},
		{"#f2ebe0", "#e5d9c5", "#d6c3a1", "#2846c7", "#152985", "#fbf8f2", "#e76f51"},
		{"#2a3763", "#18213f", "#3f4f90", "#f5ba69", "#cc8026", "#fff3df", "#f26a6a"},
		{"#1f5c53", "#123f39", "#2f7a6f", "#ffd9b0", "#dfa468", "#fff6ea", "#ff8360"},
		{"#84332e", "#5d1f20", "#a84c43", "#f8d9bd", "#d9a577", "#fff4ea", "#f2b544"},
	},
	Heritage: {
		{"#f1e9da", "#e4d7bf", "#dac8a8", "#76222f", "#491019", "#f8f1e4", "#b58a3c"},
		{"#eaeadd", "#d6d8c4", "#c0c6a8", "#345342", "#1a2f23", "#f6f4e8", "#b9773a"},
		{"#e6eaee", "#cfd7e0", "#b6c3d2", "#284468", "#12223b", "#f4f6f8", "#bd934e"},
		{"#f2e3d5", "#e6ccb6", "#d6ae90", "#935130", "#5c2d16", "#faf0e6", "#2f4a4a"},
		{"#eee6ec", "#dccfda", "#c6b0c2", "#5b3556", "#361a34", "#f8f2f7", "#b8893f"},
		{"#f3eacd", "#e7d8a6", "#d6bf79", "#574323", "#32240f", "#fbf6e6", "#8e2f2a"},
		{"#2d4338", "#1b2a22", "#3f5a4b", "#dcbd7e", "#ab8844", "#f4ead2", "#c4593c"},
		{"#501c25", "#350f17", "#70303a", "#e6d2ad", "#bb976a", "#f8efdf", "#8fa98c"},
	},
	Quiet: {
		{"#f3f1ed", "#dedad2", "#fbfaf8", "#34322f", "#141312", "#f7f5f1", "#a89f91"},
		{"#f0ede7", "#dad3c7", "#faf8f4", "#bca184", "#8d7857", "#fbf8f2", "#5b5348"},
		{"#eff1f0", "#d5dad8", "#fafbfa", "#83928c", "#55645e", "#f7f9f8", "#2f3734"},
		{"#f4eeea", "#e2d5cd", "#fcf9f7", "#b97d65", "#87513e", "#fbf5f1", "#4a3630"},
		{"#ebecee", "#d0d2d7", "#f8f8f9", "#f1f0ee", "#b5b5b4", "#ffffff", "#6a6b73"},
		{"#3b3936", "#1f1e1c", "#4b4844", "#dbd5ca", "#9a9287", "#f8f6f2", "#8b6f4e"},
		{"#eceae2", "#d2ccbc", "#f8f7f2", "#767a5b", "#484c34", "#f6f4ea", "#33341f"},
		{"#e9edf0", "#cad2d8", "#f7f9fa", "#4a5e72", "#293746", "#f4f6f8", "#b9a78d"},
	},
}

func hash(s string) uint32 {
	h := fnv.New32a()
	_, _ = io.WriteString(h, s) // a hash takes everything
	// FNV's low bits hardly differ between names that differ in their last letter
	v := h.Sum32()
	v ^= v >> 15
	v *= 0x2c1b3c6d
	return v ^ v>>13
}

// motifOf finds what a thing is: the last telling word of its title up to a comma, for English
// puts the noun at the end ("Coffee Mug, Blue"), else of the whole title, else of its kind, else
// the topic it belongs to, else any shape.
func motifOf(title, kind, seed string) motif {
	head, _, _ := strings.Cut(title, ",")
	for _, try := range []struct {
		text  string
		names map[string]string
	}{{head, words}, {title, words}, {kind, words}, {kind, topics}, {title, topics}} {
		parts := wordsOf(try.text)
		for i := len(parts) - 1; i >= 0; i-- {
			if m, ok := motifFor(parts[i], try.names); ok {
				return m
			}
		}
	}
	return motifs[unknown[hash(seed)%uint32(len(unknown))]]
}

func wordsOf(text string) []string {
	return strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && r != '-' })
}

func motifFor(word string, names map[string]string) (motif, bool) {
	for _, form := range []string{word, strings.TrimSuffix(word, "s"), strings.TrimSuffix(word, "es")} {
		if name, ok := names[form]; ok {
			return motifs[name], true
		}
	}
	return "", false
}

// backdrop draws what stands behind the object. It reaches far beyond the field, so that the
// image fills a frame of any shape while the object always shows whole.
func (m Mood) backdrop(p palette, n uint32) string {
	side := int(n>>3%5)*4 - 8 // how far off the middle
	switch m {
	case Bold:
		switch n % 5 {
		case 0:
			return fmt.Sprintf(`<circle cx="%d" cy="46" r="34" fill="%s"/>`, 50+side, p.shape)
		case 1:
			return fmt.Sprintf(`<path fill="%s" d="M20 200V44c0-40 60-40 60 0v156z"/>`, p.shape)
		case 2:
			return fmt.Sprintf(`<path fill="%s" d="M-150 78h400v150h-400z"/>`, p.shape)
		case 3:
			return fmt.Sprintf(`<path fill="%s" d="M%d 250L%d-150h300v400z"/>`, p.shape, side-40, side+130)
		}
		return fmt.Sprintf(`<g fill="%s"><circle cx="30" cy="36" r="26" opacity=".6"/><circle cx="66" cy="60" r="32"/></g>`,
			p.shape)
	case Heritage:
		table := fmt.Sprintf(`<path fill="%s" d="M-150 74h400v150h-400z"/>`, p.shape)
		switch n % 4 {
		case 0:
			return fmt.Sprintf(`<path fill="%s" opacity=".75" d="M23 74V46c0-40 54-40 54 0v28z"/>`+
				`<path fill="none" stroke="%s" stroke-width=".7" d="M20 74V46c0-45 60-45 60 0v28"/>`, p.shape, p.accent) + table
		case 1:
			return fmt.Sprintf(`<path stroke="%s" stroke-width="300" stroke-dasharray="5 7" opacity=".4" d="M-150-76h400"/>`,
				p.shape) + table
		case 2:
			return fmt.Sprintf(`<circle cx="50" cy="48" r="35" fill="%s" opacity=".8"/>`+
				`<circle cx="50" cy="48" r="38" fill="none" stroke="%s" stroke-width=".7"/>`, p.shape, p.accent)
		}
		return table + fmt.Sprintf(`<path stroke="%s" stroke-width=".7" opacity=".6" d="M-150 76.5h400"/>`, p.accent)
	}
	switch n % 3 {
	case 0:
		return fmt.Sprintf(`<path fill="%s" opacity=".55" d="M%d-60h42L20 200h-70z"/>`, p.shape, 74+side)
	case 1:
		return fmt.Sprintf(`<path fill="%s" opacity=".5" d="M-150 66h400v200h-400z"/>`, p.bottom)
	}
	return fmt.Sprintf(`<path fill="%s" d="M18 78h64v90H18z"/><path fill="%s" opacity=".5" d="M82 78v90H66z"/>`, p.shape,
		p.bottom)
}

// artwork returns an image of a product that has no photograph: always the same for the same seed.
// id starts the ids inside it and must be its own on the page. Everything that gets into the text
// comes from the tables above; of the product only hashes do.
func artwork(mood Mood, id, seed string, m motif) string {
	n := hash(seed)
	p := palettes[mood][n%uint32(len(palettes[mood]))]
	var b strings.Builder
	fmt.Fprintf(&b, `<svg class="art" viewBox="9 9 82 82" aria-hidden="true"><linearGradient id="%sb" x2="0" y2="1">`+
		`<stop stop-color="%s"/><stop offset="1" stop-color="%s"/></linearGradient>`, id, p.top, p.bottom)
	gradient(&b, id+"o", p)
	fmt.Fprintf(&b, `<path fill="url(#%sb)" d="M-150-150h400v400h-400z"/>`, id)
	b.WriteString(mood.backdrop(p, n>>8))
	object(&b, mood, id+"o", p, m)
	b.WriteString(`</svg>`)
	return b.String()
}

func gradient(b *strings.Builder, id string, p palette) {
	shade := parseHex(p.object).mix(parseHex(p.dark), 0.6).hex()
	fmt.Fprintf(b, `<linearGradient id="%s" y2=".4"><stop offset=".3" stop-color="%s"/>`+
		`<stop offset="1" stop-color="%s"/></linearGradient>`, id, p.object, shade)
}

func object(b *strings.Builder, mood Mood, id string, p palette, m motif) {
	shadow := `<ellipse cx="53" cy="78" rx="27" ry="3" opacity=".16"/>`
	if mood == Quiet {
		shadow = fmt.Sprintf(`<radialGradient id="%[1]ss"><stop offset=".2" stop-opacity=".3"/>`+
			`<stop offset="1" stop-opacity="0"/></radialGradient>`+
			`<ellipse cx="56" cy="78" rx="42" ry="4.5" fill="url(#%[1]ss)"/>`, id)
	}
	b.WriteString(shadow)
	_, _ = strings.NewReplacer("~g", "url(#"+id+")", "~o", p.object, "~d", p.dark, "~l", p.light, "~a",
		p.accent).WriteString(b, string(m))
}

// ProductArt returns the image of a product. id must be its own on the page.
func ProductArt(mood Mood, id string, p orbit.Product) templ.Component {
	key := productArt{mood, id, p.Handle, p.Title, p.ProductType}
	return image(drawn(productArts, key, func() string {
		return artwork(mood, id, p.Handle,
			motifOf(p.Title, p.ProductType, p.Handle))
	}))
}

type productArt struct {
	mood                    Mood
	id, handle, title, kind string
}

// productArts holds images of about one KiB each; a page draws some twenty.
var productArts = otter.Must(&otter.Options[productArt, string]{MaximumSize: 8192})

// CollectionArt returns the image of a collection, of the first thing that its title names
// ("Kitchen & table"). id must be its own on the page.
func CollectionArt(mood Mood, id string, c orbit.Collection) templ.Component {
	seed := "collection " + c.Handle
	return image(drawn(productArts, productArt{mood, id, seed, c.Title, ""}, func() string {
		m := motifOf("", "", c.Handle)
		for _, word := range wordsOf(c.Title) {
			found, ok := motifFor(word, topics)
			if !ok {
				found, ok = motifFor(word, words)
			}
			if ok {
				m = found
				break
			}
		}
		return artwork(mood, id, seed, m)
	}))
}

// Scene returns a still life of the first three products on one wide ground without a backdrop: whatever
// color stands behind it shows through. Without products it is of plain shapes.
func Scene(mood Mood, id, seed string, products []orbit.Product) templ.Component {
	n, all := hash(seed), palettes[mood]
	s := scene{mood: mood, id: id}
	for i := range s.things {
		m, seed := motifs[scenery[i].fallback], scenery[i].fallback
		if k := len(s.things) - 1 - i; k < len(products) {
			m, seed = motifOf(products[k].Title, products[k].ProductType, products[k].Handle), products[k].Handle
		}
		s.things[i] = thing{m, (hash(seed) + n + uint32(i)*3) % uint32(len(all))}
	}
	return image(drawn(scenes, s, s.draw))
}

// scene is all that a still life depends on: shops that sell the same things in the same colors share one.
type scene struct {
	mood   Mood
	id     string
	things [3]thing
}

type thing struct {
	motif   motif
	palette uint32
}

// scenes holds still lifes of about three KiB each.
var scenes = otter.Must(&otter.Options[scene, string]{MaximumSize: 1024})

// drawn returns what has been drawn of key, now where it isn't kept.
func drawn[K comparable](kept *otter.Cache[K, string], key K, draw func() string) string {
	svg, ok := kept.GetIfPresent(key)
	if !ok {
		svg = draw()
		kept.Set(key, svg)
	}
	return svg
}

// scenery holds the places of a still life, from the back to the front.
var scenery = [3]struct {
	x, y, scale float64
	fallback    string
}{{80, 7, 0.8, "lamp"}, {-4, 11, 0.75, "plant"}, {34, -14, 1.08, "vase"}}

func (s scene) draw() string {
	var b strings.Builder
	b.WriteString(`<svg class="scene" viewBox="6 -6 146 98" preserveAspectRatio="xMidYMax" aria-hidden="true">`)
	b.WriteString(
		`<path opacity=".07" d="M-2000 70h6000v2000h-6000z"/><circle cx="88" cy="36" r="46" fill="#fff" opacity=".1"/>`)
	for i, place := range scenery {
		p := palettes[s.mood][s.things[i].palette]
		part := fmt.Sprintf("%s%d", s.id, i)
		gradient(&b, part, p)
		fmt.Fprintf(&b, `<g transform="translate(%g %g)scale(%g)">`, place.x, place.y, place.scale)
		object(&b, s.mood, part, p, s.things[i].motif)
		b.WriteString(`</g>`)
	}
	b.WriteString(`</svg>`)
	return b.String()
}

// image writes SVG of this file's own making.
func image(svg string) templ.Component {
	return templ.ComponentFunc(func(_ context.Context, w io.Writer) error {
		_, err := io.WriteString(w, svg)
		return err
	})
}

// EmptyCart is what the scene of an empty cart is drawn from.
const EmptyCart = "An empty cart"
