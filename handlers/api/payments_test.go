package api_test

import (
	"bytes"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/jackc/pgx/v5"

	"orbit360.app/orbit"
	"orbit360.app/payments"
	"orbit360.app/payments/fake"
	"orbit360.app/payments/paypal"
	"orbit360.app/payments/stripe"
)

// The keys of the accounts that banks opens. All of them have the canary, which must show nowhere.
const (
	canary  = "Canary51"
	testKey = "sk_test_" + canary + "OursOurs4242"
	liveKey = "sk_live_" + canary + "OursOurs4343"
	theirs  = "sk_live_" + canary + "TheirsTheirs4444"
	shut    = "sk_live_" + canary + "ClosedClosed4545"
	unready = "sk_test_" + canary + "ClosedClosed4646"
)

// bank is what the shops of a street have at Stripe and PayPal, and all that the API answers and logs.
type bank struct {
	*street
	stripe    *fake.Stripe
	paypal    *fake.PayPal
	down      func()
	log, seen *safeBuffer
	key       string // of Moss, for payments
	rival     string // of Fern, likewise
}

// safeBuffer is written by several at once.
type safeBuffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (s *safeBuffer) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.b.Write(p)
}

func (s *safeBuffer) String() string { s.mu.Lock(); defer s.mu.Unlock(); return s.b.String() }

func banks(t *testing.T) *bank {
	t.Helper()
	b := &bank{stripe: fake.NewStripe(), paypal: fake.NewPayPal(), log: &safeBuffer{}, seen: &safeBuffer{}}
	t.Cleanup(b.stripe.Close)
	t.Cleanup(b.paypal.Close)
	site := httptest.NewServer(b.stripe)
	b.down = site.Close
	t.Cleanup(site.Close)
	b.stripe.Add(fake.StripeAccount{ID: "acct_ours", Key: testKey, Name: "Ours"})
	b.stripe.Add(fake.StripeAccount{ID: "acct_ours", Key: liveKey, Name: "Ours"})
	b.stripe.Add(fake.StripeAccount{ID: "acct_theirs", Key: theirs, Name: "Theirs"})
	b.stripe.Add(fake.StripeAccount{ID: "acct_closed", Key: shut, Name: "Closed", Closed: true})
	b.stripe.Add(fake.StripeAccount{ID: "acct_closed", Key: unready, Name: "Closed", Closed: true})
	through, err := paypal.New(b.paypal.URL, b.paypal.Roots)
	if err != nil {
		t.Fatal(err)
	}
	b.street = newStreet(t, setup{providers: map[string]payments.Provider{orbit.ProviderStripe: stripe.New(site.URL),
		orbit.ProviderPayPal: through}, log: b.log})
	_, b.key = b.street.key(b.moss, ownerEmail, orbit.ScopePaymentsWrite)
	_, b.rival = b.street.key(b.fern, rivalEmail, orbit.ScopePaymentsWrite)
	return b
}

// ask keeps what was answered.
func (b *bank) ask(method, path string, body any, options ...option) answer {
	b.t.Helper()
	a := b.do(method, shopBase+"/payment-providers"+path, body, append([]option{bearer(b.key)}, options...)...)
	fmt.Fprintln(b.seen, a.Header, string(a.raw))
	return a
}

// put sets a provider of Moss's up.
func (b *bank) put(provider string, body any, options ...option) answer {
	b.t.Helper()
	return b.ask("PUT", "/"+provider, body, options...)
}

// has asks for values in an answer, by their names.
func (b *bank) has(a answer, values map[string]any) {
	b.t.Helper()
	for name, want := range values {
		if got := a.at(keysOf(name)...); got != want {
			b.t.Errorf("%s is %v, not %v: %s", name, got, want, a.raw)
		}
	}
}

// refused asks for a refusal with words, at a place where there is one.
func (b *bank) refused(a answer, status int, location string, words ...string) {
	b.t.Helper()
	if a.StatusCode != status || location != "" && fmt.Sprint(a.locations()) != "["+location+"]" {
		b.t.Errorf("%d at %v, not %d at %s: %s", a.StatusCode, a.locations(), status, location, a.raw)
	}
	for _, want := range words {
		if !strings.Contains(string(a.raw), want) {
			b.t.Errorf("doesn't say %q: %s", want, a.raw)
		}
	}
}

