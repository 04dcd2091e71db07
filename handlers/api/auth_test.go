package api_test

import (
	"bufio"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"maps"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"orbit360.app/orbit"
	"orbit360.app/store/pg"
)

// sign makes a token by hand: header and claims as they are, signed with the key by HMAC-SHA-256.
func sign(t *testing.T, key []byte, header, claims map[string]any) string {
	t.Helper()
	part := func(v any) string {
		data, err := json.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return base64.RawURLEncoding.EncodeToString(data)
	}
	text := part(header) + "." + part(claims)
	m := hmac.New(sha256.New, key)
	m.Write([]byte(text))
	return text + "." + base64.RawURLEncoding.EncodeToString(m.Sum(nil))
}

// claimsOf reads a token without checking it.
func claimsOf(t *testing.T, token string) map[string]any {
	t.Helper()
	c := jwt.MapClaims{}
	if _, _, err := jwt.NewParser().ParseUnverified(token, c); err != nil {
		t.Fatal(err)
	}
	return c
}

func TestTokens(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	good := map[string]any{"alg": "HS256", "typ": "JWT"}
	but := func(changes map[string]any) map[string]any {
		c := maps.Clone(claimsOf(t, p.token))
		for k, v := range changes {
			c[k] = v
			if v == nil {
				delete(c, k)
			}
		}
		return c
	}
	flipped := func(i int) string {
		b := []byte(p.token)
		if b[i] == 'A' {
			b[i] = 'B'
		} else {
			b[i] = 'A'
		}
		return string(b)
	}
	unsigned := func(alg string) string {
		return sign(t, tokenKey, map[string]any{"alg": alg, "typ": "JWT"}, but(nil))
	}
	parts := strings.Split(p.token, ".")
	last := parts[2]
	twin := last[:len(last)-1] + string(base64url[(strings.IndexByte(base64url, last[len(last)-1]))^1])
	for name, token := range map[string]string{
		"alg none": strings.Join([]string{base64.RawURLEncoding.EncodeToString(
			[]byte(`{"alg":"none","typ":"JWT"}`)), parts[1], ""}, "."),
		"alg None, signed":     unsigned("None"),
		"alg RS256 by our key": unsigned("RS256"),
		"alg HS512":            unsigned("HS512"),
		"HS256 with a public key": sign(t,
			[]byte("-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----\n"), good,
			but(nil)),
		"HS256 with an empty key": sign(t, nil, good, but(nil)),
		"expired": sign(t, tokenKey, good,
			but(map[string]any{"exp": time.Now().Add(-time.Second).Unix()})),
		"no exp":                    sign(t, tokenKey, good, but(map[string]any{"exp": nil})),
		"exp as text":               sign(t, tokenKey, good, but(map[string]any{"exp": "never"})),
		"from the future":           sign(t, tokenKey, good, but(map[string]any{"iat": time.Now().Add(time.Hour).Unix()})),
		"another audience":          sign(t, tokenKey, good, but(map[string]any{"aud": "somebody"})),
		"no audience":               sign(t, tokenKey, good, but(map[string]any{"aud": nil})),
		"another issuer":            sign(t, tokenKey, good, but(map[string]any{"iss": "https://evil.example"})),
		"no issuer":                 sign(t, tokenKey, good, but(map[string]any{"iss": nil})),
		"no role":                   sign(t, tokenKey, good, but(map[string]any{"role": nil})),
		"role of somebody else":     sign(t, tokenKey, good, but(map[string]any{"role": "merchant"})),
		"nobody's":                  sign(t, tokenKey, good, but(map[string]any{"sub": orbit.NewID[orbit.User]().String()})),
		"subject that is no id":     sign(t, tokenKey, good, but(map[string]any{"sub": "' OR 1=1 --\x00"})),
		"marks of before":           sign(t, tokenKey, good, but(map[string]any{"since": "1"})),
		"critical extension":        sign(t, tokenKey, map[string]any{"alg": "HS256", "crit": []string{"exp"}}, but(nil)),
		"one byte of the header":    flipped(2),
		"one byte of the claims":    flipped(len(parts[0]) + 5),
		"one byte of the signature": flipped(len(p.token) - 10),
		"last byte, padding bits":   parts[0] + "." + parts[1] + "." + twin,
		"two parts":                 parts[0] + "." + parts[1],
		"junk":                      "junk",
		"empty":                     "",
		"kid of a file, wrong key":  sign(t, []byte("x"), map[string]any{"alg": "HS256", "kid": "../../dev/null"}, but(nil)),
		"jku of another, wrong key": sign(t, []byte("x"), map[string]any{"alg": "HS256", "jku": "http://127.0.0.1:1/jwks"},
			but(nil)),
		"jwk in the header": sign(t, []byte("x"), map[string]any{"alg": "HS256",
			"jwk": map[string]any{"kty": "oct", "k": "eA"}}, but(nil)),
		"API key that doesn't exist": "orb_" + pg.Token(),
		"API key, empty":             "orb_",
		"10 kB":                      strings.Repeat("a", 10_000),
	} {
		a := p.do("GET", base+"/themes", nil, bearer(token))
		if a.want(t, 401); !strings.HasPrefix(a.Header.Get("WWW-Authenticate"), "Bearer") {
			t.Errorf("%s: challenged by %q", name, a.Header.Get("WWW-Authenticate"))
		}
	}
	// Headers that would choose a key choose nothing: a good signature is good with them too.
	p.do("GET", base+"/themes", nil, bearer(sign(t, tokenKey,
		map[string]any{"alg": "HS256", "kid": "x", "jku": "http://127.0.0.1:1/", "jwk": map[string]any{}}, but(nil)))).want(t,
		200)
	p.do("GET", base+"/themes", nil, anonymous).want(t, 401)
	p.do("GET", base+"/themes", nil, with("Authorization", "Basic YTpi")).want(t, 401)
	p.do("GET", base+"/themes", nil, func(r *http.Request) { r.Header.Add("Authorization", "Bearer "+p.token) }).want(t,
		401)
	p.do("GET", base+"/themes", nil, anonymous, with("Cookie", "orbit="+p.token)).want(t, 401)
}

