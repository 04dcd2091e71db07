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

// changeCodes puts a discount code into the cart or takes one out, then shows the cart.
func (r *routes) changeCodes(c *fiber.Ctx, v view) (answer, error) {
	if err := v.sells(); err != nil {
		return answer{}, err
	}
	typed := c.FormValue("discount")
	no, err := r.changeCode(c, v, typed, "")
	switch {
	case orbit.CodeOf(err) == orbit.Conflict:
		return r.cartPage(c, v, kit.Status(err), themes.CartPage{Code: typed, Fault: v.sentence(err)})
	case err != nil:
		return answer{}, err
	case no.Reason != "":
		return r.cartPage(c, v, fiber.StatusUnprocessableEntity, themes.CartPage{Code: typed,
			Fault: v.frame.Words.DiscountRefused(no)})
	}
	return toCart(c), nil
}

// changeCode takes the code that a form names out of the cart, or puts in the one that was typed, for a shopper with an
// email address, "" where it isn't known. It returns why the code was refused.
func (r *routes) changeCode(c *fiber.Ctx, v view, typed, email string) (no orbit.RefusedDiscount, err error) {
	if code := c.FormValue("code"); code != "" {
		return no, v.do(func(ctx context.Context, t *shop.Tenant) error {
			return t.RemoveCode(ctx, r.cartToken(c), orbit.DiscountCode(code))
		})
	}
	if typed == "" {
		return no, nil
	}
	// Nobody tries codes until one holds.
	if err := r.Throttle(v.ctx, r.Network(c), time.Hour, v.frame.Words.TooManyCodes,
		kit.Bound{What: "code " + v.shop.Merchant.ID.String(), Near: 120, Wide: 960}); err != nil {
		return no, err
	}
	err = v.do(func(ctx context.Context, t *shop.Tenant) (err error) {
		no, err = t.AddCode(ctx, r.cartToken(c), typed, email)
		return err
	})
	return no, err
}

// typedCode returns what stays in the field of a code, and what is wrong with it. One that is in the cart by now stands
// there, with why it doesn't hold.
func (v view) typedCode(cart orbit.Cart, typed string, t orbit.Totals) (stays, wrong string) {
	code, err := orbit.ParseDiscountCode(typed)
	if err != nil {
		return typed, v.frame.Words.DiscountRefused(orbit.RefusedDiscount{Reason: orbit.DiscountUnknown})
	}
	for _, in := range cart.Codes {
		if in == code {
			return "", ""
		}
	}
	for _, no := range t.Refused {
		if no.Code == code {
			return typed, v.frame.Words.DiscountRefused(no)
		}
	}
	return typed, ""
}
