package paypal_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/payments/fake"
)

// received is an event as it came.
type received struct {
	header http.Header
	body   []byte
}

// listen connects an account to a server that hands out what it receives.
func (b *bench) listen() (account orbit.PaymentAccount, events <-chan received) {
	b.Helper()
	all := make(chan received, 20)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			b.Error(err)
		}
		all <- received{r.Header.Clone(), body}
	}))
	b.Cleanup(server.Close)
	hook, err := b.paypal.Connect(b.Context(), b.mine, server.URL)
	if err != nil {
		b.Fatal(err)
	}
	account = b.mine
	account.Webhook = hook
	return account, all
}

// next is the event that comes next.
func (b *bench) next(events <-chan received) received {
	b.Helper()
	select {
	case e := <-events:
		return e
	case <-time.After(30 * time.Second):
		b.Fatal("no event came")
		return received{}
	}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	account, events := b.listen()
	charge := chargeOf(1000, "EUR")
	reference := b.approved(charge, fake.ECheck)
	seen := map[string]bool{}
	about := func(kind, what string, payment orbit.PaymentID) {
		t.Helper()
		r := b.next(events)
		e, err := b.paypal.Event(t.Context(), account, r.header, r.body)
		if err != nil || e.ID == "" || seen[e.ID] || e.Payment != payment || e.Reference != what || !e.Test ||
			!strings.Contains(string(r.body), kind) {
			t.Errorf("%s: %+v %v\n%s", kind, e, err, r.body)
		}
		seen[e.ID] = true
	}
	about("CHECKOUT.ORDER.APPROVED", reference, charge.Payment)
	b.state(charge, reference)
	about("PAYMENT.CAPTURE.PENDING", reference, charge.Payment)
	b.fake.Complete(reference)
	about("PAYMENT.CAPTURE.COMPLETED", reference, charge.Payment)
	capture := b.state(charge, reference).Charges[0].Reference
	if _, err := b.paypal.Refund(t.Context(), b.mine, refundOf(charge, capture, 100)); err != nil {
		t.Fatal(err)
	}
	about("PAYMENT.CAPTURE.REFUNDED", capture, charge.Payment)
	b.fake.Dispute(reference, "OPEN")
	about("CUSTOMER.DISPUTE.CREATED", capture, charge.Payment)
	b.fake.Reverse(reference)
	about("PAYMENT.CAPTURE.REVERSED", reference, charge.Payment)
	b.fake.Deny(reference)
	about("PAYMENT.CAPTURE.DENIED", reference, charge.Payment)
	if n := b.fake.Calls(fake.PayPalCertificate); n != 2 {
		t.Errorf("%d certificates were fetched; there are two, PayPal's and its authority's", n)
	}
}

// TestDeliveries: twice and late are as good as once and on time, and the time that is signed stays.
func TestDeliveries(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	account, events := b.listen()
	b.fake.Events.Next(fake.Twice, fake.Never, fake.AnHour)
	var ids []string
	check := func() {
		r := b.next(events)
		e, err := b.paypal.Event(t.Context(), account, r.header, r.body)
		if err != nil {
			t.Error(err)
		}
		ids = append(ids, e.ID)
	}
	b.approved(chargeOf(1, "EUR"), fake.Good)
	check()
	check()
	if ids[0] != ids[1] {
		t.Error("one event has two IDs:", ids)
	}
	b.approved(chargeOf(1, "EUR"), fake.Good)
	b.approved(chargeOf(1, "EUR"), fake.Good)
	b.fake.Clock.Move(2 * time.Hour)
	check()
	if ids[2] == ids[1] {
		t.Error("two events have one ID:", ids)
	}
}

