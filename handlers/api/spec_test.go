package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"orbit360.app/orbit"
)

// described is an operation as the OpenAPI document describes it.
type described struct {
	id, method, path string
	open             bool
	scope            string // of a merchant's operation
	statuses         []string
	hasBody          bool
	example          json.RawMessage
}

// operations walks the document, as a client generator would.
func (p *platform) operations() (all []described) {
	p.t.Helper()
	a := p.do("GET", "/api/openapi.json", nil, anonymous).want(p.t, 200)
	var doc struct {
		Paths map[string]map[string]struct {
			OperationID string                `json:"operationId"`
			Summary     string                `json:"summary"`
			Description string                `json:"description"`
			Tags        []string              `json:"tags"`
			Security    []map[string][]string `json:"security"`
			Responses   map[string]struct{}   `json:"responses"`
			RequestBody *struct {
				Content map[string]struct {
					Example json.RawMessage `json:"example"`
				} `json:"content"`
			} `json:"requestBody"`
		} `json:"paths"`
	}
	if err := json.Unmarshal(a.raw, &doc); err != nil {
		p.t.Fatal(err)
	}
	for path, item := range doc.Paths {
		for method, op := range item {
			d := described{id: op.OperationID, method: strings.ToUpper(method), path: path, open: len(op.Security) == 0,
				hasBody: op.RequestBody != nil}
			for _, way := range op.Security {
				if scopes := way["shopKey"]; len(scopes) == 1 {
					d.scope = scopes[0]
				}
			}
			for status := range op.Responses {
				d.statuses = append(d.statuses, status)
			}
			slices.Sort(d.statuses)
			if op.RequestBody != nil {
				d.example = op.RequestBody.Content["application/json"].Example
			}
			if op.Summary == "" || op.Description == "" || len(op.Tags) != 1 || op.OperationID == "" {
				p.t.Errorf("%s %s is described badly", method, path)
			}
			all = append(all, d)
		}
	}
	if len(all) < 17 {
		p.t.Fatalf("only %d operations", len(all))
	}
	return all
}

// scene is a platform in which each operation can succeed and fail in every way that is described.
type scene struct {
	*platform
	pending, active, failed, undone string
	theme, plan                     string
	merchantToken                   string // of the active shop
	invited                         string // to its staff
	hook                            string // its webhook
	shipping                        string // its shipping zone
	order                           orbit.Order
	n                               int
}

// call asks an operation with a credential that it takes.
func (s *scene) call(op described, path string, body any, options ...option) answer {
	if op.scope != "" {
		options = append([]option{bearer(s.merchantToken)}, options...)
	}
	return s.do(op.method, path, body, options...)
}

func (s *scene) unique(prefix string) string { s.n++; return fmt.Sprintf("%s-%d", prefix, s.n) }

// target is the id that a good request to an operation names.
func (s *scene) target(op described) string {
	switch {
	case strings.Contains(op.path, "/themes/"):
		return s.theme
	case strings.Contains(op.path, "/plans/"):
		return s.plan
	case strings.Contains(op.path, "/staff/"):
		return s.invited
	case strings.Contains(op.path, "/webhooks/"):
		return s.hook
	case strings.Contains(op.path, "/products/{id}"):
		return s.product(s.active)
	case strings.Contains(op.path, "/variants/"):
		return s.stocked(s.active)
	case strings.Contains(op.path, "/operations/"):
		return s.operation(s.active)
	case strings.Contains(op.path, "/customers/"):
		return s.customer(s.active)
	case strings.Contains(op.path, "/discounts/"):
		return s.discount(s.active)
	case strings.Contains(op.path, "/shipping-zones/"):
		return s.shipping
	case strings.Contains(op.path, "/tax-rates/"):
		return s.tax(s.active)
	case strings.Contains(op.path, "/payment-providers/"):
		return "manual"
	case strings.Contains(op.path, "/orders/"):
		return s.sold(op)
	case op.id == "retryProvisioning":
		return s.failed
	case op.id == "rollbackProvisioning":
		return s.undone
	case op.id == "streamProvisioning":
		return s.active
	}
	return s.pending
}

