package stripe_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/payments/fake"
	"orbit360.app/payments/stripe"
)

const (
	secret = "whsec_ours"
	before = "whsec_before"
)

func signed(value string) http.Header { return http.Header{"Stripe-Signature": {value}} }

func TestSignatures(t *testing.T) {
	t.Parallel()
	body := []byte(`{"id":"evt_1","livemode":false,"data":{"object":{"id":"cs_test_1","object":"checkout.session"}}}`)
	account := orbit.PaymentAccount{Webhook: orbit.ProviderWebhook{ID: "we_1", Secret: secret}}
	now := time.Now()
	good := fake.SignStripe(now, body, secret)
	stamp, rest, _ := strings.Cut(good, ",")
	_, v1, _ := strings.Cut(rest, "=")
	v1 = v1[:64]
	for name, c := range map[string]struct {
		header  string
		body    []byte
		account orbit.PaymentAccount
		ok      bool
	}{
		"right":               {good, body, account, true},
		"two secrets":         {fake.SignStripe(now, body, before, secret), body, account, true},
		"other order":         {"v1=" + v1 + "," + stamp, body, account, true},
		"spaces":              {stamp + ", v1=" + v1, body, account, true},
		"more than one v1":    {stamp + ",v1=00,v1=" + strings.Repeat("0", 64) + ",v1=" + v1, body, account, true},
		"almost too old":      {fake.SignStripe(now.Add(-290*time.Second), body, secret), body, account, true},
		"almost too early":    {fake.SignStripe(now.Add(290*time.Second), body, secret), body, account, true},
		"too old":             {fake.SignStripe(now.Add(-310*time.Second), body, secret), body, account, false},
		"from the future":     {fake.SignStripe(now.Add(310*time.Second), body, secret), body, account, false},
		"from another time":   {fake.SignStripe(time.Unix(1<<55, 0), body, secret), body, account, false},
		"at the beginning":    {fake.SignStripe(time.Unix(0, 0), body, secret), body, account, false},
		"other secret":        {fake.SignStripe(now, body, before), body, account, false},
		"other byte":          {good, []byte(strings.Replace(string(body), "evt_1", "evt_2", 1)), account, false},
		"a byte more":         {good, append([]byte(" "), body...), account, false},
		"other time":          {fmt.Sprintf("t=%d,v1=%s", now.Unix()+1, v1), body, account, false},
		"no time":             {"v1=" + v1, body, account, false},
		"no signature":        {stamp, body, account, false},
		"an older scheme":     {stamp + ",v0=" + v1, body, account, false},
		"half a signature":    {stamp + ",v1=" + v1[:32], body, account, false},
		"empty signature":     {stamp + ",v1=", body, account, false},
		"nothing":             {"", body, account, false},
		"no secret":           {fake.SignStripe(now, body, ""), body, orbit.PaymentAccount{}, false},
		"signed, and no JSON": {fake.SignStripe(now, []byte("{"), secret), []byte("{"), account, false},
		"signed, and no ID":   {fake.SignStripe(now, []byte("{}"), secret), []byte("{}"), account, false},
	} {
		event, err := stripe.New(stripe.Site).Event(t.Context(), c.account, signed(c.header), c.body)
		if c.ok && (err != nil || event.ID != "evt_1" || event.Reference != "cs_test_1" || !event.Test) ||
			!c.ok && (orbit.CodeOf(err) != orbit.Invalid || event != (orbit.ProviderEvent{})) {
			t.Errorf("%s: %+v, %v", name, event, err)
		}
	}
	_, err := stripe.New(stripe.Site).Event(t.Context(), account, http.Header{}, body)
	if orbit.CodeOf(err) != orbit.Invalid {
		t.Error(err)
	}
}

// receiver takes events as the program does, and keeps what they say.
type receiver struct {
	mu      sync.Mutex
	account orbit.PaymentAccount
	events  []orbit.ProviderEvent
	faults  []string
	down    bool
}

