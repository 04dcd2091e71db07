package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"orbit360.app/orbit"
)

// Credentials holds what a person signs in with.
type Credentials struct {
	Email    string `json:"email" format:"email" maxLength:"254" doc:"The account's email address."`
	Password string `json:"password" format:"password" maxLength:"512" writeOnly:"true" doc:"Its password."`
	Code     string `json:"code,omitempty" maxLength:"40" writeOnly:"true" doc:"Where two-step sign-in is on."`
	Merchant string `json:"merchant,omitempty" maxLength:"63" doc:"ID, merchant code or subdomain of the shop."`
}

// Token lets its holder ask in their owner's name.
type Token struct {
	AccessToken string `json:"accessToken" doc:"Send it as Authorization: Bearer <accessToken>."`
	TokenType   string `json:"tokenType" enum:"Bearer"`
	ExpiresIn   int    `json:"expiresIn" doc:"Seconds. Signing out everywhere ends it, and what the description lists."`
	Role        string `json:"role" enum:"admin,merchant" doc:"Provisioning needs an admin."`

	Merchant *TokenShop `json:"merchant,omitempty" doc:"The shop of a merchant's token."`
}

// TokenShop names a shop.
type TokenShop struct {
	ID   string `json:"id" format:"uuid"`
	Name string `json:"name"`
	Code string `json:"code" doc:"The merchant ID that people see."`
}

func tokenShop(m orbit.Merchant) *TokenShop { return &TokenShop{m.ID.String(), m.Name, m.Code} }

type signInInput struct {
	Body content[Credentials]
}

type tokenOutput struct{ Body Token }

func (a *API) signInRoutes() {
	register(a, operation{method: http.MethodPost, path: "/api/auth/token", id: "createToken", tag: tagSignIn, status: 200,
		open: true, errors: []int{401},
		summary: "Sign in",
		about: "Returns an access token for an email address and its password. The token is valid for an hour. It ends at " +
			"once when its owner signs out everywhere, sets another password, turns two-step sign-in on or off, or may do " +
			"less than before. Limited to ten attempts a minute per account and network.\n\n" +
			"A merchant's token is for one shop. Somebody with several shops sends `merchant`; without it, the answer is " +
			"`422` and lists the shops in `errors[].value`. An admin gets an admin's token, and with `merchant` a " +
			"merchant's token for a shop of their own.\n\n" +
			"For unattended programs, create an API key: in the shop's dashboard under **Settings → API keys**, or for " +
			"provisioning in the admin panel under **API keys**.",
		body:   Credentials{Email: "ada@example.com", Password: "correct horse battery", Merchant: exampleShop},
		answer: Token{exampleToken, "Bearer", 3600, "merchant", tokenShop(exampleRow())}}, a.createToken)
}

func (a *API) createToken(ctx context.Context, c *call, _ *signInInput) (*tokenOutput, error) {
	c.fiber.Append("RateLimit-Policy", `"sign-in";q=10;w=60`)
	in, r := read[Credentials](c)
	if !r.ok() {
		return nil, r.with(nil)
	}
	u, err := a.CheckCredentials(ctx, a.ClientIP(c.fiber), orbit.FindEmail(in.Email), in.Password, in.Code)
	if err != nil {
		return nil, err
	}
	shop, err := a.shopFor(ctx, c, u, strings.ToLower(orbit.Plain(in.Merchant)))
	if err != nil {
		return nil, err
	}
	if shop.TwoStepRequired && !u.TwoStep() {
		return nil, errNeedsTwoStep // the token would open nothing
	}
	token, err := a.tokens.issue(u, shop, time.Now())
	if err != nil {
		return nil, err
	}
	who := (&call{fiber: c.fiber, caller: caller{Caller: orbit.Caller{User: u}}}).actor(a.Kit)
	if err := a.DB.Audit(ctx, who, orbit.ActionTokenCreated, shop.ID, shop.Name, nil); err != nil {
		return nil, err
	}
	out := Token{AccessToken: token, TokenType: "Bearer", ExpiresIn: int(tokenLifetime.Seconds()),
		Role: string(orbit.RoleAdmin)}
	if !shop.ID.IsZero() {
		out.Role, out.Merchant = string(orbit.RoleMerchant), tokenShop(shop.Merchant)
	}
	return &tokenOutput{out}, nil
}

// shopFor is the shop that a person signs in to: the one they name, or their only one. An admin who names none signs in
// to the platform, and gets none.
func (a *API) shopFor(ctx context.Context, c *call, u orbit.User, name string) (orbit.Membership, error) {
	if name == "" && u.Role == orbit.RoleAdmin {
		return orbit.Membership{}, nil
	}
	shops, err := a.DB.Memberships(ctx, u)
	if err != nil {
		return orbit.Membership{}, err
	}
	if len(shops) == 0 && name == "" {
		return orbit.Membership{}, orbit.Errorf(orbit.Forbidden, "You aren't a member of any shop.")
	}
	if len(shops) == 1 && name == "" {
		return shops[0], open(shops[0].Merchant)
	}
	for _, s := range shops {
		if name != "" && named(s.Merchant, name) {
			return s, open(s.Merchant)
		}
	}
	return orbit.Membership{}, a.whichShop(c, shops, name)
}

// named reports whether a shop has an id, code or subdomain, in small letters.
func named(m orbit.Merchant, name string) bool {
	return m.ID.String() == name || m.Subdomain == name || strings.ToLower(m.Code) == name
}

// whichShop asks somebody which of their shops they mean.
func (a *API) whichShop(c *call, shops []orbit.Membership, name string) error {
	err := orbit.Errorf(orbit.Invalid, "You have several shops. Say in “merchant” which one the token is for.")
	if name != "" {
		err = orbit.FaultOn(orbit.Invalid, "merchant", name, "You aren't a member of such a shop.")
	}
	p := a.problem(c.fiber, err, c.given)
	for _, s := range shops[:min(len(shops), maxFaults)] {
		p.Errors = append(p.Errors, ProblemError{Location: "body.merchant", Message: "One of your shops: " + s.Name + ".",
			Value: tokenShop(s.Merchant)})
	}
	return p
}
