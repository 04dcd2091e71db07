package orbit

import "time"

// PoolStats is how the connections of a pool are used.
type PoolStats struct {
	Pool                      string // "platform" or "storefronts"
	Max, Open, Acquired, Idle int32
	Acquires, Waited          int64         // since the start; Waited is of those that found none free
	WaitTime                  time.Duration // of all acquisitions
}
