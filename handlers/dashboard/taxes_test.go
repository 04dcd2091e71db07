package dashboard_test

import (
	"net/url"
	"strings"
	"testing"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

// taxForm is the form of Germany's VAT, with some fields otherwise.
func taxForm(pairs ...string) url.Values {
	f := url.Values{"id": {orbit.NewID[orbit.TaxRate]().String()}, "country": {"DE"}, "region": {""}, "name": {"VAT"},
		"rate": {"19"}, "appliesToShipping": {"on"}}
	for i := 0; i < len(pairs); i += 2 {
		f.Set(pairs[i], pairs[i+1])
	}
	return f
}

// TestTaxRates: a rate is created, listed, changed and deleted; what is wrong is said at its field, a second editor
// overwrites nothing, and another shop's owner finds nothing of it.
func TestTaxRates(t *testing.T) {
	t.Parallel()
	w := begin(t)
	list := w.home(w.moss) + "/settings/taxes"
	at := list + "/rates"
	if _, page := w.get(w.ada, list); page.Find(`.empty a[href$="/rates/new"]`).Length() != 1 ||
		!strings.Contains(page.Find(".empty").Text(), "charged no tax") {
		t.Error("an empty list:", page.Find("main").Text())
	}
	for field, form := range map[string]url.Values{"country": taxForm("country", "XX"), "name": taxForm("name", ""),
		"rate": taxForm("rate", "19.125"), "region": taxForm("country", "CA", "region", "Bavaria")} {
		res, page := w.post(w.ada, at, form)
		if res.StatusCode != 422 || page.Find(`[name="`+field+`"][aria-invalid]`).Length() != 1 {
			t.Errorf("%s: %d %s", field, res.StatusCode, said(page))
		}
	}
	if res, page := w.post(w.ada, at, taxForm("rate", "101")); res.StatusCode != 422 ||
		!strings.Contains(page.Find("#rate-error").Text(), "0 to 100") {
		t.Error("more than all:", res.StatusCode, said(page))
	}
	form := taxForm("rate", "7,75 %")
	for range 2 { // a second click makes no second one
		if res, page := w.post(w.ada, at, form); res.StatusCode != 303 {
			t.Fatal(res.StatusCode, said(page))
		}
	}
	if res, page := w.post(w.ada, at, taxForm("name", "vat")); res.StatusCode != 422 {
		t.Error("a name twice:", res.StatusCode, said(page))
	}
	_, page := w.get(w.ada, list)
	if row := strings.Join(strings.Fields(page.Find("tbody tr").Text()), " "); row !=
		"Germany VAT Shipping is taxed 7.75%" {
		t.Error("the list:", row)
	}
	res, page := w.post(w.ada, at, taxForm("country", "CA", "do", "country"))
	if res.StatusCode != 200 || page.Find(`select[name=region] option[value=QC]`).Length() != 1 ||
		page.Find(`[name=rate]`).AttrOr("value", "") != "19" {
		t.Error("regions follow the country:", page.Find("main").Text())
	}
	one := at + "/" + form.Get("id")
	for path, form := range map[string]url.Values{"": taxForm("version", "1"), "/deletion": nil} {
		theirs := w.home(w.nord) + strings.TrimPrefix(one, w.home(w.moss)) + path
		if res, _ := w.post(w.bob, theirs, form); res.StatusCode != 404 {
			t.Error("another shop's owner:", path, res.StatusCode)
		}
	}
	if _, page := w.get(w.ada, one); page.Find("[name=rate]").AttrOr("value", "") != "7.75" {
		t.Error("the rate:", page.Find("main").Text())
	}
	change := taxForm("version", "1", "rate", "20")
	change.Del("appliesToShipping")
	if res, page := w.post(w.ada, one, change); res.StatusCode != 303 {
		t.Error("a change:", res.StatusCode, said(page))
	}
	res, page = w.post(w.ada, one, taxForm("version", "1", "rate", "21"))
	if res.StatusCode != 409 || !strings.Contains(said(page), "VAT 20%, Germany") ||
		page.Find("[name=rate]").AttrOr("value", "") != "21" || page.Find("[name=version]").AttrOr("value", "") != "2" {
		t.Errorf("a second editor: %d %s", res.StatusCode, said(page))
	}
	w.post(w.ada, one+"/deletion", nil)
	if res, _ := w.get(w.ada, one); res.StatusCode != 404 {
		t.Error("deleted:", res.StatusCode)
	}
}

// TestStandardRates: the standard rates of a country are shown with the day of their table before they are added, once;
// a rate of the same place is named, because both would be charged.
func TestStandardRates(t *testing.T) {
	t.Parallel()
	w := begin(t)
	at := w.home(w.moss) + "/settings/taxes"
	_, page := w.get(w.ada, at+"/standard-rates/new?country=CA")
	if text := page.Find("#standard").Text(); !strings.Contains(text, "as of May 19, 2026") ||
		!strings.Contains(text, "You answer for the taxes") || !strings.Contains(text, "Canada – Quebec") ||
		!strings.Contains(page.Find("#standard button").Text(), "Add 10 tax rates") {
		t.Error("Canada:", text)
	}
	for range 2 {
		if res, page := w.post(w.ada, at+"/standard-rates", url.Values{"country": {"CA"}}); res.StatusCode != 303 {
			t.Fatal(res.StatusCode, said(page))
		}
		if _, page := w.get(w.ada, at); page.Find("tbody tr").Length() != 10 {
			t.Error("added:", page.Find("tbody").Text())
		}
	}
	if _, page := w.get(w.ada, at+"/standard-rates/new?country=CA"); page.Find(`#standard form`).Length() != 0 {
		t.Error("what is there is offered again")
	}
	w.post(w.ada, at+"/rates", taxForm("name", "MwSt"))
	if _, page := w.get(w.ada, at+"/standard-rates/new?country=DE"); !strings.Contains(page.Find(".alert").Text(),
		"MwSt 19% (Germany)") {
		t.Error("both would be charged:", page.Find("#standard").Text())
	}
	for _, country := range []string{"", "US", "XX"} {
		if res, page := w.post(w.ada, at+"/standard-rates", url.Values{"country": {country}}); res.StatusCode != 422 ||
			page.Find("[name=country][aria-invalid]").Length() != 1 {
			t.Errorf("%q: %d", country, res.StatusCode)
		}
	}
}

// TestTaxPolicy: whether prices include tax, and the VAT number, are saved by the page's form, and by each field alone.
func TestTaxPolicy(t *testing.T) {
	t.Parallel()
	w := begin(t)
	at := w.home(w.moss) + "/settings/taxes"
	form := url.Values{"was.taxIncluded": {"false"}, "taxIncluded": {"true"}, "was.vatNumber": {""},
		"vatNumber": {"DE123456789"}}
	if res, page := w.post(w.ada, at, form); res.StatusCode != 303 {
		t.Fatal(res.StatusCode, said(page))
	}
	_, page := w.get(w.ada, at)
	if page.Find("[name=taxIncluded] [selected]").AttrOr("value", "") != "true" ||
		page.Find("[name=vatNumber]").AttrOr("value", "") != "DE123456789" {
		t.Error(page.Find("#policy").Text())
	}
	form.Set("taxIncluded", "maybe")
	if res, page := w.post(w.ada, at, form); res.StatusCode != 422 ||
		page.Find("[name=taxIncluded][aria-invalid]").Length() != 1 {
		t.Error("neither:", res.StatusCode, said(page))
	}
}

// TestZonesAndTaxesHold: what the forms of the dashboard set up is what a cart is sent with and taxed by.
func TestZonesAndTaxesHold(t *testing.T) {
	t.Parallel()
	w := begin(t)
	w.exec(`DELETE FROM shipping_zones`)
	home := w.home(w.moss) + "/settings"
	for path, form := range map[string]url.Values{
		"/shipping/zones": zoneForm("rates.0.freeFrom", "", "rates.1.name", "Heavy", "rates.1.kind", "weight",
			"rates.1.price", "12", "rates.1.minimumWeight", "500"),
		"/taxes/standard-rates": {"country": {"DE"}},
		"/taxes/rates":          taxForm("country", "AT", "rate", "20", "appliesToShipping", ""),
		"/taxes":                {"was.taxIncluded": {"false"}, "taxIncluded": {"true"}},
	} {
		if res, page := w.post(w.ada, home+path, form); res.StatusCode != 303 {
			t.Fatal(path, res.StatusCode, said(page))
		}
	}
	type bill struct {
		rates         string
		shipping, tax int64
		ships         bool
	}
	bills := map[string]bill{}
	err := shop.For(w.db, w.moss).Do(t.Context(), func(tenant *shop.Tenant) error {
		o, err := tenant.Checkout(t.Context())
		if err != nil {
			return err
		}
		c := orbit.Cart{Lines: []orbit.CartLine{{Price: 11900, Quantity: 1, Taxable: true, RequiresShipping: true}}}
		for _, country := range []string{"DE", "AT", "FR"} {
			form := orbit.CheckoutForm{Country: country, Shipping: "Parcel"}
			var names []string
			for _, r := range o.Rates(c, form.Destination(), 11900) {
				names = append(names, r.Name)
			}
			sum := o.Totals(c, form, nil)
			bills[country] = bill{strings.Join(names, " "), sum.Shipping, sum.Tax, o.Ships(form.Destination())}
		}
		return nil
	})
	want := map[string]bill{"DE": {"Parcel", 490, 1900 + 78, true}, "AT": {"Parcel", 490, 1983, true}, "FR": {}}
	for country, is := range want {
		if bills[country] != is {
			t.Errorf("%s: %+v instead of %+v", country, bills[country], is)
		}
	}
	if err != nil {
		t.Error(err)
	}
}
