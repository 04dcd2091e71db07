package dashboard_test

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
	"github.com/jackc/pgx/v5"

	"orbit360.app/orbit"
	"orbit360.app/store/storetest"
)

// addProduct adds one as the form does and gives its page.
func (w *world) addProduct(cookie string, m orbit.MerchantID, with ...string) (*http.Response, *goquery.Document) {
	w.Helper()
	form := url.Values{"id": {orbit.NewID[orbit.Product]().String()}, "title": {"Hill Lamp"}, "price": {"64.50"},
		"stock": {"3"}, "status": {"active"}, "track": {"on"}, "taxable": {"on"}, "shipping": {"on"}}
	for i := 0; i+1 < len(with); i += 2 {
		form[with[i]] = []string{with[i+1]}
	}
	return w.post(cookie, "/"+m.String()+"/products", form)
}

// fields returns what the product's form would send.
func fields(page *goquery.Document) url.Values {
	form := url.Values{}
	page.Find(`#product [name], [form=product][name]`).Each(func(_ int, s *goquery.Selection) {
		name, _ := s.Attr("name")
		value, _ := s.Attr("value")
		switch goquery.NodeName(s) {
		case "textarea":
			value = s.Text()
		case "select":
			value, _ = s.Find("option[selected]").Attr("value")
		}
		if kind, _ := s.Attr("type"); kind == "checkbox" {
			if _, on := s.Attr("checked"); !on {
				return
			}
		}
		form.Add(name, value)
	})
	return form
}

func TestProductForm(t *testing.T) {
	t.Parallel()
	w := begin(t)
	list := w.home(w.moss) + "/products"
	id := orbit.NewID[orbit.Product]().String()
	for range 2 { // a double click makes one
		if res, _ := w.addProduct(w.ada, w.moss, "id", id, "option1_name", "Size", "option1", "Small, Large", "option2_name",
			"Color", "option2", "Ink,Oat,"); res.StatusCode != 303 || res.Header.Get("Location") != list+"/"+id {
			t.Fatal(res.StatusCode, res.Header)
		}
	}
	_, found := w.get(w.ada, list+"?q=hill")
	if found.Find(`#products tbody tr`).Length() != 1 || found.Find(
		`#products tr:contains("Hill Lamp"):contains("4 variants"):contains("12")`).Length() != 1 {
		t.Error(found.Find("#products").Text())
	}
	_, page := w.get(w.ada, list+"/"+id)
	if page.Find("#variants tbody tr").Length() != 4 || page.Find(`#variants tr:contains("Large / Oat")`).Length() != 1 {
		t.Error(page.Find("#variants").Text())
	}
	// Two tabs: the first saves, the second hears of it and loses nothing, then saves knowingly.
	first, second := fields(page), fields(page)
	first.Set("title", "Valley Lamp")
	for range 2 {
		if res, _ := w.post(w.ada, list+"/"+id, first); res.StatusCode != 303 {
			t.Fatal(res.StatusCode)
		}
	}
	second.Set("description", "From the second tab.")
	res, conflict := w.post(w.ada, list+"/"+id, second)
	if res.StatusCode != 409 || conflict.Find(`.alert:contains("Someone changed")`).Length() != 1 ||
		conflict.Find(`.prod-differs li:contains("Valley Lamp")`).Length() != 1 ||
		conflict.Find("textarea").Text() != "From the second tab." ||
		conflict.Find(`#title[value="Hill Lamp"]`).Length() != 1 {
		t.Error(res.StatusCode, conflict.Find("#product .alert").Text())
	}
	if res, _ := w.post(w.ada, list+"/"+id, fields(conflict)); res.StatusCode != 303 {
		t.Error(res.StatusCode)
	}
	_, page = w.get(w.ada, list+"/"+id)
	if page.Find("h1").Text() != "Hill Lamp" || page.Find("textarea").Text() != "From the second tab." {
		t.Error(page.Find("h1").Text())
	}
	// A form that an earlier version of the program drew may lack a field: nothing is cleared.
	old := fields(page)
	old.Del("product_type")
	if res, _ := w.post(w.ada, list+"/"+id, old); res.StatusCode != 400 {
		t.Error("a form without the product type:", res.StatusCode)
	}
	// What is sold between showing and saving stays sold.
	form := fields(page)
	variant := page.Find(`#variants input[name^="stock."]`).First().AttrOr("name", "")
	form.Set(variant, "10") // seven more
	conn := w.super(t)
	if _, err := conn.Exec(t.Context(), `UPDATE variants SET stock = 1 WHERE id = $1`,
		strings.TrimPrefix(variant, "stock.")); err != nil {
		t.Fatal(err)
	}
	if res, _ := w.post(w.ada, list+"/"+id, form); res.StatusCode != 303 {
		t.Fatal(res.StatusCode)
	}
	if _, page = w.get(w.ada, list+"/"+id); page.Find(`input[name="`+variant+`"]`).AttrOr("value", "") != "8" {
		t.Error(page.Find(`input[name="`+variant+`"]`).AttrOr("value", ""))
	}
}

