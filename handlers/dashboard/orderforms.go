package dashboard

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
	"orbit360.app/views/dashboard"
)

// orderForm is a form about an order: how it is drawn, and what it does.
type orderForm struct {
	title string
	draw  func(dashboard.OrderForm) templ.Component
	// change does what the form asks. done reports whether the same form has done it already.
	change func(context.Context, *shop.Edit, orbit.Order, url.Values, shop.OrderWriter) error
	done   func(orbit.Order, url.Values) bool
	plan   bool // it shows what a refund comes to
	said   string
}

// show answers with a form: the dialog alone where scripts want it, otherwise the page that it stands on.
func (r routes) show(c *fiber.Ctx, d desk, form orderForm, f dashboard.OrderForm, status int) error {
	if form.plan && f.Values != nil {
		plan(&f)
	}
	if kit.InDialog(c) {
		return r.Render(c, status, form.draw(f))
	}
	f.Page = true
	return r.Render(c, status, dashboard.OrderFormPage(d.frame(), f, form.title, form.draw(f)))
}

// plan works out what a refund comes to, as its form stands.
func plan(f *dashboard.OrderForm) {
	want, err := refundWish(f.Order, f.Values)
	if err == nil {
		f.Plan, err = f.Order.RefundPlan(want)
	}
	if faults := orbit.FaultsOf(err); len(faults) > 0 {
		f.PlanErr = faults[0].Message
	}
}

// ask returns the handler of a form that is new, or, where it is sent by GET, of what it would come to.
func (form orderForm) ask(r routes) deskHandler {
	return func(c *fiber.Ctx, d desk) error {
		o, err := d.order(c)
		if err != nil {
			return err
		}
		f := dashboard.OrderForm{Merchant: d.Merchant, Order: o, Now: time.Now()}
		if sent := kit.Query(c); form.plan && sent.Has("seen") {
			f.Values = sent
		}
		if f.Values == nil {
			f.Refusal = refusal(o)
		}
		return r.show(c, d, form, f, fiber.StatusOK)
	}
}

// refusal is why a form about an order may not be there to fill in.
func refusal(o orbit.Order) string {
	switch {
	case o.Status == orbit.OrderCanceled:
		return "This order is canceled."
	case o.ToFulfill == 0 && o.Due() == 0 && o.Refundable() == 0:
		return "This order is paid, fulfilled and refunded. Nothing is left to do."
	case o.FulfillmentStatus != orbit.Unfulfilled:
		return "Items of this order have been fulfilled already."
	}
	return "Nothing is left to do here."
}

// errChanged refuses a form that was filled in for the order as it was.
var errChanged = orbit.Errorf(orbit.Conflict,
	"This order has changed since you opened this form. Look at what happened, and send it again if it is still right.")

// act returns the handler of the form that was sent. It is refused where somebody else has changed the order since it
// was drawn, and comes back with what was typed and what has happened; sent twice, it has one effect.
func (form orderForm) act(r routes) deskHandler {
	return func(c *fiber.Ctx, d desk) error {
		sent := kit.Form(c)
		err := d.changeOrder(c, func(ctx context.Context, e *shop.Edit, o orbit.Order) error {
			if form.done != nil && form.done(o, sent) {
				return nil
			}
			if seen := sent.Get("seen"); seen != "" && seen != dashboard.OrderState(o) {
				return errChanged
			}
			write, err := r.orderWriter(ctx, e)
			if err != nil {
				return err
			}
			return form.change(ctx, e, o, sent, write)
		})
		if err == nil {
			return r.done(c, d, form.said)
		}
		if !kit.Refuses(err) {
			return err
		}
		f, failed := r.refusedForm(c, d, sent, err)
		if failed != nil {
			return failed
		}
		return r.show(c, d, form, f, kit.Refused(c, err))
	}
}

// paymentForm records money that has come outside of any provider: all that is due, or an amount.
func paymentForm() orderForm {
	return orderForm{title: "Record a payment", draw: dashboard.ReceiptForm, said: "Payment recorded.",
		change: func(ctx context.Context, e *shop.Edit, o orbit.Order, form url.Values, write shop.OrderWriter) error {
			amount, err := typedAmount(form, "amount", o.Currency)
			if err != nil {
				return err
			}
			if amount == nil && form.Has("amount") {
				return orbit.FaultOn(orbit.Invalid, "amount", "", "Enter an amount.")
			}
			return e.MarkOrderPaid(ctx, o.ID, amount, write)
		}}
}

// typedAmount reads an amount, nil for none. Its fault is on the field.
func typedAmount(form url.Values, field, currency string) (*int64, error) {
	text := strings.TrimSpace(form.Get(field))
	if text == "" {
		return nil, nil
	}
	amount, err := orbit.ParseMoney(text, currency)
	if err != nil {
		return nil, orbit.FaultOn(orbit.Invalid, field, text, orbit.Sentence(err))
	}
	return &amount, nil
}

