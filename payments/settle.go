package payments

import (
	"context"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

// Open asks a payment's provider for its page and returns the page's address. A page that is open already is the same.
// Gone for a payment that has ended, Unavailable where the provider can't be reached: try again. After any other error
// the payment has ended, and what it held is released: it takes another one, in another way.
func (s *Service) Open(ctx context.Context, merchant orbit.MerchantID, id orbit.PaymentID) (string, error) {
	var p orbit.Payment
	err := s.do(ctx, merchant, func(t *shop.Tenant) (err error) {
		p, err = t.Payment(ctx, id)
		return err
	})
	if err != nil || p.URL != "" {
		return p.URL, err
	}
	if p.Status != orbit.PaymentPending || p.Expiring {
		return "", orbit.Errorf(orbit.Gone, "This payment has ended. Please check out again.")
	}
	var page orbit.PaymentPage
	provider, account, err := s.at(ctx, p)
	if err == nil {
		page, err = s.create(ctx, provider, account, p)
	}
	if final(err) {
		if _, err := s.Settle(ctx, merchant, id); err != nil { // the timer does it
			s.Log.Warn("a payment that was refused couldn't be settled", "merchant", merchant, "payment", id, "error", err)
		}
	}
	return page.URL, err
}

// final reports whether a provider, asked again alike, would give the same answer.
func final(err error) bool {
	switch orbit.CodeOf(err) {
	case orbit.Invalid, orbit.Forbidden, orbit.NotFound, orbit.Conflict, orbit.Gone:
		return true
	}
	return false
}

// create asks for the page of a payment and keeps where it is.
func (s *Service) create(ctx context.Context, provider Provider, account orbit.PaymentAccount, p orbit.Payment) (
	orbit.PaymentPage, error,
) {
	page, err := provider.Create(ctx, account, p.Charge)
	if err != nil {
		return page, err
	}
	// Kept also when the shopper has left: the money is asked for.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
	defer cancel()
	return page, s.do(ctx, p.MerchantID, func(t *shop.Tenant) error { return t.PageOpened(ctx, p.ID, page) })
}

// settleTime is how long a payment is settled for at most: less than it is claimed for.
const settleTime = 80 * time.Second

// ErrBusy is what Settle returns where another process asks about the same payment at the moment.
var ErrBusy = orbit.Errorf(orbit.Unavailable, "This payment is being checked. Try again in a moment.")

// Settle reads from its provider what has become of a payment, and takes it over. Webhooks, the shopper's return, the
// timer and people only name the payment: whatever they say isn't believed. It can be called at any time.
func (s *Service) Settle(ctx context.Context, merchant orbit.MerchantID, id orbit.PaymentID) (
	p orbit.Payment, err error,
) {
	ctx, cancel := context.WithTimeout(ctx, settleTime)
	defer cancel()
	mine := false
	err = s.do(ctx, merchant, func(t *shop.Tenant) (err error) {
		if p, err = t.Payment(ctx, id); err != nil || !orbit.Hosted(p.Kind) {
			return err
		}
		mine, err = t.ClaimPayment(ctx, id)
		return err
	})
	if err != nil || !orbit.Hosted(p.Kind) {
		return p, err
	}
	if !mine {
		return p, ErrBusy
	}
	defer func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 10*time.Second)
		defer cancel()
		if err := s.do(ctx, merchant, func(t *shop.Tenant) error { return t.ReleasePayment(ctx, id) }); err != nil {
			s.Log.Warn("a payment stays claimed for a while", "payment", id, "error", err)
		}
	}()
	// Read anew: the process that had it before may have moved it.
	if err := s.do(ctx, merchant, func(t *shop.Tenant) error { p, err = t.Payment(ctx, id); return err }); err != nil {
		return p, err
	}
	state, err := s.ask(ctx, p)
	if err != nil {
		later := s.do(ctx, merchant, func(t *shop.Tenant) error { return t.CheckLater(ctx, id) })
		if later != nil {
			s.Log.Warn("a payment's next check couldn't be set", "payment", id, "error", later)
		}
		return p, err
	}
	write, err := s.writer(ctx, merchant)
	if err != nil {
		return p, err
	}
	err = s.do(ctx, merchant, func(t *shop.Tenant) (err error) {
		p, err = t.SettlePayment(ctx, id, state, write)
		return err
	})
	return p, err
}