// of returns a provider as the list has it.
func (b *bank) of(provider string, options ...option) map[string]any {
	b.t.Helper()
	for _, item := range b.ask("GET", "", nil, options...).want(b.t, 200).at("items").([]any) {
		if item := item.(map[string]any); item["id"] == provider {
			return item
		}
	}
	b.t.Fatalf("there is no %s", provider)
	return nil
}

type object = map[string]any

func stripeKey(active bool, key string) object {
	return object{"active": active, "settings": object{"secretKey": key}}
}

// TestStripeByAPI goes the way of a merchant: test mode, live mode, another account, and inactive.
func TestStripeByAPI(t *testing.T) {
	t.Parallel()
	b := banks(t)
	var ids []any
	for _, item := range b.ask("GET", "", nil).want(t, 200).at("items").([]any) {
		ids = append(ids, item.(object)["id"])
	}
	if fmt.Sprint(ids) != "[stripe paypal manual test]" {
		t.Error(ids)
	}
	first := b.ask("GET", "?limit=3", nil).want(t, 200)
	rest := b.ask("GET", "?cursor="+first.at("nextCursor").(string), nil).want(t, 200)
	if items := rest.at("items").([]any); len(items) != 1 || items[0].(object)["id"] != "test" {
		t.Errorf("the second page: %s", rest.raw)
	}
	if v := b.of("stripe"); v["version"] != 0.0 || v["active"] != false || v["account"] != nil ||
		len(v["settings"].(object)) != 0 {
		t.Error(v)
	}

	a := b.put("stripe", object{"active": true, "mode": "test", "settings": object{"secretKey": testKey}},
		with("If-Match", `"0"`)).want(t, 200)
	b.has(a, object{"id": "stripe", "name": "Stripe", "active": true, "mode": "test", "account": "acct_ours",
		"accountName": "Ours", "settings.secretKey": "4242", "message": nil, "lastEventAt": nil})
	if a.Header.Get("ETag") != `"`+version(a)+`"` || version(a) == "0" || a.at("checkedAt") == nil ||
		!same(b.of("stripe"), a.json) {
		t.Errorf("%s %v %v", a.raw, a.Header, b.of("stripe"))
	}
	b.put("stripe", object{"active": false}, with("If-Match", `"0"`)).want(t, 412)
	b.put("stripe", stripeKey(true, "sk_test_"+canary+"Nobodys"), with("If-Match", `"0"`)).want(t, 412) // unasked
	// Live mode of the same account takes its place without a question; what isn't sent stays.
	live := b.put("stripe", object{"active": true, "mode": "live", "settings": object{"secretKey": liveKey}},
		with("If-Match", a.Header.Get("ETag"))).want(t, 200)
	b.has(live, object{"active": true, "mode": "live", "account": "acct_ours", "settings.secretKey": "4343"})
	if version(live) == version(a) {
		t.Error("the version is the same")
	}
	b.has(b.put("stripe", object{"active": false}).want(t, 200), object{"active": false, "settings.secretKey": "4343"})
	b.has(b.put("stripe", object{"active": true}).want(t, 200), object{"active": true, "account": "acct_ours"})

	b.refused(b.put("stripe", stripeKey(true, theirs)), 409, "body.replace", "These credentials are for Theirs",
		"payments go to Ours (acct_ours) now", `Send \"replace\": true`)
	if v := b.of("stripe"); v["account"] != "acct_ours" || v["settings"].(object)["secretKey"] != "4343" {
		t.Error(v)
	}
	body := stripeKey(true, theirs)
	body["replace"] = true
	b.has(b.put("stripe", body).want(t, 200), object{"active": true, "account": "acct_theirs",
		"settings.secretKey": "4444"})

	// The other shop has none of it, and what it does isn't done here.
	ours := b.of("stripe")
	if v := b.of("stripe", bearer(b.rival)); v["account"] != nil || v["version"] != 0.0 {
		t.Error(v)
	}
	b.refused(b.put("stripe", object{"active": true}, bearer(b.rival)), 409, "", "Enter your Stripe credentials first.")
	b.put("stripe", object{"active": false}, bearer(b.rival)).want(t, 200)
	b.put("manual", object{"active": false}, bearer(b.rival)).want(t, 200)
	if v := b.of("stripe"); !same(v, ours) || b.of("manual")["active"] != true {
		t.Error(v, b.of("manual"))
	}
	b.put("stripe", object{"active": true, "settings": object{"secretKey": testKey}}, bearer(b.rival)).want(t, 200)
	if v := b.of("stripe"); !same(v, ours) {
		t.Error(v)
	}
	b.clean()
}

