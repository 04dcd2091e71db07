package orbit

import "time"

// APIKeyPrefix begins every API key, so that people and secret scanners know one when they see it.
const APIKeyPrefix = "orb_"

// APIKeyID names an API key.
type APIKeyID = ID[APIKey]

// APIKey lets a program act as the admin who made it. The key itself is shown once and never kept.
type APIKey struct {
	ID         APIKeyID `bun:",pk"`
	Name       string
	Prefix     string // how the key begins, enough to tell keys apart
	CreatedBy  UserID
	CreatedAt  time.Time
	LastUsedAt time.Time `bun:",nullzero"` // to about a minute
	RevokedAt  time.Time `bun:",nullzero"`
}

// Revoked reports whether the key has been revoked.
func (k APIKey) Revoked() bool { return !k.RevokedAt.IsZero() }

// APIKeyRow is one line of the list of keys.
type APIKeyRow struct {
	APIKey  `bun:",extend"`
	Creator string // address of who made it
}

// CheckAPIKeyName gives the name in its stored form. The fault is on name.
func CheckAPIKeyName(name string) (string, error) {
	var f Faults
	name = f.line("name", "The name", name, 2, 60)
	return name, f.Err()
}
