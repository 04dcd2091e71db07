package kit_test

import (
	"bytes"
	"io"
	"io/fs"
	"mime/multipart"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
)

// Whichever way a handler reads what a request brings, it reads clean text; passwords alone come as they were typed.
func TestTextsAreCleanAtTheBorder(t *testing.T) {
	t.Parallel()
	k := newPanel(t).kit
	app := k.App(kit.Audience{Name: "site", Error: func(*fiber.Ctx,
		kit.ErrorPage) templ.Component {
		return templ.NopComponent
	}})
	read := func(c *fiber.Ctx) error {
		for _, name := range []string{"name", "note", "password", "repeat"} {
			form, query := kit.Form(c)[name], kit.Query(c)[name]
			if c.Method() == fiber.MethodPost && (len(form) != 2 || form[0] != c.FormValue(name)) ||
				c.Method() == fiber.MethodGet && (len(query) != 2 || query[0] != c.Query(name)) {
				return c.SendString("read differently: " + name)
			}
			if _, err := c.Write([]byte(name + "=" + strings.Join(append(form, query...), "|") + "\n")); err != nil {
				return err
			}
		}
		if form, err := kit.Multipart(c); err == nil {
			_, err := c.Write([]byte("file=" + form.File["file"][0].Filename))
			return err
		}
		return nil
	}
	app.Post("/", read)
	app.Get("/", read)

	fields := url.Values{"name": {"\u202dZoe\u0308\u200b\u202c", "\u00a0b"},
		"note\u200b": {"a\r\nb 👩\u200d🚀", "می\u200cخ"}, "password": {"pa\u200bss\r\n", "x\u00a0"},
		"repeat": {"pa\u200bss\r\n", "x\u00a0"}}
	want := "name=Zoë| b\nnote=a\nb 👩\u200d🚀|می\u200cخ\npassword=pa\u200bss\r\n|x\u00a0\nrepeat=pa\u200bss\r\n|x\u00a0\n"
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	for name, values := range fields {
		for _, v := range values {
			if err := w.WriteField(name, v); err != nil {
				t.Fatal(err)
			}
		}
	}
	if _, err := w.CreateFormFile("file", "Zoe\u0308\u202c.png"); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	for name, tc := range map[string]struct {
		method, target, kind string
		body                 io.Reader
		want                 string
	}{
		"query":     {"GET", "/?" + fields.Encode(), "", nil, want},
		"form":      {"POST", "/", "application/x-www-form-urlencoded", strings.NewReader(fields.Encode()), want},
		"multipart": {"POST", "/", w.FormDataContentType(), &body, want + "file=Zoë.png"},
	} {
		req, err := http.NewRequest(tc.method, "http://localhost"+tc.target, tc.body)
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", tc.kind)
		req.Header.Set("Sec-Fetch-Site", "same-origin")
		res, err := app.Test(req, 20_000)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := io.ReadAll(res.Body); err != nil || string(got) != tc.want {
			t.Errorf("%s: %d %+q, %v, want %+q", name, res.StatusCode, got, err, tc.want)
		}
	}
}

// No handler reads a form, a query or a body past the border.
func TestOnlyTheBorderReadsRequests(t *testing.T) {
	t.Parallel()
	past := regexp.MustCompile(
		`\.(MultipartForm|FormFile|BodyParser|QueryParser|BodyRaw|Body|BodyStream|PostBody|PostArgs|` +
			`QueryArgs|QueryString|Queries)\(`)
	answers := regexp.MustCompile(`(?i)res(ponse)?(\(\))?\.Body\(\)|\br\.Body\(\)`)
	// What each of them needs the bytes for.
	allowed := map[string]string{
		"kit/form.go": "the border", "api/body.go": "the border of JSON", "api/idempotency.go": "a hash of the whole request",
		"dashboard/uploads.go": "files; their names are lines", "wire/head.go": "to forget it",
		"payments/payments.go": "signatures, which are over the very bytes",
	}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		name := strings.TrimPrefix(filepath.ToSlash(path), "../")
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") ||
			allowed[name] != "" {
			return err
		}
		source, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		for i, line := range strings.Split(string(source), "\n") {
			if past.MatchString(answers.ReplaceAllString(line, "")) {
				t.Errorf("handlers/%s:%d reads a request past the border: %s", name, i+1, strings.TrimSpace(line))
			}
		}
		return nil
	})
	if err != nil {
		t.Error(err)
	}
}
