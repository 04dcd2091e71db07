package admin_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"orbit360.app/orbit"
)

func TestWebhookLife(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	p.work(false)
	var status atomic.Int64
	status.Store(500)
	seen := make(chan string, 100)
	rec := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen <- r.Header.Get("Orbit-Event-Id")
		w.WriteHeader(int(status.Load()))
		_, _ = io.WriteString(w, "<script>alert(1)</script>")
	}))
	t.Cleanup(rec.Close)

	if a := p.get("/webhooks").want(t, 200); a.words(".empty-title") != "No webhooks yet" {
		t.Error(a.words("main"))
	}
	blank := p.get("/webhooks/new").want(t, 200)
	if a := p.post("/webhooks", fill(blank, "#webhook", url.Values{"url": {"ftp://x"}, "events": {},
		"description": {"a\x00"}})).want(t, 422); a.words("#url-error") == "" || a.words("#events-error") == "" ||
		a.words("#description-error") == "" {
		t.Error(a.words("form"))
	}
	p.post("/webhooks", fill(blank, "#webhook", url.Values{"id": {"nope"}, "url": {rec.URL}})).want(t, 400)

	// The secret is shown once.
	form := fill(blank, "#webhook", url.Values{"url": {rec.URL + "/<b>"}})
	form.Set("url", rec.URL+"/hook")
	a := p.post("/webhooks", form).want(t, 201)
	secret := a.Find("[data-copy]").AttrOr("data-copy", "")
	if !strings.HasPrefix(secret, "whsec_") || a.Header.Get("Cache-Control") != "no-store" ||
		strings.Count(a.body, secret) != 2 {
		t.Fatalf("%q: %s", secret, a.words("main"))
	}
	at := "/webhooks/" + form.Get("id")
	if a := p.post("/webhooks", form).want(t, 303); a.Header.Get("Location") != at {
		t.Error("sent twice:", a.Header.Get("Location"))
	}

	// A test that fails for good, then a replay that arrives, with the same id.
	p.post(at+"/ping", nil).want(t, 303)
	await(t, func() bool { return strings.Contains(p.get(at).words("#log"), "Failed") })
	a = p.get(at+"?status=failed").want(t, 200)
	delivery := a.Find("#log a.name-link").AttrOr("href", "")
	if a.Find("#log tbody tr").Length() != 1 || !strings.Contains(a.words("#log"), "500 in") ||
		a.words(".page-title .badge") != "Failing" {
		t.Error(a.words("main"))
	}
	one := p.get(delivery).want(t, 200)
	if one.Find(".attempt").Length() != orbit.MaxDeliveryAttempts || one.Find("main script").Length() != 0 ||
		!strings.Contains(one.words(".attempt pre"), "<script>alert(1)</script>") ||
		!strings.Contains(one.words("#payload"), `"type":"ping"`) {
		t.Error(one.words("main"))
	}
	status.Store(204)
	if a := p.post(delivery+"/replay", nil).want(t, 303); a.Header.Get("Location") != at {
		t.Error(a.Header.Get("Location"))
	}
	await(t, func() bool { return strings.Contains(p.get(at).words("#log"), "Delivered") })
	for first := <-seen; len(seen) > 0; {
		if again := <-seen; again != first || first == "" {
			t.Errorf("%q, then %q", first, again)
		}
	}

	// An activation is an event too.
	id := p.apply("Moss & <i>Fern</i>")
	p.activate(id, "moss")
	p.await(id, orbit.MerchantActive)
	await(t, func() bool { return strings.Contains(p.get(at).words("#log"), "merchant.activated") })
	if a := p.get(at).want(t, 200); !strings.Contains(a.words("#log"), "Moss & <i>Fern</i>") {
		t.Error(a.words("#log"))
	}

	// Edit, rotate, switch, delete.
	p.post(at, fill(p.get(at+"/edit").want(t, 200), "#webhook",
		url.Values{"description": {"For the CRM"}, "events": {"merchant.failed"}})).want(t, 303)
	if a := p.get("/webhooks").want(t, 200); !strings.Contains(a.words("#webhooks"), "For the CRM") ||
		strings.Contains(a.words("#webhooks"), "merchant.activated") {
		t.Error(a.words("#webhooks"))
	}
	a = p.post(at+"/rotation", nil).want(t, 201)
	if second := a.Find("[data-copy]").AttrOr("data-copy", ""); !strings.HasPrefix(second, "whsec_") || second == secret {
		t.Error("not a new secret")
	}
	p.post(at+"/deactivation", nil).want(t, 303)
	p.post(at+"/ping", nil).want(t, 409)
	p.post(delivery+"/replay", nil).want(t, 409)
	p.post(at+"/activation", nil).want(t, 303)
	for _, page := range []string{"/webhooks", at, at + "/edit", at + "/rotation/new", delivery, "/audit",
		"/audit?page=2"} {
		if a := p.get(page).want(t, 200); strings.Contains(a.body, "whsec_") || strings.Contains(a.body, secret[6:]) {
			t.Errorf("%s shows the secret", page)
		}
	}
	if a := p.get(at+"/deletion/new", dialog).want(t, 200); a.Find("dialog form#deletion").Length() != 1 {
		t.Error("no dialog")
	}
	if a := p.post(at+"/deletion", nil).want(t, 303); a.Header.Get("Location") != "/webhooks" {
		t.Error(a.Header.Get("Location"))
	}
	p.get(delivery).want(t, 404)
	if a := p.get("/audit").want(t, 200); !strings.Contains(a.words("#audit"), "Deleted the webhook") ||
		!strings.Contains(a.words("#audit"), "Resent a delivery") {
		t.Error(a.words("#audit"))
	}
}

func await(t *testing.T, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("it didn't come to that")
		}
	}
}
