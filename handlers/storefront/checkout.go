package storefront

import (
	"context"
	"errors"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/mail"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
	"orbit360.app/themes"
)

func (s *Storefront) showCheckout(c *fiber.Ctx) error {
	return s.checkoutPage(c, fiber.StatusOK, orbit.CheckoutForm{Key: orbit.NewID[orbit.Order]().String()}, nil)
}

// checkoutPage shows the form with what was wrong with it. A discount code that doesn't hold is told of by the
// totals; it is no reason against the rest.
func (s *Storefront) checkoutPage(c *fiber.Ctx, status int, form orbit.CheckoutForm, failure error) error {
	p := themes.CheckoutPage{Form: form, Faults: kit.Faults(failure)}
	if failure != nil && len(p.Faults) == 0 {
		p.Notice = orbit.Sentence(failure)
	}
	if p.Faults["key"] != "" || errors.Is(failure, shop.ErrFormUsed) {
		p.Form.Key = orbit.NewID[orbit.Order]().String()
	}
	token := s.cartToken(c)
	if token != "" {
		err := s.do(c, func(ctx context.Context, t *shop.Tenant) (err error) {
			if p.Cart, err = t.Cart(ctx, token); err != nil || len(p.Cart.Lines) == 0 {
				return err
			}
			offer, err := t.Offer(ctx)
			if err != nil {
				return err
			}
			p.Rates, p.Methods = offer.Rates, offer.Methods
			code, err := orbit.ParseDiscountCode(form.Discount)
			if err != nil {
				p.Faults["discount"] = orbit.Sentence(err)
			}
			p.Totals, err = t.Totals(ctx, p.Cart, offer, code, form.Shipping)
			if faults := kit.Faults(err); faults["discount"] != "" {
				p.Faults["discount"], err = faults["discount"], nil
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return s.draw(c, status, func(e themes.Engine, here themes.Shop) templ.Component {
		if token != "" {
			s.keep(c, "", p.Cart.Count())
		}
		here.InCart = p.Cart.Count()
		return e.Checkout(here, p)
	})
}

func checkoutForm(c *fiber.Ctx) orbit.CheckoutForm {
	v := func(name string) string { return c.FormValue(name) }
	return orbit.CheckoutForm{Key: v("key"), Email: v("email"), Name: v("name"), Phone: v("phone"), Line1: v("line1"),
		Line2: v("line2"), City: v("city"), Region: v("region"),
		Postcode: v("postcode"), Country: v("country"), Shipping: v("shipping"), Payment: v("payment"),
		Discount: v("discount"), Note: v("note"), Seen: v("seen")}
}

// createOrder places an order, or, with another button, works out the total anew.
func (s *Storefront) createOrder(c *fiber.Ctx) error {
	if err := buying(c); err != nil {
		return err
	}
	form := checkoutForm(c)
	switch c.FormValue("action") {
	case "order":
	case "adjust":
		if err := s.adjust(c); err != nil {
			return err
		}
		fallthrough
	default:
		return s.checkoutPage(c, fiber.StatusOK, form, nil)
	}
	ctx, here := c.UserContext(), shopOf(c)
	if err := s.Throttle(ctx, s.Network(c), time.Hour,
		"Very many orders came from where you are. Please try again in a while.",
		kit.Bound{What: "order " + here.Merchant.ID.String(), Near: 60, Wide: 480}); err != nil {
		return err
	}
	// Known before a confirmation is promised.
	if err := s.CheckEmail(ctx, form.Email); err != nil {
		return s.checkoutPage(c, kit.Status(err), form, err)
	}
	base := s.Addresses.Host(here.Primary)
	o, err := shop.For(s.DB, here.Merchant.ID).PlaceOrder(ctx, s.cartToken(c), form, func(o orbit.Order) (orbit.Email, error) {
		return s.Mail.Order(mail.OrderData{Shop: here.Merchant, Order: o, URL: base + "/orders/" + o.Token, ShopURL: base})
	})
	switch {
	case err == nil:
		s.keep(c, "", 0)
		return kit.See(c, "/orders/"+o.Token)
	case errors.Is(err, shop.ErrCartEmpty):
		return s.cartPage(c, kit.Status(err), themes.CartPage{Notice: orbit.Sentence(err)})
	case orbit.CodeOf(err) == orbit.Invalid, orbit.CodeOf(err) == orbit.Conflict:
		return s.checkoutPage(c, kit.Status(err), form, err)
	}
	return err
}

// adjust lowers the quantities of the cart to what there is, and takes out what is sold out.
func (s *Storefront) adjust(c *fiber.Ctx) error {
	return s.do(c, func(ctx context.Context, t *shop.Tenant) error {
		token := s.cartToken(c)
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

// showOrder confirms an order to whoever has its address.
func (s *Storefront) showOrder(c *fiber.Ctx) error {
	var p themes.OrderPage
	// The address is a secret that no other site is to learn.
	c.Set(fiber.HeaderReferrerPolicy, "same-origin")
	err := s.do(c, func(ctx context.Context, t *shop.Tenant) (err error) {
		p.Order, err = t.OrderByToken(ctx, c.Params("token"))
		return err
	})
	if err != nil {
		return err
	}
	status, err := s.DB.EmailStatus(c.UserContext(), s.Mail.OrderID(p.Order))
	if err != nil {
		return err
	}
	p.Undelivered = status == orbit.EmailFailed
	return s.draw(c, fiber.StatusOK, func(e themes.Engine, here themes.Shop) templ.Component { return e.Order(here, p) })
}
