package api

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/golang-jwt/jwt/v5"

	"orbit360.app/orbit"
)

const (
	tokenLifetime = time.Hour
	tokenAudience = "orbit360-api"
	maxCredential = 4096 // ours are a tenth of that
)

// caller is who sent a request, as the database knows them now.
type caller struct {
	orbit.Caller
	id         string // names the credential's owner for limits and idempotency; "" without a credential
	refused    error  // why the credential that was sent is worth nothing
	credential string // as it was sent
	// still asks the database again: errBadToken where the credential has become worth nothing since.
	still func(context.Context) error
}

// name is how the audit log calls the caller.
func (c caller) name() string {
	if c.Key.ID.IsZero() {
		return c.User.Email
	}
	return c.User.Email + " (key " + c.Key.Name + ")"
}

var (
	errNoToken      = orbit.Errorf(orbit.Unauthorized, "Send a token or an API key: Authorization: Bearer <token>.")
	errNeedsTwoStep = orbit.Errorf(orbit.Forbidden,
		"This shop requires two-step sign-in. Set it up on your account page in the dashboard first.")
	errBadToken = orbit.Errorf(orbit.Unauthorized,
		"This token or API key isn't valid, or has expired. Sign in again for a new one.")
)

// challenge says how to sign in (RFC 6750, section 3).
func challenge(c *fiber.Ctx, err error) {
	value := `Bearer realm="ORBIT360"`
	if errors.Is(err, errBadToken) {
		value += `, error="invalid_token"`
	}
	c.Set(fiber.HeaderWWWAuthenticate, value)
}

// challengeScope says which scope is missing (RFC 6750, section 3.1).
func challengeScope(c *fiber.Ctx, scope orbit.APIScope) {
	if scope != "" {
		c.Set(fiber.HeaderWWWAuthenticate, `Bearer realm="ORBIT360", error="insufficient_scope", scope="`+string(scope)+`"`)
	}
}

// identify reads the credential of a request. No credential is no error; an invalid one is.
func (a *API) identify(c *fiber.Ctx) (caller, error) {
	sent := c.Request().Header.PeekAll(fiber.HeaderAuthorization)
	if len(sent) == 0 {
		return caller{}, nil
	}
	scheme, credential, ok := strings.Cut(string(sent[0]), " ")
	if len(sent) > 1 || !ok || !strings.EqualFold(scheme, "Bearer") || len(credential) > maxCredential {
		return caller{}, errBadToken
	}
	credential = strings.TrimSpace(credential)
	if strings.HasPrefix(credential, orbit.APIKeyPrefix) {
		return a.identifyKey(c, credential)
	}
	claims, err := a.tokens.parse(credential)
	if err != nil {
		return caller{}, errBadToken
	}
	found, err := a.owner(c.UserContext(), claims)
	if err != nil {
		return caller{}, err
	}
	// A person is another caller in each of their shops: what one shop's requests were answered is never another's.
	id := "user:" + found.User.ID.String()
	if !found.Shop.ID.IsZero() {
		id += "@" + found.Shop.ID.String()
	}
	return caller{Caller: found, id: id, credential: credential, still: func(ctx context.Context) error {
		if time.Now().After(claims.ExpiresAt.Time) {
			return errBadToken
		}
		_, err := a.owner(ctx, claims)
		return err
	}}, nil
}

// owner returns a token's owner as the database has them now; the token has them as they were when it was made.
func (a *API) owner(ctx context.Context, claims claims) (orbit.Caller, error) {
	id, err := orbit.ParseID[orbit.User](claims.Subject)
	if err != nil {
		return orbit.Caller{}, errBadToken
	}
	var merchant orbit.MerchantID
	if claims.Merchant != "" {
		if merchant, err = orbit.ParseID[orbit.Merchant](claims.Merchant); err != nil {
			return orbit.Caller{}, errBadToken
		}
	}
	found, err := a.DB.Caller(ctx, id, merchant)
	if orbit.CodeOf(err) == orbit.NotFound {
		return orbit.Caller{}, errBadToken
	}
	if err == nil && !claims.hold(found, merchant) {
		return orbit.Caller{}, errBadToken
	}
	if err == nil {
		err = secure(found)
	}
	return found, err
}

