package stripe_test

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/payments"
	"orbit360.app/payments/fake"
	"orbit360.app/payments/stripe"
)

var _ payments.Provider = (*stripe.Provider)(nil)

const (
	ours   = "sk_test_51OursOursOursOurs0001"
	theirs = "sk_test_51TheirsTheirsThe0002"
)

// bed is a Stripe with two merchants' accounts, and the provider that asks it.
type bed struct {
	*stripe.Provider
	site          *fake.Stripe
	address       string
	account, them orbit.PaymentAccount
}

func newBed(t *testing.T) *bed {
	t.Helper()
	site := fake.NewStripe()
	server := httptest.NewServer(site)
	t.Cleanup(func() {
		server.Close()
		site.Close()
	})
	site.Add(fake.StripeAccount{ID: "acct_ours", Key: ours, Name: "Ours", Email: "owner@ours.example"})
	site.Add(fake.StripeAccount{ID: "acct_theirs", Key: theirs, Name: "Theirs", Email: "owner@theirs.example"})
	return &bed{stripe.New(server.URL), site, server.URL, with(ours), with(theirs)}
}

func with(key string) orbit.PaymentAccount {
	return orbit.PaymentAccount{Provider: stripe.Name, Test: true, Secrets: map[string]string{"secretKey": key}}
}

func (b *bed) charge(amount int64, currency string) orbit.Charge {
	return orbit.Charge{Payment: orbit.NewID[orbit.Payment](), Order: orbit.NewID[orbit.Order](),
		Amount: orbit.Money{Amount: amount, Currency: currency}, Description: "Ours: order 1001 & more",
		Email: "shopper@example.com", Locale: "en-GB", ReturnURL: "https://ours.example/return?a=1&b={x}",
		CancelURL: "https://ours.example/checkout", ExpiresAt: b.site.Clock.Now().Add(31 * time.Minute)}
}

// open opens a page, which must work.
func (b *bed) open(t *testing.T, charge orbit.Charge) orbit.PaymentPage {
	t.Helper()
	page, err := b.Create(t.Context(), b.account, charge)
	if err != nil {
		t.Fatal(err)
	}
	return page
}

func (b *bed) state(t *testing.T, charge orbit.Charge, page orbit.PaymentPage) orbit.PaymentState {
	t.Helper()
	state, err := b.State(t.Context(), b.account, charge, page.Reference)
	if err != nil {
		t.Fatal(err)
	}
	return state
}

