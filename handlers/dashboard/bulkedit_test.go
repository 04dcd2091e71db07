package dashboard_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"orbit360.app/orbit"
)

// bulkForm returns what the grid's form would send.
func bulkForm(page *goquery.Document) url.Values {
	form := url.Values{}
	page.Find("#bulk [name]").Each(func(_ int, s *goquery.Selection) {
		value := s.AttrOr("value", "")
		switch {
		case goquery.NodeName(s) == "select":
			value = s.Find("option[selected]").AttrOr("value", "")
		case goquery.NodeName(s) == "button":
			return
		}
		form.Add(s.AttrOr("name", ""), value)
	})
	return form
}

// TestBulkEdit: picked rows are changed in a grid and undone to a byte-equal export, all with plain forms.
func TestBulkEdit(t *testing.T) {
	t.Parallel()
	w := begin(t)
	for _, title := range []string{"Bowl one", "Bowl two", "Bowl three"} {
		w.addProduct(w.ada, w.moss, "id", orbit.NewID[orbit.Product]().String(), "title", title, "option1_name", "Size",
			"option1", "S\nM", "stock", "9", "price", "10")
	}
	before := w.exported(w.ada, w.moss, orbit.NewColumns)
	list := w.home(w.moss) + "/products"
	_, page := w.get(w.ada, list+"?q=bowl")
	picked := url.Values{"columns": {"price", "tags", "stock"}}
	page.Find(`#products input[name="product"]`).Each(func(_ int, s *goquery.Selection) {
		picked.Add("product", s.AttrOr("value", ""))
	})
	if len(picked["product"]) != 3 {
		t.Fatal(page.Find("#products").Text())
	}
	_, page = w.get(w.ada, list+"/bulk?"+picked.Encode())
	if page.Find("#cells tbody tr").Length() != 6 || page.Find(`#cells input[name^="compare_at."]`).Length() != 0 {
		t.Fatal(page.Find("main").Text())
	}
	_, all := w.get(w.ada, list+"/bulk?all=true&q=bowl&columns=price")
	if all.Find("#cells tbody tr").Length() != 6 {
		t.Error("all that the list finds:", all.Find("#cells").Text())
	}
	form := bulkForm(page)
	action := page.Find("#bulk").AttrOr("action", "")
	preview := func(column, act, value string) *goquery.Document {
		t.Helper()
		for k, v := range map[string]string{"do": "apply", "column": column, "action": act, "value": value} {
			form.Set(k, v)
		}
		res, page := w.post(w.ada, action, form)
		if res.StatusCode != 200 {
			t.Fatal(res.StatusCode, page.Find("main").Text())
		}
		form = bulkForm(page)
		return page
	}
	page = preview("price", "raise", "10%")
	if page.Find(`[data-changed] input[name^="price."][value="11.00"]`).Length() != 6 ||
		!strings.Contains(page.Find("#bulk [role=status]").Text(), "3 products will change") {
		t.Fatal(page.Find("main").Text())
	}
	if w.exported(w.ada, w.moss, orbit.NewColumns) != before {
		t.Fatal("the preview saved something")
	}
	preview("tags", "add", "sale")
	bad := url.Values{}
	for k, v := range form {
		bad[k] = v
	}
	field := page.Find(`input[name^="stock."]`).First().AttrOr("name", "")
	bad.Set("do", "save")
	bad.Set(field, "many")
	if res, page := w.post(w.ada, action, bad); res.StatusCode != 422 ||
		page.Find(`[id="`+field+`-error"]`).Length() != 1 || w.exported(w.ada, w.moss, orbit.NewColumns) != before {
		t.Fatal(res.StatusCode, page.Find("main").Text())
	}
	// Somebody else edits one in between: that is said, and nothing of either is lost unseen.
	w.exec(`UPDATE products SET version = version + 1, vendor = 'Nord' WHERE title = 'Bowl two'`)
	form.Set("do", "save")
	res, page := w.post(w.ada, action, form)
	if res.StatusCode != 409 || !strings.Contains(page.Find(".alert").Text(), "Bowl two was edited") ||
		page.Find(`[data-changed] input[name^="price."][value="11.00"]`).Length() != 6 {
		t.Fatal(res.StatusCode, page.Find("main").Text())
	}
	before = w.exported(w.ada, w.moss, orbit.NewColumns)
	form = bulkForm(page)
	form.Set("do", "save")
	for range 2 { // a double click
		if res, page := w.post(w.ada, action, form); res.StatusCode != 303 {
			t.Fatal(res.StatusCode, page.Find("main").Text())
		}
	}
	after := w.exported(w.ada, w.moss, orbit.NewColumns)
	if strings.Count(after, ",11.00,") != 6 || strings.Count(after, ",sale,") != 3 {
		t.Errorf("%s", after)
	}
	_, page = w.get(w.ada, w.home(w.moss)+"/operations")
	undo := page.Find(`#operations form`).First().AttrOr("action", "")
	if page.Find("#operations tbody tr").Length() != 1 {
		t.Fatal(page.Find("main").Text())
	}
	if res, page := w.post(w.ada, undo, url.Values{}); res.StatusCode != 303 {
		t.Fatal(res.StatusCode, page.Find("main").Text())
	}
	w.waits(w.ada, w.home(w.moss)+"/operations", `#operations:contains("Undone")`)
	if now := w.exported(w.ada, w.moss, orbit.NewColumns); now != before {
		t.Errorf("undone:\n%s\nwas\n%s", now, before)
	}
	// Another shop's products aren't there, neither to be seen nor to be changed.
	theirs := strings.Replace(action, w.home(w.moss), w.home(w.nord), 1)
	if res, page := w.get(w.bob, w.home(w.nord)+"/products/bulk?"+picked.Encode()); res.StatusCode != 303 {
		t.Error(res.StatusCode, page.Find("main").Text())
	}
	form.Set("id", orbit.NewID[orbit.Operation]().String())
	if res, _ := w.post(w.bob, theirs, form); res.StatusCode != 303 ||
		w.exported(w.ada, w.moss, orbit.NewColumns) != before {
		t.Error(res.StatusCode)
	}
}
