package dashboard_test

import (
	"bytes"
	"image"
	"image/png"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"orbit360.app/orbit"
)

// ready gives a shop what it can't be opened without: an address, and products of its own.
func (w *world) ready(cookie string, m orbit.MerchantID) {
	w.Helper()
	for field, value := range map[string]string{"address.country": "GB", "address.line1": "1 High St",
		"address.city": "Leeds", "address.postcode": "LS1 1AA"} {
		if res, page := w.save(cookie, w.home(m)+"/onboarding/business", field, value); res.StatusCode != 200 {
			w.Fatal(field, res.StatusCode, page.Text())
		}
	}
	if _, err := w.super(w.T).Exec(w.Context(), `UPDATE products SET sample = false WHERE merchant_id = $1`,
		m.String()); err != nil {
		w.Fatal(err)
	}
}

// save sends one field as scripts do: with all the rest of its form, which is as some other tab has it.
func (w *world) save(cookie, path, field, value string) (*http.Response, *goquery.Document) {
	w.Helper()
	form := url.Values{field: {value}}
	for _, other := range []string{"name", "phone", "legalName", "description", "instructions"} {
		if other != field {
			form.Set(other, "from another tab")
		}
	}
	r := httptest.NewRequest(http.MethodPost, path+"?field="+url.QueryEscape(field), strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", "https://dashboard.orbit360.app")
	r.Header.Set("HX-Request", "true")
	return w.send(cookie, r)
}

// TestCountryBringsTimeZone: the answer to a country has the time zone that came with it, and without scripts the form
// has the same effect.
func TestCountryBringsTimeZone(t *testing.T) {
	t.Parallel()
	w := begin(t)
	at := w.home(w.moss) + "/onboarding/business"
	zone := `#timezone-field option[selected]`
	if _, page := w.save(w.ada, at, "address.country", "NL"); page.Find(zone).AttrOr("value", "") != "Europe/Amsterdam" {
		html, _ := page.Html()
		t.Error(html)
	}
	w.post(w.ada, at, url.Values{"was.address.country": {"NL"}, "address.country": {"FR"},
		"was.timezone": {"Europe/Amsterdam"}, "timezone": {"Europe/Amsterdam"}})
	if _, page := w.get(w.ada, at); page.Find(zone).AttrOr("value", "") != "Europe/Paris" {
		t.Error(page.Find(zone).Text())
	}
}

// TestFieldsSaveThemselves: one field is one change, whatever stands in the rest of the form.
func TestFieldsSaveThemselves(t *testing.T) {
	t.Parallel()
	w := begin(t)
	at := w.home(w.moss) + "/onboarding/business"
	for _, one := range [][2]string{{"legalName", "Moss Ltd"}, {"phone", "+44 20 7946 0000"},
		{"timezone", "Europe/London"}, {"address.country", "US"}, {"address.region", "CA"}, {"weightUnit", "lb"}} {
		field := one[0]
		if res, page := w.save(w.ada, at, field, one[1]); res.StatusCode != 200 ||
			page.Find(`.verdict[data-tone=success]:contains("Saved")`).Length() != 1 {
			t.Error(field, res.StatusCode, page.Text())
		}
	}
	res, page := w.save(w.ada, at, "email", "nonsense")
	if res.StatusCode != 422 || page.Find(`.verdict[data-tone=danger]:contains("Enter an email address")`).Length() != 1 {
		t.Error(res.StatusCode, page.Text())
	}
	// In another country the region is another.
	if res, page := w.save(w.ada, at, "address.country", "DE"); res.StatusCode != 200 ||
		page.Find(`#region-field input[name="address.region"][value=""]`).Length() != 1 {
		html, _ := page.Html()
		t.Error(res.StatusCode, html)
	}
	// A description is one line, in a field that has room for more.
	marketing := w.home(w.moss) + "/onboarding/marketing"
	if res, page := w.save(w.ada, marketing, "description", "Useful things\r\nfor mornings"); res.StatusCode != 200 ||
		page.Find(`#was-description[value="Useful things for mornings"]`).Length() != 1 {
		t.Error(res.StatusCode, page.Text())
	}
	if res, _ := w.save(w.ada, at, "status", "active"); res.StatusCode != 400 {
		t.Error("a field that there isn't:", res.StatusCode)
	}
	_, page = w.get(w.ada, at)
	for name, want := range map[string]string{"name": "Moss & Stone", "legalName": "Moss Ltd",
		"phone": "+44 20 7946 0000",
		"email": "ada@example.com"} {
		if got := page.Find(`#business input[name="`+name+`"]`).AttrOr("value", ""); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	if got := page.Find(`select[name=timezone] option[selected]`).AttrOr("value", ""); got != "Europe/London" {
		t.Error(got)
	}
	// Without scripts: what the form showed and what it sends differ in one field; the others changed elsewhere.
	form := url.Values{"was.legalName": {""}, "legalName": {""}, "was.phone": {"+44 20 7946 0000"}, "phone": {"555 0100"},
		"was.email": {"old@example.com"}, "email": {"old@example.com"}}
	if res, _ := w.post(w.ada, at, form); res.StatusCode != 303 || res.Header.Get("Location") != at {
		t.Error(res.StatusCode)
	}
	_, page = w.get(w.ada, w.home(w.moss)+"/settings/general")
	for name, want := range map[string]string{"legalName": "Moss Ltd", "phone": "555 0100", "email": "ada@example.com"} {
		if got := page.Find(`#general input[name="`+name+`"]`).AttrOr("value", ""); got != want {
			t.Errorf("%s is %q", name, got)
		}
	}
	if res, page := w.post(w.ada, at, url.Values{"was.email": {"a"}, "email": {"b"}}); res.StatusCode != 422 ||
		page.Find(`#email[aria-invalid]`).Length() != 1 {
		t.Error(res.StatusCode)
	}
}

// TestProgress: parts are done by what is in the shop, skipped for a reason where they may be, and never both.
func TestProgress(t *testing.T) {
	t.Parallel()
	w := begin(t)
	home := w.home(w.moss)
	at := home + "/onboarding"
	state := func() string {
		_, page := w.get(w.ada, at)
		var all []string
		page.Find("#parts li").Each(func(_ int, li *goquery.Selection) {
			word := strings.TrimSpace(li.Find(".dash-task-actions").Text())
			all = append(all, li.AttrOr("data-key", "")+":"+word)
		})
		return strings.Join(all, " ")
	}
	if got := state(); got != "business:Required branding:Optional payments:Optional marketing:Optional "+
		"products:Required website:Optional" {
		t.Error(got)
	}
	for part, want := range map[string]int{"business": 409, "products": 409, "branding": 303, "marketing": 303} {
		if res, _ := w.post(w.ada, at+"/"+part+"/skip", url.Values{"reason": {"Later"}}); res.StatusCode != want {
			t.Errorf("%s: %d", part, res.StatusCode)
		}
	}
	if res, page := w.post(w.ada, at+"/website/skip", url.Values{"reason": {" "}}); res.StatusCode != 422 ||
		page.Find(`#reason[aria-invalid]`).Length() != 1 {
		t.Error("without a reason:", res.StatusCode)
	}
	if got := state(); !strings.Contains(got, "branding:Skipped") || !strings.Contains(got, "marketing:Skipped") {
		t.Error(got)
	}
	if res, _ := w.save(w.ada, at+"/marketing", "description", "Useful things"); res.StatusCode != 200 {
		t.Error(res.StatusCode)
	}
	if res, _ := w.post(w.ada, at+"/branding/resumption", nil); res.StatusCode != 303 {
		t.Error(res.StatusCode)
	}
	// The last way to pay, turned off: the part is required again.
	if res, page := w.save(w.ada, at+"/payments", "enabled", ""); res.StatusCode != 200 ||
		page.Find(`#parts li[data-key=payments]:contains("Required")`).Length() != 1 {
		t.Error(res.StatusCode, page.Text())
	}
	if res, _ := w.post(w.ada, at+"/payments/skip", url.Values{"reason": {"Later"}}); res.StatusCode != 409 {
		t.Error("skipped without a way to pay:", res.StatusCode)
	}
	if res, _ := w.save(w.ada, at+"/payments", "enabled", "on"); res.StatusCode != 200 {
		t.Error(res.StatusCode)
	}
	w.ready(w.ada, w.moss)
	if res, _ := w.save(w.ada, at+"/website", "config.hero_heading", "Slow things"); res.StatusCode != 200 {
		t.Error(res.StatusCode)
	}
	if got := state(); !strings.Contains(got, "website:Optional") {
		t.Error("done by a draft:", got)
	}
	if res, _ := w.post(w.ada, at+"/website/publication", url.Values{"release": {"1"}}); res.StatusCode != 303 {
		t.Error(res.StatusCode)
	}
	if got := state(); got != "business:Done branding:Optional payments:Done marketing:Done products:Done website:Done" {
		t.Error(got)
	}
	// The theme editor leads back until all is done or skipped.
	crumbs := `.crumbs a[href="` + at + `"]`
	if _, page := w.get(w.ada, home+"/theme"); page.Find(crumbs).Length() != 1 {
		t.Error("no way back from the theme editor")
	}
	if res, _ := w.post(w.ada, at+"/branding/skip", url.Values{"reason": {"Later"}}); res.StatusCode != 303 {
		t.Error(res.StatusCode)
	}
	if _, page := w.get(w.ada, home+"/theme"); page.Find(crumbs).Length() != 0 {
		t.Error("the theme editor leads back to what is finished")
	}
	if _, page := w.get(w.ada, at+"/website"); page.Find(`.onb-nav form[action="`+home+`/live"]`).Length() != 1 {
		t.Error("the last part doesn't lead on to Go live")
	}
	var reached int
	if err := w.super(t).QueryRow(t.Context(), `SELECT count(*) FROM onboarding WHERE reached_at IS NOT NULL
		AND merchant_id = $1`, w.moss.String()).Scan(&reached); err != nil || reached != 6 {
		t.Error(reached, err)
	}
	if _, other := w.get(w.bob, w.home(w.nord)+"/onboarding"); other.Find("#parts li[data-done]").Length() != 0 {
		t.Error("the other shop's progress changed")
	}
}

// pixels returns a PNG file.
func pixels(t *testing.T, width, height int) []byte {
	t.Helper()
	var file bytes.Buffer
	if err := png.Encode(&file, image.NewRGBA(image.Rect(0, 0, width, height))); err != nil {
		t.Fatal(err)
	}
	return file.Bytes()
}

// TestFirstProduct: a product with images in one form, once however often it is sent; samples go by themselves.
func TestFirstProduct(t *testing.T) {
	t.Parallel()
	w := begin(t)
	at := w.home(w.moss) + "/onboarding/products"
	_, page := w.get(w.ada, at)
	action := page.Find("#new-product").AttrOr("action", "")
	id := page.Find("#new-product [name=id]").AttrOr("value", "")
	send := func(title string) (*http.Response, *goquery.Document) {
		var body bytes.Buffer
		form := multipart.NewWriter(&body)
		for k, v := range map[string]string{"id": id, "title": title, "price": "12.50", "stock": "4", "description": "One."} {
			if err := form.WriteField(k, v); err != nil {
				t.Fatal(err)
			}
		}
		part, err := form.CreateFormFile("image", "lamp.png")
		if err == nil {
			_, err = part.Write(pixels(t, 300, 200))
		}
		if err == nil {
			err = form.Close()
		}
		if err != nil {
			t.Fatal(err)
		}
		r := httptest.NewRequest(http.MethodPost, action, &body)
		r.Header.Set("Content-Type", form.FormDataContentType())
		r.Header.Set("Origin", "https://dashboard.orbit360.app")
		return w.send(w.ada, r)
	}
	if res, page := send(""); res.StatusCode != 422 || page.Find(`#new-product #title[aria-invalid]`).Length() != 1 {
		t.Error(res.StatusCode, page.Find("main").Text())
	}
	for range 2 {
		if res, _ := send("Hill Lamp"); res.StatusCode != 303 || res.Header.Get("Location") != at {
			t.Fatal(res.StatusCode, res.Header.Get("Location"))
		}
	}
	_, page = w.get(w.ada, at)
	if page.Find(`#own li:contains("Hill Lamp")`).Length() != 1 || page.Find("#own li").Length() != 1 ||
		page.Find(`#samples:contains("6 sample products")`).Length() != 1 {
		t.Error(page.Find("main").Text())
	}
	_, product := w.get(w.ada, w.home(w.moss)+"/products/"+id)
	if product.Find("#images .prod-image").Length() != 1 {
		t.Error("images:", product.Find("#images").Text())
	}
	for range 2 {
		if res, _ := w.post(w.ada, at+"/samples/deletion", nil); res.StatusCode != 303 {
			t.Error(res.StatusCode)
		}
	}
	_, list := w.get(w.ada, w.home(w.moss)+"/products")
	if list.Find("#products tbody tr").Length() != 1 {
		t.Error("left:", list.Find("#products tbody tr").Length())
	}
	if _, other := w.get(w.bob, w.home(w.nord)+"/products"); other.Find("#products tbody tr").Length() != 6 {
		t.Error("the other shop's samples are gone")
	}
}
