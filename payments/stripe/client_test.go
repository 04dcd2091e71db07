package stripe_test

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/payments/fake"
	"orbit360.app/payments/stripe"
)

const createCall = "POST /v1/checkout/sessions"

// Whatever happens to the first call, the second one gives the page, and there is one that people can pay on.
func TestCreateAgain(t *testing.T) {
	t.Parallel()
	for _, fault := range []fake.Fault{fake.ErrorBefore, fake.ErrorAfter, fake.ErrorKept, fake.HangUpBefore,
		fake.HangUpAfter, fake.TooMany} {
		b := newBed(t)
		charge := b.charge(2390, "USD")
		b.site.Exchange.Faults.Next(createCall, fault)
		if _, err := b.Create(t.Context(), b.account, charge); err != nil && orbit.CodeOf(err) != orbit.Unavailable {
			t.Errorf("%s: %v", fault, err)
		}
		page, again := b.open(t, charge), b.open(t, charge)
		if page != again {
			t.Errorf("%s: %+v, and then %+v", fault, page, again)
		}
		want := 1
		if fault == fake.ErrorKept {
			want = 2 // nobody knows the address of the first one
		}
		if ids := b.site.SessionsOf(charge.Payment); len(ids) != want || ids[want-1] != page.Reference {
			t.Errorf("%s: %v, the page is %s", fault, ids, page.Reference)
		}
	}
}

// An error that Stripe keeps for one key after another is tried three times and no more.
func TestErrorsKeptEnd(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	charge := b.charge(2390, "USD")
	const repeated = fake.NoFault // the answer that is kept comes again
	b.site.Exchange.Faults.Next(createCall, fake.ErrorKept, repeated, fake.ErrorKept, repeated, repeated, fake.ErrorKept)
	for range 5 {
		if _, err := b.Create(t.Context(), b.account, charge); orbit.CodeOf(err) != orbit.Unavailable {
			t.Error(err)
		}
	}
	if n := len(b.site.SessionsOf(charge.Payment)); n != 3 {
		t.Errorf("%d sessions", n)
	}
}

func TestInFlight(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	charge := b.charge(2390, "USD")
	held := b.site.Exchange.Faults.Hold(createCall)
	defer held.Release()
	first := make(chan orbit.PaymentPage)
	go func() {
		page, err := b.Create(context.WithoutCancel(t.Context()), b.account, charge)
		if err != nil {
			t.Error(err)
		}
		first <- page
	}()
	<-held.Begun
	if _, err := b.Create(t.Context(), b.account, charge); orbit.CodeOf(err) != orbit.Unavailable {
		t.Errorf("while the first is in flight: %v", err)
	}
	held.Release()
	if page := <-first; page != b.open(t, charge) || len(b.site.SessionsOf(charge.Payment)) != 1 {
		t.Errorf("%+v", page)
	}
}

// The same refund asked for twice at once is one: the second one waits for its turn.
func TestRefundInFlight(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	charge, page, taken := b.paid(t, 2390, "USD")
	asked := refundOf(charge, taken, 1000)
	held := b.site.Exchange.Faults.Hold("POST /v1/refunds")
	defer held.Release()
	first := make(chan error)
	go func() {
		_, err := b.Refund(context.WithoutCancel(t.Context()), b.account, asked)
		first <- err
	}()
	<-held.Begun
	if _, err := b.Refund(t.Context(), b.account, asked); orbit.CodeOf(err) != orbit.Unavailable {
		t.Errorf("while the first is in flight: %v", err)
	}
	held.Release()
	must(t, <-first)
	if refunds := b.state(t, charge, page).Charges[0].Refunds; len(refunds) != 1 || refunds[0].ID != asked.ID {
		t.Errorf("%+v", refunds)
	}
}

// answers returns a provider that asks a server which gives one answer to all.
func answers(t *testing.T, answer http.HandlerFunc) *stripe.Provider {
	t.Helper()
	server := httptest.NewServer(answer)
	t.Cleanup(server.Close)
	return stripe.New(server.URL)
}

