package api_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"orbit360.app/orbit"
)

// amount is a whole number of an answer.
func amount(v any) int64 { f, _ := v.(float64); return int64(f) }

// list is a list of an answer, of objects.
func objects(v any) (all []map[string]any) {
	items, _ := v.([]any)
	for _, item := range items {
		all = append(all, item.(map[string]any))
	}
	return all
}

// add adds up a field of objects.
func add(v any, field string) (sum int64) {
	for _, o := range objects(v) {
		sum += amount(o[field])
	}
	return sum
}

// addsUp fails unless an order's amounts come to its total, to the last unit, and its ledger to what is paid.
func addsUp(t *testing.T, o map[string]any) {
	t.Helper()
	shipping := o["shipping"].(map[string]any)
	var taxes int64
	for _, l := range objects(o["lines"]) {
		want := amount(l["price"])*amount(l["quantity"]) - amount(l["discount"])
		if o["taxIncluded"] == false {
			want += amount(l["tax"])
		}
		if amount(l["total"]) != want || add(l["taxes"], "amount") != amount(l["tax"]) {
			t.Errorf("a line comes to %d: %v", want, l)
		}
		taxes += amount(l["tax"])
	}
	if sum := add(o["lines"], "total") + amount(shipping["total"]); sum != amount(o["total"]) {
		t.Errorf("lines and shipping are %d, the total %v", sum, o["total"])
	}
	if taxes+amount(shipping["tax"]) != add(o["taxes"], "amount") {
		t.Errorf("taxes %v of %v", o["taxes"], o["lines"])
	}
	if off := add(o["lines"], "discount") + amount(shipping["discount"]); off != add(o["discounts"], "amount") {
		t.Errorf("discounts %v of lines' %d", o["discounts"], off)
	}
	if net := add(o["transactions"], "amount"); net != amount(o["paid"])-amount(o["refunded"]) {
		t.Errorf("the ledger has %d, paid %v, refunded %v", net, o["paid"], o["refunded"])
	}
	if amount(o["refunded"]) > amount(o["paid"]) || add(o["refunds"], "amount") != amount(o["refunded"]) {
		t.Errorf("refunded %v of %v: %v", o["refunded"], o["paid"], o["refunds"])
	}
}

