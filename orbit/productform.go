package orbit

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"
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
	Tags                                    string // as SplitTags reads them
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
	base := f.Variant.variant(&bad, "", u, Variant{})
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
		was, known := had[row.ID]
		v := row.variant(bad, at, u, was)
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
	p := Product{Title: f.Title, Vendor: f.Vendor, ProductType: f.ProductType, SEOTitle: f.SEOTitle,
		SEODescription: f.SEODescription, Handle: f.Handle, Status: f.Status,
		Tags: SplitTags(f.Tags)}
	if f.HTML {
		p.DescriptionHTML = f.Description
	} else {
		p.Description = f.Description
	}
	if typed := strings.TrimSpace(f.PublishAt); typed != "" && p.Status == ProductDraft {
		at, err := ParseLocalTime(typed, u.Zone)
		if err != nil {
			bad.Add("publish_at", typed, "Choose a date and a time.")
		}
		p.PublishAt = at
	}
	return p.checked(bad, now)
}

// options returns the options that the form names, with their values.
func (f ProductForm) options(bad *Faults) []Option {
	out := []Option{}
	for i, form := range f.Options {
		if form.empty() {
			continue
		}
		field := optionField(i)
		if _, err := optionValues(form.Add); err != nil {
			bad.Add(field, form.Add, "%s", Sentence(err))
			continue
		}
		out = bad.option(field, out, form.Name, form.values())
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
		Tags: JoinTags(p.Tags), Handle: p.Handle, SEOTitle: p.SEOTitle, SEODescription: p.SEODescription,
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
