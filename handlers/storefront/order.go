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
	var back bool
	inCart := -1
	err := v.do(func(ctx context.Context, t *shop.Tenant) (err error) {
		p.Order, err = t.OrderByToken(ctx, token)
		if orbit.CodeOf(err) == orbit.NotFound {
			if open, err = t.CheckoutByToken(ctx, token); err == nil && open.Status == orbit.CheckoutOpen {
				back, err = r.canChoose(ctx, t, c, open)
			}
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
		page := themes.PaymentPage{Checkout: open, Away: away, Back: back}
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
			p.Notice = v.frame.Words.OrderPaymentAway
		}
	}
	return answer{page: v.draw(p), status: status}, nil
}

// canChoose reports whether a checkout is of the visitor's cart and can be paid in more ways than one.
func (r *routes) canChoose(ctx context.Context, t *shop.Tenant, c *fiber.Ctx, open orbit.OpenCheckout) (bool, error) {
	own, err := t.CheckoutOf(ctx, r.cartToken(c))
	if orbit.CodeOf(err) == orbit.NotFound {
		return false, nil
	}
	if err != nil || own.Token != open.Token {
		return false, err
	}
	checkout, err := t.Checkout(ctx)
	return len(checkout.Methods) > 1, err
}

// buyAgain puts what an order holds into the visitor's cart, as far as it is on sale.
func (r *routes) buyAgain(c *fiber.Ctx, v view) (answer, error) {
	if err := v.sells(); err != nil {
		return answer{}, err
	}
	var o orbit.Order
	err := v.do(func(ctx context.Context, t *shop.Tenant) (err error) {
		o, err = t.OrderByToken(ctx, c.Params("token"))
		return err
	})
	if err != nil {
		return answer{}, err
	}
	token, bought := r.cartToken(c), 0
	var fewer []orbit.VariantID
	for _, l := range o.Lines {
		kept, cart, added, err := r.putInCart(c, v, token, l.VariantID, l.Quantity)
		switch orbit.CodeOf(err) {
		case orbit.Conflict, orbit.NotFound: // sold out, or no longer on sale
			continue
		}
		if err != nil {
			return answer{}, err
		}
		if bought += added; added < l.Quantity {
			fewer = append(fewer, l.VariantID)
		}
		token = kept
		r.keep(c, token, cart.Count())
	}
	if bought == 0 {
		return r.refuse(c, v, shop.ErrSoldOut)
	}
	return toCart(c, fewer...), nil
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
