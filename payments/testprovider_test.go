package payments_test

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"orbit360.app/orbit"
	"orbit360.app/payments"
	"orbit360.app/store"
	"orbit360.app/store/shop"
	"orbit360.app/store/storetest"
)

// street has two shops that take Test payments.
type street struct {
	*testing.T
	url        string
	db         *store.DB
	super      *pgx.Conn
	moss, nord orbit.MerchantID
	provider   payments.TestProvider
}

func newStreet(t *testing.T) *street {
	t.Helper()
	url := storetest.NewURL(t)
	db, err := store.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(db.Close)
	super, err := pgx.Connect(t.Context(), storetest.SuperURL(url))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = super.Close(context.Background()) })
	s := &street{T: t, url: url, db: db, super: super, provider: payments.TestProvider{DB: db}}
	s.moss, s.nord = s.open("moss"), s.open("nord")
	return s
}

func (s *street) sql(query string, args ...any) {
	s.Helper()
	if _, err := s.super.Exec(s.Context(), query, args...); err != nil {
		s.Fatal(err)
	}
}

func (s *street) open(name string) orbit.MerchantID {
	s.Helper()
	id := orbit.NewID[orbit.Merchant]()
	if _, err := s.db.CreateMerchant(s.Context(), id, orbit.Application{Name: name, OwnerName: "Ada",
		Email: name + "@example.com", Category: "books"}, nil, orbit.System); err != nil {
		s.Fatal(err)
	}
	s.sql(`UPDATE merchants SET status = 'active', live_at = now(),
		plan_id = (SELECT id FROM plans WHERE slug = 'starter') WHERE id = $1`, id.String())
	s.sql(`INSERT INTO settings (merchant_id) VALUES ($1)`, id.String())
	s.sql(`INSERT INTO shipping_rates (merchant_id, name, price, position) VALUES ($1, 'Standard', 500, 0)`, id.String())
	s.sql(`INSERT INTO payment_methods (merchant_id, kind, name) VALUES ($1, 'test', 'Test payments')`, id.String())
	s.sql(`INSERT INTO products (merchant_id, id, handle, title, options) VALUES ($1, $2, 'mug', 'Mug', '[]')`,
		id.String(), id.String())
	s.sql(`INSERT INTO variants (merchant_id, id, product_id, title, price, stock)
		VALUES ($1, $2, $2, 'Default', 2400, 99)`, id.String(), id.String())
	return id
}

// buy takes a mug to the payment page, and returns what the provider is asked.
func (s *street) buy(at orbit.MerchantID) orbit.Charge {
	s.Helper()
	scope := shop.For(s.db, at)
	var token string
	if err := scope.Do(s.Context(), func(t *shop.Tenant) (err error) {
		token, _, err = t.AddToCart(s.Context(), "", orbit.VariantID(at), 1)
		return err
	}); err != nil {
		s.Fatal(err)
	}
	o, err := scope.PlaceOrder(s.Context(), token, orbit.CheckoutForm{Key: orbit.NewID[orbit.Order]().String(),
		Email: "ada@example.com", Name: "Ada", Line1: "12 Quay Street", City: "Bristol", Postcode: "BS1 4QA",
		Country: "GB", Shipping: "Standard", Payment: "test", Seen: strconv.Itoa(2900)}, shop.Placing{
		Charge: func(o orbit.Order, _ orbit.Payment) orbit.Charge {
			return orbit.Charge{ReturnURL: "https://shop.example/orders/" + o.Token + "/return"}
		}})
	if err != nil {
		s.Fatal(err)
	}
	return o.Payments[0].Charge
}

func (s *street) choose(at orbit.MerchantID, page string, choice orbit.TestChoice) error {
	token := page[strings.LastIndexByte(page, '/')+1:]
	return shop.For(s.db, at).Do(s.Context(), func(t *shop.Tenant) error {
		return t.ChooseTestPayment(s.Context(), token, choice)
	})
}

// later has time pass for a payment.
func (s *street) later(c orbit.Charge) {
	s.Helper()
	s.sql(`UPDATE test_payments SET chosen_at = chosen_at - interval '10 s' WHERE payment_id = $1`, c.Payment.String())
}

func (s *street) state(a orbit.PaymentAccount, c orbit.Charge) orbit.PaymentState {
	s.Helper()
	state, err := s.provider.State(s.Context(), a, c, "")
	if err != nil {
		s.Fatal(err)
	}
	return state
}

