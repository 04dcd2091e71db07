package orbit

import (
	"strings"
	"time"
)

// The kinds of events of a shop.
const (
	OrderWasCreated    EventKind = "order.created"
	OrderWasPaid       EventKind = "order.paid"
	OrderWasFulfilled  EventKind = "order.fulfilled"
	OrderWasCanceled   EventKind = "order.cancelled"
	OrderWasRefunded   EventKind = "order.refunded"
	ProductWasCreated  EventKind = "product.created"
	ProductWasUpdated  EventKind = "product.updated"
	ProductWasDeleted  EventKind = "product.deleted"
	InventoryIsLow     EventKind = "inventory.low"
	CustomerWasCreated EventKind = "customer.created"
	DomainIsLive       EventKind = "domain.live"
	ImportIsDone       EventKind = "import.done"
)

// ShopEventKinds returns what can happen in a shop, each with what it means.
func ShopEventKinds() Terms[EventKind] {
	return Terms[EventKind]{
		{OrderWasCreated, "A shopper placed an order."},
		{OrderWasPaid, "An order was paid in full."},
		{OrderWasFulfilled, "All items of an order were fulfilled."},
		{OrderWasCanceled, "An order was canceled."},
		{OrderWasRefunded, "Money of an order was refunded."},
		{ProductWasCreated, "A product was added."},
		{ProductWasUpdated, "A product, one of its variants or its media changed."},
		{ProductWasDeleted, "A product was deleted."},
		{InventoryIsLow, "A variant is running low, or just sold out."},
		{CustomerWasCreated, "Someone ordered for the first time, or was added as a customer."},
		{DomainIsLive, "A connected domain serves the shop."},
		{ImportIsDone, "An import finished."},
	}
}

// Scope is what a program needs to hear of a shop's events of a kind, beside that of events.
func (k EventKind) Scope() APIScope {
	area, _, _ := strings.Cut(string(k), ".")
	switch area {
	case "order":
		return ScopeOrdersRead
	case "customer":
		return ScopeCustomersRead
	case "domain":
		return ScopeOnlineStoreRead
	}
	return ScopeProductsRead // products, inventory, imports
}

// ShopEventsKept is how long events are kept for those who were away. Migration 0023 says so too.
const ShopEventsKept = time.Hour

// LowStock is the quantity at which a variant runs low.
const LowStock = 5

// RunsLow reports whether a variant's quantity has just come to where its merchant should know: low, or nothing.
func RunsLow(before, after int) bool {
	return after <= LowStock && before > LowStock || after <= 0 && before > 0
}

// ShopEvent is something that happened in a shop. Data names what it is about, and says little more: who wants the rest
// reads it. Nothing of a person is in it.
type ShopEvent struct {
	ID        EventID        `json:"id"`
	Kind      EventKind      `json:"kind"`
	Data      map[string]any `json:"data" bun:"type:jsonb"`
	CreatedAt time.Time      `json:"-"`
}

// OrderEvent is an event of an order, as it is after it.
func OrderEvent(kind EventKind, o Order) ShopEvent {
	return shopEvent(kind, "order", map[string]any{"id": o.ID, "number": o.Number, "name": o.Name(), "status": o.Status,
		"paymentStatus": o.PaymentStatus, "currency": o.Currency, "total": o.Total})
}

// ProductEvent is an event of a product.
func ProductEvent(kind EventKind, id ProductID) ShopEvent {
	return shopEvent(kind, "product", map[string]any{"id": id})
}

// InventoryEvent says that a variant is down to a quantity.
func InventoryEvent(product ProductID, variant VariantID, quantity int) ShopEvent {
	return shopEvent(InventoryIsLow, "variant", map[string]any{"id": variant, "productId": product,
		"inventoryQuantity": quantity})
}

// CustomerEvent is an event of a customer.
func CustomerEvent(kind EventKind, id CustomerID) ShopEvent {
	return shopEvent(kind, "customer", map[string]any{"id": id})
}

// ImportEvent says that an import has finished.
func ImportEvent(i Import) ShopEvent {
	return shopEvent(ImportIsDone, "import", map[string]any{"id": i.ID, "status": i.Status, "created": i.Created,
		"updated": i.Updated, "skipped": i.Skipped, "failed": i.Failed})
}

func shopEvent(kind EventKind, name string, what map[string]any) ShopEvent {
	return ShopEvent{ID: NewID[Event](), Kind: kind, Data: map[string]any{name: what}}
}
