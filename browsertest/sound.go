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
