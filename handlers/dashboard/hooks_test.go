package dashboard_test

import (
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

// TestShopWebhooks: a shop's own webhooks get its own events and no other's, in the transaction of what they report;
// another shop's pages and the platform's don't know them; there are ten at most, also at once.
func TestShopWebhooks(t *testing.T) {
	t.Parallel()
	w := begin(t)
	moss, nord := w.home(w.moss), w.home(w.nord)
	w.ready(w.ada, w.moss)
	w.post(w.ada, moss+"/live", nil)
	create := func(cookie, home, id string, events ...string) int {
		res, doc := w.post(cookie, home+"/settings/webhooks", url.Values{"id": {id}, "url": {"https://example.com/hook"},
			"events": events})
		if res.StatusCode == 201 && !regexp.MustCompile(`whsec_\S{43}`).MatchString(doc.Text()) {
			t.Errorf("no secret:\n%s", doc.Text())
		}
		return res.StatusCode
	}
	id := orbit.NewID[orbit.Webhook]()
	if got := create(w.ada, moss, id.String(), "merchant.activated"); got != 422 {
		t.Errorf("an event of the platform's: %d", got)
	}
	if got := create(w.ada, moss, id.String(), "order.created", "order.paid"); got != 201 {
		t.Fatal(got)
	}
	if got := create(w.bob, nord, orbit.NewID[orbit.Webhook]().String(), "order.created"); got != 201 {
		t.Fatal(got)
	}
	if res, doc := w.get(w.bob, nord+"/settings/webhooks"); res.StatusCode != 200 ||
		doc.Find("#webhooks tbody tr").Length() != 1 {
		t.Error(res.StatusCode, doc.Find("#webhooks tbody tr").Length())
	}
	for _, path := range []string{"", "/edit", "/rotation/new", "/deletion/new"} {
		if res, _ := w.get(w.bob, nord+"/settings/webhooks/"+id.String()+path); res.StatusCode != 404 {
			t.Errorf("another shop's%s: %d", path, res.StatusCode)
		}
	}
	for _, path := range []string{"", "/rotation", "/activation", "/deactivation", "/ping", "/deletion"} {
		if res, _ := w.post(w.bob, nord+"/settings/webhooks/"+id.String()+path, url.Values{"url": {"https://example.com/x"},
			"events": {"order.created"}}); res.StatusCode != 404 {
			t.Errorf("another shop's%s: %d", path, res.StatusCode)
		}
	}
	if all, err := shop.HooksOf(w.db, orbit.MerchantID{}, orbit.System).List(t.Context()); err != nil || len(all) != 0 {
		t.Error("the platform has a shop's:", len(all), err)
	}

	o := w.buy(w.moss)
	w.post(w.ada, moss+"/orders/"+o.ID.String()+"/payment", nil)
	w.post(w.ada, moss+"/orders/"+o.ID.String()+"/fulfillment", nil) // which it doesn't want
	hooks := shop.HooksOf(w.db, w.moss, orbit.System)
	rows, total, err := hooks.Deliveries(t.Context(), id, "", 10, 0)
	if err != nil || total != 2 || rows[1].Kind != orbit.OrderWasCreated || rows[0].Kind != orbit.OrderWasPaid {
		t.Fatalf("%+v %v", rows, err)
	}
	one, err := hooks.Delivery(t.Context(), id, rows[1].ID)
	if err != nil || !strings.Contains(one.Body, o.ID.String()) ||
		!strings.Contains(one.Body, `"type" : "order.created"`) {
		t.Error(one.Body, err)
	}
	var jobs int
	if err := w.db.Pool().QueryRow(t.Context(), `SELECT count(*) FROM river_job WHERE kind = 'webhook'
		AND args ->> 'merchantId' = $1`, w.moss.String()).Scan(&jobs); err != nil || jobs != 2 {
		t.Error("jobs:", jobs, err)
	}
	if res, doc := w.get(w.ada, moss+"/settings/webhooks/"+id.String()); res.StatusCode != 200 ||
		doc.Find("#log tbody tr").Length() != 2 {
		t.Error(res.StatusCode, doc.Find("#log tbody tr").Length())
	}
	codes := make(chan string, 20)
	for range 20 {
		go func() {
			codes <- strconv.Itoa(create(w.ada, moss, orbit.NewID[orbit.Webhook]().String(), "order.created"))
		}()
	}
	got := map[string]int{}
	for range 20 {
		got[<-codes]++
	}
	if got["201"] != 9 || got["409"] != 11 {
		t.Errorf("twenty more at once: %v", got)
	}
}
