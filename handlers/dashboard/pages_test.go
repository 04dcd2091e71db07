package dashboard_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"orbit360.app/browsertest"
	"orbit360.app/handlers/dashboard"
	"orbit360.app/orbit"
)

// aside returns the routes that aren't looked at, and why.
func aside() map[string]string {
	return map[string]string{
		"/live":                          "a socket",
		"/orders/export.csv":             "a file",
		"/orders/print":                  "takes what to print: see beside",
		"/customers/export.csv":          "a file",
		"/customers/:customer/data.json": "a file",
		"/products/bulk":                 "takes what to edit: see beside",
		"/products/export.csv":           "a file",
		"/imports/:import/faults.csv":    "a file",
		"/preview":                       "leads to the shop's own host",
		"/settings":                      "leads to the first of them",
		"/products/:product/images":      "a part of the product's page",
		orbit.MediaPrefix + ":file":      "an image",
	}
}

// beside returns pages that are no routes of a shop's, and those that look different with a query.
func beside() map[string]string {
	return map[string]string{
		"account": "/account", "two-step": "/account/two-step", "shops": "/?show=all",
		"home-week": "HOME?period=7", "orders-none": "HOME/orders?q=nothing",
		"orders-filtered": "HOME/orders?payment=pending&from=2001-01-01",
		"orders-picked":   "HOME/orders/fulfillment/new?order=ORDER", "order-busy": "HOME/orders/BUSY",
		"order-preview":   "HOME/orders/BUSY/refund/new?seen=1&amount=5.00&reason=Chipped",
		"products-search": "HOME/products?q=a",
		"products-bulk":   "HOME/products/bulk?all=true&columns=status&columns=price&columns=stock&columns=tags",
		"compare":         "HOME/releases/comparison?a=1&b=2", "plan-preview": "HOME/settings/plan/changes/new?plan=starter",
		"standard-rates": "HOME/settings/taxes/standard-rates/new?country=CA",
		"transfer":       "HOME/settings/staff/ownership/new",
		"invoice":        "HOME/orders/print?kind=invoice&order=ORDER",
		"slip":           "HOME/orders/print?kind=packing-slip&order=ORDER",
	}
}

// TestPages looks at each page of the dashboard, as a shop has it that has been open for a while: from the list of
// routes, so that no page is left out. It fits both widths, and is sound in both schemes.
func TestPages(t *testing.T) {
	t.Parallel()
	w := begin(t)
	ids := w.furnish()
	home := w.home(w.moss)
	pages := map[string]string{}
	for name, at := range beside() {
		pages[name] = strings.NewReplacer("HOME", home, "ORDER", ids[":order"], "BUSY", ids["busy"]).Replace(at)
	}
	for _, one := range dashboard.Routes() {
		if one.Method != "GET" || aside()[one.Path] != "" {
			continue
		}
		if strings.HasPrefix(one.Path, "/images/") {
			one.Path = strings.Replace(one.Path, ":image", ":own", 1)
		}
		segments := strings.Split(one.Path, "/")
		for i, s := range segments {
			if id, ok := ids[s]; ok {
				segments[i] = id
			} else if strings.HasPrefix(s, ":") {
				t.Fatalf("%s: there is none of %s", one.Path, s)
			}
		}
		name := strings.Trim(strings.NewReplacer("/", "-", ":", "").Replace(one.Path), "-")
		if name == "" {
			name = "home"
		}
		pages[name] = home + strings.Join(segments, "/")
	}
	w.look(w.serve(w.ada), pages)

	w.visited("bob@example.com")
	w.look(w.serve(w.bob), map[string]string{"visit": home, "visit-orders": home + "/orders"})
}

// look visits pages by their names.
func (w *world) look(at string, pages map[string]string) {
	w.Helper()
	var b *browsertest.Browser
	n := 0
	for name, path := range pages {
		if n%12 == 0 { // none lives longer than five minutes
			b = browsertest.New(w.T, browsertest.Scripts(false))
		}
		n++
		b.Open(at + path)
		if b.Text() == "" || strings.Contains(b.Text(), "Page not found") {
			w.Errorf("%s at %s is no page: %.200s", name, path, b.Text())
			continue
		}
		b.Judge(name)
	}
}

// worked does to an order what can be done to one.
func (w *world) worked(o orbit.Order) (id string) {
	w.Helper()
	page := w.home(w.moss) + "/orders/" + o.ID.String()
	line := o.Lines[0].ID.String()
	for _, step := range []struct {
		path string
		form url.Values
	}{
		{"/payment", nil},
		{"/fulfillment", url.Values{"quantity." + line: {"1"}, "carrier": {"DHL"},
			"trackingNumber": {"JD014600006281230704"}}},
		{"/refund", url.Values{"quantity." + line: {"1"}, "restock." + line: {"on"}, "reason": {"One arrived chipped"}}},
		{"/emails", nil},
		{"/notes", url.Values{"text": {"The customer would like the glaze to match the first bowl.\nCall before noon."}}},
	} {
		if res, said := w.post(w.ada, page+step.path, step.form); res.StatusCode != 303 {
			w.Fatal(step.path, res.StatusCode, said.Find(".alert, .fault").Text())
		}
	}
	w.exec(`UPDATE orders SET test = true WHERE id = '` + o.ID.String() + `'`)
	w.exec(`UPDATE payments SET kind = 'stripe', reference = 'pi_3Qk' || order_id, failure = 'The card was declined.',
		dispute = 'needs_response', status = 'failed', method = 'Visa •••• 4242' WHERE order_id = '` + o.ID.String() + `'`)
	return o.ID.String()
}

