package fake

import (
	"fmt"
	"html/template"
	"net/http"
	"strings"

	"orbit360.app/orbit"
)

// What shoppers do on Stripe's pages, and merchants and banks elsewhere. Each names a session by its ID.

// Pay pays a session by card.
func (s *Stripe) Pay(session string) error { return s.pay(session, card, "succeeded", nil) }

// PayOther pays a session by card with another amount, in Stripe's units, or in another currency. Stripe itself never
// does; a session that somebody else made with our payment's ID looks like it.
func (s *Stripe) PayOther(session string, amount int64, currency string) error {
	return s.pay(session, card, "succeeded", func(c *stripeCharge) { c.amount, c.currency = amount, currency })
}

// PayDelayed has the shopper leave the page with a payment that takes days. SettleDelayed ends it.
func (s *Stripe) PayDelayed(session string) error { return s.pay(session, debit, "pending", nil) }

// Decline has the shopper's card declined: the page stays open.
func (s *Stripe) Decline(session string) error { return s.pay(session, card, "failed", nil) }

// pay makes a charge of an open session.
func (s *Stripe) pay(session string, method map[string]any, status string, change func(*stripeCharge)) error {
	return s.with(session, func(a *stripeAccount, n *stripeSession) error {
		s.expireLate(a, n)
		if n.status != "open" || a.Closed && a.live {
			return fmt.Errorf("fake: the page of %s is %s", session, n.status)
		}
		if n.intent == "" {
			n.intent = newID("pi_", 24)
		}
		c := &stripeCharge{id: newID("ch_", 24), session: n, amount: n.amount, currency: n.currency, status: status,
			method: method, created: s.Clock.Now()}
		if method["type"] != "card" {
			c.id = "py" + c.id[2:]
		}
		if change != nil {
			change(c)
		}
		a.charges[c.id], n.charge, n.failure = c, c, ""
		switch status {
		case "succeeded":
			n.status, n.paid, n.intentState = "complete", "paid", "succeeded"
			payment, order := c.names()
			s.Ledger.charged(payment, order, money(c.amount, c.currency))
		case "pending":
			n.status, n.intentState = "complete", "processing"
		default:
			n.intentState, n.failure = "requires_payment_method", "Your card was declined."
			return nil
		}
		s.emit(a, "checkout.session.completed", s.plainSession(n))
		return nil
	})
}

// SettleDelayed ends what PayDelayed began: the money is there, or it isn't.
func (s *Stripe) SettleDelayed(session string, paid bool) error {
	return s.with(session, func(a *stripeAccount, n *stripeSession) error {
		if n.charge == nil || n.charge.status != "pending" {
			return fmt.Errorf("fake: %s has no delayed payment", session)
		}
		if !paid {
			n.charge.status, n.intentState = "failed", "requires_payment_method"
			n.failure = "The bank returned the payment: insufficient funds."
			s.emit(a, "checkout.session.async_payment_failed", s.plainSession(n))
			return nil
		}
		n.charge.status, n.paid, n.intentState = "succeeded", "paid", "succeeded"
		payment, order := n.charge.names()
		s.Ledger.charged(payment, order, money(n.charge.amount, n.charge.currency))
		s.emit(a, "checkout.session.async_payment_succeeded", s.plainSession(n))
		return nil
	})
}

// RefundAtSite refunds a part of a session's charge as a merchant does in Stripe's dashboard, in Stripe's units, and
// returns the refund's ID.
func (s *Stripe) RefundAtSite(session string, amount int64) (id string, err error) {
	err = s.with(session, func(a *stripeAccount, n *stripeSession) error {
		if n.charge == nil {
			return fmt.Errorf("fake: %s isn't paid", session)
		}
		r, refused := s.refund(a, n.charge, amount, nil)
		if refused != nil {
			return fmt.Errorf("fake: %s", refused.Message)
		}
		id = r.id
		return nil
	})
	return id, err
}

// PendingRefunds has the next refunds of the account of a session wait for SettleRefund.
func (s *Stripe) PendingRefunds(session string, n int) error {
	return s.with(session, func(a *stripeAccount, _ *stripeSession) error {
		a.pending = n
		return nil
	})
}

// SettleRefund ends a refund. One that has succeeded can still fail: the bank sends the money back. The failure is one
// of Stripe's reasons, "" for success.
func (s *Stripe) SettleRefund(refund, failure string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.all {
		for _, r := range a.refunds {
			if r.id != refund || r.status == "failed" {
				continue
			}
			r.status = "succeeded"
			if failure != "" {
				r.status, r.failure = "failed", failure
				payment, order := r.charge.names()
				back := money(r.amount, r.charge.currency)
				back.Amount = -back.Amount
				s.Ledger.refunded(payment, order, back)
				s.emit(a, "refund.failed", s.refundOf(r))
			}
			s.emit(a, "refund.updated", s.refundOf(r))
			return nil
		}
	}
	return fmt.Errorf("fake: there is no refund %s that can be settled", refund)
}

