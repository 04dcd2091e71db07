package storefront

import (
	"cmp"
	"context"
	"errors"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
	"orbit360.app/themes"
)

// cookieName returns the name of a shop's cookie. Over https the prefix makes browsers insist on Secure, Path=/ and
// no Domain (RFC 6265bis): no other shop of the platform can set it.
func (r *routes) cookieName(name string) string {
	if r.Addresses.Secure() {
		return "__Host-" + name
	}
	return name
}

func (r *routes) setCookie(c *fiber.Ctx, name, value string, readable bool) {
	c.Cookie(&fiber.Cookie{Name: r.cookieName(name), Value: value, Path: "/", MaxAge: int(orbit.CartLife.Seconds()),
		Secure: r.Addresses.Secure(), HTTPOnly: !readable, SameSite: fiber.CookieSameSiteLaxMode})
}

// cartToken returns the token of the visitor's cart, "" for none.
func (r *routes) cartToken(c *fiber.Ctx) string {
	token := kit.Cookie(c, r.cookieName("cart"))
	if len(token) != 43 {
		return ""
	}
	return token
}

// keep tells the browser which cart is its own and how many things are in it: the second for the script
// that shows it on pages which are the same for everybody.
func (r *routes) keep(c *fiber.Ctx, token string, n int) {
	if token != "" {
		r.setCookie(c, "cart", token, false)
	}
	r.setCookie(c, "cart-count", strconv.Itoa(n), true)
}