// settles returns how many jobs are to look at a payment: now, and later.
func (s *street) settles(c orbit.Charge) (now, later int) {
	s.Helper()
	if err := s.super.QueryRow(s.Context(), `SELECT count(*) FILTER (WHERE state = 'available'),
		count(*) FILTER (WHERE state = 'scheduled' AND scheduled_at > (SELECT chosen_at + interval '10 s'
			FROM test_payments WHERE payment_id = $1)) FROM river_job
		WHERE kind = 'settle' AND args ->> 'paymentId' = $1::text`, c.Payment.String()).Scan(&now, &later); err != nil {
		s.Fatal(err)
	}
	return now, later
}

func TestTestPaymentChoices(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	account := orbit.PaymentAccount{MerchantID: s.moss}
	for choice, want := range map[orbit.TestChoice]struct {
		soon, then orbit.PaymentStatus
		charges    int
		failure    string
		later      int
	}{
		orbit.TestSucceed:        {orbit.PaymentPaid, orbit.PaymentPaid, 1, "", 0},
		orbit.TestFail:           {orbit.PaymentPending, orbit.PaymentPending, 0, "The card was declined.", 0},
		orbit.TestPendingSucceed: {orbit.PaymentProcessing, orbit.PaymentPaid, 1, "", 1},
		orbit.TestPendingFail: {orbit.PaymentProcessing, orbit.PaymentFailed, 0, "The bank refused the payment.",
			1},
		orbit.TestNeverReturn: {orbit.PaymentPaid, orbit.PaymentPaid, 1, "", 0},
		orbit.TestTwice:       {orbit.PaymentPaid, orbit.PaymentPaid, 2, "", 0},
	} {
		c := s.buy(s.moss)
		page, err := s.provider.Create(t.Context(), account, c)
		if err != nil || !strings.HasPrefix(page.URL, "https://shop.example/pay/") || len(page.URL) != 68 {
			t.Fatal(page, err)
		}
		if again, err := s.provider.Create(t.Context(), account, c); err != nil || again != page {
			t.Error("another page:", again, err)
		}
		if state := s.state(account, c); state.Status != orbit.PaymentPending || state.URL != page.URL {
			t.Errorf("before a choice: %+v", state)
		}
		if err := s.choose(s.nord, page.URL, choice); orbit.CodeOf(err) != orbit.Conflict {
			t.Error("another shop chooses:", err)
		}
		if err := s.choose(s.moss, page.URL, choice); err != nil {
			t.Fatal(err)
		}
		if now, later := s.settles(c); now != 1 || later != want.later {
			t.Errorf("%s: %d jobs now, %d later", choice, now, later)
		}
		if state := s.state(account, c); state.Status != want.soon {
			t.Errorf("%s: %+v at once", choice, state)
		}
		s.later(c)
		state := s.state(account, c)
		if state.Status != want.then || len(state.Charges) != want.charges || state.Failure != want.failure {
			t.Errorf("%s: %+v later", choice, state)
		}
		for _, charge := range state.Charges {
			if charge.Amount != (orbit.Money{Amount: 2900, Currency: "USD"}) || charge.At.IsZero() {
				t.Errorf("%s: %+v", choice, charge)
			}
		}
		if want.charges > 0 && state.Charges[0].Reference != "test_"+c.Payment.String() {
			t.Error(state.Charges[0].Reference)
		}
		// A declined card leaves the page open, and everything else ends it.
		again := s.choose(s.moss, page.URL, orbit.TestSucceed)
		if open := choice == orbit.TestFail; open != (again == nil) {
			t.Errorf("%s: chosen again: %v", choice, again)
		}
		before := s.state(account, c)
		if state, err := s.provider.Expire(t.Context(), account, c, ""); err != nil || state.Status != before.Status {
			t.Errorf("%s: closed after the choice: %+v %v", choice, state, err)
		}
		if _, err := s.provider.Create(t.Context(), account, c); err != nil {
			t.Errorf("%s: the page is gone: %v", choice, err)
		}
	}
}

