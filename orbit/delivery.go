package orbit

import "time"

// DeliveryStatus is how far a delivery has come.
type DeliveryStatus string

// The statuses of a delivery.
const (
	DeliveryPending   DeliveryStatus = "pending"
	DeliveryDelivered DeliveryStatus = "delivered" // answered 2xx
	DeliveryFailed    DeliveryStatus = "failed"    // given up
)

// DeliveryStatuses returns all of them.
func DeliveryStatuses() Terms[DeliveryStatus] {
	return Terms[DeliveryStatus]{
		{DeliveryDelivered, "Delivered"},
		{DeliveryPending, "Pending"},
		{DeliveryFailed, "Failed"},
	}
}

// Name is the status in words.
func (s DeliveryStatus) Name() string { return DeliveryStatuses().Name(s) }

// MaxDeliveryAttempts is how often a delivery is tried before it is given up.
const MaxDeliveryAttempts = 8

// Delivery is one event on its way to one webhook. Replaying it starts its attempts anew.
type Delivery struct {
	ID        DeliveryID `bun:",pk"`
	EventID   EventID
	WebhookID WebhookID
	Status    DeliveryStatus
	Attempts  int
	Log       []DeliveryAttempt `bun:"type:jsonb"`
	NextAt    time.Time         `bun:",nullzero"`
	CreatedAt time.Time
	UpdatedAt time.Time
}

// Last is the newest attempt, the zero one before the first.
func (d Delivery) Last() DeliveryAttempt {
	if len(d.Log) == 0 {
		return DeliveryAttempt{}
	}
	return d.Log[len(d.Log)-1]
}

// DeliveryAttempt is how one attempt went. Without an answer Status is 0 and Error says why.
type DeliveryAttempt struct {
	At     time.Time `json:"at"`
	Status int       `json:"status"`
	Millis int64     `json:"millis"`
	Body   string    `json:"body,omitempty"` // the beginning of the answer
	Error  string    `json:"error,omitempty"`
}

// DeliveryRow is a delivery with the event it carries.
type DeliveryRow struct {
	Delivery   `bun:",extend"`
	Kind       EventKind
	MerchantID MerchantID `bun:",nullzero"`
	Merchant   string     `bun:",nullzero"`
	Body       string     `bun:",nullzero"` // of the event; read for one alone
	EventAt    time.Time
}

// DeliverySheet is a delivery with all that it takes to attempt it.
type DeliverySheet struct {
	Delivery Delivery `bun:"embed:d__"`
	Event    Event    `bun:"embed:e__"`
	Webhook  Webhook  `bun:"embed:w__"`
}
