package themes

import (
	"math/bits"
	"net/url"
	"strings"

	"orbit360.app/orbit"
)

// ProductPage is one product.
type ProductPage struct {
	Product orbit.Product
	Variant orbit.VariantID // the one that is chosen; zero, or another product's, is none
	Related []orbit.Product
}

// Chosen returns the variant that a product's page is about: the one its address names, else the first that
// is there, else the first.
func (p ProductPage) Chosen() orbit.Variant {
	for _, v := range p.Product.Variants {
		if v.ID == p.Variant && !v.ID.IsZero() {
			return v
		}
	}
	for _, v := range p.Product.Variants {
		if v.Available() > 0 {
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
			c.Values = append(c.Values, PickValue{VariantName(v), at(v), v.ID == now.ID, v.Available() <= 0})
		}
		return []Pick{c}
	}
	var out []Pick
	for i, o := range product.Options {
		c := Pick{Name: o.Name, Chosen: now.Values[i]}
		for _, value := range o.Values {
			if v, ok := nearest(product.Variants, now, i, value); ok {
				c.Values = append(c.Values, PickValue{value, at(v), value == now.Values[i], v.Available() <= 0})
			}
		}
		out = append(out, c)
	}
	return out
}

// nearest returns the variant with another value at one place and as much else as can be the same.
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
		if v.Available() > 0 && same < 2*(len(v.Values)-1) {
			same++ // of two that differ elsewhere too, the one that is there
		}
		if same > most {
			best, ok, most = v, true, same
		}
	}
	return best, ok
}

// Quick reports whether a product goes into the cart from its card: there is nothing to choose.
func Quick(p orbit.Product) bool { return len(p.Variants) == 1 && p.Variants[0].Available() > 0 }

// ProductURL returns the path of a product's page.
func ProductURL(p orbit.Product) string { return "/products/" + url.PathEscape(p.Handle) }

// Crumbs lead to a product.
func (p ProductPage) Crumbs(w *Words) []Crumb {
	return []Crumb{{w.Home, "/"}, {w.AllProducts, AllURL}, {Label: p.Product.Title}}
}

// Saving returns how much less than before a product costs, in whole percent rounded down; 0 where it doesn't.
func Saving(price, before int64) int {
	if before <= price || price < 0 {
		return 0
	}
	hi, lo := bits.Mul64(uint64(before-price), 100)
	percent, _ := bits.Div64(hi, lo, uint64(before))
	return int(percent)
}

// Stocked returns how many items of a product there are, of all variants.
func Stocked(p orbit.Product) int {
	total := 0
	for _, v := range p.Variants {
		total += max(v.Available(), 0)
	}
	return total
}

// lowStock is the most of a variant that counts as few.
const lowStock = 5

// stockClass names the availability for the stylesheet: "in", "low" or "out".
func stockClass(stock int) string {
	switch {
	case stock <= 0:
		return "out"
	case stock <= lowStock:
		return "low"
	}
	return "in"
}

// Choices reports whether a product comes in forms worth listing.
func Choices(p orbit.Product) bool { return len(p.Variants) > 1 }

// VariantName returns what sets a variant apart, such as "Small / Blue".
func VariantName(v orbit.Variant) string {
	if len(v.Values) > 0 {
		return strings.Join(v.Values, " / ")
	}
	return v.Title
}
