package admin_test

import (
	"net/url"
	"strings"
	"testing"

	"orbit360.app/orbit"
)

func TestAPIKeys(t *testing.T) {
	t.Parallel()
	p := newPanel(t)
	if a := p.get("/api-keys").want(t, 200); a.words(".empty-title") != "No API keys yet" {
		t.Errorf("an empty list says %q", a.words("main"))
	}
	id, _ := p.get("/api-keys/new").want(t, 200).Find("input[name=id]").Attr("value")
	if a := p.post("/api-keys", url.Values{"id": {id}, "name": {"<b>\x00"}}).want(t,
		422); !strings.Contains(a.words("#name-error"), "control characters") {
		t.Errorf("a bad name: %q", a.words("#name-error"))
	}
	p.post("/api-keys", url.Values{"id": {"nope"}, "name": {"Warehouse"}}).want(t, 400)

	// Shown once, whatever is pressed.
	a := p.post("/api-keys", url.Values{"id": {id}, "name": {"<b>Warehouse"}}).want(t, 201)
	secret := a.words(".secret .mono")
	if !strings.HasPrefix(secret, "orb_") || a.Header.Get("Cache-Control") != "no-store" ||
		a.words("h1") != "<b>Warehouse" {
		t.Errorf("shows %q of %q", secret, a.words("h1"))
	}
	if who, err := p.db.UseAPIKey(t.Context(), secret); err != nil || who.User.Email != adminEmail {
		t.Errorf("works for %s: %v", who.User.Email, err)
	}
	p.post("/api-keys", url.Values{"id": {id}, "name": {"<b>Warehouse"}}).want(t, 303)
	a = p.get("/api-keys").want(t, 200)
	if a.Find("#api-keys tbody tr").Length() != 1 || !strings.Contains(a.words("#api-key-"+id), secret[:12]+"…") ||
		strings.Contains(a.body, secret[13:]) || !strings.Contains(a.words("#api-key-"+id), "Active") {
		t.Errorf("lists %q", a.words("#api-keys"))
	}

	ask := "/api-keys/" + id + "/revocation/new"
	if a := p.get(ask, dialog).want(t, 200); a.Find("dialog form#revocation").Length() != 1 ||
		a.Find("main").Length() != 0 {
		t.Errorf("asks %q", a.words("dialog"))
	}
	p.get(ask).want(t, 200)
	for range 2 {
		p.post("/api-keys/"+id+"/revocation", url.Values{}).want(t, 303)
	}
	if _, err := p.db.UseAPIKey(t.Context(), secret); orbit.CodeOf(err) != orbit.NotFound {
		t.Errorf("a revoked key: %v", err)
	}
	if a := p.get("/api-keys").want(t, 200); !strings.Contains(a.words("#api-key-"+id), "Revoked") ||
		a.Find("#api-key-"+id+" a").Length() != 0 {
		t.Errorf("lists %q", a.words("#api-keys"))
	}
}
