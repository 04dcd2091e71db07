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
var ofAdmins = []string{"Activate", "Apply", "Audit", "CreateMerchant", "RetryRun", "RollBackRun", "SetSuspended"}

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
		if takes(m, merchant) && (takes(m, user) || takes(m, actor) && !slices.Contains(ofAdmins, m.Name)) {
			t.Errorf("DB.%s takes a person and a merchant: make it a method of Edit or Tenant", m.Name)
		}
	}
	for _, of := range []reflect.Type{reflect.TypeFor[*shop.Tenant](), reflect.TypeFor[*shop.Edit]()} {
		for m := range of.Methods() {
			if takes(m, merchant) || takes(m, user) || takes(m, actor) {
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
		member := shop.MemberOf(m.db, rival, merchant)
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
	err := shop.MemberOf(m.db, rival, m.beta).Read(t.Context(), func(*shop.Tenant) error { own = true; return nil })
	if err != nil || !own {
		t.Error("its own:", err)
	}
}
