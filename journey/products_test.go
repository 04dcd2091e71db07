package journey

import (
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"orbit360.app/browsertest"
	"orbit360.app/journey/journeytest"
)

// TestProducts is a merchant's way to a product of their own: it is added, gets two images, with scripts and
// without, and the shop shows them.
func TestProducts(t *testing.T) {
	t.Parallel()
	p := journeytest.Install(t)
	p.MustStart()
	c := p.Client()
	c.SignIn()
	p.OpenShop(c, "modern")
	welcome := p.Welcome(c, "modern@example.com")
	photos := photographs(t)

	b := browsertest.New(t)
	p.MoveIn(b, welcome)
	b.Press("Products")
	b.See("Stoneware Mug")
	b.Look("products")
	b.Press("Add product")
	b.See("Price and inventory")
	b.Fill("Title", "Hill Lamp")
	b.Fill("Description", "A lamp like the last light on a hill.")
	b.Fill("Price", "64,50")
	b.Fill("Quantity", "3")
	b.Fill("Option 1", "Size")
	b.Set("#option1", "Small, Large")
	b.Tick("Featured")
	b.Look("new")
	b.Press("Add product")
	b.See("Add images next")
	b.See("2 variants")
	page := b.Location()
	for range 2 { // the second time the page is a kept one
		if body, _ := c.Must(200, "modern", "/products/hill-lamp"); strings.Contains(body, "/media/") ||
			!strings.Contains(body, `class="art"`) {
			t.Error("there is no artwork until there is an image")
		}
	}
	b.Upload(`input[name=image]`, photos[:2]...)
	b.Until(`document.querySelectorAll('.prod-image[data-status=ready] img').length === 2
		&& [...document.querySelectorAll('.prod-image img')].every(i => i.complete && i.naturalWidth > 0)`)
	p.Until("the shop to show both", func() bool {
		body, _ := c.Must(200, "modern", "/products/hill-lamp")
		return strings.Count(body, `class="art photo"`) == 2 &&
			strings.Contains(body, `property="og:image" content="http://modern.localhost`)
	})
	b.Look("product")
	b.Upload(`input[name=image]`, photos[2:]...) // a page that calls itself an image
	b.See("web page")
	b.Shot("refused")

	// The second goes first, and is described.
	first := browsertest.Eval[string](b, `document.querySelector('.prod-image').id`)
	b.On(`document.querySelectorAll(".prod-image")[1]
		.querySelector('button[title^="Move"], form[action$="position"] button')`, `e.click()`)
	b.Until(`document.querySelectorAll('.prod-image')[1].id === ` + fmt.Sprintf("%q", first))
	b.On(`document.querySelector(".prod-alt")`, `e.elements.alt.value = "A lamp on a hill at dusk"; e.requestSubmit()`)
	b.See("Description saved")

	b.Open(p.URL("modern", "/products/hill-lamp"))
	b.Until(`document.querySelectorAll('.slides img').length === 2
		&& document.querySelector('.slides img').alt === 'A lamp on a hill at dusk'
		&& document.querySelector('.slides img').currentSrc.endsWith('.webp')`)
	b.Look("shop-product")
	b.Open(p.URL("modern", "/collections/featured"))
	b.Until(`[...document.querySelectorAll('.card .photo')].some(i => i.currentSrc.includes('/media/')
		&& i.naturalWidth > 0)`)
	b.Look("shop-collection")
	imageIsServed(t, p, c, browsertest.Eval[string](b,
		`new URL(document.querySelector('.card .photo').currentSrc).pathname`))

	// Without scripts: the same, by a form; then the product goes.
	plain := browsertest.New(t, browsertest.Scripts(false))
	p.ComeBack(plain, "modern@example.com")
	plain.Open(page)
	plain.Upload(`input[name=image]`, photos[:1]...)
	plain.Press("Upload")
	plain.See("Processing")
	plain.Until(`document.querySelectorAll('.prod-image').length === 3`)
	plain.Shot("plain")
	plain.Press("Delete")
	plain.See("Delete Hill Lamp?")
	plain.Look("delete")
	plain.Press("Delete")
	plain.See("Product deleted")
	b.Open(p.URL("modern", "/products/hill-lamp"))
	b.See("Page not found")
}

