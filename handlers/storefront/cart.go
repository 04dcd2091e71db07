package storefront

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
	"orbit360.app/themes"
)

// cookieName is what a cookie of a shop's is called. Over https the prefix makes browsers insist on Secure, Path=/ and
// no Domain (RFC 6265bis): no other shop of the platform can set it.
func (s *Storefront) cookieName(name string) string {
	if s.Addresses.Secure() {
		return "__Host-" + name
	}
	return name
}

func (s *Storefront) setCookie(c *fiber.Ctx, name, value string, readable bool) {
	c.Cookie(&fiber.Cookie{Name: s.cookieName(name), Value: value, Path: "/", MaxAge: int(orbit.CartLife.Seconds()),
		Secure: s.Addresses.Secure(), HTTPOnly: !readable, SameSite: fiber.CookieSameSiteLaxMode})
}

// cartToken is the visitor's, "" for none.
func (s *Storefront) cartToken(c *fiber.Ctx) string {
	token := kit.Cookie(c, s.cookieName("cart"))
	if len(token) != 43 {
		return ""
	}
	return token
}

// keep tells the browser which cart is its own and how many things are in it: the second for the script
// that shows it on pages which are the same for everybody.
func (s *Storefront) keep(c *fiber.Ctx, token string, n int) {
	if token != "" {
		s.setCookie(c, "cart", token, false)
	}
	s.setCookie(c, "cart-count", strconv.Itoa(n), true)
}

func (s *Storefront) showCart(c *fiber.Ctx) error {
	return s.cartPage(c, fiber.StatusOK, themes.CartPage{Fewer: namesOf(kit.Query(c)[fewer])})
}

// fewer is the query of the cart's address that names the variants of which fewer are in it than were asked for.
const fewer = "fewer"

func namesOf(ids []string) (all []orbit.VariantID) {
	for _, id := range ids[:min(len(ids), orbit.MaxCartLines)] {
		if id, err := orbit.ParseID[orbit.Variant](id); err == nil {
			all = append(all, id)
		}
	}
	return all
}

// seeCart leads to the cart, which says of which variants there weren't as many as were asked for.
func seeCart(c *fiber.Ctx, short ...orbit.VariantID) error {
	if len(short) == 0 {
		return kit.See(c, "/cart")
	}
	q := url.Values{}
	for _, id := range short {
		q.Add(fewer, id.String())
	}
	return kit.See(c, "/cart?"+q.Encode())
}

// cartPage shows the cart with what p says of its last change.
func (s *Storefront) cartPage(c *fiber.Ctx, status int, p themes.CartPage) error {
	token := s.cartToken(c)
	if token != "" {
		err := s.do(c, func(ctx context.Context, t *shop.Tenant) (err error) {
			p.Cart, err = t.Cart(ctx, token)
			return err
		})
		if err != nil {
			return err
		}
	}
	return s.draw(c, status, func(e themes.Engine, here themes.Shop) templ.Component {
		if token != "" {
			s.keep(c, token, p.Cart.Count())
		}
		here.InCart = p.Cart.Count()
		return e.Cart(here, p)
	})
}

// do works in one transaction of the shop's scope.
func (s *Storefront) do(c *fiber.Ctx, fn func(context.Context, *shop.Tenant) error) error {
	ctx, cancel := context.WithTimeout(c.UserContext(), 10*time.Second)
	defer cancel()
	return shop.For(s.DB, shopOf(c).Merchant.ID).Do(ctx, func(t *shop.Tenant) error { return fn(ctx, t) })
}

// errPreview refuses to sell where there is no shop yet, or only a draft of one.
var errPreview = orbit.Errorf(orbit.Forbidden, "Nothing can be bought here until the shop is open.")

func buying(c *fiber.Ctx) error {
	if !shopOf(c).Merchant.Live() || visiting(c) || c.Query("preview") != "" {
		return errPreview
	}
	return nil
}

