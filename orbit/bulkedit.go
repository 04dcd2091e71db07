package orbit

import (
	"math"
	"slices"
	"strconv"
	"strings"
	"time"
)

// BulkColumn is a field of products or variants that a bulk edit shows.
type BulkColumn string

// The columns of a bulk edit.
const (
	BulkStatus      BulkColumn = "status"
	BulkPrice       BulkColumn = "price"
	BulkCompareAt   BulkColumn = "compare_at"
	BulkQuantity    BulkColumn = "stock"
	BulkVendor      BulkColumn = "vendor"
	BulkType        BulkColumn = "product_type"
	BulkTags        BulkColumn = "tags"
	BulkCollections BulkColumn = "collections"
)

// BulkColumns returns all of them.
func BulkColumns() Terms[BulkColumn] {
	return Terms[BulkColumn]{
		{BulkStatus, "Status"},
		{BulkPrice, "Price"},
		{BulkCompareAt, "Compare-at price"},
		{BulkQuantity, "Quantity"},
		{BulkVendor, "Vendor"},
		{BulkType, "Product type"},
		{BulkTags, "Tags"},
		{BulkCollections, "Collections"},
	}
}

// OfVariant reports whether each variant has its own value of the column.
func (c BulkColumn) OfVariant() bool {
	return c == BulkPrice || c == BulkCompareAt || c == BulkQuantity
}

// BulkForm holds products as somebody edits them at once: the columns that are shown, and a row for each product.
type BulkForm struct {
	ID      OperationID // the form's own: sent twice, it changes them once
	Columns []BulkColumn
	Rows    []BulkRow
}

// BulkRow is a product of a BulkForm, as its cells are typed.
type BulkRow struct {
	ID       ProductID
	Version  int // that the form showed
	Cells    map[BulkColumn]string
	Variants []BulkVariant
}

// BulkVariant is a variant of a BulkForm.
type BulkVariant struct {
	ID    VariantID
	Was   int // the quantity that the form showed
	Cells map[BulkColumn]string
}

// BulkFormOf returns products as the form shows them.
func BulkFormOf(id OperationID, columns []BulkColumn, sheets []ProductSheet) BulkForm {
	f := BulkForm{ID: id, Columns: columns}
	for _, s := range sheets {
		f.Rows = append(f.Rows, bulkRow(s))
	}
	return f
}

func bulkRow(s ProductSheet) BulkRow {
	p := s.Product
	row := BulkRow{ID: p.ID, Version: p.Version, Cells: map[BulkColumn]string{BulkStatus: string(p.Status),
		BulkVendor: p.Vendor, BulkType: p.ProductType, BulkTags: JoinTags(p.Tags), BulkCollections: titlesOf(s)}}
	for _, v := range p.Variants {
		cells := map[BulkColumn]string{BulkPrice: Money{v.Price, s.Units.Currency}.Decimal(),
			BulkQuantity: strconv.Itoa(v.Stock)}
		if v.CompareAt != 0 {
			cells[BulkCompareAt] = Money{v.CompareAt, s.Units.Currency}.Decimal()
		}
		row.Variants = append(row.Variants, BulkVariant{ID: v.ID, Was: v.Stock, Cells: cells})
	}
	return row
}

func titlesOf(s ProductSheet) string {
	var titles []string
	for _, c := range s.Collections {
		if slices.Contains(s.In, c.ID) {
			titles = append(titles, c.Title)
		}
	}
	return JoinTags(titles)
}

// Edits returns what the form makes of products as they are now, in their order. Faults are on a column with a point
// and the product's or variant's id behind. Conflict with what the form didn't show yet: products that somebody has
// edited since.
func (f BulkForm) Edits(sheets []ProductSheet, now time.Time) (edits []ProductEdit, err error) {
	var bad, changed Faults
	for _, s := range sheets {
		n := slices.IndexFunc(f.Rows, func(r BulkRow) bool { return r.ID == s.Product.ID })
		if n < 0 {
			edits = append(edits, ProductEdit{Product: s.Product, In: s.In})
			continue
		}
		row := f.Rows[n]
		if row.Version != s.Product.Version {
			changed.Add("product", "", "%s was edited since you opened this page.", s.Product.Title)
		}
		before := len(bad)
		edit, err := f.patch(row, s, &bad).Upon(s, now)
		for _, fault := range FaultsOf(err) {
			if !strings.Contains(fault.Field, ".") {
				fault.Field += "." + s.Product.ID.String()
			}
			if !bad[before:].On(fault.Field) {
				bad = append(bad, fault)
			}
		}
		if s.ReadOnly && !edit.Product.Same(s.Product) {
			bad.Add("status."+s.Product.ID.String(), "", "%s", ReadOnlyProduct)
		}
		edits = append(edits, edit)
	}
	if len(changed) > 0 {
		return nil, Errorf(Conflict, "Someone changed products in between. Nothing of yours is lost: save again to make "+
			"them as you have them here.").With(changed[:min(len(changed), MaxInTheWay)]...)
	}
	return edits, bad.Err()
}

