package storefront

import (
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/maypok86/otter/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/handlers/pages"
	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/pg"
	"orbit360.app/themes"
)

// routes holds the handlers of all shops.
type routes struct {
	*kit.Kit           // with the database of storefronts
	platform *store.DB // for the platform's own visits, which set a shop up
	crowd    *crowd
	kept     *pages.Cache
	looks    *looks
	outlines *otter.Cache[listKey, *pg.Result[orbit.Outline]] // shared by requests, never changed
}

// Context values that handlers pass on. Requests from outside can't set them.
type (
	shopKey  struct{} // the Shop that the host router found
	visitKey struct{} // the Visit that a request belongs to
)

// New returns the app that answers on shops' hosts. Put puts the shop into the request first. kept keeps the pages
// at the addresses that Kept returns.
func New(k *kit.Kit, engines themes.Set, kept *pages.Cache) *fiber.App {
	platform, own := k.DB, *k
	own.DB = k.DB.Storefronts()
	k = &own
	r := &routes{k, platform, newCrowd(k.DB.Budget().Storefronts), kept, newLooks(engines),
		otter.Must(&otter.Options[listKey, *pg.Result[orbit.Outline]]{MaximumWeight: maxOutlines, Weigher: weigh})}
	app := k.App(kit.Audience{Name: "storefront", Error: r.errorPage})
	app.Use(headers, r.preview, r.worded)
	for _, p := range r.pages() {
		if p.Early {
			r.register(app, p)
		}
	}
	app.Get(orbit.MediaPrefix+":file", r.showImage)
	app.Use(r.soon)
	for _, p := range r.pages() {
		if !p.Early {
			r.register(app, p)
		}
	}
	app.Get("*", r.serve(Page{}, func(_ *fiber.Ctx, v view) (answer, error) { return r.elsewhere(v) }))
	return app
}

func (r *routes) register(app *fiber.App, p Page) {
	if p.show != nil {
		app.Get(p.Path, r.serve(p, func(_ *fiber.Ctx, v view) (answer, error) { return p.show(v) }))
	}
	if p.own != nil {
		app.Get(p.Path, r.serve(p, p.own))
	}
	if p.submit != nil {
		app.Post(p.Path, r.serve(p, p.submit))
	}
}

// serve answers with the kept page where there may be one, else with what the handler makes of the request.
func (r *routes) serve(p Page, handle handler) fiber.Handler {
	return func(c *fiber.Ctx) error {
		v, err := r.view(c, p)
		if err != nil {
			return err
		}
		if p.Kept && !previewing(c) {
			answered, err := r.kept.Answer(c.Context(), v.shop, func(query string) (keep bool, err error) {
				a, err := r.inTurn(c, p, handle, v.asked(query))
				if err != nil || a.passing() {
					return false, err
				}
				return true, r.send(c, a)
			})
			if answered || err != nil {
				return err
			}
		}
		if p.Pays {
			c.Set(fiber.HeaderContentSecurityPolicy, r.paying())
		}
		if p.Secret {
			defer private(c)
			// No other site is to learn the address.
			c.Set(fiber.HeaderReferrerPolicy, "same-origin")
		}
		a, err := r.inTurn(c, p, handle, v)
		if err != nil {
			return err
		}
		return r.send(c, a)
	}
}

// paying returns the policy of pages with forms that lead on to a provider: browsers hold what a form is answered
// with to form-action too, and a provider's page may be at a domain of the merchant's.
func (r *routes) paying() string {
	to := "form-action 'self' https:"
	if !r.Addresses.Secure() { // a provider's stand-in
		to += " http:"
	}
	return strings.Replace(contentSecurityPolicy, "form-action 'self'", to, 1)
}

// Put puts the shop that a request is for into it.
func Put(set func(key, value any), here orbit.Shop) { set(shopKey{}, here) }

// Visit is a series of requests of the platform's own to a shop, before it is open to the public.
type Visit struct{ shop *orbit.Shop }

// Mark marks a request as part of the visit.
func (v *Visit) Mark(set func(key, value any)) { set(visitKey{}, v) }

// Shop returns the shop that the visit found with its first request.
func (v *Visit) Shop(find func() (orbit.Shop, error)) (orbit.Shop, error) {
	if v.shop == nil {
		here, err := find()
		if err != nil {
			return here, err
		}
		v.shop = &here
	}
	return *v.shop, nil
}

func shopOf(c *fiber.Ctx) orbit.Shop {
	here, _ := c.Context().UserValue(shopKey{}).(orbit.Shop)
	return here
}

// Visiting returns the visit that a request belongs to, by its values, nil for all requests from outside.
func Visiting(value func(key any) any) *Visit {
	v, _ := value(visitKey{}).(*Visit)
	return v
}

func visiting(c *fiber.Ctx) bool { return Visiting(c.Context().UserValue) != nil }

// contentSecurityPolicy lets a shop show its own stylesheet, fonts and images, and images by https.
const contentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; " +
	"img-src 'self' data: https:; font-src 'self'; connect-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'"

func headers(c *fiber.Ctx) error {
	c.Set("Content-Security-Policy", contentSecurityPolicy)
	return c.Next()
}

// soon shows the Opening soon page, whatever the path, until the shop goes live.
func (r *routes) soon(c *fiber.Ctx) error {
	if visiting(c) || previewing(c) || shopOf(c).Merchant.Live() {
		return c.Next()
	}
	v, err := r.view(c, Page{})
	if err != nil {
		return err
	}
	return r.send(c, answer{page: v.draw(themes.SoonPage{})})
}

// showImage needs no open shop: who knows an image's address was given it.
func (r *routes) showImage(c *fiber.Ctx) error {
	return r.SendImage(c, shopOf(c).Merchant.ID, c.Params("file"), "public")
}
