package paypal_test

import (
	"crypto/x509"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/payments"
	"orbit360.app/payments/fake"
	"orbit360.app/payments/paypal"
)

var _ payments.Provider = (*paypal.Provider)(nil)

// bench is a PayPal of a test's own, with two merchants.
type bench struct {
	*testing.T
	fake        *fake.PayPal
	paypal      *paypal.Provider
	mine, other orbit.PaymentAccount
}

func newBench(t *testing.T) *bench {
	t.Helper()
	f := fake.NewPayPal()
	t.Cleanup(f.Close)
	return &bench{t, f, newProvider(t, f.URL, f.Roots), f.Account(true), f.Account(true)}
}

func newProvider(t *testing.T, own string, roots *x509.CertPool) *paypal.Provider {
	t.Helper()
	p, err := paypal.New(own, roots)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func chargeOf(amount int64, currency string) orbit.Charge {
	return orbit.Charge{
		Payment: orbit.NewID[orbit.Payment](), Order: orbit.NewID[orbit.Order](),
		Amount: orbit.Money{Amount: amount, Currency: currency}, Description: "Corner Shop, order 1001", Locale: "de-DE",
		ReturnURL: "https://shop.example/return?payment=1", CancelURL: "https://shop.example/checkout",
	}
}

// open opens the page of a charge.
func (b *bench) open(charge orbit.Charge) orbit.PaymentPage {
	b.Helper()
	page, err := b.paypal.Create(b.Context(), b.mine, charge)
	if err != nil {
		b.Fatal(err)
	}
	return page
}

// approved opens a page, and has the shopper approve there.
func (b *bench) approved(charge orbit.Charge, funding fake.Funding) string {
	b.Helper()
	page := b.open(charge)
	if err := b.fake.Approve(page.Reference, funding); err != nil {
		b.Fatal(err)
	}
	return page.Reference
}

func (b *bench) state(charge orbit.Charge, reference string) orbit.PaymentState {
	b.Helper()
	state, err := b.paypal.State(b.Context(), b.mine, charge, reference)
	if err != nil {
		b.Fatal(err)
	}
	return state
}

func (b *bench) expire(charge orbit.Charge, reference string) orbit.PaymentState {
	b.Helper()
	state, err := b.paypal.Expire(b.Context(), b.mine, charge, reference)
	if err != nil {
		b.Fatal(err)
	}
	return state
}

// hold has the next call wait, until it is released or the test ends.
func (b *bench) hold(call string) *fake.Held {
	held := b.fake.Exchange.Faults.Hold(call)
	b.Cleanup(held.Release)
	return held
}

// is holds an error's code, and that neither it nor its sentence has a secret.
func (b *bench) is(err error, code orbit.Code) {
	b.Helper()
	if orbit.CodeOf(err) != code {
		b.Fatalf("%q instead of %q: %v", orbit.CodeOf(err), code, err)
	}
	if err != nil && strings.Contains(err.Error()+orbit.Sentence(err), "canary") {
		b.Error("there is a secret in", err)
	}
}

// charged holds how often a payment was charged, and what is left of that.
func (b *bench) charged(charge orbit.Charge, times int, left int64) {
	b.Helper()
	sum := b.fake.Ledger.Payments()[charge.Payment.String()]
	if sum.Charges != times || sum.Charged-sum.Refunded != left {
		b.Errorf("%+v instead of %d charges and %d left", sum, times, left)
	}
	if double := b.fake.Ledger.Double(); len(double) > 0 {
		b.Error("charged twice:", double)
	}
}

func TestPaying(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	charge := chargeOf(2390, "EUR")
	page := b.open(charge)
	if again := b.open(charge); again != page {
		t.Errorf("the same charge has another page: %v, %v", page, again)
	}
	if u, err := url.Parse(page.URL); err != nil ||
		!strings.HasPrefix(page.URL, b.fake.URL+"/sandbox/") || u.Query().Get("token") != page.Reference {
		t.Error("no page of PayPal's:", page)
	}
	if s := b.state(charge, page.Reference); s.Status != orbit.PaymentPending || s.URL != page.URL || s.Failure != "" {
		t.Errorf("before approving: %+v", s)
	}
	b.charged(charge, 0, 0)
	if html := string(b.get(page.URL)); !strings.Contains(html, `lang="de-DE"`) || !strings.Contains(html, "23.90 EUR") ||
		!strings.Contains(html, "Corner Shop, order 1001") {
		t.Error("the page doesn't show what is paid:", html)
	}
	if err := b.fake.Approve(page.Reference, fake.Good); err != nil {
		t.Fatal(err)
	}
	b.charged(charge, 0, 0) // PayPal waits for the capture
	for range 2 {
		s := b.state(charge, page.Reference)
		if s.Status != orbit.PaymentPaid || len(s.Charges) != 1 || s.Charges[0].Amount != charge.Amount ||
			s.Charges[0].Reference == "" || time.Since(s.Charges[0].At).Abs() > time.Hour || s.URL != "" ||
			s.Method != "PayPal (shopper@example.com)" {
			t.Errorf("after approving: %+v", s)
		}
	}
	b.charged(charge, 1, 2390)
	if n := b.fake.Calls(fake.PayPalCapture); n != 1 {
		t.Errorf("captured %d times", n)
	}
	_, err := b.paypal.State(t.Context(), b.other, charge, page.Reference)
	b.is(err, orbit.NotFound)
	_, err = b.paypal.Expire(t.Context(), b.other, charge, page.Reference)
	b.is(err, orbit.NotFound)
}

// TestStrangeCharges: what PayPal has no form for is left out, and no reason to refuse a payment.
func TestStrangeCharges(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, locale := range []string{"", "en", "zh-Hant-TW", "de_DE", "i-klingon", "sr-Latn", "DE"} {
		charge := chargeOf(1, "EUR")
		charge.Locale = locale
		charge.Description = strings.Repeat("Löwenzahn ", 100) + locale
		b.open(charge)
	}
	charge := chargeOf(1, "EUR")
	charge.Description = ""
	b.open(charge)
	_, err := b.paypal.Create(t.Context(), b.mine, chargeOf(100, "KWD"))
	b.is(err, orbit.Invalid)
	_, err = b.paypal.Refund(t.Context(), b.mine, refundOf(chargeOf(1, "KWD"), "CAPTURE1", 100))
	b.is(err, orbit.Invalid)

	// The same charge two times at once: one page, and one that has to ask again.
	charge = chargeOf(1, "EUR")
	held := b.hold(fake.PayPalCreate)
	var page orbit.PaymentPage
	var first sync.WaitGroup
	first.Go(func() { page, _ = b.paypal.Create(t.Context(), b.mine, charge) }) // it is compared
	<-held.Begun
	_, err = b.paypal.Create(t.Context(), b.mine, charge)
	b.is(err, orbit.Unavailable)
	held.Release()
	first.Wait()
	if again := b.open(charge); again != page || page.Reference == "" {
		t.Error(page, again)
	}
}

func TestOwnPayPal(t *testing.T) {
	t.Parallel()
	for _, address := range []string{"https://api-m.paypal.com", "http://10.0.0.1", "http://127.0.0.1.evil.test"} {
		if _, err := paypal.New(address, nil); orbit.CodeOf(err) != orbit.Invalid {
			t.Error(address, err)
		}
	}
}

// TestPage pays as a browser does, by the buttons of the page.
func TestPage(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	for do, want := range map[string]orbit.PaymentStatus{"pay": orbit.PaymentPaid, "echeck": orbit.PaymentProcessing,
		"cancel": orbit.PaymentPending, "decline": orbit.PaymentPending, "refuse": orbit.PaymentFailed} {
		charge := chargeOf(500, "EUR")
		page := b.open(charge)
		res, err := browser.PostForm(page.URL, url.Values{"do": {do}})
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		to := res.Header.Get("Location")
		back := strings.HasPrefix(to, "https://shop.example/return?") && strings.Contains(to, "payment=1")
		if res.StatusCode != http.StatusSeeOther || back == (do == "cancel") {
			t.Errorf("%s leads to %d %s", do, res.StatusCode, to)
		}
		if s := b.state(charge, page.Reference); s.Status != want {
			t.Errorf("%s: %+v", do, s)
		}
	}
}

// TestTwoAtOnce: the webhook and the return page see the approval at the same moment.
func TestTwoAtOnce(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	charge := chargeOf(100, "USD")
	reference := b.approved(charge, fake.Good)
	held := b.hold(fake.PayPalCapture)
	var first orbit.PaymentState
	var firstErr error
	var both sync.WaitGroup
	both.Go(func() { first, firstErr = b.paypal.State(t.Context(), b.mine, charge, reference) })
	<-held.Begun
	_, err := b.paypal.State(t.Context(), b.mine, charge, reference)
	b.is(err, orbit.Unavailable) // the first isn't answered, and nobody knows how it ends
	held.Release()
	both.Wait()
	if firstErr != nil || first.Status != orbit.PaymentPaid {
		t.Errorf("%+v %v", first, firstErr)
	}
	b.charged(charge, 1, 100)

	charge = chargeOf(100, "USD")
	reference = b.approved(charge, fake.Good)
	for range 20 {
		both.Go(func() {
			s, err := b.paypal.State(t.Context(), b.mine, charge, reference)
			if err == nil && s.Status != orbit.PaymentPaid || err != nil && orbit.CodeOf(err) != orbit.Unavailable {
				t.Errorf("%+v %v", s, err)
			}
		})
	}
	both.Wait()
	b.charged(charge, 1, 100)
}

// TestAlreadyCaptured: between the reading and the capture, another approval was captured.
func TestAlreadyCaptured(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	charge := chargeOf(100, "USD")
	reference := b.approved(charge, fake.Good)
	held := b.hold(fake.PayPalCapture)
	var s orbit.PaymentState
	var err error
	var first sync.WaitGroup
	first.Go(func() { s, err = b.paypal.State(t.Context(), b.mine, charge, reference) })
	<-held.Begun
	if err := b.fake.Approve(reference, fake.Good); err != nil { // another moment, another request ID
		t.Fatal(err)
	}
	if s := b.state(charge, reference); s.Status != orbit.PaymentPaid {
		t.Errorf("%+v", s)
	}
	held.Release()
	first.Wait()
	if err != nil || s.Status != orbit.PaymentPaid || len(s.Charges) != 1 {
		t.Errorf("%+v %v", s, err)
	}
	b.charged(charge, 1, 100)
}

// lost holds what can become of a call that doesn't get its answer.
var lost = []fake.Fault{fake.ErrorBefore, fake.ErrorAfter, fake.ErrorKept, fake.HangUpBefore, fake.HangUpAfter,
	fake.TooMany}

func TestLostAnswers(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, fault := range lost {
		charge := chargeOf(1200, "JPY")
		b.fake.Exchange.Faults.Next(fake.PayPalCreate, fault)
		_, err := b.paypal.Create(t.Context(), b.mine, charge)
		b.is(err, orbit.Unavailable)
		if fault == fake.ErrorKept { // PayPal answers this request's ID with 500 for hours: no page, and no charge
			_, err = b.paypal.Create(t.Context(), b.mine, charge)
			b.is(err, orbit.Unavailable)
			continue
		}
		if e := new(orbit.Error); fault == fake.TooMany && (!as(err, &e) || e.RetryAfter != 7*time.Second) {
			t.Error("doesn't say when to come back:", err)
		}
		page := b.open(charge)
		if page != b.open(charge) {
			t.Error(fault, "two pages")
		}
		b.fake.Exchange.Faults.Next(fake.PayPalRead, fault)
		if _, err = b.paypal.State(t.Context(), b.mine, charge, page.Reference); err != nil {
			b.is(err, orbit.Unavailable)
		} else if fault != fake.HangUpBefore && fault != fake.HangUpAfter { // net/http reads again by itself
			t.Error(fault, "was lost")
		}
	}
	for _, fault := range lost {
		charge := chargeOf(1200, "JPY")
		reference := b.approved(charge, fake.Good)
		b.fake.Exchange.Faults.Next(fake.PayPalCapture, fault)
		_, err := b.paypal.State(t.Context(), b.mine, charge, reference)
		b.is(err, orbit.Unavailable)
		if s := b.state(charge, reference); s.Status != orbit.PaymentPaid {
			t.Errorf("%s: %+v", fault, s)
		}
		b.charged(charge, 1, 1200)
	}
	b.fake.Exchange.Faults.Next(fake.PayPalToken, fake.HangUpAfter)
	_, err := b.paypal.Create(t.Context(), b.other, chargeOf(1, "EUR"))
	b.is(err, orbit.Unavailable)
}

func TestFundings(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for funding, want := range map[fake.Funding]orbit.PaymentStatus{
		fake.Declined: orbit.PaymentPending, fake.Refused: orbit.PaymentFailed, fake.Failing: orbit.PaymentFailed,
	} {
		charge := chargeOf(700, "GBP")
		reference := b.approved(charge, funding)
		for range 2 {
			s := b.state(charge, reference)
			if s.Status != want || s.Failure == "" || len(s.Charges) != 0 ||
				(s.Status == orbit.PaymentPending) != strings.Contains(s.URL, "/checkoutnow?token="+reference) {
				t.Errorf("%s: %+v", funding, s)
			}
		}
		b.charged(charge, 0, 0)
	}
	charge := chargeOf(700, "GBP")
	reference := b.approved(charge, fake.Declined)
	b.state(charge, reference)
	if err := b.fake.Approve(reference, fake.Good); err != nil {
		t.Fatal(err)
	}
	if s := b.state(charge, reference); s.Status != orbit.PaymentPaid || s.Failure != "" {
		t.Errorf("another card: %+v", s)
	}
	b.charged(charge, 1, 700)
	for funding, want := range map[fake.Funding]orbit.Money{
		fake.WrongAmount: {Amount: 100, Currency: "GBP"}, fake.WrongCurrency: {Amount: 500, Currency: "CHF"},
	} {
		charge := chargeOf(700, "GBP")
		if s := b.state(charge, b.approved(charge, funding)); len(s.Charges) != 1 || s.Charges[0].Amount != want {
			t.Errorf("%s: %+v", funding, s) // what was taken, not what was asked for
		}
	}
}

func TestLateMoney(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, c := range []struct {
		end  func(string)
		want orbit.PaymentStatus
	}{{b.fake.Complete, orbit.PaymentPaid}, {b.fake.Deny, orbit.PaymentFailed}} {
		charge := chargeOf(700, "GBP")
		reference := b.approved(charge, fake.ECheck)
		for range 2 {
			if s := b.state(charge, reference); s.Status != orbit.PaymentProcessing || len(s.Charges) != 0 || s.URL != "" {
				t.Errorf("%+v", s)
			}
		}
		if s := b.expire(charge, reference); s.Status != orbit.PaymentProcessing {
			t.Errorf("money that is on its way can't expire: %+v", s)
		}
		c.end(reference)
		if s := b.state(charge, reference); s.Status != c.want || (s.Failure != "") != (c.want == orbit.PaymentFailed) {
			t.Errorf("%+v", s)
		}
	}
}

func TestExpire(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	charge := chargeOf(700, "GBP")
	unapproved := b.open(charge).Reference
	if s := b.expire(charge, unapproved); s.Status != orbit.PaymentExpired || s.URL != "" {
		t.Errorf("nobody has paid: %+v", s)
	}
	if err := b.fake.Approve(unapproved, fake.Good); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if s := b.expire(charge, unapproved); s.Status != orbit.PaymentExpired {
			t.Errorf("approved after it: %+v", s)
		}
	}
	approved := b.approved(charge, fake.Good)
	if s := b.expire(charge, approved); s.Status != orbit.PaymentExpired {
		t.Errorf("approved before it: %+v", s)
	}
	b.charged(charge, 0, 0)
	if n := b.fake.Calls(fake.PayPalCapture); n != 0 {
		t.Errorf("Expire captured %d times", n)
	}

	paid := chargeOf(700, "GBP")
	reference := b.approved(paid, fake.Good)
	b.state(paid, reference)
	if s := b.expire(paid, reference); s.Status != orbit.PaymentPaid || len(s.Charges) != 1 {
		t.Errorf("paid before it: %+v", s)
	}

	// A capture is on its way while the process that sent it has died: the next reading says so.
	late := chargeOf(700, "GBP")
	reference = b.approved(late, fake.Good)
	held := b.hold(fake.PayPalCapture)
	var dying sync.WaitGroup
	dying.Go(func() { _, _ = b.paypal.State(t.Context(), b.mine, late, reference) }) // its answer is lost
	<-held.Begun
	if s := b.expire(late, reference); s.Status != orbit.PaymentExpired {
		t.Errorf("%+v", s)
	}
	held.Release()
	dying.Wait()
	if s := b.expire(late, reference); s.Status != orbit.PaymentPaid || len(s.Charges) != 1 {
		t.Errorf("paid after it: %+v", s)
	}
	b.charged(late, 1, 700)
}

