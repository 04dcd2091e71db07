package orbit

import (
	"cmp"
	"slices"
	"time"
)

// DiscountOffer is a discount with what has to be known of it for one cart.
type DiscountOffer struct {
	Discount
	InCart []ProductID // of the cart's products, those that it applies to; one on all products has none
	Taken  bool        // by this customer before
}

// ProductTitle is a product by its name.
type ProductTitle struct {
	ID    ProductID
	Title string
}

// AppliedDiscount is what one discount has taken off an order.
type AppliedDiscount struct {
	ID       DiscountID `json:"id,omitzero"` // zero in orders that are older than ids of discounts
	Code     string     `json:"code"`
	Title    string     `json:"title"`
	Amount   int64      `json:"amount"`
	Shipping bool       `json:"shipping,omitempty"` // taken off the shipping, not the lines
	Lines    []int64    `json:"lines,omitempty"`    // each line's part of Amount; none: by what they cost
}

// Name is what people call it.
func (a AppliedDiscount) Name() string { return cmp.Or(a.Code, a.Title) }

// DiscountReason says why a code doesn't hold.
type DiscountReason string

// The reasons.
const (
	DiscountUnknown    DiscountReason = "unknown"
	DiscountEarly      DiscountReason = "early"
	DiscountLate       DiscountReason = "late"
	DiscountUsedUp     DiscountReason = "used_up"
	DiscountTaken      DiscountReason = "taken"
	DiscountBelow      DiscountReason = "amount"
	DiscountFew        DiscountReason = "quantity"
	DiscountElsewhere  DiscountReason = "elsewhere"
	DiscountUncombined DiscountReason = "uncombined"
)

// Final reports whether nothing that is put into the cart can make the code hold.
func (r DiscountReason) Final() bool {
	return !slices.Contains([]DiscountReason{DiscountBelow, DiscountFew, DiscountElsewhere, DiscountUncombined}, r)
}

// RefusedDiscount is a code that doesn't hold, and why.
type RefusedDiscount struct {
	Code     string
	Reason   DiscountReason
	Minimum  Money  // of DiscountBelow
	Quantity int    // of DiscountFew
	With     string // of DiscountUncombined: what stands against it
}

// Sentence says why, in English.
func (r RefusedDiscount) Sentence() string {
	if r.Code == "" { // what was typed can't be one
		return Sentence(ErrNoDiscount)
	}
	switch r.Reason {
	case DiscountEarly:
		return "The discount code " + r.Code + " isn't active yet."
	case DiscountLate:
		return "The discount code " + r.Code + " has expired."
	case DiscountUsedUp:
		return "The discount code " + r.Code + " has reached its usage limit."
	case DiscountTaken:
		return "You have used the discount code " + r.Code + " before. It works once per customer."
	case DiscountBelow:
		return "The discount code " + r.Code + " needs a minimum purchase of " + r.Minimum.String() + "."
	case DiscountFew:
		return Errorf(Invalid, "The discount code %s needs at least %d items.", r.Code, r.Quantity).Message
	case DiscountElsewhere:
		return "The discount code " + r.Code + " doesn't apply to anything in your cart."
	case DiscountUncombined:
		return "The discount code " + r.Code + " can't be combined with " + r.With + "."
	}
	return "The discount code " + r.Code + " isn't valid."
}

// ChosenDiscounts is what a cart gets.
type ChosenDiscounts struct {
	Applied []AppliedDiscount // those on lines first
	Refused []RefusedDiscount // codes, in the order in which they were typed
}

// Codes returns those that hold.
func (c ChosenDiscounts) Codes() (codes []string) {
	for _, a := range c.Applied {
		if a.Code != "" {
			codes = append(codes, a.Code)
		}
	}
	return codes
}

// basket is what discounts are chosen for.
type basket struct {
	gross    []int64
	products []ProductID
	shipping func(goods int64) int64
}

// fit is a discount that holds by itself.
type fit struct {
	DiscountOffer
	lines []int // that it applies to
	cost  int64 // of all there is with it alone
}

// ChooseDiscounts returns the discounts that make a cart cheapest, of those that hold now: automatic ones and those
// with one of the codes. A minimum is one of what a discount applies to, before anything is taken off. Discounts on
// products come first, and a line has one of them at most; then those on the order, percentages before amounts; then
// the shipping, which costs what it does for goods of what is left. The result is the same in whichever order the
// offers come.
func ChooseDiscounts(c Cart, currency string, offers []DiscountOffer, codes []string,
	shipping func(goods int64) int64, now time.Time) (chosen ChosenDiscounts) {
	b := basket{shipping: shipping}
	for _, l := range c.Lines {
		b.gross, b.products = append(b.gross, l.Total()), append(b.products, l.ProductID)
	}
	refused, fits := map[string]RefusedDiscount{}, []fit{}
	for _, o := range offers {
		if !o.Automatic() && !slices.Contains(codes, o.Code) {
			continue
		}
		lines, no := b.judge(c, currency, o, now)
		if no.Reason == "" {
			fits = append(fits, fit{o, lines, b.cost([]fit{{DiscountOffer: o, lines: lines}})})
		} else if !o.Automatic() {
			refused[o.Code] = no
		}
	}
	slices.SortFunc(fits, func(a, b fit) int {
		return cmp.Or(cmp.Compare(a.cost, b.cost), cmp.Compare(a.ID.String(), b.ID.String()))
	})
	best := b.best(fits)
	chosen.Applied = b.apply(best)
	held := chosen.Codes()
	for _, code := range codes {
		no, known := refused[code]
		i := slices.IndexFunc(fits, func(f fit) bool { return f.Code == code })
		switch {
		case slices.Contains(held, code):
			continue
		case i >= 0:
			no = against(fits[i], best)
		case !known:
			no = RefusedDiscount{Code: code, Reason: DiscountUnknown}
		}
		chosen.Refused = append(chosen.Refused, no)
	}
	return chosen
}

