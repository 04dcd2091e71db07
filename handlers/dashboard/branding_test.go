package dashboard_test

import (
	"bytes"
	"context"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

// TestBranding: a logo brings its colors into a draft that nobody sees, until it is published; then the theme has both.
func TestBranding(t *testing.T) {
	t.Parallel()
	w := begin(t)
	at := w.home(w.moss) + "/onboarding/branding"
	released := func() (r orbit.ReleaseRow) {
		err := shop.For(w.db, w.moss).Do(t.Context(), func(tn *shop.Tenant) (err error) {
			r, err = tn.CurrentRelease(t.Context())
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return r
	}
	if res, page := w.post(w.ada, at+"/publication", nil); res.StatusCode != 409 ||
		page.Find(`.alert:contains("Upload a logo or choose a color first")`).Length() != 1 {
		t.Error("nothing to publish:", res.StatusCode)
	}
	_, page := w.get(w.ada, at)
	if res, _ := w.sendLogo(w.ada, page, []byte("<svg/>")); res.StatusCode != 422 {
		t.Error("no image:", res.StatusCode)
	}
	if res, _ := w.sendLogo(w.ada, page, logo(t)); res.StatusCode != 303 {
		t.Fatal(res.StatusCode)
	}
	page = w.processed(w.ada, at)
	if page.Find(`#swatches button[value="#c81e28"][aria-pressed=true]`).Length() != 1 ||
		page.Find(`#swatches button[value="#1428c8"]`).Length() != 1 ||
		page.Find(`#accent[value="#c81e28"]`).Length() != 1 || page.Find(`#shop-preview iframe`).Length() != 1 {
		html, _ := page.Find("#branding").Html()
		t.Error(html)
	}
	if released().Number != 1 {
		t.Error("published unasked")
	}
	if res, _ := w.post(w.ada, at, url.Values{"pick": {"#1428c8"}}); res.StatusCode != 303 {
		t.Error(res.StatusCode)
	}
	// Another logo offers its colors, and leaves the one that was chosen by hand.
	if res, _ := w.sendLogo(w.ada, page, pixels(t, 400, 300)); res.StatusCode != 303 {
		t.Error(res.StatusCode)
	}
	if res, _ := w.sendLogo(w.ada, page, logo(t)); res.StatusCode != 303 {
		t.Error(res.StatusCode)
	}
	if page = w.processed(w.ada, at); page.Find(`#accent[value="#1428c8"]`).Length() != 1 ||
		page.Find(`#swatches button[value="#c81e28"]`).Length() != 1 {
		html, _ := page.Find("#colors").Html()
		t.Error("a color chosen by hand is gone:", html)
	}
	if res, page := w.save(w.ada, at, "background", "#102030"); res.StatusCode != 200 ||
		page.Find("#shop-preview iframe").Length() != 1 {
		t.Error(res.StatusCode)
	}
	if res, _ := w.save(w.ada, at, "accent", "red;}body{"); res.StatusCode != 422 {
		t.Error("no color:", res.StatusCode)
	}
	for range 2 {
		if res, page := w.post(w.ada, at+"/publication", nil); res.StatusCode != 303 {
			t.Fatal(res.StatusCode, page.Find("main").Text())
		}
	}
	if _, page := w.get(w.ada, at); !strings.Contains(page.Find("#shop-preview").Text(), "As shoppers see it") {
		t.Errorf("published, and it says %q", page.Find("#shop-preview").Text())
	}
	r := released()
	path, _ := r.Settings["logo"].(string)
	if r.Number != 2 || r.Source != orbit.FromBranding || r.Settings["background"] != "#102030" ||
		!strings.HasPrefix(path, orbit.MediaPrefix) {
		t.Errorf("%+v", r)
	}
	if _, page := w.get(w.ada, w.home(w.moss)+"/onboarding"); page.Find(`li[data-key=branding][data-done]`).Length() != 1 {
		t.Error(page.Find("#parts").Text())
	}
	_, file, _ := strings.Cut(path, orbit.MediaPrefix)
	for size, ground := range map[int]string{32: "", 180: "#102030"} {
		icon, err := w.images.Icon(context.Background(), w.moss, file, size, ground)
		if err != nil {
			t.Fatal(err)
		}
		m, err := png.Decode(bytes.NewReader(icon))
		if err != nil || m.Bounds() != image.Rect(0, 0, size, size) {
			t.Error(err, m.Bounds())
		}
	}
	if _, err := w.images.Icon(context.Background(), w.nord, file, 32, ""); orbit.CodeOf(err) != orbit.NotFound {
		t.Error("another shop's logo:", err)
	}
	if res, _ := w.post(w.ada, at+"/logo/deletion", nil); res.StatusCode != 303 {
		t.Error(res.StatusCode)
	}
}

// processed returns the part about the brand once it has the logo that was sent.
func (w *world) processed(cookie, at string) *goquery.Document {
	w.Helper()
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(50 * time.Millisecond) {
		_, page := w.get(cookie, at)
		if page.Find("#logo img").Length() == 1 {
			return page
		}
		if time.Now().After(deadline) {
			w.Fatal(page.Find("#logo").Text())
		}
	}
}

// logo is an image of red and blue upon nothing.
func logo(t *testing.T) []byte {
	t.Helper()
	m := image.NewNRGBA(image.Rect(0, 0, 640, 320))
	draw.Draw(m, image.Rect(0, 0, 320, 200), image.NewUniform(color.NRGBA{200, 30, 40, 255}), image.Point{}, draw.Src)
	draw.Draw(m, image.Rect(0, 200, 320, 260), image.NewUniform(color.NRGBA{20, 40, 200, 255}), image.Point{}, draw.Src)
	var file bytes.Buffer
	if err := png.Encode(&file, m); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// sendLogo sends a logo by the form of the page.
func (w *world) sendLogo(cookie string, page *goquery.Document, file []byte) (*http.Response, *goquery.Document) {
	w.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	err := form.WriteField("batch", page.Find("#logo [name=batch]").AttrOr("value", ""))
	if err == nil {
		part, failed := form.CreateFormFile("image", "logo.png")
		if err = failed; err == nil {
			_, err = part.Write(file)
		}
	}
	if err == nil {
		err = form.Close()
	}
	if err != nil {
		w.Fatal(err)
	}
	r := httptest.NewRequest(http.MethodPost, page.Find("#logo form").AttrOr("action", ""), &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Origin", "https://dashboard.orbit360.app")
	return w.send(cookie, r)
}
