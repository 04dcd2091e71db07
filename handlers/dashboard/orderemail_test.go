package dashboard_test

import (
	"testing"

	"orbit360.app/store/shop"
)

// The confirmation of an order is sent again so often in a day, and no oftener; the page says so.
func TestConfirmationsAreBounded(t *testing.T) {
	t.Parallel()
	w := begin(t)
	own, _, page := w.sell()
	w.exec(`INSERT INTO order_entries (merchant_id, id, order_id, kind, detail, created_at)
		SELECT $1, gen_random_uuid(), $2, 'email', '{"email": "confirmation"}', now() - n * interval '1 minute'
		FROM generate_series(1, $3::integer) n`, own.MerchantID.String(), own.ID.String(), shop.MaxConfirmations)
	res, said := w.post(w.ada, page+"/emails", nil)
	if res.StatusCode != 429 || said.Find(`main:contains("sent again 5 times in the last 24 hours")`).Length() != 1 {
		t.Error(res.StatusCode, said.Text())
	}
	if o := w.read(own); len(o.Entries) != 1+shop.MaxConfirmations {
		t.Error(o.Entries)
	}
	w.exec(`UPDATE order_entries SET created_at = created_at - interval '1 day' WHERE kind = 'email'`)
	if res, _ := w.post(w.ada, page+"/emails", nil); res.StatusCode != 303 {
		t.Error(res.StatusCode)
	}
}
