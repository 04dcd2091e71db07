package orbit

import (
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

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
