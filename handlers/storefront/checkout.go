package storefront

import (
	"context"
	"errors"
	"time"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
	"orbit360.app/themes"
)

func (r *routes) showCheckout(c *fiber.Ctx, v view) (answer, error) {
	form := orbit.CheckoutForm{Key: orbit.NewID[orbit.Order]().String()}
	if token := r.cartToken(c); token != "" {
		// Who comes back from the payment page finds the form as it was sent.
		err := v.do(func(ctx context.Context, t *shop.Tenant) error {
			open, err := t.CheckoutOf(ctx, token)
			if err == nil {
				form = open.Document.Form(open.Document.Payments[0].Kind)
			}
			return err
		})
		if err != nil && orbit.CodeOf(err) != orbit.NotFound {
			return answer{}, err
		}
	}
	if form.Country == "" { // the one that the cart was looked at for
		form.Country = orbit.CheckoutForm{Country: c.Query("country")}.Destination().Country
	}
	return r.checkoutPage(c, v, fiber.StatusOK, form, nil)
}

// checkoutPage shows the form with what was wrong with it. The totals say where a discount code doesn't
// hold; it is no reason against the rest.
func (r *routes) checkoutPage(c *fiber.Ctx, v view, status int, form orbit.CheckoutForm, failure error) (
	answer, error) {
	p := themes.CheckoutPage{Form: form, Faults: kit.Faults(failure)}
	if failure != nil && len(p.Faults) == 0 {
		p.Notice = v.sentence(failure)
	}
	if p.Faults["key"] != "" || errors.Is(failure, shop.ErrFormUsed) ||
		errors.Is(failure, shop.ErrFormExpired) {
		p.Form.Key = orbit.NewID[orbit.Order]().String()
	}
	if token := r.cartToken(c); token != "" {
		err := v.do(func(ctx context.Context, t *shop.Tenant) (err error) {
			if p.Cart, err = t.Cart(ctx, token); err != nil || len(p.Cart.Lines) == 0 {
				return err
			}
			if p.Notice, err = v.orderLimit(ctx, t, p.Notice); err != nil {
				return err
			}
			checkout, err := t.Checkout(ctx)
			if err != nil {
				return err
			}
			p.Totals, err = t.Totals(ctx, p.Cart, checkout, form)
			if orbit.FaultsOf(err).On("discount") {
				err = nil
			}
			p.Offer(checkout, v.frame.Words)
			p.Form.Discount, p.Faults["discount"] = v.typedCode(p.Cart, form.Discount, p.Totals)
			if p.Faults["discount"] == "" {
				delete(p.Faults, "discount")
			}
			return err
		})
		if err != nil {
			return answer{}, err
		}
		r.keep(c, "", p.Cart.Count())
	}
	v.frame.InCart = p.Cart.Count()
	return answer{page: v.draw(p), status: status}, nil
}

func checkoutForm(c *fiber.Ctx) orbit.CheckoutForm {
	v := func(name string) string { return c.FormValue(name) }
	return orbit.CheckoutForm{Key: v("key"), Email: v("email"), Name: v("name"), Phone: v("phone"), Line1: v("line1"),
		Line2: v("line2"), City: v("city"), Region: v("region"),
		Postcode: v("postcode"), Country: v("country"), Shipping: v("shipping"), Payment: v("payment"),
		Discount: v("discount"), Note: v("note"), Seen: v("seen")}
}

// createOrder places an order, or, with another button, works out the total anew.
func (r *routes) createOrder(c *fiber.Ctx, v view) (answer, error) {
	if err := v.sells(); err != nil {
		return answer{}, err
	}
	form := checkoutForm(c)
	switch c.FormValue("action") {
	case "order":
		return r.placeOrder(c, v, form)
	case "adjust":
		if err := r.adjust(c, v); err != nil {
			return answer{}, err
		}
	}
	_, err := r.changeCode(c, v, form.Discount, form.Email)
	if code := orbit.CodeOf(err); err != nil && code != orbit.Conflict && code != orbit.TooMany {
		return answer{}, err
	}
	if err != nil {
		return r.checkoutPage(c, v, kit.Status(err), form, err)
	}
	return r.checkoutPage(c, v, fiber.StatusOK, form, nil)
}

func (r *routes) placeOrder(c *fiber.Ctx, v view, form orbit.CheckoutForm) (answer, error) {
	if err := r.Throttle(v.ctx, r.Network(c), time.Hour,
		v.frame.Words.TooManyOrders,
		kit.Bound{What: "order " + v.shop.Merchant.ID.String(), Near: 60, Wide: 480}); err != nil {
		return answer{}, err
	}
	// Known before a confirmation is promised.
	if err := r.CheckEmail(v.ctx, form.Email); err != nil {
		return r.checkoutPage(c, v, kit.Status(err), form, err)
	}
	o, err := v.scope.PlaceOrder(v.ctx, r.cartToken(c), form, r.placing(v))
	if errors.Is(err, shop.ErrPaymentOpen) {
		return answer{later: func() (answer, error) { return r.placeAnew(c, v, form) }}, nil
	}
	return r.placedOrder(c, v, form, o, err)
}

// placeAnew places an order of a cart that a payment of is open: its page is closed first. Where it has been paid,
// that is the order.
func (r *routes) placeAnew(c *fiber.Ctx, v view, form orbit.CheckoutForm) (answer, error) {
	if token, err := r.supersede(v, r.cartToken(c)); err != nil || token != "" {
		return answer{location: "/orders/" + token}, err
	}
	form.Key = orbit.NewID[orbit.Order]().String()
	leave, err := r.enter(v.ctx, v.shop, ordering)
	if err != nil {
		return answer{}, err
	}
	o, err := v.scope.PlaceOrder(v.ctx, r.cartToken(c), form, r.placing(v))
	leave()
	a, err := r.placedOrder(c, v, form, o, err)
	if err == nil && a.later != nil {
		return a.later()
	}
	return a, err
}

// placedOrder leads on from an order that was placed: to its page, or to the provider's where it is still to be paid.
func (r *routes) placedOrder(c *fiber.Ctx, v view, form orbit.CheckoutForm, o orbit.Order, err error) (answer, error) {
	switch {
	case err == nil && o.Number == 0:
		return r.openPage(c, v, o.Token, o.Payments[0]), nil
	case err == nil:
		r.keep(c, "", 0)
		return answer{location: "/orders/" + o.Token}, nil
	case errors.Is(err, shop.ErrCartEmpty):
		return r.cartPage(c, v, kit.Status(err), themes.CartPage{Notice: v.sentence(err)})
	case orbit.CodeOf(err) == orbit.Invalid, orbit.CodeOf(err) == orbit.Conflict:
		return r.checkoutPage(c, v, kit.Status(err), form, err)
	}
	return answer{}, err
}

// adjust lowers the quantities of the cart to what there is, and takes out what is sold out.
func (r *routes) adjust(c *fiber.Ctx, v view) error {
	return v.do(func(ctx context.Context, t *shop.Tenant) error {
		token := r.cartToken(c)
		cart, err := t.Cart(ctx, token)
		if err != nil {
			return err
		}
		there := map[orbit.VariantID]int{}
		for _, l := range cart.Short() {
			there[l.VariantID] = l.Stock
		}
		_, err = t.ChangeCart(ctx, token, there)
		return err
	})
}
