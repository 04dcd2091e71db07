package api_test

import (
	"net/http"
	"strings"
	"testing"
)

func TestIdempotency(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	key := with("Idempotency-Key", "k1")
	body := map[string]string{"name": "Moss", "ownerName": "Olu Ade", "email": ownerEmail, "category": "fashion"}
	first := p.do("POST", base+"/merchants", body, key).want(t, 201)
	again := p.do("POST", base+"/merchants", body, key).want(t, 201)
	if string(first.raw) != string(again.raw) || again.Header.Get("Idempotent-Replayed") != "true" ||
		first.Header.Get("Idempotent-Replayed") != "" || again.Header.Get("Location") != first.Header.Get("Location") {
		t.Errorf("first %s, again %s", first.raw, again.raw)
	}
	if n := p.count(`SELECT count(*) FROM merchants`); n != 1 {
		t.Errorf("%d merchants", n)
	}
	body["name"] = "Fern"
	if a := p.do("POST", base+"/merchants", body, key).want(t, 422); a.locations()[0] != "header.Idempotency-Key" {
		t.Errorf("another body: %s", a.raw)
	}
	p.do("POST", base+"/seed-defaults", nil, key).want(t, 422) // another address

	// Refusals are kept too.
	bad := with("Idempotency-Key", "k2")
	body["email"] = "no"
	p.do("POST", base+"/merchants", body, bad).want(t, 422)
	if a := p.do("POST", base+"/merchants", body, bad).want(t, 422); a.Header.Get("Idempotent-Replayed") != "true" ||
		a.locations()[0] != "body.email" {
		t.Errorf("a refusal again: %s", a.raw)
	}
	for _, k := range []string{"", strings.Repeat("a", 256)} {
		p.do("POST", base+"/seed-defaults", nil, func(r *http.Request) { r.Header["Idempotency-Key"] = []string{k} }).want(t,
			422)
	}
	p.do("POST", base+"/seed-defaults", nil, func(r *http.Request) {
		r.Header["Idempotency-Key"] = []string{"a",
			"b"}
	}).want(t, 422)
	p.do("POST", base+"/seed-defaults", nil, with("Idempotency-Key", strings.Repeat("a", 255))).want(t, 200)
	p.do("GET", base+"/themes", nil, key).want(t, 200) // means nothing there

	// Another caller's key is another key.
	p.exec(`UPDATE users SET role = 'admin' WHERE email = $1`, ownerEmail)
	p.do("POST", base+"/seed-defaults", nil, key, bearer(p.signIn(ownerEmail))).want(t, 200)

	// After a day it is forgotten.
	p.exec(`UPDATE idempotency_keys SET created_at = now() - interval '25 hours' WHERE key = 'k1'`)
	if a := p.do("POST", base+"/seed-defaults", nil, key).want(t, 200); a.Header.Get("Idempotent-Replayed") != "" {
		t.Error("replayed after a day")
	}
	if err := p.db.Tidy(t.Context()); err != nil {
		t.Error(err)
	}
}

// A process that dies between its work and the answer leaves a key that soon works again, and work that isn't done
// twice.
func TestKeyOfADeadProcess(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	id := p.merchant("Moss")
	key := with("Idempotency-Key", "k1")
	forget := func() {
		p.exec(`UPDATE idempotency_keys SET status = NULL, body = '', location = '',
			locked_until = now() - interval '1 second' WHERE key = 'k1'`)
	}
	p.do("POST", base+"/merchants/"+id+"/activate", order("moss"), key).want(t, 202)
	forget()
	if a := p.do("POST", base+"/merchants/"+id+"/activate", order("moss"), key).want(t,
		202); a.Header.Get("Idempotent-Replayed") != "" || a.at("merchant", "id") != id {
		t.Errorf("taken over: %s", a.raw)
	}
	if n := p.count(`SELECT count(*) FROM merchant_provisionings`); n != 1 {
		t.Errorf("%d runs", n)
	}
	if a := p.do("POST", base+"/merchants/"+id+"/activate", order("moss"), key).want(t,
		202); a.Header.Get("Idempotent-Replayed") != "true" {
		t.Error("the answer wasn't kept")
	}
	p.exec(`DELETE FROM idempotency_keys`)
	body := map[string]string{"name": "Fern", "ownerName": "Olu Ade", "email": ownerEmail, "category": "fashion"}
	first := p.do("POST", base+"/merchants", body, key).want(t, 201)
	forget()
	if a := p.do("POST", base+"/merchants", body, key).want(t, 201); a.at("id") != first.at("id") {
		t.Errorf("made two: %v and %v", first.at("id"), a.at("id"))
	}
	// Before its time is over it isn't taken over, and another body is refused even then.
	p.exec(`UPDATE idempotency_keys SET status = NULL, locked_until = now() + interval '10 seconds'`)
	p.do("POST", base+"/merchants", body, key).want(t, 409)
	forget()
	body["name"] = "Other"
	p.do("POST", base+"/merchants", body, key).want(t, 422)
}

// Answers of ours that went wrong aren't kept, and tell nothing of the inside.
func TestOurFaults(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	key := with("Idempotency-Key", "k1")
	p.exec(`ALTER TABLE themes RENAME TO hidden`)
	a := p.do("POST", base+"/seed-defaults", nil, key).want(t, 500)
	if body := string(a.raw); strings.Contains(body, "themes") || strings.Contains(body, "42P01") ||
		strings.Contains(body, "SQL") || a.Header.Get("X-Request-Id") == "" {
		t.Errorf("tells %s", body)
	}
	p.do("GET", base+"/themes", nil).want(t, 500)
	p.exec(`ALTER TABLE hidden RENAME TO themes`)
	if a := p.do("POST", base+"/seed-defaults", nil, key).want(t, 200); a.Header.Get("Idempotent-Replayed") != "" {
		t.Error("a 500 was kept")
	}
	p.db.Close()
	a = p.do("GET", base+"/themes", nil)
	if a.StatusCode != 503 && a.StatusCode != 500 {
		t.Errorf("without a database: %d %s", a.StatusCode, a.raw)
	}
}
