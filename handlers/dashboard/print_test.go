package dashboard_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"orbit360.app/browsertest"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
	views "orbit360.app/views/dashboard"
)

// open has both shops sell, with a tax of 19 %.
func (w *world) openBoth() {
	w.Helper()
	w.ready(w.ada, w.moss)
	w.ready(w.bob, w.nord)
	w.exec(`UPDATE settings SET tax_name = 'VAT', tax_rate = 1900`)
	for cookie, m := range map[string]orbit.MerchantID{w.ada: w.moss, w.bob: w.nord} {
		if res, _ := w.post(cookie, w.home(m)+"/live", nil); res.StatusCode != 303 {
			w.Fatal(res.StatusCode)
		}
	}
}

// refundSome gives an amount of a paid order back, and sends one unit of it.
func (w *world) refundSome(o orbit.Order, amount int64) orbit.Order {
	w.Helper()
	ctx := w.Context()
	member := shop.MemberOf(w.db, orbit.Actor{ID: w.person("ada@example.com"), Name: "ada@example.com"}, o.MerchantID,
		orbit.PermissionOrders)
	err := member.Change(ctx, func(e *shop.Edit) error { return e.MarkOrderPaid(ctx, o.ID, nil, nil) })
	if err == nil {
		err = member.Change(ctx, func(e *shop.Edit) error {
			_, err := e.RefundOrder(ctx, o.ID, shop.RefundForm{RefundWish: orbit.RefundWish{Amount: &amount},
				Reason: "The glaze was chipped."}, nil)
			return err
		})
	}
	if err == nil {
		err = member.Change(ctx, func(e *shop.Edit) error {
			_, err := e.FulfillOrder(ctx, o.ID, orbit.FulfillmentForm{Lines: []orbit.FulfillmentLine{{ID: o.Lines[0].ID,
				Quantity: 1}}}, nil)
			return err
		})
	}
	if err == nil {
		err = shop.For(w.db, o.MerchantID).Do(ctx, func(t *shop.Tenant) (err error) {
			o, err = t.Order(ctx, o.ID)
			return err
		})
	}
	if err != nil {
		w.Fatal(err)
	}
	return o
}

func prints(home string, kind string, ids ...orbit.OrderID) string {
	query := url.Values{"kind": {kind}}
	for _, id := range ids {
		query.Add("order", id.String())
	}
	return home + "/orders/print?" + query.Encode()
}

func cells(s *goquery.Selection) (texts []string) {
	s.Each(func(_ int, c *goquery.Selection) { texts = append(texts, strings.Join(strings.Fields(c.Text()), " ")) })
	return texts
}

