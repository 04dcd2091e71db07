package browsertest

import _ "embed"

//go:embed sound.js
var sound string

// Sound fails for what people with a keyboard, a screen reader or weak eyes stumble over on a page: headings out of
// order, controls without a name, text that is too faint, no way past the menu.
func (b *Browser) Sound(name string) {
	b.t.Helper()
	for _, fault := range Eval[[]string](b, sound) {
		b.t.Errorf("%s: %s", name, fault)
	}
}

// Judge has a page be sound in both schemes, and fit at both widths; it keeps images in all four forms.
func (b *Browser) Judge(name string) {
	b.t.Helper()
	for _, scheme := range []string{"dark", "light"} {
		b.Scheme(scheme)
		b.Sound(name + ", " + scheme)
	}
	b.look(name, func(name string) {
		b.t.Helper()
		b.Fits(name)
		if cut := Eval[[]string](b, clipped); len(cut) > 0 {
			b.t.Errorf("%s: wider than its box: %q", name, cut)
		}
	})
}

// clipped is JavaScript for what cards and tables hide of their content on the right.
const clipped = `[...document.querySelectorAll(".table-box, .card")]
	.filter((e) => e.checkVisibility() && e.scrollWidth - e.clientWidth > 1)
	.map((e) => e.textContent.trim().replace(/\s+/g, " ").slice(0, 60))`
