package dashboard_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"orbit360.app/orbit"
)

// quantities returns what the list's form would send.
func quantities(page *goquery.Document) url.Values {
	form := url.Values{}
	page.Find(`#inventory [name]`).Each(func(_ int, s *goquery.Selection) {
		value := s.AttrOr("value", "")
		if goquery.NodeName(s) == "select" {
			value = s.Find("option[selected]").AttrOr("value", "")
		}
		form.Add(s.AttrOr("name", ""), value)
	})
	return form
}

func TestInventory(t *testing.T) {
	t.Parallel()
	w := begin(t)
	id := orbit.NewID[orbit.Product]().String()
	w.addProduct(w.ada, w.moss, "id", id, "option1_name", "Size", "option1", "S\nM", "stock", "9")
	at := w.home(w.moss) + "/inventory"
	_, page := w.get(w.ada, at+"?q=hill")
	form := quantities(page)
	field := page.Find(`#quantities tr:contains("S") input[name^="stock."]`).First().AttrOr("name", "")
	if page.Find("#quantities tbody tr").Length() != 2 || field == "" {
		t.Fatal(page.Find("main").Text())
	}
	form.Set(field, "-1")
	if res, again := w.post(w.ada, at+"?q=hill", form); res.StatusCode != 422 ||
		again.Find(`[id="`+field+`-error"]`).Length() != 1 || again.Find("#quantities tbody tr").Length() != 2 {
		t.Error(res.StatusCode, again.Find("#inventory").Text())
	}
	form.Set(field, "3")
	form.Set("reason", "damage")
	form.Set("note", "Dropped")
	// One is sold before it is saved.
	w.exec(`UPDATE variants SET stock = 8 WHERE id = '` + strings.TrimPrefix(field, "stock.") + `'`)
	for range 2 { // a double click takes them once
		if res, page := w.post(w.ada, at+"?q=hill", form); res.StatusCode != 303 ||
			res.Header.Get("Location") != at+"?q=hill" {
			t.Fatal(res.StatusCode, res.Header.Get("Location"), page.Find(".alert").Text())
		}
	}
	_, ledger := w.get(w.ada, w.home(w.moss)+"/products/"+id+"/inventory")
	first := strings.Join(strings.Fields(ledger.Find("#ledger tbody tr").First().Text()), " ")
	if !strings.Contains(first, "Damaged") || !strings.Contains(first, "Dropped") || !strings.HasSuffix(first, "−6 2") ||
		ledger.Find("#ledger tbody tr").Length() != 4 {
		t.Error(ledger.Find("#ledger").Text())
	}
	if _, low := w.get(w.ada, at+"?status=low&q=hill"); low.Find("#quantities tbody tr").Length() != 1 {
		t.Error(low.Find("#quantities").Text())
	}
	// Another shop's variants aren't there.
	if res, _ := w.post(w.ada, w.home(w.nord)+"/inventory", form); res.StatusCode != 404 {
		t.Error(res.StatusCode)
	}
	foreign := url.Values{"batch": {orbit.NewID[orbit.InventoryForm]().String()}, "reason": {"received"}}
	w.exec(`UPDATE variants SET stock = 5 WHERE merchant_id = '` + w.nord.String() + `'`)
	var theirs string
	if err := w.super(t).QueryRow(t.Context(), `SELECT id::text FROM variants WHERE merchant_id = $1 LIMIT 1`,
		w.nord.String()).Scan(&theirs); err != nil {
		t.Fatal(err)
	}
	foreign.Set("stock."+theirs, "9")
	foreign.Set("was."+theirs, "5")
	if res, _ := w.post(w.ada, at, foreign); res.StatusCode != 404 {
		t.Error("another shop's variant:", res.StatusCode)
	}
}
