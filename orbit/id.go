package orbit

import (
	"database/sql/driver"
	"fmt"

	"github.com/google/uuid"
)

// ID is a UUIDv7 (RFC 9562, section 5.7) that belongs to one kind of thing:
// a MerchantID can't be handed to a function that wants a PlanID. Its text form
// is the canonical lower-case one; the zero ID is "no such thing" and NULL in SQL.
type ID[T any] uuid.UUID

// The kinds of ids.
type (
	UserID       = ID[User]
	MerchantID   = ID[Merchant]
	ThemeID      = ID[Theme]
	PlanID       = ID[Plan]
	RunID        = ID[Run]
	ReleaseID    = ID[Release]
	DomainID     = ID[Domain]
	EmailID      = ID[Email]
	ProductID    = ID[Product]
	VariantID    = ID[Variant]
	CollectionID = ID[Collection]
	PageID       = ID[Page]
)

// NewID makes a new time-ordered id. It panics only if the system has no randomness.
func NewID[T any]() ID[T] { return ID[T](uuid.Must(uuid.NewV7())) }

// ParseID reads the canonical 36-character form and nothing else; every other
// spelling that uuid libraries tolerate (braces, urn:) is a NotFound error, because
// ids come out of URLs.
func ParseID[T any](s string) (ID[T], error) {
	if len(s) != 36 {
		return ID[T]{}, Missing()
	}
	u, err := uuid.Parse(s)
	if err != nil {
		return ID[T]{}, Missing()
	}
	return ID[T](u), nil
}

// IsZero reports whether the id names nothing.
func (id ID[T]) IsZero() bool { return id == ID[T]{} }

// String is the canonical text form.
func (id ID[T]) String() string { return uuid.UUID(id).String() }

// MarshalText writes the canonical form.
func (id ID[T]) MarshalText() ([]byte, error) { return uuid.UUID(id).MarshalText() }

// UnmarshalText reads the canonical form; empty text is the zero id.
func (id *ID[T]) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*id = ID[T]{}
		return nil
	}
	parsed, err := ParseID[T](string(b))
	*id = parsed
	return err
}

// Value is the id for SQL; the zero id is NULL.
func (id ID[T]) Value() (driver.Value, error) {
	if id.IsZero() {
		return nil, nil
	}
	return id.String(), nil
}

// Scan reads a uuid column; NULL is the zero id.
func (id *ID[T]) Scan(src any) error {
	switch v := src.(type) {
	case nil:
		*id = ID[T]{}
		return nil
	case string:
		u, err := uuid.Parse(v)
		*id = ID[T](u)
		return err
	case []byte:
		if len(v) == 16 {
			copy(id[:], v)
			return nil
		}
		u, err := uuid.ParseBytes(v)
		*id = ID[T](u)
		return err
	case [16]byte:
		*id = v
		return nil
	}
	return fmt.Errorf("orbit: can't read an id from %T", src)
}
