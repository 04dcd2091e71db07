package fake

import (
	"fmt"
	"html"
	"net/http"
	"net/url"
	"strings"
	"time"

	"orbit360.app/orbit"
)

// servePage is the page where shoppers approve an order, with a button for each thing that can happen.
func (p *PayPal) servePage(w http.ResponseWriter, r *http.Request) {
	id := r.URL.Query().Get("token")
	p.mu.Lock()
	o := p.orders[id]
	p.mu.Unlock()
	if o == nil {
		http.Error(w, "Things don't appear to be working at the moment.", http.StatusNotFound)
		return
	}
	if r.Method != http.MethodPost {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		var buttons strings.Builder
		for _, b := range []struct{ value, name string }{
			{string(Good), "Pay now"}, {string(ECheck), "Pay by eCheck"},
			{string(Declined), "Pay with a card that is declined"}, {string(Refused), "Pay with a closed account"},
			{"cancel", "Cancel and return"}} {
			fmt.Fprintf(&buttons, `<p><button name="do" value="%s">%s</button></p>`, b.value, b.name)
		}
		fmt.Fprintf(w, `<!doctype html><html lang="%s"><title>PayPal</title>`+
			`<meta name="viewport" content="width=device-width"><h1>%s</h1><p>%s %s</p>`+
			`<form method="post">%s</form></html>`, o.back.Locale, html.EscapeString(o.unit.Description),
			html.EscapeString(o.unit.Amount.Value), html.EscapeString(o.unit.Amount.Currency), buttons.String())
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 1<<10)
	do := r.PostFormValue("do")
	if do == "cancel" {
		http.Redirect(w, r, with(o.back.CancelURL, url.Values{"token": {id}}), http.StatusSeeOther)
		return
	}
	if err := p.Approve(id, Funding(do)); err != nil {
		http.Error(w, err.Error(), http.StatusConflict)
		return
	}
	http.Redirect(w, r, with(o.back.ReturnURL, url.Values{"token": {id}, "PayerID": {"SHOPPER"}}), http.StatusSeeOther)
}

// with adds to the query of a URL.
func with(address string, more url.Values) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	query := u.Query()
	for name, values := range more {
		query[name] = values
	}
	u.RawQuery = query.Encode()
	return u.String()
}

// Approve has the shopper approve an order, with a funding: nothing is charged until it is captured. An order that was
// approved can be approved again, with another one.
func (p *PayPal) Approve(order string, funding Funding) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	o := p.orders[order]
	if o == nil || o.capture != nil || o.status == "VOIDED" {
		return fmt.Errorf("fake: %s can't be approved", order)
	}
	o.status, o.funding, o.payer = "APPROVED", funding, "shopper@example.com"
	// Each approval is another moment, however fast the test.
	o.updated = o.updated.Add(max(p.Clock.Now().Sub(o.updated), time.Second))
	p.tell(o, "CHECKOUT.ORDER.APPROVED", "checkout-order", p.show(o))
	return nil
}

// OrdersOf returns the IDs of the orders that were made for a payment.
func (p *PayPal) OrdersOf(payment orbit.PaymentID) (ids []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for id, o := range p.orders {
		if o.unit.Custom == payment.String() {
			ids = append(ids, id)
		}
	}
	return ids
}

// Void has PayPal give up an order.
func (p *PayPal) Void(order string) {
	p.change(order, func(o *ppOrder) { o.status = "VOIDED" })
}

// Forget has PayPal know an order no longer.
func (p *PayPal) Forget(order string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.orders, order)
}

// Complete ends a pending capture: the money has come.
func (p *PayPal) Complete(order string) {
	p.change(order, func(o *ppOrder) {
		o.capture.status, o.capture.reason = "COMPLETED", ""
		p.Ledger.charged(o.unit.Custom, o.unit.Reference, o.capture.amount.minor())
		p.tell(o, "PAYMENT.CAPTURE.COMPLETED", "capture", p.showCapture(o))
	})
}

// Deny ends a pending capture: the money hasn't come.
func (p *PayPal) Deny(order string) {
	p.change(order, func(o *ppOrder) {
		o.capture.status, o.capture.reason = "DECLINED", ""
		p.tell(o, "PAYMENT.CAPTURE.DENIED", "capture", p.showCapture(o))
	})
}

// RefundAtPayPal has the merchant refund an order's capture on PayPal's own site.
func (p *PayPal) RefundAtPayPal(order, value string) (err error) {
	p.change(order, func(o *ppOrder) {
		// PayPal copies the capture's own.
		if _, issue := p.makeRefund(o, ppMoney{o.capture.amount.Currency, value}, o.unit.Custom); issue != "" {
			err = orbit.Errorf(orbit.Invalid, "%s", issue)
		}
	})
	return err
}

// NextRefunds sets the statuses of the next refunds, one each, in PayPal's words.
func (p *PayPal) NextRefunds(statuses ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refunds = append(p.refunds, statuses...)
}

// EndRefunds gives all refunds of an order another status: FAILED takes those that had succeeded out of the ledger.
func (p *PayPal) EndRefunds(order, status string) {
	p.change(order, func(o *ppOrder) {
		for _, r := range o.capture.refunds {
			before := r.status == "FAILED" || r.status == "CANCELLED"
			r.status = status
			if after := status == "FAILED" || status == "CANCELLED"; after && !before {
				back := r.amount.minor()
				back.Amount = -back.Amount
				p.Ledger.refunded(o.unit.Custom, o.unit.Reference, back)
			}
			p.tell(o, "PAYMENT.CAPTURE.REFUNDED", "refund", p.showRefund(o, r))
		}
		o.capture.count()
	})
}

// Reverse has the shopper's bank call the money of an order back.
func (p *PayPal) Reverse(order string) {
	p.change(order, func(o *ppOrder) {
		o.capture.status, o.capture.reason = "DECLINED", "CHARGEBACK"
		p.tell(o, "PAYMENT.CAPTURE.REVERSED", "capture", p.showCapture(o))
	})
}

// Dispute has the shopper dispute an order's capture, or gives that dispute another status.
func (p *PayPal) Dispute(order, status string) {
	p.change(order, func(o *ppOrder) {
		kind := "CUSTOMER.DISPUTE.CREATED"
		if len(o.capture.disputes) > 0 {
			kind = "CUSTOMER.DISPUTE.UPDATED"
		}
		d := map[string]any{"dispute_id": "PP-D-1", "status": status, "reason": "MERCHANDISE_OR_SERVICE_NOT_RECEIVED"}
		o.capture.disputes = []map[string]any{d}
		p.tell(o, kind, "dispute", map[string]any{"dispute_id": "PP-D-1", "status": status, "disputed_transactions": []any{
			map[string]any{"seller_transaction_id": o.capture.id, "custom": o.unit.Custom}}})
	})
}

// change changes an order that is there.
func (p *PayPal) change(order string, f func(*ppOrder)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if o := p.orders[order]; o != nil {
		f(o)
	}
}
