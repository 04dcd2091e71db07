package themetest

import (
	"bytes"
	"compress/gzip"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"orbit360.app/orbit"
	"orbit360.app/static"
	"orbit360.app/themes"
)

var update = flag.Bool("update", false, "write the golden pages anew")

// Run runs the suite. It reads and, with -update, writes golden pages in the testdata of the engine's package.
func Run(t *testing.T, e themes.Engine) {
	t.Parallel()
	t.Run("schema", func(t *testing.T) { t.Parallel(); testSchema(t, e) })
	t.Run("keys", func(t *testing.T) {
		t.Parallel()
		for _, keys := range []*themes.Keys{e.Keys(), &themes.Shared} {
			if err := keys.Check(e.Schema()); err != nil {
				t.Error(err)
			}
		}
	})
	t.Run("presets", func(t *testing.T) { t.Parallel(); testPresets(t, e) })
	t.Run("every setting shows", func(t *testing.T) { t.Parallel(); testSettingsShow(t, e) })
	t.Run("hostile settings", func(t *testing.T) { t.Parallel(); testHostileSettings(t, e) })
	t.Run("hostile text", func(t *testing.T) { t.Parallel(); testHostileText(t, e) })
	t.Run("index", func(t *testing.T) { t.Parallel(); testIndex(t, e) })
	t.Run("weight", func(t *testing.T) { t.Parallel(); testWeight(t, e) })
	t.Run("stylesheet", func(t *testing.T) { t.Parallel(); testStylesheet(t, e) })
	for _, v := range Views(e) {
		t.Run("golden "+v.Name, func(t *testing.T) { t.Parallel(); testGolden(t, v) })
	}
	for _, v := range append(Views(e), Corners(e)...) {
		t.Run("document "+v.Name, func(t *testing.T) { t.Parallel(); checkDocument(t, v) })
	}
}

func testGolden(t *testing.T, v View) {
	file := filepath.Join("testdata", strings.ReplaceAll(v.Name, " ", "-")+".html")
	// The script's hash changes with the script.
	html := strings.ReplaceAll(v.HTML(t), static.Path("shop.js"), "/static/shop.js")
	got := strings.ReplaceAll(html, "><", ">\n<") + "\n"
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v (go test -update writes it)", err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(got, "\n")); diff != "" {
		t.Errorf("%s differs (go test -update writes it anew; -want +got):\n%s", file, diff)
	}
}

