package themes

import (
	"slices"
	"strconv"

	"orbit360.app/orbit"
)

// CartPage is what a shopper has chosen. Notice is what went wrong with the last change, "" for nothing.
type CartPage struct {
	Cart   orbit.Cart
	Notice string
	Fewer  []orbit.VariantID          // of which fewer are in the cart than were asked for
	Typed  map[orbit.VariantID]string // quantities that were refused with the notice
	Totals orbit.Totals               // of the lines alone
	Code   string                     // that was typed and refused
	Fault  string                     // why
}

// Notices returns what the shopper has to know before going on.
func (p CartPage) Notices(w *Words) []string {
	var out []string
	if p.Notice != "" {
		out = append(out, p.Notice)
	}
	for _, l := range p.Cart.Lines {
		// What the address says is true only as long as the cart holds all that there is.
		if slices.Contains(p.Fewer, l.VariantID) && l.Stock > 0 && l.Quantity >= min(l.Stock, orbit.MaxQuantity) {
			out = append(out, w.OnlyInStock(min(l.Stock, orbit.MaxQuantity), l.Name()))
		}
	}
	return out
}

// Crumbs lead to the cart.
func (CartPage) Crumbs(w *Words) []Crumb { return []Crumb{{w.Home, "/"}, {Label: w.Cart}} }

// lines returns the cart's, with what was typed and refused.
func (p CartPage) lines() []Line {
	out := CartLines(p.Cart)
	for i := range out {
		out[i].Typed = First(p.Typed[out[i].VariantID], strconv.Itoa(out[i].Quantity))
	}
	return out
}

// most returns how many of a variant a form may ask for.
func most(stock int) string { return strconv.Itoa(max(1, min(stock, orbit.MaxQuantity))) }

func quantityName(v orbit.VariantID) string { return "quantity." + v.String() }
