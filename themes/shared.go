package themes

import (
	"fmt"
	"math/bits"
	"net/url"
	"strings"

	"orbit360.app/orbit"
)

// Crumb is one step of the way to a page. The last has no URL: it is the page itself.
type Crumb struct{ Label, URL string }

// The collection of everything.
const (
	allHandle = "all"
	AllURL    = "/collections/" + allHandle
)

// ProductURL is the path of a product's page.
func ProductURL(p orbit.Product) string { return "/products/" + url.PathEscape(p.Handle) }

// CollectionURL is the path of a collection's page.
func CollectionURL(c orbit.Collection) string { return "/collections/" + url.PathEscape(c.Handle) }

// Crumbs lead to a collection.
func (p CollectionPage) Crumbs(w *Words) []Crumb {
	crumbs := []Crumb{{w.Home, "/"}}
	if p.Collection.Handle != allHandle {
		crumbs = append(crumbs, Crumb{w.AllProducts, AllURL})
	}
	return append(crumbs, Crumb{Label: p.Collection.Title})
}

// Crumbs lead to a product.
func (p ProductPage) Crumbs(w *Words) []Crumb {
	return []Crumb{{w.Home, "/"}, {w.AllProducts, AllURL}, {Label: p.Product.Title}}
}

// Crumbs lead to a page of text.
func (p TextPage) Crumbs(w *Words) []Crumb { return []Crumb{{w.Home, "/"}, {Label: p.Title}} }

// Navigation is the main menu; a shop that has none shows its collections there.
func (s Shop) Navigation(collections []orbit.Collection) []orbit.MenuItem {
	if items := Links(s.Main); len(items) > 0 {
		return items
	}
	return s.CollectionLinks(collections)
}

// CollectionLinks returns collections as a menu, "all" first whether or not it is among them.
func (s Shop) CollectionLinks(collections []orbit.Collection) []orbit.MenuItem {
	items := []orbit.MenuItem{{Label: s.Words.AllProducts, URL: AllURL}}
	for _, c := range collections {
		if c.Handle != allHandle {
			items = append(items, orbit.MenuItem{Label: c.Title, URL: CollectionURL(c)})
		}
	}
	return items
}

// Links returns the items of a menu that lead somewhere: with a label, and a path or an http, https,
// mailto or tel address.
func Links(items []orbit.MenuItem) []orbit.MenuItem {
	var out []orbit.MenuItem
	for _, item := range items {
		u, err := url.Parse(strings.TrimSpace(item.URL))
		if err != nil || strings.TrimSpace(item.Label) == "" || item.URL == "" {
			continue
		}
		switch u.Scheme {
		case "", "http", "https", "mailto", "tel":
			out = append(out, item)
		}
	}
	return out
}

// Current is the aria-current of a link: "page" where it leads to the page itself.
func (s Shop) Current(url string) string {
	if url == s.Path {
		return "page"
	}
	return ""
}

// Direction is the writing direction of the shop's own language.
func (s Shop) Direction() string {
	language, _, _ := strings.Cut(strings.ToLower(s.Locale), "-")
	switch language {
	case "ar", "fa", "he", "ur", "yi", "ps", "ckb", "dv", "sd", "ug":
		return "rtl"
	}
	return "ltr"
}

// Saving is how much less than before a product costs, in whole percent rounded down; 0 where it doesn't.
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
		total += max(v.Stock, 0)
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

// VariantName is what sets a variant apart, such as "Small / Blue".
func VariantName(v orbit.Variant) string {
	if len(v.Values) > 0 {
		return strings.Join(v.Values, " / ")
	}
	return v.Title
}

// Clip is the text on one line, cut at a word where it is longer than n characters.
func Clip(text string, n int) string {
	text = strings.Join(strings.Fields(text), " ")
	r := []rune(text)
	if len(r) <= n {
		return text
	}
	cut := string(r[:n-1])
	if i := strings.LastIndexByte(cut, ' '); i > n/2 {
		cut = cut[:i]
	}
	return strings.TrimRight(cut, " ,.;:–-") + "…"
}

// Blocks returns the paragraphs of a plain text, each a list of its lines.
func Blocks(text string) [][]string {
	var out [][]string
	var lines []string
	for line := range strings.SplitSeq(strings.ReplaceAll(text, "\r\n", "\n"), "\n") {
		if line = strings.TrimSpace(line); line != "" {
			lines = append(lines, line)
		} else if len(lines) > 0 {
			out, lines = append(out, lines), nil
		}
	}
	if len(lines) > 0 {
		out = append(out, lines)
	}
	return out
}

// Size sorts a heading by its length for the stylesheet: long names are set smaller.
func Size(text string) string {
	switch n := len([]rune(text)); {
	case n <= 14:
		return "short"
	case n <= 32:
		return "medium"
	case n <= 72:
		return "long"
	}
	return "longest"
}

// First gives the first text that isn't empty.
func First(texts ...string) string {
	for _, t := range texts {
		if t != "" {
			return t
		}
	}
	return ""
}

// Slot makes an id for the nth image of a page's part.
func Slot(part string, n int) string { return fmt.Sprintf("%s%d-", part, n) }
