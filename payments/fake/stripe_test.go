package fake_test

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"orbit360.app/payments/fake"
)

const key = "sk_test_51OursOursOursOurs0001"

type bed struct {
	*fake.Stripe
	address string
}

func newBed(t *testing.T) *bed {
	t.Helper()
	s := fake.NewStripe()
	server := httptest.NewServer(s)
	t.Cleanup(func() {
		server.Close()
		s.Close()
	})
	s.Add(fake.StripeAccount{ID: "acct_ours", Key: key, Name: "Ours & others"})
	return &bed{s, server.URL}
}

// do makes a call, and returns the status, the answer and its headers.
func (b *bed) do(t *testing.T, call string, form url.Values, idempotency string) (int, map[string]any, http.Header) {
	t.Helper()
	method, path, _ := strings.Cut(call, " ")
	address, body := b.address+path, ""
	if method == http.MethodPost {
		body = form.Encode()
	} else {
		address += "?" + form.Encode()
	}
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+key)
	r.Header.Set("Stripe-Version", "2026-08-26.dahlia")
	if method == http.MethodPost {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if idempotency != "" {
		r.Header.Set("Idempotency-Key", idempotency)
	}
	response, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return 0, nil, nil
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	answer := map[string]any{}
	_ = json.Unmarshal(text, &answer) // the pages are HTML
	answer["text"] = string(text)
	return response.StatusCode, answer, response.Header
}

const sessions = "POST /v1/checkout/sessions"

func order() url.Values {
	return url.Values{"mode": {"payment"}, "success_url": {"https://ours.example/paid?session={CHECKOUT_SESSION_ID}"},
		"cancel_url": {"https://ours.example/cart"}, "client_reference_id": {"p1"}, "metadata[payment]": {"p1"},
		"metadata[order]": {"o1"}, "line_items[0][quantity]": {"1"}, "line_items[0][price_data][currency]": {"usd"},
		"line_items[0][price_data][unit_amount]": {"2390"}, "line_items[0][price_data][product_data][name]": {"Order"}}
}

// What Stripe refuses is refused here.
func TestStripeIsStrict(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	if status, answer, _ := b.do(t, sessions, order(), ""); status != 200 || answer["status"] != "open" {
		t.Fatal(status, answer)
	}
	line := "line_items[0][price_data]"
	for name, c := range map[string]struct {
		change url.Values // "" removes
		param  string
	}{
		"unknown":             {url.Values{"unknown": {"1"}}, "unknown"},
		"unknown in an item":  {url.Values{line + "[unitamount]": {"1"}}, line + "[unitamount]"},
		"unknown in a part":   {url.Values{"payment_intent_data[note]": {"1"}}, "payment_intent_data[note]"},
		"a word for a number": {url.Values{line + "[unit_amount]": {"ten"}}, line + "[unit_amount]"},
		"a part of a cent":    {url.Values{line + "[unit_amount]": {"1.5"}}, line + "[unit_amount]"},
		"no such language":    {url.Values{"locale": {"xx"}}, "locale"},
		"a long reference":    {url.Values{"client_reference_id": {strings.Repeat("x", 201)}}, "client_reference_id"},
		"no mode":             {url.Values{"mode": {""}}, "mode"},
		"no items": {url.Values{line + "[currency]": {""}, line + "[unit_amount]": {""}, line + "[product_data][name]": {""},
			"line_items[0][quantity]": {""}}, "line_items"},
		"no quantity":       {url.Values{"line_items[0][quantity]": {""}}, "line_items[0][quantity]"},
		"no currency":       {url.Values{line + "[currency]": {""}}, line + "[currency]"},
		"no amount":         {url.Values{line + "[unit_amount]": {""}}, line + "[unit_amount]"},
		"no name":           {url.Values{line + "[product_data][name]": {""}}, line + "[product_data][name]"},
		"below zero":        {url.Values{line + "[unit_amount]": {"-1"}}, "line_items[0]"},
		"no such currency":  {url.Values{line + "[currency]": {"xyz"}}, line + "[currency]"},
		"a large currency":  {url.Values{line + "[currency]": {"USD"}}, line + "[currency]"},
		"part of a króna":   {url.Values{line + "[currency]": {"isk"}, line + "[unit_amount]": {"550"}}, "line_items[0]"},
		"a thousandth":      {url.Values{line + "[currency]": {"kwd"}, line + "[unit_amount]": {"5124"}}, "line_items[0]"},
		"no page to return": {url.Values{"success_url": {""}}, "success_url"},
		"a page of no host": {url.Values{"cancel_url": {"/cart"}}, "cancel_url"},
		"no email":          {url.Values{"customer_email": {"someone"}}, "customer_email"},
		"29 minutes":        {url.Values{"expires_at": {unix(29 * time.Minute)}}, "expires_at"},
		"25 hours":          {url.Values{"expires_at": {unix(25 * time.Hour)}}, "expires_at"},
		"long metadata":     {url.Values{"metadata[x]": {strings.Repeat("x", 501)}}, "metadata"},
		"a long name":       {url.Values{"metadata[" + strings.Repeat("x", 41) + "]": {"x"}}, "metadata"},
		"long metadata below": {url.Values{"payment_intent_data[metadata][x]": {strings.Repeat("x", 501)}},
			"payment_intent_data[metadata]"},
		"an odd expansion": {url.Values{"expand[]": {"customer.card"}}, "expand"},
	} {
		form := order()
		for name, value := range c.change {
			if form[name] = value; value[0] == "" {
				delete(form, name)
			}
		}
		status, answer, _ := b.do(t, sessions, form, "")
		why, _ := answer["error"].(map[string]any)
		if status != 400 || why["param"] != c.param {
			t.Errorf("%s: %d %v", name, status, answer["text"])
		}
	}
	many := order()
	for i := range 51 {
		many.Set(fmt.Sprintf("metadata[k%d]", i), "x")
	}
	if status, answer, _ := b.do(t, sessions, many, ""); status != 400 {
		t.Error(status, answer)
	}
	for call, want := range map[string]int{"POST /v1/refunds": 400, "POST /v1/webhook_endpoints": 400,
		"GET /v1/customers": 404, "GET /v1/checkout/sessions/cs_none": 404, "DELETE /v1/webhook_endpoints/we_none": 404} {
		if status, answer, _ := b.do(t, call, url.Values{}, ""); status != want {
			t.Error(call, status, answer)
		}
	}
	if status, answer, _ := b.do(t, "GET /v1/checkout/sessions", url.Values{"limt": {"1"}}, ""); status != 400 {
		t.Error(status, answer)
	}
}

