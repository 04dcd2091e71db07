package storefront

import (
	"net/url"
	"strings"

	"github.com/gofiber/fiber/v2"

	"orbit360.app/handlers/pages"
	"orbit360.app/themes"
)

// Page is one of a shop's addresses. Its line in the table is all that the program knows of it: from there come the
// routes, what package pages keeps, what a preview shows, and what search engines may fetch.
type Page struct {
	Path string // the route; at most one parameter

	show   func(view) (answer, error) // GET, the same for everybody
	own    handler                    // GET, one visitor's own
	submit handler                    // POST, never in a preview

	Kept      bool     // by package pages; only what is the same for everybody
	Query     []string // the parameters that a kept page reads; "option." stands for all that begin so
	Early     bool     // answered before the shop is open, too
	Previewed bool     // part of a preview
	Crawled   bool     // search engines may fetch it; robots.txt disallows what they may not
	Listed    bool     // in sitemap.xml
	Secret    bool     // the address alone shows somebody's own
	Pays      bool     // its forms lead on to providers' pages

	free      bool            // asks the database for nothing
	expensive func(view) bool // asks for hundreds of times as much as other pages; nil: never
}

// handler reads what it needs, checks it and returns what it answers.
type handler = func(*fiber.Ctx, view) (answer, error)

// listQuery is what a list of products reads of its address (orbit.ParseBrowse).
var listQuery = []string{"sort", "available", "from", "to", "page", "option."}

func (r *routes) pages() []Page {
	return []Page{
		{Path: "/theme.:hash.css", show: r.showStylesheet, Kept: true, Early: true, Previewed: true, Crawled: true,
			free: true},
		{Path: themes.FaviconPath, show: r.showFavicon, Kept: true, Early: true, Previewed: true, Crawled: true, free: true},
		{Path: themes.TouchIconPath, show: r.showTouchIcon, Kept: true, Early: true, Previewed: true, Crawled: true,
			free: true},
		{Path: "/robots.txt", show: r.showRobots, Kept: true, Early: true, Previewed: true, Crawled: true, free: true},

		// Pages that are the same for everybody. Searches aren't kept: there are as many as people can type, and few are
		// asked for twice.
		{Path: "/", show: r.showHome, Kept: true, Previewed: true, Crawled: true, Listed: true},
		{Path: "/collections/:handle", show: r.showCollection, Kept: true, Query: listQuery, Previewed: true,
			Crawled: true, Listed: true, expensive: narrowed},
		{Path: "/products/:handle", show: r.showProduct, Kept: true, Query: []string{"variant"}, Previewed: true,
			Crawled: true, Listed: true},
		{Path: "/pages/:handle", show: r.showPage, Kept: true, Previewed: true, Crawled: true, Listed: true},
		{Path: "/search", show: r.showSearch, Previewed: true, expensive: always},
		{Path: "/sitemap.xml", show: r.showSitemap, Kept: true, Previewed: true, Crawled: true, expensive: always},
		{Path: "/feed.xml", show: r.showFeed, Kept: true, Previewed: true, Crawled: true, expensive: always},

		// A visitor's own.
		{Path: "/cart", own: r.showCart},
		{Path: "/cart/add", submit: r.addToCart},
		{Path: "/cart/change", submit: r.changeCart},
		{Path: "/cart/discounts", submit: r.changeCodes},
		{Path: "/checkout", own: r.showCheckout, submit: r.createOrder, Pays: true},
		{Path: "/orders/:token", own: r.showOrder, Secret: true, Pays: true},
		{Path: "/orders/:token/cart", submit: r.buyAgain, Secret: true},
		{Path: "/orders/:token/payment", submit: r.createPayment, Secret: true, Pays: true},
		{Path: "/orders/:token/return", own: r.showReturn, Secret: true},
		{Path: "/pay/:token", own: r.showTestPayment, submit: r.createTestChoice, Secret: true},
	}
}

func always(view) bool { return true }

// narrowed reports whether a list is asked for by parameters.
func narrowed(v view) bool { return len(v.query) > 0 }

// Pages returns the table, for those who only look at it.
func Pages() []Page { return (&routes{}).pages() }

// Kept returns the addresses of the pages that are kept.
func Kept() pages.Addresses {
	var kept []pages.Address
	for _, p := range Pages() {
		if p.Kept {
			kept = append(kept, pages.Address{Path: p.Path, Query: p.Query})
		}
	}
	return pages.NewAddresses(kept)
}

// Shown reports whether the page answers GET.
func (p Page) Shown() bool { return p.show != nil || p.own != nil }

// At returns the page's path with a value for its parameter.
func (p Page) At(value string) string {
	before, after, ok := strings.Cut(p.Path, ":")
	if !ok {
		return p.Path
	}
	if i := strings.IndexAny(after, "./"); i >= 0 {
		return before + url.PathEscape(value) + after[i:]
	}
	return before + url.PathEscape(value)
}

// costOf returns what a request for the page wants of the database.
func (p Page) costOf(method string, v view) cost {
	switch {
	case p.free, v.visit: // the platform's own visits come in by another door
		return nothing
	case method == fiber.MethodPost:
		return ordering
	case p.expensive != nil && p.expensive(v):
		return expensive
	}
	return looking
}
