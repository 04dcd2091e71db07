package api

import (
	"slices"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"

	"orbit360.app/orbit"
)

// Product is what a shop sells.
type Product struct {
	ID              string           `json:"id" format:"uuid"`
	Title           string           `json:"title"`
	Handle          string           `json:"handle" doc:"The last part of its address in the shop."`
	DescriptionHTML string           `json:"descriptionHtml" doc:"Of the elements that are allowed."`
	Vendor          string           `json:"vendor"`
	Type            string           `json:"type"`
	Tags            []string         `json:"tags" nullable:"false"`
	Status          string           `json:"status"`
	PublishAt       *time.Time       `json:"publishAt" doc:"When a draft becomes active."`
	Options         []ProductOption  `json:"options" nullable:"false"`
	Variants        []ProductVariant `json:"variants" nullable:"false" doc:"At least one."`
	Media           []ProductMedia   `json:"media" nullable:"false" doc:"Its images, in order."`
	SEO             ProductSEO       `json:"seo"`
	Collections     []string         `json:"collections" nullable:"false" doc:"Ids of those that it was put into."`
	URL             string           `json:"url" doc:"In the shop."`
	Version         int              `json:"version" doc:"Counts edits by people and programs; sales don't count."`
	CreatedAt       time.Time        `json:"createdAt"`
	UpdatedAt       time.Time        `json:"updatedAt"`
}

// TransformSchema lists the statuses.
func (Product) TransformSchema(_ huma.Registry, s *huma.Schema) *huma.Schema {
	s.Properties["status"].Enum = choices(orbit.ProductStatuses())
	return s
}

// ProductOption is what tells variants apart.
type ProductOption struct {
	Name   string   `json:"name" maxLength:"80"`
	Values []string `json:"values" nullable:"false" maxItems:"100"`
}

// ProductVariant is one form of a product that can be bought.
type ProductVariant struct {
	ID                string            `json:"id" format:"uuid"`
	Title             string            `json:"title"`
	Options           map[string]string `json:"options" doc:"Its value of each option."`
	SKU               string            `json:"sku"`
	Barcode           string            `json:"barcode"`
	Price             int64             `json:"price" doc:"Minor units."`
	CompareAtPrice    *int64            `json:"compareAtPrice"`
	CostPerItem       *int64            `json:"costPerItem"`
	Currency          string            `json:"currency"`
	TrackInventory    bool              `json:"trackInventory"`
	InventoryQuantity int               `json:"inventoryQuantity"`
	ContinueSelling   bool              `json:"continueSelling" doc:"When there are none left too."`
	Taxable           bool              `json:"taxable"`
	RequiresShipping  bool              `json:"requiresShipping"`
	WeightGrams       int               `json:"weightGrams"`
	MediaID           *string           `json:"mediaId" doc:"The product's image that shows it."`
}

// ProductMedia is an image of a product.
type ProductMedia struct {
	ID       string  `json:"id" format:"uuid"`
	URL      *string `json:"url" doc:"Null until it is ready."`
	Alt      string  `json:"alt"`
	Position int     `json:"position"`
	Status   string  `json:"status"`
}

// ProductSEO is what search engines show.
type ProductSEO struct {
	Title       string `json:"title" doc:"Empty for the product's own."`
	Description string `json:"description" doc:"Empty for the product's own."`
}