// sold is an order to do something with: a new one each time, as some can be done only once. One that is to be refunded
// is paid.
func (s *scene) sold(op described) string {
	s.order = s.sell(s.active, "grace@example.com")
	if op.id == "refundOrder" {
		s.do("POST", orderPath(s.order, "/payments"), map[string]any{}, bearer(s.merchantToken)).want(s.t, 201)
	}
	return s.order.ID.String()
}

// body is a good body for an operation: the document's own example, with names that aren't taken.
func (s *scene) body(op described) any {
	if !op.hasBody {
		return nil
	}
	var v map[string]any
	if err := json.Unmarshal(op.example, &v); err != nil {
		s.t.Fatalf("%s: the example %s: %v", op.id, op.example, err)
	}
	switch {
	case op.id == "createToken":
		v["email"], v["password"] = adminEmail, adminPassword
		delete(v, "merchant")
	case op.id == "updatePaymentProvider":
		v["mode"], v["settings"] = "live", map[string]any{"name": s.unique("Invoice")}
	case op.id == "createProduct":
		v["status"] = "draft" // what is sold stays what it was
	case op.id == "bulkEditProducts":
		v["changes"].([]any)[0].(map[string]any)["id"] = s.product(s.active)
	case op.id == "createCustomer":
		v["email"] = s.unique("customer") + "@example.com"
	case op.id == "mergeCustomers":
		v["customer"] = s.customer(s.active)
	case op.id == "createDiscount":
		v["code"] = s.unique("CODE")
	case op.id == "inviteStaff":
		v["email"] = s.unique("staff") + "@example.com"
	case op.id == "activateMerchant":
		v["subdomain"], v["customDomain"] = s.unique("shop"), s.unique("shop")+".example.com"
	case op.id == "fulfillOrder" || op.id == "refundOrder":
		v["lines"].([]any)[0].(map[string]any)["id"] = s.order.Lines[0].ID
	case strings.Contains(op.path, "/themes") || strings.Contains(op.path, "/plans"):
		v["slug"] = s.unique("slug")
	}
	return v
}

