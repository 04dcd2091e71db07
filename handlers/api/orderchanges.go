package api

import (
	"context"
	"fmt"
	"net/http"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
)

// NewOrderPayment is money that has come outside of any provider.
type NewOrderPayment struct {
	Amount *int64 `json:"amount,omitempty" nullable:"true" minimum:"1" doc:"Null or left out: all that is due."`
	Notify bool   `json:"notify,omitempty" doc:"The shopper gets an email, once all is paid."`
}

// NewFulfillment is a parcel that is on its way.
type NewFulfillment struct {
	Lines          []LineQuantity `json:"lines,omitempty" minItems:"1" doc:"Left out: all that is left to fulfill."`
	Carrier        string         `json:"carrier,omitempty" maxLength:"60"`
	TrackingNumber string         `json:"trackingNumber,omitempty" maxLength:"100"`
	TrackingURL    string         `json:"trackingUrl,omitempty" maxLength:"500"`
	Notify         bool           `json:"notify,omitempty" doc:"The shopper gets an email."`
}

// LineQuantity is so many units of a line.
type LineQuantity struct {
	ID       string `json:"id" format:"uuid" doc:"The line's."`
	Quantity int64  `json:"quantity" minimum:"0"`
}

// NewRefund is what is to be given back.
type NewRefund struct {
	Lines    []NewRefundLine `json:"lines,omitempty"`
	Shipping int64           `json:"shipping,omitempty" minimum:"0" doc:"Of the shipping, with its tax."`
	Amount   *int64          `json:"amount,omitempty" nullable:"true" minimum:"0"`
	Reason   string          `json:"reason,omitempty" maxLength:"200"`
	Notify   bool            `json:"notify,omitempty" doc:"The shopper gets an email."`
}

// NewRefundLine is so many units of a line that come back.
type NewRefundLine struct {
	ID       string `json:"id" format:"uuid" doc:"The line's."`
	Quantity int64  `json:"quantity" minimum:"0"`
	Restock  bool   `json:"restock,omitempty" doc:"The units are in stock again."`
}

// NewCancellation is how an order is canceled.
type NewCancellation struct {
	Restock bool   `json:"restock,omitempty" doc:"What wasn't fulfilled is in stock again."`
	Refund  bool   `json:"refund,omitempty" doc:"All that is left of what was paid goes back."`
	Reason  string `json:"reason,omitempty" maxLength:"200"`
	Notify  bool   `json:"notify,omitempty" doc:"The shopper gets an email."`
}

// NewOrderNote is a note for the staff.
type NewOrderNote struct {
	Text string `json:"text" minLength:"1" maxLength:"2000"`
}

type (
	orderPaymentInput struct {
		OrderParams
		Body content[NewOrderPayment]
	}
	fulfillmentInput struct {
		OrderParams
		Body content[NewFulfillment]
	}
	refundInput struct {
		OrderParams
		DryRun bool `query:"dryRun" doc:"true gives the amounts and changes nothing."`
		Body   content[NewRefund]
	}
	cancellationInput struct {
		OrderParams
		Body content[NewCancellation]
	}
	orderNoteInput struct {
		OrderParams
		Body content[NewOrderNote]
	}
	refundOutput struct {
		Status int
		Body   OrderRefund
	}
)

