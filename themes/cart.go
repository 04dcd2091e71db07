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

	Country string               // to which the shipping is estimated, "" for none
	Rates   []orbit.ShippingRate // to there
	Asks    bool                 // for another country
	Nowhere bool                 // the shop doesn't ship to Country
}

// Estimate has the page say what shipping to a country costs, or that the shop doesn't ship there: to its own country
// where none is chosen.
func (p *CartPage) Estimate(o orbit.Checkout, country string) {
	at := o.At(orbit.CheckoutForm{Country: country}.Destination())
	if !p.Cart.Ships() {
		return
	}
	p.Asks, p.Country, p.Rates = true, at.Country, o.Rates(p.Cart, at, p.goods())
	p.Nowhere = at.Country != "" && !o.Ships(at) || len(o.Zones) == 0
}

// goods is what the cart costs after discounts.
func (p CartPage) goods() int64 { return p.Totals.Subtotal - p.Totals.Discount }

// shipping says what is known of the shipping's price.
func (p CartPage) shipping(s Shop) string {
	if len(p.Rates) == 0 {
		return s.Words.CalculatedAtCheckout
	}
	least := p.Rates[0].Cost(p.goods())
	for _, r := range p.Rates {
		least = min(least, r.Cost(p.goods()))
	}
	if least == 0 {
		return s.Words.FreeShipping
	}
	return s.Words.ShippingFrom(s.Money(least))
}

// Notices returns what the shopper has to know before going on.
func (p CartPage) Notices(w *Words) []string {
	var out []string
	if p.Notice != "" {
		out = append(out, p.Notice)
	}
	switch {
	case p.Nowhere && p.Country != "":
		out = append(out, w.NotShippedTo(orbit.CountryName(p.Country)))
	case p.Nowhere:
		out = append(out, w.NoShipping)
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
