package orbit

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Bounds of a product.
const (
	MaxOptions     = 3
	MaxValues      = 100 // of one option
	MaxVariants    = 250
	MaxStock       = 1_000_000
	MaxTags        = 250
	maxTag         = 80
	maxTitle       = 150
	maxDescription = 10_000
	maxOption      = 80
	maxSKU         = 60
	maxWeight      = 1_000_000 // grams
)

// Units is what a shop's forms count in.
type Units struct {
	Currency string
	Weight   WeightUnit     // "" is kilograms
	Zone     *time.Location // nil is UTC
}

// Units returns what the shop's forms count in.
func (s ShopSettings) Units() Units { return Units{s.Currency, s.WeightUnit, s.Location()} }

// Place is the time zone as people read it.
func (u Units) Place() string { return cmp.Or(u.Zone, time.UTC).String() }

// ProductForm is a product as people type it. Prices are amounts of the shop's currency: "12.50".
type ProductForm struct {
	Title, Description, Vendor, ProductType string
	HTML                                    bool   // Description is HTML
	Tags                                    string // with commas between them
	Handle, SEOTitle, SEODescription        string // "" for the product's own
	Status                                  ProductStatus
	PublishAt                               string // date and time in the shop's time zone
	Collections                             []CollectionID
	Options                                 [MaxOptions]OptionForm
	Variant                                 VariantForm   // of a new product: what all its variants begin with
	Variants                                []VariantForm // of a product that is there
}

// New is the product that the form describes, with a variant for each combination of its options' values. Faults are
// on title, description, vendor, product_type, tags, handle, seo_title, seo_description, publish_at, price, compare_at,
// cost, stock, sku, barcode, weight, option1 to option3.
func (f ProductForm) New(merchant MerchantID, id ProductID, u Units, now time.Time) (Product, error) {
	var bad Faults
	p := f.product(&bad, u, now)
	p.ID, p.MerchantID, p.Version, p.CreatedAt, p.UpdatedAt = id, merchant, 1, now, now
	if p.Handle == "" {
		p.Handle = Handle(p.Title, "product")
	}
	base := f.Variant.variant(&bad, "", u)
	p.Options = f.options(&bad)
	count := 1
	for _, o := range p.Options {
		count *= len(o.Values)
	}
	if count > MaxVariants {
		bad.Add("option1", "", "These options make %d variants; a product can have at most %d.", count, MaxVariants)
		return p, bad.Err()
	}
	for i, values := range combinations(p.Options) {
		v := base
		v.ID, v.MerchantID, v.ProductID, v.Position, v.Values = NewID[Variant](), merchant, id, i, values
		v.Title = VariantTitle(values)
		if count > 1 && v.SKU != "" {
			v.SKU = fmt.Sprintf("%s-%d", v.SKU, i+1)
		}
		if count > 1 {
			v.Barcode = "" // it names one thing
		}
		p.Variants = append(p.Variants, v)
	}
	return p, bad.Err()
}

// VariantTitle is what a variant is called by its values.
func VariantTitle(values []string) string { return cmp.Or(strings.Join(values, " / "), "Default") }

// Edit returns what the form makes of p: its variants are those of Grid that are offered, new ones among them. Faults
// are as for New, those of variants with a point and the variant's id behind.
func (f ProductForm) Edit(p Product, u Units, now time.Time) (ProductEdit, error) {
	var bad Faults
	edit := f.edit(&bad, p, u, now)
	return edit, bad.Err()
}

