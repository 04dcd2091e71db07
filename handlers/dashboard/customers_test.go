package dashboard_test

import (
	"net/url"
	"strings"
	"testing"

	"orbit360.app/orbit"
)

// customer returns the id of the customer of a shop who ordered first.
func (w *world) customer(of orbit.MerchantID) (id string) {
	w.Helper()
	if err := w.super(w.T).QueryRow(w.Context(), `SELECT customer_id::text FROM orders WHERE merchant_id = $1
		ORDER BY created_at LIMIT 1`, of.String()).Scan(&id); err != nil {
		w.Fatal(err)
	}
	return id
}

// customerForm is the form of a customer, with some fields otherwise.
func customerForm(pairs ...string) url.Values {
	f := url.Values{"id": {orbit.NewID[orbit.Customer]().String()}, "firstName": {"Mary"}, "lastName": {"Somerville"},
		"email": {"mary@example.com"}, "phone": {"+44 20 7946 0000"}, "country": {""}, "region": {""}, "line1": {""},
		"tags": {"VIP, wholesale"}, "note": {"Likes speckled glazes."}}
	for i := 0; i < len(pairs); i += 2 {
		f.Set(pairs[i], pairs[i+1])
	}
	return f
}

// TestCustomers: a customer is added, found, filtered and changed without scripts; what is wrong is said at its field,
// a second editor overwrites nothing, and another shop sees nobody.
func TestCustomers(t *testing.T) {
	t.Parallel()
	w := begin(t)
	at := w.home(w.moss) + "/customers"
	if _, page := w.get(w.ada, at); page.Find(`a[href$="/customers/new"]`).Length() != 2 {
		t.Error("an empty list:", page.Find("main").Text())
	}
	for field, form := range map[string]url.Values{"email": customerForm("email", "mary"),
		"phone":     customerForm("phone", "12"),
		"country":   customerForm("country", "XX"),
		"region":    customerForm("country", "US", "region", "Bavaria"),
		"firstName": customerForm("firstName", "see https://example.com")} {
		res, page := w.post(w.ada, at, form)
		if res.StatusCode != 422 || page.Find(`[name="`+field+`"][aria-invalid]`).Length() != 1 ||
			page.Find(`[name="note"]`).Text() != "Likes speckled glazes." {
			t.Errorf("%s: %d %s", field, res.StatusCode, page.Find(".alert, .fault").Text())
		}
	}
	form := customerForm("country", "US", "region", "California", "city", "Oakland", "acceptsMarketing", "on")
	for range 2 { // a second click makes no second one
		if res, page := w.post(w.ada, at, form); res.StatusCode != 303 {
			t.Fatal(res.StatusCode, page.Find(".alert, .fault").Text())
		}
	}
	if res, page := w.post(w.ada, at, customerForm("email", "MARY@example.com")); res.StatusCode != 422 ||
		page.Find(`[name="email"][aria-invalid]`).Length() != 1 {
		t.Error("an email address twice:", res.StatusCode)
	}
	w.sell()
	for query, want := range map[string]int{"": 2, "?q=somer+mary": 1, "?q=020+7946": 1, "?q=vip": 1, "?q=nobody": 0,
		"?status=none": 1, "?status=once": 1, "?status=returning": 0, "?tag=Wholesale": 1, "?tag=whole": 0,
		"?marketing=on": 1, "?exempt=on": 0, "?sort=spent": 2, "?sort=orders&status=once": 1, "?sort=name": 2, "?page=9": 0} {
		if _, page := w.get(w.ada, at+query); page.Find("tbody tr").Length() != want {
			t.Errorf("%s: %s", query, page.Find("main").Text())
		}
	}
	if _, file := w.get(w.ada, at+"/export.csv?q=mary"); file.Text() != strings.Join(orbit.CustomerColumns(), ",")+
		"\nMary,Somerville,mary@example.com,yes,,,,Oakland,CA,US,,,'+442079460000,0.00,0,Likes speckled glazes.,no,"+
		"\"VIP, wholesale\"\n" {
		t.Error(file.Text())
	}
	one := at + "/" + form.Get("id")
	_, page := w.get(w.ada, one)
	if page.Find("h1").Text() != "Mary Somerville" ||
		page.Find("[name=phone]").AttrOr("value", "") != "+44 20 7946 0000" ||
		page.Find("[name=region] [selected]").AttrOr("value", "") != "CA" {
		t.Error(page.Find("main").Text())
	}
	for cookie, path := range map[string]string{w.bob: one, w.ada: at + "/" + w.customer(w.nord)} {
		if res, _ := w.get(cookie, path); res.StatusCode != 404 {
			t.Error("another shop's customer:", res.StatusCode)
		}
	}
	change := customerForm("version", "1", "country", "DE", "region", "CA", "note", "Prefers stoneware.")
	if res, page := w.post(w.ada, one, change); res.StatusCode != 303 {
		t.Error("a change:", res.StatusCode, page.Find(".alert, .fault").Text())
	}
	res, page := w.post(w.ada, one, customerForm("version", "1", "note", "Mine."))
	if res.StatusCode != 409 || !strings.Contains(page.Find(".alert").Text(), "Note is now: Prefers stoneware.") ||
		page.Find("[name=note]").Text() != "Mine." || page.Find("[name=version]").AttrOr("value", "") != "2" {
		t.Errorf("a second editor: %d %s", res.StatusCode, page.Find(".alert").Text())
	}
	_, page = w.get(w.ada, at+"/"+w.customer(w.moss))
	if page.Find("#customer-orders tbody tr a").Length() != 1 {
		t.Error("orders of a customer:", page.Find("main").Text())
	}
}