// against says what keeps a discount that holds by itself from being had: the first that it can't be combined with.
func against(f fit, best []fit) RefusedDiscount {
	no := RefusedDiscount{Code: f.Code, Reason: DiscountElsewhere}
	for _, o := range best {
		if o.ID != f.ID && (no.With == "" || !o.CombinesTo(f.Discount)) {
			no.Reason, no.With = DiscountUncombined, o.Name()
			if !o.CombinesTo(f.Discount) {
				break
			}
		}
	}
	return no
}

// judge returns the lines that a discount applies to, or why it doesn't hold by itself.
func (b basket) judge(c Cart, currency string, o DiscountOffer, now time.Time) (lines []int, no RefusedDiscount) {
	amount, quantity := int64(0), 0
	for i, l := range c.Lines {
		if o.AppliesTo == OnAll || slices.Contains(o.InCart, l.ProductID) {
			lines, amount, quantity = append(lines, i), amount+l.Total(), quantity+l.Quantity
		}
	}
	no.Code = o.Code
	switch status := o.Status(now); {
	case status == DiscountInactive:
		no.Reason = DiscountUnknown
	case status == DiscountExpired:
		no.Reason = DiscountLate
	case status == DiscountScheduled:
		no.Reason = DiscountEarly
	case o.UsageLimit > 0 && o.Used >= o.UsageLimit:
		no.Reason = DiscountUsedUp
	case o.OncePerCustomer && o.Taken:
		no.Reason = DiscountTaken
	case len(lines) == 0:
		no.Reason = DiscountElsewhere
	case amount < o.MinimumAmount:
		no.Reason, no.Minimum = DiscountBelow, Money{o.MinimumAmount, currency}
	case quantity < o.MinimumQuantity:
		no.Reason, no.Quantity = DiscountFew, o.MinimumQuantity
	}
	return lines, no
}

// weighed is how many combinations are tried at most, beside each discount alone.
const weighed = 200

// best returns the combination that costs least; of equal ones that with the most discounts. Fits are sorted by what
// each costs alone, so that those tried first are the likeliest.
func (b basket) best(fits []fit) (best []fit) {
	least, left := b.cost(nil), weighed
	try := func(set []fit, cost int64) {
		if cost < least || cost == least && len(set) > len(best) {
			best, least = slices.Clone(set), cost
		}
	}
	for i := range fits {
		try(fits[i:i+1], fits[i].cost)
	}
	var deeper func(from int, set []fit)
	deeper = func(from int, set []fit) {
		for i := from; i < len(fits) && left > 0; i++ {
			if slices.ContainsFunc(set, func(f fit) bool { return !f.CombinesTo(fits[i].Discount) }) {
				continue
			}
			next := append(slices.Clone(set), fits[i])
			if len(next) > 1 {
				left--
				try(next, b.cost(next))
			}
			deeper(i+1, next)
		}
	}
	deeper(0, nil)
	return best
}

// cost is what goods and shipping cost with discounts, before tax.
func (b basket) cost(set []fit) int64 {
	var goods, off, shippingOff int64
	for _, g := range b.gross {
		goods += g
	}
	for _, a := range b.apply(set) {
		if a.Shipping {
			shippingOff += a.Amount
		} else {
			off += a.Amount
		}
	}
	return goods - off + b.shipping(goods-off) - shippingOff
}

// apply returns what each discount of a set takes off. One that takes nothing off the lines is left out.
func (b basket) apply(set []fit) (applied []AppliedDiscount) {
	left, goods, had := slices.Clone(b.gross), int64(0), make([]bool, len(b.gross))
	for _, f := range inTurn(set) {
		a := AppliedDiscount{ID: f.ID, Code: f.Code, Title: f.Title}
		if f.Kind == FreeShipping {
			for _, l := range left {
				goods += l
			}
			a.Shipping, a.Amount = true, b.shipping(goods)
			applied = append(applied, a)
			continue
		}
		weights, sum := make([]int64, len(left)), int64(0)
		for _, i := range f.lines {
			if f.Class() != ProductDiscount || !had[i] {
				weights[i], had[i] = left[i], had[i] || f.Class() == ProductDiscount
				sum += left[i]
			}
		}
		if a.Amount = min(f.Value, sum); f.Kind == DiscountPercentage {
			a.Amount = share(sum, f.Value, 10000)
		}
		if a.Amount == 0 {
			continue
		}
		a.Lines = Allocate(a.Amount, weights)
		for i, off := range a.Lines {
			left[i] -= off
		}
		applied = append(applied, a)
	}
	return applied
}

// inTurn sorts discounts as they are taken off: products, order, shipping; percentages of what is most, then amounts.
func inTurn(set []fit) []fit {
	classes := DiscountClasses().Values()
	return slices.SortedFunc(slices.Values(set), func(a, b fit) int {
		turn := cmp.Compare(slices.Index(classes, a.Class()), slices.Index(classes, b.Class()))
		if turn == 0 && a.Class() == OrderDiscount {
			turn = cmp.Or(cmp.Compare(b.Kind, a.Kind), cmp.Compare(b.Value, a.Value))
		}
		return cmp.Or(turn, cmp.Compare(a.cost, b.cost), cmp.Compare(a.ID.String(), b.ID.String()))
	})
}
