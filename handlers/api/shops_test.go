package api_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

const shopBase = "/api/merchant"

// street is a platform with two shops of different owners, and one more of the first's.
type street struct {
	*platform
	moss, fern, dune string // ids: Olu's, Eve's, Olu's second
}

const rivalEmail = "eve@example.com"

func newStreet(t *testing.T, of ...setup) *street {
	t.Helper()
	p := newPlatform(t, of...)
	p.person(rivalEmail)
	p.work(false)
	return &street{p, p.shop("Moss", "moss", ownerEmail), p.shop("Fern", "fern", rivalEmail),
		p.shop("Dune", "dune", ownerEmail)}
}

// actor is a person as they change a shop.
func (p *platform) actor(email string) orbit.Actor {
	p.t.Helper()
	u, err := p.db.UserByEmail(p.t.Context(), email)
	if err != nil {
		p.t.Fatal(err)
	}
	return orbit.Actor{ID: u.ID, Name: u.Email}
}

// key makes an API key of a shop in a member's name.
func (p *platform) key(merchant, email string, scopes ...orbit.APIScope) (id orbit.APIKeyID, secret string) {
	p.t.Helper()
	m, err := orbit.ParseID[orbit.Merchant](merchant)
	if err != nil {
		p.t.Fatal(err)
	}
	id = orbit.NewID[orbit.APIKey]()
	err = shop.MemberOf(p.db, p.actor(email), m, orbit.PermissionDevelopers).Change(p.t.Context(),
		func(e *shop.Edit) (err error) {
			secret, err = e.CreateAPIKey(p.t.Context(), orbit.APIKey{ID: id, Name: "Till", Scopes: scopes})
			return err
		})
	if err != nil {
		p.t.Fatal(err)
	}
	return id, secret
}

// staff makes a person staff of a shop, with these permissions alone.
func (p *platform) staff(merchant, email string, may ...orbit.Permission) {
	p.t.Helper()
	if may == nil {
		may = []orbit.Permission{}
	}
	p.exec(`INSERT INTO memberships (merchant_id, user_id, role, permissions) SELECT $1, id, 'staff', $3::text[]
		FROM users WHERE email = $2 ON CONFLICT (user_id, merchant_id) DO UPDATE SET role = 'staff',
		permissions = excluded.permissions`, merchant, email, may)
}

func TestMerchantsSignIn(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	sign := func(email, password, merchant string) answer {
		body := map[string]string{"email": email, "password": password}
		if merchant != "" {
			body["merchant"] = merchant
		}
		return s.do("POST", "/api/auth/token", body, anonymous)
	}
	a := sign(rivalEmail, adminPassword, "").want(t, 200)
	code := a.at("merchant", "code").(string)
	if a.at("role") != "merchant" || a.at("merchant", "id") != s.fern || a.at("merchant", "name") != "Fern" ||
		!strings.HasPrefix(code, "ORB-") || a.at("expiresIn") != 3600.0 || len(a.json) != 5 {
		t.Errorf("signed in: %s", a.raw)
	}
	got := s.do("GET", shopBase+"/shop", nil, bearer(a.at("accessToken").(string))).want(t, 200)
	if got.at("id") != s.fern || got.at("code") != code || got.at("subdomain") != "fern" || got.at("status") != "active" {
		t.Errorf("the shop: %s", got.raw)
	}
	// Somebody with several says which, after the password.
	sign(ownerEmail, "wrong horse", "").want(t, 401)
	sign(ownerEmail, "wrong horse", "moss").want(t, 401)
	several := sign(ownerEmail, adminPassword, "").want(t, 422)
	var listed []string
	for _, e := range several.json["errors"].([]any) {
		e := e.(map[string]any)
		listed = append(listed, e["value"].(map[string]any)["id"].(string))
		if e["location"] != "body.merchant" {
			t.Errorf("at %v", e["location"])
		}
	}
	if want := []string{s.dune, s.moss}; !slices.Equal(listed, want) {
		t.Errorf("lists %v, not %v", listed, want)
	}
	mossCode := s.do("GET", shopBase+"/shop", nil, bearer(s.signInTo(ownerEmail, "moss"))).want(t, 200).at("code").(string)
	for _, name := range []string{s.moss, "moss", mossCode, strings.ToLower(mossCode), " MOSS "} {
		if a := sign(ownerEmail, adminPassword, name).want(t, 200); a.at("merchant", "id") != s.moss {
			t.Errorf("%s is %s", name, a.raw)
		}
	}
	for _, name := range []string{s.fern, "fern", code, "nobody", "mos", "'"} {
		s.exec(`DELETE FROM throttles`)
		a := sign(ownerEmail, adminPassword, name)
		if a.want(t, 422); strings.Contains(string(a.raw), s.fern) && name != s.fern {
			t.Errorf("%s: names another's shop: %s", name, a.raw)
		}
	}
	s.exec(`DELETE FROM throttles`)
	s.person("nobody@example.com")
	sign("nobody@example.com", adminPassword, "").want(t, 403)
	sign("nobody@example.com", adminPassword, "moss").want(t, 422)
}