// settleSoon is Settle for somebody who waits: what another process asks at the moment takes a call or two.
func (s *Service) settleSoon(ctx context.Context, merchant orbit.MerchantID, id orbit.PaymentID) (
	p orbit.Payment, err error,
) {
	for end := time.Now().Add(5 * time.Second); ; {
		p, err = s.Settle(ctx, merchant, id)
		if err != ErrBusy || time.Now().After(end) {
			return p, err
		}
		select {
		case <-ctx.Done():
			return p, err
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// ask reads a payment's state. A page that is refused for good has never been there, so the payment has failed: nobody
// can have paid on it. That a page which is there can't be read now says nothing about the payment.
func (s *Service) ask(ctx context.Context, p orbit.Payment) (orbit.PaymentState, error) {
	state, err := s.read(ctx, &p)
	s.note(ctx, p, err)
	if p.Reference != "" || !final(err) {
		return state, err
	}
	state = orbit.PaymentState{Status: orbit.PaymentFailed,
		Failure: "This payment method can't be used right now. Choose another payment method."}
	if orbit.CodeOf(err) == orbit.Gone {
		state = orbit.PaymentState{Status: orbit.PaymentExpired, Failure: orbit.Sentence(err)}
	}
	s.Log.Warn("a payment was refused", "merchant", p.MerchantID, "payment", p.ID, "error", err)
	return state, nil
}

// read has the provider say what it knows. The page of a payment that has had its time is closed by the provider,
// never by us: what was paid in the last moment counts. What a provider has closed is never asked for in a way that
// could take money.
func (s *Service) read(ctx context.Context, p *orbit.Payment) (orbit.PaymentState, error) {
	provider, account, err := s.at(ctx, *p)
	if err != nil {
		return orbit.PaymentState{}, err
	}
	if p.Reference == "" { // a process ended between the row and the answer
		page, err := s.create(ctx, provider, account, *p)
		p.Reference = page.Reference
		if err != nil {
			return orbit.PaymentState{}, err
		}
	}
	over := time.Now().After(p.ExpiresAt)
	read := provider.State
	if p.Expiring || p.Status == orbit.PaymentExpired || p.Status == orbit.PaymentPending && over {
		read = provider.Expire
	}
	state, err := read(ctx, account, p.Charge, p.Reference)
	if orbit.CodeOf(err) == orbit.NotFound && over && p.Status == orbit.PaymentPending {
		// The provider has forgotten a page that was never paid. That it isn't ours to read is another matter.
		if _, err := provider.Check(ctx, account); err != nil {
			return state, err
		}
		return orbit.PaymentState{Status: orbit.PaymentExpired}, nil
	}
	return state, err
}

// note has the account of a payment say why it can't be used, where that is for its merchant to mend.
func (s *Service) note(ctx context.Context, p orbit.Payment, why error) {
	if orbit.CodeOf(why) != orbit.Forbidden || p.AccountID.IsZero() {
		return
	}
	if err := s.do(ctx, p.MerchantID, func(t *shop.Tenant) error {
		return t.NoteAccount(ctx, p.AccountID, orbit.Sentence(why))
	}); err != nil {
		s.Log.Warn("an account couldn't be noted", "merchant", p.MerchantID, "account", p.AccountID, "error", err)
	}
}

// Supersede closes what is open to pay of a cart, before another form of it is bought. It returns those payments as
// they are now: one that is paid or processing has placed its order.
func (s *Service) Supersede(ctx context.Context, merchant orbit.MerchantID, cartToken string) (
	settled []orbit.Payment, err error,
) {
	var ids []orbit.PaymentID
	err = s.do(ctx, merchant, func(t *shop.Tenant) (err error) {
		if ids, err = t.OpenPayments(ctx, cartToken); err != nil {
			return err
		}
		for _, id := range ids {
			if err := t.ExpirePayment(ctx, id); err != nil {
				return err
			}
		}
		return nil
	})
	for _, id := range ids {
		if err != nil {
			break
		}
		var p orbit.Payment
		p, err = s.settleSoon(ctx, merchant, id)
		settled = append(settled, p)
	}
	return settled, err
}

// at returns the provider of a payment and the account that it is taken with.
func (s *Service) at(ctx context.Context, p orbit.Payment) (Provider, orbit.PaymentAccount, error) {
	provider := s.Providers[p.Kind]
	if provider == nil || s.Hold {
		return nil, orbit.PaymentAccount{}, orbit.Errorf(orbit.Unavailable,
			"Payments are paused. Please try again later.")
	}
	account := orbit.PaymentAccount{MerchantID: p.MerchantID, Provider: p.Kind, Test: p.Test}
	if p.AccountID.IsZero() {
		return provider, account, nil
	}
	var stored orbit.ProviderAccount
	err := s.do(ctx, p.MerchantID, func(t *shop.Tenant) (err error) {
		stored, err = t.PaymentAccount(ctx, p.AccountID)
		return err
	})
	if err == nil {
		account, err = s.decrypt(stored)
	}
	return provider, account, err
}

func (s *Service) do(ctx context.Context, merchant orbit.MerchantID, fn func(*shop.Tenant) error) error {
	return shop.For(s.DB, merchant).Do(ctx, fn)
}