// An order's life by API: paid in two parts, sent in two parcels, refunded as the dry run said, to the last unit.
func TestOrderLife(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	s.market(s.moss)
	s.market(s.fern)
	order, foreign := s.sell(s.moss, "grace@example.com"), s.sell(s.fern, "june@example.com")
	_, key := s.key(s.moss, ownerEmail, orbit.ScopeOrdersWrite)
	get := func() answer {
		t.Helper()
		a := s.do("GET", orderPath(order, ""), nil, bearer(key)).want(t, 200)
		addsUp(t, a.json)
		return a
	}
	post := func(rest string, body any, status int) answer {
		t.Helper()
		a := s.do("POST", orderPath(order, rest), body, bearer(key)).want(t, status)
		get()
		return a
	}
	refused := func(rest string, body any, at string) {
		t.Helper()
		before := get()
		a := post(rest, body, 422)
		if !slices.Equal(a.locations(), []string{at}) || string(get().raw) != string(before.raw) {
			t.Errorf("%s %v: %s", rest, body, a.raw)
		}
	}
	o := get()
	if missing := without(o.json, "id number name status paymentStatus fulfillmentStatus test customer email "+
		"shippingAddress billingAddress currency taxIncluded lines subtotal discounts shipping taxes total paid refunded "+
		"due transactions fulfillments note customerNote timeline createdAt updatedAt version"); missing != nil {
		t.Errorf("an order without %v", missing)
	}
	lines, total := objects(o.at("lines")), amount(o.at("total"))
	if missing := without(lines[0], "id variantId title variantTitle sku quantity price discount tax taxes total "+
		"fulfilled refunded"); missing != nil {
		t.Errorf("a line without %v", missing)
	}
	if o.at("name") != "#1001" || o.at("paymentStatus") != "pending" || amount(o.at("due")) != total || total == 0 ||
		o.at("customerNote") != "Ring twice." || o.at("customer", "email") != "grace@example.com" || len(lines) != 2 ||
		add(o.at("discounts"), "amount") == 0 || add(o.at("taxes"), "amount") == 0 || amount(o.at("version")) != 2 {
		t.Errorf("%s", o.raw)
	}
	if list := s.do("GET", shopBase+"/orders", nil, bearer(key)).want(t, 200); len(objects(list.at("items"))) != 1 ||
		!maps.EqualFunc(objects(list.at("items"))[0], o.json, same) {
		t.Errorf("listed as %s, read as %s", list.raw, o.raw)
	}

	// Paid in two parts.
	for _, bad := range []any{0, -1, total + 1, 2.5, "9223372036854775808"} {
		refused("/payments", map[string]any{"amount": bad}, "body.amount")
	}
	o = post("/payments", map[string]any{"amount": 1000}, 201)
	if o.at("paymentStatus") != "partially_paid" || amount(o.at("due")) != total-1000 ||
		o.Header.Get("ETag") != `"`+version(o)+`"` {
		t.Errorf("%s", o.raw)
	}
	o = post("/payments", map[string]any{"amount": nil}, 201)
	if o.at("paymentStatus") != "paid" || amount(o.at("due")) != 0 || amount(o.at("paid")) != total {
		t.Errorf("%s", o.raw)
	}
	if again := post("/payments", map[string]any{}, 201); string(again.raw) != string(o.raw) {
		t.Errorf("paid again: %s", again.raw)
	}

	// Sent in two parcels.
	first, second := lines[0]["id"], lines[1]["id"]
	send := func(id any, quantity int) map[string]any {
		return map[string]any{"lines": []any{map[string]any{"id": id, "quantity": quantity}}}
	}
	refused("/fulfillments", send(first, 4), "body.lines")
	refused("/fulfillments", send(first, 0), "body.lines")
	refused("/fulfillments", send(first, -1), "body.lines")
	refused("/fulfillments", send(foreign.Lines[0].ID, 1), "body.lines")
	refused("/fulfillments", send("nope", 1), "body.lines[0].id")
	refused("/fulfillments", map[string]any{"lines": []any{}}, "body.lines")
	one := map[string]any{"id": first, "quantity": 1}
	refused("/fulfillments", map[string]any{"lines": []any{one, one}}, "body.lines")
	before := s.emails("grace@example.com")
	parcel := send(first, 2)
	parcel["carrier"], parcel["trackingNumber"], parcel["notify"] = "UPS", "1Z999", true
	o = post("/fulfillments", parcel, 201)
	f := objects(o.at("fulfillments"))
	if len(f) != 1 || f[0]["trackingUrl"] != orbit.TrackingURL("UPS", "1Z999") || add(f[0]["lines"], "quantity") != 2 ||
		o.at("fulfillmentStatus") != "partially_fulfilled" || amount(objects(o.at("lines"))[0]["fulfilled"]) != 2 {
		t.Errorf("%s", o.raw)
	}
	if n := s.emails("grace@example.com"); n != before+1 {
		t.Errorf("%d emails about a parcel", n-before)
	}
	o = post("/fulfillments", map[string]any{}, 201)
	if o.at("fulfillmentStatus") != "fulfilled" || o.at("status") != "closed" ||
		s.emails("grace@example.com") != before+1 {
		t.Errorf("%s", o.raw)
	}
	post("/fulfillments", map[string]any{}, 409)
	post("/cancellation", map[string]any{}, 409)

	// Refunded, in three parts.
	back := func(id any, quantity int) map[string]any {
		return map[string]any{"lines": []any{map[string]any{"id": id, "quantity": quantity, "restock": true}},
			"reason": "Too small"}
	}
	refused("/refunds", map[string]any{}, "body.amount")
	refused("/refunds", map[string]any{"amount": total + 1}, "body.amount")
	refused("/refunds", map[string]any{"amount": -1}, "body.amount")
	refused("/refunds", map[string]any{"shipping": amount(o.at("shipping", "total")) + 1}, "body.shipping")
	refused("/refunds", back(first, 4), "body.lines")
	refused("/refunds", back(foreign.Lines[0].ID, 1), "body.lines")
	refused("/refunds?dryRun=true", back(first, 4), "body.lines")
	refused("/refunds?dryRun=true", map[string]any{"reason": "a\nb", "amount": 1}, "body.reason")
	var given int64
	for _, body := range []map[string]any{back(first, 1), {"shipping": o.at("shipping", "total")}, back(first, 2),
		back(second, 1)} {
		rows := s.ledger()
		plan := post("/refunds?dryRun=true", body, 200)
		if plan.at("id") != nil || plan.at("createdAt") != nil || s.ledger() != rows {
			t.Errorf("a dry run wrote: %s", plan.raw)
		}
		made := post("/refunds", body, 201)
		for _, field := range []string{"amount", "tax", "shipping", "lines", "reason"} {
			if !same(plan.at(field), made.at(field)) {
				t.Errorf("%s: planned %s, made %s", field, plan.raw, made.raw)
			}
		}
		given += amount(made.at("amount"))
		if o = get(); amount(o.at("refunded")) != given {
			t.Errorf("refunded %v, not %d", o.at("refunded"), given)
		}
	}
	if o.at("paymentStatus") != "refunded" || given != total || add(o.at("refunds"), "tax") !=
		add(o.at("taxes"), "amount") || amount(objects(o.at("lines"))[0]["refunded"]) != 3 {
		t.Errorf("all is refunded: %s", o.raw)
	}
	refused("/refunds", map[string]any{"amount": 1}, "body.amount")

	// Notes and emails.
	refused("/notes", map[string]any{"text": ""}, "body.text")
	refused("/notes", map[string]any{"text": strings.Repeat("x", 2001)}, "body.text")
	o = post("/notes", map[string]any{"text": "Grace called."}, 201)
	timeline := objects(o.at("timeline"))
	if last := timeline[len(timeline)-1]; o.at("note") != "Grace called." || last["what"] != "Grace called." ||
		last["who"] != ownerEmail+" (key Till)" || timeline[0]["who"] != nil {
		t.Errorf("%s", o.raw)
	}
	before = s.emails("grace@example.com")
	if post("/emails", nil, 201); s.emails("grace@example.com") != before+1 {
		t.Error("the confirmation wasn't sent again")
	}
	theirs := s.do("GET", shopBase+"/orders", nil, bearer(s.signInTo(rivalEmail, s.fern))).want(t, 200)
	if strings.Contains(string(theirs.raw), order.ID.String()) || len(objects(theirs.at("items"))) != 1 {
		t.Errorf("the other shop's orders: %s", theirs.raw)
	}
}

