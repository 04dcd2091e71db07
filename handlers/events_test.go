package handlers_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"orbit360.app/handlers"
	"orbit360.app/handlers/kit"
	"orbit360.app/mail"
	"orbit360.app/orbit"
	"orbit360.app/payments"
	"orbit360.app/payments/fake"
	"orbit360.app/payments/stripe"
	"orbit360.app/store"
	"orbit360.app/store/shop"
	"orbit360.app/store/storetest"
	"orbit360.app/themes"
	"orbit360.app/themes/modern"
)

// inbox is where Stripe sends the events of Moss's account, with a payment that they are about.
type inbox struct {
	*world
	db      *store.DB
	address string // of the process
	path    string // that Stripe was given
	secret  string // that it signs with
	calls   atomic.Int32
	payment orbit.PaymentID
}

const cookie = "session=1; __Host-session=1"

func receives(t *testing.T) *inbox {
	t.Helper()
	b := &inbox{world: begin(t), payment: orbit.NewID[orbit.Payment]()}
	b.db = b.open()
	acme := fake.NewStripe()
	t.Cleanup(acme.Close)
	const key = "sk_test_51MossMossMoss"
	acme.Add(fake.StripeAccount{ID: "acct_moss", Key: key, Name: "Moss"})
	// What Stripe shows once is read on its way.
	site := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		b.calls.Add(1)
		answer := httptest.NewRecorder()
		acme.ServeHTTP(answer, r)
		var made struct{ Secret string }
		if json.Unmarshal(answer.Body.Bytes(), &made) == nil && made.Secret != "" {
			b.secret = made.Secret
		}
		w.WriteHeader(answer.Code)
		_, _ = w.Write(answer.Body.Bytes())
	}))
	t.Cleanup(site.Close)
	pay, err := payments.New(payments.Config{DB: b.db, Log: slog.New(slog.DiscardHandler),
		Mail: mail.Composer{Addresses: addresses}, Addresses: addresses,
		Keys: orbit.NewSecretKeys([]byte("0123456789abcdef0123456789abcdef")),
		Providers: map[string]payments.Provider{orbit.ProviderStripe: stripe.New(site.URL),
			orbit.ProviderTest: payments.TestProvider{DB: b.db}}})
	if err != nil {
		t.Fatal(err)
	}
	owner, err := b.db.UserByEmail(t.Context(), "moss@example.com")
	if err != nil {
		t.Fatal(err)
	}
	account, err := pay.SaveAccount(t.Context(), shop.MemberOf(b.db, orbit.Actor{ID: owner.ID}, b.moss,
		orbit.PermissionPayments), orbit.ProviderStripe, orbit.ProviderForm{Secrets: map[string]string{"secretKey": key}})
	if err != nil || account.Message != "" || b.secret == "" {
		t.Fatal(err, account.Message)
	}
	b.path = "/payments/stripe/" + b.moss.String() + "/" + account.WebhookToken
	b.exec(b.moss, `INSERT INTO payments (merchant_id, id, order_id, kind, name, amount, currency, status, reference)
		VALUES (orbit_merchant(), '`+b.payment.String()+`', gen_random_uuid(), 'stripe', 'Stripe', 2390, 'USD', 'pending',
			'cs_test_1')`)
	b.address = b.replicaOf(b.db, themes.NewSet(modern.New()), kit.Kit{Addresses: addresses, Payments: pay,
		Log: slog.New(slog.DiscardHandler)}, handlers.Config{}).listen()
	b.calls.Store(0)
	return b
}

// event is a message of Stripe's about a page of its own.
func event(id, page string) []byte {
	return fmt.Appendf(nil, `{"id":%q,"livemode":false,"data":{"object":{"id":%q,"object":"checkout.session"}}}`, id, page)
}

// post sends a message as Stripe signs it, unless headers say otherwise.
func (b *inbox) post(path string, body []byte, headers ...string) answer {
	b.Helper()
	return b.send("POST", "localhost:3000", path, body, headers...)
}

func (b *inbox) send(method, host, path string, body []byte, headers ...string) answer {
	b.Helper()
	req, err := http.NewRequestWithContext(b.Context(), method, "http://"+b.address+path, bytes.NewReader(body))
	if err != nil {
		b.Fatal(err)
	}
	req.Host = host
	req.Header.Set("Content-Type", "application/json; charset=utf-8")
	req.Header.Set("Stripe-Signature", fake.SignStripe(time.Now(), body, b.secret))
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		b.Fatal(method, path, err)
	}
	defer res.Body.Close() //nolint:errcheck // it has been read
	text, err := io.ReadAll(res.Body)
	if err != nil {
		b.Fatal(err)
	}
	if res.StatusCode >= 300 && res.StatusCode < 400 || len(res.Header["Set-Cookie"]) > 0 ||
		strings.Contains(string(text), "<html") && host == "localhost:3000" {
		b.Errorf("%s %s: %d %v %.300s", method, path, res.StatusCode, res.Header, text)
	}
	return answer{res.StatusCode, res.Header, string(text)}
}