// An admin who has a shop too is an admin, unless they name the shop; then they are a merchant and nothing else.
func TestAdminsWithShops(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	p.work(false)
	id := p.shop("Moss", "moss", adminEmail)
	if a := p.do("POST", "/api/auth/token", map[string]string{"email": adminEmail, "password": adminPassword},
		anonymous).want(t, 200); a.at("role") != "admin" || a.at("merchant") != nil {
		t.Errorf("signed in: %s", a.raw)
	}
	token := p.signInTo(adminEmail, id)
	p.do("GET", shopBase+"/shop", nil, bearer(token)).want(t, 200)
	p.do("GET", base+"/themes", nil, bearer(token)).want(t, 403)
	p.do("GET", shopBase+"/shop", nil).want(t, 403)
}

// A token says what its owner was; the database says what they are.
func TestMerchantTokensEnd(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	path := shopBase + "/shop"
	token := s.signInTo(ownerEmail, s.moss)
	try := func(status int) answer { t.Helper(); return s.do("GET", path, nil, bearer(token)).want(t, status) }
	try(200)
	// Forged: our key, their shop, and the claims that only an admin's token may do without.
	but := func(changes map[string]any) string {
		c := maps.Clone(claimsOf(t, token))
		maps.Copy(c, changes)
		return sign(t, tokenKey, map[string]any{"alg": "HS256", "typ": "JWT"}, c)
	}
	for name, forged := range map[string]string{
		"another's shop": but(map[string]any{"merchant": s.fern}), "no shop": but(map[string]any{"merchant": ""}),
		"no shop, admin": but(map[string]any{"merchant": "", "role": "admin"}),
		"role admin":     but(map[string]any{"role": "admin"}), "no id": but(map[string]any{"merchant": "moss"}),
		"two shops":   but(map[string]any{"merchant": []string{s.moss, s.fern}}),
		"upper case":  but(map[string]any{"merchant": strings.ToUpper(s.moss) + " "}),
		"nobody's":    but(map[string]any{"merchant": orbit.NewID[orbit.Merchant]().String()}),
		"other owner": but(map[string]any{"sub": s.actor(rivalEmail).ID.String()}),
	} {
		if a := s.do("GET", path, nil, bearer(forged)); a.StatusCode != 401 {
			t.Errorf("%s: %d %s", name, a.StatusCode, a.raw)
		}
	}
	s.exec(`UPDATE merchants SET status = 'suspended' WHERE id = $1`, s.moss)
	if a := try(403); !strings.Contains(a.at("detail").(string), "suspended") {
		t.Errorf("suspended: %s", a.raw)
	}
	s.do("POST", "/api/auth/token", map[string]string{"email": ownerEmail, "password": adminPassword, "merchant": "moss"},
		anonymous).want(t, 403)
	s.do("GET", path, nil, bearer(s.signInTo(ownerEmail, s.dune))).want(t, 200)
	s.exec(`UPDATE merchants SET status = 'active' WHERE id = $1`, s.moss)
	try(200)
	s.exec(`UPDATE users SET disabled_at = now() WHERE email = $1`, ownerEmail)
	try(401)
	s.exec(`UPDATE users SET disabled_at = NULL WHERE email = $1`, ownerEmail)
	token = s.signInTo(ownerEmail, s.moss)
	try(200)
	s.exec(`DELETE FROM memberships WHERE merchant_id = $1`, s.moss)
	try(401)
	s.staff(s.moss, ownerEmail)
	token = s.signInTo(ownerEmail, s.moss)
	try(200)
	s.exec(`UPDATE users SET password_changed_at = now() WHERE email = $1`, ownerEmail)
	try(401)
}

