package fake

import (
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"time"

	"orbit360.app/orbit"
)

// PayPal plays PayPal: Orders v2, refunds, disputes, webhooks, the page where shoppers approve, and the certificate of
// the key that its events are signed with. Both of its worlds, live and sandbox, are folders of one server.
type PayPal struct {
	URL      string
	Roots    *x509.CertPool // that its certificate leads to
	Root     []byte         // the same in PEM, for SSL_CERT_FILE
	Clock    Clock
	Exchange Exchange
	Events   *Sender
	Ledger   Ledger

	server *httptest.Server
	signer *signer

	mu       sync.Mutex
	accounts map[string]*ppAccount // by client ID
	tokens   map[string]*ppAccount
	life     time.Duration // of a token
	orders   map[string]*ppOrder
	captures map[string]*ppOrder
	invoices map[string]bool
	refunds  []string // statuses of the next refunds
	calls    map[string]int
	last     int
}

// ppAccount is an account with one app.
type ppAccount struct {
	id, secret, payer, email string
	test                     bool
	scopes                   []string
	webhooks                 []*ppWebhook
}

// The scopes of an app.
const (
	PayPalCharge   = "https://uri.paypal.com/services/payments/payment/authcapture"
	PayPalRefund   = "https://uri.paypal.com/services/payments/refund"
	PayPalWebhooks = "https://uri.paypal.com/services/applications/webhooks"
	PayPalDisputes = "https://uri.paypal.com/services/disputes/read-seller"
	PayPalName     = "openid"
)

// NewPayPal starts a PayPal, until it is closed.
func NewPayPal() *PayPal {
	p := &PayPal{accounts: map[string]*ppAccount{}, tokens: map[string]*ppAccount{}, orders: map[string]*ppOrder{},
		captures: map[string]*ppOrder{}, invoices: map[string]bool{}, calls: map[string]int{}, life: 9 * time.Hour}
	p.Exchange.refusals = Refusals{
		Error:     ppError(500, "INTERNAL_SERVER_ERROR", "").Answer,
		TooMany:   ppError(429, "RATE_LIMIT_REACHED", "").Answer,
		Different: ppError(422, "UNPROCESSABLE_ENTITY", "DUPLICATE_REQUEST_ID").Answer,
		InFlight:  ppError(409, "RESOURCE_CONFLICT", "PREVIOUS_REQUEST_IN_PROGRESS").Answer,
	}
	p.Exchange.refusals.TooMany.Header.Set("Retry-After", "7")
	p.server = httptest.NewServer(http.HandlerFunc(p.serveHTTP))
	p.URL = p.server.URL
	var err error
	if p.signer, err = newSigner(p.URL); err != nil {
		panic(err) // keys of its own
	}
	p.Roots, p.Root = p.signer.roots, p.signer.root
	p.Events = newSender(&p.Clock)
	return p
}

// Close ends it.
func (p *PayPal) Close() {
	p.Events.Close()
	p.server.Close()
}

// Account opens an account, with an app that has these scopes; without any, it has all.
func (p *PayPal) Account(test bool, scopes ...string) orbit.PaymentAccount {
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(scopes) == 0 {
		scopes = []string{PayPalCharge, PayPalRefund, PayPalWebhooks, PayPalDisputes, PayPalName}
	}
	n := p.number()
	a := &ppAccount{id: "client-" + n, secret: "secret-canary-" + n, payer: "PAYER" + n,
		email: "merchant" + n + "@example.com", test: test, scopes: scopes}
	p.accounts[a.id] = a
	return orbit.PaymentAccount{Provider: "paypal", Test: test,
		Secrets: map[string]string{"clientId": a.id, "clientSecret": a.secret}}
}

// CloseAccount closes an account's app: it gets no tokens, and those that it has are good for as long as they are.
func (p *PayPal) CloseAccount(account orbit.PaymentAccount) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.accounts, account.Secrets["clientId"])
}

// Roll gives an account's app another secret and returns its credentials: those before no longer work.
func (p *PayPal) Roll(clientID string) map[string]string {
	p.mu.Lock()
	defer p.mu.Unlock()
	a := p.accounts[clientID]
	a.secret = "secret-canary-" + p.number()
	maps.DeleteFunc(p.tokens, func(_ string, of *ppAccount) bool { return of == a })
	return map[string]string{"clientId": a.id, "clientSecret": a.secret}
}

