package fake

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"
)

// show is an order as PayPal shows it. The link to its page is there until it is approved.
func (p *PayPal) show(o *ppOrder) map[string]any {
	self := p.server.URL + o.world + "/v2/checkout/orders/" + o.id
	links := []any{ppLink(self, "self")}
	switch o.status {
	case "PAYER_ACTION_REQUIRED":
		links = append(links, ppLink(p.server.URL+o.world+"/checkoutnow?token="+o.id, "payer-action"))
	case "APPROVED":
		links = append(links, ppLink(self+"/capture", "capture"))
	}
	unit := map[string]any{"reference_id": o.unit.Reference, "custom_id": o.unit.Custom, "invoice_id": o.unit.Invoice,
		"description": o.unit.Description, "amount": o.unit.Amount}
	if o.capture != nil {
		payments := map[string]any{"captures": []any{p.showCapture(o)}}
		var refunds []any
		for _, r := range o.capture.refunds {
			refunds = append(refunds, p.showRefund(o, r))
		}
		if refunds != nil {
			payments["refunds"] = refunds
		}
		unit["payments"] = payments
	}
	source := map[string]any{}
	if o.payer != "" {
		source = map[string]any{"email_address": o.payer, "account_id": "SHOPPER"}
	}
	return map[string]any{"id": o.id, "intent": "CAPTURE", "status": o.status, "purchase_units": []any{unit},
		"payment_source": map[string]any{"paypal": source}, "create_time": stamp(o.created),
		"update_time": stamp(o.updated), "links": links}
}

func (p *PayPal) showCapture(o *ppOrder) map[string]any {
	c := o.capture
	out := map[string]any{"id": c.id, "status": c.status, "amount": c.amount, "final_capture": true,
		"custom_id": o.unit.Custom, "invoice_id": o.unit.Invoice, "create_time": stamp(c.at), "update_time": stamp(c.at),
		"supplementary_data": map[string]any{"related_ids": map[string]any{"order_id": o.id}},
		"links":              []any{ppLink(p.server.URL+o.world+"/v2/checkout/orders/"+o.id, "up")}}
	if c.reason != "" {
		out["status_details"] = map[string]any{"reason": c.reason}
	}
	return out
}

func (p *PayPal) showRefund(o *ppOrder, r *ppRefunded) map[string]any {
	return map[string]any{"id": r.id, "status": r.status, "amount": r.amount, "custom_id": r.custom,
		"invoice_id":  o.unit.Invoice,
		"create_time": stamp(r.at), "update_time": stamp(r.at),
		"links": []any{ppLink(p.server.URL+o.world+"/v2/payments/captures/"+o.capture.id, "up")}}
}

