package dashboard_test

import (
	"encoding/csv"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

// sell opens both shops and returns an order of each for two of the first product, with the pages that they are on.
func (w *world) sell() (own, foreign orbit.Order, page string) {
	w.Helper()
	w.ready(w.ada, w.moss)
	w.ready(w.bob, w.nord)
	for cookie, m := range map[string]orbit.MerchantID{w.ada: w.moss, w.bob: w.nord} {
		if res, _ := w.post(cookie, w.home(m)+"/live", nil); res.StatusCode != 303 {
			w.Fatal(res.StatusCode)
		}
	}
	own, foreign = w.buy(w.moss), w.buy(w.nord)
	return own, foreign, w.home(w.moss) + "/orders/" + own.ID.String()
}

// read returns an order as it is.
func (w *world) read(o orbit.Order) (now orbit.Order) {
	w.Helper()
	err := shop.For(w.db, o.MerchantID).Do(w.Context(), func(t *shop.Tenant) (err error) {
		now, err = t.Order(w.Context(), o.ID)
		return err
	})
	if err != nil {
		w.Fatal(err)
	}
	return now
}

// filled returns a form of a page as a browser would send it.
func filled(page *goquery.Document, form string) url.Values {
	v := url.Values{}
	page.Find(form + " [name]").Each(func(_ int, s *goquery.Selection) {
		_, ticked := s.Attr("checked")
		if s.AttrOr("type", "") == "checkbox" && !ticked {
			return
		}
		v.Set(s.AttrOr("name", ""), s.AttrOr("value", s.Text()))
	})
	return v
}

func with(form url.Values, pairs ...string) url.Values {
	v := url.Values{}
	for name, values := range form {
		v[name] = values
	}
	for i := 0; i < len(pairs); i += 2 {
		v.Set(pairs[i], pairs[i+1])
	}
	return v
}

// count returns how many emails have words in them.
func (w *world) count(words string) int {
	w.Helper()
	_, n, err := w.db.Emails(w.Context(), words, 100, 0)
	if err != nil {
		w.Fatal(err)
	}
	return n
}

// A parcel with a part of the order, and the rest in another: each sent twice is one.
func TestPartialFulfillment(t *testing.T) {
	t.Parallel()
	w := begin(t)
	own, foreign, page := w.sell()
	line := "quantity." + own.Lines[0].ID.String()
	_, asked := w.get(w.ada, page+"/fulfillment/new")
	form := filled(asked, "#fulfillment")
	if form.Get(line) != "2" || form.Get("notify") == "" || asked.Find("datalist option").Length() < 5 {
		t.Fatal(form)
	}
	for name, typed := range map[string]url.Values{
		"none": with(form, line, "0"), "too many": with(form, line, "3"), "no number": with(form, line, "x"),
		"below": with(form, line, "-1"), "link": with(form, "trackingUrl", "javascript:alert(1)")} {
		res, back := w.post(w.ada, page+"/fulfillment", typed)
		if res.StatusCode != 422 || back.Find("#fulfillment .fault").Length() == 0 ||
			filled(back, "#fulfillment").Get(line) != typed.Get(line) {
			t.Errorf("%s: %d %s", name, res.StatusCode, back.Find("#fulfillment").Text())
		}
	}
	first := with(form, line, "1", "carrier", "DHL", "trackingNumber", "JD 014 & 1")
	for range 2 {
		if res, _ := w.post(w.ada, page+"/fulfillment", first); res.StatusCode != 303 {
			t.Error(res.StatusCode)
		}
	}
	// Somebody who looked before it reads so, and keeps what they typed.
	late := with(form, line, "1", "trackingNumber", "LATE", "id", orbit.NewID[orbit.Fulfillment]().String())
	res, back := w.post(w.ada, page+"/fulfillment", late)
	if words := back.Find("#fulfillment .alert").Text(); res.StatusCode != 409 ||
		!strings.Contains(words, "has changed since") || !strings.Contains(words, "1 item was fulfilled") ||
		filled(back, "#fulfillment").Get("trackingNumber") != "LATE" {
		t.Errorf("late: %d %s", res.StatusCode, words)
	}
	o := w.read(own)
	if len(o.Fulfillments) != 1 || o.FulfillmentStatus != orbit.PartiallyFulfilled || w.count("on its way") != 1 ||
		!strings.HasPrefix(o.Fulfillments[0].TrackingURL, "https://www.dhl.com/") {
		t.Errorf("%+v", o.Fulfillments)
	}
	_, seen := w.get(w.ada, page)
	if seen.Find(`a[href*="JD+014+%26+1"]`).Length() != 1 || !strings.Contains(seen.Find("#lines").Text(),
		"1 fulfilled") ||
		!strings.Contains(seen.Find("#order-timeline li").First().Text(), "JD 014 & 1") {
		t.Error(seen.Find("main").Text())
	}
	rest := with(filled(back, "#fulfillment"), line, "1")
	rest.Del("notify")
	if res, _ := w.post(w.ada, page+"/fulfillment", rest); res.StatusCode != 303 {
		t.Error(res.StatusCode)
	}
	if o := w.read(own); len(o.Fulfillments) != 2 || o.FulfillmentStatus != orbit.Fulfilled || w.count("on its way") != 1 {
		t.Errorf("%+v", o.Fulfillments)
	}
	if o := w.read(foreign); len(o.Fulfillments) != 0 || len(o.Entries) != 1 {
		t.Errorf("the other shop's: %+v", o.Entries)
	}
}

func TestRefund(t *testing.T) {
	t.Parallel()
	w := begin(t)
	own, _, page := w.sell()
	id := own.Lines[0].ID.String()
	_, none := w.get(w.ada, page+"/refund/new")
	if none.Find("form#refund").Length() != 0 {
		t.Error("an order that isn't paid can be refunded")
	}
	// A part of what is due, then all of it.
	_, asked := w.get(w.ada, page+"/payment/new")
	part := with(filled(asked, "#payment"), "amount", "1.00")
	for typed, want := range map[string]int{"": 422, "0": 422, "x": 422, "99999": 422} {
		if res, _ := w.post(w.ada, page+"/payment", with(part, "amount", typed)); res.StatusCode != want {
			t.Error(typed, res.StatusCode)
		}
	}
	for _, want := range []int{303, 409} {
		if res, _ := w.post(w.ada, page+"/payment", part); res.StatusCode != want {
			t.Error(res.StatusCode, want)
		}
	}
	if o := w.read(own); o.Paid != 100 || o.PaymentStatus != orbit.FinancialPartiallyPaid {
		t.Error(o.Paid, o.PaymentStatus)
	}
	w.post(w.ada, page+"/payment", nil)
	_, asked = w.get(w.ada, page+"/refund/new")
	form := with(filled(asked, "#refund"), "quantity."+id, "1", "reason", "Chipped <b>", "shipping", "1.00")
	if form.Get("restock."+id) == "" || form.Get("id") == "" {
		t.Fatal(form)
	}
	// The preview, without scripts, says what comes of it, and changes nothing.
	plan, err := w.read(own).RefundPlan(orbit.RefundWish{Shipping: 100, Lines: []orbit.RefundLine{{ID: own.Lines[0].ID,
		Quantity: 1}}})
	if err != nil {
		t.Fatal(err)
	}
	amount := orbit.Money{Amount: plan.Amount, Currency: own.Currency}.String()
	res, preview := w.get(w.ada, page+"/refund/new?"+form.Encode())
	if words := preview.Find("#refund-preview").Text(); res.StatusCode != 200 || !strings.Contains(words, amount) ||
		!strings.Contains(words, "You pay "+amount+" back yourself") ||
		filled(preview, "#refund").Get("reason") != "Chipped <b>" {
		t.Errorf("%d %s, want %s", res.StatusCode, words, amount)
	}
	for name, typed := range map[string]url.Values{"too many": with(form, "quantity."+id, "3"),
		"too much": with(form, "amount", "99999"), "shipping": with(form, "shipping", "999"), "text": with(form,
			"amount", "x"),
		"nothing": with(form, "quantity."+id, "", "shipping", "")} {
		if res, back := w.post(w.ada, page+"/refund", typed); res.StatusCode != 422 ||
			back.Find("#refund .fault").Length() == 0 {
			t.Errorf("%s: %d", name, res.StatusCode)
		}
	}
	if o := w.read(own); o.Refunded != 0 {
		t.Fatal(o.Refunded)
	}
	for range 2 {
		if res, _ := w.post(w.ada, page+"/refund", form); res.StatusCode != 303 {
			t.Error(res.StatusCode)
		}
	}
	o := w.read(own)
	if o.Refunded != plan.Amount || len(o.Refunds) != 1 || o.Lines[0].Refunded != 1 || w.count("Refund of") != 1 {
		t.Error(o.Refunded, len(o.Refunds), w.count("Refund of"))
	}
	_, seen := w.get(w.ada, page)
	if words := seen.Find("#order-timeline li").First().Text(); !strings.Contains(words, "Chipped <b>") {
		t.Error(words)
	}
	if !strings.Contains(seen.Find("#payment").Text(), amount) {
		t.Error(seen.Find("#payment").Text())
	}
}

func TestCancelAndNotes(t *testing.T) {
	t.Parallel()
	w := begin(t)
	own, _, page := w.sell()
	_, seen := w.get(w.ada, page)
	note := with(filled(seen, "#note"), "text", "Call <b>before</b>\nnoon")
	if res, back := w.post(w.ada, page+"/notes", with(note, "text", " ")); res.StatusCode != 422 ||
		back.Find("#note .fault").Length() != 1 {
		t.Error(res.StatusCode)
	}
	for range 2 {
		if res, _ := w.post(w.ada, page+"/notes", note); res.StatusCode != 303 {
			t.Error(res.StatusCode)
		}
		if res, _ := w.post(w.ada, page+"/emails", nil); res.StatusCode != 303 {
			t.Error(res.StatusCode)
		}
	}
	o := w.read(own)
	kinds := []orbit.OrderEntryKind{}
	for _, e := range o.Entries {
		kinds = append(kinds, e.Kind)
	}
	if !slices.Equal(kinds, []orbit.OrderEntryKind{orbit.EntryPlaced, orbit.EntryNote, orbit.EntryEmail}) {
		t.Error(kinds)
	}
	_, seen = w.get(w.ada, page)
	if words := seen.Find("#order-timeline .order-note").Text(); words != "Call <b>before</b>\nnoon" {
		t.Errorf("%q", words)
	}
	_, asked := w.get(w.ada, page+"/cancellation/new")
	form := with(filled(asked, "#cancellation"), "reason", "Asked to")
	if form.Get("restock") == "" || form.Get("notify") == "" {
		t.Error(form)
	}
	for range 2 {
		if res, _ := w.post(w.ada, page+"/cancellation", form); res.StatusCode != 303 {
			t.Error(res.StatusCode)
		}
	}
	if o := w.read(own); o.Status != orbit.OrderCanceled || o.PaymentStatus != orbit.FinancialVoided ||
		o.CancelReason != "Asked to" || w.count("canceled") != 1 {
		t.Error(o.Status, o.PaymentStatus, w.count("canceled"))
	}
	_, seen = w.get(w.ada, page)
	for _, words := range []string{"Mark as paid", "Fulfill items", "Cancel order"} {
		if strings.Contains(seen.Find(".page-actions").Text(), words) {
			t.Errorf("a canceled order has %q", words)
		}
	}
	if res, _ := w.post(w.ada, page+"/fulfillment", nil); res.StatusCode != 409 {
		t.Error(res.StatusCode)
	}
}

// Orders that are ticked are fulfilled each for itself; one that can't be is named, with the reason.
func TestBulkFulfillment(t *testing.T) {
	t.Parallel()
	w := begin(t)
	first, foreign, page := w.sell()
	second, third := w.buy(w.moss), w.buy(w.moss)
	list := w.home(w.moss) + "/orders"
	_, seen := w.get(w.ada, list+"?status=open")
	if n := seen.Find(`#picked input[name="order"]`).Length(); n != 3 {
		t.Fatal(n)
	}
	pick := url.Values{"back": {list + "?status=open"}, "notify": {"on"},
		"order": {first.ID.String(), second.ID.String(), first.ID.String()}}
	_, asked := w.get(w.ada, list+"/fulfillment/new?"+pick.Encode())
	if q := asked.Find("#fulfill-orders"); q.Find(`[name="order"]`).Length() != 2 ||
		q.Find(`[name="notify"]`).Length() != 1 {
		t.Error(q.Text())
	}
	if res, _ := w.post(w.ada, list+"/fulfillment", pick); res.StatusCode != 303 ||
		res.Header.Get("Location") != list+"?status=open" || w.count("on its way") != 2 {
		t.Error(res.StatusCode, res.Header.Get("Location"), w.count("on its way"))
	}
	pick["order"] = []string{first.ID.String(), third.ID.String(), foreign.ID.String()}
	pick.Set("back", "https://evil.example/x?q=a")
	res, said := w.post(w.ada, list+"/fulfillment", pick)
	if rows := said.Find("#not-fulfilled tbody tr"); res.StatusCode != 200 || rows.Length() != 2 ||
		!strings.Contains(said.Find("#fulfilled").Text(), "1 of 3 orders were fulfilled") ||
		!strings.Contains(rows.Text(), first.Name()) || !strings.Contains(rows.Text(), "Nothing is left to fulfill") ||
		said.Find(`a[href*="evil"]`).Length() != 0 {
		t.Error(res.StatusCode, said.Find("main").Text())
	}
	if w.read(third).FulfillmentStatus != orbit.Fulfilled || w.read(foreign).FulfillmentStatus != orbit.Unfulfilled {
		t.Error("the wrong orders are fulfilled")
	}
	for name, orders := range map[string][]string{"none": nil, "no id": {"x"}, "many": make([]string, 0)} {
		if name == "many" {
			for range 51 {
				orders = append(orders, orbit.NewID[orbit.Order]().String())
			}
		}
		if res, _ := w.post(w.ada, list+"/fulfillment", url.Values{"order": orders}); res.StatusCode < 400 ||
			res.StatusCode >= 500 {
			t.Error(name, res.StatusCode)
		}
	}
	if res, _ := w.get(w.ada, page); res.StatusCode != 200 {
		t.Error(res.StatusCode)
	}
}

// The file holds what the view finds, of this shop alone, and no cell that a spreadsheet would run.
func TestOrdersExport(t *testing.T) {
	t.Parallel()
	w := begin(t)
	own, foreign, _ := w.sell()
	w.exec(`UPDATE orders SET address = jsonb_set(address, '{name}', '"=HYPERLINK(\"https://evil.example\")"')`)
	file := func(query string) [][]string {
		res, page := w.get(w.ada, w.home(w.moss)+"/orders/export.csv"+query)
		if res.StatusCode != 200 || res.Header.Get("Content-Type") != "text/csv; charset=utf-8" ||
			!strings.Contains(res.Header.Get("Content-Disposition"), `filename="orders.csv"`) {
			t.Fatal(res.StatusCode, res.Header)
		}
		records, err := csv.NewReader(strings.NewReader(page.Text())).ReadAll()
		if err != nil || !slices.Equal(records[0], orbit.OrderColumns()) {
			t.Fatal(err, records)
		}
		return records[1:]
	}
	records := file("")
	cell := func(column string) string { return records[0][slices.Index(orbit.OrderColumns(), column)] }
	if len(records) != 1 || cell("Id") != own.ID.String() || cell("Id") == foreign.ID.String() ||
		cell("Shipping Name") != `'=HYPERLINK("https://evil.example")` || cell("Lineitem quantity") != "2" ||
		cell("Financial Status") != "pending" {
		t.Error(records)
	}
	for query, want := range map[string]int{"?payment=paid": 0, "?payment=pending&status=open": 1, "?q=june": 1,
		"?q=zzz":         0,
		"?to=2001-01-01": 0} {
		if got := file(query); len(got) != want {
			t.Errorf("%s: %d", query, len(got))
		}
	}
}

// A day is one of the shop's time zone.
func TestOrderDays(t *testing.T) {
	t.Parallel()
	w := begin(t)
	own, _, _ := w.sell()
	w.exec(`UPDATE orders SET created_at = '2026-03-01 23:30:00+00'`) // March 2 in Berlin
	for zone, day := range map[string]string{"Europe/Berlin": "2026-03-02", "America/New_York": "2026-03-01"} {
		w.exec(`UPDATE settings SET timezone = '` + zone + `'`)
		for query, want := range map[string]int{"?from=" + day + "&to=" + day: 1, "?to=2026-02-28": 0,
			"?from=2026-03-03": 0} {
			_, page := w.get(w.ada, w.home(w.moss)+"/orders"+query)
			if got := page.Find("#order-" + own.ID.String()).Length(); got != want {
				t.Errorf("%s in %s: %d", query, zone, got)
			}
		}
	}
}

func TestTestOrder(t *testing.T) {
	t.Parallel()
	w := begin(t)
	_, _, page := w.sell()
	if _, seen := w.get(w.ada, page); seen.Find("#test-order").Length() != 0 {
		t.Error("an order for money is called a test")
	}
	w.exec(`UPDATE orders SET test = true`)
	if _, seen := w.get(w.ada, page); !strings.Contains(seen.Find("#test-order").Text(), "Test order: no money moved") {
		t.Error(seen.Find("main").Text())
	}
	if _, list := w.get(w.ada,
		w.home(w.moss)+"/orders"); !strings.Contains(list.Find("#orders tbody .badge").Text(), "Test") {
		t.Error(list.Find("#orders").Text())
	}
}
