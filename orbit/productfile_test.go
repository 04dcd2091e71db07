package orbit_test

import (
	"encoding/csv"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"orbit360.app/orbit"
)

// table is a file of products that is imported in memory.
type table struct {
	*testing.T
	units    orbit.Units
	products []orbit.ExportProduct
	kept     []string
}

// read imports a file upon what is there, and returns its faults and how many blank cells it has.
func (t *table) read(file string, erase bool) (faults []orbit.ImportFault, blanks int) {
	t.Helper()
	r := csv.NewReader(strings.NewReader(file))
	r.FieldsPerRecord = -1
	lines, err := r.ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	h, err := orbit.ReadFileHeader(lines[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range h.Kept() {
		if !slices.Contains(t.kept, k) {
			t.kept = append(t.kept, k)
		}
	}
	var all []orbit.FileProduct
	for i, cells := range lines[1:] {
		row := orbit.FileRow{Line: i + 2, Cells: cells}
		handle := h.HandleOf(row)
		if n := len(all); n > 0 && all[n-1].Handle == handle && h.Continues(all[n-1].Rows[0], row) {
			all[n-1].Rows = append(all[n-1].Rows, row)
			continue
		}
		all = append(all, orbit.FileProduct{Handle: handle, Rows: []orbit.FileRow{row}})
	}
	at := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	for _, p := range all {
		now := orbit.NewProduct(orbit.MerchantID{}, orbit.NewID[orbit.Product](), t.units, at)
		n := slices.IndexFunc(t.products, func(e orbit.ExportProduct) bool { return e.Product.Handle == p.Handle })
		if n >= 0 {
			now.Product = t.products[n].Product
		}
		edit := h.Edit(p, now, erase, at)
		faults, blanks = append(faults, edit.Faults...), blanks+edit.Blanks
		if len(edit.Faults) > 0 {
			continue
		}
		made := orbit.ExportProduct{Product: edit.Edit.Product}
		for i := range made.Product.Variants {
			made.Product.Variants[i].Stock += edit.Edit.StockBy[made.Product.Variants[i].ID]
		}
		for _, i := range edit.Images {
			made.Images = append(made.Images, orbit.ExportImage{URL: i.URL, Alt: i.Alt, Variants: i.Variants})
		}
		if n >= 0 {
			t.products[n] = made
		} else {
			t.products = append(t.products, made)
		}
	}
	return faults, blanks
}

func (t *table) write(form orbit.ColumnForm) string {
	t.Helper()
	var b strings.Builder
	w := csv.NewWriter(&b)
	_ = w.Write(orbit.ProductColumns(form, t.kept))
	for _, p := range t.products {
		_ = w.WriteAll(p.Records(form, t.kept, t.units.Currency))
	}
	w.Flush()
	return b.String()
}

func sample(t *testing.T, name string) string {
	t.Helper()
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestFilesRoundTrip: an export of an import of an export is that export, in both forms, whichever form came first.
func TestFilesRoundTrip(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"shopify-apparel.csv", "shopify-new-columns.csv"} {
		for _, form := range []orbit.ColumnForm{orbit.OldColumns, orbit.NewColumns} {
			first := &table{T: t, units: orbit.Units{Currency: "USD"}}
			if faults, _ := first.read(sample(t, name), false); len(faults) > 0 {
				t.Fatalf("%s: %+v", name, faults)
			}
			out := first.write(form)
			second := &table{T: t, units: first.units}
			if faults, _ := second.read(out, false); len(faults) > 0 {
				t.Fatalf("%s, %s: %+v", name, form, faults)
			}
			if again := second.write(form); again != out {
				t.Errorf("%s, %s:\n%s\nbecame\n%s", name, form, out, again)
			}
			// Upon itself it changes nothing.
			if faults, _ := second.read(out, true); len(faults) > 0 || second.write(form) != out {
				t.Errorf("%s, %s, upon itself: %+v\n%s\nbecame\n%s", name, form, faults, out, second.write(form))
			}
		}
	}
}

// TestSampleFile: what the newer sample says is what the products are.
func TestSampleFile(t *testing.T) {
	t.Parallel()
	shop := &table{T: t, units: orbit.Units{Currency: "USD"}}
	shop.read(sample(t, "shopify-new-columns.csv"), false)
	got := ""
	for _, p := range shop.products {
		got += fmt.Sprintf("%s %s %q %s\n", p.Product.Handle, p.Product.Status, p.Product.Tags, p.Product.ProductType)
		for _, v := range p.Product.Variants {
			got += fmt.Sprintf("  %q %s %d %d %d %d t%v c%v %dg\n", v.Title, v.SKU, v.Price, v.CompareAt, v.Cost, v.Stock,
				v.TrackInventory, v.ContinueSelling, v.WeightGrams)
		}
		for _, i := range p.Images {
			got += fmt.Sprintf("  %s %q %d\n", i.URL, i.Alt, len(i.Variants))
		}
	}
	want := `trail-runner active ["new, 2026" "running" "trail"] Running shoes
  "38 / Moss" TR-38-M 12900 14900 6150 4 ttrue cfalse 520g
  "38,5 / Moss" TR-385-M 12900 14900 6150 0 ttrue cfalse 525g
  "39 / Moss" TR-39-M 12900 0 0 7 ttrue cfalse 530g
  "38 / Night \"Blue\"" TR-38-N 13400 0 0 2 ttrue cfalse 520g
  https://images.example.com/tr-1.jpg "Trail Runner from the side" 0
  https://images.example.com/tr-2.jpg "Sole" 0
  https://images.example.com/tr-night.jpg "Night Blue" 1
strassenlampe-lodz active ["licht" "ąę"] Lamps
  "Default" LAMP-1 0 0 0 0 ttrue ctrue 3200g
gift-note draft [] Cards
  "Default"  150 0 0 100 tfalse cfalse 0g
  https://images.example.com/note.png "" 0
wireless-earbuds active ["audio"] Earbuds
  "白" EB-W 1980000 0 0 12 ttrue cfalse 48g
  "黒" EB-B 1980000 0 0 3 ttrue cfalse 48g
  https://images.example.com/eb.webp "白と黒" 0
old-poster archived ["archive"] Posters
  "A3" P-A3 1200 0 0 -2 ttrue cfalse 90g
no-handle-given active [] 
  "Default"  999 0 0 5 tfalse cfalse 0g
`
	if got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestFileFaults: each fault is reported once, by line and column, and the other products go on.
func TestFileFaults(t *testing.T) {
	t.Parallel()
	const header = "Handle,Title,Status,Option1 Name,Option1 Value,Variant Price,Variant Inventory Qty,Variant Grams," +
		"Image Src,Variant Taxable\n"
	for line, want := range map[string]string{
		"a,A,active,,,12.5,1,,,":                                           "",
		"a,A,active,,,12.555,1,,,":                                         "2 Variant Price 12.555",
		"a,A,active,,,twelve,1,,,":                                         "2 Variant Price twelve",
		"a,A,active,,,\"1,50\",1,,,":                                       "",
		"a,A,active,,,1,1.5,,,":                                            "2 Variant Inventory Qty 1.5",
		"a,A,active,,,1,-7,1e9,,":                                          "2 Variant Grams 1e9",
		"a,,active,,,1,1,,,":                                               "2 Title ",
		"a,A,onsale,,,1,1,,,":                                              "2 Status onsale",
		"a,A,active,,,1,1,,,maybe":                                         "2 Variant Taxable maybe",
		"a,A,active,,,1,1,,,WAHR":                                          "",
		"a,A,active,,S,1,1,,,":                                             "2 Option1 Name ",
		"a,A,active,Size,S,1,1,,,\na,,,,,2,1,,,":                           "3 Option1 Value ",
		"a,A,active,Size,S,1,1,,,\na,,,,s,2,1,,,":                          "3 Option1 Value S",
		"a,A,active,Size,S,1,1,,ftp://x/y.jpg,":                            "2 Image Src ftp://x/y.jpg",
		"a,A,active,Size,S,1,1,,https://x/y.jpg,\na,,,,,,,,https://x/z,":   "",
		"a,A,active,,,1,1,,,,surplus":                                      "2  ",
		"a,A,active,,,x,1,,,\nb,B,active,,,1,1,,,\nc,C,active,,,y,1,,,":    "2 Variant Price x; 4 Variant Price y",
		"a," + strings.Repeat("x", 151) + ",active,,,1,1,,,":               "2 Title " + strings.Repeat("x", 79) + "…",
		"a,\"'=HYPERLINK(1)\",active,,,1,1,,,\n'=b,\"'+1\",draft,,,1,1,,,": "",
	} {
		shop := &table{T: t, units: orbit.Units{Currency: "USD"}}
		faults, _ := shop.read(header+line, false)
		var got []string
		for _, f := range faults {
			got = append(got, fmt.Sprintf("%d %s %s", f.Line, f.Column, f.Value))
			if f.Message == "" || !strings.HasSuffix(f.Message, ".") {
				t.Errorf("%s: %q is no sentence", line, f.Message)
			}
		}
		if strings.Join(got, "; ") != want {
			t.Errorf("%s: %q, want %q", line, strings.Join(got, "; "), want)
		}
	}
}

// TestBlankCells: a column that isn't there leaves alone, a blank cell too unless erasing was asked for, and how many
// would erase something is counted.
func TestBlankCells(t *testing.T) {
	t.Parallel()
	begin := func() *table {
		shop := &table{T: t, units: orbit.Units{Currency: "EUR"}}
		shop.read("Handle,Title,Vendor,Tags,Body (HTML),Option1 Name,Option1 Value,Variant SKU,Variant Price,"+
			"Variant Compare At Price,Variant Inventory Tracker,Care\n"+
			"mug,Mug,Fjell,a,<b>Big</b> mug,Size,S,M-S,10,12,shopify,Wash\nmug,,,,,,L,M-L,20,25,shopify,\n", false)
		return shop
	}
	shop := begin()
	faults, blanks := shop.read("Handle,Variant SKU,Variant Price\nmug,M-L,21\n", true)
	p := shop.products[0].Product
	if len(faults) > 0 || blanks != 0 || p.Vendor != "Fjell" || p.Variants[0].Price != 1000 ||
		p.Variants[1].Price != 2100 ||
		p.Variants[1].CompareAt != 2500 || p.Extra["Care"] != "Wash" || !p.Variants[1].TrackInventory {
		t.Errorf("columns that aren't there: %+v, %d, %+v", faults, blanks, p)
	}
	again := "Handle,Title,Vendor,Tags,Body (HTML),Option1 Value,Variant Compare At Price," +
		"Variant Inventory Tracker,Care\nmug,,,,,S,,,\n"
	shop = begin()
	before := shop.write(orbit.NewColumns)
	if faults, blanks := shop.read(again, false); len(faults) > 0 || blanks != 5 ||
		shop.write(orbit.NewColumns) != before {
		t.Errorf("blank cells: %+v, %d\n%s", faults, blanks, shop.write(orbit.NewColumns))
	}
	shop.read(again, true)
	p = shop.products[0].Product
	if p.Title != "Mug" || p.Vendor != "" || len(p.Tags) > 0 || p.Described() || p.Variants[0].CompareAt != 0 ||
		p.Variants[1].CompareAt != 2500 || p.Variants[0].TrackInventory || p.Extra["Care"] != "" || len(p.Variants) != 2 {
		t.Errorf("erased: %+v", p)
	}
}

// TestFormulaCells: no cell of an export is a formula to a spreadsheet, and what had one comes back as it was.
func TestFormulaCells(t *testing.T) {
	t.Parallel()
	shop := &table{T: t, units: orbit.Units{Currency: "USD"}}
	shop.read("Handle,Title,Vendor,Option1 Name,Option1 Value,Variant SKU,Variant Price,Variant Inventory Qty,Care\n"+
		"a,\"=HYPERLINK(1)\",+Fjell,Size,-5,@sku,1,-3,=1+1\na,,,,'7,'=x,1,1,\n", false)
	out := shop.write(orbit.OldColumns)
	for _, cell := range []string{`,'=HYPERLINK(1),`, `,'+Fjell,`, `,'-5,`, `,'@sku,`, `,-3,`, `,'=1+1`, `,'=x,`, `,'7,`} {
		if !strings.Contains(out, cell) {
			t.Errorf("no %s in\n%s", cell, out)
		}
	}
	again := &table{T: t, units: shop.units}
	if faults, _ := again.read(out, false); len(faults) > 0 || again.write(orbit.OldColumns) != out {
		t.Errorf("%v\n%s\nbecame\n%s", faults, out, again.write(orbit.OldColumns))
	}
	if p := again.products[0].Product; p.Title != "=HYPERLINK(1)" || p.Variants[0].SKU != "@sku" ||
		p.Extra["Care"] != "=1+1" {
		t.Errorf("%+v", p)
	}
}

// TestFileLeavesVariantsAlone: a file that says little of a product's options changes little; one that has other
// options has a fault, and changes nothing.
func TestFileLeavesVariantsAlone(t *testing.T) {
	t.Parallel()
	const begin = "Handle,Title,Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant SKU,Variant Price," +
		"Variant Inventory Qty\ntee,Tee,Color,Red,Size,S,R-S,10,5\ntee,,,Red,,M,R-M,10,5\ntee,,,Blue,,S,B-S,10,5\n"
	const first = "Handle,Option1 Name,Option1 Value,"
	const both = first + "Option2 Name,Option2 Value,Price\n"
	// Prices of Red/S, Red/M, Blue/S, then others; or "!" and the fault's line.
	for file, want := range map[string]string{
		"Handle,Title,Option1 Value\ntee,Tee,\n":                           "!2",
		first + "Variant Price\ntee,Color,Red,99\n":                        "!2",
		first + "Variant Price\ntee,Color,Blue,99\n":                       "10 10 99",
		"Handle,Variant SKU,Variant Price\ntee,R-M,99\n":                   "10 99 10",
		"Handle,Option1 Value,Variant SKU,Variant Price\ntee,Red,R-S,99\n": "99 10 10",
		both + "tee,Size,S,Color,Red,99\n":                                 "99 10 10",
		both + "tee,size,m,color,red,99\n":                                 "10 99 10",
		both + "tee,Farbe,Red,Größe,S,99\n":                                "99 10 10",
		both + "tee,Farbe,Rot,Größe,S,99\n":                                "!2",
		both + "tee,,Blue,,M,99\n":                                         "10 10 10 99",
		both + "tee,Color,Red,Size,S,9\ntee,,Red,,S,8\n":                   "!3",
		first + "Price\ntee,Title,Default Title,9\n":                       "!2",
		first + "Price\ntee,Weight,Heavy,9\n":                              "!2",
	} {
		shop := &table{T: t, units: orbit.Units{Currency: "USD"}}
		shop.read(begin, false)
		faults, _ := shop.read(file, false)
		var got []string
		if len(faults) > 0 {
			got = append(got, fmt.Sprintf("!%d", faults[0].Line))
		} else {
			prices := map[string]string{}
			p := shop.products[0].Product
			for _, v := range p.Variants {
				prices[v.Title] = orbit.Money{Amount: v.Price, Currency: "USD"}.Short()
				if v.Stock != 5 && v.Title != "Blue / M" {
					t.Errorf("%s: %s has %d", file, v.Title, v.Stock)
				}
			}
			for _, title := range []string{"Red / S", "Red / M", "Blue / S", "Blue / M"} {
				if prices[title] != "" {
					got = append(got, prices[title])
				}
			}
			if len(p.Options) != 2 {
				t.Errorf("%s: %+v", file, p.Options)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %q, want %q; %+v", file, got, want, faults)
		}
	}
	// A product without options gets some: what was there is the first line's.
	shop := &table{T: t, units: orbit.Units{Currency: "USD"}}
	shop.read("Handle,Title,Price,Inventory quantity\nmug,Mug,1,7\n", false)
	faults, _ := shop.read("Handle,Option1 Name,Option1 Value,Price\nmug,Size,S,2\nmug,,L,3\n", false)
	if p := shop.products[0].Product; len(faults) > 0 || len(p.Variants) != 2 || p.Variants[0].Stock != 7 ||
		p.Variants[1].Stock != 0 || p.Variants[0].Title != "S" {
		t.Errorf("%+v %+v", faults, p)
	}
}

// TestFileNumbers: a number that could be two is a fault.
func TestFileNumbers(t *testing.T) {
	t.Parallel()
	const header = "Title,Price,Compare-at price,Inventory quantity,Weight value (grams)," +
		"Product image URL,Image position\n"
	for line, good := range map[string]bool{"A,1,,1,1.5,,": true, "A,1,,\"1,000\",,,": false, "A,1,,,\"1,200\",,": false,
		"A,1.000,,,,,": false, "A,1.00,,,,,": true, "A,1,,0x1p4,,,": false, "A,1,,1.0,,,": true, "A,1,,1e2,,,": false,
		"A,1,999999999999,,,,": false, "A,10,8,,,,": true, "A,1,,,,https://x/a.png,zwei": false,
		"A,1,,,,https://user:secret@x/a.png,": false, "A,1,,,\"1,5\",,": true} {
		shop := &table{T: t, units: orbit.Units{Currency: "USD"}}
		if faults, _ := shop.read(header+line, false); (len(faults) == 0) != good {
			t.Errorf("%s: %+v", line, faults)
		}
	}
}

// TestExtrasStay: what a file says in columns that mean nothing here stays with its line, and a blank cell erases it
// only
// if that was asked for.
func TestExtrasStay(t *testing.T) {
	t.Parallel()
	const begin = "Handle,Title,Option1 Name,Option1 Value,Image Src,Care,Batch,Photographer,=evil\n" +
		"x,X,Size,S,https://a.invalid/1.jpg,Wash,1,Ann,e\nx,,,M,https://a.invalid/2.jpg,Dry,2,,\n" +
		"x,,,,https://a.invalid/3.jpg,,,Bob,\n"
	shop := &table{T: t, units: orbit.Units{Currency: "USD"}}
	shop.read(begin, false)
	out := shop.write(orbit.OldColumns)
	if !strings.Contains(out, "Bob") || !strings.HasPrefix(strings.Split(out, "\n")[0], "Handle") ||
		!strings.Contains(out, ",'=evil") {
		t.Errorf("%s", out)
	}
	again := &table{T: t, units: shop.units}
	if faults, _ := again.read(out, false); len(faults) > 0 || again.write(orbit.OldColumns) != out {
		t.Errorf("%+v\n%s\nbecame\n%s", faults, out, again.write(orbit.OldColumns))
	}
	_, blanks := shop.read("Handle,Option1 Value,Care\nx,S,\nx,M,Dry2\n", false)
	if p := shop.products[0].Product; blanks != 1 || p.Variants[0].Extra["Care"] != "Wash" ||
		p.Variants[1].Extra["Care"] != "Dry2" || p.Variants[0].Extra["Batch"] != "1" {
		t.Errorf("%d blanks, %+v", blanks, p)
	}
	shop.read("Handle,Option1 Value,Care,Batch\nx,S,,\n", true)
	if p := shop.products[0].Product; len(p.Variants[0].Extra) != 0 || p.Variants[1].Extra["Care"] != "Dry2" {
		t.Errorf("erased: %+v", p)
	}
	two := &table{T: t, units: shop.units}
	two.read("Title,Care\nA,a\n", false)
	two.read("Title,care\nB,b\n",
		false)
	if again := (&table{T: t, units: shop.units}); strings.Count(strings.ToLower(two.write(orbit.NewColumns)),
		",care") != 1 {
		t.Errorf("%s", two.write(orbit.NewColumns))
	} else if faults, _ := again.read(two.write(orbit.NewColumns), false); len(faults) > 0 {
		t.Errorf("%+v", faults)
	}
}
