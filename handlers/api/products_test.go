package api_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"orbit360.app/orbit"
)

// product adds a draft with a variant that is tracked to a shop, by its id.
func (p *platform) product(of string) string {
	p.t.Helper()
	id := orbit.NewID[orbit.Product]().String()
	p.exec(`INSERT INTO products (merchant_id, id, handle, title, status) VALUES ($1, $2, $3, 'Bowl', 'draft')`, of, id,
		"p-"+id)
	p.exec(`INSERT INTO variants (merchant_id, id, product_id, title, values, price, stock)
		VALUES ($1, gen_random_uuid(), $2, 'Default', '[]', 1000, 50)`, of, id)
	return id
}

// stocked is a variant of a new product.
func (p *platform) stocked(of string) string {
	p.t.Helper()
	product, id := p.product(of), orbit.NewID[orbit.Variant]().String()
	p.exec(`INSERT INTO variants (merchant_id, id, product_id, title, values, price, stock)
		VALUES ($1, $2, $3, 'Large', '[]', 1000, 500)`, of, id, product)
	return id
}

// operation is a bulk edit of a new product, written as the program does.
func (p *platform) operation(of string) string {
	p.t.Helper()
	product, id := p.product(of), orbit.NewID[orbit.Operation]().String()
	p.exec(`INSERT INTO operations (merchant_id, id, kind, products, undo_until) VALUES ($1, $2, 'bulk_edit', 1,
		now() + interval '1 day')`, of, id)
	p.exec(`INSERT INTO operation_products (merchant_id, operation_id, product_id, title, version)
		VALUES ($1, $2, $3, 'Bowl', 1)`, of, id, product)
	return id
}

