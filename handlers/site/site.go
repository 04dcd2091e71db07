package site

import (
	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/static"
	"orbit360.app/themes"
	"orbit360.app/views/site"
)

type routes struct {
	*kit.Kit
	engines themes.Set
}

// New is the site's pages. Engines draw the demo shops.
func New(k *kit.Kit, engines themes.Set) *fiber.App {
	r := routes{k, engines}
	app := k.App(kit.Audience{Name: "site", Error: r.errorPage})
	app.Get("/", r.showHome)
	app.Get("/pricing", r.showPricing)
	app.Get("/themes", r.showThemes)
	app.Get("/themes/:theme"+demoStylesheet, r.showDemoStylesheet)
	app.All("/themes/:theme/*", r.showDemo)
	app.All("/themes/:theme", r.showDemo)
	app.Get("/apply", r.showApply)
	app.Post("/apply", r.createApplication)
	app.Get("/apply/:token", r.showApplication)
	app.Get("/apply/confirm/:token", r.showConfirmation)
	app.Post("/apply/confirm/:token", r.createConfirmation)
	app.Get("/robots.txt", r.showRobots)
	app.Get("/favicon.ico", showFavicon)
	app.Get("/favicon.svg", showFavicon)
	return app
}

func (r routes) frame(c *fiber.Ctx) site.Frame {
	return site.Frame{Addresses: r.Addresses, Path: c.Path()}
}

func (r routes) errorPage(c *fiber.Ctx, p kit.ErrorPage) templ.Component {
	return site.ErrorPage(r.frame(c), p)
}

func (r routes) showHome(c *fiber.Ctx) error {
	active, err := r.DB.Themes(c.UserContext(), true)
	if err != nil {
		return err
	}
	plans, err := r.DB.Plans(c.UserContext(), true)
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, site.Home(r.frame(c), active, plans))
}

func (r routes) showPricing(c *fiber.Ctx) error {
	plans, err := r.DB.Plans(c.UserContext(), true)
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, site.Pricing(r.frame(c), plans))
}

func (r routes) showThemes(c *fiber.Ctx) error {
	list, err := r.exhibits(c)
	if err != nil {
		return err
	}
	return r.Render(c, fiber.StatusOK, site.Themes(r.frame(c), list))
}

// showRobots keeps crawlers from applications; everything else may be found.
func (r routes) showRobots(c *fiber.Ctx) error {
	c.Set(fiber.HeaderCacheControl, "public, max-age=3600")
	return c.SendString("User-agent: *\nDisallow: /apply/\n")
}

// showFavicon is for programs that ask for it unasked: pages name the hashed file.
func showFavicon(c *fiber.Ctx) error {
	f, ok := static.Open(static.Path("favicon.svg"))
	if !ok {
		return fiber.ErrNotFound
	}
	c.Set(fiber.HeaderContentType, f.ContentType)
	c.Set(fiber.HeaderCacheControl, "public, max-age=86400")
	return c.Send(f.Content)
}
