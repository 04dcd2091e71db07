package storefront

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
	"orbit360.app/themes"
)

// refusal returns an error in the shop's own words.
func refusal(code orbit.Code, sentence string) error {
	return orbit.Errorf(code, "%s", sentence)
}

// missing returns the answer at an address that has no page.
func (v view) missing() error { return refusal(orbit.NotFound, v.frame.Words.NothingHere) }

// refusals holds what shoppers read where the store refuses.
var refusals = []struct {
	err   error
	words func(*themes.Words) string
}{
	{shop.ErrSoldOut, func(w *themes.Words) string { return w.ProductSoldOut }},
	{shop.ErrCartFull, func(w *themes.Words) string { return w.CartFull }},
	{shop.ErrAllInCart, func(w *themes.Words) string { return w.AllInCart }},
	{shop.ErrCartEmpty, func(w *themes.Words) string { return w.CartHasNothing }},
	{shop.ErrCartShort, func(w *themes.Words) string { return w.CartChanged }},
	{shop.ErrTotalChanged, func(w *themes.Words) string { return w.TotalChanged }},
	{shop.ErrFormUsed, func(w *themes.Words) string { return w.FormUsed }},
	{shop.ErrFormExpired, func(w *themes.Words) string { return w.FormExpired }},
	{shop.ErrPaymentOpen, func(w *themes.Words) string { return w.PaymentOpen }},
	{shop.ErrClosed, func(w *themes.Words) string { return w.ShopClosed }},
	{shop.ErrTooManyCodes, func(w *themes.Words) string { return w.CodesFull }},
	{shop.ErrOrderLimit, func(w *themes.Words) string { return w.OrderLimit }},
}

// sentence returns what a shopper reads of an error: the shop's words where it has some, else the error's own.
func (v view) sentence(err error) string {
	for _, r := range refusals {
		if errors.Is(err, r.err) {
			return r.words(v.frame.Words)
		}
	}
	return orbit.Sentence(err)
}

// worded answers in the shop's words where no page does.
func (r *routes) worded(c *fiber.Ctx) error {
	err := c.Next()
	if e, ok := errors.AsType[*fiber.Error](err); ok && e.Code == fiber.StatusNotFound {
		return refusal(orbit.NotFound, themes.WordsFor(shopOf(c).Settings.Locale).NothingHere)
	}
	return err
}

// sentenceOf returns what an error page says: of what is wrong with a request as such, and of failures, the shop's own
// words.
func sentenceOf(w *themes.Words, p kit.ErrorPage) string {
	return themes.First(w.ErrorSentences[p.Status], p.Message)
}