// TestPayPalByAPI: each of two secrets, and the modes.
func TestPayPalByAPI(t *testing.T) {
	t.Parallel()
	b := banks(t)
	sandbox, live := b.paypal.Account(true).Secrets, b.paypal.Account(false).Secrets
	last := func(s string) string { return s[len(s)-4:] }
	of := func(mode string, secrets map[string]string) object {
		return object{"active": true, "mode": mode, "settings": secrets}
	}
	b.refused(b.put("paypal", of("live", sandbox)), 422, "body.settings.clientSecret", "These are sandbox credentials.")
	b.refused(b.put("paypal", of("test", live)), 422, "body.settings.clientSecret", "These are live credentials.")
	a := b.put("paypal", of("test", sandbox)).want(t, 200)
	b.has(a, object{"active": true, "mode": "test", "settings.clientId": last(sandbox["clientId"]),
		"settings.clientSecret": last(sandbox["clientSecret"])})
	// The mode stays where it isn't sent; alone, it is one that the stored credentials aren't for.
	b.has(b.put("paypal", object{"active": false, "settings": object{"clientSecret": sandbox["clientSecret"]}}).want(t,
		200), object{"active": false, "mode": "test"})
	b.refused(b.put("paypal", object{"active": false, "mode": "live"}), 422, "body.settings.clientSecret",
		"These are sandbox credentials.")
	b.paypal.CloseAccount(orbit.PaymentAccount{Secrets: sandbox})
	b.refused(b.put("paypal", object{"active": true}), 409, "", "It can't be activated.", "PayPal")
	if v := b.of("paypal"); v["active"] != false || v["mode"] != "test" {
		t.Error(v)
	}
	b.clean("secret-canary", sandbox["clientId"])
}

// TestOtherWaysToPayByAPI: those that need no account.
func TestOtherWaysToPayByAPI(t *testing.T) {
	t.Parallel()
	b := banks(t)
	before := b.of("manual")
	if before["active"] != true || before["settings"].(object)["name"] != "Bank transfer" || before["version"] == 0.0 {
		t.Error(before)
	}
	a := b.put("manual", object{"active": false, "mode": "live", "settings": object{"name": "Invoice",
		"instructions": "IBAN GB33\r\nBIC X"}}).want(t, 200)
	b.has(a, object{"active": false, "mode": "live", "settings.name": "Invoice",
		"settings.instructions": "IBAN GB33\nBIC X", "account": nil})
	if a.at("version") == before["version"] {
		t.Error("the version is the same")
	}
	b.has(b.put("manual", object{"active": true, "settings": object{"instructions": nil}}).want(t, 200),
		object{"active": true, "settings.name": "Invoice", "settings.instructions": ""})
	before = b.of("manual")
	for _, name := range []string{"Bill", "Bill"} { // the second time it changes nothing
		a = b.put("manual", object{"active": true, "settings": object{"name": name}}).want(t, 200)
		if (a.at("version") == before["version"]) != (before["settings"].(object)["name"] == "Bill") {
			t.Errorf("before %v, after %s", before, a.raw)
		}
		before = b.of("manual")
	}
	b.has(b.put("test", object{"active": true, "mode": "test", "settings": object{}}).want(t, 200),
		object{"active": true, "mode": "test"})
	b.has(b.put("test", object{"active": false}).want(t, 200), object{"active": false, "mode": "test"})
	actions := b.text(`SELECT string_agg(action, ' ' ORDER BY id) FROM audit_log WHERE action LIKE 'payment.%'`)
	if actions != "payment.updated payment.deactivated payment.updated payment.activated payment.updated "+
		"payment.activated payment.deactivated" {
		t.Error(actions)
	}
}

