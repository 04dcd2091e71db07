package dashboard_test

import (
	"net/url"
	"strings"
	"testing"

	"orbit360.app/orbit"
)

func TestAPIKeys(t *testing.T) {
	t.Parallel()
	w := begin(t)
	list := w.home(w.moss) + "/settings/api-keys"
	if _, page := w.get(w.ada, list); !strings.Contains(page.Text(), "No API keys yet") ||
		page.Find(`.side-nav a[href="`+list+`"]`).Length() == 0 {
		t.Error(page.Text())
	}
	_, form := w.get(w.ada, list+"/new")
	id, _ := form.Find("input[name=id]").Attr("value")
	if n := form.Find("input[name=scopes]").Length(); n != len(orbit.APIScopes()) {
		t.Errorf("an owner can give %d scopes", n)
	}
	res, page := w.post(w.ada, list, url.Values{"id": {id}, "name": {" "}, "days": {"7"}})
	if res.StatusCode != 422 || page.Find("#name-error, #scopes-error, #days-error").Length() != 3 {
		t.Errorf("%d: faults %q", res.StatusCode, page.Find(".fault").Text())
	}
	good := url.Values{"id": {id}, "name": {"Till"}, "days": {"30"},
		"scopes": {"orders:read", "orders:write", "shop:read"}}
	for _, odd := range []string{"ORDERS:READ", "orders:read ", "everything", ""} {
		bad := url.Values{"id": {id}, "name": {"Till"}, "days": {"0"}, "scopes": {"shop:read", odd + "x"}}
		if res, _ := w.post(w.ada, list, bad); res.StatusCode != 422 {
			t.Errorf("scope %q: %d", odd, res.StatusCode)
		}
	}
	res, page = w.post(w.ada, list, good)
	secret := strings.TrimSpace(page.Find(".secret .mono").First().Text())
	if res.StatusCode != 201 || !strings.HasPrefix(secret, "orb_") || res.Header.Get("Cache-Control") != "no-store" {
		t.Fatalf("%d %q", res.StatusCode, secret)
	}
	who, err := w.db.UseAPIKey(t.Context(), secret)
	if err != nil || who.Shop.ID != w.moss || who.Key.ExpiresAt.IsZero() || who.Check(orbit.ScopeOrdersRead) != nil ||
		who.Check(orbit.ScopeShopWrite) == nil || len(who.Key.Scopes) != 2 {
		t.Errorf("%+v, %v", who, err)
	}
	if res, _ := w.post(w.ada, list, good); res.StatusCode != 303 { // sent twice
		t.Error(res.StatusCode)
	}
	row := "#api-key-" + id
	_, page = w.get(w.ada, list)
	if text := page.Find(row).Text(); page.Find("#api-keys tbody tr").Length() != 1 || !strings.Contains(text, "Active") ||
		!strings.Contains(text, "shop:read, orders:write") || strings.Contains(page.Text(), secret[13:]) {
		t.Errorf("lists %q", text)
	}
	// Another shop's people see and end none of it; with the id of this one neither.
	other := w.home(w.nord) + "/settings/api-keys"
	for _, path := range []string{other + "/" + id + "/revocation/new", list, list + "/" + id + "/revocation/new"} {
		if res, _ := w.get(w.bob, path); res.StatusCode != 404 {
			t.Errorf("%s: %d", path, res.StatusCode)
		}
	}
	if res, _ := w.post(w.bob, other+"/"+id+"/revocation", nil); res.StatusCode != 404 {
		t.Error(res.StatusCode)
	}
	if res, page := w.get(w.ada, list+"/"+id+"/revocation/new"); res.StatusCode != 200 ||
		!strings.Contains(page.Text(), "Revoke Till?") {
		t.Error(res.StatusCode)
	}
	for range 2 {
		if res, _ := w.post(w.ada, list+"/"+id+"/revocation", nil); res.StatusCode != 303 {
			t.Error(res.StatusCode)
		}
	}
	if _, err := w.db.UseAPIKey(t.Context(), secret); orbit.CodeOf(err) != orbit.NotFound {
		t.Error(err)
	}
}

// Staff give no more than they have, and what they gave ends with what they have.
func TestStaffAPIKeys(t *testing.T) {
	t.Parallel()
	w := begin(t)
	list := w.home(w.moss) + "/settings/api-keys"
	w.staff(w.moss, "bob@example.com", orbit.PermissionDevelopers, orbit.PermissionOrders)
	_, form := w.get(w.bob, list+"/new")
	var offered []string
	for _, n := range form.Find("input[name=scopes]").EachIter() {
		value, _ := n.Attr("value")
		offered = append(offered, value)
	}
	const able = "shop:read orders:read orders:write webhooks:read webhooks:write events:read"
	if got := strings.Join(offered, " "); got != able {
		t.Errorf("offered %s", got)
	}
	id, _ := form.Find("input[name=id]").Attr("value")
	for _, s := range []string{"staff:read", "products:read", "shop:write"} {
		form := url.Values{"id": {id}, "name": {"Till"}, "days": {"0"}, "scopes": {s}}
		if res, _ := w.post(w.bob, list, form); res.StatusCode != 422 {
			t.Errorf("gives %s: %d", s, res.StatusCode)
		}
	}
	_, page := w.post(w.bob, list, url.Values{"id": {id}, "name": {"Till"}, "days": {"0"}, "scopes": {"orders:read"}})
	secret := strings.TrimSpace(page.Find(".secret .mono").First().Text())
	w.staff(w.moss, "bob@example.com", orbit.PermissionDevelopers)
	who, err := w.db.UseAPIKey(t.Context(), secret)
	if err != nil || who.Check(orbit.ScopeOrdersRead) == nil {
		t.Errorf("demoted: %v", err)
	}
	if _, page := w.get(w.ada, list); !strings.Contains(page.Find("#api-key-"+id).Text(), "Limited") {
		t.Errorf("lists %q", page.Find("#api-key-"+id).Text())
	}
	if _, err := w.db.Pool().Exec(t.Context(), `DELETE FROM memberships WHERE merchant_id = $1 AND role = 'staff'`,
		w.moss.String()); err != nil {
		t.Fatal(err)
	}
	if _, err := w.db.UseAPIKey(t.Context(), secret); orbit.CodeOf(err) != orbit.NotFound {
		t.Error(err)
	}
	if _, page := w.get(w.ada, list); !strings.Contains(page.Find("#api-key-"+id).Text(), "No access") {
		t.Errorf("lists %q", page.Find("#api-key-"+id).Text())
	}
}
