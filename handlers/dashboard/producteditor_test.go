package dashboard_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"orbit360.app/browsertest"
	"orbit360.app/orbit"
)

// named finds the field of a variant's row, by the variant's name.
func named(page *goquery.Document, variant, field string) string {
	row := page.Find("#variants tbody tr").FilterFunction(func(_ int, s *goquery.Selection) bool {
		return strings.TrimSpace(s.Find(".cell-main label, td label").First().Text()) == variant
	})
	return row.Find(`[name^="`+field+`."]`).AttrOr("name", "none")
}

// Options change after a product is there, with plain forms: the variants follow, and stay what they are.
func TestProductOptions(t *testing.T) {
	t.Parallel()
	w := begin(t)
	id := orbit.NewID[orbit.Product]().String()
	w.addProduct(w.ada, w.moss, "id", id, "option1_name", "Size", "option1", "S\nM, tall", "sku", "LAMP")
	at := w.home(w.moss) + "/products/" + id
	_, page := w.get(w.ada, at)
	form := fields(page)
	small := named(page, "S", "price")
	if small == "none" || named(page, "M, tall", "price") == "none" {
		t.Fatal(page.Find("#variants").Text())
	}
	form.Set(small, "11")
	form["option1_value"] = []string{"Small", "M, tall"}
	form.Set("option1", "L")
	form.Set("option2_name", "Color")
	form.Set("option2", "Ink\nOat")
	res, shown := w.post(w.ada, at+"/variants", form)
	if res.StatusCode != 200 || shown.Find("#variants tbody tr").Length() != 6 {
		t.Fatal(res.StatusCode, shown.Find("#variants").Text())
	}
	if named(shown, "Small / Ink", "price") != small {
		t.Error("the variant that was S is another one")
	}
	if _, now := w.get(w.ada, at); now.Find("#variants tbody tr").Length() != 2 {
		t.Error("showing saves nothing")
	}
	form = fields(shown)
	form.Set(named(shown, "L / Oat", "price"), "19.50")
	form.Del(named(shown, "L / Ink", "offered"))
	form.Set("description", `<p>A <strong>warm</strong> light</p><script>x()</script>`)
	form.Set("description_format", "html")
	form.Set("tags", "Light, brass,light")
	form.Set("handle", "Warm Lamp")
	form.Set("seo_title", "Warm lamps")
	if res, page := w.post(w.ada, at, form); res.StatusCode != 303 {
		t.Fatal(res.StatusCode, page.Find(".fault, .alert").Text())
	}
	_, page = w.get(w.ada, at)
	if page.Find("#variants tbody tr").Length() != 6 || page.Find(`#variants [name^="offered."][checked]`).Length() != 5 {
		t.Error(page.Find("#variants").Text())
	}
	form = fields(page)
	for field, want := range map[string]string{small: "11.00", named(page, "L / Oat", "price"): "19.50",
		"tags": "brass, Light", "handle": "warm-lamp", "seo_title": "Warm lamps", "description_format": "html",
		"description": "<p>A <strong>warm</strong> light</p>"} {
		if form.Get(field) != want {
			t.Errorf("%s is %q, want %q", field, form.Get(field), want)
		}
	}
	// A value that is cleared takes its variants along.
	less := url.Values{}
	for k, v := range form {
		less[k] = v
	}
	less["option1_value"] = []string{"Small", "", "L"}
	if res, page := w.post(w.ada, at, less); res.StatusCode != 303 {
		t.Fatal(res.StatusCode, page.Find(".fault, .alert").Text())
	}
	var left int
	if err := w.super(t).QueryRow(t.Context(), `SELECT count(*) FROM variants WHERE product_id = $1`,
		id).Scan(&left); err != nil || left != 3 {
		t.Error(left, "variants are left", err)
	}
	// Another editor, with a page from before, hears what is otherwise, and which variants would go.
	old := url.Values{}
	for k, v := range form {
		old[k] = v
	}
	old.Set("version", "1")
	old.Set("title", "Old Lamp")
	for key := range old {
		if strings.HasSuffix(key, strings.TrimPrefix(named(page, "L / Oat", "price"), "price")) {
			old.Del(key)
		}
	}
	res, conflict := w.post(w.ada, at, old)
	if text := conflict.Find(".prod-differs").Text(); res.StatusCode != 409 || !strings.Contains(text, "Hill Lamp") ||
		!strings.Contains(text, "new variant, “L / Oat”") {
		t.Error(res.StatusCode, text)
	}
}

