package orbit

import (
	"cmp"
	"slices"
	"strings"
)

// The columns of files of products, in the two forms that Shopify's exports have had: help.shopify.com, "Using CSV
// files to import and export products", of 2019 and of 2025.

// ColumnForm is one of the two.
type ColumnForm string

// The forms.
const (
	OldColumns ColumnForm = "old"
	NewColumns ColumnForm = "new"
)

// ColumnForms returns both.
func ColumnForms() Terms[ColumnForm] {
	return Terms[ColumnForm]{{NewColumns, "New columns"}, {OldColumns, "Old columns"}}
}

// fileField is what a column says of a product, a variant or an image. "" is for columns that are kept and mean nothing
// here.
type fileField string

const (
	fieldHandle      fileField = "handle"
	fieldTitle       fileField = "title"
	fieldDescription fileField = "description"
	fieldVendor      fileField = "vendor"
	fieldType        fileField = "product_type"
	fieldTags        fileField = "tags"
	fieldPublished   fileField = "published"
	fieldStatus      fileField = "status"
	fieldOption1     fileField = "option1"
	fieldOption2     fileField = "option2"
	fieldOption3     fileField = "option3"
	fieldValue1      fileField = "value1"
	fieldValue2      fileField = "value2"
	fieldValue3      fileField = "value3"
	fieldSKU         fileField = "sku"
	fieldBarcode     fileField = "barcode"
	fieldGrams       fileField = "weight"
	fieldTracker     fileField = "tracker"
	fieldQuantity    fileField = "stock"
	fieldContinue    fileField = "continue"
	fieldPrice       fileField = "price"
	fieldCompareAt   fileField = "compare_at"
	fieldCost        fileField = "cost"
	fieldShipping    fileField = "shipping"
	fieldTaxable     fileField = "taxable"
	fieldImage       fileField = "image"
	fieldImagePlace  fileField = "image_position"
	fieldImageAlt    fileField = "image_alt"
	fieldVariantPic  fileField = "media"
	fieldSEOTitle    fileField = "seo_title"
	fieldSEOText     fileField = "seo_description"
)

// fileColumn is a column by its names in both forms, "" where a form hasn't got it, with what stands in it where
// nothing is known.
type fileColumn struct {
	field    fileField
	old, new string
	usual    string
}

// fileColumns holds the columns of both forms in the order of the new one; oldOrder has that of the old one.
var fileColumns = []fileColumn{
	{fieldTitle, "Title", "Title", ""},
	{fieldHandle, "Handle", "URL handle", ""},
	{fieldDescription, "Body (HTML)", "Description", ""},
	{fieldVendor, "Vendor", "Vendor", ""},
	{"", "Product Category", "Product category", ""},
	{fieldType, "Type", "Type", ""},
	{fieldTags, "Tags", "Tags", ""},
	{fieldPublished, "Published", "Published on online store", ""},
	{fieldStatus, "Status", "Status", ""},
	{fieldSKU, "Variant SKU", "SKU", ""},
	{fieldBarcode, "Variant Barcode", "Barcode", ""},
	{fieldOption1, "Option1 Name", "Option1 name", ""},
	{fieldValue1, "Option1 Value", "Option1 value", ""},
	{"", "Option1 Linked To", "Option1 Linked To", ""},
	{fieldOption2, "Option2 Name", "Option2 name", ""},
	{fieldValue2, "Option2 Value", "Option2 value", ""},
	{"", "Option2 Linked To", "Option2 Linked To", ""},
	{fieldOption3, "Option3 Name", "Option3 name", ""},
	{fieldValue3, "Option3 Value", "Option3 value", ""},
	{"", "Option3 Linked To", "Option3 Linked To", ""},
	{fieldPrice, "Variant Price", "Price", ""},
	{fieldCompareAt, "Variant Compare At Price", "Compare-at price", ""},
	{fieldCost, "Cost per item", "Cost per item", ""},
	{fieldTaxable, "Variant Taxable", "Charge tax", ""},
	{"", "Variant Tax Code", "Tax code", ""},
	{fieldTracker, "Variant Inventory Tracker", "Inventory tracker", ""},
	{fieldQuantity, "Variant Inventory Qty", "Inventory quantity", ""},
	{fieldContinue, "Variant Inventory Policy", "Continue selling when out of stock", ""},
	{fieldGrams, "Variant Grams", "Weight value (grams)", ""},
	{"", "Variant Weight Unit", "Weight unit for display", "g"},
	{fieldShipping, "Variant Requires Shipping", "Requires shipping", ""},
	{"", "Variant Fulfillment Service", "Fulfillment service", "manual"},
	{fieldImage, "Image Src", "Product image URL", ""},
	{fieldImagePlace, "Image Position", "Image position", ""},
	{fieldImageAlt, "Image Alt Text", "Image alt text", ""},
	{fieldVariantPic, "Variant Image", "Variant image URL", ""},
	{"", "Gift Card", "Gift card", "false"},
	{fieldSEOTitle, "SEO Title", "SEO title", ""},
	{fieldSEOText, "SEO Description", "SEO description", ""},
}

