package orbit

import "time"

// How long an admin may look at a shop as its owners do, and how long the way there may take.
const (
	VisitFor      = 60 * time.Minute
	VisitOpensFor = time.Minute
)

// MaxReason is how long the reason of a visit or a suspension is at most, in characters.
const MaxReason = 500

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
