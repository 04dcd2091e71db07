package api_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"orbit360.app/orbit"
)

// webhook makes one of a shop's, in the name of its owner, and returns its id.
func (p *platform) webhook(merchant string) string {
	p.t.Helper()
	id := orbit.NewID[orbit.Webhook]().String()
	p.exec(`INSERT INTO webhooks (id, merchant_id, url, description, events, secret, created_at, updated_at)
		VALUES ($1, $2, 'https://example.com/hook', '', '["order.created"]', 'x', now(), now())`, id, merchant)
	return id
}

// TestWebhooks: a shop's program keeps webhooks of its own, which get what happens there, and no other shop's.
func TestWebhooks(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	_, key := s.key(s.moss, ownerEmail, orbit.ScopeWebhooksWrite)
	_, theirs := s.key(s.fern, rivalEmail, orbit.ScopeWebhooksWrite)
	me, them := bearer(key), bearer(theirs)
	const path = shopBase + "/webhooks"
	got := make(chan *http.Request, 10)
	var mu sync.Mutex
	var bodies []string
	receiver := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		mu.Lock()
		bodies = append(bodies, string(body))
		mu.Unlock()
		got <- r
	}))
	defer receiver.Close()

	order := map[string]any{"url": receiver.URL, "events": []string{"order.created"}}
	once := with("Idempotency-Key", "hook")
	a := s.do("POST", path, order, me, once).want(t, 201)
	id, secret := a.at("id").(string), a.at("secret").(string)
	if !strings.HasPrefix(secret, "whsec_") || a.at("active") != true {
		t.Errorf("%s", a.raw)
	}
	again := s.do("POST", path, order, me, once).want(t, 201)
	if again.at("secret") != nil || again.at("id") != id || again.Header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("again: %s", again.raw)
	}
	if n := s.count(`SELECT count(*) FROM idempotency_keys WHERE position(convert_to($1, 'UTF8') IN body) > 0`,
		secret); n != 0 {
		t.Error("the secret is kept")
	}
	for _, bad := range []map[string]any{{"url": receiver.URL}, {"url": "ftp://x", "events": []string{"order.created"}},
		{"url": receiver.URL, "events": []string{"merchant.activated"}}, {"events": []string{"order.paid"}}} {
		s.do("POST", path, bad, me).want(t, 422)
	}
	for _, a := range []answer{s.do("GET", path, nil, me), s.do("GET", path+"/"+id, nil, me)} {
		if a.want(t, 200); !strings.Contains(string(a.raw), id) || strings.Contains(string(a.raw), "whsec_") {
			t.Errorf("%s", a.raw)
		}
	}
	if list := s.do("GET", path, nil, them).want(t, 200).at("items").([]any); len(list) != 0 {
		t.Errorf("another shop's list: %v", list)
	}

	s.happen(s.moss, orbit.OrderWasPaid, orbit.OrderWasCreated)
	s.happen(s.fern, orbit.OrderWasCreated)
	select {
	case r := <-got:
		mu.Lock()
		if r.Header.Get("Orbit-Event-Type") != "order.created" || r.Header.Get("Orbit-Signature") == "" ||
			len(bodies) != 1 {
			t.Errorf("%v %v", r.Header, bodies)
		}
		mu.Unlock()
	case <-time.After(20 * time.Second):
		t.Error("nothing was delivered")
	}
	s.changeWebhook(path+"/"+id, secret, me, them)

	for range orbit.MaxShopWebhooks - 1 {
		s.do("POST", path, order, me).want(t, 201)
	}
	s.do("POST", path, order, me).want(t, 409)
	s.do("DELETE", path+"/"+id, nil, me).want(t, 204)
	s.do("DELETE", path+"/"+id, nil, me).want(t, 404)
	s.do("POST", path, order, me).want(t, 201)
}

// changeWebhook changes a webhook in the versions that it has, and rotates its secret.
func (s *street) changeWebhook(path, secret string, me, them option) {
	t := s.t
	t.Helper()
	for _, method := range []string{"GET", "DELETE"} {
		s.do(method, path, nil, them).want(t, 404)
	}
	s.do("PATCH", path, map[string]any{"active": false}, them).want(t, 404)
	s.do("POST", path+"/rotation", nil, them).want(t, 404)
	first := s.do("GET", path, nil, me).want(t, 200).Header.Get("ETag")
	a := s.do("PATCH", path, map[string]any{"active": false, "events": []string{"order.paid"}}, me,
		with("If-Match", first)).want(t, 200)
	if a.at("active") != false || a.at("events").([]any)[0] != "order.paid" || a.Header.Get("ETag") == first {
		t.Errorf("%s", a.raw)
	}
	second := a.Header.Get("ETag")
	s.do("PATCH", path, map[string]any{"active": true}, me, with("If-Match", first)).want(t, 412)
	s.do("POST", path+"/rotation", nil, me, with("If-Match", first)).want(t, 412)
	s.do("PATCH", path, map[string]any{"events": []string{}}, me).want(t, 422)
	s.do("PATCH", path, map[string]any{"url": nil}, me).want(t, 422)
	s.do("PATCH", path, map[string]any{"secret": "whsec_mine"}, me).want(t, 422)
	a = s.do("POST", path+"/rotation", nil, me, with("If-Match", second), with("Idempotency-Key", "turn")).want(t, 200)
	if other, _ := a.at("secret").(string); !strings.HasPrefix(other, "whsec_") || other == secret ||
		a.Header.Get("ETag") == second {
		t.Errorf("%s", a.raw)
	}
	if n := s.count(`SELECT count(*) FROM idempotency_keys WHERE position('whsec_' IN body) > 0`); n != 0 {
		t.Error("a secret is kept")
	}
}
