package orbit

import "time"

// EventKind is something that other systems can hear of.
type EventKind string

// The kinds of events. A ping is sent on request and belongs to no merchant.
const (
	MerchantWasActivated  EventKind = "merchant.activated"
	MerchantRunFailed     EventKind = "merchant.failed"
	MerchantWasRolledBack EventKind = "merchant.rolled_back"
	Ping                  EventKind = "ping"
)

// EventKinds returns those that a webhook can ask for, each with what it means.
func EventKinds() Terms[EventKind] {
	return Terms[EventKind]{
		{MerchantWasActivated, "A shop has been set up and is active."},
		{MerchantRunFailed, "Setting up a shop failed; an admin can retry it or roll it back."},
		{MerchantWasRolledBack, "A failed run has been undone; the merchant is pending again."},
	}
}

// Event is something that happened, with the very bytes that receivers get.
type Event struct {
	ID         EventID `bun:",pk"`
	Kind       EventKind
	MerchantID MerchantID `bun:",nullzero"`
	Body       string
	CreatedAt  time.Time
}
