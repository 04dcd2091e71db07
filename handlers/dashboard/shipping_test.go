package dashboard_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"orbit360.app/orbit"
)

// zoneForm is the form of a zone for Germany and Austria with a rate, with some fields otherwise.
func zoneForm(pairs ...string) url.Values {
	f := url.Values{"id": {orbit.NewID[orbit.ShippingZone]().String()}, "name": {"Neighbors"}, "to": {"places"},
		"country": {"DE", "AT"}, "rates.0.name": {"Parcel"}, "rates.0.kind": {"flat"}, "rates.0.price": {"4.90"},
		"rates.0.freeFrom": {"50"}, "rates.0.note": {"2 to 4 days"}, "do": {""}}
	for i := 0; i < len(pairs); i += 2 {
		f.Set(pairs[i], pairs[i+1])
	}
	return f
}

// said returns what is wrong on a page.
func said(page *goquery.Document) string {
	return strings.Join(strings.Fields(page.Find(".alert, .fault").Text()), " ")
}

// TestShippingZones: a zone is created, listed in words, changed and deleted; what is wrong is said at its field, a
// second editor overwrites nothing, and another shop's owner finds nothing of it.
func TestShippingZones(t *testing.T) {
	t.Parallel()
	w := begin(t)
	w.exec(`DELETE FROM shipping_zones`)
	list := w.home(w.moss) + "/settings/shipping"
	at := list + "/zones"
	if _, page := w.get(w.ada, list); page.Find(`a[href$="/zones/new"]`).Length() != 1 ||
		!strings.Contains(page.Find(".empty").Text(), "shoppers can't order what needs shipping") {
		t.Error("an empty list:", page.Find("main").Text())
	}
	for field, form := range map[string]url.Values{
		"name": zoneForm("name", ""), "find": zoneForm("country", "XX"), "rates.0.price": zoneForm("rates.0.price", "4.905"),
		"rates.0.name": zoneForm("rates.0.name", ""), "rates.0.freeFrom": zoneForm("rates.0.freeFrom", "0"),
		"rates.0.kind": zoneForm("rates.0.kind", "drone"), "rates.0.maximumPrice": zoneForm("rates.0.kind", "price",
			"rates.0.minimumPrice", "20", "rates.0.maximumPrice", "10"),
		"rates.0.maximumWeight": zoneForm("rates.0.kind", "weight", "rates.0.maximumWeight", "heavy")} {
		res, page := w.post(w.ada, at, form)
		if res.StatusCode != 422 || page.Find(`[name="`+field+`"][aria-invalid]`).Length() != 1 {
			t.Errorf("%s: %d %s", field, res.StatusCode, said(page))
		}
	}
	nowhere := zoneForm()
	nowhere.Del("country")
	if res, page := w.post(w.ada, at, nowhere); res.StatusCode != 422 || !strings.Contains(said(page), "at least one") {
		t.Error("a zone for nowhere:", res.StatusCode, said(page))
	}
	form := zoneForm()
	for range 2 { // a second click makes no second one
		if res, page := w.post(w.ada, at, form); res.StatusCode != 303 {
			t.Fatal(res.StatusCode, said(page))
		}
	}
	_, page := w.get(w.ada, list)
	row := strings.Join(strings.Fields(page.Find("tbody tr").Text()), " ")
	if page.Find("tbody tr").Length() != 1 || !strings.Contains(row, "Austria, Germany") ||
		!strings.Contains(row, "$4.90 · free from $50.00") ||
		!strings.Contains(page.Find(".page-note").Text(), "don't ship to countries") {
		t.Error("the list:", page.Find("main").Text())
	}
	if res, page := w.post(w.ada, at, zoneForm("country", "AT", "name", "Alps")); res.StatusCode != 422 ||
		!strings.Contains(page.Find("#find-error").Text(), "Austria is in zone “Neighbors” already.") {
		t.Error("a country of two zones:", res.StatusCode, said(page))
	}
	one := at + "/" + form.Get("id")
	for path, form := range map[string]url.Values{"": zoneForm("version", "1"), "/deletion": nil} {
		theirs := w.home(w.nord) + strings.TrimPrefix(one, w.home(w.moss)) + path
		if res, _ := w.post(w.bob, theirs, form); res.StatusCode != 404 {
			t.Error("another shop's owner:", path, res.StatusCode)
		}
	}
	_, page = w.get(w.ada, one)
	rate := page.Find(`[name="rates.0.id"]`).AttrOr("value", "")
	if page.Find(`[name=country][checked]`).Length() != 2 || rate == "" {
		t.Error("the zone:", page.Find("main").Text())
	}
	res, page := w.post(w.ada, one, zoneForm("version", "1", "rates.0.id", rate, "rates.0.price", "5"))
	if res.StatusCode != 303 {
		t.Error("a change:", res.StatusCode, said(page))
	}
	res, page = w.post(w.ada, one, zoneForm("version", "1", "rates.0.price", "7"))
	if res.StatusCode != 409 || !strings.Contains(said(page), "$5.00 · free from $50.00") ||
		page.Find(`[name="rates.0.price"]`).AttrOr("value", "") != "7" ||
		page.Find("[name=version]").AttrOr("value", "") != "2" {
		t.Errorf("a second editor: %d %s", res.StatusCode, said(page))
	}
	w.post(w.ada, one+"/deletion", nil)
	if res, _ := w.get(w.ada, one); res.StatusCode != 404 {
		t.Error("deleted:", res.StatusCode)
	}
}