// addToCart puts something into the cart, then shows the cart; scripts that ask for the fragment get a sentence.
func (s *Storefront) addToCart(c *fiber.Ctx) error {
	if err := buying(c); err != nil {
		return err
	}
	variant, err := orbit.ParseID[orbit.Variant](c.FormValue("variant"))
	if err != nil {
		return s.refuse(c, err)
	}
	n := 1
	if typed := strings.TrimSpace(c.FormValue("quantity")); typed != "" {
		if n, err = strconv.Atoi(typed); err != nil || n < 1 || n > orbit.MaxQuantity {
			return s.refuse(c, orbit.Errorf(orbit.Invalid, "Choose a quantity from 1 to %d.", orbit.MaxQuantity))
		}
	}
	token := s.cartToken(c)
	var cart orbit.Cart
	var added int
	put := func(mayOpen bool) error {
		return shop.For(s.DB, shopOf(c).Merchant.ID).Do(c.UserContext(), func(t *shop.Tenant) (err error) {
			if !mayOpen {
				// A cookie of the right length is anybody's to make up: only one that names a cart is a cart.
				if known, err := t.HasCart(c.UserContext(), token); err != nil || !known {
					return cmp.Or(err, errNewCart)
				}
			}
			if token, added, err = t.AddToCart(c.UserContext(), token, variant, n); err != nil {
				return err
			}
			cart, err = t.Cart(c.UserContext(), token)
			return err
		})
	}
	err = errNewCart
	if token != "" {
		err = put(false)
	}
	if errors.Is(err, errNewCart) {
		// Each new cart is a row: one network opens so many and no more.
		if err := s.Throttle(c.UserContext(), s.Network(c), time.Hour,
			"Too many requests from your network. Please try again later.",
			kit.Bound{What: "cart", Near: 120, Wide: 960}); err != nil {
			return err
		}
		err = put(true)
	}
	if err != nil {
		return s.refuse(c, err)
	}
	s.keep(c, token, cart.Count())
	if c.Get("X-Fragment") == "added" {
		for _, l := range cart.Lines {
			if l.VariantID == variant {
				return s.Render(c, fiber.StatusOK, themes.Added(l, added, added < n))
			}
		}
	}
	if added < n {
		return seeCart(c, variant)
	}
	return seeCart(c)
}

// errNewCart is that the cart would be a new one.
var errNewCart = errors.New("there is no such cart")

// refuse shows the cart with the reason why it didn't change; errors that no shopper can mend go on.
func (s *Storefront) refuse(c *fiber.Ctx, err error) error {
	switch orbit.CodeOf(err) {
	case orbit.Conflict, orbit.Invalid:
	case orbit.NotFound: // deleted, or no longer on sale, since its page was shown
		err = orbit.Errorf(orbit.NotFound, "This product is no longer available.")
	default:
		return err
	}
	if c.Get("X-Fragment") == "added" {
		return s.Render(c, kit.Status(err), themes.Refused(orbit.Sentence(err)))
	}
	return s.cartPage(c, kit.Status(err), themes.CartPage{Notice: orbit.Sentence(err)})
}

// changeCart sets quantities and takes lines out, then goes on to the checkout where that was pressed and nothing is to
// be said before.
func (s *Storefront) changeCart(c *fiber.Ctx) error {
	if err := buying(c); err != nil {
		return err
	}
	quantities, typed, bad := map[orbit.VariantID]int{}, map[orbit.VariantID]string{}, false
	for key, values := range kit.Form(c) {
		name, ok := strings.CutPrefix(key, "quantity.")
		id, err := orbit.ParseID[orbit.Variant](name)
		if !ok || err != nil || len(quantities) > orbit.MaxCartLines {
			continue
		}
		typed[id] = strings.TrimSpace(values[0])
		n, err := strconv.Atoi(typed[id])
		bad = bad || err != nil || n < 0 || n > orbit.MaxQuantity
		quantities[id] = n
	}
	if id, err := orbit.ParseID[orbit.Variant](c.FormValue("remove")); err == nil {
		quantities[id] = 0
	} else if bad {
		message := fmt.Sprintf("Choose quantities from 0 to %d. Nothing has been changed yet.", orbit.MaxQuantity)
		return s.cartPage(c, fiber.StatusUnprocessableEntity, themes.CartPage{Notice: message, Typed: typed})
	}
	var short []orbit.VariantID
	err := shop.For(s.DB, shopOf(c).Merchant.ID).Do(c.UserContext(), func(t *shop.Tenant) (err error) {
		short, err = t.ChangeCart(c.UserContext(), s.cartToken(c), quantities)
		return err
	})
	switch {
	case err != nil:
		return err
	case c.FormValue("then") == "checkout" && len(short) == 0:
		return kit.See(c, "/checkout")
	}
	return seeCart(c, short...)
}
