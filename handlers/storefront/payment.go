package storefront

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/shop"
)

// How long a shopper waits for a provider, and how often one payment is looked at for its shopper's sake.
const (
	openPatience   = 12 * time.Second
	settlePatience = 6 * time.Second
	looksPerMinute = 20
)

// placing is what placing an order takes beside the form. The shopper comes back to where the order was placed: the
// cart is known to that host alone.
func (r *routes) placing(v view) shop.Placing {
	here := r.Addresses.Host(v.shop.Host)
	return shop.Placing{
		Write: r.Mail.OrderWriter(v.shop.Merchant, v.shop.Settings.Email, v.frame.BaseURL),
		Charge: func(o orbit.Order, _ orbit.Payment) orbit.Charge {
			charge := orbit.Charge{Description: v.frame.Words.OrderAt(v.shop.Merchant.Name), Email: o.Email,
				Locale: v.frame.Locale, ReturnURL: here + "/orders/" + o.Token + "/return", CancelURL: here + "/checkout"}
			if o.Number > 0 {
				charge.CancelURL = here + "/orders/" + o.Token
			}
			return charge
		},
	}
}

// openPage leads to the provider's page of a payment. Where the provider can't be reached, what was ordered is kept and
// the page says how to go on.
func (r *routes) openPage(c *fiber.Ctx, v view, token string, payment orbit.Payment) answer {
	return answer{later: func() (answer, error) {
		if payment.Reference != "" { // opened before: it may have been paid since, in another tab
			if r.settle(v, payment).Status != orbit.PaymentPending {
				return answer{location: "/orders/" + token}, nil
			}
		}
		ctx, cancel := context.WithTimeout(v.ctx, openPatience)
		defer cancel()
		page, err := r.Payments.Open(ctx, v.shop.Merchant.ID, payment.ID)
		switch orbit.CodeOf(err) {
		case "":
			return answer{location: page}, nil
		case orbit.Gone: // too late for this page: what has become of the payment says how to go on
			return answer{location: "/orders/" + token + "/return"}, nil
		}
		r.Log.Warn("a payment page couldn't be opened", "merchant", v.shop.Merchant.ID, "payment", payment.ID,
			"error", err)
		if orbit.CodeOf(err) != orbit.Unavailable && orbit.CodeOf(err) != orbit.Internal {
			return r.payOtherwise(c, v, token)
		}
		return r.orderPage(c, v, token, orbit.Wrap(orbit.Unavailable, err, v.frame.Words.PaymentAway))
	}}
}

// payOtherwise has the shopper choose another payment method, after a provider that refuses to take this payment: on
// the form as it was sent, or for an order that waits for its money, on its page.
func (r *routes) payOtherwise(c *fiber.Ctx, v view, token string) (answer, error) {
	why := refusal(orbit.Conflict, v.frame.Words.PaymentRefused)
	var open orbit.OpenCheckout
	err := v.do(func(ctx context.Context, t *shop.Tenant) (err error) {
		open, err = t.CheckoutByToken(ctx, token)
		return err
	})
	if orbit.CodeOf(err) == orbit.NotFound || err == nil && open.Status == orbit.CheckoutPlaced {
		return r.orderPage(c, v, token, why)
	}
	if err != nil {
		return answer{}, err
	}
	form := open.Document.Form("")
	form.Key = orbit.NewID[orbit.Order]().String()
	return r.checkoutPage(c, v, kit.Status(why), form, why)
}

// supersede closes the payment pages of a cart that are open. It returns the token of the order where one of them was
// paid, "" otherwise.
func (r *routes) supersede(v view, cartToken string) (order string, err error) {
	ctx, cancel := context.WithTimeout(v.ctx, openPatience)
	defer cancel()
	settled, err := r.Payments.Supersede(ctx, v.shop.Merchant.ID, cartToken)
	if err != nil {
		return "", err
	}
	for _, p := range settled {
		if p.Status == orbit.PaymentPaid || p.Status == orbit.PaymentProcessing {
			err = v.do(func(ctx context.Context, t *shop.Tenant) error {
				o, err := t.Order(ctx, p.OrderID)
				order = o.Token
				return err
			})
		}
	}
	return order, err
}

// createPayment leads to a provider's page: to pay what is due on an order, or what isn't an order yet.
func (r *routes) createPayment(c *fiber.Ctx, v view) (answer, error) {
	if err := v.sells(); err != nil {
		return answer{}, err
	}
	if err := r.Throttle(v.ctx, r.Network(c), time.Hour, v.frame.Words.TooManyOrders,
		kit.Bound{What: "payment " + v.shop.Merchant.ID.String(), Near: 60, Wide: 480}); err != nil {
		return answer{}, err
	}
	token := c.Params("token")
	var o orbit.Order
	var open orbit.OpenCheckout
	err := v.do(func(ctx context.Context, t *shop.Tenant) (err error) {
		if o, err = t.OrderByToken(ctx, token); orbit.CodeOf(err) == orbit.NotFound {
			open, err = t.CheckoutByToken(ctx, token)
		}
		return err
	})
	switch {
	case err != nil:
		return answer{}, err
	case o.Number == 0 && open.Status == orbit.CheckoutOpen:
		return r.openPage(c, v, token, open.Document.Payments[0]), nil
	case o.Number == 0:
		return answer{location: "/orders/" + token}, nil
	}
	payment, err := v.scope.PayOrder(v.ctx, o.ID, c.FormValue("payment"), r.placing(v))
	switch orbit.CodeOf(err) {
	case orbit.Conflict, orbit.Invalid: // paid already, or with a method that was turned off
		return r.orderPage(c, v, token, err)
	}
	if err != nil {
		return answer{}, err
	}
	return r.openPage(c, v, token, payment), nil
}

// showReturn takes in what has become of the payments of an order, for the shopper who comes back from paying, and
// leads to the order's page. A provider that can't be asked now changes nothing: it is asked again by the timer.
func (r *routes) showReturn(c *fiber.Ctx, v view) (answer, error) {
	token := c.Params("token")
	var of []orbit.Payment
	err := v.do(func(ctx context.Context, t *shop.Tenant) error {
		o, err := t.OrderByToken(ctx, token)
		if orbit.CodeOf(err) == orbit.NotFound {
			open, err := t.CheckoutByToken(ctx, token)
			of = open.Document.Payments
			return err
		}
		of = o.Payments
		return err
	})
	if err != nil {
		return answer{}, err
	}
	return answer{later: func() (answer, error) {
		for _, p := range of {
			if orbit.Hosted(p.Kind) && p.Status.Open() {
				r.settle(v, p)
			}
		}
		return answer{location: "/orders/" + token}, nil
	}}, nil
}

// settle looks at a payment, within a bound of its own: the address alone has this done. It returns the
// payment as it was where that can't be done now.
func (r *routes) settle(v view, p orbit.Payment) orbit.Payment {
	ctx, cancel := context.WithTimeout(v.ctx, settlePatience)
	defer cancel()
	refused, _, err := r.DB.AllowAll(ctx, time.Minute, store.Bucket{Key: "settle " + p.ID.String(), Burst: looksPerMinute})
	if err == nil && refused == "" {
		var settled orbit.Payment
		if settled, err = r.Payments.Settle(ctx, v.shop.Merchant.ID, p.ID); err == nil {
			return settled
		}
	}
	if err != nil {
		r.Log.Debug("a payment couldn't be looked at", "merchant", v.shop.Merchant.ID, "payment", p.ID, "error", err)
	}
	return p
}