func TestGone(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	charge := chargeOf(700, "GBP")
	voided, forgotten := b.open(charge).Reference, b.open(chargeOf(700, "GBP")).Reference
	b.fake.Void(voided)
	if s := b.state(charge, voided); s.Status != orbit.PaymentExpired {
		t.Errorf("%+v", s)
	}
	b.fake.Forget(forgotten)
	_, err := b.paypal.State(t.Context(), b.mine, charge, forgotten)
	b.is(err, orbit.NotFound)
	for _, reference := range []string{voided + "?fields=x", voided + "/capture", "../orders/" + voided} {
		_, err = b.paypal.State(t.Context(), b.mine, charge, reference)
		b.is(err, orbit.NotFound) // a reference stays within its place in the path
	}
}

// TestStrangeAnswers stands up a server that is no PayPal.
func TestStrangeAnswers(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	var elsewhere int
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere++ }))
	t.Cleanup(other.Close)
	for name, answer := range map[string]http.HandlerFunc{
		"redirect": func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, other.URL, http.StatusFound) },
		"endless":  func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, 2<<20)) },
		"large": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"access_token":"x","expires_in":900,"id":"O1","x":"` + strings.Repeat("x", 2<<20) + `"}`))
		},
		"HTML":      func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) },
		"no token":  func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("{}")) },
		"hung up":   func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
		"500, HTML": func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "<html>", 500) },
	} {
		server := httptest.NewServer(answer)
		t.Cleanup(server.Close)
		_, err := newProvider(t, server.URL, nil).Create(t.Context(), b.mine, chargeOf(100, "EUR"))
		if orbit.CodeOf(err) != orbit.Unavailable {
			t.Errorf("%s: %v", name, err)
		}
		b.is(err, orbit.Unavailable)
	}
	if elsewhere > 0 {
		t.Error("a redirect was followed, with the credentials")
	}
}