// paid opens a page and pays it.
func (b *bed) paid(t *testing.T, amount int64, currency string) (
	orbit.Charge, orbit.PaymentPage, orbit.ProviderCharge) {
	t.Helper()
	charge := b.charge(amount, currency)
	page := b.open(t, charge)
	must(t, b.site.Pay(page.Reference))
	state := b.state(t, charge, page)
	if state.Status != orbit.PaymentPaid || len(state.Charges) != 1 {
		t.Fatalf("%+v", state)
	}
	return charge, page, state.Charges[0]
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestCreateTwiceIsOnePage(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	charge := b.charge(2390, "GBP")
	first := b.open(t, charge)
	if !strings.HasPrefix(first.Reference, "cs_test_") || !strings.HasPrefix(first.URL, b.address+"/pay/cs_test_") ||
		!first.ExpiresAt.Equal(charge.ExpiresAt.Truncate(time.Second)) {
		t.Errorf("%+v", first)
	}
	if again := b.open(t, charge); again != first {
		t.Errorf("%+v, and then %+v", first, again)
	}
	if ids := b.site.SessionsOf(charge.Payment); len(ids) != 1 || ids[0] != first.Reference {
		t.Error(ids)
	}
	// The key of another account is another key.
	theirs, err := b.Create(t.Context(), b.them, charge)
	if err != nil || theirs.Reference == first.Reference {
		t.Errorf("%+v, %v", theirs, err)
	}
	charge.Amount.Amount++
	if _, err := b.Create(t.Context(), b.account, charge); orbit.CodeOf(err) != orbit.Conflict {
		t.Errorf("the same payment with another amount: %v", err)
	}
}

// Whatever is asked for has a shape that Stripe takes, and comes back to the unit.
func TestCreateTakes(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	for currency, amount := range map[string]int64{"GBP": 2390, "JPY": 500, "MGA": 500, "ISK": 50, "UGX": 1000,
		"KWD": 5120, "HUF": 20050, "TWD": 5001, "IDR": 5000000000, "USD": 50, "EUR": 99999999} {
		m := orbit.Money{Amount: amount, Currency: currency}
		if _, _, taken := b.paid(t, amount, currency); taken.Amount != m || taken.Reference == "" || taken.At.IsZero() {
			t.Errorf("%s was taken as %+v", m, taken)
		}
	}
	for name, change := range map[string]func(*orbit.Charge){
		"nothing optional": func(c *orbit.Charge) { c.Email, c.Locale, c.Description = "", "", " " },
		"much text":        func(c *orbit.Charge) { c.Description = strings.Repeat("é&=%[]\n", 2000) },
		"no such language": func(c *orbit.Charge) { c.Locale = "he" },
		"a day":            func(c *orbit.Charge) { c.ExpiresAt = time.Now().Add(24 * time.Hour) },
	} {
		charge := b.charge(1000, "EUR")
		change(&charge)
		if _, err := b.Create(t.Context(), b.account, charge); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, tag := range strings.Fields("bg cs da de el en en-GB es es-419 et fi fil fr fr-CA hr hu id it ja ko lt lv ms " +
		"mt nb nl pl pt pt-BR ro ru sk sl sv th tr vi zh zh-HK zh-TW") {
		charge := b.charge(1000, "EUR")
		charge.Locale = tag
		b.open(t, charge)
	}
}

func TestCreateRefuses(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	for name, c := range map[string]struct {
		change func(*orbit.Charge)
		code   orbit.Code
		says   string
	}{
		"too little": {func(c *orbit.Charge) { c.Amount.Amount = 49 }, orbit.Invalid, "its smallest charge is $0.50"},
		"too much":   {func(c *orbit.Charge) { c.Amount.Amount = 1e8 }, orbit.Invalid, "more than it takes"},
		"too late": {func(c *orbit.Charge) { c.ExpiresAt = time.Now().Add(29 * time.Minute) }, orbit.Gone,
			"too late to open this payment page"},
		"no currency of Stripe": {func(c *orbit.Charge) { c.Amount.Currency = "CUP" }, orbit.Invalid,
			"Stripe refuses this: Invalid currency: cup."},
		"no email": {func(c *orbit.Charge) { c.Email = "shopper" }, orbit.Invalid, "Invalid email address: shopper."},
		"no page":  {func(c *orbit.Charge) { c.ReturnURL = "/return" }, orbit.Invalid, "Not a valid URL."},
	} {
		charge := b.charge(1000, "USD")
		c.change(&charge)
		_, err := b.Create(t.Context(), b.account, charge)
		if orbit.CodeOf(err) != c.code || !strings.Contains(orbit.Sentence(err), c.says) {
			t.Errorf("%s: %v", name, err)
		}
		if ids := b.site.SessionsOf(charge.Payment); len(ids) > 0 {
			t.Errorf("%s: %v", name, ids)
		}
	}
}

func TestCardIsPaid(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	charge := b.charge(2390, "USD")
	page := b.open(t, charge)
	if s := b.state(t, charge, page); s.Status != orbit.PaymentPending || s.URL != page.URL || len(s.Charges) > 0 {
		t.Errorf("%+v", s)
	}
	must(t, b.site.Decline(page.Reference))
	if s := b.state(t, charge, page); s.Status != orbit.PaymentPending || s.URL != page.URL || len(s.Charges) > 0 {
		t.Errorf("declined, and the page is still open: %+v", s)
	}
	must(t, b.site.Pay(page.Reference))
	s := b.state(t, charge, page)
	if s.Status != orbit.PaymentPaid || s.Method != "Visa •••• 4242" || s.URL != "" || len(s.Charges) != 1 ||
		s.Charges[0].Amount != charge.Amount || s.Charges[0].Dispute != "" || len(s.Charges[0].Refunds) > 0 {
		t.Errorf("%+v", s)
	}
	for name, reference := range map[string]string{"none": "cs_test_none", "empty": "", "a path": "cs_/../../account",
		"a charge": s.Charges[0].Reference} {
		if _, err := b.State(t.Context(), b.account, charge, reference); orbit.CodeOf(err) != orbit.NotFound {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := b.State(t.Context(), b.them, charge, page.Reference); orbit.CodeOf(err) != orbit.NotFound {
		t.Errorf("another merchant: %v", err)
	}
}

// The state says what was taken, not what was asked for.
func TestAnotherAmountIsSeen(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	for _, c := range []struct {
		amount   int64
		currency string
		want     orbit.Money
	}{{1, "usd", orbit.Money{Amount: 1, Currency: "USD"}}, {2390, "jpy", orbit.Money{Amount: 2390, Currency: "JPY"}}} {
		charge := b.charge(2390, "USD")
		page := b.open(t, charge)
		must(t, b.site.PayOther(page.Reference, c.amount, c.currency))
		if s := b.state(t, charge, page); s.Charges[0].Amount != c.want {
			t.Errorf("%+v", s)
		}
	}
}

func TestDelayedPayment(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	for _, ok := range []bool{true, false} {
		charge := b.charge(2390, "EUR")
		page := b.open(t, charge)
		must(t, b.site.PayDelayed(page.Reference))
		if s := b.state(t, charge, page); s.Status != orbit.PaymentProcessing || len(s.Charges) > 0 ||
			s.Method != "SEPA Direct Debit" {
			t.Errorf("%+v", s)
		}
		if s, err := b.Expire(t.Context(), b.account, charge, page.Reference); err != nil ||
			s.Status != orbit.PaymentProcessing {
			t.Errorf("expired while the bank works: %+v, %v", s, err)
		}
		must(t, b.site.SettleDelayed(page.Reference, ok))
		switch s := b.state(t, charge, page); {
		case ok && (s.Status != orbit.PaymentPaid || s.Charges[0].Amount != charge.Amount || s.Failure != ""):
			t.Errorf("%+v", s)
		case !ok && (s.Status != orbit.PaymentFailed || len(s.Charges) > 0 ||
			s.Failure != "The bank returned the payment: insufficient funds."):
			t.Errorf("%+v", s)
		}
	}
}

func TestExpire(t *testing.T) {
	t.Parallel()
	b := newBed(t)
	charge := b.charge(2390, "EUR")
	page := b.open(t, charge)
	for range 2 {
		if s, err := b.Expire(t.Context(), b.account, charge, page.Reference); err != nil ||
			s.Status != orbit.PaymentExpired || s.URL != "" {
			t.Errorf("%+v, %v", s, err)
		}
	}
	if err := b.site.Pay(page.Reference); err == nil {
		t.Error("an expired page can be paid")
	}
	late := b.charge(2390, "EUR")
	page = b.open(t, late)
	b.site.Clock.Move(32 * time.Minute)
	if s := b.state(t, late, page); s.Status != orbit.PaymentExpired {
		t.Errorf("%+v", s)
	}
	paid, page, _ := b.paid(t, 2390, "EUR")
	if s, err := b.Expire(t.Context(), b.account, paid, page.Reference); err != nil || s.Status != orbit.PaymentPaid ||
		len(s.Charges) != 1 {
		t.Errorf("expired after it was paid: %+v, %v", s, err)
	}
	if _, err := b.Expire(t.Context(), b.them, paid, page.Reference); orbit.CodeOf(err) != orbit.NotFound {
		t.Errorf("another merchant: %v", err)
	}
}
