package orbit

import (
	"cmp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// DiscountKind says what a discount takes off.
type DiscountKind string

// The kinds of discounts.
const (
	DiscountPercentage DiscountKind = "percentage"
	DiscountAmount     DiscountKind = "fixed_amount"
	FreeShipping       DiscountKind = "free_shipping"
)

// DiscountKinds returns all of them.
func DiscountKinds() Terms[DiscountKind] {
	return Terms[DiscountKind]{{DiscountPercentage, "Percentage"}, {DiscountAmount, "Fixed amount"},
		{FreeShipping, "Free shipping"}}
}

// DiscountScope says what a discount applies to.
type DiscountScope string

// What discounts apply to.
const (
	OnAll         DiscountScope = "all"
	OnProducts    DiscountScope = "products"
	OnCollections DiscountScope = "collections"
)

// DiscountScopes returns all of them.
func DiscountScopes() Terms[DiscountScope] {
	return Terms[DiscountScope]{{OnAll, "All products"}, {OnProducts, "Specific products"},
		{OnCollections, "Specific collections"}}
}

// DiscountClass is what a discount counts as where it may be combined with others.
type DiscountClass string

// The classes of discounts.
const (
	ProductDiscount  DiscountClass = "product"  // on products or collections
	OrderDiscount    DiscountClass = "order"    // on all products
	ShippingDiscount DiscountClass = "shipping" // free shipping
)

// DiscountClasses returns all of them.
func DiscountClasses() Terms[DiscountClass] {
	return Terms[DiscountClass]{{ProductDiscount, "Product discounts"}, {OrderDiscount, "Order discounts"},
		{ShippingDiscount, "Shipping discounts"}}
}

// DiscountStatus is what a discount is at a time.
type DiscountStatus string

// The statuses of discounts.
const (
	DiscountActive    DiscountStatus = "active"
	DiscountScheduled DiscountStatus = "scheduled"
	DiscountExpired   DiscountStatus = "expired"
	DiscountInactive  DiscountStatus = "inactive"
)

// DiscountStatuses returns all of them.
func DiscountStatuses() Terms[DiscountStatus] {
	return Terms[DiscountStatus]{{DiscountActive, "Active"}, {DiscountScheduled, "Scheduled"},
		{DiscountExpired, "Expired"}, {DiscountInactive, "Inactive"}}
}

// DiscountSort is an order of a list of discounts; "" is the newest first.
type DiscountSort string

// The orders beside the newest first.
const (
	DiscountsByName DiscountSort = "name"
	DiscountsByUse  DiscountSort = "used"
	DiscountsByEnd  DiscountSort = "ends"
)

// Bounds of a shop's discounts.
const (
	MaxDiscounts           = 1000
	MaxAutomaticDiscounts  = 25 // that are active: all of them are weighed for each cart
	MaxDiscountCodes       = 5  // of a cart
	MaxDiscountProducts    = 1000
	MaxDiscountCollections = 100
	maxCode                = 60 // characters
	maxDiscountTitle       = 80
	maxUsageLimit          = 1_000_000_000
)

// DiscountID names a discount.
type DiscountID = ID[Discount]

// Discount makes orders cheaper: with its code, or, where it has none, automatically.
type Discount struct {
	MerchantID      MerchantID    `bun:",pk"`
	ID              DiscountID    `bun:",pk"`
	Code            string        `bun:",nullzero"` // upper case; "" is automatic
	Title           string        // what shoppers read of an automatic one
	Kind            DiscountKind  `bun:"discount_type"`
	Value           int64         `bun:"amount"` // hundredths of a percent, minor units, or 0 for free shipping
	AppliesTo       DiscountScope // see Products and Collections
	MinimumAmount   int64         `bun:",nullzero"` // of what it applies to, before discounts; 0 is none
	MinimumQuantity int           `bun:",nullzero"` // likewise, in units
	UsageLimit      int           `bun:",nullzero"` // 0 is as often as people like
	OncePerCustomer bool
	CombinesWith    []DiscountClass `bun:",array"`
	StartsAt        time.Time       `bun:",nullzero"`
	EndsAt          time.Time       `bun:",nullzero"`
	Active          bool            `bun:"enabled"`
	Used            int
	Version         int
	CreatedAt       time.Time
	UpdatedAt       time.Time

	Products    []ProductID    `bun:"-"` // that it applies to
	Collections []CollectionID `bun:"-"`
}

// Automatic reports whether it holds without a code.
func (d Discount) Automatic() bool { return d.Code == "" }

// Name is what people call it: its code, or its title.
func (d Discount) Name() string { return cmp.Or(d.Code, d.Title) }

// Class is what it counts as for others.
func (d Discount) Class() DiscountClass {
	switch {
	case d.Kind == FreeShipping:
		return ShippingDiscount
	case d.AppliesTo != OnAll:
		return ProductDiscount
	}
	return OrderDiscount
}

// CombinesTo reports whether both may be had at once: each has to allow the other's class. Shipping is free only once.
func (d Discount) CombinesTo(o Discount) bool {
	return slices.Contains(d.CombinesWith, o.Class()) && slices.Contains(o.CombinesWith, d.Class()) &&
		(d.Kind != FreeShipping || o.Kind != FreeShipping)
}

// Status is what it is at a time.
func (d Discount) Status(now time.Time) DiscountStatus {
	switch {
	case !d.Active:
		return DiscountInactive
	case !d.EndsAt.IsZero() && !now.Before(d.EndsAt):
		return DiscountExpired
	case now.Before(d.StartsAt):
		return DiscountScheduled
	}
	return DiscountActive
}

// Checked returns the discount as it is stored, or the faults of its fields, by the names of the API.
func (d Discount) Checked() (Discount, error) {
	var f Faults
	code, err := ParseDiscountCode(d.Code)
	if err != nil {
		f.Add("code", d.Code, "Enter letters and digits, at most %d characters.", maxCode)
	}
	d.Code = code
	title, ok := Line(Plain(d.Title))
	if d.Title = cmp.Or(title, code); !ok || utf8.RuneCountInString(d.Title) > maxDiscountTitle {
		f.Add("title", d.Title, "Enter one line of at most %d characters.", maxDiscountTitle)
	} else if d.Title == "" && err == nil {
		f.Add("title", "", "Enter a title. Shoppers see it in the cart and at checkout.")
	}
	d.checkValue(&f)
	d.checkScope(&f)
	d.checkUse(&f)
	d.checkTimes(&f)
	return d, f.Err()
}

func (d *Discount) checkUse(f *Faults) {
	switch {
	case d.MinimumAmount < 0 || d.MinimumAmount > MaxPrice*MaxQuantity:
		f.Add("minimum", "", "Enter an amount above zero.")
	case d.MinimumQuantity < 0 || d.MinimumQuantity > MaxQuantity*MaxCartLines:
		f.Add("minimum", "", "Enter a quantity from 1 to %d.", MaxQuantity*MaxCartLines)
	case d.MinimumAmount > 0 && d.MinimumQuantity > 0:
		f.Add("minimum", "", "Choose an amount or a quantity, not both.")
	}
	if d.UsageLimit < 0 || d.UsageLimit > maxUsageLimit {
		f.Add("usageLimit", "", "Enter a number from 1 to %d, or nothing for no limit.", maxUsageLimit)
	}
	var classes []DiscountClass
	for _, c := range DiscountClasses().Values() {
		if slices.Contains(d.CombinesWith, c) {
			classes = append(classes, c)
		}
	}
	for _, c := range d.CombinesWith {
		if !DiscountClasses().Has(c) {
			f.Add("combinesWith", string(c), "Choose from: %s.", DiscountClasses().Choices())
			break
		}
	}
	d.CombinesWith = classes
}

func (d *Discount) checkTimes(f *Faults) {
	if !d.StartsAt.IsZero() && !d.EndsAt.IsZero() && !d.EndsAt.After(d.StartsAt) {
		f.Add("endsAt", "", "Choose an end after the start.")
	}
	for i, at := range []time.Time{d.StartsAt, d.EndsAt} {
		if !at.IsZero() && (at.Year() < 2000 || at.Year() > 9999) {
			f.Add([]string{"startsAt", "endsAt"}[i], "", "Choose a date from the year 2000 on.")
		}
	}
}

func (d *Discount) checkValue(f *Faults) {
	switch d.Kind {
	case DiscountPercentage:
		if d.Value < 1 || d.Value > 10000 {
			f.Add("value", "", "Enter a percentage above 0, up to 100, with at most two decimals.")
		}
	case DiscountAmount:
		if d.Value < 1 || d.Value > MaxPrice {
			f.Add("value", "", "Enter an amount above zero.")
		}
	case FreeShipping:
		d.Value = 0
	default:
		f.Add("kind", string(d.Kind), "Choose from: %s.", DiscountKinds().Choices())
	}
}

func (d *Discount) checkScope(f *Faults) {
	d.Products, d.Collections = unique(d.Products), unique(d.Collections)
	switch d.AppliesTo {
	case OnAll:
		d.Products, d.Collections = nil, nil
	case OnProducts:
		d.Collections = nil
		if n := len(d.Products); n == 0 || n > MaxDiscountProducts {
			f.Add("appliesTo", "", "Choose from 1 to %d products.", MaxDiscountProducts)
		}
	case OnCollections:
		d.Products = nil
		if n := len(d.Collections); n == 0 || n > MaxDiscountCollections {
			f.Add("appliesTo", "", "Choose from 1 to %d collections.", MaxDiscountCollections)
		}
	default:
		f.Add("appliesTo", string(d.AppliesTo), "Choose from: %s.", DiscountScopes().Choices())
	}
}

func unique[T comparable](all []T) (once []T) {
	seen := map[T]bool{}
	for _, one := range all {
		if !seen[one] {
			seen[one], once = true, append(once, one)
		}
	}
	return once
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

// ErrNoDiscount is the answer to a code that the shop doesn't know.
var ErrNoDiscount = Errorf(Invalid, "This discount code isn't valid.")
