package storefront

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
	"orbit360.app/themes"
)

// showTestPayment is the page of Test payments, which stands where a provider's would.
func (r *routes) showTestPayment(c *fiber.Ctx, v view) (answer, error) {
	return r.testPaymentPage(c, v, nil)
}

func (r *routes) testPaymentPage(c *fiber.Ctx, v view, failure error) (answer, error) {
	var p themes.TestPaymentPage
	err := v.do(func(ctx context.Context, t *shop.Tenant) (err error) {
		p.Known, p.Payment, err = t.TestPaymentByToken(ctx, c.Params("token"))
		return err
	})
	if err != nil {
		return answer{}, err
	}
	p.Open = p.Known.Open() && p.Known.ReadAt.Before(p.Payment.ExpiresAt)
	status := fiber.StatusOK
	if failure != nil {
		status, p.Notice = kit.Status(failure), v.sentence(failure)
	}
	return answer{page: v.draw(p), status: status}, nil
}

// createTestChoice takes what a shopper chose and leads back to the order, unless the choice is another. The same
// choice again, by a second click say, leads to the same place.
func (r *routes) createTestChoice(c *fiber.Ctx, v view) (answer, error) {
	choice := orbit.TestChoice(c.FormValue("choice"))
	if !slices.Contains(orbit.TestChoices(), choice) {
		return r.testPaymentPage(c, v, refusal(orbit.Invalid, v.frame.Words.ChooseOutcome))
	}
	if err := r.Throttle(v.ctx, r.Network(c), time.Hour, v.frame.Words.TooManyOrders,
		kit.Bound{What: "payment " + v.shop.Merchant.ID.String(), Near: 60, Wide: 480}); err != nil {
		return answer{}, err
	}
	var payment orbit.Payment
	err := v.do(func(ctx context.Context, t *shop.Tenant) (err error) {
		var known orbit.TestPayment
		if known, payment, err = t.TestPaymentByToken(ctx, c.Params("token")); err != nil {
			return err
		}
		if known.Choice == choice && !known.Open() {
			return nil
		}
		return t.ChooseTestPayment(ctx, c.Params("token"), choice)
	})
	switch {
	case errors.Is(err, shop.ErrTestClosed):
		return r.testPaymentPage(c, v, err)
	case err != nil:
		return answer{}, err
	case choice == orbit.TestFail, choice == orbit.TestNeverReturn:
		return answer{location: c.Path()}, nil
	}
	return answer{location: payment.Charge.ReturnURL}, nil
}
