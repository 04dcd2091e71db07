package api_test

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"orbit360.app/orbit"
)

// entry is what the walk over all operations has to know of one.
type entry struct {
	good int // the answer to somebody who may, with a body of nonsense where there is one
	// The id in the path, of the shop Moss and of the shop Fern; an operation of the platform has one for both.
	own, other string
	shared     bool // own names one in every shop: each has its own
	stream     bool // it doesn't end by itself
}

// entries has a line for every operation of the API.
func (s *street) entries() map[string]entry {
	id := func() string { return orbit.NewID[orbit.Merchant]().String() }
	theme, plan := s.first("themes"), s.first("plans")
	s.market(s.moss)
	s.market(s.fern)
	sold, foreign := s.sell(s.moss, "grace@example.com").ID.String(), s.sell(s.fern, "grace@example.com").ID.String()
	return map[string]entry{
		"createToken": {good: 422}, "seedDefaults": {good: 200},
		"listThemes": {good: 200}, "createTheme": {good: 422}, "replaceTheme": {good: 422, own: theme},
		"deleteTheme": {good: 404, own: id()},
		"listPlans":   {good: 200}, "createPlan": {good: 422}, "replacePlan": {good: 422, own: plan},
		"deletePlan":    {good: 404, own: id()},
		"listMerchants": {good: 200}, "createMerchant": {good: 422}, "getMerchant": {good: 200, own: s.moss},
		"activateMerchant": {good: 422, own: s.moss}, "getProvisioningStatus": {good: 200, own: s.moss},
		"streamProvisioning": {good: 200, own: s.moss, stream: true},
		"retryProvisioning":  {good: 409, own: s.moss}, "rollbackProvisioning": {good: 409, own: s.moss},

		"getShop": {good: 200}, "updateShop": {good: 422}, "openShop": {good: 200}, "closeShop": {good: 204},
		"listOrders": {good: 200}, "getOrder": {good: 200, own: sold, other: foreign},
		"payOrder": {good: 422, own: sold, other: foreign}, "fulfillOrder": {good: 422, own: sold, other: foreign},
		"refundOrder": {good: 422, own: sold, other: foreign}, "cancelOrder": {good: 422, own: sold, other: foreign},
		"exportOrders": {good: 200},
		"noteOrder":    {good: 422, own: sold, other: foreign}, "emailOrder": {good: 201, own: sold, other: foreign},
		"listProducts": {good: 200}, "createProduct": {good: 422}, "bulkEditProducts": {good: 422},
		"exportProducts":   {good: 200},
		"getProduct":       {good: 200, own: s.product(s.moss), other: s.product(s.fern)},
		"updateProduct":    {good: 422, own: s.product(s.moss), other: s.product(s.fern)},
		"duplicateProduct": {good: 422, own: s.product(s.moss), other: s.product(s.fern)},
		// Staff with the permission have deleted it before.
		"deleteProduct":            {good: 404, own: s.product(s.moss), other: s.product(s.fern)},
		"adjustInventory":          {good: 422, own: s.stocked(s.moss), other: s.stocked(s.fern)},
		"listInventoryAdjustments": {good: 422}, "listOperations": {good: 200},
		"undoOperation": {good: 202, own: s.operation(s.moss), other: s.operation(s.fern)},
		"listCustomers": {good: 200}, "createCustomer": {good: 422}, "exportCustomers": {good: 200},
		"getCustomer":     {good: 200, own: s.customer(s.moss), other: s.customer(s.fern)},
		"updateCustomer":  {good: 422, own: s.customer(s.moss), other: s.customer(s.fern)},
		"mergeCustomers":  {good: 422, own: s.customer(s.moss), other: s.customer(s.fern)},
		"getCustomerData": {good: 200, own: s.customer(s.moss), other: s.customer(s.fern)},
		// Staff with the permission have erased it before.
		"eraseCustomer": {good: 404, own: s.customer(s.moss), other: s.customer(s.fern)},
		"listDiscounts": {good: 200}, "createDiscount": {good: 422}, "exportDiscounts": {good: 200},
		"getDiscount":    {good: 200, own: s.discount(s.moss), other: s.discount(s.fern)},
		"updateDiscount": {good: 422, own: s.discount(s.moss), other: s.discount(s.fern)},
		// Staff with the permission have deleted it before.
		"deleteDiscount":    {good: 404, own: s.discount(s.moss), other: s.discount(s.fern)},
		"listShippingZones": {good: 200}, "createShippingZone": {good: 422},
		"getShippingZone":    {good: 200, own: s.zone(s.moss), other: s.zone(s.fern)},
		"updateShippingZone": {good: 422, own: s.zone(s.moss), other: s.zone(s.fern)},
		// Staff with the permission have deleted them before.
		"deleteShippingZone": {good: 404, own: s.zone(s.moss), other: s.zone(s.fern)},
		"listTaxRates":       {good: 200}, "createTaxRate": {good: 422},
		"getTaxRate":            {good: 200, own: s.tax(s.moss), other: s.tax(s.fern)},
		"updateTaxRate":         {good: 422, own: s.tax(s.moss), other: s.tax(s.fern)},
		"deleteTaxRate":         {good: 404, own: s.tax(s.moss), other: s.tax(s.fern)},
		"listPaymentProviders":  {good: 200},
		"updatePaymentProvider": {good: 422, own: "manual", shared: true},
		"checkPaymentProvider":  {good: 200, own: "manual", shared: true},
		"streamEvents":          {good: 200, stream: true},
		"listStaff":             {good: 200}, "inviteStaff": {good: 422},
		"getStaff":     {good: 200, own: s.personID(ownerEmail), other: s.personID(rivalEmail)},
		"updateStaff":  {good: 422, own: s.personID(ownerEmail), other: s.personID(rivalEmail)},
		"listWebhooks": {good: 200}, "createWebhook": {good: 422},
		"getWebhook":    {good: 200, own: s.webhook(s.moss), other: s.webhook(s.fern)},
		"updateWebhook": {good: 422, own: s.webhook(s.moss), other: s.webhook(s.fern)},
		"rotateWebhook": {good: 200, own: s.webhook(s.moss), other: s.webhook(s.fern)},
		// Staff with the permission have deleted it before.
		"deleteWebhook": {good: 404, own: s.webhook(s.moss), other: s.webhook(s.fern)},
		"deleteStaff":   {good: 409, own: s.personID(ownerEmail), other: s.personID(rivalEmail)},
	}
}

