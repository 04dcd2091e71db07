package dashboard_test

import (
	"net/url"
	"strings"
	"testing"

	"orbit360.app/orbit"
)

// discountForm is the form of a code for 12.5 % off everything, with some fields otherwise.
func discountForm(pairs ...string) url.Values {
	f := url.Values{"id": {orbit.NewID[orbit.Discount]().String()}, "method": {"code"}, "code": {"spring"}, "title": {""},
		"kind": {"percentage"}, "value": {"12.5"}, "appliesTo": {"all"}, "minimumOf": {"none"}, "startsAt": {""},
		"endsAt": {""}, "combinesWith": {"shipping"}}
	for i := 0; i < len(pairs); i += 2 {
		f.Set(pairs[i], pairs[i+1])
	}
	return f
}

// TestDiscounts: a discount is created, found, changed, deactivated and deleted; what is wrong is said at its field,
// and a second editor overwrites nothing.
func TestDiscounts(t *testing.T) {
	t.Parallel()
	w := begin(t)
	at := w.home(w.moss) + "/discounts"
	if _, page := w.get(w.ada, at); page.Find(`a[href$="/discounts/new"]`).Length() != 2 {
		t.Error("an empty list:", page.Find("main").Text())
	}
	for field, form := range map[string]url.Values{
		"value": discountForm("value", "12.345"), "code": discountForm("code", ""),
		"title":     discountForm("method", "automatic"),
		"endsAt":    discountForm("startsAt", "2099-01-02T00:00", "endsAt", "2099-01-01T00:00"),
		"minimumOf": discountForm("minimumOf", "amount"),
		"appliesTo": discountForm("appliesTo", "products")} {
		res, page := w.post(w.ada, at, form)
		if res.StatusCode != 422 || page.Find(`[name="`+field+`"][aria-invalid]`).Length() != 1 {
			t.Errorf("%s: %d %s", field, res.StatusCode, page.Find(".alert, .fault").Text())
		}
	}
	res, page := w.post(w.ada, at, discountForm("do", "generate"))
	if code := page.Find("[name=code]").AttrOr("value", ""); res.StatusCode != 200 || len(code) != 10 {
		t.Errorf("a code that is generated: %d %q", res.StatusCode, code)
	}
	form := discountForm("minimumOf", "amount", "minimumAmount", "50", "endsAt", "2099-12-24T18:00")
	for range 2 { // a second click makes no second one
		if res, page := w.post(w.ada, at, form); res.StatusCode != 303 {
			t.Fatal(res.StatusCode, page.Find(".alert, .fault").Text())
		}
	}
	if _, page := w.get(w.ada, at+"?q=spr&status=active&sort=used"); page.Find("tbody tr").Length() != 1 ||
		!strings.Contains(page.Find("tbody").Text(), "12.5% off the whole order · minimum purchase $50.00") {
		t.Error("the list:", page.Find("main").Text())
	}
	one := at + "/" + form.Get("id")
	if res, _ := w.get(w.bob, one); res.StatusCode != 404 {
		t.Error("another shop's owner gets", res.StatusCode)
	}
	change := discountForm("version", "1", "value", "20")
	if res, _ := w.post(w.ada, one, change); res.StatusCode != 303 {
		t.Error("a change:", res.StatusCode)
	}
	res, page = w.post(w.ada, one, discountForm("version", "1", "value", "30"))
	if res.StatusCode != 409 || !strings.Contains(page.Find(".alert").Text(), "20% off") ||
		page.Find("[name=value]").AttrOr("value", "") != "30" || page.Find("[name=version]").AttrOr("value", "") != "2" {
		t.Errorf("a second editor: %d %s", res.StatusCode, page.Find(".alert").Text())
	}
	w.post(w.ada, one+"/deactivation", nil)
	if _, page := w.get(w.ada, at+"?status=inactive"); page.Find("tbody tr").Length() != 1 {
		t.Error("deactivated:", page.Find("main").Text())
	}
	if _, page := w.get(w.ada, at+"/new?like="+form.Get("id")); page.Find("[name=value]").AttrOr("value", "") != "20" {
		t.Error("a copy:", page.Find("main").Text())
	}
	w.post(w.ada, one+"/deletion", nil)
	if res, _ := w.get(w.ada, one); res.StatusCode != 404 {
		t.Error("deleted:", res.StatusCode)
	}
}

// TestDiscountProducts: products are found, chosen and kept without scripts.
func TestDiscountProducts(t *testing.T) {
	t.Parallel()
	w := begin(t)
	at := w.home(w.moss) + "/discounts"
	w.addProduct(w.ada, w.moss, "title", "Celadon bowl")
	find := discountForm("appliesTo", "products", "do", "find", "find", "celadon")
	_, page := w.post(w.ada, at, find)
	product := page.Find(`[name=product]:not([checked])`).AttrOr("value", "")
	if product == "" {
		t.Fatal("nothing is found:", page.Find("main").Text())
	}
	form := discountForm("appliesTo", "products", "product", product)
	if res, page := w.post(w.ada, at, form); res.StatusCode != 303 {
		t.Fatal(res.StatusCode, page.Find(".alert, .fault").Text())
	}
	_, page = w.get(w.ada, at+"/"+form.Get("id"))
	if page.Find(`[name=product][checked]`).AttrOr("value", "") != product ||
		!strings.Contains(page.Find("#summary").Text(), "12.5% off 1 product") {
		t.Error(page.Find("main").Text())
	}
}
