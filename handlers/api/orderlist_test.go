package api_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"orbit360.app/orbit"
)

// The list of orders: filters, pages, and nothing of another shop.
func TestOrderList(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	s.market(s.moss)
	s.market(s.fern)
	_, key := s.key(s.moss, ownerEmail, orbit.ScopeOrdersWrite)
	var orders []orbit.Order
	for _, email := range []string{"a@example.com", "b@example.com", "b@example.com", "c@example.com"} {
		orders = append(orders, s.sell(s.moss, email))
	}
	foreign := s.sell(s.fern, "b@example.com")
	post := func(i int, rest string) {
		s.do("POST", orderPath(orders[i], rest), map[string]any{}, bearer(key)).want(t, 201)
	}
	post(0, "/payments")
	post(1, "/fulfillments")
	post(2, "/cancellation")
	// A day each, at noon.
	for i, o := range orders {
		s.exec(`UPDATE orders SET created_at = '2026-03-01 12:00Z'::timestamptz + $2 * interval '1 day' WHERE id = $1`,
			o.ID.String(), i)
	}
	found := func(query string) string {
		t.Helper()
		var names []string
		at := shopBase + "/orders?" + query
		for pages := 0; at != ""; pages++ {
			a := s.do("GET", at, nil, bearer(key)).want(t, 200)
			items := objects(a.at("items"))
			if pages > 5 || len(items) > 3 {
				t.Fatalf("%s: %s", at, a.raw)
			}
			for _, item := range items {
				names = append(names, strings.TrimPrefix(item["name"].(string), "#100"))
				addsUp(t, item)
			}
			at = ""
			if next, more := a.json["nextCursor"].(string); more {
				at = shopBase + "/orders?" + query + "&cursor=" + next
			}
		}
		return strings.Join(names, " ")
	}
	customer := s.do("GET", orderPath(orders[1], ""), nil, bearer(key)).at("customer", "id").(string)
	canceled := "status=" + string(orbit.OrderCanceled)
	for _, limit := range []string{"1", "3"} {
		for query, want := range map[string]string{
			"": "4 3 2 1", "payment=paid": "1", "payment=pending": "4 2", "payment=voided": "3",
			"fulfillment=fulfilled": "2", "fulfillment=unfulfilled": "4 3 1", canceled: "3", "status=open": "4 2 1",
			"status=closed": "", "q=1002": "2", "q=%231002": "2", "q=hopper": "4 3 2 1", "q=b@example.com": "3 2",
			"q=nobody": "", "q=b@example.com&" + canceled: "3", "customer=" + customer: "3 2",
			"customer=" + foreign.CustomerID.String(): "", "customer=" + orbit.NewID[orbit.Customer]().String(): "",
			"from=2026-03-02": "4 3 2", "to=2026-03-02": "2 1", "from=2026-03-02&to=2026-03-03": "3 2",
			"from=2026-03-02T12:00:00Z": "4 3 2", "to=2026-03-02T12:00:00Z": "1",
			"from=" + url.QueryEscape("2026-03-02T14:00:01+02:00"): "4 3", "from=2026-04-01": "",
		} {
			if got := found("limit=" + limit + "&" + query); got != want {
				t.Errorf("%s: %q, want %q", query, got, want)
			}
		}
	}
	cursor := s.do("GET", shopBase+"/orders?limit=1", nil, bearer(key)).at("nextCursor").(string)
	for query, at := range map[string]string{"payment=eaten": "query.payment", "fulfillment=x": "query.fulfillment",
		"status=fulfilled": "query.status", "from=yesterday": "query.from", "to=2026-02-30": "query.to",
		"customer=nope": "query.customer", "q=a%0Ab": "query.q", "limit=0": "query.limit", "cursor=forged": "query.cursor",
		"status=open&cursor=" + cursor: "query.cursor"} {
		if a := s.do("GET", shopBase+"/orders?"+query, nil, bearer(key)).want(t, 422); a.locations()[0] != at {
			t.Errorf("%s: %s", query, a.raw)
		}
	}
	// A cursor means nothing in another shop.
	theirs := s.do("GET", shopBase+"/orders?limit=1&cursor="+cursor, nil, bearer(s.signInTo(rivalEmail, s.fern)))
	for _, o := range orders {
		if strings.Contains(string(theirs.raw), o.ID.String()) {
			t.Errorf("another shop's orders: %s", theirs.raw)
		}
	}
}

// Many orders of one moment come once each, however short the pages are.
func TestOrderPagesOfOneMoment(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	s.market(s.moss)
	for range 5 {
		s.sell(s.moss, "a@example.com")
	}
	s.exec(`UPDATE orders SET created_at = $1`, time.Now().UTC())
	_, key := s.key(s.moss, ownerEmail, orbit.ScopeOrdersRead)
	for _, query := range []string{"", "&q=hopper"} {
		seen := map[any]bool{}
		for at := shopBase + "/orders?limit=2" + query; at != ""; {
			a := s.do("GET", at, nil, bearer(key)).want(t, 200)
			for _, item := range objects(a.at("items")) {
				if seen[item["id"]] {
					t.Fatalf("%v comes twice", item["name"])
				}
				seen[item["id"]] = true
			}
			at = ""
			if next, more := a.json["nextCursor"].(string); more {
				at = shopBase + "/orders?limit=2" + query + "&cursor=" + next
			}
		}
		if len(seen) != 5 {
			t.Errorf("%q: %d orders", query, len(seen))
		}
	}
}
