package chaos

import (
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"orbit360.app/mail"
	"orbit360.app/orbit"
	"orbit360.app/payments"
	"orbit360.app/payments/fake"
	"orbit360.app/payments/paypal"
	"orbit360.app/payments/stripe"
	"orbit360.app/store"
	rows "orbit360.app/store/shop"
)

// market is shops that are paid through Stripe and PayPal, and stand-ins for both. Two processes serve the shops; what
// comes from outside, as a provider's event does, gets to either.
type market struct {
	*world
	stripe *fake.Stripe
	paypal *fake.PayPal
	store  *store.DB // what merchants do without a browser
	pay    *payments.Service
	stalls []*stall
	deaf   atomic.Bool // no event of a provider gets in
}

// stall is a shop that is paid by card. It has plenty of one thing, and few of another.
type stall struct {
	*shop
	id   orbit.MerchantID
	rare string
}

// few is how many there are of what is rare.
const few = 6

// newMarket opens so many shops on two processes.
func newMarket(t *testing.T, shops int) *market {
	t.Helper()
	m := &market{stripe: fake.NewStripe(), paypal: fake.NewPayPal()}
	t.Cleanup(m.stripe.Close)
	t.Cleanup(m.paypal.Close)
	site, outside := httptest.NewServer(m.stripe), httptest.NewServer(http.HandlerFunc(m.balance))
	t.Cleanup(site.Close)
	t.Cleanup(outside.Close)
	_, port, _ := strings.Cut(strings.TrimPrefix(outside.URL, "http://"), ":")
	public := "http://" + base + ":" + port
	m.world = newWorld(t, nil, "TRUSTED_PROXIES=127.0.0.1/32", "PUBLIC_URL="+public, "STRIPE_API_URL="+site.URL,
		"PAYPAL_API_URL="+m.paypal.URL)
	roots := filepath.Join(m.dir, "roots.pem")
	if err := os.WriteFile(roots, m.paypal.Root, 0o644); err != nil {
		t.Fatal(err)
	}
	m.env = append(m.env, "SSL_CERT_FILE="+roots)
	for range 2 {
		m.node().start()
	}
	m.open(public, site.URL)
	for i, s := range m.shopsWith(shops, 0, 1) {
		m.stalls = append(m.stalls, m.equip(i, s))
	}
	m.exec(`CREATE SCHEMA chaos`)
	m.exec(`CREATE TABLE chaos.stock AS SELECT id, stock FROM variants`)
	return m
}

// open makes what the test does in the name of merchants with, over the same database as the processes.
func (m *market) open(public, stripeURL string) {
	m.t.Helper()
	addresses, err := orbit.ParseAddresses(public, base)
	if err != nil {
		m.t.Fatal(err)
	}
	m.exec(`CREATE ROLE merchants LOGIN PASSWORD 'merchants' IN ROLE orbit360_app`)
	serving, err := url.Parse(m.url)
	if err != nil {
		m.t.Fatal(err)
	}
	serving.User = url.UserPassword("merchants", "merchants")
	if m.store, err = store.Open(m.t.Context(), serving.String()); err != nil {
		m.t.Fatal(err)
	}
	m.t.Cleanup(m.store.Close)
	through, err := paypal.New(m.paypal.URL, m.paypal.Roots)
	if err != nil {
		m.t.Fatal(err)
	}
	m.pay, err = payments.New(payments.Config{DB: m.store, Log: slog.New(slog.DiscardHandler), Addresses: addresses,
		Mail: mail.Composer{Addresses: addresses, Status: orbit.EmailLocal}, Keys: orbit.NewSecretKeys([]byte(secretKey)),
		Providers: map[string]payments.Provider{orbit.ProviderStripe: stripe.New(stripeURL),
			orbit.ProviderPayPal: through}})
	if err != nil {
		m.t.Fatal(err)
	}
}

// equip gives a shop its accounts at both providers, and its stock.
func (m *market) equip(i int, s *shop) *stall {
	m.t.Helper()
	st := &stall{shop: s}
	var err error
	if st.id, err = orbit.ParseID[orbit.Merchant](m.text(`SELECT merchant_id::text FROM domains WHERE host = $1`,
		s.name+"."+base)); err != nil {
		m.t.Fatal(err)
	}
	st.rare = m.text(`SELECT v.id::text FROM variants v JOIN products p ON p.merchant_id = v.merchant_id
		AND p.id = v.product_id AND p.status = 'active' WHERE v.merchant_id = $1 ORDER BY v.id DESC LIMIT 1`, st.id.String())
	m.exec(`UPDATE variants SET stock = $2 WHERE id = $1`, st.rare, few)
	key := fmt.Sprintf("sk_test_51Shop%08d", i)
	m.stripe.Add(fake.StripeAccount{ID: fmt.Sprintf("acct_%d", i), Key: key, Name: s.name})
	for provider, secrets := range map[string]map[string]string{orbit.ProviderStripe: {"secretKey": key},
		orbit.ProviderPayPal: m.paypal.Account(true).Secrets} {
		a, err := m.pay.SaveAccount(m.t.Context(), m.member(st), provider,
			orbit.ProviderForm{Mode: orbit.ModeTest, Secrets: secrets})
		if err != nil || a.Message != "" {
			m.t.Fatalf("%s: %v %s", provider, err, a.Message)
		}
	}
	m.exec(`UPDATE payment_methods SET enabled = true WHERE merchant_id = $1`, st.id.String())
	return st
}

// member is the shop's owner, without a browser.
func (m *market) member(s *stall) rows.Member {
	m.t.Helper()
	id, err := orbit.ParseID[orbit.User](s.owner)
	if err != nil {
		m.t.Fatal(err)
	}
	return rows.MemberOf(m.store, orbit.Actor{ID: id, Name: "owner"}, s.id, orbit.PermissionMember)
}

// balance leads what comes from outside to one of the processes, whether it runs or not: providers come again.
func (m *market) balance(w http.ResponseWriter, r *http.Request) {
	if m.deaf.Load() {
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	n := m.nodes[rand.IntN(len(m.nodes))]
	(&httputil.ReverseProxy{
		Rewrite: func(p *httputil.ProxyRequest) {
			p.SetURL(&url.URL{Scheme: "http", Host: "127.0.0.1:" + n.Port})
			p.Out.Host = p.In.Host
		},
		ErrorHandler: func(w http.ResponseWriter, _ *http.Request, _ error) { w.WriteHeader(http.StatusBadGateway) },
	}).ServeHTTP(w, r)
}
