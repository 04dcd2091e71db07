package api

import (
	"context"
	"net/http"
	"time"

	"orbit360.app/orbit"
)

// Credentials holds what a person signs in with.
type Credentials struct {
	Email    string `json:"email" format:"email" maxLength:"254" doc:"The account's email address."`
	Password string `json:"password" format:"password" maxLength:"512" writeOnly:"true" doc:"Its password."`
	Code     string `json:"code,omitempty" maxLength:"40" writeOnly:"true" doc:"Where two-step sign-in is on."`
}

// Token lets its holder ask in their owner's name.
type Token struct {
	AccessToken string `json:"accessToken" doc:"Send it as Authorization: Bearer <accessToken>."`
	TokenType   string `json:"tokenType" enum:"Bearer"`
	ExpiresIn   int    `json:"expiresIn" doc:"Seconds. A new password or role of its owner ends it at once."`
	Role        string `json:"role" enum:"admin,merchant" doc:"Provisioning needs an admin."`
}

type signInInput struct {
	Body content[Credentials]
}

type tokenOutput struct{ Body Token }

func (a *API) signInRoutes() {
	register(a, operation{method: http.MethodPost, path: "/api/auth/token", id: "createToken", tag: tagSignIn, status: 200,
		open: true, errors: []int{401},
		summary: "Sign in",
		about: "Returns an access token for an email address and its password. The token is valid for an hour. Limited to " +
			"ten attempts a minute per account and network.\n\n" +
			"For unattended programs, create an API key in the admin panel under **API keys**.",
		body:   Credentials{Email: "admin@example.com", Password: "correct horse battery"},
		answer: Token{exampleToken, "Bearer", 3600, "admin"}}, a.createToken)
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
	token, err := a.tokens.issue(u, time.Now())
	if err != nil {
		return nil, err
	}
	if err := a.DB.Audit(ctx, (&call{fiber: c.fiber, caller: caller{user: u}}).actor(a.Kit), orbit.ActionTokenCreated,
		orbit.MerchantID{}, "", nil); err != nil {
		return nil, err
	}
	return &tokenOutput{Token{AccessToken: token, TokenType: "Bearer", ExpiresIn: int(tokenLifetime.Seconds()),
		Role: string(u.Role)}}, nil
}
