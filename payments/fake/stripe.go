package fake

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/stripe/stripe-mock/param"
)

// Stripe plays api.stripe.com and the pages that shoppers pay on. Each request is held against the OpenAPI document
// that Stripe publishes, and against what the document doesn't say.
type Stripe struct {
	Clock    Clock
	Exchange Exchange
	Events   *Sender
	Ledger   Ledger

	spec *stripeSpec
	mux  *http.ServeMux

	mu   sync.Mutex
	keys map[string]*stripeKey
	all  []*stripeAccount
}

// StripeAccount is an account of a merchant at Stripe, in one of its two modes, by one of its keys.
type StripeAccount struct {
	ID     string
	Key    string // sk_test_…, sk_live_…, rk_test_… or rk_live_…
	Name   string
	Email  string
	Closed bool     // Stripe takes no payments for it
	Lacks  []string // the permissions that a restricted key doesn't have: rak_charge_write
}

type stripeKey struct {
	account *stripeAccount
	lacks   []string
}

// stripeAccount holds what is in one mode of an account.
type stripeAccount struct {
	StripeAccount
	live      bool
	sessions  map[string]*stripeSession
	charges   map[string]*stripeCharge
	refunds   []*stripeRefund // oldest first
	disputes  []*stripeDispute
	endpoints []*stripeEndpoint
	pending   int // how many of the next refunds are pending at first
}

// stripeCall is a call that is answered.
type stripeCall struct {
	pattern string // method and path, as in the document
	right   string // the permission that it takes
	do      func(a *stripeAccount, params map[string]any, id string) (any, *stripeError)
}

func (s *Stripe) calls() []stripeCall {
	return []stripeCall{
		{"POST /v1/checkout/sessions", "rak_checkout_session_write", s.createSession},
		{"GET /v1/checkout/sessions", "rak_checkout_session_read", s.listSessions},
		{"GET /v1/checkout/sessions/{session}", "rak_checkout_session_read", s.readSession},
		{"POST /v1/checkout/sessions/{session}/expire", "rak_checkout_session_write", s.expireSession},
		{"GET /v1/payment_intents", "rak_payment_intent_read", s.listIntents},
		{"POST /v1/refunds", "rak_charge_write", s.createRefund},
		{"GET /v1/refunds", "rak_charge_read", s.listRefunds},
		{"GET /v1/disputes", "rak_dispute_read", s.listDisputes},
		{"GET /v1/account", "rak_accounts_kyc_basic_read", s.readAccount},
		{"POST /v1/webhook_endpoints", "rak_webhook_write", s.createEndpoint},
		{"GET /v1/webhook_endpoints", "rak_webhook_read", s.listEndpoints},
		{"DELETE /v1/webhook_endpoints/{webhook_endpoint}", "rak_webhook_write", s.deleteEndpoint},
	}
}

// NewStripe returns a Stripe without accounts. Close ends it.
func NewStripe() *Stripe {
	s := &Stripe{spec: published(), mux: http.NewServeMux(), keys: map[string]*stripeKey{}}
	s.Events = newSender(&s.Clock)
	s.Clock.onMove(s.expireAll)
	s.Exchange.clock, s.Exchange.lifetime = &s.Clock, 24*time.Hour
	s.Exchange.refusals = Refusals{
		Error: (&stripeError{status: 500, Type: "api_error", Message: "An unknown error occurred."}).answer(),
		TooMany: (&stripeError{status: 429, Type: "invalid_request_error", Code: "rate_limit",
			Message: "Too many requests."}).answer(),
		Different: (&stripeError{status: 400, Type: "idempotency_error", Message: "Keys for idempotent requests can only " +
			"be used with the same parameters they were first used with."}).answer(),
		InFlight: (&stripeError{status: 409, Type: "idempotency_error", Code: "idempotency_key_in_use", Message: "There is " +
			"currently another in-progress request using this Idempotent Key."}).answer(),
	}
	for _, c := range s.calls() {
		s.mux.HandleFunc(c.pattern, func(w http.ResponseWriter, r *http.Request) { s.serve(w, r, c) })
	}
	s.mux.HandleFunc("GET /pay/{session}", s.showPage)
	s.mux.HandleFunc("POST /pay/{session}/{action}", s.usePage)
	s.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		write(w, (&stripeError{status: 404, Type: "invalid_request_error",
			Message: fmt.Sprintf("Unrecognized request URL (%s: %s).", r.Method, r.URL.Path)}).answer(), nil)
	})
	return s
}

