package orbit

import (
	"crypto/rand"
	"strconv"
	"strings"
	"time"
)

// The two methods of a DiscountForm.
const (
	ByCode      = "code"
	Automatical = "automatic"
)

// DiscountForm is a discount as people type it, with dates in the shop's time zone.
type DiscountForm struct {
	Method          string // ByCode or Automatical
	Code            string
	Title           string
	Kind            DiscountKind
	Value           string
	AppliesTo       DiscountScope
	Products        []ProductID
	Collections     []CollectionID
	Minimum         string // "none", "amount" or "quantity"
	MinimumAmount   string
	MinimumQuantity string
	UsageLimit      string
	OncePerCustomer bool
	CombinesWith    []DiscountClass
	StartsAt        string
	EndsAt          string
}

// Minimums returns what a minimum can be of.
func Minimums() Terms[string] {
	return Terms[string]{{"none", "No minimum"}, {"amount", "Minimum purchase amount"},
		{"quantity", "Minimum quantity of items"}}
}

// NewDiscountForm is the form of a new discount.
func NewDiscountForm() DiscountForm {
	return DiscountForm{Method: ByCode, Kind: DiscountPercentage, AppliesTo: OnAll, Minimum: "none"}
}

// Form returns the discount as people type it, in a currency and a time zone.
func (d Discount) Form(currency string, zone *time.Location) DiscountForm {
	f := DiscountForm{Method: ByCode, Code: d.Code, Title: d.Title, Kind: d.Kind, AppliesTo: d.AppliesTo,
		Products: d.Products, Collections: d.Collections, Minimum: "none", OncePerCustomer: d.OncePerCustomer,
		CombinesWith: d.CombinesWith, StartsAt: LocalTime(d.StartsAt, zone), EndsAt: LocalTime(d.EndsAt, zone)}
	if d.Automatic() {
		f.Method = Automatical
	}
	switch d.Kind {
	case DiscountPercentage:
		f.Value = Percent(d.Value)
	case DiscountAmount:
		f.Value = Money{d.Value, currency}.Decimal()
	}
	switch {
	case d.MinimumAmount > 0:
		f.Minimum, f.MinimumAmount = "amount", Money{d.MinimumAmount, currency}.Decimal()
	case d.MinimumQuantity > 0:
		f.Minimum, f.MinimumQuantity = "quantity", strconv.Itoa(d.MinimumQuantity)
	}
	if d.UsageLimit > 0 {
		f.UsageLimit = strconv.Itoa(d.UsageLimit)
	}
	return f
}

// Percent is hundredths of a percent as people read them: 12.5 for 1250.
func Percent(hundredths int64) string {
	return strconv.FormatFloat(float64(hundredths)/100, 'f', -1, 64)
}

// Upon makes of a discount what the form says, in its stored form. Faults are by the names of Discount.Checked.
func (f DiscountForm) Upon(d Discount, currency string, zone *time.Location) (Discount, error) {
	var faults Faults
	d.Code, d.Title, d.Kind, d.AppliesTo = f.Code, f.Title, f.Kind, f.AppliesTo
	d.Products, d.Collections, d.OncePerCustomer, d.CombinesWith = f.Products, f.Collections, f.OncePerCustomer,
		f.CombinesWith
	switch code, err := ParseDiscountCode(f.Code); {
	case f.Method == Automatical:
		d.Code = ""
	case err == nil && code == "":
		faults.Add("code", "", "Enter a code, or generate one.")
	default:
		d.Title = "" // shoppers see the code
	}
	d.Value = f.value(&faults, currency)
	d.MinimumAmount, d.MinimumQuantity = 0, 0
	var err error
	switch f.Minimum {
	case "amount":
		if d.MinimumAmount, err = ParseMoney(f.MinimumAmount, currency); err != nil || d.MinimumAmount == 0 {
			faults.Add("minimum", f.MinimumAmount, "Enter an amount above zero.")
		}
	case "quantity":
		d.MinimumQuantity = whole(&faults, "minimum", f.MinimumQuantity, "Enter a quantity such as 3.")
	}
	d.UsageLimit = 0
	if strings.TrimSpace(f.UsageLimit) != "" {
		d.UsageLimit = whole(&faults, "usageLimit", f.UsageLimit, "Enter a number such as 100, or nothing for no limit.")
	}
	d.StartsAt, d.EndsAt = readTime(&faults, "startsAt", f.StartsAt, zone), readTime(&faults, "endsAt", f.EndsAt, zone)
	checked, err := d.Checked()
	for _, fault := range FaultsOf(err) {
		if !faults.On(fault.Field) && (fault.Field != "title" || !faults.On("code")) {
			faults = append(faults, fault)
		}
	}
	return checked, faults.Err()
}