const base64url = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

func TestSigningIn(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	a := p.do("POST", "/api/auth/token", map[string]string{"email": adminEmail, "password": adminPassword},
		anonymous).want(t, 200)
	if a.at("tokenType") != "Bearer" || a.at("role") != "admin" || a.at("expiresIn") != 3600.0 || len(a.json) != 4 {
		t.Errorf("signed in: %s", a.raw)
	}
	unknown := p.do("POST", "/api/auth/token", map[string]string{"email": "nobody@example.com", "password": adminPassword},
		anonymous).want(t, 401)
	wrong := p.do("POST", "/api/auth/token", map[string]string{"email": adminEmail, "password": "wrong horse"},
		anonymous).want(t, 401)
	if unknown.at("detail") != wrong.at("detail") || wrong.Header.Get("WWW-Authenticate") == "" {
		t.Errorf("unknown %v, wrong %v", unknown.at("detail"), wrong.at("detail"))
	}
	if a := p.do("POST", "/api/auth/token", map[string]any{"email": adminEmail, "password": 271828182845, "role": "admin"},
		anonymous).want(t, 422); strings.Contains(string(a.raw), "271828182845") || len(a.locations()) != 2 {
		t.Errorf("repeats the password, or not every fault: %s", a.raw)
	}
	p.do("POST", "/api/auth/token", map[string]string{"email": adminEmail, "password": strings.Repeat("a", 600)},
		anonymous).want(t, 401)
	p.do("POST", "/api/auth/token", `{"email":"a@b.c","password":"`+strings.Repeat("a", 500_000)+`"}`, anonymous).want(t,
		413)
	// Twenty bad tries are too many for the one who tries, and for nobody else.
	var last answer
	for i := 0; i < 20 && (i == 0 || last.StatusCode != 429); i++ {
		last = p.do("POST", "/api/auth/token", map[string]string{"email": ownerEmail, "password": "wrong horse"}, anonymous)
	}
	if last.want(t, 429); last.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
	p.signIn(adminEmail)
}

func TestMerchantsAreNoAdmins(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	p.work(false)
	token := p.signInTo(ownerEmail, p.shop("Moss", "moss", ownerEmail))
	for _, op := range p.operations() {
		if op.open || op.scope != "" {
			continue
		}
		p.do(op.method, strings.ReplaceAll(op.path, "{id}", orbit.NewID[orbit.Merchant]().String()), nil,
			bearer(token)).want(t, 403)
	}
}

// What the database says now counts, not what the token said.
func TestTokensEnd(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	p.do("GET", base+"/themes", nil).want(t, 200)
	p.exec(`UPDATE users SET role = 'merchant' WHERE email = $1`, adminEmail)
	p.do("GET", base+"/themes", nil).want(t, 401)
	p.exec(`UPDATE users SET role = 'admin' WHERE email = $1`, adminEmail)
	p.token = p.signIn(adminEmail)
	p.do("GET", base+"/themes", nil).want(t, 200)
	p.exec(`UPDATE users SET disabled_at = now() WHERE email = $1`, adminEmail)
	p.do("GET", base+"/themes", nil).want(t, 401)
	p.exec(`UPDATE users SET disabled_at = NULL, password_changed_at = now() WHERE email = $1`, adminEmail)
	p.do("GET", base+"/themes", nil).want(t, 401)
	p.do("GET", base+"/themes", nil, bearer(p.signIn(adminEmail))).want(t, 200)
	p.exec(`DELETE FROM users WHERE email = $1`, adminEmail)
	p.do("GET", base+"/themes", nil).want(t, 401)
}