func TestProductCopy(t *testing.T) {
	t.Parallel()
	w := begin(t)
	id := orbit.NewID[orbit.Product]().String()
	w.addProduct(w.ada, w.moss, "id", id)
	at := w.home(w.moss) + "/products/" + id + "/copy"
	_, page := w.get(w.ada, at+"/new")
	form := url.Values{"id": {page.Find(`[name="id"]`).AttrOr("value", "")}, "title": {" "}}
	if res, again := w.post(w.ada, at, form); res.StatusCode != 422 || again.Find("#copy-title-error").Length() != 1 {
		t.Error(res.StatusCode, again.Find("main").Text())
	}
	form.Set("title", "Valley Lamp")
	if res, _ := w.post(w.ada, at, form); res.StatusCode != 303 {
		t.Error(res.StatusCode)
	}
	_, list := w.get(w.ada, w.home(w.moss)+"/products?status=draft")
	if list.Find(`#products tr:contains("Valley Lamp")`).Length() != 1 {
		t.Error(list.Find("#products").Text())
	}
}

// In a browser a text is formatted, the variants are a grid for the keyboard, and what search engines show follows.
func TestProductEditor(t *testing.T) {
	t.Parallel()
	w := begin(t)
	id := orbit.NewID[orbit.Product]().String()
	w.addProduct(w.ada, w.moss, "id", id, "option1_name", "Size", "option1", "S\nM\nL",
		"description", "Plain & warm.\n\nTwo.")
	at := w.serve(w.ada) + w.home(w.moss) + "/products/" + id
	b := browsertest.New(t)
	b.Open(at)
	b.Until(`document.querySelector(".rich-text p")`)
	b.Until(`document.querySelectorAll(".rich-text p").length === 2`)
	b.Point(".rich-text")
	browsertest.Eval[bool](b, `(() => { document.addEventListener("selectionchange", () =>
		requestAnimationFrame(() => { window.chosen = true }), { once: true });
		const r = document.createRange(); r.selectNodeContents(document.querySelector(".rich-text p"));
		getSelection().removeAllRanges(); getSelection().addRange(r); return true })()`)
	b.Until(`window.chosen`)
	b.Click(`.rich-bar [data-act="bold"]`)
	b.Until(`document.querySelector('[name="description"]').value.includes("<b>Plain &amp; warm.</b>")`)
	b.Point(`#variants [name^="price."]`)
	b.Keys("\r")
	b.Until(`document.activeElement === document.querySelectorAll('#variants [name^="price."]')[1]`)
	browsertest.Eval[bool](b, `(() => { const data = new DataTransfer(); data.setData("text", "21\n22\n");
		document.activeElement.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true,
		cancelable: true })); return true })()`)
	b.Until(`document.querySelectorAll('#variants [name^="price."]')[2].value === "22"`)
	b.Set(`#seo_title`, "A title of its own")
	b.Until(`document.querySelector(".prod-result-title").innerText === "A title of its own"`)
	b.Set(`#option1`, "XL")
	b.Press("Update variants")
	b.Until(`document.querySelectorAll("#variants tbody tr").length === 4`)
	b.Look("editor")
	b.Click(`.prod-save .btn-primary`)
	b.Until(`document.body.innerText.includes("Saved.")`)
	_, page := w.get(w.ada, w.home(w.moss)+"/products/"+id)
	form := fields(page)
	if form.Get("description") != "<p><b>Plain &amp; warm.</b></p><p>Two.</p>" ||
		form.Get("seo_title") != "A title of its own" ||
		form.Get(named(page, "L", "price")) != "22.00" || named(page, "XL", "price") == "none" {
		t.Errorf("%v", form)
	}
}
