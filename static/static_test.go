package static_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"orbit360.app/static"
)

func TestPathAndOpen(t *testing.T) {
	t.Parallel()
	for name, contentType := range map[string]string{
		"app.css":     "text/css; charset=utf-8",
		"print.css":   "text/css; charset=utf-8",
		"app.js":      "text/javascript; charset=utf-8",
		"editor.js":   "text/javascript; charset=utf-8",
		"uploads.js":  "text/javascript; charset=utf-8",
		"shop.js":     "text/javascript; charset=utf-8",
		"icons.svg":   "image/svg+xml",
		"favicon.svg": "image/svg+xml",
		"vendor/inter/inter-latin-wght-normal.woff2": "font/woff2",
	} {
		url := static.Path(name)
		if ext := filepath.Ext(name); !regexp.MustCompile(`^/static/[a-z0-9/-]+\.[0-9a-f]{12}\` + ext +
			`$`).MatchString(url) {
			t.Errorf("Path(%q) = %q: not a hashed URL", name, url)
		}
		f, ok := static.Open(url)
		if !ok || len(f.Content) == 0 {
			t.Fatalf("Open(%q) finds nothing", url)
		}
		if f.ContentType != contentType {
			t.Errorf("%s: content type %q, want %q", name, f.ContentType, contentType)
		}
		if f.Gzip == nil {
			continue
		}
		r, err := gzip.NewReader(bytes.NewReader(f.Gzip))
		if err != nil {
			t.Fatal(err)
		}
		plain, err := io.ReadAll(r)
		if err != nil || !bytes.Equal(plain, f.Content) {
			t.Errorf("%s: gzip doesn't hold the content (%v)", name, err)
		}
	}
}

func TestOpenRefusesEverythingElse(t *testing.T) {
	t.Parallel()
	for _, url := range []string{"", "/", "/static/", "/static/app.css", "/static/css/tokens.css", "/static/../go.mod",
		static.Path("app.css") + "/", strings.ToUpper(static.Path("app.css"))} {
		if _, ok := static.Open(url); ok {
			t.Errorf("Open(%q) answers", url)
		}
	}
}

func TestPathPanicsForUnknownName(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("no panic")
		}
	}()
	static.Path("nothing.css")
}

// Everything the stylesheet fetches is ours, and fetched under its hashed URL.
func TestStylesheetNamesOnlyOurFiles(t *testing.T) {
	t.Parallel()
	css, _ := static.Open(static.Path("app.css"))
	for _, m := range regexp.MustCompile(`url\(\s*["']?([^"')]+)`).FindAllSubmatch(css.Content, -1) {
		if _, ok := static.Open(string(m[1])); !ok && !bytes.HasPrefix(m[1], []byte("data:")) {
			t.Errorf("app.css fetches %s", m[1])
		}
	}
	if bytes.Contains(css.Content, []byte("@import")) {
		t.Error("app.css imports another sheet")
	}
	if open, shut := bytes.Count(css.Content, []byte("{")), bytes.Count(css.Content, []byte("}")); open != shut {
		t.Errorf("app.css opens %d braces and closes %d: a rule of one file swallows the next", open, shut)
	}
}

// Each vendored file is exactly the one that was reviewed, and none lies there unlisted.
func TestVendorChecksums(t *testing.T) {
	t.Parallel()
	list, err := os.ReadFile("vendor/CHECKSUMS")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for line := range strings.Lines(string(list)) {
		sum, name, ok := strings.Cut(strings.TrimSpace(line), "  ")
		if !ok {
			t.Fatalf("CHECKSUMS: %q is not \"sha256  name\"", line)
		}
		want[name] = sum
	}
	err = fs.WalkDir(os.DirFS("vendor"), ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || name == "CHECKSUMS" || name == "VERSIONS" {
			return err
		}
		content, err := os.ReadFile(filepath.Join("vendor", name))
		if err != nil {
			return err
		}
		sum := sha256.Sum256(content)
		got := hex.EncodeToString(sum[:])
		switch want[name] {
		case "":
			t.Errorf("vendor/%s is not listed; its line would be:\n%s  %s", name, got, name)
		case got:
		default:
			t.Errorf("vendor/%s has sum %s, listed as %s", name, got, want[name])
		}
		delete(want, name)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for name := range want {
		t.Errorf("vendor/%s is listed but missing", name)
	}
}

func TestSpriteHoldsEveryVendoredIcon(t *testing.T) {
	t.Parallel()
	sprite, _ := static.Open(static.Path("icons.svg"))
	icons, err := filepath.Glob("vendor/lucide/icons/*.svg")
	if err != nil || len(icons) == 0 {
		t.Fatalf("no icons: %v", err)
	}
	for _, icon := range icons {
		id := strings.TrimSuffix(filepath.Base(icon), ".svg")
		if !bytes.Contains(sprite.Content, []byte(`<symbol id="`+id+`"`)) {
			t.Errorf("icons.svg lacks %s: run go generate ./static", id)
		}
	}
	if got := bytes.Count(sprite.Content, []byte("<symbol ")); got != len(icons) {
		t.Errorf("icons.svg has %d icons, vendor/lucide %d", got, len(icons))
	}
}