func (f ProductForm) edit(bad *Faults, p Product, u Units, now time.Time) ProductEdit {
	n := f.product(bad, u, now)
	p.Title, p.Vendor, p.ProductType, p.Tags = n.Title, n.Vendor, n.ProductType, n.Tags
	p.Description, p.DescriptionHTML = n.Description, n.DescriptionHTML
	p.SEOTitle, p.SEODescription = n.SEOTitle, n.SEODescription
	p.Status, p.PublishAt = n.Status, n.PublishAt
	p.Handle = cmp.Or(n.Handle, p.Handle)
	edit := ProductEdit{StockBy: map[VariantID]int{}, In: f.Collections}
	p.Options = f.options(bad)
	had := map[VariantID]Variant{}
	for _, v := range p.Variants {
		had[v.ID] = v
	}
	p.Variants = nil
	rows := f.Grid(true)
	if len(rows) > MaxVariants {
		bad.Add("option1", "", "These options make %d variants; a product can have at most %d.", len(rows), MaxVariants)
		rows = nil
	}
	for _, row := range rows {
		if !row.Offered {
			continue
		}
		at := "." + row.ID.String()
		v := row.variant(bad, at, u)
		was, known := had[row.ID]
		v.ID, v.MerchantID, v.ProductID, v.Values, v.Position = row.ID, p.MerchantID, p.ID, row.Values, len(p.Variants)
		v.Title, v.MediaID = VariantTitle(v.Values), row.MediaID
		by := v.Stock - row.Was
		if known {
			if v.Stock = was.Stock; by != 0 {
				edit.StockBy[v.ID] = by
			}
			if by > 0 && was.Stock+by > MaxStock {
				bad.Add("stock"+at, "", "That would make the quantity %d; the most is %d. Someone may have added to it in "+
					"between.", was.Stock+by, MaxStock)
			}
		}
		p.Variants = append(p.Variants, v)
	}
	if len(p.Variants) == 0 && len(*bad) == 0 {
		bad.Add("option1", "", "Offer at least one variant.")
	}
	edit.Product = p
	return edit
}

// Upon returns the form as it is sent again about the inventory that is there now.
func (f ProductForm) Upon(now Product) ProductForm {
	f.Variants = slices.Clone(f.Variants)
	for i := range f.Variants {
		for _, v := range now.Variants {
			if v.ID == f.Variants[i].ID {
				f.Variants[i].Was = v.Stock
			}
		}
	}
	return f
}

func (f ProductForm) product(bad *Faults, u Units, now time.Time) Product {
	p := Product{
		Title:          bad.line("title", "The title", f.Title, 1, maxTitle),
		Vendor:         bad.line("vendor", "The vendor", f.Vendor, 0, 80),
		ProductType:    bad.line("product_type", "The product type", f.ProductType, 0, 60),
		Tags:           bad.tags("tags", strings.FieldsFunc(f.Tags, func(r rune) bool { return r == ',' || r == '\n' })),
		SEOTitle:       bad.line("seo_title", "The page title", f.SEOTitle, 0, 150),
		SEODescription: bad.line("seo_description", "The meta description", f.SEODescription, 0, 500),
		Handle:         bad.handle("handle", f.Handle),
		Status:         f.Status,
	}
	if f.HTML {
		p.DescriptionHTML, p.Description = bad.rich("description", "The description", f.Description)
	} else {
		p.Description = bad.text("description", "The description", f.Description, maxDescription)
	}
	if ProductStatuses().Name(p.Status) == "" {
		bad.Add("status", "", "Choose Active, Draft or Archived.")
	}
	if typed := strings.TrimSpace(f.PublishAt); typed != "" && p.Status == ProductDraft {
		at, err := ParseLocalTime(typed, u.Zone)
		switch {
		case err != nil:
			bad.Add("publish_at", typed, "Choose a date and a time.")
		case at.Sub(now) > ScheduleWithin:
			bad.Add("publish_at", typed, "Choose a time within a year.")
		case !at.After(now):
			bad.Add("publish_at", typed, "Choose a time to come, or set the status to Active.")
		default:
			p.PublishAt = at
		}
	}
	return p
}

