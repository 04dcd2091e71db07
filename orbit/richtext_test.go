package orbit_test

import (
	"strings"
	"testing"

	"orbit360.app/orbit"
)

func TestCleanHTML(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, clean, text string }{
		{"", "", ""},
		{"Plain & simple", "", "Plain & simple"},
		{"<p>One</p><p>Two<br>lines</p>", "", "One\n\nTwo\nlines"},
		{"<p>One</p>\n<p>Two</p>", "<p>One</p>\n<p>Two</p>", "One\n\nTwo"},
		{"<p>A <b>bold</b> word</p>", "<p>A <b>bold</b> word</p>", "A bold word"},
		{"<ul><li>S</li><li>M</li></ul><h2>Care</h2>Wash<br>cold",
			"<ul><li>S</li><li>M</li></ul><h2>Care</h2>Wash<br>cold", "S\nM\n\nCare\n\nWash\ncold"},
		{"<table><tr><th>Size</th><td>40</td></tr></table>", "<table><tr><th>Size</th><td>40</td></tr></table>", "Size 40"},
		{`<p style="color:red" class="x" onclick="y()">Red</p>`, "", "Red"},
		{`<script>alert(1)</script><p>Left</p><iframe src="https://x.example"></iframe>`, "", "Left"},
		{`<a href="javascript:alert(1)">x</a>`, "", "x"},
		{`<a href="/pages/size" hx-get="/x" target="_blank">Sizes</a>`, `<a href="/pages/size">Sizes</a>`, "Sizes"},
		{`<img src="https://a.example/x.jpg" alt="A mug" onerror="x()">`,
			`<img src="https://a.example/x.jpg" alt="A mug">`, ""},
		{`<img src=x onerror=alert(1)>`, `<img src="x">`, ""},
		{`<svg onload=alert(1)><p>In</p></svg>`, "", "In"},
		{`</style><script>x</script>`, "", ""},
		{"A\u200bB\u202e", "", "AB\u202e"},
	} {
		clean, text := orbit.CleanHTML(c.in)
		if clean != c.clean || text != c.text {
			t.Errorf("%q:\n%q, %q; want\n%q, %q", c.in, clean, text, c.clean, c.text)
		}
	}
}

// FuzzCleanHTML: cleaning again changes nothing, and nothing that acts is left.
func FuzzCleanHTML(f *testing.F) {
	for _, s := range []string{"<p>a</p>", "<b><i>x</b></i>", "a<br>b", "<table><td>x", "<a href='x\ny'>z",
		"<p>a\n\n\nb</p>", "&lt;script&gt;", "<pre>\n a\n</pre>", "<img src=https://x.example/a b alt='\"<'>",
		"<ul><li>a<ul><li>b</ul></ul>"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		clean, text := orbit.CleanHTML(s)
		again, same := orbit.CleanHTML(clean)
		if clean != "" && (again != clean || same != text) {
			t.Errorf("%q:\n%q, %q\n%q, %q", s, clean, text, again, same)
		}
		for _, bad := range []string{"<script", "<style", "<iframe", "<form", "<svg"} {
			if strings.Contains(strings.ToLower(clean), bad) {
				t.Errorf("%q leaves %q", s, clean)
			}
		}
		if plain := orbit.HTMLOf(text); orbit.TextOfHTML(plain) != text && clean == "" {
			t.Errorf("%q: text %q comes back as %q", s, text, orbit.TextOfHTML(plain))
		}
	})
}