// TestWhatProvidersRefuseByAPI: each is said in words at its place, without the secret, and nothing is stored.
func TestWhatProvidersRefuseByAPI(t *testing.T) {
	t.Parallel()
	b := banks(t)
	before := b.ask("GET", "", nil).want(t, 200).raw
	secret := func(mode, name, value string) object {
		return object{"active": true, "mode": mode, "settings": object{name: value}}
	}
	for _, c := range []struct {
		provider string
		body     any
		status   int
		location string
		words    string
	}{
		{"stripe", object{}, 422, "body.active", "This is required."},
		{"stripe", object{"active": true, "mode": "sandbox"}, 422, "body.mode", "Send test or live."},
		{"manual", object{"active": true, "mode": "test"}, 422, "body.mode", "Manual payments have no test mode."},
		{"test", object{"active": true, "mode": "live"}, 422, "body.mode", "Test payments take no real money."},
		{"stripe", secret("live", "secretKey", testKey), 422, "body.mode", "These credentials are for test mode."},
		{"stripe", secret("test", "secretKey", liveKey), 422, "body.mode", "These credentials are for live mode."},
		{"stripe", secret("test", "secretkey", testKey), 422, "body.settings.secretkey", "Is it secretKey?"},
		{"stripe", secret("test", "apiKey", testKey), 422, "body.settings.apiKey", "There is no such field here."},
		{"stripe", secret("test", "clientSecret", testKey), 422, "body.settings.clientSecret", "Stripe takes secretKey."},
		{"paypal", secret("test", "secretKey", testKey), 422, "body.settings.secretKey",
			"PayPal takes clientId and clientSecret."},
		{"manual", secret("live", "secretKey", liveKey), 422, "body.settings.secretKey",
			"Manual payment takes name and instructions."},
		{"test", secret("test", "secretKey", testKey), 422, "body.settings.secretKey", "Test payments take no settings."},
		{"stripe", object{"active": true, "secretKey": testKey}, 422, "body.secretKey", "There is no such field here."},
		{"stripe", object{"active": true, "settings": testKey}, 422, "body.settings", "This has to be an object"},
		{"stripe", object{"active": true, "settings": object{"secretKey": []string{testKey}}}, 422,
			"body.settings.secretKey", "This has to be text"},
		{"stripe", secret("test", "secretKey", ""), 422, "body.settings.secretKey", "Enter the whole key"},
		{"stripe", secret("test", "secretKey", "pk_test_"+canary), 422, "body.settings.secretKey", "publishable key"},
		{"stripe", secret("test", "secretKey", "sk_test_"+canary+"Nobodys"), 422, "body.settings.secretKey",
			"Stripe doesn't accept this secret key."},
		{"paypal", secret("test", "clientId", "client-"+canary), 422, "body.settings.clientSecret", "Enter the whole key"},
		{"stripe", object{"active": true}, 409, "", "Enter your Stripe credentials first."},
		{"paypal", object{"active": true, "mode": "test", "settings": object{}}, 409, "",
			"Enter your PayPal credentials first."},
		{"stripe", stripeKey(true, shut), 409, "", "It can't be activated. Stripe takes no payments for this account yet"},
		{"manual", object{"active": false, "settings": object{"name": "x"}}, 422, "body.settings.name", "The name"},
		{"free", object{"active": true}, 404, "", "There is nothing at this address."},
		{"Stripe", object{"active": true}, 404, "", "There is nothing at this address."},
	} {
		b.refused(b.put(c.provider, c.body), c.status, c.location, c.words)
	}
	if after := b.ask("GET", "", nil).want(t, 200).raw; !bytes.Equal(before, after) {
		t.Errorf("something is stored: %s", after)
	}
	// An account that takes no payments can be stored, and activated in test mode.
	b.put("stripe", stripeKey(false, shut)).want(t, 200)
	if v := b.of("stripe"); v["active"] != false || !strings.Contains(v["message"].(string),
		"Stripe takes no payments for this account yet: finish it in Stripe's dashboard.") {
		t.Error(v)
	}
	b.refused(b.put("stripe", object{"active": true}), 409, "", "It can't be activated. Stripe takes no payments")
	b.has(b.put("stripe", stripeKey(true, unready)).want(t, 200), object{"active": true, "mode": "test"})

	b.down()
	b.put("stripe", object{"active": false}).want(t, 200)
	for _, body := range []object{stripeKey(true, liveKey), {"active": true}} {
		if a := b.put("stripe", body); a.StatusCode != 503 || a.Header.Get("Retry-After") == "" {
			t.Errorf("without Stripe: %d %v %s", a.StatusCode, a.Header, a.raw)
		}
	}
	b.clean()
}

