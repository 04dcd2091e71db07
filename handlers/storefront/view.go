package storefront

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/kit"
	"orbit360.app/orbit"
	"orbit360.app/store/shop"
	"orbit360.app/themes"
)

// view is what a page is made of: a shop, an address, and nothing of who asks.
type view struct {
	ctx    context.Context
	shop   orbit.Shop
	scope  shop.Scope // reads the shop's rows
	visit  bool       // of the platform's own
	path   string     // as it stands in the address
	handle string     // in it; "" where the route has none
	query  url.Values
	engine themes.Engine
	look   *look
	frame  themes.Shop // what every page of the shop shares
}

// view returns what a request asks for, or why a preview doesn't show it.
func (r *routes) view(c *fiber.Ctx, p Page) (view, error) {
	if previewing(c) && !p.Previewed {
		return view{}, errPreviewOnly
	}
	return r.viewOf(c)
}

func (r *routes) viewOf(c *fiber.Ctx) (view, error) {
	here := shopOf(c)
	look, err := r.looks.of(here.Release)
	if err != nil {
		return view{}, err
	}
	v := view{ctx: c.UserContext(), shop: here, visit: visiting(c), path: c.Path(), handle: c.Params("handle"),
		query: kit.Query(c), engine: look.engine, look: look,
		frame: themes.Shop{
			Name: here.Merchant.Name, Tagline: here.Settings.Tagline, Title: here.Settings.Title,
			About: here.Settings.Description, Currency: here.Settings.Currency,
			Locale: here.Settings.Locale, Words: themes.WordsFor(here.Settings.Locale),
			BaseURL: r.Addresses.Host(here.Primary), Path: c.Path(), Stylesheet: look.stylesheet, Settings: look.values,
			Main: here.Menus["main"], Footer: here.Menus["footer"], NoIndex: !here.Merchant.Live() || previewing(c),
		}}
	v.frame.Footer = slices.Clone(v.frame.Footer)
	for _, n := range here.Settings.Social.Links() {
		address := here.Settings.Social[n.Value]
		v.frame.Profiles = append(v.frame.Profiles, address)
		v.frame.Footer = append(v.frame.Footer, orbit.MenuItem{Label: n.Name, URL: address})
	}
	db := r.DB
	if v.visit {
		db = r.platform
	}
	v.scope = shop.For(db, here.Merchant.ID)
	return v, nil
}

// draw returns a page of the shop.
func (v view) draw(p themes.Page) templ.Component { return v.engine.Draw(v.frame, p) }

// asked returns the view with another query.
func (v view) asked(query string) view {
	v.query = kit.ParseQuery(query)
	return v
}

// patience is how long a page's reading may take.
const patience = 10 * time.Second

// read sends what a reader of the shop's scope was asked, in one round trip.
func (v view) read(q *shop.Reader) error {
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	return q.Read(ctx)
}

// do works in one transaction of the shop's scope.
func (v view) do(fn func(context.Context, *shop.Tenant) error) error {
	ctx, cancel := context.WithTimeout(v.ctx, patience)
	defer cancel()
	return v.scope.Do(ctx, func(t *shop.Tenant) error { return fn(ctx, t) })
}

// address returns the path with a query, as a link within the shop; false for a path that would lead elsewhere.
func (v view) address(query url.Values) (string, bool) {
	path := (&url.URL{Path: v.path}).EscapedPath()
	if strings.HasPrefix(path, "//") {
		return "", false
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return path, true
}

// answer is what a handler returns: a page, a file, or another address.
type answer struct {
	page     templ.Component
	status   int // of the page, 0 is 200; of a redirect, 0 is 303
	file     []byte
	kind     string // the file's Content-Type
	cache    string // the file's Cache-Control
	location string
	// later, where there is one, makes the answer once others may have the request's place at the database: it asks a
	// provider, which may take seconds.
	later func() (answer, error)
}

// noCache is the Cache-Control of what may be other the next time.
const noCache = "no-cache"

// passing reports whether an answer is for one request alone.
func (a answer) passing() bool { return a.location != "" || a.cache == noCache }

// send answers a request.
func (r *routes) send(c *fiber.Ctx, a answer) error {
	switch {
	case a.location != "" && a.status != 0:
		return c.Redirect(a.location, a.status)
	case a.location != "":
		return kit.See(c, a.location)
	case a.page != nil:
		return r.Render(c, cmp.Or(a.status, fiber.StatusOK), a.page)
	}
	c.Set(fiber.HeaderContentType, a.kind)
	if a.cache != "" {
		c.Set(fiber.HeaderCacheControl, a.cache)
	}
	return c.Send(a.file)
}

// errorPage returns an error in the shop's own look, or in none where even that can't be had.
func (r *routes) errorPage(c *fiber.Ctx, p kit.ErrorPage) templ.Component {
	v, err := r.viewOf(c)
	if err != nil {
		return templ.Raw("<!DOCTYPE html><title>" + templ.EscapeString(p.Title) + "</title><h1>" +
			templ.EscapeString(p.Title) + "</h1><p>" + templ.EscapeString(p.Message) + "</p>")
	}
	v.frame.NoIndex = true
	page := themes.ErrorPage{Status: p.Status, Title: v.frame.Words.ErrorTitleOf(p.Status),
		Message: sentenceOf(v.frame.Words, p)}
	if p.Status == fiber.StatusNotFound && v.query.Has("page") { // a list's, after its last
		v.query.Del("page")
		if back, ok := v.address(v.query); ok {
			page.Back = themes.Crumb{Label: v.frame.Words.BackToList, URL: back}
		}
	}
	return v.draw(page)
}
