package storefront

import (
	"cmp"
	"context"
	"net/url"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"
	"github.com/maypok86/otter/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/store"
	"orbit360.app/store/shop"
	"orbit360.app/themes"
)

// Storefront are the handlers of all shops.
type Storefront struct {
	*kit.Kit           // with the database of storefronts
	platform *store.DB // for the platform's own visits, which set a shop up
	crowd    *crowd
	dresses  *wardrobe
	outlines *otter.Cache[listKey, *orbit.Outline] // shared by requests, never changed
}

// Context values that handlers pass on. Requests from outside can't set them.
type (
	shopKey  struct{} // the Shop that the host router found
	visitKey struct{} // the Visit that a request belongs to
)

// New is the app that answers on shops' hosts. Put puts the shop into the request first.
func New(k *kit.Kit, engines themes.Set) *fiber.App {
	platform, own := k.DB, *k
	own.DB = k.DB.Storefronts()
	k = &own
	s := &Storefront{k, platform, newCrowd(k.DB.Budget().Storefronts), newWardrobe(engines),
		otter.Must(&otter.Options[listKey, *orbit.Outline]{MaximumWeight: maxOutlines, Weigher: weigh})}
	app := k.App(kit.Audience{Name: "storefront", Error: s.errorPage})
	app.Use(s.headers, s.queueUp, s.preview)
	app.Get("/theme.:hash.css", s.showStylesheet)
	app.Get("/robots.txt", s.showRobots)
	app.Get(orbit.MediaPrefix+":file", s.showImage)
	app.Use(s.soon)
	app.Get("/", s.showHome)
	app.Get("/collections/:handle", s.showCollection)
	app.Get("/products/:handle", s.showProduct)
	app.Get("/pages/:handle", s.showPage)
	app.Get("/search", s.showSearch)
	app.Get("/cart", s.showCart)
	app.Post("/cart/add", s.addToCart)
	app.Post("/cart/change", s.changeCart)
	app.Get("/checkout", s.showCheckout)
	app.Post("/checkout", s.createOrder)
	app.Get("/orders/:token", s.showOrder)
	app.Get("/sitemap.xml", s.showSitemap)
	app.Get("/feed.xml", s.showFeed)
	return app
}

// Put puts the shop that a request is for into it.
func Put(set func(key, value any), here shop.Shop) { set(shopKey{}, here) }

// Visit are requests of the platform's own to a shop, before it is open to the public.
type Visit struct{ shop *shop.Shop }

// Mark marks a request as part of the visit.
func (v *Visit) Mark(set func(key, value any)) { set(visitKey{}, v) }

// Shop is the shop that the visit found with its first request.
func (v *Visit) Shop(find func() (shop.Shop, error)) (shop.Shop, error) {
	if v.shop == nil {
		here, err := find()
		if err != nil {
			return here, err
		}
		v.shop = &here
	}
	return *v.shop, nil
}

func shopOf(c *fiber.Ctx) shop.Shop {
	here, _ := c.Context().UserValue(shopKey{}).(shop.Shop)
	return here
}

// Visiting is the visit that a request belongs to, by its values, nil for all requests from outside.
func Visiting(value func(key any) any) *Visit {
	v, _ := value(visitKey{}).(*Visit)
	return v
}

func visiting(c *fiber.Ctx) bool { return Visiting(c.Context().UserValue) != nil }

// contentSecurityPolicy lets a shop show its own stylesheet, fonts and images, and images by https.
const contentSecurityPolicy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: https:; font-src 'self'; connect-src 'self'; " +
	"form-action 'self'; frame-ancestors 'none'; base-uri 'none'; manifest-src 'self'"

func (s *Storefront) headers(c *fiber.Ctx) error {
	c.Set("Content-Security-Policy", contentSecurityPolicy)
	return c.Next()
}

// open tells whether this request may see the shop.
func open(c *fiber.Ctx) bool {
	return visiting(c) || previewing(c) || shopOf(c).Merchant.Live()
}