// Every operation is called with every error that its description promises, and with what it promises to do.
func TestEveryDocumentedAnswer(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	p.work(true)
	s := &scene{platform: p, pending: p.merchant("Pending"), failed: p.merchant("Failed"), undone: p.merchant("Undone"),
		active: p.merchant("Active")}
	for _, id := range []string{s.failed, s.undone} {
		p.do("POST", base+"/merchants/"+id+"/activate", order(s.unique("failed"))).want(t, 202)
		if events := p.follow(id); events[len(events)-1]["status"] != "FAILED" ||
			len(events[len(events)-1]["errorLog"].([]any)) != 1 {
			t.Fatalf("ended with %v", events[len(events)-1])
		}
	}
	close(p.broken)
	p.do("POST", base+"/merchants/"+s.active+"/activate", order("active")).want(t, 202)
	p.follow(s.active)
	s.merchantToken = p.signInTo(ownerEmail, s.active)
	s.ready(s.active)
	s.market(s.active)
	s.invited = p.do("POST", shopBase+"/staff", map[string]any{"email": "invited@example.com",
		"permissions": []string{"orders"}}, bearer(s.merchantToken)).want(t, 201).at("id").(string)
	s.hook, s.shipping = s.webhook(s.active), s.zone(s.active)
	s.theme = p.do("POST", base+"/themes", map[string]any{"name": "Summer", "engine": "modern"}).want(t,
		201).at("id").(string)
	s.plan = p.do("POST", base+"/plans", map[string]any{"name": "Growth", "price": 100}).want(t, 201).at("id").(string)
	for _, op := range s.operations() {
		path := strings.ReplaceAll(op.path, "{id}", s.target(op))
		for _, status := range op.statuses {
			if status < "400" {
				continue // last: some can be done only once
			}
			s.provoke(op, path, status)
		}
	}
	// The good answers, in an order in which all can be had.
	for _, op := range s.operations() {
		if op.method == "DELETE" || op.id == "streamEvents" { // which has no end: TestEvents
			continue
		}
		path := strings.ReplaceAll(op.path, "{id}", s.target(op))
		want := map[string]int{"createMerchant": 201, "createTheme": 201, "createPlan": 201, "activateMerchant": 202,
			"inviteStaff": 201, "createWebhook": 201, "createDiscount": 201, "createCustomer": 201,
			"createShippingZone": 201, "createTaxRate": 201,
			"createProduct": 201, "duplicateProduct": 201, "adjustInventory": 201, "undoOperation": 202,
			"retryProvisioning": 202, "rollbackProvisioning": 202}[op.id]
		if want == 0 {
			want = 200
		}
		if strings.Contains(op.path, "/orders/{id}/") {
			want = 201
		}
		if op.id == "activateMerchant" {
			p.do("POST", path+"?dryRun=true", s.body(op)).want(t, 200)
		}
		if op.id == "listInventoryAdjustments" {
			path += "?variant=" + s.stocked(s.active)
		}
		a := s.call(op, path, s.body(op)).want(t, want)
		if (want == 201 && strings.Contains(op.id, "Merchant") || want == 202 && op.scope == "") &&
			a.Header.Get("Location") == "" {
			t.Errorf("%s: no Location", op.id)
		}
	}
	for id, end := range map[string]string{s.failed: "COMPLETED", s.undone: "ROLLBACK"} {
		if events := p.follow(id); events[len(events)-1]["status"] != end {
			t.Errorf("ended with %v, not %s", events[len(events)-1], end)
		}
	}
	if a := p.do("GET", base+"/merchants/"+s.undone, nil).want(t, 200); a.at("status") != "pending" ||
		a.at("subdomain") != nil || a.at("theme") != nil {
		t.Errorf("rolled back: %s", a.raw)
	}
	p.do("DELETE", base+"/themes/"+s.theme, nil).want(t, 204)
	p.do("DELETE", base+"/plans/"+s.plan, nil).want(t, 204)
}

// provoke makes an operation refuse with a status.
func (s *scene) provoke(op described, path, status string) {
	t := s.t
	body := s.body(op)
	unknown := strings.ReplaceAll(op.path, "{id}", orbit.NewID[orbit.Merchant]().String())
	switch status {
	case "400":
		s.call(op, path, `{"a":`).want(t, 400)
	case "401":
		if op.open {
			s.call(op, path, map[string]string{"email": "nobody@example.com", "password": "wrong horse"}, anonymous).want(t,
				401)
			return
		}
		s.call(op, path, body, anonymous).want(t, 401)
	case "403":
		other := s.merchantToken
		if op.scope != "" {
			other = s.token
		}
		s.call(op, path, body, bearer(other)).want(t, 403)
	case "404":
		s.call(op, unknown, body).want(t, 404)
		s.call(op, strings.ReplaceAll(op.path, "{id}", "nope"), body).want(t, 404)
	case "409":
		s.conflict(op, path, body)
	case "412":
		s.call(op, path, body, with("If-Match", `"0"`)).want(t, 412)
	case "413":
		s.call(op, path, `{"a":"`+strings.Repeat("x", map[bool]int{true: 800_000, false: 70_000}[op.id ==
			"bulkEditProducts"])+`"}`).want(t, 413)
	case "415":
		s.call(op, path, `<a/>`, with("Content-Type", "application/xml")).want(t, 415)
	case "422":
		if op.method == http.MethodGet {
			s.call(op, path+"?limit=-1&status=nonsense&q=%01", nil).want(t, 422)
			return
		}
		s.call(op, path, map[string]any{"nonsense": true}).want(t, 422)
	case "429", "500", "503": // of every operation alike: TestRateLimit, TestOurFaults
	default:
		t.Errorf("%s has %s, and no test provokes it", op.id, status)
	}
}