// TestProductContract: a product is made, read, changed, copied and deleted as the contract says.
func TestProductContract(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	_, key := s.key(s.moss, ownerEmail, orbit.ScopeProductsWrite)
	call := func(method, path string, body any, options ...option) answer {
		t.Helper()
		return s.do(method, shopBase+path, body, append([]option{bearer(key)}, options...)...)
	}
	variant := func(size string, price int) map[string]any {
		return map[string]any{"options": map[string]any{"Size": size}, "price": price, "sku": "TEE-" + size,
			"inventoryQuantity": 5, "weightGrams": 200}
	}
	body := map[string]any{"title": "Tee", "descriptionHtml": "<p>Soft <b>wool</b></p><script>x</script>",
		"vendor": "Fjell", "type": "Shirts", "tags": []string{"wool", "Blue"}, "status": "active",
		"options":  []any{map[string]any{"name": "Size", "values": []string{"S", "M, wide"}}},
		"variants": []any{variant("S", 2900), variant("M, wide", 3100)},
		"seo":      map[string]any{"title": "Wool tee"}}
	made := call("POST", "/products", body).want(t, 201)
	path := "/products/" + made.at("id").(string)
	if made.at("handle") != "tee" || made.at("seo", "title") != "Wool tee" ||
		made.at("variants", 1, "title") != "M, wide" ||
		made.at("variants", 1, "options", "Size") != "M, wide" ||
		strings.Contains(made.at("descriptionHtml").(string), "script") ||
		made.at("variants", 0, "currency") == nil || made.at("variants", 0, "compareAtPrice") != nil ||
		made.at("url") == nil || made.Header.Get("ETag") != `"1"` {
		t.Fatalf("%s", made.raw)
	}
	// Missing combinations are refused, and those that aren't the options'.
	wide, size := variant("M, wide", 1), map[string]any{"Size": "S"}
	one := func(name string, value any) map[string]any {
		return map[string]any{"variants": []any{map[string]any{"options": size, name: value}, wide}}
	}
	for name, change := range map[string]map[string]any{
		"variants":                  {"variants": []any{variant("S", 1)}},
		"variants[1].options":       {"variants": []any{variant("S", 1), variant("XL", 1)}},
		"variants[0].options.Color": one("options", map[string]any{"Color": "x"}),
		"variants[0].price":         one("price", -1),
		"variants[0].id":            one("id", s.product(s.fern)),
		"variants[1].id": {"variants": []any{map[string]any{"id": made.at("variants", 0, "id")},
			map[string]any{"id": made.at("variants", 0, "id")}, wide}},
		"variants[0].mediaId": one("mediaId", made.at("id")),
		"options[0]":          {"options": []any{map[string]any{"name": "Size", "values": []string{"S", "s"}}}},
		"status":              {"status": "hidden"},
		"title":               {"title": ""},
		"publishAt":           {"publishAt": "tomorrow"},
		"collections[0]":      {"collections": []string{s.product(s.fern)}},
		"seo.title":           {"seo": map[string]any{"title": strings.Repeat("x", 151)}},
		"tags":                {"tags": []string{strings.Repeat("x", 81)}},
		"media":               {"media": []any{}},
	} {
		a := call("PATCH", path, change).want(t, 422)
		found := false
		for _, e := range a.at("errors").([]any) {
			location := e.(map[string]any)["location"].(string)
			found = found || strings.HasPrefix(location, "body."+name)
		}
		if !found {
			t.Errorf("%s: %s", name, a.raw)
		}
	}
	// What is sold in between stays sold, unless a quantity is sent.
	id := made.at("variants", 0, "id").(string)
	a := call("PATCH", path, map[string]any{"vendor": "Nord", "handle": "wool-tee"}, with("If-Match", `"1"`)).want(t, 200)
	if a.at("vendor") != "Nord" || a.at("title") != "Tee" || a.at("handle") != "wool-tee" ||
		a.at("variants", 0, "id") != id {
		t.Errorf("%s", a.raw)
	}
	call("PATCH", path, map[string]any{"vendor": "Ost"}, with("If-Match", `"1"`)).want(t, 412)
	// A value more, and its variant; those that are listed keep their ids.
	a = call("PATCH", path, map[string]any{
		"options": []any{map[string]any{"name": "Size", "values": []string{"S", "M, wide", "L"}}},
		"variants": []any{map[string]any{"id": id}, map[string]any{"options": map[string]any{"Size": "m, wide"}},
			variant("L", 3300)}}).want(t, 200)
	if a.at("variants", 0, "id") != id || a.at("variants", 1, "id") != made.at("variants", 1, "id") ||
		a.at("variants", 1, "price") != made.at("variants", 1, "price") || a.at("variants", 2, "sku") != "TEE-L" {
		t.Errorf("%s", a.raw)
	}
	// Inventory.
	line := call("POST", "/variants/"+id+"/inventory", map[string]any{"delta": -2, "reason": "damage",
		"note": "Torn"}).want(t, 201)
	if amount(line.at("quantity")) != 3 || amount(line.at("delta")) != -2 || line.at("note") != "Torn" {
		t.Errorf("%s", line.raw)
	}
	call("POST", "/variants/"+id+"/inventory", map[string]any{"quantity": 10, "reason": "received"}).want(t, 201)
	for _, bad := range []map[string]any{{"reason": "received"}, {"delta": 1, "quantity": 1, "reason": "received"},
		{"delta": -99, "reason": "damage"}, {"delta": 1, "reason": "sold"}, {"quantity": 10, "reason": "other"}} {
		call("POST", "/variants/"+id+"/inventory", bad).want(t, 422)
	}
	ledger := call("GET", "/inventory-adjustments?limit=2&variant="+id, nil).want(t, 200)
	if items := ledger.at("items").([]any); len(items) != 2 || items[0].(map[string]any)["reason"] != "received" {
		t.Errorf("%s", ledger.raw)
	}
	rest := call("GET", "/inventory-adjustments?limit=2&variant="+id+"&cursor="+ledger.at("nextCursor").(string),
		nil).want(t, 200)
	if items := rest.at("items").([]any); len(items) != 1 || items[0].(map[string]any)["reason"] != "opening" {
		t.Errorf("%s", rest.raw)
	}
	// Lists.
	s.product(s.fern)
	for query, want := range map[string]int{"?q=tee": 1, "?vendor=nord": 1, "?tag=blue": 1, "?status=draft": 0,
		"?q=nothing": 0, "?stock=low": 1, "?stock=out": 0, "?tag=x": 0, "?collection=" + made.at("id").(string): 0} {
		a := call("GET", "/products"+query, nil).want(t, 200)
		n := 0
		for _, item := range a.at("items").([]any) {
			if item.(map[string]any)["title"] == "Tee" {
				n++
			}
		}
		if n != want {
			t.Errorf("%s finds %d", query, n)
		}
	}
	// Copy and end.
	dup := call("POST", path+"/duplicate", map[string]any{}).want(t, 201)
	if dup.at("title") != "Copy of Tee" || dup.at("status") != "draft" ||
		amount(dup.at("variants", 0, "inventoryQuantity")) != 0 {
		t.Errorf("%s", dup.raw)
	}
	call("DELETE", path, nil).want(t, 204)
	call("GET", path, nil).want(t, 404)
}