func (a *API) orderChangeRoutes(answer Order) {
	change := func(path, id, summary, about string, body any) operation {
		return operation{method: http.MethodPost, path: "/orders/{id}/" + path, id: id, tag: tagOrders,
			scope: orbit.ScopeOrdersWrite, status: 201, summary: summary, about: about, body: body,
			answer: answer}
	}
	line := answer.Lines[0]
	registerShop(a, change("payments", "payOrder", "Mark an order as paid",
		"Notes that money has come outside of any provider: all that is due, or an amount of it. Where nothing is due, "+
			"nothing changes. 409 for an order that is canceled.", NewOrderPayment{}), a.payOrder)
	registerShop(a, change("fulfillments", "fulfillOrder", "Fulfill an order",
		"Notes that a parcel is on its way, with some of the lines or all that is left. 409 where nothing is left to "+
			"fulfill, or the order is canceled.",
		NewFulfillment{Lines: []LineQuantity{{line.ID, 1}}, Carrier: "UPS", TrackingNumber: "1Z999AA10123456784",
			Notify: true}), a.fulfillOrder)
	refund := change("refunds", "refundOrder", "Refund an order",
		"Gives back units of lines, shipping, or a plain amount. Amounts come of what is stored with the order's lines. "+
			"`amount` is what to refund in place of what `lines` and `shipping` come to. Never more goes back than was paid: "+
			"beyond it the answer is 422. What a provider took it pays back itself: that transaction is pending until the "+
			"provider has confirmed it.\n\nWith `?dryRun=true` the answer is 200 with the amounts, and nothing is written.",
		NewRefund{Lines: []NewRefundLine{{line.ID, 1, true}}, Reason: "Damaged in transit", Notify: true})
	refund.answer = exampleRefund(must[orbit.Refund](exampleID))
	registerShop(a, refund, a.refundOrder)
	registerShop(a, change("cancellation", "cancelOrder", "Cancel an order",
		"Stops what a provider could still take for it. Safe to repeat. 409 for an order of which something was "+
			"fulfilled: refund it instead.", NewCancellation{Restock: true, Refund: true, Reason: "Out of stock"}),
		a.cancelOrder)
	registerShop(a, change("notes", "noteOrder", "Add a note to an order",
		"For the staff: the shopper never sees it. 409 beyond 200 notes.", NewOrderNote{"Gift: leave the invoice out."}),
		a.noteOrder)
	registerShop(a, change("emails", "emailOrder", "Send the confirmation again",
		"Sends the shopper the order's confirmation again.", nil), a.emailOrder)
}

// changeOrder makes one change of an order, and answers with the order after it. A request that was taken over after a
// crash finds its own change made.
func (a *API) changeOrder(ctx context.Context, d desk, key string,
	change func(context.Context, *shop.Edit, orbit.Order, shop.OrderWriter) error) (o orbit.Order, err error) {
	order, err := id[orbit.Order](key)
	if err != nil {
		return o, err
	}
	err = d.change(ctx, func(ctx context.Context, e *shop.Edit) error {
		if o, err = e.Order(ctx, order); err != nil {
			return err
		}
		if d.claim != nil {
			if e.Entry = orbit.ID[orbit.OrderEntry](d.claim.Resource); o.Entered(e.Entry) {
				return nil
			}
		}
		settings, err := e.Settings(ctx)
		if err != nil {
			return err
		}
		write := a.Mail.OrderWriter(e.Merchant, settings.Email, a.Addresses.Shop(e.Merchant.Subdomain))
		if err := change(ctx, e, o, write); err != nil {
			return err
		}
		o, err = e.Order(ctx, order)
		return err
	})
	return o, err
}

func (a *API) payOrder(ctx context.Context, d desk, in *orderPaymentInput) (*orderOutput, error) {
	body, r := read[NewOrderPayment](d.call)
	return orderAnswer(a.changeOrder(ctx, d, in.ID, func(ctx context.Context, e *shop.Edit, o orbit.Order,
		write shop.OrderWriter) error {
		if !r.ok() {
			return r.with(nil)
		}
		if !body.Notify {
			write = nil
		}
		return e.MarkOrderPaid(ctx, o.ID, body.Amount, write)
	}))
}

func (a *API) fulfillOrder(ctx context.Context, d desk, in *fulfillmentInput) (*orderOutput, error) {
	body, r := read[NewFulfillment](d.call)
	form := orbit.FulfillmentForm{Carrier: body.Carrier, TrackingNumber: body.TrackingNumber,
		TrackingURL: body.TrackingURL, Notify: body.Notify}
	if body.Lines != nil && len(body.Lines) == 0 { // a program that has found nothing to send must not send it all
		r.fault("lines", "Choose at least one item, or leave lines out to fulfill all that is left.")
	}
	for i, l := range body.Lines {
		form.Lines = append(form.Lines, orbit.FulfillmentLine{ID: r.lineID(i, l.ID), Quantity: int(l.Quantity)})
	}
	return orderAnswer(a.changeOrder(ctx, d, in.ID, func(ctx context.Context, e *shop.Edit, o orbit.Order,
		write shop.OrderWriter) error {
		if !r.ok() {
			return r.with(nil)
		}
		_, err := e.FulfillOrder(ctx, o.ID, form, write)
		return err
	}))
}

