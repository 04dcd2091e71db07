package api_test

import (
	"fmt"
	"strings"
	"testing"

	"orbit360.app/orbit"
)

// fault is the first fault of a 422, as it was sent.
func (a answer) fault(t *testing.T) map[string]any {
	t.Helper()
	a.want(t, 422)
	if detail := a.at("detail"); detail == "The content has errors." {
		t.Errorf("says %q, and others say it differently", detail)
	}
	return a.json["errors"].([]any)[0].(map[string]any)
}

// A member as the contract writes one is what an invitation takes. Times and permissions of the answer hold too.
func TestStaffAsTheContractWritesIt(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	_, key := s.key(s.moss, ownerEmail, orbit.ScopeStaffWrite, orbit.ScopeWebhooksWrite, orbit.ScopeShopWrite)
	me := bearer(key)
	a := s.do("POST", shopBase+"/staff", map[string]any{"email": "new@example.com", "role": "staff",
		"permissions": []string{"products"}}, me).want(t, 201)
	if a.at("createdAt") != a.at("updatedAt") {
		t.Errorf("an invitation was changed before it was made: %s", a.raw)
	}
	for _, role := range []string{"owner", "admin"} {
		f := s.do("POST", shopBase+"/staff", map[string]any{"email": "b@example.com", "role": role,
			"permissions": []string{"products"}}, me).fault(t)
		if f["location"] != "body.role" || f["value"] != role {
			t.Errorf("%s: %v", role, f)
		}
	}
	owner := s.do("GET", shopBase+"/staff/"+s.personID(ownerEmail), nil, me).want(t, 200)
	if list := owner.at("permissions").([]any); len(list) != len(orbit.Permissions()) {
		t.Errorf("the owner may %v", list)
	}

	f := s.do("POST", shopBase+"/staff", map[string]any{"email": "b@example.com", "permissions": []string{"all"}},
		me).fault(t)
	if message := f["message"].(string); f["value"] != "all" || !strings.Contains(message, orbit.Permissions().Choices()) {
		t.Errorf("a wrong permission: %v", f)
	}
	f = s.do("POST", shopBase+"/webhooks", map[string]any{"url": "https://example.com/x",
		"events": []string{"order.paid", "order.eaten"}}, me).fault(t)
	if message := f["message"].(string); f["value"] != "order.eaten" ||
		!strings.Contains(message, orbit.ShopEventKinds().Choices()) {
		t.Errorf("a wrong event: %v", f)
	}
	f = s.do("PATCH", shopBase+"/shop", map[string]any{"subdomain": "other"}, me).fault(t)
	if f["message"] != "This field is read-only." || f["value"] != "other" {
		t.Errorf("a read-only field: %v", f)
	}
	f = s.do("PATCH", shopBase+"/shop", map[string]any{"name": 1}, me).fault(t)
	if f["value"] != 1.0 {
		t.Errorf("a number comes back as %T", f["value"])
	}
}

// Invitations that are refused leave the day's others to be sent.
func TestRefusedInvitationsDoNotCount(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	_, key := s.key(s.moss, ownerEmail, orbit.ScopeStaffWrite)
	invite := func(email string) answer {
		return s.do("POST", shopBase+"/staff", map[string]any{"email": email, "permissions": []string{"orders"}}, bearer(key))
	}
	for range orbit.InvitationsPerDay + 1 {
		invite(ownerEmail).want(t, 422)
	}
	invite("new@example.com").want(t, 201)
}

// Short lists have pages as all lists have: limit, cursor, and a refusal of those that can't be.
func TestShortListsHavePages(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	_, key := s.key(s.moss, ownerEmail, orbit.ScopeStaffWrite, orbit.ScopeWebhooksWrite)
	me := bearer(key)
	for i := range 4 {
		s.do("POST", shopBase+"/staff", map[string]any{"email": fmt.Sprintf("p%d@example.com", i),
			"permissions": []string{"orders"}}, me).want(t, 201)
		s.webhook(s.moss)
	}
	s.webhook(s.moss)
	for _, path := range []string{shopBase + "/staff", shopBase + "/webhooks"} {
		seen := map[any]bool{}
		at := path + "?limit=2"
		for pages := 0; at != ""; pages++ {
			a := s.do("GET", at, nil, me).want(t, 200)
			items := a.at("items").([]any)
			if len(items) > 2 || len(items) == 0 || pages > 2 {
				t.Fatalf("%s: %s", at, a.raw)
			}
			for _, item := range items {
				seen[item.(map[string]any)["id"]] = true
			}
			at = ""
			if next, more := a.json["nextCursor"].(string); more {
				at = path + "?limit=2&cursor=" + next
			}
		}
		if len(seen) != 5 {
			t.Errorf("%s: %d entries by pages", path, len(seen))
		}
		other := s.do("GET", shopBase+"/staff?limit=1", nil, me).at("nextCursor").(string)
		for _, bad := range []string{"?limit=-1", "?limit=0", "?limit=101", "?cursor=forged", "?limit=x"} {
			s.do("GET", path+bad, nil, me).want(t, 422)
		}
		if strings.HasSuffix(path, "webhooks") {
			s.do("GET", path+"?cursor="+other, nil, me).want(t, 422)
		}
	}
}
