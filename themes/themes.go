package themes

import (
	"github.com/a-h/templ"

	"orbit360.app/orbit"
)

// Engine draws every page of a shop in one dress: whole HTML documents with one stylesheet (Shop.Stylesheet), no inline
// style, no script that they couldn't do without. Base is what engines are made of.
type Engine interface {
	Name() orbit.EngineName
	Version() string
	// Schema is what people may set, in the order forms show it.
	Schema() Schema
	// Keys holds the settings that the engine's pages read.
	Keys() *Keys
	// Presets holds looks to begin with, the engine's own first.
	Presets() []Preset
	// CSS is the engine's stylesheet; the variables that Variables makes of settings stand before it.
	CSS() string

	// Draw returns the whole document of a page.
	Draw(Shop, Page) templ.Component
}

// Shop is the frame that every page of a shop shares.
type Shop struct {
	Name       string
	Tagline    string
	Currency   string // ISO 4217
	Locale     string // BCP 47, the html element's lang
	Words      *Words // of the locale: WordsFor
	BaseURL    string // canonical scheme://host[:port], no slash at the end
	Path       string // of this page, for canonical links and the current menu item
	Stylesheet string // URL of the one stylesheet, already hashed
	Settings   Values
	Main       []orbit.MenuItem
	Footer     []orbit.MenuItem
	NoIndex    bool
	InCart     int // things in the visitor's cart, on pages that nobody else gets to see
}

// URL is the absolute address of a path of the shop.
func (s Shop) URL(path string) string { return s.BaseURL + path }

// Money is an amount in the shop's currency as people read it.
func (s Shop) Money(minor int64) string {
	return orbit.Money{Amount: minor, Currency: s.Currency}.String()
}

// HomePage is what the home page shows.
type HomePage struct {
	Featured    []orbit.Product
	Collections []orbit.Collection
}

// CollectionPage is one collection. The collection of everything has the handle "all".
type CollectionPage struct {
	Collection  orbit.Collection
	Products    []orbit.Product    // those of this page of the list
	Collections []orbit.Collection // all of them, for navigation
	List        orbit.Listing      // how the list is browsed; its own Products aren't read
}

// SearchPage is what was found for some words, or asks for some.
type SearchPage struct {
	Products    []orbit.Product
	Collections []orbit.Collection
	List        orbit.Listing // its Browse has the words
}

// ProductPage is one product.
type ProductPage struct {
	Product orbit.Product
	Variant orbit.VariantID // the one that is chosen; zero, or another product's, is none
	Related []orbit.Product
}

// TextPage is a page of text.
type TextPage struct{ orbit.Page }

// SoonPage is what the public sees before the shop goes live. It has no frame.
type SoonPage struct{}

// ErrorPage is a page that isn't there, or couldn't be made.
type ErrorPage struct {
	Status  int
	Title   string
	Message string
	Back    Crumb // where to go from here; the zero one is the shop's home
}

// BackTo returns where the page leads: home by the label where nothing else is known.
func (p ErrorPage) BackTo(home string) Crumb {
	if p.Back.URL == "" {
		return Crumb{Label: home, URL: "/"}
	}
	return p.Back
}

// Set holds the engines of a program, by name.
type Set map[orbit.EngineName]Engine

// NewSet makes a set of engines.
func NewSet(engines ...Engine) Set {
	set := Set{}
	for _, e := range engines {
		set[e.Name()] = e
	}
	return set
}