func TestForgedEvents(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	account, events := b.listen()
	b.approved(chargeOf(1000, "EUR"), fake.Good)
	real := b.next(events)
	var requests atomic.Int64
	foreign := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests.Add(1) }))
	t.Cleanup(foreign.Close)
	other := fake.NewPayPal() // with a chain of its own
	t.Cleanup(other.Close)
	host := strings.TrimPrefix(b.fake.URL, "http://")
	for name, forge := range map[string]func(r *received, a *orbit.PaymentAccount){
		"altered byte": func(r *received, _ *orbit.PaymentAccount) { r.body[len(r.body)/2] ^= 1 },
		"more":         func(r *received, _ *orbit.PaymentAccount) { r.body = append(r.body, ' ') },
		"no body":      func(r *received, _ *orbit.PaymentAccount) { r.body = nil },
		"other webhook": func(_ *received, a *orbit.PaymentAccount) {
			a.Webhook.ID = "WH0000000000000"
		},
		"no webhook":      func(_ *received, a *orbit.PaymentAccount) { a.Webhook.ID = "" },
		"other ID":        set("Paypal-Transmission-Id", "transmission-of-another"),
		"other time":      set("Paypal-Transmission-Time", time.Now().Add(-time.Hour).UTC().Format(time.RFC3339)),
		"no time":         set("Paypal-Transmission-Time", "yesterday"),
		"other signature": set("Paypal-Transmission-Sig", strings.Repeat("QUFB", 85)+"QQ=="),
		"no base64":       set("Paypal-Transmission-Sig", "%%%"),
		"no signature":    set("Paypal-Transmission-Sig", ""),
		"two signatures": func(r *received, _ *orbit.PaymentAccount) {
			r.header.Add("Paypal-Transmission-Sig", r.header.Get("Paypal-Transmission-Sig"))
		},
		"weak algorithm":  set("Paypal-Auth-Algo", "SHA1withRSA"),
		"no certificate":  set("Paypal-Cert-Url", b.fake.URL+"/v1/notifications/certs/CERT-0"),
		"other host":      set("Paypal-Cert-Url", foreign.URL+"/v1/notifications/certs/CERT-1"),
		"http":            set("Paypal-Cert-Url", "http://api.paypal.com/v1/notifications/certs/CERT-1"),
		"lookalike":       set("Paypal-Cert-Url", "https://paypal.com.evil.test/v1/notifications/certs/CERT-1"),
		"lookalike, name": set("Paypal-Cert-Url", "https://notpaypal.com/v1/notifications/certs/CERT-1"),
		"user":            set("Paypal-Cert-Url", "https://api.paypal.com@"+foreign.Listener.Addr().String()+"/CERT-1"),
		"user, own":       set("Paypal-Cert-Url", "http://user@"+host+"/v1/notifications/certs/CERT-1"),
		"port":            set("Paypal-Cert-Url", "https://api.paypal.com:8443/v1/notifications/certs/CERT-1"),
		"file":            set("Paypal-Cert-Url", "file:///etc/passwd"),
		"no host":         set("Paypal-Cert-Url", "https:///v1/notifications/certs/CERT-1"),
		"control":         set("Paypal-Cert-Url", "https://api.paypal.com/\x01"),
	} {
		r := received{real.header.Clone(), append([]byte(nil), real.body...)}
		forged := account
		forge(&r, &forged)
		before := b.fake.Calls(fake.PayPalCertificate)
		_, err := b.paypal.Event(t.Context(), forged, r.header, r.body)
		if orbit.CodeOf(err) != orbit.Invalid { // Unavailable would mean that something was asked
			t.Errorf("%s: %v", name, err)
		}
		if after := b.fake.Calls(fake.PayPalCertificate); name == "user, own" && after != before {
			t.Error(name, "was asked for")
		}
		b.is(err, orbit.Invalid)
	}
	if requests.Load() > 0 {
		t.Error("a foreign host was asked for its certificate")
	}
	if _, err := b.paypal.Event(t.Context(), account, real.header, real.body); err != nil {
		t.Error("the real one:", err)
	}
	unconnected := account // and signed for no webhook at all
	unconnected.Webhook.ID = ""
	header, body := b.sign(unconnected, time.Now(), `{"id":"WH-1"}`)
	_, err := b.paypal.Event(t.Context(), unconnected, header, body)
	b.is(err, orbit.Invalid)
	// The certificate is served by PayPal's host, and leads to another root.
	if _, err := newProvider(t, b.fake.URL, other.Roots).Event(t.Context(), account, real.header,
		real.body); orbit.CodeOf(err) != orbit.Invalid {
		t.Error("another chain:", err)
	}
	if _, err := newProvider(t, b.fake.URL, nil).Event(t.Context(), account, real.header,
		real.body); orbit.CodeOf(err) != orbit.Invalid {
		t.Error("the system's roots:", err)
	}
}

