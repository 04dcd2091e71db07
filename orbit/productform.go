package orbit

import (
	"cmp"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Bounds of a product.
const (
	MaxOptions     = 3
	MaxValues      = 30 // of one option
	MaxVariants    = 100
	MaxStock       = 1_000_000
	maxTitle       = 150
	maxDescription = 10_000
	maxOption      = 40
	maxSKU         = 60
)

// ProductForm is a product as people type it. Prices are amounts of the shop's currency: "12.50".
type ProductForm struct {
	Title, Description, Vendor, ProductType string
	Status                                  ProductStatus
	Collections                             []CollectionID
	Options                                 [MaxOptions]OptionForm // of a new product
	Variant                                 VariantForm            // of a new product: what all its variants begin with
	Variants                                []VariantForm          // of a product that is there
}

// New is the product that the form describes, with a variant for each combination of its options' values. Faults are
// on title, description, vendor, product_type, price, compare_at, stock, sku, option1 to option3.
func (f ProductForm) New(merchant MerchantID, id ProductID, currency string, now time.Time) (Product, error) {
	var bad Faults
	p := f.product(&bad)
	p.ID, p.MerchantID, p.Version, p.CreatedAt, p.UpdatedAt = id, merchant, 1, now, now
	p.Handle = Handle(p.Title, "product")
	base := f.Variant.variant(&bad, "", currency)
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
		if v.Title = strings.Join(values, " / "); v.Title == "" {
			v.Title = "Default"
		}
		if count > 1 && v.SKU != "" {
			v.SKU = fmt.Sprintf("%s-%d", v.SKU, i+1)
		}
		p.Variants = append(p.Variants, v)
	}
	return p, bad.Err()
}

// Edit returns what the form makes of p. Variants are those of p; one that the form doesn't have stays as it is.
// Faults are on title, description, vendor, product_type, and on price, compare_at, stock and sku with a point and
// the variant's id behind.
func (f ProductForm) Edit(p Product, currency string) (ProductEdit, error) {
	var bad Faults
	edit := f.edit(&bad, p, currency)
	for _, v := range edit.Product.Variants {
		if by := edit.StockBy[v.ID]; by > 0 && v.Stock+by > MaxStock {
			bad.Add("stock."+v.ID.String(), "", "That would make the quantity %d; the most is %d. Someone may have added to "+
				"it in between.", v.Stock+by, MaxStock)
		}
	}
	return edit, bad.Err()
}