// patch reads a row's cells.
func (f BulkForm) patch(row BulkRow, s ProductSheet, bad *Faults) (t ProductPatch) {
	at := "." + row.ID.String()
	for _, c := range f.Columns {
		typed, ok := row.Cells[c]
		if !ok || c.OfVariant() {
			continue
		}
		switch c {
		case BulkStatus:
			status := ProductStatus(typed)
			t.Status = &status
		case BulkVendor:
			t.Vendor = &typed
		case BulkType:
			t.ProductType = &typed
		case BulkTags:
			tags := SplitTags(typed)
			t.Tags = &tags
		case BulkCollections:
			if typed == titlesOf(s) {
				continue // two can have the same title
			}
			if in, ok := collectionsOf(typed, s, bad, string(c)+at); ok {
				t.Collections = &in
			}
		}
	}
	for _, v := range row.Variants {
		n := slices.IndexFunc(s.Product.Variants, func(w Variant) bool { return w.ID == v.ID })
		if n < 0 {
			continue // it was deleted since, which the product's version tells
		}
		t.Set = append(t.Set, f.variant(v, s.Product.Variants[n], s.Units, bad))
	}
	return t
}

func (f BulkForm) variant(v BulkVariant, now Variant, u Units, bad *Faults) VariantPatch {
	t := VariantPatch{ID: v.ID}
	at := "." + v.ID.String()
	for _, c := range f.Columns {
		typed, ok := v.Cells[c]
		if !ok || !c.OfVariant() {
			continue
		}
		typed = strings.TrimSpace(typed)
		switch {
		case c == BulkQuantity:
			n, err := strconv.Atoi(typed)
			if err != nil {
				bad.Add(string(c)+at, typed, wantQuantity, MaxStock)
				continue
			}
			quantity := now.Stock + n - v.Was // what was sold in between stays sold
			t.Quantity = &quantity
		case c == BulkCompareAt && typed == "":
			t.CompareAt = new(int64)
		default:
			n := bad.price(string(c)+at, typed, u.Currency)
			if c == BulkPrice {
				t.Price = &n
			} else {
				t.CompareAt = &n
			}
		}
	}
	return t
}

// collectionsOf reads titles of collections.
func collectionsOf(typed string, s ProductSheet, bad *Faults, field string) (in []CollectionID, ok bool) {
	ok = true
	for _, title := range SplitTags(typed) {
		title, _ = Line(title)
		n := slices.IndexFunc(s.Collections, func(c Collection) bool { return strings.EqualFold(c.Title, title) })
		switch {
		case title == "":
		case n < 0:
			bad.Add(field, title, "There is no collection %s.", title)
			ok = false
		case !slices.Contains(in, s.Collections[n].ID):
			in = append(in, s.Collections[n].ID)
		}
	}
	return in, ok
}

// BulkAction is what is done to a column of all rows.
type BulkAction string

// The actions.
const (
	BulkSet    BulkAction = "set"
	BulkRaise  BulkAction = "raise"
	BulkLower  BulkAction = "lower"
	BulkAdd    BulkAction = "add"
	BulkRemove BulkAction = "remove"
)

// BulkActions returns all of them.
func BulkActions() Terms[BulkAction] {
	return Terms[BulkAction]{
		{BulkSet, "Set to"},
		{BulkRaise, "Raise by"},
		{BulkLower, "Lower by"},
		{BulkAdd, "Add"},
		{BulkRemove, "Remove"},
	}
}

