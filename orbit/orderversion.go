package orbit

import (
	"slices"
	"time"
)

// Version counts what has happened to the order: its revisions, the entries of its timeline, and its transactions,
// those that have come to an end twice. Nothing of that goes away, so each change has a higher version. It takes
// Entries and Transactions.
func (o Order) Version() int {
	n := o.Revision + len(o.Entries) + len(o.Transactions)
	for _, t := range o.Transactions {
		if !t.SettledAt.IsZero() {
			n++
		}
	}
	return n
}

// UpdatedAt is when the last of what Version counts has happened.
func (o Order) UpdatedAt() time.Time {
	last := o.CreatedAt
	later := func(at time.Time) {
		if at.After(last) {
			last = at
		}
	}
	for _, e := range o.Entries {
		later(e.CreatedAt)
	}
	for _, t := range o.Transactions {
		later(t.CreatedAt)
		later(t.SettledAt)
	}
	return last
}

// Entered reports whether the timeline has an entry. It takes Entries.
func (o Order) Entered(id ID[OrderEntry]) bool {
	return slices.ContainsFunc(o.Entries, func(e OrderEntry) bool { return e.ID == id })
}