func (f ProductForm) edit(bad *Faults, p Product, currency string) ProductEdit {
	n := f.product(bad)
	p.Title, p.Description, p.Vendor, p.ProductType, p.Status = n.Title, n.Description, n.Vendor, n.ProductType, n.Status
	p.Variants = slices.Clone(p.Variants)
	edit := ProductEdit{Product: p, StockBy: map[VariantID]int{}}
	for i := range p.Variants {
		v := &p.Variants[i]
		at := slices.IndexFunc(f.Variants, func(t VariantForm) bool { return t.ID == v.ID })
		if at < 0 {
			continue
		}
		t := f.Variants[at].variant(bad, "."+v.ID.String(), currency)
		v.Price, v.CompareAt, v.SKU = t.Price, t.CompareAt, t.SKU
		if by := t.Stock - f.Variants[at].Was; by != 0 {
			edit.StockBy[v.ID] = by
		}
	}
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

func (f ProductForm) product(bad *Faults) Product {
	p := Product{
		Title:       bad.line("title", "The title", f.Title, 1, maxTitle),
		Vendor:      bad.line("vendor", "The vendor", f.Vendor, 0, 80),
		ProductType: bad.line("product_type", "The product type", f.ProductType, 0, 60),
		Description: bad.text("description", "The description", f.Description, maxDescription),
		Status:      f.Status,
	}
	if p.Status != ProductActive && p.Status != ProductDraft {
		bad.Add("status", "", "Choose Active or Draft.")
	}
	return p
}

func (f ProductForm) options(bad *Faults) []Option {
	out := []Option{}
	for i, form := range f.Options {
		field := "option" + strconv.Itoa(i+1)
		if strings.TrimSpace(form.Name+form.Values) == "" {
			continue
		}
		o := Option{Name: bad.line(field, "The option's name", form.Name, 1, maxOption)}
		values, err := optionValues(form.Values)
		if err != nil {
			bad.Add(field, form.Values, "%s", Sentence(err))
			continue
		}
		for _, value := range values {
			clean, ok := Line(value)
			switch {
			case !ok || len([]rune(clean)) > maxOption:
				bad.Add(field, value, "A value can have at most %d characters, on one line.", maxOption)
			case clean == "":
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
func (f ProductForm) Says(s ProductSheet) bool {
	var bad Faults
	p := s.Product
	edit := f.Upon(p).edit(&bad, p, s.Currency)
	n := edit.Product
	if len(bad) > 0 || len(edit.StockBy) > 0 || n.Title != p.Title || n.Description != p.Description ||
		n.Vendor != p.Vendor || n.ProductType != p.ProductType || n.Status != p.Status {
		return false
	}
	for i, v := range n.Variants {
		if was := p.Variants[i]; v.Price != was.Price || v.CompareAt != was.CompareAt || v.SKU != was.SKU {
			return false
		}
	}
	a, b := slices.Clone(f.Collections), slices.Clone(s.In)
	byText := func(x, y CollectionID) int { return strings.Compare(x.String(), y.String()) }
	slices.SortFunc(a, byText)
	slices.SortFunc(b, byText)
	return slices.Equal(a, b)
}

// OptionForm is an option as people type it.
type OptionForm struct{ Name, Values string } // one value a line, or, on one line, separated by commas

// VariantForm is a variant as people type it.
type VariantForm struct {
	ID                           VariantID
	Price, CompareAt, Stock, SKU string
	Was                          int // the stock that the form showed: what is sold in between isn't undone
}

func (t VariantForm) variant(bad *Faults, at, currency string) (v Variant) {
	v.Price = bad.price("price"+at, t.Price, currency)
	if strings.TrimSpace(t.CompareAt) != "" {
		v.CompareAt = bad.price("compare_at"+at, t.CompareAt, currency)
		if v.CompareAt != 0 && v.CompareAt <= v.Price {
			bad.Add("compare_at"+at, t.CompareAt, "Compare-at price must be higher than the price.")
		}
	}
	n, err := strconv.Atoi(strings.TrimSpace(t.Stock))
	if err != nil || n < 0 || n > MaxStock {
		bad.Add("stock"+at, t.Stock, "Enter a quantity: a whole number from 0 to %d.", MaxStock)
	}
	v.Stock = n
	v.SKU = bad.line("sku"+at, "The SKU", Plain(t.SKU), 0, maxSKU)
	return v
}

// FormOf is a product as its form shows it.
func FormOf(p Product, collections []CollectionID, currency string) ProductForm {
	f := ProductForm{Title: p.Title, Description: p.Description, Vendor: p.Vendor, ProductType: p.ProductType,
		Status: p.Status, Collections: collections}
	for _, v := range p.Variants {
		form := VariantForm{ID: v.ID, Price: Money{v.Price, currency}.Decimal(), Stock: strconv.Itoa(v.Stock), SKU: v.SKU,
			Was: v.Stock}
		if v.CompareAt > 0 {
			form.CompareAt = Money{v.CompareAt, currency}.Decimal()
		}
		f.Variants = append(f.Variants, form)
	}
	return f
}

// ProductEdit is what a form makes of a product: the fields after the edit, and by how much the inventory of each
// variant changes. Sales in between aren't undone, as they would be by a quantity.
type ProductEdit struct {
	Product Product           // its variants' Stock is as it was
	StockBy map[VariantID]int // zero isn't in it
}

// price reads a price, up to MaxPrice.
func (f *Faults) price(field, typed, currency string) int64 {
	n, err := ParseMoney(typed, currency)
	switch {
	case err != nil:
		f.Add(field, typed, "%s", Sentence(err))
	case n > MaxPrice:
		f.Add(field, typed, "Enter a price of at most %s.", Money{MaxPrice, currency})
	default:
		return n
	}
	return 0
}

// optionValues parts what was typed: each line is a value; on one line alone, commas part them, and quotes hold a comma
// that belongs to a value. Where it can't be told which it is, the error says so.
func optionValues(typed string) ([]string, error) {
	typed = strings.TrimSpace(Clean(typed))
	if strings.Contains(typed, "\n") {
		return strings.Split(typed, "\n"), nil
	}
	if unfit(typed, false) == "" && !strings.Contains(typed, `"`) && decimalComma.MatchString(typed) &&
		spacedComma.MatchString(typed) {
		return nil, Errorf(Invalid, "It isn't clear which commas separate values. Enter one value per line.")
	}
	r := csv.NewReader(strings.NewReader(typed))
	r.TrimLeadingSpace, r.LazyQuotes = true, true
	values, err := r.Read()
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, Errorf(Invalid, "These values can't be read. Enter one value per line.")
	}
	return values, nil
}

// A comma between two digits, as in 38,5, beside one that a space follows.
var decimalComma, spacedComma = regexp.MustCompile(`[0-9],[0-9]`), regexp.MustCompile(`,\s`)

// combinations returns all choices of one value of each option, in the options' order; one empty choice without
// options.
func combinations(options []Option) [][]string {
	all := [][]string{{}}
	for _, o := range options {
		var next [][]string
		for _, begun := range all {
			for _, v := range o.Values {
				next = append(next, append(slices.Clone(begun), v))
			}
		}
		all = next
	}
	return all
}
