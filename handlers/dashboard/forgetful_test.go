package dashboard_test

import (
	"net/url"
	"slices"
	"testing"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/dashboard"
	"orbit360.app/orbit"
	"orbit360.app/store/pg"
	"orbit360.app/store/shop"
)

// TestForgetfulPages: a page that forgets to say which shop it asks about, or names another, gets its own shop's rows
// alone, and none without a shop's scope; what it writes into another shop is refused.
func TestForgetfulPages(t *testing.T) {
	t.Parallel()
	w := begin(t)
	for cookie, m := range map[string]orbit.MerchantID{w.ada: w.moss, w.bob: w.nord} {
		w.ready(cookie, m)
		w.post(cookie, w.home(m)+"/live", nil)
		w.post(cookie, w.home(m)+"/settings/webhooks", url.Values{"id": {orbit.NewID[orbit.Webhook]().String()},
			"url": {"https://example.com/" + m.String()}, "events": {"order.created"}})
		w.buy(m)
	}
	tables := []string{"products", "variants", "orders", "settings", "releases", "webhooks", "shop_events", "customers"}
	asked := 0
	dashboard.AddPage(w.app, w.kit, "/forgetful", func(c *fiber.Ctx, page *shop.Tenant) error {
		ctx := c.UserContext()
		for _, table := range tables {
			owners, err := pg.All[orbit.MerchantID](ctx, page, `SELECT DISTINCT merchant_id FROM `+table)
			if err != nil || !slices.Equal(owners, []orbit.MerchantID{w.moss}) {
				t.Errorf("%s: Moss sees rows of %v, %v", table, owners, err)
			}
			named, err := pg.One[int](ctx, page, `SELECT count(*) FROM `+table+` WHERE merchant_id = $1`, w.nord)
			if err != nil || named != 0 {
				t.Errorf("%s: Moss sees %d rows of Nord, %v", table, named, err)
			}
			outside, err := pg.One[int](ctx, w.db, `SELECT count(*) FROM `+table)
			if err != nil || outside != 0 {
				t.Errorf("%s: without a scope there are %d rows, %v", table, outside, err)
			}
			asked++
		}
		n, err := pg.Exec(ctx, page, `UPDATE products SET title = 'Ours' WHERE merchant_id = $1`, w.nord)
		if err != nil || n != 0 {
			t.Error("changes another's products:", n, err)
		}
		_, err = pg.Exec(ctx, page, `INSERT INTO webhooks (id, merchant_id, url, events, secret)
			VALUES (gen_random_uuid(), $1, 'https://example.com', '[]', '')`, w.nord)
		if err == nil {
			t.Error("gives another shop a webhook")
		}
		return err
	})
	if res, _ := w.get(w.bob, w.home(w.moss)+"/forgetful"); res.StatusCode != 404 || asked != 0 {
		t.Error("another shop's owner:", res.StatusCode)
	}
	if res, _ := w.get(w.ada, w.home(w.moss)+"/forgetful"); res.StatusCode != 404 || asked != len(tables) {
		t.Error("the refused write:", res.StatusCode, asked)
	}
}
