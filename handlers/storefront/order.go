package storefront

import (
	"context"
	"time"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
	"orbit360.app/themes"
)

// showOrder confirms an order to everyone who has its address, and says how far it is: or how its payment is, as long
// as it isn't placed.
func (r *routes) showOrder(c *fiber.Ctx, v view) (answer, error) {
	return r.orderPage(c, v, c.Params("token"), nil)
}

// orderPage shows the order of a token, or what is to become one, with why it couldn't be paid just now.
func (r *routes) orderPage(c *fiber.Ctx, v view, token string, failure error) (answer, error) {
	var p themes.OrderPage
	var open orbit.OpenCheckout
	inCart := -1
	err := v.do(func(ctx context.Context, t *shop.Tenant) (err error) {
		p.Order, err = t.OrderByToken(ctx, token)
		if orbit.CodeOf(err) == orbit.NotFound {
			open, err = t.CheckoutByToken(ctx, token)
			return err
		}
		if err != nil {
			return err
		}
		// An order that a provider was paid for took the cart with it while the shopper was away.
		if own := r.cartToken(c); own != "" {
			cart, err := t.Cart(ctx, own)
			if err != nil {
				return err
			}
			inCart = cart.Count()
		}
		p.Methods, err = payMethods(ctx, t, p.Order)
		return err
	})
	if err != nil {
		return answer{}, err
	}
	status := fiber.StatusOK
	if failure != nil {
		status = kit.Status(failure)
	}
	if p.Order.Number == 0 {
		away := orbit.CodeOf(failure) == orbit.Unavailable
		page := themes.PaymentPage{Checkout: open, Away: away}
		if open.Status == orbit.CheckoutOpen && !away {
			page.Wait = waitFor(open.Document.Payments)
		}
		return answer{page: v.draw(page), status: status}, nil
	}
	if inCart >= 0 {
		r.keep(c, "", inCart)
		v.frame.InCart = inCart
	}
	sent, err := r.DB.EmailStatus(v.ctx, r.Mail.OrderID(p.Order))
	if err != nil {
		return answer{}, err
	}
	p.Undelivered, p.Wait = sent == orbit.EmailFailed, waitFor(p.Order.Payments)
	if failure != nil {
		p.Notice = v.sentence(failure)
		if orbit.CodeOf(failure) == orbit.Unavailable {
			p.Notice = v.frame.Words.PaymentAway
		}
	}
	return answer{page: v.draw(p), status: status}, nil
}

// payMethods returns the methods with which what is due on an order can be paid on a page.
func payMethods(ctx context.Context, t *shop.Tenant, o orbit.Order) (methods []orbit.PaymentMethod, err error) {
	if o.Due() == 0 {
		return nil, nil
	}
	checkout, err := t.Checkout(ctx)
	for _, m := range checkout.Methods {
		if orbit.Hosted(m.Kind) {
			methods = append(methods, m)
		}
	}
	return methods, err
}

// waitFor returns after how long payments are looked at again: soon, then ever later, and no longer than a payment page
// is open. 0 where nothing is to come.
func waitFor(payments []orbit.Payment) time.Duration {
	for _, p := range payments {
		age := time.Since(p.CreatedAt)
		if orbit.Hosted(p.Kind) && p.Status.Open() && age < shop.PageLife {
			return max(4*time.Second, (age / 10).Truncate(time.Second))
		}
	}
	return 0
}
