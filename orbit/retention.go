package orbit

import "time"

// How long the platform keeps what it would otherwise keep forever. docs/reliability.md lists all of it.
const (
	AuditKept        = 400 * 24 * time.Hour // lines of the audit log; the function orbit_sweep_audit has the same number
	EmailBodiesKept  = 30 * 24 * time.Hour  // the text of an email; who got it, when and how stays
	EmailsKept       = 400 * 24 * time.Hour
	ApplicationsKept = 180 * 24 * time.Hour // applications that no admin has acted on
)
