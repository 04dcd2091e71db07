package storefront

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/orbit"
	"orbit360.app/store/shop"
	"orbit360.app/themes"
)

// showOrder confirms an order to everyone who has its address.
func (r *routes) showOrder(c *fiber.Ctx, v view) (answer, error) {
	// The address is a secret that no other site is to learn.
	c.Set(fiber.HeaderReferrerPolicy, "same-origin")
	var p themes.OrderPage
	err := v.do(func(ctx context.Context, t *shop.Tenant) (err error) {
		p.Order, err = t.OrderByToken(ctx, c.Params("token"))
		return err
	})
	if err != nil {
		return answer{}, err
	}
	status, err := r.DB.EmailStatus(v.ctx, r.Mail.OrderID(p.Order))
	if err != nil {
		return answer{}, err
	}
	p.Undelivered = status == orbit.EmailFailed
	return answer{page: v.draw(p)}, nil
}