// TestBulkEditAndUndo: all or none, at most 1,000, faults where they were sent, undone by its operation.
func TestBulkEditAndUndo(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	_, key := s.key(s.moss, ownerEmail, orbit.ScopeProductsWrite)
	ids := []string{s.product(s.moss), s.product(s.moss), s.product(s.moss)}
	read := func(id string) answer { return s.do("GET", shopBase+"/products/"+id, nil, bearer(key)).want(t, 200) }
	var changes []any
	for _, id := range ids {
		changes = append(changes, map[string]any{"id": id, "set": map[string]any{"vendor": "Nord", "tags": []string{"sale"}},
			"variants": []any{map[string]any{"id": read(id).at("variants", 0, "id"), "set": map[string]any{"price": 700}}}})
	}
	bad := map[string]any{"id": ids[2], "variants": []any{map[string]any{"id": ids[0], "set": map[string]any{"price": 1}}}}
	a := s.do("PATCH", shopBase+"/products", map[string]any{"changes": []any{changes[0], changes[1], bad,
		map[string]any{"id": s.product(s.fern), "set": map[string]any{"title": "x"}}}}, bearer(key)).want(t, 422)
	for _, place := range []string{"body.changes[2].variants[0].set.id", "body.changes[3].id"} {
		if !strings.Contains(string(a.raw), place) {
			t.Errorf("no %s in %s", place, a.raw)
		}
	}
	if read(ids[0]).at("vendor") != "" {
		t.Error("some were changed")
	}
	// One that is beyond what the plan allows is read-only.
	n := s.count(`SELECT count(*)::int FROM products WHERE merchant_id = $1`, s.moss)
	s.exec(`UPDATE plans SET limits = limits || jsonb_build_object('products', $1::int)`, n-1)
	refused := s.do("PATCH", shopBase+"/products", map[string]any{"changes": changes}, bearer(key)).want(t, 422)
	if !strings.Contains(string(refused.raw), "read-only") {
		t.Errorf("%s", refused.raw)
	}
	s.exec(`UPDATE plans SET limits = limits - 'products'`)
	many := make([]any, orbit.MaxBulkEdit+1)
	for i := range many {
		many[i] = map[string]any{"id": orbit.NewID[orbit.Product]().String()}
	}
	s.do("PATCH", shopBase+"/products", map[string]any{"changes": many}, bearer(key)).want(t, 422)
	done := s.do("PATCH", shopBase+"/products", map[string]any{"changes": changes}, bearer(key)).want(t, 200)
	if a := read(ids[2]); a.at("vendor") != "Nord" || amount(a.at("variants", 0, "price")) != 700 {
		t.Errorf("%s", a.raw)
	}
	undo := shopBase + "/operations/" + done.at("operation", "id").(string) + "/undo"
	if _, err := time.Parse(time.RFC3339, fmt.Sprint(done.at("operation", "undoUntil"))); err != nil {
		t.Error(err)
	}
	for range 2 {
		s.do("POST", undo, nil, bearer(key)).want(t, 202)
	}
	for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		if o := s.do("GET", shopBase+"/operations", nil, bearer(key)).want(t, 200); o.at("items", 0, "status") == "undone" {
			break
		} else if time.Since(began) > 20*time.Second {
			t.Fatalf("%s", o.raw)
		}
	}
	if a := read(ids[2]); a.at("vendor") != "" || amount(a.at("variants", 0, "price")) != 1000 {
		t.Errorf("%s", a.raw)
	}
}