// fulfillmentForm says what of an order is on its way. Sent without any field it is all that is left.
func fulfillmentForm() orderForm {
	return orderForm{title: "Fulfill items", draw: dashboard.FulfillmentForm, said: "Items fulfilled.",
		done: func(o orbit.Order, form url.Values) bool {
			id, err := orbit.ParseID[orbit.Fulfillment](form.Get("id"))
			return err == nil && slices.ContainsFunc(o.Fulfillments, func(f orbit.Fulfillment) bool { return f.ID == id })
		},
		change: func(ctx context.Context, e *shop.Edit, o orbit.Order, form url.Values, write shop.OrderWriter) error {
			parcel := orbit.FulfillmentForm{Carrier: form.Get("carrier"), TrackingNumber: form.Get("trackingNumber"),
				TrackingURL: form.Get("trackingUrl"), Notify: form.Get("notify") != "" || !form.Has("seen")}
			var err error
			if parcel.ID, err = formID[orbit.Fulfillment](form); err != nil {
				return err
			}
			for _, l := range o.Lines {
				if n, ok, err := quantity(form, l); err != nil {
					return err
				} else if ok {
					parcel.Lines = append(parcel.Lines, orbit.FulfillmentLine{ID: l.ID, Quantity: n})
				}
			}
			_, err = e.FulfillOrder(ctx, o.ID, parcel, write)
			return err
		}}
}

// formID reads the id that a form gives to what it makes; zero for a form without one.
func formID[T any](form url.Values) (id orbit.ID[T], err error) {
	if text := form.Get("id"); text != "" {
		return orbit.ParseID[T](text)
	}
	return id, nil
}

// quantity reads how many units of a line a form asks for; false where it doesn't name the line.
func quantity(form url.Values, l orbit.OrderLine) (n int, ok bool, err error) {
	field := "quantity." + l.ID.String()
	text := strings.TrimSpace(form.Get(field))
	if text == "" {
		return 0, form.Has(field), nil
	}
	if n, err = strconv.Atoi(text); err != nil {
		return 0, true, orbit.FaultOn(orbit.Invalid, "lines", text, "Enter a whole number of "+l.Title+".")
	}
	return n, true, nil
}

// refundForm gives something of an order back.
func refundForm() orderForm {
	return orderForm{title: "Refund", draw: dashboard.RefundForm, plan: true, said: "Refund created.",
		done: func(o orbit.Order, form url.Values) bool {
			id, err := orbit.ParseID[orbit.Refund](form.Get("id"))
			return err == nil && slices.ContainsFunc(o.Refunds, func(r orbit.Refund) bool { return r.ID == id })
		},
		change: func(ctx context.Context, e *shop.Edit, o orbit.Order, form url.Values, write shop.OrderWriter) error {
			want, err := refundWish(o, form)
			if err != nil {
				return err
			}
			refund := shop.RefundForm{RefundWish: want, Reason: form.Get("reason"), Notify: form.Get("notify") != ""}
			if refund.ID, err = formID[orbit.Refund](form); err != nil {
				return err
			}
			_, err = e.RefundOrder(ctx, o.ID, refund, write)
			return err
		}}
}

// refundWish reads what a form asks to refund. Faults are on lines, shipping and amount.
func refundWish(o orbit.Order, form url.Values) (want orbit.RefundWish, err error) {
	for _, l := range o.Lines {
		n, ok, err := quantity(form, l)
		if err != nil {
			return want, err
		}
		if ok {
			want.Lines = append(want.Lines, orbit.RefundLine{ID: l.ID, Quantity: n,
				Restock: form.Get("restock."+l.ID.String()) != ""})
		}
	}
	shipping, err := typedAmount(form, "shipping", o.Currency)
	if err != nil {
		return want, err
	}
	if shipping != nil {
		want.Shipping = *shipping
	}
	want.Amount, err = typedAmount(form, "amount", o.Currency)
	return want, err
}

// cancelForm cancels an order.
func cancelForm() orderForm {
	return orderForm{title: "Cancel order", draw: dashboard.CancelForm, said: "Order canceled.",
		done: func(o orbit.Order, _ url.Values) bool { return o.Status == orbit.OrderCanceled },
		change: func(ctx context.Context, e *shop.Edit, o orbit.Order, form url.Values, write shop.OrderWriter) error {
			return e.CancelOrder(ctx, o.ID, shop.CancelForm{Restock: form.Get("restock") != "",
				Refund: form.Get("refund") != "", Reason: form.Get("reason"), Notify: form.Get("notify") != ""}, write)
		}}
}