// Close ends the delivery of events.
func (s *Stripe) Close() { s.Events.Close() }

func (s *Stripe) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// Add opens an account, or adds a key to the one with the same ID and mode.
func (s *Stripe) Add(account StripeAccount) {
	s.mu.Lock()
	defer s.mu.Unlock()
	live := strings.Contains(account.Key, "_live_")
	at := slices.IndexFunc(s.all, func(a *stripeAccount) bool { return a.ID == account.ID && a.live == live })
	if at < 0 {
		at = len(s.all)
		s.all = append(s.all, &stripeAccount{StripeAccount: account, live: live, sessions: map[string]*stripeSession{},
			charges: map[string]*stripeCharge{}})
	}
	s.keys[account.Key] = &stripeKey{s.all[at], account.Lacks}
}

const largestRequest = 1 << 20

// serve answers a call of the API.
func (s *Stripe) serve(w http.ResponseWriter, r *http.Request, c stripeCall) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, largestRequest))
	if err != nil {
		write(w, invalid("", "", "The request is too large.").answer(), nil)
		return
	}
	secret, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	s.mu.Lock()
	key := s.keys[secret]
	s.mu.Unlock()
	if refused := s.admit(r, c, key, secret, len(body)); refused != nil {
		write(w, refused.answer(), nil)
		return
	}
	idempotency := ""
	if k := r.Header.Get("Idempotency-Key"); k != "" && r.Method == http.MethodPost {
		idempotency = fmt.Sprint(key.account.ID, key.account.live, k)
	}
	request := slices.Concat([]byte(r.Method+" "+r.URL.Path+"\n"), body)
	replayed := http.Header{"Idempotent-Replayed": {"true"}}
	s.Exchange.serve(w, c.pattern, idempotency, request, replayed, func() Answer {
		r.Body = io.NopCloser(bytes.NewReader(body))
		params, err := param.ParseParams(r)
		if err != nil {
			return invalid("", "", "Invalid request: %v", err).answer()
		}
		if refused := s.spec.check(c.pattern, params); refused != nil {
			return refused.answer()
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		if c.pattern[0] == 'P' { // sessions know the host that their pages are at
			params[host] = r.Host
		}
		object, refused := c.do(key.account, params, r.PathValue("session")+r.PathValue("webhook_endpoint"))
		if refused != nil {
			return refused.answer()
		}
		return answerOf(http.StatusOK, object)
	})
}

const host = " host" // no parameter has a space

// admit checks what comes before a request's parameters.
func (s *Stripe) admit(r *http.Request, c stripeCall, key *stripeKey, secret string, length int) *stripeError {
	switch {
	case secret == "":
		return &stripeError{status: 401, Type: "invalid_request_error", Message: "You did not provide an API key."}
	case key == nil:
		return &stripeError{status: 401, Type: "invalid_request_error", Message: "Invalid API Key provided: " +
			masked(secret)}
	case slices.Contains(key.lacks, c.right),
		slices.Contains(key.lacks, strings.TrimSuffix(c.right, "_read")+"_write"):
		return &stripeError{status: 403, Type: "invalid_request_error", Message: fmt.Sprintf("The provided key '%s' does "+
			"not have the required permissions for this endpoint on account '%s'. Having the '%s' permission would allow "+
			"this request to continue.", masked(secret), key.account.ID, c.right)}
	case r.Header.Get("Stripe-Version") != s.spec.version:
		return invalid("", "", "Invalid Stripe API version: %q; this is %s", r.Header.Get("Stripe-Version"), s.spec.version)
	case r.Method == http.MethodPost && r.Header.Get("Content-Type") != "application/x-www-form-urlencoded":
		return invalid("", "", "Invalid content type: %q", r.Header.Get("Content-Type"))
	case r.Method != http.MethodPost && length > 0:
		return invalid("", "", "A %s has no body here", r.Method)
	case len(r.Header.Get("Idempotency-Key")) > 255:
		return invalid("", "", "Idempotency keys may be at most 255 characters long.")
	}
	return nil
}

