package orbit

import "time"

// Task is one thing on a new merchant's checklist.
type Task struct {
	MerchantID MerchantID `bun:",pk"`
	Key        string     `bun:",pk"`
	Position   int
	DoneAt     time.Time `bun:",nullzero"`
}