// An invoice has what books need of an order, and only its own shop prints it.
func TestInvoice(t *testing.T) {
	t.Parallel()
	w := begin(t)
	w.openBoth()
	home := w.home(w.moss)
	own, foreign := w.refundSome(w.buy(w.moss), 1000), w.buy(w.nord)
	w.exec(`UPDATE orders SET test = true WHERE id = $1`, foreign.ID.String())
	res, doc := w.get(w.ada, prints(home, "invoice", own.ID))
	sheet := doc.Find("article.sheet")
	if res.StatusCode != 200 || sheet.Length() != 1 || doc.Find("h1").Text() != "Invoice #1001" {
		t.Fatal(res.StatusCode, doc.Text())
	}
	in, number := own.Invoice(), func(minor int64) string {
		return orbit.Money{Amount: minor, Currency: own.Currency}.Number()
	}
	amounts := func(a orbit.InvoiceAmounts) []string { return []string{number(a.Net), number(a.Tax), number(a.Gross)} }
	if got := cells(sheet.Find(".rates tfoot td")); !slices.Equal(got, amounts(in.InvoiceAmounts)) ||
		got[2] != number(own.Total) {
		t.Errorf("in all %v of %d", got, own.Total)
	}
	if got := cells(sheet.Find(".rates tbody th")); !slices.Equal(got, []string{"VAT 19%"}) {
		t.Errorf("rates %v", got)
	}
	lines := sheet.Find(".lines tbody tr")
	if got := cells(lines.First().Find("td")); lines.Length() != 2 || !slices.Equal(got, []string{"2",
		number(own.Lines[0].Price), "0.00", number(in.Lines[0].Net), "VAT 19%", number(in.Lines[0].Tax),
		number(in.Lines[0].Gross)}) {
		t.Errorf("line %v", got)
	}
	money := func(minor int64) string { return orbit.Money{Amount: minor, Currency: own.Currency}.String() }
	if got, want := cells(sheet.Find(".sums dd")), []string{number(in.Net), number(in.Tax), money(own.Total),
		money(own.Paid), money(1000), money(0)}; !slices.Equal(got, want) || own.Paid != own.Total {
		t.Errorf("sums %v, want %v", got, want)
	}
	credit := sheet.Find(".credits tbody tr")
	if got := cells(credit.Find("th, td")); len(got) != 6 || got[0] != "#1001-R1" || got[2] != "The glaze was chipped." ||
		!slices.Equal(got[3:], amounts(in.Credits[0].Credited())) || got[5] != "−10.00" || in.Credits[0].Tax == 0 {
		t.Errorf("credit note %v", got)
	}
	text := strings.Join(strings.Fields(sheet.Text()), " ")
	for _, words := range []string{"Moss", "1 High St", "LS1 1AA", "June <b>Juniper</b>", "12 Quay Street",
		"june@example.com", "Invoice date", "Amounts are in " + own.Currency,
		map[bool]string{true: "prices and discounts include tax", false: "prices and discounts don't include tax"}[own.
			TaxIncluded]} {
		if !strings.Contains(text, words) {
			t.Errorf("no %q in %s", words, text)
		}
	}
	if sheet.Find(".mark").Length() != 0 {
		t.Errorf("marked %s", sheet.Find(".mark").Text())
	}
	if _, doc := w.get(w.bob, prints(w.home(w.nord), "invoice", foreign.ID)); doc.Find(".mark").Text() !=
		"Test order: not an invoice" || doc.Find(".credits").Length() != 0 {
		t.Errorf("a test order is marked %q", doc.Find(".mark").Text())
	}
	for _, kind := range []string{"invoice", "packing-slip"} {
		for name, path := range map[string]string{"another's": prints(home, kind, foreign.ID),
			"one of another's": prints(home, kind, own.ID, foreign.ID), "no one's": prints(home, kind,
				orbit.NewID[orbit.Order]()), "no id": home + "/orders/print?kind=" + kind + "&order=1001",
			"another's shop": prints(w.home(w.nord), kind, foreign.ID)} {
			if res, doc := w.get(w.ada, path); res.StatusCode != 404 || doc.Find(".sheet").Length() != 0 {
				t.Errorf("%s of %s: %d", kind, name, res.StatusCode)
			}
		}
	}
}

// A packing slip has what is left to send, where to, and no price.
func TestPackingSlip(t *testing.T) {
	t.Parallel()
	w := begin(t)
	w.openBoth()
	home := w.home(w.moss)
	own, other := w.refundSome(w.buy(w.moss), 500), w.buy(w.moss)
	w.exec(`UPDATE orders SET note = $2 WHERE id = $1`, own.ID.String(), "Please ring\ntwice & wait")
	_, doc := w.get(w.ada, prints(home, "packing-slip", own.ID))
	sheet := doc.Find("article.sheet")
	row := cells(sheet.Find(".slip tbody tr").First().Find("th, td"))
	if len(row) != 3 || !strings.HasPrefix(row[0], own.Lines[0].Title) ||
		!strings.Contains(row[0], own.Lines[0].Variant) || row[1] != own.Lines[0].SKU || row[2] != "1 of 2" {
		t.Errorf("%v of %+v", row, own.Lines[0])
	}
	text := sheet.Text()
	for _, words := range []string{"12 Quay Street", "BS1 4QA", "Please ring\ntwice & wait", "1 item to ship",
		"Standard"} {
		if !strings.Contains(text, words) {
			t.Errorf("no %q in %s", words, text)
		}
	}
	for _, amount := range []int64{own.Lines[0].Price, own.Total, own.Shipping} {
		if n := (orbit.Money{Amount: amount, Currency: own.Currency}).Number(); strings.Contains(text, n) {
			t.Errorf("%s is in %s", n, text)
		}
	}
	// Several are a sheet each, in the order of the address, each once.
	_, doc = w.get(w.ada, prints(home, "packing-slip", other.ID, own.ID, other.ID))
	if got := cells(doc.Find(".sheet h2")); !slices.Equal(got, []string{"Packing slip #1002", "Packing slip #1001"}) ||
		doc.Find("h1").Text() != "2 packing slips" {
		t.Errorf("%v of %s", got, doc.Find("h1").Text())
	}
	w.exec(`UPDATE orders SET test = true WHERE id = $1`, other.ID.String())
	w.exec(`UPDATE order_lines SET fulfilled = quantity WHERE order_id = $1`, other.ID.String())
	_, doc = w.get(w.ada, prints(home, "packing-slip", other.ID))
	if text := doc.Find(".sheet").Text(); !strings.Contains(text, "Nothing of this order is left to ship") ||
		!strings.Contains(text, "Test order: don't send") {
		t.Error(text)
	}
}