// secure is an error for a person without the two-step sign-in that their shop requires.
func secure(found orbit.Caller) error {
	if found.Shop.TwoStepRequired && !found.User.TwoStep() {
		return errNeedsTwoStep
	}
	return nil
}

// hold reports whether what a token says is still so. A merchant's token is of a member of its shop; that the person
// is an admin too gives it nothing.
func (c claims) hold(now orbit.Caller, merchant orbit.MerchantID) bool {
	if !now.User.DisabledAt.IsZero() || now.Shop.ID != merchant || c.Since != since(now.User, now.Shop) {
		return false
	}
	if merchant.IsZero() {
		return c.Role == orbit.RoleAdmin && now.User.Role == orbit.RoleAdmin
	}
	return c.Role == orbit.RoleMerchant
}

func (a *API) identifyKey(c *fiber.Ctx, secret string) (caller, error) {
	use := func(ctx context.Context) (orbit.Caller, error) {
		found, err := a.DB.UseAPIKey(ctx, secret)
		if orbit.CodeOf(err) == orbit.NotFound {
			err = errBadToken
		}
		if err == nil {
			err = secure(found)
		}
		return found, err
	}
	found, err := use(c.UserContext())
	if err != nil {
		return caller{}, err
	}
	return caller{Caller: found, id: "key:" + found.Key.ID.String(), credential: secret,
		still: func(ctx context.Context) error { _, err := use(ctx); return err }}, nil
}

// tokens makes and reads the API's access tokens: JWTs (RFC 7519) of one algorithm under one key that
// serves nothing else.
type tokens struct {
	key    []byte
	issuer string
	parser *jwt.Parser
}

// claims is what a token says. Since marks its person and their membership as they were: see orbit_end_tokens in the
// database for what ends it.
type claims struct {
	jwt.RegisteredClaims
	Role     orbit.Role `json:"role"`
	Merchant string     `json:"merchant,omitempty"` // the shop that a merchant's token is for
	Since    string     `json:"since"`
}

func since(u orbit.User, shop orbit.Membership) string {
	mark := strconv.FormatInt(u.TokensSince.UnixMicro(), 36)
	if shop.ID.IsZero() {
		return mark
	}
	return mark + "." + strconv.FormatInt(shop.TokensSince.UnixMicro(), 36)
}

func newTokens(key []byte, addresses orbit.Addresses) tokens {
	t := tokens{key: key, issuer: addresses.Site("")}
	t.parser = jwt.NewParser(jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithIssuer(t.issuer),
		jwt.WithAudience(tokenAudience),
		// Strict decoding: otherwise the last character of a signature has spellings that mean the same.
		jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithStrictDecoding())
	return t
}

// issue makes the token of a person: a merchant's for one of their shops, or without one an admin's.
func (t tokens) issue(u orbit.User, shop orbit.Membership, now time.Time) (string, error) {
	role, merchant := orbit.RoleAdmin, ""
	if !shop.ID.IsZero() {
		role, merchant = orbit.RoleMerchant, shop.ID.String()
	}
	return jwt.NewWithClaims(jwt.SigningMethodHS256, claims{
		RegisteredClaims: jwt.RegisteredClaims{Issuer: t.issuer, Subject: u.ID.String(),
			Audience: jwt.ClaimStrings{tokenAudience},
			IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(now.Add(tokenLifetime))},
		Role: role, Merchant: merchant, Since: since(u, shop),
	}).SignedString(t.key)
}

// parse reads a token. Its header chooses nothing: not the algorithm, not the key (kid, jku, jwk, x5u are
// not looked at), and critical extensions that we don't know are refused (RFC 7515, section 4.1.11).
func (t tokens) parse(token string) (claims, error) {
	var c claims
	parsed, err := t.parser.ParseWithClaims(token, &c, func(*jwt.Token) (any, error) { return t.key, nil })
	if err == nil && parsed.Header["crit"] != nil {
		err = jwt.ErrTokenUnverifiable
	}
	return c, err
}