func (b *bed) receive(t *testing.T) *receiver {
	t.Helper()
	r := &receiver{account: b.account}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, q *http.Request) {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.down {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		body, _ := io.ReadAll(q.Body)
		event, err := b.Event(q.Context(), r.account, q.Header, body)
		if err != nil {
			r.faults = append(r.faults, err.Error())
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		r.events = append(r.events, event)
	}))
	t.Cleanup(server.Close)
	webhook, err := b.Connect(t.Context(), b.account, server.URL)
	must(t, err)
	r.account.Webhook = webhook
	return r
}

// settled waits for the deliveries that are due, and returns the events so far.
func (r *receiver) settled(t *testing.T, b *bed) []orbit.ProviderEvent {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	must(t, b.site.Events.Wait(ctx))
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.faults) > 0 {
		t.Error(r.faults)
	}
	return slices.Clone(r.events)
}

// Each event of a payment's life names the payment, by its ID or by what the state is known by.
func TestEventsNameThePayment(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	r := b.receive(t)
	charge, page, taken := b.paid(t, 2390, "USD")
	seen := 0
	expect := func(what string, payment orbit.PaymentID, references ...string) {
		t.Helper()
		events := r.settled(t, b)
		if len(events)-seen != len(references) {
			t.Errorf("%s: %d events instead of %d: %+v", what, len(events)-seen, len(references), events[seen:])
		}
		for _, event := range events[seen:] {
			if event.ID == "" || !event.Test || !slices.Contains(references, event.Reference) ||
				(event.Payment != payment && (!event.Payment.IsZero() || event.Reference == "")) {
				t.Errorf("%s: %+v", what, event)
			}
		}
		seen = len(events)
	}
	expect("paid", charge.Payment, page.Reference)
	refund, err := b.Refund(t.Context(), b.account, refundOf(charge, taken, 100))
	must(t, err)
	expect("refunded", charge.Payment, taken.Reference)
	must(t, b.site.SettleRefund(refund.Reference, "declined"))
	expect("the refund failed", charge.Payment, taken.Reference, taken.Reference)
	_, err = b.site.RefundAtSite(page.Reference, 200)
	must(t, err)
	expect("refunded at Stripe", charge.Payment, taken.Reference)
	must(t, b.site.Dispute(page.Reference, "needs_response"))
	must(t, b.site.Dispute(page.Reference, "won"))
	expect("disputed", charge.Payment, taken.Reference, taken.Reference)

	late := b.charge(100, "USD")
	open := b.open(t, late)
	b.site.Clock.Move(time.Hour)
	expect("expired", late.Payment, open.Reference)
	delayed := b.charge(100, "EUR")
	open = b.open(t, delayed)
	must(t, b.site.PayDelayed(open.Reference))
	must(t, b.site.SettleDelayed(open.Reference, false))
	expect("failed late", delayed.Payment, open.Reference, open.Reference)
}

// Messages of one merchant's account aren't another's.
func TestEventsOfAnother(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	r := b.receive(t)
	theirs, err := b.Connect(t.Context(), b.them, "https://theirs.example/hooks")
	must(t, err)
	body := []byte(`{"id":"evt_1","data":{"object":{"object":"charge"}}}`)
	header := signed(fake.SignStripe(time.Now(), body, theirs.Secret))
	if _, err := b.Event(t.Context(), r.account, header, body); orbit.CodeOf(err) != orbit.Invalid {
		t.Error(err)
	}
}

// FuzzEvent feeds messages that nobody signed, and signed ones of any shape: no panic, and none of the former passes.
func FuzzEvent(f *testing.F) {
	f.Add("t=1,v1=00", []byte(`{}`))
	f.Add("t=9223372036854775807,v1="+strings.Repeat("f", 64), []byte(`{"id":"evt_1"}`))
	f.Add(",,=,t,v1", []byte(`{"id":"evt_1","data":{"object":{"metadata":{"payment":7}}}}`))
	p := stripe.New(stripe.Site)
	account := orbit.PaymentAccount{Webhook: orbit.ProviderWebhook{Secret: secret}}
	f.Fuzz(func(t *testing.T, header string, body []byte) {
		if event, err := p.Event(t.Context(), account, signed(header), body); err == nil {
			t.Errorf("%+v", event)
		}
		event, err := p.Event(t.Context(), account, signed(fake.SignStripe(time.Now(), body, secret)), body)
		if (err == nil) != (event.ID != "") {
			t.Errorf("%+v, %v", event, err)
		}
	})
}