var key = regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`)

func testSchema(t *testing.T, e themes.Engine) {
	schema := e.Schema()
	if len(schema) < 15 {
		t.Errorf("%d settings, want 15 or more", len(schema))
	}
	seen, groups, group := map[string]bool{}, map[string]bool{}, ""
	for _, s := range schema {
		if !key.MatchString(s.Key) || seen[s.Key] {
			t.Errorf("%s: keys are lower-case words joined by _, each once", s.Key)
		}
		seen[s.Key] = true
		if s.Group != group {
			if groups[s.Group] {
				t.Errorf("%s: group %q stands in two places", s.Key, s.Group)
			}
			group, groups[s.Group] = s.Group, true
		}
		if s.Group == "" || s.Label == "" {
			t.Errorf("%s: no group or no label", s.Key)
		}
		given := orbit.Settings{s.Key: s.Default}
		if checked, err := schema.Check(given); err != nil || checked[s.Key] != s.Default {
			t.Errorf("%s: the default %v isn't valid: %v", s.Key, s.Default, err)
		}
		if (s.Kind == themes.Choice || s.Kind == themes.Font) && len(s.Choices) < 2 {
			t.Errorf("%s: no choice", s.Key)
		}
		if s.Kind == themes.Range && s.Min >= s.Max || s.Kind == themes.Text && s.Max == 0 {
			t.Errorf("%s: no bounds", s.Key)
		}
		if s.Kind == themes.Order {
			for _, o := range s.Choices {
				if _, ok := schema.Resolve(nil)[themes.Switch(o.Value)].(bool); !ok {
					t.Errorf("%s: nothing switches %s", s.Key, o.Value)
				}
			}
		}
		if s.On != "" {
			ground, ok := schema.Resolve(nil)[s.On].(string)
			if !ok {
				t.Errorf("%s: stands on %s, which isn't a setting", s.Key, s.On)
			} else if c := themes.Contrast(s.Default.(string), ground); c < 4.5 {
				t.Errorf("%s: contrast %.2f by default, want 4.5", s.Key, c)
			}
		}
	}
	for _, k := range []string{"sections", "background", "text", "accent", "logo", "announcement", "hero_image",
		"hero_heading", "footer_text"} {
		if !seen[k] {
			t.Errorf("no setting %s, which every engine has", k)
		}
	}
	if len(groups) < 6 {
		t.Errorf("%d groups, want 6 or more", len(groups))
	}
}

// Presets are valid, are each their own, and can be read without help.
func testPresets(t *testing.T, e themes.Engine) {
	schema, seen := e.Schema(), map[string]bool{}
	if len(e.Presets()) < 3 {
		t.Errorf("%d presets, want 3 or more", len(e.Presets()))
	}
	for i, p := range e.Presets() {
		if p.Name == "" || p.Label == "" || seen[p.Name] || (i == 0) != (len(p.Settings) == 0) {
			t.Errorf("%s: no name of its own, no label, or not in its place", p.Name)
		}
		seen[p.Name] = true
		if _, err := schema.Check(p.Settings); err != nil {
			t.Errorf("%s: %v", p.Name, orbit.FaultsOf(err))
		}
		applied := schema.Resolve(schema.Apply(orbit.Settings{"hero_heading": "Ours", "show_hero": false}, p))
		if applied.String("hero_heading") != "Ours" || applied.Bool("show_hero") {
			t.Errorf("%s takes the shop's own words away", p.Name)
		}
		for _, s := range schema {
			if want, ok := p.Settings[s.Key]; ok && applied[s.Key] != want {
				t.Errorf("%s: %s is %v, want %v", p.Name, s.Key, applied[s.Key], want)
			}
			if s.On == "" {
				continue
			}
			if c := themes.Contrast(applied.String(s.Key), applied.String(s.On)); c < 4.5 {
				t.Errorf("%s: %s has a contrast of %.2f, want 4.5", p.Name, s.Key, c)
			}
		}
	}
}

// other returns a valid value that isn't the default.
func other(s themes.Setting) any {
	switch s.Kind {
	case themes.Toggle:
		return !s.Default.(bool)
	case themes.Range:
		if s.Default == s.Min {
			return s.Min + max(s.Step, 1)
		}
		return s.Min
	case themes.Color:
		return "#123456"
	case themes.Image:
		return "/media/image.jpg"
	case themes.Text:
		return "Quite another text"
	case themes.Order:
		return reversed(s)
	}
	for _, o := range s.Choices {
		if o.Value != s.Default {
			return o.Value
		}
	}
	return nil
}

// A setting that changes nothing is a lie in the form.
func testSettingsShow(t *testing.T, e themes.Engine) {
	render := func(given orbit.Settings) (string, string) {
		var b strings.Builder
		values := e.Schema().Resolve(given)
		for _, v := range Views(e) {
			v.Shop.Settings = values
			b.WriteString(v.HTML(t))
		}
		return b.String(), themes.Stylesheet(e, values)
	}
	html, css := render(nil)
	for _, s := range e.Schema() {
		// some settings only show beside others
		given := orbit.Settings{s.Key: other(s)}
		baseHTML, baseCSS := html, css
		if s.Key == "logo_height" {
			given["logo"] = "/media/logo.png"
		}
		if s.Key == "announcement_color" {
			baseHTML, baseCSS = render(orbit.Settings{"announcement": "Hello"})
			given["announcement"] = "Hello"
		}
		if s.Key == "show_image" {
			baseHTML, baseCSS = render(orbit.Settings{"hero_image": "/media/image.jpg"})
			given["hero_image"] = "/media/image.jpg"
		}
		if s.Key == "show_statement" {
			baseHTML, baseCSS = render(orbit.Settings{"statement": "Hello"})
			given["statement"] = "Hello"
		}
		newHTML, newCSS := render(given)
		if newHTML != baseHTML {
			continue
		}
		variable := "var(--" + strings.ReplaceAll(s.Key, "_", "-")
		if newCSS == baseCSS || !regexp.MustCompile(regexp.QuoteMeta(variable)+`(-ink|-ink-soft|-on|-soft)?[,)]`).MatchString(
			e.CSS()) {
			t.Errorf("%s changes nothing", s.Key)
		}
	}
}

var declarations = regexp.MustCompile(`(?s):root\{(.*?)\}`)

func testStylesheet(t *testing.T, e themes.Engine) {
	for _, settings := range []orbit.Settings{nil, Extreme(e.Schema(), false), Extreme(e.Schema(), true)} {
		css := themes.Stylesheet(e, e.Schema().Resolve(settings))
		if open, closed := strings.Count(css, "{"), strings.Count(css, "}"); open != closed {
			t.Errorf("%d { and %d }", open, closed)
		}
		for _, m := range regexp.MustCompile(`url\(([^)]*)\)`).FindAllStringSubmatch(css, -1) {
			if _, ok := static.Open(m[1]); !ok {
				t.Errorf("fetches %s", m[1])
			}
		}
		for _, word := range []string{"@import", "!ie", "<", "javascript", "expression("} {
			if strings.Contains(css, word) {
				t.Errorf("holds %s", word)
			}
		}
		for _, want := range []string{"color-scheme:light", "prefers-reduced-motion", ":focus-visible", "font-display:swap",
			"size-adjust"} {
			if settings == nil && !strings.Contains(css, want) {
				t.Errorf("no %s", want)
			}
		}
		// a variable that is used is one that is set
		set := map[string]bool{}
		for _, m := range regexp.MustCompile(`(--[a-z0-9-]+):`).FindAllStringSubmatch(css, -1) {
			set[m[1]] = true
		}
		for _, m := range regexp.MustCompile(`var\((--[a-z0-9-]+)`).FindAllStringSubmatch(css, -1) {
			if !set[m[1]] {
				t.Errorf("%s is used and never set", m[1])
			}
		}
	}
}

func testHostileSettings(t *testing.T, e themes.Engine) {
	attacks := append([]string{"red;}body{display:none", "url(//evil.example/x)", "#fff;background:url(//evil.example)",
		"javascript:alert(1)", "//evil.example/x.png", "data:text/html,x", "\x00", "expression(alert(1))", "1px}*{color:red"},
		hostile...)
	plain := themes.Stylesheet(e, e.Schema().Resolve(nil))
	for _, attack := range attacks {
		given := orbit.Settings{"unknown": attack}
		for _, s := range e.Schema() {
			given[s.Key] = attack
		}
		if _, err := e.Schema().Check(given); err == nil {
			t.Errorf("%q: Check lets it through", attack)
		}
		values := e.Schema().Resolve(given)
		if css := themes.Stylesheet(e, values); css != plain {
			t.Errorf("%q reaches the stylesheet: %s", attack, declarations.FindString(css))
		}
		for _, v := range Views(e) {
			v.Shop.Settings = values
			v.Name = fmt.Sprintf("%s with %q", v.Name, attack)
			checkDocument(t, v)
		}
	}
}

func testWeight(t *testing.T, e themes.Engine) {
	const most = 30 << 10
	css := len(zip(t, themes.Stylesheet(e, e.Schema().Resolve(nil))))
	views := append(Views(e), at(e, "home of 24", "/",
		themes.HomePage{Featured: Products(24), Collections: Collections()}))
	for _, v := range views {
		html := len(zip(t, v.HTML(t)))
		t.Logf("%s: %d bytes of HTML, %d of CSS", v.Name, html, css)
		if html+css > most {
			t.Errorf("%s: %d bytes compressed, want at most %d", v.Name, html+css, most)
		}
	}
}

func zip(t *testing.T, s string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(s)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