func TestTestPaymentExpires(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	account := orbit.PaymentAccount{MerchantID: s.moss}
	for _, choice := range []orbit.TestChoice{"", orbit.TestFail} {
		c := s.buy(s.moss)
		page, err := s.provider.Create(t.Context(), account, c)
		if err != nil {
			t.Fatal(err)
		}
		if choice != "" {
			if err := s.choose(s.moss, page.URL, choice); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := s.provider.Expire(t.Context(), orbit.PaymentAccount{MerchantID: s.nord}, c,
			""); orbit.CodeOf(err) != orbit.NotFound {
			t.Error("another shop closes it:", err)
		}
		for range 2 {
			if state, err := s.provider.Expire(t.Context(), account, c, ""); err != nil ||
				state.Status != orbit.PaymentExpired || state.URL != "" {
				t.Errorf("%+v %v", state, err)
			}
		}
		if err := s.choose(s.moss, page.URL, orbit.TestSucceed); orbit.CodeOf(err) != orbit.Conflict {
			t.Error("chosen on a closed page:", err)
		}
		if _, err := s.provider.Create(t.Context(), account, c); orbit.CodeOf(err) != orbit.Gone {
			t.Error("opened again:", err)
		}
	}
	// A page that has had its time takes no choice, though nobody has closed it yet.
	c := s.buy(s.moss)
	page, err := s.provider.Create(t.Context(), account, c)
	if err != nil {
		t.Fatal(err)
	}
	s.sql(`UPDATE payments SET expires_at = now() WHERE id = $1`, c.Payment.String())
	if err := s.choose(s.moss, page.URL, orbit.TestSucceed); orbit.CodeOf(err) != orbit.Conflict {
		t.Error("chosen too late:", err)
	}
}

// refundsAtOnce asks many times at once for more than half of a charge, of which one can be paid back.
func (s *street) refundsAtOnce(account orbit.PaymentAccount, like orbit.RefundRequest) {
	s.Helper()
	c := s.buy(s.moss)
	page, err := s.provider.Create(s.Context(), account, c)
	if err == nil {
		err = s.choose(s.moss, page.URL, orbit.TestSucceed)
	}
	if err != nil {
		s.Fatal(err)
	}
	var made atomic.Int32
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			r := like
			r.ID, r.Payment, r.Charge = orbit.NewID[orbit.Transaction](), c.Payment, "test_"+c.Payment.String()
			if _, err := s.provider.Refund(s.Context(), account, r); err == nil {
				made.Add(1)
			}
		})
	}
	all.Wait()
	if made.Load() != 1 {
		s.Error("paid back at once:", made.Load())
	}
}

func TestTestPaymentRefunds(t *testing.T) {
	t.Parallel()
	s := newStreet(t)
	account := orbit.PaymentAccount{MerchantID: s.moss}
	c := s.buy(s.moss)
	page, err := s.provider.Create(t.Context(), account, c)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.choose(s.moss, page.URL, orbit.TestTwice); err != nil {
		t.Fatal(err)
	}
	charges := s.state(account, c).Charges
	want := orbit.RefundRequest{ID: orbit.NewID[orbit.Transaction](), Payment: c.Payment, Charge: charges[1].Reference,
		Amount: orbit.Money{Amount: 2000, Currency: "USD"}}
	first, err := s.provider.Refund(t.Context(), account, want)
	if err != nil || first.Status != orbit.TransactionSucceeded || first.Amount != want.Amount || first.ID != want.ID {
		t.Fatalf("%+v %v", first, err)
	}
	if again, err := s.provider.Refund(t.Context(), account, want); err != nil || again.Reference != first.Reference {
		t.Errorf("%+v %v", again, err)
	}
	for name, wrong := range map[string]func(*orbit.RefundRequest){
		"more than is left": func(r *orbit.RefundRequest) { r.Amount.Amount = 901 },
		"nothing":           func(r *orbit.RefundRequest) { r.Amount.Amount = 0 },
		"another currency":  func(r *orbit.RefundRequest) { r.Amount.Currency = "EUR" },
		"no such charge":    func(r *orbit.RefundRequest) { r.Charge = "test_x" },
	} {
		r := want
		r.ID, r.Amount.Amount = orbit.NewID[orbit.Transaction](), 100
		wrong(&r)
		if _, err := s.provider.Refund(t.Context(), account, r); err == nil {
			t.Error("paid back:", name)
		}
	}
	if _, err := s.provider.Refund(t.Context(), orbit.PaymentAccount{MerchantID: s.nord},
		want); orbit.CodeOf(err) != orbit.NotFound {
		t.Error("another shop's:", err)
	}
	s.refundsAtOnce(account, want)
	rest := want
	rest.ID, rest.Amount.Amount = orbit.NewID[orbit.Transaction](), 900
	if _, err := s.provider.Refund(t.Context(), account, rest); err != nil {
		t.Error("the rest:", err)
	}
	state := s.state(account, c)
	ids := []orbit.TransactionID{}
	for _, r := range state.Charges[1].Refunds {
		ids = append(ids, r.ID)
	}
	if len(state.Charges[0].Refunds) != 0 || !slices.Equal(ids, []orbit.TransactionID{want.ID, rest.ID}) ||
		state.Charges[1].Refunds[0].At.After(time.Now().Add(time.Minute)) {
		t.Errorf("%+v", state)
	}
	if _, err := s.provider.Event(t.Context(), account, nil, nil); orbit.CodeOf(err) != orbit.Invalid {
		t.Error("a message:", err)
	}
}
