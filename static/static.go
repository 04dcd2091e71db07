package static

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
)

//go:generate go run ./sprite

//go:embed favicon.svg icons.svg css js themes vendor plain.css print.css
var files embed.FS

// Prefix is where every URL of this package starts.
const Prefix = "/static/"

// CacheControl is the header for every answer: a URL's content never changes.
const CacheControl = "public, max-age=31536000, immutable"

// File is one servable file. Content and Gzip are shared by all callers and must not be changed.
type File struct {
	Content     []byte
	Gzip        []byte // nil where compressing doesn't pay (fonts)
	ContentType string
	ETag        string // quoted
}

var contentTypes = map[string]string{
	".css":   "text/css; charset=utf-8",
	".js":    "text/javascript; charset=utf-8",
	".svg":   "image/svg+xml",
	".woff2": "font/woff2",
}

// What every page loads is one file, because htmx starts in a timeout of its own: with separate deferred scripts it may
// look at the page before its extensions are there, and then a stream never opens. core.js and live.js share a scope.
var (
	vendored = []string{"vendor/htmx/htmx.min.js", "vendor/htmx/hx-sse.min.js", "vendor/htmx/hx-ws.min.js"}
	scripts  = []string{"core.js", "live.js"}
)

// The stylesheet is these files of css/, in this order: within a layer the later rule wins.
var sheets = []string{
	"layers", "reset", "tokens", "base",
	"controls", "surfaces", "data", "shells", // parts of pages
	"admin", "admin-catalog", "theme-editor", "admin-operations", "dashboard", "dashboard-home", "site", "api",
	"dashboard-products", "dashboard-onboarding", "dashboard-orders", "dashboard-payments", "dashboard-discounts",
	"dashboard-shipping",
	"dashboard-customers",
}

type index struct {
	paths map[string]string // name -> URL path
	files map[string]File   // URL path -> file
}

// Built at the first use, from embedded content only: the same binary always gives the same URLs.
var built = sync.OnceValue(build)

// Path returns the URL path of a file: Path("app.css") is "/static/app.<hash>.css".
// It panics for a name that isn't embedded, which is a broken build.
func Path(name string) string {
	p, ok := built().paths[name]
	if !ok {
		panic("static: no file named " + name)
	}
	return p
}

// Open returns the file behind a URL path that Path made; false for every other path.
func Open(urlPath string) (File, bool) {
	f, ok := built().files[urlPath]
	return f, ok
}

// Named returns the file of a name under Prefix without its hash, for addresses that are kept as data (a theme's
// thumbnail). Such an address may be another file tomorrow: it has to be asked for again, by its ETag.
func Named(urlPath string) (File, bool) {
	return Open(built().paths[strings.TrimPrefix(urlPath, Prefix)])
}

func build() index {
	ix := index{paths: map[string]string{}, files: map[string]File{}}
	styles := 0
	must(fs.WalkDir(files, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		switch {
		case strings.HasPrefix(name, "css/"):
			styles++
		case strings.HasPrefix(name, "vendor/lucide/"), strings.HasPrefix(name, "vendor/htmx/"):
			// served as icons.svg and in app.js
		case strings.HasPrefix(name, "js/"):
			if script := path.Base(name); !slices.Contains(scripts, script) {
				ix.add(script, read(name))
			}
		case contentTypes[path.Ext(name)] != "":
			ix.add(name, read(name))
		}
		return nil
	}))
	if styles != len(sheets) {
		panic("static: a file of css/ has no place in sheets")
	}
	var css bytes.Buffer
	for _, name := range sheets {
		css.Write(read("css/" + name + ".css"))
		css.WriteByte('\n')
	}
	ix.add("app.css", ix.resolve(css.Bytes()))
	var js bytes.Buffer
	for _, name := range vendored {
		js.Write(read(name))
		js.WriteString(";\n")
	}
	js.WriteString("(() => {\n\"use strict\";\n")
	for _, name := range scripts {
		js.Write(read("js/" + name))
	}
	js.WriteString("})();\n")
	ix.add("app.js", js.Bytes())
	return ix
}

func (ix index) add(name string, content []byte) {
	sum := sha256.Sum256(content)
	hash := hex.EncodeToString(sum[:6])
	ext := path.Ext(name)
	url := Prefix + strings.TrimSuffix(name, ext) + "." + hash + ext
	f := File{Content: content, ContentType: contentTypes[ext], ETag: `"` + hash + `"`}
	if ext != ".woff2" {
		f.Gzip = compress(content)
	}
	ix.paths[name], ix.files[url] = url, f
}

var assetURL = regexp.MustCompile(`url\("static:([^"]+)"\)`)

// resolve replaces url("static:name") in the stylesheet by the hashed URL of that file.
func (ix index) resolve(css []byte) []byte {
	return assetURL.ReplaceAllFunc(css, func(m []byte) []byte {
		name := string(assetURL.FindSubmatch(m)[1])
		url, ok := ix.paths[name]
		if !ok {
			panic("static: app.css names " + name + ", which is not embedded")
		}
		return []byte(`url("` + url + `")`)
	})
}

func read(name string) []byte {
	content, err := files.ReadFile(name)
	must(err)
	return content
}

func compress(content []byte) []byte {
	var buf bytes.Buffer
	w, err := gzip.NewWriterLevel(&buf, gzip.BestCompression)
	must(err)
	_, err = w.Write(content)
	must(err)
	must(w.Close())
	if buf.Len() >= len(content) {
		return nil
	}
	return buf.Bytes()
}

// must stops a broken build: reading embedded files and writing to memory can't fail otherwise.
func must(err error) {
	if err != nil {
		panic("static: " + err.Error())
	}
}