// Withdraw has PayPal forget the tokens that it gave.
func (p *PayPal) Withdraw() {
	p.mu.Lock()
	defer p.mu.Unlock()
	clear(p.tokens)
}

// TokensLive sets how long the tokens are good for that are given from now on.
func (p *PayPal) TokensLive(life time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.life = life
}

// Calls returns how often a call was made, refused or not.
func (p *PayPal) Calls(call string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.calls[call]
}

// number is another one each time.
func (p *PayPal) number() string {
	p.last++
	return fmt.Sprintf("%013d", p.last)
}

// The calls, by the names that Faults and Calls know.
const (
	PayPalToken       = "POST /v1/oauth2/token"
	PayPalCreate      = "POST /v2/checkout/orders"
	PayPalRead        = "GET /v2/checkout/orders/{id}"
	PayPalCapture     = "POST /v2/checkout/orders/{id}/capture"
	PayPalRefundCall  = "POST /v2/payments/captures/{id}/refund"
	PayPalCertificate = "GET /v1/notifications/certs/{id}"
)

type ppRequest struct {
	*http.Request
	account *ppAccount
	id      string // in the path
	body    []byte
}

// ppAnswer is an answer, or the reason why there is no better one.
type ppAnswer struct{ Answer }

// serveHTTP finds the world, the call and the account.
func (p *PayPal) serveHTTP(w http.ResponseWriter, r *http.Request) {
	path := strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, "/sandbox"), "/live")
	world := strings.TrimSuffix(r.URL.Path, path)
	call, id := ppCallOf(r.Method, path)
	p.mu.Lock()
	p.calls[call]++
	p.mu.Unlock()
	switch {
	case strings.HasPrefix(path, "/checkoutnow"):
		p.servePage(w, r)
		return
	case call == PayPalCertificate:
		p.Exchange.Faults.wait(call)
		p.signer.serve(w, id)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err != nil {
		return
	}
	if call == PayPalToken {
		p.Exchange.serve(w, call, "", nil, nil, func() Answer { return p.token(r, world, body).Answer })
		return
	}
	account := p.bearer(r)
	if account == nil {
		write(w, ppError(401, "AUTHENTICATION_FAILURE", "").Answer, nil)
		return
	}
	do, scope := p.callOf(call)
	switch {
	case do == nil:
		write(w, ppError(404, "RESOURCE_NOT_FOUND", "INVALID_RESOURCE_ID").Answer, nil)
		return
	case !slices.Contains(account.scopes, scope):
		write(w, ppError(403, "NOT_AUTHORIZED", "PERMISSION_DENIED").Answer, nil)
		return
	case len(body) > 0 && r.Header.Get("Content-Type") != "application/json":
		write(w, ppError(415, "UNSUPPORTED_MEDIA_TYPE", "").Answer, nil)
		return
	}
	key := r.Header.Get("PayPal-Request-Id")
	if len(key) > 108 {
		write(w, ppError(400, "INVALID_REQUEST", "INVALID_STRING_LENGTH").Answer, nil)
		return
	}
	if key != "" {
		key = account.id + " " + key
	}
	request := append([]byte(r.Method+" "+path+"\n"), body...)
	p.Exchange.serve(w, call, key, request, nil, func() Answer { return do(ppRequest{r, account, id, body}).Answer })
}

// ppCallOf is a call's name, and the ID in its path.
func ppCallOf(method, path string) (call, id string) {
	parts := strings.Split(path, "/")
	for i, part := range parts {
		if i > 3 && id == "" && part != "" && part != "userinfo" || i == 4 {
			id, parts[i] = part, "{id}"
		}
	}
	if strings.HasPrefix(path, "/v1/identity") {
		return method + " " + path, ""
	}
	return method + " " + strings.Join(parts, "/"), id
}

