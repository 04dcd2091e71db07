package themes

import (
	"net/url"
	"slices"
	"strconv"

	"orbit360.app/orbit"
)

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

// ListURL returns the address of a list as a shopper browses it.
func ListURL(path string, b orbit.Browse, currency string) string {
	if q := b.Values(currency).Encode(); q != "" {
		return path + "?" + q
	}
	return path
}

// listPath returns where a list stands: what is searched for, the search; a collection, its own page.
func listPath(s Shop, l orbit.Listing) string {
	if l.Browse.Query != "" {
		return "/search"
	}
	return s.Path
}

// Total returns how many products the collection has, on all its pages.
func (p CollectionPage) Total() int { return max(p.List.Total, len(p.Products)) }

// Total returns how many products were found, on all pages.
func (p SearchPage) Total() int { return max(p.List.Total, len(p.Products)) }

// Crumbs lead to a search.
func (p SearchPage) Crumbs(w *Words) []Crumb { return []Crumb{{w.Home, "/"}, {Label: w.Search}} }

// Heading returns the heading of a search page.
func (p SearchPage) Heading(w *Words) string {
	if p.List.Browse.Query == "" {
		return w.Search
	}
	return w.Quoted(p.List.Browse.Query)
}

// Sifts reports whether a list is worth narrowing or sorting.
func Sifts(l orbit.Listing) bool {
	return l.Total > 1 || l.Browse.Narrowed() || l.Browse.Sort != orbit.SortFeatured
}

// sortName returns an order as people choose it. What a search finds stands in the order of how well it fits.
func sortName(w *Words, sort orbit.Sort, b orbit.Browse) string {
	if sort == orbit.SortFeatured && b.Query != "" {
		return w.BestMatch
	}
	return w.SortNames[sort]
}

// chip is one filter that is on, and the address of the list without it.
type chip struct{ Label, URL string }

func chips(s Shop, l orbit.Listing) []chip {
	var out []chip
	add := func(label string, without orbit.Browse) {
		without.Page = 1
		out = append(out, chip{label, ListURL(listPath(s, l), without, s.Currency)})
	}
	if b := l.Browse; b.Available {
		b.Available = false
		add(s.Words.InStock, b)
	}
	if b := l.Browse; b.From > 0 || b.To > 0 {
		label := s.Words.PriceBetween(s.Money(b.From), s.Money(b.To))
		if b.From == 0 {
			label = s.Words.PriceUpTo(s.Money(b.To))
		} else if b.To == 0 {
			label = s.Words.PriceFrom(s.Money(b.From))
		}
		b.From, b.To = 0, 0
		add(label, b)
	}
	for _, o := range l.Browse.Options {
		for _, v := range o.Values {
			add(o.Name+": "+v, l.Browse.Without(o.Name, v))
		}
	}
	return out
}

// facets returns what a list can be narrowed by, with what is chosen although nothing of it is left.
func facets(l orbit.Listing) []orbit.Facet {
	var out []orbit.Facet
	for _, f := range l.Facets {
		chosen := slices.ContainsFunc(l.Browse.Options, func(o orbit.Option) bool { return o.Name == f.Name })
		if len(f.Values) > 1 || chosen {
			out = append(out, f)
		}
	}
	return out
}

// narrowing returns how many filters are on, in words for the button that opens them.
func narrowing(s Shop, l orbit.Listing) string {
	if n := len(chips(s, l)); n > 0 {
		return " (" + strconv.Itoa(n) + ")"
	}
	return ""
}

func cleared(s Shop, l orbit.Listing) string {
	return ListURL(listPath(s, l), orbit.Browse{Query: l.Browse.Query, Sort: l.Browse.Sort}, s.Currency)
}

func pageURL(s Shop, l orbit.Listing, page int) string {
	b := l.Browse
	b.Page = page
	return ListURL(listPath(s, l), b, s.Currency)
}

// short returns an amount as a form's field has it, "" for none.
func short(s Shop, amount int64) string {
	if amount == 0 {
		return ""
	}
	return orbit.Money{Amount: amount, Currency: s.Currency}.Short()
}

// PageTitle returns a title with the number of the page behind it, from the second on.
func PageTitle(w *Words, title string, l orbit.Listing) string {
	if l.Browse.Page > 1 {
		return w.TitleOfPage(title, l.Browse.Page)
	}
	return title
}

// The collection of everything.
const (
	allHandle = "all"
	AllURL    = "/collections/" + allHandle
)

// CollectionURL returns the path of a collection's page.
func CollectionURL(c orbit.Collection) string { return "/collections/" + url.PathEscape(c.Handle) }

// Crumbs lead to a collection.
func (p CollectionPage) Crumbs(w *Words) []Crumb {
	crumbs := []Crumb{{w.Home, "/"}}
	if p.Collection.Handle != allHandle {
		crumbs = append(crumbs, Crumb{w.AllProducts, AllURL})
	}
	return append(crumbs, Crumb{Label: p.Collection.Title})
}
