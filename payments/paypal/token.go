package paypal

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"orbit360.app/orbit"
)

const (
	maxTokens = 1000
	// early is how long before its end a token isn't used any longer, so that none ends on its way.
	early = time.Minute
)

// token is what PayPal gives for a client's ID and secret: for some hours it is the account.
type token struct {
	value  string
	scopes []string
	app    string
	until  time.Time
	kept   bool // it was used before, and may have been withdrawn since
}

// may reports whether the account's app has a permission.
func (t token) may(can permission) bool { return slices.Contains(t.scopes, can.scope) }

// tokens keeps those of the accounts that are in use. No secret is a key in it.
type tokens struct {
	mu        sync.Mutex
	byAccount map[[sha256.Size]byte]token
}

// keyOf is an account's place among the tokens.
func (p *Provider) keyOf(account orbit.PaymentAccount) [sha256.Size]byte {
	return sha256.Sum256(fmt.Appendf(nil, "%q %q %q", p.at(account).api, account.Secrets[ClientID],
		account.Secrets[ClientSecret]))
}

func (ts *tokens) get(key [sha256.Size]byte) (token, bool) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	t, ok := ts.byAccount[key]
	return t, ok && time.Now().Before(t.until)
}

func (ts *tokens) put(key [sha256.Size]byte, t token) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	if ts.byAccount == nil {
		ts.byAccount = map[[sha256.Size]byte]token{}
	}
	if len(ts.byAccount) >= maxTokens {
		for k, old := range ts.byAccount {
			// Whatever has ended, and else the first that the map happens to name: another is one request away.
			if !time.Now().Before(old.until) || len(ts.byAccount) >= maxTokens {
				delete(ts.byAccount, k)
			}
		}
	}
	t.kept = true
	ts.byAccount[key] = t
}

func (ts *tokens) forget(key [sha256.Size]byte) {
	ts.mu.Lock()
	defer ts.mu.Unlock()
	delete(ts.byAccount, key)
}

// token returns the account's, from PayPal where there is none or it is about to end.
func (p *Provider) token(ctx context.Context, account orbit.PaymentAccount) (token, error) {
	key := p.keyOf(account)
	if t, ok := p.tokens.get(key); ok {
		return t, nil
	}
	t, err := p.newToken(ctx, account)
	if err != nil {
		return token{}, err
	}
	p.tokens.put(key, t)
	return t, nil
}

func (p *Provider) newToken(ctx context.Context, account orbit.PaymentAccount) (token, error) {
	id, secret := account.Secrets[ClientID], account.Secrets[ClientSecret]
	if id == "" || secret == "" {
		return token{}, orbit.Errorf(orbit.Forbidden, "Enter the client ID and the secret of your PayPal app.")
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, p.at(account).api+"/v1/oauth2/token",
		strings.NewReader("grant_type=client_credentials"))
	if err != nil {
		return token{}, fmt.Errorf("paypal: %w", err)
	}
	req.SetBasicAuth(id, secret)
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	var answer struct {
		Token     string `json:"access_token"`
		Scope     string `json:"scope"`
		App       string `json:"app_id"`
		ExpiresIn int    `json:"expires_in"`
	}
	if err := p.do(req, account, canCharge, &answer); err != nil {
		return token{}, err
	}
	if answer.Token == "" {
		return token{}, unreachable(fmt.Errorf("no token in the answer"))
	}
	return token{
		value: answer.Token, app: answer.App, scopes: strings.Fields(answer.Scope),
		until: time.Now().Add(time.Duration(answer.ExpiresIn)*time.Second - early),
	}, nil
}
