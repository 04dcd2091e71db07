package orbit

import (
	"strconv"
	"strings"
	"time"
)

// InventoryReason says what a quantity was changed for.
type InventoryReason string

// The reasons. People choose from those of AdjustmentReasons; the program gives the others.
const (
	ReasonOpening    InventoryReason = "opening"
	ReasonReceived   InventoryReason = "received"
	ReasonCorrection InventoryReason = "correction"
	ReasonDamage     InventoryReason = "damage"
	ReasonReturn     InventoryReason = "return"
	ReasonOther      InventoryReason = "other"
	ReasonSold       InventoryReason = "sold"
	ReasonRestocked  InventoryReason = "restocked"
	ReasonEdited     InventoryReason = "edited"
	ReasonImported   InventoryReason = "imported"
	ReasonUndone     InventoryReason = "undone"
)

// AdjustmentReasons returns the reasons that people choose from.
func AdjustmentReasons() Terms[InventoryReason] {
	return Terms[InventoryReason]{
		{ReasonReceived, "Received"},
		{ReasonCorrection, "Correction"},
		{ReasonDamage, "Damaged"},
		{ReasonReturn, "Returned"},
		{ReasonOther, "Other"},
	}
}

// InventoryReasons returns all of them.
func InventoryReasons() Terms[InventoryReason] {
	return append(AdjustmentReasons(), Terms[InventoryReason]{
		{ReasonOpening, "Opening quantity"},
		{ReasonSold, "Sold"},
		{ReasonRestocked, "Restocked"},
		{ReasonEdited, "Product edited"},
		{ReasonImported, "Imported"},
		{ReasonUndone, "Change undone"},
	}...)
}

// Name is the reason in words.
func (r InventoryReason) Name() string { return InventoryReasons().Name(r) }

// AdjustmentID names a line of the inventory ledger.
type AdjustmentID = ID[Adjustment]

// Adjustment is one change of a variant's quantity. The deltas of a variant add up to its quantity.
type Adjustment struct {
	MerchantID MerchantID   `bun:",pk"`
	ID         AdjustmentID `bun:",pk"`
	Seq        int64        // in the order in which they happened
	VariantID  VariantID
	Delta      int
	Quantity   int // after it
	Reason     InventoryReason
	Note       string
	Who        string  // a person's name or an API key's, "" for shoppers and the platform
	OrderID    OrderID `bun:",nullzero"`
	CreatedAt  time.Time
}

// InventoryRow is a variant with its quantity, as the list of inventory shows it.
type InventoryRow struct {
	ID        VariantID
	ProductID ProductID
	Title     string  // of the product
	Variant   string  // "" where the product has one
	SKU       string  `bun:"sku"`
	Images    []Image `bun:"type:jsonb,nullzero"`
	Stock     int
	Tracked   bool
	ReadOnly  bool // its product is beyond what the plan allows
}

// MaxAdjusted is how many quantities can be changed at once.
const MaxAdjusted = 1000

// InventoryForm holds quantities as people type them.
type InventoryForm struct {
	Batch  ID[InventoryForm] // the form's own: sent twice, it changes them once
	Reason InventoryReason
	Note   string
	Rows   []InventoryLine
}

// InventoryLine is a quantity as somebody typed it, and what the form showed.
type InventoryLine struct {
	ID       VariantID
	Quantity string
	Was      int
}

// Check returns by how much each quantity changes: what is sold in between isn't undone. Faults are on reason, note,
// and on stock with a point and the variant's id behind.
func (f InventoryForm) Check() (by map[VariantID]int, note string, err error) {
	var bad Faults
	by = map[VariantID]int{}
	if !AdjustmentReasons().Has(f.Reason) {
		bad.Add("reason", "", "Choose a reason.")
	}
	note = bad.line("note", "The note", f.Note, 0, 200)
	for _, l := range f.Rows {
		n, err := strconv.Atoi(strings.TrimSpace(l.Quantity))
		switch {
		case err != nil || (n < 0 && n != l.Was) || n > MaxStock:
			bad.Add("stock."+l.ID.String(), l.Quantity, "Enter a quantity: a whole number from 0 to %d.", MaxStock)
		case n != l.Was:
			by[l.ID] = n - l.Was
		}
	}
	if len(by) > MaxAdjusted {
		bad.Add("reason", "", "At most %d quantities can be changed at once.", MaxAdjusted)
	}
	return by, note, bad.Err()
}