// caller is what the keys of who calls an operation are kept under.
func (s *scene) caller(op described) string {
	if op.scope != "" {
		return "user:" + s.actor(ownerEmail).ID.String() + "@" + s.active
	}
	return "user:" + s.actor(adminEmail).ID.String()
}

// conflict has another request with the same Idempotency-Key still running, and where an operation has
// conflicts of its own, one of those.
func (s *scene) conflict(op described, path string, body any) {
	t := s.t
	key := s.unique("busy")
	s.exec(`INSERT INTO idempotency_keys (caller, key, fingerprint, resource, locked_until)
		VALUES ($3, $1, $2, gen_random_uuid(), now() + interval '1 minute')`,
		key, s.fingerprint(op.method, path, body), s.caller(op))
	if a := s.call(op, path, body, with("Idempotency-Key", key)).want(t, 409); a.Header.Get("Retry-After") == "" {
		t.Errorf("%s: no Retry-After while the first is running", op.id)
	}
	switch op.id {
	case "activateMerchant", "retryProvisioning", "rollbackProvisioning":
		s.do(op.method, strings.ReplaceAll(op.path, "{id}", s.pending), nil).want(t,
			map[bool]int{true: 400, false: 409}[op.hasBody])
		if op.hasBody {
			s.do(op.method, strings.ReplaceAll(op.path, "{id}", s.active), body).want(t, 409)
		}
	case "createTheme", "replaceTheme":
		body.(map[string]any)["slug"] = "upfront-modern"
		s.do(op.method, path, body).want(t, 409)
	case "createPlan", "replacePlan":
		body.(map[string]any)["slug"] = "starter"
		s.do(op.method, path, body).want(t, 409)
	case "updateStaff", "deleteStaff":
		s.call(op, shopBase+"/staff/"+s.actor(ownerEmail).ID.String(), body).want(t, 409)
	case "inviteStaff":
		s.exec(`INSERT INTO invitations SELECT $1, gen_random_uuid(), n || '@example.net', '{}', NULL, now(), now(), now()
			FROM generate_series(1, 48) n`, s.active)
		s.call(op, path, body).want(t, 409)
		s.exec(`DELETE FROM invitations WHERE email LIKE '%@example.net'`)
	case "createWebhook":
		for range orbit.MaxShopWebhooks - s.count(`SELECT count(*)::int FROM webhooks WHERE merchant_id = $1`, s.active) {
			s.webhook(s.active)
		}
		s.call(op, path, body).want(t, 409)
		s.exec(`DELETE FROM webhooks WHERE merchant_id = $1 AND id <> $2`, s.active, s.hook)
	case "undoOperation":
		s.exec(`UPDATE products SET version = version + 1 WHERE merchant_id = $1`, s.active)
		if a := s.call(op, path, body).want(t, 409); len(a.at("errors").([]any)) != 1 {
			t.Errorf("%s: %s", op.id, a.raw)
		}
	case "createCustomer":
		s.exec(`INSERT INTO customers (merchant_id, id, email, name)
			SELECT $1, gen_random_uuid(), n || '@many.example.com', '' FROM generate_series(1, $2) n`, s.active,
			orbit.MaxCustomers)
		s.call(op, path, body).want(t, 409)
		s.exec(`DELETE FROM customers WHERE email LIKE '%@many.example.com'`)
	case "mergeCustomers":
		s.exec(`UPDATE customers SET note = repeat('x', 5000) WHERE merchant_id = $1`, s.active)
		s.call(op, path, body).want(t, 409)
		s.exec(`UPDATE customers SET note = '' WHERE merchant_id = $1`, s.active)
	case "eraseCustomer":
		of := s.sell(s.active, "grace@example.com").CustomerID.String()
		s.call(op, shopBase+"/customers/"+of, nil).want(s.t, 409)
	case "createDiscount", "updateDiscount":
		s.exec(`INSERT INTO discounts (merchant_id, title, discount_type, amount, enabled)
			SELECT $1, n, 'percentage', 500, true FROM generate_series(1, $2) n`, s.active, orbit.MaxAutomaticDiscounts)
		s.call(op, path, map[string]any{"code": nil, "title": "Sale", "kind": "percentage", "value": 5,
			"active": true}).want(t, 409)
		s.exec(`DELETE FROM discounts WHERE merchant_id = $1 AND code IS NULL AND title <> 'Summer'`, s.active)
	case "payOrder", "fulfillOrder":
		s.call(op, orderPath(s.order, "/cancellation"), map[string]any{}).want(t, 201)
		s.call(op, path, body).want(t, 409)
	case "cancelOrder":
		s.call(op, orderPath(s.order, "/fulfillments"), map[string]any{}).want(t, 201)
		s.call(op, path, body).want(t, 409)
	case "noteOrder":
		s.exec(`INSERT INTO order_entries (merchant_id, id, order_id, kind) SELECT $1, gen_random_uuid(), $2, 'note'
			FROM generate_series(1, 200)`, s.active, s.order.ID.String())
		s.call(op, path, body).want(t, 409)
	case "deleteTheme":
		s.do(op.method, base+"/themes/"+s.used("themes", "upfront-modern"), nil).want(t, 409)
	case "deletePlan":
		s.do(op.method, base+"/plans/"+s.used("plans", "starter"), nil).want(t, 409)
	}
}

