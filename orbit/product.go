package orbit

import (
	"cmp"
	"slices"
	"time"
)

// ProductStatus says who sees a product.
type ProductStatus string

// The statuses of a product.
const (
	ProductActive   ProductStatus = "active"
	ProductDraft    ProductStatus = "draft"
	ProductArchived ProductStatus = "archived"
)

// ProductStatuses returns all of them.
func ProductStatuses() Terms[ProductStatus] {
	return Terms[ProductStatus]{
		{ProductActive, "Active"},
		{ProductDraft, "Draft"},
		{ProductArchived, "Archived"},
	}
}

// Name is the status in words.
func (s ProductStatus) Name() string { return ProductStatuses().Name(s) }

// Product is something a shop sells. It always has at least one variant.
type Product struct {
	ID          ProductID `bun:",pk"`
	MerchantID  MerchantID
	Handle      string
	Title       string
	Description string // its text alone, an empty line between paragraphs

	// DescriptionHTML is the description with its formatting, of the elements that CleanHTML leaves. "" where it is
	// text alone.
	DescriptionHTML string `bun:"description_html"`
	Vendor          string
	ProductType     string
	Tags            []string `bun:",array"`          // sorted, each once whatever its case
	SEOTitle        string   `bun:"seo_title"`       // what search engines show in the place of Title, "" for that
	SEODescription  string   `bun:"seo_description"` // likewise of Description
	Status          ProductStatus
	PublishAt       time.Time `bun:",nullzero"` // when a draft becomes active
	Options         []Option  `bun:"type:jsonb"`
	Images          []Image   `bun:"type:jsonb,nullzero"` // its images that are ready, the first one first

	// Extra holds what a file said of the product in columns that the program doesn't know, for its next export.
	Extra     map[string]string `bun:"type:jsonb,nullzero"`
	Version   int               // counts edits by people; sales don't count
	Position  int
	Sample    bool // the shop began with it, and nobody has edited it
	CreatedAt time.Time
	UpdatedAt time.Time

	Variants []Variant `bun:"-"`
}

// Price is the lowest price of the product's variants.
func (p Product) Price() int64 {
	var low int64
	for i, v := range p.Variants {
		if i == 0 || v.Price < low {
			low = v.Price
		}
	}
	return low
}

// CompareAt is the compare-at price of the cheapest variant, 0 where there is none.
func (p Product) CompareAt() int64 {
	low := p.Price()
	for _, v := range p.Variants {
		if v.Price == low && v.CompareAt > low {
			return v.CompareAt
		}
	}
	return 0
}

// PriceVaries reports whether variants have different prices.
func (p Product) PriceVaries() bool {
	for _, v := range p.Variants {
		if v.Price != p.Price() {
			return true
		}
	}
	return false
}

// InStock reports whether any variant can be bought.
func (p Product) InStock() bool {
	for _, v := range p.Variants {
		if v.Available() > 0 {
			return true
		}
	}
	return false
}

// Described reports whether there is a description.
func (p Product) Described() bool { return p.Description != "" || p.DescriptionHTML != "" }

// HTML is the description as HTML.
func (p Product) HTML() string { return cmp.Or(p.DescriptionHTML, HTMLOf(p.Description)) }

// Image is the product's first image that is ready.
func (p Product) Image() (Image, bool) {
	if len(p.Images) == 0 {
		return Image{}, false
	}
	return p.Images[0], true
}

// ImagesFor returns the product's images, the one of a variant first.
func (p Product) ImagesFor(id VariantID) []Image {
	for _, v := range p.Variants {
		i := slices.IndexFunc(p.Images, func(i Image) bool { return i.Hash == v.Image })
		if v.ID == id && i > 0 {
			return slices.Concat(p.Images[i:i+1], p.Images[:i], p.Images[i+1:])
		}
	}
	return p.Images
}

// Option is one thing a shopper chooses about a product, such as Size.
type Option struct {
	Name   string   `json:"name"`
	Values []string `json:"values"`
}

// Variant is one buyable form of a product. Prices are minor units of the shop's currency.
type Variant struct {
	ID               VariantID `bun:",pk"`
	MerchantID       MerchantID
	ProductID        ProductID
	Title            string
	SKU              string   `bun:"sku"`
	Barcode          string   // GTIN, ISBN or the like
	Values           []string `bun:"type:jsonb"` // one per option of the product
	Price            int64
	CompareAt        int64 `bun:",nullzero"` // compare-at price, 0 where there is none
	Cost             int64 `bun:",nullzero"` // what the merchant pays for it, 0 where unknown
	TrackInventory   bool  // Stock counts
	ContinueSelling  bool  // at nothing too: Stock goes below 0 then
	Stock            int
	Taxable          bool
	RequiresShipping bool
	WeightGrams      int
	MediaID          MediaID `bun:",nullzero"` // of the product's images, the one that shows the variant
	Position         int
	Extra            map[string]string `bun:"type:jsonb,nullzero"` // as Product.Extra

	Image string `bun:"-"` // the hash of its image, where a page of its product was read
}

// Available is how many of the variant can be sold.
func (v Variant) Available() int {
	if !v.TrackInventory || v.ContinueSelling {
		return MaxStock
	}
	return max(0, v.Stock)
}

// ProductRow is one line of the list of products.
type ProductRow struct {
	Product   `bun:",extend"`
	Low, High int64 // prices of its variants
	Stock     int   // of the variants that are tracked
	Tracked   int   // how many variants are
	Forms     int   // how many variants
	ReadOnly  bool  // beyond what the plan allows
}

// ProductSheet is all that a product's own page shows.
type ProductSheet struct {
	Product     Product
	Units       Units // of the shop
	Images      []Media
	Collections []Collection
	In          []CollectionID // those of Collections that it is in
	ReadOnly    bool           // beyond what the plan allows
}

// ReadOnlyProduct is what people read of a product that is beyond what the plan allows.
const ReadOnlyProduct = "This product is read-only: it's beyond what your plan allows. It stays where it is, and you " +
	"can make it a draft or delete it."

// Form is the sheet as a form shows it.
func (s ProductSheet) Form() ProductForm {
	f := FormOf(s.Product, s.In, s.Units)
	f.Variants = f.Grid(false)
	return f
}

// Copy is a draft like the product under an id and a title of its own: without images, and with nothing in stock.
func (p Product) Copy(id ProductID, title string, now time.Time) (Product, error) {
	var bad Faults
	p.Title = bad.line("title", "The title", title, 1, maxTitle)
	p.ID, p.Handle, p.Status, p.PublishAt, p.Images = id, Handle(p.Title, "product"), ProductDraft, time.Time{}, nil
	p.Version, p.Sample, p.CreatedAt, p.UpdatedAt = 1, false, now, now
	p.Variants = slices.Clone(p.Variants)
	for i := range p.Variants {
		v := &p.Variants[i]
		v.ID, v.ProductID, v.Stock, v.MediaID, v.Barcode = NewID[Variant](), id, 0, MediaID{}, ""
	}
	return p, bad.Err()
}

// Combinations returns all choices of one value of each option, in the options' order; one empty choice without
// options.
func (p Product) Combinations() [][]string { return combinations(p.Options) }
