package api_test

import (
	"strings"
	"testing"

	"orbit360.app/orbit"
)

// customer adds a customer to a shop, and returns the id.
func (p *platform) customer(of string) string {
	p.t.Helper()
	id := orbit.NewID[orbit.Customer]().String()
	p.exec(`INSERT INTO customers (merchant_id, id, email, name) VALUES ($1, $2, $3, 'Ada Lovelace')`, of, id,
		id+"@example.com")
	return id
}

// TestCustomers: a customer is what the contract says, another shop's isn't there, a stale change is 412, and two are
// merged, read in full and erased.
func TestCustomers(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	own := bearer(s.signInTo(ownerEmail, s.moss))
	s.market(s.moss)
	made := s.do("POST", shopBase+"/customers", map[string]any{"email": "Mary@EXAMPLE.com", "firstName": "Mary",
		"lastName": "=Somerville", "phone": "020 7946 0000", "tags": []string{"vip"},
		"address": map[string]any{"country": "GB", "city": "Leeds"}}, own).want(t, 201)
	if made.at("email") != "Mary@example.com" || made.at("phone") != "+442079460000" || made.at("orders") != 0.0 ||
		made.at("spent") != 0.0 || made.at("taxExempt") != false || made.at("version") != 1.0 ||
		made.at("address").(map[string]any)["city"] != "Leeds" {
		t.Error(string(made.raw))
	}
	path := shopBase + "/customers/" + made.at("id").(string)
	for field, body := range map[string]map[string]any{"email": {"email": "mary"}, "phone": {"phone": "12"},
		"tags": {"tags": []string{"a,b"}}, "address.region": {"address": map[string]any{"country": "US", "region": "Kent"}},
		"address.country": {"address": map[string]any{"country": "XX"}}, "orders": {"orders": 1}} {
		if a := s.do("PATCH", path, body, own).want(t, 422); !strings.Contains(string(a.raw), `"body.`+field) {
			t.Error(field, string(a.raw))
		}
	}
	s.do("PATCH", path, map[string]any{"note": "Likes stoneware.", "address": nil}, own, with("If-Match", `"1"`)).
		want(t, 200)
	s.do("PATCH", path, map[string]any{"note": ""}, own, with("If-Match", `"1"`)).want(t, 412)
	s.do("POST", shopBase+"/customers", map[string]any{"email": "mary@example.com"}, own).want(t, 422)
	if a := s.do("GET", shopBase+"/customers?q=somerv&limit=1", nil, own).want(t, 200); len(a.at("items").([]any)) != 1 {
		t.Error(string(a.raw))
	}
	file := s.do("GET", shopBase+"/exports/customers.csv", nil, own).want(t, 200)
	if !strings.Contains(string(file.raw), "Mary,'=Somerville,Mary@example.com,no,") {
		t.Error(string(file.raw))
	}
	order := s.sell(s.moss, "grace@example.com")
	s.do("POST", path+"/merge", map[string]any{"customer": s.customer(s.fern)}, own).want(t, 422)
	a := s.do("POST", path+"/merge", map[string]any{"customer": order.CustomerID.String()}, own).want(t, 200)
	if a.at("orders") != 1.0 || a.at("firstName") != "Mary" {
		t.Error(string(a.raw))
	}
	if a := s.do("GET", path+"/data", nil, own).want(t, 200); len(a.at("orders").([]any)) != 1 {
		t.Error(string(a.raw))
	}
	rival := bearer(s.signInTo(rivalEmail, s.fern))
	for _, at := range []string{path, path + "/data"} {
		s.do("GET", at, nil, rival).want(t, 404)
	}
	s.do("DELETE", path, nil, rival).want(t, 404)
	s.do("DELETE", path, nil, own).want(t, 409)
	s.do("POST", orderPath(order, "/cancellation"), map[string]any{}, own).want(t, 201)
	s.do("DELETE", path, nil, own).want(t, 204)
	s.do("GET", path, nil, own).want(t, 404)
	if a := s.do("GET", orderPath(order, ""), nil, own).want(t, 200); a.at("total") != float64(order.Total) ||
		strings.Contains(string(a.raw), "grace") {
		t.Error(string(a.raw))
	}
}
