package dashboard

import (
	"context"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
	"orbit360.app/views/dashboard"
)

func (r routes) showOrder(c *fiber.Ctx, d desk) error {
	o, err := d.order(c)
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, dashboard.Order(d.frame(), d.Merchant, o, time.Now()))
}

// order reads the path's order.
func (d desk) order(c *fiber.Ctx) (o orbit.Order, err error) {
	order, err := id[orbit.Order](c, "order")
	if err != nil {
		return o, err
	}
	err = d.read(c, func(ctx context.Context, t *shop.Tenant) (err error) { o, err = t.Order(ctx, order); return err })
	return o, err
}

// changeOrder runs a change to the path's order.
func (d desk) changeOrder(c *fiber.Ctx, change func(context.Context, *shop.Edit, orbit.Order) error) error {
	order, err := id[orbit.Order](c, "order")
	if err != nil {
		return err
	}
	return d.change(c, func(ctx context.Context, e *shop.Edit) error {
		o, err := e.Order(ctx, order)
		if err != nil {
			return err
		}
		return change(ctx, e, o)
	})
}

// done leads back to the order, with a sentence about what was done.
func (r routes) done(c *fiber.Ctx, d desk, sentence string) error {
	r.Toast(c, sentence)
	return kit.See(c, dashboard.OrdersPath(d.Merchant)+"/"+c.Params("order"))
}

// createSettlement asks the provider again what has become of a payment.
func (r routes) createSettlement(c *fiber.Ctx, d desk) error {
	payment, err := id[orbit.Payment](c, "payment")
	if err != nil {
		return err
	}
	o, err := d.order(c)
	if err != nil {
		return err
	}
	for _, p := range o.Payments {
		if p.ID != payment || !orbit.Hosted(p.Kind) {
			continue
		}
		if r.Payments == nil {
			return orbit.Errorf(orbit.Unavailable, "Payments can't be checked right now. Try again later.")
		}
		now, err := r.Payments.Settle(c.UserContext(), d.Merchant.ID, payment)
		if err != nil {
			return err
		}
		return r.done(c, d, "Checked with "+orbit.Providers().Name(p.Kind)+": "+now.Status.Name()+".")
	}
	return orbit.Missing()
}

// createRefundRetry has a provider asked again for a refund that failed.
func (r routes) createRefundRetry(c *fiber.Ctx, d desk) error {
	transaction, err := id[orbit.Transaction](c, "transaction")
	if err != nil {
		return err
	}
	order, err := id[orbit.Order](c, "order")
	if err != nil {
		return err
	}
	if r.Payments == nil {
		return orbit.Errorf(orbit.Unavailable, "Refunds can't be tried again right now. Try again later.")
	}
	asked, err := r.Payments.RetryRefund(c.UserContext(), d.Shop, order, transaction)
	switch {
	case err != nil:
		return err
	case asked.Status == orbit.TransactionFailed:
		return r.done(c, d, "The refund is being tried again.")
	}
	return r.done(c, d, "Checked with "+orbit.Providers().Name(asked.Provider)+": the refund was made already.")
}

// resendPause is how soon a second press of Resend confirmation is the first one, sent twice.
const resendPause = 10 * time.Second

// createOrderEmail sends the shopper the confirmation again.
func (r routes) createOrderEmail(c *fiber.Ctx, d desk) error {
	err := d.changeOrder(c, func(ctx context.Context, e *shop.Edit, o orbit.Order) error {
		if n := len(o.Entries); n > 0 && o.Entries[n-1].Kind == orbit.EntryEmail &&
			time.Since(o.Entries[n-1].CreatedAt) < resendPause {
			return nil
		}
		write, err := r.orderWriter(ctx, e)
		if err != nil {
			return err
		}
		return e.SendConfirmation(ctx, o.ID, write)
	})
	if err != nil {
		return err
	}
	return r.done(c, d, "The confirmation is on its way to the customer.")
}

// createOrderNote adds a note to the timeline. The form sent twice adds one.
func (r routes) createOrderNote(c *fiber.Ctx, d desk) error {
	form := kit.Form(c)
	err := d.changeOrder(c, func(ctx context.Context, e *shop.Edit, o orbit.Order) error {
		n, err := strconv.Atoi(form.Get("seen"))
		for ; err == nil && n >= 0 && n < len(o.Entries); n++ {
			if o.Entries[n].Kind == orbit.EntryNote && o.Entries[n].Detail.Text == strings.TrimSpace(form.Get("text")) {
				return nil
			}
		}
		return e.AddOrderNote(ctx, o.ID, form.Get("text"))
	})
	if err == nil {
		return r.done(c, d, "Note added.")
	}
	if !kit.Refuses(err) {
		return err
	}
	f, failed := r.refusedForm(c, d, form, err)
	if failed != nil {
		return failed
	}
	if f.Faults["text"] == "" {
		f.Faults["text"] = f.Refusal
	}
	return r.Render(c, kit.Refused(c, err), dashboard.NotePage(d.frame(), f))
}

// refusedForm is a form about the path's order that comes back, with the order as it is now.
func (r routes) refusedForm(c *fiber.Ctx, d desk, form url.Values, err error) (dashboard.OrderForm, error) {
	o, failed := d.order(c)
	f := dashboard.OrderForm{Merchant: d.Merchant, Order: o, Now: time.Now(), Values: form, Faults: kit.Faults(err),
		Seen: form.Get("seen")}
	if len(f.Faults) == 0 {
		f.Refusal = orbit.Sentence(err)
	}
	return f, failed
}