// personID is the id of a person's account.
func (s *street) personID(email string) string { return s.actor(email).ID.String() }

// first is the id of the first theme or plan.
func (s *street) first(kind string) string {
	s.t.Helper()
	items := s.do("GET", base+"/"+kind, nil).want(s.t, 200).at("items").([]any)
	return items[0].(map[string]any)["id"].(string)
}

// ask sends a request for an operation, and reads its answer unless that is an open stream.
func (s *street) ask(op described, id, credential string, stream bool) answer {
	s.t.Helper()
	var body any
	if op.hasBody {
		body = map[string]any{"nonsense": true}
	}
	options := []option{bearer(credential)}
	if credential == "" {
		options = []option{anonymous}
	}
	if stream {
		ctx, cancel := context.WithTimeout(s.t.Context(), 10*time.Second)
		defer cancel()
		req, err := http.NewRequestWithContext(ctx, op.method, s.url+strings.ReplaceAll(op.path, "{id}", id), nil)
		if err != nil {
			s.t.Fatal(err)
		}
		for _, o := range options {
			o(req)
		}
		res, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			s.t.Fatal(err)
		}
		if res.StatusCode == 200 {
			_ = res.Body.Close()
			return answer{Response: res}
		}
		_ = res.Body.Close()
	}
	return s.do(op.method, strings.ReplaceAll(op.path, "{id}", id), body, options...)
}

