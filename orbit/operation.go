package orbit

import (
	"slices"
	"time"
)

// OperationKind says what has changed many products at once.
type OperationKind string

// The kinds of operations.
const (
	OperationBulkEdit OperationKind = "bulk_edit"
	OperationImport   OperationKind = "import"
)

// OperationKinds returns all of them.
func OperationKinds() Terms[OperationKind] {
	return Terms[OperationKind]{{OperationBulkEdit, "Bulk edit"}, {OperationImport, "Import"}}
}

// OperationStatus says how far an operation is.
type OperationStatus string

// The statuses of an operation.
const (
	OperationRunning OperationStatus = "running"
	OperationDone    OperationStatus = "done"
	OperationUndoing OperationStatus = "undoing"
	OperationUndone  OperationStatus = "undone"
)

// OperationStatuses returns all of them.
func OperationStatuses() Terms[OperationStatus] {
	return Terms[OperationStatus]{
		{OperationRunning, "Running"},
		{OperationDone, "Done"},
		{OperationUndoing, "Undoing"},
		{OperationUndone, "Undone"},
	}
}

// Bounds of operations.
const (
	UndoWithin    = 30 * 24 * time.Hour
	MaxOperations = 1000    // of a shop, the oldest are forgotten
	MaxUndoable   = 100_000 // products of all operations of a shop that can be undone; of more, the oldest can't
	MaxBulkEdit   = 1000    // products at once
)

// OperationID names an operation.
type OperationID = ID[Operation]

// Operation is a change to many products at once, which can be undone for a while.
type Operation struct {
	MerchantID MerchantID  `bun:",pk"`
	ID         OperationID `bun:",pk"`
	Kind       OperationKind
	Status     OperationStatus
	Title      string // a file's name
	Who        string
	Products   int // how many it has changed
	CreatedAt  time.Time
	UndoUntil  time.Time
	UndoneAt   time.Time `bun:",nullzero"`
	Failure    string    // why it couldn't be undone the last time
}

// CanUndo reports whether the operation can be undone now, unless later changes stand in the way.
func (o Operation) CanUndo(now time.Time) bool {
	return o.Status == OperationDone && o.Products > 0 && now.Before(o.UndoUntil)
}

// ProductImage is a product as it was before an operation, and by how much that changed the quantities of its variants.
type ProductImage struct {
	Product Product
	In      []CollectionID
	StockBy map[VariantID]int
}

// MaxInTheWay is how many products an undo names that stand in its way.
const MaxInTheWay = 100

// Upon returns the edit that makes a product what it was: of its quantities, only what the operation changed is taken
// back, as far as a quantity can go. An image that is gone by now is none.
func (i ProductImage) Upon(now ProductSheet) ProductEdit {
	edit := ProductEdit{Product: i.Product, In: i.In, StockBy: map[VariantID]int{}}
	p := &edit.Product
	p.Variants = slices.Clone(p.Variants)
	for n := range p.Variants {
		v := &p.Variants[n]
		if !slices.ContainsFunc(now.Images, func(m Media) bool { return m.ID == v.MediaID }) {
			v.MediaID = MediaID{}
		}
		at := slices.IndexFunc(now.Product.Variants, func(w Variant) bool { return w.ID == v.ID })
		if at < 0 {
			continue // the operation deleted it: it comes back with what there was
		}
		v.Stock = now.Product.Variants[at].Stock
		if by := min(max(v.Stock-i.StockBy[v.ID], -MaxStock), MaxStock) - v.Stock; by != 0 {
			edit.StockBy[v.ID] = by
		}
	}
	return edit
}