func TestAPIKeys(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	ctx := t.Context()
	u, err := p.db.UserByEmail(ctx, adminEmail)
	if err != nil {
		t.Fatal(err)
	}
	who := orbit.Actor{ID: u.ID, Name: u.Email}
	id := orbit.NewID[orbit.APIKey]()
	secret, err := p.db.CreateAPIKey(ctx, id, "Warehouse", who)
	if err != nil || !strings.HasPrefix(secret, "orb_") {
		t.Fatalf("%q, %v", secret, err)
	}
	if again, err := p.db.CreateAPIKey(ctx, id, "Warehouse", who); again != "" || err != nil {
		t.Errorf("made twice: %q, %v", again, err)
	}
	p.do("GET", base+"/themes", nil, bearer(secret)).want(t, 200)
	m := p.do("POST", base+"/merchants", map[string]string{"name": "Moss", "ownerName": "Olu Ade", "email": ownerEmail,
		"category": "fashion"}, bearer(secret)).want(t, 201)
	merchant, err := orbit.ParseID[orbit.Merchant](m.at("id").(string))
	if err != nil {
		t.Fatal(err)
	}
	log, err := p.db.AuditLog(ctx, merchant, 5, 0)
	if err != nil || len(log) != 1 || log[0].Actor != adminEmail+" (key Warehouse)" || log[0].ActorID != u.ID {
		t.Errorf("logged: %+v, %v", log, err)
	}
	keys, err := p.db.APIKeys(ctx)
	if err != nil || len(keys) != 1 || keys[0].LastUsedAt.IsZero() || keys[0].Prefix != secret[:12] ||
		keys[0].Creator != adminEmail || keys[0].Revoked() {
		t.Fatalf("listed %+v, %v", keys, err)
	}
	used := keys[0].LastUsedAt
	p.do("GET", base+"/themes", nil, bearer(secret)).want(t, 200)
	if keys, err = p.db.APIKeys(ctx); err != nil || !keys[0].LastUsedAt.Equal(used) {
		t.Errorf("a write for each request: %v, %v (%v)", used, keys[0].LastUsedAt, err)
	}
	if n := p.count(`SELECT count(*) FROM api_keys WHERE position($1 IN encode(key_hash, 'escape')) > 0
		OR api_keys::text LIKE '%' || $1 || '%'`, secret[5:]); n != 0 {
		t.Error("the key itself is kept")
	}
	// The person who made it must still be an admin.
	p.exec(`UPDATE users SET role = 'merchant' WHERE email = $1`, adminEmail)
	p.do("GET", base+"/themes", nil, bearer(secret)).want(t, 401)
	p.exec(`UPDATE users SET role = 'admin' WHERE email = $1`, adminEmail)
	for range 2 {
		if err := p.db.RevokeAPIKey(ctx, id, who); err != nil {
			t.Fatal(err)
		}
	}
	p.do("GET", base+"/themes", nil, bearer(secret)).want(t, 401)
	if n := p.count(`SELECT count(*) FROM audit_log WHERE action = 'apikey.revoked'`); n != 1 {
		t.Errorf("revoked %d times", n)
	}
	if err := p.db.RevokeAPIKey(ctx, orbit.NewID[orbit.APIKey](), who); orbit.CodeOf(err) != orbit.NotFound {
		t.Errorf("revoked nothing: %v", err)
	}
}

// An event stream ends soon after the right of its reader, though nothing happens that it would report.
func TestEventsEndWithTheRight(t *testing.T) {
	t.Parallel()
	p := newPlatform(t)
	id := p.merchant("Moss")
	p.do("POST", base+"/merchants/"+id+"/activate", order("moss")).want(t, 202)
	ended := make(chan error, 1)
	begun := make(chan struct{})
	go func() {
		req, err := http.NewRequestWithContext(t.Context(), "GET", p.url+base+"/merchants/"+id+"/provisioning-events", nil)
		if err != nil {
			ended <- err
			return
		}
		req.Header.Set("Authorization", "Bearer "+p.token)
		res, err := http.DefaultTransport.RoundTrip(req)
		if err != nil {
			ended <- err
			return
		}
		defer res.Body.Close() //nolint:errcheck // it is read to its end
		lines := bufio.NewScanner(res.Body)
		lines.Scan()
		close(begun)
		for lines.Scan() {
		}
		ended <- lines.Err()
	}()
	select {
	case <-begun:
	case err := <-ended:
		t.Fatal("no stream:", err)
	}
	p.exec(`UPDATE users SET password_changed_at = now() + interval '1 second' WHERE email = $1`, adminEmail)
	select {
	case err := <-ended:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(9 * time.Second): // five, and a busy machine; the heartbeat comes after fifteen
		t.Error("the stream goes on")
	}
}
