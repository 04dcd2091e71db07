package api_test

import (
	"strings"
	"testing"

	"orbit360.app/orbit"
)

// An owner's program invites, changes and removes staff; a key of staff, or of an owner who isn't one by now, doesn't.
func TestStaff(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	_, key := s.key(s.moss, ownerEmail, orbit.ScopeStaffWrite)
	owner := bearer(key)
	const path = shopBase + "/staff"
	all := s.do("GET", path, nil, owner).want(t, 200).at("items").([]any)
	if me := all[0].(map[string]any); len(all) != 1 || me["role"] != "owner" || me["status"] != "active" ||
		me["email"] != ownerEmail {
		t.Errorf("%v", all)
	}
	a := s.do("POST", path, map[string]any{"email": "new@example.com", "permissions": []string{"products", "orders"}},
		owner).want(t, 201)
	id := a.at("id").(string)
	if a.at("status") != "invited" || a.at("role") != "staff" || a.at("name") != "" || a.Header.Get("ETag") != `"1"` {
		t.Errorf("%s", a.raw)
	}
	s.do("POST", path, map[string]any{"email": "new@example.com", "permissions": []string{"orders"}}, owner).want(t, 422)
	for _, bad := range []map[string]any{{"email": "x", "permissions": []string{"orders"}}, {"email": "b@example.com"},
		{"email": "b@example.com", "permissions": []string{"all"}},
		{"email": "b@example.com", "permissions": []string{"orders"}, "role": "owner"}} {
		s.do("POST", path, bad, owner).want(t, 422)
	}
	s.do("PATCH", path+"/"+id, map[string]any{"permissions": []string{"settings"}}, owner,
		with("If-Match", `"7"`)).want(t, 412)
	a = s.do("PATCH", path+"/"+id, map[string]any{"permissions": []string{"settings"}}, owner,
		with("If-Match", `"1"`)).want(t, 200)
	if list := a.at("permissions").([]any); len(list) != 1 || list[0] != "settings" || a.at("version") != 2.0 {
		t.Errorf("%s", a.raw)
	}
	s.do("DELETE", path+"/"+id, nil, owner).want(t, 204)
	s.do("GET", path+"/"+id, nil, owner).want(t, 404)

	s.staff(s.moss, rivalEmail, orbit.PermissionOrders)
	eve := path + "/" + s.personID(rivalEmail)
	s.do("PATCH", eve, map[string]any{"role": "owner"}, owner).want(t, 422)
	s.do("PATCH", eve, map[string]any{"role": "staff", "permissions": []string{}}, owner).want(t, 422)
	token := s.signInTo(rivalEmail, s.moss)
	s.do("GET", path, nil, bearer(token)).want(t, 403)
	s.do("GET", shopBase+"/shop", nil, bearer(token)).want(t, 200)
	s.do("PATCH", path+"/"+s.personID(ownerEmail), map[string]any{"permissions": []string{"orders"}}, owner).want(t, 409)
	s.do("DELETE", path+"/"+s.personID(ownerEmail), nil, owner).want(t, 409)
	// A shop that requires two-step sign-in takes no token of a member without it, nor a key that they made.
	s.exec(`UPDATE merchants SET two_step_required = true WHERE id = $1`, s.moss)
	s.do("GET", shopBase+"/shop", nil, bearer(token)).want(t, 403)
	if a := s.do("POST", "/api/auth/token", map[string]any{"email": rivalEmail, "password": adminPassword,
		"merchant": s.moss}, anonymous).want(t, 403); !strings.Contains(string(a.raw), "requires two-step sign-in") {
		t.Errorf("a token that opens nothing: %s", a.raw)
	}
	_, made := s.key(s.moss, ownerEmail, orbit.ScopeShopRead)
	s.do("GET", shopBase+"/shop", nil, bearer(made)).want(t, 403)
	s.exec(`UPDATE users SET two_step_at = now(), two_step_secret = 'x' WHERE email IN ($1, $2)`, rivalEmail, ownerEmail)
	token = s.anew(token) // as a sign-in with a code gives it
	s.do("GET", shopBase+"/shop", nil, bearer(token)).want(t, 200)
	s.do("DELETE", eve, nil, owner).want(t, 204)
	s.do("GET", shopBase+"/shop", nil, bearer(token)).want(t, 401)
}