// A shop's key may do what its scopes and its creator may do, as long as both may.
func TestShopKeys(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	path := shopBase + "/shop"
	id, secret := s.key(s.moss, ownerEmail, orbit.ScopeShopRead)
	if a := s.do("GET", path, nil, bearer(secret)).want(t, 200); a.at("id") != s.moss {
		t.Errorf("the shop: %s", a.raw)
	}
	s.do("GET", base+"/themes", nil, bearer(secret)).want(t, 403)
	_, other := s.key(s.moss, ownerEmail, orbit.ScopeOrdersWrite, orbit.ScopeProductsRead)
	if a := s.do("GET", path, nil, bearer(other)).want(t, 403); !strings.Contains(a.at("detail").(string), "shop:read") ||
		!strings.Contains(a.Header.Get("WWW-Authenticate"), `error="insufficient_scope", scope="shop:read"`) {
		t.Errorf("a missing scope: %s, %s", a.raw, a.Header.Get("WWW-Authenticate"))
	}
	_, writing := s.key(s.moss, ownerEmail, orbit.ScopeShopWrite)
	s.do("GET", path, nil, bearer(writing)).want(t, 200)
	for _, odd := range []string{"SHOP:READ", "Shop:Read", "shop:read ", "shop", "shop:*", "*", ""} {
		_, err := orbit.CheckScopes([]orbit.APIScope{orbit.APIScope(odd)})
		if orbit.CodeOf(err) != orbit.Invalid {
			t.Errorf("the scope %q: %v", odd, err)
		}
	}
	// The right goes when the creator's does.
	s.staff(s.moss, rivalEmail, orbit.PermissionDevelopers, orbit.PermissionSettings)
	_, staffs := s.key(s.moss, rivalEmail, orbit.ScopeShopWrite)
	s.do("GET", path, nil, bearer(staffs)).want(t, 200)
	s.exec(`DELETE FROM memberships WHERE merchant_id = $1 AND role = 'staff'`, s.moss)
	s.do("GET", path, nil, bearer(staffs)).want(t, 401)
	// It ends when it expires, or is revoked.
	s.exec(`UPDATE api_keys SET expires_at = now() + interval '1 hour'`)
	s.do("GET", path, nil, bearer(secret)).want(t, 200)
	s.exec(`UPDATE api_keys SET expires_at = now()`)
	s.do("GET", path, nil, bearer(secret)).want(t, 401)
	s.exec(`UPDATE api_keys SET expires_at = NULL`)
	s.exec(`UPDATE api_keys SET revoked_at = now() WHERE id = $1`, id.String())
	s.do("GET", path, nil, bearer(secret)).want(t, 401)
	s.exec(`UPDATE merchants SET status = 'suspended' WHERE id = $1`, s.moss)
	s.do("GET", path, nil, bearer(writing)).want(t, 403)
}