func unix(in time.Duration) string { return fmt.Sprint(time.Now().Add(in).Unix()) }

func TestStripeKeys(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	_, first, header := b.do(t, sessions, order(), "k")
	if header.Get("Idempotent-Replayed") != "" {
		t.Error(header)
	}
	_, again, header := b.do(t, sessions, order(), "k")
	if again["text"] != first["text"] || header.Get("Idempotent-Replayed") != "true" {
		t.Error(again, header)
	}
	other := order()
	other.Set("line_items[0][quantity]", "2")
	status, answer, _ := b.do(t, sessions, other, "k")
	if why, _ := answer["error"].(map[string]any); status != 400 || why["type"] != "idempotency_error" {
		t.Error(status, answer)
	}
	// A request that was refused before anything was done leaves its key free.
	broken := order()
	broken.Del("success_url")
	if status, answer, _ := b.do(t, sessions, broken, "free"); status != 400 {
		t.Error(status, answer)
	}
	if status, answer, _ := b.do(t, sessions, order(), "free"); status != 200 {
		t.Error(status, answer)
	}
	b.Exchange.Faults.Next(sessions, fake.ErrorKept)
	for i, replayed := range []string{"", "true", "true"} {
		status, _, header := b.do(t, sessions, order(), "kept")
		if status != 500 || header.Get("Idempotent-Replayed") != replayed {
			t.Error(i, status, header)
		}
	}
	b.Clock.Move(25 * time.Hour) // keys are forgotten after a day
	if _, new, _ := b.do(t, sessions, order(), "k"); new["id"] == first["id"] {
		t.Error("a key is kept for more than a day")
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	for fault, want := range map[fake.Fault]struct{ status, sessions int }{
		fake.NoFault: {200, 1}, fake.ErrorBefore: {500, 0}, fake.ErrorAfter: {500, 1}, fake.ErrorKept: {500, 1},
		fake.HangUpBefore: {0, 0}, fake.HangUpAfter: {0, 1}, fake.TooMany: {429, 0},
	} {
		b := newBed(t)
		b.Exchange.Faults.Next(sessions, fault)
		status, _, _ := b.do(t, sessions, order(), "")
		_, answer, _ := b.do(t, "GET /v1/checkout/sessions", nil, "")
		if made, _ := answer["data"].([]any); status != want.status || len(made) != want.sessions {
			t.Errorf("%s: %d with %d sessions", fault, status, len(made))
		}
	}
	// The same seed, the same faults.
	var runs [2]string
	for i := range runs {
		b := newBed(t)
		b.Exchange.Faults.Random(7, 0.5, fake.ErrorBefore, fake.TooMany)
		for range 40 {
			status, _, _ := b.do(t, sessions, order(), "")
			runs[i] += fmt.Sprint(status, " ")
		}
	}
	if runs[0] != runs[1] || !strings.Contains(runs[0], "500") || !strings.Contains(runs[0], "429") ||
		!strings.Contains(runs[0], "200") {
		t.Error(runs)
	}
}

// TestPage goes through the page as a browser without scripts does.
func TestPage(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	for button, want := range map[string]struct{ to, status, paid string }{
		"pay":     {"https://ours.example/paid?session=", "complete", "paid"},
		"delayed": {"https://ours.example/paid?session=", "complete", "unpaid"},
		"cancel":  {"https://ours.example/cart", "open", "unpaid"},
		"decline": {"/pay/", "open", "unpaid"},
	} {
		_, session, _ := b.do(t, sessions, order(), "")
		id, address := fmt.Sprint(session["id"]), fmt.Sprint(session["url"])
		path := strings.TrimPrefix(address, b.address)
		status, page, _ := b.do(t, "GET "+path, nil, "")
		text := fmt.Sprint(page["text"])
		if status != 200 || !strings.Contains(text, "Ours &amp; others") || !strings.Contains(text, "$23.90") ||
			!strings.Contains(text, `action="`+path+"/"+button+`"`) {
			t.Fatalf("%d %s", status, text)
		}
		status, _, header := b.do(t, "POST "+path+"/"+button, nil, "")
		to := header.Get("Location")
		if status != 303 || !strings.HasPrefix(to, want.to) ||
			strings.Contains(want.to, "session=") && !strings.HasSuffix(to, id) {
			t.Errorf("%s: %d %s", button, status, to)
		}
		_, now, _ := b.do(t, "GET /v1/checkout/sessions/"+id, nil, "")
		if now["status"] != want.status || now["payment_status"] != want.paid {
			t.Errorf("%s: %v", button, now)
		}
		_, page, _ = b.do(t, "GET "+path, nil, "")
		declined := strings.Contains(fmt.Sprint(page["text"]), "Your card was declined.")
		if declined != (button == "decline") {
			t.Errorf("%s: %s", button, page["text"])
		}
		if status, _, _ := b.do(t, "POST "+path+"/pay", nil, ""); (status == 409) != (want.status == "complete") {
			t.Errorf("%s, and then pay: %d", button, status)
		}
	}
	if status, _, _ := b.do(t, "GET /pay/cs_none", nil, ""); status != 404 {
		t.Error(status)
	}
	if status, _, _ := b.do(t, "POST /pay/cs_none/pay", nil, ""); status != 409 {
		t.Error(status)
	}
}

// The ledger sees an order that was charged twice, and refunds without those that failed.
func TestLedger(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	var ids []string
	for _, payment := range []string{"p1", "p2"} {
		form := order()
		form.Set("metadata[payment]", payment)
		_, session, _ := b.do(t, sessions, form, "")
		ids = append(ids, fmt.Sprint(session["id"]))
	}
	if err := b.Pay(ids[0]); err != nil {
		t.Fatal(err)
	}
	if err := b.Pay(ids[0]); err == nil {
		t.Error("a session was paid twice")
	}
	if double := b.Ledger.Double(); len(double) > 0 {
		t.Error(double)
	}
	if err := b.PayOther(ids[1], 5000, "isk"); err != nil {
		t.Fatal(err)
	}
	if double := b.Ledger.Double(); !maps.Equal(double, map[string]int{"o1": 2}) {
		t.Error(double)
	}
	refund, err := b.RefundAtSite(ids[0], 1000)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.RefundAtSite(ids[0], 1391); err == nil {
		t.Error("more was refunded than was paid")
	}
	want := map[string]fake.Sum{"p1": {Charges: 1, Charged: 2390, Refunded: 1000, Currency: "USD"},
		"p2": {Charges: 1, Charged: 50, Currency: "ISK"}}
	if got := b.Ledger.Payments(); !maps.Equal(got, want) {
		t.Errorf("%+v", got)
	}
	if err := b.SettleRefund(refund, "declined"); err != nil {
		t.Fatal(err)
	}
	if err := b.SettleRefund(refund, "declined"); err == nil {
		t.Error("a refund failed twice")
	}
	if got := b.Ledger.Payments()["p1"]; got.Refunded != 0 {
		t.Errorf("%+v", got)
	}
}