// furnish gives Moss all that a shop has which has been open for a while, and returns what its pages are about.
func (w *world) furnish() map[string]string {
	w.Helper()
	home := w.home(w.moss)
	at := func(path string, form url.Values, want int) string {
		w.Helper()
		res, page := w.post(w.ada, home+path, form)
		if res.StatusCode != want {
			w.Fatal(path, res.StatusCode, page.Find(".alert, .fault").Text())
		}
		parts := strings.Split(res.Header.Get("Location"), "/")
		return parts[len(parts)-1]
	}
	w.ready(w.ada, w.moss)
	at("/live", nil, 303)
	res, _ := w.addProduct(w.ada, w.moss, "title",
		"Hand-thrown breakfast bowl in small batches, with a raw foot and a speckled celadon glaze")
	path := res.Header.Get("Location")
	ids := map[string]string{":product": path[strings.LastIndex(path, "/")+1:]}
	w.upload(w.ada, path+"/images", map[string][]byte{"bowl.png": pixels(w.T, 400, 300)})
	w.upload(w.ada, home+"/images", map[string][]byte{"workshop.png": pixels(w.T, 300, 400)})
	_, page := w.get(w.ada, path)
	for deadline := time.Now().Add(30 * time.Second); page.Find(`.prod-image[data-status=ready]`).Length() != 1; {
		if time.Now().After(deadline) {
			w.Fatal(page.Find("#images").Text())
		}
		time.Sleep(20 * time.Millisecond) // another process's job has no signal for tests
		_, page = w.get(w.ada, path)
	}
	ids[":image"] = strings.TrimPrefix(page.Find(".prod-image").AttrOr("id", ""), "image-")
	_, page = w.get(w.ada, home+"/images")
	ids[":own"] = strings.TrimPrefix(page.Find(".prod-image").AttrOr("id", ""), "image-")
	ids[":order"], ids["busy"] = w.buy(w.moss).ID.String(), w.worked(w.buy(w.moss))
	w.trade(w.moss, 5, 120)
	w.exec(`UPDATE variants SET stock = stock % 7`)
	w.exec(`SET session_replication_role = replica; -- it need not add up
		UPDATE orders SET total = 123456789012, subtotal = 123456789012 WHERE number = 5004`)

	ids[":customer"] = w.customer(w.moss)
	ids[":discount"] = orbit.NewID[orbit.Discount]().String()
	at("/discounts", discountForm("id", ids[":discount"], "endsAt", "2099-12-24T18:00", "oncePerCustomer", "on"), 303)
	zone := zoneForm("rates.1.name", "Pallet", "rates.1.kind", "weight", "rates.1.price", "40",
		"rates.1.minimumWeight", "20")
	zone["region"] = []string{"US-CA"}
	ids[":zone"] = zone.Get("id")
	at("/settings/shipping/zones", zone, 303)
	ids[":taxrate"] = orbit.NewID[orbit.TaxRate]().String()
	at("/settings/taxes/rates", url.Values{"id": {ids[":taxrate"]}, "country": {"CA"}, "region": {"QC"}, "name": {"QST"},
		"rate": {"9.98"}}, 303)
	at("/settings/taxes/standard-rates", url.Values{"country": {"DE"}}, 303)
	key, hook := orbit.NewID[orbit.APIKey]().String(), orbit.NewID[orbit.Webhook]().String()
	at("/settings/api-keys", url.Values{"id": {key}, "name": {"Till in the shop on Quay Street"}, "days": {"30"},
		"scopes": {"orders:read", "orders:write", "products:read"}}, 201)
	at("/settings/webhooks", url.Values{"id": {hook}, "url": {"https://hooks.example.com/orbit360/orders/production"},
		"events": {"order.created", "order.paid"}}, 201)
	at("/settings/webhooks/"+hook+"/ping", nil, 303)
	w.invite("wilhelmina.featherstonehaugh@example.com", "orders", "products")
	w.staff(w.moss, "bob@example.com", orbit.PermissionOrders, orbit.PermissionAnalytics)
	ids[":apikey"], ids[":webhook"], ids[":member"] = key, hook, w.person("bob@example.com").String()
	w.exec(`UPDATE merchant_plans SET started_at = started_at - interval '70 days'`)
	for name, query := range map[string]string{
		":delivery":   `SELECT id::text FROM webhook_deliveries ORDER BY created_at LIMIT 1`,
		":invitation": `SELECT id::text FROM invitations`} {
		var id string
		if err := w.super(w.T).QueryRow(w.Context(), query).Scan(&id); err != nil {
			w.Fatal(name, err)
		}
		ids[name] = id
	}
	file := w.importFile(w.ada, w.moss,
		"Title,Status,Price,"+strings.Repeat("Long column ", 7)+"\nBowl,shown,x,y\nCup,draft,8,y\n", nil)
	ids[":import"] = file[strings.LastIndexByte(file, '/')+1:]
	w.waits(w.ada, file, `#import-now[data-status="checked"]`)
	w.post(w.ada, file+"/run", nil)
	w.waits(w.ada, file, `#import-now[data-status="done"]`)
	w.save(w.ada, home+"/onboarding/website", "config.hero_heading", "Slow things for slow mornings")
	at("/onboarding/website/publication", url.Values{"release": {"1"}}, 303)
	ids[":number"], ids[":month"] = "1", time.Now().UTC().Format("2006-01")
	return ids
}