// without returns the names that an object lacks.
func without(o map[string]any, names string) (missing []string) {
	for name := range strings.FieldsSeq(names) {
		if _, ok := o[name]; !ok {
			missing = append(missing, name)
		}
	}
	return missing
}

// ledger counts the rows that changes of orders write.
func (p *platform) ledger() int {
	p.t.Helper()
	return p.count(`SELECT (SELECT count(*) FROM refunds) + (SELECT count(*) FROM order_transactions) +
		(SELECT count(*) FROM order_entries) + (SELECT count(*) FROM emails) + (SELECT count(*) FROM audit_log) +
		(SELECT coalesce(sum(refunded), 0) FROM order_lines) + (SELECT sum(stock) FROM variants)`)
}

// Canceling releases what was bought and gives back what was paid, once.
func TestOrderCancellation(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	s.market(s.moss)
	s.market(s.fern)
	_, key := s.key(s.moss, ownerEmail, orbit.ScopeOrdersWrite)
	stock := func() int { return s.count(`SELECT sum(stock)::int FROM variants WHERE merchant_id = $1`, s.moss) }
	before := stock()
	order := s.sell(s.moss, "grace@example.com")
	if stock() != before-4 {
		t.Fatalf("bought %d", before-stock())
	}
	post := func(rest string, body any, status int) answer {
		t.Helper()
		return s.do("POST", orderPath(order, rest), body, bearer(key)).want(t, status)
	}
	post("/payments", map[string]any{"amount": 500}, 201)
	a := post("/cancellation", map[string]any{"restock": true, "refund": true, "reason": "Out of stock"}, 201)
	addsUp(t, a.json)
	if a.at("status") != "cancelled" || a.at("paymentStatus") != "refunded" || amount(a.at("refunded")) != 500 ||
		amount(a.at("due")) != 0 || stock() != before || !strings.Contains(string(a.raw), "Out of stock") {
		t.Errorf("%d of %d in stock: %s", stock(), before, a.raw)
	}
	if again := post("/cancellation", map[string]any{"restock": true, "refund": true}, 201); string(again.raw) !=
		string(a.raw) || stock() != before {
		t.Errorf("canceled again: %s", again.raw)
	}
	post("/payments", map[string]any{"amount": nil}, 409)
	post("/fulfillments", map[string]any{}, 409)
	kept := s.sell(s.moss, "grace@example.com")
	a = s.do("POST", orderPath(kept, "/cancellation"), map[string]any{}, bearer(key)).want(t, 201)
	if a.at("paymentStatus") != "voided" || stock() != before-4 {
		t.Errorf("canceled without restocking: %s", a.raw)
	}
}

