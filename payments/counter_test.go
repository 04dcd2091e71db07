package payments_test

import (
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"orbit360.app/jobs/jobstest"
	"orbit360.app/live"
	"orbit360.app/mail"
	"orbit360.app/orbit"
	"orbit360.app/payments"
	"orbit360.app/payments/fake"
	"orbit360.app/payments/paypal"
	"orbit360.app/payments/stripe"
	"orbit360.app/store/shop"
)

// The platform's secret keys, before and after a change.
var (
	firstKey  = []byte("0123456789abcdef0123456789abcdef")
	secondKey = []byte("fedcba9876543210fedcba9876543210")
)

// hosted holds the providers that every promise is tested with.
var hosted = []string{orbit.ProviderStripe, orbit.ProviderPayPal}

// counter is two shops that take money through Stripe and PayPal, with the service and its jobs.
type counter struct {
	*street
	stripe  *fake.Stripe
	paypal  *fake.PayPal
	api     string // of Stripe
	address orbit.Addresses
	pay     *payments.Service
	log     *buffer
	deaf    atomic.Bool // no event of a provider gets in
	members map[orbit.MerchantID]shop.Member
	secrets map[string]map[string]string // of moss, by provider
}

// buffer is written by several at once.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string { b.mu.Lock(); defer b.mu.Unlock(); return b.b.String() }

// open has moss connected to both providers, and the jobs worked.
func open(t *testing.T) *counter {
	t.Helper()
	c := &counter{street: newStreet(t), stripe: fake.NewStripe(), paypal: fake.NewPayPal(), log: &buffer{},
		members: map[orbit.MerchantID]shop.Member{}, secrets: map[string]map[string]string{}}
	t.Cleanup(c.stripe.Close)
	t.Cleanup(c.paypal.Close)
	site, outside := httptest.NewServer(c.stripe), httptest.NewServer(http.HandlerFunc(c.hear))
	t.Cleanup(site.Close)
	t.Cleanup(outside.Close)
	_, port, _ := strings.Cut(strings.TrimPrefix(outside.URL, "http://"), ":")
	c.api, c.address = site.URL, orbit.Addresses{Scheme: "http", Base: "127.0.0.1", Port: port}
	c.pay = c.service(firstKey)
	for _, m := range []orbit.MerchantID{c.moss, c.nord} {
		c.members[m] = c.owner(m)
	}
	c.stripe.Add(fake.StripeAccount{ID: "acct_moss", Key: "sk_test_CANARYmossFirst", Name: "Moss"})
	c.secrets[orbit.ProviderStripe] = map[string]string{"secretKey": "sk_test_CANARYmossFirst"}
	c.secrets[orbit.ProviderPayPal] = c.paypal.Account(true).Secrets
	for _, provider := range hosted {
		c.connect(c.moss, provider, c.secrets[provider])
	}
	feed := live.New(live.Config{DB: c.db, Log: slog.New(slog.NewTextHandler(c.log, nil))})
	jobstest.Start(t, feed, c.pay.Queue())
	return c
}

