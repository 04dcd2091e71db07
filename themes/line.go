package themes

import "orbit360.app/orbit"

// Line is a line of a cart or an order as a list shows it.
type Line struct {
	Product   orbit.Product // for its image and address
	Variant   string
	Quantity  int
	Price     int64
	Total     int64
	VariantID orbit.VariantID
	Stock     int
	Short     bool
	Typed     string // instead of the quantity, where it was refused
}

// CartLines returns a cart's lines.
func CartLines(c orbit.Cart) []Line {
	var out []Line
	for _, l := range c.Lines {
		out = append(out, Line{
			Product: orbit.Product{Handle: l.Handle, Title: l.Title, ProductType: l.ProductType, Images: l.Images},
			Variant: l.Variant, Quantity: l.Quantity,
			Price: l.Price, Total: l.Total(), VariantID: l.VariantID, Stock: l.Stock, Short: l.Short()})
	}
	return out
}

// OrderLines returns an order's lines.
func OrderLines(o orbit.Order) []Line {
	var out []Line
	for _, l := range o.Lines {
		out = append(out, Line{
			Product: orbit.Product{Handle: l.Handle, Title: l.Title, ProductType: l.ProductType, Images: l.Images},
			Variant: l.Variant, Quantity: l.Quantity, Price: l.Price, Total: l.Gross()})
	}
	return out
}

// shortage returns what is wrong with a line that asks for more than there is.
func shortage(w *Words, l Line) string {
	if l.Stock <= 0 {
		return w.ShortSoldOut
	}
	return w.ShortLeft(l.Stock)
}
