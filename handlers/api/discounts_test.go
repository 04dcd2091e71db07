package api_test

import (
	"strings"
	"testing"

	"orbit360.app/orbit"
)

// TestDiscounts: a discount is what the contract says, another shop's isn't there, a stale change is 412, and the
// export holds no formula.
func TestDiscounts(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	own := bearer(s.signInTo(ownerEmail, s.moss))
	made := s.do("POST", shopBase+"/discounts", map[string]any{"title": "=HYPERLINK(1)", "kind": "percentage",
		"value": 12.5, "minimum": map[string]any{"quantity": 3}, "combinesWith": []string{"shipping"},
		"startsAt": "2026-01-02T03:04:05Z", "usageLimit": 10}, own).want(t, 201)
	if made.at("code") != nil || made.at("value") != 12.5 || made.at("appliesTo") != "all" || made.at("active") != true ||
		made.at("minimum").(map[string]any)["quantity"] != 3.0 || made.at("used") != 0.0 ||
		made.at("startsAt") != "2026-01-02T03:04:05Z" {
		t.Error(string(made.raw))
	}
	path := shopBase + "/discounts/" + made.at("id").(string)
	for field, body := range map[string]map[string]any{
		"value": {"value": 12.345}, "appliesTo": {"appliesTo": "some"}, "kind": {"kind": "gift"},
		"endsAt": {"endsAt": "2020-01-01T00:00:00Z"}, "combinesWith": {"combinesWith": []string{"all"}},
		"minimum": {"minimum": map[string]any{}}, "usageLimit": {"usageLimit": 0}, "used": {"used": 1}} {
		if a := s.do("PATCH", path, body, own).want(t, 422); !strings.Contains(string(a.raw), `"body.`+field) {
			t.Error(field, string(a.raw))
		}
	}
	s.do("PATCH", path, map[string]any{"code": "ten", "value": 20, "minimum": nil, "usageLimit": nil}, own,
		with("If-Match", `"1"`)).want(t, 200)
	s.do("PATCH", path, map[string]any{"value": 30}, own, with("If-Match", `"1"`)).want(t, 412)
	now := s.do("GET", path, nil, own).want(t, 200)
	if now.at("code") != "TEN" || now.at("value") != 20.0 || now.at("minimum") != nil || now.at("version") != 2.0 {
		t.Error(string(now.raw))
	}
	s.do("POST", shopBase+"/discounts", map[string]any{"code": "TEN", "kind": "free_shipping"}, own).want(t, 422)
	file := s.do("GET", shopBase+"/exports/discounts.csv", nil, own).want(t, 200)
	if !strings.Contains(string(file.raw), "TEN,'=HYPERLINK(1),percentage,20,") {
		t.Error(string(file.raw))
	}
	rival := bearer(s.signInTo(rivalEmail, s.fern))
	for _, method := range []string{"GET", "DELETE"} {
		s.do(method, path, nil, rival).want(t, 404)
	}
	s.do("DELETE", path, nil, own).want(t, 204)
	s.do("GET", path, nil, own).want(t, 404)
}

// discount adds a discount to a shop, and returns its id.
func (p *platform) discount(of string) string {
	p.t.Helper()
	id := orbit.NewID[orbit.Discount]().String()
	p.exec(`INSERT INTO discounts (merchant_id, id, title, discount_type, amount, enabled)
		VALUES ($1, $2, 'Summer', 'percentage', 500, false)`, of, id)
	return id
}