// TestCheckByAPI: what is wrong is an answer too.
func TestCheckByAPI(t *testing.T) {
	t.Parallel()
	b := banks(t)
	check := func(provider string) answer {
		t.Helper()
		return b.ask("POST", "/"+provider+"/check", nil).want(t, 200)
	}
	b.has(check("stripe"), object{"ok": false, "account": nil, "mode": "live",
		"message": "Enter your Stripe credentials first.", "lastEventAt": nil})
	b.has(check("manual"), object{"ok": true, "account": nil, "mode": "live",
		"message": "Manual payment needs no account."})
	b.has(check("test"), object{"ok": true, "account": nil, "mode": "test",
		"message": "Test payments need no account."})
	b.put("stripe", stripeKey(true, testKey)).want(t, 200)
	b.exec(`UPDATE payment_accounts SET last_event_at = '2026-01-15T09:30:00Z'`)
	b.has(check("stripe"), object{"ok": true, "account": "acct_ours", "mode": "test",
		"message": "Connected to Ours (acct_ours), test mode.", "lastEventAt": "2026-01-15T09:30:00Z"})
	v := b.of("stripe")
	b.stripe.Exchange.Faults.Next("GET /v1/account", fake.ErrorBefore)
	b.has(check("stripe"), object{"ok": false, "account": "acct_ours", "message": "Stripe has a problem. " +
		"Try again in a minute."})
	if b.of("stripe")["version"] != v["version"] || b.of("stripe")["message"] != nil {
		t.Error("a check changes the provider")
	}
	b.put("stripe", object{"active": true, "replace": true, "settings": object{"secretKey": unready}}).want(t, 200)
	b.has(check("stripe"), object{"ok": true, "mode": "test", "message": "Test payments work. Stripe takes no real " +
		"payments yet: finish your account in Stripe's dashboard."})
	b.put("stripe", stripeKey(false, shut)).want(t, 200)
	b.has(check("stripe"), object{"ok": false, "account": "acct_closed", "mode": "live",
		"message": "Stripe takes no payments for this account yet: finish it in Stripe's dashboard."})
	b.ask("POST", "/bitcoin/check", nil).want(t, 404)
	b.clean()
}

// TestProvidersAreSetUpOnce: again with the same key, after a crash, and two at once with the same version.
func TestProvidersAreSetUpOnce(t *testing.T) {
	t.Parallel()
	b := banks(t)
	once := with("Idempotency-Key", "connect")
	first := b.put("stripe", stripeKey(true, testKey), once).want(t, 200)
	again := b.put("stripe", stripeKey(true, testKey), once).want(t, 200)
	if string(first.raw) != string(again.raw) || again.Header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("%s, again %s", first.raw, again.raw)
	}
	b.put("stripe", stripeKey(true, liveKey), once).want(t, 422)
	b.exec(`UPDATE idempotency_keys SET status = NULL, body = '', locked_until = now() - interval '1 second'`)
	again = b.put("stripe", stripeKey(true, testKey), once).want(t, 200)
	if n := b.count(`SELECT count(*)::int FROM payment_accounts`); n != 1 || again.at("settings", "secretKey") != "4242" {
		t.Errorf("%d accounts, %s", n, again.raw)
	}
	match := with("If-Match", fmt.Sprintf(`"%.0f"`, b.of("manual")["version"]))
	got := b.together(8, func(i int) answer {
		return b.put("manual", object{"active": i%2 == 0, "settings": object{"name": fmt.Sprint("Invoice ", i)}}, match)
	})
	if got[200] != 1 || got[412] != 7 {
		t.Error(got)
	}
	b.clean()
}

// text is a text from the database.
func (p *platform) text(sql string) (text string) {
	p.t.Helper()
	conn, err := pgx.Connect(p.t.Context(), p.super)
	if err != nil {
		p.t.Fatal(err)
	}
	defer conn.Close(p.t.Context()) //nolint:errcheck // a test's connection
	if err := conn.QueryRow(p.t.Context(), sql).Scan(&text); err != nil {
		p.t.Fatal(sql, err)
	}
	return text
}

// clean looks for the canary, and others, in all that was answered, logged and stored.
func (b *bank) clean(more ...string) {
	b.t.Helper()
	rows := ""
	for _, table := range []string{"audit_log", "payment_accounts", "payment_methods", "integrations",
		"idempotency_keys", "river_job", "webhook_events"} {
		rows += b.text(`SELECT coalesce(string_agg(t::text, E'\n'), '') FROM ` + table + ` t`)
	}
	if len(b.seen.String()) < 1000 || len(rows) < 1000 {
		b.t.Error("there is too little to search")
	}
	for _, secret := range append(more, canary) {
		for name, text := range map[string]string{"an answer": b.seen.String(), "the log": b.log.String(), "a row": rows} {
			if i := strings.Index(text, secret); i >= 0 {
				b.t.Errorf("%s has %q: %.200s", name, secret, text[max(0, i-100):])
			}
		}
	}
}

// keysOf is where a value is in an answer, as a.b.c says it.
func keysOf(name string) (keys []any) {
	for key := range strings.SplitSeq(name, ".") {
		keys = append(keys, key)
	}
	return keys
}