// Keys of shops are in the hands of their own members, and there is an end to them.
func TestShopKeysAreBounded(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	ctx := t.Context()
	m, err := orbit.ParseID[orbit.Merchant](s.moss)
	if err != nil {
		t.Fatal(err)
	}
	mine := shop.MemberOf(s.db, s.actor(ownerEmail), m, orbit.PermissionDevelopers)
	make := func(name string) (orbit.APIKeyID, error) {
		id := orbit.NewID[orbit.APIKey]()
		return id, mine.Change(ctx, func(e *shop.Edit) error {
			_, err := e.CreateAPIKey(ctx, orbit.APIKey{ID: id, Name: name, Scopes: []orbit.APIScope{orbit.ScopeShopRead}})
			return err
		})
	}
	_, theirs := s.key(s.fern, rivalEmail, orbit.ScopeShopRead)
	for i := range orbit.MaxShopKeys {
		if _, err := make(fmt.Sprint("Key ", i)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := make("One more"); orbit.CodeOf(err) != orbit.Conflict {
		t.Errorf("one more: %v", err)
	}
	for range 2 * orbit.KeptKeys {
		err := mine.Change(ctx, func(e *shop.Edit) error {
			keys, err := e.APIKeys(ctx)
			if err != nil {
				return err
			}
			return e.RevokeAPIKey(ctx, keys[0].ID)
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := make("Again"); err != nil {
			t.Fatal(err)
		}
	}
	n := s.count(`SELECT count(*) FROM api_keys WHERE merchant_id = $1`, s.moss)
	if n != orbit.MaxShopKeys+orbit.KeptKeys {
		t.Errorf("%d keys", n)
	}
	// The other shop's are out of sight, also for a statement without a condition.
	err = mine.Change(ctx, func(e *shop.Edit) error {
		keys, err := e.APIKeys(ctx)
		for _, k := range keys {
			if k.MerchantID != m {
				t.Errorf("sees %+v", k)
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	s.do("GET", shopBase+"/shop", nil, bearer(theirs)).want(t, 200)
	var fern orbit.APIKeyID
	if rows, err := s.db.APIKeys(ctx); err != nil || len(rows) != 0 {
		t.Errorf("the platform's own: %v, %v", rows, err)
	}
	fern, _ = s.key(s.fern, rivalEmail, orbit.ScopeShopRead)
	err = mine.Change(ctx, func(e *shop.Edit) error { return e.RevokeAPIKey(ctx, fern) })
	if orbit.CodeOf(err) != orbit.NotFound {
		t.Errorf("revoked another's: %v", err)
	}
}

// TestShop: reading and changing the shop, with versions, and opening and closing it.
func TestShop(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	path := shopBase + "/shop"
	token := bearer(s.signInTo(ownerEmail, s.moss))
	a := s.do("GET", path, nil, token).want(t, 200)
	for _, at := range strings.Fields(`id name code subdomain primaryHost status live email phone address.line1 currency
		locale timezone weightUnit orderPrefix category theme.slug plan.slug plan.limits.products plan.usage.products
		plan.usage.ordersThisMonth plan.usage.storageBytes plan.usage.bandwidthBytesThisMonth onboarding.steps
		onboarding.done onboarding.total version createdAt updatedAt`) {
		if a.at(keysOf(at)...) == nil {
			t.Errorf("no %v in %s", at, a.raw)
		}
	}
	tag := a.Header.Get("ETag")
	if a.at("primaryHost") != "moss.localhost" || a.at("live") != false || a.at("onboarding", "total") != 6.0 ||
		tag != `"1"` || a.at("version") != 1.0 {
		t.Errorf("the shop: %s, ETag %s", a.raw, tag)
	}
	if a := s.do("POST", path+"/live", nil, token).want(t, 409); !slices.Contains(a.locations(),
		"shop.onboarding.business") {
		t.Errorf("not ready: %s", a.raw)
	}
	// Only what is sent changes; null empties; a nested object is merged.
	a = s.do("PATCH", path, map[string]any{"email": "hello@example.com", "phone": "+44 20 7946 0018", "tagline": "Green",
		"address": map[string]any{"line1": "12 Quay Street", "city": "Bristol", "postcode": "BS1 4QA", "country": "GB"},
		"seo":     map[string]any{"title": "Moss"}, "social": map[string]any{"instagram": "@moss"}}, token,
		with("If-Match", tag)).want(t, 200)
	if a.at("address", "city") != "Bristol" || a.at("seo", "title") != "Moss" || a.at("version") != 2.0 ||
		a.Header.Get("ETag") != `"2"` || a.at("social", "instagram") == nil || a.at("name") != "Moss" {
		t.Errorf("changed: %s", a.raw)
	}
	a = s.do("PATCH", path, `{"tagline":null,"address":{"line2":"Flat 2"},"name":"Moss & Co"}`, token,
		with("Content-Type", "application/merge-patch+json")).want(t, 200)
	if a.at("tagline") != "" || a.at("address", "line1") != "12 Quay Street" || a.at("address", "line2") != "Flat 2" ||
		a.at("phone") != "+44 20 7946 0018" || a.at("name") != "Moss & Co" {
		t.Errorf("merged: %s", a.raw)
	}
	for _, stale := range []string{tag, `"99"`, `W/"3"`, `"a", "2"`, `""`} {
		s.do("PATCH", path, map[string]any{"tagline": "Late"}, token, with("If-Match", stale)).want(t, 412)
	}
	for _, good := range []string{`"3"`, `"3", "9"`, "*"} {
		s.do("PATCH", path, map[string]any{}, token, with("If-Match", good)).want(t, 200)
	}
	if a := s.do("PATCH", path, map[string]any{"tagline": "x"}, token, with("If-Match", "3")).want(t, 422); !slices.Equal(
		a.locations(), []string{"header.If-Match"}) {
		t.Errorf("without quotes: %s", a.raw)
	}
	// All faults at once, and nothing of it holds.
	a = s.do("PATCH", path, `{"name":null,"seo":{"title":"`+strings.Repeat("x", 80)+`"},"Phone":"1","currency":"EURO",
		"address":{"country":"XX","nonsense":1},"status":"active","tagline":7}`, token).want(t, 422)
	for _, want := range []string{"body.name", "body.seo.title", "body.Phone", "body.currency", "body.address.country",
		"body.address.nonsense", "body.status", "body.tagline"} {
		if !slices.Contains(a.locations(), want) {
			t.Errorf("no fault at %s in %v", want, a.locations())
		}
	}
	s.do("PATCH", path, `{"name":"A shop","name":"Another"}`, token).want(t, 400)
	s.do("PATCH", path, `[]`, token).want(t, 422)
	if a := s.do("GET", path, nil, token).want(t, 200); a.at("version") != 3.0 || a.at("name") != "Moss & Co" {
		t.Errorf("after refusals: %s", a.raw)
	}
	// The currency is free until there are orders.
	s.do("PATCH", path, map[string]any{"currency": "EUR"}, token).want(t, 200)
	s.exec(`WITH c AS (INSERT INTO customers (merchant_id, id, email, name)
		VALUES ($1, gen_random_uuid(), 'a@example.com', 'A') RETURNING id)
		INSERT INTO orders (merchant_id, id, number, token, cart_id, customer_id, email, currency, subtotal, total, address)
		SELECT $1, gen_random_uuid(), 1, 'a', gen_random_uuid(), id, 'a@example.com', 'EUR', 0, 0, '{}' FROM c`, s.moss)
	if a := s.do("PATCH", path, map[string]any{"currency": "USD"}, token).want(t, 409); !slices.Equal(a.locations(),
		[]string{"body.currency"}) {
		t.Errorf("with orders: %s", a.raw)
	}
	// Open, and closed again; both can be said twice.
	s.ready(s.moss)
	for range 2 {
		if a := s.do("POST", path+"/live", nil, token).want(t, 200); a.at("live") != true {
			t.Errorf("opened: %s", a.raw)
		}
	}
	for range 2 {
		s.do("DELETE", path+"/live", nil, token).want(t, 204)
	}
	if a := s.do("GET", path, nil, token).want(t, 200); a.at("live") != false {
		t.Errorf("closed: %s", a.raw)
	}
	if n := s.count(`SELECT count(*) FROM audit_log WHERE merchant_id = $1 AND action IN ('merchant.live',
		'merchant.closed')`, s.moss); n != 2 {
		t.Errorf("%d lines of the log", n)
	}
	if a := s.do("GET", path, nil, bearer(s.signInTo(rivalEmail, s.fern))).want(t, 200); a.at("name") != "Fern" ||
		a.at("currency") != "USD" {
		t.Errorf("the other shop: %s", a.raw)
	}
}

// Two who change the shop upon one version: one of them succeeds.
func TestShopAtOnce(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	token := s.signInTo(ownerEmail, s.moss)
	statuses := s.together(8, func(i int) answer {
		return s.do("PATCH", shopBase+"/shop", map[string]any{"tagline": fmt.Sprint("No. ", i)}, bearer(token),
			with("If-Match", `"1"`))
	})
	if statuses[200] != 1 || statuses[412] != 7 {
		t.Errorf("answers %v", statuses)
	}
}

// together asks n times at once, and counts the answers by status.
func (s *street) together(n int, ask func(int) answer) map[int]int {
	var mu sync.Mutex
	var all sync.WaitGroup
	statuses := map[int]int{}
	for i := range n {
		all.Go(func() {
			a := ask(i)
			mu.Lock()
			defer mu.Unlock()
			statuses[a.StatusCode]++
		})
	}
	all.Wait()
	return statuses
}

// One Idempotency-Key, fifty times at once: one effect. The same key of another shop, or of the same person in another
// shop, is another key.
func TestShopsShareNoIdempotencyKeys(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	key := with("Idempotency-Key", "the same")
	body := map[string]any{"tagline": "Once"}
	token := s.signInTo(ownerEmail, s.moss)
	statuses := s.together(50, func(int) answer {
		return s.do("PATCH", shopBase+"/shop", body, bearer(token), key)
	})
	if statuses[200] == 0 || statuses[200]+statuses[409] != 50 {
		t.Errorf("answers %v", statuses)
	}
	if n := s.count(`SELECT version FROM settings WHERE merchant_id = $1`, s.moss); n != 2 {
		t.Errorf("version %d", n)
	}
	_, secret := s.key(s.moss, ownerEmail, orbit.ScopeShopWrite)
	for id, credential := range map[string]string{s.fern: s.signInTo(rivalEmail, s.fern),
		s.dune: s.signInTo(ownerEmail, s.dune), s.moss: secret} {
		a := s.do("PATCH", shopBase+"/shop", body, bearer(credential), key).want(t, 200)
		if a.at("id") != id || a.Header.Get("Idempotent-Replayed") != "" {
			t.Errorf("got another's answer: %s", a.raw)
		}
	}
	// A replay asks for the right too.
	if a := s.do("PATCH", shopBase+"/shop", body, bearer(token), key).want(t, 200); a.Header.Get(
		"Idempotent-Replayed") != "true" || a.at("id") != s.moss {
		t.Errorf("replayed: %s", a.raw)
	}
	s.exec(`DELETE FROM memberships WHERE merchant_id = $1`, s.moss)
	s.do("PATCH", shopBase+"/shop", body, bearer(token), key).want(t, 401)
	s.do("PATCH", shopBase+"/shop", body, bearer(secret), key).want(t, 401)
}

// Header fields out of all proportion are refused before anything is looked up.
func TestHugeCredentials(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	for _, credential := range []string{strings.Repeat("a", 12_000), "orb_" + strings.Repeat("a", 12_000),
		strings.Repeat("a.", 6_000)} {
		p.do("GET", shopBase+"/shop", nil, bearer(credential)).want(t, 401)
	}
	req, err := http.NewRequestWithContext(t.Context(), "GET", p.url+shopBase+"/shop", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Authorization", "Bearer orb_"+strings.Repeat("a", 1<<20))
	if res, err := http.DefaultTransport.RoundTrip(req); err == nil {
		if _ = res.Body.Close(); res.StatusCode != 431 && res.StatusCode != 400 {
			t.Errorf("1 MB: %d", res.StatusCode)
		}
	}
}