// set replaces a header.
func set(name, value string) func(*received, *orbit.PaymentAccount) {
	return func(r *received, _ *orbit.PaymentAccount) { r.header.Set(name, value) }
}

// TestTimes signs messages of several times. PayPal sends for three days, each time with the first one's time.
func TestTimes(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	account, _ := b.listen()
	for age, want := range map[time.Duration]orbit.Code{0: "", 3 * 24 * time.Hour: "", -4 * time.Minute: "",
		5 * 24 * time.Hour: orbit.Invalid, -6 * time.Minute: orbit.Invalid} {
		header, body := b.sign(account, time.Now().Add(-age), `{"id":"WH-1","event_type":"X"}`)
		_, err := b.paypal.Event(t.Context(), account, header, body)
		if orbit.CodeOf(err) != want {
			t.Errorf("%v old: %v", age, err)
		}
	}
}

// TestStrangeEvents: what PayPal signs names a payment or nothing.
func TestStrangeEvents(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	account, _ := b.listen()
	payment := orbit.NewID[orbit.Payment]()
	for body, want := range map[string]orbit.ProviderEvent{
		`{"id":"WH-1","event_type":"PAYMENT.CAPTURE.COMPLETED","resource":{"id":"C1","custom_id":"ours not"}}`: {
			ID: "WH-1", Reference: "C1", Test: true},
		fmt.Sprintf(`{"id":"WH-1","event_type":"PAYMENT.CAPTURE.COMPLETED","resource":{"id":"C1","custom_id":%q,`+
			`"supplementary_data":{"related_ids":{"order_id":"O1"}}}}`, payment): {
			ID: "WH-1", Reference: "O1", Payment: payment, Test: true},
		`{"id":"WH-1","event_type":"CHECKOUT.ORDER.APPROVED","resource":{"id":"O1"}}`: {
			ID: "WH-1", Reference: "O1", Test: true},
		`{"id":"WH-1","event_type":"PAYMENT.CAPTURE.REFUNDED","resource":{"id":"R1","links":[{"rel":"self","href":"x"},` +
			`{"rel":"up","href":"https://api.paypal.com/v2/payments/captures/C1"}]}}`: {
			ID: "WH-1", Reference: "C1", Test: true},
		`{"id":"WH-1","event_type":"SOMETHING.NEW"}`: {ID: "WH-1", Test: true},
	} {
		header, text := b.sign(account, time.Now(), body)
		if e, err := b.paypal.Event(t.Context(), account, header, text); err != nil || e != want {
			t.Errorf("%s: %+v %v", body, e, err)
		}
	}
	for _, body := range []string{`{}`, `[]`, `null`, `<xml>`, `{"id":""}`, `{"id":7}`} {
		header, text := b.sign(account, time.Now(), body)
		_, err := b.paypal.Event(t.Context(), account, header, text)
		b.is(err, orbit.Invalid)
	}
}

func (b *bench) sign(account orbit.PaymentAccount, at time.Time, body string) (http.Header, []byte) {
	b.Helper()
	header, err := b.fake.Sign(account.Webhook.ID, at, []byte(body))
	if err != nil {
		b.Fatal(err)
	}
	return header, []byte(body)
}

