package dashboard

import (
	"fmt"
	"strconv"
	"time"

	"orbit360.app/orbit"
	"orbit360.app/views/ui"
)

// ImportsPath is where files of products are taken.
func ImportsPath(m orbit.Merchant) string { return Path(m) + "/imports" }

// ImportPath is the page of one import, or, with more behind it, what belongs to it.
func ImportPath(m orbit.Merchant, id orbit.ImportID, more string) string {
	return ImportsPath(m) + "/" + id.String() + more
}

// OperationsPath is the list of what was changed at once.
func OperationsPath(m orbit.Merchant) string { return Path(m) + "/operations" }

// OperationPath is what belongs to one operation.
func OperationPath(m orbit.Merchant, id orbit.OperationID, more string) string {
	return OperationsPath(m) + "/" + id.String() + more
}

// NewImport is the form that takes a file.
type NewImport struct {
	Merchant  orbit.Merchant
	ID        orbit.ImportID
	Action    string // with its ticket
	Overwrite bool
	Problem   string
}

// ImportSheet is an import as its page shows it.
type ImportSheet struct {
	orbit.Import
	Merchant  orbit.Merchant
	Operation orbit.Operation // zero where it hasn't run
	Images    map[orbit.ImportImageStatus]int
	Failures  []orbit.ImportImage // images that couldn't be had
	InTheWay  []string            // what undoing is refused for
	Problem   string
	Now       time.Time
}

// Undone reports whether what was imported was undone.
func (s ImportSheet) Undone() bool { return s.Operation.Status == orbit.OperationUndone }

func (s ImportSheet) busy() bool {
	return s.Status == orbit.ImportChecking || s.Status == orbit.ImportRunning ||
		s.Operation.Status == orbit.OperationUndoing
}

func count(n int, one string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + one + "s"
}

func (s ImportSheet) badge() ui.BadgeProps {
	switch {
	case s.Operation.Status == orbit.OperationUndone, s.Operation.Status == orbit.OperationUndoing:
		return ui.BadgeProps{Label: orbit.OperationStatuses().Name(s.Operation.Status)}
	case s.Status == orbit.ImportDone:
		return ui.BadgeProps{Label: "Done", Tone: ui.Success}
	case s.Status == orbit.ImportFailed:
		return ui.BadgeProps{Label: "Failed", Tone: ui.Danger}
	}
	return ui.BadgeProps{Label: orbit.ImportStatuses().Name(s.Status)}
}

// percent is how much of the file is imported.
func (s ImportSheet) percent() int {
	if s.Rows == 0 {
		return 0
	}
	return 100 * s.Done / s.Rows
}

func (s ImportSheet) detail() string { return fmt.Sprintf("%d of %s", s.Done, count(s.Rows, "line")) }

// facts returns the counts, in words. Before it has run they say what would be done.
func (s ImportSheet) facts() (facts []ui.Option) {
	will := s.Status == orbit.ImportChecked
	words := func(after, before string) string {
		if will {
			return before
		}
		return after
	}
	add := func(n int, label string) {
		if n > 0 {
			facts = append(facts, ui.Option{Value: count(n, "product"), Label: label})
		}
	}
	add(s.Created, words("Created", "Will be created"))
	add(s.Updated, words("Updated", "Will be updated"))
	add(s.Skipped, words("Left alone", "Will be left alone, as you have them already"))
	add(s.Failed, words("Not imported: faults", "Can't be imported: faults"))
	return facts
}

func (s ImportSheet) ready() bool { return s.Status == orbit.ImportChecked && s.Created+s.Updated > 0 }

func (s ImportSheet) imagesLine() string {
	ready, waiting := s.Images[orbit.ImportImageReady], s.Images[orbit.ImportImageWaiting]
	line := count(ready, "image") + " fetched"
	if waiting > 0 {
		line += ", " + strconv.Itoa(waiting) + " to go"
	}
	return line + "."
}

func (s ImportSheet) hasImages() bool {
	return s.Images[orbit.ImportImageReady]+s.Images[orbit.ImportImageWaiting]+s.Images[orbit.ImportImageFailed] > 0
}

// OperationList is what was changed at once, the newest first.
type OperationList struct {
	Merchant orbit.Merchant
	Rows     []orbit.Operation
	Next     string // address of older ones, "" for none
	InTheWay []string
	Problem  string
	Now      time.Time
	Zone     *time.Location
}

func operationName(o orbit.Operation) string {
	if o.Title != "" {
		return o.Title
	}
	return "Bulk edit"
}

func operationIcon(o orbit.Operation) string {
	if o.Kind == orbit.OperationImport {
		return "upload"
	}
	return "pencil"
}

// operationHref is the page of an import, as long as it is kept; bulk edits have none.
func operationHref(m orbit.Merchant, o orbit.Operation) string {
	if o.Kind == orbit.OperationImport && time.Since(o.CreatedAt) < orbit.ImportsKept {
		return ImportPath(m, orbit.ImportID(o.ID), "")
	}
	return ""
}

func operationDetail(o orbit.Operation) string {
	detail := count(o.Products, "product")
	if o.Who != "" {
		detail += " · " + o.Who
	}
	return detail
}

func operationBadge(o orbit.Operation) ui.BadgeProps {
	return ui.BadgeProps{Label: orbit.OperationStatuses().Name(o.Status)}
}

// ProductExport is the form that orders a file of products: all, or those that the list shows.
type ProductExport struct {
	Merchant     orbit.Merchant
	Text, Status string // what the list was narrowed to
}

func (e ProductExport) what() string {
	if e.Text == "" && e.Status == "" {
		return "All products"
	}
	return "The products that your list shows"
}