func (r *routes) showCart(c *fiber.Ctx, v view) (answer, error) {
	return r.cartPage(c, v, fiber.StatusOK, themes.CartPage{Fewer: namesOf(v.query[fewer])})
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

// toCart leads to the cart, which says of which variants there weren't as many as were asked for.
func toCart(c *fiber.Ctx, short ...orbit.VariantID) answer {
	q := shipTo(c)
	for _, id := range short {
		q.Add(fewer, id.String())
	}
	return answer{location: at("/cart", q)}
}

// shipTo returns the query that carries on the country that a cart was sent with.
func shipTo(c *fiber.Ctx) url.Values {
	q := url.Values{}
	if to := (orbit.CheckoutForm{Country: c.FormValue("country")}).Destination(); to.Country != "" {
		q.Set("country", to.Country)
	}
	return q
}

// at returns a path with a query, where there is one.
func at(path string, q url.Values) string {
	if len(q) > 0 {
		path += "?" + q.Encode()
	}
	return path
}

// cartPage shows the cart with what p says of its last change.
func (r *routes) cartPage(c *fiber.Ctx, v view, status int, p themes.CartPage) (answer, error) {
	if token := r.cartToken(c); token != "" {
		err := v.do(func(ctx context.Context, t *shop.Tenant) (err error) {
			if p.Cart, err = t.Cart(ctx, token); err != nil || len(p.Cart.Lines) == 0 {
				return err
			}
			checkout, err := t.Checkout(ctx)
			if err != nil {
				return err
			}
			if p.Notice, err = v.orderLimit(ctx, t, p.Notice); err == nil {
				p.Totals, err = t.Totals(ctx, p.Cart, orbit.Checkout{Settings: v.shop.Settings}, orbit.CheckoutForm{})
			}
			p.Estimate(checkout, c.FormValue("country"))
			return err
		})
		if err != nil {
			return answer{}, err
		}
		r.keep(c, token, p.Cart.Count())
	}
	v.frame.InCart = p.Cart.Count()
	return answer{page: v.draw(p), status: status}, nil
}

// orderLimit returns a page's notice, or, where it has none, that the shop takes no more orders this month: shoppers
// read it before they fill in a form.
func (v view) orderLimit(ctx context.Context, t *shop.Tenant, notice string) (string, error) {
	if notice != "" {
		return notice, nil
	}
	err := t.TakesOrders(ctx)
	if errors.Is(err, shop.ErrOrderLimit) {
		return v.sentence(err), nil
	}
	return "", err
}

// sells refuses to sell before the shop is open. A preview has no forms at all.
func (v view) sells() error {
	if !v.shop.Merchant.Live() || v.visit {
		return refusal(orbit.Forbidden, v.frame.Words.NotOpen)
	}
	return nil
}

// addToCart puts something into the cart, then shows the cart; scripts that ask for the fragment get a sentence.
func (r *routes) addToCart(c *fiber.Ctx, v view) (answer, error) {
	if err := v.sells(); err != nil {
		return answer{}, err
	}
	variant, err := orbit.ParseID[orbit.Variant](c.FormValue("variant"))
	if err != nil {
		return r.refuse(c, v, err)
	}
	n := 1
	if typed := strings.TrimSpace(c.FormValue("quantity")); typed != "" {
		if n, err = strconv.Atoi(typed); err != nil || n < 1 || n > orbit.MaxQuantity {
			return r.refuse(c, v, refusal(orbit.Invalid, v.frame.Words.QuantityRange(orbit.MaxQuantity)))
		}
	}
	token, cart, added, err := r.putInCart(c, v, r.cartToken(c), variant, n)
	if err != nil {
		return r.refuse(c, v, err)
	}
	r.keep(c, token, cart.Count())
	if c.Get("X-Fragment") == "added" {
		for _, l := range cart.Lines {
			if l.VariantID == variant {
				return answer{page: themes.Added(v.frame.Words, l, added, added < n)}, nil
			}
		}
	}
	if added < n {
		return toCart(c, variant), nil
	}
	return toCart(c), nil
}

// putInCart adds up to n of a variant to the visitor's cart, a new one where the token names none.
func (r *routes) putInCart(c *fiber.Ctx, v view, token string, variant orbit.VariantID, n int) (
	kept string, cart orbit.Cart, added int, err error) {
	put := func(mayOpen bool) error {
		return v.do(func(ctx context.Context, t *shop.Tenant) (err error) {
			if !mayOpen {
				// A cookie of the right length is anybody's to make up: only one that names a cart is a cart.
				if known, err := t.HasCart(ctx, token); err != nil || !known {
					return cmp.Or(err, errNewCart)
				}
			}
			if kept, added, err = t.AddToCart(ctx, token, variant, n); err != nil {
				return err
			}
			cart, err = t.Cart(ctx, kept)
			return err
		})
	}
	err = errNewCart
	if token != "" {
		err = put(false)
	}
	if errors.Is(err, errNewCart) {
		// Each new cart is a row: one network opens so many and no more.
		if err := r.Throttle(v.ctx, r.Network(c), time.Hour,
			v.frame.Words.TooManyCarts, kit.Bound{What: "cart", Near: 120, Wide: 960}); err != nil {
			return "", orbit.Cart{}, 0, err
		}
		err = put(true)
	}
	return kept, cart, added, err
}

// errNewCart says that the cart would be a new one.
var errNewCart = errors.New("there is no such cart")

// refuse shows the cart with the reason why it didn't change; errors that no shopper can mend go on.
func (r *routes) refuse(c *fiber.Ctx, v view, err error) (answer, error) {
	switch orbit.CodeOf(err) {
	case orbit.Conflict, orbit.Invalid:
	case orbit.NotFound: // deleted, or no longer on sale, since its page was shown
		err = refusal(orbit.NotFound, v.frame.Words.ProductGone)
	default:
		return answer{}, err
	}
	if c.Get("X-Fragment") == "added" {
		return answer{page: themes.Refused(v.frame.Words, v.sentence(err)), status: kit.Status(err)}, nil
	}
	return r.cartPage(c, v, kit.Status(err), themes.CartPage{Notice: v.sentence(err)})
}

// changeCart sets quantities and takes lines out, then goes on to the checkout where that was pressed and nothing is to
// be said before.
func (r *routes) changeCart(c *fiber.Ctx, v view) (answer, error) {
	if err := v.sells(); err != nil {
		return answer{}, err
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
		message := v.frame.Words.QuantitiesRange(orbit.MaxQuantity)
		return r.cartPage(c, v, fiber.StatusUnprocessableEntity, themes.CartPage{Notice: message, Typed: typed})
	}
	var short []orbit.VariantID
	err := v.do(func(ctx context.Context, t *shop.Tenant) (err error) {
		short, err = t.ChangeCart(ctx, r.cartToken(c), quantities)
		return err
	})
	if err != nil {
		return answer{}, err
	}
	if c.FormValue("then") == "checkout" && len(short) == 0 {
		return answer{location: at("/checkout", shipTo(c))}, nil
	}
	return toCart(c, short...), nil
}