// Strict JSON: what an operation doesn't know changes nothing.
func TestOrderBodiesAreStrict(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	s.market(s.moss)
	order := s.sell(s.moss, "grace@example.com")
	_, key := s.key(s.moss, ownerEmail, orbit.ScopeOrdersWrite)
	rows := s.ledger()
	for _, c := range []struct {
		rest, body string
		status     int
		at         string
	}{
		{"/payments", `{"Amount": 5}`, 422, "body.Amount"},
		{"/payments", `{"amount": 5, "amount": 6}`, 400, ""},
		{"/payments", `{"amount": 5} {}`, 400, ""},
		{"/payments", `{"amount": "5"}`, 422, "body.amount"},
		{"/payments", `[]`, 422, ""},
		{"/payments", ``, 400, ""},
		{"/fulfillments", `{"lines": null}`, 422, "body.lines"},
		{"/fulfillments", `{"lines": [{"quantity": 1}]}`, 422, "body.lines[0].id"},
		{"/fulfillments", `{"lines": [{"id": 7, "quantity": 1}]}`, 422, "body.lines[0].id"},
		{"/fulfillments", `{"trackingUrl": "javascript:alert(1)"}`, 422, "body.trackingUrl"},
		{"/refunds", `{"amount": 1, "dryRun": true}`, 422, "body.dryRun"},
		{"/refunds?dryrun=true", `{"amount": 1}`, 422, "query.dryrun"},
		{"/refunds", `{"shipping": null}`, 422, "body.shipping"},
		{"/cancellation", `{"refund": "yes"}`, 422, "body.refund"},
		{"/cancellation", `{"status": "cancelled"}`, 422, "body.status"},
		{"/notes", `{}`, 422, "body.text"},
		{"/notes", `{"text": "a\u0000b"}`, 422, "body.text"},
		{"/emails", `{"to": "eve@example.com"}`, 422, "body.to"},
	} {
		var body any = c.body
		if c.body == "" {
			body = nil
		}
		a := s.do("POST", orderPath(order, c.rest), body, bearer(key)).want(t, c.status)
		if got := a.locations(); c.at != "" && !slices.Contains(got, c.at) || c.at != "" && len(got) != 1 {
			t.Errorf("%s %s: %s", c.rest, c.body, a.raw)
		}
	}
	if n := s.ledger(); n != rows {
		t.Errorf("%d rows, %d before", n, rows)
	}
}