func (f DiscountForm) value(faults *Faults, currency string) int64 {
	switch f.Kind {
	case DiscountPercentage:
		n, err := ParsePercent(f.Value)
		if err != nil {
			faults.Add("value", f.Value, "%s", Sentence(err))
		}
		return n
	case DiscountAmount:
		n, err := ParseMoney(f.Value, currency)
		if err != nil {
			faults.Add("value", f.Value, "%s", Sentence(err))
		}
		return n
	}
	return 0
}

func whole(faults *Faults, field, typed, sentence string) int {
	n, err := strconv.Atoi(strings.TrimSpace(typed))
	if err != nil || n < 1 {
		faults.Add(field, typed, "%s", sentence)
	}
	return n
}

// readTime reads the time of a field, which may be empty.
func readTime(faults *Faults, field, typed string, zone *time.Location) time.Time {
	typed = strings.TrimSpace(typed)
	if typed == "" {
		return time.Time{}
	}
	at, err := ParseLocalTime(typed, zone)
	if err != nil {
		faults.Add(field, typed, "%s", Sentence(err))
	}
	return at
}

// GenerateDiscountCode returns a code that nobody guesses, of letters and digits that aren't mistaken for each other.
func GenerateDiscountCode() string {
	const letters = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789" // 32 of them: no remainder
	random := make([]byte, 10)
	_, _ = rand.Read(random) // never fails
	for i, b := range random {
		random[i] = letters[b%32]
	}
	return string(random)
}

// Summary says in words what a discount does: 25% off 3 products · minimum purchase €50.00 · once per customer.
func (d Discount) Summary(currency string, zone *time.Location, now time.Time) string {
	of := map[DiscountScope]string{OnAll: "the whole order", OnProducts: count(len(d.Products), "product"),
		OnCollections: count(len(d.Collections), "collection")}[d.AppliesTo]
	parts := []string{}
	switch d.Kind {
	case DiscountPercentage:
		parts = append(parts, Percent(d.Value)+"% off "+of)
	case DiscountAmount:
		parts = append(parts, Money{d.Value, currency}.String()+" off "+of)
	case FreeShipping:
		parts = append(parts, "Free shipping")
		if d.AppliesTo != OnAll {
			parts[0] += " with " + of
		}
	}
	switch {
	case d.MinimumAmount > 0:
		parts = append(parts, "minimum purchase "+Money{d.MinimumAmount, currency}.String())
	case d.MinimumQuantity > 0:
		parts = append(parts, "minimum "+count(d.MinimumQuantity, "item"))
	}
	if d.UsageLimit > 0 {
		parts = append(parts, "used "+count(d.UsageLimit, "time")+" at most")
	}
	if d.OncePerCustomer {
		parts = append(parts, "once per customer")
	}
	var with []string
	for _, c := range d.CombinesWith {
		with = append(with, strings.ToLower(DiscountClasses().Name(c)))
	}
	if len(with) > 0 {
		parts = append(parts, "combines with "+strings.Join(with, ", "))
	}
	for _, at := range []struct {
		time.Time
		before, after string
	}{{d.StartsAt, "starts ", "started "}, {d.EndsAt, "ends ", "ended "}} {
		switch {
		case at.IsZero():
		case at.After(now):
			parts = append(parts, at.before+shortDay(at.In(zone), now.In(zone)))
		case at.after == "ended ":
			parts = append(parts, at.after+shortDay(at.In(zone), now.In(zone)))
		}
	}
	return strings.Join(parts, " · ")
}

func count(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return commas(strconv.Itoa(n)) + " " + one + "s"
}

func shortDay(at, now time.Time) string {
	if at.Year() == now.Year() {
		return at.Format("Jan 2")
	}
	return at.Format("Jan 2, 2006")
}