// effects is what messages have led to: those that were noted, and the jobs that look at payments.
func (b *inbox) effects() string {
	b.Helper()
	var events, jobs, ours, told int
	conn, err := pgx.Connect(b.Context(), storetest.SuperURL(b.url))
	if err != nil {
		b.Fatal(err)
	}
	defer conn.Close(b.Context()) //nolint:errcheck // a test's connection
	if err := conn.QueryRow(b.Context(), `SELECT (SELECT count(*) FROM payment_events),
			count(*), count(*) FILTER (WHERE args ->> 'paymentId' = $1),
			(SELECT count(*) FROM payment_accounts WHERE last_event_at IS NOT NULL)
		FROM river_job WHERE kind = 'settle'`, b.payment.String()).Scan(&events, &jobs, &ours, &told); err != nil {
		b.Fatal(err)
	}
	return fmt.Sprintf("%d events, %d jobs, %d ours, %d accounts told", events, jobs, ours, told)
}

// TestProvidersMessages: a message that is the provider's is noted and its payment looked at, once, without asking the
// provider anything; nothing else has an effect.
func TestProvidersMessages(t *testing.T) {
	t.Parallel()
	b := receives(t)
	good := event("evt_1", "cs_test_1")
	stale := fake.SignStripe(time.Now().Add(-time.Hour), good, b.secret)
	other := strings.TrimSuffix(b.path, b.path[len(b.path)-1:])
	for _, c := range []struct {
		name, path string
		body       []byte
		headers    []string
		status     int
	}{
		{"another secret", b.path, good, []string{"Stripe-Signature", fake.SignStripe(time.Now(), good, "whsec_x")}, 400},
		{"no signature", b.path, good, []string{"Stripe-Signature", ""}, 400},
		{"a stale signature", b.path, good, []string{"Stripe-Signature", stale}, 400},
		{"another body", b.path, event("evt_2", "cs_test_1"),
			[]string{"Stripe-Signature", fake.SignStripe(time.Now(), good, b.secret)}, 400},
		{"no body", b.path, nil, nil, 400},
		{"no JSON", b.path, []byte("{"), nil, 400},
		{"half a token", other, good, nil, 404},
		{"no token", strings.TrimSuffix(b.path, b.path[strings.LastIndex(b.path, "/"):]), good, nil, 404},
		{"another merchant", strings.Replace(b.path, b.moss.String(), b.nord.String(), 1), good, nil, 404},
		{"no merchant", strings.Replace(b.path, b.moss.String(), "moss", 1), good, nil, 404},
		{"another provider", strings.Replace(b.path, "stripe", "test", 1), good, nil, 404},
		{"no provider", strings.Replace(b.path, "stripe", "bitcoin", 1), good, nil, 404},
		{"more", b.path + "/more", good, nil, 404},
		{"a slash more", b.path + "/", good, nil, 404},
	} {
		if a := b.post(c.path, c.body, c.headers...); a.status != c.status {
			t.Errorf("%s: %d instead of %d: %s", c.name, a.status, c.status, a.body)
		}
	}
	large := fmt.Sprintf("POST %s HTTP/1.1\r\nHost: localhost:3000\r\nContent-Length: %d\r\n\r\n{", b.path, 1<<20+1)
	if res, body, closed := raw(t, b.address, large); res.StatusCode != 413 || !closed {
		t.Errorf("too large: %d, closed %v: %s", res.StatusCode, closed, body)
	}
	for _, method := range []string{"GET", "HEAD", "PUT", "DELETE", "PATCH"} {
		if a := b.send(method, "localhost:3000", b.path, nil); a.status != 405 || a.header.Get("Allow") != "POST" {
			t.Errorf("%s: %d %v", method, a.status, a.header)
		}
	}
	for _, host := range []string{"www.localhost:3000", "admin.localhost:3000", "dashboard.localhost:3000", mossHost} {
		if a := b.send("POST", host, b.path, good); a.status < 400 || a.status >= 500 {
			t.Errorf("%s: %d", host, a.status)
		}
	}
	if got := b.effects(); got != "0 events, 0 jobs, 0 ours, 0 accounts told" {
		t.Error("refused messages:", got)
	}

	for range 2 {
		if a := b.post(b.path, good); a.status != 200 || a.body != "ok\n" || a.header.Get("Cache-Control") != "no-store" {
			t.Error(a)
		}
		if got := b.effects(); got != "1 events, 1 jobs, 1 ours, 1 accounts told" {
			t.Error(got)
		}
	}
	// A message about nothing of ours is noted. Neither a cookie nor where a page is from matters.
	if a := b.post(b.path, event("evt_3", "cs_test_elsewhere"), "Cookie", cookie, "Origin", "https://example.com",
		"Sec-Fetch-Site", "cross-site"); a.status != 200 {
		t.Error(a)
	}
	if got := b.effects(); got != "2 events, 1 jobs, 1 ours, 1 accounts told" {
		t.Error(got)
	}
	// Nobody who waits for a connection holds the message back: Stripe sends it again.
	var held []interface{ Release() }
	for range b.db.Pool().Config().MaxConns {
		conn, err := b.db.Pool().Acquire(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		held = append(held, conn)
	}
	late := event("evt_4", "cs_test_1")
	if a := b.post(b.path, late); a.status != 503 || a.header.Get("Retry-After") == "" {
		t.Error(a)
	}
	for _, conn := range held {
		conn.Release()
	}
	if a := b.post(b.path, late); a.status != 200 {
		t.Error(a)
	}
	if got := b.effects(); !strings.HasPrefix(got, "3 events, ") {
		t.Error(got)
	}
	if n := b.calls.Load(); n != 0 {
		t.Errorf("the provider was asked %d times", n)
	}
}