// service returns a service with secret keys, the current one first.
func (c *counter) service(current []byte, old ...[]byte) *payments.Service {
	c.Helper()
	through, err := paypal.New(c.paypal.URL, c.paypal.Roots)
	if err != nil {
		c.Fatal(err)
	}
	s, err := payments.New(payments.Config{DB: c.db, Addresses: c.address,
		Log:  slog.New(slog.NewTextHandler(c.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Mail: mail.Composer{Addresses: c.address, Status: orbit.EmailLocal}, Keys: orbit.NewSecretKeys(current, old...),
		Providers: map[string]payments.Provider{orbit.ProviderStripe: stripe.New(c.api), orbit.ProviderPayPal: through}})
	if err != nil {
		c.Fatal(err)
	}
	return s
}

func (c *counter) owner(m orbit.MerchantID) shop.Member {
	c.Helper()
	id := orbit.NewID[orbit.User]()
	c.sql(`INSERT INTO users (id, email, name, role) VALUES ($1, $2, 'Ada', 'merchant')`, id.String(),
		m.String()+"@example.com")
	c.sql(`INSERT INTO memberships (merchant_id, user_id, role) VALUES ($1, $2, 'owner')`, m.String(), id.String())
	return shop.MemberOf(c.db, orbit.Actor{ID: id, Name: "Ada"}, m, orbit.PermissionMember)
}

// connect has a shop take money through an account, in the place of the one before.
func (c *counter) connect(m orbit.MerchantID, provider string, secrets map[string]string) orbit.ProviderAccount {
	c.Helper()
	a, err := c.pay.SaveAccount(c.Context(), c.members[m], provider,
		orbit.ProviderForm{Mode: orbit.ModeTest, Replace: true, Secrets: secrets})
	if err != nil || a.Message != "" && !strings.HasPrefix(a.Message, "Test payments work.") {
		c.Fatalf("%s: %v %s", provider, err, a.Message)
	}
	c.sql(`UPDATE payment_methods SET enabled = true WHERE merchant_id = $1`, m.String())
	return a
}

// hear takes what providers send, as the program does.
func (c *counter) hear(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil || c.deaf.Load() {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	if err := c.receive(r.URL.Path, r.Header, body); err != nil {
		w.WriteHeader(http.StatusBadRequest)
	}
}

func (c *counter) receive(path string, header http.Header, body []byte) error {
	parts := strings.Split(path, "/") // /payments/{provider}/{merchant}/{token}
	merchant, err := orbit.ParseID[orbit.Merchant](parts[3])
	if err != nil {
		return err
	}
	return c.pay.Receive(context.Background(), merchant, parts[2], parts[4], header, body)
}

// order takes mugs to the checkout, to be paid with a provider. Its page isn't asked for yet.
func (c *counter) order(provider string, mugs int) orbit.Order {
	c.Helper()
	return c.orderFor(provider, mugs, 500+2400*mugs)
}

func (c *counter) orderFor(provider string, mugs, total int) orbit.Order {
	c.Helper()
	scope := shop.For(c.db, c.moss)
	var token string
	if err := scope.Do(c.Context(), func(t *shop.Tenant) (err error) {
		token, _, err = t.AddToCart(c.Context(), "", orbit.VariantID(c.moss), mugs)
		return err
	}); err != nil {
		c.Fatal(err)
	}
	o, err := scope.PlaceOrder(c.Context(), token, orbit.CheckoutForm{Key: orbit.NewID[orbit.Order]().String(),
		Email: "ada@example.com", Name: "Ada", Line1: "12 Quay Street", City: "Bristol", Postcode: "BS1 4QA", Country: "GB",
		Shipping: "Standard", Payment: provider, Seen: strconv.Itoa(total)}, c.placing())
	if err != nil {
		c.Fatal(err)
	}
	return o
}

func (c *counter) placing() shop.Placing {
	return shop.Placing{
		Charge: func(o orbit.Order, _ orbit.Payment) orbit.Charge {
			return orbit.Charge{Description: "Order at Moss", Email: o.Email, Locale: "en",
				ReturnURL: "https://shop.example/orders/" + o.Token + "/return", CancelURL: "https://shop.example/checkout"}
		}}
}

// asked is an order to be, with its page open.
func (c *counter) asked(provider string, mugs int) (orbit.Order, orbit.Payment) {
	c.Helper()
	o := c.order(provider, mugs)
	if _, err := c.pay.Open(c.Context(), c.moss, o.Payments[0].ID); err != nil {
		c.Fatal(provider, err)
	}
	return o, c.payment(o.Payments[0].ID)
}

// paid is an order that is paid for.
func (c *counter) paid(provider string, mugs int) (orbit.Order, orbit.Payment) {
	c.Helper()
	o, p := c.asked(provider, mugs)
	c.shopperPays(p)
	c.settle(p)
	return c.read(o.ID), c.payment(p.ID)
}

func (c *counter) payment(id orbit.PaymentID) (p orbit.Payment) {
	c.Helper()
	c.in(func(t *shop.Tenant) (err error) { p, err = t.Payment(c.Context(), id); return err })
	return p
}

func (c *counter) read(id orbit.OrderID) (o orbit.Order) {
	c.Helper()
	c.in(func(t *shop.Tenant) (err error) { o, err = t.Order(c.Context(), id); return err })
	return o
}

func (c *counter) in(fn func(*shop.Tenant) error) {
	c.Helper()
	if err := shop.For(c.db, c.moss).Do(c.Context(), fn); err != nil {
		c.Fatal(err)
	}
}

func (c *counter) change(fn func(*shop.Edit) error) error {
	return c.members[c.moss].Change(c.Context(), fn)
}

// settle looks at a payment, after whatever job does so at the moment.
func (c *counter) settle(p orbit.Payment) orbit.Payment {
	c.Helper()
	var got orbit.Payment
	c.until("it is settled", func() bool {
		var err error
		if got, err = c.pay.Settle(c.Context(), c.moss, p.ID); err != nil && err != payments.ErrBusy {
			c.Fatal(p.Kind, err)
		}
		return err == nil
	})
	return got
}

// until waits for what jobs do.
func (c *counter) until(what string, done func() bool) {
	c.Helper()
	for end := time.Now().Add(30 * time.Second); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			c.Fatal("not in half a minute: "+what, c.log.String(), c.jobs())
		}
	}
}

// jobs shows the jobs that aren't done.
func (c *counter) jobs() (shown string) {
	c.Helper()
	err := c.super.QueryRow(c.Context(), `SELECT coalesce(string_agg(concat_ws(' ', kind, state, attempt, args,
		scheduled_at, errors::text), E'\n'), 'no jobs') FROM river_job WHERE state <> 'completed'`).Scan(&shown)
	if err != nil {
		c.Fatal(err)
	}
	return shown
}

func (c *counter) count(query string, args ...any) (n int) {
	c.Helper()
	if err := c.super.QueryRow(c.Context(), query, args...).Scan(&n); err != nil {
		c.Fatal(err)
	}
	return n
}

// quiet waits until no job is left to do, but those that wait for the time.
func (c *counter) quiet() {
	c.Helper()
	c.until("all jobs are done", func() bool {
		return c.count(`SELECT count(*) FROM river_job WHERE queue = 'payment' AND state IN ('available', 'running')`) == 0
	})
}

func (c *counter) mugs() int {
	c.Helper()
	return c.count(`SELECT stock FROM variants WHERE id = $1`, c.moss.String())
}

func (c *counter) accountOf(p orbit.Payment) (a orbit.ProviderAccount) {
	c.Helper()
	c.in(func(t *shop.Tenant) (err error) { a, err = t.PaymentAccount(c.Context(), p.AccountID); return err })
	return a
}

// once holds a paid order to what must be there once: in the ledger, among the emails, and at the provider.
func (c *counter) once(when string, o orbit.Order, emails int) {
	c.Helper()
	got := c.read(o.ID)
	charges := slices.DeleteFunc(got.Transactions, func(t orbit.Transaction) bool {
		return t.Kind != orbit.TransactionCharge
	})
	sent := c.count(`SELECT count(*) FROM emails WHERE merchant_id = $1 AND subject LIKE '%' || $2 || '%'`,
		c.moss.String(), got.Name())
	ledger := &c.stripe.Ledger
	if got.Payments[0].Kind == orbit.ProviderPayPal {
		ledger = &c.paypal.Ledger
	}
	if at := ledger.Orders()[o.ID.String()]; len(charges) != 1 || got.Paid != o.Total || sent != emails ||
		got.PaymentStatus != orbit.FinancialPaid || at.Charges != 1 || at.Charged != o.Total {
		c.Errorf("%s, %s: %s, %d paid, %d charges, %d emails, %+v at the provider", got.Payments[0].Kind, when,
			got.PaymentStatus, got.Paid, len(charges), sent, at)
	}
}

// What shoppers, merchants and banks do at a payment's provider.

func (c *counter) shopperPays(p orbit.Payment) {
	c.Helper()
	err := c.paypal.Approve(p.Reference, fake.Good)
	if p.Kind == orbit.ProviderStripe {
		err = c.stripe.Pay(p.Reference)
	}
	if err != nil {
		c.Fatal(err)
	}
}

func (c *counter) events(provider string) (*fake.Sender, *fake.Clock) {
	if provider == orbit.ProviderStripe {
		return c.stripe.Events, &c.stripe.Clock
	}
	return c.paypal.Events, &c.paypal.Clock
}

// delivered waits until a provider has delivered what is due.
func (c *counter) delivered(provider string) {
	c.Helper()
	sender, _ := c.events(provider)
	if err := sender.Wait(c.Context()); err != nil {
		c.Fatal(err)
	}
}

// faults has the next calls of a kind go wrong: create or refund.
func (c *counter) faults(provider, call string, faults ...fake.Fault) {
	names := map[string]string{"stripe create": "POST /v1/checkout/sessions", "stripe refund": "POST /v1/refunds",
		"paypal create": fake.PayPalCreate, "paypal refund": fake.PayPalRefundCall}
	exchange := &c.paypal.Exchange
	if provider == orbit.ProviderStripe {
		exchange = &c.stripe.Exchange
	}
	exchange.Faults.Next(names[provider+" "+call], faults...)
}

// roll has an account's credentials replaced at the provider: those before no longer work.
func (c *counter) roll(provider string) (fresh map[string]string) {
	if provider == orbit.ProviderPayPal {
		c.secrets[provider] = c.paypal.Roll(c.secrets[provider]["clientId"])
		return c.secrets[provider]
	}
	key := "sk_test_CANARYmoss" + strings.ReplaceAll(orbit.NewID[orbit.Order]().String(), "-", "")
	c.stripe.Roll(c.secrets[provider]["secretKey"], key)
	c.secrets[provider] = map[string]string{"secretKey": key}
	return c.secrets[provider]
}