// TestEveryOperationAsksWho walks all operations that the API has: nobody, a forged token, the other side's
// credentials, another shop's owner, staff with every permission but the one, a key with every scope but the one, the
// owner of a suspended shop; and at last those who may.
func TestEveryOperationAsksWho(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	entries := s.entries()
	callers := s.credentials()
	const note = "Owes us a favor"
	moss, err := orbit.ParseID[orbit.Merchant](s.moss)
	if err == nil {
		err = s.db.AddNote(t.Context(), orbit.Note{MerchantID: moss, ID: orbit.NewID[orbit.Note](), Text: note}, orbit.System)
	}
	if err != nil {
		t.Fatal(err)
	}
	ops := s.operations()
	// What changes least comes first.
	order := []string{"GET", "POST", "PATCH", "PUT", "DELETE"}
	slices.SortFunc(ops, func(a, b described) int {
		return slices.Index(order, a.method) - slices.Index(order, b.method)
	})
	for _, op := range ops {
		e, ok := entries[op.id]
		if delete(entries, op.id); !ok || strings.Contains(op.path, "{") != (e.own != "") {
			t.Errorf("%s %s (%s) has no entry, or one without an id", op.method, op.path, op.id)
			continue
		}
		check := func(who, credential, id string, status int) answer {
			t.Helper()
			s.exec(`DELETE FROM throttles`)
			a := s.ask(op, id, credential, e.stream)
			if a.StatusCode != status {
				t.Errorf("%s %s: %s gets %d, not %d: %.300s", op.method, op.path, who, a.StatusCode, status, a.raw)
			}
			if strings.Contains(string(a.raw), note) || op.scope != "" && strings.Contains(string(a.raw), adminEmail) {
				t.Errorf("%s %s: %s reads what is the platform's: %s", op.method, op.path, who, a.raw)
			}
			return a
		}
		if op.open {
			check("nobody", "", "", e.good)
			continue
		}
		check("nobody", "", e.own, 401)
		check("a forged token", callers.forged, e.own, 401)
		check("a forged key", "orb_"+strings.Repeat("x", 43), e.own, 401)
		if op.scope == "" {
			check("a merchant", callers.owner, e.own, 403)
			check("a shop's key", callers.key(""), e.own, 403)
			check("an admin", s.token, e.own, e.good)
			continue
		}
		check("an admin", s.token, e.own, 403)
		check("the platform's key", callers.platform, e.own, 403)
		s.suspended(func() { check("the owner of a suspended shop", callers.owner, e.own, 403) })
		if a := check("a key without the scope", callers.key(orbit.APIScope(op.scope)), e.own, 403); !strings.Contains(
			string(a.raw), op.scope) {
			t.Errorf("%s: doesn't name %s: %s", op.id, op.scope, a.raw)
		}
		permission := orbit.APIScope(op.scope).Permission()
		if permission != orbit.PermissionMember {
			s.allBut(permission)
			check("staff without "+string(permission), s.anew(callers.staff), e.own, 403)
		}
		if permission != orbit.PermissionOwner {
			s.staff(s.moss, staffEmail, slices.DeleteFunc([]orbit.Permission{permission},
				func(p orbit.Permission) bool { return p == orbit.PermissionMember })...)
			if a := s.ask(op, e.own, s.anew(callers.staff), e.stream); a.StatusCode == 403 || a.StatusCode == 401 {
				t.Errorf("%s: staff with %q get %d", op.id, permission, a.StatusCode)
			}
		}
		// Another shop's owner: its id names nothing, just as one that doesn't exist.
		if e.shared {
			check("an id of nothing", callers.owner, orbit.NewID[orbit.Merchant]().String(), 404)
		} else if e.own != "" {
			none := check("an id of nothing", callers.owner, orbit.NewID[orbit.Merchant]().String(), 404)
			foreign := check("another shop's owner", callers.rival, e.own, 404)
			mine := check("the owner, with another's id", callers.owner, e.other, 404)
			if none.at("detail") != foreign.at("detail") || none.at("detail") != mine.at("detail") {
				t.Errorf("%s: tells another's id from none: %s %s", op.id, none.raw, foreign.raw)
			}
		} else if a := s.ask(op, "", callers.rival, e.stream); strings.Contains(string(a.raw), s.moss) {
			t.Errorf("%s: shows another's shop: %s", op.id, a.raw)
		}
		check("a key with the scope alone", callers.just(orbit.APIScope(op.scope)), e.own, e.good)
		if op.method != "DELETE" || e.own == "" {
			check("the owner", callers.owner, e.own, e.good)
		}
	}
	for id := range entries {
		t.Errorf("the API has no %s", id)
	}
}

const staffEmail = "staff@example.com"

// credentials holds those of all who call.
type credentials struct {
	owner, rival, staff, forged, platform string
	key                                   func(without orbit.APIScope) string // with all scopes but those that include one
	just                                  func(orbit.APIScope) string
}

func (s *street) credentials() credentials {
	s.t.Helper()
	s.person(staffEmail)
	s.staff(s.moss, staffEmail)
	c := credentials{owner: s.signInTo(ownerEmail, s.moss), rival: s.signInTo(rivalEmail, s.fern),
		staff: s.signInTo(staffEmail, s.moss)}
	c.forged = sign(s.t, []byte("another key, as long as ours is.."), map[string]any{"alg": "HS256", "typ": "JWT"},
		maps.Clone(claimsOf(s.t, c.owner)))
	var err error
	c.platform, err = s.db.CreateAPIKey(s.t.Context(), orbit.NewID[orbit.APIKey](), "Till", s.actor(adminEmail))
	if err != nil {
		s.t.Fatal(err)
	}
	make := func(scopes []orbit.APIScope) (secret string) {
		s.t.Helper()
		s.exec(`DELETE FROM api_keys WHERE merchant_id = $1`, s.moss) // a shop has only so many
		_, secret = s.key(s.moss, ownerEmail, scopes...)
		return secret
	}
	c.key = func(without orbit.APIScope) string {
		return make(slices.DeleteFunc(orbit.APIScopes().Values(), func(o orbit.APIScope) bool {
			return orbit.APIKey{Scopes: []orbit.APIScope{o}}.Allows(without)
		}))
	}
	c.just = func(scope orbit.APIScope) string { return make([]orbit.APIScope{scope}) }
	return c
}

// allBut gives the staff of Moss every permission but one.
func (s *street) allBut(p orbit.Permission) {
	s.t.Helper()
	s.staff(s.moss, staffEmail, slices.DeleteFunc(orbit.Permissions().Values(),
		func(o orbit.Permission) bool { return o == p })...)
}

// suspended runs something while the shop Moss is suspended.
func (s *street) suspended(fn func()) {
	s.t.Helper()
	s.exec(`UPDATE merchants SET status = 'suspended' WHERE id = $1`, s.moss)
	fn()
	s.exec(`UPDATE merchants SET status = 'active' WHERE id = $1`, s.moss)
}