// oldOrder is the order of the old form.
var oldOrder = []string{"Handle", "Title", "Body (HTML)", "Vendor", "Product Category", "Type", "Tags", "Published",
	"Option1 Name", "Option1 Value", "Option1 Linked To", "Option2 Name", "Option2 Value", "Option2 Linked To",
	"Option3 Name", "Option3 Value", "Option3 Linked To", "Variant SKU", "Variant Grams", "Variant Inventory Tracker",
	"Variant Inventory Qty", "Variant Inventory Policy", "Variant Fulfillment Service", "Variant Price",
	"Variant Compare At Price", "Variant Requires Shipping", "Variant Taxable", "Variant Barcode", "Image Src",
	"Image Position", "Image Alt Text", "Gift Card", "SEO Title", "SEO Description", "Variant Image",
	"Variant Weight Unit", "Variant Tax Code", "Cost per item", "Status"}

// name is what the column is called in a form.
func (c fileColumn) name(form ColumnForm) string {
	if form == OldColumns {
		return c.old
	}
	return c.new
}

// columnOf finds a column by a header in either form, whatever its case.
func columnOf(header string) (fileColumn, bool) {
	i := slices.IndexFunc(fileColumns, func(c fileColumn) bool {
		return strings.EqualFold(c.old, header) || strings.EqualFold(c.new, header)
	})
	if i < 0 {
		return fileColumn{}, false
	}
	return fileColumns[i], true
}

// exportColumns returns the columns of a file in a form, with those behind that are kept.
func exportColumns(form ColumnForm, kept []string) []fileColumn {
	columns := slices.Clone(fileColumns)
	if form == OldColumns {
		slices.SortFunc(columns, func(a, b fileColumn) int {
			return cmp.Compare(slices.Index(oldOrder, a.old), slices.Index(oldOrder, b.old))
		})
	}
	kept = slices.Clone(kept)
	slices.SortFunc(kept, func(a, b string) int {
		return cmp.Or(cmp.Compare(strings.ToLower(a), strings.ToLower(b)), cmp.Compare(a, b))
	})
	for _, k := range slices.CompactFunc(kept, strings.EqualFold) {
		if _, known := columnOf(k); !known {
			columns = append(columns, fileColumn{old: k, new: k})
		}
	}
	return columns
}

// Bounds of a file's header.
const (
	maxColumns    = 2000
	maxKept       = 500 // that mean nothing here
	maxColumnName = 200
)

// FileHeader is the header of a file of products.
type FileHeader struct{ columns []headerColumn }

type headerColumn struct {
	name  string // as the file has it
	field fileField
	key   string // under which it is kept, where it means nothing here
}

// ReadFileHeader reads a header. Columns that mean nothing here are kept. Invalid where it can't be one of a file of
// products.
func ReadFileHeader(cells []string) (h FileHeader, err error) {
	if len(cells) > maxColumns {
		return h, Errorf(Invalid, "The file has %d columns; %d are the most.", len(cells), maxColumns)
	}
	kept := 0
	seen := map[string]bool{}
	fields := map[fileField]bool{}
	for i, cell := range cells {
		name, ok := Line(Clean(cell))
		name = fromCSVCell(name)
		if !ok || len(name) > maxColumnName {
			return h, Errorf(Invalid, "The name of column %d can't be read.", i+1)
		}
		if name == "" {
			h.columns = append(h.columns, headerColumn{})
			continue
		}
		c, known := columnOf(name)
		column := headerColumn{name: name, field: c.field}
		if c.field == "" {
			column.key = name
			if known {
				column.key = c.new
			} else if kept++; kept > maxKept {
				return h, Errorf(Invalid, "More than %d columns mean nothing here. Take some out of the file.", maxKept)
			}
		}
		id := strings.ToLower(cmp.Or(column.key, name))
		twice := seen[id] || (c.field != "" && fields[c.field])
		if twice {
			return h, Errorf(Invalid, "The file has two columns %s.", name)
		}
		seen[id], fields[c.field] = true, true
		h.columns = append(h.columns, column)
	}
	if !fields[fieldTitle] && !fields[fieldHandle] {
		return h, Errorf(Invalid, "This isn't a file of products: its first line has neither a column Title nor Handle.")
	}
	return h, nil
}

// Kept returns the names of the columns that mean nothing here and are kept for the next export.
func (h FileHeader) Kept() (names []string) {
	for _, c := range h.columns {
		if _, known := columnOf(c.name); c.name != "" && !known {
			names = append(names, c.name)
		}
	}
	return names
}

// has reports whether the file has a column.
func (h FileHeader) has(f fileField) bool {
	return slices.ContainsFunc(h.columns, func(c headerColumn) bool { return c.field == f })
}

// nameOf is what the file calls a column.
func (h FileHeader) nameOf(f fileField) string {
	for _, c := range h.columns {
		if c.field == f {
			return c.name
		}
	}
	return ""
}
