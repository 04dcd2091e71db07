package orbit

import (
	"slices"
	"strings"
	"time"
)

// ProductPatch is what becomes of a product, as programs, files and grids say it: what is nil stays as it is.
type ProductPatch struct {
	Title, Handle, DescriptionHTML, Vendor, ProductType *string
	SEOTitle, SEODescription                            *string
	Tags                                                *[]string
	Status                                              *ProductStatus
	PublishAt                                           *time.Time // zero for no time
	Collections                                         *[]CollectionID
	Options                                             *[]Option

	Extra    *map[string]string
	File     bool            // it comes from a file, which may bring what other platforms allow
	Variants *[]VariantPatch // all of them, in order: those that aren't named are deleted
	Set      []VariantPatch  // or some that are there, by their ids; the others stay as they are
}

// VariantPatch is what becomes of a variant. One with an id that isn't the product's is new, unless a variant with the
// same values is there.
type VariantPatch struct {
	ID                                                         VariantID
	Values                                                     *[]string // one of each option of the product
	SKU, Barcode                                               *string
	Price, CompareAt, Cost                                     *int64 // minor units; 0 of the last two is none
	Quantity                                                   *int
	TrackInventory, ContinueSelling, Taxable, RequiresShipping *bool
	WeightGrams                                                *int
	MediaID                                                    *MediaID
	Extra                                                      *map[string]string
}

func put[T any](from, to *T) {
	if from != nil {
		*to = *from
	}
}

// NewProduct is the sheet of a product that isn't there yet, for Upon: a draft.
func NewProduct(merchant MerchantID, id ProductID, u Units, now time.Time) ProductSheet {
	return ProductSheet{Product: Product{ID: id, MerchantID: merchant, Status: ProductDraft, Version: 1, CreatedAt: now,
		UpdatedAt: now}, Units: u}
}

// Upon returns what the patch makes of a product as it is now, or all that is wrong with it. Faults are as those of
// Product.Check; of variants, with a point and the variant's id behind.
func (t ProductPatch) Upon(now ProductSheet, at time.Time) (ProductEdit, error) {
	p := now.Product
	put(t.Title, &p.Title)
	put(t.Handle, &p.Handle)
	put(t.Vendor, &p.Vendor)
	put(t.ProductType, &p.ProductType)
	put(t.SEOTitle, &p.SEOTitle)
	put(t.SEODescription, &p.SEODescription)
	put(t.Tags, &p.Tags)
	put(t.PublishAt, &p.PublishAt)
	put(t.Options, &p.Options)
	put(t.Extra, &p.Extra)
	if t.Status != nil {
		if p.Status = *t.Status; t.PublishAt == nil && p.Status != now.Product.Status {
			p.PublishAt = time.Time{}
		}
	}
	if t.DescriptionHTML != nil && *t.DescriptionHTML != now.Product.HTML() {
		p.DescriptionHTML, p.Description = *t.DescriptionHTML, ""
	}
	if p.PublishAt.Equal(now.Product.PublishAt) && !p.PublishAt.After(at) {
		p.PublishAt = time.Time{} // it is being activated
	}
	edit := ProductEdit{StockBy: map[VariantID]int{}, In: now.In}
	put(t.Collections, &edit.In)
	p.Variants = t.variants(now.Product, p)
	p, err := p.check(now.Product, now.Units, at, t.File)
	bad := FaultsOf(err)
	for _, v := range p.Variants {
		if !v.MediaID.IsZero() && !slices.ContainsFunc(now.Images, func(m Media) bool { return m.ID == v.MediaID }) {
			bad.Add("media."+v.ID.String(), "", "Choose one of the product's images.")
			err = bad.Err()
		}
	}
	if now.Product.Handle == "" {
		edit.Product = p
		return edit, err
	}
	for i := range p.Variants {
		v := &p.Variants[i]
		if n := slices.IndexFunc(now.Product.Variants, func(w Variant) bool { return w.ID == v.ID }); n >= 0 {
			if was := now.Product.Variants[n].Stock; v.Stock != was {
				edit.StockBy[v.ID], v.Stock = v.Stock-was, was
			}
		}
	}
	edit.Product = p
	return edit, err
}

// variants returns what becomes of the variants, before they are checked.
func (t ProductPatch) variants(now, p Product) (all []Variant) {
	if t.Variants == nil {
		all = slices.Clone(now.Variants)
		for i := range all {
			if n := slices.IndexFunc(t.Set, func(s VariantPatch) bool { return s.ID == all[i].ID }); n >= 0 {
				t.Set[n].upon(&all[i])
			}
		}
		if len(all) == 0 {
			return []Variant{newVariant(len(p.Options))}
		}
		return all
	}
	taken := map[VariantID]bool{}
	for _, s := range *t.Variants {
		taken[s.ID] = true
	}
	for _, s := range *t.Variants {
		v := newVariant(len(p.Options))
		n := slices.IndexFunc(now.Variants, func(w Variant) bool { return w.ID == s.ID })
		if n < 0 && s.Values != nil {
			n = slices.IndexFunc(now.Variants, func(w Variant) bool {
				return !taken[w.ID] && slices.EqualFunc(w.Values, *s.Values, strings.EqualFold)
			})
		}
		if n >= 0 {
			v = now.Variants[n]
			taken[v.ID] = true
		} else if !s.ID.IsZero() {
			v.ID = s.ID
		}
		s.upon(&v)
		all = append(all, v)
	}
	return all
}

// newVariant is what a variant is of which nothing is said.
func newVariant(options int) Variant {
	return Variant{ID: NewID[Variant](), Values: make([]string, options), TrackInventory: true, Taxable: true,
		RequiresShipping: true}
}

func (t VariantPatch) upon(v *Variant) {
	put(t.Values, &v.Values)
	put(t.SKU, &v.SKU)
	put(t.Barcode, &v.Barcode)
	put(t.Price, &v.Price)
	put(t.CompareAt, &v.CompareAt)
	put(t.Cost, &v.Cost)
	put(t.Quantity, &v.Stock)
	put(t.TrackInventory, &v.TrackInventory)
	put(t.ContinueSelling, &v.ContinueSelling)
	put(t.Taxable, &v.Taxable)
	put(t.RequiresShipping, &v.RequiresShipping)
	put(t.WeightGrams, &v.WeightGrams)
	put(t.MediaID, &v.MediaID)
	put(t.Extra, &v.Extra)
}