// masked is a key as Stripe repeats it.
func masked(secret string) string {
	if len(secret) < 16 {
		return strings.Repeat("*", len(secret))
	}
	return secret[:8] + strings.Repeat("*", len(secret)-12) + secret[len(secret)-4:]
}

// stripeError is an error as Stripe writes it.
type stripeError struct {
	status  int
	kept    bool   // by the idempotency key: it came while the request was carried out
	Type    string `json:"type"`
	Code    string `json:"code,omitempty"`
	Param   string `json:"param,omitempty"`
	Message string `json:"message"`
}

func (e *stripeError) answer() Answer {
	a := answerOf(e.status, map[string]any{"error": e})
	a.Forget = !e.kept
	return a
}

func answerOf(status int, object any) Answer {
	text, err := json.Marshal(object)
	if err != nil {
		panic(err) // maps and structs of ours
	}
	return Answer{Status: status, Body: text, Header: http.Header{"Content-Type": {"application/json"},
		"Request-Id": {newID("req_", 14)}}}
}

func invalid(code, param, format string, args ...any) *stripeError {
	return &stripeError{status: 400, Type: "invalid_request_error", Code: code, Param: param,
		Message: fmt.Sprintf(format, args...)}
}

// refused is an invalid request that was found out while it was carried out.
func refused(code, format string, args ...any) *stripeError {
	e := invalid(code, "", format, args...)
	e.kept = true
	return e
}

func missingParam(name string) *stripeError {
	return invalid("parameter_missing", name, "Missing required param: %s.", name)
}

func missingObject(kind, id string) *stripeError {
	return &stripeError{status: 404, Type: "invalid_request_error", Code: "resource_missing", Param: "id",
		Message: fmt.Sprintf("No such %s: '%s'", kind, id)}
}

// object is an object of a kind as Stripe's samples show it, with what is known of this one.
func (s *Stripe) object(kind string, known map[string]any) map[string]any {
	o := maps.Clone(s.spec.samples[kind])
	maps.Copy(o, known)
	return o
}

// list is a page of objects, newest first, by limit and starting_after.
func list(objects []map[string]any, params map[string]any, path string) (any, *stripeError) {
	slices.Reverse(objects)
	limit := 10
	if n, ok := params["limit"].(int); ok {
		if limit = n; limit < 1 || limit > 100 {
			return nil, invalid("parameter_invalid_integer", "limit", "Invalid integer: limit must be 1 to 100")
		}
	}
	if after, ok := params["starting_after"].(string); ok {
		at := slices.IndexFunc(objects, func(o map[string]any) bool { return o["id"] == after })
		if at < 0 {
			return nil, missingObject("object", after)
		}
		objects = objects[at+1:]
	}
	more := len(objects) > limit
	if more {
		objects = objects[:limit]
	}
	return map[string]any{"object": "list", "data": slices.Concat([]map[string]any{}, objects), "has_more": more,
		"url": path}, nil
}

func (s *Stripe) readAccount(a *stripeAccount, _ map[string]any, _ string) (any, *stripeError) {
	return s.object("account", map[string]any{"id": a.ID, "email": a.Email, "charges_enabled": !a.Closed,
		"business_profile": map[string]any{"name": a.Name}}), nil
}

// newID is a prefix with so many random letters of the alphabet and digits.
func newID(prefix string, n int) string {
	text := rand.Text() + rand.Text() + rand.Text()
	return prefix + text[:n]
}

func unix(t time.Time) int64 { return t.Unix() }