// Apply does the same to a column of all rows: a number, or a percentage such as 10%, is added to or taken from prices
// and quantities; tags and collections are added or removed; everything can be set, and emptied by setting it to
// nothing. Faults are on action and value.
func (f BulkForm) Apply(column BulkColumn, action BulkAction, value, currency string) (BulkForm, error) {
	var bad Faults
	value = strings.TrimSpace(value)
	list := column == BulkTags || column == BulkCollections
	switch {
	case !slices.Contains(f.Columns, column):
		bad.Add("column", string(column), "Choose a column.")
	case !BulkActions().Has(action),
		(action == BulkRaise || action == BulkLower) && !column.OfVariant(),
		(action == BulkAdd || action == BulkRemove) && !list:
		bad.Add("action", string(action), "This can't be done to %s. Choose another action.",
			strings.ToLower(BulkColumns().Name(column)))
	case column == BulkStatus && !ProductStatuses().Has(ProductStatus(strings.ToLower(value))):
		bad.Add("value", value, "Enter active, draft or archived.")
	}
	if len(bad) > 0 {
		return f, bad.Err()
	}
	if column == BulkStatus {
		value = strings.ToLower(value)
	}
	out := f
	out.Rows = make([]BulkRow, len(f.Rows))
	for i, row := range f.Rows {
		row.Cells, row.Variants = cloned(row.Cells), slices.Clone(row.Variants)
		if !column.OfVariant() {
			row.Cells[column] = listed(row.Cells[column], action, value)
		}
		for n := range row.Variants {
			v := &row.Variants[n]
			if v.Cells = cloned(v.Cells); column.OfVariant() {
				cell, fault := counted(v.Cells[column], column, action, value, currency)
				if fault != "" {
					bad.Add("value", value, "%s", fault)
					return f, bad.Err()
				}
				v.Cells[column] = cell
			}
		}
		out.Rows[i] = row
	}
	return out, nil
}

func cloned(m map[BulkColumn]string) map[BulkColumn]string {
	out := make(map[BulkColumn]string, len(m))
	for k, v := range m {
		out[k] = v
	}
	return out
}

// listed does an action to a text, or to a list of tags or titles.
func listed(cell string, action BulkAction, value string) string {
	if action == BulkSet {
		return value
	}
	tags := SplitTags(cell)
	for _, t := range SplitTags(value) {
		same := func(o string) bool { return strings.EqualFold(strings.TrimSpace(o), strings.TrimSpace(t)) }
		if action == BulkRemove {
			tags = slices.DeleteFunc(tags, same)
		} else if !slices.ContainsFunc(tags, same) {
			tags = append(tags, t)
		}
	}
	return JoinTags(tags)
}

// counted does an action to a price or a quantity. What can't be read stays, for its own fault to say so; a price
// that isn't there has nothing to raise.
func counted(cell string, column BulkColumn, action BulkAction, value, currency string) (now, fault string) {
	if action == BulkSet {
		return value, ""
	}
	sign := map[BulkAction]int64{BulkRaise: 1, BulkLower: -1}[action]
	percent, isPercent := strings.CutSuffix(value, "%")
	share := 0.0
	var by int64
	var err error
	switch {
	case isPercent:
		share, err = strconv.ParseFloat(strings.Replace(strings.TrimSpace(percent), ",", ".", 1), 64)
		if err != nil || math.IsNaN(share) || share < 0 || share > 1000 {
			return cell, "Enter a percentage from 0 % to 1000 %."
		}
	case column == BulkQuantity:
		if by, err = strconv.ParseInt(value, 10, 32); err != nil || by < 0 {
			return cell, "Enter a number, or a percentage such as 10%."
		}
	default:
		if by, err = ParseMoney(value, currency); err != nil {
			return cell, "Enter an amount, or a percentage such as 10%."
		}
	}
	var has int64
	if column == BulkQuantity {
		has, err = strconv.ParseInt(strings.TrimSpace(cell), 10, 32)
	} else {
		has, err = ParseMoney(cell, currency)
	}
	if err != nil {
		return cell, ""
	}
	if isPercent {
		by = int64(math.Round(float64(has) * share / 100))
	}
	has = max(min(has, 0), has+sign*by)
	if column == BulkQuantity {
		return strconv.FormatInt(has, 10), ""
	}
	return Money{has, currency}.Decimal(), ""
}

// Upon returns the row as it is sent again about the product that is there now.
func (r BulkRow) Upon(now Product) BulkRow {
	r.Version = now.Version
	variants := slices.Clone(r.Variants)
	r.Variants = nil
	for _, v := range variants {
		n := slices.IndexFunc(now.Variants, func(w Variant) bool { return w.ID == v.ID })
		if n < 0 {
			continue
		}
		if typed, err := strconv.Atoi(strings.TrimSpace(v.Cells[BulkQuantity])); err == nil && typed == v.Was {
			v.Cells[BulkQuantity] = strconv.Itoa(now.Variants[n].Stock)
		}
		v.Was = now.Variants[n].Stock
		r.Variants = append(r.Variants, v)
	}
	return r
}