// Each answer that isn't what was asked for is a sentence without a secret.
func TestAnswers(t *testing.T) {
	t.Parallel()
	elsewhere := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("a redirect was followed with %q", r.Header.Get("Authorization"))
	}))
	t.Cleanup(elsewhere.Close)
	said := func(status int, kind, code, message string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "7")
			w.WriteHeader(status)
			fmt.Fprintf(w, `{"error":{"type":%q,"code":%q,"message":%q}}`, kind, code, message)
		}
	}
	const bad = "invalid_request_error"
	unreadable := func(body string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) }
	}
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		code   orbit.Code
		says   string
	}{
		"wrong key": {said(401, "invalid_request_error", "", "Invalid API Key provided: sk_test_****0001"),
			orbit.Forbidden, "doesn't accept this secret key"},
		"permission": {said(403, "invalid_request_error", "", "The provided key 'rk_test_****0001' does not have the "+
			"required permissions. Having the 'rak_checkout_session_write' permission would allow this."), orbit.Forbidden,
			"Checkout Sessions (write), which Stripe calls rak_checkout_session_write"},
		"permission unnamed": {said(403, "permission_error", "", "Not allowed."), orbit.Forbidden,
			"lacks a permission: Checkout Sessions (write)."},
		"refused":   {said(400, bad, "x", "The shop is  \n closed"), orbit.Invalid, "this: The shop is closed."},
		"declined":  {said(402, "card_error", "x", "Your card was declined."), orbit.Invalid, "Your card was declined."},
		"secret":    {said(400, bad, "x", "Bad key "+ours), orbit.Invalid, "Stripe refuses this."},
		"masked":    {said(400, bad, "x", "Bad key ab****cd"), orbit.Invalid, "Stripe refuses this."},
		"long":      {said(400, bad, "x", strings.Repeat("x", 1000)), orbit.Invalid, "Stripe refuses this."},
		"other key": {said(400, "idempotency_error", "", "Keys for idempotent requests…"), orbit.Conflict, "other details"},
		"in use":    {said(409, "idempotency_error", "idempotency_key_in_use", "…"), orbit.Unavailable, "busy"},
		"locked":    {said(400, "invalid_request_error", "lock_timeout", "…"), orbit.Unavailable, "busy"},
		"too many":  {said(429, "invalid_request_error", "rate_limit", "…"), orbit.Unavailable, "busy"},
		"missing":   {said(404, bad, "resource_missing", "No such session"), orbit.NotFound, "doesn't know"},
		"their bug": {said(500, "api_error", "", "An unknown error"), orbit.Unavailable, "has a problem"},
		"gateway": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusBadGateway)
			_, _ = w.Write([]byte("<html>Bad gateway</html>"))
		}, orbit.Unavailable, "has a problem"},
		"redirect": {func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, elsewhere.URL, http.StatusTemporaryRedirect)
		}, orbit.Unavailable, "can't be reached"},
		"nothing":    {unreadable(""), orbit.Unavailable, "can't be read"},
		"no JSON":    {unreadable("ok"), orbit.Unavailable, "can't be read"},
		"no session": {unreadable("{}"), orbit.Unavailable, "can't be read"},
		"hung up": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, orbit.Unavailable,
			"doesn't answer"},
		"half of it":  {half, orbit.Unavailable, "broke off"},
		"too much":    {endless, orbit.Unavailable, "can't be read"},
		"much header": {manyHeaders, orbit.Unavailable, "doesn't answer"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			charge := orbit.Charge{Payment: orbit.NewID[orbit.Payment](), Amount: orbit.Money{Amount: 100, Currency: "USD"},
				ExpiresAt: time.Now().Add(time.Hour)}
			_, err := answers(t, c.answer).Create(t.Context(), with(ours), charge)
			if orbit.CodeOf(err) != c.code || !strings.Contains(orbit.Sentence(err), c.says) {
				t.Errorf("%s: %v", orbit.CodeOf(err), err)
			}
			if text := fmt.Sprint(err); strings.Contains(text, ours) || strings.Contains(text, "****") {
				t.Errorf("a secret: %s", text)
			}
		})
	}
	charge := orbit.Charge{Amount: orbit.Money{Amount: 100, Currency: "USD"}}
	_, err := answers(t, said(429, "", "", "")).Create(t.Context(), with(ours), charge)
	if e, ok := err.(*orbit.Error); !ok || e.RetryAfter != 7*time.Second {
		t.Errorf("%#v", err)
	}
}

func half(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Length", "100")
	_, _ = w.Write([]byte(`{"id":"cs_test_1"`))
	_ = http.NewResponseController(w).Flush()
	panic(http.ErrAbortHandler)
}

// endless sends an answer that is whole, and larger than any of Stripe's.
func endless(w http.ResponseWriter, _ *http.Request) {
	_, _ = w.Write([]byte(`{"id":"cs_test_1","url":"https://checkout.stripe.com","x":"`))
	for range 8 {
		if _, err := w.Write(bytes.Repeat([]byte("x"), 1<<20)); err != nil {
			return
		}
	}
	_, _ = w.Write([]byte(`"}`))
}

func manyHeaders(w http.ResponseWriter, _ *http.Request) {
	for i := range 2000 {
		w.Header().Set(fmt.Sprintf("X-%d", i), strings.Repeat("x", 1000))
	}
}

func TestNobodyThere(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	charge := b.charge(100, "USD")
	gone := httptest.NewServer(nil)
	gone.Close()
	if _, err := stripe.New(gone.URL).Create(t.Context(), b.account, charge); orbit.CodeOf(err) != orbit.Unavailable {
		t.Error(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.Create(ctx, b.account, charge); orbit.CodeOf(err) != orbit.Unavailable {
		t.Error(err)
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	for key, says := range map[string]string{
		"":                             "Enter the secret key",
		"pk_test_51OursOursOursOurs":   "publishable key",
		"whsec_51OursOursOursOursOurs": "isn't a secret key",
		"sk_prod_51OursOursOursOurs":   "isn't a secret key",
		ours + "\r\nX-Evil: 1":         "isn't a secret key",
		ours + " ":                     "isn't a secret key",
		"sk_test_51UnknownUnknown0003": "doesn't accept this secret key",
	} {
		_, err := b.Check(t.Context(), with(key))
		if orbit.CodeOf(err) != orbit.Forbidden || !strings.Contains(orbit.Sentence(err), says) {
			t.Errorf("%q: %v", key, err)
		}
		_, create := b.Create(t.Context(), with(key), b.charge(100, "USD"))
		if orbit.CodeOf(create) != orbit.Forbidden || orbit.Sentence(create) != orbit.Sentence(err) {
			t.Errorf("%q: %v", key, create)
		}
		if key != "" && strings.Contains(fmt.Sprint(err), key) || strings.Contains(fmt.Sprint(err), "****") {
			t.Errorf("%q: a secret: %v", key, err)
		}
	}
}