// lineID reads the id of the line that an entry of lines names.
func (r *reader) lineID(i int, s string) orbit.OrderLineID {
	line, err := id[orbit.OrderLine](s)
	if at := fmt.Sprintf("lines[%d].id", i); err != nil && !r.missing.On(at) && !r.wrong.On(at) {
		r.fault(at, "This item isn't in the order. Choose items of the order.")
	}
	return line
}

func (a *API) refundOrder(ctx context.Context, d desk, in *refundInput) (*refundOutput, error) {
	body, r := read[NewRefund](d.call)
	r.names = map[string]string{"quantity": "lines"}
	form := shop.RefundForm{RefundWish: orbit.RefundWish{Shipping: body.Shipping, Amount: body.Amount},
		Notify: body.Notify}
	for i, l := range body.Lines {
		form.Lines = append(form.Lines, orbit.RefundLine{ID: r.lineID(i, l.ID), Quantity: int(l.Quantity),
			Restock: l.Restock})
	}
	reason, refused := orbit.ParseReason("reason", body.Reason)
	form.Reason = reason
	if in.DryRun {
		plan, err := a.planRefund(ctx, d, in.ID, form, func() error { return r.with(refused) })
		return &refundOutput{200, refundView(plan)}, r.renamed(err)
	}
	if d.claim != nil {
		form.ID = orbit.RefundID(d.claim.Resource)
	}
	var made orbit.Refund
	o, err := a.changeOrder(ctx, d, in.ID, func(ctx context.Context, e *shop.Edit, o orbit.Order,
		write shop.OrderWriter) (err error) {
		if err := r.with(refused); err != nil {
			return err
		}
		made, err = e.RefundOrder(ctx, o.ID, form, write)
		return err
	})
	if err == nil && made.ID.IsZero() { // it was made before
		for _, refund := range o.Refunds {
			if refund.ID == form.ID {
				made = refund
			}
		}
	}
	return &refundOutput{201, refundView(made)}, r.renamed(err)
}

// planRefund returns what a refund would come to. What is wrong with the body comes after an order that isn't there.
func (a *API) planRefund(ctx context.Context, d desk, key string, form shop.RefundForm, check func() error) (
	plan orbit.Refund, err error,
) {
	order, err := id[orbit.Order](key)
	if err != nil {
		return plan, err
	}
	err = d.read(ctx, func(ctx context.Context, t *shop.Tenant) error {
		o, err := t.Order(ctx, order)
		if err == nil {
			err = check()
		}
		if err != nil {
			return err
		}
		plan, err = o.RefundPlan(form.RefundWish)
		plan.Reason = form.Reason
		return err
	})
	return plan, err
}

func (a *API) cancelOrder(ctx context.Context, d desk, in *cancellationInput) (*orderOutput, error) {
	body, r := read[NewCancellation](d.call)
	form := shop.CancelForm{Restock: body.Restock, Refund: body.Refund, Reason: body.Reason, Notify: body.Notify}
	return orderAnswer(a.changeOrder(ctx, d, in.ID, func(ctx context.Context, e *shop.Edit, o orbit.Order,
		write shop.OrderWriter) error {
		if !r.ok() {
			_, err := orbit.ParseReason("reason", body.Reason)
			return r.with(err)
		}
		return e.CancelOrder(ctx, o.ID, form, write)
	}))
}

func (a *API) noteOrder(ctx context.Context, d desk, in *orderNoteInput) (*orderOutput, error) {
	body, r := read[NewOrderNote](d.call)
	return orderAnswer(a.changeOrder(ctx, d, in.ID, func(ctx context.Context, e *shop.Edit, o orbit.Order,
		_ shop.OrderWriter) error {
		if !r.ok() {
			_, err := orbit.ParseOrderNote(body.Text)
			return r.with(err)
		}
		return e.AddOrderNote(ctx, o.ID, body.Text)
	}))
}

func (a *API) emailOrder(ctx context.Context, d desk, in *OrderParams) (*orderOutput, error) {
	return orderAnswer(a.changeOrder(ctx, d, in.ID, func(ctx context.Context, e *shop.Edit, o orbit.Order,
		write shop.OrderWriter) error {
		return e.SendConfirmation(ctx, o.ID, write)
	}))
}
