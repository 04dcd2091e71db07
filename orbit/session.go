package orbit

import "time"

// How long a session lasts: from the sign-in, and without a page that somebody asked for.
const (
	SessionFor     = 30 * 24 * time.Hour
	SessionIdleFor = 7 * 24 * time.Hour
)
