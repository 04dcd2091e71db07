package dashboard

import (
	"strconv"

	"orbit360.app/orbit"
	"orbit360.app/views/ui"
)

// BulkPath is the page that edits many products at once.
func BulkPath(m orbit.Merchant) string { return ProductsPath(m) + "/bulk" }

// BulkSheet is that page: products as they are typed, and as they are.
type BulkSheet struct {
	Merchant orbit.Merchant
	Action   string // with its ticket
	Form     orbit.BulkForm
	Was      orbit.BulkForm
	Sheets   []orbit.ProductSheet // in the order of the form's rows
	More     int                  // products that the list has beside these

	// What is done to all rows.
	Column orbit.BulkColumn
	Do     orbit.BulkAction
	Value  string

	Faults  map[string]string // by field
	Problem string
	Differs []string
}

func (s BulkSheet) columns() (columns []ui.Column) {
	columns = append(columns, ui.Column{Label: "Product"})
	for _, c := range s.Form.Columns {
		columns = append(columns, ui.Column{Label: orbit.BulkColumns().Name(c)})
	}
	return columns
}

func (s BulkSheet) columnOptions() (options []ui.Option) {
	for _, c := range s.Form.Columns {
		options = append(options, ui.Option{Value: string(c), Label: orbit.BulkColumns().Name(c)})
	}
	return options
}

// bulkLine is a line of the grid: a variant, the first of which is its product's too.
type bulkLine struct {
	Product orbit.ProductSheet
	Row     orbit.BulkRow
	Was     orbit.BulkRow
	Variant orbit.BulkVariant
	Before  orbit.BulkVariant
	Title   string // of the variant, "" where there is one
	First   bool
}

func (s BulkSheet) lines() (lines []bulkLine) {
	for i, row := range s.Form.Rows {
		sheet, was := s.Sheets[i], s.Was.Rows[i]
		for n, v := range row.Variants {
			line := bulkLine{Product: sheet, Row: row, Was: was, Variant: v, First: n == 0}
			for k, w := range was.Variants {
				if w.ID == v.ID {
					line.Before = w
					if len(was.Variants) > 1 {
						line.Title = sheet.Product.Variants[k].Title
					}
				}
			}
			lines = append(lines, line)
		}
	}
	return lines
}

// cell is one cell of the grid.
type bulkCell struct {
	Name, Label, Value, Fault string
	Changed                   bool
}

func (s BulkSheet) cell(l bulkLine, c orbit.BulkColumn) bulkCell {
	cell := bulkCell{Name: string(c) + "." + l.Row.ID.String(), Label: orbit.BulkColumns().Name(c) + " of " +
		l.Product.Product.Title, Value: l.Row.Cells[c], Changed: l.Row.Cells[c] != l.Was.Cells[c]}
	if c.OfVariant() {
		cell = bulkCell{Name: string(c) + "." + l.Variant.ID.String(), Label: cell.Label + " " + l.Title,
			Value: l.Variant.Cells[c], Changed: l.Variant.Cells[c] != l.Before.Cells[c]}
	}
	cell.Fault = s.Faults[cell.Name]
	return cell
}

// changed is how many products have a cell that is otherwise than what is there.
func (s BulkSheet) changed() (n int) {
	last, counted := -1, -1
	for _, l := range s.lines() {
		if l.First {
			last++
		}
		for _, c := range s.Form.Columns {
			if (l.First || c.OfVariant()) && s.cell(l, c).Changed && counted != last {
				counted = last
				n++
			}
		}
	}
	return n
}

func (s BulkSheet) description() string {
	d := count(len(s.Form.Rows), "product") + ". Nothing is saved before you choose Save."
	if s.More > 0 {
		d += " Your list has " + strconv.Itoa(s.More) + " more: at most " + strconv.Itoa(orbit.MaxBulkEdit) +
			" can be edited at once."
	}
	return d
}
