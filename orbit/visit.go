package orbit

import "time"

// How long an admin may look at a shop as its owners do, and how long the way there may take.
const (
	VisitFor      = 60 * time.Minute
	VisitOpensFor = time.Minute
)

// MaxVisitReason is how long the reason of a visit is at most, in characters.
const MaxVisitReason = 500

// VisitID names a visit.
type VisitID = ID[Visit]

// Visit is an admin's look at a shop's dashboard, as its owners see it. It takes the place of a membership.
type Visit struct {
	ID         VisitID
	MerchantID MerchantID
	AdminID    UserID
	Reason     string
	ExpiresAt  time.Time
}
