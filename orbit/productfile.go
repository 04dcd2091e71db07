package orbit

import (
	"cmp"
	"maps"
	"math"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// FileRow is a line of a file, by the number of its first one.
type FileRow struct {
	Line  int
	Cells []string
}

// FileProduct is a product as a file has it: lines that follow each other and have the same handle.
type FileProduct struct {
	Handle string
	Rows   []FileRow
}

// FileImage is an image that a file names.
type FileImage struct {
	Line     int
	URL, Alt string
	Variants []VariantID // those that show it
}

// FileEdit is what a file makes of a product.
type FileEdit struct {
	Edit   ProductEdit
	Images []FileImage
	Blanks int // cells that would erase something, and were left alone unless erase was asked for
	Faults []ImportFault
}

// placeMark stands in the names under which what is in lines of no variant is kept, before the line's place.
const placeMark = "\x1f"

// fileReading is a product of a file while it is read.
type fileReading struct {
	FileHeader
	rows   []FileRow
	now    ProductSheet
	isNew  bool
	erase  bool
	patch  ProductPatch
	lines  map[VariantID]FileRow
	order  []VariantID // of lines
	images []FileImage
	blanks int
	faults []ImportFault
}

func (h FileHeader) cell(row FileRow, f fileField) string {
	for i, c := range h.columns {
		if c.field == f {
			return row.cell(i)
		}
	}
	return ""
}

// cell is what stands in a column, without the apostrophe of CSVCell.
func (r FileRow) cell(i int) string {
	if i >= len(r.Cells) {
		return ""
	}
	return fromCSVCell(strings.TrimSpace(Clean(r.Cells[i])))
}

// Blank reports whether nothing stands in a line.
func (h FileHeader) Blank(row FileRow) bool {
	return !slices.ContainsFunc(row.Cells, func(c string) bool { return strings.TrimSpace(c) != "" })
}

// HandleOf returns the handle of the product that a line is of: by its title where it names none; "" where it has
// neither.
func (h FileHeader) HandleOf(row FileRow) string {
	if handle := Handle(h.cell(row, fieldHandle), ""); handle != "" {
		return handle
	}
	if title := h.cell(row, fieldTitle); title != "" {
		return Handle(title, "product")
	}
	return ""
}

// Continues reports whether a line with the handle of the product before it is one more of it: it has no title, or the
// same. Two products can have titles that make the same handle.
func (h FileHeader) Continues(first, row FileRow) bool {
	title := h.cell(row, fieldTitle)
	return title == "" || title == h.cell(first, fieldTitle)
}

// Edit returns what a product of the file makes of the one that is there, or of none (a sheet of NewProduct): all that
// is wrong with it, by line and column, is in its faults. Columns that the file hasn't got leave alone what is there;
// blank cells erase it only if that is asked for.
func (h FileHeader) Edit(p FileProduct, now ProductSheet, erase bool, at time.Time) FileEdit {
	r := fileReading{FileHeader: h, rows: p.Rows, now: now, isNew: now.Product.Handle == "", erase: erase,
		lines: map[VariantID]FileRow{}}
	r.patch.File = true
	if r.isNew {
		r.patch.Handle = &p.Handle
	}
	for _, row := range p.Rows {
		if len(row.Cells) > len(h.columns) && slices.ContainsFunc(row.Cells[len(h.columns):], func(c string) bool {
			return strings.TrimSpace(c) != ""
		}) {
			r.fault(row, "", "", "This line has more cells than the file has columns.")
		}
	}
	r.product()
	r.status()
	r.variants()
	r.extras()
	r.noteImages()
	edit, err := r.patch.Upon(r.now, at)
	for _, f := range FaultsOf(err) {
		r.told(f)
	}
	return FileEdit{Edit: edit, Images: r.images, Blanks: r.blanks, Faults: r.faults}
}

func (r *fileReading) fault(row FileRow, f fileField, value, message string) {
	r.faults = append(r.faults, ImportFault{Line: row.Line, Column: r.nameOf(f), Value: shorten(value, 80),
		Message: message})
}

// told adds a fault of the product's check, where the file has what it is about; once a line and column.
func (r *fileReading) told(f Fault) {
	field, of, _ := strings.Cut(f.Field, ".")
	row := r.rows[0]
	if id, err := ParseID[Variant](of); err == nil {
		row = r.lines[id]
	}
	column := fileField(field)
	switch field {
	case "values":
		column = fieldValue1
	case "variants", "options":
		column = ""
	}
	name := r.nameOf(column)
	if slices.ContainsFunc(r.faults, func(o ImportFault) bool { return o.Line == row.Line && o.Column == name }) {
		return
	}
	r.fault(row, column, cmp.Or(f.Value, r.cell(row, column)), f.Message)
}

// blank reports whether a cell is blank, and is to leave alone what is there.
func (r *fileReading) leaves(cell, has string) bool {
	if cell != "" || r.isNew {
		return false
	}
	if has != "" {
		r.blanks++
	}
	return !r.erase
}

// text returns what a cell of the first line makes of a text of the product, nil for no change.
func (r *fileReading) text(f fileField, has string) *string {
	cell := r.cell(r.rows[0], f)
	if !r.has(f) || r.leaves(cell, has) {
		return nil
	}
	return &cell
}

func (r *fileReading) product() {
	p := r.now.Product
	r.patch.Title = r.text(fieldTitle, "") // never erased
	if !r.isNew && r.patch.Title != nil && *r.patch.Title == "" {
		r.patch.Title = nil
	}
	r.patch.DescriptionHTML = r.text(fieldDescription, p.HTML())
	r.patch.Vendor = r.text(fieldVendor, p.Vendor)
	r.patch.ProductType = r.text(fieldType, p.ProductType)
	r.patch.SEOTitle = r.text(fieldSEOTitle, p.SEOTitle)
	r.patch.SEODescription = r.text(fieldSEOText, p.SEODescription)
	if tags := r.text(fieldTags, JoinTags(p.Tags)); tags != nil {
		list := SplitTags(*tags)
		r.patch.Tags = &list
	}
}

// status reads the two columns that say who sees a product: only an active one that is published is active here.
func (r *fileReading) status() {
	row := r.rows[0]
	typed := strings.ToLower(r.cell(row, fieldStatus))
	published := r.boolean(row, fieldPublished, true)
	if !r.isNew && typed == "" && r.cell(row, fieldPublished) == "" {
		return
	}
	status := ProductStatus(cmp.Or(typed, string(ProductActive)))
	if typed == "" && !r.isNew && r.now.Product.Status == ProductArchived && !published {
		return
	}
	if !ProductStatuses().Has(status) {
		r.fault(row, fieldStatus, typed, "The status is active, draft or archived.")
		return
	}
	if status == ProductActive && !published {
		status = ProductDraft
	}
	r.patch.Status = &status
}

// boolean reads a cell that says yes or no, as spreadsheets write it in some languages.
func (r *fileReading) boolean(row FileRow, f fileField, blank bool) bool {
	cell := r.cell(row, f)
	switch strings.ToLower(cell) {
	case "":
		return blank
	case "true", "yes", "1", "wahr", "vrai", "verdadero", "vero", "continue":
		return true
	case "false", "no", "0", "falsch", "faux", "falso", "deny":
		return false
	}
	r.fault(row, f, cell, "Enter true or false.")
	return blank
}

// amount reads an amount of money, nil where a cell says nothing.
func (r *fileReading) amount(row FileRow, f fileField, has int64) *int64 {
	cell := r.cell(row, f)
	said := ""
	if has != 0 {
		said = "x"
	}
	if !r.has(f) || r.leaves(cell, said) {
		return nil
	}
	var n int64
	if cell == "" {
		return &n
	}
	if whole, decimals, ok := strings.Cut(cell, "."); ok && len(decimals) < 3 && strings.Trim(decimals, "0") == "" {
		cell = whole // 19800.00 yen
	}
	n, err := ParseMoney(cell, r.now.Units.Currency)
	if err != nil {
		r.fault(row, f, cell, Sentence(err))
		return nil
	}
	return &n
}

// decimal is a number as spreadsheets write it. A comma before three digits could separate thousands.
var decimal = regexp.MustCompile(`^-?[0-9]+(\.[0-9]+|,[0-9]{1,2}|,[0-9]{4,})?$`)

// number reads a whole number, which a spreadsheet may have written with decimals.
func (r *fileReading) number(row FileRow, f fileField, has int, least, most float64) *int {
	cell := r.cell(row, f)
	said := ""
	if has != 0 {
		said = "x"
	}
	if !r.has(f) || r.leaves(cell, said) {
		return nil
	}
	n := 0
	if cell == "" {
		return &n
	}
	v, err := strconv.ParseFloat(strings.Replace(cell, ",", ".", 1), 64)
	if err != nil || !decimal.MatchString(cell) || v < least || v > most || (f == fieldQuantity && v != math.Trunc(v)) {
		r.fault(row, f, cell, "Enter a number from "+strconv.Itoa(int(least))+" to "+strconv.Itoa(int(most))+".")
		return nil
	}
	n = int(math.Round(v))
	return &n
}

// extras keeps what stands in columns that mean nothing here: of the product where only its first line has it, else of
// each variant; of lines that are of no variant, by their place. A blank cell erases only if that is asked for.
func (r *fileReading) extras() {
	product, perVariant := map[string]string{}, map[VariantID]map[string]string{}
	if !r.isNew {
		maps.Copy(product, r.now.Product.Extra)
		for _, v := range r.now.Product.Variants {
			perVariant[v.ID] = maps.Clone(v.Extra)
		}
	}
	keep := func(to map[string]string, key, value string) {
		switch {
		case value != "":
			to[key] = value
		case to[key] != "":
			if r.blanks++; r.erase {
				delete(to, key)
			}
		}
	}
	of := map[int]VariantID{}
	for id, row := range r.lines {
		of[row.Line] = id
		if perVariant[id] == nil {
			perVariant[id] = map[string]string{}
		}
	}
	for i, c := range r.columns {
		if c.key == "" {
			continue
		}
		own := true // of the product: no other variant's line has it
		for n, row := range r.rows {
			value := row.cell(i)
			if len(value) > MaxHTML || strings.ContainsRune(value, 0) {
				r.faults = append(r.faults, ImportFault{row.Line, c.name, shorten(value, 80),
					"This can't be kept: it is too long, or no text."})
			}
			if _, variant := of[row.Line]; n > 0 && variant && value != "" {
				own = false
			}
		}
		for n, row := range r.rows {
			id, variant := of[row.Line]
			value := row.cell(i)
			switch {
			case n == 0 && own && perVariant[id][c.key] == "":
				keep(product, c.key, value)
			case variant:
				if n == 0 && value != "" {
					delete(product, c.key) // it is the variant's now
				}
				if n > 0 || value != "" || perVariant[id][c.key] != "" {
					keep(perVariant[id], c.key, value)
				}
			default:
				keep(product, c.key+placeMark+strconv.Itoa(n), value)
			}
		}
	}
	if len(product) > 0 || len(r.now.Product.Extra) > 0 {
		r.patch.Extra = &product
	}
	set := func(list []VariantPatch) {
		for i := range list {
			if extra, ok := perVariant[list[i].ID]; ok && len(extra) > 0 {
				list[i].Extra = &extra
			} else if ok {
				list[i].Extra = new(map[string]string)
			}
		}
	}
	set(r.patch.Set)
	if r.patch.Variants != nil {
		set(*r.patch.Variants)
	}
}

// noteImages notes the images that the lines name, each address once, in the order of their positions.
func (r *fileReading) noteImages() {
	place := map[string]int{}
	add := func(row FileRow, f fileField) *FileImage {
		address := r.cell(row, f)
		if address == "" {
			return nil
		}
		u, err := url.Parse(address)
		if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Host == "" || u.User != nil ||
			len(address) > 2000 {
			r.fault(row, f, address, "Enter an address that begins with https://.")
			return nil
		}
		for i := range r.images {
			if r.images[i].URL == address {
				return &r.images[i]
			}
		}
		place[address] = math.MaxInt
		if cell := r.cell(row, fieldImagePlace); cell != "" && f == fieldImage {
			n, err := strconv.Atoi(cell)
			if place[address] = n; err != nil {
				r.fault(row, fieldImagePlace, cell, "Enter a whole number.")
			}
		}
		r.images = append(r.images, FileImage{Line: row.Line, URL: address})
		return &r.images[len(r.images)-1]
	}
	for _, row := range r.rows {
		if image := add(row, fieldImage); image != nil && image.Alt == "" {
			alt, err := CheckAlt(r.cell(row, fieldImageAlt))
			if err != nil {
				r.fault(row, fieldImageAlt, r.cell(row, fieldImageAlt), Sentence(err))
			}
			image.Alt = alt
		}
	}
	for _, id := range r.order {
		if image := add(r.lines[id], fieldVariantPic); image != nil {
			image.Variants = append(image.Variants, id)
		}
	}
	slices.SortStableFunc(r.images, func(a, b FileImage) int { return cmp.Compare(place[a.URL], place[b.URL]) })
	if len(r.images) > MaxImages {
		r.fault(r.rows[0], fieldImage, "", "A product can have at most "+strconv.Itoa(MaxImages)+" images.")
		r.images = r.images[:MaxImages]
	}
}