func (p *PayPal) callOf(call string) (do func(ppRequest) ppAnswer, scope string) {
	switch call {
	case PayPalCreate:
		return p.create, PayPalCharge
	case PayPalRead:
		return p.read, PayPalCharge
	case PayPalCapture:
		return p.capture, PayPalCharge
	case PayPalRefundCall:
		return p.refund, PayPalRefund
	case "GET /v1/customer/disputes":
		return p.listDisputes, PayPalDisputes
	case "GET /v1/identity/oauth2/userinfo":
		return p.userinfo, PayPalName
	case "GET /v1/notifications/webhooks":
		return p.listWebhooks, PayPalWebhooks
	case "POST /v1/notifications/webhooks":
		return p.createWebhook, PayPalWebhooks
	case "PATCH /v1/notifications/webhooks/{id}":
		return p.patchWebhook, PayPalWebhooks
	case "DELETE /v1/notifications/webhooks/{id}":
		return p.deleteWebhook, PayPalWebhooks
	}
	return nil, ""
}

func (p *PayPal) bearer(r *http.Request) *ppAccount {
	p.mu.Lock()
	defer p.mu.Unlock()
	value, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		return nil
	}
	return p.tokens[value]
}

func (p *PayPal) token(r *http.Request, world string, body []byte) ppAnswer {
	p.mu.Lock()
	defer p.mu.Unlock()
	id, secret, _ := r.BasicAuth()
	a := p.accounts[id]
	switch {
	case string(body) != "grant_type=client_credentials",
		r.Header.Get("Content-Type") != "application/x-www-form-urlencoded":
		return ppJSON(400, map[string]any{"error": "unsupported_grant_type"})
	case a == nil, a.secret != secret, world == "/live" && a.test, world == "/sandbox" && !a.test:
		return ppJSON(401, map[string]any{"error": "invalid_client", "error_description": "Client Authentication failed"})
	}
	value := "token-canary-" + p.number()
	p.tokens[value] = a
	return ppJSON(200, map[string]any{"scope": strings.Join(a.scopes, " "), "access_token": value,
		"token_type": "Bearer", "app_id": "APP-80W284485P519543T", "expires_in": int(p.life.Seconds())})
}

func (p *PayPal) userinfo(r ppRequest) ppAnswer {
	if r.URL.Query().Get("schema") != "paypalv1.1" {
		return ppError(400, "INVALID_REQUEST", "MISSING_REQUIRED_PARAMETER")
	}
	return ppJSON(200, map[string]any{"user_id": "https://www.paypal.com/webapps/auth/identity/user/" + r.account.payer,
		"payer_id": r.account.payer, "name": "Test Merchant",
		"emails": []any{map[string]any{"value": r.account.email, "primary": true}}})
}

// decode reads a body into a value, refusing what the value has no place for.
func (r ppRequest) decode(into any) error {
	in := json.NewDecoder(strings.NewReader(string(r.body)))
	in.DisallowUnknownFields()
	if err := in.Decode(into); err != nil {
		return err
	}
	if _, err := in.Token(); !errors.Is(err, io.EOF) {
		return errors.New("more after the body")
	}
	return nil
}

func ppJSON(status int, body any) ppAnswer {
	text, err := json.Marshal(body)
	if err != nil {
		panic(err) // maps of strings
	}
	return ppAnswer{Answer{Status: status, Header: http.Header{"Content-Type": {"application/json"}}, Body: text}}
}

// ppError is PayPal's form of an error. Where nothing was looked at, the request's ID doesn't keep it.
func ppError(status int, name, issue string) ppAnswer {
	body := map[string]any{"name": name, "debug_id": "f0f0f0f0f0f0f", "message": "The request was refused, see details."}
	if issue != "" {
		body["details"] = []any{map[string]any{"issue": issue, "description": ppWords[issue]}}
	}
	a := ppJSON(status, body)
	a.Forget = status < 500 && status != 422
	return a
}

// ppWords holds PayPal's descriptions of its issues.
var ppWords = map[string]string{
	"REFUND_AMOUNT_EXCEEDED": "The refund amount must be less than or equal to the capture amount that has not yet " +
		"been refunded.",
	"CAPTURE_FULLY_REFUNDED": "The capture has already been fully refunded",
	"INSTRUMENT_DECLINED":    "The instrument presented was either declined by the processor or bank.",
	"CURRENCY_NOT_SUPPORTED": "Currency code is not currently supported.",
	"DECIMAL_PRECISION":      "The value of the field should not be more than two decimal places.",
}
