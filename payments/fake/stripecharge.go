package fake

import (
	"strings"
	"time"
)

type stripeCharge struct {
	id       string
	session  *stripeSession
	amount   int64 // may be another one than the session's, where a test wants that
	currency string
	status   string // succeeded, pending, failed
	method   map[string]any
	disputed bool
	created  time.Time
	refunds  []*stripeRefund // oldest first
}

type stripeRefund struct {
	id       string
	charge   *stripeCharge
	amount   int64
	status   string // pending, succeeded, failed
	failure  string
	metadata any
	created  time.Time
}

type stripeDispute struct {
	id      string
	charge  *stripeCharge
	status  string
	created time.Time
}

var (
	card  = map[string]any{"type": "card", "card": map[string]any{"brand": "visa", "last4": "4242"}}
	debit = map[string]any{"type": "sepa_debit", "sepa_debit": map[string]any{"last4": "3000"}}
)

// refunded is the sum of the refunds that haven't failed.
func (c *stripeCharge) refunded() (sum int64) {
	for _, r := range c.refunds {
		if r.status != "failed" {
			sum += r.amount
		}
	}
	return sum
}

// names returns the IDs that the program gave the payment and its order.
func (c *stripeCharge) names() (payment, order string) {
	metadata, _ := c.session.params["metadata"].(map[string]any)
	payment, _ = metadata["payment"].(string)
	order, _ = metadata["order"].(string)
	return payment, order
}

// refund pays back a part of a charge, by the API or at Stripe's own site.
func (s *Stripe) refund(a *stripeAccount, c *stripeCharge, amount int64, metadata any) (*stripeRefund, *stripeError) {
	left := c.amount - c.refunded()
	switch {
	case c.status != "succeeded":
		return nil, refused("charge_not_refundable", "Charge %s can't be refunded: it is %s.", c.id, c.status)
	case c.disputed:
		return nil, refused("charge_disputed", "Charge %s has been charged back; cannot issue a refund.", c.id)
	case left == 0:
		return nil, refused("charge_already_refunded", "Charge %s has already been refunded.", c.id)
	case amount > left:
		return nil, refused("", "Refund amount (%d %s) is greater than unrefunded amount on charge (%d %s)", amount,
			c.currency, left, c.currency)
	}
	r := &stripeRefund{id: newID("re_", 24), charge: c, amount: amount, status: "succeeded", metadata: metadata,
		created: s.Clock.Now()}
	if a.pending > 0 {
		a.pending--
		r.status = "pending"
	}
	a.refunds, c.refunds = append(a.refunds, r), append(c.refunds, r)
	payment, order := c.names()
	s.Ledger.refunded(payment, order, money(amount, c.currency))
	s.emit(a, "charge.refunded", s.charge(c, false))
	s.emit(a, "refund.created", s.refundOf(r))
	return r, nil
}

func (s *Stripe) createRefund(a *stripeAccount, params map[string]any, _ string) (any, *stripeError) {
	if err := only(params, host, "charge", "payment_intent", "amount", "metadata", "reason"); err != nil {
		return nil, err
	}
	if err := checkMetadata("metadata", params["metadata"]); err != nil {
		return nil, err
	}
	c, err := a.named(params)
	if err != nil {
		return nil, err
	}
	if c == nil {
		return nil, invalid("parameter_missing", "", "One of the following params should be provided for this request: "+
			"payment_intent or charge.")
	}
	amount := c.amount - c.refunded()
	if asked, ok := params["amount"].(int); ok {
		if amount = int64(asked); amount < 1 {
			return nil, invalid("parameter_invalid_integer", "amount", "This value must be greater than or equal to 1.")
		}
	}
	r, err := s.refund(a, c, amount, params["metadata"])
	if err != nil {
		return nil, err
	}
	return s.refundOf(r), nil
}

// named is the charge that parameters name, nil where they name none.
func (a *stripeAccount) named(params map[string]any) (*stripeCharge, *stripeError) {
	id, byCharge := params["charge"].(string)
	intent, byIntent := params["payment_intent"].(string)
	if byCharge {
		c, ok := a.charges[id]
		if !ok {
			return nil, missingObject("charge", id)
		}
		return c, nil
	}
	if !byIntent {
		return nil, nil
	}
	for _, c := range a.charges {
		if c.session.intent == intent && c.session.charge == c {
			return c, nil
		}
	}
	return nil, missingObject("payment_intent", intent)
}

func (s *Stripe) listRefunds(a *stripeAccount, params map[string]any, _ string) (any, *stripeError) {
	if err := only(params, "charge", "payment_intent", "limit", "starting_after"); err != nil {
		return nil, err
	}
	c, err := a.named(params)
	if err != nil {
		return nil, err
	}
	refunds := a.refunds
	if c != nil {
		refunds = c.refunds
	}
	var all []map[string]any
	for _, r := range refunds {
		all = append(all, s.refundOf(r))
	}
	return list(all, params, "/v1/refunds")
}

func (s *Stripe) listDisputes(a *stripeAccount, params map[string]any, _ string) (any, *stripeError) {
	if err := only(params, "charge", "limit", "starting_after"); err != nil {
		return nil, err
	}
	c, err := a.named(params)
	if err != nil {
		return nil, err
	}
	var all []map[string]any
	for _, d := range a.disputes {
		if c == nil || d.charge == c {
			all = append(all, s.disputeOf(d))
		}
	}
	return list(all, params, "/v1/disputes")
}

// charge is the object; Stripe sends its refunds only where they are asked for, ten of them.
func (s *Stripe) charge(c *stripeCharge, refunds bool) map[string]any {
	data, _ := c.session.params["payment_intent_data"].(map[string]any)
	o := s.object("charge", map[string]any{"id": c.id, "amount": c.amount, "amount_refunded": c.refunded(),
		"currency": c.currency, "created": unix(c.created), "status": c.status, "paid": c.status == "succeeded",
		"captured": c.status == "succeeded", "disputed": c.disputed, "refunded": c.refunded() == c.amount,
		"payment_intent": c.session.intent, "metadata": data["metadata"], "payment_method_details": c.method,
		"description": data["description"], "livemode": strings.HasPrefix(c.session.id, "cs_live_")})
	if c.status == "succeeded" {
		o["amount_captured"] = c.amount
	}
	delete(o, "refunds")
	if refunds {
		var all []map[string]any
		for _, r := range c.refunds {
			all = append(all, s.refundOf(r))
		}
		o["refunds"], _ = list(all, nil, "/v1/charges/"+c.id+"/refunds")
	}
	return o
}

func (s *Stripe) refundOf(r *stripeRefund) map[string]any {
	o := s.object("refund", map[string]any{"id": r.id, "amount": r.amount, "currency": r.charge.currency,
		"charge": r.charge.id, "payment_intent": r.charge.session.intent, "status": r.status, "created": unix(r.created)})
	if r.metadata != nil {
		o["metadata"] = r.metadata
	}
	if r.failure != "" {
		o["failure_reason"] = r.failure
	}
	return o
}

func (s *Stripe) disputeOf(d *stripeDispute) map[string]any {
	return s.object("dispute", map[string]any{"id": d.id, "amount": d.charge.amount, "currency": d.charge.currency,
		"charge": d.charge.id, "payment_intent": d.charge.session.intent, "status": d.status, "created": unix(d.created)})
}
