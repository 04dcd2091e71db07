package orbit

import (
	"cmp"
	"encoding/csv"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Check is the product as it is stored, or all that is wrong with it: what every form, file and program has to pass.
// Units are the shop's. Was is the product as it is now, zero for a new one: what it has already may stay. The faults'
// fields are those of ProductForm.
func (p Product) Check(was Product, u Units, now time.Time) (Product, error) {
	return p.check(was, u, now, false)
}

// check is Check. A file may bring what other platforms allow: quantities below zero, and compare-at prices that aren't
// higher than the price.
func (p Product) check(was Product, u Units, now time.Time, file bool) (Product, error) {
	var bad Faults
	p = p.checked(&bad, now)
	if p.Handle == "" {
		p.Handle = cmp.Or(was.Handle, Handle(p.Title, "product"))
	}
	p.Options = checkedOptions(&bad, p.Options)
	p.Variants = slices.Clone(p.Variants)
	if len(p.Variants) == 0 && len(bad) == 0 {
		bad.Add("variants", "", "A product has at least one variant.")
	}
	if len(p.Variants) > MaxVariants {
		bad.Add("variants", "", "A product can have at most %d variants.", MaxVariants)
		return p, bad.Err()
	}
	had := map[VariantID]Variant{}
	for _, v := range was.Variants {
		had[v.ID] = v
	}
	seen := map[string]bool{}
	for i := range p.Variants {
		v := &p.Variants[i]
		at := "." + v.ID.String()
		now := had[v.ID]
		if file {
			now = Variant{Price: v.Price, CompareAt: v.CompareAt, Stock: min(now.Stock, v.Stock)}
		}
		*v = v.checked(&bad, at, u.Currency, now)
		v.MerchantID, v.ProductID, v.Position = p.MerchantID, p.ID, i
		v.Values = p.valuesOf(&bad, at, *v)
		v.Title = VariantTitle(v.Values)
		key := strings.Join(v.Values, "\x1f")
		if seen[key] {
			bad.Add("values"+at, v.Title, "There are two variants %s.", v.Title)
		}
		seen[key] = true
	}
	return p, bad.Err()
}

// valuesOf returns a variant's values in the spelling of the product's options.
func (p Product) valuesOf(bad *Faults, at string, v Variant) []string {
	values := make([]string, len(p.Options))
	if len(v.Values) != len(p.Options) {
		bad.Add("values"+at, "", "A variant has one value of each option.")
		return values
	}
	for i, o := range p.Options {
		n := slices.IndexFunc(o.Values, func(s string) bool { return strings.EqualFold(s, v.Values[i]) })
		if n < 0 {
			clean, _ := Line(v.Values[i])
			n = slices.IndexFunc(o.Values, func(s string) bool { return strings.EqualFold(s, clean) })
		}
		if n < 0 {
			bad.Add("values"+at, v.Values[i], "%s isn't a value of %s.", cmp.Or(v.Values[i], "Nothing"), o.Name)
			continue
		}
		values[i] = o.Values[n]
	}
	return values
}

// checkedOptions returns options as they are stored. Faults are on option1 to option3.
func checkedOptions(bad *Faults, options []Option) []Option {
	out := []Option{}
	if len(options) > MaxOptions {
		bad.Add("options", "", "A product can have at most %d options.", MaxOptions)
		return out
	}
	for i, o := range options {
		values := make([]ValueForm, len(o.Values))
		for n, v := range o.Values {
			values[n].Value = v
		}
		out = bad.option(optionField(i), out, o.Name, values)
	}
	return out
}

// optionField names an option's field: option1 to option3.
func optionField(i int) string { return "option" + strconv.Itoa(i+1) }

// option checks one more option of a product, and returns those before it with it.
func (f *Faults) option(field string, before []Option, name string, values []ValueForm) []Option {
	o := Option{Name: f.line(field, "The option's name", name, 1, maxOption)}
	for _, value := range values {
		clean, ok := Line(value.Value)
		switch {
		case !ok || clean == "" || utf8.RuneCountInString(clean) > maxOption:
			f.Add(field, value.Value, "A value can have at most %d characters, on one line.", maxOption)
		case slices.ContainsFunc(o.Values, func(v string) bool { return strings.EqualFold(v, clean) }):
			f.Add(field, clean, "%s is there twice. Enter one value per line; a value can contain commas.", clean)
		default:
			o.Values = append(o.Values, clean)
		}
	}
	switch {
	case len(o.Values) == 0:
		f.Add(field, "", "Enter the values of %s, one per line.", cmp.Or(o.Name, "the option"))
	case len(o.Values) > MaxValues:
		f.Add(field, "", "An option can have at most %d values.", MaxValues)
	case slices.ContainsFunc(before, func(t Option) bool { return strings.EqualFold(t.Name, o.Name) }):
		f.Add(field, o.Name, "There is already an option %s.", o.Name)
	default:
		return append(before, o)
	}
	return before
}

// checked is the product's own part as it is stored: its options and variants aside.
func (p Product) checked(bad *Faults, now time.Time) Product {
	p.Title = bad.line("title", "The title", p.Title, 1, maxTitle)
	p.Vendor = bad.line("vendor", "The vendor", p.Vendor, 0, 80)
	p.ProductType = bad.line("product_type", "The product type", p.ProductType, 0, 60)
	p.Tags = bad.tags("tags", p.Tags)
	p.SEOTitle = bad.line("seo_title", "The page title", p.SEOTitle, 0, 150)
	p.SEODescription = bad.line("seo_description", "The meta description", p.SEODescription, 0, 500)
	p.Handle = bad.handle("handle", p.Handle)
	if p.DescriptionHTML != "" {
		p.DescriptionHTML, p.Description = bad.rich("description", "The description", p.DescriptionHTML)
	} else {
		p.Description = bad.text("description", "The description", p.Description, maxDescription)
	}
	if !ProductStatuses().Has(p.Status) {
		bad.Add("status", "", "Choose Active, Draft or Archived.")
	}
	switch {
	case p.PublishAt.IsZero():
	case p.Status != ProductDraft:
		p.PublishAt = time.Time{}
	case p.PublishAt.Sub(now) > ScheduleWithin:
		bad.Add("publish_at", p.PublishAt.Format(time.RFC3339), "Choose a time within a year.")
	case !p.PublishAt.After(now):
		bad.Add("publish_at", p.PublishAt.Format(time.RFC3339), "Choose a time to come, or set the status to Active.")
	}
	return p
}

// wantQuantity asks for a quantity.
const wantQuantity = "Enter a quantity: a whole number from 0 to %d."

// checked is the variant's own part as it is stored: its values and place aside. What it is now may stay: a quantity
// below zero, a compare-at price that isn't higher than the price.
func (v Variant) checked(bad *Faults, at, currency string, now Variant) Variant {
	for _, p := range []struct {
		field  string
		amount int64
	}{{"price", v.Price}, {"compare_at", v.CompareAt}, {"cost", v.Cost}} {
		if p.amount < 0 || p.amount > MaxPrice {
			bad.Add(p.field+at, "", "Enter a price of at most %s.", Money{MaxPrice, currency})
		}
	}
	if v.CompareAt != 0 && v.CompareAt <= v.Price && (v.Price != now.Price || v.CompareAt != now.CompareAt) {
		bad.Add("compare_at"+at, Money{v.CompareAt, currency}.Decimal(), "Compare-at price must be higher than the price.")
	}
	if (v.Stock < 0 && v.Stock != now.Stock) || v.Stock > MaxStock {
		bad.Add("stock"+at, "", wantQuantity, MaxStock)
	}
	if v.WeightGrams < 0 || v.WeightGrams > maxWeight {
		bad.Add("weight"+at, "", "A weight can be at most %s kg.", FormatWeight(maxWeight, ""))
	}
	v.SKU = bad.line("sku"+at, "The SKU", Plain(v.SKU), 0, maxSKU)
	v.Barcode = bad.line("barcode"+at, "The barcode", Plain(v.Barcode), 0, maxSKU)
	return v
}

// SplitTags separates tags that were typed: commas and lines do, and quotes hold a comma that belongs to a tag.
func SplitTags(typed string) []string {
	var tags []string
	for line := range strings.SplitSeq(typed, "\n") {
		r := csv.NewReader(strings.NewReader(line))
		r.TrimLeadingSpace, r.LazyQuotes = true, true
		found, _ := r.Read() // with lazy quotes all that can fail is the end
		tags = append(tags, found...)
	}
	return tags
}

// JoinTags is tags as SplitTags reads them.
func JoinTags(tags []string) string {
	quoted := make([]string, len(tags))
	for i, t := range tags {
		if quoted[i] = t; strings.ContainsAny(t, `,"`) {
			quoted[i] = `"` + strings.ReplaceAll(t, `"`, `""`) + `"`
		}
	}
	return strings.Join(quoted, ", ")
}

// tags checks tags: each once whatever its case, sorted.
func (f *Faults) tags(field string, typed []string) []string {
	tags := []string{}
	if len(typed) > 10*MaxTags { // too many to look at
		f.Add(field, "", "There can be at most %d tags.", MaxTags)
		return tags
	}
	seen := map[string]bool{}
	for _, t := range typed {
		clean, why := lineOf(t)
		lower := strings.ToLower(clean)
		switch {
		case why != "":
			f.Add(field, "", "A tag %s.", why)
		case utf8.RuneCountInString(clean) > maxTag:
			f.Add(field, clean, "A tag can have at most %d characters.", maxTag)
		case clean != "" && !seen[lower]:
			seen[lower] = true
			tags = append(tags, clean)
		}
	}
	if len(tags) > MaxTags {
		f.Add(field, "", "There can be at most %d tags.", MaxTags)
	}
	slices.SortFunc(tags, func(a, b string) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a), strings.ToLower(b)), cmp.Compare(a, b))
	})
	return tags
}

// handle checks a handle that somebody chose, "" for none.
func (f *Faults) handle(field, typed string) string {
	typed = Plain(typed)
	if typed == "" {
		return ""
	}
	handle := Handle(typed, "")
	if handle == "" {
		f.Add(field, typed, "Use letters, digits and hyphens.")
	}
	return handle
}