// imageIsServed asks for an image as browsers and others do.
func imageIsServed(t *testing.T, p *journeytest.Program, c *journeytest.Client, path string) {
	t.Helper()
	get := func(host, method string, header ...string) *http.Response {
		req, err := http.NewRequest(method, p.URL(host, path), nil)
		if err != nil {
			t.Fatal(err)
		}
		for i := 0; i+1 < len(header); i += 2 {
			req.Header.Set(header[i], header[i+1])
		}
		res, err := c.HTTP.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		return res
	}
	whole := get("modern", "GET")
	size := whole.ContentLength
	if whole.StatusCode != 200 || size < 100 {
		t.Errorf("%s: %d, %d bytes", path, whole.StatusCode, size)
	}
	for name, want := range map[string]string{
		"Content-Type":           "image/webp",
		"Cache-Control":          "public, max-age=31536000, immutable",
		"X-Content-Type-Options": "nosniff",
	} {
		if got := whole.Header.Get(name); got != want {
			t.Errorf("%s: %s is %q instead of %q", path, name, got, want)
		}
	}
	if policy := whole.Header.Get("Content-Security-Policy"); !strings.HasPrefix(policy, "default-src 'none'") {
		t.Errorf("%s: its policy is %q", path, policy)
	}
	if head := get("modern", "HEAD"); head.StatusCode != 200 || head.ContentLength != size {
		t.Errorf("HEAD: %d, %d bytes", head.StatusCode, head.ContentLength)
	}
	part := get("modern", "GET", "Range", "bytes=10-19")
	if part.StatusCode != 206 || part.ContentLength != 10 {
		t.Errorf("a range: %d, %d bytes instead of 206, 10", part.StatusCode, part.ContentLength)
	}
	if got, want := part.Header.Get("Content-Range"), fmt.Sprintf("bytes 10-19/%d", size); got != want {
		t.Errorf("a range says that it is %q instead of %q", got, want)
	}
	if beyond := get("modern", "GET", "Range", "bytes=99999999-"); beyond.StatusCode != 416 {
		t.Errorf("a range beyond the end: %d", beyond.StatusCode)
	}
	if same := get("modern", "GET", "If-None-Match", whole.Header.Get("ETag")); same.StatusCode != 304 {
		t.Errorf("the same again: %d", same.StatusCode)
	}
	for _, host := range []string{"", "dashboard", "admin", "nobody"} {
		if other := get(host, "GET"); other.StatusCode == 200 {
			t.Errorf("%q serves another's image", host)
		}
	}
}

// photographs returns two files of images, as large as a telephone's, and one that only has the name of one.
func photographs(t *testing.T) []string {
	t.Helper()
	folder := t.TempDir()
	draw := func(hue float64) image.Image {
		m := image.NewRGBA(image.Rect(0, 0, 1200, 900))
		for y := range 900 {
			for x := range 1200 {
				u, v := float64(x)/1200, float64(y)/900
				hill := 0.62 + 0.1*math.Sin(u*5+hue*9) + 0.03*math.Sin(u*17)
				sun := math.Exp(-((u-0.5)*(u-0.5)*1.8 + (v-0.42)*(v-0.42)) * 18)
				c := [3]float64{0.35 + 0.5*v*(1-hue) + 0.6*sun, 0.3 + 0.25*v + 0.45*sun, 0.55 - 0.2*v + 0.25*hue + 0.2*sun}
				if v > hill {
					shade := 1 - (v-hill)*1.4
					c = [3]float64{0.2 * shade, (0.32 + 0.1*hue) * shade, (0.26 + 0.2*hue) * shade}
				}
				m.SetRGBA(x, y, color.RGBA{byte(255 * min(c[0], 1)), byte(255 * min(c[1], 1)), byte(255 * min(c[2], 1)), 255})
			}
		}
		return m
	}
	files := []string{filepath.Join(folder, "dusk.jpg"), filepath.Join(folder,
		"an image with a very long name, of the kind that cameras never and people often give.png"),
		filepath.Join(folder, "evil.png")}
	for i, encode := range []func(*os.File) error{
		func(f *os.File) error { return jpeg.Encode(f, draw(0), nil) },
		func(f *os.File) error { return png.Encode(f, draw(0.8)) },
		func(f *os.File) error { _, err := f.WriteString("<html><script>alert(1)</script>"); return err },
	} {
		f, err := os.Create(files[i])
		if err == nil {
			err = encode(f)
		}
		if err == nil {
			err = f.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return files
}
