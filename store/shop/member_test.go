package shop_test

import (
	"reflect"
	"slices"
	"testing"

	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/shop"
)

// ofAdmins holds the methods of the platform's own row of a merchant: an admin acts, or the applicant.
var ofAdmins = []string{"Activate", "Apply", "Audit", "CreateMerchant", "DeleteNote", "RequestVisit", "Resume",
	"RetryRun", "RollBackRun", "Suspend"}

// ofStaff holds those of a scope that name a person: the member that they are about, not the one who acts.
var ofStaff = []string{"StaffMember", "RemoveMember", "SetPermissions", "TransferOwnership"}

// TestOnlyTenantsReachShops holds the first lock of tenancy: what a person does to a shop goes through shop.MemberOf,
// and nothing that is handed out there takes a merchant's id or a person's.
func TestOnlyTenantsReachShops(t *testing.T) {
	t.Parallel()
	merchant, user := reflect.TypeFor[orbit.MerchantID](), reflect.TypeFor[orbit.UserID]()
	actor := reflect.TypeFor[orbit.Actor]()
	takes := func(m reflect.Method, wanted reflect.Type) bool {
		for i := range m.Type.NumIn() {
			if i > 0 && m.Type.In(i) == wanted {
				return true
			}
		}
		return false
	}
	for m := range reflect.TypeFor[*store.DB]().Methods() {
		if m.Name == "Caller" { // asks what a person may do in a shop
			continue
		}
		if takes(m, merchant) && (takes(m, user) || takes(m, actor) && !slices.Contains(ofAdmins, m.Name)) {
			t.Errorf("DB.%s takes a person and a merchant: make it a method of Edit or Tenant", m.Name)
		}
	}
	for _, of := range []reflect.Type{reflect.TypeFor[*shop.Tenant](), reflect.TypeFor[*shop.Edit]()} {
		for m := range of.Methods() {
			if takes(m, merchant) || takes(m, user) && !slices.Contains(ofStaff, m.Name) || takes(m, actor) {
				t.Errorf("%s.%s takes a merchant, a person or an actor: the scope knows them", of.Elem().Name(), m.Name)
			}
		}
	}
}

// TestMembersAlone: who isn't a member reads and changes nothing, and can't tell the shop from one that isn't there.
func TestMembersAlone(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	m.owner(m.alpha)
	rival := orbit.Actor{ID: m.owner(m.beta)}
	for name, merchant := range map[string]orbit.MerchantID{"another's": m.alpha, "none": orbit.NewID[orbit.Merchant]()} {
		member := shop.MemberOf(m.db, rival, merchant, orbit.PermissionMember)
		err := member.Read(t.Context(), func(*shop.Tenant) error { t.Error("read:", name); return nil })
		if orbit.CodeOf(err) != orbit.NotFound {
			t.Error(name, err)
		}
		err = member.Change(t.Context(), func(*shop.Edit) error { t.Error("changed:", name); return nil })
		if orbit.CodeOf(err) != orbit.NotFound {
			t.Error(name, err)
		}
	}
	own := false
	err := shop.MemberOf(m.db, rival, m.beta, orbit.PermissionOwner).Read(t.Context(),
		func(*shop.Tenant) error { own = true; return nil })
	if err != nil || !own {
		t.Error("its own:", err)
	}
}

// TestPermissionsAtOnce: staff do what their permissions say, as they are when they do it.
func TestPermissionsAtOnce(t *testing.T) {
	t.Parallel()
	m := newMarket(t)
	actor := orbit.Actor{ID: m.owner(m.alpha)}
	member := func(p orbit.Permission) (read, change error) {
		of := shop.MemberOf(m.db, actor, m.alpha, p)
		return of.Read(t.Context(), func(*shop.Tenant) error { return nil }),
			of.Change(t.Context(), func(*shop.Edit) error { return nil })
	}
	for _, c := range []struct {
		role, may string
		asks      orbit.Permission
		allowed   bool
	}{
		{"owner", "{}", orbit.PermissionOwner, true}, {"owner", "{}", orbit.PermissionOrders, true},
		{"staff", "{orders}", orbit.PermissionOrders, true}, {"staff", "{orders}", orbit.PermissionMember, true},
		{"staff", "{orders}", orbit.PermissionProducts, false}, {"staff", "{}", orbit.PermissionOrders, false},
		{"staff", "{orders,products}", orbit.PermissionOwner, false},
	} {
		m.sql(`UPDATE memberships SET role = $2, permissions = $3 WHERE merchant_id = $1`, m.alpha.String(), c.role, c.may)
		want := orbit.Code(orbit.Forbidden)
		if c.allowed {
			want = orbit.CodeOf(nil)
		}
		if read, change := member(c.asks); orbit.CodeOf(read) != want || orbit.CodeOf(change) != want {
			t.Errorf("%s of %s asks for %q: %v, %v", c.role, c.may, c.asks, read, change)
		}
	}
}