// tags checks tags: each once whatever its case, sorted.
func (f *Faults) tags(field string, typed []string) []string {
	tags := []string{}
	for _, t := range typed {
		clean, why := lineOf(t)
		switch {
		case why != "":
			f.Add(field, "", "A tag %s.", why)
		case utf8.RuneCountInString(clean) > maxTag:
			f.Add(field, clean, "A tag can have at most %d characters.", maxTag)
		case strings.Contains(clean, ","):
			f.Add(field, clean, "A tag can't contain a comma.")
		case clean != "" && !slices.ContainsFunc(tags, func(o string) bool { return strings.EqualFold(o, clean) }):
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

// options returns the options that the form names, with their values.
func (f ProductForm) options(bad *Faults) []Option {
	out := []Option{}
	for i, form := range f.Options {
		field := "option" + strconv.Itoa(i+1)
		if form.empty() {
			continue
		}
		o := Option{Name: bad.line(field, "The option's name", form.Name, 1, maxOption)}
		if _, err := optionValues(form.Add); err != nil {
			bad.Add(field, form.Add, "%s", Sentence(err))
			continue
		}
		for _, value := range form.values() {
			clean, ok := Line(value.Value)
			switch {
			case !ok || utf8.RuneCountInString(clean) > maxOption:
				bad.Add(field, value.Value, "A value can have at most %d characters, on one line.", maxOption)
			case slices.ContainsFunc(o.Values, func(v string) bool { return strings.EqualFold(v, clean) }):
				bad.Add(field, clean, "%s is there twice. Enter one value per line; a value can contain commas.", clean)
			default:
				o.Values = append(o.Values, clean)
			}
		}
		switch {
		case len(o.Values) == 0:
			bad.Add(field, "", "Enter the values of %s, one per line.", cmp.Or(o.Name, "the option"))
		case len(o.Values) > MaxValues:
			bad.Add(field, "", "An option can have at most %d values.", MaxValues)
		case slices.ContainsFunc(out, func(t Option) bool { return strings.EqualFold(t.Name, o.Name) }):
			bad.Add(field, o.Name, "There is already an option %s.", o.Name)
		default:
			out = append(out, o)
		}
	}
	return out
}

// Says reports whether a product is as the form has it already.
func (f ProductForm) Says(s ProductSheet, now time.Time) bool {
	var bad Faults
	p := s.Product
	edit := f.Upon(p).edit(&bad, p, s.Units, now)
	n := edit.Product
	if len(bad) > 0 || len(edit.StockBy) > 0 {
		return false
	}
	a, b := slices.Clone(f.Collections), slices.Clone(s.In)
	byText := func(x, y CollectionID) int { return strings.Compare(x.String(), y.String()) }
	slices.SortFunc(a, byText)
	slices.SortFunc(b, byText)
	return slices.Equal(a, b) && n.Same(p)
}

// Same reports whether two products say the same, with their variants; their images aside.
func (p Product) Same(o Product) bool {
	for _, q := range []*Product{&p, &o} {
		q.Images, q.Version, q.Sample, q.UpdatedAt, q.PublishAt = nil, 0, false, time.Time{}, q.PublishAt.UTC()
		q.Variants = slices.Clone(q.Variants)
		for i := range q.Variants {
			q.Variants[i].Position = 0
		}
	}
	return reflect.DeepEqual(p, o)
}

// FormOf is a product as its form shows it.
func FormOf(p Product, collections []CollectionID, u Units) ProductForm {
	f := ProductForm{Title: p.Title, Description: p.Description, Vendor: p.Vendor, ProductType: p.ProductType,
		Tags: strings.Join(p.Tags, ", "), Handle: p.Handle, SEOTitle: p.SEOTitle, SEODescription: p.SEODescription,
		Status: p.Status, Collections: collections}
	if p.DescriptionHTML != "" {
		f.Description, f.HTML = p.DescriptionHTML, true
	}
	f.PublishAt = LocalTime(p.PublishAt, u.Zone)
	for i, o := range p.Options[:min(len(p.Options), MaxOptions)] {
		f.Options[i] = OptionForm{Name: o.Name, Was: o.Name}
		for _, v := range o.Values {
			f.Options[i].Values = append(f.Options[i].Values, ValueForm{v, v})
		}
	}
	money := func(n int64) string {
		if n == 0 {
			return ""
		}
		return Money{n, u.Currency}.Decimal()
	}
	for _, v := range p.Variants {
		f.Variants = append(f.Variants, VariantForm{ID: v.ID, Values: v.Values, Offered: true,
			Price: Money{v.Price, u.Currency}.Decimal(), CompareAt: money(v.CompareAt), Cost: money(v.Cost),
			Stock: strconv.Itoa(v.Stock), Was: v.Stock, SKU: v.SKU, Barcode: v.Barcode,
			Weight: FormatWeight(v.WeightGrams, u.Weight), TrackInventory: v.TrackInventory,
			ContinueSelling: v.ContinueSelling, Taxable: v.Taxable, RequiresShipping: v.RequiresShipping, MediaID: v.MediaID})
	}
	return f
}

// ProductEdit is what an edit makes of a product: all of it after the edit, and by how much the inventory of each
// variant that was there changes. Sales in between aren't undone, as they would be by a quantity.
type ProductEdit struct {
	Product Product           // the Stock of variants that were there is as it was; that of new ones is their first
	StockBy map[VariantID]int // zero isn't in it
	In      []CollectionID    // the collections it is in, that of everything aside
}
