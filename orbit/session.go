package orbit

import "time"

// How long a session lasts: from the sign-in, and without a page that somebody asked for.
const (
	SessionFor     = 30 * 24 * time.Hour
	SessionIdleFor = 7 * 24 * time.Hour
)

// SessionID names a session for its person; its token is the browser's alone.
type SessionID = ID[Session]

// Session is a sign-in that lasts, as its person sees it.
type Session struct {
	ID        SessionID
	Audience  string // where it signs in: "admin", "dashboard"
	Address   string // where the sign-in came from
	Agent     string // of the browser that signed in
	CreatedAt time.Time
	SeenAt    time.Time // to about an hour
	Current   bool      // the one that asks
}

// SessionOrigin is where a sign-in came from.
type SessionOrigin struct{ Audience, Address, Agent string }
