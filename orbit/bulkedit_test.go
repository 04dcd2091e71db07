package orbit_test

import (
	"testing"
	"time"

	"orbit360.app/orbit"
)

func bulkSheet(t *testing.T) orbit.ProductSheet {
	t.Helper()
	form := orbit.ProductForm{Title: "Mug", Status: orbit.ProductActive, Vendor: "Fjell", Tags: `"a, b", c`,
		Variant: orbit.VariantForm{Price: "10.05", CompareAt: "20", Stock: "7", TrackInventory: true}}
	p, err := form.New(orbit.MerchantID{}, orbit.NewID[orbit.Product](), orbit.Units{Currency: "USD"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	spring := orbit.Collection{ID: orbit.NewID[orbit.Collection](), Title: "Spring, early"}
	return orbit.ProductSheet{Product: p, Units: orbit.Units{Currency: "USD"}, In: []orbit.CollectionID{spring.ID},
		Collections: []orbit.Collection{spring, {ID: orbit.NewID[orbit.Collection](), Title: "Gifts"}}}
}

// TestBulkApply: what is done to a column of all rows, and what can't be.
func TestBulkApply(t *testing.T) {
	t.Parallel()
	s := bulkSheet(t)
	var columns []orbit.BulkColumn
	for _, c := range orbit.BulkColumns() {
		columns = append(columns, c.Value)
	}
	for _, c := range []struct {
		column orbit.BulkColumn
		action orbit.BulkAction
		value  string
		want   string // the cell, or "!" and the field at fault
	}{
		{orbit.BulkPrice, orbit.BulkSet, "12", "12"},
		{orbit.BulkPrice, orbit.BulkRaise, "10%", "11.06"}, // half up: 11.055
		{orbit.BulkPrice, orbit.BulkLower, "1,05", "9.00"},
		{orbit.BulkPrice, orbit.BulkLower, "99", "0.00"},
		{orbit.BulkPrice, orbit.BulkRaise, "ten", "!value"},
		{orbit.BulkPrice, orbit.BulkRaise, "-5%", "!value"},
		{orbit.BulkPrice, orbit.BulkAdd, "1", "!action"},
		{orbit.BulkCompareAt, orbit.BulkSet, "", ""},
		{orbit.BulkQuantity, orbit.BulkLower, "9", "0"},
		{orbit.BulkQuantity, orbit.BulkRaise, "50 %", "11"}, // 10.5
		{orbit.BulkVendor, orbit.BulkSet, "Nord", "Nord"},
		{orbit.BulkVendor, orbit.BulkRaise, "1", "!action"},
		{orbit.BulkTags, orbit.BulkAdd, "d, C", `"a, b", c, d`},
		{orbit.BulkTags, orbit.BulkRemove, `"A, B"`, "c"},
		{orbit.BulkCollections, orbit.BulkAdd, "Gifts", `"Spring, early", Gifts`},
		{orbit.BulkStatus, orbit.BulkSet, "Draft", "draft"},
		{orbit.BulkStatus, orbit.BulkSet, "hidden", "!value"},
		{"secret", orbit.BulkSet, "x", "!column"},
	} {
		form, err := orbit.BulkFormOf(orbit.NewID[orbit.Operation](), columns, []orbit.ProductSheet{s}).Apply(c.column,
			c.action, c.value, "USD")
		got := form.Rows[0].Cells[c.column]
		if c.column.OfVariant() {
			got = form.Rows[0].Variants[0].Cells[c.column]
		}
		if err != nil {
			got = "!" + orbit.FaultsOf(err)[0].Field
		}
		if got != c.want {
			t.Errorf("%s %s %q: %q, want %q", c.column, c.action, c.value, got, c.want)
		}
	}
}

// TestBulkEdits: an untouched form changes nothing, columns that aren't shown neither; faults are at their cells; what
// was sold since stays sold; what somebody edited since is said.
func TestBulkEdits(t *testing.T) {
	t.Parallel()
	s := bulkSheet(t)
	v := s.Product.Variants[0].ID.String()
	columns := []orbit.BulkColumn{orbit.BulkPrice, orbit.BulkQuantity, orbit.BulkTags, orbit.BulkCollections}
	form := func(change func(*orbit.BulkRow)) orbit.BulkForm {
		f := orbit.BulkFormOf(orbit.NewID[orbit.Operation](), columns, []orbit.ProductSheet{s})
		change(&f.Rows[0])
		return f
	}
	edits, err := form(func(r *orbit.BulkRow) { r.Cells[orbit.BulkVendor] = "Nord" }).
		Edits([]orbit.ProductSheet{s}, time.Now())
	if err != nil || !edits[0].Product.Same(s.Product) || len(edits[0].StockBy) > 0 || len(edits[0].In) != 1 {
		t.Errorf("untouched: %+v, %v", edits, err)
	}
	_, err = form(func(r *orbit.BulkRow) {
		r.Variants[0].Cells[orbit.BulkPrice] = "x"
		r.Variants[0].Cells[orbit.BulkQuantity] = "-1"
		r.Cells[orbit.BulkCollections] = "Autumn"
	}).Edits([]orbit.ProductSheet{s}, time.Now())
	faults := orbit.FaultsOf(err)
	for _, field := range []string{"price." + v, "stock." + v, "collections." + s.Product.ID.String()} {
		if !faults.On(field) {
			t.Errorf("no fault on %s: %v", field, faults)
		}
	}
	now := s
	now.Product.Variants = []orbit.Variant{s.Product.Variants[0]}
	now.Product.Variants[0].Stock = 5 // two were sold
	edits, err = form(func(r *orbit.BulkRow) { r.Variants[0].Cells[orbit.BulkQuantity] = "10" }).Edits(
		[]orbit.ProductSheet{now}, time.Now())
	if err != nil || edits[0].StockBy[s.Product.Variants[0].ID] != 3 {
		t.Errorf("%+v, %v", edits, err)
	}
	now.Product.Version++
	if _, err := form(func(*orbit.BulkRow) {}).Edits([]orbit.ProductSheet{now}, time.Now()); orbit.CodeOf(err) !=
		orbit.Conflict || len(orbit.FaultsOf(err)) != 1 {
		t.Errorf("edited since: %v", err)
	}
}

// TestBulkTwins: of two collections with the same title, a product stays in its own.
func TestBulkTwins(t *testing.T) {
	t.Parallel()
	s := bulkSheet(t)
	other := orbit.Collection{ID: orbit.NewID[orbit.Collection](), Title: s.Collections[0].Title}
	s.Collections = append([]orbit.Collection{other}, s.Collections...)
	form := orbit.BulkFormOf(orbit.NewID[orbit.Operation](), []orbit.BulkColumn{orbit.BulkCollections, orbit.BulkTags},
		[]orbit.ProductSheet{s})
	form.Rows[0].Cells[orbit.BulkTags] = "new"
	edits, err := form.Edits([]orbit.ProductSheet{s}, time.Now())
	if err != nil || len(edits[0].In) != 1 || edits[0].In[0] != s.In[0] {
		t.Errorf("%+v, %v", edits, err)
	}
}
