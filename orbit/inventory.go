package orbit

import "time"

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
