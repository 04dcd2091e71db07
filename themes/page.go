package themes

import "orbit360.app/orbit"

// Page is one kind of a shop's pages, with what it shows.
type Page interface {
	// Meta returns what the head of the page says.
	Meta(Shop) Meta
}

// HomePage is what the home page shows.
type HomePage struct {
	Featured    []orbit.Product
	Collections []orbit.Collection
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

// collectionsOf returns the collections that a page knows, for the menus around it.
func collectionsOf(p Page) []orbit.Collection {
	switch p := p.(type) {
	case HomePage:
		return p.Collections
	case CollectionPage:
		return p.Collections
	case SearchPage:
		return p.Collections
	}
	return nil
}

// Crumbs lead to a page of text.
func (p TextPage) Crumbs(w *Words) []Crumb { return []Crumb{{w.Home, "/"}, {Label: p.Title}} }
