package orbit

import (
	"slices"
	"strconv"
	"strings"
)

// ExportProduct is a product with what its lines in a file name.
type ExportProduct struct {
	Product Product
	Images  []ExportImage // in order
}

// ExportImage is an image by its address.
type ExportImage struct {
	ID       MediaID // zero for one that isn't fetched yet
	URL, Alt string
	Variants []VariantID // those that show it, where ID is zero
}

// ProductColumns returns the header of a file of products in a form, with the columns behind that are kept.
func ProductColumns(form ColumnForm, kept []string) (names []string) {
	for _, c := range exportColumns(form, kept) {
		names = append(names, CSVCell(c.name(form)))
	}
	return names
}

// Records returns a product's lines in such a file: one for each variant and each image. Prices are of the currency. A
// cell that a spreadsheet would run begins with an apostrophe.
func (p ExportProduct) Records(form ColumnForm, kept []string, currency string) (lines [][]string) {
	columns := exportColumns(form, kept)
	for n := range max(len(p.Product.Variants), len(p.Images)) {
		line := make([]string, len(columns))
		for i, c := range columns {
			line[i] = p.cell(c, n, currency)
			if !slices.Contains(numbers, c.field) {
				line[i] = CSVCell(line[i])
			}
		}
		lines = append(lines, line)
	}
	return lines
}

// numbers holds the columns of numbers: a quantity below zero is no formula.
var numbers = []fileField{fieldPrice, fieldCompareAt, fieldCost, fieldQuantity, fieldGrams, fieldImagePlace}

func (p ExportProduct) cell(c fileColumn, n int, currency string) string {
	variant := n < len(p.Product.Variants)
	switch {
	case c.field == fieldHandle:
		return p.Product.Handle
	case c.field == "":
		if value := kept(p.Product.Extra, c.new); n == 0 && value != "" {
			return value
		}
		if !variant {
			return kept(p.Product.Extra, c.new+placeMark+strconv.Itoa(n))
		}
		if value := kept(p.Product.Variants[n].Extra, c.new); value != "" {
			return value
		}
		if variant && (c.new != "Gift card" || n == 0) {
			return c.usual
		}
		return ""
	case slices.Contains([]fileField{fieldImage, fieldImagePlace, fieldImageAlt}, c.field):
		if n < len(p.Images) {
			return map[fileField]string{fieldImage: p.Images[n].URL, fieldImagePlace: strconv.Itoa(n + 1),
				fieldImageAlt: p.Images[n].Alt}[c.field]
		}
		return ""
	}
	if value, ok := p.variantCell(c.field, n, currency); ok {
		return value
	}
	if n > 0 {
		return ""
	}
	return p.productCell(c.field)
}

// kept is what is kept under a column's name, whatever its case.
func kept(extra map[string]string, name string) string {
	if value := extra[name]; value != "" {
		return value
	}
	for k, value := range extra {
		if strings.EqualFold(k, name) {
			return value
		}
	}
	return ""
}

func (p ExportProduct) productCell(f fileField) string {
	switch t := p.Product; f {
	case fieldTitle:
		return t.Title
	case fieldDescription:
		return t.HTML()
	case fieldVendor:
		return t.Vendor
	case fieldType:
		return t.ProductType
	case fieldTags:
		return JoinTags(t.Tags)
	case fieldPublished:
		return strconv.FormatBool(t.Status == ProductActive)
	case fieldStatus:
		return string(t.Status)
	case fieldSEOTitle:
		return t.SEOTitle
	case fieldSEOText:
		return t.SEODescription
	}
	return ""
}

// variantCell returns what a variant's line has in a column of variants; ok is false for other columns.
func (p ExportProduct) variantCell(f fileField, n int, currency string) (cell string, ok bool) {
	var v Variant
	there := n < len(p.Product.Variants)
	if there {
		v = p.Product.Variants[n]
	}
	money := func(amount int64) string {
		if amount == 0 {
			return ""
		}
		return Money{amount, currency}.Decimal()
	}
	for i := range MaxOptions {
		switch {
		case f == optionFields[i] && n == 0 && i < len(p.Product.Options):
			return p.Product.Options[i].Name, true
		case f == optionFields[i] && n == 0 && i == 0:
			return defaultOption, true
		case f == valueFields[i] && i < len(v.Values):
			return v.Values[i], true
		case f == valueFields[i] && i == 0 && there && len(p.Product.Options) == 0:
			return defaultValue, true
		case f == optionFields[i] || f == valueFields[i]:
			return "", true
		}
	}
	cells := map[fileField]func() string{
		fieldSKU:       func() string { return v.SKU },
		fieldBarcode:   func() string { return v.Barcode },
		fieldPrice:     func() string { return Money{v.Price, currency}.Decimal() },
		fieldCompareAt: func() string { return money(v.CompareAt) },
		fieldCost:      func() string { return money(v.Cost) },
		fieldTaxable:   func() string { return strconv.FormatBool(v.Taxable) },
		fieldTracker:   func() string { return map[bool]string{true: "shopify"}[v.TrackInventory] },
		fieldQuantity:  func() string { return strconv.Itoa(v.Stock) },
		fieldContinue:  func() string { return map[bool]string{true: "continue", false: "deny"}[v.ContinueSelling] },
		fieldGrams:     func() string { return strconv.Itoa(v.WeightGrams) },
		fieldShipping:  func() string { return strconv.FormatBool(v.RequiresShipping) },
		fieldVariantPic: func() string {
			for _, i := range p.Images {
				if (!i.ID.IsZero() && i.ID == v.MediaID) || slices.Contains(i.Variants, v.ID) {
					return i.URL
				}
			}
			return ""
		},
	}
	fn, ok := cells[f]
	if !ok || !there {
		return "", ok
	}
	return fn(), true
}
