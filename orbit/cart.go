package orbit

import (
	"math/bits"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
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
	ID    CartID
	Lines []CartLine
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

// Short tells whether there is less than the line asks for.
func (l CartLine) Short() bool { return l.Quantity > l.Stock }

// Count is how many things are in the cart.
func (c Cart) Count() int {
	n := 0
	for _, l := range c.Lines {
		n += l.Quantity
	}
	return n
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

// DiscountKind says what a discount's value counts.
type DiscountKind string

// The kinds of discounts.
const (
	DiscountPercent DiscountKind = "percent"
	DiscountAmount  DiscountKind = "amount" // minor units of the shop's currency
)

// DiscountKinds returns both kinds.
func DiscountKinds() Terms[DiscountKind] {
	return Terms[DiscountKind]{
		{DiscountPercent, "Percentage"},
		{DiscountAmount, "Fixed amount"},
	}
}

// Discount is a code that makes an order cheaper.
type Discount struct {
	MerchantID MerchantID `bun:",pk"`
	Code       string     `bun:",pk"` // upper case
	Kind       DiscountKind
	Value      int64
	Minimum    int64 // value of goods from which it holds
	MaxUses    int   `bun:",nullzero"` // 0 is as often as people like
	Used       int
	StartsAt   time.Time `bun:",nullzero"`
	EndsAt     time.Time `bun:",nullzero"`
	Active     bool
	CreatedAt  time.Time
}

// DiscountCode is a code as it is stored, however it was typed: wide letters, small ones, spaces and whatever nobody
// sees make no other code. What can't be a code is "".
func DiscountCode(typed string) string {
	code, _ := ParseDiscountCode(typed)
	return code
}

// ParseDiscountCode is DiscountCode, with ErrNoDiscount where something was typed that can't be a code.
func ParseDiscountCode(typed string) (string, error) {
	typed = Plain(typed)
	if typed == "" {
		return "", nil
	}
	if !utf8.ValidString(typed) {
		return "", ErrNoDiscount
	}
	code, ok := Line(strings.ToUpper(norm.NFKC.String(typed)))
	if code = strings.ReplaceAll(code, " ", ""); !ok || code == "" || utf8.RuneCountInString(code) > maxCode {
		return "", ErrNoDiscount
	}
	return code, nil
}

// maxCode is the longest code, in characters.
const maxCode = 60

// Off is what the discount takes off goods of a value, never more than the value. The error says why it
// doesn't hold.
func (d Discount) Off(subtotal int64, currency string, now time.Time) (int64, error) {
	switch {
	case !d.Active || (!d.StartsAt.IsZero() && now.Before(d.StartsAt)):
		return 0, ErrNoDiscount
	case !d.EndsAt.IsZero() && !now.Before(d.EndsAt):
		return 0, Errorf(Invalid, "This discount code has expired.")
	case d.MaxUses > 0 && d.Used >= d.MaxUses:
		return 0, Errorf(Invalid, "This discount code has reached its usage limit.")
	case subtotal < d.Minimum:
		return 0, Errorf(Invalid, "This discount code needs a minimum purchase of %s.", Money{d.Minimum, currency})
	case d.Kind == DiscountPercent:
		return min(share(subtotal, d.Value, 100), subtotal), nil
	}
	return min(d.Value, subtotal), nil
}

// ErrNoDiscount is the answer to a code that the shop doesn't know.
var ErrNoDiscount = Errorf(Invalid, "This discount code isn't valid.")

// share is amount*part/whole, rounded half up. All are at least 0, whole more.
func share(amount, part, whole int64) int64 {
	hi, lo := bits.Mul64(uint64(amount), uint64(part))
	lo, carry := bits.Add64(lo, uint64(whole)/2, 0)
	quotient, _ := bits.Div64(hi+carry, lo, uint64(whole))
	return int64(quotient)
}

// Tax is how a shop's prices are taxed.
type Tax struct {
	Name     string
	Rate     int  // hundredths of a percent: 1900 is 19 %
	Included bool // prices hold it already
}

// Cost is what the rate takes for an order of goods of a value.
func (r ShippingRate) Cost(goods int64) int64 {
	if r.FreeFrom > 0 && goods >= r.FreeFrom {
		return 0
	}
	return r.Price
}

// Totals is what an order costs, line by line. All amounts are minor units of Currency.
type Totals struct {
	Currency     string
	Subtotal     int64
	DiscountCode string
	Discount     int64  // taken off
	ShippingName string // "" while no rate is chosen
	Shipping     int64
	Tax          int64
	TaxName      string
	TaxRate      int
	TaxIncluded  bool // Tax is part of the amounts above it, not added to them
	Total        int64
}

// Sum works out what a cart costs with what is taken off, one shipping rate and a tax on goods and
// shipping, rounded half up once, on the whole.
func Sum(c Cart, currency string, code string, off int64, rate ShippingRate, tax Tax) Totals {
	t := Totals{Currency: currency, Subtotal: c.Subtotal(), ShippingName: rate.Name, TaxName: tax.Name, TaxRate: tax.Rate,
		TaxIncluded: tax.Included}
	if t.Discount = max(0, min(off, t.Subtotal)); t.Discount > 0 {
		t.DiscountCode = code
	}
	goods := t.Subtotal - t.Discount
	t.Shipping = rate.Cost(goods)
	t.Total = goods + t.Shipping
	if tax.Included {
		t.Tax = share(t.Total, int64(tax.Rate), 10000+int64(tax.Rate))
	} else {
		t.Tax = share(t.Total, int64(tax.Rate), 10000)
		t.Total += t.Tax
	}
	return t
}
