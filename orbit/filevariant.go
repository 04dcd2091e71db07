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
	if rows := r.variantRows(); r.isNew {
		r.build(rows, Variant{})
	} else {
		r.update(rows)
	}
}

// build reads lines that say all of a product's options and variants; the first line is of a variant that is there,
// zero for none.
func (r *fileReading) build(rows []FileRow, first Variant) {
	options := r.options(rows)
	var all []VariantPatch
	for n, row := range rows {
		values := make([]string, len(options))
		for i := range options {
			values[i], _ = Line(r.cell(row, valueFields[i]))
			if values[i] == "" {
				r.fault(row, valueFields[i], "", "Enter the variant's "+options[i].Name+".")
			} else if !hasFold(options[i].Values, values[i]) {
				options[i].Values = append(options[i].Values, values[i])
			}
		}
		v, id := Variant{TrackInventory: true, Taxable: true, RequiresShipping: true}, NewID[Variant]()
		if n == 0 && !first.ID.IsZero() {
			v, id = first, first.ID
		}
		patch := r.variant(row, v, id)
		patch.Values = &values
		all = append(all, patch)
	}
	r.patch.Options, r.patch.Variants = &options, &all
}

func hasFold(list []string, s string) bool {
	return slices.ContainsFunc(list, func(v string) bool { return strings.EqualFold(v, s) })
}

// columnsOf returns which of the product's options each of the file's columns is of: by its name, or without one by its
// place; -1 where it says nothing. Other names for as many options rename them, as long as each line's values are a
// variant's. ok is false where the file has other options than the product.
func (r *fileReading) columnsOf(rows []FileRow) (of [MaxOptions]int, renamed []string, ok bool) {
	was := r.now.Product.Options
	var names [MaxOptions]string
	used, strange := 0, false
	for i := range of {
		of[i] = -1
		said := false
		for _, row := range rows {
			names[i] = cmp.Or(names[i], r.cell(row, optionFields[i]))
			said = said || r.cell(row, valueFields[i]) != ""
		}
		if i == 0 && len(was) == 0 && r.cell(rows[0], valueFields[0]) == defaultValue && len(rows) == 1 {
			continue // a product without options
		}
		if names[i] == "" && !said {
			continue
		}
		used++
		at := slices.IndexFunc(was, func(o Option) bool { return strings.EqualFold(o.Name, names[i]) })
		switch {
		case names[i] == "" && i < len(was):
			of[i] = i
		case at >= 0:
			of[i] = at
		default:
			strange = true
		}
	}
	if !strange {
		return of, nil, true
	}
	if used != len(was) || len(was) == 0 {
		return of, nil, false
	}
	for i := range of {
		of[i] = -1
		if i < len(was) {
			of[i] = i
			renamed = append(renamed, cmp.Or(names[i], was[i].Name))
		}
	}
	return of, renamed, true
}

// update reads lines of a product that is there. A line is of the variant with its values; where it leaves some out, of
// the only one that has the others, or its SKU. Variants that no line is of stay.
func (r *fileReading) update(rows []FileRow) {
	was := r.now.Product
	of, renamed, ok := r.columnsOf(rows)
	if !ok && len(was.Options) == 0 && len(was.Variants) == 1 {
		r.build(rows, was.Variants[0]) // it gets options
		return
	}
	if !ok {
		var names []string
		for _, o := range was.Options {
			names = append(names, o.Name)
		}
		r.fault(rows[0], fieldOption1, r.cell(rows[0], fieldOption1), "The product has the options "+
			cmp.Or(strings.Join(names, ", "), "none")+". Change them on its page, or give this one another handle.")
		return
	}
	options := make([]Option, len(was.Options))
	for i, o := range was.Options {
		options[i] = Option{Name: o.Name, Values: slices.Clone(o.Values)}
		if renamed != nil {
			options[i].Name = renamed[i]
		}
	}
	var all []VariantPatch
	for _, v := range was.Variants {
		all = append(all, VariantPatch{ID: v.ID}) // in their order; those that no line is of stay as they are
	}
	for _, row := range rows {
		given := make([]string, len(options))
		full := true
		for column, i := range of {
			if i >= 0 {
				given[i], _ = Line(r.cell(row, valueFields[column]))
			}
		}
		for _, v := range given {
			full = full && v != ""
		}
		v, found := r.variantOf(row, given)
		switch {
		case found && r.lines[v.ID].Line > 0:
			r.fault(row, fieldValue1, r.cell(row, fieldValue1), "This variant has a line already.")
		case found:
			at := slices.IndexFunc(all, func(p VariantPatch) bool { return p.ID == v.ID })
			all[at] = r.variant(row, v, v.ID)
		case full && renamed == nil:
			for i := range options {
				if !hasFold(options[i].Values, given[i]) {
					options[i].Values = append(options[i].Values, given[i])
				}
			}
			patch := r.variant(row, Variant{TrackInventory: true, Taxable: true, RequiresShipping: true}, NewID[Variant]())
			patch.Values = &given
			all = append(all, patch)
		default:
			r.fault(row, fieldValue1, r.cell(row, fieldValue1), "It isn't clear which variant this line is of. Enter its "+
				"value of each option, or its SKU.")
		}
	}
	r.patch.Options, r.patch.Variants = &options, &all
}

// variantOf finds the variant that a line is of, by the values that it gives.
func (r *fileReading) variantOf(row FileRow, given []string) (v Variant, found bool) {
	var fit []Variant
	full := true
	for _, g := range given {
		full = full && g != ""
	}
	for _, w := range r.now.Product.Variants {
		same := true
		for i, g := range given {
			same = same && (g == "" || strings.EqualFold(g, w.Values[i]))
		}
		if same {
			fit = append(fit, w)
		}
	}
	if sku := r.cell(row, fieldSKU); len(fit) > 1 && sku != "" && !full {
		fit = slices.DeleteFunc(fit, func(w Variant) bool { return w.SKU != sku })
	}
	if len(fit) != 1 {
		return v, false
	}
	return fit[0], true
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