// used is the id of a theme or plan by slug.
func (s *scene) used(kind, slug string) string {
	for _, item := range s.do("GET", base+"/"+kind, nil).want(s.t, 200).at("items").([]any) {
		if m := item.(map[string]any); m["slug"] == slug {
			return m["id"].(string)
		}
	}
	s.t.Fatalf("no %s %s", kind, slug)
	return ""
}

func TestDocuments(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	if a := p.do("GET", "/api/openapi.yaml", nil, anonymous).want(t, 200); !strings.Contains(string(a.raw),
		"openapi: 3.1.0") {
		t.Errorf("yaml: %.100s", a.raw)
	}
	page := p.do("GET", "/api/docs", nil, anonymous).want(t, 200)
	if csp := page.Header.Get("Content-Security-Policy"); !strings.Contains(csp, "script-src 'self'") {
		t.Errorf("CSP %q", csp)
	}
	for _, op := range p.operations() {
		if !strings.Contains(string(page.raw), `id="`+op.id+`"`) || !strings.Contains(string(page.raw), op.path) {
			t.Errorf("the page leaves %s out", op.id)
		}
	}
	for _, never := range []string{"<style", "style=", "onclick", "https://cdn", "unpkg"} {
		if strings.Contains(string(page.raw), never) {
			t.Errorf("the page has %s", never)
		}
	}
	p.do("GET", "/api", nil, anonymous).want(t, 303)
	for _, path := range []string{"/api/", "/api/nowhere", base, base + "/themes/", "/API/docs",
		"/api/provisioning/merchants/x/y/z"} {
		p.do("GET", path, nil).want(t, 404)
	}
	for _, c := range []struct{ method, path, allow string }{{"DELETE", base + "/themes", "GET, HEAD, POST"},
		{"GET", "/api/auth/token", "POST"}, {"PATCH", base + "/plans/x", "DELETE, PUT"},
		{"OPTIONS", base + "/merchants", "GET, HEAD, POST"}, {"POST", "/api/openapi.json", "GET, HEAD"},
		{"TRACE", base + "/seed-defaults", "POST"}} {
		a := p.do(c.method, c.path, nil).want(t, 405)
		if a.Header.Get("Allow") != c.allow || a.Header.Get("Access-Control-Allow-Origin") != "" {
			t.Errorf("%s %s allows %q", c.method, c.path, a.Header.Get("Allow"))
		}
	}
	if a := p.do("HEAD", base+"/themes", nil).want(t, 200); len(a.raw) != 0 || a.ContentLength == 0 {
		t.Errorf("HEAD has %d bytes", len(a.raw))
	}
	p.do("GET", base+"/seed-defaults", nil, with("X-HTTP-Method-Override", "POST")).want(t, 405)
}
