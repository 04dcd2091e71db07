package api_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
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

func newStreet(t *testing.T) *street {
	t.Helper()
	p := newPlatform(t)
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
	try(200)
	s.exec(`DELETE FROM memberships WHERE merchant_id = $1`, s.moss)
	try(401)
	s.staff(s.moss, ownerEmail)
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