// productView shows a product with addresses on its shop's host.
func productView(s orbit.ProductSheet, host string) Product {
	p := s.Product
	v := Product{ID: p.ID.String(), Title: p.Title, Handle: p.Handle, DescriptionHTML: p.HTML(), Vendor: p.Vendor,
		Type: p.ProductType, Tags: append([]string{}, p.Tags...), Status: string(p.Status), PublishAt: at(p.PublishAt),
		Options: []ProductOption{}, Variants: []ProductVariant{}, Media: []ProductMedia{}, Collections: []string{},
		SEO: ProductSEO{p.SEOTitle, p.SEODescription}, URL: host + "/products/" + p.Handle, Version: p.Version,
		CreatedAt: p.CreatedAt.UTC(), UpdatedAt: p.UpdatedAt.UTC()}
	for _, o := range p.Options {
		v.Options = append(v.Options, ProductOption{o.Name, o.Values})
	}
	for _, t := range p.Variants {
		v.Variants = append(v.Variants, variantView(p, t, s.Units.Currency))
	}
	for i, m := range s.Images {
		media := ProductMedia{ID: m.ID.String(), Alt: m.Alt, Position: i + 1, Status: string(m.Status)}
		if m.Status == orbit.MediaReady {
			media.URL = text(host + m.Image().Path(1<<20))
		}
		v.Media = append(v.Media, media)
	}
	for _, c := range s.In {
		v.Collections = append(v.Collections, c.String())
	}
	return v
}

func variantView(p orbit.Product, t orbit.Variant, currency string) ProductVariant {
	amount := func(n int64) *int64 {
		if n == 0 {
			return nil
		}
		return &n
	}
	v := ProductVariant{ID: t.ID.String(), Title: t.Title, Options: map[string]string{}, SKU: t.SKU, Barcode: t.Barcode,
		Price: t.Price, CompareAtPrice: amount(t.CompareAt), CostPerItem: amount(t.Cost), Currency: currency,
		TrackInventory: t.TrackInventory, InventoryQuantity: t.Stock, ContinueSelling: t.ContinueSelling,
		Taxable: t.Taxable, RequiresShipping: t.RequiresShipping, WeightGrams: t.WeightGrams}
	for i, o := range p.Options {
		if i < len(t.Values) {
			v.Options[o.Name] = t.Values[i]
		}
	}
	if !t.MediaID.IsZero() {
		v.MediaID = text(t.MediaID.String())
	}
	return v
}

// productFields names the fields of rules as bodies have them.
var productFields = map[string]string{"description": "descriptionHtml", "product_type": "type",
	"publish_at": "publishAt",
	"seo_title":  "seo.title", "seo_description": "seo.description", "option1": "options[0]", "option2": "options[1]",
	"option3": "options[2]"}

// variantFields does so for those of
// variants.
var variantFields = map[string]string{"compare_at": "compareAtPrice", "cost": "costPerItem",
	"stock":  "inventoryQuantity",
	"weight": "weightGrams", "media": "mediaId", "values": "options"}

// placedProduct has faults of a product's rules name the fields as they were sent: before is where the product's are,
// of says where those of a variant are.
func placedProduct(err error, before string, of func(orbit.VariantID) string) error {
	faults := orbit.FaultsOf(err)
	for i, f := range faults {
		name, rest, _ := strings.Cut(f.Field, ".")
		id, bad := orbit.ParseID[orbit.Variant](rest)
		switch {
		case bad == nil && variantFields[name] != "":
			faults[i].Field = of(id) + "." + variantFields[name]
		case bad == nil:
			faults[i].Field = of(id) + "." + name
		case productFields[name] != "":
			faults[i].Field = before + productFields[name]
		default:
			faults[i].Field = before + f.Field
		}
	}
	return err
}

// missing returns the combinations of a product's options that it offers no variant of, and that were offered before or
// are new.
func missing(p, was orbit.Product) (titles []string) {
	has := func(p orbit.Product, values []string) bool {
		return slices.ContainsFunc(p.Variants, func(v orbit.Variant) bool { return slices.Equal(v.Values, values) })
	}
	known := func(values []string) bool { // a combination that could be offered before
		if len(was.Options) != len(values) {
			return false
		}
		for i, o := range was.Options {
			if !slices.Contains(o.Values, values[i]) {
				return false
			}
		}
		return true
	}
	for _, values := range p.Combinations() {
		if !has(p, values) && (!known(values) || has(was, values)) {
			titles = append(titles, orbit.VariantTitle(values))
		}
	}
	return titles
}
