package orbit

import "time"

// Release is one immutable state of a shop's website: an engine of a version with settings.
type Release struct {
	ID            ReleaseID `bun:",pk"`
	MerchantID    MerchantID
	Number        int
	ThemeID       ThemeID
	Engine        EngineName
	EngineVersion string
	Settings      Settings `bun:"type:jsonb"`
	CreatedBy     UserID   `bun:",nullzero"`
	CreatedAt     time.Time
}

// ReleaseRow is one line of a shop's version history.
type ReleaseRow struct {
	Release   `bun:",extend"`
	ThemeName string
	Author    string `bun:",nullzero"` // email address of who published it, "" for the platform
	Current   bool   // the public sees it
}

// DomainKind tells the platform's own addresses from the merchant's.
type DomainKind string

// The kinds of domains.
const (
	DomainPlatform DomainKind = "platform" // {subdomain}.BASE
	DomainCustom   DomainKind = "custom"   // the merchant's own
)

// DomainKinds returns both kinds.
func DomainKinds() Terms[DomainKind] {
	return Terms[DomainKind]{
		{DomainPlatform, "Domain"},
		{DomainCustom, "Custom domain"},
	}
}

// Name is the kind in words.
func (k DomainKind) Name() string { return DomainKinds().Name(k) }

// Domain is a host name that belongs to one merchant. It answers only once verified, and only
// while its merchant has a release.
type Domain struct {
	ID         DomainID `bun:",pk"`
	Host       string
	MerchantID MerchantID
	Kind       DomainKind
	VerifiedAt time.Time `bun:",nullzero"`
	CreatedAt  time.Time
}

// ShopSettings holds a merchant's own settings, beyond those of the theme.
type ShopSettings struct {
	MerchantID MerchantID `bun:",pk"`
	Currency   string
	Locale     string
	Timezone   string
	Tagline    string
	UpdatedAt  time.Time

	TaxName     string
	TaxRate     int // hundredths of a percent
	TaxIncluded bool
}

// Tax is how the shop's prices are taxed.
func (s ShopSettings) Tax() Tax {
	return Tax{Name: s.TaxName, Rate: s.TaxRate, Included: s.TaxIncluded}
}

// Option is one thing a shopper chooses about a product, such as Size.
type Option struct {
	Name   string   `json:"name"`
	Values []string `json:"values"`
}

// ProductStatus says who sees a product.
type ProductStatus string

// The statuses of a product.
const (
	ProductActive ProductStatus = "active"
	ProductDraft  ProductStatus = "draft"
)

// ProductStatuses returns all of them.
func ProductStatuses() Terms[ProductStatus] {
	return Terms[ProductStatus]{
		{ProductActive, "Active"},
		{ProductDraft, "Draft"},
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
	Description string // paragraphs of plain text
	Vendor      string
	ProductType string
	Status      ProductStatus
	Options     []Option `bun:"type:jsonb"`
	Images      []Image  `bun:"type:jsonb,nullzero"` // its images that are ready, the first one first
	Version     int      // counts edits by people; sales don't count
	Position    int
	CreatedAt   time.Time
	UpdatedAt   time.Time

	Variants []Variant `bun:"-"`
}

// Variant is one buyable form of a product. Prices are minor units of the shop's currency.
type Variant struct {
	ID         VariantID `bun:",pk"`
	MerchantID MerchantID
	ProductID  ProductID
	Title      string
	SKU        string   `bun:"sku"`
	Values     []string `bun:"type:jsonb"` // one per option of the product
	Price      int64
	CompareAt  int64 `bun:",nullzero"` // the price before, 0 where there is none
	Stock      int
	Position   int
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

// CompareAt is the price before of the cheapest variant, 0 where there is none.
func (p Product) CompareAt() int64 {
	low := p.Price()
	for _, v := range p.Variants {
		if v.Price == low && v.CompareAt > low {
			return v.CompareAt
		}
	}
	return 0
}

// PriceVaries tells whether variants have different prices.
func (p Product) PriceVaries() bool {
	for _, v := range p.Variants {
		if v.Price != p.Price() {
			return true
		}
	}
	return false
}

// InStock tells whether any variant can be bought.
func (p Product) InStock() bool {
	for _, v := range p.Variants {
		if v.Stock > 0 {
			return true
		}
	}
	return false
}

// Collection is a group of products with a page of its own.
type Collection struct {
	ID          CollectionID `bun:",pk"`
	MerchantID  MerchantID
	Handle      string
	Title       string
	Description string
	Position    int
	CreatedAt   time.Time
}

// Page is a page of text, such as About us.
type Page struct {
	ID         PageID `bun:",pk"`
	MerchantID MerchantID
	Handle     string
	Title      string
	Body       string // paragraphs of plain text
	CreatedAt  time.Time
	UpdatedAt  time.Time
}

// MenuItem is one link of a menu.
type MenuItem struct {
	Label string `json:"label"`
	URL   string `json:"url"`
}

// Menu is a named list of links: "main" or "footer".
type Menu struct {
	MerchantID MerchantID `bun:",pk"`
	Handle     string     `bun:",pk"`
	Items      []MenuItem `bun:"type:jsonb"`
}

// ShippingRate is one way an order can be sent, at a price.
type ShippingRate struct {
	MerchantID MerchantID `bun:",pk"`
	Name       string     `bun:",pk"`
	Price      int64
	FreeFrom   int64 `bun:",nullzero"` // order value from which it costs nothing, 0 for never
	Position   int
}

// PaymentMethod is one way an order can be paid. Kind "manual" is settled outside the platform.
type PaymentMethod struct {
	MerchantID   MerchantID `bun:",pk"`
	Kind         string     `bun:",pk"`
	Name         string
	Instructions string
	Enabled      bool
}

// Task is one thing on a new merchant's checklist.
type Task struct {
	MerchantID MerchantID `bun:",pk"`
	Key        string     `bun:",pk"`
	Position   int
	DoneAt     time.Time `bun:",nullzero"`
}
