package themes

import (
	"net/url"
	"slices"
	"strconv"

	"orbit360.app/orbit"
)

// ListURL is the address of a list as a shopper browses it.
func ListURL(path string, b orbit.Browse, currency string) string {
	if q := b.Values(currency).Encode(); q != "" {
		return path + "?" + q
	}
	return path
}

// listPath is where a list stands: what is searched for, the search; a collection, its own page.
func listPath(s Shop, l orbit.Listing) string {
	if l.Browse.Query != "" {
		return "/search"
	}
	return s.Path
}

// Total is how many products the collection has, on all its pages.
func (p CollectionPage) Total() int { return max(p.List.Total, len(p.Products)) }

// Total is how many products were found, on all pages.
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

// narrowing is how many filters are on, in words for the button that opens them.
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

// short is an amount as a form's field has it, "" for none.
func short(s Shop, amount int64) string {
	if amount == 0 {
		return ""
	}
	return orbit.Money{Amount: amount, Currency: s.Currency}.Short()
}

// Chosen is the variant that a product's page is about: the one its address names, else the first that
// is there, else the first.
func (p ProductPage) Chosen() orbit.Variant {
	for _, v := range p.Product.Variants {
		if v.ID == p.Variant && !v.ID.IsZero() {
			return v
		}
	}
	for _, v := range p.Product.Variants {
		if v.Stock > 0 {
			return v
		}
	}
	if len(p.Product.Variants) > 0 {
		return p.Product.Variants[0]
	}
	return orbit.Variant{}
}

// Pick is one thing to choose about a product.
type Pick struct {
	Name   string
	Chosen string
	Values []PickValue
}

// PickValue is one value of a Pick and the address of the page on which it is chosen.
type PickValue struct {
	Value   string
	URL     string
	Current bool
	Out     bool // sold out, with the other choices as they are
}

// Choices returns what a product comes in: by its options, or, without any, by its variants.
func (p ProductPage) Choices(w *Words) []Pick {
	product, now := p.Product, p.Chosen()
	if len(product.Variants) < 2 {
		return nil
	}
	at := func(v orbit.Variant) string {
		return ProductURL(product) + "?variant=" + url.QueryEscape(v.ID.String()) + "#buy"
	}
	whole := len(product.Options) > 0
	for _, v := range product.Variants {
		whole = whole && len(v.Values) == len(product.Options)
	}
	if !whole {
		c := Pick{Name: w.Variant, Chosen: VariantName(now)}
		for _, v := range product.Variants {
			c.Values = append(c.Values, PickValue{VariantName(v), at(v), v.ID == now.ID, v.Stock <= 0})
		}
		return []Pick{c}
	}
	var out []Pick
	for i, o := range product.Options {
		c := Pick{Name: o.Name, Chosen: now.Values[i]}
		for _, value := range o.Values {
			if v, ok := nearest(product.Variants, now, i, value); ok {
				c.Values = append(c.Values, PickValue{value, at(v), value == now.Values[i], v.Stock <= 0})
			}
		}
		out = append(out, c)
	}
	return out
}

// nearest is the variant with another value at one place and as much else as can be the same.
func nearest(all []orbit.Variant, now orbit.Variant, place int, value string) (best orbit.Variant, ok bool) {
	most := -1
	for _, v := range all {
		if v.Values[place] != value {
			continue
		}
		same := 0
		for i := range v.Values {
			if i != place && v.Values[i] == now.Values[i] {
				same += 2
			}
		}
		if v.Stock > 0 && same < 2*(len(v.Values)-1) {
			same++ // of two that differ elsewhere too, the one that is there
		}
		if same > most {
			best, ok, most = v, true, same
		}
	}
	return best, ok
}

// PageTitle is a title with the number of the page behind it, from the second on.
func PageTitle(w *Words, title string, l orbit.Listing) string {
	if l.Browse.Page > 1 {
		return w.TitleOfPage(title, l.Browse.Page)
	}
	return title
}
