package api_test

import (
	"encoding/csv"
	"slices"
	"strings"
	"testing"

	"orbit360.app/orbit"
)

// The export has all orders that a filter finds, a line for each of theirs, and no cell that a spreadsheet would run.
func TestOrderExport(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	s.market(s.moss)
	s.market(s.fern)
	_, key := s.key(s.moss, ownerEmail, orbit.ScopeOrdersWrite)
	orders := []orbit.Order{s.sell(s.moss, "a@example.com"), s.sell(s.moss, "b@example.com")}
	foreign := s.sell(s.fern, "june@example.com")
	s.exec(`UPDATE orders SET address = address || '{"name": "=HYPERLINK(1)"}' WHERE id = $1`, orders[0].ID.String())
	s.do("POST", orderPath(orders[1], "/payments"), map[string]any{}, bearer(key)).want(t, 201)
	// Enough for several pages.
	for range 3 {
		s.exec(`INSERT INTO orders (merchant_id, id, number, token, cart_id, customer_id, email, address, currency, subtotal,
				total, created_at)
			SELECT merchant_id, gen_random_uuid(), (SELECT max(number) FROM orders) + i, gen_random_uuid(), gen_random_uuid(),
				customer_id, 'many@example.com', '{"name": "Many"}', 'USD', 0, 0, now() - interval '1 year'
			FROM orders, generate_series(1, 150) i WHERE id = $1`, orders[0].ID.String())
	}
	read := func(query string) (column func(name string) []string, a answer) {
		t.Helper()
		a = s.do("GET", shopBase+"/exports/orders.csv"+query, nil, bearer(key)).want(t, 200)
		records, err := csv.NewReader(strings.NewReader(string(a.raw))).ReadAll()
		if err != nil || len(records) == 0 {
			t.Fatal(err, string(a.raw))
		}
		return func(name string) (cells []string) {
			i := slices.Index(records[0], name)
			for _, record := range records[1:] {
				cells = append(cells, record[i])
			}
			return cells
		}, a
	}
	all, a := read("")
	if a.Header.Get("Content-Type") != "text/csv; charset=utf-8" || a.ContentLength >= 0 ||
		!strings.Contains(a.Header.Get("Content-Disposition"), `filename="orders.csv"`) {
		t.Errorf("%v, %d bytes", a.Header, a.ContentLength)
	}
	if ids := all("Id"); len(ids) != 454 || strings.Contains(string(a.raw), foreign.ID.String()) ||
		!slices.Equal(ids[:4], []string{orders[1].ID.String(), "", orders[0].ID.String(), ""}) {
		t.Errorf("%d lines, first %v", len(ids), ids[:4])
	}
	if !slices.Contains(all("Shipping Name"), "'=HYPERLINK(1)") {
		t.Errorf("%v", all("Shipping Name")[:4])
	}
	for query, want := range map[string]int{"?payment=pending": 2, "?q=many": 450, "?q=nobody": 0,
		"?status=" + string(orbit.OrderCanceled):   0,
		"?customer=" + foreign.CustomerID.String(): 0, "?q=b@example.com": 2} {
		if column, _ := read(query); len(column("Name")) != want {
			t.Errorf("%s: %d lines, want %d", query, len(column("Name")), want)
		}
	}
	total := orbit.Money{Amount: orders[1].Total, Currency: "USD"}.Decimal()
	if column, _ := read("?q=b@example.com"); column("Total")[0] != total {
		t.Errorf("a total of %v, not %s", column("Total"), total)
	}
	s.do("GET", shopBase+"/exports/orders.csv?from=x", nil, bearer(key)).want(t, 422)
	if a := s.do("HEAD", shopBase+"/exports/orders.csv", nil, bearer(key)).want(t, 200); len(a.raw) != 0 {
		t.Errorf("HEAD has %s", a.raw)
	}
	// Where the database is in the way before anything was sent, it is a problem.
	s.exec(`ALTER TABLE order_lines RENAME TO hidden`)
	s.do("GET", shopBase+"/exports/orders.csv", nil, bearer(key)).want(t, 500)
	s.exec(`ALTER TABLE hidden RENAME TO order_lines`)
}