func TestCertificates(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	account, _ := b.listen()
	for name, c := range map[string]struct {
		of    string
		until time.Duration
		want  orbit.Code
	}{
		"sandbox":   {"messageverificationcerts.sandbox.paypal.com", time.Hour, ""},
		"other":     {"messageverificationcerts.evil.test", time.Hour, orbit.Invalid},
		"lookalike": {"messageverificationcerts.paypal.com.evil.test", time.Hour, orbit.Invalid},
		"notpaypal": {"notpaypal.com", time.Hour, orbit.Invalid},
		"expired":   {"messageverificationcerts.paypal.com", -time.Hour, orbit.Invalid},
	} {
		if err := b.fake.Certify("CERT-"+name, c.of, time.Now().Add(c.until)); err != nil {
			t.Fatal(err)
		}
		header, body := b.sign(account, time.Now(), `{"id":"WH-1"}`)
		header.Set("Paypal-Cert-Url", b.fake.URL+"/v1/notifications/certs/CERT-"+name)
		if _, err := b.paypal.Event(t.Context(), account, header, body); orbit.CodeOf(err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
	header, body := b.sign(account, time.Now(), `{"id":"WH-1"}`)
	before := b.fake.Calls(fake.PayPalCertificate)
	for i := range 40 { // more certificates than are kept: each is asked for, and all of them work
		id := fmt.Sprintf("CERT-many-%d", i)
		if err := b.fake.Certify(id, "messageverificationcerts.paypal.com", time.Now().Add(time.Hour)); err != nil {
			t.Fatal(err)
		}
		header.Set("Paypal-Cert-Url", b.fake.URL+"/v1/notifications/certs/"+id)
		for range 2 {
			if _, err := b.paypal.Event(t.Context(), account, header, body); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := b.fake.Calls(fake.PayPalCertificate) - before; n != 80 { // PayPal's and its authority's
		t.Errorf("%d certificates were fetched", n)
	}
	b.fake.Close()
	header.Set("Paypal-Cert-Url", b.fake.URL+"/v1/notifications/certs/CERT-away")
	_, err := b.paypal.Event(t.Context(), account, header, body)
	b.is(err, orbit.Unavailable) // PayPal sends again
}

// TestServedOtherwise: what is at a certificate's address is a certificate of a bounded size, and nowhere else.
func TestServedOtherwise(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	account, _ := b.listen()
	header, body := b.sign(account, time.Now(), `{"id":"WH-1"}`)
	right := b.fake.URL + "/v1/notifications/certs/CERT-1"
	served := append(b.get(right), b.get(b.fake.URL+"/v1/notifications/certs/chain")...)
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		want   orbit.Code
	}{
		"redirect": {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, right, http.StatusFound) },
			orbit.Invalid},
		"endless": {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 1<<20)) }, orbit.Invalid},
		"text":    {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("certificate")) }, orbit.Invalid},
		"nothing": {func(http.ResponseWriter, *http.Request) {}, orbit.Invalid},
		"bad PEM": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"))
		}, orbit.Invalid},
		"padded": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write(append(served, make([]byte, 70<<10)...))
		}, orbit.Invalid},
		"right":          {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(served) }, ""},
		"the root alone": {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(b.fake.Root) }, orbit.Invalid},
		"500":            {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }, orbit.Unavailable},
		"429":            {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(429) }, orbit.Unavailable},
		"cut off":        {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, orbit.Unavailable},
	} {
		server := httptest.NewServer(c.answer)
		t.Cleanup(server.Close)
		header.Set("Paypal-Cert-Url", server.URL+"/CERT-1")
		_, err := newProvider(t, server.URL, b.fake.Roots).Event(t.Context(), account, header, body)
		if orbit.CodeOf(err) != c.want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func (b *bench) get(address string) []byte {
	b.Helper()
	res, err := http.Get(address)
	if err != nil {
		b.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		b.Fatal(err)
	}
	return text
}
