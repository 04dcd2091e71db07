package orbit

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
)

var (
	optionFields = []fileField{fieldOption1, fieldOption2, fieldOption3}
	valueFields  = []fileField{fieldValue1, fieldValue2, fieldValue3}
)

// variantRows returns the lines that are of a variant: the first one, and those with anything but images.
func (r *fileReading) variantRows() (rows []FileRow) {
	for i, row := range r.rows {
		if i == 0 || slices.ContainsFunc([]fileField{fieldValue1, fieldValue2, fieldValue3, fieldSKU, fieldPrice,
			fieldBarcode, fieldQuantity}, func(f fileField) bool { return r.cell(row, f) != "" }) {
			rows = append(rows, row)
		}
	}
	return rows
}

// options returns the options that the lines are about: those of the file, in the first line that has a name, or those
// that are there.
func (r *fileReading) options(rows []FileRow) (options []Option) {
	for i, f := range optionFields {
		name, value := "", false
		for _, row := range rows {
			name = cmp.Or(name, r.cell(row, f))
			value = value || r.cell(row, valueFields[i]) != ""
		}
		switch {
		case name == "" && !value:
			continue
		case name == "" && len(options) < len(r.now.Product.Options):
			name = r.now.Product.Options[len(options)].Name
		case name == "" && i == 0 && len(rows) == 1 && r.cell(rows[0], fieldValue1) == defaultValue:
			name = defaultOption
		case name == "":
			r.fault(rows[0], f, "", "Name the option that these values are of.")
			name = "Option " + strconv.Itoa(i+1)
		}
		options = append(options, Option{Name: name})
	}
	if len(options) == 1 && len(rows) == 1 && strings.EqualFold(options[0].Name, defaultOption) &&
		strings.EqualFold(r.cell(rows[0], fieldValue1), defaultValue) {
		return []Option{}
	}
	return options
}

// What stands in the columns of a product without options.
const (
	defaultOption = "Title"
	defaultValue  = "Default Title"
)

func (r *fileReading) variants() {
	rows := r.variantRows()
	if !r.has(fieldValue1) && !r.isNew {
		r.bySKU(rows)
		return
	}
	options := r.options(rows)
	was := r.now.Product
	same := !r.isNew && len(options) == len(was.Options)
	var all []VariantPatch
	named := map[VariantID]bool{}
	for _, row := range rows {
		values := make([]string, len(options))
		for i := range options {
			values[i], _ = Line(r.cell(row, valueFields[i]))
			if values[i] == "" {
				r.fault(row, valueFields[i], "", "Enter the variant's "+options[i].Name+".")
			} else if !slices.ContainsFunc(options[i].Values, func(v string) bool { return strings.EqualFold(v, values[i]) }) {
				options[i].Values = append(options[i].Values, values[i])
			}
		}
		v := Variant{TrackInventory: true, Taxable: true, RequiresShipping: true}
		id := NewID[Variant]()
		if n := slices.IndexFunc(was.Variants, func(w Variant) bool {
			return same && slices.EqualFunc(w.Values, values, strings.EqualFold)
		}); n >= 0 && !named[was.Variants[n].ID] {
			v = was.Variants[n]
			id = v.ID
		}
		named[id] = true
		patch := r.variant(row, v, id)
		patch.Values = &values
		all = append(all, patch)
	}
	if same { // variants that the file leaves out stay, with their values
		for i, o := range was.Options {
			for _, v := range o.Values {
				used := slices.ContainsFunc(was.Variants, func(w Variant) bool { return !named[w.ID] && w.Values[i] == v })
				if used && !slices.ContainsFunc(options[i].Values, func(x string) bool { return strings.EqualFold(x, v) }) {
					options[i].Values = append(options[i].Values, v)
				}
			}
		}
		for _, v := range was.Variants {
			if !named[v.ID] {
				all = append(all, VariantPatch{ID: v.ID})
			}
		}
	}
	r.patch.Options, r.patch.Variants = &options, &all
}

// bySKU changes variants that are there, in a file without values of options.
func (r *fileReading) bySKU(rows []FileRow) {
	has := r.now.Product.Variants
	for _, row := range rows {
		sku := r.cell(row, fieldSKU)
		n := slices.IndexFunc(has, func(v Variant) bool { return sku != "" && v.SKU == sku })
		if n < 0 && len(has) == 1 && len(rows) == 1 {
			n = 0
		}
		if n < 0 {
			r.fault(row, fieldSKU, sku, "There is no variant with this SKU. Add columns with the values of its options.")
			continue
		}
		if _, twice := r.lines[has[n].ID]; twice {
			r.fault(row, fieldSKU, sku, "This variant has a line already.")
			continue
		}
		r.patch.Set = append(r.patch.Set, r.variant(row, has[n], has[n].ID))
	}
}

// variant reads a line of a variant that is v now.
func (r *fileReading) variant(row FileRow, v Variant, id VariantID) VariantPatch {
	r.lines[id] = row
	r.order = append(r.order, id)
	known := !v.ID.IsZero()
	line := *r
	line.isNew = !known
	t := VariantPatch{ID: id}
	text := func(f fileField, has string) *string {
		cell := r.cell(row, f)
		if !r.has(f) || line.leaves(cell, has) {
			return nil
		}
		return &cell
	}
	yes := func(f fileField, has bool) *bool {
		if !r.has(f) || (known && r.cell(row, f) == "") {
			return nil
		}
		b := line.boolean(row, f, has)
		return &b
	}
	t.SKU, t.Barcode = text(fieldSKU, v.SKU), text(fieldBarcode, v.Barcode)
	t.Price = line.amount(row, fieldPrice, v.Price)
	t.CompareAt, t.Cost = line.amount(row, fieldCompareAt, v.CompareAt), line.amount(row, fieldCost, v.Cost)
	t.Quantity = line.number(row, fieldQuantity, v.Stock, -MaxStock, MaxStock)
	t.WeightGrams = line.number(row, fieldGrams, v.WeightGrams, 0, maxWeight)
	t.RequiresShipping, t.Taxable = yes(fieldShipping, true), yes(fieldTaxable, true)
	t.ContinueSelling = yes(fieldContinue, false)
	if r.has(fieldTracker) {
		if tracker := r.cell(row, fieldTracker); tracker != "" || !known || r.erase {
			tracked := tracker != ""
			t.TrackInventory = &tracked
		}
	}
	r.blanks, r.faults = line.blanks, line.faults
	return t
}
