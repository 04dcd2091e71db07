package orbit

import "time"

// Actor is who does something, for the audit log.
type Actor struct {
	ID      UserID
	Name    string // email address of a person, "system", "public"
	Address string // where the request came from
}

// System is the platform itself.
var System = Actor{Name: "system"}

// Details are a few values worth keeping beside an audit entry. Never secrets.
type Details map[string]any

// AuditEntry is one line of the audit log.
type AuditEntry struct {
	ID         int64 `bun:",pk,autoincrement"`
	At         time.Time
	ActorID    UserID `bun:",nullzero"`
	Actor      string
	Action     string
	MerchantID MerchantID `bun:",nullzero"`
	Target     string
	Detail     Details `bun:"type:jsonb"`
	Address    string
}