func TestPrintsAreBounded(t *testing.T) {
	t.Parallel()
	w := begin(t)
	home := w.home(w.moss)
	many := make([]orbit.OrderID, views.MaxPrints+1)
	for i := range many {
		many[i] = orbit.NewID[orbit.Order]()
	}
	for path, want := range map[string]string{prints(home, "invoice"): "Choose at least one", prints(home, "receipt",
		many[0]): "Print an invoice or a packing slip", home + "/orders/print": "Print an invoice",
		prints(home, "invoice", many...): "at most 50"} {
		if res, doc := w.get(w.ada, path); res.StatusCode != 422 || !strings.Contains(doc.Text(), want) {
			t.Errorf("%.80s: %d, no %q", path, res.StatusCode, want)
		}
	}
	if res, _ := w.get(w.ada, prints(home, "invoice", many[1:]...)); res.StatusCode != 404 {
		t.Errorf("50 that aren't there: %d", res.StatusCode)
	}
}

// On paper there is a page or more for each order, on A4 and on Letter, and nothing but the sheets. The button is there
// with scripts alone.
func TestPrintsOnPaper(t *testing.T) {
	t.Parallel()
	w := begin(t)
	w.openBoth()
	own, other := w.refundSome(w.buy(w.moss), 500), w.buy(w.moss)
	w.exec(`UPDATE order_lines SET title = $2, variant = $3, sku = $4 WHERE order_id = $1`, other.ID.String(),
		"Hand-thrown breakfast bowl in small batches, with a raw foot and a speckled celadon glaze", "קרמיקה / גדול",
		"BOWL-CELADON-SPECKLED-0042-EXTRA-LARGE")
	w.exec(`UPDATE orders SET test = true, note = 'Ring twice' WHERE id = $1`, other.ID.String())
	at := w.serve(w.ada) + prints(w.home(w.moss), "invoice", own.ID, other.ID)
	b := browsertest.New(t)
	b.Open(at)
	browsertest.Eval[bool](b, `!!(window.print = () => { window.printed = true })`)
	b.Click("button[data-print]")
	b.Until(`window.printed`)
	for name, size := range map[string][2]float64{"A4": {8.27, 11.69}, "Letter": {8.5, 11}} {
		if n := b.Paper(name, size[0], size[1]); n != 2 {
			t.Errorf("two invoices take %d pages of %s", n, name)
		}
	}
	b.Printed()
	b.Resize(688) // A4 without its margins
	b.Fits("paper")
	if browsertest.Eval[bool](b, `document.querySelector(".bar").checkVisibility()`) {
		t.Error("the bar is on paper")
	}
	plain := browsertest.New(t, browsertest.Scripts(false))
	plain.Open(at)
	if browsertest.Eval[bool](plain, `document.querySelector("[data-print]").checkVisibility()`) {
		t.Error("a button that does nothing")
	}
	plain.Judge("invoices")
	plain.Open(strings.Replace(at, "invoice", "packing-slip", 1))
	plain.Judge("slips")
}
