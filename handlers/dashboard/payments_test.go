package dashboard_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"orbit360.app/browsertest"
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
	closed  = "sk_live_" + canary + "ClosedClosed4545"
	limited = "rk_live_" + canary + "LimitedLimited4646"
)

// bank is what merchants have at Stripe and PayPal, and all that the dashboard answers and logs.
type bank struct {
	*world
	stripe *fake.Stripe
	paypal *fake.PayPal
	down   func()
	log    *safeBuffer
	seen   *safeBuffer
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
	b := &bank{world: begin(t), stripe: fake.NewStripe(), paypal: fake.NewPayPal(), log: &safeBuffer{},
		seen: &safeBuffer{}}
	t.Cleanup(b.stripe.Close)
	t.Cleanup(b.paypal.Close)
	site := httptest.NewServer(b.stripe)
	b.down = site.Close
	t.Cleanup(site.Close)
	b.stripe.Add(fake.StripeAccount{ID: "acct_ours", Key: testKey, Name: "Ours"})
	b.stripe.Add(fake.StripeAccount{ID: "acct_ours", Key: liveKey, Name: "Ours"})
	b.stripe.Add(fake.StripeAccount{ID: "acct_theirs", Key: theirs, Name: "Theirs"})
	b.stripe.Add(fake.StripeAccount{ID: "acct_closed", Key: closed, Name: "Closed", Closed: true})
	b.stripe.Add(fake.StripeAccount{ID: "acct_ours", Key: limited, Lacks: []string{"rak_charge_write"}})
	through, err := paypal.New(b.paypal.URL, b.paypal.Roots)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(b.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	b.kit.Log = log
	b.kit.Payments, err = payments.New(payments.Config{DB: b.db, Log: log, Addresses: addresses,
		Keys: orbit.NewSecretKeys([]byte("0123456789abcdef0123456789abcdef")), Providers: map[string]payments.Provider{
			orbit.ProviderStripe: stripe.New(site.URL), orbit.ProviderPayPal: through}})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// send keeps what was answered.
func (b *bank) send(cookie, path string, form url.Values) (*http.Response, *goquery.Document) {
	b.Helper()
	ask := func() (*http.Response, *goquery.Document) { return b.get(cookie, path) }
	if form != nil {
		ask = func() (*http.Response, *goquery.Document) { return b.post(cookie, path, form) }
	}
	res, page := ask()
	html, err := page.Html()
	if err != nil {
		b.Fatal(err)
	}
	fmt.Fprintln(b.seen, res.Header, html)
	return res, page
}

// page reads Moss's page.
func (b *bank) page() *goquery.Document {
	b.Helper()
	_, page := b.send(b.ada, b.home(b.moss)+"/settings/payments", nil)
	return page
}

// on sends a form about a provider of Moss's, in its owner's name.
func (b *bank) on(provider, what string, form url.Values) (*http.Response, *goquery.Document) {
	b.Helper()
	if form == nil {
		form = url.Values{}
	}
	return b.send(b.ada, b.home(b.moss)+"/settings/payments/"+provider+what, form)
}

// done sends a form that has to work, and returns the page that it leads to.
func (b *bank) done(provider, what string, form url.Values) *goquery.Document {
	b.Helper()
	res, page := b.on(provider, what, form)
	if want := b.home(b.moss) + "/settings/payments#" + provider; res.StatusCode != 303 ||
		res.Header.Get("Location") != want {
		b.Fatalf("%s%s: %d %s %s", provider, what, res.StatusCode, res.Header.Get("Location"),
			page.Find("#"+provider+" :is(.alert, .fault)").Text())
	}
	return b.page()
}

func words(s *goquery.Selection) string { return strings.Join(strings.Fields(s.Text()), " ") }

// shows asks for words in a part of a page.
func (b *bank) shows(page *goquery.Document, part string, all ...string) {
	b.Helper()
	got := words(page.Find(part))
	for _, want := range all {
		if !strings.Contains(got, want) {
			b.Errorf("%s has no %q:\n%s", part, want, got)
		}
	}
}

func key(secret string, more ...string) url.Values {
	form := url.Values{"secretKey": {secret}}
	for _, one := range more {
		form.Set(one, "on")
	}
	return form
}

// TestCredentialsThatDontWork: each way in which credentials can be wrong is a sentence at their field, and nothing is
// stored.
func TestCredentialsThatDontWork(t *testing.T) {
	t.Parallel()
	b := banks(t)
	for secret, want := range map[string]string{
		"":                         "Enter the whole key",
		"pk_live_" + canary:        "This is Stripe's publishable key.",
		canary:                     "This isn't a secret key of Stripe",
		"sk_live_" + canary + "No": "Stripe",
		limited:                    "The secret key lacks a permission: Charges and Refunds (write).",
	} {
		res, page := b.on("stripe", "/account", key(secret))
		if res.StatusCode != 422 || page.Find(`#stripe-secretKey[aria-invalid=true]`).Length() != 1 ||
			page.Find("#stripe details[open]").Length() != 1 {
			t.Errorf("%q: %d", secret, res.StatusCode)
		}
		b.shows(page, "#stripe-secretKey-error", want)
	}
	sandbox, live := b.paypal.Account(true), b.paypal.Account(false)
	of := func(a orbit.PaymentAccount, test bool) url.Values {
		form := url.Values{"clientId": {a.Secrets["clientId"]}, "clientSecret": {a.Secrets["clientSecret"]}}
		if test {
			form.Set("test", "on")
		}
		return form
	}
	wrong := of(live, false)
	wrong.Set("clientSecret", "secret-canary-none")
	for want, form := range map[string]url.Values{
		"These are live credentials. Enter those of a sandbox app": of(live, true),
		"These are sandbox credentials. Enter those of a live app": of(sandbox, false),
		"PayPal": wrong,
	} {
		res, page := b.on("paypal", "/account", form)
		if res.StatusCode != 422 || page.Find("#paypal-test[checked]").Length() != len(form["test"]) {
			t.Errorf("%s: %d", want, res.StatusCode)
		}
		b.shows(page, "#paypal-clientSecret-error", want)
	}
	res, page := b.on("paypal", "/account", url.Values{"clientId": {"x"}})
	if res.StatusCode != 422 {
		t.Error(res.StatusCode)
	}
	b.shows(page, "#paypal-clientSecret-error", "Enter the whole key")
	b.down()
	res, page = b.on("stripe", "/account", key(liveKey))
	if res.StatusCode != 503 {
		t.Error(res.StatusCode)
	}
	b.shows(page, "#stripe-credentials .alert", "Stripe")
	for _, provider := range []string{"stripe", "paypal"} {
		res, page := b.on(provider, "/activation", nil)
		if res.StatusCode != 409 {
			t.Error(res.StatusCode)
		}
		b.shows(page, "#"+provider+" .alert", "Enter your "+orbit.Providers().Name(provider)+" credentials first.")
	}
	for _, path := range []string{"/manual/account", "/test/account", "/free/account", "/manual/check", "/bitcoin/check",
		"/bitcoin/activation", "/free/activation", "/bitcoin/deactivation"} {
		if res, _ := b.on("", strings.TrimPrefix(path, "/"), nil); res.StatusCode != 404 {
			t.Error(path, res.StatusCode)
		}
	}
	var stored int
	if err := b.super(t).QueryRow(t.Context(), `SELECT count(*) FROM payment_accounts`).Scan(&stored); err != nil ||
		stored != 0 {
		t.Error(stored, err)
	}
	b.clean("secret-canary")
}

// TestStripeIsConnected goes the way of a merchant: test mode, live mode, another account, a key that stops working.
func TestStripeIsConnected(t *testing.T) {
	t.Parallel()
	b := banks(t)
	page := b.page()
	b.shows(page, "#stripe .card-actions", "Inactive")
	if href := page.Find(`#stripe .pay-steps a`).First().AttrOr("href", ""); href != stripe.KeyURL("ORBIT360", false) {
		t.Error(href)
	}
	page = b.done("stripe", "/account", key(testKey))
	b.shows(page, "#stripe", "Inactive", "Test mode", "Ours (acct_ours)", "•••• 4242",
		"No events received yet: payments are still settled within 2 minutes.")
	b.shows(page, ".toast", "Connected to Ours (acct_ours), test mode.")
	page = b.done("stripe", "/activation", nil)
	b.shows(page, "#stripe .card-actions", "Active", "Test mode")
	if page.Find("#test-live").Length() != 0 {
		t.Error("a shop that isn't open is warned")
	}
	b.exec(`UPDATE merchants SET live_at = now()`)
	b.shows(b.page(), "#test-live", "Stripe in test mode is active", "without paying")

	// Live mode of the same account takes its place without a question.
	page = b.done("stripe", "/account", key(liveKey))
	b.shows(page, "#stripe", "Active", "Live", "•••• 4343")
	if page.Find("#test-live").Length() != 0 || strings.Contains(words(page.Find("#stripe .card-actions")), "Test mode") {
		t.Error("live mode is taken for test mode")
	}
	// Another account asks first.
	res, page := b.on("stripe", "/account", key(theirs))
	if res.StatusCode != 409 || page.Find(`#stripe-credentials [name=replace]`).Length() != 1 {
		t.Error(res.StatusCode)
	}
	b.shows(page, "#stripe-credentials .alert", "These credentials are for Theirs (acct_theirs)",
		"payments go to Ours (acct_ours) now")
	b.shows(b.page(), "#stripe", "Ours (acct_ours)", "•••• 4343")
	page = b.done("stripe", "/account", key(theirs, "replace"))
	b.shows(page, "#stripe", "Theirs (acct_theirs)", "•••• 4444", "Active")
	// An empty field keeps the key.
	b.shows(b.done("stripe", "/account", key("")), "#stripe", "Theirs (acct_theirs)", "•••• 4444")
	b.exec(`UPDATE payment_accounts SET last_event_at = now() - interval '3 hours' WHERE account = 'acct_theirs'`)
	b.shows(b.page(), "#stripe", "3 h ago")

	b.shows(b.done("stripe", "/check", nil), ".toast", "Connected to Theirs (acct_theirs), live mode.")
	b.stripe.Exchange.Faults.Next("GET /v1/account", fake.ErrorBefore, fake.ErrorBefore, fake.ErrorBefore,
		fake.ErrorBefore, fake.ErrorBefore, fake.ErrorBefore)
	if res, page = b.on("stripe", "/check", nil); res.StatusCode != 409 {
		t.Error(res.StatusCode)
	}
	b.shows(page, "#stripe .alert", "Stripe")
	if page.Find("#stripe .alert").Length() != 1 {
		t.Error("it is said twice:", words(page.Find("#stripe .alert")))
	}
	b.done("stripe", "/deactivation", nil)
	b.shows(b.page(), "#stripe", "Inactive", "Theirs (acct_theirs)", "•••• 4444")
	b.down()
	if res, page = b.on("stripe", "/activation", nil); res.StatusCode != 503 {
		t.Error(res.StatusCode)
	}
	b.shows(page, "#stripe .alert", "It can't be activated.")
	b.shows(b.page(), "#stripe .card-actions", "Inactive")

	var accounts, log string
	if err := b.super(t).QueryRow(t.Context(), `SELECT (SELECT string_agg(account || test, ' ' ORDER BY created_at)
			FROM payment_accounts), (SELECT string_agg(action, ' ' ORDER BY id) FROM audit_log WHERE action LIKE 'payment.%')`).
		Scan(&accounts, &log); err != nil || accounts != "acct_ourstrue acct_oursfalse acct_theirsfalse" ||
		log != "payment.connected payment.activated payment.connected payment.connected payment.connected "+
			"payment.deactivated" {
		t.Error(accounts, log, err)
	}
	if _, page := b.send(b.bob, b.home(b.nord)+"/settings/payments", nil); strings.Contains(page.Text(), "acct_") {
		t.Error("the other shop has the account")
	}
	b.clean()
}

// TestPayPalIsConnected: test mode is a switch; a closed app is said on Check connection.
func TestPayPalIsConnected(t *testing.T) {
	t.Parallel()
	b := banks(t)
	account := b.paypal.Account(true)
	form := url.Values{"clientId": {account.Secrets["clientId"]}, "clientSecret": {account.Secrets["clientSecret"]},
		"test": {"on"}}
	page := b.done("paypal", "/account", form)
	secret := account.Secrets["clientSecret"]
	b.shows(page, "#paypal", "Test mode", "PAYER", "•••• "+secret[len(secret)-4:])
	if page.Find("#paypal-test[checked]").Length() != 1 {
		t.Error("the form forgets the mode")
	}
	b.shows(b.done("paypal", "/activation", nil), "#paypal .card-actions", "Active", "Test mode")
	b.paypal.CloseAccount(account)
	res, page := b.on("paypal", "/check", nil)
	if res.StatusCode != 409 {
		t.Error(res.StatusCode)
	}
	b.shows(page, "#paypal .alert", "PayPal")
	b.shows(b.page(), "#paypal .alert", "PayPal") // it stays until it works again
	b.clean("secret-canary")
}

// TestChargesAreOff: what a provider says of an account stays on its card.
func TestChargesAreOff(t *testing.T) {
	t.Parallel()
	b := banks(t)
	b.done("stripe", "/account", key(closed))
	b.shows(b.page(), "#stripe .alert", "Stripe takes no payments for this account yet")
	b.clean()
}

// TestPaymentsOfANewShop: what the activation asked for is on Home until it is connected, Test payments come and go,
// and the part of the setup is done by any active method.
func TestPaymentsOfANewShop(t *testing.T) {
	t.Parallel()
	b := banks(t)
	home := b.home(b.moss)
	b.exec(`INSERT INTO integrations (merchant_id, kind) VALUES ($1, 'stripe'), ($1, 'paypal'), ($1, 'analytics')`,
		b.moss.String())
	_, page := b.send(b.ada, home, nil)
	b.shows(page, "#to-do", "Connect Stripe", "Connect PayPal")
	if page.Find(`#to-do a[href="`+home+`/settings/payments#stripe"]`).Length() != 1 ||
		page.Find("#to-do a").Length() != 2 {
		t.Error(words(page.Find("#to-do")))
	}
	if _, other := b.send(b.bob, b.home(b.nord), nil); other.Find("#to-do a").Length() != 0 {
		t.Error("the other shop's first page:", words(other.Find("#to-do")))
	}
	b.staff(b.moss, "bob@example.com", orbit.PermissionOrders)
	if _, page := b.send(b.bob, home, nil); page.Find("#to-do a").Length() != 0 {
		t.Error("without the permission:", words(page.Find("#to-do")))
	}
	b.done("stripe", "/account", key(testKey))
	if _, page := b.send(b.ada, home, nil); words(page.Find("#to-do")) != "Connect PayPal" {
		t.Error(words(page.Find("#to-do")))
	}

	part := home + "/onboarding/payments"
	b.done("manual", "/deactivation", nil)
	page = b.page()
	b.shows(page, "#no-method", "Shoppers can't pay")
	b.shows(page, "#manual .card-actions", "Inactive")
	if _, page := b.send(b.ada, part, nil); page.Find(`#parts [data-key=payments][data-done]`).Length() != 0 {
		t.Error("done without a way to pay")
	}
	page = b.done("test", "/activation", nil)
	b.shows(page, "#test .card-actions", "Active")
	if page.Find("#no-method, #test-live").Length() != 0 {
		t.Error(words(page.Find("#payments > .alert")))
	}
	_, page = b.send(b.ada, part, nil)
	if page.Find(`#parts [data-key=payments][data-done]`).Length() != 1 ||
		page.Find(`#methods a[href="`+home+`/settings/payments"]`).Length() != 1 {
		t.Error("not done by Test payments, or no way to the settings")
	}
	b.shows(page, "#methods", "Stripe Test modeInactive", "Test payments Active")
	b.exec(`UPDATE merchants SET live_at = now()`)
	b.shows(b.page(), "#test-live", "Test payments are active")
	b.done("stripe", "/activation", nil)
	b.shows(b.page(), "#test-live", "Stripe in test mode and Test payments are active")
	b.done("test", "/deactivation", nil)
	b.clean()
}

// TestManualPayment: its fields save themselves on the page of the settings too, and without scripts.
func TestManualPayment(t *testing.T) {
	t.Parallel()
	b := banks(t)
	at := b.home(b.moss) + "/settings/payments/manual"
	res, page := b.save(b.ada, at, "name", "Invoice")
	if res.StatusCode != 200 || page.Find(`.verdict[data-tone=success]:contains("Saved")`).Length() != 1 ||
		page.Find("#parts").Length() != 0 {
		t.Error(res.StatusCode, page.Text())
	}
	if res, page := b.save(b.ada, at, "name", ""); res.StatusCode != 422 ||
		page.Find(`.verdict[data-tone=danger]`).Length() != 1 {
		t.Error(res.StatusCode, page.Text())
	}
	form := url.Values{"was.name": {"Invoice"}, "name": {"Invoice"}, "was.instructions": {"x"},
		"instructions": {"IBAN GB33"}}
	b.done("manual", "", form)
	page = b.page()
	if got := page.Find("#manual-form [name=name]").AttrOr("value", ""); got != "Invoice" {
		t.Error(got)
	}
	b.shows(page, "#manual-form textarea", "IBAN GB33")
	form.Set("name", "")
	if res, page := b.on("manual", "", form); res.StatusCode != 422 ||
		page.Find(`#manual-form #name[aria-invalid]`).Length() != 1 {
		t.Error(res.StatusCode)
	}
}

// TestPaymentsInABrowser: connected, refused and asked, with scripts and without, by keys alone.
func TestPaymentsInABrowser(t *testing.T) {
	t.Parallel()
	b := banks(t)
	at := b.serve(b.ada) + b.home(b.moss) + "/settings/payments"
	for _, scripts := range []bool{true, false} {
		tab := browsertest.New(t, browsertest.Scripts(scripts))
		name := map[bool]string{true: "scripts", false: "plain"}[scripts]
		tab.Open(at)
		tab.Look(name + "-begin")
		enter := func(secret string) {
			tab.Type("#stripe-secretKey", secret+"\r")
		}
		enter("pk_live_" + canary)
		tab.See("This is Stripe's publishable key.")
		tab.Look(name + "-refused")
		tab.Set("#stripe-secretKey", "")
		enter(liveKey)
		tab.See("Connected to Ours (acct_ours), live mode.")
		tab.Press("Replace credentials")
		enter(theirs)
		tab.See("This is another account")
		tab.Look(name + "-another")
		if scripts { // what was typed is still there
			tab.Until(`document.querySelector('#stripe-secretKey').value.length > 8`)
		} else {
			tab.Set("#stripe-secretKey", theirs)
		}
		tab.Tick("Use this account for new payments")
		tab.Click("#stripe-credentials button")
		tab.See("Connected to Theirs (acct_theirs), live mode.")
		tab.Click(`#stripe [aria-label="Activate Stripe"]`)
		tab.See("Stripe activated.")
		tab.Click(`#test [aria-label="Activate Test payments"]`)
		tab.See("Test payments activated.")
		b.exec(`UPDATE merchants SET live_at = now()`)
		b.exec(`UPDATE payment_accounts SET last_event_at = now() - interval '3 hours'`)
		tab.Open(at)
		tab.Look(name + "-active")
		b.exec(`UPDATE merchants SET live_at = NULL`)
		b.exec(`UPDATE payment_methods SET account_id = NULL`)
		b.exec(`DELETE FROM payment_accounts`)
		b.exec(`DELETE FROM payment_methods WHERE kind <> 'manual'`)
	}
	b.clean()
}

// clean looks for the canary, and others, in all that was answered, logged and audited.
func (b *bank) clean(more ...string) {
	b.Helper()
	res, page := b.send(b.ada, b.home(b.moss)+"/settings/activity", nil)
	if res.StatusCode != 200 {
		b.Error(res.StatusCode, page.Text())
	}
	rows := ""
	for _, table := range []string{"audit_log", "payment_accounts", "payment_methods", "integrations", "sessions",
		"webhook_events", "river_job"} {
		var text string
		if err := b.super(b.T).QueryRow(b.Context(), `SELECT coalesce(string_agg(t::text, E'\n'), '') FROM `+table+` t`).
			Scan(&text); err != nil {
			b.Error(table, err)
		}
		rows += text
	}
	if len(b.seen.String()) < 10_000 || len(rows) < 1000 {
		b.Error("there is too little to search")
	}
	for _, secret := range append(more, canary) {
		for name, text := range map[string]string{"an answer": b.seen.String(), "the log": b.log.String(), "a row": rows} {
			if i := strings.Index(text, secret); i >= 0 {
				b.Errorf("%s has %q: %.200s", name, secret, text[max(0, i-100):])
			}
		}
	}
}