// TestShippingForm: the buttons of a zone's form beside Save add and remove rates and find countries, keep all that was
// typed, and save nothing.
func TestShippingForm(t *testing.T) {
	t.Parallel()
	w := begin(t)
	at := w.home(w.moss) + "/settings/shipping/zones"
	do := func(what string, pairs ...string) *goquery.Document {
		t.Helper()
		res, page := w.post(w.ada, at, zoneForm(append(pairs, "do", what)...))
		if res.StatusCode != 200 || page.Find("[name=name]").AttrOr("value", "") != "Neighbors" {
			t.Errorf("%s: %d %s", what, res.StatusCode, said(page))
		}
		return page
	}
	if page := do("add"); page.Find(".zone-rate").Length() != 2 ||
		page.Find(`[name="rates.0.note"]`).AttrOr("value", "") != "2 to 4 days" {
		t.Error("a rate is added:", page.Find("#rates").Text())
	}
	page := do("remove.0", "rates.1.name", "Express", "rates.1.price", "9")
	if page.Find(".zone-rate").Length() != 1 || page.Find(`[name="rates.0.name"]`).AttrOr("value", "") != "Express" {
		t.Error("a rate is removed:", page.Find("#rates").Text())
	}
	for _, typed := range []string{"find", "enter"} { // the button, and the key
		if page := do(typed, "find", "cote"); page.Find(`[name=country][value=CI]`).Length() != 1 ||
			page.Find("[name=country]").Length() != 3 || page.Find("[name=country][checked]").Length() != 2 {
			t.Errorf("%s: %s", typed, page.Find("#countries").Text())
		}
	}
	if page := do("all", "find", "eu"); page.Find("[name=country][checked]").Length() != 27 {
		t.Error("the union:", page.Find("#countries").Text())
	}
	if page := do("find", "find", "Nowhereland"); !strings.Contains(page.Find("#places").Text(), "No other countries") {
		t.Error("nothing:", page.Find("#places").Text())
	}
	if _, page := w.get(w.ada, w.home(w.moss)+"/settings/shipping"); strings.Contains(page.Text(), "Neighbors") {
		t.Error("it was saved")
	}
	form := zoneForm("do", "enter", "find", "ger", "found", "ger")
	if res, page := w.post(w.ada, at, form); res.StatusCode != 303 {
		t.Error("Enter saves what has been searched:", res.StatusCode, said(page))
	}
	w.post(w.ada, at, zoneForm("country", "FR", "name", "Next door"))
	_, page = w.get(w.ada, at+"/new")
	if taken := page.Find("[name=country][value=FR]"); taken.AttrOr("disabled", "-") == "-" ||
		!strings.Contains(taken.Parent().Text(), "in “Next door”") {
		t.Error("a country of another zone can be chosen")
	}
}
