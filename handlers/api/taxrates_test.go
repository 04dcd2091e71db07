package api_test

import (
	"net/http"
	"strconv"
	"strings"
	"testing"

	"orbit360.app/orbit"
)

// zone makes a shipping zone of a shop, and returns its id.
func (s *platform) zone(merchant string) string {
	id := orbit.NewID[orbit.ShippingZone]().String()
	s.exec(`INSERT INTO shipping_zones (merchant_id, id, name, countries) VALUES ($1, $2, 'Zone', '{IS}')`, merchant, id)
	return id
}

// tax makes a tax rate of a shop, and returns its id.
func (s *platform) tax(merchant string) string {
	id := orbit.NewID[orbit.TaxRate]()
	s.exec(`INSERT INTO tax_rates (merchant_id, id, name, rate, country) VALUES ($1, $2, $3, 100, 'IS')`, merchant,
		id.String(), id.String())
	return id.String()
}

// dig returns what an answer has at a place: rates.0.name.
func (a answer) dig(place string) (v any) {
	v = any(a.json)
	for key := range strings.SplitSeq(place, ".") {
		switch in := v.(type) {
		case map[string]any:
			v = in[key]
		case []any:
			if n, err := strconv.Atoi(key); err == nil && n < len(in) {
				v = in[n]
			}
		}
	}
	return v
}

// TestShippingZonesAsTheContractWritesThem: what is sent comes back, changes hold, and a stale one is 412.
func TestShippingZonesAsTheContractWritesThem(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	_, key := s.key(s.moss, ownerEmail, orbit.ScopeSettingsWrite)
	me, path := bearer(key), shopBase+"/shipping-zones"
	sent := map[string]any{"name": "Near", "countries": []string{"DE", "AT"}, "regions": []string{"US-CA"},
		"rates": []any{map[string]any{"name": "Post", "kind": "weight", "price": 490, "freeFrom": 5000, "minimum": 100,
			"maximum": 2000, "note": "Two days."}, map[string]any{"name": "Shop", "kind": "pickup", "price": 0}}}
	a := s.do("POST", path, sent, me).want(t, 201)
	id := a.at("id").(string)
	for at, want := range map[string]any{"name": "Near", "countries.0": "AT", "regions.0": "US-CA", "rates.0.name": "Post",
		"rates.0.kind": "weight", "rates.0.price": 490.0, "rates.0.freeFrom": 5000.0, "rates.0.minimum": 100.0,
		"rates.0.maximum": 2000.0, "rates.0.note": "Two days.", "rates.1.kind": "pickup", "version": 1.0} {
		if a.dig(at) != want {
			t.Errorf("%s is %v, not %v", at, a.dig(at), want)
		}
	}
	rate := a.dig("rates.1.id").(string)
	b := s.do("PATCH", path+"/"+id, map[string]any{"name": "Far", "rates": []any{map[string]any{"id": rate,
		"name": "Shop", "kind": "pickup", "price": 100}}}, me, with("If-Match", `"1"`)).want(t, 200)
	if b.at("name") != "Far" || b.dig("rates.0.id") != rate || b.dig("countries.1") != "DE" || b.at("version") != 2.0 {
		t.Errorf("%s", b.raw)
	}
	s.do("PATCH", path+"/"+id, map[string]any{"name": "Late"}, me, with("If-Match", `"1"`)).want(t, 412)
	f := s.do("POST", path, map[string]any{"name": "Again", "countries": []string{"DE"}}, me).fault(t)
	if f["location"] != "body.countries" {
		t.Errorf("%v", f)
	}
	f = s.do("PATCH", path+"/"+id, map[string]any{"rates": []any{map[string]any{"name": "X", "price": -1}}}, me).fault(t)
	if f["location"] != "body.rates[0].price" {
		t.Errorf("%v", f)
	}
	if n := len(s.do("GET", path, nil, me).want(t, 200).at("items").([]any)); n != 2 { // and the one it began with
		t.Errorf("%d zones", n)
	}
	s.do("DELETE", path+"/"+id, nil, me).want(t, 204)
	s.do("GET", path+"/"+id, nil, me).want(t, http.StatusNotFound)
}

// TestTaxRatesAsTheContractWritesThem: likewise, and included is the shop's.
func TestTaxRatesAsTheContractWritesThem(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	_, key := s.key(s.moss, ownerEmail, orbit.ScopeSettingsWrite, orbit.ScopeShopWrite)
	me, path := bearer(key), shopBase+"/tax-rates"
	f := s.do("POST", path, map[string]any{"country": "DE", "region": "", "name": "VAT", "rate": 1900, "included": true,
		"appliesToShipping": true}, me).fault(t)
	if f["location"] != "body.included" {
		t.Errorf("%v", f)
	}
	s.do("PATCH", shopBase+"/shop", map[string]any{"taxIncluded": true, "vatNumber": "DE123456789"}, me).want(t, 200)
	a := s.do("POST", path, map[string]any{"country": "DE", "region": "", "name": "VAT", "rate": 1900, "included": true,
		"appliesToShipping": true}, me).want(t, 201)
	id := a.at("id").(string)
	for at, want := range map[string]any{"country": "DE", "region": "", "name": "VAT", "rate": 1900.0, "included": true,
		"appliesToShipping": true, "version": 1.0} {
		if a.at(at) != want {
			t.Errorf("%s is %v, not %v", at, a.at(at), want)
		}
	}
	b := s.do("PATCH", path+"/"+id, map[string]any{"rate": 1600, "appliesToShipping": false}, me,
		with("If-Match", `"1"`)).want(t, 200)
	if b.at("rate") != 1600.0 || b.at("appliesToShipping") != false || b.at("name") != "VAT" || b.at("version") != 2.0 {
		t.Errorf("%s", b.raw)
	}
	s.do("PATCH", path+"/"+id, map[string]any{"rate": 1}, me, with("If-Match", `"1"`)).want(t, 412)
	for field, body := range map[string]map[string]any{"rate": {"rate": 10001}, "country": {"country": "XX"},
		"included": {"included": false}} {
		if f := s.do("PATCH", path+"/"+id, body, me).fault(t); f["location"] != "body."+field {
			t.Errorf("%s: %v", field, f)
		}
	}
	s.do("DELETE", path+"/"+id, nil, me).want(t, 204)
	s.do("GET", path+"/"+id, nil, me).want(t, http.StatusNotFound)
}
