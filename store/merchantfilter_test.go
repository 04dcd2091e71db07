package store_test

import (
	"strconv"
	"testing"

	"orbit360.app/orbit"
	"orbit360.app/store/storetest"
)

// The list of merchants narrows to a plan, a theme, a category and when the last order was, all at once; the trigger of
// a shop's days keeps the last one.
func TestMerchantsNarrowed(t *testing.T) {
	t.Parallel()
	db := storetest.New(t)
	ctx := t.Context()
	ids := map[string]orbit.MerchantID{}
	for _, name := range []string{"none", "today", "month", "older"} {
		id := orbit.NewID[orbit.Merchant]()
		ids[name] = id
		category := "books"
		if name == "month" {
			category = "toys"
		}
		if _, err := db.CreateMerchant(ctx, id, orbit.Application{Name: name, OwnerName: "A", Email: name + "@example.com",
			Category: orbit.Category(category)}, nil, orbit.System); err != nil {
			t.Fatal(err)
		}
	}
	tx, err := db.Pool().Begin(ctx)
	if err != nil {
		t.Fatal(err)
	}
	defer tx.Rollback(ctx) //nolint:errcheck // after the commit it does nothing
	for name, ages := range map[string][]int{"today": {200, 0, 50}, "month": {20}, "older": {120, 91}} {
		if _, err := tx.Exec(ctx, `SELECT set_config('orbit.merchant_id', $1, true)`, ids[name].String()); err != nil {
			t.Fatal(err)
		}
		for _, age := range ages {
			if _, err := tx.Exec(ctx, `INSERT INTO sales_days (merchant_id, day, currency, orders, units, total)
				VALUES ($1, current_date - $2::integer, 'USD', 1, 1, 1)`, ids[name].String(),
				strconv.Itoa(age)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := tx.Commit(ctx); err != nil {
		t.Fatal(err)
	}
	plan, err := db.Plan(ctx, "starter")
	if err != nil {
		t.Fatal(err)
	}
	theme, err := db.Theme(ctx, "upfront-classic")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := db.Pool().Exec(ctx, `UPDATE merchants SET plan_id = $1, theme_id = $2 WHERE name IN ('today', 'older')`,
		plan.ID.String(), theme.ID.String()); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		what   string
		filter orbit.MerchantFilter
		want   string
	}{
		{"none", orbit.MerchantFilter{LastOrder: orbit.LastOrderNone}, "none"},
		{"within 7 days", orbit.MerchantFilter{LastOrder: orbit.LastOrder7}, "today"},
		{"within 30 days", orbit.MerchantFilter{LastOrder: orbit.LastOrder30}, "month today"},
		{"older", orbit.MerchantFilter{LastOrder: orbit.LastOrderOlder}, "older"},
		{"a category", orbit.MerchantFilter{Category: "toys"}, "month"},
		{"a plan", orbit.MerchantFilter{Plan: plan.ID}, "older today"},
		{"a theme and a time", orbit.MerchantFilter{Theme: theme.ID, LastOrder: orbit.LastOrder90}, "today"},
		{"a plan and a search", orbit.MerchantFilter{Plan: plan.ID, Query: "older"}, "older"},
		{"a search that the plan leaves out", orbit.MerchantFilter{Plan: plan.ID, Query: "month"}, ""},
		{"with a status", orbit.MerchantFilter{Plan: plan.ID, Status: orbit.MerchantActive}, ""},
	} {
		c.filter.Sort, c.filter.Limit = "name", 10
		rows, total, err := db.Merchants(ctx, c.filter)
		if err != nil {
			t.Fatal(c.what, err)
		}
		got := ""
		for i, r := range rows {
			if i > 0 {
				got += " "
			}
			got += r.Name
		}
		if got != c.want || total != len(rows) {
			t.Errorf("%s: %q, %d in all; want %q", c.what, got, total, c.want)
		}
	}
}