// TestMergeAndErase: without scripts two customers are merged, all that is known is a file, and one is erased once
// nothing is in the way.
func TestMergeAndErase(t *testing.T) {
	t.Parallel()
	w := begin(t)
	own, foreign, order := w.sell()
	at := w.home(w.moss) + "/customers"
	june := at + "/" + own.CustomerID.String()
	form := customerForm("firstName", "June", "lastName", "Juniper")
	w.post(w.ada, at, form)
	_, page := w.get(w.ada, june+"/merge/new?find=mary")
	with := page.Find("#others tbody a.btn").AttrOr("href", "")
	if page.Find("#others tbody tr").Length() != 1 || !strings.HasSuffix(with, form.Get("id")) {
		t.Fatal(page.Find("main").Text())
	}
	_, page = w.get(w.ada, with)
	if !strings.Contains(page.Find("main").Text(), "All orders of June Juniper (mary@example.com) go over to") {
		t.Error(page.Find("main").Text())
	}
	for _, other := range []string{foreign.CustomerID.String(), own.CustomerID.String()} {
		if res, _ := w.post(w.ada, june+"/merge", url.Values{"with": {other}}); res.StatusCode < 400 {
			t.Error("merged with", other, res.StatusCode)
		}
	}
	if res, _ := w.get(w.ada, june+"/merge/new?with="+foreign.CustomerID.String()); res.StatusCode != 404 {
		t.Error("another shop's customer to merge with:", res.StatusCode)
	}
	if res, _ := w.post(w.ada, june+"/merge", url.Values{"with": {form.Get("id")}}); res.StatusCode != 303 {
		t.Error("merged:", res.StatusCode)
	}
	if _, page := w.get(w.ada, june); page.Find("[name=tags]").AttrOr("value", "") != "VIP, wholesale" ||
		page.Find("#customer-orders tbody tr").Length() != 1 {
		t.Error(page.Find("main").Text())
	}
	if _, file := w.get(w.ada, june+"/data.json"); !strings.Contains(file.Text(), own.Name()) ||
		!strings.Contains(file.Text(), own.Email) {
		t.Error(file.Text())
	}
	if res, page := w.get(w.ada, june+"/erasure/new"); res.StatusCode != 409 ||
		!strings.Contains(page.Find("main").Text(), own.Name()) {
		t.Error("with an open order:", res.StatusCode, page.Find("main").Text())
	}
	if res, _ := w.post(w.ada, june+"/erasure", nil); res.StatusCode != 409 {
		t.Error("erased with an open order:", res.StatusCode)
	}
	w.post(w.ada, order+"/cancellation", url.Values{"restock": {"on"}})
	theirs := w.home(w.nord) + "/customers/" + own.CustomerID.String()
	if res, _ := w.post(w.bob, theirs+"/erasure", nil); res.StatusCode != 404 {
		t.Error("another shop's customer to erase:", res.StatusCode)
	}
	if _, page := w.get(w.ada, june+"/erasure/new"); page.Find("#erasure").Length() != 1 {
		t.Error(page.Find("main").Text())
	}
	if res, page := w.post(w.ada, june+"/erasure", nil); res.StatusCode != 303 {
		t.Error("erased:", res.StatusCode, page.Find("main").Text())
	}
	if res, _ := w.get(w.ada, june); res.StatusCode != 404 {
		t.Error("there still:", res.StatusCode)
	}
	_, page = w.get(w.ada, order)
	if text := page.Find("main").Text(); !strings.Contains(text, orbit.ErasedName) || strings.Contains(text, "june@") ||
		page.Find(`form[action$="/emails"]`).Length() != 0 {
		t.Error(text)
	}
}