// soon shows the Opening soon page, whatever the path, until the shop goes live.
func (s *Storefront) soon(c *fiber.Ctx) error {
	if open(c) {
		return c.Next()
	}
	return s.draw(c, fiber.StatusOK, func(e themes.Engine, here themes.Shop) templ.Component { return e.Soon(here) })
}

// frame is what every page of the shop shares.
func (s *Storefront) frame(c *fiber.Ctx) (themes.Engine, themes.Shop, error) {
	here := shopOf(c)
	d, err := s.dresses.of(here.Release)
	if err != nil {
		return nil, themes.Shop{}, err
	}
	return d.engine, themes.Shop{
		Name: here.Merchant.Name, Tagline: here.Settings.Tagline, Currency: here.Settings.Currency,
		Locale:  here.Settings.Locale,
		BaseURL: s.Addresses.Host(here.Primary), Path: c.Path(), Stylesheet: d.stylesheet, Settings: d.values,
		Main: here.Menus["main"], Footer: here.Menus["footer"], NoIndex: !here.Merchant.Live() || previewing(c),
	}, nil
}

// showStylesheet is the shop's one stylesheet. An old address, from a page made before the last release,
// answers with the newest: better dressed anew than not at all. It may only be kept by its own name.
func (s *Storefront) showStylesheet(c *fiber.Ctx) error {
	d, err := s.dresses.of(shopOf(c).Release)
	if err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "text/css; charset=utf-8")
	c.Set(fiber.HeaderCacheControl, "no-cache")
	if d.stylesheet == c.Path() {
		c.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
	}
	return c.SendString(d.css())
}

// draw reads what the page shows, each reading in a round trip of its own, and answers with what page makes of it.
func (s *Storefront) draw(c *fiber.Ctx, status int, page func(themes.Engine, themes.Shop) templ.Component,
	reads ...reading) error {
	if err := s.read(c, reads...); err != nil {
		return err
	}
	engine, here, err := s.frame(c)
	if err != nil {
		return err
	}
	return s.Render(c, status, page(engine, here))
}

// reading asks for what a page shows. It sees what the readings before it have read, and can end in their error.
type reading = func(*shop.Reader) error

// read reads in the shop's scope.
func (s *Storefront) read(c *fiber.Ctx, reads ...reading) error {
	ctx, cancel := context.WithTimeout(c.UserContext(), 10*time.Second)
	defer cancel()
	db := s.DB
	if visiting(c) {
		db = s.platform
	}
	scope := shop.For(db, shopOf(c).Merchant.ID)
	for _, read := range reads {
		var refused error
		err := scope.Read(ctx, func(r *shop.Reader) { refused = read(r) })
		if refused != nil || err != nil {
			return cmp.Or(refused, err)
		}
	}
	return nil
}

// errorPage is an error in the shop's own dress, or in none where even that can't be had.
func (s *Storefront) errorPage(c *fiber.Ctx, p kit.ErrorPage) templ.Component {
	engine, here, err := s.frame(c)
	if err != nil {
		return templ.Raw("<!DOCTYPE html><title>" + templ.EscapeString(p.Title) + "</title><h1>" +
			templ.EscapeString(p.Title) + "</h1><p>" + templ.EscapeString(p.Message) + "</p>")
	}
	here.NoIndex = true
	page := themes.ErrorPage{Status: p.Status, Title: p.Title, Message: strings.TrimSpace(p.Message)}
	if q := kit.Query(c); p.Status == fiber.StatusNotFound && q.Has("page") { // a list's, after its last
		q.Del("page")
		page.Back = themes.Crumb{Label: "Back to the list", URL: (&url.URL{Path: c.Path(), RawQuery: q.Encode()}).String()}
		if strings.HasPrefix(page.Back.URL, "//") {
			page.Back = themes.Crumb{}
		}
	}
	return engine.Error(here, page)
}