// super reaches past row-level security.
func (w *world) super(t *testing.T) *pgx.Conn {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), storetest.SuperURL(w.db.Pool().Config().ConnString()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close(t.Context()) })
	return conn
}

func TestProductFaults(t *testing.T) {
	t.Parallel()
	w := begin(t)
	for name, with := range map[string][]string{
		"title": {"title", " "}, "price": {"price", "1.234"}, "compare_at": {"compare_at", "2"}, "stock": {"stock", "-1"},
		"sku": {"sku", "a\nb"}, "description": {"description", strings.Repeat("x", 10_001)},
		"option1": {"option1_name", "Size", "option1", " , "},
		"option2": {"option1_name", "Size", "option1", "S", "option2_name", "size", "option2", "M"},
	} {
		res, page := w.addProduct(w.ada, w.moss, with...)
		if res.StatusCode != 422 || page.Find("#"+name+"-error").Length() != 1 {
			t.Errorf("%s: %d %s", name, res.StatusCode, page.Find(".fault").Text())
		}
	}
	many := strings.Join(strings.Split("abcdefghijklmnopq", ""), ",")
	if res, page := w.addProduct(w.ada, w.moss, "option1_name", "A", "option1", many, "option2_name", "B", "option2",
		many); res.StatusCode != 422 || !strings.Contains(page.Find(".fault").Text(), "289 variants") {
		t.Error(res.StatusCode, page.Find(".fault").Text())
	}
	// Every way into another's shop, and to what isn't there, is the same 404.
	for _, path := range []string{"/products", "/products/new", "/products/" + orbit.NewID[orbit.Product]().String(),
		"/media/" + strings.Repeat("a", 32) + "-160.webp"} {
		if res, _ := w.get(w.ada, w.home(w.nord)+path); res.StatusCode != 404 {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
	if res, _ := w.addProduct(w.ada, w.nord); res.StatusCode != 404 {
		t.Error(res.StatusCode)
	}
	var theirs string
	if err := w.super(t).QueryRow(t.Context(), `SELECT id FROM products WHERE merchant_id = $1 LIMIT 1`,
		w.nord.String()).Scan(&theirs); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"", "/deletion", "/images"} {
		if res, _ := w.post(w.ada, w.home(w.moss)+"/products/"+theirs+path,
			url.Values{"version": {"0"}, "title": {"x"}, "status": {"active"}}); res.StatusCode != 404 && res.StatusCode != 400 {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
}

// Fifty products at once where three more are allowed make exactly three.
func TestProductLimit(t *testing.T) {
	t.Parallel()
	w := begin(t)
	if _, err := w.super(t).Exec(t.Context(), `UPDATE plans
		SET limits = jsonb_set(limits, '{products}', to_jsonb((SELECT count(*) FROM products WHERE merchant_id = $1) + 3))
		WHERE slug = 'professional'`, w.moss.String()); err != nil {
		t.Fatal(err)
	}
	var wait sync.WaitGroup
	var mu sync.Mutex
	made := 0
	for range 50 {
		wait.Go(func() {
			res, page := w.addProduct(w.ada, w.moss)
			mu.Lock()
			defer mu.Unlock()
			if res.StatusCode == 303 {
				made++
			} else if res.StatusCode != 409 || page.Find(`.alert:contains("Your Professional plan allows")`).Length() != 1 ||
				page.Find(`#title[value="Hill Lamp"]`).Length() != 1 {
				t.Error(res.StatusCode, page.Find(".alert").Text())
			}
		})
	}
	wait.Wait()
	if made != 3 {
		t.Errorf("%d products", made)
	}
}

// TestReadOnlyProduct: a product beyond the limit is shown as read-only, in the list and on its page, with the way to
// the plan; it can be made a draft and deleted, and is edited by no form. With room its page is as ever.
func TestReadOnlyProduct(t *testing.T) {
	t.Parallel()
	w := begin(t)
	res, _ := w.addProduct(w.ada, w.moss)
	page, list := res.Header.Get("Location"), w.home(w.moss)+"/products"
	if _, err := w.super(t).Exec(t.Context(), `UPDATE plans SET limits = jsonb_set(limits, '{products}',
		to_jsonb((SELECT count(*) FROM products WHERE merchant_id = $1) - 1)) WHERE slug = 'professional'`,
		w.moss.String()); err != nil {
		t.Fatal(err)
	}
	_, rows := w.get(w.ada, list)
	badges := rows.Find(`#products-now tbody tr:contains("Read-only")`)
	if badges.Length() != 1 || !strings.Contains(badges.Text(), "Hill Lamp") {
		t.Error("in the list:", badges.Text())
	}
	_, form := w.get(w.ada, page)
	if alert := form.Find("#read-only"); !strings.Contains(alert.Text(), orbit.ReadOnlyProduct) ||
		alert.Find(`a[href$="/settings/plan"]`).Length() != 1 {
		t.Error("on its page:", alert.Text())
	}
	if form.Find("fieldset[disabled] #product").Length() != 1 || form.Find("fieldset[disabled] #status").Length() != 1 ||
		form.Find(`button:contains("Save"), #upload`).Length() != 0 || form.Find(`a:contains("Delete")`).Length() != 1 {
		t.Error("its page has what edits it")
	}
	res, again := w.post(w.ada, page, url.Values{"version": {"1"}, "title": {"Another lamp"}, "description": {""},
		"description_format": {"text"}, "vendor": {""}, "product_type": {""}, "tags": {""}, "handle": {""},
		"seo_title": {""}, "seo_description": {""}, "status": {"active"}})
	if res.StatusCode != 409 || again.Find(`.alert:contains("is read-only")`).Length() == 0 {
		t.Error("edited:", res.StatusCode, again.Find(".alert").Text())
	}
	if res, _ := w.post(w.bob, page+"/draft", nil); res.StatusCode != 404 {
		t.Error("another shop's owner:", res.StatusCode)
	}
	res, _ = w.post(w.ada, page+"/draft", nil)
	_, form = w.get(w.ada, page)
	if res.StatusCode != 303 || form.Find("#draft").Length() != 0 ||
		form.Find("#status option[selected]").AttrOr("value", "") != "draft" {
		t.Error("made a draft:", res.StatusCode, form.Find("#status").Text())
	}
	if _, err := w.super(t).Exec(t.Context(), `UPDATE plans SET limits = limits - 'products'
		WHERE slug = 'professional'`); err != nil {
		t.Fatal(err)
	}
	if _, form = w.get(w.ada, page); form.Find("#read-only, fieldset[disabled]").Length() != 0 ||
		form.Find(`button:contains("Save")`).Length() == 0 {
		t.Error("with room still read-only")
	}
}

// upload sends files as a form without scripts does.
func (w *world) upload(cookie, path string, files map[string][]byte) (*http.Response, *goquery.Document) {
	w.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	_ = form.WriteField("batch", "b")
	for name, file := range files {
		part, err := form.CreateFormFile("image", name)
		if err == nil {
			_, err = part.Write(file)
		}
		if err != nil {
			w.Fatal(err)
		}
	}
	_ = form.Close()
	r := httptest.NewRequest(http.MethodPost, path, &body)
	r.Header.Set("Content-Type", form.FormDataContentType())
	r.Header.Set("Origin", "https://dashboard.orbit360.app")
	return w.send(cookie, r)
}

func TestImages(t *testing.T) {
	t.Parallel()
	w := begin(t)
	res, _ := w.addProduct(w.ada, w.moss)
	page := res.Header.Get("Location")
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewRGBA(image.Rect(0, 0, 400, 300))); err != nil {
		t.Fatal(err)
	}
	// The good one stays, the bad one is named.
	res, panel := w.upload(w.ada, page+"/images", map[string][]byte{"../../etc/passwd": file.Bytes(),
		"<b>evil.png": []byte("<svg onload=alert(1)>")})
	if res.StatusCode != 422 || panel.Find(`#images .alert:contains("<b>evil.png: SVG")`).Length() != 1 ||
		panel.Find(".prod-image").Length() != 1 || panel.Find(`.prod-image-name:contains("passwd")`).Length() != 1 {
		t.Fatal(res.StatusCode, panel.Find("#images").Text())
	}
	var doc *goquery.Document
	// another process's job has no signal for tests
	for deadline := time.Now().Add(30 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if _, doc = w.get(w.ada, page); doc.Find(`.prod-image[data-status=ready] img`).Length() == 1 {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal(doc.Find("#images").Text())
		}
	}
	src := doc.Find(".prod-image img").AttrOr("src", "")
	if res, _ := w.get(w.ada, src); res.StatusCode != 200 || res.Header.Get("Content-Type") != "image/webp" ||
		res.Header.Get("Cache-Control") != "private, max-age=31536000, immutable" {
		t.Error(res.StatusCode, res.Header)
	}
	for _, cookie := range []string{"", w.bob} {
		if res, _ := w.get(cookie, src); res.StatusCode == 200 {
			t.Error("somebody else sees it")
		}
	}
	id := strings.TrimPrefix(doc.Find(".prod-image").AttrOr("id", ""), "image-")
	at := fmt.Sprintf("%s/images/%s", page, id)
	if res, _ := w.post(w.ada, at, url.Values{"alt": {`"><script>alert(1)</script>`}}); res.StatusCode != 303 {
		t.Error(res.StatusCode)
	}
	if res, _ := w.post(w.ada, at, url.Values{"alt": {strings.Repeat("x", 301)}}); res.StatusCode != 422 {
		t.Error(res.StatusCode)
	}
	if _, doc = w.get(w.ada, page); doc.Find(".prod-image img").AttrOr("alt", "") != `"><script>alert(1)</script>` {
		t.Error(doc.Find(".prod-image img").AttrOr("alt", ""))
	}
	if _, ask := w.get(w.ada, at+"/deletion/new"); ask.Find(`form#deletion[action="`+at+`/deletion"]`).Length() != 1 {
		t.Error(ask.Find("main").Text())
	}
	for i, want := range []int{303, 404} {
		if res, _ := w.post(w.ada, at+"/deletion", nil); res.StatusCode != want {
			t.Error(i, res.StatusCode)
		}
	}
	if res, _ := w.upload(w.bob, page+"/images", map[string][]byte{"x.png": file.Bytes()}); res.StatusCode != 404 {
		t.Error(res.StatusCode)
	}
	if res, _ := w.upload(w.ada, page+"/images", nil); res.StatusCode != 422 {
		t.Error(res.StatusCode)
	}

	// The shop's own images, which no product has.
	shop, _, _ := strings.Cut(page, "/products/")
	if res, _ := w.upload(w.bob, shop+"/images", map[string][]byte{"x.png": file.Bytes()}); res.StatusCode != 404 {
		t.Error(res.StatusCode)
	}
	if res, panel = w.upload(w.ada, shop+"/images", map[string][]byte{
		"evil.png": []byte("<svg>")}); res.StatusCode != 422 || panel.Find(".alert").Length() != 1 {
		t.Error(res.StatusCode)
	}
	if res, _ := w.upload(w.ada, shop+"/images", map[string][]byte{"logo.png": file.Bytes()}); res.StatusCode != 303 ||
		res.Header.Get("Location") != shop+"/images" {
		t.Fatal(res.StatusCode)
	}
	_, doc = w.get(w.ada, shop+"/images")
	id = strings.TrimPrefix(doc.Find(".prod-image").AttrOr("id", ""), "image-")
	if doc.Find(".prod-image").Length() != 1 || doc.Find(".prod-alt").Length() != 0 {
		t.Error(doc.Find("#images").Text())
	}
	if _, doc = w.get(w.ada, page); doc.Find(".prod-image").Length() != 0 {
		t.Error("the product shows it")
	}
	for _, at := range []string{page, "/" + orbit.NewID[orbit.Merchant]().String()} {
		if res, _ := w.post(w.ada, at+"/images/"+id+"/deletion", nil); res.StatusCode != 404 {
			t.Error(at, res.StatusCode)
		}
	}
	if res, _ := w.post(w.bob, shop+"/images/"+id+"/deletion", nil); res.StatusCode != 404 {
		t.Error(res.StatusCode)
	}
	if res, _ := w.post(w.ada, shop+"/images/"+id+"/deletion", nil); res.StatusCode != 303 {
		t.Error(res.StatusCode)
	}
}

// Where the blob store is away, each file is refused with that reason, and the page stays.
func TestImagesAway(t *testing.T) {
	t.Parallel()
	w := begin(t)
	if err := w.images.Bucket.Close(); err != nil {
		t.Fatal(err)
	}
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewRGBA(image.Rect(0, 0, 400, 300))); err != nil {
		t.Fatal(err)
	}
	shop := w.home(w.moss)
	res, doc := w.upload(w.ada, shop+"/images", map[string][]byte{"one.png": file.Bytes(), "two.png": file.Bytes()})
	words := doc.Find(".alert").Text()
	if res.StatusCode != 422 || !strings.Contains(words, "one.png: Images are temporarily unavailable") ||
		!strings.Contains(words, "two.png: Images are temporarily unavailable") {
		t.Error(res.StatusCode, words)
	}
	if res, doc = w.get(w.ada, shop+"/images"); res.StatusCode != 200 || doc.Find(".prod-image").Length() != 0 {
		t.Error(res.StatusCode, doc.Find("#images").Text())
	}
	if res, _ = w.get(w.ada, shop+"/media/"+strings.Repeat("a", 32)+"-320.webp"); res.StatusCode != 503 ||
		res.Header.Get("Retry-After") == "" {
		t.Error(res.StatusCode, res.Header)
	}
}
