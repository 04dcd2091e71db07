package orbit

import (
	"slices"
	"time"
)

// Bounds of a cart.
const (
	MaxQuantity   = 999 // of one line
	MaxCartLines  = 100
	CartLife      = 30 * 24 * time.Hour // since its last change
	EmptyCartLife = 7 * 24 * time.Hour  // since everything was taken out or bought
)

// CartID names a cart.
type CartID = ID[Cart]

// Cart is what a shopper has chosen and not bought yet. Prices and stock are those of this moment.
type Cart struct {
	ID        CartID
	Lines     []CartLine
	Codes     []string // of discounts, as they were typed one after the other
	Automatic bool     // the shop has automatic discounts
}

// WithCode returns the cart's codes and one more; "" is none.
func (c Cart) WithCode(code string) []string {
	if code == "" || slices.Contains(c.Codes, code) {
		return c.Codes
	}
	return append(slices.Clone(c.Codes), code)
}

// CartLine is one variant in a cart.
type CartLine struct {
	VariantID   VariantID
	ProductID   ProductID
	Handle      string
	Title       string // of the product
	ProductType string
	Variant     string // what sets the variant apart, "" where there is one only
	SKU         string `bun:"sku"`
	Price       int64
	CompareAt   int64 `bun:",nullzero"`
	Quantity    int
	Images      []Image `bun:"type:jsonb,nullzero"` // of the product
	Stock       int     // 0 too where the product is no longer on sale

	Taxable          bool
	RequiresShipping bool
	WeightGrams      int64 // of one
}

// Total is the line's price.
func (l CartLine) Total() int64 { return l.Price * int64(l.Quantity) }

// Name is the product's title, with what sets the variant apart.
func (l CartLine) Name() string {
	if l.Variant == "" {
		return l.Title
	}
	return l.Title + " (" + l.Variant + ")"
}

// Short reports whether there is less than the line asks for.
func (l CartLine) Short() bool { return l.Quantity > l.Stock }

// Count is how many things are in the cart.
func (c Cart) Count() int {
	n := 0
	for _, l := range c.Lines {
		n += l.Quantity
	}
	return n
}

// Ships reports whether anything in the cart has to be sent.
func (c Cart) Ships() bool {
	return slices.ContainsFunc(c.Lines, func(l CartLine) bool { return l.RequiresShipping })
}

// Grams is what weighs on the cart's way: what is sent.
func (c Cart) Grams() int64 {
	var sum int64
	for _, l := range c.Lines {
		if l.RequiresShipping {
			sum += l.WeightGrams * int64(l.Quantity)
		}
	}
	return sum
}

// Subtotal is the price of all lines.
func (c Cart) Subtotal() int64 {
	var sum int64
	for _, l := range c.Lines {
		sum += l.Total()
	}
	return sum
}

// Short returns the lines that ask for more than there is.
func (c Cart) Short() []CartLine {
	var out []CartLine
	for _, l := range c.Lines {
		if l.Short() {
			out = append(out, l)
		}
	}
	return out
}
