package themes

import (
	"github.com/a-h/templ"

	"orbit360.app/orbit"
)

// Engine draws every page of a shop in one design: whole HTML documents with one stylesheet (Shop.Stylesheet), no
// inline style, no script that they couldn't do without. Base is what engines are made of.
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
	Title      string   // of the home page where search engines show it; "" is name and tagline
	About      string   // what search engines say of the shop; "" is the tagline
	Profiles   []string // addresses of the shop's profiles elsewhere
	Currency   string   // ISO 4217
	Locale     string   // BCP 47, the html element's lang
	Words      *Words   // of the locale: WordsFor
	BaseURL    string   // canonical scheme://host[:port], no slash at the end
	Path       string   // of this page, for canonical links and the current menu item
	Stylesheet string   // URL of the one stylesheet, already hashed
	Settings   Values
	Main       []orbit.MenuItem
	Footer     []orbit.MenuItem
	NoIndex    bool
	InCart     int // things in the visitor's cart, on pages that nobody else gets to see
}

// URL returns the absolute address of a path of the shop.
func (s Shop) URL(path string) string { return s.BaseURL + path }

// Money returns an amount in the shop's currency as people read it.
func (s Shop) Money(minor int64) string {
	return orbit.Money{Amount: minor, Currency: s.Currency}.String()
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
