package shop_test

import (
	"reflect"
	"testing"

	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/shop"
)

// TestOnlyTenantsReachShops holds the first lock of tenancy: what a person does to a shop goes through DB.Member, and
// nothing that is handed out there takes a merchant's id or a person's.
func TestOnlyTenantsReachShops(t *testing.T) {
	t.Parallel()
	merchant, user, actor := reflect.TypeFor[orbit.MerchantID](), reflect.TypeFor[orbit.UserID](), reflect.TypeFor[orbit.Actor]()
	takes := func(m reflect.Method, wanted reflect.Type) bool {
		for i := range m.Type.NumIn() {
			if i > 0 && m.Type.In(i) == wanted {
				return true
			}
		}
		return false
	}
	for m := range reflect.TypeFor[*store.DB]().Methods() {
		if takes(m, merchant) && takes(m, user) {
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