func ppLink(href, rel string) map[string]any {
	return map[string]any{"href": href, "rel": rel, "method": "GET"}
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// ppWebhook is where an account's events go.
type ppWebhook struct {
	ID     string    `json:"id"`
	URL    string    `json:"url"`
	Events []ppEvent `json:"event_types"`
}

type ppEvent struct {
	Name string `json:"name"`
}

// ppEvents holds the events that there are.
var ppEvents = strings.Fields("CHECKOUT.ORDER.APPROVED CHECKOUT.ORDER.COMPLETED CHECKOUT.PAYMENT-APPROVAL.REVERSED " +
	"PAYMENT.CAPTURE.COMPLETED PAYMENT.CAPTURE.PENDING PAYMENT.CAPTURE.DENIED PAYMENT.CAPTURE.DECLINED " +
	"PAYMENT.CAPTURE.REFUNDED PAYMENT.CAPTURE.REVERSED " +
	"CUSTOMER.DISPUTE.CREATED CUSTOMER.DISPUTE.UPDATED CUSTOMER.DISPUTE.RESOLVED")

func (p *PayPal) listWebhooks(r ppRequest) ppAnswer {
	p.mu.Lock()
	defer p.mu.Unlock()
	return ppJSON(200, map[string]any{"webhooks": append([]*ppWebhook{}, r.account.webhooks...)})
}

func (p *PayPal) createWebhook(r ppRequest) ppAnswer {
	var in struct {
		URL    string    `json:"url"`
		Events []ppEvent `json:"event_types"`
	}
	if err := r.decode(&in); err != nil || !absolute(in.URL) || !known(in.Events) {
		return ppError(400, "VALIDATION_ERROR", "")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, w := range r.account.webhooks {
		if w.URL == in.URL {
			return ppError(400, "WEBHOOK_URL_ALREADY_EXISTS", "")
		}
	}
	if len(r.account.webhooks) >= 10 {
		return ppError(400, "WEBHOOK_NUMBER_LIMIT_EXCEEDED", "")
	}
	w := &ppWebhook{"WH" + p.number(), in.URL, in.Events}
	r.account.webhooks = append(r.account.webhooks, w)
	return ppJSON(201, w)
}

func known(events []ppEvent) bool {
	unknown := func(e ppEvent) bool { return !slices.Contains(ppEvents, e.Name) }
	return len(events) > 0 && !slices.ContainsFunc(events, unknown)
}

func (p *PayPal) patchWebhook(r ppRequest) ppAnswer {
	var in []struct {
		Op    string    `json:"op"`
		Path  string    `json:"path"`
		Value []ppEvent `json:"value"`
	}
	if err := r.decode(&in); err != nil || len(in) != 1 || in[0].Op != "replace" || in[0].Path != "/event_types" ||
		!known(in[0].Value) {
		return ppError(400, "VALIDATION_ERROR", "")
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, w := range r.account.webhooks {
		if w.ID == r.id {
			w.Events = in[0].Value
			return ppJSON(200, w)
		}
	}
	return ppError(404, "INVALID_RESOURCE_ID", "")
}

func (p *PayPal) deleteWebhook(r ppRequest) ppAnswer {
	p.mu.Lock()
	defer p.mu.Unlock()
	before := len(r.account.webhooks)
	r.account.webhooks = slices.DeleteFunc(r.account.webhooks, func(w *ppWebhook) bool { return w.ID == r.id })
	if len(r.account.webhooks) == before {
		return ppError(404, "INVALID_RESOURCE_ID", "")
	}
	return ppAnswer{Answer{Status: 204}}
}

func (p *PayPal) listDisputes(r ppRequest) ppAnswer {
	p.mu.Lock()
	defer p.mu.Unlock()
	items := []any{}
	if o := p.captures[r.URL.Query().Get("disputed_transaction_id")]; o != nil && o.account == r.account {
		for _, d := range o.capture.disputes {
			items = append(items, d)
		}
	}
	return ppJSON(200, map[string]any{"items": items, "links": []any{}})
}

// tell sends an event to the account's webhooks that want it.
func (p *PayPal) tell(o *ppOrder, kind, resource string, what map[string]any) {
	id := "WH-" + p.number()
	at := time.Now() // not the clock's: who verifies it has another
	body, err := json.Marshal(map[string]any{"id": id, "event_version": "1.0", "create_time": stamp(at),
		"resource_type": resource, "resource_version": "2.0", "event_type": kind, "resource": what})
	if err != nil {
		panic(err) // maps of strings
	}
	for _, w := range o.account.webhooks {
		if slices.Contains(w.Events, ppEvent{kind}) {
			p.Events.send(id, w.URL, func() (http.Header, []byte) {
				header, err := p.signer.sign(w.ID, "transmission-"+id, at, body)
				if err != nil {
					panic(err) // the key is its own
				}
				return header, body
			})
		}
	}
}

// Subscribe sets what a webhook is sent, as somebody does by hand.
func (p *PayPal) Subscribe(webhook string, events ...string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if w := p.webhook(webhook); w != nil {
		w.Events = nil
		for _, name := range events {
			w.Events = append(w.Events, ppEvent{name})
		}
	}
}

// Subscribed returns what a webhook is sent.
func (p *PayPal) Subscribed(webhook string) (events []string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if w := p.webhook(webhook); w != nil {
		for _, e := range w.Events {
			events = append(events, e.Name)
		}
	}
	return events
}

func (p *PayPal) webhook(id string) *ppWebhook {
	for _, a := range p.accounts {
		for _, w := range a.webhooks {
			if w.ID == id {
				return w
			}
		}
	}
	return nil
}