// Dispute sets the status of a session's dispute, and opens one where there is none: needs_response, won, lost.
func (s *Stripe) Dispute(session, status string) error {
	return s.with(session, func(a *stripeAccount, n *stripeSession) error {
		if n.charge == nil || n.charge.status != "succeeded" {
			return fmt.Errorf("fake: %s isn't paid", session)
		}
		kind := "charge.dispute.updated"
		if status == "won" || status == "lost" {
			kind = "charge.dispute.closed"
		}
		for _, d := range a.disputes {
			if d.charge == n.charge {
				d.status = status
				s.emit(a, kind, s.disputeOf(d))
				return nil
			}
		}
		d := &stripeDispute{id: newID("du_", 24), charge: n.charge, status: status, created: s.Clock.Now()}
		a.disputes, n.charge.disputed = append(a.disputes, d), true
		s.emit(a, "charge.dispute.created", s.disputeOf(d))
		return nil
	})
}

// Disable turns the endpoints of a session's account off, as Stripe does where they fail for days.
func (s *Stripe) Disable(session string) error {
	return s.with(session, func(a *stripeAccount, _ *stripeSession) error {
		for _, e := range a.endpoints {
			e.disabled = true
		}
		return nil
	})
}

// SessionsOf returns the IDs of the sessions that were opened for a payment, oldest first.
func (s *Stripe) SessionsOf(payment orbit.PaymentID) (ids []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.all {
		for _, n := range a.ordered() {
			if n.params["client_reference_id"] == payment.String() {
				ids = append(ids, n.id)
			}
		}
	}
	return ids
}

// Roll replaces a key by another one of the same account, as its merchant does: the first no longer works.
func (s *Stripe) Roll(key, by string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys[by] = s.keys[key]
	delete(s.keys, key)
}

// Secret returns what the messages to a webhook endpoint are signed with.
func (s *Stripe) Secret(endpoint string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.all {
		for _, e := range a.endpoints {
			if e.id == endpoint {
				return e.secret, nil
			}
		}
	}
	return "", fmt.Errorf("fake: there is no endpoint %s", endpoint)
}

// Endpoints returns the IDs of an account's webhook endpoints.
func (s *Stripe) Endpoints(account string) (ids []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.all {
		for _, e := range a.endpoints {
			if a.ID == account {
				ids = append(ids, e.id)
			}
		}
	}
	return ids
}

// with runs a function with a session, and nothing else at the same time.
func (s *Stripe) with(session string, do func(a *stripeAccount, n *stripeSession) error) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, a := range s.all {
		if n, ok := a.sessions[session]; ok {
			return do(a, n)
		}
	}
	return fmt.Errorf("fake: there is no session %s", session)
}

// stripePage is the page that a browser gets; it works without scripts.
var stripePage = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Stripe stand-in</title></head><body>
<h1>{{.Name}}</h1><p id="total">{{.Total}}</p><p id="status">{{.Status}}</p>
{{with .Failure}}<p role="alert">{{.}}</p>{{end}}
{{if eq .Status "open"}}{{range .Actions}}<form method="post" action="{{$.Path}}/{{.Do}}">
<button id="{{.Do}}">{{.Says}}</button></form>
{{end}}{{end}}</body></html>
`))

type action struct{ Do, Says string }

func (s *Stripe) showPage(w http.ResponseWriter, r *http.Request) {
	page := struct {
		Name, Status, Failure, Path string
		Total                       orbit.Money
		Actions                     []action
	}{Path: r.URL.Path, Actions: []action{{"pay", "Pay"}, {"decline", "Pay with a card that is declined"},
		{"delayed", "Pay by bank debit, which takes days"}, {"cancel", "Cancel and return"}}}
	err := s.with(r.PathValue("session"), func(a *stripeAccount, n *stripeSession) error {
		s.expireLate(a, n)
		page.Name, page.Status, page.Failure, page.Total = a.Name, n.status, n.failure, money(n.amount, n.currency)
		return nil
	})
	if err != nil {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	_ = stripePage.Execute(w, page) // a browser that has gone
}

// usePage does what a button of the page says.
func (s *Stripe) usePage(w http.ResponseWriter, r *http.Request) {
	session, to := r.PathValue("session"), "success_url"
	var err error
	switch r.PathValue("action") {
	case "pay":
		err = s.Pay(session)
	case "delayed":
		err = s.PayDelayed(session)
	case "decline":
		err, to = s.Decline(session), ""
	case "cancel":
		to = "cancel_url"
	default:
		http.NotFound(w, r)
		return
	}
	target := "/pay/" + session
	if err == nil && to != "" {
		err = s.with(session, func(_ *stripeAccount, n *stripeSession) error {
			if address, ok := n.params[to].(string); ok {
				target = strings.ReplaceAll(address, "{CHECKOUT_SESSION_ID}", session)
			}
			return nil
		})
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusConflict)
		return
	}
	http.Redirect(w, r, target, http.StatusSeeOther)
}
